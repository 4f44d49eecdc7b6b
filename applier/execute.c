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
#include "applier/leaks.h"
#include "applier/sqlstate.h"

void
lk_work_on_statement(void *data, const struct lk_plan_statement *statement,
                     const struct lk_carried_out *how)
{
    struct lk_work *work = data;

    if (work->executor->events.statement != NULL)
        work->executor->events.statement(work->executor->events.data, work->migration, statement,
                                         how);
}

/* detail_of returns what there is to say behind a failure's message; NULL: nothing. */
static const char *
detail_of(struct lk_work *work, const struct lk_sent *sent)
{
    int64_t ms = sent->statement != NULL ? sent->statement->timeouts.statement : 0;

    if (ms == 0 || strcmp(sent->error.sqlstate, "57014") != 0 || lk_interrupted())
        return sent->error.detail;
    return lk_fmt(work->mem,
                  "statement_timeout is %s here; `-- lockkeeper: statement_timeout ...` above the "
                  "statement, or the configuration, says otherwise",
                  lk_timeout_text(work->mem, ms));
}

/* note_failure keeps what the server said, for the report. */
static void
note_failure(struct lk_work *work, const struct lk_sent *sent)
{
    struct lk_outcome *outcome = &work->outcome;

    snprintf(outcome->sqlstate, sizeof(outcome->sqlstate), "%s", sent->error.sqlstate);
    outcome->message = sent->error.message;
    outcome->detail = detail_of(work, sent);
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

/* enter begins a transaction as ourselves, whoever the migration has made of us; leave ends it. */
static bool
enter(struct lk_work *work, struct lk_error *err)
{
    struct lk_message message = lk_message_init(work->mem, work->executor->conn);

    lk_message_own(&message, "BEGIN READ WRITE");
    lk_work_own_session(work, &message);
    PGresult *result LK_CLEANUP(lk_result_clear) =
        lk_conn_query(work->mem, work->executor->conn, message.text.data, NULL, 0, err);
    return result != NULL;
}

static void
leave(struct lk_work *work)
{
    PQclear(PQexec(work->executor->conn->pg, "COMMIT"));
}

bool
lk_work_load_journal(struct lk_work *work, struct lk_error *err)
{
    struct lk_executor *executor = work->executor;

    if (work->rank == 0)
        return true;
    if (!enter(work, err))
        return false;
    bool read =
        executor->format->journal(work->mem, executor->conn, work->rank, &work->journal, err);
    leave(work);
    if (!read)
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

/* What loses its connection so often, with nothing else in between, is what ends it. */
#define LOST_MOST 5

/* ends_sessions returns whether it is the statement that the connection is lost for. */
static bool
ends_sessions(struct lk_work *work, const struct lk_sent *sent)
{
    size_t at = sent->statement != NULL ? sent->statement->index : 0;

    work->lost_times = at != 0 && at == work->lost_at ? work->lost_times + 1 : 1;
    work->lost_at = at;
    return lk_sqlstate_class(sent->error.sqlstate) == LK_SQLSTATE_LIMIT ||
           (at != 0 && work->lost_times >= LOST_MOST);
}

/* judge_lost gets a connection back, and decides whether to go on with it. */
static enum lk_verdict
judge_lost(struct lk_work *work, const struct lk_sent *sent, enum lk_error_code code)
{
    bool enough = ends_sessions(work, sent);

    if (pause_or_stop(work, lk_sqlstate_words(sent->error.sqlstate)) && reconnect(work) && !enough)
        return LK_RECONNECTED;
    if (lk_conn_is_broken(work->executor->conn))
        note_unknown(work);
    lk_work_give_up(work, lk_conn_is_broken(work->executor->conn) ? LK_ERR_INTERRUPTED : code);
    if (enough && lk_sqlstate_class(sent->error.sqlstate) != LK_SQLSTATE_LIMIT)
        work->outcome.hint = "The connection was lost each time that this statement was carried "
                             "out: look into the server's log before it is tried again.";
    return LK_GIVE_UP;
}

/* is_ours returns whether an error is about a table of the history. */
static bool
is_ours(const struct lk_conn *conn, const struct lk_sent *sent)
{
    const char *schema = sent->error.schema;

    return sent->statement == NULL && schema != NULL &&
           (strcmp(schema, "lockkeeper") == 0 ||
            (conn->history_schema != NULL && strcmp(schema, conn->history_schema) == 0));
}

/*
 * lost_turn returns whether a message has failed because another session has the run's lock, or has
 * written the row that ours would be the second of: the format's claim has it fail so.
 */
static bool
lost_turn(struct lk_work *work, const struct lk_sent *sent)
{
    const char *state = sent->error.sqlstate;

    if (sent->statement == NULL && strcmp(state, "22012") == 0)
        return true;
    if (work->collided || work->entry.undoes != 0 || !is_ours(work->executor->conn, sent))
        return false;
    work->collided = strcmp(state, "23505") == 0 || strcmp(state, "23502") == 0;
    return work->collided;
}

/* take_turn waits for the other run to end, and reads what it has done; false: it goes on. */
static bool
take_turn(struct lk_work *work)
{
    struct lk_error err = {0};

    if (!pause_or_stop(work, "another run has the lock"))
        return false;
    bool taken = work->executor->relock(work->executor, &err) && lk_work_load_journal(work, &err);
    lk_error_clear(&err);
    return taken;
}

/* lock_out ends the migration, which is another run's by now: nothing more is written of it. */
static enum lk_verdict
lock_out(struct lk_work *work)
{
    work->outcome.message = "it gave the run's lock away, and another run has taken it";
    work->outcome.hint =
        "That run goes on with it. pg_advisory_unlock_all() and DISCARD ALL have no "
        "place in a migration.";
    lk_work_give_up(work, LK_ERR_LOCKED);
    return LK_GIVE_UP;
}

enum lk_verdict
lk_work_judge(struct lk_work *work, const struct lk_sent *sent, enum lk_error_code code)
{
    const char *state = sent->error.sqlstate;

    note_failure(work, sent);
    if (lk_conn_is_broken(work->executor->conn))
        return judge_lost(work, sent, code);
    lk_work_roll_back(work);
    if (lost_turn(work, sent)) {
        if (take_turn(work))
            return LK_RECONNECTED;
        return lk_conn_is_broken(work->executor->conn) ? judge_lost(work, sent, code)
                                                       : lock_out(work);
    }
    if (sent->yielded || lk_sqlstate_class(state) == LK_SQLSTATE_RETRY ||
        lk_sqlstate_class(state) == LK_SQLSTATE_CONNECTION) {
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
    if (err->code == LK_ERR_LOCKED) /* the row is another run's */
        code = LK_ERR_LOCKED;
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

    while (!enter(work, &err) ||
           !executor->format->load(work->mem, executor->conn, &history, &age, &err))
        if (lk_work_read_failed(work, &err, LK_ERR_INTERRUPTED) == LK_GIVE_UP)
            return false;
    leave(work);
    *ret = migration->undoes != 0
               ? lk_history_find_undo(&history, migration->undoes)
               : lk_history_find(&history, migration->migration, migration->script);
    return true;
}

void
lk_work_claim_turn(struct lk_work *work, struct lk_message *message)
{
    lk_message_own(message,
                   lk_fmt(work->mem,
                          "SELECT 1 OPERATOR(pg_catalog./)"
                          " pg_catalog.pg_try_advisory_xact_lock(%lld)::int",
                          (long long)work->executor->format->lock_key(work->executor->conn)));
}

void
lk_work_own_session(struct lk_work *work, struct lk_message *message)
{
    static const struct lk_timeouts own = {.lock = 10000, .statement = 0};

    lk_message_timeouts(message, own, true);
    lk_message_own(message, "SET LOCAL SESSION AUTHORIZATION DEFAULT"); /* the role comes after */
    lk_message_own(message, lk_fmt(work->mem, "SET LOCAL ROLE %s", work->executor->role));
}

bool
lk_work_write(struct lk_work *work, const char *sql, const char *behind)
{
    struct lk_message message = lk_message_init(work->mem, work->executor->conn);

    lk_message_own(&message, "BEGIN READ WRITE");
    lk_work_own_session(work, &message);
    lk_message_own(&message, sql);
    lk_message_own(&message, "COMMIT");
    if (behind != NULL)
        lk_message_own(&message, behind);
    return lk_work_exec(work, message.text.data, LK_ERR_PARTIAL);
}

void
lk_work_record_failure(struct lk_work *work)
{
    struct lk_executor *executor = work->executor;
    struct lk_server_error ignored;

    if (lk_conn_is_broken(executor->conn) || work->outcome.code == LK_ERR_LOCKED)
        return; /* the row is another run's */
    PQclear(lk_conn_exec(work->mem, executor->conn, executor->conn->restore, &ignored));
    char *sql = executor->format->fail(work->mem, executor->conn, &work->entry, work->rank,
                                       work->outcome.attempts, work->outcome.sqlstate,
                                       work->outcome.message);
    if (sql == NULL)
        return;
    PQclear(lk_conn_exec(work->mem, executor->conn, sql, &ignored));
}

/* ---- transactional ---- */

static struct lk_message
transactional_message(struct lk_work *work)
{
    const struct lk_plan_migration *migration = work->migration;
    const struct lk_plan_step *step = &migration->steps.items[0];
    struct lk_executor *executor = work->executor;
    struct lk_message message = lk_message_init(work->mem, executor->conn);
    message.yields = true;
    size_t opening = lk_plan_opening(migration, step);
    bool timed = lk_message_is_timed(step->count);

    lk_message_own(&message, step->begin != NULL ? step->begin : "BEGIN");
    for (size_t i = 0; i <= step->count; i++) {
        if (i == opening) {
            lk_work_claim_turn(work, &message);
            lk_message_own(&message, executor->format->claim(work->mem, executor->conn,
                                                             &work->entry, work->outcome.attempts));
            lk_hooks_join(executor, LK_HOOK_BEFORE_EACH, &message);
        }
        if (i >= opening && timed)
            lk_message_clock(&message);
        if (i < step->count)
            lk_message_statement(&message, &migration->statements.items[step->first + i], true);
    }
    lk_hooks_join(executor, LK_HOOK_AFTER_EACH, &message);
    lk_work_own_session(work, &message);
    lk_message_own(&message, executor->format->done(work->mem, executor->conn, &work->entry));
    lk_message_own(&message, "COMMIT");
    if (!migration->may_leak)
        lk_message_own(&message, executor->conn->restore);
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
}

/*
 * refuse_prepare refuses a migration with PREPARE TRANSACTION: whether it is done would be decided
 * elsewhere, later, and its locks would outlive the run.
 */
static void
refuse_prepare(struct lk_work *work)
{
    const struct lk_plan_statement *statement =
        &work->migration->statements.items[work->migration->prepares - 1];

    work->outcome.code = LK_ERR_FAILED;
    work->outcome.statement = statement->index;
    work->outcome.file = statement->file;
    work->outcome.line = statement->line;
    work->outcome.message = "PREPARE TRANSACTION is not carried out";
    work->outcome.hint =
        "What it prepares holds its locks until somebody commits it, and the history "
        "cannot say whether that is done: COMMIT instead. Nothing of this migration "
        "was carried out.";
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

    work.retry.before_ms = executor->spent_ms;
    if (migration->prepares != 0)
        refuse_prepare(&work);
    else if (migration->mode == LK_MODE_TRANSACTIONAL && !lk_work_resumes(row))
        run_transactional(&work);
    else
        lk_run_journalled(&work, row);
    executor->spent_ms += work.retry.spent_ms;
    if (migration->may_leak && !lk_conn_is_broken(executor->conn))
        lk_leaks_clear(&work);
    work.outcome.duration_ms = (double)(executor->clock.now_ms(executor->clock.data) - start);
    return work.outcome;
}
