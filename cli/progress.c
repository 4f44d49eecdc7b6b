/*
 * cli/progress.c
 *     How far a walk has come: see progress.h.
 */
#include "cli/progress.h"

#include <unistd.h>

#include "cli/lint.h"
#include "cli/log_json.h"
#include "cli/options.h"

#define MOMENT_MS 500 /* nothing is shown before, nor more often than this */

struct lk_progress {
    struct lk_visitor visitor;
    const struct lk_visitor *next;
    size_t done;
    size_t total;
    double shown_ms; /* when something was shown last, or the start */
    bool shown;
};

bool
lk_progress_wanted(void)
{
    return !lk_options.quiet && !lk_options.no_progress && !lk_log_is_json() &&
           isatty(STDERR_FILENO);
}

struct lk_progress *
lk_progress_start(TALLOC_CTX *mem, size_t total)
{
    if (!lk_progress_wanted())
        return NULL;
    struct lk_progress *progress = lk_new(mem, struct lk_progress);
    progress->total = total;
    progress->shown_ms = lk_now_ms();
    return progress;
}

/* show shows how far it is, unless that was done a moment ago. */
static void
show(struct lk_progress *progress)
{
    double now = lk_now_ms();

    if (now - progress->shown_ms < MOMENT_MS)
        return;
    fprintf(stderr, "\rlockkeeper: %zu of %zu migrations\033[K", progress->done, progress->total);
    progress->shown_ms = now;
    progress->shown = true;
}

static void
on_statement(void *data, const struct lk_check *check)
{
    struct lk_progress *progress = data;

    if (progress->next != NULL && progress->next->statement != NULL)
        progress->next->statement(progress->next->data, check);
    show(progress);
}

static void
on_migration(void *data, const struct lk_check *check)
{
    struct lk_progress *progress = data;

    if (progress->next != NULL && progress->next->migration != NULL)
        progress->next->migration(progress->next->data, check);
    progress->done++;
    show(progress);
}

const struct lk_visitor *
lk_progress_watch(struct lk_progress *progress, const struct lk_visitor *next)
{
    if (progress == NULL)
        return next;
    progress->next = next;
    progress->visitor = (struct lk_visitor){progress, on_statement, on_migration};
    return &progress->visitor;
}

void
lk_progress_end(struct lk_progress *progress)
{
    if (progress != NULL && progress->shown)
        fputs("\r\033[K", stderr);
}
