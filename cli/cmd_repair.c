/*
 * cli/cmd_repair.c
 *     lockkeeper repair: bring the history back in line with the files.
 */
#include "cli/operate.h"

static struct poptOption options[] = {
    {"accept", '\0', POPT_ARG_STRING, NULL, LK_OPTION_ACCEPT,
     "record a changed migration as it is now: a version or script (can be repeated)", "MIGRATION"},
    {"accept-server", '\0', POPT_ARG_NONE, &lk_options.accept_server, 0,
     "the database is meant to be on another server, or timeline, than its history says", NULL},
    {"delete-missing", '\0', POPT_ARG_NONE, &lk_options.delete_missing, 0,
     "mark applied migrations whose files are gone as deleted", NULL},
    {"dry-run", '\0', POPT_ARG_NONE, &lk_options.dry_run, 0,
     "say what would be done, change nothing", NULL},
    LK_READING_TABLE,
    LK_GLOBAL_TABLE,
    POPT_TABLEEND,
};

static enum lk_error_code
run_repair(struct lk_run *run, struct lk_error *err)
{
    struct lk_request request = {
        .delete_missing = lk_options.delete_missing != 0,
        .accept_server = lk_options.accept_server != 0,
    };

    lk_vec_foreach(name, &lk_options.accept)
        lk_vec_push(run->mem, &request.accept, *name);
    return lk_operate_command(run, "repair", lk_decide_repair, &request, true, err);
}

const struct lk_command lk_command_repair = {
    .name = "repair",
    .summary = "clear failed tries away, and accept files whose comments or white space changed",
    .usage = "[PATH...]",
    .options = options,
    .several = LK_SEVERAL_NAMED,
    .connects = true,
    .run = run_repair,
};
