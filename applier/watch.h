/*
 * applier/watch.h
 *     A second connection that only looks: who holds up a statement of ours, who waits behind it,
 *     how far its work is.
 *
 * A statement that waits for a strong lock has everybody else wait behind it, and lock_timeout ends
 * that. One that has its lock and works on has them wait as long as the work takes: when they have
 * waited for longer than they are to, it is cancelled, and tried again later.
 */
#ifndef LK_APPLIER_WATCH_H
#define LK_APPLIER_WATCH_H

#include "applier/others.h"
#include "applier/retry.h"
#include "parser/base/vec.h"

/* What was seen while a statement was under way. */
struct lk_sight {
    LK_VEC(struct lk_blocker) blockers; /* none: it waits for nobody */
    size_t waiting;                     /* sessions that wait for it */
    const char *phase;                  /* of its work, as pg_stat_progress_* call it; or NULL */
    const char *amount; /* what is worked on, or done: "12 MB", "900 rows"; or NULL */
    int percent;        /* of that phase; -1: not known */
    int64_t elapsed_ms; /* since the statement was sent */
};

struct lk_watch_options {
    struct lk_clock clock;
    int64_t max_blocking_ms; /* how long others may wait behind a statement; 0: no limit */
    const char *const *ends; /* applications whose sessions may be ended when they are in the way of
                                a statement for more than a second: names, with * for any text */
    size_t ends_count;
    void (*seen)(void *data, const struct lk_sight *sight); /* or NULL */
    void *data;
};

struct lk_watch;

/*
 * lk_watch_new returns a watch over `conn`, which it belongs to from then on; it lives as long as
 * `mem`. It connects, with the same options, when a statement takes more than a second. When that
 * fails, it sees nothing: a watch is never a reason to stop.
 */
struct lk_watch *lk_watch_new(TALLOC_CTX *mem, struct lk_conn *conn,
                              const struct lk_watch_options *options);

/* lk_watch_begin is called when a message is sent; `yields`: it may be cancelled for the others. */
void lk_watch_begin(struct lk_watch *watch, bool yields);

/* lk_watch_look looks, when it is time to: to be called while the message is under way. */
void lk_watch_look(struct lk_watch *watch);

/* lk_watch_cancelled returns whether the watch has cancelled the message that was begun last. */
bool lk_watch_cancelled(const struct lk_watch *watch);

/*
 * lk_watch_blockers says who held up the message that was begun last, in words ("pid 12 (app, psql)
 * idle in transaction"), or returns NULL.
 */
char *lk_watch_blockers(TALLOC_CTX *mem, const struct lk_watch *watch);

#endif
