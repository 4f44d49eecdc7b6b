/*
 * rules/schema/analyze_token.c
 *     Where the words of the statement at hand are: raw nodes tell only where they start.
 */
#include "parser/script.h"
#include "rules/schema/analyze_private.h"

struct lk_tokens {
    LK_VEC(struct lk_token) items; /* without comments */
};

static struct lk_tokens *
tokens_of(struct lk_catalog *catalog)
{
    if (catalog->tokens != NULL || catalog->statement == NULL || catalog->text == NULL)
        return catalog->tokens;
    struct lk_lexer lexer = lk_lexer_at(catalog->text, catalog->statement->span);
    struct lk_tokens *tokens = lk_new(catalog->statement_mem, struct lk_tokens);
    for (;;) {
        struct lk_token token = lk_lex_code(&lexer);
        if (token.kind == LK_TOKEN_END)
            break;
        lk_vec_push(tokens, &tokens->items, token);
    }
    catalog->tokens = tokens;
    return tokens;
}

size_t
lk_token_index(struct lk_catalog *catalog, int location)
{
    const struct lk_tokens *tokens = tokens_of(catalog);

    if (tokens == NULL || location < 0)
        return SIZE_MAX;
    uint32_t offset = lk_replay_offset(catalog, location);
    size_t low = 0, high = tokens->items.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (tokens->items.items[middle].span.start < offset)
            low = middle + 1;
        else
            high = middle;
    }
    return low < tokens->items.count && tokens->items.items[low].span.start == offset ? low
                                                                                      : SIZE_MAX;
}

size_t
lk_token_count(struct lk_catalog *catalog)
{
    const struct lk_tokens *tokens = tokens_of(catalog);

    return tokens != NULL ? tokens->items.count : 0;
}

struct lk_token
lk_token(struct lk_catalog *catalog, size_t index)
{
    const struct lk_tokens *tokens = tokens_of(catalog);

    if (tokens == NULL || index >= tokens->items.count)
        return (struct lk_token){.kind = LK_TOKEN_END};
    return tokens->items.items[index];
}
