/*
 * # duplicate-version
 *
 * ## What it flags
 *
 * Two migrations of one version in a folder: 1, 01 and 1.0 are the same.
 *
 * ## Why it hurts
 *
 * Two branches took the same number. Runners stop with an error, or carry one of the two out and
 * take the other for done.
 *
 * ## Do instead
 *
 * Give the one that was merged later, or was not applied anywhere, the next free version.
 *
 * ## When it stays silent
 *
 * On the up and down file of one version, and on down files, whose up files are reported.
 *
 * ## Versions
 *
 * All.
 *
 * ## References
 *
 * - Flyway source: MigrationVersion
 */
#include "rules/suggest.h"

static bool
same_place(const struct lk_migration *a, const struct lk_migration *b)
{
    return a->folder == b->folder && a->name.kind == b->name.kind;
}

static bool
is_duplicate(const struct lk_migration *a, const struct lk_migration *b)
{
    if (!same_place(a, b) || a->name.kind == LK_KIND_UNDO)
        return false;
    if (a->name.kind == LK_KIND_REPEATABLE)
        return strcmp(a->name.description, b->name.description) == 0;
    return a->name.version.text != NULL && b->name.version.text != NULL &&
           lk_version_compare(a->name.version, b->name.version) == 0;
}

static void
check_versions(struct lk_check *check)
{
    const struct lk_migration *items = check->changelog->migrations.items;

    for (size_t i = 1; i < check->changelog->migrations.count; i++) {
        const struct lk_migration *migration = &items[i];
        size_t before = i;
        while (before-- > 0 && items[before].folder == migration->folder &&
               lk_version_compare(items[before].name.version, migration->name.version) == 0)
            if (is_duplicate(&items[before], migration))
                break;
        if (before == SIZE_MAX || !is_duplicate(&items[before], migration) || !migration->reported)
            continue;
        bool repeatable = migration->name.kind == LK_KIND_REPEATABLE;
        struct lk_finding *finding = lk_report_file(
            check, migration->path, migration->ordinal,
            repeatable ? "the repeatable migration %s is there twice: %s has the same description"
                       : "version %s is there twice: %s has it as well",
            repeatable ? migration->name.description : migration->name.version.text,
            items[before].path);
        finding->runner = true;
        lk_finding_hint(check, finding,
                        "Give the one that is not applied anywhere the next free version.");
    }
}

const struct lk_rule lk_rule_duplicate_version = {
    .name = "duplicate-version",
    .group = LK_GROUP_VERSION,
    .severity = LK_SEVERITY_ERROR,
    .summary = "two migrations of one version",
    .end_of_changelog = check_versions,
};
