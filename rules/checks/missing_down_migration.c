/*
 * # missing-down-migration
 *
 * ## What it flags
 *
 * A migration that nothing takes back: no down file of its version, and no down part in its own
 * file. Off by default: many teams only ever go forwards.
 *
 * ## Why it hurts
 *
 * When a release has to be taken back, the schema stays, and somebody writes the way back at the
 * worst possible time.
 *
 * ## Do instead
 *
 * ```sql
 * -- V2__locale.sql
 * ALTER TABLE users ADD COLUMN locale text;
 * -- U2__locale.sql
 * ALTER TABLE users DROP COLUMN locale;
 * ```
 *
 * ## When it stays silent
 *
 * On repeatable migrations, baselines and drafts, and on a file without statements.
 *
 * ## Versions
 *
 * All.
 *
 * ## References
 *
 * - none
 */
#include "rules/suggest.h"

static void
check_file(struct lk_check *check)
{
    const struct lk_migration *migration = check->migration;

    if (migration->name.kind != LK_KIND_VERSIONED || check->script->statements.count == 0 ||
        lk_counterpart(check->changelog, migration, LK_KIND_UNDO) != NULL)
        return;
    struct lk_parts parts = lk_naming_split(check->mem, migration->folder->naming, check->source);
    if (parts.down.items.count > 0)
        return;
    struct lk_finding *finding = lk_report_file(check, migration->path, migration->ordinal,
                                                "nothing takes this migration back");
    lk_finding_hint(check, finding,
                    "Write a down migration, and try it on a copy of the database.");
}

const struct lk_rule lk_rule_missing_down_migration = {
    .name = "missing-down-migration",
    .group = LK_GROUP_VERSION,
    .severity = LK_SEVERITY_OFF,
    .summary = "a migration that nothing takes back",
    .end_of_file = check_file,
};
