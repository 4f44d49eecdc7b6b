/*
 * applier/choose.c
 *     Which migrations people mean: see choose.h.
 */
#include "applier/choose.h"

#include "parser/base/text.h"

/* ---- by name ---- */

static bool
has_version(TALLOC_CTX *mem, const struct lk_status *status, const struct lk_status_item *item,
            const char *name)
{
    struct lk_version version = lk_changelog_version(mem, status->options.changelog, name);

    if (item->version == NULL || version.text == NULL || version.text[0] == '\0')
        return false;
    if (item->migration != NULL)
        return lk_version_compare(item->migration->name.version, version) == 0;
    return strcmp(item->version, name) == 0;
}

const struct lk_status_item *
lk_choose_named(TALLOC_CTX *mem, const struct lk_status *status, const char *name,
                struct lk_error *err)
{
    const struct lk_status_item *found = NULL;

    lk_vec_foreach(item, &status->items)
        if (strcmp(item->script, name) == 0 ||
            (item->migration != NULL && strcmp(item->migration->path, name) == 0))
            return item;
    lk_vec_foreach(item, &status->items) {
        if (!has_version(mem, status, item, name))
            continue;
        if (found != NULL) {
            lk_fail(err, LK_ERR_USAGE, "%s is the version of %s and of %s", name, found->script,
                    item->script);
            lk_error_hint(err, "Name one of them by its script.");
            return NULL;
        }
        found = item;
    }
    if (found == NULL) {
        lk_fail(err, LK_ERR_USAGE, "there is no migration %s", name);
        lk_error_hint(err, "Name a version, or a script as `lockkeeper status -f json` shows it.");
    }
    return found;
}

/* ---- to be taken back ---- */

static int
newest_first(const void *a, const void *b)
{
    int64_t left = (*(const struct lk_status_item *const *)a)->row->rank;
    int64_t right = (*(const struct lk_status_item *const *)b)->row->rank;

    return (right > left) - (right < left);
}

struct candidates {
    LK_VEC(const struct lk_status_item *) items;
};

/* list_applied returns the versioned migrations that are applied, those applied last first. */
static bool
list_applied(TALLOC_CTX *mem, const struct lk_status *status, struct candidates *ret,
             struct lk_error *err)
{
    lk_vec_foreach(item, &status->items) {
        if (item->row == NULL || item->version == NULL)
            continue;
        if (lk_history_is_half(item->row)) {
            lk_fail(err, LK_ERR_DISAGREE, "%s stopped half way: nothing before can be taken back",
                    item->script);
            return lk_error_hint(err, "Let `lockkeeper apply` finish it first.");
        }
        if (item->row->status == LK_HISTORY_APPLIED)
            lk_vec_push(mem, &ret->items, item);
    }
    if (ret->items.count > 0)
        qsort(ret->items.items, ret->items.count, sizeof(*ret->items.items), newest_first);
    return true;
}

/* find_file returns the undo file of a migration, or NULL. */
static const struct lk_migration *
find_file(const struct lk_status *status, const struct lk_migration *up)
{
    lk_vec_foreach(down, &status->options.changelog->migrations)
        if (down->name.kind == LK_KIND_UNDO && down->folder == up->folder &&
            lk_version_compare(down->name.version, up->name.version) == 0)
            return down;
    return NULL;
}

/* has_down_part returns whether a migration's own file says how to take it back. */
static bool
has_down_part(const struct lk_status *status, const struct lk_migration *up, bool *ret,
              struct lk_error *err)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    const struct lk_status_options *options = &status->options;
    struct lk_source *source =
        lk_migration_read(scratch, up, options->values, options->postgres_version, err);

    if (source == NULL)
        return false;
    *ret = lk_naming_split(scratch, up->folder->naming, source).down.items.count > 0;
    return true;
}

static bool
add_undo(TALLOC_CTX *mem, const struct lk_status *status, const struct lk_status_item *item,
         struct lk_undos *ret, struct lk_error *err)
{
    struct lk_undo undo = {.item = item};

    if (item->migration == NULL) {
        lk_fail(err, LK_ERR_DISAGREE, "%s cannot be taken back: its file is gone", item->script);
        return lk_error_hint(err, "Restore the file, and what takes it back.");
    }
    undo.down = find_file(status, item->migration);
    if (undo.down == NULL) {
        if (!has_down_part(status, item->migration, &undo.own, err))
            return false;
        undo.down = undo.own ? item->migration : NULL;
    }
    if (undo.down == NULL) {
        lk_fail(err, LK_ERR_INPUT, "nothing was rolled back: no file takes %s back", item->script);
        return lk_error_hint(err, "Write its down migration, or go forward with a new one.");
    }
    lk_vec_push(mem, &ret->items, undo);
    return true;
}

/* read_to returns the version that stays, "0" for none at all. */
static bool
read_to(TALLOC_CTX *mem, const struct lk_status *status, const char *to, struct lk_version *ret,
        struct lk_error *err)
{
    *ret = lk_changelog_version(mem, status->options.changelog, to);
    if (strcmp(to, "0") == 0)
        return true;
    lk_vec_foreach(item, &status->items) {
        if (item->migration == NULL || item->version == NULL ||
            lk_version_compare(item->migration->name.version, *ret) != 0)
            continue;
        if (item->row != NULL && item->row->status == LK_HISTORY_APPLIED)
            return true;
        if (item->state == LK_STATE_BASELINE)
            return true;
        lk_fail(err, LK_ERR_USAGE, "version %s is not applied", to);
        return lk_error_hint(err, "`lockkeeper status` shows what is.");
    }
    lk_fail(err, LK_ERR_USAGE, "no migration has the version %s", to);
    return lk_error_hint(err, "`lockkeeper status` lists the versions; 0 takes everything back.");
}

/* is_above returns whether a migration goes when `to` is to stay. */
static bool
is_above(const struct lk_status_item *item, const char *to, struct lk_version version)
{
    if (strcmp(to, "0") == 0)
        return true;
    if (item->migration == NULL) /* without a file: above all that has one, or nobody knows */
        return item->state == LK_STATE_FUTURE;
    return lk_version_compare(item->migration->name.version, version) > 0;
}

bool
lk_choose_undos(TALLOC_CTX *mem, const struct lk_status *status, const char *to, size_t steps,
                struct lk_undos *ret, struct lk_error *err)
{
    struct candidates applied = {0};
    struct lk_version version = {0};

    *ret = (struct lk_undos){0};
    if (to != NULL && !read_to(mem, status, to, &version, err))
        return false;
    if (!list_applied(mem, status, &applied, err))
        return false;
    for (size_t i = 0; i < applied.items.count; i++) {
        const struct lk_status_item *item = applied.items.items[i];
        if (to != NULL ? !is_above(item, to, version) : i >= steps)
            continue;
        if (!add_undo(mem, status, item, ret, err))
            return false;
    }
    return true;
}
