/*
 * applier/adopt.c
 *     Taking over from another tool: see operation.h and adopt.h.
 */
#include "applier/adopt.h"

#include "applier/choose.h"
#include "parser/base/buf.h"
#include "parser/base/text.h"

/* An adoption under way. */
struct adoption {
    TALLOC_CTX *mem;
    const struct lk_request *request;
    const struct lk_target *target;
    const struct lk_status *status;
    struct lk_adopt_source source;
    struct lk_history_changes *changes;
    bool *taken;           /* by the index of the item: a row is about it */
    struct lk_buf missing; /* rows without a file */
    struct lk_buf changed; /* files that are not what was applied */
    const char *first_changed;
};

/* ---- the file of a row ---- */

/* stem returns a file's name without its folder, in `*ret_length` without its ending. */
static const char *
stem(const char *path, size_t *ret_length)
{
    const char *base = lk_path_base(path), *dot = strrchr(base, '.');

    *ret_length = dot != NULL ? (size_t)(dot - base) : strlen(base);
    return base;
}

/* same_script returns whether two scripts have one name, or at least one number in front. */
static bool
same_script(const char *left, const char *right, bool by_number)
{
    size_t length, other;
    const char *a = stem(left, &length), *b = stem(right, &other);

    if (by_number) {
        length = lk_version_length(a, false);
        other = lk_version_length(b, false);
    }
    return length > 0 && length == other && strncmp(a, b, length) == 0;
}

/* names_revision returns whether a revision is a word of a script's name:
 * "0001_1975ea83b712_add.sql", as names of revisions alone have no order. */
static bool
names_revision(const char *script, const char *revision)
{
    const char *base = lk_path_base(script);
    size_t length = strlen(revision);

    for (const char *at = base; (at = strstr(at, revision)) != NULL; at++)
        if ((at == base || strchr("_-.", at[-1]) != NULL) && at[length] != '\0' &&
            strchr("_-.", at[length]) != NULL)
            return true;
    return false;
}

static bool
same_version(const struct lk_status_item *item, const char *version)
{
    struct lk_version other = {.text = version, .by_text = item->migration->name.version.by_text};

    return item->version != NULL && lk_version_compare(item->migration->name.version, other) == 0;
}

/* is_rework returns whether an item is an earlier form of a Sqitch change: "users@v1". */
static bool
is_rework(const struct lk_status_item *item, const char *change)
{
    size_t length = strlen(change);

    return item->version != NULL && strncmp(item->version, change, length) == 0 &&
           item->version[length] == '@';
}

/* fits returns how well a row and a file go together: 0 not at all. */
static int
fits(const struct adoption *adoption, const struct lk_adopt_row *row,
     const struct lk_status_item *item)
{
    enum lk_migration_kind kind = item->migration->name.kind;
    enum lk_adopt_match match = adoption->source.tool->match;

    if (row->repeatable)
        return kind == LK_KIND_REPEATABLE && row->description != NULL &&
               strcmp(row->description, item->description) == 0;
    if (kind != (row->state == LK_ADOPT_START ? LK_KIND_BASELINE : LK_KIND_VERSIONED))
        return 0;
    if (match == LK_ADOPT_BY_CONTENT)
        return lk_word_is(item->sha256, strlen(item->sha256), row->checksum) ? 4 : 0;
    if (row->version != NULL && same_version(item, row->version))
        return 3;
    if (row->version != NULL && is_rework(item, row->version) &&
        lk_adopt_check(adoption->mem, item, row->checksum) == LK_ADOPT_SAME)
        return 4;
    if (row->version != NULL && match == LK_ADOPT_BY_UP_TO &&
        names_revision(item->script, row->version))
        return 2;
    if (row->version != NULL || row->script == NULL)
        return 0;
    return same_script(item->script, row->script, false)  ? 2
           : same_script(item->script, row->script, true) ? 1
                                                          : 0;
}

/* find_item returns the index of the file that a row is about; the number of items for none. */
static size_t
find_item(const struct adoption *adoption, const struct lk_adopt_row *row)
{
    size_t found = adoption->status->items.count;
    int best = 0;

    for (size_t i = 0; i < adoption->status->items.count; i++) {
        const struct lk_status_item *item = &adoption->status->items.items[i];
        if (item->migration == NULL || adoption->taken[i])
            continue;
        int how = fits(adoption, row, item);
        if (how > best) {
            best = how;
            found = i;
        }
    }
    return found;
}

/* ---- what becomes of it ---- */

static const char *
name_of(const struct lk_adopt_row *row)
{
    return row->script != NULL ? row->script : row->version;
}

/* is_accepted returns whether the request takes a changed file as it is. */
static bool
is_accepted(const struct adoption *adoption, const struct lk_status_item *item)
{
    lk_vec_foreach(name, &adoption->request->accept)
        if (strcmp(*name, item->script) == 0 || strcmp(*name, item->migration->path) == 0 ||
            (item->version != NULL && same_version(item, *name)))
            return true;
    return false;
}

/* describe says in an entry where it comes from. */
static void
describe(const struct adoption *adoption, const struct lk_adopt_row *row,
         struct lk_history_entry *entry)
{
    const struct lk_adopt_source *source = &adoption->source;

    entry->when = row->when;
    entry->who = row->who;
    entry->reason = source->table != NULL
                        ? lk_fmt(adoption->mem, "by %s, of %s", source->name, source->table)
                        : "by another tool, of a query";
}

/* take adopts a file as applied, unless the history has something to say of it already. */
static void
take(struct adoption *adoption, const struct lk_adopt_row *row, size_t index)
{
    const struct lk_status_item *item = &adoption->status->items.items[index];
    enum lk_adopt_checked checked = lk_adopt_check(adoption->mem, item, row->checksum);

    adoption->taken[index] = true;
    if (item->row != NULL &&
        (item->row->status != LK_HISTORY_FAILED || lk_history_is_half(item->row)))
        return;
    if (checked == LK_ADOPT_DIFFERENT && !row->repeatable && !is_accepted(adoption, item)) {
        lk_buf_sep(&adoption->changed, ", ");
        lk_buf_add(&adoption->changed, item->script);
        if (adoption->first_changed == NULL)
            adoption->first_changed = item->script;
        return;
    }
    struct lk_history_change *change =
        lk_change_add(adoption->mem, adoption->changes, LK_CHANGE_ADOPT, item, 0);
    describe(adoption, row, &change->entry);
    if (checked == LK_ADOPT_DIFFERENT && row->repeatable) { /* it is to be run again */
        change->entry.sha256 = "";
        change->entry.fingerprint = NULL;
        change->entry.flyway_checksum = (int32_t)strtoll(row->checksum, NULL, 10);
    }
}

/* take_gone adopts what has no file: by itself, or where the request says so. */
static void
take_gone(struct adoption *adoption, const struct lk_adopt_row *row)
{
    const char *name = name_of(row);

    lk_vec_foreach(known, &adoption->target->history.rows)
        if (strcmp(known->script, name) == 0)
            return;
    if (row->state != LK_ADOPT_ELSEWHERE && !adoption->request->delete_missing) {
        lk_buf_sep(&adoption->missing, ", ");
        lk_buf_add(&adoption->missing, name);
        return;
    }
    struct lk_migration *migration = lk_new(adoption->mem, struct lk_migration);
    migration->name = (struct lk_name){
        .kind = row->version != NULL ? LK_KIND_VERSIONED : LK_KIND_REPEATABLE,
        .version = {.text = row->version},
        .description = row->description != NULL ? row->description : "",
    };
    const struct lk_status_item item = {
        .migration = migration, .script = name, .version = row->version};
    struct lk_history_change *change =
        lk_change_add(adoption->mem, adoption->changes, LK_CHANGE_ADOPT_GONE, &item, 0);
    change->entry.sha256 = "";
    describe(adoption, row, &change->entry);
}

/* take_baseline adopts that everything up to a version is there. */
static void
take_baseline(struct adoption *adoption, const struct lk_adopt_row *row)
{
    lk_vec_foreach(known, &adoption->target->history.rows)
        if (known->status == LK_HISTORY_BASELINE)
            return;
    struct lk_history_change *change = lk_change_add_baseline(
        adoption->mem, adoption->changes,
        lk_changelog_version(adoption->mem, adoption->status->options.changelog, row->version));
    describe(adoption, row, &change->entry);
}

/* take_up_to adopts a file and all versions below. */
static void
take_up_to(struct adoption *adoption, const struct lk_adopt_row *row, size_t last)
{
    const struct lk_status_item *items = adoption->status->items.items;
    struct lk_adopt_row below = *row;

    for (size_t i = 0; i <= last; i++)
        if (items[i].migration != NULL && items[i].migration->name.kind == LK_KIND_VERSIONED &&
            items[i].migration->folder == items[last].migration->folder && !adoption->taken[i])
            take(adoption, &below, i);
}

/* take_row decides on a row. */
static void
take_row(struct adoption *adoption, const struct lk_adopt_row *row)
{
    if (row->state == LK_ADOPT_UNDONE || row->state == LK_ADOPT_DELETED)
        return;
    size_t found = find_item(adoption, row), count = adoption->status->items.count;
    if (row->state == LK_ADOPT_BASELINE || (row->state == LK_ADOPT_START && found == count))
        take_baseline(adoption, row);
    else if (found == count)
        take_gone(adoption, row);
    else if (adoption->source.tool->match == LK_ADOPT_BY_UP_TO)
        take_up_to(adoption, row, found);
    else
        take(adoption, row, found);
}

/* ---- refusals ---- */

/* refuse_failed fails where the other tool has left something half done. */
static bool
refuse_failed(const struct adoption *adoption, struct lk_error *err)
{
    const struct lk_adopt_source *source = &adoption->source;

    lk_vec_foreach(row, &source->rows) {
        if (row->state != LK_ADOPT_FAILED)
            continue;
        lk_fail(err, LK_ERR_DISAGREE,
                "%s has stopped in the middle of %s: how far it came is not recorded", source->name,
                name_of(row));
        return lk_error_hint(err, "%s Then adopt again.", source->tool->advice);
    }
    return true;
}

/* refuse_files fails where files are missing or changed. */
static bool
refuse_files(const struct adoption *adoption, struct lk_error *err)
{
    const char *name = adoption->source.name;
    bool up_to = adoption->source.tool->match == LK_ADOPT_BY_UP_TO;

    if (adoption->missing.len > 0) {
        lk_fail(err, LK_ERR_DISAGREE, "%s has applied what has no file here: %s", name,
                adoption->missing.data);
        if (up_to)
            return lk_error_hint(err, "Restore the file; or record with `lockkeeper baseline --at "
                                      "VERSION` up to which one everything is there.");
        return lk_error_hint(err, "Restore the files; --delete-missing records that they are gone "
                                  "for good.");
    }
    if (adoption->changed.len == 0)
        return true;
    lk_fail(err, LK_ERR_DISAGREE, "changed since %s has applied them: %s", name,
            adoption->changed.data);
    return lk_error_hint(err,
                         "Restore them as they were applied; `--accept %s` takes one as it is.",
                         adoption->first_changed);
}

bool
lk_decide_adopt(TALLOC_CTX *mem, const struct lk_request *request, const struct lk_target *target,
                const struct lk_status *status, struct lk_history_changes *ret,
                struct lk_error *err)
{
    struct adoption adoption = {
        .mem = mem,
        .request = request,
        .target = target,
        .status = status,
        .changes = ret,
        .taken = lk_new_array(mem, bool, status->items.count + 1),
        .missing = lk_buf_init(mem),
        .changed = lk_buf_init(mem),
    };

    if (target->format->naming != NULL) {
        lk_fail(err, LK_ERR_USAGE, "adopt writes the native history, and this one is that of %s",
                target->format->name);
        return lk_error_hint(err, "Say `apply: {history: native}` in lockkeeper.yml.");
    }
    memset(adoption.taken, 0, (status->items.count + 1) * sizeof(bool));
    if (!lk_adopt_read(mem, request, target, &adoption.source, err) ||
        !refuse_failed(&adoption, err))
        return false;
    ret->from = adoption.source.name;
    ret->from_table = adoption.source.table;
    lk_vec_foreach(row, &adoption.source.rows)
        take_row(&adoption, row);
    return refuse_files(&adoption, err);
}
