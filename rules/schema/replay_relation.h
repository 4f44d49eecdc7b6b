/*
 * rules/schema/replay_relation.h
 *     What the files that replay tables, columns, constraints, indexes and sequences share.
 */
#ifndef LK_RULES_SCHEMA_REPLAY_RELATION_H
#define LK_RULES_SCHEMA_REPLAY_RELATION_H

#include "rules/schema/analyze.h"
#include "rules/schema/catalog_private.h"
#include "rules/schema/replay_private.h"

/* From this version on NOT NULL is a constraint with a name. */
#define LK_NOT_NULL_HAS_NAME 18

/* ---- replay_span.c: where expressions end; raw trees only tell where nodes start ---- */

/*
 * lk_span_until returns the code from `start` up to a comma or a closing parenthesis that belongs
 * to what is around it, up to `stop` (0: none), or to the statement's end.
 */
struct lk_span lk_span_until(const struct lk_catalog *catalog, uint32_t start, uint32_t stop);

/* lk_span_parens returns what is between the first parentheses from `start` on; empty: none. */
struct lk_span lk_span_parens(const struct lk_catalog *catalog, uint32_t start);

/*
 * lk_span_word returns an undelimited word that is in no parentheses, from `start` on; empty:
 * none. lk_span_behind returns where the code behind it starts, or 0.
 */
struct lk_span lk_span_word(const struct lk_catalog *catalog, uint32_t start, const char *word);
uint32_t lk_span_behind(const struct lk_catalog *catalog, uint32_t start, const char *word);

/* lk_span_word_end returns where the first word or symbol from `start` on ends. */
uint32_t lk_span_word_end(const struct lk_catalog *catalog, uint32_t start);

/* lk_span_first returns the first word of a text of its own. */
struct lk_span lk_span_first(const char *text);

/*
 * lk_span_item is lk_span_until for one item of a list, from `*at` on. That becomes where the next
 * one starts, behind a comma; 0: there is none.
 */
struct lk_span lk_span_item(const struct lk_catalog *catalog, uint32_t *at, uint32_t stop);

/* lk_span_command returns the subcommand of ALTER TABLE at `index`, from 0. */
struct lk_span lk_span_command(const struct lk_catalog *catalog, const RangeVar *relation,
                               int index);

/*
 * lk_replay_expression keeps an expression over the columns of a relation (NULL: of none);
 * lk_replay_typed says of which type it is, too.
 */
struct lk_text *lk_replay_expression(struct lk_catalog *catalog, const struct lk_relation *relation,
                                     Node *expression, struct lk_span span);
struct lk_text *lk_replay_typed(struct lk_catalog *catalog, const struct lk_relation *relation,
                                Node *expression, struct lk_span span, struct lk_typed *ret);

/* lk_replay_mention adds what an expression names to the text of a span that it stands in. */
void lk_replay_mention(struct lk_catalog *catalog, const struct lk_relation *relation,
                       Node *expression, struct lk_text *text, struct lk_span span);

/*
 * lk_text_moved returns a text about the columns of one relation as one about those of another
 * that have the same names.
 */
struct lk_text *lk_text_moved(struct lk_catalog *catalog, const struct lk_text *text,
                              const struct lk_relation *from, struct lk_relation *to);

/* ---- replay_refuse.c: refusals of many statements ---- */

/* lk_is_known returns whether everything about a relation is known. */
bool lk_is_known(const struct lk_relation *relation);

/*
 * lk_is_immutable returns whether an expression over the columns of a table may be one that always
 * gives the same: false where the server's own functions in it do not.
 */
bool lk_is_immutable(struct lk_catalog *catalog, const struct lk_relation *table, Node *expression);

/* lk_refuse_column refuses a column that a relation certainly has not. */
bool lk_refuse_column(struct lk_catalog *catalog, const struct lk_relation *relation,
                      const char *name);

/* ---- replay_inside.c ---- */

/* Where an expression stands. */
enum lk_expression_place {
    LK_IN_DEFAULT,
    LK_IN_CHECK,
    LK_IN_GENERATED,
    LK_IN_INDEX,
    LK_IN_PREDICATE,
    LK_IN_BOUND,
    LK_IN_PARTITION_KEY,
    LK_IN_TRIGGER_WHEN,
    LK_IN_USING,
    LK_IN_POLICY,
};

/* lk_refuse_inside refuses queries in an expression, and columns where they cannot be. */
bool lk_refuse_inside(struct lk_catalog *catalog, enum lk_expression_place place,
                      const Node *expression);

/* lk_refuse_missing refuses a relation that certainly is not there; false: it may be. */
bool lk_refuse_missing(struct lk_catalog *catalog, const RangeVar *range);

/* lk_refuse_taken refuses the name of a new relation, `schema` given, that another one has. */
bool lk_refuse_taken(struct lk_catalog *catalog, const char *schema, const char *name,
                     int location);

/*
 * lk_refuse_dependents refuses to drop an object that others lean on; with `cascade` it drops those
 * instead. The object itself stays for the caller to drop.
 */
bool lk_refuse_dependents(struct lk_catalog *catalog, struct lk_object *object, bool cascade);

/*
 * lk_lean notes that an index or a constraint of a relation leans on what a text mentions; with the
 * columns of the relation itself it just goes.
 */
void lk_lean(struct lk_catalog *catalog, struct lk_object *dependent, const struct lk_relation *own,
             const struct lk_text *text);

/* lk_is_system_column returns whether a name is that of a column that every table has. */
bool lk_is_system_column(const char *name);

/* lk_object_words returns an object as messages describe it: column a of table t. */
char *lk_object_words(TALLOC_CTX *mem, const struct lk_object *object);

/* lk_kind_words returns what messages call a kind of relation. */
const char *lk_kind_words(enum lk_relation_kind kind);

/* ---- replay_column.c ---- */

/* lk_column_define adds a column without its constraints, or NULL where that is refused. */
struct lk_column *lk_column_define(struct lk_catalog *catalog, struct lk_relation *table,
                                   const ColumnDef *definition);

/* replay_modifier.c: what the server refuses of a type that has modifiers, and of a column's. */
bool lk_refuse_modifiers(struct lk_catalog *catalog, const struct TypeName *type_name);
bool lk_refuse_column_type(struct lk_catalog *catalog, const struct lk_column *column,
                           const struct TypeName *type_name);

/* lk_refuse_system_name refuses to call a column as those that every table has. */
bool lk_refuse_system_name(struct lk_catalog *catalog, const char *name);

/* lk_column_set_type gives a touched column the type that a definition writes. */
void lk_column_set_type(struct lk_catalog *catalog, struct lk_column *column,
                        const TypeName *type_name);

/* lk_column_set_storage gives a touched column a storage strategy; NULL, DEFAULT: its type's. */
void lk_column_set_storage(struct lk_column *column, const char *word);

/* lk_column_set_collation gives a touched column a collation; NULL: that of its type. */
void lk_column_set_collation(struct lk_catalog *catalog, struct lk_column *column,
                             const CollateClause *clause);

/* lk_column_copy adds a column like another one's; defaults and identity only with `defaults`. */
struct lk_column *lk_column_copy(struct lk_catalog *catalog, struct lk_relation *table,
                                 const struct lk_column *source, bool defaults);

/* lk_column_set_default gives a touched column a default, or none. */
void lk_column_set_default(struct lk_catalog *catalog, struct lk_column *column,
                           struct lk_text *value);

/* lk_column_refuse_value refuses what a column is to compute, or to have by default. */
bool lk_column_refuse_value(struct lk_catalog *catalog, const struct lk_column *column,
                            const struct lk_typed *value);

/* lk_column_add_sequence makes the sequence of a serial or identity column. */
struct lk_relation *lk_column_add_sequence(struct lk_catalog *catalog, struct lk_relation *table,
                                           struct lk_column *column, const List *options,
                                           bool of_identity);

/*
 * lk_default_is_null returns whether a default for values of a type is a plain NULL, which the
 * server does not keep; lk_column_is_null, that of a column.
 * Source: AddRelationNewConstraints(), src/backend/catalog/heap.c; DefineDomain().
 */
bool lk_default_is_null(struct lk_catalog *catalog, const struct lk_type *type,
                        const Node *expression);
bool lk_column_is_null(struct lk_catalog *catalog, const struct lk_column *column,
                       const Node *expression);

/* lk_column_properties adds what a definition says of a column besides its type. */
void lk_column_properties(struct lk_catalog *catalog, struct lk_relation *table,
                          struct lk_column *column, const ColumnDef *definition);

/* lk_column_generate sets what a generated column computes, once all columns are there. */
void lk_column_generate(struct lk_catalog *catalog, struct lk_relation *table,
                        const ColumnDef *definition);

/*
 * lk_column_constraint returns the constraint at `cell` of a column's definition with what the
 * attributes behind it (DEFERRABLE, NOT ENFORCED) say.
 */
Constraint lk_column_constraint(const List *constraints, const ListCell *cell);

/* lk_column_has returns the first constraint of a kind in a column's definition, or NULL. */
const Constraint *lk_column_has(const ColumnDef *definition, ConstrType kind);

/* ---- replay_constraint.c ---- */

/*
 * lk_constraint_define adds the constraint that a definition describes, with its index; `column`
 * is the one it stands behind, or NULL. It returns NULL where it is refused, or none of its own:
 * merged with one that is inherited.
 */
struct lk_constraint *lk_constraint_define(struct lk_catalog *catalog, struct lk_relation *table,
                                           const Constraint *definition, const char *column);

/* lk_constraint_copy adds a constraint like another one's under a name, without its index. */
struct lk_constraint *lk_constraint_copy(struct lk_catalog *catalog, struct lk_relation *table,
                                         const struct lk_constraint *source, const char *name);

/* lk_constraint_not_null returns the NOT NULL constraint of a column, or NULL. */
struct lk_constraint *lk_constraint_not_null(const struct lk_relation *table, const char *column);

/*
 * lk_constraint_add_not_null sees to it that a column is NOT NULL, with a constraint where the
 * server has one; `name` NULL: as the server chooses. `inherited`: on behalf of a parent.
 */
struct lk_constraint *lk_constraint_add_not_null(struct lk_catalog *catalog,
                                                 struct lk_relation *table,
                                                 struct lk_column *column, const char *name,
                                                 bool inherited);

/* lk_constraint_unused returns a name that no constraint of the table's schema has. */
const char *lk_constraint_unused(struct lk_catalog *catalog, const struct lk_relation *table,
                                 const char *columns, const char *label);

/* lk_refuse_constraint_taken refuses a name that another constraint of the relation has. */
bool lk_refuse_constraint_taken(struct lk_catalog *catalog, const struct lk_relation *relation,
                                const char *name);

/* lk_constraint_key returns the primary key of a table, or NULL. */
struct lk_constraint *lk_constraint_key(const struct lk_relation *table);

/* lk_constraint_drop drops a constraint, its index, and those of partitions that follow it. */
void lk_constraint_drop(struct lk_catalog *catalog, struct lk_relation *table,
                        struct lk_constraint *constraint);

/* lk_constraint_spread gives a constraint to the partitions and to the tables that inherit. */
void lk_constraint_spread(struct lk_catalog *catalog, struct lk_relation *table,
                          struct lk_constraint *constraint);

/* ---- replay_pending.c ---- */

struct lk_pending_item {
    Constraint definition;
    const char *column; /* that it stands behind, or NULL */
};

/* Constraints that are carried out in the server's order, once all columns are there. */
struct lk_pending {
    TALLOC_CTX *mem;
    LK_VEC(struct lk_pending_item) checks;
    LK_VEC(struct lk_pending_item) not_nulls;
    LK_VEC(struct lk_pending_item) keys;
    LK_VEC(struct lk_pending_item) foreigns;
    const List *likes; /* TableLikeClause among others */
    bool fresh;        /* of a table that is being created: nothing in it to validate */
    bool recurse;
};

void lk_pending_column(struct lk_pending *pending, const ColumnDef *definition, bool serial);
void lk_pending_constraint(struct lk_pending *pending, const Constraint *definition);
void lk_pending_carry_out(struct lk_catalog *catalog, struct lk_relation *table,
                          const struct lk_pending *pending);

/* ---- replay_foreign.c ---- */

/* lk_constraint_reference sets what a foreign key references; false where that is refused. */
bool lk_constraint_reference(struct lk_catalog *catalog, struct lk_relation *table,
                             struct lk_constraint *constraint, const Constraint *definition);

/* ---- replay_echo.c: what a foreign key has for each partition of what it references ---- */

/*
 * lk_echo_key gives them to a foreign key that follows no other one, lk_echo_partition a new
 * partition to all that reference its table. lk_echo_forget and lk_echo_leave take them away again.
 */
void lk_echo_key(struct lk_catalog *catalog, struct lk_constraint *key);
void lk_echo_partition(struct lk_catalog *catalog, struct lk_relation *part,
                       const struct lk_relation *table);
void lk_echo_forget(struct lk_catalog *catalog, struct lk_constraint *key);
void lk_echo_leave(struct lk_catalog *catalog, struct lk_relation *part,
                   const struct lk_relation *table);

/* lk_echo_rename and lk_echo_validate change the one of that name; NULL: all of the key. */
void lk_echo_rename(struct lk_catalog *catalog, struct lk_constraint *key, const char *name,
                    const char *new_name);
void lk_echo_validate(struct lk_catalog *catalog, struct lk_constraint *key, const char *name);

/*
 * lk_foreign_other_name returns the name of what is made for a foreign key called `name` in a
 * table where that name is taken.
 * Source: addFkConstraint(), src/backend/commands/tablecmds.c.
 */
const char *lk_foreign_other_name(struct lk_catalog *catalog, const struct lk_relation *table,
                                  const struct lk_constraint *key, const char *name);

/* ---- replay_index.c ---- */

/* lk_index_set_names notes what the server calls the columns of a new index. */
void lk_index_set_names(struct lk_catalog *catalog, struct lk_relation *index, const List *params,
                        const List *including);

/* lk_index_new adds an index to a table. */
struct lk_relation *lk_index_new(struct lk_catalog *catalog, struct lk_relation *table,
                                 const char *name);

/* lk_index_copy adds an index over the same columns of another table under a name. */
struct lk_relation *lk_index_copy(struct lk_catalog *catalog, struct lk_relation *table,
                                  const struct lk_relation *source, const char *name);

/*
 * lk_index_choose_name returns the name the server chooses for a copy of an index, which enforces a
 * copy of `constraint`, if any.
 */
const char *lk_index_choose_name(struct lk_catalog *catalog, const struct lk_relation *table,
                                 const struct lk_relation *source,
                                 const struct lk_constraint *constraint);

/* lk_index_constraint returns the constraint that an index enforces, or NULL. */
struct lk_constraint *lk_index_constraint(const struct lk_relation *index);

/* lk_exclude_text returns what stands behind EXCLUDE, up to what says when it is checked. */
struct lk_text *lk_exclude_text(struct lk_catalog *catalog, const struct lk_relation *table,
                                const Constraint *definition);

/* lk_index_is_partial returns whether WHERE leaves rows out; NULL: there is none. */
bool lk_index_is_partial(const Node *condition);

/* lk_index_same returns whether two indexes of different tables say the same. */
bool lk_index_same(const struct lk_relation *a, const struct lk_relation *b);

/* lk_index_drop drops an index, and those of partitions that follow it. */
void lk_index_drop(struct lk_catalog *catalog, struct lk_relation *index);

/* ---- replay_opclass.c ---- */

/* lk_type_number returns a type as builtin.h numbers it; enums and rows of the history as one. */
uint16_t lk_type_number(const struct lk_catalog *catalog, const struct lk_type *type);

/* lk_type_visible returns how messages write a type: its schema only where search_path needs it. */
const char *lk_type_visible(const struct lk_catalog *catalog, const struct lk_type *type);

/*
 * lk_extensions_are_known returns whether it is known of all extensions what they bring; and
 * lk_opclasses_are_known whether there are no operator classes of an access method but the server's
 * own for the server's own types.
 */
bool lk_extensions_are_known(const struct lk_catalog *catalog);
bool lk_opclasses_are_known(const struct lk_catalog *catalog, const char *method);

/* lk_casts_are_known returns whether all casts between the server's own types are its own. */
bool lk_casts_are_known(const struct lk_catalog *catalog);

/*
 * lk_is_no_assignment returns whether a value certainly is not brought to another type by itself;
 * types are as lk_type_number has them.
 */
bool lk_is_no_assignment(const struct lk_catalog *catalog, uint16_t from, uint16_t to);

/* lk_type_is_near returns whether values of a type are so often given to another that it is known
 * by their names that they can. */
bool lk_type_is_near(const struct lk_type *from, const struct lk_type *to);

/* lk_refuse_collation refuses COLLATE of a collation that is there for a type without any. */
bool lk_refuse_collation(struct lk_catalog *catalog, const struct lk_type *type,
                         const List *collation, int location);

/* What is written with a key of an index. */
struct lk_key_words {
    const List *collation; /* NIL: none */
    const List *opclass;
    int location;
};

/* lk_type_is_ordered returns whether a type is one of those that most keys are of: they all can. */
bool lk_type_is_ordered(const struct lk_type *type);

/* lk_refuse_key refuses a type that an access method has no operator class for. */
bool lk_refuse_key(struct lk_catalog *catalog, const char *method, const struct lk_type *type,
                   const struct lk_key_words *words);

/* lk_refuse_table_method refuses an access method that no table can have. */
bool lk_refuse_table_method(struct lk_catalog *catalog, const char *method);

/* lk_refuse_method refuses an access method that is not there, or cannot what is asked for. */
bool lk_refuse_method(struct lk_catalog *catalog, const char *method, unsigned needs);

/* ---- replay_inherit.c ---- */

struct lk_parents {
    struct lk_relation *items[16];
    size_t count;
};

/* lk_parents_of returns the tables a table inherits from, or is a partition of. */
struct lk_parents lk_parents_of(const struct lk_relation *table);

/* lk_column_parents returns from how many parents a column comes. */
size_t lk_column_parents(const struct lk_relation *table, const char *name);

/* lk_constraint_parents returns from how many parents a CHECK or NOT NULL comes. */
size_t lk_constraint_parents(const struct lk_constraint *constraint);

/* lk_inherit_columns adds or merges the columns of a parent into a new table. */
bool lk_inherit_columns(struct lk_catalog *catalog, struct lk_relation *table,
                        const struct lk_relation *parent);

/* lk_inherit_constraints adds or merges the CHECKs and NOT NULLs of a parent. */
bool lk_inherit_constraints(struct lk_catalog *catalog, struct lk_relation *table,
                            const struct lk_relation *parent);

/* lk_inherit_check adds or merges one constraint of a parent. */
bool lk_inherit_check(struct lk_catalog *catalog, struct lk_relation *table,
                      const struct lk_constraint *source);

/* lk_inherit_join makes what a table has that a new parent of its has, too, inherited. */
bool lk_inherit_join(struct lk_catalog *catalog, struct lk_relation *child,
                     struct lk_relation *parent);

/* lk_is_above returns whether a table is another one, or one that it inherits from, near or far. */
bool lk_is_above(const struct lk_catalog *catalog, const struct lk_relation *above,
                 const struct lk_relation *table);

/* lk_inherit_leave makes what no parent of a table has any more its own. */
void lk_inherit_leave(struct lk_catalog *catalog, struct lk_relation *child);

/* lk_inherit_command follows INHERIT and NO INHERIT. */
void lk_inherit_command(struct lk_catalog *catalog, struct lk_relation *table,
                        const AlterTableCmd *command);

/* ---- replay_partition.c ---- */

/* lk_partition_bound returns the text of a bound that is somewhere behind `start`. */
struct lk_text *lk_partition_bound(struct lk_catalog *catalog, const PartitionBoundSpec *bound,
                                   uint32_t start);

/*
 * lk_partition_refuse_bound refuses a bound that is for another strategy than a table's, and a
 * second DEFAULT, for the partition `part`.
 */
bool lk_partition_refuse_bound(struct lk_catalog *catalog, const struct lk_relation *table,
                               const char *part, const PartitionBoundSpec *bound);

/* ---- replay_overlap.c ---- */

/* lk_partition_limits returns what bounds say in constants, or NULL: of DEFAULT, of an index. */
const struct lk_limits *lk_partition_limits(TALLOC_CTX *mem, const struct lk_relation *table,
                                            const PartitionBoundSpec *bound);

/* lk_partition_refuse_values refuses bounds that are none for a table partitioned so. */
bool lk_partition_refuse_values(struct lk_catalog *catalog, const struct lk_relation *table,
                                const PartitionBoundSpec *bound);

/*
 * lk_partition_refuse_overlap refuses bounds that no row is in, and those of which rows belong to
 * another partition, for the partition `part`.
 */
bool lk_partition_refuse_overlap(struct lk_catalog *catalog, const struct lk_relation *table,
                                 const char *part, const PartitionBoundSpec *bound);

/* lk_partition_in_order adds the partitions of a table in the order of their bounds. */
void lk_partition_in_order(TALLOC_CTX *mem, const struct lk_catalog *catalog,
                           const struct lk_relation *table, struct lk_relations *ret);

/* lk_partition_become makes a touched or new table a partition; an index has no bound. */
void lk_partition_become(struct lk_catalog *catalog, struct lk_relation *part,
                         struct lk_relation *table, const PartitionBoundSpec *bound);

/* lk_partition_key notes PARTITION BY. */
void lk_partition_key(struct lk_catalog *catalog, struct lk_relation *table,
                      const PartitionSpec *spec);

/* lk_partition_params returns the PartitionElems of a partitioned table's key; NIL: not known. */
const List *lk_partition_params(TALLOC_CTX *mem, const struct lk_relation *table);

/*
 * lk_partition_refuse_unique refuses a unique index over columns (NULL: an expression) of which a
 * column of the table's partition key is none; `what` it is in SQL: "UNIQUE", "PRIMARY KEY".
 */
bool lk_partition_refuse_unique(struct lk_catalog *catalog, const struct lk_relation *table,
                                const char *const *columns, size_t count, const char *what);

/* lk_partition_is_key returns whether a column is in the partition key of a table. */
bool lk_partition_is_key(const struct lk_relation *table, const struct lk_column *column);

/* lk_partition_follow gives a partition the indexes, keys and foreign keys of its parent. */
void lk_partition_follow(struct lk_catalog *catalog, struct lk_relation *part,
                         const struct lk_relation *table);

/*
 * lk_partition_index gives a partition, and its own, an index of its touched or new parent's; one
 * that is there already is taken for it, with `attach` only if it is valid.
 */
void lk_partition_index(struct lk_catalog *catalog, struct lk_relation *part,
                        struct lk_relation *index, bool attach);

/* lk_partition_foreign gives a partition, and its own, a foreign key of its parent. */
void lk_partition_foreign(struct lk_catalog *catalog, struct lk_relation *part,
                          struct lk_constraint *constraint);

/* lk_partition_attach and lk_partition_detach follow the subcommands, of tables and indexes. */
void lk_partition_attach(struct lk_catalog *catalog, struct lk_relation *table,
                         const PartitionCmd *command);
void lk_partition_detach(struct lk_catalog *catalog, struct lk_relation *table,
                         const PartitionCmd *command, bool finalize);

/*
 * lk_partition_leave makes a partition one that is half detached: what is done to its table no
 * longer reaches it. lk_partition_return takes that back.
 */
void lk_partition_leave(struct lk_catalog *catalog, struct lk_relation *part);
void lk_partition_return(struct lk_catalog *catalog, struct lk_relation *part);

/* ---- replay_catalog_row.c ---- */

/* lk_replay_catalog_row follows an UPDATE of a row of pg_inherits or pg_index. */
void lk_replay_catalog_row(struct lk_catalog *catalog, const UpdateStmt *stmt);

/* ---- replay_like.c ---- */

/*
 * lk_like_columns adds the columns of LIKE, lk_like_not_nulls their constraints, and lk_like_rest
 * what comes once the table is there.
 */
bool lk_like_columns(struct lk_catalog *catalog, struct lk_relation *table,
                     const TableLikeClause *like);
void lk_like_not_nulls(struct lk_catalog *catalog, struct lk_relation *table,
                       const TableLikeClause *like);
void lk_like_rest(struct lk_catalog *catalog, struct lk_relation *table,
                  const TableLikeClause *like);

/* ---- replay_options.c ---- */

/*
 * lk_options_changed returns options with those of a list set or, with `reset`, taken away; NULL
 * where none are left. `generic`: as OPTIONS writes them, name 'value'.
 */
struct lk_text *lk_options_changed(struct lk_catalog *catalog, const struct lk_text *options,
                                   const List *list, bool reset, bool generic);

/* ---- replay_sequence.c ---- */

/*
 * lk_sequence_move notes the number that a sequence goes on from; `next` NULL: not known, any that
 * it can have.
 */
void lk_sequence_move(struct lk_catalog *catalog, struct lk_relation *sequence,
                      const int64_t *next);

/* lk_sequence_set follows the options of a sequence; `type` NULL: not told. */
void lk_sequence_set(struct lk_catalog *catalog, struct lk_relation *sequence, const char *type,
                     const List *options);

/* ---- replay_alter_column.c ---- */

/* lk_alter_column follows a subcommand about a column, here and where it is inherited. */
void lk_alter_column(struct lk_catalog *catalog, struct lk_relation *table,
                     const AlterTableCmd *command, struct lk_span span, bool recurse);

/* lk_alter_add_column and lk_alter_drop_column do so for ADD COLUMN and DROP COLUMN. */
void lk_alter_add_column(struct lk_catalog *catalog, struct lk_relation *table,
                         const AlterTableCmd *command, bool recurse);
void lk_alter_drop_column(struct lk_catalog *catalog, struct lk_relation *table,
                          const AlterTableCmd *command, bool recurse);

/* lk_alter_identity follows ADD GENERATED, SET GENERATED and DROP IDENTITY of a touched column. */
void lk_alter_identity(struct lk_catalog *catalog, struct lk_relation *table,
                       struct lk_column *column, const AlterTableCmd *command);

/* ---- replay_alter_type.c ---- */

/* lk_alter_type gives a touched column another type. */
void lk_alter_type(struct lk_catalog *catalog, struct lk_relation *table, struct lk_column *column,
                   const ColumnDef *definition);

/*
 * lk_alter_refuse_itself refuses a column of a type (NULL: not known) that has rows of the table in
 * it.
 */
bool lk_alter_refuse_itself(struct lk_catalog *catalog, const struct lk_relation *table,
                            const struct lk_type *type);

/* lk_alter_refuse_using refuses an expression behind USING that does not yield what is wanted. */
bool lk_alter_refuse_using(struct lk_catalog *catalog, const struct lk_relation *table,
                           const AlterTableCmd *command);

/* ---- replay_alter_constraint.c ---- */

void lk_alter_add_constraint(struct lk_catalog *catalog, struct lk_relation *table,
                             const Constraint *definition, bool recurse);
void lk_alter_constraint(struct lk_catalog *catalog, struct lk_relation *table,
                         const AlterTableCmd *command, bool recurse);

#endif
