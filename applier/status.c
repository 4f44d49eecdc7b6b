/*
 * applier/status.c
 *     Files against history: see status.h.
 */
#include "applier/status.h"

#include "applier/plan.h"
#include "parser/base/buf.h"

static const struct {
    const char *word;
    bool disagrees;
} states[] = {
#define LK_STATE(name, word, disagrees, meaning) {word, disagrees},
#include "applier/states.def"
#undef LK_STATE
};

const char *
lk_state_word(enum lk_state state)
{
    return states[state].word;
}

bool
lk_state_disagrees(enum lk_state state)
{
    return states[state].disagrees;
}

/* What the comparison goes by. */
struct comparison {
    const struct lk_changelog *changelog;
    const struct lk_history *history;
    const struct lk_status_options *options;
    struct lk_version baseline; /* versions up to it are taken for done; text NULL: none */
    struct lk_version target;   /* text NULL: no limit */
};

static bool
counts_as_applied(const struct lk_history_row *row)
{
    return row->status == LK_HISTORY_APPLIED || row->status == LK_HISTORY_BASELINE;
}

/* highest_applied returns the highest version of a folder that is applied; text NULL for none. */
static struct lk_version
highest_applied(const struct lk_status *status, const struct lk_folder *folder)
{
    struct lk_version highest = {0};

    lk_vec_foreach(item, &status->items)
        if (item->migration->folder == folder && item->version != NULL && item->row != NULL &&
            counts_as_applied(item->row) &&
            (highest.text == NULL ||
             lk_version_compare(item->migration->name.version, highest) > 0))
            highest = item->migration->name.version;
    return highest;
}

static enum lk_state
pending_state(const struct comparison *comparison, const struct lk_migration *migration,
              struct lk_version highest)
{
    struct lk_version version = migration->name.version;

    if (version.text == NULL)
        return LK_STATE_PENDING;
    if (comparison->baseline.text != NULL && lk_version_compare(version, comparison->baseline) <= 0)
        return LK_STATE_BASELINE;
    if (comparison->target.text != NULL && lk_version_compare(version, comparison->target) > 0)
        return LK_STATE_ABOVE_TARGET;
    if (!comparison->options->allow_out_of_order && highest.text != NULL &&
        lk_version_compare(version, highest) < 0)
        return LK_STATE_OUT_OF_ORDER;
    return LK_STATE_PENDING;
}

static enum lk_state
state_of(const struct comparison *comparison, const struct lk_status_item *item,
         struct lk_version highest)
{
    const struct lk_history_row *row = item->row;

    if (row == NULL || row->status == LK_HISTORY_UNDONE)
        return pending_state(comparison, item->migration, highest);
    switch (row->status) {
    case LK_HISTORY_FAILED:
        return LK_STATE_FAILED;
    case LK_HISTORY_SKIPPED:
        return LK_STATE_SKIPPED;
    default:
        break;
    }
    bool same = strcmp(row->sha256, item->sha256) == 0;
    if (row->kind == LK_KIND_REPEATABLE)
        return same ? LK_STATE_APPLIED : LK_STATE_OUTDATED;
    return same ? LK_STATE_APPLIED : LK_STATE_CHANGED;
}

/* find_baseline returns the version up to which everything is taken for done. */
static struct lk_version
find_baseline(TALLOC_CTX *mem, const struct comparison *comparison)
{
    struct lk_version baseline = {0};
    bool empty = true;

    lk_vec_foreach(row, &comparison->history->rows) {
        empty &= row->status == LK_HISTORY_FAILED;
        if ((row->status == LK_HISTORY_BASELINE || row->kind == LK_KIND_BASELINE) &&
            counts_as_applied(row) && row->version != NULL)
            baseline = lk_changelog_version(mem, comparison->changelog, row->version);
    }
    return empty ? (struct lk_version){0} : baseline;
}

/*
 * start_at returns the baseline migration that an empty database starts with, or NULL: the highest
 * one, which stands for the versions up to its own.
 */
static const struct lk_migration *
start_at(const struct comparison *comparison)
{
    const struct lk_migration *start = NULL;

    lk_vec_foreach(row, &comparison->history->rows)
        if (row->status != LK_HISTORY_FAILED)
            return NULL;
    lk_vec_foreach(migration, &comparison->changelog->migrations)
        if (migration->name.kind == LK_KIND_BASELINE)
            start = migration;
    return start;
}

static bool
hash_file(const struct lk_migration *migration, const struct lk_status_options *options,
          char hex[LK_SHA256_HEX_SIZE], struct lk_error *err)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    struct lk_source *source =
        lk_migration_read(scratch, migration, options->values, options->postgres_version, err);

    if (source == NULL)
        return false;
    lk_sha256(source->raw, source->raw_size, hex);
    return true;
}

static bool
add_files(TALLOC_CTX *mem, const struct comparison *comparison, const struct lk_migration *start,
          struct lk_status *ret, struct lk_error *err)
{
    lk_vec_foreach(migration, &comparison->changelog->migrations) {
        if (migration->name.kind == LK_KIND_UNDO || migration->name.kind == LK_KIND_DRAFT ||
            (migration->name.kind == LK_KIND_BASELINE && migration != start))
            continue;
        struct lk_status_item *item = lk_vec_add(mem, &ret->items);
        item->migration = migration;
        item->script = lk_plan_script(mem, comparison->changelog, migration);
        item->version = migration->name.version.text;
        item->description = migration->name.description;
        item->row = lk_history_find(comparison->history, migration, item->script);
        if (!hash_file(migration, comparison->options, item->sha256, err))
            return false;
    }
    return true;
}

/* decide gives every file its state, once all rows are known; folders lie together. */
static void
decide(const struct comparison *comparison, struct lk_status *status)
{
    const struct lk_folder *folder = NULL;
    struct lk_version highest = {0};

    lk_vec_foreach(item, &status->items) {
        if (item->migration->folder != folder) {
            folder = item->migration->folder;
            highest = highest_applied(status, folder);
        }
        item->state = state_of(comparison, item, highest);
    }
}

/* version_of returns an item's version: as its convention compares it, if there is a file. */
static struct lk_version
version_of(const struct lk_status_item *item)
{
    return item->migration != NULL ? item->migration->name.version
                                   : (struct lk_version){.text = item->version};
}

static bool
has_file(const struct lk_status *status, const struct lk_history_row *row)
{
    lk_vec_foreach(item, &status->items)
        if (item->row == row || strcmp(item->script, row->script) == 0 ||
            (item->version != NULL && row->version != NULL && item->row != NULL &&
             lk_version_compare(version_of(item), (struct lk_version){.text = row->version}) == 0))
            return true;
    return false;
}

/* add_missing adds what was applied and has no file any more. */
static void
add_missing(TALLOC_CTX *mem, const struct lk_history *history, struct lk_status *ret)
{
    lk_vec_foreach(row, &history->rows) {
        if (row->status != LK_HISTORY_APPLIED || has_file(ret, row))
            continue;
        *lk_vec_add(mem, &ret->items) = (struct lk_status_item){
            .state = LK_STATE_MISSING,
            .row = row,
            .script = row->script,
            .version = row->version,
            .description = row->description,
        };
    }
}

static void
summarise(struct lk_status *status)
{
    struct lk_version highest = {0};

    lk_vec_foreach(item, &status->items) {
        status->counts[item->state]++;
        bool applied = item->row != NULL && counts_as_applied(item->row);
        if (applied && item->version != NULL &&
            (highest.text == NULL || lk_version_compare(version_of(item), highest) > 0))
            highest = version_of(item);
    }
    status->current_version = highest.text;
}

/* find_target returns the version to stop at, which one of the migrations has to have. */
static bool
find_target(TALLOC_CTX *mem, const struct lk_changelog *changelog, const char *to,
            struct lk_version *ret, struct lk_error *err)
{
    *ret = lk_changelog_version(mem, changelog, to);
    lk_vec_foreach(migration, &changelog->migrations)
        if (migration->name.version.text != NULL &&
            lk_version_compare(migration->name.version, *ret) == 0)
            return true;
    lk_fail(err, LK_ERR_USAGE, "no migration has the version %s", to);
    return lk_error_hint(err, "`lockkeeper status` lists the versions.");
}

bool
lk_status_of(TALLOC_CTX *mem, const struct lk_changelog *changelog, const struct lk_target *target,
             const struct lk_status_options *options, struct lk_status *ret, struct lk_error *err)
{
    static const struct lk_history nothing = {0};
    struct comparison comparison = {
        .changelog = changelog,
        .history = target != NULL ? &target->history : &nothing,
        .options = options,
    };

    *ret = (struct lk_status){.database = target != NULL ? target->name : NULL};
    if (options->to != NULL && !find_target(mem, changelog, options->to, &comparison.target, err))
        return false;
    const struct lk_migration *start = start_at(&comparison);
    comparison.baseline = start != NULL ? start->name.version : find_baseline(mem, &comparison);
    if (!add_files(mem, &comparison, start, ret, err))
        return false;
    decide(&comparison, ret);
    if (start != NULL)
        lk_vec_foreach(item, &ret->items)
            if (item->migration == start)
                item->state = LK_STATE_PENDING;
    add_missing(mem, comparison.history, ret);
    summarise(ret);
    return true;
}

bool
lk_status_check(const struct lk_status *status, struct lk_error *err)
{
    struct lk_buf list = lk_buf_init(NULL);
    enum lk_state first = LK_STATE_COUNT;
    size_t count = 0;

    lk_vec_foreach(item, &status->items) {
        if (!lk_state_disagrees(item->state))
            continue;
        if (first == LK_STATE_COUNT)
            first = item->state;
        if (count++ >= 5)
            continue;
        lk_buf_sep(&list, "; ");
        lk_buf_addf(&list, "%s is %s", item->script, lk_state_word(item->state));
    }
    if (count > 0) {
        lk_fail(err, LK_ERR_DISAGREE, "files and history disagree: %s%s", list.data,
                count > 5 ? "; ..." : "");
        if (first == LK_STATE_CHANGED)
            lk_error_hint(err, "Restore the file as it was applied, and put the change into a new "
                               "migration.");
        else if (first == LK_STATE_MISSING)
            lk_error_hint(err,
                          "Restore the file: the history of a database is not to be rewritten.");
        else
            lk_error_hint(err, "Give the migration a version above the applied ones, or say "
                               "`apply: {out_of_order: allow}` in lockkeeper.yml.");
    }
    talloc_free(list.data);
    return count == 0;
}

bool
lk_status_is_pending(const struct lk_status *status, const struct lk_migration *migration)
{
    size_t low = 0, high = status->items.count;

    while (high > 0 && status->items.items[high - 1].migration == NULL)
        high--;          /* missing ones come last */
    while (low < high) { /* the others are in the order of the changelog */
        size_t middle = low + (high - low) / 2;
        const struct lk_status_item *item = &status->items.items[middle];
        if (item->migration->ordinal == migration->ordinal)
            return item->state == LK_STATE_PENDING || item->state == LK_STATE_FAILED ||
                   item->state == LK_STATE_OUTDATED;
        if (item->migration->ordinal < migration->ordinal)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}
