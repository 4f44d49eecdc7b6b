/*
 * cli/markdown_findings.c
 *     The findings in the comment on a pull request, folded by file.
 */
#include "cli/clean.h"
#include "cli/markdown_private.h"
#include "cli/markup.h"
#include "rules/quote.h"
#include "rules/rule.h"

#define STATEMENT_LINES 16 /* of the offending SQL */
#define STATEMENT_BYTES 2000
#define HINT_LINES 40
#define HINT_BYTES 4000
#define MESSAGE_BYTES 1000
#define FEW_FILES 1 /* so many are shown unfolded */
#define TRIES 20    /* findings that did not fit until none is tried any more */

/* A file's findings as they are written. */
struct section {
    const struct lk_lint_file *file;
    struct lk_buf head;
    char **texts; /* of its findings, in their order; NULL: not shown */
    size_t shown;
};

/* is_sql returns whether a hint is SQL, and not a sentence. */
static bool
is_sql(const char *hint)
{
    size_t length = strlen(hint);

    while (length > 0 && strchr(" \n", hint[length - 1]) != NULL)
        length--;
    return (length > 0 && hint[length - 1] == ';') || strstr(hint, ";\n") != NULL ||
           strncmp(hint, "--", 2) == 0;
}

/* add_prose adds a text of ours that holds names of theirs. */
static void
add_prose(struct lk_comment *comment, struct lk_buf *out, const char *text)
{
    size_t length = strlen(text);

    lk_markup_text(
        out, length <= MESSAGE_BYTES ? text : lk_fmt(comment->mem, "%.*s...", MESSAGE_BYTES, text));
}

static char *
write_finding(struct lk_comment *comment, const struct lk_finding *finding)
{
    struct lk_buf out = lk_buf_init(comment->mem);
    const char *sql = finding->quote != NULL ? finding->quote->sql : finding->excerpt;

    lk_buf_addf(&out, "**%s** in line %u: ", lk_severity_name(finding->severity),
                finding->start.line);
    add_prose(comment, &out, finding->message);
    lk_buf_addf(&out, " (`%s`)\n\n", finding->rule->name);
    if (sql != NULL && sql[0] != '\0') {
        lk_markup_fence(&out, "sql", sql, STATEMENT_LINES, STATEMENT_BYTES);
        lk_buf_addc(&out, '\n');
    }
    if (finding->detail != NULL) {
        add_prose(comment, &out, finding->detail);
        lk_buf_add(&out, "\n\n");
    }
    if (finding->hint != NULL && is_sql(finding->hint)) {
        lk_buf_add(&out, "Instead:\n\n");
        lk_markup_fence(&out, "sql", finding->hint, HINT_LINES, HINT_BYTES);
        lk_buf_addc(&out, '\n');
    } else if (finding->hint != NULL) {
        add_prose(comment, &out, finding->hint);
        lk_buf_add(&out, "\n\n");
    }
    if (lk_finding_fix(finding) != NULL)
        lk_buf_addf(&out, "`lockkeeper fix%s` writes it into the file.\n\n",
                    lk_finding_fix(finding)->safe ? "" : " --unsafe");
    return out.data;
}

static struct section
start_section(struct lk_comment *comment, const struct lk_lint_file *file, bool open)
{
    struct section section = {
        .file = file,
        .head = lk_buf_init(comment->mem),
        .texts = lk_new_array(comment->mem, char *, file->findings.count),
    };
    struct lk_buf title = lk_buf_init(comment->mem);

    lk_markup_code(&title, file->shown, comment->options->html);
    lk_buf_add(&title, ": ");
    lk_count_words(&title, file->counts);
    lk_comment_open(comment, &section.head, title.data, open);
    return section;
}

/* choose writes the findings of a severity that there is room for, and returns how many are left
 * out by then. */
static size_t
choose(struct lk_comment *comment, struct section *section, enum lk_severity severity,
       size_t left_out)
{
    struct lk_buf tail = lk_buf_init(comment->mem);

    lk_comment_close(comment, &tail);
    for (size_t i = 0; i < section->file->findings.count; i++) {
        const struct lk_finding *finding = section->file->findings.items[i];
        if (finding->suppressed || finding->severity != severity)
            continue;
        size_t frame = section->shown > 0 ? 0 : lk_code_points(section->head.data) + tail.len;
        bool try = left_out < TRIES && comment->left > frame;
        char *text = try ? write_finding(comment, finding) : NULL;
        size_t length = text != NULL ? lk_code_points(text) + frame : 0;
        if (text == NULL || length > comment->left) {
            left_out++;
            continue;
        }
        section->texts[i] = text;
        section->shown++;
        comment->left -= length;
    }
    return left_out;
}

/* print adds what was chosen; its room has been taken. */
static void
print(struct lk_comment *comment, const struct section *section)
{
    if (section->shown == 0)
        return;
    lk_buf_add(&comment->text, section->head.data);
    for (size_t i = 0; i < section->file->findings.count; i++)
        if (section->texts[i] != NULL)
            lk_buf_add(&comment->text, section->texts[i]);
    lk_comment_close(comment, &comment->text);
}

size_t
lk_comment_findings(struct lk_comment *comment)
{
    LK_VEC(struct section) sections = {0};
    size_t with = 0, left_out = 0;

    lk_vec_foreach(file, &comment->files.items)
        with += file->open > 0;
    lk_vec_foreach(file, &comment->files.items)
        if (file->open > 0)
            lk_vec_push(comment->mem, &sections, start_section(comment, file, with <= FEW_FILES));
    for (enum lk_severity severity = LK_SEVERITY_ERROR; severity > LK_SEVERITY_OFF; severity--)
        lk_vec_foreach(section, &sections)
            left_out = choose(comment, section, severity, left_out);
    lk_vec_foreach(section, &sections)
        print(comment, section);
    return left_out;
}
