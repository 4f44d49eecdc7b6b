/*
 * tests/differential/labelled.h
 *     What linters say of the labelled migrations.
 */
#ifndef LK_TESTS_DIFFERENTIAL_LABELLED_H
#define LK_TESTS_DIFFERENTIAL_LABELLED_H

#include "tests/support/labelled.h"

struct lk_said {
    unsigned long line; /* 0: the linter does not tell */
    const char *rule;
};

struct lk_sayings {
    LK_VEC(struct lk_said) items;
};

/* How a case was judged. */
struct lk_judged {
    const struct lk_labelled *it;
    struct lk_sayings wanted; /* what its marks ask for */
    struct lk_sayings ours;   /* warnings and errors, of the file that is judged */
    struct lk_sayings theirs; /* squawk's, style left out */
    size_t style;             /* how many of squawk's were left out */
    bool told;                /* ours: what is unsafe is found, where it is; what is safe is not */
};

struct lk_verdicts {
    LK_VEC(struct lk_judged) items;
};

/* lk_labelled_judge runs lockkeeper on each case; `squawk`, a path, as well unless it is NULL. */
void lk_labelled_judge(TALLOC_CTX *mem, const struct lk_labelled_cases *cases, const char *squawk,
                       struct lk_verdicts *ret);

/* lk_labelled_page returns the verdicts side by side, as a page of Markdown. */
char *lk_labelled_page(TALLOC_CTX *mem, const struct lk_verdicts *verdicts);

#endif
