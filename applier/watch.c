/*
 * applier/watch.c
 *     A second connection that only looks: see watch.h.
 */
#include "applier/watch.h"

#include <fnmatch.h>

#include "applier/conn_private.h"
#include "applier/others_private.h"
#include "applier/sql.h"
#include "parser/base/buf.h"

/* Short statements are not worth a connection, and looking takes locks of the lock manager's own.
 */
#define LOOK_EVERY_MS 1000
#define PATIENCE_MS 2000 /* for an answer */

struct lk_watch {
    struct lk_conn *watched;
    struct lk_conn *own; /* NULL: not connected */
    struct lk_watch_options options;
    bool blind; /* the connection could not be had */
    /* of the message under way: */
    TALLOC_CTX *mem;
    int64_t begun_ms;
    int64_t next_ms;
    int64_t waited_since_ms; /* others have been seen waiting behind it; 0: they have not */
    bool yields;
    bool cancelled;
    struct lk_sight last_blocked; /* the last sight with blockers */
};

static int64_t
now(const struct lk_watch *watch)
{
    return watch->options.clock.now_ms(watch->options.clock.data);
}

static int
detach(struct lk_watch *watch)
{
    if (watch->watched->watch == watch)
        watch->watched->watch = NULL;
    return 0;
}

struct lk_watch *
lk_watch_new(TALLOC_CTX *mem, struct lk_conn *conn, const struct lk_watch_options *options)
{
    struct lk_watch *watch = lk_new(mem, struct lk_watch);

    watch->watched = conn;
    watch->options = *options;
    watch->mem = lk_mem_new(watch);
    conn->watch = watch;
    talloc_set_destructor(watch, detach);
    return watch;
}

void
lk_watch_begin(struct lk_watch *watch, bool yields)
{
    talloc_free_children(watch->mem);
    watch->begun_ms = now(watch);
    watch->next_ms = watch->begun_ms + LOOK_EVERY_MS;
    watch->waited_since_ms = 0;
    watch->yields = yields;
    watch->cancelled = false;
    watch->last_blocked = (struct lk_sight){0};
}

/* is_connected connects if need be. */
static bool
is_connected(struct lk_watch *watch)
{
    struct lk_conn_options options = {.url = watch->watched->options.url, .aside = true};
    struct lk_error ignored = {0};

    if (watch->own != NULL && !lk_conn_is_broken(watch->own))
        return true;
    if (watch->blind)
        return false;
    TALLOC_FREE(watch->own);
    watch->own = lk_conn_open(watch, &options, &ignored);
    watch->blind = watch->own == NULL;
    lk_error_clear(&ignored);
    return !watch->blind;
}

static int64_t
count_at(const PGresult *result, int row, int column)
{
    return strtoll(PQgetvalue(result, row, column), NULL, 10);
}

static void
read_sight(TALLOC_CTX *mem, const PGresult *result, struct lk_sight *sight)
{
    for (int row = 0; row < PQntuples(result); row++) {
        const char *kind = PQgetvalue(result, row, 0);
        if (strcmp(kind, "blocker") == 0) {
            lk_vec_push(mem, &sight->blockers, lk_others_read(mem, result, row, 1));
        } else if (strcmp(kind, "waiter") == 0) {
            sight->waiting++;
        } else {
            int64_t done = count_at(result, row, 6), total = count_at(result, row, 7);
            sight->phase = lk_strdup(mem, PQgetvalue(result, row, 4));
            sight->amount =
                PQgetisnull(result, row, 3) ? NULL : lk_strdup(mem, PQgetvalue(result, row, 3));
            sight->percent = total > 0 ? (int)(LK_MIN(done, total) * 100 / total) : -1;
        }
    }
}

static bool
may_end(const struct lk_watch *watch, const char *application)
{
    for (size_t i = 0; i < watch->options.ends_count; i++)
        if (application != NULL && fnmatch(watch->options.ends[i], application, 0) == 0)
            return true;
    return false;
}

/* end_blockers ends the sessions in our way that may be. */
static void
end_blockers(struct lk_watch *watch, struct lk_sight *sight)
{
    char *own = lk_fmt(watch->mem, "%d", watch->watched->backend);

    lk_vec_foreach(blocker, &sight->blockers) {
        struct lk_error ignored = {0};
        if (!may_end(watch, blocker->application))
            continue;
        const char *params[] = {lk_fmt(watch->mem, "%d", blocker->pid), blocker->application, own};
        PGresult *result LK_CLEANUP(lk_result_clear) = lk_conn_query(
            watch->mem, watch->own, lk_sql_watch_end, params, LK_ARRAY_SIZE(params), &ignored);
        lk_error_clear(&ignored); /* it is not ours to end: then it stays */
        blocker->ended =
            result != NULL && PQntuples(result) == 1 && strcmp(PQgetvalue(result, 0, 0), "t") == 0;
    }
}

/* cancel_if_due cancels the message when the others have waited for long enough. */
static void
cancel_if_due(struct lk_watch *watch, const struct lk_sight *sight)
{
    char message[256];

    if (sight->waiting == 0) {
        watch->waited_since_ms = 0;
        return;
    }
    if (watch->waited_since_ms == 0)
        watch->waited_since_ms = now(watch);
    if (!watch->yields || watch->cancelled || watch->options.max_blocking_ms == 0 ||
        now(watch) - watch->waited_since_ms < watch->options.max_blocking_ms)
        return;
    PGcancel *cancel = PQgetCancel(watch->watched->pg);
    watch->cancelled = cancel != NULL && PQcancel(cancel, message, sizeof(message)) == 1;
    PQfreeCancel(cancel);
}

void
lk_watch_look(struct lk_watch *watch)
{
    if (now(watch) < watch->next_ms)
        return;
    watch->next_ms = now(watch) + LOOK_EVERY_MS;
    if (!is_connected(watch))
        return;
    const char *params[] = {lk_fmt(watch->mem, "%d", watch->watched->backend)};
    PGresult *result LK_CLEANUP(lk_result_clear) =
        lk_conn_query_within(watch->mem, watch->own, lk_sql_watch, params, 1, PATIENCE_MS);
    if (result == NULL) { /* no answer at all: a pooler has no backend for it */
        watch->blind = !lk_conn_is_broken(watch->own);
        TALLOC_FREE(watch->own);
        return;
    }
    struct lk_sight sight = {.percent = -1, .elapsed_ms = now(watch) - watch->begun_ms};
    read_sight(watch->mem, result, &sight);
    if (sight.blockers.count > 0)
        watch->last_blocked = sight;
    end_blockers(watch, &sight);
    if (watch->options.seen != NULL)
        watch->options.seen(watch->options.data, &sight);
    cancel_if_due(watch, &sight);
}

bool
lk_watch_cancelled(const struct lk_watch *watch)
{
    return watch->cancelled;
}

char *
lk_watch_blockers(TALLOC_CTX *mem, const struct lk_watch *watch)
{
    return lk_blockers_words(mem, watch->last_blocked.blockers.items,
                             watch->last_blocked.blockers.count);
}
