/*
 * tests/golden/marks.c
 *     Marks and findings as sets: see marks.h.
 */
#include "tests/golden/marks.h"

#include <jansson.h>

#include "parser/base/buf.h"
#include "parser/base/text.h"
#include "parser/pgparse.h"
#include "rules/registry.h"

static void
add(struct lk_marks *marks, const char *name, unsigned long line, const char *rule)
{
    char *mark = lk_fmt(marks->mem, "%s:%lu %s", name, line, rule);

    lk_vec_foreach(known, &marks->set.items)
        if (strcmp(*known, mark) == 0)
            return;
    lk_vec_push(marks->mem, &marks->set.items, mark);
}

/* add_rules adds one mark for each name in a comma-separated list. */
static void
add_rules(struct lk_marks *marks, const char *name, unsigned long line, const char *at,
          const char *end)
{
    while (at < end) {
        size_t length = 0;
        while (at < end && strchr(", \t\r", *at) != NULL)
            at++;
        while (at + length < end && strchr(", \t\r", at[length]) == NULL)
            length++;
        char *rule = lk_strndup(marks->mem, at, length);
        at += length;
        if (length == 0)
            continue;
        if (lk_rule_find(rule) == NULL)
            fail_msg("%s:%lu: the mark names no rule: \"%s\"", name, line, rule);
        add(marks, name, line, rule);
    }
}

void
lk_marks_read(struct lk_marks *marks, const char *name, const char *text)
{
    static const char sign[] = "-- ! ";

    for (unsigned long line = 1; *text != '\0'; line++) {
        size_t length = strcspn(text, "\n");
        const char *mark = memmem(text, length, sign, strlen(sign));
        if (mark != NULL)
            add_rules(marks, name, line, mark + strlen(sign), text + length);
        text += length + (text[length] == '\n');
    }
}

void
lk_marks_read_list(struct lk_marks *marks, const char *text)
{
    while (*text != '\0') {
        size_t length = strcspn(text, "\n");
        char *line = lk_strndup(marks->mem, text, length);
        char *colon = strrchr(line, ':'), *rules;
        text += length + (text[length] == '\n');
        if (line[0] == '\0' || lk_starts_with(line, "--"))
            continue;
        unsigned long number = colon == NULL ? 0 : strtoul(colon + 1, &rules, 10);
        if (number == 0 || *rules != ' ')
            fail_msg("a line of a marks file is \"file:line rule\", not \"%s\"", line);
        *colon = '\0';
        add_rules(marks, line, number, rules, line + length);
    }
}

/* inside returns a path below `folder`. */
static const char *
inside(const char *folder, const char *path)
{
    size_t length = strlen(folder);

    if (strncmp(path, folder, length) != 0 || path[length] != '/')
        fail_msg("a finding is about %s, which is not below %s", path, folder);
    return path + length + 1;
}

void
lk_marks_read_text(struct lk_marks *marks, const char *folder, const char *report)
{
    char *start = lk_fmt(marks->mem, "%s/", folder);

    while (*report != '\0') {
        size_t length = strcspn(report, "\n");
        char *line = lk_strndup(marks->mem, report, length);
        char *colon = strchr(line, ':'), *rule = strrchr(line, '[');
        report += length + (report[length] == '\n');
        if (!lk_starts_with(line, start))
            continue;
        if (colon == NULL || rule == NULL || line[length - 1] != ']')
            fail_msg("a heading is \"path:line:column: severity: message [rule]\", not \"%s\"",
                     line);
        *colon = line[length - 1] = '\0';
        add(marks, inside(folder, line), strtoul(colon + 1, NULL, 10), rule + 1);
    }
}

bool
lk_marks_read_json(struct lk_marks *marks, const char *folder, const char *report)
{
    json_error_t error;
    json_t *document = json_loads(report, JSON_REJECT_DUPLICATES, &error);
    bool failed = false;
    size_t index;
    json_t *finding;

    if (document == NULL)
        fail_msg("the JSON report is no JSON: line %d: %s", error.line, error.text);
    json_t *findings = json_object_get(document, "findings");
    json_t *summary = json_object_get(document, "summary");
    assert_true(json_is_array(findings));
    assert_int_equal(json_array_size(findings),
                     json_integer_value(json_object_get(summary, "errors")) +
                         json_integer_value(json_object_get(summary, "warnings")) +
                         json_integer_value(json_object_get(summary, "infos")));
    json_array_foreach(findings, index, finding)
    {
        const char *file, *rule, *severity, *message;
        int line, column, end_line, end_column;
        if (json_unpack_ex(finding, &error, 0, "{s:s,s:s,s:s,s:s,s:i,s:i,s:i,s:i}", "file", &file,
                           "rule", &rule, "severity", &severity, "message", &message, "line", &line,
                           "column", &column, "end_line", &end_line, "end_column",
                           &end_column) != 0)
            fail_msg("finding %zu of the JSON report: %s", index, error.text);
        if (line < 1 || column < 1 || end_line < line || (end_line == line && end_column < column))
            fail_msg("finding %zu of the JSON report ends before it starts", index);
        failed |= strcmp(severity, "error") == 0;
        add(marks, inside(folder, file), (unsigned long)line, rule);
    }
    json_decref(document);
    return failed;
}

static bool
holds(const struct lk_marks *marks, const char *wanted)
{
    lk_vec_foreach(mark, &marks->set.items)
        if (strcmp(*mark, wanted) == 0)
            return true;
    return false;
}

static void
check_hint(TALLOC_CTX *mem, const char *hint)
{
    const struct lk_values none = {0};
    struct lk_pg_error error = {0};

    if (lk_ends_with(hint, ".") && strchr(hint, '\n') == NULL)
        return;
    struct lk_source *source = lk_source_new(mem, "", hint, strlen(hint));
    lk_source_mask(source, &none, false, 0); /* placeholders stay as they are written */
    if (lk_pg_parse(mem, source->text, (struct lk_span){0, source->size}, &error) == NULL)
        fail_msg("a hint is neither a sentence nor SQL (%s):\n%s", error.message, hint);
}

void
lk_marks_check_hints(TALLOC_CTX *mem, const char *report)
{
    json_t *document = json_loads(report, 0, NULL), *finding;
    size_t index;

    json_array_foreach(json_object_get(document, "findings"), index, finding)
    {
        const char *hint = json_string_value(json_object_get(finding, "hint"));
        if (hint != NULL)
            check_hint(mem, lk_strdup(mem, hint));
    }
    json_decref(document);
}

void
lk_marks_compare(struct lk_marks *wanted, struct lk_marks *found, const char *what)
{
    struct lk_buf text = lk_buf_init(wanted->mem);

    lk_vec_foreach(mark, &wanted->set.items)
        if (!holds(found, *mark))
            lk_buf_addf(&text, "\n  marked, but not found: %s", *mark);
    lk_vec_foreach(mark, &found->set.items)
        if (!holds(wanted, *mark))
            lk_buf_addf(&text, "\n  found, but not marked: %s", *mark);
    if (text.len > 0)
        fail_msg("%s:%s", what, text.data);
}
