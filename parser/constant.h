/*
 * parser/constant.h
 *     The text that an expression of constants stands for.
 */
#ifndef LK_PARSER_CONSTANT_H
#define LK_PARSER_CONSTANT_H

#include "parser/fragment.h"
#include "parser/script.h"

/* A variable and the text that it has for its value, and others. */
struct lk_binding {
    const char *name; /* in lower case */
    const char *value;
    const struct lk_binding *next; /* or NULL */
};

/*
 * lk_constant_text returns whether the one expression that a SELECT computes is a text known
 * beforehand: constants, and the variables of `binding` (NULL: none), joined by || or put into
 * another by format() or quoted by quote_ident() and quote_literal(). The statement stands in
 * `source`; the text lives in `mem`.
 */
bool lk_constant_text(TALLOC_CTX *mem, struct lk_source *source,
                      const struct lk_statement *statement, const struct lk_binding *binding,
                      struct lk_fragment *ret);

/* What stands in a text for a part that is not known: a word, also within a name. */
#define LK_UNKNOWN_PART "unknown__part"

/*
 * lk_constant_guess returns a text with LK_UNKNOWN_PART for each part that is not known, or NULL
 * where nothing is known of it.
 */
const char *lk_constant_guess(TALLOC_CTX *mem, struct lk_source *source,
                              const struct lk_statement *statement,
                              const struct lk_binding *binding);

struct lk_constants {
    LK_VEC(const char *) items;
};

/*
 * lk_constant_list returns in `ret` the strings that a SELECT computes one after the other, or has
 * in an array: ARRAY['a', 'b'], unnest(ARRAY['a', 'b']). False where it is none of these.
 */
bool lk_constant_list(TALLOC_CTX *mem, const struct Node *select, struct lk_constants *ret);

#endif
