/*
 * rules/effects/effects_private.h
 *     Gathering effects, one file per family of statements.
 */
#ifndef LK_RULES_EFFECTS_EFFECTS_PRIVATE_H
#define LK_RULES_EFFECTS_EFFECTS_PRIVATE_H

#include "parser/pg_names.h"
#include "rules/effects/effects.h"
#include "rules/schema/predicate.h"

struct lk_gather {
    TALLOC_CTX *mem;
    const struct lk_catalog *catalog;
    struct lk_effects *effects;
    /* what stands in the effects already */
    struct lk_seen *locked, *perhaps, *rewritten, *scanned, *blocked;
    enum lk_lock_mode mode; /* of ALTER TABLE: the strongest that a subcommand asks for */
    bool family;            /* the work goes on to partitions and tables that inherit */
    bool maybe;             /* what is noted may be so: locks alone, as ones that may be taken */
    bool known;     /* names that mean nothing known are passed over: it may be made first */
    unsigned depth; /* of routines, triggers and rules that one another set off */
    struct lk_seen *done, *perhaps_done; /* which of them were gone into, for sure or not */
    const struct lk_routines *apart;     /* what is not gone into; or NULL */
    const struct lk_relation *asked; /* what was asked for last: it is asked for time and again */
    bool by_path;                    /* its name was not qualified */
};

/* lk_gather_statement notes what a statement does, wherever it stands. */
void lk_gather_statement(struct lk_gather *gather, const Node *tree);

/* lk_gather_sure takes out of what may be locked what is locked for sure. */
void lk_gather_sure(struct lk_gather *gather);

/* lk_gather_lock notes a lock on the relation a name means; the strongest mode is kept. */
void lk_gather_lock(struct lk_gather *gather, struct lk_qname name, enum lk_lock_mode mode);
void lk_gather_lock_range(struct lk_gather *gather, const RangeVar *range, enum lk_lock_mode mode);

/* lk_gather_lock_known is lk_gather_lock for a relation of the catalog; NULL notes nothing. */
void lk_gather_lock_known(struct lk_gather *gather, const struct lk_relation *relation,
                          enum lk_lock_mode mode);

/* lk_gather_lock_family is lock_range for a table and, unless ONLY is said, its descendants. */
void lk_gather_lock_family(struct lk_gather *gather, const RangeVar *range, enum lk_lock_mode mode);

/* lk_gather_lock_children notes locks on all descendants of a relation; NULL has none. */
void lk_gather_lock_children(struct lk_gather *gather, const struct lk_relation *relation,
                             enum lk_lock_mode mode);

/*
 * lk_gather_rewrite and lk_gather_scan note that a relation is rewritten or read from end to end,
 * with `gather->family` its descendants, too; each relation once, and only those that have rows.
 */
void lk_gather_rewrite(struct lk_gather *gather, const RangeVar *range, const char *why);
void lk_gather_rewrite_known(struct lk_gather *gather, const struct lk_relation *relation,
                             const char *why);
void lk_gather_scan(struct lk_gather *gather, const RangeVar *range, const char *why);
void lk_gather_scan_known(struct lk_gather *gather, const struct lk_relation *relation,
                          const char *why);

/*
 * lk_gather_build notes that an index of a relation is built, for which that is read; `index` NULL:
 * the server chooses the name. With `gather->family` each descendant gets one of its own.
 */
void lk_gather_build(struct lk_gather *gather, const RangeVar *range, const char *index,
                     const char *why);
void lk_gather_build_known(struct lk_gather *gather, const struct lk_relation *relation,
                           const struct lk_relation *index, const char *why);

/* lk_gather_copy_index notes that the file of an index is copied; its table is not read. */
void lk_gather_copy_index(struct lk_gather *gather, const struct lk_relation *index,
                          const char *why);

/*
 * lk_gather_lock_indexes notes that all indexes of a relation are held ACCESS EXCLUSIVE: plain
 * reads of it wait for them.
 */
void lk_gather_lock_indexes(struct lk_gather *gather, const struct lk_relation *relation);

/* lk_gather_blocked sums up what the locks that were noted keep others from. */
void lk_gather_blocked(struct lk_gather *gather);

/* lk_has_rows returns whether a relation has rows of its own that can be worked through. */
bool lk_has_rows(const struct lk_relation *relation);

/*
 * lk_has_row_trigger returns whether a relation has a trigger FOR EACH ROW, of that name unless it
 * is NULL.
 */
bool lk_has_row_trigger(const struct lk_relation *relation, const char *name);

/* lk_gather_known returns the relation of a name, or NULL when the history does not tell. */
const struct lk_relation *lk_gather_known(struct lk_gather *gather, const RangeVar *range);

/* effects_drop.c */
void lk_gather_drop(struct lk_gather *gather, const DropStmt *stmt);
void lk_gather_truncate(struct lk_gather *gather, const TruncateStmt *stmt);

/* lk_gather_drop_known notes what DROP ... CASCADE of a relation locks. */
void lk_gather_drop_known(struct lk_gather *gather, const struct lk_relation *relation);

/* effects_cascade.c: DROP of one object that is no relation, nor a part of one, nor a type */
void lk_gather_drop_other(struct lk_gather *gather, const DropStmt *stmt, const Node *object);

/* lk_gather_drop_with notes what DROP ... CASCADE of a column or an index takes along; NULL:
 * nothing.
 */
void lk_gather_drop_with(struct lk_gather *gather, struct lk_object *object);

/* lk_gather_drop_owned notes DROP OWNED, lk_gather_reassign REASSIGN OWNED. */
void lk_gather_drop_owned(struct lk_gather *gather, const DropOwnedStmt *stmt);
void lk_gather_reassign(struct lk_gather *gather, const ReassignOwnedStmt *stmt);

/* lk_gather_drop_column notes the locks on what goes with a column or loses a key by it. */
void lk_gather_drop_column(struct lk_gather *gather, const struct lk_relation *table,
                           const AlterTableCmd *command);

/* effects_query.c: statements with queries, and LOCK; false for others */
bool lk_gather_query(struct lk_gather *gather, const Node *tree);

/*
 * effects_rows.c: what is written by INSERT, UPDATE, DELETE and MERGE, and by COPY; false for
 * others. What a statement reads for that is not its matter.
 */
bool lk_gather_rows(struct lk_gather *gather, const Node *tree);
void lk_gather_copied(struct lk_gather *gather, const CopyStmt *stmt);

/* lk_gather_target returns the table whose rows a statement writes, or NULL. */
const RangeVar *lk_gather_target(const Node *tree);

/* effects_default.c */

/* lk_place_in returns which of a list's targets is a column; -1: none. */
int lk_place_in(const List *targets, const char *column);

/* lk_place_of returns which of the values of INSERT is for a column; -1: it gets its default. */
int lk_place_of(const InsertStmt *stmt, const struct lk_relation *table, const char *column);

/*
 * lk_gather_drawn_inserting notes the sequences that the defaults of columns draw from which get no
 * value in some row; its siblings do so for columns that UPDATE sets to their default, and for rows
 * that MERGE inserts.
 */
void lk_gather_drawn_inserting(struct lk_gather *gather, const struct lk_relation *table,
                               const InsertStmt *stmt);
void lk_gather_drawn_updating(struct lk_gather *gather, const struct lk_relation *table,
                              const List *targets);
void lk_gather_drawn_merging(struct lk_gather *gather, const struct lk_relation *table,
                             const MergeWhenClause *when);

/* effects_read.c */

/* How far the server goes with a query. */
enum lk_reading {
    LK_READING_ANALYZED,  /* names are looked up: CREATE VIEW */
    LK_READING_REWRITTEN, /* and views are put in: PREPARE */
    LK_READING_PLANNED,   /* and partitions and tables that inherit, each by itself */
};

/*
 * lk_gather_reads notes the relations that a statement reads: not those whose rows it writes. What
 * it calls is added to `ret_calls`, if that is not NULL.
 */
void lk_gather_reads(struct lk_gather *gather, const Node *tree, enum lk_reading reading,
                     struct lk_tree_calls *ret_calls);

/* lk_gather_analyzed notes what a query locks that goes so far, and is not carried out. */
void lk_gather_analyzed(struct lk_gather *gather, const Node *tree, enum lk_reading reading);

/* lk_gather_view notes what a view or materialized view reads, and views below it. */
void lk_gather_view(struct lk_gather *gather, const struct lk_relation *view,
                    enum lk_lock_mode mode);

/*
 * lk_gather_planned notes the lock on a relation that a statement names and on what is planned with
 * it: descendants, and the sources of a view. Partitions that its conditions may rule out are only
 * perhaps locked.
 */
void lk_gather_planned(struct lk_gather *gather, const Node *tree, const RangeVar *range,
                       enum lk_lock_mode mode);

/* effects_called.c: routines, triggers and rules that a statement sets off */

/* lk_gather_enter returns whether something, by its address, is to be gone into: once, not deep. */
bool lk_gather_enter(struct lk_gather *gather, const void *what);
void lk_gather_leave(struct lk_gather *gather);

/*
 * lk_gather_made_by returns the statement of a kind that makes an object, as it would be written
 * now, or NULL.
 */
const Node *lk_gather_made_by(TALLOC_CTX *mem, const struct lk_text *definition, NodeTag tag);

/*
 * lk_gather_calls notes what the functions do that a statement calls; lk_gather_called is for those
 * who have them already.
 */
void lk_gather_calls(struct lk_gather *gather, const Node *tree);
void lk_gather_called(struct lk_gather *gather, const Node *tree,
                      const struct lk_tree_calls *calls);

/* lk_gather_call notes what one function does, PostgreSQL's own with sequences included. */
void lk_gather_call(struct lk_gather *gather, const FuncCall *call);

/* What is done with rows: bits as in pg_trigger.tgtype. */
enum lk_row_event {
    LK_ROW_INSERT = 4,
    LK_ROW_DELETE = 8,
    LK_ROW_UPDATE = 16,
    LK_ROW_TRUNCATE = 32, /* once for all of them */
};

/*
 * lk_gather_triggers notes what the triggers and rules of a relation do; `targets` is what UPDATE
 * sets, NIL: whatever.
 */
void lk_gather_triggers(struct lk_gather *gather, const struct lk_relation *relation,
                        enum lk_row_event event, const List *targets);

/* lk_gather_statement_triggers is that for the triggers that fire once, rows or none. */
void lk_gather_statement_triggers(struct lk_gather *gather, const struct lk_relation *relation,
                                  enum lk_row_event event, const List *targets);

/* lk_gather_function_made notes what making a function locks: the server analyzes SQL bodies. */
void lk_gather_function_made(struct lk_gather *gather, const CreateFunctionStmt *stmt);

/* effects_sequence.c: nextval(), setval() and statistics by the names in their arguments */
void lk_gather_builtin_call(struct lk_gather *gather, const FuncCall *call);

/* lk_gather_drawn_by notes the sequences that a column's default draws from. */
void lk_gather_drawn_by(struct lk_gather *gather, const struct lk_column *column,
                        enum lk_lock_mode mode);

/*
 * lk_gather_stored notes what storing a default opens, lk_gather_stored_again what storing that of
 * a known column once more does: for another table, or for another type.
 */
void lk_gather_stored(struct lk_gather *gather, const Node *expression);
void lk_gather_stored_again(struct lk_gather *gather, const struct lk_column *column);

/* effects_object.c: statements about domains, publications and extensions; false for others */
bool lk_gather_object(struct lk_gather *gather, const Node *tree);

/* effects_maintain.c: VACUUM, ANALYZE, CLUSTER, REINDEX, REFRESH; false for others */
bool lk_gather_maintenance(struct lk_gather *gather, const Node *tree);

/* transaction_block.c */

/* lk_reindexes_concurrently returns whether REINDEX has the option, in either place for it. */
bool lk_reindexes_concurrently(const ReindexStmt *stmt);

/* effects_alter.c */
void lk_gather_alter_table(struct lk_gather *gather, const AlterTableStmt *stmt);

/* effects_partition.c */
void lk_gather_attach(struct lk_gather *gather, const AlterTableStmt *stmt,
                      const AlterTableCmd *command);
void lk_gather_detach(struct lk_gather *gather, const AlterTableStmt *stmt,
                      const AlterTableCmd *command);

/* effects_route.c */

/* Whether rows lie in a partition. */
enum lk_route {
    LK_ROUTE_NEVER, /* none of them does */
    LK_ROUTE_MAYBE,
    LK_ROUTE_SURE, /* all that are in its table do */
};

/* lk_route_to returns so for rows of which `given` is known (NULL: nothing). */
enum lk_route lk_route_to(struct lk_gather *gather, const struct lk_relation *part,
                          const struct lk_predicate *given);

/* lk_partitioned_by returns whether a column decides, or may decide, on the partitions of a table.
 */
bool lk_partitioned_by(const struct lk_relation *table, const char *column);

/*
 * lk_gather_bounds notes the tables above a partition, which are opened for its bounds unless the
 * session knows these already. NULL notes nothing.
 * Source: generate_partition_qual(), src/backend/utils/cache/partcache.c.
 */
void lk_gather_bounds(struct lk_gather *gather, const struct lk_relation *partition);

/* lk_gather_partition_rest notes what a new partition does to the DEFAULT one of its table. */
void lk_gather_partition_rest(struct lk_gather *gather, const struct lk_relation *table,
                              const PartitionBoundSpec *bound);

/* lk_added_constraint returns what ALTER TABLE adds as a constraint under a name, or NULL. */
const Constraint *lk_added_constraint(const AlterTableStmt *stmt, const char *name);

/* effects_constraint.c: the subcommands about constraints, on all tables that they concern */
void lk_gather_add_constraint(struct lk_gather *gather, const AlterTableStmt *stmt,
                              const Constraint *constraint);
void lk_gather_drop_constraint(struct lk_gather *gather, const AlterTableStmt *stmt,
                               const AlterTableCmd *command);
void lk_gather_validate(struct lk_gather *gather, const AlterTableStmt *stmt,
                        const AlterTableCmd *command);
void lk_gather_alter_constraint(struct lk_gather *gather, const AlterTableStmt *stmt,
                                const AlterTableCmd *command);

void lk_gather_rename_constraint(struct lk_gather *gather, const RenameStmt *stmt);

/*
 * lk_gather_scan_nulls notes that a table is read for NULL in a column that becomes NOT NULL, and
 * with `gather->family` its descendants, but for those with a constraint that proves it.
 */
void lk_gather_scan_nulls(struct lk_gather *gather, const AlterTableStmt *stmt, const char *column,
                          const char *why);

/*
 * lk_gather_tree notes the lock on a relation, and on all partitions if it is partitioned: what is
 * done to a foreign key on either side is done to theirs. NULL notes nothing.
 */
void lk_gather_tree(struct lk_gather *gather, const struct lk_relation *relation,
                    enum lk_lock_mode mode);

/*
 * lk_gather_unlink notes the lock on the table that a foreign key points to, and from SHARE ROW
 * EXCLUSIVE on those on its partitions; other constraints point to nothing.
 */
void lk_gather_unlink(struct lk_gather *gather, const struct lk_constraint *constraint,
                      enum lk_lock_mode mode);

/* lk_gather_referrers notes locks on the tables with foreign keys to a table, or what it is part
 * of.
 */
void lk_gather_referrers(struct lk_gather *gather, const struct lk_relation *table,
                         enum lk_lock_mode mode);

/*
 * lk_gather_inherited_keys notes the locks of foreign keys, in both directions, that a new
 * partition gets from `table` and from what that is part of.
 */
void lk_gather_inherited_keys(struct lk_gather *gather, const struct lk_relation *table);

/* lk_gather_reference notes the lock on the table that a new foreign key points to. */
void lk_gather_reference(struct lk_gather *gather, const Constraint *constraint);

/* add_column.c */
void lk_gather_add_column(struct lk_gather *gather, const RangeVar *table,
                          const ColumnDef *definition);

/* lk_gather_references notes the locks on the tables that foreign keys of columns point to. */
void lk_gather_references(struct lk_gather *gather, const RangeVar *table, const List *elements);

#endif
