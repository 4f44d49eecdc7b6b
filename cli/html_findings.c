/*
 * cli/html_findings.c
 *     The findings on the page: what each says, its SQL with the place marked, what to do.
 */
#include "cli/clean.h"
#include "cli/html.h"
#include "parser/highlight.h"
#include "rules/fix.h"
#include "rules/quote.h"

#define ROWS_SHOWN 40 /* lines of a statement */
#define SHOWN 3000    /* findings: more are no page any more */

/* SQL that is written, and what is marked in it. */
struct sample {
    struct lk_buf *page;
    const char *sql;
    const uint8_t *classes; /* of each byte; NULL: no colours */
    size_t from, to;        /* the bytes that are marked */
};

/* put_run writes a part of a line of which all bytes are of one class. */
static void
put_run(const struct sample *sample, size_t from, size_t to)
{
    static const char *const names[LK_HIGHLIGHT_COUNT] = {
        [LK_HIGHLIGHT_KEYWORD] = "k", [LK_HIGHLIGHT_TYPE] = "t",   [LK_HIGHLIGHT_FUNCTION] = "f",
        [LK_HIGHLIGHT_STRING] = "s",  [LK_HIGHLIGHT_NUMBER] = "n", [LK_HIGHLIGHT_COMMENT] = "c",
    };
    const char *name = sample->classes != NULL ? names[sample->classes[from]] : NULL;
    char *text = lk_strndup(sample->page->mem, sample->sql + from, to - from);

    if (name != NULL)
        lk_buf_addf(sample->page, "<span class=\"%s\">", name);
    lk_html_text(sample->page, text);
    lk_buf_add(sample->page, name != NULL ? "</span>" : "");
    talloc_free(text);
}

/* put_runs writes a part of a line, in colours. */
static void
put_runs(const struct sample *sample, size_t from, size_t to)
{
    for (size_t next; from < to; from = next) {
        next = from + 1;
        while (next < to &&
               (sample->classes == NULL ? true : sample->classes[next] == sample->classes[from]))
            next++;
        put_run(sample, from, next);
    }
}

/* put_line writes a line, what is marked of it between <mark> and </mark>. */
static void
put_line(const struct sample *sample, size_t from, size_t to)
{
    size_t start = LK_MAX(sample->from, from), end = LK_MIN(sample->to, to);

    start = LK_MIN(start, to);
    end = LK_MAX(end, start);
    put_runs(sample, from, start);
    if (end > start) {
        lk_buf_add(sample->page, "<mark>");
        put_runs(sample, start, end);
        lk_buf_add(sample->page, "</mark>");
    }
    put_runs(sample, end, to);
}

static void
put_sample(const struct sample *sample, uint32_t line, bool more)
{
    const char *sql = sample->sql;
    size_t rows = 0;

    lk_buf_add(sample->page, "<pre><code class=\"source\">");
    for (size_t at = 0; sql[at] != '\0' || rows == 0; rows++) {
        size_t length = strcspn(sql + at, "\n");
        if (rows == ROWS_SHOWN) {
            more = true;
            break;
        }
        lk_buf_addf(sample->page, "<span class=\"row\"><span class=\"number\">%zu</span>",
                    line + rows);
        put_line(sample, at, at + length);
        lk_buf_add(sample->page, "</span>");
        at += length + (sql[at + length] == '\n');
    }
    lk_buf_add(sample->page, more ? "<span class=\"row\">\xE2\x80\xA6</span>" : "");
    lk_buf_add(sample->page, "</code></pre>\n");
}

/* offset_of returns the byte of a text that starts at `line` and `column` of its file where a
 * position is; both count code points. */
static size_t
offset_of(const char *sql, uint32_t line, uint32_t column, struct lk_position position)
{
    size_t at = 0;

    while (sql[at] != '\0' && (line < position.line || column < position.column)) {
        bool end = sql[at] == '\n';
        do
            at++;
        while ((sql[at] & 0xC0) == 0x80);
        line += end;
        column = end ? 1 : column + 1;
        if (line > position.line)
            break;
    }
    return at;
}

/* put_statement writes the statement that a finding is about, or the line it is in. */
static void
put_statement(struct lk_buf *page, const struct lk_highlighter *highlighter,
              const struct lk_finding *finding)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    const struct lk_quote *quote = finding->quote;
    uint32_t line = quote != NULL ? quote->line : finding->start.line;
    uint32_t column = quote != NULL ? quote->column : finding->excerpt_column;
    struct sample sample = {.page = page, .sql = quote != NULL ? quote->sql : finding->excerpt};
    struct lk_position behind = {finding->end.line, finding->end.column + 1};

    if (sample.sql == NULL || sample.sql[0] == '\0')
        return;
    if (highlighter != NULL)
        sample.classes = lk_highlight(scratch, highlighter, sample.sql);
    sample.from = offset_of(sample.sql, line, column, finding->start);
    sample.to = offset_of(sample.sql, line, column, behind);
    if (sample.from == 0 && sample.to == strlen(sample.sql)) /* nothing stands out */
        sample.to = 0;
    put_sample(&sample, line, quote != NULL && quote->cut);
}

static void
put_finding(struct lk_buf *page, const struct lk_highlighter *highlighter,
            const struct lk_finding *finding)
{
    const struct lk_fix *fix = lk_finding_fix(finding);
    const char *severity = lk_severity_name(finding->severity);

    lk_buf_addf(page, "<div class=\"finding\"><p><span class=\"badge %s\">%s</span> ", severity,
                severity);
    lk_html_text(page, finding->message);
    lk_buf_addf(page, " <span class=\"quiet\">%s, line %u</span></p>\n", finding->rule->name,
                finding->start.line);
    put_statement(page, highlighter, finding);
    if (finding->detail != NULL) {
        lk_buf_add(page, "<p>");
        lk_html_text(page, finding->detail);
        lk_buf_add(page, "</p>\n");
    }
    if (finding->hint != NULL) {
        TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
        struct sample sample = {.page = page, .sql = finding->hint};
        if (highlighter != NULL)
            sample.classes = lk_highlight(scratch, highlighter, sample.sql);
        lk_buf_add(page, "<p class=\"quiet\">instead:</p>\n<pre><code>");
        put_runs(&sample, 0, strlen(sample.sql));
        lk_buf_add(page, "</code></pre>\n");
    }
    if (fix != NULL)
        lk_buf_addf(page,
                    "<p class=\"quiet\"><code>lockkeeper fix%s</code> writes it into the file."
                    "</p>\n",
                    fix->safe ? "" : " --unsafe");
    lk_buf_add(page, "</div>\n");
}

/* put_suppressed lists what was suppressed in a file, and why. */
static void
put_suppressed(struct lk_buf *page, const struct lk_lint_file *file)
{
    if (file->open == file->findings.count)
        return;
    lk_buf_add(page, "<ul class=\"quiet\">\n");
    lk_vec_foreach(finding, &file->findings) {
        if (!(*finding)->suppressed)
            continue;
        lk_buf_addf(page, "<li>suppressed in line %u: %s", (*finding)->start.line,
                    (*finding)->rule->name);
        if ((*finding)->reason != NULL) {
            lk_buf_add(page, ": ");
            lk_html_text(page, (*finding)->reason);
        }
        lk_buf_add(page, "</li>\n");
    }
    lk_buf_add(page, "</ul>\n");
}

static void
put_file(struct lk_buf *page, const struct lk_highlighter *highlighter,
         const struct lk_lint_file *file, size_t *shown)
{
    lk_buf_addf(page, "<details%s><summary><span class=\"file\">", file->open > 0 ? " open" : "");
    lk_html_text(page, file->shown);
    lk_buf_add(page, "</span> <span class=\"quiet\">");
    lk_count_words(page, file->counts);
    lk_buf_add(page, "</span></summary>\n");
    lk_vec_foreach(finding, &file->findings)
        if (!(*finding)->suppressed && (*shown)++ < SHOWN)
            put_finding(page, highlighter, *finding);
    put_suppressed(page, file);
    lk_buf_add(page, "</details>\n");
}

void
lk_html_findings(struct lk_buf *page, const struct lk_lint_report *report,
                 const struct lk_lint_files *files)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    const struct lk_highlighter *highlighter =
        report->findings.items.count > 0 ? lk_highlighter_new(scratch) : NULL;
    size_t clean = 0, shown = 0;

    lk_buf_add(page, "<h2>Findings</h2>\n");
    lk_vec_foreach(file, &files->items) {
        clean += file->findings.count == 0;
        if (file->findings.count > 0)
            put_file(page, highlighter, file, &shown);
    }
    if (shown > SHOWN)
        lk_buf_addf(page, "<p class=\"quiet\">%zu findings more are not shown.</p>\n",
                    shown - SHOWN);
    if (clean == 0)
        return;
    lk_buf_addf(page, "<details><summary>%zu file%s without findings</summary>\n<ul>\n", clean,
                clean == 1 ? "" : "s");
    lk_vec_foreach(file, &files->items) {
        if (file->findings.count > 0)
            continue;
        lk_buf_add(page, "<li class=\"file\">");
        lk_html_text(page, file->shown);
        lk_buf_add(page, "</li>\n");
    }
    lk_buf_add(page, "</ul></details>\n");
}
