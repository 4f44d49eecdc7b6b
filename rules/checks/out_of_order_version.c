/*
 * # out-of-order-version
 *
 * ## What it flags
 *
 * With `lint --since REVISION`: a new migration whose version is not above the highest one that the
 * revision has.
 *
 * ## Why it hurts
 *
 * Databases that have the higher version already do not get this one: Flyway, goose, Atlas,
 * node-pg-migrate and `lockkeeper apply` refuse to go on, golang-migrate passes it over without a
 * word. New databases get it, in another order than the old ones. It happens when two branches add
 * migrations at the same time, and the one with the lower version is merged later.
 *
 * ## Do instead
 *
 * Give the migration the next free version, which the hint names, before it is merged.
 *
 * ## When it stays silent
 *
 * Without `--since`. On repeatable and undo migrations. With conventions whose runners carry out
 * whatever is not applied yet: dbmate, diesel, prisma, sql-migrate, sqlx. Where the configuration
 * says `apply: {out_of_order: allow}`. With a database, `lockkeeper status` and `validate` tell the
 * same of what is applied there.
 *
 * ## Versions
 *
 * All.
 *
 * ## References
 *
 * - Flyway documentation: Out Of Order
 * - goose documentation: out of order migrations
 */
#include "parser/past.h"
#include "rules/next_version.h"
#include "rules/suggest.h"

/* is_counted returns whether a migration's version takes part in the order of a folder. */
static bool
is_counted(const struct lk_migration *migration, const struct lk_folder *folder)
{
    return migration->folder->priority == folder->priority &&
           migration->name.kind == LK_KIND_VERSIONED && migration->name.version.text != NULL;
}

/*
 * compare compares versions of different times. Places in an order are the same ones then only
 * where that order is written down in a file.
 */
static int
compare(const struct lk_migration *left, const struct lk_migration *right)
{
    struct lk_version a = left->name.version, b = right->name.version;

    if (left->folder->naming->unlisted == NULL)
        a.rank = b.rank = 0;
    return lk_version_compare(a, b);
}

/* highest_of returns the migration of a folder with the highest version, or NULL. */
static const struct lk_migration *
highest_of(const struct lk_changelog *changelog, const struct lk_folder *folder,
           const struct lk_migration *highest)
{
    lk_vec_foreach(migration, &changelog->migrations)
        if (is_counted(migration, folder) && (highest == NULL || compare(migration, highest) > 0))
            highest = migration;
    return highest;
}

/* is_new returns whether a migration is one that databases cannot have yet. */
static bool
is_new(const struct lk_past *past, const struct lk_migration *migration)
{
    const struct lk_migration *then;
    const struct lk_former *former = lk_past_of(past, migration, &then);
    const struct lk_migration *merged = lk_past_find(past->tip, migration->path);

    return (former == NULL || !lk_is_still(then, migration)) &&
           (merged == NULL || !lk_same_migration(merged, migration));
}

/* rival_of returns the migration that has the same version at the revision, or NULL. */
static const struct lk_migration *
rival_of(const struct lk_check *check, const struct lk_migration *migration)
{
    lk_vec_foreach(other, &check->changelog->past->tip->migrations)
        if (lk_same_migration(other, migration) &&
            lk_past_find(check->changelog, other->path) == NULL)
            return other;
    return NULL;
}

static void
report(struct lk_check *check, const struct lk_migration *migration,
       const struct lk_migration *highest, const char **next)
{
    const char *name = check->changelog->past->name;
    const struct lk_migration *rival = rival_of(check, migration);
    struct lk_finding *finding =
        rival != NULL
            ? lk_report_file(check, migration->path, migration->ordinal,
                             "version %s is taken: %s has %s", migration->name.version.text, name,
                             rival->script)
            : lk_report_file(check, migration->path, migration->ordinal,
                             "version %s is below %s, the highest one of %s",
                             migration->name.version.text, highest->name.version.text, name);

    lk_finding_detail(check, finding,
                      "Databases that are at version %s refuse it, or pass it over.",
                      highest->name.version.text);
    if (migration->folder->naming->unlisted != NULL) {
        lk_finding_hint(check, finding, "Put it behind %s.", highest->name.version.text);
        return;
    }
    const char *number = lk_strndup(check->mem, *next, lk_version_length(*next, true));
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    *next = lk_next_version(check->mem, number, now);
    char *script = *next == NULL ? NULL : lk_next_script(check->mem, migration, *next);
    if (script != NULL)
        lk_finding_hint(check, finding, "Rename it to %s.", script);
}

/* check_folder looks at the new migrations of a folder, in their order. */
static void
check_folder(struct lk_check *check, const struct lk_folder *folder)
{
    const struct lk_past *past = check->changelog->past;
    const struct lk_migration *there =
        highest_of(past->base, folder, highest_of(past->tip, folder, NULL));

    if (there == NULL)
        return;
    const char *next = highest_of(check->changelog, folder, there)->name.version.text;
    lk_vec_foreach(migration, &check->changelog->migrations) {
        if (!is_counted(migration, folder) || !migration->reported || !is_new(past, migration))
            continue;
        int order = compare(migration, there);
        if (order < 0 || (order == 0 && rival_of(check, migration) != NULL))
            report(check, migration, there, &next);
    }
}

static void
check_changelog(struct lk_check *check)
{
    if (check->changelog->past == NULL || check->settings->any_order)
        return;
    lk_vec_foreach(folder, &check->changelog->folders)
        if ((*folder)->naming != NULL && !(*folder)->naming->any_order)
            check_folder(check, *folder);
}

const struct lk_rule lk_rule_out_of_order_version = {
    .name = "out-of-order-version",
    .group = LK_GROUP_VERSION,
    .severity = LK_SEVERITY_ERROR,
    .summary = "with --since: a new migration whose version is not above the revision's highest",
    .needs_past = true,
    .end_of_changelog = check_changelog,
};
