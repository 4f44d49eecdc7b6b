/*
 * tests/support/hint.h
 *     The SQL of a hint, as what people make of it: statements in place, and further migrations.
 */
#ifndef LK_TESTS_SUPPORT_HINT_H
#define LK_TESTS_SUPPORT_HINT_H

#include "parser/base/vec.h"

/* What goes into one migration. */
struct lk_hint_step {
    bool apart; /* one of its own; else in place of the statement */
    char *sql;
};

struct lk_hint {
    LK_VEC(struct lk_hint_step) steps;
    bool whole; /* it ends with them; else people have something to do or to fill in there */
};

/* lk_hint_of returns the steps of a hint (may be NULL); none where it is a sentence. */
struct lk_hint lk_hint_of(TALLOC_CTX *mem, const char *hint);

#endif
