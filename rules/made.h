/*
 * rules/made.h
 *     What a statement creates or drops, by name.
 */
#ifndef LK_RULES_MADE_H
#define LK_RULES_MADE_H

#include "parser/pg_names.h"
#include "rules/rule.h"

/*
 * lk_is_made_before returns whether a statement of the migration in front of the one at hand, DROP,
 * creates all that it names: when the migration is run again, it is there again.
 */
bool lk_is_made_before(const struct lk_check *check, const DropStmt *stmt);

/*
 * lk_is_dropped_before returns whether the last statement in front of the one at hand that is about
 * what that creates drops it: when the migration is run again, it is gone again.
 */
bool lk_is_dropped_before(const struct lk_check *check);

#endif
