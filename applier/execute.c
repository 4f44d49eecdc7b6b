/*
 * applier/execute.c
 *     Carrying out one migration: see execute.h.
 *
 * What is true in the database if the process ends right there:
 *   a transactional migration: its row and all of its work, or neither;
 *   any other: a row of status failed with the number of statements done, a journal entry "done"
 *   for each of them, and at most one "intent", whose outcome the catalog tells.
 */
#include "applier/execute.h"

#include "applier/conn_private.h"
#include "applier/interrupt.h"
#include "applier/message.h"
#include "applier/sql.h"
#include "applier/sqlstate.h"
#include "applier/trace.h"

/* One migration under way. */
struct work {
    TALLOC_CTX *mem;
    struct lk_executor *executor;
    const struct lk_plan_migration *migration;
    struct lk_history_entry entry;
    struct lk_outcome outcome;
    struct lk_retry retry;
    /* of one that is not transactional: */
    int64_t rank;              /* of its row; 0: not there yet */
    struct lk_journal journal; /* as the database has it */
    size_t done_until;         /* the ordinal of the last statement that is done */
};

/* What a migration may have left changed, put back behind it. RESET ALL spares the role. */
static const char restore_session[] = "RESET SESSION AUTHORIZATION; RESET ROLE; RESET ALL";

/* What to do after a failed try. */
enum verdict { AGAIN, RECONNECTED, GIVE_UP };

static void
on_statement(void *data, const struct lk_plan_statement *statement)
{
    struct work *work = data;

    if (work->executor->events.statement != NULL)
        work->executor->events.statement(work->executor->events.data, work->migration, statement);
}

/* note_failure keeps what the server said, for the report. */
static void
note_failure(struct work *work, const struct lk_sent *sent)
{
    struct lk_outcome *outcome = &work->outcome;

    snprintf(outcome->sqlstate, sizeof(outcome->sqlstate), "%s", sent->error.sqlstate);
    outcome->message = sent->error.message;
    outcome->detail = sent->error.detail;
    outcome->hint = sent->error.hint;
    outcome->statement = sent->statement != NULL ? sent->statement->index : 0;
    outcome->line = sent->statement == NULL
                        ? 0
                        : lk_source_position(work->migration->source, sent->offset).line;
}

/* pause_or_stop waits for the next try; false when the time is up or the run is interrupted. */
static bool
pause_or_stop(struct work *work, const char *why)
{
    lk_retry_failed(work->mem, &work->retry, why);
    if (lk_interrupted() || !lk_retry_pause(&work->retry))
        return false;
    if (work->executor->events.retrying != NULL)
        work->executor->events.retrying(work->executor->events.data, why, work->retry.pause_ms);
    return !lk_interrupted();
}

/* apply_settings repeats the SETs of what is done already: they went with the old session. */
static bool
apply_settings(struct work *work)
{
    struct lk_server_error ignored;

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

/* load_journal reads what is done of a migration that has a row of its own. */
static bool
load_journal(struct work *work, struct lk_error *err)
{
    struct lk_executor *executor = work->executor;

    if (work->rank == 0)
        return true;
    if (!executor->format->journal(work->mem, executor->conn, work->rank, &work->journal, err))
        return false;
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
reconnect(struct work *work)
{
    struct lk_error err = {0};
    bool back = false;

    while (!back && !lk_interrupted()) {
        back = lk_conn_reopen(work->executor->conn, &err) &&
               work->executor->relock(work->executor, &err) && load_journal(work, &err) &&
               apply_settings(work);
        lk_error_clear(&err);
        if (!back && !pause_or_stop(work, "cannot connect"))
            break;
    }
    return back;
}

static void
give_up(struct work *work, enum lk_error_code code)
{
    work->outcome.code = lk_interrupted() ? LK_ERR_INTERRUPTED : code;
    if (work->retry.attempts > 1)
        work->outcome.detail = lk_retry_summary(work->mem, &work->retry);
}

/* roll_back ends the transaction that a failed message left open, if it did. */
static void
roll_back(struct work *work)
{
    PGconn *pg = work->executor->conn->pg;

    if (PQtransactionStatus(pg) != PQTRANS_IDLE)
        PQclear(PQexec(pg, "ROLLBACK"));
}

/* judge decides what follows a failed message. */
static enum verdict
judge(struct work *work, const struct lk_sent *sent, enum lk_error_code code)
{
    const char *state = sent->error.sqlstate;

    note_failure(work, sent);
    if (lk_conn_is_broken(work->executor->conn)) {
        if (pause_or_stop(work, lk_sqlstate_words(state)) && reconnect(work))
            return RECONNECTED;
        give_up(work, lk_conn_is_broken(work->executor->conn) ? LK_ERR_INTERRUPTED : code);
        return GIVE_UP;
    }
    roll_back(work);
    if (lk_sqlstate_class(state) != LK_SQLSTATE_FATAL &&
        lk_sqlstate_class(state) != LK_SQLSTATE_CANCELED) {
        if (pause_or_stop(work, lk_sqlstate_words(state)))
            return AGAIN;
    }
    give_up(work, code);
    return GIVE_UP;
}

/*
 * exec_own runs SQL of ours that can be repeated, until it is through; a failure is the outcome's.
 */
static bool
exec_own(struct work *work, const char *sql, enum lk_error_code code)
{
    for (;;) {
        struct lk_sent sent = {0};
        PGresult *result LK_CLEANUP(lk_result_clear) =
            lk_conn_exec(work->mem, work->executor->conn, sql, &sent.error);
        if (result != NULL)
            return true;
        if (judge(work, &sent, code) == GIVE_UP)
            return false;
    }
}

/* read_failed decides what follows when something of ours could not be read. */
static enum verdict
read_failed(struct work *work, struct lk_error *err, enum lk_error_code code)
{
    struct lk_sent sent = {.error.message = lk_strdup(work->mem, err->message)};

    snprintf(sent.error.sqlstate, sizeof(sent.error.sqlstate), "%s", err->sqlstate);
    lk_error_clear(err);
    return judge(work, &sent, code);
}

/*
 * find_row finds the migration's newest row, NULL if it has none: what the database says when the
 * connection broke and nobody heard how it went.
 */
static bool
find_row(struct work *work, const struct lk_history_row **ret)
{
    const struct lk_plan_migration *migration = work->migration;
    struct lk_executor *executor = work->executor;
    struct lk_history history;
    struct lk_error err = {0};
    bool exists;

    while (!executor->format->load(work->mem, executor->conn, &history, &exists, &err))
        if (read_failed(work, &err, LK_ERR_INTERRUPTED) == GIVE_UP)
            return false;
    *ret = lk_history_find(&history, migration->migration, migration->script);
    return true;
}

/* own_role returns what switches to the role that our rows are written under, for a transaction. */
static char *
own_role(struct work *work)
{
    return lk_fmt(work->mem, "SET LOCAL ROLE %s", work->executor->role);
}

/* write_own writes rows of ours between a migration's statements, whatever role it has set. */
static bool
write_own(struct work *work, const char *sql)
{
    return exec_own(work, lk_fmt(work->mem, "BEGIN; %s; %s; COMMIT", own_role(work), sql),
                    LK_ERR_PARTIAL);
}

/* record_failure writes down that and why the migration stopped, if the connection still can. */
static void
record_failure(struct work *work)
{
    struct lk_executor *executor = work->executor;
    struct lk_server_error ignored;

    if (lk_conn_is_broken(executor->conn))
        return;
    PQclear(lk_conn_exec(work->mem, executor->conn, restore_session, &ignored));
    char *sql = executor->format->fail(work->mem, executor->conn, &work->entry, work->rank,
                                       work->outcome.attempts, work->outcome.sqlstate,
                                       work->outcome.message);
    PQclear(lk_conn_exec(work->mem, executor->conn, sql, &ignored));
}

/* ---- transactional ---- */

/* opening_count returns how many statements of a step come before the transaction's first query. */
static size_t
opening_count(const struct lk_plan_migration *migration, const struct lk_plan_step *step)
{
    size_t opening = 0;

    for (size_t i = 0; i < step->count; i++) {
        const struct lk_plan_statement *statement = &migration->statements.items[step->first + i];
        if (!statement->setting)
            break;
        if (statement->opening)
            opening = i + 1;
    }
    return opening;
}

static struct lk_message
transactional_message(struct work *work)
{
    const struct lk_plan_migration *migration = work->migration;
    const struct lk_plan_step *step = &migration->steps.items[0];
    struct lk_executor *executor = work->executor;
    struct lk_message message = lk_message_init(work->mem);
    size_t opening = opening_count(migration, step);

    lk_message_own(&message, step->begin != NULL ? step->begin : "BEGIN");
    for (size_t i = 0; i <= step->count; i++) {
        if (i == opening)
            lk_message_own(&message, executor->format->claim(work->mem, executor->conn,
                                                             &work->entry, work->outcome.attempts));
        if (i < step->count)
            lk_message_statement(&message, &migration->statements.items[step->first + i], true);
    }
    lk_message_own(&message, own_role(work));
    lk_message_own(&message, executor->format->done(work->mem, executor->conn, &work->entry));
    lk_message_own(&message, "COMMIT");
    lk_message_own(&message, restore_session);
    return message;
}

/* is_recorded returns whether the history has this migration as applied, as it is now. */
static bool
is_recorded(const struct work *work, const struct lk_history_row *row)
{
    return row != NULL && row->status == LK_HISTORY_APPLIED &&
           strcmp(row->sha256, work->migration->sha256) == 0;
}

static void
run_transactional(struct work *work)
{
    for (;;) {
        work->outcome.attempts++;
        struct lk_message message = transactional_message(work);
        struct lk_sent sent = lk_message_send(work->executor->conn, &message, on_statement, work);
        if (sent.ok)
            break;
        enum verdict verdict = judge(work, &sent, LK_ERR_FAILED);
        const struct lk_history_row *row = NULL;
        /* the connection broke, perhaps while the COMMIT was under way: the row tells */
        if (verdict == RECONNECTED && !find_row(work, &row))
            verdict = GIVE_UP;
        if (is_recorded(work, row))
            break;
        if (verdict == GIVE_UP) {
            record_failure(work);
            return;
        }
    }
    work->outcome.code = LK_ERR_OK;
    work->outcome.statements_done = work->migration->statements.count;
}

/* ---- not transactional ---- */

/* refresh_journal reads the journal anew. */
static bool
refresh_journal(struct work *work)
{
    struct lk_error err = {0};

    while (!load_journal(work, &err))
        if (read_failed(work, &err, LK_ERR_PARTIAL) == GIVE_UP)
            return false;
    return true;
}

static const struct lk_journal_entry *
journal_entry(const struct work *work, const struct lk_plan_statement *statement)
{
    lk_vec_foreach(entry, &work->journal.entries)
        if (entry->ordinal == statement->index)
            return entry;
    return NULL;
}

/* find_trace finds what a statement that the journal knows has left. */
static bool
find_trace(struct work *work, const struct lk_plan_statement *statement, struct lk_trace *ret)
{
    struct lk_error err = {0};
    const struct lk_journal_entry *entry = journal_entry(work, statement);

    *ret = (struct lk_trace){0};
    while (entry != NULL &&
           !lk_trace_find(work->mem, work->executor->conn, statement, entry, ret, &err)) {
        if (read_failed(work, &err, LK_ERR_PARTIAL) == GIVE_UP)
            return false;
        entry = journal_entry(work, statement); /* the journal may have been read anew */
    }
    return true;
}

/* cure takes back, or completes, what a statement did by half. */
static bool
cure(struct work *work, const struct lk_trace *trace)
{
    lk_vec_foreach(sql, &trace->cures)
        if (!exec_own(work, "SET lock_timeout = 0", LK_ERR_PARTIAL) ||
            !exec_own(work, *sql, LK_ERR_PARTIAL))
            return false;
    return true;
}

/* settle_begun finds out what became of a statement that was begun, and clears up behind it. */
static bool
settle_begun(struct work *work, const struct lk_plan_statement *statement, bool *ret_done)
{
    struct lk_trace trace;

    if (!refresh_journal(work) || !find_trace(work, statement, &trace) || !cure(work, &trace))
        return false;
    *ret_done = trace.done || (trace.forward && trace.cures.count > 0);
    return true;
}

static bool
mark_done(struct work *work, const struct lk_plan_statement *statement)
{
    struct lk_executor *executor = work->executor;

    return write_own(work, executor->format->step(work->mem, executor->conn, work->rank,
                                                  statement->index, statement->sha256));
}

/* announce writes down that a statement is about to be sent, and bounds its wait for locks. */
static bool
announce(struct work *work, const struct lk_plan_statement *statement)
{
    struct lk_executor *executor = work->executor;
    char *timeout =
        lk_fmt(work->mem, "SET lock_timeout = %lld", (long long)statement->lock_timeout_ms);

    return write_own(work, executor->format->intent(work->mem, executor->conn, work->rank,
                                                    statement->index, statement->sha256,
                                                    statement->effects.indexed_table)) &&
           exec_own(work, timeout, LK_ERR_PARTIAL);
}

/* forget removes a statement from the journal that failed and left nothing. */
static bool
forget(struct work *work, const struct lk_plan_statement *statement)
{
    struct lk_executor *executor = work->executor;

    return write_own(
        work, executor->format->forget(work->mem, executor->conn, work->rank, statement->index));
}

/*
 * retract clears up behind a statement that failed for good, as if it had never been sent; what
 * cannot be taken back, or not now, is left to the next run, and the journal says so.
 */
static void
retract(struct work *work, const struct lk_plan_statement *statement)
{
    const struct lk_outcome failure = work->outcome;
    struct lk_trace trace;

    if (failure.code == LK_ERR_INTERRUPTED || lk_conn_is_broken(work->executor->conn))
        return;
    if (refresh_journal(work) && find_trace(work, statement, &trace) &&
        (trace.cures.count == 0 || !trace.forward) && cure(work, &trace) && forget(work, statement))
        work->outcome = failure;
}

/*
 * check_built refuses an INVALID index behind a CREATE INDEX that the server calls a success: IF
 * NOT EXISTS is content with what somebody else left.
 */
static bool
check_built(struct work *work, const struct lk_plan_statement *statement)
{
    const char *params[] = {statement->effects.created_index};
    struct lk_error err = {0};
    PGresult *result;

    if (params[0] == NULL)
        return true;
    while ((result = lk_conn_query(work->mem, work->executor->conn, lk_sql_index_state, params, 1,
                                   &err)) == NULL)
        if (read_failed(work, &err, LK_ERR_PARTIAL) == GIVE_UP)
            return false;
    bool invalid = PQntuples(result) > 0 && strcmp(PQgetvalue(result, 0, 0), "f") == 0;
    PQclear(result);
    if (!invalid || !forget(work, statement))
        return !invalid;
    work->outcome.code = LK_ERR_PARTIAL;
    work->outcome.statement = statement->index;
    work->outcome.line = statement->line;
    work->outcome.message =
        lk_fmt(work->mem, "the index %s is INVALID, and was so before this run", params[0]);
    work->outcome.hint =
        lk_fmt(work->mem, "DROP INDEX CONCURRENTLY %s; then apply again.", params[0]);
    return false;
}

/* run_single runs a statement that has to be alone in its message. */
static bool
run_single(struct work *work, const struct lk_plan_statement *statement)
{
    bool begun = journal_entry(work, statement) != NULL, done = false;

    for (;;) {
        if (begun && !settle_begun(work, statement, &done))
            return false;
        if (done)
            return mark_done(work, statement);
        if (!announce(work, statement))
            return false;
        begun = true;
        struct lk_message message = lk_message_init(work->mem);
        message.lock_timeout_ms = statement->lock_timeout_ms;
        lk_message_statement(&message, statement, false);
        struct lk_sent sent = lk_message_send(work->executor->conn, &message, on_statement, work);
        if (sent.ok)
            return check_built(work, statement) && mark_done(work, statement);
        if (judge(work, &sent, LK_ERR_PARTIAL) == GIVE_UP) {
            retract(work, statement);
            return false;
        }
        work->outcome.attempts++;
    }
}

/* block_message is a step's statements from `first` on in one transaction, with their journal. */
static struct lk_message
block_message(struct work *work, const struct lk_plan_step *step, size_t first)
{
    struct lk_executor *executor = work->executor;
    const struct lk_plan_statement *statements = work->migration->statements.items;
    const struct lk_plan_statement *last = &statements[step->first + step->count - 1];
    struct lk_message message = lk_message_init(work->mem);

    lk_message_own(&message, step->begin != NULL ? step->begin : "BEGIN");
    for (size_t i = first; i < step->first + step->count; i++)
        lk_message_statement(&message, &statements[i], true);
    if (step->rollback)
        lk_message_own(&message, "ROLLBACK");
    if (step->rollback)
        lk_message_own(&message, "BEGIN");
    lk_message_own(&message, own_role(work));
    lk_message_own(&message, executor->format->step(work->mem, executor->conn, work->rank,
                                                    last->index, last->sha256));
    lk_message_own(&message, "COMMIT");
    return message;
}

/* run_block runs what is not done of a step in one transaction, its journal entry included. */
static bool
run_block(struct work *work, const struct lk_plan_step *step)
{
    size_t last = work->migration->statements.items[step->first + step->count - 1].index;
    size_t first = LK_MAX(step->first, work->done_until); /* ordinals are from 1 */

    for (;;) {
        struct lk_message message = block_message(work, step, first);
        struct lk_sent sent = lk_message_send(work->executor->conn, &message, on_statement, work);
        if (sent.ok)
            return true;
        if (step->may_commit && strcmp(sent.error.sqlstate, "2D000") == 0) {
            /* it ends transactions itself, which only works outside of one */
            roll_back(work);
            return run_single(work, &work->migration->statements.items[step->first]);
        }
        if (judge(work, &sent, LK_ERR_PARTIAL) == GIVE_UP)
            return false;
        if (work->done_until >= last) /* the COMMIT was carried out before the connection broke */
            return true;
        work->outcome.attempts++;
    }
}

/* check_journal refuses to go on with statements other than those that were carried out. */
static bool
check_journal(struct work *work)
{
    lk_vec_foreach(entry, &work->journal.entries) {
        const struct lk_plan_statement *statement =
            entry->ordinal <= work->migration->statements.count && entry->ordinal > 0
                ? &work->migration->statements.items[entry->ordinal - 1]
                : NULL;
        if (statement != NULL && strcmp(statement->sha256, entry->sha256) == 0)
            continue;
        work->outcome.code = LK_ERR_DISAGREE;
        work->outcome.statement = entry->ordinal;
        work->outcome.line = statement != NULL ? statement->line : 0;
        work->outcome.message = lk_fmt(
            work->mem, "the migration stopped half way, and statement %zu was %s with another text",
            entry->ordinal, entry->done ? "carried out" : "begun");
        work->outcome.hint = "Restore the file as it was; put changes behind what was carried out.";
        return false;
    }
    return true;
}

/*
 * resumes returns whether an earlier try of the migration went on statement by statement, so that
 * part of it may be done, whatever the corrected file would be run as.
 */
static bool
resumes(const struct lk_history_row *row)
{
    return row != NULL && row->status == LK_HISTORY_FAILED &&
           (row->statements_done > 0 ||
            strcmp(row->mode, lk_mode_name(LK_MODE_TRANSACTIONAL)) != 0);
}

/* take_up goes on with the row of an earlier try: session and journal as that one left them. */
static bool
take_up(struct work *work, const struct lk_history_row *row)
{
    work->rank = row->rank;
    if (!refresh_journal(work))
        return false;
    work->outcome.statements_done = work->done_until;
    if (!check_journal(work))
        return false;
    while (!apply_settings(work)) {
        struct lk_error lost = {.message = NULL};
        lk_fail(&lost, LK_ERR_CONNECT, "a setting of the first part cannot be made again");
        if (read_failed(work, &lost, LK_ERR_PARTIAL) == GIVE_UP)
            return false;
    }
    return true;
}

/* open_row makes the migration's row, or takes up the one of an earlier try. */
static bool
open_row(struct work *work, const struct lk_history_row *row)
{
    struct lk_executor *executor = work->executor;

    if (resumes(row) && !take_up(work, row))
        return false;
    for (;;) {
        struct lk_sent sent = {0};
        PGresult *result LK_CLEANUP(lk_result_clear) = lk_conn_exec(
            work->mem, executor->conn,
            executor->format->begin(work->mem, executor->conn, &work->entry, work->rank),
            &sent.error);
        if (result != NULL) {
            work->rank = strtoll(PQgetvalue(result, 0, 0), NULL, 10);
            return true;
        }
        enum verdict verdict = judge(work, &sent, LK_ERR_PARTIAL);
        if (verdict == RECONNECTED && !find_row(work, &row))
            verdict = GIVE_UP;
        if (verdict == GIVE_UP)
            return false;
        if (row != NULL && row->run == executor->run) /* it was made */
            work->rank = row->rank;
    }
}

/* run_steps runs what is not done yet; the outcome says why it stopped. */
static bool
run_steps(struct work *work)
{
    lk_vec_foreach(step, &work->migration->steps) {
        if (step->count == 0)
            continue;
        size_t last = work->migration->statements.items[step->first + step->count - 1].index;
        if (last <= work->done_until)
            continue;
        if (lk_interrupted()) {
            give_up(work, LK_ERR_INTERRUPTED);
            return false;
        }
        if (step->transaction ? !run_block(work, step)
                              : !run_single(work, &work->migration->statements.items[step->first]))
            return false;
        work->done_until = LK_MAX(work->done_until, last);
        work->outcome.statements_done = work->done_until;
    }
    return true;
}

static void
run_journalled(struct work *work, const struct lk_history_row *row)
{
    struct lk_executor *executor = work->executor;

    work->outcome.attempts = 1;
    if (open_row(work, row) && run_steps(work) && exec_own(work, restore_session, LK_ERR_PARTIAL) &&
        exec_own(
            work,
            executor->format->finish(work->mem, executor->conn, work->rank, work->outcome.attempts),
            LK_ERR_PARTIAL)) {
        work->outcome.code = LK_ERR_OK;
        work->outcome.statements_done = work->migration->statements.count;
        return;
    }
    if (work->outcome.code == LK_ERR_PARTIAL && work->outcome.statements_done == 0)
        work->outcome.code = LK_ERR_FAILED; /* the first statement failed, and left nothing */
    if (work->rank != 0)
        record_failure(work);
}

struct lk_outcome
lk_execute(TALLOC_CTX *mem, struct lk_executor *executor, const struct lk_plan_migration *migration,
           const struct lk_history_row *row)
{
    struct work work = {
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
            },
        .retry = lk_retry_start(executor->policy, executor->clock),
    };
    int64_t start = executor->clock.now_ms(executor->clock.data);

    if (migration->mode == LK_MODE_TRANSACTIONAL && !resumes(row))
        run_transactional(&work);
    else
        run_journalled(&work, row);
    work.outcome.duration_ms = (double)(executor->clock.now_ms(executor->clock.data) - start);
    return work.outcome;
}
