/*
 * cli/report_markdown.c
 *     Markdown: the comment on a pull request.
 */
#include "cli/markdown.h"
#include "cli/options.h"
#include "cli/report.h"

static void
report_lint(FILE *stream, const struct lk_lint_report *report)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    const struct lk_markdown_options options = {
        .mark = "<!-- lockkeeper:report -->",
        .limit =
            lk_options.max_characters > 0 ? (size_t)lk_options.max_characters : LK_MARKDOWN_GITHUB,
        .html = true,
    };

    fputs(lk_markdown(scratch, report, &options), stream);
}

const struct lk_reporter lk_reporter_markdown = {
    .name = "markdown",
    .summary = "the comment on a pull request",
    .wants = LK_MARKDOWN_WANTS,
    .lint = report_lint,
};
