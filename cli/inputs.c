/*
 * cli/inputs.c
 *     From options and configuration to settings and changelogs: see inputs.h.
 */
#include "cli/inputs.h"

#include <limits.h>
#include <unistd.h>

#include "cli/since.h"
#include "parser/base/buf.h"
#include "parser/base/text.h"
#include "rules/registry.h"

#define NAMED_FOLDERS 5 /* in a message, at most */

/* ---- settings ---- */

static void
set_group(struct lk_settings *settings, enum lk_group group, enum lk_severity severity)
{
    size_t count;
    const struct lk_rule *const *rules = lk_rules(&count);

    for (size_t i = 0; i < count; i++)
        if (rules[i]->group == group)
            settings->rules[i].severity = severity;
}

static void
set_options(struct lk_rule_setting *setting, const struct lk_rule *rule,
            const struct lk_config_rule *line)
{
    lk_vec_foreach(option, &line->options)
        for (size_t i = 0; i < LK_RULE_MAX_OPTIONS && rule->options[i].name != NULL; i++)
            if (strcmp(rule->options[i].name, option->name) == 0)
                setting->options[i] = strcmp(option->value, "true") == 0;
}

/* apply_rules takes the configuration's lines: groups first, so that a rule's own line wins. */
static void
apply_rules(struct lk_settings *settings, const struct lk_config *config)
{
    lk_vec_foreach(line, &config->rules) {
        enum lk_group group = lk_group_find(line->name);
        if (group != LK_GROUP_COUNT && line->severity != LK_SEVERITY_COUNT)
            set_group(settings, group, line->severity);
    }
    lk_vec_foreach(line, &config->rules) {
        const struct lk_rule *rule = lk_rule_find(line->name);
        if (rule == NULL)
            continue;
        struct lk_rule_setting *setting = &settings->rules[lk_rule_index(rule)];
        if (line->severity != LK_SEVERITY_COUNT)
            setting->severity = line->severity;
        set_options(setting, rule, line);
    }
}

static bool
unknown_rule(const char *name, struct lk_error *err)
{
    const char *nearest = lk_rule_nearest(name);

    lk_fail(err, LK_ERR_USAGE, "there is no rule or group \"%s\"", name);
    if (nearest != NULL)
        return lk_error_hint(err, "Perhaps %s is meant.", nearest);
    return lk_error_hint(err, "`lockkeeper rules` lists them.");
}

/* names_rule returns whether `name` is a rule's name or its group's. */
static bool
names_rule(const struct lk_rule *rule, const char *name)
{
    return strcmp(rule->name, name) == 0 || strcmp(lk_group_word(rule->group), name) == 0;
}

/*
 * is_asked_for returns whether names switch a rule on that is off: its own does, and that of a
 * group unless the group has rules that are on by default, which are meant then.
 */
static bool
is_asked_for(const struct lk_rule *rule, const char *const *names, size_t name_count)
{
    size_t count;
    const struct lk_rule *const *rules = lk_rules(&count);

    for (size_t k = 0; k < name_count; k++)
        if (strcmp(names[k], rule->name) == 0)
            return true;
    if (rule->severity != LK_SEVERITY_OFF)
        return true;
    for (size_t i = 0; i < count; i++)
        if (rules[i]->group == rule->group && rules[i]->severity != LK_SEVERITY_OFF)
            return false;
    return true;
}

/* switch_rules applies --select (only these) and --ignore. */
static bool
switch_rules(struct lk_settings *settings, struct lk_error *err)
{
    size_t count;
    const struct lk_rule *const *rules = lk_rules(&count);

    for (int pass = 0; pass < 2; pass++) {
        const char **names = pass == 0 ? lk_options.select.items : lk_options.ignore.items;
        size_t name_count = pass == 0 ? lk_options.select.count : lk_options.ignore.count;
        for (size_t k = 0; k < name_count; k++)
            if (lk_rule_find(names[k]) == NULL && lk_group_find(names[k]) == LK_GROUP_COUNT)
                return unknown_rule(names[k], err);
        for (size_t i = 0; i < count && name_count > 0; i++) {
            bool named = false;
            for (size_t k = 0; k < name_count; k++)
                named |= names_rule(rules[i], names[k]);
            enum lk_severity *severity = &settings->rules[i].severity;
            if (named == (pass == 1))
                *severity = LK_SEVERITY_OFF;
            else if (pass == 0 && *severity == LK_SEVERITY_OFF &&
                     is_asked_for(rules[i], names, name_count))
                *severity = rules[i]->severity != LK_SEVERITY_OFF ? rules[i]->severity
                                                                  : LK_SEVERITY_WARNING;
        }
    }
    return true;
}

/* world_of returns what `schema` in the configuration says. */
static enum lk_world
world_of(const char *word)
{
    if (word != NULL && strcmp(word, "open") == 0)
        return LK_WORLD_OPEN;
    return word != NULL && strcmp(word, "closed") == 0 ? LK_WORLD_CLOSED : LK_WORLD_AUTO;
}

static void
add_value(struct lk_run *run, struct lk_settings *settings, const char *name, const char *value)
{
    *lk_vec_add(run->mem, &settings->values.items) = (struct lk_value){name, value};
}

/*
 * add_builtin gives Flyway's own placeholders the values that are known without a database.
 * Source: Flyway documentation, Placeholders. ${flyway:timestamp} has a value of its own at each
 * run: it would never be what was linted.
 */
static void
add_builtin(struct lk_run *run, struct lk_settings *settings)
{
    char folder[PATH_MAX];

    add_value(run, settings, "flyway:table", "flyway_schema_history");
    add_value(run, settings, "flyway:environment",
              lk_options.env != NULL ? lk_options.env : "default");
    if (getcwd(folder, sizeof(folder)) != NULL)
        add_value(run, settings, "flyway:workingDirectory", lk_strdup(run->mem, folder));
}

/* fill_values takes the values of placeholders over, with what they ask of the environment. */
static bool
fill_values(struct lk_run *run, struct lk_settings *settings, struct lk_error *err)
{
    struct lk_config_target target;

    if (!lk_inputs_target(run, &target, err))
        return false;
    const char *order = target.apply.out_of_order;
    settings->any_order = order != NULL && strcmp(order, "allow") == 0;
    add_builtin(run, settings);
    lk_vec_foreach(pair, &target.apply.placeholders) {
        char *value = lk_config_expand(run->mem, pair->value, err);
        if (value == NULL)
            return false;
        add_value(run, settings, pair->name, value);
    }
    return true;
}

struct lk_settings *
lk_inputs_settings(struct lk_run *run, struct lk_error *err)
{
    struct lk_settings *settings = lk_settings_new(run->mem);
    int version = lk_options.postgres_version;

    if (version != 0 && (version < LK_POSTGRES_OLDEST || version > LK_POSTGRES_NEWEST)) {
        lk_fail(err, LK_ERR_USAGE, "--postgres-version is a major version from %d to %d, not %d",
                LK_POSTGRES_OLDEST, LK_POSTGRES_NEWEST, version);
        return NULL;
    }
    if (version != 0)
        settings->postgres_version = version;
    else if (run->config->postgres_version >= 0)
        settings->postgres_version = (int)run->config->postgres_version;
    settings->postgres_version_set = version != 0 || run->config->postgres_version >= 0;
    settings->world = world_of(run->config->schema);
    settings->applier_bounds_locks = run->config->apply.lock_timeout > 0;
    apply_rules(settings, run->config);
    return switch_rules(settings, err) && fill_values(run, settings, err) ? settings : NULL;
}

bool
lk_inputs_fail_on(const struct lk_run *run, enum lk_severity *ret, struct lk_error *err)
{
    const char *word = lk_options.fail_on != NULL ? lk_options.fail_on : run->config->fail_on;

    *ret = LK_SEVERITY_ERROR;
    if (word == NULL)
        return true;
    *ret = strcmp(word, "never") == 0 ? LK_SEVERITY_OFF : lk_severity_parse(word);
    if (*ret != LK_SEVERITY_COUNT && strcmp(word, "off") != 0)
        return true;
    return lk_fail(err, LK_ERR_USAGE, "--fail-on is error, warning, info or never, not \"%s\"",
                   word);
}

bool
lk_inputs_target(const struct lk_run *run, struct lk_config_target *ret, struct lk_error *err)
{
    return lk_config_settle(run->config, lk_options.database, lk_options.env, ret, err);
}

/* ---- changelogs ---- */

static bool
read_options(struct lk_run *run, struct lk_changelog_options *ret, struct lk_error *err)
{
    const char *name = lk_options.naming != NULL ? lk_options.naming : run->config->naming;
    size_t count;
    const struct lk_naming *const *namings = lk_namings(&count);

    *ret = (struct lk_changelog_options){0};
    if (run->config->exclude.items.count > 0) {
        size_t globs = run->config->exclude.items.count;
        const char **exclude = lk_new_array(run->mem, const char *, globs + 1);
        for (size_t i = 0; i < globs; i++)
            exclude[i] =
                lk_path_join(run->mem, run->config->folder, run->config->exclude.items.items[i]);
        ret->exclude = exclude;
    }
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

static struct lk_changelog *
new_changelog(struct lk_run *run, struct lk_inputs *inputs)
{
    struct lk_changelog *changelog = lk_new(run->mem, struct lk_changelog);

    lk_vec_push(run->mem, &inputs->changelogs, changelog);
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
        *shared = new_changelog(run, inputs);
    lk_vec_foreach(folder, &found.folders)
        lk_changelog_join(run->mem, itself ? *shared : new_changelog(run, inputs), folder, options);
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
        lk_changelog_add_file(run->mem, new_changelog(run, inputs), path);
        return;
    }
    struct lk_changelog *changelog = find_home(inputs, home.path);
    if (changelog == NULL) {
        changelog = new_changelog(run, inputs);
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
        lk_changelog_add_file(run->mem, new_changelog(run, inputs), "-");
        return;
    }
    add_file(run, inputs, name, options);
    lk_vec_foreach(migration, &(*lk_vec_last(&inputs->changelogs))->migrations)
        if (strcmp(migration->path, name) == 0)
            migration->input = "-";
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
        add_file(run, inputs, plain, options);
        return true;
    }
    lk_fail(err, LK_ERR_INPUT, "%s does not exist", plain);
    return lk_error_hint(err, "Name a folder of migrations or an SQL file.");
}

/*
 * add_configured adds the folders that the configuration names for what was asked for: those of a
 * database are a changelog, and without any of the file's own those of every database are looked
 * at.
 */
static bool
add_configured(struct lk_run *run, struct lk_inputs *inputs,
               const struct lk_changelog_options *options, struct lk_error *err)
{
    struct lk_config_target target;
    LK_VEC(const struct lk_config_strings *) changelogs = {0};

    if (!lk_inputs_target(run, &target, err))
        return false;
    if (target.migrations.items.count > 0)
        lk_vec_push(run->mem, &changelogs, &target.migrations);
    else
        lk_vec_foreach(database, &run->config->databases.items)
            if (database->migrations.items.count > 0)
                lk_vec_push(run->mem, &changelogs, &database->migrations);
    lk_vec_foreach(folders, &changelogs) {
        struct lk_changelog *shared = NULL;
        lk_vec_foreach(folder, &(*folders)->items)
            if (!add_path(run, inputs, &shared,
                          lk_path_join(run->mem, run->config->folder, *folder), options, err))
                return false;
    }
    if (changelogs.count > 0)
        return true;
    lk_fail(err, LK_ERR_USAGE, "no migrations named");
    return lk_error_hint(err, "Name a folder, as in `lockkeeper lint migrations/`, or set "
                              "`migrations:` in lockkeeper.yml.");
}

/* cut_at leaves the findings of migrations up to a version out. */
static void
cut_at(struct lk_run *run, struct lk_changelog *changelog, const char *version)
{
    struct lk_version baseline = lk_changelog_version(run->mem, changelog, version);

    lk_vec_foreach(migration, &changelog->migrations)
        if (migration->name.version.text != NULL &&
            lk_version_compare(migration->name.version, baseline) <= 0)
            migration->reported = false;
}

static bool
finish(struct lk_run *run, struct lk_inputs *inputs, const struct lk_changelog_options *options,
       struct lk_error *err)
{
    struct lk_repositories repositories = {0};
    const char *baseline = lk_options.after != NULL ? lk_options.after : run->config->baseline;
    size_t files = 0;

    lk_vec_foreach(changelog, &inputs->changelogs) {
        lk_changelog_sort(*changelog);
        files += (*changelog)->migrations.count + (*changelog)->strays.count;
        if (baseline != NULL)
            cut_at(run, *changelog, baseline);
        if (lk_options.since != NULL &&
            !lk_since(run->mem, *changelog, lk_options.since, options, &repositories, err))
            return false;
    }
    if (files > 0)
        return true;
    lk_fail(err, LK_ERR_INPUT, "no migration found");
    return lk_error_hint(err, "Files are expected to be called like V1__create_users.sql, "
                              "0001_create_users.up.sql or 20240131120000_create_users.sql.");
}

bool
lk_inputs_changelogs(struct lk_run *run, struct lk_inputs *ret, struct lk_error *err)
{
    struct lk_changelog_options options;
    struct lk_changelog *shared = NULL;

    *ret = (struct lk_inputs){0};
    if (!read_options(run, &options, err))
        return false;
    lk_vec_foreach(path, &lk_options.paths)
        if (!add_path(run, ret, &shared, *path, &options, err))
            return false;
    if (lk_options.paths.count == 0 && !add_configured(run, ret, &options, err))
        return false;
    return finish(run, ret, &options, err);
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
    if (inputs.changelogs.count == 1)
        return inputs.changelogs.items[0];
    if (lk_options.paths.count == 0 && lk_options.database == NULL) {
        lk_fail(err, LK_ERR_USAGE, "%s has several databases", run->config->path);
        lk_error_hint(err, "Say which one: --database NAME.");
        return NULL;
    }
    lk_fail(err, LK_ERR_INPUT, "the paths hold %zu separate folders of migrations",
            inputs.changelogs.count);
    struct lk_buf names = lk_buf_init(run->mem);
    for (size_t i = 0; i < LK_MIN(inputs.changelogs.count, NAMED_FOLDERS); i++)
        lk_buf_addf(&names, " %s", inputs.changelogs.items[i]->folders.items[0]->path);
    lk_error_hint(err, "Name the folders themselves, in order of application:%s%s", names.data,
                  inputs.changelogs.count > NAMED_FOLDERS ? " ..." : "");
    return NULL;
}
