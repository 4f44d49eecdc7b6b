/*
 * rules/dialect.h
 *     The SQL of other databases, recognised.
 */
#ifndef LK_RULES_DIALECT_H
#define LK_RULES_DIALECT_H

#include "rules/rule.h"

/* What another database calls something, and how it is written here. */
struct lk_dialect {
    const char *whose;   /* "MySQL" */
    const char *pattern; /* see dialects.def */
    const char *what;    /* a noun */
    const char *advice;  /* a sentence */
};

/*
 * lk_dialect_of returns what in a statement that the grammar refuses belongs to another database,
 * `*span` where it stands; NULL when nothing at the place of the error is known.
 */
const struct lk_dialect *lk_dialect_of(const struct lk_check *check, struct lk_span *span);

/* lk_dialect_reported returns whether foreign-dialect, which comes before those that ask, has
 * reported the refused statement at hand. */
bool lk_dialect_reported(const struct lk_check *check);

#endif
