/*
 * rules/partition.h
 *     Bounds of partitions, as SQL.
 */
#ifndef LK_RULES_PARTITION_H
#define LK_RULES_PARTITION_H

#include "rules/rewrite.h"

/* lk_bound_text returns a bound as written: "FOR VALUES FROM (1) TO (2)", "DEFAULT". */
char *lk_bound_text(const struct lk_check *check, const PartitionBoundSpec *bound);

/*
 * lk_bound_condition returns what the bound demands of a row of `parent`, as a condition; NULL
 * where that cannot be said as simply: hash bounds, keys of several columns or expressions.
 */
char *lk_bound_condition(const struct lk_check *check, const struct lk_relation *parent,
                         const PartitionBoundSpec *bound);

#endif
