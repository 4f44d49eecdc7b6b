/*
 * applier/journalled.c
 *     Migrations that are not one transaction: statement by statement, with a journal.
 */
#include "applier/execute_private.h"
#include "applier/hooks.h"
#include "applier/interrupt.h"
#include "applier/others.h"
#include "applier/sql.h"
#include "applier/trace.h"
#include "applier/twin.h"

/* What the migration may have made the default is not what a journal can be written in. */
#define OWN_BEGIN "BEGIN READ WRITE"

static const struct lk_journal_entry *
journal_entry(const struct lk_work *work, const struct lk_plan_statement *statement)
{
    lk_vec_foreach(entry, &work->journal.entries)
        if (entry->ordinal == statement->index)
            return entry;
    return NULL;
}

/* find_trace finds what a statement that the journal knows has left. */
static bool
find_trace(struct lk_work *work, const struct lk_plan_statement *statement, struct lk_trace *ret)
{
    struct lk_error err = {0};
    const struct lk_journal_entry *entry = journal_entry(work, statement);

    *ret = (struct lk_trace){0};
    while (entry != NULL &&
           !lk_trace_find(work->mem, work->executor->conn, statement, entry, ret, &err)) {
        if (lk_work_read_failed(work, &err, LK_ERR_PARTIAL) == LK_GIVE_UP)
            return false;
        entry = journal_entry(work, statement); /* the journal may have been read anew */
    }
    return true;
}

/* cure takes back, or completes, what a statement did by half. */
static bool
cure(struct lk_work *work, const struct lk_trace *trace)
{
    lk_vec_foreach(sql, &trace->cures)
        if (!lk_work_exec(work, "SET lock_timeout = 0; SET statement_timeout = 0",
                          LK_ERR_PARTIAL) ||
            !lk_work_exec(work, *sql, LK_ERR_PARTIAL))
            return false;
    return true;
}

/* settle_begun finds out what became of a statement that was begun, and clears up behind it. */
static bool
settle_begun(struct lk_work *work, const struct lk_plan_statement *statement, bool *ret_done)
{
    struct lk_trace trace;

    if (!lk_work_refresh_journal(work) || !find_trace(work, statement, &trace) ||
        !cure(work, &trace))
        return false;
    *ret_done = trace.done || (trace.forward && trace.cures.count > 0);
    return true;
}

static bool
mark_done(struct lk_work *work, const struct lk_plan_statement *statement)
{
    struct lk_executor *executor = work->executor;

    return lk_work_write(work,
                         executor->format->step(work->mem, executor->conn, work->rank,
                                                statement->index, statement->sha256),
                         NULL);
}

/* hold makes sure of the run's lock: what follows cannot have one of its own. */
static bool
hold(struct lk_work *work)
{
    struct lk_error err = {0};
    bool lost;

    while (!work->executor->hold(work->executor, &lost, &err))
        if (lk_work_read_failed(work, &err, LK_ERR_PARTIAL) == LK_GIVE_UP)
            return false;
    return true;
}

/* announce writes down that a statement is about to be sent, and bounds its wait for locks. */
static bool
announce(struct lk_work *work, const struct lk_plan_statement *statement)
{
    struct lk_executor *executor = work->executor;
    char *timeouts =
        lk_fmt(work->mem, "SET lock_timeout = %lld; SET statement_timeout = %lld",
               (long long)statement->timeouts.lock, (long long)statement->timeouts.statement);

    return hold(work) && lk_work_write(work,
                                       executor->format->intent(
                                           work->mem, executor->conn, work->rank, statement->index,
                                           statement->sha256, statement->effects.indexed_table),
                                       timeouts);
}

/* forget removes a statement from the journal that failed and left nothing. */
static bool
forget(struct lk_work *work, const struct lk_plan_statement *statement)
{
    struct lk_executor *executor = work->executor;

    return lk_work_write(
        work, executor->format->forget(work->mem, executor->conn, work->rank, statement->index),
        NULL);
}

/*
 * retract clears up behind a statement that failed for good, as if it had never been sent; what
 * cannot be taken back, or not now, is left to the next run, and the journal says so.
 */
static void
retract(struct lk_work *work, const struct lk_plan_statement *statement)
{
    const struct lk_outcome failure = work->outcome;
    struct lk_trace trace;

    if (failure.code == LK_ERR_INTERRUPTED || lk_conn_is_broken(work->executor->conn))
        return;
    if (lk_work_refresh_journal(work) && find_trace(work, statement, &trace) &&
        (trace.cures.count == 0 || !trace.forward) && cure(work, &trace) && forget(work, statement))
        work->outcome = failure;
}

/* refuse_built takes a CREATE INDEX for not done, which the server calls a success. */
static bool
refuse_built(struct lk_work *work, const struct lk_plan_statement *statement, const char *message,
             const char *detail, const char *hint)
{
    if (!forget(work, statement))
        return false;
    work->outcome.code = LK_ERR_PARTIAL;
    work->outcome.statement = statement->index;
    work->outcome.file = statement->file;
    work->outcome.line = statement->line;
    work->outcome.message = message;
    work->outcome.detail = detail;
    work->outcome.hint = hint;
    return false;
}

/* compare_built refuses an index that was there before with another definition. */
static bool
compare_built(struct lk_work *work, const struct lk_plan_statement *statement)
{
    const char *index = statement->effects.created_index;
    const struct lk_twin twin = lk_twin_compare(work->mem, work->executor->conn, statement->sql,
                                                statement->effects.indexed_table, index);

    return !twin.differs ||
           refuse_built(work, statement,
                        lk_fmt(work->mem, "the index %s is there with another definition", index),
                        lk_fmt(work->mem, "wanted: %s; there: %s", twin.wanted, twin.there),
                        "It is not what the statement asks for: rename one of them, or drop the "
                        "other.");
}

/*
 * check_settled looks at an index that a statement of an earlier try has left, or somebody else
 * under its name.
 */
static bool
check_settled(struct lk_work *work, const struct lk_plan_statement *statement)
{
    return statement->effects.created_index == NULL || !statement->effects.concurrently ||
           compare_built(work, statement);
}

/*
 * check_built looks at what a CREATE INDEX has come to that the server calls a success: IF NOT
 * EXISTS is content with what somebody else left, INVALID or of another definition.
 */
static bool
check_built(struct lk_work *work, const struct lk_plan_statement *statement)
{
    const char *index = statement->effects.created_index;
    struct lk_error err = {0};
    PGresult *result LK_CLEANUP(lk_result_clear) = NULL;

    if (index == NULL)
        return true;
    if (!lk_work_refresh_journal(work))
        return false;
    const struct lk_journal_entry *entry = journal_entry(work, statement);
    const char *params[] = {index, entry != NULL ? entry->indexes : NULL,
                            statement->effects.indexed_table};
    while ((result = lk_conn_query(work->mem, work->executor->conn, lk_sql_index_state, params,
                                   LK_ARRAY_SIZE(params), &err)) == NULL)
        if (lk_work_read_failed(work, &err, LK_ERR_PARTIAL) == LK_GIVE_UP)
            return false;
    if (PQntuples(result) == 0)
        return true;
    if (!PQgetisnull(result, 0, 2))
        return refuse_built(work, statement,
                            lk_fmt(work->mem, "the name %s is taken already", index),
                            lk_strdup(work->mem, PQgetvalue(result, 0, 2)),
                            "IF NOT EXISTS is content with it: give the index another name.");
    if (strcmp(PQgetvalue(result, 0, 0), "f") == 0)
        return refuse_built(
            work, statement,
            lk_fmt(work->mem, "the index %s is INVALID, and was so before this run", index), NULL,
            lk_fmt(work->mem, "DROP INDEX CONCURRENTLY %s; then apply again.", index));
    return strcmp(PQgetvalue(result, 0, 1), "f") == 0 || compare_built(work, statement);
}

/* describe_taken says what there is under the name of an index that cannot be made. */
static void
describe_taken(struct lk_work *work, const struct lk_plan_statement *statement)
{
    const char *index = statement->effects.created_index;
    const char *there = index != NULL && strcmp(work->outcome.sqlstate, "42P07") == 0 &&
                                !lk_conn_is_broken(work->executor->conn)
                            ? lk_twin_there(work->mem, work->executor->conn, index)
                            : NULL;

    if (there != NULL)
        work->outcome.detail = lk_fmt(work->mem, "there is: %s", there);
}

/*
 * wait_for_snapshots waits for transactions that are old, before a statement is begun that would
 * wait for them with its work half done.
 */
static bool
wait_for_snapshots(struct lk_work *work, const struct lk_plan_statement *statement)
{
    struct lk_executor *executor = work->executor;
    const char *params[] = {lk_fmt(work->mem, "%lld", (long long)executor->snapshot_age_ms)};
    struct lk_error err = {0};
    struct lk_blockers old;
    int told = 0;

    if (!lk_stmt_waits(statement->class) || executor->snapshot_age_ms == 0)
        return true;
    for (;;) {
        while (!lk_others_find(work->mem, executor->conn, lk_sql_old_transactions, params, 1, &old,
                               &err))
            if (lk_work_read_failed(work, &err, LK_ERR_PARTIAL) == LK_GIVE_UP)
                return false;
        if (old.items.count == 0)
            return true;
        work->outcome.blocked = lk_blockers_words(work->mem, old.items.items, old.items.count);
        work->outcome.statement = statement->index;
        work->outcome.file = statement->file;
        work->outcome.line = statement->line;
        work->outcome.hint = "The server would wait for them with the index half built. End them, "
                             "or try again later; `apply: {snapshot_age: ...}` says what is old, "
                             "0 that nothing is.";
        if (old.items.items[0].pid != told)
            lk_work_tell_waiting(
                work,
                lk_fmt(work->mem, "waiting for old transactions before statement %zu of %s: %s",
                       statement->index, work->migration->script, work->outcome.blocked));
        told = old.items.items[0].pid;
        if (!lk_work_wait_a_little(work,
                                   "transactions are open that are older than it may wait for"))
            return false;
    }
}

/*
 * was_through returns whether a statement that an earlier try has begun fails because it is done
 * already: what it makes is there, or what it drops is gone. One that fails so the first time is
 * taken out of the journal, so that it does not come here.
 */
static bool
was_through(const struct lk_plan_statement *statement, const struct lk_sent *sent)
{
    static const char *const makes[] = {"42P04", "42710"}, *const drops[] = {"3D000", "42704"};
    bool creates = strncmp(statement->kind, "CREATE ", 7) == 0;

    if (!creates && strncmp(statement->kind, "DROP ", 5) != 0)
        return false;
    for (size_t i = 0; i < LK_ARRAY_SIZE(makes); i++)
        if (strcmp(sent->error.sqlstate, creates ? makes[i] : drops[i]) == 0)
            return true;
    return false;
}

/* run_single runs a statement that has to be alone in its message. */
static bool
run_single(struct lk_work *work, const struct lk_plan_statement *statement)
{
    bool begun = journal_entry(work, statement) != NULL, unheard = begun, done = false;

    for (;;) {
        if (begun && !settle_begun(work, statement, &done))
            return false;
        if (done)
            return check_settled(work, statement) && mark_done(work, statement);
        if (!wait_for_snapshots(work, statement) || !announce(work, statement))
            return false;
        begun = true;
        struct lk_message message = lk_message_init(work->mem, work->executor->conn);
        message.timeouts = statement->timeouts; /* set by announce: it has to be alone */
        lk_message_statement(&message, statement, false);
        struct lk_sent sent =
            lk_message_send(work->executor->conn, &message, lk_work_on_statement, work);
        if (sent.ok)
            return (!statement->resets ||
                    lk_work_exec(work, work->executor->conn->guards, LK_ERR_PARTIAL)) &&
                   check_built(work, statement) && mark_done(work, statement);
        if (unheard && was_through(statement, &sent))
            return mark_done(work, statement);
        enum lk_verdict verdict = lk_work_judge(work, &sent, LK_ERR_PARTIAL);
        unheard |= verdict == LK_RECONNECTED;
        if (verdict == LK_GIVE_UP) {
            describe_taken(work, statement);
            retract(work, statement);
            return false;
        }
        work->outcome.attempts++;
    }
}

/* block_message is a step's statements from `first` on in one transaction, with their journal. */
static struct lk_message
block_message(struct lk_work *work, const struct lk_plan_step *step, size_t first)
{
    struct lk_executor *executor = work->executor;
    const struct lk_plan_statement *statements = work->migration->statements.items;
    const struct lk_plan_statement *last = &statements[step->first + step->count - 1];
    struct lk_message message = lk_message_init(work->mem, executor->conn);

    message.yields = true;
    lk_message_own(&message, step->begin != NULL ? step->begin : OWN_BEGIN);
    bool timed = lk_message_is_timed(step->first + step->count - first);
    size_t opening = step->first + lk_plan_opening(work->migration, step);
    for (size_t i = first; i < step->first + step->count; i++) {
        if (i == LK_MAX(opening, first) && step->begin == NULL)
            lk_work_claim_turn(work, &message);
        if (timed && i >= opening)
            lk_message_clock(&message);
        lk_message_statement(&message, &statements[i], true);
    }
    if (timed)
        lk_message_clock(&message);
    if (step->rollback || step->read_only) { /* it can be carried out again */
        lk_message_own(&message, step->rollback ? "ROLLBACK" : "COMMIT");
        lk_message_own(&message, OWN_BEGIN);
        message.timeouts = (struct lk_timeouts){-1, -1};
    }
    if (step->begin != NULL) /* its first snapshot may have to wait for a LOCK TABLE of its own */
        lk_work_claim_turn(work, &message);
    lk_work_own_session(work, &message);
    lk_message_own(&message, executor->format->step(work->mem, executor->conn, work->rank,
                                                    last->index, last->sha256));
    lk_message_own(&message, "COMMIT");
    return message;
}

/*
 * wants_none returns whether a step has failed because it was sent in a transaction: it ends
 * transactions itself, or is more than it looks like (REINDEX of a table that is partitioned).
 */
static bool
wants_none(const struct lk_work *work, const struct lk_plan_step *step, const struct lk_sent *sent)
{
    if (step->may_commit && strcmp(sent->error.sqlstate, "2D000") == 0)
        return true;
    return work->migration->mode == LK_MODE_AUTOCOMMIT && step->begin == NULL && step->count == 1 &&
           sent->statement != NULL && strcmp(sent->error.sqlstate, "25001") == 0;
}

/* run_block runs what is not done of a step in one transaction, its journal entry included. */
static bool
run_block(struct lk_work *work, const struct lk_plan_step *step)
{
    size_t last = work->migration->statements.items[step->first + step->count - 1].index;
    size_t first = LK_MAX(step->first, work->done_until); /* ordinals are from 1 */

    for (;;) {
        struct lk_message message = block_message(work, step, first);
        struct lk_sent sent =
            lk_message_send(work->executor->conn, &message, lk_work_on_statement, work);
        if (sent.ok)
            return true;
        if (wants_none(work, step, &sent)) {
            lk_work_roll_back(work);
            return run_single(work, &work->migration->statements.items[step->first]);
        }
        if (lk_work_judge(work, &sent, LK_ERR_PARTIAL) == LK_GIVE_UP)
            return false;
        if (work->done_until >= last) /* the COMMIT was carried out before the connection broke */
            return true;
        work->outcome.attempts++;
    }
}

/* check_journal refuses to go on with statements other than those that were carried out. */
static bool
check_journal(struct lk_work *work)
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
        work->outcome.file = statement != NULL ? statement->file : NULL;
        work->outcome.line = statement != NULL ? statement->line : 0;
        work->outcome.message = lk_fmt(
            work->mem, "the migration stopped half way, and statement %zu was %s with another text",
            entry->ordinal, entry->done ? "carried out" : "begun");
        work->outcome.hint = "Restore the file as it was; put changes behind what was carried out.";
        return false;
    }
    return true;
}

bool
lk_work_resumes(const struct lk_history_row *row)
{
    return row != NULL && (row->status == LK_HISTORY_FAILED || row->status == LK_HISTORY_SKIPPED) &&
           (row->statements_done > 0 ||
            strcmp(row->mode, lk_mode_name(LK_MODE_TRANSACTIONAL)) != 0);
}

/* take_up goes on with the row of an earlier try: session and journal as that one left them. */
static bool
take_up(struct lk_work *work, const struct lk_history_row *row)
{
    work->rank = row->rank;
    bool read = lk_work_refresh_journal(work);
    work->outcome.statements_done = work->done_until;
    if (!read || !check_journal(work))
        return false;
    while (!lk_work_apply_settings(work)) {
        struct lk_error lost = {.message = NULL};
        lk_fail(&lost, LK_ERR_CONNECT, "a setting of the first part cannot be made again");
        if (lk_work_read_failed(work, &lost, LK_ERR_PARTIAL) == LK_GIVE_UP)
            return false;
    }
    return true;
}

/* make_row makes the migration's row. */
static bool
make_row(struct lk_work *work)
{
    struct lk_executor *executor = work->executor;
    const struct lk_history_row *row = NULL;

    for (;;) {
        struct lk_sent sent = {0};
        PGresult *result LK_CLEANUP(lk_result_clear) = lk_conn_exec(
            work->mem, executor->conn,
            executor->format->begin(work->mem, executor->conn, &work->entry, 0), &sent.error);
        if (result != NULL) {
            work->rank = strtoll(PQgetvalue(result, 0, 0), NULL, 10);
            return true;
        }
        enum lk_verdict verdict = lk_work_judge(work, &sent, LK_ERR_PARTIAL);
        if (verdict == LK_GIVE_UP)
            return false;
        if (verdict == LK_RECONNECTED && !lk_work_find_row(work, &row))
            return false;
        if (row != NULL && row->run == executor->run) { /* it was made */
            work->rank = row->rank;
            return true;
        }
    }
}

/* open_row makes the migration's row, or takes up the one of an earlier try. */
static bool
open_row(struct lk_work *work, const struct lk_history_row *row)
{
    struct lk_executor *executor = work->executor;

    if (!lk_work_resumes(row))
        return make_row(work);
    return take_up(work, row) &&
           lk_work_write(
               work, executor->format->begin(work->mem, executor->conn, &work->entry, work->rank),
               NULL);
}

/* run_steps runs what is not done yet; the outcome says why it stopped. */
static bool
run_steps(struct lk_work *work)
{
    lk_vec_foreach(step, &work->migration->steps) {
        if (step->count == 0)
            continue;
        size_t last = work->migration->statements.items[step->first + step->count - 1].index;
        if (last <= work->done_until)
            continue;
        lk_retry_begin(&work->retry);
        if (lk_interrupted()) {
            lk_work_give_up(work, LK_ERR_INTERRUPTED);
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

/* run_before carries out what comes before each migration: again whenever this one goes on. */
static bool
run_before(struct lk_work *work)
{
    return !lk_hooks_have(work->executor, LK_HOOK_BEFORE_EACH) ||
           lk_hooks_send(work, LK_HOOK_BEFORE_EACH, NULL, NULL, LK_ERR_PARTIAL);
}

/* is_finished returns whether the row says that the migration came to its end in this run. */
static bool
is_finished(struct lk_work *work)
{
    const struct lk_history_row *row;

    return lk_work_find_row(work, &row) && row != NULL && row->run == work->entry.run &&
           row->status == (work->entry.undoes != 0 ? LK_HISTORY_UNDONE : LK_HISTORY_APPLIED);
}

/* finish records the end, with what comes after each migration in the same transaction. */
static bool
finish(struct lk_work *work)
{
    struct lk_executor *executor = work->executor;
    struct lk_server_error unheard; /* a connection that is lost behind the end has nothing left */
    char *sql = executor->format->finish(work->mem, executor->conn, &work->entry, work->rank,
                                         work->outcome.attempts);
    bool written =
        lk_hooks_have(executor, LK_HOOK_AFTER_EACH)
            ? lk_work_exec(work, executor->conn->restore, LK_ERR_PARTIAL) &&
                  lk_hooks_send(work, LK_HOOK_AFTER_EACH, sql, is_finished, LK_ERR_PARTIAL)
            : lk_work_write(work, sql, NULL);

    if (written && !work->migration->may_leak)
        PQclear(lk_conn_exec(work->mem, executor->conn, executor->conn->restore, &unheard));
    return written;
}

void
lk_run_journalled(struct lk_work *work, const struct lk_history_row *row)
{
    work->outcome.attempts = 1;
    if (open_row(work, row) && run_before(work) && run_steps(work) && finish(work)) {
        work->outcome.code = LK_ERR_OK;
        work->outcome.statements_done = work->migration->statements.count;
        return;
    }
    if (work->outcome.code == LK_ERR_PARTIAL && work->outcome.statements_done == 0 &&
        lk_work_orphan(work) == NULL)
        work->outcome.code = LK_ERR_FAILED; /* the first statement failed, and left nothing */
    if (work->rank != 0)
        lk_work_record_failure(work);
}
