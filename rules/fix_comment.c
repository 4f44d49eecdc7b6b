/*
 * rules/fix_comment.c
 *     Fixes of the comments that speak to the tool: see fix.h.
 */
#include "parser/lexer.h"
#include "rules/fix_private.h"

/* is_comment returns whether a span of a text is a comment, and nothing but one. */
static bool
is_comment(const char *text, struct lk_span span)
{
    struct lk_lexer lexer = lk_lexer_at(text, span);
    struct lk_token token = lk_lex(&lexer);

    return token.kind == LK_TOKEN_COMMENT && !token.unterminated &&
           token.span.start == span.start && token.span.end == span.end;
}

/* cut_comment takes a comment out: with its line where it has one of its own. */
static void
cut_comment(struct lk_check *check, struct lk_finding *finding, struct lk_span span)
{
    const char *text = check->source->text;
    uint32_t start = span.start;
    uint32_t next = lk_skip_blanks(text, span.end, check->source->size);
    bool last = next == check->source->size || text[next] == '\n';

    while (start > 0 && lk_skip_blanks(text, start - 1, start) == start)
        start--;
    if (last && (start == 0 || text[start - 1] == '\n'))
        span = (struct lk_span){start, next < check->source->size ? next + 1 : next};
    else if (last)
        span.start = start;
    bool joins = !last && start == span.start && next == span.end;
    lk_fix_replace(check, finding, span, joins ? " " : "");
}

void
lk_fix_unsay(struct lk_check *check, struct lk_finding *finding,
             const struct lk_directive *directive, size_t name)
{
    const struct lk_directive_name *names = directive->names.items;
    struct lk_span span = directive->span;

    /* in a body that is a text with escapes, what was read is not what stands there */
    if (!is_comment(check->source->text, span))
        lk_fix_refuse(check, finding);
    if (name == SIZE_MAX) {
        cut_comment(check, finding, span);
        return;
    }
    span = names[name].span;
    if (name + 1 < directive->names.count)
        span.end = names[name + 1].span.start;
    else if (name > 0)
        span.start = names[name - 1].span.end;
    lk_fix_replace(check, finding, span, "");
}
