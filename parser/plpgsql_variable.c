/*
 * parser/plpgsql_variable.c
 *     Variables that conditions consist of: see plpgsql.h.
 */
#include "parser/lexer.h"
#include "parser/plpgsql.h"

/* A variable that conditions consist of, and where it gets its value. */
struct variable {
    const char *name;
    size_t length;
    size_t givers, giver; /* pieces, by their numbers from 1 */
    size_t declared;
    bool unclear;
};

struct search {
    const struct lk_plpgsql *plpgsql;
    const char *text;
    LK_VEC(struct variable) variables; /* sorted by name */
};

static int
by_name(const void *a, const void *b)
{
    const struct variable *left = a, *right = b;

    if (left->length != right->length)
        return left->length < right->length ? -1 : 1;
    return strncasecmp(left->name, right->name, left->length);
}

/* variable_of returns the variable that a token names, or NULL. */
static struct variable *
variable_of(const struct search *search, struct lk_token token)
{
    struct variable wanted = {.name = search->text + token.span.start,
                              .length = token.span.end - token.span.start};

    if (token.kind != LK_TOKEN_WORD || search->variables.count == 0)
        return NULL;
    return bsearch(&wanted, search->variables.items, search->variables.count, sizeof(wanted),
                   by_name);
}

/* condition_of returns the variable that is all of an arm's condition, or that one negated. */
static struct lk_token
condition_of(const struct search *search, const struct lk_plpgsql_arm *arm, bool *negated)
{
    static const struct lk_token none = {.kind = LK_TOKEN_END};

    if (arm->piece == 0)
        return none;
    struct lk_lexer lexer =
        lk_lexer_at(search->text, search->plpgsql->pieces.items[arm->piece - 1].span);
    struct lk_token name = lk_lex_code(&lexer);
    *negated = lk_token_is(search->text, name, "not");
    if (*negated)
        name = lk_lex_code(&lexer);
    return name.kind == LK_TOKEN_WORD && lk_lex_code(&lexer).kind == LK_TOKEN_END ? name : none;
}

/* piece_at returns the number of the piece that an offset is in, or of the first one behind it. */
static size_t
piece_at(const struct lk_plpgsql *plpgsql, uint32_t offset, bool *inside)
{
    size_t low = 0, high = plpgsql->pieces.count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (plpgsql->pieces.items[middle].span.end <= offset)
            low = middle + 1;
        else
            high = middle;
    }
    *inside = low < plpgsql->pieces.count && offset >= plpgsql->pieces.items[low].span.start;
    return low < plpgsql->pieces.count ? low + 1 : 0;
}

static void
note_giver(struct variable *variable, size_t piece)
{
    variable->givers++;
    variable->giver = piece;
    variable->unclear |= piece == 0;
}

/* is_alone returns whether INTO has the variable as its only target. */
static bool
is_alone(const struct search *search, const struct variable *variable, struct lk_span into)
{
    struct lk_lexer lexer = lk_lexer_at(search->text, into);

    lk_lex_code(&lexer);
    struct lk_token token = lk_lex_code(&lexer);
    if (lk_token_is(search->text, token, "strict"))
        token = lk_lex_code(&lexer);
    return variable_of(search, token) == variable && lk_lex_code(&lexer).kind == LK_TOKEN_END;
}

/* note_use looks at one place where a variable's name stands, and at what is behind it. */
static void
note_use(const struct search *search, struct variable *variable, struct lk_token token,
         struct lk_lexer behind)
{
    bool inside;
    size_t number = piece_at(search->plpgsql, token.span.start, &inside);
    const struct lk_plpgsql_piece *piece =
        number > 0 ? &search->plpgsql->pieces.items[number - 1] : NULL;
    struct lk_lexer start = lk_lexer_at(search->text, piece != NULL ? piece->span : token.span);
    struct lk_token next;

    if (inside) {
        if (token.span.start >= piece->into.start && token.span.start < piece->into.end) {
            note_giver(variable, number);
            variable->unclear |= !is_alone(search, variable, piece->into);
        } else {
            variable->unclear |= lk_token_is(search->text, lk_lex_code(&start), "call");
        }
        return;
    }
    next = lk_lex_code(&behind);
    if (lk_token_is(search->text, next, "boolean") || lk_token_is(search->text, next, "bool")) {
        variable->declared++;
        return;
    }
    bool colon = search->text[next.span.start] == ':';
    if (colon && next.span.end == next.span.start + 1)
        next = lk_lex_code(&behind);
    if (search->text[next.span.end - 1] == '=' && piece != NULL &&
        piece->kind == LK_PLPGSQL_EXPRESSION &&
        lk_lex_code(&behind).span.start == piece->span.start)
        note_giver(variable, number);
    else
        variable->unclear = true;
}

/* is_before returns whether a piece is always carried out before an arm's condition is looked at.
 */
static bool
is_before(const struct lk_plpgsql *plpgsql, size_t giver, const struct lk_plpgsql_arm *arm)
{
    const struct lk_plpgsql_piece *piece = &plpgsql->pieces.items[giver - 1];
    size_t condition = arm->piece;

    if (giver >= condition)
        return false;
    /* an expression is not carried out by itself: nothing may come between */
    for (size_t i = giver; piece->kind == LK_PLPGSQL_EXPRESSION && i + 1 < condition; i++)
        if (plpgsql->pieces.items[i].kind != LK_PLPGSQL_EXPRESSION)
            return false;
    if (!piece->conditional)
        return true;
    for (size_t at = arm->around; at > 0 && piece->arm > 0; at = plpgsql->arms.items[at - 1].around)
        if (at == piece->arm)
            return true;
    return false;
}

/* note_variables fills in the variables that conditions consist of. */
static void
note_variables(TALLOC_CTX *mem, struct search *search)
{
    size_t kept = 0;
    bool negated;

    lk_vec_foreach(arm, &search->plpgsql->arms) {
        struct lk_token name = condition_of(search, arm, &negated);
        if (name.kind == LK_TOKEN_WORD)
            *lk_vec_add(mem, &search->variables) = (struct variable){
                .name = search->text + name.span.start, .length = name.span.end - name.span.start};
    }
    if (search->variables.count == 0)
        return;
    qsort(search->variables.items, search->variables.count, sizeof(struct variable), by_name);
    lk_vec_foreach(variable, &search->variables)
        if (kept == 0 || by_name(variable, &search->variables.items[kept - 1]) != 0)
            search->variables.items[kept++] = *variable;
    search->variables.count = kept;
}

void
lk_plpgsql_find_givers(TALLOC_CTX *mem, struct lk_plpgsql *plpgsql, const char *text,
                       struct lk_span body)
{
    struct search search = {.plpgsql = plpgsql, .text = text};
    struct lk_lexer lexer = lk_lexer_at(text, body);

    note_variables(mem, &search);
    if (search.variables.count == 0)
        return;
    for (struct lk_token token = lk_lex_code(&lexer); token.kind != LK_TOKEN_END;
         token = lk_lex_code(&lexer)) {
        struct variable *variable = variable_of(&search, token);
        if (variable != NULL)
            note_use(&search, variable, token, lexer);
    }
    lk_vec_foreach(arm, &plpgsql->arms) {
        struct lk_token name = condition_of(&search, arm, &arm->negated);
        const struct variable *variable = variable_of(&search, name);
        if (variable != NULL && !variable->unclear && variable->givers == 1 &&
            variable->declared == 1 && is_before(plpgsql, variable->giver, arm))
            arm->giver = variable->giver;
    }
    talloc_free(search.variables.items);
}
