/*
 * cli/report_github.c
 *     GitHub's workflow commands, which it shows as annotations, and the summary of the job.
 * Source: GitHub documentation, "Workflow commands for GitHub Actions"; actions/toolkit,
 *     packages/core/src/command.ts, for what is escaped.
 */
#include <errno.h>

#include "cli/complain.h"
#include "cli/finding_text.h"
#include "cli/markdown.h"
#include "cli/places.h"
#include "rules/rule.h"

#define SUMMARY_CHARACTERS 250000 /* of four bytes each, the MiB that a step may write */

/* put_escaped writes a value; one of a property ends at a colon or comma that is not escaped. */
static void
put_escaped(FILE *stream, const char *value, bool property)
{
    for (; *value != '\0'; value++)
        if (strchr(property ? "%\r\n:," : "%\r\n", *value) != NULL)
            fprintf(stream, "%%%02X", (unsigned)(unsigned char)*value);
        else
            fputc(*value, stream);
}

static void
put_property(FILE *stream, const char *name, const char *value)
{
    fprintf(stream, "%s=", name);
    put_escaped(stream, value, true);
}

static const char *
command_of(enum lk_severity severity)
{
    switch (severity) {
    case LK_SEVERITY_ERROR:
        return "error";
    case LK_SEVERITY_WARNING:
        return "warning";
    default:
        return "notice";
    }
}

static void
write_finding(FILE *stream, const struct lk_lint_report *report, const struct lk_finding *finding)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    const char *path = lk_root_path(scratch, report->root, finding->path);

    fprintf(stream, "::%s ", command_of(finding->severity));
    put_property(stream, "file", lk_clean(scratch, path, LK_CLEAN_UTF8));
    fprintf(stream, ",line=%u,endLine=%u", finding->start.line, finding->end.line);
    if (finding->start.line == finding->end.line && !lk_finding_is_whole(finding))
        fprintf(stream, ",col=%u,endColumn=%u", finding->start.column, finding->end.column);
    fputc(',', stream);
    put_property(stream, "title", finding->rule->name);
    fputs("::", stream);
    put_escaped(stream, lk_finding_text(scratch, finding, LK_CLEAN_SHOWN), false);
    fputc('\n', stream);
}

/* write_summary adds the comment on a pull request to the summary of the job. */
static void
write_summary(const char *path, const struct lk_lint_report *report)
{
    const struct lk_markdown_options options = {.limit = SUMMARY_CHARACTERS, .html = true};
    char *text = lk_markdown(NULL, report, &options);
    FILE *summary = fopen(path, "ae"); /* others write there, too */
    bool written = summary != NULL && fputs(text, summary) >= 0;

    written &= summary != NULL && fclose(summary) == 0;
    if (!written) {
        struct lk_error err = {0};
        lk_fail(&err, LK_ERR_INPUT, "cannot write the summary to %s: %s", path, strerror(errno));
        lk_warn(&err);
        lk_error_clear(&err);
    }
    talloc_free(text);
}

static void
report_lint(FILE *stream, const struct lk_lint_report *report)
{
    const char *summary = getenv("GITHUB_STEP_SUMMARY");

    lk_vec_foreach(finding, &report->findings.items)
        if (!finding->suppressed)
            write_finding(stream, report, finding);
    if (summary != NULL && summary[0] != '\0')
        write_summary(summary, report);
}

const struct lk_reporter lk_reporter_github = {
    .name = "github",
    .summary = "annotations of GitHub Actions; into $GITHUB_STEP_SUMMARY, what markdown has",
    .wants = LK_MARKDOWN_WANTS,
    .lint = report_lint,
};
