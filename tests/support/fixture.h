/*
 * tests/support/fixture.h
 *     What the comments on top of a case say: see docs/testing.md.
 */
#ifndef LK_TESTS_SUPPORT_FIXTURE_H
#define LK_TESTS_SUPPORT_FIXTURE_H

#include "parser/base/mem.h"

enum lk_label {
    LK_LABEL_NONE,
    LK_LABEL_SAFE,
    LK_LABEL_UNSAFE,
};

struct lk_fixture_header {
    const char *options; /* for lint; "": none */
    const char *fails;   /* SQLSTATE; NULL: it succeeds */
    long servers;        /* the oldest major it is for; 0: any */
    long grammar;        /* the oldest major of the grammar it is for; 0: any */
    bool transaction;    /* the runner opens one around the file */
    bool not_executed;
    enum lk_label label;
    const char *why; /* of the label, or NULL */
};

/*
 * lk_fixture_header_of reads the lines "-- key: value" that a text starts with; strings live in
 * `mem`. A value that means nothing fails the test.
 */
struct lk_fixture_header lk_fixture_header_of(TALLOC_CTX *mem, const char *text);

#endif
