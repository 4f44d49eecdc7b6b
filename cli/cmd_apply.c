/*
 * cli/cmd_apply.c
 *     lockkeeper apply: carry pending migrations out.
 */
#include "cli/apply.h"
#include "cli/plan_file.h"

static struct poptOption options[] = {
    {"plan", '\0', POPT_ARG_STRING, &lk_options.plan, 0,
     "carry out this plan, and refuse when anything has changed since it was made", "FILE"},
    {"to", '\0', POPT_ARG_STRING, &lk_options.to, 0, "up to this version", "VERSION"},
    {"dry-run", '\0', POPT_ARG_NONE, &lk_options.dry_run, 0, "show the plan, change nothing", NULL},
    {"no-gate", '\0', POPT_ARG_NONE, &lk_options.no_gate, 0, "apply in spite of findings", NULL},
    {"accept-server", '\0', POPT_ARG_NONE, &lk_options.accept_server, 0,
     "the database is meant to be on another server, or timeline, than its history says", NULL},
    {"ignore-other-history", '\0', POPT_ARG_NONE, &lk_options.ignore_other_history, 0,
     "start with the first file, although another tool has migrated the database", NULL},
    {"fail-on", '\0', POPT_ARG_STRING, &lk_options.fail_on, 0,
     "refuse from this severity of findings on (default: error)", "SEVERITY"},
    LK_READING_TABLE,
    LK_GLOBAL_TABLE,
    POPT_TABLEEND,
};

static enum lk_error_code
run_apply(struct lk_run *run, struct lk_error *err)
{
    struct lk_prepared prepared;
    struct lk_events events = lk_apply_events();
    const struct lk_reporter *reporter = lk_reporter_choose(err);

    if (reporter == NULL ||
        !lk_prepare_target(run, LK_CONNECT_ALWAYS, NULL, &events, &prepared, err) ||
        !lk_target_check(prepared.target, lk_options.accept_server != 0, err) ||
        !lk_prepare_check_others(run, &prepared, err) || !lk_status_check(&prepared.status, err) ||
        !lk_prepare_plan(run, &prepared, err))
        return err->code;
    if (lk_options.plan != NULL &&
        !lk_plan_file_check(lk_options.plan, run->database, prepared.plan, err))
        return err->code;
    if (!lk_apply_gate(run, &prepared, err))
        return err->code;
    if (lk_options.dry_run)
        return lk_apply_show(reporter, prepared.plan, err);
    if (lk_options.verbose && prepared.target->system_identifier == NULL)
        fprintf(stderr,
                "lockkeeper: the role may not ask for the server's identifier: whether it is "
                "the one that the history was written on is not known for sure\n");
    return lk_apply_run(run, &prepared, "apply", reporter, err);
}

const struct lk_command lk_command_apply = {
    .name = "apply",
    .summary = "carry out pending migrations",
    .usage = "[PATH...]",
    .options = options,
    .several = LK_SEVERAL_EACH,
    .connects = true,
    .run = run_apply,
};
