/*
 * cli/markup.h
 *     Text of users in Markdown: it stays text, whatever it says.
 *
 * Punctuation is written as character references, which Markdown does not take for its own signs,
 * and which mean the same inside of HTML. Behind `@`, `#` and the like stands a word joiner, as
 * hosts look for @people and #issues in what is shown.
 */
#ifndef LK_CLI_MARKUP_H
#define LK_CLI_MARKUP_H

#include "parser/base/buf.h"

/* lk_markup_text adds a text, on one line. */
void lk_markup_text(struct lk_buf *out, const char *text);

/* lk_markup_code adds a name or a path as code: as <code> where the host knows HTML. */
void lk_markup_code(struct lk_buf *out, const char *text, bool html);

/*
 * lk_markup_fence adds a block of code, behind fences that nothing in it ends; at most so many
 * lines and bytes of it. The block stands on lines of its own.
 */
void lk_markup_fence(struct lk_buf *out, const char *language, const char *text, size_t lines,
                     size_t bytes);

#endif
