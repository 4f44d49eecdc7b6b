/*
 * cli/markdown_schema.c
 *     The schema in the comment on a pull request: what becomes of it.
 */
#include "cli/clean.h"
#include "cli/diff_text.h"
#include "cli/markdown_private.h"
#include "cli/markup.h"
#include "cli/schema_diagram.h"
#include "parser/secret.h"
#include "rules/schema/sql.h"

#define FRAME_ROOM 200    /* code points for what stands around a block */
#define DIFF_LINES 400    /* at most */
#define DIAGRAM_TABLES 12 /* more are no picture any more */

/* diagram_of returns the tables as Mermaid. */
static char *
diagram_of(TALLOC_CTX *mem, const struct lk_catalog *catalog)
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);

    if (stream == NULL)
        LK_BUG("out of memory");
    lk_schema_format_mermaid.write(stream, catalog);
    if (fclose(stream) != 0)
        LK_BUG("out of memory");
    char *ret = lk_strdup(mem, text);
    free(text);
    return ret;
}

/* add_folded adds a block of code that is folded away, if it fits. */
static void
add_folded(struct lk_comment *comment, const char *title, const char *language, const char *text,
           size_t lines)
{
    struct lk_buf part = lk_buf_init(comment->mem);
    size_t room = comment->left > FRAME_ROOM ? comment->left - FRAME_ROOM : 0;

    lk_comment_open(comment, &part, title, false);
    lk_markup_fence(&part, language, text, lines, room);
    lk_comment_close(comment, &part);
    if (room > FRAME_ROOM)
        lk_comment_add(comment, part.data);
}

/* add_diagram adds the picture: cut short it would be none. */
static void
add_diagram(struct lk_comment *comment, const struct lk_catalog *catalog)
{
    struct lk_diagram diagram = lk_diagram_of(comment->mem, catalog);

    if (!comment->options->html || diagram.tables.count == 0 ||
        diagram.tables.count > DIAGRAM_TABLES)
        return;
    char *text = diagram_of(comment->mem, catalog);
    if (lk_code_points(text) + FRAME_ROOM < comment->left && strlen(text) < comment->left)
        add_folded(comment, "The schema afterwards", "mermaid", text, SIZE_MAX);
}

/* shown_schema returns the schema as SQL, with asterisks for passwords. */
static char *
shown_schema(TALLOC_CTX *mem, const struct lk_catalog *catalog)
{
    return lk_secrets_hide(mem, lk_schema_sql(mem, catalog), NULL);
}

void
lk_comment_schema(struct lk_comment *comment)
{
    lk_vec_foreach(history, &comment->report->histories) {
        char *before = shown_schema(comment->mem, history->before);
        char *after = shown_schema(comment->mem, history->after);
        if (strcmp(before, after) == 0)
            continue;
        add_folded(comment, "What becomes of the schema", "diff",
                   lk_diff_texts(comment->mem, before, after), DIFF_LINES);
        add_diagram(comment, history->after);
    }
}
