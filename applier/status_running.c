/*
 * applier/status_running.c
 *     What another run is doing at this moment: see status.h.
 */
#include "applier/others.h"
#include "applier/sql.h"
#include "applier/status.h"

/* find_run returns the run that has not ended, of those that hold the lock one after the other. */
static bool
find_run(TALLOC_CTX *mem, const struct lk_target *target, int64_t *ret, struct lk_error *err)
{
    struct lk_history_runs runs = {0};

    *ret = 0;
    if (target->age == LK_HISTORY_NONE)
        return true;
    if (!target->format->runs(mem, target->conn, target->age, 0, &runs, err))
        return false;
    if (runs.items.count > 0 && runs.items.items[0].outcome == NULL)
        *ret = runs.items.items[0].id;
    return true;
}

/* half_of returns the row of a migration that a run is in the middle of, forwards or back; or NULL.
 */
static const struct lk_history_row *
half_of(const struct lk_target *target, const struct lk_status_item *item)
{
    if (item->row == NULL)
        return NULL;
    if (item->state == LK_STATE_HALF_UNDONE)
        return lk_history_find_undo(&target->history, item->row->rank);
    return item->row->status == LK_HISTORY_FAILED ? item->row : NULL;
}

bool
lk_status_look_around(TALLOC_CTX *mem, const struct lk_target *target, struct lk_status *status,
                      struct lk_error *err)
{
    const char *params[] = {lk_fmt(mem, "%lld", (long long)target->format->lock_key(target->conn))};
    struct lk_blockers holders;
    int64_t run;

    if (!lk_others_find(mem, target->conn, lk_sql_holder, params, 1, &holders, err))
        return false;
    if (holders.items.count == 0)
        return true;
    if (!find_run(mem, target, &run, err))
        return false;
    status->at_work = lk_blockers_words(mem, holders.items.items, holders.items.count);
    lk_vec_foreach(item, &status->items) {
        const struct lk_history_row *half = half_of(target, item);
        if (run == 0 || half == NULL || half->run != run)
            continue;
        status->counts[item->state]--;
        item->state = LK_STATE_RUNNING;
        status->counts[item->state]++;
    }
    return true;
}
