/*
 * cli/markdown.h
 *     What `lint` has to tell, as Markdown: the comment on a pull request.
 */
#ifndef LK_CLI_MARKDOWN_H
#define LK_CLI_MARKDOWN_H

#include "cli/report.h"

struct lk_markdown_options {
    const char *mark; /* what it starts with, to be found again by; NULL: nothing */
    size_t limit;     /* code points that the host takes; 0: any number */
    bool html;        /* the host shows <details>, <code> and <br>: GitHub and GitLab do */
};

/* What hosts take. Source: GitHub's and GitLab's API. */
#define LK_MARKDOWN_GITHUB 65536
#define LK_MARKDOWN_GITLAB 1000000

/* What a reporter of Markdown wants to know: see lk_lint. */
#define LK_MARKDOWN_WANTS (LK_WANTS_ROOT | LK_WANTS_QUOTES | LK_WANTS_PLANS | LK_WANTS_SCHEMAS)

/*
 * lk_markdown returns the comment. What does not fit is left out as a whole, and the comment says
 * so: findings by their severity, then what comes behind them; the verdict is always there.
 */
char *lk_markdown(TALLOC_CTX *mem, const struct lk_lint_report *report,
                  const struct lk_markdown_options *options);

#endif
