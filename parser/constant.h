/*
 * parser/constant.h
 *     The text that an expression of constants stands for.
 */
#ifndef LK_PARSER_CONSTANT_H
#define LK_PARSER_CONSTANT_H

#include "parser/fragment.h"
#include "parser/script.h"

/*
 * lk_constant_text returns whether the one expression that a SELECT computes is a text known
 * beforehand: constants, joined by || or put into another by format() or quoted by quote_ident()
 * and quote_literal(). The statement stands in `source`; the text lives in `mem`.
 */
bool lk_constant_text(TALLOC_CTX *mem, struct lk_source *source,
                      const struct lk_statement *statement, struct lk_fragment *ret);

#endif
