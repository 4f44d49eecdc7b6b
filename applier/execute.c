/*
 * applier/execute.c
 *     Carrying out one migration: see execute.h.
 *
 * What is true in the database if the process ends right there:
 *   a transactional migration: its row and all of its work, or neither;
 *   any other: a row of status failed with the number of statements done, a journal entry "done"
 *   for each of them, and at most one "intent", whose outcome the catalog tells;
 *   a way back: the same of its own row, of kind undo; the row that it takes back turns "undone"
 *   in the transaction in which its own row does.
 */
#include "applier/execute_private.h"

#include "applier/hooks.h"
#include "applier/interrupt.h"
#include "applier/sqlstate.h"

/* The user's own session for the rest of a transaction; the role follows from it, and comes after.
 */
static const char own_session[] = "SET LOCAL SESSION AUTHORIZATION DEFAULT";

const char lk_restore_session[] = "RESET SESSION AUTHORIZATION; RESET ROLE; RESET ALL";

void
lk_work_on_statement(void *data, const struct lk_plan_statement *statement,
                     const struct lk_carried_out *how)
{
    struct lk_work *work = data;

    if (work->executor->events.statement != NULL)
        work->executor->events.statement(work->executor->events.data, work->migration, statement,
                                         how);
}

/* note_failure keeps what the server said, for the report. */
static void
note_failure(struct lk_work *work, const struct lk_sent *sent)
{
    struct lk_outcome *outcome = &work->outcome;

    snprintf(outcome->sqlstate, sizeof(outcome->sqlstate), "%s", sent->error.sqlstate);
    outcome->message = sent->error.message;
    outcome->detail = sent->error.detail;
    outcome->hint = sent->error.hint;
    outcome->blocked = sent->blocked;
    outcome->statement = sent->statement != NULL ? sent->statement->index : 0;
    outcome->file = NULL;
    outcome->line = 0;
    if (sent->statement == NULL)
        return;
    outcome->file = sent->statement->file;
    if (outcome->file == NULL && sent->statement->source != work->migration->source)
        outcome->file = sent->statement->source->path; /* a hook's */
    outcome->line = lk_source_position(sent->statement->source, sent->offset).line;
}

/* note_unknown says that the answer to what was sent last will not be heard any more. */
static void
note_unknown(struct lk_work *work)
{
    work->outcome.message = "the connection is lost, and it is not known whether the server has "
                            "carried out what was sent last";
    work->outcome.hint =
        "Apply again when the server is back: the history tells how far this came, "
        "and nothing is done twice.";
}

/* pause_or_stop waits for the next try; false when the time is up or the run is interrupted. */
static bool
pause_or_stop(struct lk_work *work, const char *why)
{
    lk_retry_failed(work->mem, &work->retry, why);
    if (lk_interrupted() || !lk_retry_again(&work->retry))
        return false;
    if (work->executor->events.retrying != NULL)
        work->executor->events.retrying(work->executor->events.data, why, work->retry.pause_ms);
    lk_retry_pause(&work->retry);
    return !lk_interrupted();
}

bool
lk_work_apply_settings(struct lk_work *work)
{
    struct lk_server_error ignored;

    /* what is transactional begins anew as a whole, and has no row before */
    if (work->rank != 0 && !lk_hooks_repeat(work, LK_HOOK_BEFORE_EACH))
        return false;
    lk_vec_foreach(step, &work->migration->steps) {
        for (size_t i = step->first; i < step->first + step->count && !step->rollback; i++) {
            const struct lk_plan_statement *statement = &work->migration->statements.items[i];
            if (!statement->setting || statement->index > work->done_until)
                continue;
            PGresult *result LK_CLEANUP(lk_result_clear) =
                lk_conn_exec(work->mem, work->executor->conn, statement->sql, &ignored);
            if (result == NULL)
                return false;
        }
    }
    return true;
}

/* begin_own begins a transaction as who our rows are read by, whatever role the migration has set.
 */
static bool
begin_own(struct lk_work *work, struct lk_error *err)
{
    char *sql =
        lk_fmt(work->mem, "BEGIN; %s; SET LOCAL ROLE %s", own_session, work->executor->role);
    PGresult *result LK_CLEANUP(lk_result_clear) =
        lk_conn_query(work->mem, work->executor->conn, sql, NULL, 0, err);

    return result != NULL;
}

bool
lk_work_load_journal(struct lk_work *work, struct lk_error *err)
{
    struct lk_executor *executor = work->executor;

    if (work->rank == 0)
        return true;
    if (!begin_own(work, err) ||
        !executor->format->journal(work->mem, executor->conn, work->rank, &work->journal, err))
        return false;
    lk_work_roll_back(work);
    lk_vec_foreach(entry, &work->journal.entries)
        if (entry->done)
            work->done_until = LK_MAX(work->done_until, entry->ordinal);
    return true;
}

/*
 * reconnect gets a connection back, and the run's lock with it: then the old backend is gone, and
 * what the journal says is final.
 */
static bool
reconnect(struct lk_work *work)
{
    struct lk_error err = {0};
    bool back = false;

    while (!back && !lk_interrupted()) {
        back = lk_conn_reopen(work->executor->conn, &err) &&
               work->executor->relock(work->executor, &err) && lk_work_load_journal(work, &err) &&
               lk_work_apply_settings(work);
        lk_error_clear(&err);
        if (!back && !pause_or_stop(work, "cannot connect"))
            break;
    }
    return back;
}

void
lk_work_give_up(struct lk_work *work, enum lk_error_code code)
{
    work->outcome.code = lk_interrupted() ? LK_ERR_INTERRUPTED : code;
    if (work->retry.attempts > 1)
        work->outcome.detail = lk_retry_summary(work->mem, &work->retry);
    if (work->outcome.blocked != NULL)
        work->outcome.detail =
            lk_fmt(work->mem, "%s%sheld up by %s",
                   work->outcome.detail != NULL ? work->outcome.detail : "",
                   work->outcome.detail != NULL ? "; " : "", work->outcome.blocked);
}

void
lk_work_roll_back(struct lk_work *work)
{
    PGconn *pg = work->executor->conn->pg;

    if (PQtransactionStatus(pg) != PQTRANS_IDLE)
        PQclear(PQexec(pg, "ROLLBACK"));
}

enum lk_verdict
lk_work_judge(struct lk_work *work, const struct lk_sent *sent, enum lk_error_code code)
{
    const char *state = sent->error.sqlstate;

    note_failure(work, sent);
    if (lk_conn_is_broken(work->executor->conn)) {
        if (pause_or_stop(work, lk_sqlstate_words(state)) && reconnect(work))
            return LK_RECONNECTED;
        if (lk_conn_is_broken(work->executor->conn))
            note_unknown(work);
        lk_work_give_up(work, lk_conn_is_broken(work->executor->conn) ? LK_ERR_INTERRUPTED : code);
        return LK_GIVE_UP;
    }
    lk_work_roll_back(work);
    if (sent->yielded || (lk_sqlstate_class(state) != LK_SQLSTATE_FATAL &&
                          lk_sqlstate_class(state) != LK_SQLSTATE_CANCELED)) {
        const char *why = sent->yielded ? "others waiting behind it" : lk_sqlstate_words(state);
        if (pause_or_stop(work, why))
            return LK_AGAIN;
    }
    lk_work_give_up(work, code);
    return LK_GIVE_UP;
}

bool
lk_work_exec(struct lk_work *work, const char *sql, enum lk_error_code code)
{
    for (;;) {
        struct lk_sent sent = {0};
        PGresult *result LK_CLEANUP(lk_result_clear) =
            lk_conn_exec(work->mem, work->executor->conn, sql, &sent.error);
        if (result != NULL)
            return true;
        if (lk_work_judge(work, &sent, code) == LK_GIVE_UP)
            return false;
    }
}

enum lk_verdict
lk_work_read_failed(struct lk_work *work, struct lk_error *err, enum lk_error_code code)
{
    struct lk_sent sent = {.error.message = lk_strdup(work->mem, err->message)};

    snprintf(sent.error.sqlstate, sizeof(sent.error.sqlstate), "%s", err->sqlstate);
    lk_error_clear(err);
    return lk_work_judge(work, &sent, code);
}

bool
lk_work_find_row(struct lk_work *work, const struct lk_history_row **ret)
{
    const struct lk_plan_migration *migration = work->migration;
    struct lk_executor *executor = work->executor;
    struct lk_history history;
    struct lk_error err = {0};
    enum lk_history_age age;

    while (!begin_own(work, &err) ||
           !executor->format->load(work->mem, executor->conn, &history, &age, &err))
        if (lk_work_read_failed(work, &err, LK_ERR_INTERRUPTED) == LK_GIVE_UP)
            return false;
    lk_work_roll_back(work);
    *ret = migration->undoes != 0
               ? lk_history_find_undo(&history, migration->undoes)
               : lk_history_find(&history, migration->migration, migration->script);
    return true;
}

void
lk_work_own_role(struct lk_work *work, struct lk_message *message)
{
    lk_message_own(message, own_session);
    lk_message_own(message, lk_fmt(work->mem, "SET LOCAL ROLE %s", work->executor->role));
}

bool
lk_work_write(struct lk_work *work, const char *sql)
{
    return lk_work_exec(work,
                        lk_fmt(work->mem, "BEGIN; %s; SET LOCAL ROLE %s; %s; COMMIT", own_session,
                               work->executor->role, sql),
                        LK_ERR_PARTIAL);
}

void
lk_work_record_failure(struct lk_work *work)
{
    struct lk_executor *executor = work->executor;
    struct lk_server_error ignored;

    if (lk_conn_is_broken(executor->conn))
        return;
    PQclear(lk_conn_exec(work->mem, executor->conn, lk_restore_session, &ignored));
    char *sql = executor->format->fail(work->mem, executor->conn, &work->entry, work->rank,
                                       work->outcome.attempts, work->outcome.sqlstate,
                                       work->outcome.message);
    if (sql == NULL)
        return;
    PQclear(lk_conn_exec(work->mem, executor->conn, sql, &ignored));
}

/* may_unlock returns whether a statement may give away every advisory lock of the session. */
static bool
may_unlock(const struct lk_plan_statement *statement)
{
    static const char *const kinds[] = {"CALL", "DISCARD ALL", "DO", "EXECUTE", "SELECT"};

    for (size_t i = 0; i < LK_ARRAY_SIZE(kinds); i++)
        if (strcmp(statement->kind, kinds[i]) == 0)
            return true;
    return false;
}

bool
lk_work_hold(struct lk_work *work, const struct lk_plan_step *step)
{
    struct lk_executor *executor = work->executor;
    struct lk_error lost = {0};
    bool may = false;

    for (size_t i = step->first; i < step->first + step->count; i++)
        may |= may_unlock(&work->migration->statements.items[i]);
    if (!may)
        return true;
    PGresult *result LK_CLEANUP(lk_result_clear) =
        lk_conn_query(work->mem, executor->conn,
                      lk_fmt(work->mem, "SELECT pg_catalog.pg_try_advisory_lock(%lld)",
                             (long long)executor->format->lock_key(executor->conn)),
                      NULL, 0, &lost);
    lk_error_clear(&lost); /* a connection that is made anew takes the lock, too */
    if (result == NULL || strcmp(PQgetvalue(result, 0, 0), "t") == 0)
        return true;
    work->outcome.code = LK_ERR_LOCKED;
    work->outcome.message = "it gave the run's lock away, and another run has taken it";
    work->outcome.hint =
        "That run goes on with it. pg_advisory_unlock_all() and DISCARD ALL have no "
        "place in a migration.";
    return false;
}

/* ---- transactional ---- */

static struct lk_message
transactional_message(struct lk_work *work)
{
    const struct lk_plan_migration *migration = work->migration;
    const struct lk_plan_step *step = &migration->steps.items[0];
    struct lk_executor *executor = work->executor;
    struct lk_message message = lk_message_init(work->mem);
    message.yields = true;
    size_t opening = lk_plan_opening(migration, step);
    bool timed = lk_message_is_timed(step->count);

    lk_message_own(&message, step->begin != NULL ? step->begin : "BEGIN");
    for (size_t i = 0; i <= step->count; i++) {
        if (i == opening)
            lk_message_own(&message, executor->format->claim(work->mem, executor->conn,
                                                             &work->entry, work->outcome.attempts));
        if (i == opening)
            lk_hooks_join(executor, LK_HOOK_BEFORE_EACH, &message);
        if (i >= opening && timed)
            lk_message_clock(&message);
        if (i < step->count)
            lk_message_statement(&message, &migration->statements.items[step->first + i], true);
    }
    lk_hooks_join(executor, LK_HOOK_AFTER_EACH, &message);
    lk_work_own_role(work, &message);
    lk_message_own(&message, executor->format->done(work->mem, executor->conn, &work->entry));
    lk_message_own(&message, "COMMIT");
    lk_message_own(&message, lk_restore_session);
    return message;
}

/* is_recorded returns whether the history has this migration as carried out, as it is now. */
static bool
is_recorded(const struct lk_work *work, const struct lk_history_row *row)
{
    if (work->entry.undoes != 0) /* it may have been taken back before, too */
        return row != NULL && row->status == LK_HISTORY_UNDONE && row->run == work->entry.run;
    return row != NULL && row->status == LK_HISTORY_APPLIED &&
           (strcmp(row->sha256, work->migration->sha256) == 0 ||
            (row->by_checksum && row->flyway_checksum == work->migration->flyway_checksum));
}

static void
run_transactional(struct lk_work *work)
{
    for (;;) {
        work->outcome.attempts++;
        struct lk_message message = transactional_message(work);
        struct lk_sent sent =
            lk_message_send(work->executor->conn, &message, lk_work_on_statement, work);
        if (sent.ok)
            break;
        enum lk_verdict verdict = lk_work_judge(work, &sent, LK_ERR_FAILED);
        const struct lk_history_row *row = NULL;
        /* the connection broke, perhaps while the COMMIT was under way: the row tells */
        if (verdict == LK_RECONNECTED && !lk_work_find_row(work, &row))
            verdict = LK_GIVE_UP;
        if (is_recorded(work, row))
            break;
        if (verdict == LK_GIVE_UP) {
            lk_work_record_failure(work);
            return;
        }
    }
    work->outcome.code = LK_ERR_OK;
    work->outcome.statements_done = work->migration->statements.count;
    if (work->migration->steps.count > 0)
        lk_work_hold(work, &work->migration->steps.items[0]);
}

struct lk_outcome
lk_execute(TALLOC_CTX *mem, struct lk_executor *executor, const struct lk_plan_migration *migration,
           const struct lk_history_row *row)
{
    struct lk_work work = {
        .mem = mem,
        .executor = executor,
        .migration = migration,
        .entry =
            {
                .migration = migration->migration,
                .script = migration->script,
                .sha256 = migration->sha256,
                .flyway_checksum = migration->flyway_checksum,
                .mode = migration->mode,
                .statements = migration->statements.count,
                .run = executor->run,
                .fingerprint = migration->fingerprint,
                .undoes = migration->undoes,
            },
        .retry = lk_retry_start(executor->policy, executor->clock),
    };
    int64_t start = executor->clock.now_ms(executor->clock.data);

    if (migration->mode == LK_MODE_TRANSACTIONAL && !lk_work_resumes(row))
        run_transactional(&work);
    else
        lk_run_journalled(&work, row);
    work.outcome.duration_ms = (double)(executor->clock.now_ms(executor->clock.data) - start);
    return work.outcome;
}
