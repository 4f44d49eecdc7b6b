/*
 * rules/partition.h
 *     Bounds of partitions, and how they get what their table has, as SQL.
 */
#ifndef LK_RULES_PARTITION_H
#define LK_RULES_PARTITION_H

#include "parser/base/buf.h"
#include "rules/suggest.h"

/* lk_bound_text returns a bound as written: "FOR VALUES FROM (1) TO (2)", "DEFAULT". */
char *lk_bound_text(const struct lk_check *check, const PartitionBoundSpec *bound);

/*
 * lk_bound_condition returns what the bound demands of a row of `parent`, as a condition; NULL
 * where that cannot be said as simply: hash bounds, keys of several columns or expressions.
 */
char *lk_bound_condition(const struct lk_check *check, const struct lk_relation *parent,
                         const PartitionBoundSpec *bound);

/*
 * lk_partitions_text returns how partitions get the indexes of an index that is there ONLY for
 * their table: statements that build them, one migration for each, and those that attach them. Both
 * are
 * "" where no partition is known.
 */
char *lk_partitions_text(const struct lk_check *check, const char *builds, const char *attach);

/* The steps to rows that are known to meet a condition, before a partition is attached. */
struct lk_bound_steps {
    struct lk_buf add;
    struct lk_buf validate;
    struct lk_buf drop; /* behind ATTACH, when the bounds say the same */
};

struct lk_bound_steps lk_bound_steps(const struct lk_check *check);

/* lk_bound_add adds the steps for the rows of one table. */
void lk_bound_add(const struct lk_check *check, struct lk_bound_steps *steps, struct lk_qname table,
                  const char *condition);

/* lk_bound_advice returns all steps around `attach`, which has a migration of its own. */
char *lk_bound_advice(const struct lk_check *check, const struct lk_bound_steps *steps,
                      const char *attach);

#endif
