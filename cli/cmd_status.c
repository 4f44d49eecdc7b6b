/*
 * cli/cmd_status.c
 *     lockkeeper status: history against files.
 */
#include "cli/complain.h"
#include "cli/prepare.h"

static struct poptOption options[] = {
    {"exit-code", '\0', POPT_ARG_NONE, &lk_options.exit_code, 0,
     "exit with 1 when work is pending, with 8 when files and history disagree", NULL},
    {"runs", '\0', POPT_ARG_NONE, &lk_options.runs, 0, "the runs so far instead", NULL},
    {"run", '\0', POPT_ARG_INT, &lk_options.run, 0, "one run with its log instead", "ID"},
    {"ignore-other-history", '\0', POPT_ARG_NONE, &lk_options.ignore_other_history, 0,
     "nothing is said of the history of another tool", NULL},
    LK_READING_TABLE,
    LK_GLOBAL_TABLE,
    POPT_TABLEEND,
};

/* show_runs lists runs; files have no part in it. */
static enum lk_error_code
show_runs(struct lk_run *run, const struct lk_reporter *reporter, struct lk_error *err)
{
    const struct lk_events silent = {0};
    struct lk_prepared prepared;
    struct lk_history_runs runs;

    if (lk_options.run < 0) {
        lk_fail(err, LK_ERR_USAGE, "--run is the number of a run, not %d", lk_options.run);
        return err->code;
    }
    if (!lk_prepare_database(run, &silent, &prepared, err))
        return err->code;
    const struct lk_target *target = prepared.target;
    if (!target->format->runs(run->mem, target->conn, target->age, lk_options.run, &runs, err))
        return err->code;
    if (lk_options.run != 0 && runs.items.count == 0) {
        lk_fail(err, LK_ERR_USAGE, "%s has no run %d", target->name, lk_options.run);
        lk_error_hint(err, "`lockkeeper status --runs` lists them.");
        return err->code;
    }
    struct lk_outlet outlet = lk_outlet_open();
    reporter->runs(outlet.stream, &runs);
    return lk_outlet_close(&outlet, err) ? LK_ERR_OK : err->code;
}

/* note_others tells of the history of another tool, which is no failure of a mere look. */
static enum lk_error_code
note_others(struct lk_error *err)
{
    if (err->code != LK_ERR_DISAGREE)
        return err->code;
    if (!lk_options.quiet)
        lk_warn(err);
    lk_error_clear(err);
    return LK_ERR_OK;
}

static enum lk_error_code
run_status(struct lk_run *run, struct lk_error *err)
{
    struct lk_prepared prepared;
    const struct lk_events silent = {0};
    const struct lk_reporter *reporter = lk_reporter_choose(err);

    if (reporter != NULL && (lk_options.runs || lk_options.run != 0))
        return show_runs(run, reporter, err);
    if (reporter == NULL ||
        !lk_prepare_target(run, LK_CONNECT_ALWAYS, NULL, &silent, &prepared, err) ||
        !lk_status_look_around(run->mem, prepared.target, &prepared.status, err))
        return err->code;
    struct lk_outlet outlet = lk_outlet_open();
    reporter->status(outlet.stream, &prepared.status);
    if (!lk_outlet_close(&outlet, err))
        return err->code;
    if (!lk_prepare_check_others(run, &prepared, err))
        return lk_options.exit_code ? err->code : note_others(err);
    if (!lk_options.exit_code)
        return LK_ERR_OK;
    if (!lk_status_check(&prepared.status, err))
        return err->code;
    lk_vec_foreach(item, &prepared.status.items)
        if ((lk_state_is_pending(item->state) || item->state == LK_STATE_RUNNING) && !item->ignored)
            return LK_ERR_FINDINGS;
    return LK_ERR_OK;
}

const struct lk_command lk_command_status = {
    .name = "status",
    .summary = "history against files",
    .usage = "[PATH...]",
    .options = options,
    .several = LK_SEVERAL_EACH,
    .connects = true,
    .run = run_status,
};
