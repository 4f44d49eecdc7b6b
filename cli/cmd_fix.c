/*
 * cli/cmd_fix.c
 *     lockkeeper fix: write what the rules advise into the files.
 */
#include "cli/diff.h"
#include "cli/fix.h"
#include "cli/inputs.h"
#include "cli/report.h"

static struct poptOption options[] = {
    {"diff", '\0', POPT_ARG_NONE, &lk_options.diff, 0,
     "print what would change as a unified diff, and write nothing", NULL},
    {"unsafe", '\0', POPT_ARG_NONE, &lk_options.unsafe, 0,
     "also fixes that change more than the flagged clause, and need a look", NULL},
    {"exit-code", '\0', POPT_ARG_NONE, &lk_options.exit_code, 0,
     "exit with 1 when there was something to fix", NULL},
    {"after", '\0', POPT_ARG_STRING, &lk_options.after, 0,
     "fix later versions only: what is applied already has to stay as it is", "VERSION"},
    {"select", '\0', POPT_ARG_STRING, NULL, LK_OPTION_SELECT, "only these rules or groups",
     "RULE[,RULE]"},
    {"ignore", '\0', POPT_ARG_STRING, NULL, LK_OPTION_IGNORE, "not these rules or groups",
     "RULE[,RULE]"},
    {"stdin-filename", '\0', POPT_ARG_STRING, &lk_options.stdin_filename, 0,
     "what the file read from \"-\" is called", "FILE"},
    LK_READING_TABLE,
    LK_GLOBAL_TABLE,
    POPT_TABLEEND,
};

/* read_from_input returns the migration that is read from standard input, or NULL. */
static const struct lk_migration *
read_from_input(const struct lk_inputs *inputs)
{
    lk_vec_foreach(changelog, &inputs->changelogs)
        lk_vec_foreach(migration, &(*changelog)->migrations)
            if (strcmp(migration->input, "-") == 0)
                return migration;
    return NULL;
}

/* collect carries the fixes of all changelogs out in memory. */
static bool
collect(struct lk_run *run, const struct lk_inputs *inputs, struct lk_fix_report *report,
        struct lk_error *err)
{
    struct lk_walk walk = {.pending_from = UINT32_MAX};
    bool input = read_from_input(inputs) != NULL;

    for (size_t i = 0; i < inputs->changelogs.count; i++) {
        struct lk_patch patch = {.unsafe = lk_options.unsafe, .stay = input};
        walk.settings = inputs->settings.items[i];
        if (!lk_patch_run(run->mem, inputs->changelogs.items[i], &walk, &patch, err))
            return false;
        lk_vec_foreach(file, &patch.files)
            lk_vec_push(run->mem, &report->files, *file);
        report->left_out += patch.left_out;
        report->unfinished |= patch.unfinished;
    }
    if (report->unfinished)
        fputs("lockkeeper: so many fixes make room for others that not all are done: run fix "
              "again\n",
              stderr);
    return true;
}

/* show prints what there is to print before, or instead of, writing files; false: that is all. */
static bool
show(FILE *stream, const struct lk_inputs *inputs, const struct lk_fix_report *report)
{
    const struct lk_migration *input = read_from_input(inputs);

    if (lk_options.diff)
        lk_vec_foreach(file, &report->files)
            lk_diff_print(stream, *file);
    else if (input != NULL)
        fwrite(input->given->data, 1, input->given->size, stream);
    return !lk_options.diff && input == NULL;
}

static enum lk_error_code
run_fix(struct lk_run *run, struct lk_error *err)
{
    struct lk_inputs inputs;
    struct lk_fix_report report = {0};
    const struct lk_reporter *reporter = lk_reporter_choose(err);

    if (reporter == NULL || !lk_inputs_changelogs(run, &inputs, err))
        return err->code;
    if (read_from_input(&inputs) != NULL && lk_options.paths.count > 1) {
        lk_fail(err, LK_ERR_USAGE, "standard input is fixed by itself, without other paths");
        return err->code;
    }
    if (!collect(run, &inputs, &report, err))
        return err->code;
    bool something = report.files.count > 0, written = true;
    struct lk_outlet outlet = lk_outlet_open();
    if (show(outlet.stream, &inputs, &report)) {
        written = lk_fix_write(&report, err);
        reporter->fix(outlet.stream, &report);
    }
    if (!written) {
        struct lk_error ignored = {0};
        if (!lk_outlet_close(&outlet, &ignored))
            lk_error_clear(&ignored);
        return err->code;
    }
    if (!lk_outlet_close(&outlet, err))
        return err->code;
    return something && lk_options.exit_code ? LK_ERR_FINDINGS : LK_ERR_OK;
}

const struct lk_command lk_command_fix = {
    .name = "fix",
    .summary = "write safe rewrites of what lint finds into the files",
    .usage = "[PATH...]",
    .options = options,
    .run = run_fix,
};
