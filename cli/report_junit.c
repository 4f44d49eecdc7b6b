/*
 * cli/report_junit.c
 *     JUnit's XML, for AWS CodeBuild's test reports and Jenkins. Each file is a suite; each finding
 * a test, which fails where the run fails for it; a file without any is one test, which passes.
 *     Source: the schema of Jenkins' xUnit plugin; AWS CodeBuild User Guide, "Test reports".
 */
#include "cli/finding_text.h"
#include "cli/lint_files.h"
#include "cli/xml.h"
#include "rules/rule.h"

static bool
fails(const struct lk_lint_report *report, const struct lk_finding *finding)
{
    return !finding->suppressed && report->fail_on != LK_SEVERITY_OFF &&
           finding->severity >= report->fail_on;
}

static void
start_case(struct lk_xml *xml, const char *path, const char *name)
{
    lk_xml_open(xml, "testcase");
    lk_xml_attribute(xml, "classname", path);
    lk_xml_attribute(xml, "name", name);
    lk_xml_attribute(xml, "time", "0");
}

static void
write_finding(struct lk_xml *xml, const struct lk_lint_report *report,
              const struct lk_lint_file *file, const struct lk_finding *finding)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    char *text = lk_fmt(scratch, "%s:%u:%u: %s: %s\n", file->shown, finding->start.line,
                        finding->start.column, lk_severity_name(finding->severity),
                        lk_finding_text(scratch, finding, LK_CLEAN_XML));

    start_case(xml, file->shown,
               lk_fmt(scratch, "%s, line %u, column %u", finding->rule->name, finding->start.line,
                      finding->start.column));
    if (finding->suppressed) {
        lk_xml_open(xml, "skipped");
        lk_xml_attribute(xml, "message", finding->reason != NULL ? finding->reason : "suppressed");
        lk_xml_close(xml);
    } else if (fails(report, finding)) {
        lk_xml_open(xml, "failure");
        lk_xml_attribute(xml, "type", finding->rule->name);
        lk_xml_attribute(xml, "message", finding->message);
        lk_xml_text(xml, text);
        lk_xml_close(xml);
    } else {
        lk_xml_open(xml, "system-out");
        lk_xml_text(xml, text);
        lk_xml_close(xml);
    }
    lk_xml_close(xml);
}

/* add_counts adds how many tests of a file there are, and how many failed and were skipped. */
static void
add_counts(const struct lk_lint_report *report, const struct lk_lint_file *file, size_t counts[3])
{
    counts[0] += LK_MAX(file->findings.count, 1u);
    lk_vec_foreach(finding, &file->findings) {
        counts[1] += fails(report, *finding);
        counts[2] += (*finding)->suppressed;
    }
}

static void
write_suite(struct lk_xml *xml, const struct lk_lint_report *report,
            const struct lk_lint_file *file)
{
    size_t counts[3] = {0};

    add_counts(report, file, counts);
    lk_xml_open(xml, "testsuite");
    lk_xml_attribute(xml, "name", file->shown);
    lk_xml_number(xml, "tests", counts[0]);
    lk_xml_number(xml, "failures", counts[1]);
    lk_xml_number(xml, "errors", 0);
    lk_xml_number(xml, "skipped", counts[2]);
    lk_xml_attribute(xml, "time", "0");
    if (file->findings.count == 0) {
        start_case(xml, file->shown, "no findings");
        lk_xml_close(xml);
    }
    lk_vec_foreach(finding, &file->findings)
        write_finding(xml, report, file, *finding);
    lk_xml_close(xml);
}

static void
report_lint(FILE *stream, const struct lk_lint_report *report)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    struct lk_lint_files files = lk_lint_files_of(scratch, report);
    struct lk_xml *xml = lk_xml_start();
    size_t counts[3] = {0};

    lk_vec_foreach(file, &files.items)
        add_counts(report, file, counts);
    lk_xml_open(xml, "testsuites");
    lk_xml_attribute(xml, "name", "lockkeeper lint");
    lk_xml_number(xml, "tests", counts[0]);
    lk_xml_number(xml, "failures", counts[1]);
    lk_xml_number(xml, "errors", 0);
    lk_xml_attribute(xml, "time", "0");
    lk_vec_foreach(file, &files.items)
        write_suite(xml, report, file);
    lk_xml_close(xml);
    lk_xml_end(xml, stream);
}

const struct lk_reporter lk_reporter_junit = {
    .name = "junit",
    .summary = "JUnit's XML, for AWS CodeBuild and Jenkins",
    .wants = LK_WANTS_ROOT,
    .prepare = lk_xml_load,
    .lint = report_lint,
};
