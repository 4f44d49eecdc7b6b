/*
 * applier/run.c
 *     A run of apply: see run.h.
 */
#include "applier/run.h"

#include "applier/conn_private.h"
#include "applier/interrupt.h"
#include "parser/base/buf.h"

/* How often the lock is asked for while another run holds it. */
#define LOCK_POLL_MS 250

struct run {
    TALLOC_CTX *mem;
    struct lk_target *target;
    const struct lk_plan *plan;
    const struct lk_run_options *options;
    struct lk_executor executor; /* first of what `relock` is given: see run_of */
    struct lk_run_result *result;
    struct lk_buf log;
};

const char *
lk_build_number(void)
{
    static const char *const names[] = {
        "CODEBUILD_BUILD_NUMBER", "BUILD_NUMBER", "BUILD_ID", "CI_JOB_ID", "GITHUB_RUN_ID",
    };

    for (size_t i = 0; i < LK_ARRAY_SIZE(names); i++) {
        const char *value = getenv(names[i]);
        if (value != NULL && value[0] != '\0')
            return value;
    }
    return "local_run";
}

bool
lk_target_check(const struct lk_target *target, struct lk_error *err)
{
    if (target->standby) {
        lk_fail(err, LK_ERR_CONNECT, "%s is a standby and takes no changes", target->name);
        return lk_error_hint(err,
                             "Connect to the primary, or add target_session_attrs=read-write.");
    }
    if (target->read_only) {
        lk_fail(err, LK_ERR_CONNECT, "%s is read-only (default_transaction_read_only is on)",
                target->name);
        return lk_error_hint(err, "Connect as a role that may write.");
    }
    return true;
}

/* ---- the lock ---- */

/*
 * try_lock asks for the run's lock once. Polling leaves no statement in flight whose snapshot a
 * CREATE INDEX CONCURRENTLY of the other run would wait for.
 */
static bool
try_lock(struct run *run, bool *ret_locked, struct lk_error *err)
{
    char *sql = lk_fmt(run->mem, "SELECT pg_catalog.pg_try_advisory_lock(%lld)",
                       (long long)run->target->format->lock_key());
    PGresult *result LK_CLEANUP(lk_result_clear) =
        lk_conn_query(run->mem, run->target->conn, sql, NULL, 0, err);

    if (result == NULL)
        return false;
    *ret_locked = strcmp(PQgetvalue(result, 0, 0), "t") == 0;
    return true;
}

static bool
take_lock(struct run *run, struct lk_error *err)
{
    const struct lk_clock *clock = &run->options->clock;
    int64_t deadline = clock->now_ms(clock->data) + run->options->retry.max_elapsed_ms;
    bool told = false;

    for (;;) {
        bool locked;
        if (!try_lock(run, &locked, err))
            return false;
        if (locked)
            return true;
        if (lk_interrupted())
            return lk_fail(err, LK_ERR_INTERRUPTED, "interrupted while waiting for another run");
        if (clock->now_ms(clock->data) >= deadline) {
            lk_fail(err, LK_ERR_LOCKED, "another run of lockkeeper is working on %s",
                    run->target->name);
            return lk_error_hint(err, "Wait for it to end; `retry: {max_elapsed: ...}` says how "
                                      "long to wait.");
        }
        if (!told && run->options->events.waiting != NULL)
            run->options->events.waiting(run->options->events.data,
                                         "another run holds the lock: waiting for it to end");
        told = true;
        clock->sleep_ms(clock->data, LOCK_POLL_MS);
    }
}

static bool
relock(struct lk_executor *executor, struct lk_error *err)
{
    struct run *run = (struct run *)((char *)executor - offsetof(struct run, executor));

    /* another run may have had it in between */
    return take_lock(run, err) && lk_target_reload(run->mem, run->target, err);
}

static void
release_lock(struct run *run)
{
    if (lk_conn_is_broken(run->target->conn))
        return;
    PQclear(PQexec(run->target->conn->pg, "SELECT pg_catalog.pg_advisory_unlock_all()"));
}

/* ---- migrations ---- */

/* is_done returns whether the history has the migration as applied, as it is now. */
static bool
is_done(const struct run *run, const struct lk_plan_migration *migration,
        const struct lk_history_row **ret_row)
{
    const struct lk_history_row *row =
        lk_history_find(&run->target->history, migration->migration, migration->script);

    *ret_row = row;
    return row != NULL && row->status == LK_HISTORY_APPLIED &&
           strcmp(row->sha256, migration->sha256) == 0;
}

static void
log_outcome(struct run *run, const struct lk_plan_migration *migration,
            const struct lk_outcome *outcome)
{
    lk_buf_addf(&run->log, "%s: %s, %zu of %zu statements, %u attempt%s, %.0f ms\n",
                migration->script, outcome->code == LK_ERR_OK ? "applied" : "failed",
                outcome->statements_done, migration->statements.count, outcome->attempts,
                outcome->attempts == 1 ? "" : "s", outcome->duration_ms);
    if (outcome->code != LK_ERR_OK && outcome->message != NULL)
        lk_buf_addf(&run->log, "  %s%s%s\n", outcome->sqlstate,
                    outcome->sqlstate[0] != '\0' ? " " : "", outcome->message);
}

/* run_migration carries one out and returns whether the run can go on. */
static bool
run_migration(struct run *run, const struct lk_plan_migration *migration, size_t index)
{
    const struct lk_events *events = &run->options->events;
    const struct lk_history_row *row;

    if (is_done(run, migration, &row)) {
        lk_vec_push(run->mem, &run->result->skipped, migration);
        return true;
    }
    if (events->migration != NULL)
        events->migration(events->data, migration, index, run->plan->migrations.count);
    struct lk_outcome outcome = lk_execute(run->mem, &run->executor, migration, row);
    log_outcome(run, migration, &outcome);
    struct lk_run_migration done = {migration, outcome};
    if (outcome.code != LK_ERR_OK) {
        run->result->code = outcome.code;
        run->result->failed = lk_memdup(run->mem, &done, sizeof(done));
        return false;
    }
    lk_vec_push(run->mem, &run->result->applied, done);
    if (migration->migration->name.version.text != NULL)
        run->result->final_version = migration->migration->name.version.text;
    if (events->finished != NULL)
        events->finished(events->data, migration, outcome.duration_ms);
    return true;
}

static void
run_migrations(struct run *run)
{
    for (size_t i = 0; i < run->plan->migrations.count; i++) {
        if (lk_interrupted()) {
            run->result->code = LK_ERR_INTERRUPTED;
            return;
        }
        if (!run_migration(run, &run->plan->migrations.items[i], i))
            return;
    }
}

/* sum_up says what became of the run, in words. */
static void
sum_up(struct run *run)
{
    struct lk_run_result *result = run->result;
    size_t count = result->applied.count;

    result->success = result->code == LK_ERR_OK;
    if (result->success && count == 0)
        result->message = "nothing to do";
    else if (result->success)
        result->message = lk_fmt(run->mem, "%zu migration%s applied", count, count == 1 ? "" : "s");
    else if (result->failed != NULL)
        result->message = lk_fmt(run->mem, "%s failed: %s", result->failed->migration->script,
                                 result->failed->outcome.message);
    else
        result->message = "interrupted";
}

static void
close_run(struct run *run)
{
    struct lk_error ignored = {0};
    const char *outcome = run->result->code == LK_ERR_OK            ? "success"
                          : run->result->code == LK_ERR_INTERRUPTED ? "interrupted"
                                                                    : "failure";

    if (lk_conn_is_broken(run->target->conn) || run->executor.run == 0)
        return;
    if (!run->target->format->run_finish(run->mem, run->target->conn, run->executor.run, outcome,
                                         run->log.data, &ignored))
        lk_error_clear(&ignored); /* the migrations' own rows are what counts */
}

/* open_run creates the history if need be and records that a run begins. */
static bool
open_run(struct run *run, struct lk_error *err)
{
    struct lk_target *target = run->target;

    if (!lk_target_reload(run->mem, target, err))
        return false;
    if (!target->has_history && !target->format->create(run->mem, target->conn, err))
        return false;
    return target->format->run_start(run->mem, target->conn, run->options->build_number,
                                     run->options->tool, &run->executor.run, err);
}

bool
lk_run_plan(TALLOC_CTX *mem, struct lk_target *target, const struct lk_plan *plan,
            const struct lk_status *status, const struct lk_run_options *options,
            struct lk_run_result *ret, struct lk_error *err)
{
    struct run run = {
        .mem = mem,
        .target = target,
        .plan = plan,
        .options = options,
        .executor =
            {
                .conn = target->conn,
                .format = target->format,
                .role = target->role,
                .policy = options->retry,
                .clock = options->clock,
                .events = options->events,
                .relock = relock,
            },
        .result = ret,
        .log = lk_buf_init(mem),
    };

    const struct lk_watch_options watching = {
        .clock = options->clock,
        .max_blocking_ms = options->max_blocking_ms,
        .seen = options->events.seen,
        .data = options->events.data,
    };

    *ret = (struct lk_run_result){
        .database = target->name,
        .build_number = options->build_number,
        .previous_version = status->current_version,
        .final_version = status->current_version,
        .target_version = options->target_version,
    };
    lk_vec_foreach(migration, &plan->migrations)
        if (options->target_version == NULL && migration->migration->name.version.text != NULL)
            ret->target_version = migration->migration->name.version.text;
    if (ret->target_version == NULL)
        ret->target_version = status->current_version;
    if (plan->migrations.count == 0) { /* no lock, no row: nothing is written */
        sum_up(&run);
        return true;
    }
    if (!take_lock(&run, err))
        return false;
    struct lk_watch *watch = lk_watch_new(mem, target->conn, &watching);
    bool opened = open_run(&run, err);
    if (opened) {
        ret->run_id = run.executor.run;
        run_migrations(&run);
        sum_up(&run);
        close_run(&run);
    }
    talloc_free(watch);
    release_lock(&run);
    return opened;
}
