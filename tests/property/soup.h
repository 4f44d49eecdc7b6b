/*
 * tests/property/soup.h
 *     Random text that looks like SQL to a lexer: words, literals, comments, and halves of them.
 */
#ifndef LK_TESTS_PROPERTY_SOUP_H
#define LK_TESTS_PROPERTY_SOUP_H

#include "parser/base/buf.h"

/* lk_soup returns up to `pieces` random pieces of SQL one after the other. */
char *lk_soup(TALLOC_CTX *mem, size_t pieces);

/* lk_soup_blank adds white space and comments, of which `newline` asks for a line's end. */
void lk_soup_blank(struct lk_buf *text, bool newline);

#endif
