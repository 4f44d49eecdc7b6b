/*
 * # empty-migration
 *
 * ## What it flags
 *
 * A migration without a statement.
 *
 * ## Why it hurts
 *
 * It is recorded as applied and has done nothing: a file that was emptied to resolve a conflict, an
 * `-- +goose Up` in the wrong place, SQL that is all in a comment.
 *
 * ## Do instead
 *
 * Write it, or remove the file before it is applied anywhere. One that must stay:
 *
 * ```sql
 * SELECT 1; -- kept for its number: V7 was taken back before the release
 * ```
 *
 * ## When it stays silent
 *
 * On undo migrations, and on drafts (graphile-migrate's current.sql).
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
    if (check->script->statements.count > 0 || check->migration->name.kind == LK_KIND_DRAFT)
        return;
    struct lk_finding *finding = lk_report_file(
        check, check->migration->path, check->migration->ordinal,
        check->script->comments.count > 0 ? "the migration has no statement, only comments"
                                          : "the migration has no statement");
    lk_finding_hint(check, finding, "SELECT 1; -- why the migration is kept");
}

const struct lk_rule lk_rule_empty_migration = {
    .name = "empty-migration",
    .group = LK_GROUP_VERSION,
    .severity = LK_SEVERITY_WARNING,
    .summary = "a migration without a statement",
    .end_of_file = check_file,
};
