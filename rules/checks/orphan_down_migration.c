/*
 * # orphan-down-migration
 *
 * ## What it flags
 *
 * A down (undo) file of a version that no migration of its folder has.
 *
 * ## Why it hurts
 *
 * The migration was renamed, renumbered or removed, and its down file was not: whoever wants to
 * take it back finds no way to, or finds one that belongs to something else.
 *
 * ## Do instead
 *
 * Rename it as its migration was, or remove it.
 *
 * ## When it stays silent
 *
 * Where the version is there, also as a baseline that stands for it and all before it.
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

/* is_in_baseline returns whether a baseline of the folder stands for the version. */
static bool
is_in_baseline(const struct lk_changelog *changelog, const struct lk_migration *down)
{
    lk_vec_foreach(migration, &changelog->migrations)
        if (migration->folder == down->folder && migration->name.kind == LK_KIND_BASELINE &&
            lk_version_compare(down->name.version, migration->name.version) <= 0)
            return true;
    return false;
}

static void
check_versions(struct lk_check *check)
{
    lk_vec_foreach(migration, &check->changelog->migrations) {
        if (migration->name.kind != LK_KIND_UNDO || !migration->reported ||
            migration->name.version.text == NULL ||
            lk_counterpart(check->changelog, migration, LK_KIND_VERSIONED) != NULL ||
            is_in_baseline(check->changelog, migration))
            continue;
        struct lk_finding *finding =
            lk_report_file(check, migration->path, migration->ordinal,
                           "no migration has version %s, which this file takes back",
                           migration->name.version.text);
        lk_finding_hint(check, finding, "Rename it as its migration was, or remove it.");
    }
}

const struct lk_rule lk_rule_orphan_down_migration = {
    .name = "orphan-down-migration",
    .group = LK_GROUP_VERSION,
    .severity = LK_SEVERITY_WARNING,
    .summary = "a down file without the migration that it takes back",
    .end_of_changelog = check_versions,
};
