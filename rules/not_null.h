/*
 * rules/not_null.h
 *     NOT NULL in steps, none of which reads a table that nobody can use meanwhile.
 */
#ifndef LK_RULES_NOT_NULL_H
#define LK_RULES_NOT_NULL_H

#include "rules/rewrite.h"

/* The constraint that proves that a column holds no NULL, and what is done with it, as subcommands
 * of ALTER TABLE. */
struct lk_proof {
    const char *plain; /* its name */
    const char *add;
    const char *validate;
    const char *set;  /* SET NOT NULL; NULL: the constraint says so itself, from 18 on */
    const char *drop; /* NULL then, too */
};

/*
 * lk_proof_of returns how a column of a table becomes NOT NULL; `name` is the name of such a
 * constraint, NULL to make one. A CHECK is not called as the server will call the NOT NULL.
 */
struct lk_proof lk_proof_of(const struct lk_check *check, const RangeVar *range, const char *column,
                            const char *name);

#endif
