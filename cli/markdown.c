/*
 * cli/markdown.c
 *     The comment on a pull request: see markdown.h.
 */
#include "cli/markdown_private.h"

#include "cli/clean.h"
#include "cli/markup.h"
#include "cli/version.h"

#define NOTE_ROOM 240 /* code points kept for what is said of what was left out, and the foot */

bool
lk_comment_add(struct lk_comment *comment, const char *part)
{
    size_t length = lk_code_points(part);

    if (length > comment->left)
        return false;
    comment->left -= length;
    lk_buf_add(&comment->text, part);
    return true;
}

void
lk_comment_open(const struct lk_comment *comment, struct lk_buf *out, const char *title, bool open)
{
    if (comment->options->html)
        lk_buf_addf(out, "<details%s><summary>%s</summary>\n\n", open ? " open" : "", title);
    else
        lk_buf_addf(out, "#### %s\n\n", title);
}

void
lk_comment_close(const struct lk_comment *comment, struct lk_buf *out)
{
    lk_buf_add(out, comment->options->html ? "\n</details>\n\n" : "\n");
}

/* add_verdict adds the one line that is always there. */
static void
add_verdict(const struct lk_lint_report *report, struct lk_buf *out)
{
    bool failed = lk_findings_fail(&report->findings, report->fail_on);
    bool any = report->counts[LK_SEVERITY_ERROR] + report->counts[LK_SEVERITY_WARNING] +
                   report->counts[LK_SEVERITY_INFO] >
               0;

    lk_buf_add(out, failed ? "### \xE2\x9B\x94 Lockkeeper: "
                    : any  ? "### \xE2\x9A\xA0\xEF\xB8\x8F Lockkeeper: "
                           : "### \xE2\x9C\x85 Lockkeeper: ");
    lk_count_words(out, report->counts);
    lk_buf_add(out, failed ? "; this must not be merged as it is\n" : "\n");
}

static void
add_counts(const struct lk_comment *comment, struct lk_buf *out)
{
    const struct lk_lint_report *report = comment->report;
    size_t files = comment->files.items.count;

    lk_buf_addf(out, "\n%zu file%s checked; %zu file%s with %zu statement%s replayed", files,
                files == 1 ? "" : "s", report->files, report->files == 1 ? "" : "s",
                report->statements, report->statements == 1 ? "" : "s");
    if (report->suppressed > 0)
        lk_buf_addf(out, "; %zu finding%s suppressed", report->suppressed,
                    report->suppressed == 1 ? "" : "s");
    lk_buf_add(out, ".\n\n");
}

/* add_clean lists the files without findings. */
static void
add_clean(struct lk_comment *comment)
{
    struct lk_buf list = lk_buf_init(comment->mem), part = lk_buf_init(comment->mem);
    size_t count = 0, listed = 0, room = comment->left > 200 ? comment->left - 200 : 0;

    lk_vec_foreach(file, &comment->files.items)
        count += file->open == 0;
    lk_vec_foreach(file, &comment->files.items) {
        struct lk_buf line = lk_buf_init(comment->mem);
        if (file->open > 0)
            continue;
        lk_buf_add(&line, "- ");
        lk_markup_code(&line, file->shown, comment->options->html);
        lk_buf_addc(&line, '\n');
        size_t length = lk_code_points(line.data);
        if (length > room)
            break;
        room -= length;
        listed++;
        lk_buf_add(&list, line.data);
    }
    if (listed == 0)
        return;
    char *title = lk_fmt(comment->mem, "%zu file%s without findings", count, count == 1 ? "" : "s");
    lk_comment_open(comment, &part, title, false);
    lk_buf_add(&part, list.data);
    if (listed < count)
        lk_buf_addf(&part, "- and %zu more\n", count - listed);
    lk_comment_close(comment, &part);
    lk_comment_add(comment, part.data);
}

/* add_suppressed lists what was suppressed, and why. */
static void
add_suppressed(struct lk_comment *comment)
{
    struct lk_buf part = lk_buf_init(comment->mem);
    size_t count = comment->report->suppressed;

    if (count == 0)
        return;
    lk_comment_open(comment, &part,
                    lk_fmt(comment->mem, "%zu finding%s suppressed", count, count == 1 ? "" : "s"),
                    false);
    lk_vec_foreach(file, &comment->files.items)
        lk_vec_foreach(finding, &file->findings) {
            if (!(*finding)->suppressed)
                continue;
            lk_buf_addf(&part, "- %s in ", (*finding)->rule->name);
            lk_markup_code(&part, file->shown, comment->options->html);
            lk_buf_addf(&part, ", line %u: ", (*finding)->start.line);
            lk_markup_text(&part,
                           (*finding)->reason != NULL ? (*finding)->reason : "no reason given");
            lk_buf_addc(&part, '\n');
            if (part.len > 4 * comment->left)
                return; /* as many bytes are more code points than there is room for */
        }
    lk_comment_close(comment, &part);
    lk_comment_add(comment, part.data);
}

static void
add_foot(struct lk_comment *comment, size_t left_out)
{
    left_out += comment->report->left_out;
    if (left_out > 0)
        lk_buf_addf(&comment->text, "%zu finding%s more: `lockkeeper lint` shows %s.\n\n", left_out,
                    left_out == 1 ? "" : "s", left_out == 1 ? "it" : "all");
    lk_buf_addf(&comment->text,
                "lockkeeper %s; `lockkeeper explain RULE` says why a rule is there.\n", LK_VERSION);
}

/* cut_verdict returns as much of the verdict as a limit allows, where that is all there is room
 * for. */
static char *
cut_verdict(TALLOC_CTX *mem, const struct lk_buf *verdict, size_t limit)
{
    const char *at = verdict->data;

    for (; *at != '\0' && limit > 0; limit--)
        do
            at++;
        while ((*at & 0xC0) == 0x80);
    return lk_strndup(mem, verdict->data, (size_t)(at - verdict->data));
}

char *
lk_markdown(TALLOC_CTX *mem, const struct lk_lint_report *report,
            const struct lk_markdown_options *options)
{
    struct lk_comment comment = {.mem = lk_mem_new(mem), .report = report, .options = options};
    struct lk_buf verdict = lk_buf_init(comment.mem), head = lk_buf_init(comment.mem);
    size_t limit = options->limit > 0 ? options->limit : SIZE_MAX / 8;

    comment.files = lk_lint_files_of(comment.mem, report);
    comment.text = lk_buf_init(mem);
    add_verdict(report, &verdict);
    if (options->mark != NULL)
        lk_buf_addf(&head, "%s\n\n", options->mark);
    lk_buf_add(&head, verdict.data);
    add_counts(&comment, &head);
    size_t needed = lk_code_points(head.data) + NOTE_ROOM;
    if (needed > limit) {
        char *cut = cut_verdict(mem, &verdict, limit);
        talloc_free(comment.mem);
        return cut;
    }
    comment.left = limit - needed;
    lk_buf_add(&comment.text, head.data);
    lk_comment_migrations(&comment);
    size_t left_out = lk_comment_findings(&comment);
    add_suppressed(&comment);
    lk_comment_schema(&comment);
    add_clean(&comment);
    add_foot(&comment, left_out);
    talloc_free(comment.mem);
    return comment.text.data;
}
