/*
 * rules/schema/replay_condition.h
 *     What the conditions of a body come to that ask for the schema: IF NOT EXISTS (SELECT FROM
 * information_schema.columns WHERE ...).
 */
#ifndef LK_RULES_SCHEMA_REPLAY_CONDITION_H
#define LK_RULES_SCHEMA_REPLAY_CONDITION_H

#include "parser/body.h"
#include "rules/schema/catalog.h"

enum lk_truth {
    LK_TRUTH_UNKNOWN,
    LK_TRUTH_FALSE,
    LK_TRUTH_TRUE,
};

/* What the conditions of one body have come to; to be zeroed before it. */
struct lk_conditions {
    LK_VEC(const struct Node *) conditions;
    LK_VEC(enum lk_truth) truths;
};

/*
 * lk_replay_reached returns whether a statement of a body is reached that is only perhaps carried
 * out. To be asked of each of them in their order, right before it is replayed: a condition counts
 * as it was when the first statement behind it came.
 */
enum lk_truth lk_replay_reached(TALLOC_CTX *mem, const struct lk_catalog *catalog,
                                const struct lk_nested *nested, struct lk_conditions *conditions);

#endif
