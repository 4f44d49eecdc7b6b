/*
 * cli/report_text.c
 *     Text for people: a line that names the place, the source with a caret, what to do.
 */
#include "cli/options.h"
#include "cli/paint.h"
#include "cli/report.h"
#include "parser/base/buf.h"
#include "rules/registry.h"

static void
print_heading(FILE *stream, const struct lk_finding *finding)
{
    fprintf(stream, "%s%s:%u:%u:%s %s%s%s: %s%s%s %s[%s]%s\n", lk_paint(LK_PAINT_BOLD),
            finding->path, finding->start.line, finding->start.column, lk_paint_end(),
            lk_paint(lk_paint_severity(finding->severity)), lk_severity_name(finding->severity),
            lk_paint_end(), lk_paint(LK_PAINT_BOLD), finding->message, lk_paint_end(),
            lk_paint(LK_PAINT_FRAME), finding->rule->name, lk_paint_end());
}

/* column_offset returns the byte offset of a 1-based column (code points) of a line. */
static size_t
column_offset(const char *line, uint32_t column)
{
    size_t at = 0;

    for (uint32_t seen = 1; line[at] != '\0' && seen < column; seen++)
        do
            at++;
        while ((line[at] & 0xC0) == 0x80);
    return at;
}

/* print_blank prints as much white space as `length` bytes of the line take; tabs stay tabs. */
static void
print_blank(FILE *stream, const char *line, size_t length)
{
    for (size_t at = 0; at < length;) {
        size_t next = at + 1;
        while (next < length && (line[next] & 0xC0) == 0x80)
            next++;
        if (line[at] == '\t')
            fputc('\t', stream);
        else
            fprintf(stream, "%*s", (int)lk_width(line + at, next - at), "");
        at = next;
    }
}

static void
print_source(FILE *stream, const struct lk_finding *finding)
{
    const char *line = finding->excerpt;
    char number[16];

    if (line == NULL || line[0] == '\0')
        return;
    snprintf(number, sizeof(number), "%u", finding->start.line);
    int width = (int)strlen(number);
    size_t start = column_offset(line, finding->start.column);
    size_t end = finding->end.line == finding->start.line
                     ? column_offset(line, finding->end.column + 1)
                     : strlen(line);
    size_t marks = LK_MAX(lk_width(line + start, LK_MAX(end, start) - start), 1);
    const char *frame = lk_paint(LK_PAINT_FRAME), *plain = lk_paint_end();

    fprintf(stream, "%s%*s |%s\n", frame, width + 1, "", plain);
    fprintf(stream, "%s %s |%s %s\n", frame, number, plain, line);
    fprintf(stream, "%s%*s |%s ", frame, width + 1, "", plain);
    print_blank(stream, line, start);
    fputs(lk_paint(lk_paint_severity(finding->severity)), stream);
    for (size_t i = 0; i < marks; i++)
        fputc('^', stream);
    fprintf(stream, "%s%s\n", finding->end.line > finding->start.line ? "..." : "", plain);
}

/* print_note prints a labelled text, its further lines indented below the first. */
static void
print_note(FILE *stream, const char *label, const char *text)
{
    const char *frame = lk_paint(LK_PAINT_FRAME), *plain = lk_paint_end();
    bool several = strchr(text, '\n') != NULL;

    fprintf(stream, "%s   = %s%s:%s", frame, plain, label, several ? "\n" : " ");
    for (const char *at = text; *at != '\0';) {
        size_t length = strcspn(at, "\n");
        fprintf(stream, "%s%.*s\n", several ? "         " : "", (int)length, at);
        at += length + (at[length] == '\n');
    }
}

static void
print_finding(FILE *stream, const struct lk_finding *finding)
{
    print_heading(stream, finding);
    print_source(stream, finding);
    if (finding->detail != NULL)
        print_note(stream, "note", finding->detail);
    if (finding->hint != NULL)
        print_note(stream, "help", finding->hint);
    fputc('\n', stream);
}

static void
add_count(struct lk_buf *buf, size_t count, const char *word)
{
    if (count == 0)
        return;
    lk_buf_sep(buf, ", ");
    lk_buf_addf(buf, "%zu %s%s", count, word, count == 1 ? "" : "s");
}

static void
print_summary(FILE *stream, const struct lk_lint_report *report)
{
    struct lk_buf counts = lk_buf_init(NULL);

    for (enum lk_severity severity = LK_SEVERITY_ERROR; severity > LK_SEVERITY_OFF; severity--)
        add_count(&counts, report->counts[severity], lk_severity_name(severity));
    if (counts.len == 0)
        lk_buf_add(&counts, "no findings");
    if (report->suppressed > 0)
        lk_buf_addf(&counts, " (%zu suppressed)", report->suppressed);
    fprintf(stream, "%s in %zu statement%s of %zu file%s%s%s%s\n", counts.data, report->statements,
            report->statements == 1 ? "" : "s", report->files, report->files == 1 ? "" : "s",
            report->naming[0] != '\0' ? " (naming: " : "", report->naming,
            report->naming[0] != '\0' ? ")" : "");
    if (report->left_out > 0)
        fprintf(stream, "%zu more findings are left out (--max-findings)\n", report->left_out);
    talloc_free(counts.data);
}

static void
report_lint(FILE *stream, const struct lk_lint_report *report)
{
    size_t shown = 0;

    lk_vec_foreach(finding, &report->findings.items) {
        if (finding->suppressed)
            continue;
        print_finding(stream, finding);
        shown++;
    }
    if ((shown > 0 || lk_options.verbose) && !lk_options.quiet)
        print_summary(stream, report);
}

const struct lk_reporter lk_reporter_text = {
    .name = "text",
    .summary = "for people",
    .lint = report_lint,
};
