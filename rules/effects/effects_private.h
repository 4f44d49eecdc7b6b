/*
 * rules/effects/effects_private.h
 *     Gathering effects, one file per family of statements.
 */
#ifndef LK_RULES_EFFECTS_EFFECTS_PRIVATE_H
#define LK_RULES_EFFECTS_EFFECTS_PRIVATE_H

#include "parser/pg_names.h"
#include "rules/effects/effects.h"

struct lk_gather {
    TALLOC_CTX *mem;
    const struct lk_catalog *catalog;
    struct lk_effects *effects;
    struct lk_seen *locked, *rewritten, *scanned, *blocked; /* what stands in the effects already */
    LK_VEC(const struct lk_relation *) relations; /* of each lock: what it is on; NULL: not known */
    enum lk_lock_mode mode; /* of ALTER TABLE: the strongest that a subcommand asks for */
    bool family;            /* the work goes on to partitions and tables that inherit */
};

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
const struct lk_relation *lk_gather_known(const struct lk_gather *gather, const RangeVar *range);

/* effects_drop.c */
void lk_gather_drop(struct lk_gather *gather, const DropStmt *stmt);
void lk_gather_truncate(struct lk_gather *gather, const TruncateStmt *stmt);

/* lk_gather_drop_column notes the locks on what goes with a column or loses a key by it. */
void lk_gather_drop_column(struct lk_gather *gather, const struct lk_relation *table,
                           const AlterTableCmd *command);

/* effects_query.c: SELECT, INSERT, UPDATE, DELETE, MERGE, COPY, LOCK; false for others */
bool lk_gather_query(struct lk_gather *gather, const Node *tree);

/* lk_gather_analyzed notes what a query locks that is analyzed, and carried out later or not. */
void lk_gather_analyzed(struct lk_gather *gather, const Node *tree);

/* lk_gather_sequence_call notes nextval('sequence') and setval('sequence', ...). */
void lk_gather_sequence_call(struct lk_gather *gather, const FuncCall *call);

/* effects_object.c: statements about domains, publications and extensions; false for others */
bool lk_gather_object(struct lk_gather *gather, const Node *tree);

/* effects_maintain.c: VACUUM, ANALYZE, CLUSTER, REINDEX, REFRESH; false for others */
bool lk_gather_maintenance(struct lk_gather *gather, const Node *tree);

/* transaction_block.c */

/* lk_option_is_on returns whether a list of DefElem has a boolean option that is given and true. */
bool lk_option_is_on(const List *options, const char *name);

/* lk_reindexes_concurrently returns whether REINDEX has the option, in either place for it. */
bool lk_reindexes_concurrently(const ReindexStmt *stmt);

/* effects_alter.c */
void lk_gather_alter_table(struct lk_gather *gather, const AlterTableStmt *stmt);

/* effects_partition.c */
void lk_gather_attach(struct lk_gather *gather, const AlterTableStmt *stmt,
                      const AlterTableCmd *command);
void lk_gather_detach(struct lk_gather *gather, const AlterTableStmt *stmt,
                      const AlterTableCmd *command);

/* lk_gather_partition_rest notes what a new partition does to the DEFAULT one of its table. */
void lk_gather_partition_rest(struct lk_gather *gather, const struct lk_relation *table,
                              const PartitionBoundSpec *bound);

/* effects_constraint.c: the subcommands about constraints, on all tables that they concern */
void lk_gather_add_constraint(struct lk_gather *gather, const AlterTableStmt *stmt,
                              const Constraint *constraint);
void lk_gather_drop_constraint(struct lk_gather *gather, const AlterTableStmt *stmt,
                               const AlterTableCmd *command);
void lk_gather_validate(struct lk_gather *gather, const AlterTableStmt *stmt,
                        const AlterTableCmd *command);
void lk_gather_alter_constraint(struct lk_gather *gather, const AlterTableStmt *stmt,
                                const AlterTableCmd *command);

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
void lk_gather_references(struct lk_gather *gather, const List *elements);

#endif
