/*
 * rules/rule.c
 *     Reporting: see rule.h.
 */
#include "rules/rule.h"

#include <stdarg.h>

#include "parser/command.h"
#include "parser/lexer.h"
#include "rules/registry.h"

#define EXCERPT_MAX 400 /* bytes of a source line that are kept for people */

static const char *
excerpt(struct lk_check *check, uint32_t line)
{
    struct lk_span span = lk_source_line(check->source, line);
    uint32_t length = LK_MIN(span.end - span.start, EXCERPT_MAX);

    while (length > 0 && span.start + length < check->source->size &&
           (check->source->text[span.start + length] & 0xC0) == 0x80)
        length--;
    return lk_strndup(check->mem, check->source->text + span.start, length);
}

static struct lk_finding *
add_finding(struct lk_check *check, const char *path, uint32_t ordinal, const char *format,
            va_list args)
{
    struct lk_finding *finding = lk_vec_add(check->findings->mem, &check->findings->items);

    finding->rule = check->rule;
    finding->severity = check->settings->rules[lk_rule_index(check->rule)].severity;
    finding->path = path;
    finding->ordinal = ordinal;
    finding->target = UINT32_MAX;
    finding->message = lk_mem_check(talloc_vasprintf(check->mem, format, args));
    return finding;
}

struct lk_finding *
lk_report(struct lk_check *check, struct lk_span span, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    struct lk_finding *finding =
        add_finding(check, check->migration->path, check->migration->ordinal, format, args);
    va_end(args);
    finding->span = span;
    finding->start = lk_source_position(check->source, span.start);
    /* the end is that of the last character */
    finding->end = lk_source_position(check->source, LK_MAX(span.end, span.start + 1) - 1);
    finding->excerpt = excerpt(check, finding->start.line);
    if (check->statement != NULL) {
        finding->statement = check->statement->index + 1;
        finding->target = check->statement->span.start;
        finding->kind = lk_command_tag(check->statement->tree);
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
    finding->detail = lk_mem_check(talloc_vasprintf(check->mem, format, args));
    va_end(args);
}

void
lk_finding_hint(struct lk_check *check, struct lk_finding *finding, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    finding->hint = lk_mem_check(talloc_vasprintf(check->mem, format, args));
    va_end(args);
}

void
lk_finding_object(struct lk_check *check, struct lk_finding *finding, const char *object)
{
    lk_vec_push(check->mem, &finding->objects, lk_strdup(check->mem, object));
}

bool
lk_rule_option(const struct lk_check *check, const char *name)
{
    for (size_t i = 0; i < LK_RULE_MAX_OPTIONS && check->rule->options[i].name != NULL; i++)
        if (strcmp(check->rule->options[i].name, name) == 0)
            return check->settings->rules[lk_rule_index(check->rule)].options[i];
    LK_BUG("rule %s has no option %s", check->rule->name, name);
}

struct lk_span
lk_word_span(const struct lk_check *check, int location)
{
    uint32_t start = lk_statement_offset(check->statement, location);
    struct lk_lexer lexer =
        lk_lexer_at(check->source->text, (struct lk_span){start, check->statement->span.end});

    return (struct lk_span){start, LK_MAX(lk_lex_code(&lexer).span.end, start + 1)};
}
