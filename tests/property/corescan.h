/*
 * tests/property/corescan.h
 *     The tokens of PostgreSQL's own core scanner.
 */
#ifndef LK_TESTS_PROPERTY_CORESCAN_H
#define LK_TESTS_PROPERTY_CORESCAN_H

#include "parser/base/vec.h"

struct lk_core_token {
    uint32_t start; /* it has no end of its own: blanks and the next one follow */
    bool comment;
};

struct lk_core_tokens {
    LK_VEC(struct lk_core_token) items;
    bool refused; /* the scanner threw an error behind the last one */
};

/* lk_core_scan returns the tokens and comments of a text, up to the first error. */
struct lk_core_tokens lk_core_scan(TALLOC_CTX *mem, const char *text);

#endif
