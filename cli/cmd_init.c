/*
 * cli/cmd_init.c
 *     lockkeeper init: write a configuration that fits the migrations that are there.
 */
#include "cli/init_text.h"
#include "cli/inputs.h"
#include "cli/lint.h"
#include "cli/report.h"
#include "parser/base/file.h"
#include "parser/base/text.h"

#define NAME "lockkeeper.yml"

static struct poptOption options[] = {
    {"force", '\0', POPT_ARG_NONE, &lk_options.force, 0, "overwrite a file that is there", NULL},
    LK_READING_TABLE,
    LK_GLOBAL_TABLE,
    POPT_TABLEEND,
};

/* newest_of returns the highest version of a folder, or NULL. */
static const char *
newest_of(TALLOC_CTX *mem, const struct lk_found_folder *folder,
          const struct lk_changelog_options *ways)
{
    struct lk_changelog changelog = {0};
    struct lk_version newest = {0};

    lk_changelog_join(mem, &changelog, folder, ways);
    lk_vec_foreach(migration, &changelog.migrations)
        if (migration->name.version.text != NULL &&
            (newest.text == NULL || lk_version_compare(migration->name.version, newest) > 0))
            newest = migration->name.version;
    return newest.text;
}

/* find_folders fills in the folders of migrations; loose scripts count where there is nothing else.
 */
static bool
find_folders(struct lk_run *run, const char *dir, struct lk_init *init, struct lk_error *err)
{
    struct lk_changelog_options ways;
    struct lk_found_folders found = {0};

    if (!lk_inputs_options(run, &ways, err) ||
        !lk_changelog_find(run->mem, dir, &ways, &found, err))
        return false;
    for (int loose = 0; loose < 2 && init->folders.count == 0; loose++)
        lk_vec_foreach(folder, &found.folders)
            if (loose == (folder->naming == NULL))
                *lk_vec_add(run->mem, &init->folders) =
                    (struct lk_init_folder){lk_init_relative(run->mem, init->home, folder->path),
                                            folder->naming, newest_of(run->mem, folder, &ways)};
    return true;
}

/* drop_drafts drops the findings of drafts: those are no past, but what comes next. */
static void
drop_drafts(const struct lk_inputs *inputs, struct lk_findings *findings)
{
    size_t kept = 0;

    lk_vec_foreach(finding, &findings->items) {
        bool draft = false;
        lk_vec_foreach(changelog, &inputs->changelogs)
            lk_vec_foreach(migration, &(*changelog)->migrations)
                draft |= migration->name.kind == LK_KIND_DRAFT &&
                         strcmp(migration->path, finding->path) == 0;
        if (!draft)
            findings->items.items[kept++] = *finding;
    }
    findings->items.count = kept;
}

/* lint_with returns what is found with a configuration that is not written yet. */
static bool
lint_with(struct lk_run *run, const char *path, const char *text, struct lk_lint_report *ret,
          struct lk_error *err)
{
    struct lk_config *config;
    struct lk_inputs inputs;

    if (!lk_config_parse(run->mem, path, text, strlen(text), &config, err))
        return false;
    struct lk_run with = {.mem = run->mem, .config = config};
    if (!lk_inputs_changelogs(&with, &inputs, err) || !lk_inputs_narrow(&with, &inputs, err) ||
        !lk_lint(run->mem, &inputs, 0, ret, err))
        return false;
    drop_drafts(&inputs, &ret->findings);
    return true;
}

/* write_out puts the text where it belongs and says so. */
static bool
write_out(const struct lk_init *init, const char *path, bool printed, const char *text,
          const struct lk_lint_report *report, struct lk_error *err)
{
    if (printed) {
        fputs(text, stdout);
        return true;
    }
    if (!lk_file_write(path, text, strlen(text), err))
        return false;
    if (lk_options.quiet)
        return true;
    printf("%s: %zu migration%s in %zu folder%s (naming: %s)\n", path, report->files,
           report->files == 1 ? "" : "s", init->folders.count, init->folders.count == 1 ? "" : "s",
           report->naming[0] != '\0' ? report->naming : "none");
    return true;
}

static enum lk_error_code
run_init(struct lk_run *run, struct lk_error *err)
{
    bool printed = lk_options.output != NULL && strcmp(lk_options.output, "-") == 0;
    struct lk_init init = {.postgres_version = lk_options.postgres_version};
    struct lk_lint_report report;

    if (lk_options.paths.count > 1) {
        lk_fail(err, LK_ERR_USAGE, "init takes one folder");
        return err->code;
    }
    const char *dir = lk_options.paths.count == 1 ? lk_options.paths.items[0] : ".";
    const char *path = lk_options.output != NULL && !printed ? lk_options.output
                                                             : lk_path_join(run->mem, dir, NAME);
    init.home = lk_path_dir(run->mem, path);
    lk_options.paths.count = 0; /* from here on the new configuration says where to look */
    if (!lk_is_directory(dir)) {
        lk_fail(err, LK_ERR_INPUT, "%s is no folder", dir);
        return err->code;
    }
    if (!printed && !lk_options.force && lk_file_exists(path)) {
        lk_fail(err, LK_ERR_USAGE, "%s is there already", path);
        lk_error_hint(err, "--force overwrites it, `-o -` prints what would be written.");
        return err->code;
    }
    if (!find_folders(run, dir, &init, err))
        return err->code;
    const char *text = lk_init_text(run->mem, &init);
    if (!lint_with(run, path, text, &report, err))
        return err->code;
    init.findings = &report.findings;
    text = lk_init_text(run->mem, &init);
    if (!write_out(&init, path, printed, text, &report, err))
        return err->code;
    return LK_ERR_OK;
}

const struct lk_command lk_command_init = {
    .name = "init",
    .summary = "write a lockkeeper.yml that fits the migrations of a folder; findings start with "
               "the next migration",
    .usage = "[DIR]",
    .options = options,
    .unconfigured = true,
    .run = run_init,
};
