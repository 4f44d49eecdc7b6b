/*
 * rules/rule.c
 *     Reporting: see rule.h.
 */
#include "rules/rule.h"

#include <stdarg.h>

#include "parser/command.h"
#include "parser/lexer.h"
#include "parser/secret.h"
#include "rules/call.h"
#include "rules/quote.h"
#include "rules/registry.h"

#define EXCERPT_MAX 400    /* bytes of a source line that are kept for people */
#define EXCERPT_BEFORE 100 /* of these, what comes before the finding in a longer line */

/* add_excerpt keeps the line that a finding starts in, or the part of a long one around it. */
static void
add_excerpt(struct lk_check *check, struct lk_source *source, struct lk_finding *finding)
{
    struct lk_span line = lk_source_line(source, finding->start.line);
    uint32_t at = LK_MIN(finding->span.start, line.end);

    if (line.end - line.start > EXCERPT_MAX && at - line.start > EXCERPT_BEFORE)
        line.start = at - EXCERPT_BEFORE;
    while (line.start < at && (source->original[line.start] & 0xC0) == 0x80)
        line.start++;
    uint32_t length = LK_MIN(line.end - line.start, EXCERPT_MAX);
    while (length > 0 && line.start + length < source->size &&
           (source->original[line.start + length] & 0xC0) == 0x80)
        length--;
    char *excerpt = lk_strndup(check->mem, source->original + line.start, length);
    lk_secrets_blot(excerpt, line.start, lk_source_secrets(source));
    finding->excerpt = excerpt;
    finding->excerpt_column = lk_source_position(source, line.start).column;
}

static struct lk_finding *
add_finding(struct lk_check *check, const char *path, uint32_t ordinal, const char *format,
            va_list args)
{
    struct lk_finding *finding = lk_vec_add(check->findings->mem, &check->findings->items);

    finding->rule = check->rule;
    finding->severity = lk_settings_severity(check->settings, check->rule, path);
    finding->path = path;
    finding->ordinal = ordinal;
    finding->target = finding->outer = UINT32_MAX;
    finding->message = lk_vfmt(check->mem, format, args);
    return finding;
}

struct lk_finding *
lk_report(struct lk_check *check, struct lk_span span, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    struct lk_place place = lk_source_place(check->source, span);
    bool included = strcmp(place.file->path, check->migration->path) != 0;
    const char *path = included ? lk_strdup(check->mem, place.file->path) : check->migration->path;
    struct lk_finding *finding = add_finding(check, path, check->migration->ordinal, format, args);
    va_end(args);
    if (check->call != NULL)
        finding->message = lk_fmt(check->mem, "%s: %s", lk_call_place(check), finding->message);
    finding->included = included;
    finding->span = place.span;
    finding->start = lk_source_position(place.file, place.span.start);
    /* the end is that of the last character */
    finding->end = lk_source_position(place.file, LK_MAX(place.span.end, place.span.start + 1) - 1);
    add_excerpt(check, place.file, finding);
    if (check->settings->quotes)
        lk_quote_bytes(place.file, finding);
    if (check->statement != NULL) {
        finding->statement = check->statement->index + 1;
        finding->target = lk_source_span(check->source, check->statement->span).start;
        finding->kind = lk_command_tag(check->statement->tree);
        if (check->settings->quotes)
            finding->quote = lk_quote_statement(check, finding);
    }
    if (check->nested != NULL) {
        const struct lk_statement *outer =
            &check->script->statements.items[check->statement->index];
        finding->outer = outer->span.start;
        if (check->statement->tree == NULL)
            finding->kind = lk_command_tag(outer->tree);
    }
    return finding;
}

struct lk_finding *
lk_report_file(struct lk_check *check, const char *path, uint32_t ordinal, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    struct lk_finding *finding = add_finding(check, path, ordinal, format, args);
    va_end(args);
    finding->start = finding->end = (struct lk_position){1, 1};
    return finding;
}

void
lk_finding_detail(struct lk_check *check, struct lk_finding *finding, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    finding->detail = lk_vfmt(check->mem, format, args);
    va_end(args);
}

/* set_hint makes a text the hint of a finding, behind another one. */
static void
set_hint(struct lk_check *check, struct lk_finding *finding, const char *before, const char *format,
         va_list args)
{
    char *hint = lk_vfmt(check->mem, format, args);

    finding->hint = before[0] == '\0' ? hint : lk_fmt(check->mem, "%s%s", before, hint);
}

void
lk_finding_hint(struct lk_check *check, struct lk_finding *finding, const char *format, ...)
{
    const char *where =
        check->call != NULL ? lk_fmt(check->mem, "-- %s:\n", lk_call_place(check)) : "";
    va_list args;

    va_start(args, format);
    set_hint(check, finding, where, format, args);
    va_end(args);
}

void
lk_finding_hint_marked(struct lk_check *check, struct lk_finding *finding, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    set_hint(check, finding, "", format, args);
    va_end(args);
}

void
lk_finding_object(struct lk_check *check, struct lk_finding *finding, const char *object)
{
    lk_vec_push(check->mem, &finding->objects, lk_strdup(check->mem, object));
}

/* option_of returns what an option of the rule at hand is set to for a file. */
static struct lk_option_value
option_of(const struct lk_check *check, const char *name, const char *path)
{
    for (size_t i = 0; i < LK_RULE_MAX_OPTIONS && check->rule->options[i].name != NULL; i++)
        if (strcmp(check->rule->options[i].name, name) == 0)
            return lk_settings_option(check->settings, check->rule, i, path);
    LK_BUG("rule %s has no option %s", check->rule->name, name);
}

bool
lk_rule_option(const struct lk_check *check, const char *name)
{
    return option_of(check, name, check->migration->path).number != 0;
}

int64_t
lk_rule_number(const struct lk_check *check, const char *name)
{
    return option_of(check, name, check->migration->path).number;
}

const char *const *
lk_rule_list(const struct lk_check *check, const char *name)
{
    return option_of(check, name, check->migration->path).list;
}

const char *
lk_rule_string(const struct lk_check *check, const char *name, const char *path)
{
    return option_of(check, name, path).text;
}

struct lk_finding *
lk_report_refusal(struct lk_check *check, const struct lk_refusal *refusal)
{
    struct lk_span span =
        refusal->location >= 0 ? lk_word_span(check, refusal->location) : check->statement->span;
    struct lk_finding *finding = lk_report(check, span, "%s", refusal->message);

    lk_finding_detail(check, finding, "The server refuses the statement with SQLSTATE %s.",
                      refusal->sqlstate);
    if (refusal->name != NULL)
        lk_finding_object(check, finding, refusal->name);
    return finding;
}

struct lk_span
lk_word_span(const struct lk_check *check, int location)
{
    uint32_t start = lk_statement_offset(check->statement, location);
    struct lk_lexer lexer =
        lk_lexer_at(check->source->text, (struct lk_span){start, check->statement->span.end});
    uint32_t end = lk_lex_code(&lexer).span.end;

    return (struct lk_span){start, LK_MAX(end, start + 1)};
}
