/*
 * cli/cmd_status.c
 *     lockkeeper status: history against files.
 */
#include "cli/prepare.h"

static struct poptOption options[] = {
    {"exit-code", '\0', POPT_ARG_NONE, &lk_options.exit_code, 0,
     "exit with 1 when work is pending, with 8 when files and history disagree", NULL},
    LK_READING_TABLE,
    LK_GLOBAL_TABLE,
    POPT_TABLEEND,
};

static enum lk_error_code
run_status(struct lk_run *run, struct lk_error *err)
{
    struct lk_prepared prepared;
    const struct lk_events silent = {0};
    const struct lk_reporter *reporter = lk_reporter_choose(err);

    if (reporter == NULL ||
        !lk_prepare_target(run, LK_CONNECT_ALWAYS, NULL, &silent, &prepared, err))
        return err->code;
    struct lk_outlet outlet = lk_outlet_open();
    reporter->status(outlet.stream, &prepared.status);
    if (!lk_outlet_close(&outlet, err))
        return err->code;
    if (!lk_options.exit_code)
        return LK_ERR_OK;
    if (!lk_status_check(&prepared.status, err))
        return err->code;
    lk_vec_foreach(item, &prepared.status.items)
        if (lk_state_is_pending(item->state) && !item->ignored)
            return LK_ERR_FINDINGS;
    return LK_ERR_OK;
}

const struct lk_command lk_command_status = {
    .name = "status",
    .summary = "history against files",
    .usage = "[PATH...]",
    .options = options,
    .run = run_status,
};
