/*
 * cli/cmd_rollback.c
 *     lockkeeper rollback: take applied migrations back by their undo files or down parts.
 */
#include "cli/apply.h"

static struct poptOption options[] = {
    {"to", '\0', POPT_ARG_STRING, &lk_options.down_to, 0,
     "down to this version, which stays; 0 takes everything back", "VERSION"},
    {"steps", '\0', POPT_ARG_INT, &lk_options.steps, 0,
     "that many migrations, from the one applied last (default: 1)", "N"},
    {"dry-run", '\0', POPT_ARG_NONE, &lk_options.dry_run, 0, "show the plan, change nothing", NULL},
    {"no-gate", '\0', POPT_ARG_NONE, &lk_options.no_gate, 0,
     "roll back in spite of findings, whatever is lost", NULL},
    {"fail-on", '\0', POPT_ARG_STRING, &lk_options.fail_on, 0,
     "refuse from this severity of findings on (default: error); destruction from warnings on",
     "SEVERITY"},
    LK_READING_TABLE,
    LK_GLOBAL_TABLE,
    POPT_TABLEEND,
};

/* count_steps returns how many migrations are asked for. */
static bool
count_steps(size_t *ret, struct lk_error *err)
{
    *ret = lk_options.steps > 0 ? (size_t)lk_options.steps : 1;
    if (lk_options.steps < 0)
        return lk_fail(err, LK_ERR_USAGE, "--steps is a number from 1 on, not %d",
                       lk_options.steps);
    if (lk_options.steps > 0 && lk_options.down_to != NULL)
        return lk_fail(err, LK_ERR_USAGE, "--to and --steps say different things: give one");
    return true;
}

/* check_status is lk_status_check, but for rollbacks that stopped part way: they go on. */
static bool
check_status(struct lk_status *status, struct lk_error *err)
{
    lk_vec_foreach(item, &status->items)
        item->ignored |= item->state == LK_STATE_HALF_UNDONE;
    return lk_status_check(status, err);
}

static enum lk_error_code
run_rollback(struct lk_run *run, struct lk_error *err)
{
    struct lk_prepared prepared;
    struct lk_events events = lk_apply_events();
    struct lk_undos undos;
    size_t steps;
    const struct lk_reporter *reporter = lk_reporter_choose(err);

    if (reporter == NULL || !count_steps(&steps, err) ||
        !lk_prepare_target(run, LK_CONNECT_ALWAYS, NULL, &events, &prepared, err) ||
        !lk_target_check(prepared.target, false, err) || !check_status(&prepared.status, err) ||
        !lk_choose_undos(run->mem, &prepared.status, lk_options.down_to, steps, &undos, err) ||
        !lk_prepare_undo(run, &prepared, &undos, err) || !lk_apply_gate(run, &prepared, err))
        return err->code;
    if (lk_options.dry_run)
        return lk_apply_show(reporter, prepared.plan, err);
    return lk_apply_run(run, &prepared, "rollback", reporter, err);
}

const struct lk_command lk_command_rollback = {
    .name = "rollback",
    .summary = "take applied migrations back, by their undo files or down parts",
    .usage = "[PATH...]",
    .options = options,
    .several = LK_SEVERAL_NAMED,
    .connects = true,
    .run = run_rollback,
};
