/*
 * applier/log.c
 *     What a run leaves in writing: see log.h.
 */
#include "applier/log.h"

#include <stdarg.h>

#define LOG_MAX ((size_t)4 << 20) /* bytes of one run: it is kept for good */

struct lk_log
lk_log_start(TALLOC_CTX *mem, const struct lk_events *events)
{
    return (struct lk_log){.mem = mem, .text = lk_buf_init(mem), .events = *events};
}

/* add_time adds the time of day, as everybody's clock has it. */
static void
add_time(struct lk_buf *text)
{
    struct timespec now;
    struct tm utc;
    char day[32];

    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &utc);
    strftime(day, sizeof(day), "%Y-%m-%dT%H:%M:%S", &utc);
    lk_buf_addf(text, "%s.%03ldZ ", day, now.tv_nsec / 1000000);
}

void
lk_log_add(struct lk_log *log, const char *format, ...)
{
    va_list args;

    if (log->text.len > LOG_MAX) {
        log->left_out++;
        return;
    }
    add_time(&log->text);
    if (log->script != NULL)
        lk_buf_addf(&log->text, "%s: ", log->script);
    va_start(args, format);
    char *line = talloc_vasprintf(log->mem, format, args);
    va_end(args);
    if (line == NULL)
        LK_BUG("out of memory");
    lk_buf_add(&log->text, line);
    lk_buf_addc(&log->text, '\n');
    talloc_free(line);
}

void
lk_log_end(struct lk_log *log)
{
    if (log->left_out > 0)
        lk_buf_addf(&log->text, "... and %zu lines more\n", log->left_out);
    log->left_out = 0;
    if (log->script != NULL)
        *lk_vec_add(log->mem, &log->parts.items) = (struct lk_history_log){
            log->script, lk_strdup(log->mem, log->text.data + log->started)};
    log->script = NULL;
}

/* ---- events ---- */

static void
on_waiting(void *data, const char *what)
{
    struct lk_log *log = data;

    lk_log_add(log, "%s", what);
    if (log->events.waiting != NULL)
        log->events.waiting(log->events.data, what);
}

static void
on_migration(void *data, const struct lk_plan_migration *migration, size_t index, size_t count)
{
    struct lk_log *log = data;

    lk_log_end(log);
    log->script = migration->script;
    log->started = log->text.len;
    lk_log_add(log, "%s, %zu statement%s, %s", migration->undoes != 0 ? "rolling back" : "applying",
               migration->statements.count, migration->statements.count == 1 ? "" : "s",
               lk_mode_name(migration->mode));
    if (log->events.migration != NULL)
        log->events.migration(log->events.data, migration, index, count);
}

static void
on_statement(void *data, const struct lk_plan_migration *migration,
             const struct lk_plan_statement *statement, const struct lk_carried_out *how)
{
    struct lk_log *log = data;

    const char *hook = statement->source != migration->source ? statement->source->path : NULL;
    char *time = how->duration_ms >= 0 ? lk_fmt(log->mem, ", %.1f ms", how->duration_ms) : NULL;
    lk_log_add(log, "%s%sstatement %zu, line %u: %s%s", hook != NULL ? hook : "",
               hook != NULL ? ": " : "", statement->index, statement->line, how->tag,
               time != NULL ? time : "");
    talloc_free(time);
    if (log->events.statement != NULL)
        log->events.statement(log->events.data, migration, statement, how);
}

static void
on_retrying(void *data, const char *why, int64_t pause_ms)
{
    struct lk_log *log = data;

    lk_log_add(log, "%s; trying again in %.1f s", why, (double)pause_ms / 1000);
    if (log->events.retrying != NULL)
        log->events.retrying(log->events.data, why, pause_ms);
}

static void
on_seen(void *data, const struct lk_sight *sight)
{
    struct lk_log *log = data;

    lk_vec_foreach(blocker, &sight->blockers)
        if (blocker->ended)
            lk_log_add(log, "ended %s", lk_blocker_words(log->mem, blocker));
    if (sight->blockers.count > 0 && sight->blockers.items[0].pid != log->blocker) {
        log->blocker = sight->blockers.items[0].pid;
        lk_vec_foreach(blocker, &sight->blockers)
            lk_log_add(log, "waiting for %s", lk_blocker_words(log->mem, blocker));
    }
    if (log->events.seen != NULL)
        log->events.seen(log->events.data, sight);
}

static void
on_notice(void *data, const char *severity, const char *message)
{
    struct lk_log *log = data;

    lk_log_add(log, "%s: %s", severity, message);
    if (log->events.notice != NULL)
        log->events.notice(log->events.data, severity, message);
}

/* add_failure adds what the server said against a migration. */
static void
add_failure(struct lk_log *log, const struct lk_outcome *outcome)
{
    if (outcome->statement > 0)
        lk_log_add(log, "statement %zu, line %u: %s%s%s", outcome->statement, outcome->line,
                   outcome->sqlstate, outcome->sqlstate[0] != '\0' ? " " : "",
                   outcome->message != NULL ? outcome->message : "stopped");
    else
        lk_log_add(log, "%s%s%s", outcome->sqlstate, outcome->sqlstate[0] != '\0' ? " " : "",
                   outcome->message != NULL ? outcome->message : "stopped");
    if (outcome->detail != NULL)
        lk_log_add(log, "%s", outcome->detail);
}

static void
on_finished(void *data, const struct lk_plan_migration *migration, const struct lk_outcome *outcome)
{
    struct lk_log *log = data;
    const char *word = migration->undoes != 0 ? "rolled back" : "applied";

    if (outcome->code != LK_ERR_OK)
        add_failure(log, outcome);
    lk_log_add(log, "%s, %zu of %zu statements, %u attempt%s, %.0f ms",
               outcome->code == LK_ERR_OK ? word : "failed", outcome->statements_done,
               migration->statements.count, outcome->attempts, outcome->attempts == 1 ? "" : "s",
               outcome->duration_ms);
    lk_log_end(log);
    if (log->events.finished != NULL)
        log->events.finished(log->events.data, migration, outcome);
}

static void
on_hook(void *data, const struct lk_plan_hook *hook, const struct lk_outcome *outcome)
{
    struct lk_log *log = data;
    const char *event = lk_hook_word(hook->event), *path = hook->script.source->path;

    lk_log_end(log);
    if (outcome == NULL) {
        lk_log_add(log, "%s: %s, %zu statement%s", event, path, hook->script.statements.count,
                   hook->script.statements.count == 1 ? "" : "s");
    } else if (outcome->code != LK_ERR_OK) {
        add_failure(log, outcome);
        lk_log_add(log, "%s: %s failed", event, path);
    } else {
        lk_log_add(log, "%s: %s done, %.0f ms", event, path, outcome->duration_ms);
    }
    if (log->events.hook != NULL)
        log->events.hook(log->events.data, hook, outcome);
}

struct lk_events
lk_log_events(struct lk_log *log)
{
    return (struct lk_events){
        .data = log,
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
