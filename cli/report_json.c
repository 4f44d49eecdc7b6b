/*
 * cli/report_json.c
 *     JSON: one document a run.
 */
#include <jansson.h>

#include "cli/report.h"
#include "cli/version.h"
#include "parser/pgparse.h"
#include "rules/registry.h"

/* text returns a string, or null for NULL; what is not UTF-8 (it cannot be) becomes null. */
static json_t *
text(const char *value)
{
    json_t *string = value == NULL ? json_null() : json_string(value);

    return string != NULL ? string : json_null();
}

/* print writes a document and releases it. */
static void
print(FILE *stream, json_t *document)
{
    if (document == NULL)
        LK_BUG("out of memory");
    json_dumpf(document, stream, JSON_INDENT(2));
    fputc('\n', stream);
    json_decref(document);
}

static json_t *
objects_of(const struct lk_finding *finding)
{
    json_t *objects = json_array();

    lk_vec_foreach(object, &finding->objects)
        json_array_append_new(objects, text(*object));
    return objects;
}

static json_t *
statement_of(const struct lk_finding *finding)
{
    if (finding->statement == 0)
        return json_null();
    return json_pack("{s:i,s:o}", "index", (int)finding->statement, "kind", text(finding->kind));
}

static json_t *
finding_of(const struct lk_finding *finding)
{
    return json_pack(
        "{s:s,s:s,s:o,s:i,s:i,s:i,s:i,s:o,s:o,s:o,s:o,s:o,s:n}", "rule", finding->rule->name,
        "severity", lk_severity_name(finding->severity), "file", text(finding->path), "line",
        (int)finding->start.line, "column", (int)finding->start.column, "end_line",
        (int)finding->end.line, "end_column", (int)finding->end.column, "message",
        text(finding->message), "detail", text(finding->detail), "hint", text(finding->hint),
        "statement", statement_of(finding), "objects", objects_of(finding), "fix");
}

static json_t *
tool_of(void)
{
    return json_pack("{s:s,s:s,s:s}", "name", "lockkeeper", "version", LK_VERSION, "grammar",
                     lk_grammar_version());
}

static void
report_lint(FILE *stream, const struct lk_lint_report *report)
{
    json_t *findings = json_array();

    lk_vec_foreach(finding, &report->findings.items)
        if (!finding->suppressed)
            json_array_append_new(findings, finding_of(finding));
    json_t *summary = json_pack(
        "{s:I,s:I,s:I,s:I,s:I,s:I,s:f}", "files", (json_int_t)report->files, "statements",
        (json_int_t)report->statements, "errors",
        (json_int_t)report->counts[LK_SEVERITY_ERROR], "warnings",
        (json_int_t)report->counts[LK_SEVERITY_WARNING], "infos",
        (json_int_t)report->counts[LK_SEVERITY_INFO], "suppressed",
        (json_int_t)report->suppressed, "duration_ms", report->duration_ms);
    print(stream, json_pack("{s:o,s:o,s:o}", "tool", tool_of(), "summary", summary, "findings",
                            findings));
}

const struct lk_reporter lk_reporter_json = {
    .name = "json",
    .summary = "for programs",
    .lint = report_lint,
};
