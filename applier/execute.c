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

/* One migration under way. */
struct work {
    TALLOC_CTX *mem;
    struct lk_executor *executor;
    const struct lk_plan_migration *migration;
    struct lk_history_entry entry;
    struct lk_outcome outcome;
    struct lk_retry retry;
    int64_t rank; /* of the row of one that is not transactional */
    struct lk_journal journal;
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

/* reconnect gets a connection back, and the run's lock with it: then the old backend is gone. */
static bool
reconnect(struct work *work)
{
    struct lk_error err = {0};
    bool back = false;

    while (!back && !lk_interrupted()) {
        back = lk_conn_reopen(work->executor->conn, &err) &&
               work->executor->relock(work->executor, &err);
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
    PQclear(PQexec(work->executor->conn->pg, "ROLLBACK"));
    if (lk_sqlstate_class(state) != LK_SQLSTATE_FATAL &&
        lk_sqlstate_class(state) != LK_SQLSTATE_CANCELED) {
        if (pause_or_stop(work, lk_sqlstate_words(state)))
            return AGAIN;
    }
    give_up(work, code);
    return GIVE_UP;
}

/* exec_own runs SQL of ours outside of any message; a failure is the outcome's. */
static bool
exec_own(struct work *work, const char *sql, enum lk_error_code code)
{
    struct lk_sent sent = {0};
    PGresult *result LK_CLEANUP(lk_result_clear) =
        lk_conn_exec(work->mem, work->executor->conn, sql, &sent.error);

    if (result != NULL)
        return true;
    note_failure(work, &sent);
    give_up(work, code);
    return false;
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

/* is_recorded returns whether the history has this migration as applied by this run. */
static bool
is_recorded(struct work *work)
{
    struct lk_history history;
    struct lk_error err = {0};
    bool exists;

    if (!work->executor->format->load(work->mem, work->executor->conn, &history, &exists, &err)) {
        lk_error_clear(&err);
        return false;
    }
    const struct lk_history_row *row =
        lk_history_find(&history, work->migration->migration, work->migration->script);
    return row != NULL && row->status == LK_HISTORY_APPLIED && row->run == work->executor->run &&
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
        /* the connection broke, perhaps while the COMMIT was under way: the row tells */
        if (verdict == RECONNECTED && is_recorded(work))
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

static const struct lk_journal_entry *
journal_entry(const struct work *work, size_t ordinal)
{
    lk_vec_foreach(entry, &work->journal.entries)
        if (entry->ordinal == ordinal)
            return entry;
    return NULL;
}

/* index_state returns 1 for a valid index of that name, 0 for an INVALID one, -1 for none. */
static int
index_state(struct work *work, const char *name)
{
    struct lk_error err = {0};
    const char *params[] = {name};
    PGresult *result LK_CLEANUP(lk_result_clear) =
        lk_conn_query(work->mem, work->executor->conn, lk_sql_index_state, params, 1, &err);

    lk_error_clear(&err);
    if (result == NULL || PQntuples(result) == 0)
        return -1;
    return strcmp(PQgetvalue(result, 0, 0), "t") == 0;
}

/* clear_leftover drops the INVALID index that a failed CREATE INDEX CONCURRENTLY left behind. */
static bool
clear_leftover(struct work *work, const struct lk_plan_statement *statement)
{
    const char *name = statement->effects.created_index;

    if (name == NULL || index_state(work, name) != 0)
        return true;
    return exec_own(work, "SET lock_timeout = 0", LK_ERR_PARTIAL) &&
           exec_own(work, lk_fmt(work->mem, "DROP INDEX CONCURRENTLY IF EXISTS %s", name),
                    LK_ERR_PARTIAL);
}

/* came_through returns whether a statement that was begun before has done its work, as far as the
 * catalog can tell. */
static bool
came_through(struct work *work, const struct lk_plan_statement *statement)
{
    if (statement->effects.created_index != NULL)
        return index_state(work, statement->effects.created_index) == 1;
    if (statement->effects.dropped_index != NULL)
        return index_state(work, statement->effects.dropped_index) == -1;
    return false;
}

static bool
mark_done(struct work *work, const struct lk_plan_statement *statement)
{
    struct lk_executor *executor = work->executor;

    return write_own(work, executor->format->step(work->mem, executor->conn, work->rank,
                                                  statement->index, statement->sha256));
}

/* run_single runs a statement that has to be alone in its message. */
static bool
run_single(struct work *work, const struct lk_plan_statement *statement)
{
    struct lk_executor *executor = work->executor;
    bool begun = journal_entry(work, statement->index) != NULL;

    for (;;) {
        if (begun && came_through(work, statement))
            return mark_done(work, statement);
        if (begun && !clear_leftover(work, statement))
            return false;
        if (!write_own(work, executor->format->intent(work->mem, executor->conn, work->rank,
                                                      statement->index, statement->sha256)) ||
            !exec_own(
                work,
                lk_fmt(work->mem, "SET lock_timeout = %lld", (long long)statement->lock_timeout_ms),
                LK_ERR_PARTIAL))
            return false;
        begun = true;
        struct lk_message message = lk_message_init(work->mem);
        message.lock_timeout_ms = statement->lock_timeout_ms;
        lk_message_statement(&message, statement, false);
        struct lk_sent sent = lk_message_send(executor->conn, &message, on_statement, work);
        if (sent.ok)
            return mark_done(work, statement);
        if (judge(work, &sent, LK_ERR_PARTIAL) == GIVE_UP) {
            if (work->outcome.code != LK_ERR_INTERRUPTED)
                clear_leftover(work, statement);
            return false;
        }
        work->outcome.attempts++;
    }
}

/* run_block runs a step in one transaction, its journal entry included. */
static bool
run_block(struct work *work, const struct lk_plan_step *step)
{
    struct lk_executor *executor = work->executor;
    const struct lk_plan_statement *statements = work->migration->statements.items;

    for (;;) {
        struct lk_message message = lk_message_init(work->mem);
        const struct lk_plan_statement *last = &statements[step->first + step->count - 1];
        char *journal = executor->format->step(work->mem, executor->conn, work->rank, last->index,
                                               last->sha256);
        lk_message_own(&message, step->begin != NULL ? step->begin : "BEGIN");
        for (size_t i = step->first; i < step->first + step->count; i++)
            lk_message_statement(&message, &statements[i], true);
        if (step->rollback)
            lk_message_own(&message, "ROLLBACK");
        if (step->rollback)
            lk_message_own(&message, "BEGIN");
        lk_message_own(&message, own_role(work));
        lk_message_own(&message, journal);
        lk_message_own(&message, "COMMIT");
        struct lk_sent sent = lk_message_send(executor->conn, &message, on_statement, work);
        if (sent.ok)
            return true;
        enum verdict verdict = judge(work, &sent, LK_ERR_PARTIAL);
        if (verdict == GIVE_UP)
            return false;
        work->outcome.attempts++;
        if (verdict == RECONNECTED) { /* was the COMMIT carried out? */
            struct lk_error err = {0};
            bool read = executor->format->journal(work->mem, executor->conn, work->rank,
                                                  &work->journal, &err);
            lk_error_clear(&err);
            const struct lk_journal_entry *entry = read ? journal_entry(work, last->index) : NULL;
            if (entry != NULL && entry->done)
                return true;
        }
    }
}

/* run_settings repeats the SETs of a step that is done: the session is a new one. */
static bool
run_settings(struct work *work, const struct lk_plan_step *step)
{
    for (size_t i = step->first; i < step->first + step->count; i++)
        if (work->migration->statements.items[i].setting &&
            !exec_own(work, work->migration->statements.items[i].sql, LK_ERR_PARTIAL))
            return false;
    return true;
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

/* open_row makes the migration's row, or takes up the one of an earlier try with its journal. */
static bool
open_row(struct work *work, const struct lk_history_row *row)
{
    struct lk_executor *executor = work->executor;
    struct lk_error err = {0};
    struct lk_server_error error;

    if (row != NULL && row->status == LK_HISTORY_FAILED) {
        work->rank = row->rank;
        bool read =
            executor->format->journal(work->mem, executor->conn, row->rank, &work->journal, &err);
        lk_error_clear(&err);
        return read && check_journal(work);
    }
    PGresult *result LK_CLEANUP(lk_result_clear) =
        lk_conn_exec(work->mem, executor->conn,
                     executor->format->begin(work->mem, executor->conn, &work->entry), &error);
    if (result == NULL) {
        struct lk_sent sent = {.error = error};
        note_failure(work, &sent);
        give_up(work, LK_ERR_FAILED);
        return false;
    }
    work->rank = strtoll(PQgetvalue(result, 0, 0), NULL, 10);
    return true;
}

/* run_steps runs what is not done yet; the outcome says why it stopped. */
static bool
run_steps(struct work *work)
{
    lk_vec_foreach(step, &work->migration->steps) {
        if (step->count == 0)
            continue;
        size_t last = work->migration->statements.items[step->first + step->count - 1].index;
        const struct lk_journal_entry *entry = journal_entry(work, last);
        bool done = entry != NULL && entry->done;
        if (lk_interrupted()) {
            give_up(work, LK_ERR_INTERRUPTED);
            return false;
        }
        if (done ? !run_settings(work, step)
                 : (step->transaction
                        ? !run_block(work, step)
                        : !run_single(work, &work->migration->statements.items[step->first])))
            return false;
        work->outcome.statements_done = last;
    }
    return true;
}

static void
run_journalled(struct work *work, const struct lk_history_row *row)
{
    struct lk_executor *executor = work->executor;

    work->outcome.attempts = 1;
    if (!open_row(work, row))
        return;
    if (run_steps(work) && exec_own(work, restore_session, LK_ERR_PARTIAL) &&
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

    if (migration->mode == LK_MODE_TRANSACTIONAL)
        run_transactional(&work);
    else
        run_journalled(&work, row);
    work.outcome.duration_ms = (double)(executor->clock.now_ms(executor->clock.data) - start);
    return work.outcome;
}
