/*
 * parser/highlight.h
 *     Which parts of a piece of SQL are keywords, types, strings.
 */
#ifndef LK_PARSER_HIGHLIGHT_H
#define LK_PARSER_HIGHLIGHT_H

#include "parser/base/mem.h"

enum lk_highlight {
    LK_HIGHLIGHT_NONE,
    LK_HIGHLIGHT_KEYWORD,
    LK_HIGHLIGHT_TYPE,
    LK_HIGHLIGHT_FUNCTION,
    LK_HIGHLIGHT_STRING,
    LK_HIGHLIGHT_NUMBER,
    LK_HIGHLIGHT_COMMENT,
    LK_HIGHLIGHT_COUNT
};

struct lk_highlighter;

/* lk_highlighter_new returns what highlights; making it takes some 30 ms. NULL: it cannot. */
struct lk_highlighter *lk_highlighter_new(TALLOC_CTX *mem);

/*
 * lk_highlight returns the class of each byte of a text, in `mem`. The text can be any part of a
 * statement, such as a line.
 */
const uint8_t *lk_highlight(TALLOC_CTX *mem, const struct lk_highlighter *highlighter,
                            const char *text);

#endif
