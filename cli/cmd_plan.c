/*
 * cli/cmd_plan.c
 *     lockkeeper plan: what apply would do.
 */
#include "cli/prepare.h"

static struct poptOption options[] = {
    {"to", '\0', POPT_ARG_STRING, &lk_options.to, 0, "up to this version", "VERSION"},
    {"ignore-other-history", '\0', POPT_ARG_NONE, &lk_options.ignore_other_history, 0,
     "start with the first file, although another tool has migrated the database", NULL},
    LK_READING_TABLE,
    LK_GLOBAL_TABLE,
    POPT_TABLEEND,
};

static enum lk_error_code
run_plan(struct lk_run *run, struct lk_error *err)
{
    struct lk_prepared prepared;
    const struct lk_events silent = {0};

    const struct lk_reporter *reporter = lk_reporter_choose(err);
    if (reporter == NULL ||
        !lk_prepare_target(run, LK_CONNECT_IF_NAMED, NULL, &silent, &prepared, err) ||
        !lk_prepare_check_others(run, &prepared, err) || !lk_status_check(&prepared.status, err) ||
        !lk_prepare_plan(run, &prepared, err) || !lk_prepare_check(&prepared, err) ||
        !lk_prepare_whole(&prepared, err))
        return err->code;
    struct lk_outlet outlet = lk_outlet_open();
    reporter->plan(outlet.stream, prepared.plan);
    return lk_outlet_close(&outlet, err) ? LK_ERR_OK : err->code;
}

const struct lk_command lk_command_plan = {
    .name = "plan",
    .summary = "what apply would do: order, transactions, locks, timeouts; -o FILE writes the plan "
               "for apply --plan",
    .usage = "[PATH...]",
    .options = options,
    .several = LK_SEVERAL_EACH,
    .written_format = "json", /* what `apply --plan` reads */
    .run = run_plan,
};
