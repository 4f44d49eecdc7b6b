/*
 * # invalid-migration-name
 *
 * ## What it flags
 *
 * An SQL file in a folder of migrations whose name breaks the folder's convention, or is not as
 * option `pattern` wants names to be.
 *
 * ## Why it hurts
 *
 * Runners pass such files over without a word: the migration is reviewed, merged and deployed, and
 * never carried out.
 *
 * ## Do instead
 *
 * Rename the file; the hint says to what, where that can be told.
 *
 * ## When it stays silent
 *
 * In folders where no convention can be made out. Flyway's callbacks (beforeMigrate.sql and the
 * like) are names of their own, and files called like what lies beside migrations (schema.sql,
 * seed_users.sql) are not meant to be any.
 *
 * ## Versions
 *
 * All.
 *
 * ## References
 *
 * - Flyway documentation: Migrations, Naming; golang-migrate: MIGRATIONS.md
 */
#include "parser/base/text.h"
#include "rules/fix.h"
#include "rules/suggest.h"

/* is_taken returns whether a migration has the version of that name. */
static bool
is_taken(struct lk_check *check, const struct lk_stray *stray, const char *name)
{
    const char *problem;
    struct lk_name read;

    if (stray->folder->naming->read(check->mem, name, &read, &problem) != LK_NAME_VALID)
        return true;
    lk_vec_foreach(migration, &check->changelog->migrations)
        if (migration->folder == stray->folder && migration->name.kind == read.kind &&
            read.version.text != NULL &&
            lk_version_compare(migration->name.version, read.version) == 0)
            return true;
    return false;
}

/* offer has the file renamed, unless that would be another one's place. */
static void
offer(struct lk_check *check, struct lk_finding *finding, const struct lk_stray *stray,
      const char *name)
{
    const char *folder = lk_path_dir(check->mem, stray->script);
    const char *script = lk_path_base(name);
    if (folder[0] != '\0')
        script = lk_path_join(check->mem, folder, script);

    if (strchr(name, '/') != NULL ||
        lk_file_exists(lk_path_join(check->mem, stray->folder->path, script)) ||
        is_taken(check, stray, name))
        return;
    lk_fix_rename(check, finding, script);
    lk_fix_unsafe(check, finding);
}

/* name_of returns the name that people gave a migration: its folder's, where it is one. */
static const char *
name_of(const struct lk_check *check, const struct lk_migration *migration)
{
    static const char *const members[] = {"migration.sql", "up.sql", "down.sql"};
    const char *base = lk_path_base(migration->script);

    for (size_t i = 0; i < LK_ARRAY_SIZE(members) && base != migration->script; i++)
        if (strcmp(base, members[i]) == 0)
            return lk_path_base(lk_path_dir(check->mem, migration->script));
    return base;
}

/* check_pattern reports the names that a team does not want. */
static void
check_pattern(struct lk_check *check)
{
    lk_vec_foreach(migration, &check->changelog->migrations) {
        const char *pattern = lk_rule_string(check, "pattern", migration->path);
        if (pattern == NULL || !migration->reported || migration->folder->naming == NULL ||
            lk_glob_match(pattern, name_of(check, migration)))
            continue;
        struct lk_finding *finding =
            lk_report_file(check, migration->path, migration->ordinal,
                           "the name is not like %s, as the configuration wants it", pattern);
        lk_finding_hint(check, finding, "Rename the file, unless it has been applied somewhere.");
    }
}

static void
check_names(struct lk_check *check)
{
    check_pattern(check);
    lk_vec_foreach(stray, &check->changelog->strays) {
        const struct lk_naming *naming = stray->folder->naming;
        char *suggestion = lk_naming_suggest(check->mem, naming, stray->script);
        struct lk_finding *finding =
            lk_report_file(check, stray->path, 0, "the name breaks the convention %s: %s",
                           naming->name, stray->problem);
        lk_finding_detail(check, finding, "The runner passes the file over. A name is %s.",
                          naming->summary);
        if (suggestion == NULL)
            continue;
        lk_finding_hint(check, finding, "Rename it to %s.", suggestion);
        offer(check, finding, stray, suggestion);
    }
}

const struct lk_rule lk_rule_invalid_migration_name = {
    .name = "invalid-migration-name",
    .group = LK_GROUP_VERSION,
    .severity = LK_SEVERITY_ERROR,
    .summary = "the file name breaks the convention, and runners pass the file over",
    .fix = LK_RULE_FIX_UNSAFE,
    .options = {{.name = "pattern",
                 .summary = "what names have to be like as well, with `*` and `?`",
                 .type = LK_TYPE_STRING}},
    .end_of_changelog = check_names,
};
