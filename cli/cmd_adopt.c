/*
 * cli/cmd_adopt.c
 *     lockkeeper adopt: take over from another tool.
 */
#include "applier/adopt.h"
#include "cli/operate.h"

static struct poptOption options[] = {
    {"from", '\0', POPT_ARG_STRING, &lk_options.from, 0,
     "the tool: "
#define LK_ADOPT(name, schema, home, table, with, without, match, salt, key, query, advice)        \
#name ", "
#include "applier/adopt_tools.def"
#undef LK_ADOPT
     "or else the one whose table is there",
     "TOOL"},
    {"table", '\0', POPT_ARG_STRING, &lk_options.table, 0,
     "its table, where that is not called or placed as usual", "[SCHEMA.]TABLE"},
    {"query", '\0', POPT_ARG_STRING, &lk_options.query, 0,
     "a history of any form: a query that returns version or script, and perhaps description, "
     "checksum, installed_at, installed_by",
     "SQL"},
    {"accept", '\0', POPT_ARG_STRING, NULL, LK_OPTION_ACCEPT,
     "take a changed migration as it is: a version or script (can be repeated)", "MIGRATION"},
    {"delete-missing", '\0', POPT_ARG_NONE, &lk_options.delete_missing, 0,
     "record applied migrations whose files are gone as deleted", NULL},
    {"dry-run", '\0', POPT_ARG_NONE, &lk_options.dry_run, 0,
     "say what would be done, change nothing", NULL},
    LK_READING_TABLE,
    LK_GLOBAL_TABLE,
    POPT_TABLEEND,
};

/* check_options fails on options that say different things. */
static bool
check_options(struct lk_error *err)
{
    if (lk_options.query != NULL && (lk_options.from != NULL || lk_options.table != NULL))
        return lk_fail(err, LK_ERR_USAGE, "--query says by itself what to read: leave out %s",
                       lk_options.from != NULL ? "--from" : "--table");
    return true;
}

static enum lk_error_code
run_adopt(struct lk_run *run, struct lk_error *err)
{
    struct lk_request request = {
        .from = lk_options.from,
        .table = lk_options.table,
        .query = lk_options.query,
        .delete_missing = lk_options.delete_missing != 0,
    };

    if (!check_options(err))
        return err->code;
    lk_vec_foreach(name, &lk_options.accept)
        lk_vec_push(run->mem, &request.accept, *name);
    return lk_operate_command(run, "adopt", lk_decide_adopt, &request, false, err);
}

const struct lk_command lk_command_adopt = {
    .name = "adopt",
    .summary = "take over the history of another migration tool",
    .usage = "[PATH...]",
    .options = options,
    .run = run_adopt,
};
