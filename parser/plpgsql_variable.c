/*
 * parser/plpgsql_variable.c
 *     Variables that conditions consist of: see plpgsql.h.
 */
#include "parser/lexer.h"
#include "parser/plpgsql.h"

/* Where a variable gets its value. */
struct search {
    const struct lk_plpgsql *plpgsql;
    const char *text;
    struct lk_token name;
    size_t givers, giver; /* pieces, by their numbers from 1 */
    size_t declared;
    bool unclear;
};

static bool
is_name(const struct search *search, struct lk_token token)
{
    uint32_t length = search->name.span.end - search->name.span.start;

    return token.kind == LK_TOKEN_WORD && token.span.end - token.span.start == length &&
           strncasecmp(search->text + token.span.start, search->text + search->name.span.start,
                       length) == 0;
}

/* piece_at returns the number of the piece that an offset is in, or of the first one behind it. */
static size_t
piece_at(const struct lk_plpgsql *plpgsql, uint32_t offset, bool *inside)
{
    for (size_t i = 0; i < plpgsql->pieces.count; i++)
        if (offset < plpgsql->pieces.items[i].span.end) {
            *inside = offset >= plpgsql->pieces.items[i].span.start;
            return i + 1;
        }
    *inside = false;
    return 0;
}

static void
note_giver(struct search *search, size_t piece)
{
    search->givers++;
    search->giver = piece;
    search->unclear |= piece == 0;
}

/* is_alone returns whether INTO has the variable as its only target. */
static bool
is_alone(const struct search *search, struct lk_span into)
{
    struct lk_lexer lexer = lk_lexer_at(search->text, into);

    lk_lex_code(&lexer);
    struct lk_token token = lk_lex_code(&lexer);
    if (lk_token_is(search->text, token, "strict"))
        token = lk_lex_code(&lexer);
    return is_name(search, token) && lk_lex_code(&lexer).kind == LK_TOKEN_END;
}

/* note_use looks at one place where the name stands, and at what is behind it. */
static void
note_use(struct search *search, struct lk_token token, struct lk_lexer behind)
{
    bool inside;
    size_t number = piece_at(search->plpgsql, token.span.start, &inside);
    const struct lk_plpgsql_piece *piece =
        number > 0 ? &search->plpgsql->pieces.items[number - 1] : NULL;
    struct lk_lexer start = lk_lexer_at(search->text, piece != NULL ? piece->span : token.span);
    struct lk_token next;

    if (inside) {
        if (token.span.start >= piece->into.start && token.span.start < piece->into.end) {
            note_giver(search, number);
            search->unclear |= !is_alone(search, piece->into);
        } else {
            search->unclear |= lk_token_is(search->text, lk_lex_code(&start), "call");
        }
        return;
    }
    next = lk_lex_code(&behind);
    if (lk_token_is(search->text, next, "boolean") || lk_token_is(search->text, next, "bool")) {
        search->declared++;
        return;
    }
    bool colon = search->text[next.span.start] == ':';
    if (colon && next.span.end == next.span.start + 1)
        next = lk_lex_code(&behind);
    if (search->text[next.span.end - 1] == '=' && piece != NULL &&
        piece->kind == LK_PLPGSQL_EXPRESSION &&
        lk_lex_code(&behind).span.start == piece->span.start)
        note_giver(search, number);
    else
        search->unclear = true;
}

/* is_before returns whether a piece is always carried out before an arm's condition is looked at.
 */
static bool
is_before(const struct lk_plpgsql *plpgsql, size_t giver, size_t arm)
{
    const struct lk_plpgsql_piece *piece = &plpgsql->pieces.items[giver - 1];
    size_t condition = plpgsql->arms.items[arm - 1].piece;

    if (giver >= condition)
        return false;
    /* an expression is not carried out by itself: nothing may come between */
    for (size_t i = giver; piece->kind == LK_PLPGSQL_EXPRESSION && i + 1 < condition; i++)
        if (plpgsql->pieces.items[i].kind != LK_PLPGSQL_EXPRESSION)
            return false;
    if (!piece->conditional)
        return true;
    for (size_t at = plpgsql->arms.items[arm - 1].around; at > 0 && piece->arm > 0;
         at = plpgsql->arms.items[at - 1].around)
        if (at == piece->arm)
            return true;
    return false;
}

size_t
lk_plpgsql_giver(const struct lk_plpgsql *plpgsql, const char *text, struct lk_span body,
                 size_t arm, bool *negated)
{
    struct search search = {.plpgsql = plpgsql, .text = text};
    const struct lk_plpgsql_piece *condition =
        &plpgsql->pieces.items[plpgsql->arms.items[arm - 1].piece - 1];
    struct lk_lexer lexer = lk_lexer_at(text, condition->span);

    search.name = lk_lex_code(&lexer);
    *negated = lk_token_is(text, search.name, "not");
    if (*negated)
        search.name = lk_lex_code(&lexer);
    if (search.name.kind != LK_TOKEN_WORD || lk_lex_code(&lexer).kind != LK_TOKEN_END)
        return 0;
    lexer = lk_lexer_at(text, body);
    for (struct lk_token token = lk_lex_code(&lexer); token.kind != LK_TOKEN_END;
         token = lk_lex_code(&lexer))
        if (is_name(&search, token))
            note_use(&search, token, lexer);
    return !search.unclear && search.givers == 1 && search.declared == 1 &&
                   is_before(plpgsql, search.giver, arm)
               ? search.giver
               : 0;
}
