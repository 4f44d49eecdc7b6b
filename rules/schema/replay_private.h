/*
 * rules/schema/replay_private.h
 *     The parts of the replay, one file per family of statements.
 */
#ifndef LK_RULES_SCHEMA_REPLAY_PRIVATE_H
#define LK_RULES_SCHEMA_REPLAY_PRIVATE_H

#include "parser/pg_names.h"
#include "parser/script.h"
#include "rules/schema/replay.h"

/* what replay.def names */
#define LK_REPLAY(Tag, function) void function(struct lk_catalog *catalog, const Tag *stmt);
#include "rules/schema/replay.def"
#undef LK_REPLAY

/* lk_replay_read follows a query, or what changes rows: INSERT and its like. */
void lk_replay_read(struct lk_catalog *catalog, const void *statement);

/* lk_replay_calls follows the functions that a query calls. */
void lk_replay_calls(struct lk_catalog *catalog, const Node *statement);

/* lk_replay_may_create returns whether a function may do more than read and write rows. */
bool lk_replay_may_create(const struct lk_catalog *catalog, const struct lk_function *function);

/*
 * lk_replay_routine carries out what a function of the history does with the constants that it is
 * called with, and returns whether all of that is known; if not, nothing is done.
 */
bool lk_replay_routine(struct lk_catalog *catalog, const struct lk_function *function,
                       const List *values);

/* lk_replay_note_snapshot notes that the transaction has had a statement that takes a snapshot. */
void lk_replay_note_snapshot(struct lk_catalog *catalog, const Node *tree);

/* lk_replay_tree replays a statement, or one inside of the statement at hand. */
void lk_replay_tree(struct lk_catalog *catalog, const Node *tree);

/*
 * lk_replay_sql carries out a statement that is a part of what the statement at hand does; what the
 * server would refuse of it is left out.
 */
void lk_replay_sql(struct lk_catalog *catalog, const char *sql);

/* lk_replay_at says which statement is at hand from now on. */
void lk_replay_at(struct lk_catalog *catalog, const struct lk_statement *statement,
                  const char *text);

/* lk_replay_offset returns where in the text a node's location is. */
uint32_t lk_replay_offset(const struct lk_catalog *catalog, int location);

/* lk_replay_text returns a span of the text at hand that lives as long as the catalog. */
struct lk_text *lk_replay_text(struct lk_catalog *catalog, struct lk_span span);

/*
 * lk_replay_name returns where the qualified name stands that comes after a keyword of the
 * statement at hand, and after IF [NOT] EXISTS; empty if there is none.
 */
struct lk_span lk_replay_name(const struct lk_catalog *catalog, const char *keyword);

/* lk_replay_name_at returns the qualified name that starts at an offset. */
struct lk_span lk_replay_name_at(const struct lk_catalog *catalog, uint32_t offset);

/*
 * lk_replay_definition returns the text of the statement at hand, in which the name behind a
 * keyword (NULL: none) means an object.
 */
struct lk_text *lk_replay_definition(struct lk_catalog *catalog, const char *keyword,
                                     struct lk_object *object);

/* lk_replay_changed appends the statement at hand to an object's changes. */
struct lk_changes *lk_replay_changed(struct lk_catalog *catalog, struct lk_object *object,
                                     const struct lk_changes *changes, const char *keyword);

/*
 * lk_replay_type returns the type that a TypeName means, with its schema where that is known;
 * strings live as long as the catalog. `object` (may be NULL) becomes the type or relation of the
 * history, or NULL. It returns false where the type is not known.
 */
bool lk_replay_type(struct lk_catalog *catalog, const TypeName *type_name, struct lk_type *ret,
                    struct lk_object **object);

/* lk_replay_use_type mentions a type in a text that starts at an offset; `user` leans on it. */
void lk_replay_use_type(struct lk_catalog *catalog, const TypeName *type_name,
                        struct lk_object *user, struct lk_text *text, uint32_t start);

/* lk_replay_same_type returns whether two types are the same, modifiers aside. */
bool lk_replay_same_type(const struct lk_type *a, const struct lk_type *b);

/* lk_replay_created gives a new object the privileges of ALTER DEFAULT PRIVILEGES. */
void lk_replay_created(struct lk_catalog *catalog, struct lk_object *object);

/* lk_replay_role returns a role's name; NULL: PUBLIC, or whoever applies the migrations. */
const char *lk_replay_role(struct lk_catalog *catalog, const RoleSpec *role);

/* lk_replay_set_owner makes a role the owner of an object; NULL: whoever applies the migrations. */
void lk_replay_set_owner(struct lk_catalog *catalog, struct lk_object *object, const char *owner);

/*
 * lk_replay_no_schema returns whether it is certain that there is no schema of a name (NULL:
 * false), and notes that the server refuses what is to lie in it.
 */
bool lk_replay_no_schema(struct lk_catalog *catalog, const char *schema);

/* lk_replay_mapping_name returns what identifies a user mapping; it lives for the statement. */
char *lk_replay_mapping_name(struct lk_catalog *catalog, const RoleSpec *user, const char *server);

/* What DefineStmt creates, and ALTER TYPE of a composite type. */
void lk_replay_create_aggregate(struct lk_catalog *catalog, const DefineStmt *stmt);
void lk_replay_create_base(struct lk_catalog *catalog, const DefineStmt *stmt);
void lk_replay_alter_composite(struct lk_catalog *catalog, const AlterTableStmt *stmt);

/*
 * lk_refuse_type notes that the server refuses a type that is certainly not there, and returns
 * whether it does.
 */
bool lk_refuse_type(struct lk_catalog *catalog, const TypeName *type_name);

/*
 * lk_refuse_literal refuses a string constant that stands where a value of a type is wanted, if it
 * is none, or one that the transaction has added to an enum; false: it does not.
 */
bool lk_refuse_literal(struct lk_catalog *catalog, const struct lk_type *type, const Node *node);

/* replay_function.c */

/* lk_replay_sign makes a function's signature anew, after a change to its name or its types. */
void lk_replay_sign(struct lk_catalog *catalog, struct lk_function *function);

/*
 * lk_replay_add_column adds a column and what its definition brings along: constraints, and the
 * indexes behind them. `existing` is the table before the statement.
 */
void lk_replay_add_column(struct lk_catalog *catalog, struct lk_relation *table,
                          const ColumnDef *definition);

/* lk_replay_own_sequence makes a sequence one that a column owns; `table` NULL: nobody's. */
void lk_replay_own_sequence(struct lk_catalog *catalog, struct lk_relation *sequence,
                            struct lk_relation *table, const char *column);

/* lk_replay_setval follows SELECT setval('sequence', number). */
void lk_replay_setval(struct lk_catalog *catalog, const SelectStmt *stmt);

/* lk_replay_set_config follows set_config('search_path', ...) of a SELECT. */
void lk_replay_set_config(struct lk_catalog *catalog, const SelectStmt *stmt);

/* replay_constraint.c */
void lk_replay_constraint(struct lk_catalog *catalog, struct lk_relation *table,
                          const Constraint *definition, const char *column);

/* lk_replay_set_not_null says of a constraint's columns whether they are certain to hold no NULL.
 */
void lk_replay_set_not_null(struct lk_catalog *catalog, struct lk_relation *table,
                            const struct lk_constraint *constraint, bool not_null);

/*
 * lk_replay_not_null collects the columns that a CHECK expression proves to be not null into
 * `ret->not_null`: with NULL in one of them it would be false by IS [NOT] NULL, AND, OR and NOT.
 */
void lk_replay_not_null(struct lk_catalog *catalog, Node *expression, struct lk_constraint *ret);

/*
 * lk_replay_choose_name returns an unused relation name made of parts, as the server makes them:
 * name1[_name2]_label with a number behind it if taken, cut to 63 bytes. The index of a constraint
 * has a name that no constraint of the schema has either.
 * Source: ChooseRelationName(), src/backend/commands/indexcmds.c.
 */
const char *lk_replay_choose_name(struct lk_catalog *catalog, const char *schema, const char *name1,
                                  const char *name2, const char *label, bool of_constraint);

#endif
