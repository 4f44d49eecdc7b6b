/*
 * cli/report_html.c
 *     HTML: one page that needs nothing else, for people who were not there.
 */
#include "cli/html.h"
#include "cli/version.h"

static void
put_head(struct lk_buf *page)
{
    lk_buf_add(page, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                     "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                     "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                     "style-src 'unsafe-inline'\">\n<title>Lockkeeper</title>\n<style>\n");
    lk_buf_add(page, lk_html_style);
    lk_buf_add(page, "</style>\n</head>\n<body>\n");
}

static void
put_verdict(struct lk_buf *page, const struct lk_lint_report *report,
            const struct lk_lint_files *files)
{
    bool failed = lk_findings_fail(&report->findings, report->fail_on);
    size_t count = files->items.count;
    bool any = false;

    for (enum lk_severity severity = LK_SEVERITY_OFF; severity < LK_SEVERITY_COUNT; severity++)
        any |= report->counts[severity] > 0;
    lk_buf_addf(page, "<header class=\"verdict%s\">\n<h1>",
                failed ? " failed"
                : any  ? " some"
                       : "");
    lk_count_words(page, report->counts);
    lk_buf_addf(page,
                "</h1>\n<p class=\"quiet\">%zu file%s checked, %zu with %zu statement%s replayed",
                count, count == 1 ? "" : "s", report->files, report->statements,
                report->statements == 1 ? "" : "s");
    if (report->suppressed > 0)
        lk_buf_addf(page, ", %zu finding%s suppressed", report->suppressed,
                    report->suppressed == 1 ? "" : "s");
    if (report->left_out > 0)
        lk_buf_addf(page, ", %zu more left out", report->left_out);
    lk_buf_addf(page, "</p>\n%s</header>\n",
                failed ? "<p>This must not be applied as it is.</p>\n" : "");
}

static void
report_lint(FILE *stream, const struct lk_lint_report *report)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    struct lk_lint_files files = lk_lint_files_of(scratch, report);
    struct lk_buf page = lk_buf_init(scratch);

    put_head(&page);
    put_verdict(&page, report, &files);
    lk_html_findings(&page, report, &files);
    lk_html_timelines(&page, report);
    lk_vec_foreach(history, &report->histories)
        lk_html_schema(&page, history);
    lk_buf_addf(&page,
                "<footer>lockkeeper %s; <code>lockkeeper explain RULE</code> says why a rule is "
                "there.</footer>\n</body>\n</html>\n",
                LK_VERSION);
    fwrite(page.data, 1, page.len, stream);
}

const struct lk_reporter lk_reporter_html = {
    .name = "html",
    .summary = "one page with findings, locks over time and the schema; needs no network",
    .wants = LK_WANTS_ROOT | LK_WANTS_QUOTES | LK_WANTS_PLANS | LK_WANTS_SCHEMAS,
    .lint = report_lint,
};
