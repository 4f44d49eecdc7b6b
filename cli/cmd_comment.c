/*
 * cli/cmd_comment.c
 *     lockkeeper comment: what lint finds, as one comment on a pull request, kept up to date.
 */
#include "cli/comment.h"
#include "cli/complain.h"
#include "cli/inputs.h"
#include "cli/known.h"
#include "cli/lint.h"
#include "cli/markdown.h"
#include "cli/report.h"

static struct poptOption options[] = {
    {"to", '\0', POPT_ARG_STRING, &lk_options.to, 0,
     "github, gitlab, codecommit or bitbucket (default: the one whose CI this is)", "HOST"},
    {"pull-request", '\0', POPT_ARG_STRING, &lk_options.pull_request, 0,
     "its number (default: the one that the CI runs for)", "NUMBER"},
    {"repository", '\0', POPT_ARG_STRING, &lk_options.repository, 0,
     "what the host calls it (default: the one that the CI runs for)", "NAME"},
    {"api-url", '\0', POPT_ARG_STRING, &lk_options.api_url, 0,
     "where the host's API is (default: as the CI says, or the public one)", "URL"},
    {"name", '\0', POPT_ARG_STRING, &lk_options.comment_name, 0,
     "tells comments apart where there are several (default: lockkeeper)", "NAME"},
    {"strict", '\0', POPT_ARG_NONE, &lk_options.strict, 0,
     "fail where the comment cannot be written", NULL},
    {"dry-run", '\0', POPT_ARG_NONE, &lk_options.dry_run, 0, "print the comment, send nothing",
     NULL},
    LK_CHECKING_TABLE,
    LK_READING_TABLE,
    LK_GLOBAL_TABLE,
    POPT_TABLEEND,
};

/* has_news returns whether any migration was looked at for its own sake. */
static bool
has_news(const struct lk_inputs *inputs)
{
    lk_vec_foreach(changelog, &inputs->changelogs)
        lk_vec_foreach(migration, &(*changelog)->migrations)
            if (migration->reported)
                return true;
    return false;
}

/* check_name fails on a name that could end the mark it stands in. */
static bool
check_name(const char *name, struct lk_error *err)
{
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.";

    if (name[0] != '\0' && name[strspn(name, allowed)] == '\0')
        return true;
    return lk_fail(err, LK_ERR_USAGE, "--name takes letters, digits, . and _, not \"%s\"", name);
}

/* print_outcome says what became of the comment, on one line of standard output. */
static void
print_outcome(const struct lk_thread *thread)
{
    const char *done = thread->created   ? "comment written"
                       : thread->updated ? "comment replaced"
                                         : "nothing new, no comment";

    if (!lk_options.quiet)
        printf("%s: pull request %s of %s: %s\n", thread->host->name, thread->number,
               thread->repository != NULL ? thread->repository : "the repository", done);
}

/* send writes the comment; that it cannot is an error only where that is asked for. */
static enum lk_error_code
send(struct lk_thread *thread, const char *text, bool only_update, struct lk_error *err)
{
    if (thread->host->open(thread, err) && lk_thread_write(thread, text, only_update, err)) {
        print_outcome(thread);
        return LK_ERR_OK;
    }
    lk_error_prefix(err, "no comment was written: ");
    if (lk_options.strict)
        return err->code;
    lk_warn(err);
    lk_error_clear(err);
    return LK_ERR_OK;
}

static enum lk_error_code
run_comment(struct lk_run *run, struct lk_error *err)
{
    struct lk_inputs inputs;
    struct lk_lint_report report;
    struct lk_thread thread = {
        .mem = run->mem,
        .host = lk_host_choose(lk_options.to, err),
        .api = lk_options.api_url,
        .repository = lk_options.repository,
        .number = lk_options.pull_request,
        .name = lk_options.comment_name != NULL ? lk_options.comment_name : "lockkeeper",
    };

    if (thread.host == NULL || !check_name(thread.name, err))
        return err->code;
    if (!lk_inputs_changelogs(run, &inputs, err) || !lk_inputs_narrow(run, &inputs, err) ||
        !lk_lint(run->mem, &inputs, LK_MARKDOWN_WANTS | LK_KNOWN_WANTS, &report, err) ||
        (lk_options.known != NULL && !lk_known_apply(lk_options.known, &report, false, err)) ||
        !lk_inputs_fail_on(run, &report.fail_on, err))
        return err->code;
    const struct lk_markdown_options markdown = {
        .mark = lk_thread_mark(&thread),
        .limit = thread.host->limit,
        .html = thread.host->html,
    };
    const char *text = lk_markdown(run->mem, &report, &markdown);
    if (lk_options.dry_run) {
        struct lk_outlet outlet = lk_outlet_open();
        fputs(text, outlet.stream);
        return lk_outlet_close(&outlet, err) ? LK_ERR_OK : err->code;
    }
    return send(&thread, text, !has_news(&inputs), err);
}

const struct lk_command lk_command_comment = {
    .name = "comment",
    .summary = "tell on a pull request what lint finds: one comment, kept up to date",
    .usage = "[PATH...]",
    .options = options,
    .run = run_comment,
};
