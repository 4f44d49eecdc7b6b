/*
 * # removed-migration
 *
 * ## What it flags
 *
 * With `lint --since REVISION`: a migration that is in the history of the revision and gone now, or
 * has another version now. Those that a new baseline migration stands for are one finding, at the
 * baseline.
 *
 * ## Why it hurts
 *
 * Databases that have carried it out have what new ones do not get; runners that compare their
 * history with the files (`lockkeeper apply`, Flyway, Atlas, sqlx) refuse to go on. One with
 * another version is carried out a second time. Databases that were behind when migrations were
 * put together into a baseline never get the rest: a baseline is for empty databases.
 *
 * ## Do instead
 *
 * Bring the file back, and undo what it does in a new migration. If no database has carried it out,
 * the finding is the place to look at before the rule is switched off for a run with
 * `--ignore removed-migration`. A baseline whose predecessors all databases have says so:
 *
 * ```sql
 * -- lockkeeper: ignore-file removed-migration -- all databases are at version 120
 * ```
 *
 * ## When it stays silent
 *
 * Without `--since`. On repeatable and undo migrations and drafts, and on loose scripts. Where
 * single files are linted. On files that are not checked out (sparse checkouts). With a database,
 * `lockkeeper status` and `validate` tell the same of what is applied there.
 *
 * ## Versions
 *
 * All.
 *
 * ## References
 *
 * - Flyway documentation: Baseline Migrations; Validate
 */
#include "parser/past.h"
#include "rules/suggest.h"

/* is_applied_once returns whether a migration of the past is one that histories keep. */
static bool
is_applied_once(const struct lk_migration *then)
{
    return then->name.kind == LK_KIND_VERSIONED && then->name.version.text != NULL &&
           then->folder->naming != NULL;
}

/* covering returns the new baseline that stands for a migration of the past, or NULL. */
static const struct lk_migration *
covering(const struct lk_check *check, const struct lk_migration *then)
{
    lk_vec_foreach(migration, &check->changelog->migrations)
        if (migration->name.kind == LK_KIND_BASELINE &&
            migration->folder->priority == then->folder->priority &&
            check->changelog->past->origins[migration->ordinal] == NULL &&
            lk_version_compare(then->name.version, migration->name.version) <= 0)
            return migration;
    return NULL;
}

static void
report_gone(struct lk_check *check, const struct lk_migration *then)
{
    struct lk_finding *finding = lk_report_file(check, then->path, 0, "%s is in %s and gone now",
                                                then->script, check->changelog->past->name);

    lk_finding_detail(
        check, finding,
        "Databases that have carried it out keep what it did; new ones do not get it.");
    lk_finding_hint(check, finding, "Bring it back, and undo what it does in a new migration.");
}

static void
report_renumbered(struct lk_check *check, const struct lk_migration *then,
                  const struct lk_migration *now)
{
    struct lk_finding *finding = lk_report_file(
        check, now->path, now->ordinal, "version %s has become version %s: %s was %s",
        then->name.version.text, now->name.version.text, now->script, then->script);

    lk_finding_detail(check, finding,
                      "Databases that have carried it out carry it out a second time.");
    lk_finding_hint(check, finding, "Give the file its name back.");
}

/* report_squashed reports all that a new baseline stands for. */
static void
report_squashed(struct lk_check *check, const struct lk_migration *baseline, size_t count)
{
    struct lk_finding *finding = lk_report_file(
        check, baseline->path, baseline->ordinal,
        "%zu migration%s of %s %s gone now, which this baseline stands for", count,
        count == 1 ? "" : "s", check->changelog->past->name, count == 1 ? "is" : "are");

    lk_finding_detail(check, finding,
                      "Databases that have not carried all of them out never get the rest.");
    lk_finding_hint(check, finding, "Remove them once all databases are at version %s.",
                    baseline->name.version.text);
}

/* report_former reports what is left of a migration; `squashed` counts by ordinal of a baseline. */
static void
report_former(struct lk_check *check, const struct lk_migration *then,
              const struct lk_former *former, size_t *squashed)
{
    if (former->ordinal != 0) {
        const struct lk_migration *now = &check->changelog->migrations.items[former->ordinal - 1];
        if (now->reported && !lk_is_still(then, now))
            report_renumbered(check, then, now);
        return;
    }
    if (!former->gone)
        return;
    const struct lk_migration *baseline = covering(check, then);
    if (baseline != NULL)
        squashed[baseline->ordinal]++;
    else
        report_gone(check, then);
}

static void
check_changelog(struct lk_check *check)
{
    const struct lk_past *past = check->changelog->past;

    if (past == NULL || check->changelog->partial)
        return;
    size_t *squashed = lk_new_array(check->mem, size_t, check->changelog->migrations.count + 1);
    lk_vec_foreach(then, &past->base->migrations)
        if (is_applied_once(then))
            report_former(check, then, &past->formers[then - past->base->migrations.items],
                          squashed);
    lk_vec_foreach(migration, &check->changelog->migrations)
        if (squashed[migration->ordinal] > 0)
            report_squashed(check, migration, squashed[migration->ordinal]);
}

const struct lk_rule lk_rule_removed_migration = {
    .name = "removed-migration",
    .group = LK_GROUP_VERSION,
    .severity = LK_SEVERITY_ERROR,
    .summary = "with --since: a migration that the revision has is gone, or has another version",
    .needs_past = true,
    .end_of_changelog = check_changelog,
};
