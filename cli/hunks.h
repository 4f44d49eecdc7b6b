/*
 * cli/hunks.h
 *     Lines that change, and how a unified diff shows them.
 */
#ifndef LK_CLI_HUNKS_H
#define LK_CLI_HUNKS_H

#include <stdio.h>

#include "parser/base/file.h"
#include "parser/base/vec.h"

/* A text as lines: where each starts, and where the text ends. */
struct lk_lines {
    const char *text;
    LK_VEC(size_t) starts;
    size_t count;
};

/* Lines [old, old + olds) that become [new, new + news). */
struct lk_line_change {
    size_t old, olds;
    size_t new, news;
};

struct lk_line_changes {
    LK_VEC(struct lk_line_change) items;
};

/* lk_lines_of returns the lines of a text, which is not copied. */
struct lk_lines lk_lines_of(TALLOC_CTX *mem, struct lk_bytes bytes);

/* lk_hunks_print writes changes, which are in order, each with three lines around it. */
void lk_hunks_print(FILE *stream, const struct lk_lines *old, const struct lk_lines *new,
                    const struct lk_line_changes *changes);

#endif
