/*
 * cli/report_text.c
 *     Text for people: a line that names the place, the source with a caret, what to do.
 */
#include "cli/lint_files.h"
#include "cli/options.h"
#include "cli/paint.h"
#include "cli/plan_text.h"
#include "cli/report.h"
#include "parser/base/buf.h"
#include "parser/highlight.h"
#include "rules/registry.h"

#define LINE_SHOWN 160 /* bytes of a source line at most; the finding begins within */
#define LINE_BEFORE 40 /* of these, what comes before it */

static void
print_heading(FILE *stream, const struct lk_finding *finding)
{
    fprintf(stream, "%s%s:%u:%u:%s %s%s%s: %s", lk_paint(LK_PAINT_BOLD), finding->path,
            finding->start.line, finding->start.column, lk_paint_end(),
            lk_paint(lk_paint_severity(finding->severity)), lk_severity_name(finding->severity),
            lk_paint_end(), lk_paint(LK_PAINT_BOLD));
    lk_put_text(stream, finding->message, strlen(finding->message));
    fprintf(stream, "%s %s[%s]%s\n", lk_paint_end(), lk_paint(LK_PAINT_FRAME), finding->rule->name,
            lk_paint_end());
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

/* border returns the next offset at or behind `at` where a character begins. */
static size_t
border(const char *line, size_t at)
{
    while ((line[at] & 0xC0) == 0x80)
        at++;
    return at;
}

/* print_line prints a part of a line of SQL, in colours if there is a highlighter. */
static void
print_line(FILE *stream, const struct lk_highlighter *highlighter, const char *line, size_t from,
           size_t to)
{
    static const enum lk_paint paints[LK_HIGHLIGHT_COUNT] = {
        [LK_HIGHLIGHT_KEYWORD] = LK_PAINT_KEYWORD,   [LK_HIGHLIGHT_TYPE] = LK_PAINT_TYPE,
        [LK_HIGHLIGHT_FUNCTION] = LK_PAINT_FUNCTION, [LK_HIGHLIGHT_STRING] = LK_PAINT_STRING,
        [LK_HIGHLIGHT_NUMBER] = LK_PAINT_NUMBER,     [LK_HIGHLIGHT_COMMENT] = LK_PAINT_COMMENT,
    };

    if (highlighter == NULL) {
        lk_put_text(stream, line + from, to - from);
        return;
    }
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    const uint8_t *classes = lk_highlight(scratch, highlighter, line);
    for (size_t next; from < to; from = next) {
        for (next = from + 1; next < to && classes[next] == classes[from];)
            next++;
        bool plain = classes[from] == LK_HIGHLIGHT_NONE;
        fputs(plain ? "" : lk_paint(paints[classes[from]]), stream);
        lk_put_text(stream, line + from, next - from);
        fputs(plain ? "" : lk_paint_end(), stream);
    }
}

/* print_source shows the line with what the finding is about underlined, or the part around it. */
static void
print_source(FILE *stream, const struct lk_highlighter *highlighter,
             const struct lk_finding *finding)
{
    const char *line = finding->excerpt;
    char number[16];

    if (line == NULL || line[0] == '\0')
        return;
    snprintf(number, sizeof(number), "%u", finding->start.line);
    int width = (int)strlen(number);
    size_t length = strlen(line);
    uint32_t left = finding->excerpt_column - 1; /* columns that the excerpt leaves out */
    size_t start = column_offset(line, finding->start.column - left);
    size_t end = finding->end.line == finding->start.line
                     ? column_offset(line, finding->end.column - left + 1)
                     : length;
    bool cut = length > LINE_SHOWN;
    size_t from = cut && start > LINE_BEFORE ? border(line, start - LINE_BEFORE) : 0;
    size_t to = cut && length - from > LINE_SHOWN ? border(line, from + LINE_SHOWN) : length;
    bool more = finding->end.line > finding->start.line || end > to;
    end = LK_MIN(end, to);
    end = LK_MAX(end, start);
    size_t marks = LK_MAX(lk_width(line + start, end - start), 1);
    const char *frame = lk_paint(LK_PAINT_FRAME), *plain = lk_paint_end();

    fprintf(stream, "%s%*s |%s\n", frame, width + 1, "", plain);
    fprintf(stream, "%s %s |%s %s", frame, number, plain, from > 0 || left > 0 ? "..." : "");
    print_line(stream, highlighter, line, from, to);
    fprintf(stream, "%s\n", to < length ? "..." : "");
    fprintf(stream, "%s%*s |%s %s", frame, width + 1, "", plain, from > 0 || left > 0 ? "   " : "");
    print_blank(stream, line + from, start - from);
    fputs(lk_paint(lk_paint_severity(finding->severity)), stream);
    for (size_t i = 0; i < marks; i++)
        fputc('^', stream);
    fprintf(stream, "%s%s\n", more ? "..." : "", plain);
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
        fputs(several ? "         " : "", stream);
        lk_put_text(stream, at, length);
        fputc('\n', stream);
        at += length + (at[length] == '\n');
    }
}

static void
print_finding(FILE *stream, const struct lk_highlighter *highlighter,
              const struct lk_finding *finding)
{
    print_heading(stream, finding);
    print_source(stream, highlighter, finding);
    if (finding->detail != NULL)
        print_note(stream, "note", finding->detail);
    if (finding->hint != NULL)
        print_note(stream, "help", finding->hint);
    fputc('\n', stream);
}

static void
print_summary(FILE *stream, const struct lk_lint_report *report)
{
    struct lk_buf counts = lk_buf_init(NULL);

    lk_count_words(&counts, report->counts);
    if (report->suppressed > 0)
        lk_buf_addf(&counts, " (%zu suppressed)", report->suppressed);
    fprintf(stream, "%s in %zu statement%s of %zu file%s%s%s%s\n", counts.data, report->statements,
            report->statements == 1 ? "" : "s", report->files, report->files == 1 ? "" : "s",
            report->naming[0] != '\0' ? " (naming: " : "", report->naming,
            report->naming[0] != '\0' ? ")" : "");
    if (report->left_out > 0)
        fprintf(stream, "%zu more finding%s left out (--max-findings)\n", report->left_out,
                report->left_out == 1 ? "" : "s");
    talloc_free(counts.data);
}

static void
report_lint(FILE *stream, const struct lk_lint_report *report)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    struct lk_highlighter *highlighter =
        lk_painting() && report->findings.items.count > 0 ? lk_highlighter_new(scratch) : NULL;
    size_t shown = 0;

    lk_vec_foreach(finding, &report->findings.items) {
        if (finding->suppressed)
            continue;
        print_finding(stream, highlighter, finding);
        shown++;
    }
    if ((shown > 0 || lk_options.verbose) && !lk_options.quiet)
        print_summary(stream, report);
}

/* ---- fixes ---- */

static void
report_fix(FILE *stream, const struct lk_fix_report *report)
{
    size_t fixed = 0;

    lk_vec_foreach(file, &report->files) {
        const char *former = (*file)->former;
        if (former == NULL)
            fprintf(stream, "%s: new\n", (*file)->path);
        else if (strcmp(former, (*file)->path) != 0)
            fprintf(stream, "%s: renamed to %s\n", former, (*file)->path);
        lk_vec_foreach(note, &(*file)->notes)
            fprintf(stream, "%s:%u: fixed: %s [%s]\n", former != NULL ? former : (*file)->path,
                    note->line, note->message, note->rule->name);
        fixed += (*file)->notes.count;
    }
    if (lk_options.quiet)
        return;
    if (fixed == 0)
        fputs("nothing to fix", stream);
    else
        fprintf(stream, "%zu finding%s fixed in %zu file%s", fixed, fixed == 1 ? "" : "s",
                report->files.count, report->files.count == 1 ? "" : "s");
    if (report->left_out > 0)
        fprintf(stream, "; %zu more need%s --unsafe", report->left_out,
                report->left_out == 1 ? "s" : "");
    fputc('\n', stream);
}

/* ---- plans ---- */

static void
report_plan(FILE *stream, const struct lk_plan *plan)
{
    size_t count = plan->migrations.count;

    lk_plan_print(stream, plan);
    if (lk_options.quiet)
        return;
    bool backwards = count > 0 && plan->migrations.items[0].undoes != 0;
    fprintf(stream, "%s%zu migration%s %s%s%s; plan %.12s\n", count > 0 ? "\n" : "", count,
            count == 1 ? "" : "s", backwards ? "to be rolled back" : "pending",
            plan->database != NULL ? " on " : "",
            plan->database != NULL ? plan->database : " (without a database, all are)",
            plan->sha256);
}

/* ---- runs ---- */

static void
report_run(FILE *stream, const struct lk_run_result *result)
{
    lk_vec_foreach(skipped, &result->skipped)
        fprintf(stream, "skipped %s: another run has brought it to \"%s\" meanwhile\n",
                skipped->migration->script, lk_state_word(skipped->state));
    if (lk_options.quiet || !result->success)
        return;
    fprintf(stream, "%s on %s", result->message, result->database);
    if (result->final_version != NULL)
        fprintf(stream, ", at version %s", result->final_version);
    fputc('\n', stream);
}

/* ---- status ---- */

static enum lk_paint
paint_state(enum lk_state state)
{
    if (lk_state_disagrees(state) || state == LK_STATE_FAILED)
        return LK_PAINT_ERROR;
    if (state == LK_STATE_PENDING || state == LK_STATE_OUTDATED || state == LK_STATE_RUNNING)
        return LK_PAINT_WARNING;
    return LK_PAINT_GOOD;
}

/* print_indented prints what somebody has said of a migration, below its line. */
static void
print_indented(FILE *stream, const char *text)
{
    fputs("              ", stream);
    lk_put_text(stream, text, strcspn(text, "\n"));
    fputc('\n', stream);
}

static void
report_status(FILE *stream, const struct lk_status *status)
{
    int widest = 7;
    struct lk_buf counts = lk_buf_init(NULL);

    lk_vec_foreach(item, &status->items)
        if (item->version != NULL)
            widest = LK_MAX(widest, (int)strlen(item->version));
    lk_vec_foreach(item, &status->items) {
        fprintf(stream, "%s%-12s%s  %-*s  %s", lk_paint(paint_state(item->state)),
                lk_state_word(item->state), lk_paint_end(), widest,
                item->version != NULL ? item->version : "", item->description);
        if (item->ignored)
            fprintf(stream, "  %s(ignored)%s", lk_paint(LK_PAINT_FRAME), lk_paint_end());
        if (item->row != NULL && item->row->when != NULL && item->row->status != LK_HISTORY_UNDONE)
            fprintf(stream, "  %s%s%s", lk_paint(LK_PAINT_FRAME), item->row->when, lk_paint_end());
        fputc('\n', stream);
        if (item->state == LK_STATE_FAILED && lk_history_is_half(item->row))
            fprintf(stream, "              %d of %d statements are done\n",
                    item->row->statements_done, item->row->statements_total);
        if (item->state == LK_STATE_FAILED && item->row->error != NULL)
            print_indented(stream, item->row->error);
        if (item->row != NULL && item->row->reason != NULL)
            print_indented(stream, item->row->reason);
    }
    for (enum lk_state state = 0; state < LK_STATE_COUNT; state++) {
        if (status->counts[state] == 0)
            continue;
        lk_buf_sep(&counts, ", ");
        lk_buf_addf(&counts, "%zu %s", status->counts[state], lk_state_word(state));
    }
    if (!lk_options.quiet)
        fprintf(stream, "%s%s: %s\n", status->items.count > 0 ? "\n" : "",
                status->database != NULL ? status->database : "no database",
                counts.len > 0 ? counts.data : "no migrations");
    if (status->at_work != NULL && !lk_options.quiet)
        fprintf(stream, "another run is at work: %s\n", status->at_work);
    talloc_free(counts.data);
}

/* ---- operations on the history ---- */

static void
report_operation(FILE *stream, const struct lk_operation_report *report)
{
    size_t count = report->operated->changes.items.count;

    lk_vec_foreach(change, &report->operated->changes.items) {
        fprintf(stream, "%s%s%s ", lk_paint(LK_PAINT_GOOD), lk_change_word(change->kind),
                lk_paint_end());
        const char *name = change->kind == LK_CHANGE_BASELINE ? change->version : change->script;
        lk_put_text(stream, name, strlen(name));
        fprintf(stream, ": %s\n", lk_change_meaning(change->kind));
        if (change->entry.reason != NULL)
            print_indented(stream, change->entry.reason);
    }
    if (lk_options.quiet)
        return;
    if (report->operated->changes.from != NULL)
        fprintf(stream, "from %s%s%s: ", report->operated->changes.from,
                report->operated->changes.from_table != NULL ? ", " : "",
                report->operated->changes.from_table != NULL ? report->operated->changes.from_table
                                                             : "");
    if (count == 0)
        fprintf(stream, "nothing to do on %s\n", report->database);
    else
        fprintf(stream, "%zu change%s %s the history of %s\n", count, count == 1 ? "" : "s",
                report->dry_run ? "would be made to" : "to", report->database);
}

/* ---- runs ---- */

static void
report_runs(FILE *stream, const struct lk_history_runs *runs)
{
    lk_vec_foreach(run, &runs->items) {
        const char *outcome = run->outcome != NULL ? run->outcome : "not ended";
        bool good = strcmp(outcome, "success") == 0;
        fprintf(stream, "%6lld  %s  %s%-11s%s  %-8s  %lld migration%s  by %s on %s, build %s\n",
                (long long)run->id, run->started, lk_paint(good ? LK_PAINT_GOOD : LK_PAINT_ERROR),
                outcome, lk_paint_end(), run->command, (long long)run->migrations,
                run->migrations == 1 ? "" : "s", run->who, run->host, run->build_number);
        for (const char *at = run->log; at != NULL && *at != '\0';) {
            size_t length = strcspn(at, "\n");
            fputs("        ", stream);
            lk_put_text(stream, at, length);
            fputc('\n', stream);
            at += length + (at[length] == '\n');
        }
    }
    if (runs->items.count == 0 && !lk_options.quiet)
        fputs("no runs\n", stream);
}

const struct lk_reporter lk_reporter_text = {
    .name = "text",
    .summary = "for people",
    .lint = report_lint,
    .fix = report_fix,
    .plan = report_plan,
    .run = report_run,
    .status = report_status,
    .operation = report_operation,
    .runs = report_runs,
};
