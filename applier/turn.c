/*
 * applier/turn.c
 *     A turn at the database: see turn.h.
 */
#include "applier/turn.h"

#include "applier/conn_private.h"
#include "applier/interrupt.h"

/* How often the lock is asked for while another run holds it. */
#define LOCK_POLL_MS 250

/*
 * try_lock asks for the run's lock once. Polling leaves no statement in flight whose snapshot a
 * CREATE INDEX CONCURRENTLY of the other run would wait for.
 */
static bool
try_lock(struct lk_turn *turn, bool *ret_locked, struct lk_error *err)
{
    char *sql = lk_fmt(turn->mem,
                       "SELECT pg_catalog.pg_try_advisory_lock(%lld), pg_catalog.pg_backend_pid()",
                       (long long)turn->target->format->lock_key(turn->target->conn));
    PGresult *result LK_CLEANUP(lk_result_clear) =
        lk_conn_query(turn->mem, turn->target->conn, sql, NULL, 0, err);

    if (result == NULL)
        return false;
    turn->target->conn->backend = (int)strtol(PQgetvalue(result, 0, 1), NULL, 10);
    *ret_locked = strcmp(PQgetvalue(result, 0, 0), "t") == 0;
    return true;
}

static bool
wait_for_lock(struct lk_turn *turn, struct lk_error *err)
{
    const struct lk_clock *clock = &turn->options->clock;
    int64_t deadline = clock->now_ms(clock->data) + turn->options->retry.max_elapsed_ms;
    bool told = false;

    for (;;) {
        bool locked;
        if (!try_lock(turn, &locked, err))
            return false;
        if (locked)
            return true;
        if (lk_interrupted())
            return lk_fail(err, LK_ERR_INTERRUPTED, "interrupted while waiting for another run");
        if (clock->now_ms(clock->data) >= deadline) {
            lk_fail(err, LK_ERR_LOCKED, "another run of lockkeeper is working on %s",
                    turn->target->name);
            return lk_error_hint(err, "Wait for it to end; `retry: {max_elapsed: ...}` says how "
                                      "long to wait.");
        }
        if (!told && turn->options->events.waiting != NULL)
            turn->options->events.waiting(turn->options->events.data,
                                          "another run holds the lock: waiting for it to end");
        told = true;
        clock->sleep_ms(clock->data, LOCK_POLL_MS);
    }
}

bool
lk_turn_take(struct lk_turn *turn, struct lk_error *err)
{
    /* another run may have had it in between */
    return wait_for_lock(turn, err) && lk_target_reload(turn->mem, turn->target, err);
}

bool
lk_turn_open(struct lk_turn *turn, struct lk_error *err)
{
    struct lk_target *target = turn->target;
    const struct lk_history_run run = {
        .command = turn->options->command,
        .build_number = turn->options->build_number,
        .tool = turn->options->tool,
    };

    if (target->age != LK_HISTORY_CURRENT &&
        !target->format->create(turn->mem, target->conn, target->age, err))
        return false;
    target->age = LK_HISTORY_CURRENT;
    return target->format->run_start(turn->mem, target->conn, &run, &turn->run, err);
}

void
lk_turn_release(struct lk_turn *turn)
{
    if (!lk_conn_is_broken(turn->target->conn))
        PQclear(PQexec(turn->target->conn->pg, "SELECT pg_catalog.pg_advisory_unlock_all()"));
}
