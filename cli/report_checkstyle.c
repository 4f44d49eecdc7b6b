/*
 * cli/report_checkstyle.c
 *     Checkstyle's XML, which many tools read. Source: Checkstyle, XMLLogger.
 */
#include "cli/finding_text.h"
#include "cli/lint_files.h"
#include "cli/xml.h"
#include "rules/rule.h"

static void
write_finding(struct lk_xml *xml, const struct lk_finding *finding)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);

    lk_xml_open(xml, "error");
    lk_xml_number(xml, "line", LK_MAX(finding->start.line, 1u));
    lk_xml_number(xml, "column", LK_MAX(finding->start.column, 1u));
    lk_xml_attribute(xml, "severity", lk_severity_name(finding->severity));
    lk_xml_attribute(xml, "message", lk_finding_text(scratch, finding, LK_CLEAN_XML));
    lk_xml_attribute(xml, "source", lk_fmt(scratch, "lockkeeper.%s", finding->rule->name));
    lk_xml_close(xml);
}

static void
report_lint(FILE *stream, const struct lk_lint_report *report)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    struct lk_lint_files files = lk_lint_files_of(scratch, report);
    struct lk_xml *xml = lk_xml_start();

    lk_xml_open(xml, "checkstyle");
    lk_xml_attribute(xml, "version", "10.0");
    lk_vec_foreach(file, &files.items) {
        lk_xml_open(xml, "file");
        lk_xml_attribute(xml, "name", file->shown);
        lk_vec_foreach(finding, &file->findings)
            if (!(*finding)->suppressed)
                write_finding(xml, *finding);
        lk_xml_close(xml);
    }
    lk_xml_close(xml);
    lk_xml_end(xml, stream);
}

const struct lk_reporter lk_reporter_checkstyle = {
    .name = "checkstyle",
    .summary = "Checkstyle's XML",
    .wants = LK_WANTS_ROOT,
    .prepare = lk_xml_load,
    .lint = report_lint,
};
