/*
 * cli/cmd_lint.c
 *     lockkeeper lint: check migrations; no database needed.
 */
#include "cli/inputs.h"
#include "cli/lint.h"
#include "cli/report.h"

static struct poptOption options[] = {
    {"fail-on", '\0', POPT_ARG_STRING, &lk_options.fail_on, 0,
     "exit with 1 from this severity on: error, warning, info or never (default: error)",
     "SEVERITY"},
    {"max-findings", '\0', POPT_ARG_INT, &lk_options.max_findings, 0, "show N findings at most",
     "N"},
    {"max-characters", '\0', POPT_ARG_INT, &lk_options.max_characters, 0,
     "of -f markdown, what the host of the comment takes (default: 65536)", "N"},
    {"stdin-filename", '\0', POPT_ARG_STRING, &lk_options.stdin_filename, 0,
     "what the file read from \"-\" is called", "FILE"},
    LK_CHECKING_TABLE,
    LK_READING_TABLE,
    LK_GLOBAL_TABLE,
    POPT_TABLEEND,
};

static enum lk_error_code
run_lint(struct lk_run *run, struct lk_error *err)
{
    struct lk_inputs inputs;
    struct lk_lint_report report;
    enum lk_severity fail_on;
    struct lk_report_requests requests;
    bool readable = lk_report_requests_read(run->mem, &requests, err);
    struct lk_settings *settings = readable ? lk_inputs_settings(run, err) : NULL;

    if (settings == NULL || !lk_inputs_fail_on(run, &fail_on, err) ||
        !lk_inputs_changelogs(run, &inputs, err) || !lk_inputs_narrow(run, &inputs, err) ||
        !lk_lint(run->mem, &inputs, settings, requests.wants, &report, err))
        return err->code;
    report.fail_on = fail_on;
    bool failed = lk_findings_fail(&report.findings, fail_on);
    lk_lint_cut(&report, lk_options.max_findings);
    if (!lk_report_requests_write(&requests, &report, err))
        return err->code;
    return failed ? LK_ERR_FINDINGS : LK_ERR_OK;
}

const struct lk_command lk_command_lint = {
    .name = "lint",
    .summary = "check migrations; no database needed",
    .usage = "[PATH...]",
    .options = options,
    .run = run_lint,
};
