/*
 * rules/features_text.c
 *     Features that the parse tree does not keep, found in the words: see features_private.h.
 */
#include "rules/features_private.h"

#include "parser/lexer.h"

/* lexer_at returns a lexer over the statement from a location on. */
static struct lk_lexer
lexer_at(const struct lk_feature_scan *scan, int location)
{
    uint32_t start = lk_statement_offset(scan->statement, location);

    return lk_lexer_at(scan->text, (struct lk_span){start, scan->statement->span.end});
}

static int
location_of(const struct lk_feature_scan *scan, struct lk_token token)
{
    return (int)(token.span.start - scan->statement->base);
}

/* is_new_number returns whether a number is written as servers before 16 do not read it. */
static bool
is_new_number(const char *text, struct lk_span span)
{
    const char *number = text + span.start;
    size_t length = span.end - span.start;

    return memchr(number, '_', length) != NULL ||
           (length > 2 && number[0] == '0' && strchr("xXoObB", number[1]) != NULL);
}

void
lk_feature_numbers(struct lk_feature_scan *scan)
{
    struct lk_lexer lexer = lexer_at(scan, -1);
    struct lk_token token = {0};

    if (scan->major >= 16)
        return;
    while ((token = lk_lex_code(&lexer)).kind != LK_TOKEN_END) {
        if (token.kind != LK_TOKEN_NUMBER || !is_new_number(scan->text, token.span))
            continue;
        lk_feature_if(scan, true, LK_FEATURE_ID_NUMBER, location_of(scan, token));
        return;
    }
}

/* are_next returns whether the lexer's next tokens are the words; it stands behind them then. */
static bool
are_next(const struct lk_feature_scan *scan, struct lk_lexer *lexer, const char *const *words)
{
    struct lk_lexer ahead = *lexer;

    for (; *words != NULL; words++)
        if (!lk_token_is(scan->text, lk_lex_code(&ahead), *words))
            return false;
    *lexer = ahead;
    return true;
}

bool
lk_feature_follows(const struct lk_feature_scan *scan, int location, const char *const *words)
{
    struct lk_lexer lexer = lexer_at(scan, location);

    lk_lex_code(&lexer);
    return are_next(scan, &lexer, words);
}

bool
lk_feature_has_words(const struct lk_feature_scan *scan, const char *const *words)
{
    struct lk_lexer lexer = lexer_at(scan, -1);

    do {
        if (are_next(scan, &lexer, words))
            return true;
    } while (lk_lex_code(&lexer).kind != LK_TOKEN_END);
    return false;
}

/* step returns how a token changes the depth of parentheses. */
static int
step(const struct lk_feature_scan *scan, struct lk_token token)
{
    if (token.kind != LK_TOKEN_SYMBOL)
        return 0;
    return lk_token_is_symbol(scan->text, token, '(')   ? 1
           : lk_token_is_symbol(scan->text, token, ')') ? -1
                                                        : 0;
}

bool
lk_feature_inside(const struct lk_feature_scan *scan, int location, const char *const *words)
{
    struct lk_lexer lexer = lexer_at(scan, location), before;
    struct lk_token token;
    int depth = 0;

    while ((token = lk_lex_code(&lexer)).kind != LK_TOKEN_END) {
        depth += step(scan, token);
        before = lexer;
        if (depth == 1 && are_next(scan, &before, words))
            return true;
        if (depth == 0 && step(scan, token) < 0)
            return false;
    }
    return false;
}

int
lk_feature_options_end(const struct lk_feature_scan *scan)
{
    struct lk_lexer lexer = lexer_at(scan, -1);
    struct lk_token token;
    int depth = 0;

    lk_lex_code(&lexer);
    do {
        token = lk_lex_code(&lexer);
        depth += step(scan, token);
        if (depth == 0)
            return step(scan, token) < 0 ? location_of(scan, token) : -1;
    } while (token.kind != LK_TOKEN_END);
    return -1;
}

int
lk_feature_enforced(const struct lk_feature_scan *scan, int location)
{
    static const char *const names[] = {"constraint", "references", "index", "tablespace"};
    struct lk_lexer lexer = lexer_at(scan, location);
    struct lk_token token = lk_lex_code(&lexer), before = token;

    for (int depth = 0; token.kind != LK_TOKEN_END && depth >= 0; depth += step(scan, token)) {
        bool is_name = lk_token_is_symbol(scan->text, before, '.');
        for (size_t i = 0; i < LK_ARRAY_SIZE(names); i++)
            is_name |= lk_token_is(scan->text, before, names[i]);
        if (depth == 0 && lk_token_is_symbol(scan->text, token, ','))
            break;
        if (depth == 0 && !is_name && lk_token_is(scan->text, token, "enforced"))
            return location_of(scan, token);
        before = token;
        token = lk_lex_code(&lexer);
    }
    return -1;
}
