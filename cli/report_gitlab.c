/*
 * cli/report_gitlab.c
 *     GitLab's Code Quality report. Source: GitLab documentation, "Code Quality report format".
 */
#include "cli/finding_text.h"
#include "cli/json_text.h"
#include "cli/places.h"
#include "cli/report.h"
#include "rules/rule.h"

static const char *
severity_of(enum lk_severity severity)
{
    switch (severity) {
    case LK_SEVERITY_ERROR:
        return "critical";
    case LK_SEVERITY_WARNING:
        return "major";
    default:
        return "info";
    }
}

static json_t *
issue_of(TALLOC_CTX *mem, const struct lk_lint_report *report, const struct lk_finding *finding)
{
    const char *path = lk_root_path(mem, report->root, finding->path);
    uint32_t begin = LK_MAX(finding->start.line, 1u);

    return json_pack("{s:s,s:o,s:s,s:{s:o},s:s,s:s,s:{s:o,s:{s:i,s:i}}}", "type", "issue",
                     "description", lk_json_text(finding->message), "check_name",
                     finding->rule->name, "content", "body",
                     lk_json_text(lk_finding_text(mem, finding, LK_CLEAN_UTF8)), "fingerprint",
                     finding->fingerprint, "severity", severity_of(finding->severity), "location",
                     "path", lk_json_text(path), "lines", "begin", (int)begin, "end",
                     (int)LK_MAX(finding->end.line, begin));
}

static void
report_lint(FILE *stream, const struct lk_lint_report *report)
{
    const char *before = "[\n";

    lk_vec_foreach(finding, &report->findings.items) {
        TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
        if (finding->suppressed)
            continue;
        lk_json_put(stream, before, issue_of(scratch, report, finding));
        before = ",\n";
    }
    fputs(before[0] == '[' ? "[]\n" : "]\n", stream);
}

const struct lk_reporter lk_reporter_gitlab = {
    .name = "gitlab",
    .summary = "GitLab's Code Quality report",
    .wants = LK_WANTS_ROOT | LK_WANTS_QUOTES,
    .lint = report_lint,
};
