/*
 * rules/bounds.h
 *     How many rows UPDATE, DELETE and MERGE may touch.
 */
#ifndef LK_RULES_BOUNDS_H
#define LK_RULES_BOUNDS_H

#include "rules/rule.h"

/*
 * lk_is_bounded returns whether an UPDATE, DELETE or MERGE is certain to touch few rows, or is one
 * of several batches: its WHERE clause (of MERGE: ON) gives a unique key, a range with two ends, or
 * a constant that is not true, or there is a LIMIT, or MERGE reads rows that are written out, or
 * the table is one of a single row (lk_is_of_one_row). Of a table whose keys are not known any
 * equality counts.
 */
bool lk_is_bounded(const struct lk_check *check, const struct Node *statement);

#endif
