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

/* A line of a convention. */
struct lk_marker {
    const char *words;  /* as they stand in it; '~' is one blank or more */
    unsigned says;      /* LK_MARKER_* */
    bool more;          /* other words may follow */
    bool joined;        /* the last word may go on */
    bool top;           /* it counts only above the first line that is no such comment */
    const char *option; /* a word behind them that says LK_MARKER_TRANSACTION_OFF, too; or NULL */
};

/* The lines of a convention: what all of them start with, and the words behind that. */
struct lk_markers {
    const char *indent;  /* characters that may stand in front, in any number */
    const char *comment; /* what they start with */
    const char *gap;     /* characters that may stand behind that */
    bool fold;           /* the case of words does not count */
    bool headless;       /* what stands before all parts is up where no up marker follows */
    bool local;          /* the transaction is switched off for the part that says so */

    /* Lines that prove the convention, NULL-terminated; NULL: any of its lines does. */
    const char *const *proofs;

    const struct lk_marker *lines; /* the first that fits counts; ends with words == NULL */
};

/* lk_marker_split returns the parts of a file. */
struct lk_parts lk_marker_split(TALLOC_CTX *mem, const struct lk_source *source,
                                const struct lk_markers *markers);

/* lk_marker_any returns whether a file bears lines that only this convention has. */
bool lk_marker_any(const struct lk_source *source, const struct lk_markers *markers);

/* lk_marker_option returns the word behind a marker that switches the transaction off, or NULL. */
const char *lk_marker_option(const struct lk_markers *markers);

/*
 * lk_marker_up_end returns where the line of the up marker ends, for a word more in it; false where
 * there is none, or several are.
 */
bool lk_marker_up_end(const struct lk_source *source, const struct lk_markers *markers,
                      uint32_t *ret);

/* lk_marker_line returns the convention's line that says LK_MARKER_UP or DOWN, or NULL. */
const struct lk_marker *lk_marker_line(const struct lk_markers *markers, unsigned says);

/* lk_marker_text returns a line as people write it. */
char *lk_marker_text(TALLOC_CTX *mem, const struct lk_markers *markers,
                     const struct lk_marker *line);

#endif
