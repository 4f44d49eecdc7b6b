/*
 * cli/apply.c
 *     Running a plan while telling about it: see apply.h.
 */
#include "cli/apply.h"

#include <unistd.h>

#include "applier/interrupt.h"
#include "cli/exit_code.h"
#include "cli/lint.h"
#include "cli/log_json.h"
#include "cli/paint.h"
#include "cli/progress.h"
#include "cli/version.h"

/* is_text returns whether people read along on standard output. */
static bool
is_text(void)
{
    return !lk_options.quiet && lk_options.output == NULL &&
           (lk_options.format == NULL || strcmp(lk_options.format, "text") == 0);
}

static void
clear_progress(void)
{
    if (lk_progress_wanted())
        fputs("\r\033[K", stderr);
}

static void
on_waiting(void *data, const char *what)
{
    (void)data;
    clear_progress();
    fprintf(stderr, "lockkeeper: %s\n", what);
}

/* What was told of the statement under way, so that it is told once. */
static struct {
    int blocker;
    int64_t told_ms;
    const char *script;
    char phase[128];
} told;

static void
on_statement(void *data, const struct lk_plan_migration *migration,
             const struct lk_plan_statement *statement, const struct lk_carried_out *how)
{
    (void)data;
    (void)how;
    if (lk_progress_wanted())
        fprintf(stderr, "\r\033[K%s: statement %zu of %zu", migration->script, statement->index,
                migration->statements.count);
}

static void
on_migration(void *data, const struct lk_plan_migration *migration, size_t index, size_t count)
{
    (void)data;
    told.script = migration->script;
    if (lk_progress_wanted())
        fprintf(stderr, "\r\033[K%s (%zu of %zu)", migration->script, index + 1, count);
    else if (lk_options.verbose)
        fprintf(stderr, "lockkeeper: applying %s (%zu of %zu)\n", migration->script, index + 1,
                count);
}

static void
on_retrying(void *data, const char *why, int64_t pause_ms)
{
    (void)data;
    clear_progress();
    fprintf(stderr, "lockkeeper: %s; trying again in %.1f s\n", why, (double)pause_ms / 1000);
}

/* tell_blockers says who holds a statement up: once, until it is somebody else. */
static void
tell_blockers(const struct lk_sight *sight)
{
    bool new = sight->blockers.count > 0 && sight->blockers.items[0].pid != told.blocker;

    lk_vec_foreach(blocker, &sight->blockers) {
        char *words LK_CLEANUP(lk_mem_cleanup) = lk_blocker_words(NULL, blocker);
        if (new || blocker->ended)
            clear_progress();
        if (new)
            fprintf(stderr, "lockkeeper: waiting for %s\n", words);
        if (blocker->ended)
            fprintf(stderr, "lockkeeper: ended pid %d, as the configuration allows\n",
                    blocker->pid);
    }
    if (new)
        told.blocker = sight->blockers.items[0].pid;
}

#define TELL_EVERY_MS 30000 /* where nobody watches: the log of a CI */

/*
 * is_news returns whether a sight is told where nobody watches: when the work enters another phase,
 * and now and then.
 */
static bool
is_news(const struct lk_sight *sight)
{
    const char *phase = sight->phase != NULL ? sight->phase : "";
    bool other = strncmp(told.phase, phase, sizeof(told.phase) - 1) != 0;

    snprintf(told.phase, sizeof(told.phase), "%s", phase);
    return (other && phase[0] != '\0') || sight->elapsed_ms - told.told_ms >= TELL_EVERY_MS;
}

/* on_seen tells how far a statement is that takes long: on one line that stays, or now and then. */
static void
on_seen(void *data, const struct lk_sight *sight)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    struct lk_buf text = lk_buf_init(scratch);

    (void)data;
    if (lk_options.quiet)
        return;
    tell_blockers(sight);
    if (sight->elapsed_ms < told.told_ms) { /* it is another statement */
        told.told_ms = 0;
        told.phase[0] = '\0';
    }
    if (!lk_progress_wanted() && !is_news(sight))
        return;
    told.told_ms = sight->elapsed_ms;
    if (told.script != NULL)
        lk_buf_addf(&text, "%s: ", told.script);
    lk_buf_add(&text, sight->phase != NULL ? sight->phase : "working");
    if (sight->amount != NULL)
        lk_buf_addf(&text, " (%s)", sight->amount);
    if (sight->percent >= 0)
        lk_buf_addf(&text, ", %d %%", sight->percent);
    lk_buf_add(&text, ", for ");
    lk_duration_add(&text, sight->elapsed_ms);
    if (sight->waiting > 0)
        lk_buf_addf(&text, ", %zu session%s waiting behind it", sight->waiting,
                    sight->waiting == 1 ? "" : "s");
    if (lk_progress_wanted())
        fprintf(stderr, "\r\033[K%s", text.data);
    else
        fprintf(stderr, "lockkeeper: %s\n", text.data);
}

static void
on_notice(void *data, const char *severity, const char *message)
{
    (void)data;
    if (strcmp(severity, "WARNING") != 0 && !lk_options.verbose)
        return;
    clear_progress();
    fprintf(stderr, "%s: %s\n", severity, message);
}

static void
on_finished(void *data, const struct lk_plan_migration *migration, const struct lk_outcome *outcome)
{
    (void)data;
    clear_progress();
    if (is_text() && outcome->code == LK_ERR_OK) {
        printf("%s%s%s %s (%zu statement%s, %s, %.0f ms)\n", lk_paint(LK_PAINT_GOOD),
               migration->undoes != 0 ? "rolled back" : "applied", lk_paint_end(),
               migration->script, migration->statements.count,
               migration->statements.count == 1 ? "" : "s", lk_mode_name(migration->mode),
               outcome->duration_ms);
        fflush(stdout);
    }
}

static void
on_hook(void *data, const struct lk_plan_hook *hook, const struct lk_outcome *outcome)
{
    const char *event = lk_hook_word(hook->event), *path = hook->script.source->path;

    (void)data;
    clear_progress();
    if (outcome != NULL && outcome->code != LK_ERR_OK && hook->event == LK_HOOK_ON_ERROR)
        fprintf(stderr, "lockkeeper: %s failed, too: %s\n", path,
                outcome->message != NULL ? outcome->message : "stopped");
    if (!is_text() || outcome == NULL || outcome->code != LK_ERR_OK)
        return;
    printf("%sdone%s %s (%s, %zu statement%s, %.0f ms)\n", lk_paint(LK_PAINT_GOOD), lk_paint_end(),
           path, event, hook->script.statements.count,
           hook->script.statements.count == 1 ? "" : "s", outcome->duration_ms);
    fflush(stdout);
}

/* on_hook_logged does so of a hook. */
static void
on_hook_logged(void *data, const struct lk_plan_hook *hook, const struct lk_outcome *outcome)
{
    on_hook(data, hook, outcome);
    lk_log_json_events().hook(data, hook, outcome);
}

/* on_finished_logged passes an end on to both readers: people's on standard output, the log's. */
static void
on_finished_logged(void *data, const struct lk_plan_migration *migration,
                   const struct lk_outcome *outcome)
{
    on_finished(data, migration, outcome);
    lk_log_json_events().finished(data, migration, outcome);
}

struct lk_events
lk_apply_events(void)
{
    if (lk_log_is_json()) {
        struct lk_events events = lk_log_json_events();
        events.finished = on_finished_logged;
        events.hook = on_hook_logged;
        return events;
    }
    return (struct lk_events){
        .waiting = on_waiting,
        .migration = on_migration,
        .statement = on_statement,
        .retrying = on_retrying,
        .seen = on_seen,
        .notice = on_notice,
        .finished = on_finished,
        .hook = on_hook,
    };
}

/* leave_runners_out drops what is only true of the runner that the naming convention belongs to. */
static void
leave_runners_out(struct lk_lint_report *report)
{
    struct lk_finding *items = report->findings.items.items;
    size_t kept = 0;

    for (size_t i = 0; i < report->findings.items.count; i++)
        if (!items[i].runner)
            items[kept++] = items[i];
    report->findings.items.count = kept;
    lk_lint_count(report);
}

/*
 * destroys_data returns whether a way back destroys what the migrations, or the time since, have
 * brought: forwards that is a warning, but a rollback is made in a hurry.
 */
static bool
destroys_data(const struct lk_findings *findings)
{
    lk_vec_foreach(finding, &findings->items)
        if (!finding->suppressed && finding->rule->group == LK_GROUP_DESTRUCTIVE &&
            finding->severity >= LK_SEVERITY_WARNING)
            return true;
    return false;
}

void
lk_leave_at_once(void)
{
    _exit(LK_EXIT_INTERRUPTED);
}

bool
lk_apply_gate(struct lk_run *run, struct lk_prepared *prepared, struct lk_error *err)
{
    enum lk_severity fail_on;
    const struct lk_reporter *reporter = lk_reporter_choose(err);

    if (reporter == NULL || !lk_inputs_fail_on(run, &fail_on, err))
        return false;
    leave_runners_out(&prepared->lint);
    if (lk_options.no_gate)
        return lk_prepare_whole(prepared, err);
    bool destroys = prepared->backwards && destroys_data(&prepared->lint.findings);
    if (!destroys && !lk_findings_fail(&prepared->lint.findings, fail_on))
        return lk_prepare_check(prepared, err) && lk_prepare_whole(prepared, err);
    struct lk_outlet outlet = lk_outlet_open();
    reporter->lint(outlet.stream, &prepared->lint);
    if (!lk_outlet_close(&outlet, err))
        return false;
    if (prepared->backwards) {
        lk_fail(err, LK_ERR_FINDINGS, "nothing was rolled back: what takes it back has findings");
        return lk_error_hint(err, "Look at what would be lost; --no-gate goes on in spite of it.");
    }
    lk_fail(err, LK_ERR_FINDINGS, "nothing was applied: the pending migrations have findings");
    return lk_error_hint(err, "Correct them, or suppress one with its reason: "
                              "`-- lockkeeper: ignore RULE -- why`.");
}

/* describe_failure makes the error of a failed migration. */
static void
describe_failure(const struct lk_run_result *result, struct lk_error *err)
{
    const struct lk_run_migration *failed = result->failed;

    if (failed == NULL) {
        lk_fail(err, result->code, "%s", result->message);
        return;
    }
    const struct lk_outcome *outcome = &failed->outcome;
    const char *path = outcome->file != NULL ? outcome->file : failed->migration->source->path;
    const char *sqlstate = outcome->sqlstate;
    if (outcome->line > 0)
        lk_fail(err, result->code, "%s:%u: %s%s%s%s", path, outcome->line, outcome->message,
                sqlstate[0] != '\0' ? " (SQLSTATE " : "", sqlstate, sqlstate[0] != '\0' ? ")" : "");
    else
        lk_fail(err, result->code, "%s: %s%s%s%s", path,
                outcome->message != NULL ? outcome->message : "stopped",
                sqlstate[0] != '\0' ? " (SQLSTATE " : "", sqlstate, sqlstate[0] != '\0' ? ")" : "");
    if (outcome->detail != NULL)
        lk_error_detail(err, "%s", outcome->detail);
    if (outcome->hint != NULL)
        lk_error_hint(err, "%s", outcome->hint);
    else if (failed->hook != NULL)
        lk_error_hint(err, "It is a hook of the run, %s; what was carried out before stays.",
                      lk_hook_word(failed->hook->event));
    else if (result->code == LK_ERR_PARTIAL)
        lk_error_hint(err, "%zu of %zu statements are done; %s goes on behind them.",
                      outcome->statements_done, failed->migration->statements.count,
                      result->backwards ? "rollback" : "apply");
    else if (result->code == LK_ERR_FAILED)
        lk_error_hint(err, "Nothing of this migration was kept.");
}

enum lk_error_code
lk_apply_show(const struct lk_reporter *reporter, const struct lk_plan *plan, struct lk_error *err)
{
    struct lk_outlet outlet = lk_outlet_open();

    reporter->plan(outlet.stream, plan);
    return lk_outlet_close(&outlet, err) ? LK_ERR_OK : err->code;
}

struct lk_run_options
lk_apply_options(const struct lk_prepared *prepared, const char *command)
{
    return (struct lk_run_options){
        .retry = lk_retry_policy_of(&prepared->apply),
        .clock = lk_clock_system(),
        .events = lk_apply_events(),
        .command = command,
        .tool = "lockkeeper " LK_VERSION,
        .snapshot_age_ms = prepared->apply.snapshot_age,
        .take_over_ms = prepared->apply.take_over,
        .max_blocking_ms = prepared->apply.max_blocking,
        .ends = prepared->apply.ends.items.items,
        .ends_count = prepared->apply.ends.items.count,
        .build_number = lk_build_number(),
        .target_version = lk_options.to != NULL ? lk_options.to : lk_options.down_to,
    };
}

enum lk_error_code
lk_apply_run(struct lk_run *run, struct lk_prepared *prepared, const char *command,
             const struct lk_reporter *reporter, struct lk_error *err)
{
    struct lk_run_result result;
    struct lk_run_options options = lk_apply_options(prepared, command);

    lk_interrupt_install(lk_leave_at_once);
    if (!lk_run_plan(run->mem, prepared->target, prepared->plan, &prepared->status, &options,
                     prepared->chosen != NULL, &result, err))
        return err->code;
    clear_progress();
    struct lk_outlet outlet = lk_outlet_open();
    reporter->run(outlet.stream, &result);
    if (!lk_outlet_close(&outlet, err))
        return err->code;
    if (!result.success)
        describe_failure(&result, err);
    return result.code;
}
