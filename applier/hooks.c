/*
 * applier/hooks.c
 *     Scripts that go with a run: see hooks.h.
 */
#include "applier/hooks.h"

#include "applier/interrupt.h"

bool
lk_hooks_have(const struct lk_executor *executor, enum lk_hook_event event)
{
    lk_vec_foreach(hook, &executor->plan->hooks)
        if (hook->event == event)
            return true;
    return false;
}

void
lk_hooks_join(const struct lk_executor *executor, enum lk_hook_event event,
              struct lk_message *message)
{
    lk_vec_foreach(hook, &executor->plan->hooks)
        if (hook->event == event)
            lk_vec_foreach(statement, &hook->script.statements)
                lk_message_statement(message, statement, true);
}

bool
lk_hooks_repeat(struct lk_work *work, enum lk_hook_event event)
{
    struct lk_server_error unheard;

    lk_vec_foreach(hook, &work->executor->plan->hooks)
        lk_vec_foreach(statement, &hook->script.statements) {
            if (hook->event != event || !statement->setting)
                continue;
            PGresult *result LK_CLEANUP(lk_result_clear) =
                lk_conn_exec(work->mem, work->executor->conn, statement->sql, &unheard);
            if (result == NULL)
                return false;
        }
    return true;
}

bool
lk_hooks_send(struct lk_work *work, enum lk_hook_event event, const char *sql,
              bool (*is_through)(struct lk_work *work), enum lk_error_code code)
{
    for (;;) {
        struct lk_message message = lk_message_init(work->mem, work->executor->conn);
        lk_message_own(&message, "BEGIN");
        lk_hooks_join(work->executor, event, &message);
        lk_work_own_session(work, &message);
        if (sql != NULL)
            lk_message_own(&message, sql);
        lk_message_own(&message, "COMMIT");
        struct lk_sent sent =
            lk_message_send(work->executor->conn, &message, lk_work_on_statement, work);
        if (sent.ok)
            return true;
        enum lk_verdict verdict = lk_work_judge(work, &sent, code);
        if (verdict == LK_GIVE_UP)
            return false;
        if (verdict == LK_RECONNECTED && is_through != NULL && is_through(work))
            return true;
        work->outcome.attempts++;
    }
}

/* ---- around a run ---- */

/* set_timeouts bounds a statement that has to be alone in its message. */
static bool
set_timeouts(struct lk_work *work, const struct lk_plan_step *step)
{
    const struct lk_plan_statement *statement = &work->migration->statements.items[step->first];
    char *sql =
        lk_fmt(work->mem, "SET lock_timeout = %lld; SET statement_timeout = %lld",
               (long long)statement->timeouts.lock, (long long)statement->timeouts.statement);

    return step->transaction || lk_work_exec(work, sql, LK_ERR_FAILED);
}

/* step_message is a step of a script: a transaction, or a statement that refuses one. */
static struct lk_message
step_message(struct lk_work *work, const struct lk_plan_step *step)
{
    struct lk_message message = lk_message_init(work->mem, work->executor->conn);

    if (!step->transaction) /* it is alone in its message: set_timeouts has seen to that */
        message.timeouts = work->migration->statements.items[step->first].timeouts;
    message.yields = step->transaction;
    if (step->transaction)
        lk_message_own(&message, step->begin != NULL ? step->begin : "BEGIN");
    for (size_t i = step->first; i < step->first + step->count; i++)
        lk_message_statement(&message, &work->migration->statements.items[i], step->transaction);
    if (step->transaction)
        lk_message_own(&message, step->rollback ? "ROLLBACK" : "COMMIT");
    return message;
}

static bool
run_step(struct lk_work *work, const struct lk_plan_step *step)
{
    for (;;) {
        if (!set_timeouts(work, step))
            return false;
        struct lk_message message = step_message(work, step);
        struct lk_sent sent =
            lk_message_send(work->executor->conn, &message, lk_work_on_statement, work);
        if (sent.ok)
            return true;
        if (lk_work_judge(work, &sent, LK_ERR_FAILED) == LK_GIVE_UP)
            return false;
        work->outcome.attempts++;
    }
}

struct lk_outcome
lk_hook_execute(TALLOC_CTX *mem, struct lk_executor *executor, const struct lk_plan_hook *hook)
{
    struct lk_work work = {
        .mem = mem,
        .executor = executor,
        .migration = &hook->script,
        .outcome = {.attempts = 1},
        .retry = lk_retry_start(executor->policy, executor->clock),
    };
    int64_t start = executor->clock.now_ms(executor->clock.data);
    bool through = true;

    lk_vec_foreach(step, &hook->script.steps)
        if (through && step->count > 0)
            through = !lk_interrupted() && run_step(&work, step);
    if (through)
        through = lk_work_exec(&work, executor->conn->restore, LK_ERR_FAILED);
    if (!through && work.outcome.code == LK_ERR_OK)
        lk_work_give_up(&work, LK_ERR_FAILED);
    if (!through && !lk_conn_is_broken(executor->conn)) {
        struct lk_server_error unheard;
        lk_work_roll_back(&work);
        PQclear(lk_conn_exec(mem, executor->conn, executor->conn->restore, &unheard));
    }
    work.outcome.duration_ms = (double)(executor->clock.now_ms(executor->clock.data) - start);
    return work.outcome;
}
