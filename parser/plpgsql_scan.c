/*
 * parser/plpgsql_scan.c
 *     Tokens and pieces: see plpgsql_scan.h.
 */
#include "parser/plpgsql_scan.h"

/* ---- tokens ---- */

static void
fail(struct lk_scan *scan, uint32_t at, const char *message)
{
    if (scan->failed)
        return;
    scan->failed = true;
    scan->result->error = message;
    scan->result->error_at = at;
}

void
lk_scan_syntax_error(struct lk_scan *scan)
{
    struct lk_span span = scan->token.span;

    if (scan->failed)
        return;
    if (scan->token.kind == LK_TOKEN_END)
        fail(scan, scan->last.end, "syntax error at end of input");
    else
        fail(scan, span.start,
             lk_fmt(scan->mem, "syntax error at or near \"%.*s\"", (int)(span.end - span.start),
                    scan->text + span.start));
}

void
lk_scan_advance(struct lk_scan *scan)
{
    if (scan->token.kind != LK_TOKEN_END)
        scan->last = scan->token.span;
    do {
        scan->token = lk_lex(&scan->lexer);
        if (!scan->token.unterminated)
            continue;
        const char *what = scan->token.kind == LK_TOKEN_COMMENT  ? "unterminated /* comment"
                           : scan->token.kind == LK_TOKEN_DOLLAR ? "unterminated dollar-quoted "
                                                                   "string"
                           : scan->token.kind == LK_TOKEN_NAME   ? "unterminated quoted identifier"
                                                                 : "unterminated quoted string";
        fail(scan, scan->token.span.start, what);
        scan->token = (struct lk_token){.span = {scan->lexer.end, scan->lexer.end}};
    } while (scan->token.kind == LK_TOKEN_COMMENT);
}

bool
lk_scan_is_word(const struct lk_scan *scan, const char *word)
{
    return lk_token_is(scan->text, scan->token, word);
}

bool
lk_scan_is_symbol(const struct lk_scan *scan, const char *symbol)
{
    struct lk_span span = scan->token.span;

    return scan->token.kind == LK_TOKEN_SYMBOL && span.end - span.start == strlen(symbol) &&
           memcmp(scan->text + span.start, symbol, span.end - span.start) == 0;
}

bool
lk_scan_is_name(const struct lk_scan *scan)
{
    return scan->token.kind == LK_TOKEN_WORD || scan->token.kind == LK_TOKEN_NAME;
}

bool
lk_scan_is_reserved(const struct lk_scan *scan)
{
    static const char *const words[] = {
        "all",  "begin",   "by",     "case", "declare", "else",  "end",  "execute",
        "for",  "foreach", "from",   "if",   "in",      "into",  "loop", "not",
        "null", "or",      "strict", "then", "to",      "using", "when", "while",
    };

    for (size_t i = 0; i < LK_ARRAY_SIZE(words); i++)
        if (lk_scan_is_word(scan, words[i]))
            return true;
    return false;
}

bool
lk_scan_is_identifier(const struct lk_scan *scan)
{
    return lk_scan_is_name(scan) && !lk_scan_is_reserved(scan);
}

bool
lk_scan_is_assignment(const struct lk_scan *scan)
{
    return lk_scan_is_symbol(scan, ":=") || lk_scan_is_symbol(scan, "=");
}

bool
lk_scan_accept_word(struct lk_scan *scan, const char *word)
{
    if (!lk_scan_is_word(scan, word))
        return false;
    lk_scan_advance(scan);
    return true;
}

bool
lk_scan_accept_symbol(struct lk_scan *scan, const char *symbol)
{
    if (!lk_scan_is_symbol(scan, symbol))
        return false;
    lk_scan_advance(scan);
    return true;
}

void
lk_scan_expect_word(struct lk_scan *scan, const char *word)
{
    if (!lk_scan_accept_word(scan, word))
        lk_scan_syntax_error(scan);
}

void
lk_scan_expect_semicolon(struct lk_scan *scan)
{
    if (!lk_scan_accept_symbol(scan, ";"))
        lk_scan_syntax_error(scan);
}

void
lk_scan_skip_statement(struct lk_scan *scan)
{
    while (scan->token.kind != LK_TOKEN_END && !lk_scan_is_symbol(scan, ";"))
        lk_scan_advance(scan);
    lk_scan_expect_semicolon(scan);
}

/* ---- pieces of SQL ---- */

static struct lk_plpgsql_piece *
add_piece(struct lk_scan *scan, enum lk_plpgsql_kind kind, struct lk_span span)
{
    struct lk_plpgsql_piece *piece = lk_vec_add(scan->mem, &scan->result->pieces);

    piece->kind = kind;
    piece->span = span;
    piece->whole = (struct lk_span){scan->statement, span.end};
    piece->conditional = scan->conditions > 0 || scan->left;
    piece->arm = scan->conditions == scan->arms && !scan->left ? scan->arm : 0;
    piece->each = scan->looping && scan->conditions == 1 && !scan->left && !scan->skips;
    return piece;
}

bool
lk_scan_is_end(const struct lk_scan *scan, unsigned ends)
{
    static const struct {
        enum lk_scan_end end;
        const char *word;
    } words[] = {
        {LK_AT_THEN, "then"},   {LK_AT_LOOP, "loop"}, {LK_AT_WHEN, "when"},
        {LK_AT_USING, "using"}, {LK_AT_INTO, "into"}, {LK_AT_BY, "by"},
    };

    if (scan->token.kind == LK_TOKEN_SYMBOL)
        return ((ends & LK_AT_SEMICOLON) && lk_scan_is_symbol(scan, ";")) ||
               ((ends & LK_AT_COMMA) && lk_scan_is_symbol(scan, ",")) ||
               ((ends & LK_AT_DOTS) && lk_scan_is_symbol(scan, ".."));
    for (size_t i = 0; i < LK_ARRAY_SIZE(words); i++)
        if ((ends & words[i].end) && lk_scan_is_word(scan, words[i].word))
            return true;
    return false;
}

void
lk_scan_note_nesting(struct lk_scan *scan, int *depth)
{
    if (lk_scan_is_symbol(scan, "(") || lk_scan_is_symbol(scan, "["))
        ++*depth;
    else if ((lk_scan_is_symbol(scan, ")") || lk_scan_is_symbol(scan, "]")) && --*depth < 0)
        fail(scan, scan->token.span.start, "mismatched parentheses");
}

void
lk_scan_read_sql(struct lk_scan *scan, enum lk_plpgsql_kind kind, unsigned ends,
                 const char *missing)
{
    uint32_t start = scan->token.span.start;
    int depth = 0;

    while (!scan->failed && !(depth == 0 && lk_scan_is_end(scan, ends))) {
        if (scan->token.kind == LK_TOKEN_END || lk_scan_is_symbol(scan, ";")) {
            const char *what = kind == LK_PLPGSQL_SQL ? "statement" : "expression";
            fail(scan, scan->token.kind == LK_TOKEN_END ? scan->last.end : scan->token.span.start,
                 depth > 0 ? "mismatched parentheses"
                           : lk_fmt(scan->mem, "missing \"%s\" at end of SQL %s", missing, what));
            return;
        }
        lk_scan_note_nesting(scan, &depth);
        lk_scan_advance(scan);
    }
    if (scan->failed)
        return;
    if (start == scan->token.span.start)
        fail(scan, start, kind == LK_PLPGSQL_SQL ? "missing SQL statement" : "missing expression");
    else
        add_piece(scan, kind, (struct lk_span){start, scan->last.end});
}

void
lk_scan_read_expression(struct lk_scan *scan, unsigned ends, const char *missing)
{
    lk_scan_read_sql(scan, LK_PLPGSQL_EXPRESSION, ends, missing);
}

void
lk_scan_read_list(struct lk_scan *scan, unsigned ends, const char *missing)
{
    do {
        lk_scan_read_expression(scan, ends | LK_AT_COMMA, missing);
    } while (!scan->failed && lk_scan_accept_symbol(scan, ","));
}

void
lk_scan_skip_name(struct lk_scan *scan)
{
    do {
        if (!lk_scan_is_name(scan) && scan->token.kind != LK_TOKEN_PARAM) {
            lk_scan_syntax_error(scan);
            return;
        }
        lk_scan_advance(scan);
    } while (lk_scan_accept_symbol(scan, "."));
}

void
lk_scan_read_into_target(struct lk_scan *scan)
{
    lk_scan_accept_word(scan, "strict");
    do {
        lk_scan_skip_name(scan);
    } while (!scan->failed && lk_scan_accept_symbol(scan, ","));
}

/* What make_execsql_stmt has to know of the words before. */
struct execsql {
    int parens;
    int begins; /* BEGIN ATOMIC and the CASEs inside that wait for their END */
    unsigned words;
    bool routine; /* CREATE [OR REPLACE] FUNCTION or PROCEDURE */
    bool import;  /* IMPORT FOREIGN SCHEMA ... INTO */
    bool create;
    bool target; /* the last word was INSERT or MERGE, whose INTO is theirs */
};

static void
note_word(const struct lk_scan *scan, struct execsql *state)
{
    if (state->words == 0) {
        state->create = lk_scan_is_word(scan, "create");
        state->import = lk_scan_is_word(scan, "import");
    } else if (state->create && (state->words == 1 || state->words == 3)) {
        state->routine |= lk_scan_is_word(scan, "function") || lk_scan_is_word(scan, "procedure");
    }
    if (state->routine && state->parens == 0) {
        if (lk_scan_is_word(scan, "begin") || (lk_scan_is_word(scan, "case") && state->begins > 0))
            state->begins++;
        else if (lk_scan_is_word(scan, "end") && state->begins > 0)
            state->begins--;
    }
    state->target = lk_scan_is_word(scan, "insert") || lk_scan_is_word(scan, "merge");
    state->words++;
}

void
lk_scan_read_dynamic(struct lk_scan *scan, unsigned ends, const char *missing)
{
    lk_scan_read_sql(scan, LK_PLPGSQL_DYNAMIC, ends | LK_AT_USING, missing);
}

void
lk_scan_execsql(struct lk_scan *scan)
{
    struct execsql state = {0};
    struct lk_span into = {0};
    uint32_t start = scan->token.span.start;

    while (!scan->failed &&
           !(lk_scan_is_symbol(scan, ";") && state.parens == 0 && state.begins == 0)) {
        if (scan->token.kind == LK_TOKEN_END) {
            fail(scan, scan->last.end, "unexpected end of function definition");
            return;
        }
        if (lk_scan_is_word(scan, "into") && !state.target && !state.import) {
            if (into.end > 0)
                fail(scan, scan->token.span.start, "INTO specified more than once");
            into.start = scan->token.span.start;
            lk_scan_advance(scan);
            lk_scan_read_into_target(scan);
            into.end = scan->last.end;
            continue;
        }
        if (scan->token.kind == LK_TOKEN_WORD) {
            note_word(scan, &state);
        } else {
            state.target = false;
            state.parens += lk_scan_is_symbol(scan, "(");
            state.parens -= lk_scan_is_symbol(scan, ")") && state.parens > 0;
        }
        lk_scan_advance(scan);
    }
    if (scan->failed)
        return;
    add_piece(scan, LK_PLPGSQL_SQL, (struct lk_span){start, scan->last.end})->into = into;
    lk_scan_advance(scan);
}
