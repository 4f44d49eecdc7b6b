/*
 * cli/inputs.c
 *     From options and configuration to changelogs: see inputs.h.
 */
#include "cli/inputs.h"

#include "cli/baseline.h"
#include "cli/databases.h"
#include "cli/hooks.h"
#include "cli/paths.h"
#include "cli/since.h"
#include "parser/base/buf.h"
#include "parser/base/text.h"

#define NAMED_FOLDERS 5 /* in a message, at most */

/* exclusions_of returns the globs of the configuration and of --exclude, as absolute ones. */
static const char *const *
exclusions_of(struct lk_run *run)
{
    size_t configured = run->config->exclude.items.count, given = lk_options.exclude.count;
    const char **globs = lk_new_array(run->mem, const char *, configured + given + 1);

    for (size_t i = 0; i < configured; i++)
        globs[i] = lk_path_absolute(run->mem, lk_path_join(run->mem, run->config->folder,
                                                           run->config->exclude.items.items[i]));
    for (size_t i = 0; i < given; i++)
        globs[configured + i] = lk_path_absolute(run->mem, lk_options.exclude.items[i]);
    return globs;
}

bool
lk_inputs_options(struct lk_run *run, struct lk_changelog_options *ret, struct lk_error *err)
{
    size_t count;
    const struct lk_naming *const *namings = lk_namings(&count);
    struct lk_config_target target;

    *ret = (struct lk_changelog_options){.exclude = exclusions_of(run)};
    if (!lk_inputs_target(run, &target, err))
        return false;
    const char *name = lk_options.naming != NULL ? lk_options.naming : target.naming;
    if (name == NULL || strcmp(name, "auto") == 0)
        return true;
    ret->naming = lk_naming_find(name);
    if (ret->naming != NULL)
        return true;
    lk_fail(err, LK_ERR_USAGE, "there is no naming convention \"%s\"", name);
    const char **names = lk_new_array(run->mem, const char *, count);
    char *list = lk_strdup(run->mem, "auto");
    for (size_t i = 0; i < count; i++) {
        names[i] = namings[i]->name;
        list = lk_fmt(run->mem, "%s, %s", list, namings[i]->name);
    }
    const char *nearest = lk_nearest(name, names, count);
    if (nearest != NULL)
        return lk_error_hint(err, "Perhaps %s is meant.", nearest);
    return lk_error_hint(err, "There are %s.", list);
}

/*
 * database_of returns the database that a folder's migrations are of: the one at hand, the one that
 * was asked for, or one of the configuration's that has the folder; NULL: none.
 */
static const char *
database_of(struct lk_run *run, const char *folder)
{
    struct lk_databases asked = {0};
    struct lk_error ignored = {0};

    if (run->database != NULL)
        return run->database;
    if (lk_options.databases.count > 0 && !lk_databases_choose(run, &asked, &ignored))
        lk_error_clear(&ignored); /* said where it is asked for */
    if (asked.names.count == 1)
        return asked.names.items[0];
    if (folder != NULL)
        lk_vec_foreach(database, &run->config->databases.items)
            if (lk_databases_has(run->mem, run->config, database->name, folder))
                return database->name;
    return NULL;
}

/* new_changelog adds a changelog that starts with `folder` (NULL: one that nobody configures). */
static struct lk_changelog *
new_changelog(struct lk_run *run, struct lk_inputs *inputs, const char *folder)
{
    struct lk_changelog *changelog = lk_new(run->mem, struct lk_changelog);

    lk_vec_push(run->mem, &inputs->changelogs, changelog);
    lk_vec_push(run->mem, &inputs->databases, database_of(run, folder));
    return changelog;
}

/*
 * add_directory adds a folder with migrations to the changelog that all such paths share, and
 * folders of migrations below one without any as a changelog each.
 */
static bool
add_directory(struct lk_run *run, struct lk_inputs *inputs, struct lk_changelog **shared,
              const char *path, const struct lk_changelog_options *options, struct lk_error *err)
{
    struct lk_found_folders found = {0};

    if (!lk_changelog_find(run->mem, path, options, &found, err))
        return false;
    if (found.programs.path != NULL)
        inputs->programs = found.programs;
    bool itself = found.folders.count == 1 && strcmp(found.folders.items[0].path, path) == 0;
    if (itself && *shared == NULL)
        *shared = new_changelog(run, inputs, path);
    lk_vec_foreach(folder, &found.folders)
        lk_changelog_join(run->mem, itself ? *shared : new_changelog(run, inputs, folder->path),
                          folder, options);
    return true;
}

/* find_home returns the changelog that a folder was read into for the sake of one of its files. */
static struct lk_changelog *
find_home(const struct lk_inputs *inputs, const char *folder)
{
    lk_vec_foreach(changelog, &inputs->changelogs)
        if ((*changelog)->folders.count == 1 &&
            strcmp((*changelog)->folders.items[0]->path, folder) == 0)
            return *changelog;
    return NULL;
}

/* add_file adds a file with the history it belongs to; only its own findings are of interest. */
static void
add_file(struct lk_run *run, struct lk_inputs *inputs, const char *path,
         const struct lk_changelog_options *options)
{
    struct lk_found_folder home;

    if (!lk_changelog_home(run->mem, path, options, &home)) {
        lk_changelog_add_file(run->mem, new_changelog(run, inputs, NULL), path);
        return;
    }
    struct lk_changelog *changelog = find_home(inputs, home.path);
    if (changelog == NULL) {
        changelog = new_changelog(run, inputs, home.path);
        lk_changelog_join(run->mem, changelog, &home, options);
        changelog->partial = true;
        changelog->strays.count = 0;
        lk_vec_foreach(migration, &changelog->migrations)
            migration->reported = false;
    }
    lk_vec_foreach(migration, &changelog->migrations)
        if (strcmp(migration->path, path) == 0)
            migration->reported = true;
}

/* add_standard_input adds what is piped in, under the name it is known by if one was given. */
static void
add_standard_input(struct lk_run *run, struct lk_inputs *inputs,
                   const struct lk_changelog_options *options)
{
    const char *name = lk_options.stdin_filename;

    if (name == NULL) {
        lk_changelog_add_file(run->mem, new_changelog(run, inputs, NULL), "-");
        return;
    }
    add_file(run, inputs, name, options);
    lk_vec_foreach(migration, &(*lk_vec_last(&inputs->changelogs))->migrations)
        if (strcmp(migration->path, name) == 0)
            migration->input = "-";
}

static bool add_path(struct lk_run *run, struct lk_inputs *inputs, struct lk_changelog **shared,
                     const char *path, const struct lk_changelog_options *options,
                     struct lk_error *err);

/* add_glob adds what a glob matches: no shell stands between some callers and us. */
static bool
add_glob(struct lk_run *run, struct lk_inputs *inputs, struct lk_changelog **shared,
         const char *glob, const struct lk_changelog_options *options, struct lk_error *err)
{
    struct lk_paths paths = {0};

    if (!lk_paths_expand(run->mem, glob, &paths, err))
        return false;
    lk_vec_foreach(path, &paths.items)
        if (!add_path(run, inputs, shared, *path, options, err))
            return false;
    return true;
}

/* add_path takes one argument of the command line. */
static bool
add_path(struct lk_run *run, struct lk_inputs *inputs, struct lk_changelog **shared,
         const char *path, const struct lk_changelog_options *options, struct lk_error *err)
{
    size_t length = strlen(path);

    if (strcmp(path, "-") == 0) {
        add_standard_input(run, inputs, options);
        return true;
    }
    char *plain = lk_strdup(run->mem, path);
    while (length > 1 && plain[length - 1] == '/')
        plain[--length] = '\0';
    if (lk_is_directory(plain))
        return add_directory(run, inputs, shared, plain, options, err);
    if (lk_file_exists(plain)) {
        if (!lk_changelog_excludes(options, ".", plain))
            add_file(run, inputs, plain, options);
        else
            inputs->may_be_empty = true;
        return true;
    }
    if (lk_paths_is_glob(plain))
        return add_glob(run, inputs, shared, plain, options, err);
    lk_fail(err, LK_ERR_INPUT, "%s does not exist", plain);
    return lk_error_hint(err, "Name a folder of migrations or an SQL file.");
}

/* add_folders adds the folders that the configuration names for the database at hand. */
static bool
add_folders(struct lk_run *run, struct lk_inputs *inputs, const struct lk_config_target *target,
            struct lk_error *err)
{
    struct lk_changelog_options options;
    struct lk_changelog *shared = NULL;

    if (!lk_inputs_options(run, &options, err))
        return false;
    lk_vec_foreach(folder, &target->migrations.items)
        if (!add_path(run, inputs, &shared, lk_path_join(run->mem, run->config->folder, *folder),
                      &options, err))
            return false;
    return true;
}

static bool
same_text(const char *left, const char *right)
{
    return left == right || (left != NULL && right != NULL && strcmp(left, right) == 0);
}

/* is_same returns whether two databases have the same migrations, read in the same way. */
static bool
is_same(const struct lk_config_target *left, const struct lk_config_target *right)
{
    const struct lk_config_pairs *values = &left->apply.placeholders;
    const struct lk_config_pairs *others = &right->apply.placeholders;

    if (left->migrations.items.count != right->migrations.items.count ||
        values->items.count != others->items.count || !same_text(left->naming, right->naming) ||
        !same_text(left->schema, right->schema) || !same_text(left->baseline, right->baseline))
        return false;
    for (size_t i = 0; i < left->migrations.items.count; i++)
        if (strcmp(left->migrations.items.items[i], right->migrations.items.items[i]) != 0)
            return false;
    for (size_t i = 0; i < values->items.count; i++)
        if (strcmp(values->items.items[i].name, others->items.items[i].name) != 0 ||
            strcmp(values->items.items[i].value.text, others->items.items[i].value.text) != 0)
            return false;
    return true;
}

/*
 * add_databases adds the migrations of all databases that are meant, as a changelog each; those
 * that several have alike are one.
 */
static bool
add_databases(struct lk_run *run, struct lk_inputs *inputs, struct lk_error *err)
{
    struct lk_databases databases;
    LK_VEC(struct lk_config_target) seen = {0};

    if (!lk_databases_choose(run, &databases, err))
        return false;
    lk_vec_foreach(name, &databases.names) {
        struct lk_run each = *run;
        struct lk_config_target target;
        bool known = false;
        each.database = *name;
        if (!lk_inputs_target(&each, &target, err))
            return false;
        lk_vec_foreach(other, &seen)
            known |= is_same(other, &target);
        lk_vec_push(run->mem, &seen, target);
        if (!known && !add_folders(&each, inputs, &target, err))
            return false;
    }
    return true;
}

/* add_configured adds what the configuration names. */
static bool
add_configured(struct lk_run *run, struct lk_inputs *inputs, struct lk_error *err)
{
    struct lk_config_target target;

    if (run->database == NULL && run->config->databases.items.count > 0 &&
        !add_databases(run, inputs, err))
        return false;
    if (inputs->changelogs.count > 0)
        return true;
    if (!lk_inputs_target(run, &target, err))
        return false;
    if (target.migrations.items.count > 0)
        return add_folders(run, inputs, &target, err);
    if (run->database != NULL)
        lk_fail(err, LK_ERR_USAGE, "%s: database %s has no migrations", run->config->path,
                run->database);
    else
        lk_fail(err, LK_ERR_USAGE, "no migrations named");
    return lk_error_hint(err, "Name a folder, as in `lockkeeper lint migrations/`, or set "
                              "`migrations:` in lockkeeper.yml.");
}

/* add_baseline adds the dump that the configuration says a database is started with. */
static bool
add_baseline(struct lk_run *run, const struct lk_config_target *target,
             struct lk_changelog *changelog, struct lk_error *err)
{
    if (target->baseline_file.text == NULL || changelog->folders.count == 0)
        return true;
    char *file = lk_config_expand(run->mem, run->config, &target->baseline_file, err);
    if (file == NULL)
        return false;
    if (target->baseline == NULL) {
        lk_fail(err, LK_ERR_USAGE,
                "%s:%u:%u: baseline_file is the schema at a version, and there "
                "is no `baseline`",
                run->config->path, target->baseline_file.at.line, target->baseline_file.at.column);
        return lk_error_hint(err, "Say `baseline:` and the version of the last migration in it.");
    }
    lk_changelog_add_baseline(run->mem, changelog,
                              lk_path_join(run->mem, run->config->folder, file), target->baseline);
    return true;
}

/* settle_all finds what holds for each changelog: that of its database. */
static bool
settle_all(struct lk_run *run, struct lk_inputs *inputs, struct lk_error *err)
{
    for (size_t i = 0; i < inputs->changelogs.count; i++) {
        struct lk_run each = *run;
        struct lk_config_target target;
        each.database = inputs->databases.items[i];
        if (!lk_inputs_target(&each, &target, err))
            return false;
        lk_vec_push(run->mem, &inputs->baselines,
                    lk_options.after != NULL ? lk_options.after : target.baseline);
        bool known = i > 0 && inputs->databases.items[i - 1] == each.database;
        struct lk_settings *settings =
            known ? inputs->settings.items[i - 1] : lk_inputs_settings(&each, err);
        if (settings == NULL)
            return false;
        lk_vec_push(run->mem, &inputs->settings, settings);
        lk_hooks_add(run, &target, inputs->changelogs.items[i]);
        if (!add_baseline(run, &target, inputs->changelogs.items[i], err))
            return false;
    }
    return true;
}

static bool
finish(struct lk_run *run, struct lk_inputs *inputs, struct lk_error *err)
{
    size_t files = 0;

    lk_vec_foreach(changelog, &inputs->changelogs)
        files += (*changelog)->migrations.count + (*changelog)->strays.count;
    bool some = files > 0 || inputs->may_be_empty;
    if (some && !settle_all(run, inputs, err))
        return false;
    lk_vec_foreach(changelog, &inputs->changelogs)
        lk_changelog_sort(*changelog);
    if (some)
        return true;
    lk_fail(err, LK_ERR_INPUT, "no migration found");
    return lk_error_hint(err, "Files are expected to be called like V1__create_users.sql, "
                              "0001_create_users.up.sql or 20240131120000_create_users.sql.");
}

bool
lk_inputs_narrow(struct lk_run *run, struct lk_inputs *inputs, struct lk_error *err)
{
    struct lk_repositories repositories = {0};
    struct lk_changelog_options options;

    lk_baseline_cut(run->mem, inputs);
    if (!lk_baseline_check(run->mem, inputs, err) || !lk_inputs_options(run, &options, err))
        return false;
    if (lk_options.since != NULL)
        lk_vec_foreach(changelog, &inputs->changelogs)
            if (!lk_since(run->mem, *changelog, lk_options.since, &options, &repositories, err))
                return false;
    return true;
}

bool
lk_inputs_changelogs(struct lk_run *run, struct lk_inputs *ret, struct lk_error *err)
{
    struct lk_changelog_options options;
    struct lk_changelog *shared = NULL;
    struct lk_databases databases;
    struct lk_paths listed = {0};

    *ret = (struct lk_inputs){.may_be_empty = lk_options.files_from != NULL};
    if ((run->database == NULL && !lk_databases_choose(run, &databases, err)) ||
        !lk_inputs_options(run, &options, err))
        return false;
    if (lk_options.files_from != NULL &&
        !lk_paths_read(run->mem, lk_options.files_from, &listed, err))
        return false;
    lk_vec_foreach(path, &listed.items)
        if (!add_path(run, ret, &shared, *path, &options, err))
            return false;
    lk_vec_foreach(path, &lk_options.paths)
        if (!add_path(run, ret, &shared, *path, &options, err))
            return false;
    if (lk_options.files_from == NULL && lk_options.paths.count == 0 &&
        !add_configured(run, ret, err))
        return false;
    return finish(run, ret, err);
}

struct lk_changelog *
lk_inputs_changelog(struct lk_run *run, struct lk_error *err)
{
    struct lk_inputs inputs;

    if (!lk_inputs_changelogs(run, &inputs, err))
        return NULL;
    if (inputs.programs.path != NULL) { /* what is beside them is not all of the history */
        lk_changelog_refuse_programs(&inputs.programs, err);
        return NULL;
    }
    lk_baseline_cut(run->mem, &inputs);
    if (inputs.changelogs.count == 1)
        return inputs.changelogs.items[0];
    lk_fail(err, LK_ERR_INPUT, "the paths hold %zu separate folders of migrations",
            inputs.changelogs.count);
    struct lk_buf names = lk_buf_init(run->mem);
    for (size_t i = 0; i < LK_MIN(inputs.changelogs.count, NAMED_FOLDERS); i++)
        lk_buf_addf(&names, " %s", inputs.changelogs.items[i]->folders.items[0]->path);
    lk_error_hint(err, "Name the folders themselves, in order of application:%s%s", names.data,
                  inputs.changelogs.count > NAMED_FOLDERS ? " ..." : "");
    return NULL;
}
