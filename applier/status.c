/*
 * applier/status.c
 *     Files against history: see status.h.
 */
#include "applier/status.h"

#include "applier/plan.h"
#include "parser/base/buf.h"
#include "parser/base/text.h"
#include "parser/fingerprint.h"

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

bool
lk_state_is_pending(enum lk_state state)
{
    return state == LK_STATE_PENDING || state == LK_STATE_FAILED || state == LK_STATE_OUTDATED;
}

/* What the comparison goes by. */
struct comparison {
    const struct lk_changelog *changelog;
    const struct lk_history *history;
    const struct lk_status_options *options;
    struct lk_version baseline; /* versions up to it are taken for done; text NULL: none */
    struct lk_version target;   /* text NULL: no limit */
    bool undoing;               /* some rollback stopped part way */
};

static bool
counts_as_applied(const struct lk_history_row *row)
{
    return row->status == LK_HISTORY_APPLIED || row->status == LK_HISTORY_BASELINE ||
           row->status == LK_HISTORY_DELETED;
}

/* is_in returns whether a row that has no file is of that folder: see lk_plan_script. */
static bool
is_in(const struct comparison *comparison, const struct lk_history_row *row,
      const struct lk_folder *folder)
{
    const char *name = lk_folder_title(comparison->changelog, folder);
    size_t length = strlen(name);

    return comparison->changelog->folders.count < 2 ||
           (strncmp(row->script, name, length) == 0 && row->script[length] == '/');
}

/* highest_of returns the highest version of a folder, of what is applied or of files. */
static struct lk_version
highest_of(const struct comparison *comparison, const struct lk_status *status,
           const struct lk_folder *folder, bool applied)
{
    struct lk_version highest = {0};

    lk_vec_foreach(item, &status->items) {
        struct lk_version version = {.text = item->version};
        if (item->version == NULL || (item->migration == NULL && !applied) ||
            (applied && (item->row == NULL || !counts_as_applied(item->row))))
            continue;
        if (item->migration != NULL ? item->migration->folder != folder
                                    : !is_in(comparison, item->row, folder))
            continue;
        if (item->migration != NULL)
            version = item->migration->name.version;
        else if (highest.rank != 0) /* nobody knows its place */
            continue;
        if (highest.text == NULL || lk_version_compare(version, highest) > 0)
            highest = version;
    }
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

/* failed_state is pending_state of a migration that was tried already. */
static enum lk_state
failed_state(const struct comparison *comparison, const struct lk_status_item *item,
             struct lk_version highest)
{
    enum lk_state state = pending_state(comparison, item->migration, highest);

    if (state == LK_STATE_PENDING ||
        (state != LK_STATE_ABOVE_TARGET && lk_history_is_half(item->row)))
        return LK_STATE_FAILED;
    return state;
}

/*
 * is_same returns whether a file is the one of its row. What a history of Flyway started with is
 * not compared. Source: Flyway, MigrationInfoImpl.validate and checksumMatches.
 */
static bool
is_same(const struct lk_status_item *item)
{
    const struct lk_history_row *row = item->row;

    if (!row->by_checksum)
        return strcmp(row->sha256, item->sha256) == 0;
    if (row->kind == LK_KIND_BASELINE)
        return true;
    return row->has_checksum && (row->flyway_checksum == item->flyway_checksum ||
                                 row->flyway_checksum == item->flyway_checksum_raw);
}

/* applied_state compares the file with what was applied. */
static enum lk_state
applied_state(const struct comparison *comparison, const struct lk_status_item *item)
{
    const struct lk_history_row *row = item->row;
    const struct lk_history_row *undo =
        comparison->undoing ? lk_history_find_undo(comparison->history, row->rank) : NULL;

    if (undo != NULL && lk_history_is_half(undo))
        return LK_STATE_HALF_UNDONE;
    if (is_same(item))
        return LK_STATE_APPLIED;
    if (row->kind == LK_KIND_REPEATABLE)
        return LK_STATE_OUTDATED;
    return row->fingerprint != NULL && strcmp(row->fingerprint, item->fingerprint) == 0
               ? LK_STATE_REFORMATTED
               : LK_STATE_CHANGED;
}

static enum lk_state
state_of(const struct comparison *comparison, const struct lk_status_item *item,
         struct lk_version highest)
{
    const struct lk_history_row *row = item->row;

    if (row == NULL || row->status == LK_HISTORY_UNDONE ||
        (row->status == LK_HISTORY_DELETED && row->by_checksum)) /* as Flyway has it */
        return pending_state(comparison, item->migration, highest);
    if (row->unclear)
        return LK_STATE_UNCLEAR;
    if (row->status == LK_HISTORY_FAILED)
        return failed_state(comparison, item, highest);
    if (row->status == LK_HISTORY_SKIPPED)
        return row->kind == LK_KIND_REPEATABLE && strcmp(row->sha256, item->sha256) != 0
                   ? LK_STATE_OUTDATED
                   : LK_STATE_SKIPPED;
    return applied_state(comparison, item);
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

/* hash_file fills in an item's checksums; words are only looked at where the bytes differ. */
static bool
hash_file(const struct lk_status_options *options, struct lk_status_item *item,
          struct lk_error *err)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    struct lk_source *source = lk_migration_read(scratch, item->migration, options->values,
                                                 options->postgres_version, err);

    if (source == NULL)
        return false;
    lk_sha256(source->raw, source->raw_size, item->sha256);
    item->flyway_checksum_raw = lk_flyway_checksum(source);
    item->flyway_checksum = item->migration->name.kind == LK_KIND_REPEATABLE
                                ? lk_flyway_checksum_filled(source)
                                : item->flyway_checksum_raw;
    if (item->row == NULL || strcmp(item->row->sha256, item->sha256) != 0)
        lk_fingerprint(source, item->migration->folder->naming, item->fingerprint);
    return true;
}

/* check_script refuses a name that the history cannot hold. */
static bool
check_script(const char *script, struct lk_error *err)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    const struct lk_source *text = lk_source_new(scratch, "", script, strlen(script));

    if (text->invalid == text->size)
        return true;
    lk_fail(err, LK_ERR_INPUT, "%s: the file's name is not UTF-8", script);
    return lk_error_hint(err, "The history could not hold it: rename the file.");
}

/* started_with returns whether the database was started with a baseline migration, of that row. */
static bool
started_with(const struct lk_history_row *row)
{
    return row != NULL && row->status != LK_HISTORY_BASELINE && row->status != LK_HISTORY_FAILED;
}

/*
 * row_of returns the row of a migration; one that was written when there was a single folder is
 * that of the first folder that has such a script.
 */
static const struct lk_history_row *
row_of(const struct comparison *comparison, const struct lk_status *status,
       const struct lk_migration *migration, const char *script)
{
    const struct lk_history_row *row = lk_history_find(comparison->history, migration, script);

    if (row == NULL || strcmp(row->script, script) == 0)
        return row;
    lk_vec_foreach(item, &status->items)
        if (item->row == row)
            return NULL;
    return row;
}

static bool
add_files(TALLOC_CTX *mem, const struct comparison *comparison, const struct lk_migration *start,
          struct lk_status *ret, struct lk_error *err)
{
    lk_vec_foreach(migration, &comparison->changelog->migrations) {
        if (migration->name.kind == LK_KIND_UNDO || migration->name.kind == LK_KIND_DRAFT)
            continue;
        char *script = lk_plan_script(mem, comparison->changelog, migration);
        const struct lk_history_row *row = row_of(comparison, ret, migration, script);
        if (migration->name.kind == LK_KIND_BASELINE && migration != start && !started_with(row))
            continue;
        if (!check_script(script, err))
            return false;
        struct lk_status_item *item = lk_vec_add(mem, &ret->items);
        item->migration = migration;
        item->script = script;
        item->version = migration->name.version.text;
        item->description = migration->name.description;
        item->row = row;
        if (!hash_file(comparison->options, item, err))
            return false;
    }
    return true;
}

/* version_of returns an item's version: as its convention compares it, if there is a file. */
static struct lk_version
version_of(const struct lk_status_item *item)
{
    return item->migration != NULL ? item->migration->name.version
                                   : (struct lk_version){.text = item->version};
}

static bool
has_file(const struct comparison *comparison, const struct lk_status *status,
         const struct lk_history_row *row)
{
    lk_vec_foreach(item, &status->items)
        if (item->row == row || strcmp(item->script, row->script) == 0 ||
            (item->version != NULL && row->version != NULL && item->row != NULL &&
             item->migration != NULL && is_in(comparison, row, item->migration->folder) &&
             lk_version_compare(version_of(item), (struct lk_version){.text = row->version}) == 0))
            return true;
    return false;
}

/* is_newest returns whether no later row says more of the same script. */
static bool
is_newest(const struct lk_history *history, const struct lk_history_row *row)
{
    for (size_t i = history->rows.count; i-- > 0 && &history->rows.items[i] != row;) {
        const struct lk_history_row *later = &history->rows.items[i];
        if (later->kind == row->kind && later->status != LK_HISTORY_FAILED &&
            strcmp(later->script, row->script) == 0)
            return false;
    }
    return true;
}

/* add_missing adds what was applied and has no file any more. */
static void
add_missing(TALLOC_CTX *mem, const struct comparison *comparison, struct lk_status *ret)
{
    lk_vec_foreach(row, &comparison->history->rows) {
        bool deleted = row->status == LK_HISTORY_DELETED;
        if ((row->status != LK_HISTORY_APPLIED && !deleted && !row->unclear) ||
            has_file(comparison, ret, row) || !is_newest(comparison->history, row))
            continue;
        *lk_vec_add(mem, &ret->items) = (struct lk_status_item){
            .state = deleted          ? LK_STATE_DELETED
                     : row->unclear   ? LK_STATE_UNCLEAR
                     : row->elsewhere ? LK_STATE_APPLIED
                                      : LK_STATE_MISSING,
            .row = row,
            .script = row->script,
            .version = row->version,
            .description = row->description,
        };
    }
}

/* look_ahead tells those without a file that are above all files from those that lack one. */
static void
look_ahead(const struct comparison *comparison, struct lk_status *status)
{
    lk_vec_foreach(item, &status->items) {
        if (item->state != LK_STATE_MISSING || item->migration != NULL || item->version == NULL)
            continue;
        lk_vec_foreach(folder, &comparison->changelog->folders) {
            struct lk_version highest = highest_of(comparison, status, *folder, false);
            struct lk_version version = {.text = item->version, .by_text = highest.by_text};
            if (is_in(comparison, item->row, *folder) && highest.text != NULL &&
                highest.rank == 0 && lk_version_compare(version, highest) > 0)
                item->state = LK_STATE_FUTURE;
        }
    }
}

/* decide gives every file its state, once all rows are known; folders lie together. */
static void
decide(const struct comparison *comparison, struct lk_status *status)
{
    const struct lk_folder *folder = NULL;
    struct lk_version highest = {0};

    lk_vec_foreach(item, &status->items) {
        if (item->migration == NULL)
            continue;
        if (item->migration->folder != folder) {
            folder = item->migration->folder;
            highest = highest_of(comparison, status, folder, true);
        }
        item->state = state_of(comparison, item, highest);
    }
    look_ahead(comparison, status);
}

/* ---- what is ignored ---- */

static const struct {
    const char *word;
    enum lk_state state;
} ignorable[] = {
    {"missing", LK_STATE_MISSING},
    {"future", LK_STATE_FUTURE},
    {"pending", LK_STATE_PENDING},
    {"ignored", LK_STATE_OUT_OF_ORDER},
};

bool
lk_ignore_check(const char *pattern, struct lk_error *err)
{
    size_t kind = strcspn(pattern, ":");
    bool known = lk_word_is(pattern, kind, "*") || lk_word_is(pattern, kind, "versioned") ||
                 lk_word_is(pattern, kind, "repeatable");

    if (known && pattern[kind] == ':') {
        if (strcmp(pattern + kind + 1, "*") == 0)
            return true;
        for (size_t i = 0; i < LK_ARRAY_SIZE(ignorable); i++)
            if (strcmp(pattern + kind + 1, ignorable[i].word) == 0)
                return true;
    }
    lk_fail(err, LK_ERR_USAGE, "\"%s\" is no pattern of what to ignore", pattern);
    return lk_error_hint(err, "It is KIND:STATE, as in \"*:missing\": versioned, repeatable or *, "
                              "and missing, future, pending, ignored or *.");
}

static bool
is_ignored(const struct lk_status_item *item, const char *pattern)
{
    size_t kind = strcspn(pattern, ":");
    const char *state = pattern + kind + 1;

    if (pattern[0] != '*' && (pattern[0] == 'r') != (item->version == NULL))
        return false;
    for (size_t i = 0; i < LK_ARRAY_SIZE(ignorable); i++)
        if (item->state == ignorable[i].state &&
            (state[0] == '*' || strcmp(state, ignorable[i].word) == 0))
            return true;
    return false;
}

static void
summarise(struct lk_status *status)
{
    struct lk_version highest = {0};

    lk_vec_foreach(item, &status->items) {
        for (size_t i = 0; status->options.ignore != NULL && status->options.ignore[i] != NULL; i++)
            item->ignored |= is_ignored(item, status->options.ignore[i]);
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
lk_status_of(TALLOC_CTX *mem, const struct lk_target *target,
             const struct lk_status_options *options, struct lk_status *ret, struct lk_error *err)
{
    static const struct lk_history nothing = {0};
    struct comparison comparison = {
        .changelog = options->changelog,
        .history = target != NULL ? &target->history : &nothing,
        .options = options,
    };

    lk_vec_foreach(row, &comparison.history->rows)
        comparison.undoing |= row->undoes != 0 && lk_history_is_half(row);
    *ret =
        (struct lk_status){.options = *options, .database = target != NULL ? target->name : NULL};
    if (options->to != NULL &&
        !find_target(mem, options->changelog, options->to, &comparison.target, err))
        return false;
    const struct lk_migration *start = start_at(&comparison);
    comparison.baseline = start != NULL ? start->name.version : find_baseline(mem, &comparison);
    if (!add_files(mem, &comparison, start, ret, err))
        return false;
    add_missing(mem, &comparison, ret);
    decide(&comparison, ret);
    if (start != NULL)
        lk_vec_foreach(item, &ret->items)
            if (item->migration == start)
                item->state = LK_STATE_PENDING;
    summarise(ret);
    return true;
}

bool
lk_status_again(TALLOC_CTX *mem, const struct lk_status *before, const struct lk_target *target,
                struct lk_status *ret, struct lk_error *err)
{
    const struct lk_status_options options = before->options;

    return lk_status_of(mem, target, &options, ret, err);
}

/* advise says what to do about a migration on which files and history disagree. */
static bool
advise(enum lk_state state, struct lk_error *err)
{
    switch (state) {
    case LK_STATE_CHANGED:
        return lk_error_hint(err, "Restore the file as it was applied, and put the change into a "
                                  "new migration; `repair --accept SCRIPT` takes it as it is.");
    case LK_STATE_REFORMATTED:
        return lk_error_hint(err, "Only comments or white space differ: `lockkeeper repair` "
                                  "records the file as it is.");
    case LK_STATE_MISSING:
        return lk_error_hint(err, "Restore the file; `repair --delete-missing` records that it is "
                                  "gone for good.");
    case LK_STATE_FUTURE:
        return lk_error_hint(err, "Newer files have been here: use those, or ignore \"*:future\".");
    case LK_STATE_UNCLEAR:
        return lk_error_hint(err, "Look what of it was done, and take that back by hand; then "
                                  "`lockkeeper repair` removes the record of the try.");
    case LK_STATE_HALF_UNDONE:
        return lk_error_hint(err, "`lockkeeper rollback` goes on with it.");
    default:
        return lk_error_hint(err, "Give the migration a version above the applied ones, or say "
                                  "`apply: {out_of_order: allow}` in lockkeeper.yml.");
    }
}

bool
lk_status_check(const struct lk_status *status, struct lk_error *err)
{
    struct lk_buf list = lk_buf_init(NULL);
    enum lk_state first = LK_STATE_COUNT;
    size_t count = 0;

    lk_vec_foreach(item, &status->items) {
        if (!lk_state_disagrees(item->state) || item->ignored)
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
        advise(first, err);
    }
    talloc_free(list.data);
    return count == 0;
}

const struct lk_status_item *
lk_status_find(const struct lk_status *status, const struct lk_migration *migration)
{
    size_t low = 0, high = status->items.count;

    while (high > 0 && status->items.items[high - 1].migration == NULL)
        high--;          /* those without a file come last */
    while (low < high) { /* the others are in the order of the changelog */
        size_t middle = low + (high - low) / 2;
        const struct lk_status_item *item = &status->items.items[middle];
        if (item->migration->ordinal == migration->ordinal)
            return item;
        if (item->migration->ordinal < migration->ordinal)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

bool
lk_status_is_pending(const struct lk_status *status, const struct lk_migration *migration)
{
    const struct lk_status_item *item = lk_status_find(status, migration);

    return item != NULL && lk_state_is_pending(item->state);
}
