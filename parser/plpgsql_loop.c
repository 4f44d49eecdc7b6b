/*
 * parser/plpgsql_loop.c
 *     Loops of PL/pgSQL, called as the rules of pl_gram.y are: see plpgsql_scan.h.
 */
#include "parser/plpgsql_scan.h"

void
lk_scan_loop(struct lk_scan *scan)
{
    lk_scan_expect_word(scan, "loop");
    lk_scan_branch(scan);
    lk_scan_expect_word(scan, "end");
    lk_scan_expect_word(scan, "loop");
    if (lk_scan_is_identifier(scan))
        lk_scan_advance(scan);
    lk_scan_expect_semicolon(scan);
}

void
lk_scan_while(struct lk_scan *scan)
{
    lk_scan_advance(scan);
    lk_scan_read_expression(scan, LK_AT_LOOP, "LOOP");
    lk_scan_loop(scan);
}

/* is_query returns whether the word at hand starts a query, and is no cursor's name. */
static bool
is_query(const struct lk_scan *scan)
{
    static const char *const verbs[] = {"select", "with",   "values", "table",  "insert",
                                        "update", "delete", "merge",  "explain"};

    if (lk_scan_is_symbol(scan, "("))
        return true;
    for (size_t i = 0; i < LK_ARRAY_SIZE(verbs); i++)
        if (lk_scan_is_word(scan, verbs[i]))
            return true;
    return false;
}

/* for_range reads what stands between IN and LOOP: numbers, a query or a cursor. */
static void
for_range(struct lk_scan *scan)
{
    bool query = is_query(scan);
    size_t pieces = scan->result->pieces.count;

    lk_scan_accept_word(scan, "reverse");
    lk_scan_read_sql(scan, query ? LK_PLPGSQL_SQL : LK_PLPGSQL_EXPRESSION, LK_AT_DOTS | LK_AT_LOOP,
                     "LOOP");
    if (scan->failed)
        return;
    if (lk_scan_accept_symbol(scan, "..")) {
        scan->result->pieces.items[pieces].kind = LK_PLPGSQL_EXPRESSION;
        lk_scan_read_expression(scan, LK_AT_LOOP | LK_AT_BY, "LOOP");
        if (!scan->failed && lk_scan_accept_word(scan, "by"))
            lk_scan_read_expression(scan, LK_AT_LOOP, "LOOP");
    } else if (!query) {
        scan->result->pieces.count = pieces; /* a cursor, perhaps with arguments by name */
    }
}

/* ---- loops over values ---- */

/* is_named returns whether a token is the name of a variable. */
static bool
is_named(const char *text, struct lk_token token, struct lk_span variable)
{
    size_t length = variable.end - variable.start;

    return token.kind == LK_TOKEN_WORD && token.span.end - token.span.start == length &&
           strncasecmp(text + token.span.start, text + variable.start, length) == 0;
}

static bool
is_symbol(const char *text, struct lk_token token, const char *symbol)
{
    size_t length = strlen(symbol);

    return token.kind == LK_TOKEN_SYMBOL && token.span.end - token.span.start == length &&
           memcmp(text + token.span.start, symbol, length) == 0;
}

bool
lk_scan_is_given(const char *text, struct lk_span span, struct lk_span variable)
{
    struct lk_lexer lexer = lk_lexer_at(text, span);
    struct lk_token before = {.kind = LK_TOKEN_END};
    bool target = false; /* in a list of targets */

    for (struct lk_token token = lk_lex_code(&lexer); token.kind != LK_TOKEN_END;
         before = token, token = lk_lex_code(&lexer)) {
        if (lk_token_is(text, token, "into") || lk_token_is(text, token, "for") ||
            lk_token_is(text, token, "foreach") || lk_token_is(text, token, "get") ||
            lk_token_is(text, token, "fetch")) {
            target = true;
        } else if (is_symbol(text, token, ";") || is_symbol(text, token, "(") ||
                   lk_token_is(text, token, "loop")) {
            target = false;
        } else if (is_named(text, token, variable)) {
            struct lk_lexer ahead = lexer;
            struct lk_token next = lk_lex_code(&ahead);
            bool first = before.kind == LK_TOKEN_END || is_symbol(text, before, ";") ||
                         lk_token_is(text, before, "loop") || lk_token_is(text, before, "then") ||
                         lk_token_is(text, before, "else") || lk_token_is(text, before, "begin");
            if (target || is_symbol(text, next, ":=") || (first && is_symbol(text, next, "=")))
                return true;
        }
    }
    return false;
}

/* body_of reads the body of a loop that `values` tells the values of, one for each turn. */
static void
body_of(struct lk_scan *scan, struct lk_span variable, size_t values)
{
    size_t first = scan->result->pieces.count + 1;
    uint32_t start = scan->token.span.start;

    scan->looping = true;
    scan->skips = false;
    lk_scan_loop(scan);
    scan->looping = false;
    if (scan->failed ||
        lk_scan_is_given(scan->text, (struct lk_span){start, scan->last.end}, variable)) {
        for (size_t i = first - 1; i < scan->result->pieces.count; i++)
            scan->result->pieces.items[i].each = false;
        return;
    }
    *lk_vec_add(scan->mem, &scan->result->loops) =
        (struct lk_plpgsql_loop){variable, values, first, scan->result->pieces.count};
}

void
lk_scan_for(struct lk_scan *scan)
{
    bool each = lk_scan_is_word(scan, "foreach");

    lk_scan_advance(scan);
    struct lk_token variable = scan->token;
    do {
        lk_scan_skip_name(scan);
    } while (!scan->failed && lk_scan_accept_symbol(scan, ","));
    bool plain = variable.kind == LK_TOKEN_WORD && scan->last.end == variable.span.end;
    if (each && lk_scan_accept_word(scan, "slice")) {
        lk_scan_advance(scan);
        plain = false;
    }
    lk_scan_expect_word(scan, "in");
    if (each) {
        lk_scan_expect_word(scan, "array");
        lk_scan_read_expression(scan, LK_AT_LOOP, "LOOP");
    } else if (lk_scan_accept_word(scan, "execute")) {
        lk_scan_read_dynamic(scan, LK_AT_LOOP, "LOOP or USING");
        if (!scan->failed && lk_scan_accept_word(scan, "using"))
            lk_scan_read_list(scan, LK_AT_LOOP, ", or LOOP");
        plain = false;
    } else if (!scan->failed) {
        plain &= is_query(scan);
        for_range(scan);
    }
    if (plain && !scan->looping && !scan->failed)
        body_of(scan, variable.span, scan->result->pieces.count);
    else
        lk_scan_loop(scan);
}
