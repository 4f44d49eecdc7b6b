/*
 * cli/markdown_private.h
 *     The parts of the comment on a pull request: between cli/markdown*.c only.
 */
#ifndef LK_CLI_MARKDOWN_PRIVATE_H
#define LK_CLI_MARKDOWN_PRIVATE_H

#include "cli/lint_files.h"
#include "cli/markdown.h"

/* A comment under construction. */
struct lk_comment {
    TALLOC_CTX *mem;
    const struct lk_lint_report *report;
    const struct lk_markdown_options *options;
    struct lk_lint_files files;
    struct lk_buf text;
    size_t left; /* code points that may still be added */
};

/* lk_comment_add adds a part that is good on its own if it fits, and returns whether it did. */
bool lk_comment_add(struct lk_comment *comment, const char *part);

/* lk_comment_open and lk_comment_close add what a part starts with that is folded away, and what
 * it ends with; `title` is Markdown on one line. */
void lk_comment_open(const struct lk_comment *comment, struct lk_buf *out, const char *title,
                     bool open);
void lk_comment_close(const struct lk_comment *comment, struct lk_buf *out);

/* lk_comment_migrations adds the table of migrations, and what waits for them. */
void lk_comment_migrations(struct lk_comment *comment);

/* lk_comment_findings adds the findings, by file, and returns how many there was no room for. */
size_t lk_comment_findings(struct lk_comment *comment);

/* lk_comment_schema adds what becomes of the schema, as a difference and as a picture. */
void lk_comment_schema(struct lk_comment *comment);

#endif
