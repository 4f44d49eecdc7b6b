/*
 * cli/cmd_validate.c
 *     lockkeeper validate: names, versions, gaps and order; with a database, checksums as well.
 */
#include "cli/lint.h"
#include "cli/prepare.h"
#include "rules/registry.h"

static struct poptOption options[] = {
    {"fail-on", '\0', POPT_ARG_STRING, &lk_options.fail_on, 0,
     "exit with 1 from this severity on: error, warning, info or never (default: error)",
     "SEVERITY"},
    LK_READING_TABLE,
    LK_GLOBAL_TABLE,
    POPT_TABLEEND,
};

/* keep_versions switches all rules off that are not about names and versions. */
static void
keep_versions(struct lk_settings *settings)
{
    size_t count;
    const struct lk_rule *const *rules = lk_rules(&count);

    for (size_t i = 0; i < count; i++)
        if (rules[i]->group != LK_GROUP_VERSION)
            lk_settings_switch_off(settings, rules[i]);
}

static enum lk_error_code
run_validate(struct lk_run *run, struct lk_error *err)
{
    struct lk_prepared prepared;
    struct lk_lint_report report;
    const struct lk_events silent = {0};
    enum lk_severity fail_on;
    const struct lk_reporter *reporter = lk_reporter_choose(err);

    if (reporter == NULL || !lk_inputs_fail_on(run, &fail_on, err) ||
        !lk_prepare_target(run, LK_CONNECT_IF_NAMED, NULL, &silent, &prepared, err))
        return err->code;
    struct lk_inputs inputs = {0};
    lk_vec_push(run->mem, &inputs.changelogs, prepared.changelog);
    lk_vec_push(run->mem, &inputs.settings, prepared.settings);
    keep_versions(prepared.settings);
    if (!lk_lint(run->mem, &inputs, 0, &report, err))
        return err->code;
    struct lk_outlet outlet = lk_outlet_open();
    reporter->lint(outlet.stream, &report);
    if (!lk_outlet_close(&outlet, err) || !lk_status_check(&prepared.status, err))
        return err->code;
    return lk_findings_fail(&report.findings, fail_on) ? LK_ERR_FINDINGS : LK_ERR_OK;
}

const struct lk_command lk_command_validate = {
    .name = "validate",
    .summary = "checksums, names, gaps and order, against files and, with a URL, the database",
    .usage = "[PATH...]",
    .options = options,
    .several = LK_SEVERAL_EACH,
    .run = run_validate,
};
