/*
 * cli/markdown_migrations.c
 *     The table of migrations in the comment on a pull request: what waits for each, and how long.
 */
#include "cli/clean.h"
#include "cli/holds.h"
#include "cli/markdown_private.h"
#include "cli/markup.h"
#include "cli/places.h"

#define RELATIONS_SHOWN 6 /* of a migration */

/* strongest returns the hold on a relation that keeps most out, and among those one that grows. */
static const struct lk_hold *
strongest(const struct lk_holds *holds, const char *relation)
{
    const struct lk_hold *best = NULL;

    lk_vec_foreach(hold, &holds->items) {
        if (strcmp(hold->relation, relation) != 0)
            continue;
        if (best == NULL || hold->waits > best->waits ||
            (hold->waits == best->waits && best->grows == NULL))
            best = hold;
    }
    return best;
}

static void
add_duration(struct lk_buf *out, const struct lk_hold *hold, bool html)
{
    if (hold->grows == NULL) {
        lk_buf_add(out, "instant");
        return;
    }
    lk_buf_add(out, "grows with the size of ");
    lk_markup_code(out, hold->grows, html);
    if (hold->because != NULL) {
        lk_buf_add(out, ": ");
        lk_markup_text(out, hold->because);
    }
}

static char *
write_row(struct lk_comment *comment, const struct lk_plan_migration *migration)
{
    bool html = comment->options->html;
    const char *next = html ? "<br>" : "; ";
    struct lk_holds holds = lk_holds_of_all(comment->mem, migration);
    struct lk_hold_names names = lk_holds_relations(comment->mem, &holds);
    struct lk_buf row = lk_buf_init(comment->mem), how_long = lk_buf_init(comment->mem);
    size_t shown = LK_MIN(names.items.count, (size_t)RELATIONS_SHOWN);

    lk_buf_add(&row, "| ");
    lk_markup_code(
        &row, lk_root_path(comment->mem, comment->report->root, migration->migration->path), html);
    lk_buf_addf(&row, " | %s, %zu statement%s | ", lk_mode_name(migration->mode),
                migration->statements.count, migration->statements.count == 1 ? "" : "s");
    for (size_t i = 0; i < shown; i++) {
        const struct lk_hold *hold = strongest(&holds, names.items.items[i]);
        lk_buf_add(&row, i > 0 ? next : "");
        lk_buf_sep(&how_long, next);
        lk_markup_code(&row, hold->relation, html);
        lk_buf_addf(&row, ": %s", lk_waits_words(hold->waits));
        add_duration(&how_long, hold, html);
    }
    if (shown < names.items.count)
        lk_buf_addf(&row, "%sand %zu more", next, names.items.count - shown);
    lk_buf_addf(&row, "%s | %s |\n", shown == 0 ? "nothing" : "", how_long.data);
    return row.data;
}

void
lk_comment_migrations(struct lk_comment *comment)
{
    static const char head[] = "| migration | how | what waits for it | how long |\n"
                               "|---|---|---|---|\n";
    struct lk_buf table = lk_buf_init(comment->mem);
    size_t count = 0, shown = 0, most = comment->left / 3; /* findings need room, too */

    lk_vec_foreach(history, &comment->report->histories)
        lk_vec_foreach(migration, &history->plan->migrations) {
            if (count++ > shown)
                continue;
            char *row = write_row(comment, migration);
            size_t length = lk_code_points(row) + (shown == 0 ? sizeof(head) : 0);
            if (length > most)
                continue;
            most -= length;
            lk_buf_addf(&table, "%s%s", shown == 0 ? head : "", row);
            shown++;
        }
    if (shown == 0)
        return;
    if (shown < count)
        lk_buf_addf(&table, "\n%zu more migration%s not shown.\n", count - shown,
                    count - shown == 1 ? " is" : "s are");
    lk_buf_addc(&table, '\n');
    lk_comment_add(comment, table.data);
}
