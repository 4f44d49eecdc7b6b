/*
 * cli/paint.h
 *     Colours and widths of text for people.
 */
#ifndef LK_CLI_PAINT_H
#define LK_CLI_PAINT_H

#include <stdio.h>

#include "rules/finding.h"

enum lk_paint {
    LK_PAINT_BOLD,
    LK_PAINT_ERROR,
    LK_PAINT_WARNING,
    LK_PAINT_INFO,
    LK_PAINT_FRAME,
    LK_PAINT_GOOD,
    LK_PAINT_KEYWORD,
    LK_PAINT_TYPE,
    LK_PAINT_FUNCTION,
    LK_PAINT_STRING,
    LK_PAINT_NUMBER,
    LK_PAINT_COMMENT,
    LK_PAINT_COUNT
};

/*
 * lk_paint_setup decides whether to use colours: `when` is "always", "never", or "auto" (NULL),
 * which asks whether the descriptor is a terminal and NO_COLOR is not set. It returns false where
 * `when` is no such word.
 */
bool lk_paint_setup(const char *when, int descriptor);

/* lk_paint returns the sequence that starts a colour, lk_paint_end the one that ends it. */
const char *lk_paint(enum lk_paint paint);
const char *lk_paint_end(void);

/* lk_painting returns whether colours are used. */
bool lk_painting(void);

/* lk_paint_severity returns the colour of a severity. */
enum lk_paint lk_paint_severity(enum lk_severity severity);

/*
 * lk_put_text prints `length` bytes of text that came from a file or a server: control characters,
 * which a terminal might obey, as question marks; tabs and line ends as they are.
 */
void lk_put_text(FILE *stream, const char *text, size_t length);

/* lk_width returns how many columns of a terminal `length` bytes of UTF-8 take. */
size_t lk_width(const char *text, size_t length);

#endif
