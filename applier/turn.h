/*
 * applier/turn.h
 *     A turn at the database: the lock that runs exclude each other by, a history that is ready
 *     to be written, and the run's own row in it.
 */
#ifndef LK_APPLIER_TURN_H
#define LK_APPLIER_TURN_H

#include "applier/execute.h"
#include "applier/target.h"

struct lk_run_options {
    struct lk_retry_policy retry;
    struct lk_clock clock;
    struct lk_events events;
    int64_t snapshot_age_ms; /* see struct lk_executor */
    int64_t take_over_ms;    /* after which another run's backend is ended; 0: never */
    int64_t max_blocking_ms; /* how long others may wait behind a statement; 0: no limit */
    const char *const *ends; /* see struct lk_watch_options */
    size_t ends_count;
    const char *command;        /* for the record: "apply", "repair", ... */
    const char *tool;           /* name and version */
    const char *build_number;   /* of the CI build, or "local_run" */
    const char *target_version; /* NULL: the highest */
};

struct lk_turn {
    TALLOC_CTX *mem;
    struct lk_target *target;
    const struct lk_run_options *options;
    int64_t run; /* 0: not open yet */
};

/*
 * lk_turn_take takes the lock, waiting for another run to end as long as the retry policy says, and
 * reads the history again. Also for a new connection, after the old one broke.
 */
bool lk_turn_take(struct lk_turn *turn, struct lk_error *err) LK_MUST_CHECK;

/*
 * lk_turn_hold makes sure that the lock is still held: a migration may have given it away.
 * `ret_lost` (or NULL): it had to be taken again.
 */
bool lk_turn_hold(struct lk_turn *turn, bool *ret_lost, struct lk_error *err) LK_MUST_CHECK;

/* lk_turn_open creates or upgrades the history if need be, and records that a run begins. */
bool lk_turn_open(struct lk_turn *turn, struct lk_error *err) LK_MUST_CHECK;

/* lk_turn_release gives the lock back. */
void lk_turn_release(struct lk_turn *turn);

#endif
