/*
 * tests/support/labelled.h
 *     The labelled migrations: fixtures/labelled/. See docs/testing.md.
 */
#ifndef LK_TESTS_SUPPORT_LABELLED_H
#define LK_TESTS_SUPPORT_LABELLED_H

#include "parser/base/vec.h"
#include "tests/support/fixture.h"

struct lk_labelled_file {
    const char *name; /* as the changelog has it: 0002_drop-column.sql */
    const char *text;
};

struct lk_labelled {
    const char *area;
    const char *name;
    const char *config;                    /* the path of the configuration it is judged under */
    bool bounded;                          /* which bounds the wait for locks */
    struct lk_fixture_header header;       /* of the file that is judged */
    LK_VEC(struct lk_labelled_file) files; /* in their order, the schema first */
    size_t judged;                         /* which of them has the label */
};

struct lk_labelled_cases {
    LK_VEC(struct lk_labelled) items;
};

/* lk_labelled_find adds all cases, sorted; one that is not as it should be fails the test. */
void lk_labelled_find(TALLOC_CTX *mem, struct lk_labelled_cases *ret);

#endif
