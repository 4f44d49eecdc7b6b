/*
 * cli/report_json.c
 *     JSON: one document a run.
 */
#include "cli/json_text.h"
#include "cli/plan_file.h"
#include "cli/report.h"
#include "cli/version.h"
#include "parser/base/buf.h"
#include "parser/pgparse.h"
#include "rules/registry.h"

/* in_ms rounds a time to microseconds: more digits say nothing. */
static double
in_ms(double ms)
{
    return (double)(int64_t)(ms * 1e3 + 0.5) / 1e3;
}

static json_t *
tool_of(void)
{
    return json_pack("{s:s,s:s,s:s}", "name", "lockkeeper", "version", LK_VERSION, "grammar",
                     lk_grammar_version());
}

/* print_part writes a part of a document and releases it. */
static void
print_part(FILE *stream, json_t *part, size_t flags)
{
    if (part == NULL)
        LK_BUG("out of memory");
    json_dumpf(part, stream, flags | JSON_REAL_PRECISION(15));
    json_decref(part);
}

/* add_escaped adds a character that JSON has an escape for. */
static void
add_escaped(struct lk_buf *out, char c)
{
    static const char letters[] = "\"\\\b\f\n\r\t", names[] = "\"\\bfnrt";
    const char *letter = strchr(letters, c);

    if (letter != NULL) {
        lk_buf_addc(out, '\\');
        lk_buf_addc(out, names[letter - letters]);
    } else {
        lk_buf_addf(out, "\\u%04X", (unsigned)(unsigned char)c);
    }
}

/* plain_length returns how many characters from `at` on are ASCII that JSON has as they are. */
static size_t
plain_length(const char *at)
{
    static const bool plain[256] = {
        [' ' ... '!'] = true, ['#' ... '['] = true, [']' ... 0x7F] = true};
    size_t length = 0;

    while (plain[(unsigned char)at[length]])
        length++;
    return length;
}

/* add_unplain adds a string that is more than ASCII. */
static void
add_unplain(struct lk_buf *out, const char *value)
{
    json_t *string = lk_json_text(value);
    char *text = string != NULL ? json_dumps(string, JSON_ENCODE_ANY) : NULL;

    if (text == NULL)
        LK_BUG("out of memory");
    lk_buf_add(out, text);
    free(text);
    json_decref(string);
}

/*
 * add_text adds a string as Jansson would write it. There are thousands of findings, with ten
 * strings each: what is no more than ASCII takes the short way.
 */
static void
add_text(struct lk_buf *out, const char *value)
{
    size_t start = out->len;

    if (value == NULL) {
        lk_buf_add(out, "null");
        return;
    }
    lk_buf_addc(out, '"');
    for (const char *at = value;; at++) {
        size_t length = plain_length(at);
        lk_buf_addn(out, at, length);
        at += length;
        if (*at == '\0')
            break;
        if (*at & 0x80) {
            out->len = start;
            add_unplain(out, value);
            return;
        }
        add_escaped(out, *at);
    }
    lk_buf_addc(out, '"');
}

static void
add_texts(struct lk_buf *out, const char *const *values, size_t count)
{
    lk_buf_addc(out, '[');
    for (size_t i = 0; i < count; i++) {
        lk_buf_add(out, i > 0 ? ", " : "");
        add_text(out, values[i]);
    }
    lk_buf_addc(out, ']');
}

static void
add_number(struct lk_buf *out, const char *name, uint32_t number)
{
    char digits[sizeof("4294967295")];
    size_t at = sizeof(digits);

    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    lk_buf_add(out, name);
    lk_buf_addn(out, digits + at, sizeof(digits) - at);
}

/* add_fix adds a finding's fix: edits by offsets in bytes, and files that it makes. */
static void
add_fix(struct lk_buf *out, const struct lk_fix *fix)
{
    const char *separator = "";

    if (fix == NULL) {
        lk_buf_add(out, "null");
        return;
    }
    lk_buf_add(out, fix->safe ? "{\"safe\": true, \"edits\": [" : "{\"safe\": false, \"edits\": [");
    lk_vec_foreach(edit, &fix->edits) {
        lk_buf_add(out, separator);
        add_number(out, "{\"start\": ", edit->span.start);
        add_number(out, ", \"end\": ", edit->span.end);
        lk_buf_add(out, ", \"text\": ");
        add_text(out, edit->text);
        lk_buf_addc(out, '}');
        separator = ", ";
    }
    lk_buf_add(out, "], \"files\": [");
    separator = "";
    lk_vec_foreach(file, &fix->files) {
        lk_buf_add(out, separator);
        lk_buf_add(out, "{\"file\": ");
        add_text(out, file->path);
        lk_buf_add(out, ", \"text\": ");
        add_text(out, file->text);
        lk_buf_addc(out, '}');
        separator = ", ";
    }
    lk_buf_add(out, "], \"rename\": ");
    add_text(out, fix->rename);
    lk_buf_add(out, ", \"undo_rename\": ");
    add_text(out, fix->undo_rename);
    lk_buf_addc(out, '}');
}

static void
add_finding(struct lk_buf *out, const struct lk_finding *finding)
{
    const struct {
        const char *name, *value;
    } texts[] = {{", \"message\": ", finding->message},
                 {", \"detail\": ", finding->detail},
                 {", \"hint\": ", finding->hint}};

    lk_buf_add(out, "{\"rule\": \"");
    lk_buf_add(out, finding->rule->name);
    lk_buf_add(out, "\", \"severity\": \"");
    lk_buf_add(out, lk_severity_name(finding->severity));
    lk_buf_add(out, "\", \"file\": ");
    add_text(out, finding->path);
    add_number(out, ", \"line\": ", finding->start.line);
    add_number(out, ", \"column\": ", finding->start.column);
    add_number(out, ", \"end_line\": ", finding->end.line);
    add_number(out, ", \"end_column\": ", finding->end.column);
    for (size_t i = 0; i < LK_ARRAY_SIZE(texts); i++) {
        lk_buf_add(out, texts[i].name);
        add_text(out, texts[i].value);
    }
    if (finding->statement > 0) {
        add_number(out, ", \"statement\": {\"index\": ", finding->statement);
        lk_buf_add(out, ", \"kind\": ");
        add_text(out, finding->kind);
        lk_buf_addc(out, '}');
    } else {
        lk_buf_add(out, ", \"statement\": null");
    }
    lk_buf_add(out, ", \"objects\": ");
    add_texts(out, finding->objects.items, finding->objects.count);
    lk_buf_add(out, ", \"fix\": ");
    add_fix(out, lk_finding_fix_shown(finding));
    lk_buf_addc(out, '}');
}

/* print writes a document and releases it. */
static void
print(FILE *stream, json_t *document)
{
    print_part(stream, document, JSON_INDENT(2));
    fputc('\n', stream);
}

/* report_lint writes one finding a line: all of them together can be more than memory holds. */
static void
report_lint(FILE *stream, const struct lk_lint_report *report)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    struct lk_buf line = lk_buf_init(scratch);
    const char *separator = "\n";
    json_t *summary = json_pack(
        "{s:I,s:I,s:I,s:I,s:I,s:I,s:f}", "files", (json_int_t)report->files, "statements",
        (json_int_t)report->statements, "errors", (json_int_t)report->counts[LK_SEVERITY_ERROR],
        "warnings", (json_int_t)report->counts[LK_SEVERITY_WARNING], "infos",
        (json_int_t)report->counts[LK_SEVERITY_INFO], "suppressed", (json_int_t)report->suppressed,
        "duration_ms", in_ms(report->duration_ms));

    fputs("{\"tool\": ", stream);
    print_part(stream, tool_of(), 0);
    fputs(",\n \"summary\": ", stream);
    print_part(stream, summary, 0);
    fputs(",\n \"findings\": [", stream);
    lk_vec_foreach(finding, &report->findings.items) {
        if (finding->suppressed)
            continue;
        line.len = 0;
        lk_buf_add(&line, separator);
        add_finding(&line, finding);
        fwrite(line.data, 1, line.len, stream);
        separator = ",\n";
    }
    fputs("]}\n", stream);
}

static json_t *
note_of(const struct lk_patch_note *note)
{
    return json_pack("{s:s,s:i,s:o}", "rule", note->rule->name, "line", (int)note->line, "message",
                     lk_json_text(note->message));
}

static void
report_fix(FILE *stream, const struct lk_fix_report *report)
{
    json_t *files = json_array();

    lk_vec_foreach(file, &report->files) {
        json_t *fixed = json_array();
        lk_vec_foreach(note, &(*file)->notes)
            json_array_append_new(fixed, note_of(note));
        json_array_append_new(files,
                              json_pack("{s:o,s:o,s:o}", "file", lk_json_text((*file)->path),
                                        "former", lk_json_text((*file)->former), "fixed", fixed));
    }
    print(stream, json_pack("{s:o,s:o,s:I,s:b}", "tool", tool_of(), "files", files, "left_out",
                            (json_int_t)report->left_out, "finished", !report->unfinished));
}

static void
report_plan(FILE *stream, const struct lk_plan *plan)
{
    print(stream, lk_plan_json(plan));
}

static json_t *
applied_of(const struct lk_run_migration *done)
{
    const struct lk_plan_migration *migration = done->migration;
    const struct lk_name *name = &migration->migration->name;

    return json_pack("{s:o,s:s,s:s,s:s,s:I,s:i,s:f}", "version", lk_json_text(name->version.text),
                     "description", name->description, "script", migration->script, "mode",
                     lk_mode_name(migration->mode), "statements",
                     (json_int_t)migration->statements.count, "attempts",
                     (int)done->outcome.attempts, "duration_ms", done->outcome.duration_ms);
}

static json_t *
failed_of(const struct lk_run_migration *failed)
{
    if (failed == NULL)
        return json_null();
    const struct lk_outcome *outcome = &failed->outcome;
    json_t *result = applied_of(failed);
    json_object_set_new(result, "statements_done",
                        json_integer((json_int_t)outcome->statements_done));
    json_object_set_new(result, "sqlstate",
                        lk_json_text(outcome->sqlstate[0] != '\0' ? outcome->sqlstate : NULL));
    json_object_set_new(result, "message", lk_json_text(outcome->message));
    json_object_set_new(result, "detail", lk_json_text(outcome->detail));
    if (outcome->file != NULL)
        json_object_set_new(result, "file", json_string(outcome->file));
    json_object_set_new(result, "line",
                        outcome->line > 0 ? json_integer(outcome->line) : json_null());
    json_object_set_new(result, "statement",
                        outcome->statement > 0 ? json_integer((json_int_t)outcome->statement)
                                               : json_null());
    return result;
}

static void
report_run(FILE *stream, const struct lk_run_result *result)
{
    json_t *applied = json_array(), *skipped = json_array();

    lk_vec_foreach(done, &result->applied)
        json_array_append_new(applied, applied_of(done));
    lk_vec_foreach(entry, &result->skipped) {
        const struct lk_name *name = &entry->migration->migration->name;
        json_array_append_new(
            skipped, json_pack("{s:o,s:s,s:s,s:s}", "version", lk_json_text(name->version.text),
                               "description", name->description, "script", entry->migration->script,
                               "state", lk_state_word(entry->state)));
    }
    print(stream,
          json_pack(
              "{s:b,s:o,s:s,s:o,s:s,s:o,s:o,s:o,s:o,s:o,s:o}", "success", result->success,
              "message", lk_json_text(result->message), "database", result->database, "run_id",
              result->run_id > 0 ? json_integer(result->run_id) : json_null(), "build_number",
              result->build_number, "previous_version", lk_json_text(result->previous_version),
              "final_version", lk_json_text(result->final_version), "target_version",
              lk_json_text(result->target_version), result->backwards ? "rolled_back" : "applied",
              applied, "skipped", skipped, "failed", failed_of(result->failed)));
}

static json_t *
item_of(const struct lk_status_item *item)
{
    const struct lk_history_row *row = item->row;

    return json_pack(
        "{s:o,s:s,s:s,s:s,s:b,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o}", "version",
        lk_json_text(item->version), "description", item->description, "script", item->script,
        "state", lk_state_word(item->state), "ignored", item->ignored, "sha256",
        lk_json_text(item->sha256[0] != '\0' ? item->sha256 : NULL), "applied_sha256",
        lk_json_text(row != NULL && row->sha256[0] != '\0' ? row->sha256 : NULL), "at",
        lk_json_text(row != NULL ? row->when : NULL), "who",
        lk_json_text(row != NULL ? row->who : NULL), "statements_done",
        row != NULL ? json_integer(row->statements_done) : json_null(), "statements_total",
        row != NULL ? json_integer(row->statements_total) : json_null(), "error",
        lk_json_text(row != NULL ? row->error : NULL), "reason",
        lk_json_text(row != NULL ? row->reason : NULL));
}

static void
report_status(FILE *stream, const struct lk_status *status)
{
    json_t *migrations = json_array(), *summary = json_object();

    lk_vec_foreach(item, &status->items)
        json_array_append_new(migrations, item_of(item));
    for (enum lk_state state = 0; state < LK_STATE_COUNT; state++)
        json_object_set_new(summary, lk_state_word(state),
                            json_integer((json_int_t)status->counts[state]));
    print(stream,
          json_pack("{s:o,s:o,s:o,s:o,s:o}", "database", lk_json_text(status->database),
                    "current_version", lk_json_text(status->current_version), "at_work",
                    lk_json_text(status->at_work), "summary", summary, "migrations", migrations));
}

static void
report_operation(FILE *stream, const struct lk_operation_report *report)
{
    json_t *changes = json_array();

    lk_vec_foreach(change, &report->operated->changes.items)
        json_array_append_new(
            changes, json_pack("{s:s,s:s,s:o,s:o,s:s}", "change", lk_change_word(change->kind),
                               "script", change->script, "version", lk_json_text(change->version),
                               "reason", lk_json_text(change->entry.reason), "meaning",
                               lk_change_meaning(change->kind)));
    const struct lk_operated *operated = report->operated;
    json_t *document = json_pack(
        "{s:s,s:s,s:b,s:o,s:o}", "command", report->command, "database", report->database,
        "dry_run", report->dry_run, "run_id",
        operated->run_id > 0 ? json_integer(operated->run_id) : json_null(), "changes", changes);
    if (operated->changes.from != NULL)
        json_object_set_new(document, "from",
                            json_pack("{s:s,s:o}", "tool", operated->changes.from, "table",
                                      lk_json_text(operated->changes.from_table)));
    print(stream, document);
}

static void
report_runs(FILE *stream, const struct lk_history_runs *runs)
{
    json_t *list = json_array();

    lk_vec_foreach(run, &runs->items)
        json_array_append_new(
            list,
            json_pack("{s:I,s:s,s:s,s:s,s:s,s:s,s:s,s:o,s:o,s:I,s:o}", "id", (json_int_t)run->id,
                      "command", run->command, "build_number", run->build_number, "tool", run->tool,
                      "host", run->host, "who", run->who, "started", run->started, "finished",
                      lk_json_text(run->finished), "outcome", lk_json_text(run->outcome),
                      "migrations", (json_int_t)run->migrations, "log", lk_json_text(run->log)));
    print(stream, json_pack("{s:o}", "runs", list));
}

const struct lk_reporter lk_reporter_json = {
    .name = "json",
    .summary = "for programs",
    .lint = report_lint,
    .fix = report_fix,
    .plan = report_plan,
    .run = report_run,
    .status = report_status,
    .operation = report_operation,
    .runs = report_runs,
};
