/*
 * applier/orphan.c
 *     Backends that an earlier run has left at a migration's statements.
 *
 * The client of such a run is gone; the server notices by itself where it looks (see guards.def),
 * and works on for nobody where it does not. What it is at may still come through, so nothing is
 * decided before it has ended.
 */
#include "applier/execute_private.h"
#include "applier/interrupt.h"
#include "applier/others.h"

/* How often it is looked whether what is waited for is over. */
#define POLL_MS 250

bool
lk_work_wait_a_little(struct lk_work *work, const char *what)
{
    lk_retry_spend(&work->retry);
    if (!lk_interrupted() && lk_retry_left(&work->retry) > 0) {
        work->executor->clock.sleep_ms(work->executor->clock.data, POLL_MS);
        return true;
    }
    work->outcome.message = what;
    lk_work_give_up(work, LK_ERR_PARTIAL);
    return false;
}

void
lk_work_tell_waiting(struct lk_work *work, const char *what)
{
    if (work->executor->events.waiting != NULL)
        work->executor->events.waiting(work->executor->events.data, what);
}

const struct lk_journal_entry *
lk_work_orphan(const struct lk_work *work)
{
    lk_vec_foreach(entry, &work->journal.entries)
        if (entry->backend != 0)
            return entry;
    return NULL;
}

/* end_it ends a backend that nobody listens to any more: the configuration says so. */
static void
end_it(struct lk_work *work, int backend)
{
    if (lk_others_terminate(work->mem, work->executor->conn, backend))
        lk_work_tell_waiting(
            work,
            lk_fmt(work->mem, "ended the other run's backend, as the configuration says: pid %d",
                   backend));
}

/* leave_it ends the migration's turn while a backend is still at it. */
static void
leave_it(struct lk_work *work, const struct lk_journal_entry *entry)
{
    const struct lk_plan_statement *statement =
        entry->ordinal > 0 && entry->ordinal <= work->migration->statements.count
            ? &work->migration->statements.items[entry->ordinal - 1]
            : NULL;

    work->outcome.statement = entry->ordinal;
    work->outcome.file = statement != NULL ? statement->file : NULL;
    work->outcome.line = statement != NULL ? statement->line : 0;
    work->outcome.hint =
        lk_fmt(work->mem,
               "Apply again when it has ended. If nobody waits for it any more, SELECT "
               "pg_terminate_backend(%d) ends it, or `take_over: ...` after a time.",
               entry->backend);
}

bool
lk_work_refresh_journal(struct lk_work *work)
{
    const struct lk_executor *executor = work->executor;
    int64_t start = executor->clock.now_ms(executor->clock.data);
    struct lk_error err = {0};
    int told = 0, ended = 0;

    for (;;) {
        while (!lk_work_load_journal(work, &err))
            if (lk_work_read_failed(work, &err, LK_ERR_PARTIAL) == LK_GIVE_UP)
                return false;
        const struct lk_journal_entry *orphan = lk_work_orphan(work);
        if (orphan == NULL)
            return true;
        char *what =
            lk_fmt(work->mem, "pid %d is still at a statement of %s that an earlier run has begun",
                   orphan->backend, work->migration->script);
        if (orphan->backend != told)
            lk_work_tell_waiting(work, what);
        told = orphan->backend;
        int64_t waited = executor->clock.now_ms(executor->clock.data) - start;
        if (executor->take_over_ms > 0 && waited >= executor->take_over_ms && ended != told)
            end_it(work, ended = told);
        if (!lk_work_wait_a_little(work, what)) {
            leave_it(work, orphan);
            return false;
        }
    }
}
