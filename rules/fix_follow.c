/*
 * rules/fix_follow.c
 *     Fixes that need more than the file: further migrations, and the convention's directives.
 */
#include "parser/base/text.h"
#include "parser/naming_write.h"
#include "rules/fix_private.h"
#include "rules/suggest.h"

/* read_beside returns the text of the file beside a migration with a line more, or NULL. */
static char *
read_beside(struct lk_check *check, const char *path, const char *line)
{
    struct lk_error ignored = {0};
    struct lk_bytes bytes;
    bool read = lk_file_read(check->mem, path, &bytes, &ignored);

    lk_error_clear(&ignored);
    if (!read)
        return NULL;
    bool ended = bytes.size == 0 || bytes.data[bytes.size - 1] == '\n';
    return lk_fmt(check->mem, "%s%s%s", bytes.data, ended ? "" : "\n", line);
}

static struct lk_fix_file *
add_file(struct lk_check *check, struct lk_fix *fix, const char *script, const char *text)
{
    struct lk_fix_file *file = lk_vec_add(check->mem, &fix->files);

    file->folder = check->migration->folder;
    file->script = script;
    file->path = lk_path_join(check->mem, file->folder->path, script);
    file->text = text;
    return file;
}

bool
lk_fix_switch_off(struct lk_check *check, struct lk_finding *finding)
{
    struct lk_fix *fix = lk_fix_of(check, finding);
    const struct lk_folder *folder = check->migration->folder;
    struct lk_source *own = lk_source_own(check->script->source);
    struct lk_switch how;

    if (!lk_naming_switch_off(check->mem, check->migration, own, &how) ||
        (check->migration->beside & LK_BESIDE_TRANSACTION_ON))
        return false;
    fix->whole = true;
    if (how.beside == NULL) {
        struct lk_edit edit = {.span = {how.at, how.at}, .text = how.text};
        lk_vec_push(check->mem, &fix->edits, edit); /* above all that a statement can have */
        memmove(fix->edits.items + 1, fix->edits.items, (fix->edits.count - 1) * sizeof(edit));
        fix->edits.items[0] = edit;
        return true;
    }
    const char *text = how.text;
    if (lk_scripts_have(&folder->files, how.beside))
        text = read_beside(check, lk_path_join(check->mem, folder->path, how.beside), how.text);
    else if (folder->files.paths.count == 0) /* one file by itself */
        text = NULL;
    if (text == NULL)
        return false;
    add_file(check, fix, how.beside, text);
    fix->beside = LK_BESIDE_TRANSACTION_OFF;
    return true;
}

/* last_of returns the migration that a further one has to come behind. */
static struct lk_migration
last_of(struct lk_check *check, const struct lk_fix *fix)
{
    struct lk_migration last = *check->migration;
    const char *problem;

    lk_vec_foreach(file, &fix->files) {
        struct lk_name name;
        if (file->migration &&
            last.folder->naming->read(check->mem, file->script, &name, &problem) == LK_NAME_VALID &&
            name.kind == LK_KIND_VERSIONED) {
            last.script = file->script;
            last.name = name;
        }
    }
    return last;
}

/* add_undo adds the file that takes a further migration back, where the migration at hand has one.
 */
static bool
add_undo(struct lk_check *check, struct lk_fix *fix, const char *script, const char *text)
{
    const struct lk_migration *undo =
        lk_counterpart(check->changelog, check->migration, LK_KIND_UNDO);

    if (undo == NULL)
        return true;
    const char *name = lk_naming_undo(check->mem, undo, script);
    if (name == NULL)
        return false;
    add_file(check, fix, name, text)->migration = true;
    return true;
}

/* undo_of returns what stands where a further migration is taken back. */
static const char *
undo_of(const struct lk_check *check, const struct lk_follow *follow)
{
    const struct lk_migration *undo =
        lk_counterpart(check->changelog, check->migration, LK_KIND_UNDO);

    if (follow->undo != NULL)
        return follow->undo;
    return lk_fmt(check->mem, "-- %s takes it back",
                  undo != NULL ? undo->script : lk_path_base(check->migration->script));
}

static bool
add_migration(struct lk_check *check, struct lk_fix *fix, const struct lk_follow *follow)
{
    const struct lk_naming *naming = check->migration->folder->naming;
    struct lk_migration last = last_of(check, fix);
    char *script = lk_naming_next(check->mem, check->changelog, &last, follow->label, fix->front);
    bool off = follow->outside && naming != NULL && naming->runner == LK_RUNNER_TRANSACTION;

    if (script == NULL || strcmp(check->migration->input, "-") == 0 ||
        (off && !lk_naming_has_off(naming)))
        return false;
    const char *sql = follow->locks ? lk_wait_apart(check, follow->sql) : follow->sql;
    char *undo = lk_fmt(check->mem, "%s\n", undo_of(check, follow));
    struct lk_fix_file *file =
        add_file(check, fix, script,
                 lk_naming_compose(check->mem, naming, off, lk_fmt(check->mem, "%s\n", sql), undo));
    file->migration = true;
    if (off && naming->beside != NULL) {
        file->beside = LK_BESIDE_TRANSACTION_OFF;
        add_file(check, fix, lk_naming_beside_path(check->mem, naming, script),
                 lk_fmt(check->mem, "%s\n", naming->off));
    }
    return add_undo(check, fix, script, undo);
}

void
lk_fix_need_sql(struct lk_check *check, struct lk_finding *finding)
{
    struct lk_span span = check->statement->span;

    lk_vec_foreach(inset, &check->source->insets.items)
        if (inset->span.start < span.end && inset->span.end > span.start)
            lk_fix_refuse(check, finding);
}

void
lk_fix_follow(struct lk_check *check, struct lk_finding *finding, const struct lk_follow *follow)
{
    struct lk_fix *fix = lk_fix_of(check, finding);

    fix->whole = true;
    lk_fix_need_sql(check, finding);
    if (!fix->refused && (check->nested != NULL || finding->included ||
                          check->script->statements.count > LK_FIX_MAX_STATEMENTS ||
                          !add_migration(check, fix, follow)))
        fix->refused = true;
}
