/*
 * # version-gap
 *
 * ## What it flags
 *
 * A hole in the numbers of migrations that are numbered one after the other. Where a file lists the
 * migrations (Drizzle's journal, Sqitch's plan): one that is listed and not there.
 *
 * ## Why it hurts
 *
 * A missing number is often a file that was not committed, or one that is still on another branch
 * and will arrive out of order: below versions that are applied by then, where runners refuse it or
 * pass it over. At a listed migration without a file the runner stops.
 *
 * ## Do instead
 *
 * Look for the missing file; if there is none, renumber what is not applied yet.
 *
 * ## When it stays silent
 *
 * With timestamps, where a file lists what there is (a hole loses nothing), and where holes are the
 * habit (numbering in tens, by ticket): more than one hole, and more than one in four steps. With
 * `--since`, where the revision has the number.
 *
 * ## Versions
 *
 * All.
 *
 * ## References
 *
 * - golang-migrate: MIGRATIONS.md, on sequential versions
 */
#include "parser/base/file.h"
#include "parser/base/text.h"
#include "parser/naming_write.h"
#include "parser/past.h"
#include "rules/fix.h"
#include "rules/suggest.h"

#define MAX_SEQUENCE_DIGITS 6 /* longer numbers are dates */

/* is_sequential returns whether a version looks like a number counted up. */
static bool
is_sequential(struct lk_version version)
{
    for (size_t i = 0; i < lk_version_parts(version); i++)
        if (lk_version_digits(version, i) > MAX_SEQUENCE_DIGITS)
            return false;
    return true;
}

/* is_counted returns whether a migration takes part in the numbering of its folder. */
static bool
is_counted(const struct lk_migration *migration)
{
    return migration->name.kind == LK_KIND_VERSIONED && migration->name.version.text != NULL;
}

/* next_counted returns the next migration of the same folder that takes part, or NULL. */
static const struct lk_migration *
next_counted(const struct lk_changelog *changelog, const struct lk_migration *migration)
{
    const struct lk_migration *end = changelog->migrations.items + changelog->migrations.count;

    for (const struct lk_migration *next = migration + 1; next < end; next++)
        if (is_counted(next))
            return next->folder == migration->folder ? next : NULL;
    return NULL;
}

/* is_listed returns whether a file says which migrations there are, so that none gets lost. */
static bool
is_listed(const struct lk_migration *migration)
{
    return migration->folder->naming != NULL && migration->folder->naming->list != NULL &&
           migration->name.version.rank > 0;
}

/* is_gap returns whether numbers are missing between two neighbours. */
static bool
is_gap(const struct lk_migration *a, const struct lk_migration *b)
{
    return !is_listed(a) && !is_listed(b) && is_sequential(a->name.version) &&
           is_sequential(b->name.version) &&
           lk_version_compare(a->name.version, b->name.version) != 0 &&
           !lk_version_follows(a->name.version, b->name.version);
}

/* is_filled returns whether what is missing between two neighbours is there at the revision that
 * the work at hand is compared with: merging brings it. */
static bool
is_filled(const struct lk_changelog *changelog, const struct lk_migration *a,
          const struct lk_migration *b)
{
    if (changelog->past == NULL)
        return false;
    lk_vec_foreach(other, &changelog->past->tip->migrations)
        if (other->folder->priority == a->folder->priority && is_counted(other) &&
            lk_version_compare(a->name.version, other->name.version) < 0 &&
            lk_version_compare(other->name.version, b->name.version) < 0)
            return true;
    return false;
}

/* has_beside returns whether a file beside a migration goes by its name. */
static bool
has_beside(const struct lk_check *check, const struct lk_migration *migration)
{
    const struct lk_naming *naming = migration->folder->naming;

    return naming->beside != NULL &&
           lk_file_exists(
               lk_path_join(check->mem, migration->folder->path,
                            lk_naming_beside_path(check->mem, naming, migration->script)));
}

/* renumber offers to give `b`, and what takes it back, the version behind that of `a`. */
static void
renumber(struct lk_check *check, struct lk_finding *finding, const struct lk_migration *a,
         const struct lk_migration *b)
{
    const struct lk_migration *undo = lk_counterpart(check->changelog, b, LK_KIND_UNDO);
    char *name = lk_naming_renumber(check->mem, check->changelog, b, a);
    char *undo_name = name != NULL && undo != NULL ? lk_naming_undo(check->mem, undo, name) : NULL;

    if (name == NULL || has_beside(check, b) ||
        (undo != NULL && (undo_name == NULL || has_beside(check, undo) ||
                          lk_naming_is_taken(check->changelog, undo->folder, undo_name))))
        return;
    lk_fix_rename(check, finding, name);
    if (undo != NULL)
        lk_fix_rename_undo(check, finding, undo, undo_name);
    lk_fix_unsafe(check, finding);
}

static void
report_gap(struct lk_check *check, const struct lk_migration *a, const struct lk_migration *b)
{
    struct lk_finding *finding =
        lk_report_file(check, b->path, b->ordinal, "no migration between versions %s and %s",
                       a->name.version.text, b->name.version.text);

    lk_finding_hint(check, finding,
                    "Look for a file that was not committed; if there is none, renumber this one.");
    renumber(check, finding, a, b);
}

/*
 * is_first_step returns whether `a` is what numbering starts with and `b` at most a few numbers
 * behind it: all that a folder of two tells of its habit.
 */
static bool
is_first_step(const struct lk_migration *a, const struct lk_migration *b)
{
    static const struct lk_version first = {.text = "1"}, far = {.text = "10"};

    return lk_version_compare(a->name.version, first) <= 0 &&
           lk_version_compare(b->name.version, far) < 0;
}

/* holes_are_the_habit returns whether the numbers are not counted up one by one to begin with. */
static bool
holes_are_the_habit(const struct lk_changelog *changelog)
{
    size_t steps = 0, gaps = 0;
    bool first_step = false;

    lk_vec_foreach(migration, &changelog->migrations) {
        const struct lk_migration *next =
            is_counted(migration) ? next_counted(changelog, migration) : NULL;
        if (next == NULL)
            continue;
        steps++;
        gaps += is_gap(migration, next);
        first_step = is_first_step(migration, next);
    }
    if (gaps == 1)
        return steps == 1 && !first_step;
    return gaps * 4 > steps;
}

/* report_lacking reports what is listed and not there, unless merging brings it. */
static void
report_lacking(struct lk_check *check, const struct lk_lacking *lacking)
{
    const struct lk_past *past = check->changelog->past;
    const char *list = lacking->folder->naming->list;

    if (past != NULL)
        lk_vec_foreach(other, &past->tip->migrations)
            if (other->folder->priority == lacking->folder->priority && is_counted(other) &&
                strcmp(other->name.version.text, lacking->version) == 0)
                return;
    struct lk_finding *finding =
        lk_report_file(check, lk_path_join(check->mem, lacking->folder->path, list), 0,
                       "there is no migration %s, which %s lists", lacking->version, list);
    lk_finding_detail(check, finding, "The runner stops there.");
    lk_finding_hint(
        check, finding,
        "Look for a file that was not committed; if there is none, take the entry out.");
}

static void
check_versions(struct lk_check *check)
{
    if (!check->changelog->partial)
        lk_vec_foreach(lacking, &check->changelog->lacking)
            report_lacking(check, lacking);
    if (holes_are_the_habit(check->changelog))
        return;
    lk_vec_foreach(migration, &check->changelog->migrations) {
        const struct lk_migration *next =
            is_counted(migration) ? next_counted(check->changelog, migration) : NULL;
        if (next != NULL && next->reported && is_gap(migration, next) &&
            !is_filled(check->changelog, migration, next))
            report_gap(check, migration, next);
    }
}

const struct lk_rule lk_rule_version_gap = {
    .name = "version-gap",
    .group = LK_GROUP_VERSION,
    .severity = LK_SEVERITY_WARNING,
    .summary = "a hole in sequential numbering",
    .fix = LK_RULE_FIX_UNSAFE,
    .end_of_changelog = check_versions,
};
