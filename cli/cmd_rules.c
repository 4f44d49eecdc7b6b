/*
 * cli/cmd_rules.c
 *     lockkeeper rules: list all rules.
 */
#include <jansson.h>

#include "cli/inputs.h"
#include "cli/paint.h"
#include "cli/report.h"
#include "rules/registry.h"

static struct poptOption options[] = {LK_GLOBAL_TABLE, POPT_TABLEEND};

static void
list_text(FILE *stream, const struct lk_settings *settings)
{
    size_t count;
    const struct lk_rule *const *rules = lk_rules(&count);

    for (enum lk_group group = 0; group < LK_GROUP_COUNT; group++) {
        bool titled = false;
        for (size_t i = 0; i < count; i++) {
            enum lk_severity severity = settings->rules[i].severity;
            if (rules[i]->group != group)
                continue;
            if (!titled)
                fprintf(stream, "%s%s%s%s (%s)\n", group > 0 ? "\n" : "", lk_paint(LK_PAINT_BOLD),
                        lk_group_title(group), lk_paint_end(), lk_group_word(group));
            titled = true;
            fprintf(stream, "  %-41s %s%-8s%s %s\n", rules[i]->name,
                    lk_paint(lk_paint_severity(severity)), lk_severity_name(severity),
                    lk_paint_end(), rules[i]->summary);
        }
    }
}

static void
list_json(FILE *stream, const struct lk_settings *settings)
{
    size_t count;
    const struct lk_rule *const *rules = lk_rules(&count);
    json_t *list = json_array();

    for (size_t i = 0; i < count; i++)
        json_array_append_new(
            list, json_pack("{s:s,s:s,s:s,s:s,s:s}", "name", rules[i]->name, "group",
                            lk_group_word(rules[i]->group), "severity",
                            lk_severity_name(settings->rules[i].severity), "default_severity",
                            lk_severity_name(rules[i]->severity), "summary", rules[i]->summary));
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
        list_json(outlet.stream, settings);
    else
        list_text(outlet.stream, settings);
    return lk_outlet_close(&outlet, err) ? LK_ERR_OK : err->code;
}

const struct lk_command lk_command_rules = {
    .name = "rules",
    .summary = "list the rules",
    .usage = "",
    .options = options,
    .run = run_rules,
};
