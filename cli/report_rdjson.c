/*
 * cli/report_rdjson.c
 *     reviewdog's diagnostic format. Source: reviewdog, proto/rdf/reviewdog.proto: columns count
 *     bytes of UTF-8 from 1, and ends are behind what they end.
 */
#include "cli/finding_text.h"
#include "cli/json_text.h"
#include "cli/places.h"
#include "cli/report.h"
#include "rules/fix.h"
#include "rules/rule.h"

static const char *
severity_of(enum lk_severity severity)
{
    switch (severity) {
    case LK_SEVERITY_ERROR:
        return "ERROR";
    case LK_SEVERITY_WARNING:
        return "WARNING";
    default:
        return "INFO";
    }
}

static json_t *
range_of(uint32_t line, uint32_t column, uint32_t end_line, uint32_t end_column)
{
    return json_pack("{s:{s:i,s:i},s:{s:i,s:i}}", "start", "line", (int)line, "column", (int)column,
                     "end", "line", (int)end_line, "column", (int)end_column);
}

/*
 * suggestions_of returns the edit of a fix; none where it is only a part: whoever takes one
 * suggestion need not take another.
 */
static json_t *
suggestions_of(const struct lk_finding *finding)
{
    const struct lk_fix *fix = lk_finding_fix_shown(finding);
    json_t *suggestions = json_array();

    if (fix == NULL || fix->files.count > 0 || fix->rename != NULL || fix->edits.count != 1)
        return suggestions;
    const struct lk_edit *edit = &fix->edits.items[0];
    json_array_append_new(suggestions, json_pack("{s:o,s:o}", "range",
                                                 range_of(edit->start.line, edit->start_byte,
                                                          edit->end.line, edit->end_byte),
                                                 "text", lk_json_text(edit->text)));
    return suggestions;
}

static json_t *
diagnostic_of(TALLOC_CTX *mem, const struct lk_lint_report *report,
              const struct lk_finding *finding)
{
    json_t *location =
        json_pack("{s:o}", "path", lk_json_text(lk_root_path(mem, report->root, finding->path)));
    json_t *suggestions = suggestions_of(finding);

    json_object_set_new(location, "range",
                        lk_finding_is_whole(finding)
                            ? json_pack("{s:{s:i}}", "start", "line", 1)
                            : range_of(finding->start.line, finding->start_byte, finding->end.line,
                                       finding->end_byte));
    json_t *diagnostic =
        json_pack("{s:o,s:o,s:s,s:{s:s}}", "message",
                  lk_json_text(lk_finding_text(mem, finding, LK_CLEAN_UTF8)), "location", location,
                  "severity", severity_of(finding->severity), "code", "value", finding->rule->name);
    if (json_array_size(suggestions) > 0)
        json_object_set(diagnostic, "suggestions", suggestions);
    json_decref(suggestions);
    return diagnostic;
}

static void
report_lint(FILE *stream, const struct lk_lint_report *report)
{
    const char *before = "\n";

    fputs("{\"source\": {\"name\": \"lockkeeper\"},\n \"diagnostics\": [", stream);
    lk_vec_foreach(finding, &report->findings.items) {
        TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
        if (finding->suppressed)
            continue;
        lk_json_put(stream, before, diagnostic_of(scratch, report, finding));
        before = ",\n";
    }
    fputs("]}\n", stream);
}

const struct lk_reporter lk_reporter_rdjson = {
    .name = "rdjson",
    .summary = "reviewdog's diagnostic format, with fixes as suggestions",
    .wants = LK_WANTS_ROOT | LK_WANTS_QUOTES,
    .lint = report_lint,
};
