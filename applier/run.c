/*
 * applier/run.c
 *     A run of apply: see run.h.
 */
#include "applier/run.h"

#include "applier/conn_private.h"
#include "applier/hooks.h"
#include "applier/interrupt.h"
#include "applier/log.h"
#include "applier/pooler.h"

struct run {
    TALLOC_CTX *mem;
    const struct lk_plan *plan;
    const struct lk_run_options *options;
    bool named;
    struct lk_turn turn;
    struct lk_executor executor;
    struct lk_status status; /* as the history is under the lock */
    struct lk_run_result *result;
    struct lk_log log;
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

/* refuse_moved says that the server is not the one that the history was written on. */
static bool
refuse_moved(const struct lk_target *target, struct lk_error *err)
{
    const struct lk_history_server *known = &target->history.server;

    if (lk_target_moved(target) == LK_TARGET_COPIED) {
        lk_fail(err, LK_ERR_DISAGREE,
                "%s is another server than the one that its history was written on", target->name);
        lk_error_detail(err, "system identifier %s; %s since run %lld (%s)",
                        target->system_identifier, known->system_identifier, (long long)known->run,
                        known->since);
        return lk_error_hint(err, "It is a copy: restored from a dump, or upgraded. If this is the "
                                  "database that you mean, `lockkeeper repair --accept-server` "
                                  "says so.");
    }
    lk_fail(err, LK_ERR_DISAGREE, "%s has been promoted or restored since its history was written",
            target->name);
    lk_error_detail(err, "timeline %d; %d since run %lld (%s)", target->timeline, known->timeline,
                    (long long)known->run, known->since);
    return lk_error_hint(err,
                         "What was committed last may be missing, and so may what the last run "
                         "did: look at `lockkeeper status`; then `lockkeeper repair "
                         "--accept-server` accepts the database as it is.");
}

bool
lk_target_check(const struct lk_target *target, bool accept_server, struct lk_error *err)
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
    if (!accept_server && lk_target_moved(target) != LK_TARGET_SAME)
        return refuse_moved(target, err);
    return lk_pooler_check(target->conn, err);
}

/* ---- migrations ---- */

/* look_again compares files and history anew: another run may have been here. */
static bool
look_again(struct run *run, struct lk_error *err)
{
    struct lk_status before = run->status;

    return lk_status_again(run->mem, &before, run->turn.target, &run->status, err);
}

/* relock takes the lock on a new connection: another run may have had it in between. */
static bool
relock(struct lk_executor *executor, struct lk_error *err)
{
    struct run *run = (struct run *)((char *)executor - offsetof(struct run, executor));

    return lk_turn_take(&run->turn, err) && look_again(run, err);
}

static bool
hold(struct lk_executor *executor, bool *ret_lost, struct lk_error *err)
{
    struct run *run = (struct run *)((char *)executor - offsetof(struct run, executor));

    return lk_turn_hold(&run->turn, ret_lost, err) && (!*ret_lost || look_again(run, err));
}

/* is_open returns whether a migration in that state is to be carried out. */
static bool
is_open(const struct run *run, enum lk_state state)
{
    return lk_state_is_pending(state) ||
           (run->named && (state == LK_STATE_SKIPPED || state == LK_STATE_OUT_OF_ORDER));
}

/* refuse notes that a migration is not what it was when the plan was made. */
static bool
refuse(struct run *run, const struct lk_plan_migration *migration, const char *what)
{
    const struct lk_run_migration failed = {
        .migration = migration,
        .outcome = {.code = LK_ERR_DISAGREE,
                    .message = what,
                    .hint = "`lockkeeper status` shows more."},
    };

    run->result->code = LK_ERR_DISAGREE;
    run->result->failed = lk_memdup(run->mem, &failed, sizeof(failed));
    return false;
}

/*
 * look_up finds where a migration stands by now. `*ret_row` is what an earlier try of it left;
 * `*ret_skip` says that there is nothing to do. It returns whether the run can go on.
 */
static bool
look_up(struct run *run, const struct lk_plan_migration *migration,
        const struct lk_history_row **ret_row, bool *ret_skip)
{
    const struct lk_history *history = &run->turn.target->history;

    *ret_row = migration->undoes != 0
                   ? lk_history_find_undo(history, migration->undoes)
                   : lk_history_find(history, migration->migration, migration->script);
    *ret_skip = false;
    if (migration->undoes != 0) {
        const struct lk_history_row *row = lk_history_at(history, migration->undoes);
        *ret_skip = row != NULL && row->status == LK_HISTORY_UNDONE;
        return *ret_skip || (row != NULL && row->status == LK_HISTORY_APPLIED) ||
               refuse(run, migration, "what it takes back is not applied any more");
    }
    const struct lk_status_item *item = lk_status_find(&run->status, migration->migration);
    /* a baseline migration that another run has started with is none of the files to come */
    enum lk_state state = item != NULL       ? item->state
                          : *ret_row == NULL ? LK_STATE_PENDING
                                             : LK_STATE_APPLIED;
    if (is_open(run, state))
        return true;
    if (lk_state_disagrees(state))
        return refuse(run, migration, lk_fmt(run->mem, "it is %s by now", lk_state_word(state)));
    *lk_vec_add(run->mem, &run->result->skipped) = (struct lk_run_skipped){migration, state};
    *ret_skip = true;
    return true;
}

/* run_migration carries one out and returns whether the run can go on. */
static bool
run_migration(struct run *run, const struct lk_plan_migration *migration, size_t index)
{
    const struct lk_events *events = &run->executor.events;
    const struct lk_history_row *row;
    bool skip;

    if (!look_up(run, migration, &row, &skip) || skip)
        return skip;
    events->migration(events->data, migration, index, run->plan->migrations.count);
    struct lk_outcome outcome = lk_execute(run->mem, &run->executor, migration, row);
    events->finished(events->data, migration, &outcome);
    struct lk_run_migration done = {.migration = migration, .outcome = outcome};
    if (outcome.code != LK_ERR_OK) {
        run->result->code = outcome.code;
        run->result->failed = lk_memdup(run->mem, &done, sizeof(done));
        return false;
    }
    lk_vec_push(run->mem, &run->result->applied, done);
    if (migration->migration->name.version.text != NULL && migration->undoes == 0)
        run->result->final_version = migration->migration->name.version.text;
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

/* run_hook carries out a script that stands around the run. */
static struct lk_outcome
run_hook(struct run *run, const struct lk_plan_hook *hook)
{
    const struct lk_events *events = &run->executor.events;

    events->hook(events->data, hook, NULL);
    struct lk_outcome outcome = lk_hook_execute(run->mem, &run->executor, hook);
    events->hook(events->data, hook, &outcome);
    return outcome;
}

/* is_due returns whether a script is to be carried out in a run with, or without, migrations. */
static bool
is_due(const struct run *run, const struct lk_plan_hook *hook, enum lk_hook_event event)
{
    /* what is there to be done may turn out to be done already */
    bool something = event == LK_HOOK_BEFORE_RUN ? run->plan->migrations.count > 0
                                                 : run->result->applied.count > 0;

    return hook->event == event && (hook->always || something);
}

/* run_hooks carries out the scripts of an event around the run, up to one that fails: that ends it.
 */
static void
run_hooks(struct run *run, enum lk_hook_event event)
{
    lk_vec_foreach(hook, &run->plan->hooks) {
        if (run->result->code != LK_ERR_OK || !is_due(run, hook, event))
            continue;
        const struct lk_run_migration done = {&hook->script, run_hook(run, hook), hook};
        run->result->code = done.outcome.code;
        if (done.outcome.code != LK_ERR_OK)
            run->result->failed = lk_memdup(run->mem, &done, sizeof(done));
    }
}

/* run_remedies carries out what is to be done when something has failed; the log tells more. */
static void
run_remedies(struct run *run)
{
    lk_vec_foreach(hook, &run->plan->hooks)
        if (hook->event == LK_HOOK_ON_ERROR && !lk_interrupted() &&
            !lk_conn_is_broken(run->turn.target->conn))
            run_hook(run, hook);
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
        result->message = lk_fmt(run->mem, "%zu migration%s %s", count, count == 1 ? "" : "s",
                                 result->backwards ? "rolled back" : "applied");
    else if (result->failed != NULL)
        result->message = lk_fmt(run->mem, "%s failed: %s", result->failed->migration->script,
                                 result->failed->outcome.message);
    else
        result->message = "interrupted";
}

/* find_final says at which version a database is whose migrations were taken back. */
static void
find_final(struct run *run)
{
    struct lk_error ignored = {0};

    if (lk_target_reload(run->mem, run->turn.target, &ignored) && look_again(run, &ignored))
        run->result->final_version = run->status.current_version;
    lk_error_clear(&ignored);
}

/*
 * close_run records the end. That counts less than the migrations' own rows, and more than nothing:
 * it is tried on a new connection once where the old one broke.
 */
static void
close_run(struct run *run)
{
    struct lk_target *target = run->turn.target;
    struct lk_error ignored = {0};
    struct lk_server_error unheard;
    const char *outcome = run->result->code == LK_ERR_OK            ? "success"
                          : run->result->code == LK_ERR_INTERRUPTED ? "interrupted"
                                                                    : "failure";

    lk_log_end(&run->log);
    lk_log_add(&run->log, "%s", run->result->message);
    if (lk_conn_is_broken(target->conn) && !lk_conn_reopen(target->conn, &ignored)) {
        lk_error_clear(&ignored);
        return;
    }
    char *sql = target->format->run_finish(run->mem, target->conn, run->turn.run, outcome,
                                           run->log.text.data, &run->log.parts);
    PQclear(lk_conn_exec(run->mem, target->conn, sql, &unheard));
}

/* carry_out goes through the plan, in a run that is open, and records how it went. */
static void
carry_out(struct run *run)
{
    struct lk_conn *conn = run->turn.target->conn;
    const struct lk_conn_options silent = conn->options;

    run->executor.run = run->result->run_id = run->turn.run;
    conn->options.notice = run->executor.events.notice;
    conn->options.data = run->executor.events.data;
    run_hooks(run, LK_HOOK_BEFORE_RUN);
    if (run->result->code == LK_ERR_OK)
        run_migrations(run);
    run_hooks(run, LK_HOOK_AFTER_RUN);
    if (run->result->code != LK_ERR_OK)
        run_remedies(run);
    conn->options = silent;
    sum_up(run);
    close_run(run);
    if (run->result->backwards)
        find_final(run);
}

/* is_backwards returns whether a plan takes migrations back. */
static bool
is_backwards(const struct lk_plan *plan)
{
    return plan->migrations.count > 0 && plan->migrations.items[0].undoes != 0;
}

static struct lk_run_result
start_result(const struct lk_target *target, const struct lk_plan *plan,
             const struct lk_status *status, const struct lk_run_options *options)
{
    struct lk_run_result result = {
        .backwards = is_backwards(plan),
        .database = target->name,
        .build_number = options->build_number,
        .previous_version = status->current_version,
        .final_version = status->current_version,
        .target_version = options->target_version,
    };

    lk_vec_foreach(migration, &plan->migrations)
        if (options->target_version == NULL && migration->migration->name.version.text != NULL &&
            migration->undoes == 0)
            result.target_version = migration->migration->name.version.text;
    if (result.target_version == NULL)
        result.target_version = status->current_version;
    return result;
}

bool
lk_run_plan(TALLOC_CTX *mem, struct lk_target *target, const struct lk_plan *plan,
            const struct lk_status *status, const struct lk_run_options *options, bool named,
            struct lk_run_result *ret, struct lk_error *err)
{
    struct run run = {
        .mem = mem,
        .plan = plan,
        .options = options,
        .named = named,
        .turn = {.mem = mem, .target = target, .options = options},
        .executor =
            {
                .conn = target->conn,
                .plan = plan,
                .format = target->format,
                .user = target->user,
                .role = target->role,
                .policy = options->retry,
                .clock = options->clock,
                .relock = relock,
                .hold = hold,
                .take_over_ms = options->take_over_ms,
                .snapshot_age_ms = options->snapshot_age_ms,
            },
        .status = *status,
        .result = ret,
        .log = lk_log_start(mem, &options->events),
    };
    char before[LK_SHA256_HEX_SIZE], now[LK_SHA256_HEX_SIZE];

    run.executor.events = lk_log_events(&run.log);
    const struct lk_watch_options watching = {
        .clock = options->clock,
        .max_blocking_ms = options->max_blocking_ms,
        .ends = options->ends,
        .ends_count = options->ends_count,
        .seen = run.executor.events.seen,
        .data = run.executor.events.data,
    };
    *ret = start_result(target, plan, status, options);
    if (!lk_plan_has_work(plan)) { /* no lock, no row: nothing is written */
        sum_up(&run);
        return true;
    }
    lk_target_history_sha256(target, before);
    if (!lk_turn_take(&run.turn, err))
        return false;
    lk_target_history_sha256(target, now);
    struct lk_watch *watch = lk_watch_new(mem, target->conn, &watching);
    bool opened =
        (strcmp(before, now) == 0 || look_again(&run, err)) && lk_turn_open(&run.turn, err);
    if (opened)
        carry_out(&run);
    talloc_free(watch);
    lk_turn_release(&run.turn);
    return opened;
}
