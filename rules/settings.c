/*
 * rules/settings.c
 *     What holds for which rule and file: see settings.h.
 */
#include "rules/settings.h"

#include <inttypes.h>

#include "parser/base/buf.h"
#include "parser/base/text.h"
#include "rules/registry.h"

struct lk_settings *
lk_settings_new(TALLOC_CTX *mem)
{
    struct lk_settings *settings = lk_new(mem, struct lk_settings);
    size_t count;
    const struct lk_rule *const *rules = lk_rules(&count);

    settings->postgres_version = LK_POSTGRES_DEFAULT;
    settings->rules = lk_new_array(settings, struct lk_rule_setting, count);
    for (size_t i = 0; i < count; i++) {
        settings->rules[i].severity = rules[i]->severity;
        for (size_t k = 0; k < LK_RULE_MAX_OPTIONS; k++)
            settings->rules[i].options[k] = lk_option_default(&rules[i]->options[k]);
    }
    return settings;
}

struct lk_override *
lk_settings_override(struct lk_settings *settings, const char *const *paths)
{
    struct lk_override *override = lk_vec_add(settings, &settings->overrides);
    size_t count;

    lk_rules(&count);
    override->paths = paths;
    override->rules = lk_new_array(settings, struct lk_rule_setting, count);
    for (size_t i = 0; i < count; i++)
        override->rules[i].severity = LK_SEVERITY_COUNT;
    return override;
}

void
lk_settings_switch_off(struct lk_settings *settings, const struct lk_rule *rule)
{
    size_t index = lk_rule_index(rule);

    settings->rules[index].severity = LK_SEVERITY_OFF;
    lk_vec_foreach(override, &settings->overrides)
        override->rules[index].severity = LK_SEVERITY_COUNT;
}

static bool
is_on(enum lk_severity severity)
{
    return severity != LK_SEVERITY_OFF && severity != LK_SEVERITY_COUNT;
}

bool
lk_settings_is_on(const struct lk_settings *settings, const struct lk_rule *rule)
{
    size_t index = lk_rule_index(rule);
    bool on = is_on(settings->rules[index].severity);

    lk_vec_foreach(override, &settings->overrides)
        on |= is_on(override->rules[index].severity);
    return on;
}

/* is_for returns whether an override is about the file at an absolute path. */
static bool
is_for(const struct lk_override *override, const char *path)
{
    for (const char *const *glob = override->paths; *glob != NULL; glob++)
        if (lk_glob_match(*glob, path))
            return true;
    return false;
}

enum lk_severity
lk_settings_severity(const struct lk_settings *settings, const struct lk_rule *rule,
                     const char *path)
{
    size_t index = lk_rule_index(rule);
    enum lk_severity severity = settings->rules[index].severity;

    if (settings->overrides.count == 0)
        return severity;
    char *absolute LK_CLEANUP(lk_mem_cleanup) = lk_path_absolute(NULL, path);
    lk_vec_foreach(override, &settings->overrides)
        if (override->rules[index].severity != LK_SEVERITY_COUNT && is_for(override, absolute))
            severity = override->rules[index].severity;
    return severity;
}

struct lk_option_value
lk_settings_option(const struct lk_settings *settings, const struct lk_rule *rule, size_t index,
                   const char *path)
{
    size_t place = lk_rule_index(rule);
    struct lk_option_value value = settings->rules[place].options[index];

    if (settings->overrides.count == 0)
        return value;
    char *absolute LK_CLEANUP(lk_mem_cleanup) = lk_path_absolute(NULL, path);
    lk_vec_foreach(override, &settings->overrides)
        if (override->rules[place].options[index].given && is_for(override, absolute))
            value = override->rules[place].options[index];
    return value;
}

struct lk_option_value
lk_option_default(const struct lk_rule_option *option)
{
    return (struct lk_option_value){.number = option->standard};
}

const char *
lk_option_type_name(enum lk_option_type type)
{
    static const char *const names[] = {
        [LK_TYPE_BOOLEAN] = "boolean",
        [LK_TYPE_INTEGER] = "integer",
        [LK_TYPE_STRING] = "string",
        [LK_TYPE_LIST] = "list",
    };

    return names[type];
}

char *
lk_option_text(TALLOC_CTX *mem, enum lk_option_type type, struct lk_option_value value)
{
    struct lk_buf list = lk_buf_init(mem);

    switch (type) {
    case LK_TYPE_BOOLEAN:
        return lk_strdup(mem, value.number != 0 ? "true" : "false");
    case LK_TYPE_INTEGER:
        return lk_fmt(mem, "%" PRId64, value.number);
    case LK_TYPE_STRING:
        return lk_strdup(mem, value.text != NULL ? value.text : "none");
    case LK_TYPE_LIST:
        for (size_t i = 0; value.list != NULL && value.list[i] != NULL; i++) {
            lk_buf_sep(&list, ", ");
            lk_buf_add(&list, value.list[i]);
        }
        return list.len > 0 ? list.data : lk_strdup(mem, "none");
    }
    LK_BUG("there is no option type %d", (int)type);
}
