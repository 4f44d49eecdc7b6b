/*
 * cli/cmd_verify.c
 *     lockkeeper verify: replay everything on a throwaway local server.
 */
#include "applier/interrupt.h"
#include "applier/server.h"
#include "cli/apply.h"

static struct poptOption options[] = {
    {"server-bin", '\0', POPT_ARG_STRING, &lk_options.server_bin, 0,
     "the folder with the server's programs (default: the newest found)", "DIR"},
    {"to", '\0', POPT_ARG_STRING, &lk_options.to, 0, "up to this version", "VERSION"},
    LK_READING_TABLE,
    LK_GLOBAL_TABLE,
    POPT_TABLEEND,
};

static enum lk_error_code
run_verify(struct lk_run *run, struct lk_error *err)
{
    struct lk_prepared prepared;
    struct lk_events events = lk_apply_events();
    const struct lk_reporter *reporter = lk_reporter_choose(err);

    if (reporter == NULL)
        return err->code;
    lk_interrupt_install(lk_leave_at_once);
    const struct lk_server *server = lk_server_start(run->mem, lk_options.server_bin, err);
    if (server == NULL)
        return err->code;
    if (lk_options.verbose)
        fprintf(stderr, "lockkeeper: PostgreSQL %s of %s\n", server->version, server->bin);
    if (!lk_prepare_target(run, LK_CONNECT_ALWAYS, server->url, &events, &prepared, err) ||
        !lk_prepare_plan(run, &prepared, err))
        return err->code;
    return lk_apply_run(run, &prepared, "verify", reporter, err);
}

const struct lk_command lk_command_verify = {
    .name = "verify",
    .summary = "replay everything on a throwaway local PostgreSQL server",
    .usage = "[PATH...]",
    .options = options,
    .run = run_verify,
};
