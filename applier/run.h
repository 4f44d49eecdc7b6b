/*
 * applier/run.h
 *     A run of apply: the lock, the history, the migrations one after the other.
 */
#ifndef LK_APPLIER_RUN_H
#define LK_APPLIER_RUN_H

#include "applier/status.h"
#include "applier/turn.h"

struct lk_run_migration {
    const struct lk_plan_migration *migration;
    struct lk_outcome outcome;
    const struct lk_plan_hook *hook; /* that it is; NULL: a migration */
};

/* A migration that was left out. */
struct lk_run_skipped {
    const struct lk_plan_migration *migration;
    enum lk_state state; /* that another run has brought it to meanwhile */
};

/* What became of a run. */
struct lk_run_result {
    bool success;
    bool backwards; /* migrations were rolled back */
    enum lk_error_code code;
    const char *message;  /* for people: what happened, in a clause */
    const char *database; /* "user@host:port/database" */
    int64_t run_id;       /* 0: nothing was begun */
    const char *build_number;
    const char *previous_version; /* NULL: none */
    const char *final_version;
    const char *target_version;
    LK_VEC(struct lk_run_migration) applied; /* or rolled back */
    LK_VEC(struct lk_run_skipped) skipped;
    const struct lk_run_migration *failed; /* NULL: none */
};

/*
 * lk_run_plan carries the plan out on the target: forwards, or where its migrations say what they
 * undo, backwards. What another run has done while this one waited for the lock is skipped. With
 * `named` migrations are carried out that were set aside, too. It returns false with `err` when the
 * run could not be begun (lock held, no right to create the history, connection lost); a
 * migration's failure is told in `ret`.
 */
bool lk_run_plan(TALLOC_CTX *mem, struct lk_target *target, const struct lk_plan *plan,
                 const struct lk_status *status, const struct lk_run_options *options, bool named,
                 struct lk_run_result *ret, struct lk_error *err) LK_MUST_CHECK;

/* lk_build_number returns the number of the CI build from its environment, or "local_run". */
const char *lk_build_number(void);

/*
 * lk_target_check fails on a target that a run cannot work on: a standby, a read-only database, one
 * behind a pooler that lends out backends by the transaction.
 */
bool lk_target_check(const struct lk_target *target, bool accept_server,
                     struct lk_error *err) LK_MUST_CHECK;

#endif
