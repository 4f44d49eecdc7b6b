/*
 * applier/execute.h
 *     Carrying out one migration: messages, retries, the journal.
 */
#ifndef LK_APPLIER_EXECUTE_H
#define LK_APPLIER_EXECUTE_H

#include "applier/history.h"
#include "applier/plan.h"
#include "applier/retry.h"
#include "applier/watch.h"

struct lk_outcome;

/* How a statement was carried out. */
struct lk_carried_out {
    const char *tag;    /* the server's: "INSERT 0 5" */
    double duration_ms; /* negative: not measured */
};

/* What a run tells while it goes on. All functions may be NULL. */
struct lk_events {
    void *data;
    void (*waiting)(void *data, const char *what); /* for the lock of another run, ... */
    void (*migration)(void *data, const struct lk_plan_migration *migration, size_t index,
                      size_t count);
    void (*statement)(void *data, const struct lk_plan_migration *migration,
                      const struct lk_plan_statement *statement, const struct lk_carried_out *how);
    void (*retrying)(void *data, const char *why, int64_t pause_ms);
    void (*seen)(void *data, const struct lk_sight *sight); /* once a second, of what takes long */
    void (*notice)(void *data, const char *severity, const char *message);
    void (*finished)(void *data, const struct lk_plan_migration *migration,
                     const struct lk_outcome *outcome); /* well or not */
    void (*hook)(void *data, const struct lk_plan_hook *hook,
                 const struct lk_outcome *outcome); /* of the run; NULL: it begins */
};

/* What a run works with. */
struct lk_executor {
    struct lk_conn *conn;
    const struct lk_history_format *format;
    const struct lk_plan *plan; /* whose hooks go with each migration */
    int64_t run;
    const char *user; /* who connected */
    const char *role; /* that our own rows are written under, as SET ROLE takes it */
    struct lk_retry_policy policy;
    struct lk_clock clock;
    struct lk_events events;
    /* relock takes the run's lock again on a new connection */
    bool (*relock)(struct lk_executor *executor, struct lk_error *err);
    /* hold makes sure of the run's lock: see lk_turn_hold */
    bool (*hold)(struct lk_executor *executor, bool *ret_lost, struct lk_error *err);
    int64_t take_over_ms;    /* after which a backend that an earlier run left is ended; 0: never */
    int64_t snapshot_age_ms; /* transactions older than this are waited for; 0: none are */
    int64_t spent_ms;        /* on what was tried again: the policy's time is for all of the run */
};

/* What became of a migration. Strings live in the context given. */
struct lk_outcome {
    enum lk_error_code code; /* OK, FAILED, PARTIAL, INTERRUPTED, CONNECT, DISAGREE, LOCKED */
    unsigned attempts;
    size_t statements_done;
    double duration_ms;
    /* of a failure */
    char sqlstate[6];
    const char *message;
    const char *detail;
    const char *hint;
    const char *blocked; /* who held it up the last time; NULL: nobody was seen */
    const char *file;    /* that the migration includes, and it failed in; NULL: its own */
    uint32_t line;       /* in the file; 0: not known */
    size_t statement;    /* from 1; 0: not known */
};

/* lk_execute carries `migration` out, going on where an earlier run stopped (`row`, or NULL). */
struct lk_outcome lk_execute(TALLOC_CTX *mem, struct lk_executor *executor,
                             const struct lk_plan_migration *migration,
                             const struct lk_history_row *row);

#endif
