/*
 * cli/html_timeline.c
 *     Pictures of what waits while a migration runs: a column for each statement, a row for each
 *     relation, a bar from the statement that takes a lock to the one that it is let go behind.
 */
#include "cli/holds.h"
#include "cli/html.h"
#include "cli/places.h"

#define SHOWN 200     /* migrations at most */
#define ROW 26        /* pixels, here and below */
#define TOP 24        /* for the numbers of lines */
#define LABEL 34      /* characters of a relation's name at most */
#define CHARACTER 7.3 /* the width of one */
#define ALL_COLUMNS 480
#define COLUMN_MIN 10
#define COLUMN_MAX 72

struct drawing {
    struct lk_buf *page;
    const struct lk_plan_migration *migration;
    struct lk_holds holds;
    struct lk_hold_names names;
    size_t label;  /* the width of the names */
    size_t column; /* the width of a column */
};

static size_t
x_of(const struct drawing *drawing, size_t statement)
{
    return drawing->label + statement * drawing->column;
}

static uint32_t
line_of(const struct drawing *drawing, size_t statement)
{
    return drawing->migration->statements.items[statement].line;
}

/* put_words tells in words what a bar shows. */
static void
put_words(const struct drawing *drawing, const struct lk_hold *hold)
{
    struct lk_buf *page = drawing->page;

    lk_html_text(page, hold->relation);
    lk_buf_addf(page, ": %s wait", lk_waits_words(hold->waits));
    if (hold->first == hold->last)
        lk_buf_addf(page, " in line %u", line_of(drawing, hold->first));
    else
        lk_buf_addf(page, " from line %u to %u", line_of(drawing, hold->first),
                    line_of(drawing, hold->last));
    if (hold->grows == NULL) {
        lk_buf_add(page, ", for an instant");
        return;
    }
    lk_buf_add(page, ", which grows with the size of ");
    lk_html_text(page, hold->grows);
    if (hold->because != NULL) {
        lk_buf_add(page, ": ");
        lk_html_text(page, hold->because);
    }
}

/* put_steps draws what runs together in a transaction, and the lines of statements. */
static void
put_steps(const struct drawing *drawing)
{
    struct lk_buf *page = drawing->page;
    size_t height = drawing->names.items.count * ROW;
    size_t every = 1 + (drawing->column < 28 ? 28 / drawing->column : 0);

    lk_vec_foreach(step, &drawing->migration->steps)
        if (step->count > 0)
            lk_buf_addf(page,
                        "<rect class=\"step\" x=\"%zu\" y=\"%d\" width=\"%zu\" height=\"%zu\" "
                        "rx=\"3\"/>\n",
                        x_of(drawing, step->first), TOP, step->count * drawing->column, height);
    for (size_t i = 0; i < drawing->migration->statements.count; i += every)
        lk_buf_addf(page, "<text class=\"small\" x=\"%zu\" y=\"%d\">%s%u</text>\n",
                    x_of(drawing, i) + 3, TOP - 8, i == 0 ? "line " : "", line_of(drawing, i));
}

static void
put_bar(const struct drawing *drawing, const struct lk_hold *hold, size_t row)
{
    static const char *const classes[] = {
        [LK_WAITS_CHANGES] = "changes", [LK_WAITS_WRITES] = "writes", [LK_WAITS_READS] = "reads"};
    struct lk_buf *page = drawing->page;
    size_t x = x_of(drawing, hold->first) + 2;
    size_t width = (hold->last - hold->first + 1) * drawing->column - 4;
    size_t y = TOP + row * ROW + 4;

    for (int hatch = 0; hatch <= (hold->grows != NULL); hatch++) {
        lk_buf_addf(page,
                    "<rect class=\"%s\"%s x=\"%zu\" y=\"%zu\" width=\"%zu\" height=\"%d\" "
                    "rx=\"3\"><title>",
                    hatch ? "" : classes[hold->waits], hatch ? " style=\"fill:url(#hatch)\"" : "",
                    x, y, width, ROW - 8);
        put_words(drawing, hold);
        lk_buf_add(page, "</title></rect>\n");
    }
}

static void
put_rows(const struct drawing *drawing)
{
    for (size_t row = 0; row < drawing->names.items.count; row++) {
        const char *name = drawing->names.items.items[row];
        lk_buf_addf(drawing->page, "<text x=\"0\" y=\"%zu\">", TOP + row * ROW + 17);
        lk_html_short(drawing->page, name, LABEL);
        lk_buf_add(drawing->page, "</text>\n");
        lk_vec_foreach(hold, &drawing->holds.items)
            if (strcmp(hold->relation, name) == 0)
                put_bar(drawing, hold, row);
    }
}

static void
put_picture(struct drawing *drawing)
{
    size_t count = drawing->migration->statements.count, longest = 0;
    size_t height = TOP + drawing->names.items.count * ROW + 4;

    lk_vec_foreach(name, &drawing->names.items)
        longest = LK_MAX(longest, strlen(*name));
    drawing->label = (size_t)((double)LK_MIN(longest, (size_t)LABEL) * CHARACTER) + 12;
    drawing->column = LK_MIN(ALL_COLUMNS / count, (size_t)COLUMN_MAX);
    drawing->column = LK_MAX(drawing->column, (size_t)COLUMN_MIN);
    size_t width = LK_MAX(x_of(drawing, count), drawing->label + 60) + 4;
    lk_buf_addf(drawing->page,
                "<div class=\"picture\"><svg width=\"%zu\" height=\"%zu\" viewBox=\"0 0 %zu %zu\" "
                "role=\"img\" aria-label=\"what waits while the migration runs\">\n",
                width, height, width, height);
    put_steps(drawing);
    put_rows(drawing);
    lk_buf_add(drawing->page, "</svg></div>\n");
}

static void
put_migration(struct lk_buf *page, const struct lk_lint_report *report,
              const struct lk_plan_migration *migration)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    struct drawing drawing = {.page = page, .migration = migration};

    drawing.holds = lk_holds_of_all(scratch, migration);
    drawing.names = lk_holds_relations(scratch, &drawing.holds);
    lk_buf_add(page, "<h3 class=\"file\">");
    lk_html_text(page, lk_root_path(scratch, report->root, migration->migration->path));
    lk_buf_addf(page, " <span class=\"quiet\">%s, %zu statement%s</span></h3>\n",
                lk_mode_name(migration->mode), migration->statements.count,
                migration->statements.count == 1 ? "" : "s");
    put_picture(&drawing);
    lk_buf_add(page, "<ul>\n");
    lk_vec_foreach(hold, &drawing.holds.items) {
        lk_buf_add(page, "<li>");
        put_words(&drawing, hold);
        lk_buf_add(page, "</li>\n");
    }
    lk_buf_add(page, "</ul>\n");
}

/* holds_anything returns whether anything waits for a migration. */
static bool
holds_anything(const struct lk_plan_migration *migration)
{
    lk_vec_foreach(statement, &migration->statements)
        if (statement->effects.blocked.count > 0)
            return true;
    return false;
}

void
lk_html_timelines(struct lk_buf *page, const struct lk_lint_report *report)
{
    size_t shown = 0, quiet = 0, more = 0;

    lk_buf_add(page,
               "<h2>What waits meanwhile</h2>\n"
               "<svg width=\"0\" height=\"0\" style=\"position:absolute\"><defs><pattern "
               "id=\"hatch\" width=\"8\" height=\"8\" patternUnits=\"userSpaceOnUse\" "
               "patternTransform=\"rotate(45)\"><line class=\"hatch\" x1=\"0\" y1=\"0\" x2=\"0\" "
               "y2=\"8\"/></pattern></defs></svg>\n"
               "<p class=\"key quiet\"><span class=\"reads\"></span>reads and writes wait<span "
               "class=\"writes\"></span>writes wait<span class=\"changes\"></span>schema changes "
               "wait<span class=\"grows\"></span>as long as the table is large</p>\n");
    lk_vec_foreach(history, &report->histories)
        lk_vec_foreach(migration, &history->plan->migrations) {
            if (!holds_anything(migration))
                quiet++;
            else if (shown == SHOWN)
                more++;
            else
                put_migration(page, report, migration);
            shown += holds_anything(migration) && shown < SHOWN;
        }
    if (quiet > 0)
        lk_buf_addf(page, "<p class=\"quiet\">Nothing waits for %zu migration%s%s.</p>\n", quiet,
                    quiet == 1 ? "" : "s", shown > 0 ? " besides" : "");
    if (more > 0)
        lk_buf_addf(page, "<p class=\"quiet\">%zu more are not shown.</p>\n", more);
}
