/*
 * # modified-migration
 *
 * ## What it flags
 *
 * With `lint --since REVISION`: a migration that is in the history of the revision, and was changed
 * since, itself or in a file that it includes (`\ir`). Whether that changes statements or only
 * comments and blanks, the message says.
 *
 * ## Why it hurts
 *
 * Databases that have carried it out keep what it said before; new ones get what it says now. They
 * differ from then on. Runners that keep checksums (`lockkeeper apply`, Flyway, sqlx, Atlas) refuse
 * to go on, after a changed comment as well.
 *
 * ## Do instead
 *
 * Take the change back, and put it into a new migration. If no database has carried the old text
 * out, say so, which reports keep:
 *
 * ```sql
 * -- lockkeeper: ignore-file modified-migration -- was never released
 * ```
 *
 * ## When it stays silent
 *
 * Without `--since`. On repeatable migrations, which are there to be changed, on undo migrations
 * and drafts, and on loose scripts. On renamed files whose version and content are the same, unless
 * the runner compares descriptions as well (Flyway). With a database, `lockkeeper status` and
 * `validate` tell the same of what is applied there.
 *
 * ## Versions
 *
 * All.
 *
 * ## References
 *
 * - Flyway documentation: Validate
 */
#include "parser/difference.h"
#include "parser/past.h"
#include "rules/suggest.h"

static const char whole[] = "the migration was changed after it was in %s";

/* report_statements reports the first token that is another one, where its place is known. */
static struct lk_finding *
report_statements(struct lk_check *check, const struct lk_difference *difference)
{
    const struct lk_migration *migration = check->migration;
    const char *name = check->changelog->past->name;

    if (difference->at.end == difference->at.start || check->source->pieces.items.count > 0)
        return lk_report_file(check, migration->path, migration->ordinal, whole, name);
    return lk_report(check, difference->at,
                     "the migration was changed after it was in %s, from here on", name);
}

static void
report(struct lk_check *check, const struct lk_difference *difference)
{
    const struct lk_migration *migration = check->migration;
    const char *name = check->changelog->past->name;
    struct lk_finding *finding = NULL;

    switch (difference->kind) {
    case LK_DIFFERENCE_NONE:
        return;
    case LK_DIFFERENCE_LAYOUT:
        finding = lk_report_file(check, migration->path, migration->ordinal,
                                 "comments or blanks of the migration were changed after it was in "
                                 "%s, no statement was",
                                 name);
        break;
    case LK_DIFFERENCE_DOWN:
        finding = lk_report_file(check, migration->path, migration->ordinal,
                                 "the part that takes the migration back was changed after it was "
                                 "in %s, what is applied was not",
                                 name);
        break;
    case LK_DIFFERENCE_UP:
        finding = report_statements(check, difference);
        lk_finding_detail(check, finding,
                          "Databases that have carried it out do not get the change.");
        lk_finding_hint(check, finding, "Take the change back, and put it into a new migration.");
        return;
    }
    lk_finding_detail(check, finding, "Runners that keep checksums refuse it all the same.");
    lk_finding_hint(check, finding, "Take the change back.");
}

/* report_name reports a description that is another one, where the runner compares those. */
static void
report_name(struct lk_check *check, const struct lk_migration *then)
{
    const struct lk_migration *now = check->migration;

    if (!now->folder->naming->describes ||
        strcmp(then->name.description, now->name.description) == 0)
        return;
    struct lk_finding *finding =
        lk_report_file(check, now->path, now->ordinal, "the migration was called %s in %s",
                       then->script, check->changelog->past->name);
    lk_finding_detail(
        check, finding,
        "The history of databases keeps the description, and the runner compares it.");
    lk_finding_hint(check, finding, "Give the file its name back.");
}

/* report_included reports a file that is part of the migration. */
static void
report_included(struct lk_check *check, const char *included)
{
    const struct lk_migration *now = check->migration;
    struct lk_finding *finding =
        lk_report_file(check, now->path, now->ordinal,
                       "%s, which the migration includes, was changed after it was in %s", included,
                       check->changelog->past->name);

    lk_finding_detail(check, finding, "Databases that have carried it out do not get the change.");
    lk_finding_hint(check, finding, "Take the change back, and put it into a new migration.");
}

static void
check_file(struct lk_check *check)
{
    const struct lk_past *past = check->changelog->past;
    const struct lk_migration *now = check->migration, *then = NULL;
    const struct lk_former *former = past == NULL ? NULL : lk_past_of(past, now, &then);

    if (former == NULL || now->folder->naming == NULL || !lk_is_still(then, now) ||
        now->name.version.text == NULL)
        return;
    report_name(check, then);
    if (former->included != NULL)
        report_included(check, former->included);
    if (former->text.data == NULL)
        return;
    struct lk_source *before =
        lk_source_new(check->mem, now->path, former->text.data, former->text.size);
    struct lk_difference difference =
        lk_difference_of(now->folder->naming, before, lk_source_own(check->source));
    report(check, &difference);
}

const struct lk_rule lk_rule_modified_migration = {
    .name = "modified-migration",
    .group = LK_GROUP_VERSION,
    .severity = LK_SEVERITY_ERROR,
    .summary = "with --since: a migration that was changed after the revision had it",
    .needs_past = true,
    .end_of_file = check_file,
};
