/*
 * cli/html_schema.c
 *     The schema on the page: what becomes of it, and its tables as a picture.
 *
 * The picture has the tables in columns, each below those that stand there, in the column that is
 * shortest by then; a foreign key is a curve from its column to the head of the other table.
 */
#include "cli/diff_text.h"
#include "cli/html.h"
#include "cli/schema_diagram.h"
#include "parser/secret.h"
#include "rules/schema/sql.h"

#define TABLES 40  /* more are no picture any more */
#define COLUMNS 16 /* of a table at most */
#define STACKS 3   /* columns of tables */
#define WIDTH 230  /* pixels, here and below */
#define ACROSS 70  /* between columns of tables */
#define DOWN 26    /* between tables */
#define HEAD 26
#define ROW 19
#define TEXT_MAX 28 /* characters of a line in a table */

struct place {
    const struct lk_relation *table;
    size_t x, y;
    size_t height;
};

struct picture {
    struct lk_buf *page;
    struct lk_diagram diagram;
    struct place *places; /* of the diagram's tables, in their order */
    size_t width, height;
};

static size_t
height_of(const struct lk_relation *table)
{
    size_t rows =
        LK_MIN(table->columns.count, (size_t)COLUMNS) + (table->columns.count > COLUMNS ? 1 : 0);

    return HEAD + rows * ROW + 6;
}

/* lay_out gives each table its place. */
static void
lay_out(struct picture *picture)
{
    size_t count = picture->diagram.tables.count, stacks = 1, ends[STACKS] = {0};

    while (stacks < STACKS && stacks * stacks < count)
        stacks++;
    picture->places = lk_new_array(picture->diagram.mem, struct place, count);
    for (size_t i = 0; i < count; i++) {
        const struct lk_relation *table = picture->diagram.tables.items[i];
        size_t stack = 0;
        for (size_t k = 1; k < stacks; k++)
            if (ends[k] < ends[stack])
                stack = k;
        picture->places[i] =
            (struct place){table, 30 + stack * (WIDTH + ACROSS), ends[stack] + 4, height_of(table)};
        ends[stack] += picture->places[i].height + DOWN;
        picture->height = LK_MAX(picture->height, ends[stack]);
    }
    picture->width = 60 + stacks * (WIDTH + ACROSS) - ACROSS;
}

static void
put_column(struct picture *picture, const struct place *place, const struct lk_column *column,
           size_t y)
{
    const struct lk_diagram *diagram = &picture->diagram;
    const char *type = column->type_known ? lk_type_sql(diagram->mem, &column->type) : "?";
    const char *keys = lk_diagram_keys(diagram, place->table, column);

    lk_buf_addf(picture->page, "<text x=\"%zu\" y=\"%zu\">", place->x + 8, y);
    lk_html_short(
        picture->page,
        lk_fmt(diagram->mem, "%s %s%s", column->object.name, type, column->not_null ? "" : "?"),
        keys[0] != '\0' ? TEXT_MAX - 4 : TEXT_MAX);
    lk_buf_addf(picture->page, "<title>");
    lk_html_textf(picture->page, "%s %s%s", column->object.name, type,
                  column->not_null ? " NOT NULL" : "");
    lk_buf_addf(picture->page,
                "</title></text>\n<text class=\"small\" x=\"%zu\" y=\"%zu\" "
                "text-anchor=\"end\">%s</text>\n",
                place->x + WIDTH - 6, y, keys);
}

static void
put_table(struct picture *picture, const struct place *place)
{
    struct lk_buf *page = picture->page;
    size_t y = place->y + HEAD + 14;

    lk_buf_addf(page,
                "<rect class=\"box\" x=\"%zu\" y=\"%zu\" width=\"%d\" height=\"%zu\" rx=\"5\"/>\n"
                "<rect class=\"title\" x=\"%zu\" y=\"%zu\" width=\"%d\" height=\"%d\" "
                "rx=\"5\"/>\n<text class=\"head\" x=\"%zu\" y=\"%zu\">",
                place->x, place->y, WIDTH, place->height, place->x, place->y, WIDTH, HEAD - 4,
                place->x + 8, place->y + 15);
    lk_html_short(page, lk_diagram_name(&picture->diagram, place->table), TEXT_MAX);
    lk_buf_add(page, "</text>\n");
    for (size_t i = 0; i < LK_MIN(place->table->columns.count, (size_t)COLUMNS); i++, y += ROW)
        put_column(picture, place, place->table->columns.items[i], y);
    if (place->table->columns.count > COLUMNS)
        lk_buf_addf(page, "<text class=\"small\" x=\"%zu\" y=\"%zu\">and %zu more</text>\n",
                    place->x + 8, y, place->table->columns.count - COLUMNS);
}

/* row_of returns where the column of a foreign key stands in its table's box. */
static size_t
row_of(const struct place *place, const struct lk_constraint *key)
{
    size_t shown = LK_MIN(place->table->columns.count, (size_t)COLUMNS);

    for (size_t i = 0; i < shown && key->columns.count > 0; i++)
        if (strcmp(place->table->columns.items[i]->object.name, key->columns.items[0]) == 0)
            return place->y + HEAD + i * ROW + 10;
    return place->y + HEAD + shown * ROW;
}

static void
put_edge(struct picture *picture, const struct place *from, const struct place *to,
         const struct lk_constraint *key)
{
    bool left = to->x < from->x, same = to->x == from->x;
    long x1 = (long)from->x + (left ? 0 : WIDTH), y1 = (long)row_of(from, key);
    long x2 = (long)to->x + (left || same ? WIDTH : 0), y2 = (long)to->y + (HEAD - 4) / 2;
    long out = left ? -ACROSS / 2 : ACROSS / 2, in = left || same ? ACROSS / 2 : -ACROSS / 2;

    lk_buf_addf(picture->page,
                "<path class=\"edge\" marker-end=\"url(#tip)\" d=\"M%ld %ldC%ld %ld %ld %ld %ld "
                "%ld\"><title>",
                x1, y1, x1 + (same ? 28 : out), y1, x2 + (same ? 28 : in), y2, x2, y2);
    lk_html_textf(picture->page, "%s", key->object.name != NULL ? key->object.name : "");
    lk_buf_add(picture->page, "</title></path>\n");
}

static void
put_edges(struct picture *picture)
{
    size_t count = picture->diagram.tables.count;

    for (size_t i = 0; i < count; i++)
        lk_vec_foreach(key, &picture->places[i].table->constraints)
            for (size_t k = 0; k < count; k++)
                if ((*key)->kind == LK_CONSTRAINT_FOREIGN &&
                    (*key)->target == picture->places[k].table)
                    put_edge(picture, &picture->places[i], &picture->places[k], *key);
}

static void
put_picture(struct lk_buf *page, TALLOC_CTX *mem, const struct lk_catalog *catalog)
{
    struct picture picture = {.page = page, .diagram = lk_diagram_of(mem, catalog)};

    if (picture.diagram.tables.count == 0)
        return;
    if (picture.diagram.tables.count > TABLES) {
        lk_buf_addf(page, "<p class=\"quiet\">%zu tables: too many for a picture.</p>\n",
                    picture.diagram.tables.count);
        return;
    }
    lay_out(&picture);
    lk_buf_addf(page,
                "<div class=\"picture\"><svg width=\"%zu\" height=\"%zu\" viewBox=\"0 0 %zu %zu\" "
                "role=\"img\" aria-label=\"the tables and their foreign keys\">\n<defs><marker "
                "id=\"tip\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"8\" "
                "markerHeight=\"8\" orient=\"auto\"><path class=\"tip\" d=\"M0 0L8 4L0 "
                "8z\"/></marker></defs>\n",
                picture.width, picture.height, picture.width, picture.height);
    for (size_t i = 0; i < picture.diagram.tables.count; i++)
        put_table(&picture, &picture.places[i]);
    put_edges(&picture);
    lk_buf_add(page, "</svg></div>\n");
}

/* put_difference writes the lines that come and go. */
static void
put_difference(struct lk_buf *page, TALLOC_CTX *mem, const char *before, const char *after)
{
    char *line = lk_diff_texts(mem, before, after);

    lk_buf_add(page, "<details><summary>What becomes of it</summary>\n<pre><code class=\"diff\">");
    for (size_t length; *line != '\0'; line += length) {
        length = strcspn(line, "\n");
        lk_buf_addf(page, "<span%s>",
                    *line == '+'   ? " class=\"added\""
                    : *line == '-' ? " class=\"removed\""
                    : *line == '@' ? " class=\"quiet\""
                                   : "");
        lk_html_text(page, lk_strndup(mem, line, length));
        lk_buf_add(page, length == 0 ? " </span>" : "</span>");
        length += line[length] == '\n';
    }
    lk_buf_add(page, "</code></pre></details>\n");
}

void
lk_html_schema(struct lk_buf *page, const struct lk_lint_history *history)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    char *before = lk_secrets_hide(scratch, lk_schema_sql(scratch, history->before), NULL);
    char *after = lk_secrets_hide(scratch, lk_schema_sql(scratch, history->after), NULL);

    lk_buf_add(page, "<h2>The schema afterwards</h2>\n");
    put_picture(page, scratch, history->after);
    if (strcmp(before, after) != 0)
        put_difference(page, scratch, before, after);
    else
        lk_buf_add(page, "<p class=\"quiet\">It stays as it was.</p>\n");
    lk_buf_add(page, "<details><summary>As SQL</summary>\n<pre><code>");
    lk_html_text(page, after);
    lk_buf_add(page, "</code></pre></details>\n");
}
