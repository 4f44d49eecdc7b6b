/*
 * # broken-hash-chain
 *
 * ## What it flags
 *
 * A committed migration of graphile-migrate whose `--! Hash:` is not that of its text, or whose
 * `--! Previous:` is not the hash of the migration before it.
 *
 * ## Why it hurts
 *
 * graphile-migrate refuses to run anything from then on. The file was edited after it was
 * committed, so that databases that have it already differ from those that get it now; or two
 * branches each committed a migration, and the later one was never tried on top of the other.
 *
 * ## Do instead
 *
 * Bring the file back as it was, and put the change into a new migration. After a merge commit the
 * later migration again, on top of the earlier one:
 *
 * ```sh
 * graphile-migrate uncommit
 * graphile-migrate commit
 * ```
 *
 * ## When it stays silent
 *
 * On files without a hash, and on hashes that `--! AllowInvalidHash` excuses.
 *
 * ## Versions
 *
 * All.
 *
 * ## References
 *
 * - graphile-migrate documentation: Committed Migrations
 */
#include "parser/graphile_hash.h"
#include "rules/suggest.h"

static void
report(struct lk_check *check, const struct lk_migration *migration, const char *message)
{
    if (!migration->reported)
        return;
    struct lk_finding *finding =
        lk_report_file(check, migration->path, migration->ordinal, "%s", message);
    lk_finding_detail(check, finding, "graphile-migrate refuses to run the migrations.");
}

/* check_chain looks at the committed migrations of a folder, which stand in their order. */
static void
check_chain(struct lk_check *check, const struct lk_folder *folder)
{
    const struct lk_migration *before = NULL;
    const char *expected = NULL;
    struct lk_graphile_header header;

    lk_vec_foreach(migration, &check->changelog->migrations) {
        if (migration->folder != folder || migration->name.kind != LK_KIND_VERSIONED ||
            !lk_graphile_header_read(check->mem, migration->path, &header))
            continue;
        bool follows = expected == NULL
                           ? header.previous == NULL
                           : header.previous != NULL && strcmp(header.previous, expected) == 0;
        if (!follows && before != NULL)
            report(check, migration,
                   lk_fmt(check->mem, "it does not follow %s, whose hash is %s", before->script,
                          expected));
        else if (!follows)
            report(check, migration, "the migration that it follows is not there");
        if (!header.unchecked && strcmp(header.hash, header.computed) != 0)
            report(check, migration,
                   lk_fmt(check->mem, "the text is not the one that was committed: its hash is %s",
                          header.computed));
        before = migration;
        expected = header.hash;
    }
}

static void
check_folders(struct lk_check *check)
{
    lk_vec_foreach(folder, &check->changelog->folders)
        if ((*folder)->naming != NULL && (*folder)->naming->chained)
            check_chain(check, *folder);
}

const struct lk_rule lk_rule_broken_hash_chain = {
    .name = "broken-hash-chain",
    .group = LK_GROUP_VERSION,
    .severity = LK_SEVERITY_ERROR,
    .summary = "a committed migration of graphile-migrate is not what its hashes say",
    .end_of_changelog = check_folders,
};
