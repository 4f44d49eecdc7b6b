/*
 * cli/html.h
 *     What `lint` has to tell, as a page: its parts, between cli/html*.c and the reporter.
 *
 * The page is one file that needs no network and runs nothing. All that comes from files and names
 * goes through lk_html_text.
 */
#ifndef LK_CLI_HTML_H
#define LK_CLI_HTML_H

#include "cli/lint_files.h"
#include "parser/base/buf.h"

/* The style of the page: cli/html.css. */
extern const char lk_html_style[];

/* lk_html_text adds a text, which may also stand in an attribute between double quotes. */
void lk_html_text(struct lk_buf *page, const char *text);

/* lk_html_textf adds what a format makes, as a text. */
void lk_html_textf(struct lk_buf *page, const char *format, ...) LK_PRINTF(2, 3);

/* lk_html_short adds at most `length` code points of a text, with an ellipsis for the rest. */
void lk_html_short(struct lk_buf *page, const char *text, size_t length);

/* lk_html_findings adds the findings, file by file. */
void lk_html_findings(struct lk_buf *page, const struct lk_lint_report *report,
                      const struct lk_lint_files *files);

/* lk_html_timelines adds, for each migration, a picture of what waits for it, and from when on. */
void lk_html_timelines(struct lk_buf *page, const struct lk_lint_report *report);

/* lk_html_schema adds what becomes of the schema, and a picture of its tables. */
void lk_html_schema(struct lk_buf *page, const struct lk_lint_history *history);

#endif
