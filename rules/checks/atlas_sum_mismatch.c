/*
 * # atlas-sum-mismatch
 *
 * ## What it flags
 *
 * A folder of migrations that is not what its `atlas.sum` says: a file was changed, removed or
 * added without `atlas migrate hash`, or the sums themselves were edited.
 *
 * ## Why it hurts
 *
 * Atlas refuses to apply anything from such a folder. Most often two branches added migrations, and
 * the merge kept the lines of one: the file of the other was never summed up, or stands in another
 * place of the order than the one it was tested in.
 *
 * ## Do instead
 *
 * If the change is meant, and the migration applied nowhere, sum the folder up again:
 *
 * ```sh
 * atlas migrate hash
 * ```
 *
 * Else bring the file back as it was. Where a merge brought the disorder, rebase the later
 * migrations behind the earlier ones first.
 *
 * ## When it stays silent
 *
 * In folders without an `atlas.sum`. A change shows in the sum of each later file, too: only the
 * first file is reported.
 *
 * ## Versions
 *
 * All.
 *
 * ## References
 *
 * - Atlas documentation: Migration Directory Integrity
 */
#include "parser/atlas_sum.h"
#include "parser/base/text.h"
#include "rules/suggest.h"

#define SUM_UP "Sum the folder up again with `atlas migrate hash` if that is meant."

static bool
is_listed(const struct lk_atlas_sum *sum, const char *script)
{
    lk_vec_foreach(entry, &sum->entries)
        if (strcmp(entry->file, script) == 0)
            return true;
    return false;
}

/* report says what a folder's sums and files disagree about, at `path`. */
static void
report(struct lk_check *check, const char *path, uint32_t ordinal, const char *what)
{
    struct lk_finding *finding = lk_report_file(check, path, ordinal, "%s", what);

    lk_finding_detail(check, finding, "Atlas refuses to apply the migrations of this folder.");
    lk_finding_hint(check, finding, SUM_UP);
}

/* report_entry reports the file of an entry, where it is a migration at that. */
static void
report_entry(struct lk_check *check, const struct lk_folder *folder,
             const struct lk_atlas_entry *entry)
{
    const char *what =
        lk_fmt(check->mem, "%s is not the file that %s sums up", entry->file, LK_ATLAS_SUM);

    lk_vec_foreach(migration, &check->changelog->migrations) {
        if (migration->folder != folder || strcmp(migration->script, entry->file) != 0)
            continue;
        if (migration->reported)
            report(check, migration->path, migration->ordinal, what);
        return;
    }
    report(check, lk_path_join(check->mem, folder->path, LK_ATLAS_SUM), 0, what);
}

static void
check_folder(struct lk_check *check, const struct lk_folder *folder)
{
    struct lk_atlas_sum sum;
    const struct lk_atlas_entry *entry;

    if (!lk_scripts_have(&folder->files, LK_ATLAS_SUM) ||
        !lk_atlas_sum_read(check->mem, folder->path, &sum))
        return;
    const char *path = lk_path_join(check->mem, folder->path, LK_ATLAS_SUM);
    switch (lk_atlas_sum_check(&sum, folder->path, &entry)) {
    case LK_ATLAS_CHANGED:
        report_entry(check, folder, entry);
        break;
    case LK_ATLAS_MISSING:
        report(check, path, 0,
               lk_fmt(check->mem, "%s lists %s, which is not there", LK_ATLAS_SUM, entry->file));
        break;
    case LK_ATLAS_BROKEN:
        report(check, path, 0, "the first line is not the sum of the others");
        break;
    case LK_ATLAS_SAME:
        break;
    }
    lk_vec_foreach(migration, &check->changelog->migrations)
        if (migration->folder == folder && migration->reported &&
            migration->name.kind == LK_KIND_VERSIONED && !is_listed(&sum, migration->script))
            report(check, migration->path, migration->ordinal,
                   lk_fmt(check->mem, "%s does not list %s", LK_ATLAS_SUM, migration->script));
}

static void
check_folders(struct lk_check *check)
{
    lk_vec_foreach(folder, &check->changelog->folders)
        check_folder(check, *folder);
}

const struct lk_rule lk_rule_atlas_sum_mismatch = {
    .name = "atlas-sum-mismatch",
    .group = LK_GROUP_VERSION,
    .severity = LK_SEVERITY_ERROR,
    .summary = "the files of a folder are not those that its atlas.sum sums up",
    .end_of_changelog = check_folders,
};
