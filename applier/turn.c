/*
 * applier/turn.c
 *     A turn at the database: see turn.h.
 */
#include "applier/turn.h"

#include "applier/conn_private.h"
#include "applier/interrupt.h"
#include "applier/others.h"
#include "applier/sql.h"

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

/* describe returns what is told while another run holds the lock, and who that is. */
static char *
describe(struct lk_turn *turn, const struct lk_blockers *holders)
{
    static const char waiting[] = "another run holds the lock: waiting for it to end";
    char *who = lk_blockers_words(turn->mem, holders->items.items, holders->items.count);

    return who == NULL ? lk_strdup(turn->mem, waiting) : lk_fmt(turn->mem, "%s; %s", waiting, who);
}

static bool
refuse(struct lk_turn *turn, const struct lk_blockers *holders, struct lk_error *err)
{
    char *who = lk_blockers_words(turn->mem, holders->items.items, holders->items.count);

    lk_fail(err, LK_ERR_LOCKED, "another run of lockkeeper is working on %s", turn->target->name);
    if (who != NULL)
        lk_error_detail(err, "%s", who);
    return lk_error_hint(err,
                         "Wait for it to end; `retry: {max_elapsed: ...}` says how long to wait. "
                         "Should its client be gone: pg_terminate_backend() ends it, or "
                         "`take_over: ...` after a time.");
}

/* take_over ends the backends that hold the lock: the configuration says that they are left over.
 */
static void
take_over(struct lk_turn *turn, const struct lk_blockers *holders)
{
    lk_vec_foreach(holder, &holders->items) {
        if (lk_others_terminate(turn->mem, turn->target->conn, holder->pid) &&
            turn->options->events.waiting != NULL)
            turn->options->events.waiting(
                turn->options->events.data,
                lk_fmt(turn->mem, "ended the other run's backend, as the configuration says: %s",
                       lk_blocker_words(turn->mem, holder)));
    }
}

/* key_of returns the key of the run's lock, as a parameter. */
static const char *
key_of(const struct lk_turn *turn)
{
    const struct lk_target *target = turn->target;

    return lk_fmt(turn->mem, "%lld", (long long)target->format->lock_key(target->conn));
}

/* find_holders finds who has the lock. */
static bool
find_holders(struct lk_turn *turn, struct lk_blockers *ret, struct lk_error *err)
{
    const char *params[] = {key_of(turn)};

    return lk_others_find(turn->mem, turn->target->conn, lk_sql_holder, params, 1, ret, err);
}

static bool
wait_for_lock(struct lk_turn *turn, struct lk_error *err)
{
    const struct lk_clock *clock = &turn->options->clock;
    int64_t start = clock->now_ms(clock->data), over = turn->options->take_over_ms;
    bool told = false, ended = over == 0;
    struct lk_blockers holders;

    for (;;) {
        bool locked;
        if (!try_lock(turn, &locked, err))
            return false;
        if (locked)
            return true;
        if (lk_interrupted())
            return lk_fail(err, LK_ERR_INTERRUPTED, "interrupted while waiting for another run");
        int64_t waited = clock->now_ms(clock->data) - start;
        bool takes_over = !ended && waited >= over;
        bool gives_up = !takes_over && waited >= turn->options->retry.max_elapsed_ms;
        if ((!told || takes_over || gives_up) && !find_holders(turn, &holders, err))
            return false;
        if (!told && turn->options->events.waiting != NULL)
            turn->options->events.waiting(turn->options->events.data, describe(turn, &holders));
        told = true;
        if (takes_over)
            take_over(turn, &holders);
        ended |= takes_over;
        if (gives_up)
            return refuse(turn, &holders, err);
        clock->sleep_ms(clock->data, LOCK_POLL_MS);
    }
}

bool
lk_turn_hold(struct lk_turn *turn, bool *ret_lost, struct lk_error *err)
{
    const char *params[] = {key_of(turn)};
    PGresult *result LK_CLEANUP(lk_result_clear) =
        lk_conn_query(turn->mem, turn->target->conn, lk_sql_hold, params, 1, err);

    if (result == NULL)
        return false;
    const char *how = PQgetvalue(result, 0, 0);
    if (ret_lost != NULL)
        *ret_lost = strcmp(how, "held") != 0;
    return strcmp(how, "busy") != 0 || lk_turn_take(turn, err);
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
    const struct lk_history_server server = {.system_identifier = target->system_identifier,
                                             .timeline = target->timeline};
    bool known = target->history.server.timeline != 0 && lk_target_moved(target) == LK_TARGET_SAME;
    const struct lk_history_run run = {
        .command = turn->options->command,
        .build_number = turn->options->build_number,
        .tool = turn->options->tool,
        .server = known ? NULL : &server,
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
