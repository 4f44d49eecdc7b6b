/*
 * cli/progress.c
 *     How far a walk has come: see progress.h.
 */
#include "cli/progress.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "cli/lint.h"
#include "cli/log_json.h"
#include "cli/options.h"

#define MOMENT_MS 500 /* nothing is shown before, nor more often than this */

struct lk_progress {
    size_t total;
    atomic_size_t done;
    pthread_mutex_t lock; /* of what is below: who can't have it at once leaves it */
    double shown_ms;      /* when something was shown last, or the start */
    bool shown;
};

struct watcher {
    struct lk_visitor visitor;
    const struct lk_visitor *next;
    struct lk_progress *progress;
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
    pthread_mutex_init(&progress->lock, NULL);
    progress->shown_ms = lk_now_ms();
    return progress;
}

/* show shows how far it is, unless that was done a moment ago. */
static void
show(struct lk_progress *progress)
{
    if (pthread_mutex_trylock(&progress->lock) != 0)
        return;
    double now = lk_now_ms();
    if (now - progress->shown_ms >= MOMENT_MS) {
        fprintf(stderr, "\rlockkeeper: %zu of %zu migrations\033[K", (size_t)progress->done,
                progress->total);
        progress->shown_ms = now;
        progress->shown = true;
    }
    pthread_mutex_unlock(&progress->lock);
}

static void
on_statement(void *data, const struct lk_check *check)
{
    struct watcher *watcher = data;

    if (watcher->next != NULL && watcher->next->statement != NULL)
        watcher->next->statement(watcher->next->data, check);
    show(watcher->progress);
}

static void
on_migration(void *data, const struct lk_check *check)
{
    struct watcher *watcher = data;

    if (watcher->next != NULL && watcher->next->migration != NULL)
        watcher->next->migration(watcher->next->data, check);
    watcher->progress->done++;
    show(watcher->progress);
}

const struct lk_visitor *
lk_progress_watch(TALLOC_CTX *mem, struct lk_progress *progress, const struct lk_visitor *next)
{
    if (progress == NULL)
        return next;
    struct watcher *watcher = lk_new(mem, struct watcher);
    *watcher = (struct watcher){{watcher, on_statement, on_migration}, next, progress};
    return &watcher->visitor;
}

void
lk_progress_end(struct lk_progress *progress)
{
    if (progress != NULL && progress->shown)
        fputs("\r\033[K", stderr);
}
