/*
 * cli/settings.c
 *     From options and configuration to what the rules go by: see inputs.h.
 */
#include <limits.h>
#include <unistd.h>

#include "cli/inputs.h"
#include "parser/base/text.h"
#include "rules/registry.h"

static void
set_group(struct lk_rule_setting *settings, enum lk_group group, enum lk_severity severity)
{
    size_t count;
    const struct lk_rule *const *rules = lk_rules(&count);

    for (size_t i = 0; i < count; i++)
        if (rules[i]->group == group)
            settings[i].severity = severity;
}

static void
set_options(struct lk_rule_setting *setting, const struct lk_rule *rule,
            const struct lk_config_rule *line)
{
    lk_vec_foreach(option, &line->options)
        for (size_t i = 0; i < LK_RULE_MAX_OPTIONS && rule->options[i].name != NULL; i++)
            if (strcmp(rule->options[i].name, option->name) == 0)
                setting->options[i] = option->value;
}

/* apply_rules takes the configuration's lines: groups first, so that a rule's own line wins. */
static void
apply_rules(struct lk_rule_setting *settings, const struct lk_config_rules *lines)
{
    lk_vec_foreach(line, &lines->items) {
        enum lk_group group = lk_group_find(line->name);
        if (group != LK_GROUP_COUNT && line->severity != LK_SEVERITY_COUNT)
            set_group(settings, group, line->severity);
    }
    lk_vec_foreach(line, &lines->items) {
        const struct lk_rule *rule = lk_rule_find(line->name);
        if (rule == NULL)
            continue;
        struct lk_rule_setting *setting = &settings[lk_rule_index(rule)];
        if (line->severity != LK_SEVERITY_COUNT)
            setting->severity = line->severity;
        set_options(setting, rule, line);
    }
}

static void
apply_overrides(struct lk_settings *settings, const struct lk_config *config)
{
    lk_vec_foreach(override, &config->overrides.items) {
        size_t count = override->paths.items.count;
        const char **paths = lk_new_array(settings, const char *, count + 1);
        for (size_t i = 0; i < count; i++)
            paths[i] = lk_path_absolute(
                settings, lk_path_join(settings, config->folder, override->paths.items.items[i]));
        apply_rules(lk_settings_override(settings, paths)->rules, &override->rules);
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
                lk_settings_switch_off(settings, rules[i]);
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
fill_values(struct lk_run *run, const struct lk_config_target *target, struct lk_settings *settings,
            struct lk_error *err)
{
    const char *order = target->apply.out_of_order;

    settings->any_order = order != NULL && strcmp(order, "allow") == 0;
    add_builtin(run, settings);
    lk_vec_foreach(pair, &target->apply.placeholders.items) {
        char *value = lk_config_expand(run->mem, run->config, &pair->value, err);
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
    struct lk_config_target target;
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
    if (!lk_inputs_target(run, &target, err))
        return NULL;
    settings->world = world_of(target.schema);
    settings->applier_bounds_locks = target.apply.lock_timeout > 0;
    apply_rules(settings->rules, &run->config->rules);
    apply_overrides(settings, run->config);
    return switch_rules(settings, err) && fill_values(run, &target, settings, err) ? settings
                                                                                   : NULL;
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
    return lk_config_settle(run->mem, run->config, run->database, lk_options.env, ret, err);
}
