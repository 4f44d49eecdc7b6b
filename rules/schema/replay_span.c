/*
 * rules/schema/replay_span.c
 *     Where the expressions of a statement end, and their texts: see replay_relation.h.
 */
#include "parser/lexer.h"
#include "parser/script.h"
#include "rules/schema/analyze.h"
#include "rules/schema/replay_relation.h"

static struct lk_lexer
lexer_from(const struct lk_catalog *catalog, uint32_t start)
{
    struct lk_span span = {start, LK_MAX(start, catalog->statement->span.end)};

    return lk_lexer_at(catalog->text, span);
}

/* depth_step returns how a token changes the depth of parentheses and brackets. */
static int
depth_step(const char *text, struct lk_token token)
{
    if (token.kind != LK_TOKEN_SYMBOL)
        return 0;
    switch (text[token.span.start]) { /* these are symbols of one character */
    case '(':
    case '[':
        return 1;
    case ')':
    case ']':
        return -1;
    default:
        return 0;
    }
}

struct lk_span
lk_span_item(const struct lk_catalog *catalog, uint32_t *at, uint32_t stop)
{
    struct lk_lexer lexer = lexer_from(catalog, *at);
    struct lk_span span = {0, 0};
    int depth = 0;

    *at = 0;
    for (;;) {
        struct lk_token token = lk_lex_code(&lexer);
        if (token.kind == LK_TOKEN_END || (stop > 0 && token.span.start >= stop) ||
            lk_token_is_symbol(catalog->text, token, ';'))
            break;
        if (depth == 0 && lk_token_is_symbol(catalog->text, token, ',')) {
            *at = token.span.end;
            break;
        }
        depth += depth_step(catalog->text, token);
        if (depth < 0)
            break;
        if (span.end == 0)
            span.start = token.span.start;
        span.end = token.span.end;
    }
    return span;
}

struct lk_span
lk_span_until(const struct lk_catalog *catalog, uint32_t start, uint32_t stop)
{
    return lk_span_item(catalog, &start, stop);
}

struct lk_span
lk_span_parens(const struct lk_catalog *catalog, uint32_t start)
{
    struct lk_lexer lexer = lexer_from(catalog, start);
    struct lk_span span = {0, 0};
    int depth = 0;

    for (;;) {
        struct lk_token token = lk_lex_code(&lexer);
        if (token.kind == LK_TOKEN_END)
            return (struct lk_span){0, 0};
        int step = depth_step(catalog->text, token);
        depth += step;
        if (depth == 0 && step < 0)
            return span;
        if (depth == 0 || (depth == 1 && step > 0 && span.end == 0 &&
                           lk_token_is_symbol(catalog->text, token, '(')))
            continue;
        if (span.end == 0)
            span.start = token.span.start;
        span.end = token.span.end;
    }
}

struct lk_span
lk_span_word(const struct lk_catalog *catalog, uint32_t start, const char *word)
{
    struct lk_lexer lexer = lexer_from(catalog, start);
    int depth = 0;

    for (;;) {
        struct lk_token token = lk_lex_code(&lexer);
        if (token.kind == LK_TOKEN_END)
            return (struct lk_span){0, 0};
        depth += depth_step(catalog->text, token);
        if (depth == 0 && lk_token_is(catalog->text, token, word))
            return token.span;
    }
}

uint32_t
lk_span_behind(const struct lk_catalog *catalog, uint32_t start, const char *word)
{
    struct lk_span found = lk_span_word(catalog, start, word);
    struct lk_lexer lexer = lexer_from(catalog, found.end);

    return found.end > 0 ? lk_lex_code(&lexer).span.start : 0;
}

struct lk_span
lk_span_first(const char *text)
{
    struct lk_lexer lexer = lk_lexer_at(text, (struct lk_span){0, (uint32_t)strlen(text)});

    return lk_lex_code(&lexer).span;
}

uint32_t
lk_span_word_end(const struct lk_catalog *catalog, uint32_t start)
{
    struct lk_lexer lexer = lexer_from(catalog, start);

    return lk_lex_code(&lexer).span.end;
}

/* behind_name returns where the code behind a relation's name starts. */
static uint32_t
behind_name(const struct lk_catalog *catalog, const RangeVar *relation)
{
    struct lk_lexer lexer = lexer_from(catalog, lk_replay_offset(catalog, relation->location));
    struct lk_token token = lk_lex_code(&lexer);

    /* ONLY (name) */
    while (lk_token_is_symbol(catalog->text, token, '('))
        token = lk_lex_code(&lexer);
    token = lk_lex_code(&lexer);
    while (lk_token_is_symbol(catalog->text, token, '.')) {
        lk_lex_code(&lexer);
        token = lk_lex_code(&lexer);
    }
    while (lk_token_is_symbol(catalog->text, token, '*') ||
           lk_token_is_symbol(catalog->text, token, ')'))
        token = lk_lex_code(&lexer);
    return token.span.start;
}

struct lk_span
lk_span_command(const struct lk_catalog *catalog, const RangeVar *relation, int index)
{
    uint32_t at = behind_name(catalog, relation);
    struct lk_span span = lk_span_item(catalog, &at, 0);

    while (index-- > 0) {
        if (at == 0)
            return (struct lk_span){0, 0};
        span = lk_span_item(catalog, &at, 0);
    }
    return span;
}

void
lk_replay_mention(struct lk_catalog *catalog, const struct lk_relation *relation, Node *expression,
                  struct lk_text *text, struct lk_span span)
{
    if (expression != NULL && !IsA(expression, A_Const))
        lk_analyze_expression(catalog, relation, expression, (struct lk_mentions){text, span.start},
                              NULL);
}

struct lk_text *
lk_replay_typed(struct lk_catalog *catalog, const struct lk_relation *relation, Node *expression,
                struct lk_span span, struct lk_typed *ret)
{
    if (span.end <= span.start)
        return NULL;
    struct lk_text *text = lk_replay_text(catalog, span);
    const A_Const *constant = (const A_Const *)expression;
    /* a string becomes anything, and names nothing */
    if (expression != NULL &&
        (!IsA(expression, A_Const) || (!constant->isnull && !IsA(&constant->val, String))))
        *ret = lk_analyze_expression(catalog, relation, expression,
                                     (struct lk_mentions){text, span.start}, NULL);
    return text;
}

struct lk_text *
lk_replay_expression(struct lk_catalog *catalog, const struct lk_relation *relation,
                     Node *expression, struct lk_span span)
{
    if (span.end <= span.start)
        return NULL;
    struct lk_text *text = lk_replay_text(catalog, span);
    lk_replay_mention(catalog, relation, expression, text, span);
    return text;
}

struct lk_text *
lk_text_moved(struct lk_catalog *catalog, const struct lk_text *text,
              const struct lk_relation *from, struct lk_relation *to)
{
    if (text == NULL)
        return NULL;
    struct lk_text *moved = lk_text_plain(catalog->objects, text->sql);
    lk_vec_foreach(item, &text->mentions) {
        struct lk_mention mention = *item;
        if (mention.object != NULL && mention.object->class == LK_CLASS_COLUMN &&
            ((const struct lk_column *)mention.object)->relation == from) {
            struct lk_column *column = lk_relation_column(to, mention.object->name);
            if (column == NULL)
                continue;
            mention.object = &column->object;
        } else if (mention.object == &from->object) {
            mention.object = &to->object;
        }
        lk_text_mention(moved, mention);
    }
    return moved;
}
