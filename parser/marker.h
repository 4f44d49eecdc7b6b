/*
 * parser/marker.h
 *     Lines that tell a migration runner which part of a file is up and which is down.
 */
#ifndef LK_PARSER_MARKER_H
#define LK_PARSER_MARKER_H

#include "parser/naming.h"

/* What a line says; a line can say several things at once. */
enum {
    LK_MARKER_UP = 1,              /* what follows is carried out */
    LK_MARKER_DOWN = 2,            /* what follows takes it back */
    LK_MARKER_TRANSACTION_OFF = 4, /* the file, or the up part, runs outside a transaction */
    LK_MARKER_OTHER = 8,           /* the runner's, but nothing of the above */
};

/* A convention's reading of one line, its terminator left out: LK_MARKER_* or 0. */
typedef unsigned lk_marker_read(const char *line, size_t length);

/*
 * lk_marker_split returns the parts of a file. What stands before the first marker of a part is up
 * where no up marker follows: it is all that a file without markers has, too, if `headless` says
 * so.
 */
struct lk_parts lk_marker_split(TALLOC_CTX *mem, const struct lk_source *source,
                                lk_marker_read *read, bool headless);

/* lk_marker_any returns whether any line of a file is a marker. */
bool lk_marker_any(const struct lk_source *source, lk_marker_read *read);

/*
 * lk_marker_word moves `*line` behind the word at its start and the blanks after that, and returns
 * whether it is `word` (ASCII case ignored); `*length` shrinks with it. At the end of the line any
 * word is missing.
 */
bool lk_marker_word(const char **line, size_t *length, const char *word);

#endif
