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
};

/* lk_gather_lock notes a lock on the relation a name means; the strongest mode is kept. */
void lk_gather_lock(struct lk_gather *gather, struct lk_qname name, enum lk_lock_mode mode);
void lk_gather_lock_range(struct lk_gather *gather, const RangeVar *range, enum lk_lock_mode mode);

/* lk_gather_lock_known is lk_gather_lock for a relation of the catalog; NULL notes nothing. */
void lk_gather_lock_known(struct lk_gather *gather, const struct lk_relation *relation,
                          enum lk_lock_mode mode);

/* lk_gather_work notes that a relation is rewritten or scanned; each relation once. */
void lk_gather_rewrite(struct lk_gather *gather, const RangeVar *range);
void lk_gather_scan(struct lk_gather *gather, const RangeVar *range);

/* transaction_block.c */

/* lk_option_is_on returns whether a list of DefElem has a boolean option that is given and true. */
bool lk_option_is_on(const List *options, const char *name);

/* lk_reindexes_concurrently returns whether REINDEX has the option, in either place for it. */
bool lk_reindexes_concurrently(const ReindexStmt *stmt);

/* effects_alter.c */
void lk_gather_alter_table(struct lk_gather *gather, const AlterTableStmt *stmt);

/* lk_gather_references notes the locks on the tables that foreign keys of columns point to. */
void lk_gather_references(struct lk_gather *gather, const List *elements);

#endif
