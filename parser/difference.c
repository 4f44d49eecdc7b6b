/*
 * parser/difference.c
 *     What differs between two texts of a migration: see difference.h.
 */
#include "parser/difference.h"

#include "parser/lexer.h"

/* The tokens of some spans of a text, one after the other. */
struct tokens {
    const struct lk_source *source;
    const struct lk_spans *spans;
    size_t next; /* the span behind the one that is read */
    struct lk_lexer lexer;
};

static struct tokens
tokens_of(const struct lk_source *source, const struct lk_spans *spans)
{
    return (struct tokens){.source = source, .spans = spans};
}

static struct lk_token
next_token(struct tokens *tokens)
{
    struct lk_token token = lk_lex_code(&tokens->lexer);

    while (token.kind == LK_TOKEN_END && tokens->next < tokens->spans->items.count) {
        tokens->lexer =
            lk_lexer_at(tokens->source->text, tokens->spans->items.items[tokens->next++]);
        token = lk_lex_code(&tokens->lexer);
    }
    return token;
}

static bool
same_token(const struct lk_source *left, struct lk_token a, const struct lk_source *right,
           struct lk_token b)
{
    uint32_t length = a.span.end - a.span.start;

    return a.kind == b.kind && length == b.span.end - b.span.start &&
           memcmp(left->text + a.span.start, right->text + b.span.start, length) == 0;
}

/* same_tokens returns whether all tokens are the same; `*ret_at` is the first of `now` that is not.
 */
static bool
same_tokens(const struct lk_source *then, const struct lk_spans *then_spans,
            const struct lk_source *now, const struct lk_spans *now_spans, struct lk_span *ret_at)
{
    struct tokens left = tokens_of(then, then_spans), right = tokens_of(now, now_spans);

    for (;;) {
        struct lk_token a = next_token(&left), b = next_token(&right);
        *ret_at = b.span;
        if (a.kind == LK_TOKEN_END && b.kind == LK_TOKEN_END)
            return true;
        if (!same_token(then, a, now, b))
            return false;
    }
}

struct lk_difference
lk_difference_of(const struct lk_naming *naming, struct lk_source *then, struct lk_source *now)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    struct lk_difference ret = {0};
    struct lk_span at;

    if (then->size == now->size && memcmp(then->original, now->original, now->size) == 0)
        return ret;
    ret.kind = LK_DIFFERENCE_UP;
    if (then->invalid < then->size || now->invalid < now->size || then->insets.items.count > 0 ||
        now->insets.items.count > 0)
        return ret;
    struct lk_parts before = lk_naming_split(scratch, naming, then);
    struct lk_parts after = lk_naming_split(scratch, naming, now);
    if (!same_tokens(then, &before.up, now, &after.up, &ret.at) ||
        before.transaction_off != after.transaction_off)
        return ret;
    ret.at = (struct lk_span){0, 0};
    ret.kind = same_tokens(then, &before.down, now, &after.down, &at) ? LK_DIFFERENCE_LAYOUT
                                                                      : LK_DIFFERENCE_DOWN;
    return ret;
}
