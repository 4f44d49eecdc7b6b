/*
 * tests/golden/hints.c
 *     What has to be true of every hint: see hints.h.
 */
#include "tests/golden/hints.h"

#include <jansson.h>

#include "parser/base/buf.h"
#include "parser/base/text.h"
#include "parser/lexer.h"
#include "parser/script.h"
#include "rules/registry.h"
#include "rules/rule.h"
#include "tests/support/hint.h"

/* What a next finding may be about: the reader decides there, with more in view than before. */
static const struct {
    const char *rule;
    const char *next; /* NULL: any */
} meant[] = {
    {"ban-drop-cascade", NULL}, /* what CASCADE did quietly is said, and judged, one by one */
    /* how to end the wait depends on how the runner is told to open no transaction */
    {"statement-refuses-transaction", "require-lock-timeout"},
};

struct hints {
    TALLOC_CTX *mem;
    const char *dir;
    const char *folder;
    const char *options;
    const char *file;
    const char *text; /* of the file */
    struct lk_script *script;
    const json_t *findings;
};

/* A finding, and what is advised in place of its statement. */
struct advice {
    const json_t *finding;
    const char *rule;
    const char *hint;
    struct lk_hint sql;
    struct lk_span statement;
    bool moves; /* the statement itself goes elsewhere */
};

static const char *
member(const json_t *finding, const char *name)
{
    return json_string_value(json_object_get(finding, name));
}

static const struct lk_rule *
rule_of(const json_t *finding)
{
    return lk_rule_find(member(finding, "rule"));
}

/* words_of returns the words of a text, its blanks and comments left out. */
static const char *
words_of(TALLOC_CTX *mem, const char *text, struct lk_span span)
{
    struct lk_buf words = lk_buf_init(mem);
    struct lk_lexer lexer = lk_lexer_at(text, span);
    struct lk_token token;

    while ((token = lk_lex_code(&lexer)).kind != LK_TOKEN_END) {
        lk_buf_addn(&words, text + token.span.start, token.span.end - token.span.start);
        lk_buf_addc(&words, ' ');
    }
    return words.data;
}

static bool
is_moved(const struct hints *it, const struct advice *advice)
{
    const char *words = words_of(it->mem, it->text, advice->statement);

    lk_vec_foreach(step, &advice->sql.steps) {
        struct lk_span all = {0, (uint32_t)strlen(step->sql)};
        if (step->apart && strstr(words_of(it->mem, step->sql, all), words) != NULL)
            return true;
    }
    return false;
}

/* is_complete returns whether a finding's hint says all that is to be done about its statement:
 * no statement in a body, which the hint takes out of it. */
static bool
is_complete(const struct hints *it, struct advice *advice)
{
    const json_t *about = json_object_get(advice->finding, "statement");
    size_t index = (size_t)json_integer_value(json_object_get(about, "index"));
    const char *file = member(advice->finding, "file");

    if (!lk_ends_with(file, it->file) || index == 0 || index > it->script->statements.count)
        return false;
    advice->statement = it->script->statements.items[index - 1].span;
    struct lk_lexer lexer = lk_lexer_at(it->text, advice->statement);
    struct lk_token first = lk_lex_code(&lexer);
    advice->sql = lk_hint_of(it->mem, advice->hint);
    advice->moves = is_moved(it, advice);
    return advice->sql.whole && advice->sql.steps.count > 0 &&
           !lk_token_is(it->text, first, "do") && !lk_token_is(it->text, first, "select") &&
           !lk_token_is(it->text, first, "call");
}

/* ---- what was there ---- */

/* had returns whether the report about the case has a finding of a rule. */
static bool
had(const struct hints *it, const struct lk_rule *rule)
{
    const json_t *finding;
    size_t index;

    json_array_foreach(it->findings, index, finding)
    {
        const char *hint = member(finding, "hint");
        if (rule_of(finding) == rule)
            return true;
        if (strcmp(rule->name, "require-lock-timeout") == 0 && hint != NULL &&
            strstr(hint, "lock_timeout") != NULL)
            return true; /* that one tells of it */
    }
    return false;
}

static bool
is_meant(const struct advice *advice, const struct lk_rule *next)
{
    for (size_t i = 0; i < LK_ARRAY_SIZE(meant); i++)
        if (strcmp(meant[i].rule, advice->rule) == 0 &&
            (meant[i].next == NULL || strcmp(meant[i].next, next->name) == 0))
            return true;
    return false;
}

/* is_next returns whether a finding in what is advised is one that its reader did not expect. */
static bool
is_next(const struct hints *it, const struct advice *advice, const json_t *finding, bool apart)
{
    const struct lk_rule *rule = rule_of(finding), *own = rule_of(advice->finding);
    bool bounds = strcmp(rule->name, "require-lock-timeout") == 0;

    if (is_meant(advice, rule) || strcmp(rule->name, "unused-suppression") == 0)
        return false;
    if (rule == own)
        return true;
    if (bounds && apart) /* what ended the wait was said in another file */
        return true;
    if (advice->moves)
        return false;
    return !had(it, rule) &&
           (rule->group != LK_GROUP_DESTRUCTIVE || own->group != LK_GROUP_DESTRUCTIVE);
}

/* ---- what is advised ---- */

/* Where the SQL in place of the statement stands. */
struct lines {
    json_int_t first, last;
};

static json_int_t
count_lines(const char *text)
{
    json_int_t count = 0;

    for (; *text != '\0'; text++)
        count += *text == '\n';
    return count;
}

/* place writes the migrations with the advice followed into `dir`, and returns where in the case's
 * file it stands. */
static struct lines
place(const struct hints *it, const struct advice *advice, const char *dir)
{
    struct lk_buf text = lk_buf_init(it->mem);
    const char *rest = it->text + advice->statement.end;
    unsigned number = 2;

    lk_golden_copy(lk_path_join(it->mem, it->dir, it->folder), dir, NULL);
    lk_buf_addn(&text, it->text, advice->statement.start);
    struct lines lines = {count_lines(text.data) + 1, 0};
    lk_vec_foreach(step, &advice->sql.steps) {
        if (!step->apart) {
            lk_buf_add(&text, step->sql);
            lines.last = count_lines(text.data);
            continue;
        }
        const char *name = lk_fmt(it->mem, "%04u_next.sql", ++number);
        lk_golden_write(dir, name, (struct lk_bytes){step->sql, strlen(step->sql)});
    }
    if (number == 2) /* with others in between, what comes then is another story */
        lk_buf_add(&text, rest + (*rest == ';'));
    lk_golden_write(dir, it->file, (struct lk_bytes){text.data, text.len});
    return lines;
}

static void
follow(const struct hints *it, const struct advice *advice)
{
    char *dir = lk_test_dir(it->mem);
    struct lines lines = place(it, advice, lk_path_join(it->mem, dir, it->folder));
    char *line = lk_fmt(it->mem, "lint -f json %s %s", it->options, it->folder);
    struct lk_golden_words words = lk_golden_split(it->mem, line);
    struct lk_output output = lk_golden_run(it->mem, dir, &words, NULL);
    json_t *document = json_loads(output.out, 0, NULL), *finding;
    size_t index;

    if (document == NULL)
        fail_msg("no report: %s", output.err);
    json_array_foreach(json_object_get(document, "findings"), index, finding)
    {
        json_int_t at = json_integer_value(json_object_get(finding, "line"));
        const char *file = member(finding, "file");
        bool here = lk_ends_with(file, it->file) && at >= lines.first && at <= lines.last;
        bool apart = lk_ends_with(file, "_next.sql");
        if ((here || apart) && is_next(it, advice, finding, apart))
            fail_msg("who follows the hint of %s is told by %s:\n%s:%lld: %s\n%s", advice->rule,
                     member(finding, "rule"), file, (long long)at, member(finding, "message"),
                     advice->hint);
    }
    json_decref(document);
}

void
lk_hints_check(TALLOC_CTX *mem, const char *dir, const char *folder, const char *file,
               const char *options, const char *report)
{
    struct hints it = {mem, dir, folder, options, file, NULL, NULL, NULL};
    json_t *document = json_loads(report, 0, NULL), *finding;
    size_t index;

    it.text = lk_golden_read(mem, lk_fmt(mem, "%s/%s/%s", dir, folder, file)).data;
    struct lk_source *source = lk_source_new(mem, "", it.text, strlen(it.text));
    it.script = lk_script_new(mem, source, (struct lk_span){0, source->size});
    lk_script_load(it.script);
    it.findings = json_object_get(document, "findings");
    json_array_foreach(it.findings, index, finding)
    {
        struct advice advice = {
            .finding = finding, .rule = member(finding, "rule"), .hint = member(finding, "hint")};
        if (is_complete(&it, &advice))
            follow(&it, &advice);
    }
    json_decref(document);
}
