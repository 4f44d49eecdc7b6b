/*
 * cli/log_json.c
 *     What happens, as lines of JSON: see log_json.h.
 */
#include "cli/log_json.h"

#include <jansson.h>

#include "applier/plan.h"
#include "cli/options.h"

bool
lk_log_is_json(void)
{
    return lk_options.log_format != NULL && strcmp(lk_options.log_format, "json") == 0;
}

bool
lk_log_check(struct lk_error *err)
{
    if (lk_options.log_format == NULL || lk_log_is_json() ||
        strcmp(lk_options.log_format, "text") == 0)
        return true;
    return lk_fail(err, LK_ERR_USAGE, "--log-format is text or json, not \"%s\"",
                   lk_options.log_format);
}

/* text returns a string, or null for NULL and for what is no UTF-8. */
static json_t *
text(const char *value)
{
    json_t *string = value == NULL ? json_null() : json_string(value);

    return string != NULL ? string : json_null();
}

/* put writes an event with its time and level in front, and releases it. */
static void
put(const char *level, const char *event, json_t *fields)
{
    struct timespec now;
    struct tm utc;
    char day[32], time[56];

    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &utc);
    strftime(day, sizeof(day), "%Y-%m-%dT%H:%M:%S", &utc);
    snprintf(time, sizeof(time), "%s.%03ldZ", day, now.tv_nsec / 1000000);
    json_t *line = json_pack("{s:s,s:s,s:s}", "time", time, "level", level, "event", event);
    if (line == NULL || fields == NULL || json_object_update(line, fields) != 0)
        LK_BUG("out of memory");
    char *written = json_dumps(line, JSON_COMPACT | JSON_REAL_PRECISION(12));
    if (written == NULL)
        LK_BUG("out of memory");
    fprintf(stderr, "%s\n", written);
    free(written);
    json_decref(line);
    json_decref(fields);
}

static void
on_waiting(void *data, const char *what)
{
    (void)data;
    put("info", "waiting", json_pack("{s:o}", "message", text(what)));
}

static void
on_migration(void *data, const struct lk_plan_migration *migration, size_t index, size_t count)
{
    (void)data;
    put("info", migration->undoes != 0 ? "rolling_back" : "applying",
        json_pack("{s:o,s:o,s:s,s:I,s:I,s:I}", "script", text(migration->script), "version",
                  text(migration->migration->name.version.text), "mode",
                  lk_mode_name(migration->mode), "statements",
                  (json_int_t)migration->statements.count, "number", (json_int_t)index + 1, "of",
                  (json_int_t)count));
}

static void
on_statement(void *data, const struct lk_plan_migration *migration,
             const struct lk_plan_statement *statement, const struct lk_carried_out *how)
{
    (void)data;
    put("info", "statement",
        json_pack("{s:o,s:I,s:I,s:o,s:o}", "script", text(migration->script), "statement",
                  (json_int_t)statement->index, "line", (json_int_t)statement->line, "tag",
                  text(how->tag), "duration_ms",
                  how->duration_ms >= 0 ? json_real(how->duration_ms) : json_null()));
}

static void
on_retrying(void *data, const char *why, int64_t pause_ms)
{
    (void)data;
    put("warning", "retrying",
        json_pack("{s:o,s:I}", "message", text(why), "pause_ms", (json_int_t)pause_ms));
}

static void
on_notice(void *data, const char *severity, const char *message)
{
    (void)data;
    put(strcmp(severity, "WARNING") == 0 ? "warning" : "info", "notice",
        json_pack("{s:o,s:o}", "severity", text(severity), "message", text(message)));
}

#define TELL_EVERY_MS 30000

/* on_seen tells who holds a statement up when that changes, and now and then how far it is. */
static void
on_seen(void *data, const struct lk_sight *sight)
{
    static struct {
        int blocker;
        int64_t ms;
        char phase[128];
    } told;
    const char *phase = sight->phase != NULL ? sight->phase : "";
    int blocker = sight->blockers.count > 0 ? sight->blockers.items[0].pid : 0;
    json_t *blockers;

    (void)data;
    if (sight->elapsed_ms < told.ms) /* it is another statement */
        told.ms = 0;
    bool same = strncmp(told.phase, phase, sizeof(told.phase) - 1) == 0;
    if (blocker == told.blocker && same && sight->elapsed_ms - told.ms < TELL_EVERY_MS)
        return;
    snprintf(told.phase, sizeof(told.phase), "%s", phase);
    told.blocker = blocker;
    told.ms = sight->elapsed_ms;
    blockers = json_array();
    lk_vec_foreach(item, &sight->blockers) {
        char *words = lk_blocker_words(NULL, item);
        json_array_append_new(blockers, text(words));
        talloc_free(words);
    }
    put("info", "progress",
        json_pack("{s:o,s:o,s:o,s:I,s:I,s:o}", "phase", text(sight->phase), "amount",
                  text(sight->amount), "percent",
                  sight->percent >= 0 ? json_integer(sight->percent) : json_null(), "elapsed_ms",
                  (json_int_t)sight->elapsed_ms, "waiting", (json_int_t)sight->waiting,
                  "held_up_by", blockers));
}

static void
on_finished(void *data, const struct lk_plan_migration *migration, const struct lk_outcome *outcome)
{
    bool good = outcome->code == LK_ERR_OK;
    const char *word = migration->undoes != 0 ? "rolled_back" : "applied";

    (void)data;
    put(good ? "info" : "error", good ? word : "failed",
        json_pack("{s:o,s:I,s:I,s:f,s:o,s:o}", "script", text(migration->script), "statements_done",
                  (json_int_t)outcome->statements_done, "attempts", (json_int_t)outcome->attempts,
                  "duration_ms", outcome->duration_ms, "sqlstate",
                  text(outcome->sqlstate[0] != '\0' ? outcome->sqlstate : NULL), "message",
                  text(outcome->message)));
}

static void
on_hook(void *data, const struct lk_plan_hook *hook, const struct lk_outcome *outcome)
{
    bool good = outcome == NULL || outcome->code == LK_ERR_OK;

    (void)data;
    json_t *fields = json_pack("{s:s,s:o}", "hook", lk_hook_word(hook->event), "script",
                               text(hook->script.source->path));
    if (outcome != NULL) {
        json_object_set_new(fields, "duration_ms", json_real(outcome->duration_ms));
        json_object_set_new(fields, "message", text(outcome->message));
    }
    put(good ? "info" : "error",
        outcome == NULL ? "hook"
        : good          ? "hook_done"
                        : "hook_failed",
        fields);
}

struct lk_events
lk_log_json_events(void)
{
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

void
lk_log_json_warning(const struct lk_error *err)
{
    put("warning", "warning",
        json_pack("{s:o,s:o,s:o}", "message", text(err->message), "detail", text(err->detail),
                  "hint", text(err->hint)));
}

void
lk_log_json_error(const struct lk_error *err)
{
    put("error", "error",
        json_pack("{s:o,s:o,s:o,s:i}", "message", text(err->message), "detail", text(err->detail),
                  "hint", text(err->hint), "exit_code", lk_error_exit_code(err->code)));
}
