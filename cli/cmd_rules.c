/*
 * cli/cmd_rules.c
 *     lockkeeper rules: list all rules.
 */
#include <jansson.h>

#include "cli/help.h"
#include "cli/inputs.h"
#include "cli/paint.h"
#include "cli/report.h"
#include "rules/registry.h"

static struct poptOption options[] = {LK_GLOBAL_TABLE, POPT_TABLEEND};

#define INDENT 11 /* of names and what they flag */

static void
print_rule(FILE *stream, TALLOC_CTX *mem, const struct lk_settings *settings,
           const struct lk_rule *rule)
{
    enum lk_severity severity = settings->rules[lk_rule_index(rule)].severity;
    const char *fix = lk_rule_fix_word(rule);
    const char *changed = severity == rule->severity
                              ? ""
                              : lk_fmt(mem, " (default: %s)", lk_severity_name(rule->severity));

    fprintf(stream, "  %s%-8s%s %s%s%s\n%*s", lk_paint(lk_paint_severity(severity)),
            lk_severity_name(severity), lk_paint_end(), rule->name, changed,
            fix != NULL ? lk_fmt(mem, " [fix: %s]", fix) : "", INDENT, "");
    lk_help_wrap(stream, rule->summary, INDENT, INDENT);
}

static void
list_text(FILE *stream, TALLOC_CTX *mem, const struct lk_settings *settings)
{
    size_t count;
    const struct lk_rule *const *rules = lk_rules(&count);

    for (enum lk_group group = 0; group < LK_GROUP_COUNT; group++) {
        bool titled = false;
        for (size_t i = 0; i < count; i++) {
            if (rules[i]->group != group)
                continue;
            if (!titled)
                fprintf(stream, "%s%s%s%s (%s)\n", group > 0 ? "\n" : "", lk_paint(LK_PAINT_BOLD),
                        lk_group_title(group), lk_paint_end(), lk_group_word(group));
            titled = true;
            print_rule(stream, mem, settings, rules[i]);
        }
    }
}

/* value_of returns what an option is set to: null for a string or list that is not. */
static json_t *
value_of(enum lk_option_type type, struct lk_option_value value)
{
    json_t *list = NULL;

    switch (type) {
    case LK_TYPE_BOOLEAN:
        return json_boolean(value.number != 0);
    case LK_TYPE_INTEGER:
        return json_integer(value.number);
    case LK_TYPE_STRING:
        return value.text != NULL ? json_string(value.text) : json_null();
    case LK_TYPE_LIST:
        list = json_array();
        for (size_t i = 0; value.list != NULL && value.list[i] != NULL; i++)
            json_array_append_new(list, json_string(value.list[i]));
    }
    return list;
}

static json_t *
options_of(const struct lk_settings *settings, const struct lk_rule *rule)
{
    json_t *list = json_array();

    for (size_t i = 0; i < LK_RULE_MAX_OPTIONS && rule->options[i].name != NULL; i++) {
        const struct lk_rule_option *option = &rule->options[i];
        struct lk_option_value value = settings->rules[lk_rule_index(rule)].options[i];
        json_array_append_new(list,
                              json_pack("{s:s,s:s,s:o,s:o,s:s}", "name", option->name, "type",
                                        lk_option_type_name(option->type), "default",
                                        value_of(option->type, lk_option_default(option)), "value",
                                        value_of(option->type, value), "doc", option->summary));
    }
    return list;
}

static json_t *
aliases_of(const struct lk_rule *rule)
{
    json_t *list = json_array();

    for (size_t i = 0; i < LK_ARRAY_SIZE(rule->aliases) && rule->aliases[i] != NULL; i++)
        json_array_append_new(list, json_string(rule->aliases[i]));
    return list;
}

static void
list_json(FILE *stream, TALLOC_CTX *mem, const struct lk_settings *settings)
{
    size_t count;
    const struct lk_rule *const *rules = lk_rules(&count);
    json_t *list = json_array();

    for (size_t i = 0; i < count; i++)
        json_array_append_new(
            list, json_pack("{s:s,s:s,s:s,s:s,s:s,s:s?,s:o,s:o,s:s}", "name", rules[i]->name,
                            "group", lk_group_word(rules[i]->group), "severity",
                            lk_severity_name(settings->rules[i].severity), "default_severity",
                            lk_severity_name(rules[i]->severity), "summary", rules[i]->summary,
                            "fix", lk_rule_fix_word(rules[i]), "aliases", aliases_of(rules[i]),
                            "options", options_of(settings, rules[i]), "docs",
                            lk_fmt(mem, "docs/rules/%s.md", rules[i]->name)));
    json_dumpf(list, stream, JSON_INDENT(2));
    fputc('\n', stream);
    json_decref(list);
}

static enum lk_error_code
run_rules(struct lk_run *run, struct lk_error *err)
{
    const struct lk_reporter *reporter = lk_reporter_choose(err);
    struct lk_settings *settings = reporter == NULL ? NULL : lk_inputs_settings(run, err);

    if (settings == NULL)
        return err->code;
    struct lk_outlet outlet = lk_outlet_open();
    if (strcmp(reporter->name, "json") == 0)
        list_json(outlet.stream, run->mem, settings);
    else
        list_text(outlet.stream, run->mem, settings);
    return lk_outlet_close(&outlet, err) ? LK_ERR_OK : err->code;
}

const struct lk_command lk_command_rules = {
    .name = "rules",
    .summary = "list the rules",
    .usage = "",
    .options = options,
    .run = run_rules,
};
