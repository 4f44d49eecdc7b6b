/*
 * cli/cmd_lint.c
 *     lockkeeper lint: check migrations; no database needed.
 */
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cli/inputs.h"
#include "cli/known.h"
#include "cli/lint.h"
#include "cli/report.h"

static struct poptOption options[] = {
    {"fail-on", '\0', POPT_ARG_STRING, &lk_options.fail_on, 0,
     "exit with 1 from this severity on: error, warning, info or never (default: error)",
     "SEVERITY"},
    {"write-baseline", '\0', POPT_ARG_STRING, &lk_options.write_known, 0,
     "write what is found now into the file for --baseline, in place of what it has", "FILE"},
    {"max-findings", '\0', POPT_ARG_INT, &lk_options.max_findings, 0, "show N findings at most",
     "N"},
    {"max-characters", '\0', POPT_ARG_INT, &lk_options.max_characters, 0,
     "of -f markdown, what the host of the comment takes (default: 65536)", "N"},
    {"files-from0", '\0', POPT_ARG_STRING, &lk_options.files_from, 0,
     "the files that FILE (\"-\": standard input) lists, a NUL behind each; an empty list is fine",
     "FILE"},
    {"stdin-filename", '\0', POPT_ARG_STRING, &lk_options.stdin_filename, 0,
     "what the file read from \"-\" is called", "FILE"},
    LK_CHECKING_TABLE,
    LK_READING_TABLE,
    LK_GLOBAL_TABLE,
    POPT_TABLEEND,
};

/* is_all returns whether all that there is to be found of the paths is looked for. */
static bool
is_all(const struct lk_inputs *inputs)
{
    bool all = lk_options.since == NULL && lk_options.after == NULL &&
               lk_options.select.count == 0 && lk_options.ignore.count == 0;

    lk_vec_foreach(changelog, &inputs->changelogs)
        all &= !(*changelog)->partial;
    return all;
}

/* know takes what --baseline and --write-baseline say of findings. */
static bool
know(const struct lk_inputs *inputs, struct lk_lint_report *report, struct lk_error *err)
{
    bool all = is_all(inputs);

    if (lk_options.write_known != NULL && !all) {
        lk_fail(err, LK_ERR_USAGE,
                "--write-baseline needs all findings, and this is a part of them");
        return lk_error_hint(err, "Name folders, and leave --since, --after, --select and --ignore "
                                  "out.");
    }
    if (lk_options.write_known != NULL)
        return lk_known_write(lk_options.write_known, report, err);
    return lk_options.known == NULL ||
           lk_known_apply(lk_options.known, report, all && lk_options.verbose, err);
}

#define MANY_FILES 100
#define HEAP_SIZE (64 << 20) /* what thousands of them need; not touched, it takes no memory */
#define HEAP_STEP (16 << 20) /* more than malloc has left of what it asked the kernel for */

/*
 * use_large_pages lets malloc take its memory from one stretch of huge pages, where the kernel has
 * some: faults of small pages are a third of the time that thousands of small files take.
 */
static void
use_large_pages(const struct lk_inputs *inputs)
{
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t start = ((uintptr_t)sbrk(0) + page - 1) / page * page;
    size_t files = 0;

    lk_vec_foreach(changelog, &inputs->changelogs)
        files += (*changelog)->migrations.count;
    if (files < MANY_FILES)
        return;
    mallopt(M_TOP_PAD, HEAP_SIZE);
    mallopt(M_MMAP_THRESHOLD, 2 * HEAP_STEP);
    talloc_free(lk_mem_pool(NULL, HEAP_STEP));
    mallopt(M_MMAP_THRESHOLD, 128 << 10); /* as it is by default */
    uintptr_t end = (uintptr_t)sbrk(0);
    if (end > start)
        (void)madvise((void *)start, end - start, MADV_HUGEPAGE);
}

static enum lk_error_code
lint(struct lk_run *run, struct lk_error *err)
{
    struct lk_inputs inputs;
    struct lk_lint_report report;
    enum lk_severity fail_on;
    struct lk_report_requests requests;

    if (!lk_report_requests_read(run->mem, &requests, err))
        return err->code;
    if (lk_options.known != NULL || lk_options.write_known != NULL)
        requests.wants |= LK_KNOWN_WANTS;
    if (!lk_inputs_fail_on(run, &fail_on, err) || !lk_inputs_changelogs(run, &inputs, err) ||
        !lk_inputs_narrow(run, &inputs, err))
        return err->code;
    use_large_pages(&inputs);
    if (!lk_lint(run->mem, &inputs, requests.wants, &report, err) || !know(&inputs, &report, err))
        return err->code;
    report.fail_on = fail_on;
    bool failed = lk_findings_fail(&report.findings, fail_on);
    lk_lint_cut(&report, lk_options.max_findings);
    if (!lk_report_requests_write(&requests, &report, err))
        return err->code;
    return failed ? LK_ERR_FINDINGS : LK_ERR_OK;
}

#define POOL_SIZE (64 << 10) /* what a few files need */

/*
 * run_lint has memory of its own that ends with the process: there is much of it, in small pieces,
 * and freeing them one by one takes its time. Static, so that who looks for leaks finds it in use.
 */
static enum lk_error_code
run_lint(struct lk_run *run, struct lk_error *err)
{
    static struct lk_run own;

    own = *run;
    own.mem = lk_mem_pool(NULL, POOL_SIZE);
    return lint(&own, err);
}

const struct lk_command lk_command_lint = {
    .name = "lint",
    .summary = "check migrations; no database needed",
    .usage = "[PATH...]",
    .options = options,
    .run = run_lint,
};
