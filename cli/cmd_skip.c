/*
 * cli/cmd_skip.c
 *     lockkeeper skip: a migration that is not to be carried out.
 */
#include "cli/operate.h"

static struct poptOption options[] = {
    {"reason", '\0', POPT_ARG_STRING, &lk_options.reason, 0, "why: it stays with the history",
     "TEXT"},
    {"as-applied", '\0', POPT_ARG_NONE, &lk_options.as_applied, 0,
     "it was carried out otherwise: mark it as applied", NULL},
    {"dry-run", '\0', POPT_ARG_NONE, &lk_options.dry_run, 0,
     "say what would be done, change nothing", NULL},
    LK_READING_TABLE,
    LK_GLOBAL_TABLE,
    POPT_TABLEEND,
};

static enum lk_error_code
run_skip(struct lk_run *run, struct lk_error *err)
{
    struct lk_request request = {
        .migration = lk_operate_argument("migration, a version or script,", err),
        .reason = lk_options.reason,
        .as_applied = lk_options.as_applied != 0,
    };

    if (request.migration == NULL || !lk_operate_reason(run->mem, err))
        return err->code;
    return lk_operate_command(run, "skip", lk_decide_skip, &request, false, err);
}

const struct lk_command lk_command_skip = {
    .name = "skip",
    .summary = "record that a migration is not to be carried out, or was so already",
    .usage = "VERSION|SCRIPT [PATH...]",
    .options = options,
    .several = LK_SEVERAL_NAMED,
    .connects = true,
    .run = run_skip,
};
