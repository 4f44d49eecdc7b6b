/*
 * tests/differential/matrix.h
 *     Many statements from few lines: a template stands for each combination of what may take the
 *     places of the names in it.
 *
 * A file of templates holds one statement per line, and comments that say something:
 *     -- == Title                 the kind of the statements that follow
 *     -- name: this | that        what {name} stands for from here on
 *     -- setup: SQL;              committed before the next statement, and before no other
 *     -- unknown: ASPECT: why     the model cannot know that of the next statement
 */
#ifndef LK_TESTS_DIFFERENTIAL_MATRIX_H
#define LK_TESTS_DIFFERENTIAL_MATRIX_H

#include "parser/base/vec.h"

struct lk_case {
    const char *kind;
    const char *setup;   /* or NULL */
    const char *unknown; /* "locks: why", or NULL */
    const char *statement;
};

struct lk_matrix {
    LK_VEC(struct lk_case) items;
};

/* lk_matrix_read adds the statements of a file of templates. */
void lk_matrix_read(TALLOC_CTX *mem, const char *text, struct lk_matrix *matrix);

#endif
