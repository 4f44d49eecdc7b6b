/*
 * cli/cmd_explain.c
 *     lockkeeper explain: print one rule's page.
 */
#include "cli/inputs.h"
#include "cli/report.h"
#include "rules/registry.h"

static struct poptOption options[] = {LK_GLOBAL_TABLE, POPT_TABLEEND};

/* print_option prints an option of a rule, and what it is set to where that is not its default. */
static void
print_option(FILE *stream, TALLOC_CTX *mem, const struct lk_settings *settings,
             const struct lk_rule *rule, size_t index)
{
    const struct lk_rule_option *option = &rule->options[index];
    struct lk_option_value set = settings->rules[lk_rule_index(rule)].options[index];
    char *standard = lk_option_text(mem, option->type, lk_option_default(option));
    char *now = lk_option_text(mem, option->type, set);

    fprintf(stream, "option %s (%s, default: %s%s%s): %s\n", option->name,
            lk_option_type_name(option->type), standard, set.given ? ", set to " : "",
            set.given ? now : "", option->summary);
}

/* fix_text says what `fix` makes of a rule's findings. */
static const char *
fix_text(const struct lk_rule *rule)
{
    static const char *const texts[] = {
        [LK_RULE_FIX_NONE] = "none",
        [LK_RULE_FIX_SAFE] = "safe",
        [LK_RULE_FIX_UNSAFE] = "with --unsafe",
        [LK_RULE_FIX_EITHER] = "safe, or with --unsafe, as the case may be",
    };

    return texts[rule->fix];
}

static enum lk_error_code
run_explain(struct lk_run *run, struct lk_error *err)
{
    if (lk_options.paths.count != 1) {
        lk_fail(err, LK_ERR_USAGE, "explain takes the name of one rule");
        lk_error_hint(err, "`lockkeeper rules` lists them.");
        return err->code;
    }
    const char *name = lk_options.paths.items[0];
    const struct lk_rule *rule = lk_rule_find(name);
    if (rule == NULL) /* the name that another tool has for it */
        rule = lk_rule_by_alias(name);
    struct lk_settings *settings = lk_inputs_settings(run, err);
    if (settings == NULL)
        return err->code;
    if (rule == NULL) {
        const char *nearest = lk_rule_nearest(name);
        lk_fail(err, LK_ERR_USAGE, "there is no rule \"%s\"", name);
        if (nearest != NULL)
            lk_error_hint(err, "Perhaps %s is meant.", nearest);
        else
            lk_error_hint(err, "`lockkeeper rules` lists them.");
        return err->code;
    }
    struct lk_outlet outlet = lk_outlet_open();
    fprintf(outlet.stream, "%s\ngroup: %s, severity: %s\nfix: %s\n", lk_rule_page(rule),
            lk_group_word(rule->group),
            lk_severity_name(settings->rules[lk_rule_index(rule)].severity), fix_text(rule));
    for (size_t i = 0; i < LK_RULE_MAX_OPTIONS && rule->options[i].name != NULL; i++)
        print_option(outlet.stream, run->mem, settings, rule, i);
    return lk_outlet_close(&outlet, err) ? LK_ERR_OK : err->code;
}

const struct lk_command lk_command_explain = {
    .name = "explain",
    .summary = "print a rule's page",
    .usage = "RULE",
    .options = options,
    .run = run_explain,
};
