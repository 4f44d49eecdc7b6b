/*
 * cli/cmd_baseline.c
 *     lockkeeper baseline: a database that is there already starts its history.
 */
#include "cli/operate.h"

static struct poptOption options[] = {
    {"at", '\0', POPT_ARG_STRING, &lk_options.at, 0,
     "the last version that is there already (default: that of the newest migration, or of "
     "baseline_file)",
     "VERSION"},
    {"dry-run", '\0', POPT_ARG_NONE, &lk_options.dry_run, 0,
     "say what would be done, change nothing", NULL},
    LK_READING_TABLE,
    LK_GLOBAL_TABLE,
    POPT_TABLEEND,
};

static enum lk_error_code
run_baseline(struct lk_run *run, struct lk_error *err)
{
    struct lk_request request = {.version = lk_options.at};
    struct lk_config_target target;

    if (!lk_inputs_target(run, &target, err))
        return err->code;
    if (request.version == NULL && target.baseline_file.text != NULL)
        request.version = target.baseline;
    return lk_operate_command(run, "baseline", lk_decide_baseline, &request, false, err);
}

const struct lk_command lk_command_baseline = {
    .name = "baseline",
    .summary = "record that a database holds everything up to a version already",
    .usage = "[PATH...]",
    .options = options,
    .several = LK_SEVERAL_NAMED,
    .connects = true,
    .run = run_baseline,
};
