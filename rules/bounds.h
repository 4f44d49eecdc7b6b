/*
 * rules/bounds.h
 *     How many rows UPDATE and DELETE may touch.
 */
#ifndef LK_RULES_BOUNDS_H
#define LK_RULES_BOUNDS_H

#include "rules/rule.h"

/*
 * lk_is_bounded returns whether an UPDATE or DELETE is certain to touch few rows, or is one of
 * several batches: its WHERE clause gives a unique key, a range with two ends, or a constant that
 * is not true, or there is a LIMIT. Of a table whose keys are not known any equality counts.
 */
bool lk_is_bounded(const struct lk_check *check, const struct Node *statement);

#endif
