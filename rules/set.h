/*
 * rules/set.h
 *     What SET, RESET, DISCARD ALL and SELECT set_config(...) say.
 */
#ifndef LK_RULES_SET_H
#define LK_RULES_SET_H

#include "parser/pg_nodes.h"

enum lk_set_kind {
    LK_SET_NONE, /* it sets nothing */
    LK_SET_VALUE,
    LK_SET_RESET,     /* TO DEFAULT, too */
    LK_SET_RESET_ALL, /* and every setting has its own value again */
};

struct lk_set {
    enum lk_set_kind kind;
    const char *name;     /* lower case; of VALUE and RESET */
    bool local;           /* to the transaction's end */
    const A_Const *value; /* NULL: none, or not one constant */
};

/* lk_set_of returns what a statement sets; strings belong to the tree. */
struct lk_set lk_set_of(const Node *tree);

/* lk_set_is_zero returns whether a timeout is set to "none": 0, '0', '0s'. */
bool lk_set_is_zero(const struct lk_set *set);

/* lk_set_ms returns a timeout in milliseconds, rounded up; 0 for none, -1 where that is not known.
 */
int64_t lk_set_ms(const struct lk_set *set);

/*
 * lk_set_is_short returns whether a timeout is set to less than an hour, and not to none: one that
 * is as long is there to end what hangs, and leaves time for what takes long.
 */
bool lk_set_is_short(const struct lk_set *set);

#endif
