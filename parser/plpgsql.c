/*
 * parser/plpgsql.c
 *     Reading PL/pgSQL: see plpgsql.h. Functions are called as the rules of pl_gram.y are, where
 *     they do the same.
 */
#include "parser/plpgsql.h"

#include "parser/lexer.h"

#define MAX_DEPTH 200 /* of blocks in blocks: deeper ones are not read */

/* What an expression or a statement can end at, outside of parentheses. */
enum end {
    AT_SEMICOLON = 1,
    AT_COMMA = 2,
    AT_THEN = 4,
    AT_LOOP = 8,
    AT_WHEN = 16,
    AT_USING = 32,
    AT_INTO = 64,
    AT_BY = 128,
    AT_DOTS = 256,
};

struct scan {
    TALLOC_CTX *mem;
    const char *text;
    struct lk_lexer lexer; /* behind the token at hand */
    struct lk_token token; /* at hand */
    struct lk_span last;   /* of the token before */
    uint32_t statement;    /* where the PL/pgSQL statement at hand starts */
    unsigned depth;        /* of statements that hold others */
    unsigned conditions;   /* those of them that need not be entered */
    bool left;             /* a RETURN or EXIT before may have ended the block */
    bool failed;
    struct lk_plpgsql *result;
};

/* ---- tokens ---- */

static void
fail(struct scan *scan, uint32_t at, const char *message)
{
    if (scan->failed)
        return;
    scan->failed = true;
    scan->result->error = message;
    scan->result->error_at = at;
}

static void
syntax_error(struct scan *scan)
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

static void
advance(struct scan *scan)
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

static bool
is_word(const struct scan *scan, const char *word)
{
    return lk_token_is(scan->text, scan->token, word);
}

static bool
is_symbol(const struct scan *scan, const char *symbol)
{
    struct lk_span span = scan->token.span;

    return scan->token.kind == LK_TOKEN_SYMBOL && span.end - span.start == strlen(symbol) &&
           memcmp(scan->text + span.start, symbol, span.end - span.start) == 0;
}

static bool
is_name(const struct scan *scan)
{
    return scan->token.kind == LK_TOKEN_WORD || scan->token.kind == LK_TOKEN_NAME;
}

/* is_reserved returns whether the word at hand is one that no variable can have for a name. */
static bool
is_reserved(const struct scan *scan)
{
    static const char *const words[] = {
        "all",  "begin",   "by",     "case", "declare", "else",  "end",  "execute",
        "for",  "foreach", "from",   "if",   "in",      "into",  "loop", "not",
        "null", "or",      "strict", "then", "to",      "using", "when", "while",
    };

    for (size_t i = 0; i < LK_ARRAY_SIZE(words); i++)
        if (is_word(scan, words[i]))
            return true;
    return false;
}

/* is_identifier returns whether a word is at hand that the language does not reserve. */
static bool
is_identifier(const struct scan *scan)
{
    return is_name(scan) && !is_reserved(scan);
}

static bool
is_assignment(const struct scan *scan)
{
    return is_symbol(scan, ":=") || is_symbol(scan, "=");
}

static bool
accept_word(struct scan *scan, const char *word)
{
    if (!is_word(scan, word))
        return false;
    advance(scan);
    return true;
}

static bool
accept_symbol(struct scan *scan, const char *symbol)
{
    if (!is_symbol(scan, symbol))
        return false;
    advance(scan);
    return true;
}

static void
expect_word(struct scan *scan, const char *word)
{
    if (!accept_word(scan, word))
        syntax_error(scan);
}

static void
expect_semicolon(struct scan *scan)
{
    if (!accept_symbol(scan, ";"))
        syntax_error(scan);
}

/* skip_statement moves behind the next semicolon: what is before it is not looked at. */
static void
skip_statement(struct scan *scan)
{
    while (scan->token.kind != LK_TOKEN_END && !is_symbol(scan, ";"))
        advance(scan);
    expect_semicolon(scan);
}

/* ---- pieces of SQL ---- */

static struct lk_plpgsql_piece *
add_piece(struct scan *scan, enum lk_plpgsql_kind kind, struct lk_span span)
{
    struct lk_plpgsql_piece *piece = lk_vec_add(scan->mem, &scan->result->pieces);

    piece->kind = kind;
    piece->span = span;
    piece->whole = (struct lk_span){scan->statement, span.end};
    piece->conditional = scan->conditions > 0 || scan->left;
    return piece;
}

/* is_end returns whether the token at hand is one of `ends`. */
static bool
is_end(const struct scan *scan, unsigned ends)
{
    static const struct {
        enum end end;
        const char *word;
    } words[] = {
        {AT_THEN, "then"},   {AT_LOOP, "loop"}, {AT_WHEN, "when"},
        {AT_USING, "using"}, {AT_INTO, "into"}, {AT_BY, "by"},
    };

    if (scan->token.kind == LK_TOKEN_SYMBOL)
        return ((ends & AT_SEMICOLON) && is_symbol(scan, ";")) ||
               ((ends & AT_COMMA) && is_symbol(scan, ",")) ||
               ((ends & AT_DOTS) && is_symbol(scan, ".."));
    for (size_t i = 0; i < LK_ARRAY_SIZE(words); i++)
        if ((ends & words[i].end) && is_word(scan, words[i].word))
            return true;
    return false;
}

/* note_nesting counts parentheses and brackets; one that closes nothing is an error. */
static void
note_nesting(struct scan *scan, int *depth)
{
    if (is_symbol(scan, "(") || is_symbol(scan, "["))
        ++*depth;
    else if ((is_symbol(scan, ")") || is_symbol(scan, "]")) && --*depth < 0)
        fail(scan, scan->token.span.start, "mismatched parentheses");
}

/*
 * read_sql reads up to one of `ends` and adds what is there as a piece. `missing` is what the
 * server says is missing when it meets a semicolon first (read_sql_construct).
 */
static void
read_sql(struct scan *scan, enum lk_plpgsql_kind kind, unsigned ends, const char *missing)
{
    uint32_t start = scan->token.span.start;
    int depth = 0;

    while (!scan->failed && !(depth == 0 && is_end(scan, ends))) {
        if (scan->token.kind == LK_TOKEN_END || is_symbol(scan, ";")) {
            const char *what = kind == LK_PLPGSQL_SQL ? "statement" : "expression";
            fail(scan, scan->token.kind == LK_TOKEN_END ? scan->last.end : scan->token.span.start,
                 depth > 0 ? "mismatched parentheses"
                           : lk_fmt(scan->mem, "missing \"%s\" at end of SQL %s", missing, what));
            return;
        }
        note_nesting(scan, &depth);
        advance(scan);
    }
    if (scan->failed)
        return;
    if (start == scan->token.span.start)
        fail(scan, start, kind == LK_PLPGSQL_SQL ? "missing SQL statement" : "missing expression");
    else
        add_piece(scan, kind, (struct lk_span){start, scan->last.end});
}

static void
read_expression(struct scan *scan, unsigned ends, const char *missing)
{
    read_sql(scan, LK_PLPGSQL_EXPRESSION, ends, missing);
}

/* read_list reads expressions between commas, up to one of `ends`. */
static void
read_list(struct scan *scan, unsigned ends, const char *missing)
{
    do {
        read_expression(scan, ends | AT_COMMA, missing);
    } while (!scan->failed && accept_symbol(scan, ","));
}

/* skip_name moves behind a variable or a qualified name. */
static void
skip_name(struct scan *scan)
{
    do {
        if (!is_name(scan) && scan->token.kind != LK_TOKEN_PARAM) {
            syntax_error(scan);
            return;
        }
        advance(scan);
    } while (accept_symbol(scan, "."));
}

/* read_into_target moves behind INTO's targets. */
static void
read_into_target(struct scan *scan)
{
    accept_word(scan, "strict");
    do {
        skip_name(scan);
    } while (!scan->failed && accept_symbol(scan, ","));
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
note_word(const struct scan *scan, struct execsql *state)
{
    if (state->words == 0) {
        state->create = is_word(scan, "create");
        state->import = is_word(scan, "import");
    } else if (state->create && (state->words == 1 || state->words == 3)) {
        state->routine |= is_word(scan, "function") || is_word(scan, "procedure");
    }
    if (state->routine && state->parens == 0) {
        if (is_word(scan, "begin") || (is_word(scan, "case") && state->begins > 0))
            state->begins++;
        else if (is_word(scan, "end") && state->begins > 0)
            state->begins--;
    }
    state->target = is_word(scan, "insert") || is_word(scan, "merge");
    state->words++;
}

/* execsql reads a statement of SQL, and whose INTO is PL/pgSQL's (make_execsql_stmt). */
static void
stmt_execsql(struct scan *scan)
{
    struct execsql state = {0};
    struct lk_span into = {0};
    uint32_t start = scan->token.span.start;

    while (!scan->failed && !(is_symbol(scan, ";") && state.parens == 0 && state.begins == 0)) {
        if (scan->token.kind == LK_TOKEN_END) {
            fail(scan, scan->last.end, "unexpected end of function definition");
            return;
        }
        if (is_word(scan, "into") && !state.target && !state.import) {
            if (into.end > 0)
                fail(scan, scan->token.span.start, "INTO specified more than once");
            into.start = scan->token.span.start;
            advance(scan);
            read_into_target(scan);
            into.end = scan->last.end;
            continue;
        }
        if (scan->token.kind == LK_TOKEN_WORD) {
            note_word(scan, &state);
        } else {
            state.target = false;
            state.parens += is_symbol(scan, "(");
            state.parens -= is_symbol(scan, ")") && state.parens > 0;
        }
        advance(scan);
    }
    if (scan->failed)
        return;
    add_piece(scan, LK_PLPGSQL_SQL, (struct lk_span){start, scan->last.end})->into = into;
    advance(scan);
}

/* ---- statements ---- */

static void statements(struct scan *scan);

/* enter counts a statement that holds others, and returns whether it is to be read at all. */
static bool
enter(struct scan *scan)
{
    if (scan->failed)
        return false;
    if (scan->depth < MAX_DEPTH) {
        scan->depth++;
        return true;
    }
    scan->failed = true; /* without an error: nothing is known of the rest */
    return false;
}

/* branch reads statements that need not be reached. */
static void
branch(struct scan *scan)
{
    scan->conditions++;
    statements(scan);
    scan->conditions--;
}

static void
stmt_if(struct scan *scan)
{
    do {
        advance(scan); /* IF, ELSIF, ELSEIF */
        read_expression(scan, AT_THEN, "THEN");
        if (scan->failed)
            return;
        advance(scan);
        branch(scan);
    } while (!scan->failed && (is_word(scan, "elsif") || is_word(scan, "elseif")));
    if (accept_word(scan, "else"))
        branch(scan);
    expect_word(scan, "end");
    expect_word(scan, "if");
    expect_semicolon(scan);
}

static void
stmt_case(struct scan *scan)
{
    advance(scan);
    if (!is_word(scan, "when"))
        read_expression(scan, AT_WHEN, "WHEN");
    if (!is_word(scan, "when"))
        syntax_error(scan);
    while (!scan->failed && accept_word(scan, "when")) {
        read_expression(scan, AT_THEN, "THEN");
        if (scan->failed)
            return;
        advance(scan);
        branch(scan);
    }
    if (accept_word(scan, "else"))
        branch(scan);
    expect_word(scan, "end");
    expect_word(scan, "case");
    expect_semicolon(scan);
}

/* loop_body reads from LOOP to the semicolon behind END LOOP [label]. */
static void
loop_body(struct scan *scan)
{
    expect_word(scan, "loop");
    branch(scan);
    expect_word(scan, "end");
    expect_word(scan, "loop");
    if (is_identifier(scan))
        advance(scan);
    expect_semicolon(scan);
}

static void
stmt_while(struct scan *scan)
{
    advance(scan);
    read_expression(scan, AT_LOOP, "LOOP");
    loop_body(scan);
}

/* is_query returns whether the word at hand starts a query, and is no cursor's name. */
static bool
is_query(const struct scan *scan)
{
    static const char *const verbs[] = {"select", "with",   "values", "table",  "insert",
                                        "update", "delete", "merge",  "explain"};

    if (is_symbol(scan, "("))
        return true;
    for (size_t i = 0; i < LK_ARRAY_SIZE(verbs); i++)
        if (is_word(scan, verbs[i]))
            return true;
    return false;
}

/* for_range reads what stands between IN and LOOP: numbers, a query or a cursor. */
static void
for_range(struct scan *scan)
{
    bool query = is_query(scan);
    size_t pieces = scan->result->pieces.count;

    accept_word(scan, "reverse");
    read_sql(scan, query ? LK_PLPGSQL_SQL : LK_PLPGSQL_EXPRESSION, AT_DOTS | AT_LOOP, "LOOP");
    if (scan->failed)
        return;
    if (accept_symbol(scan, "..")) {
        scan->result->pieces.items[pieces].kind = LK_PLPGSQL_EXPRESSION;
        read_expression(scan, AT_LOOP | AT_BY, "LOOP");
        if (!scan->failed && accept_word(scan, "by"))
            read_expression(scan, AT_LOOP, "LOOP");
    } else if (!query) {
        scan->result->pieces.count = pieces; /* a cursor, perhaps with arguments by name */
    }
}

static void
read_dynamic(struct scan *scan, unsigned ends, const char *missing)
{
    read_sql(scan, LK_PLPGSQL_DYNAMIC, ends | AT_USING, missing);
}

static void
stmt_for(struct scan *scan)
{
    bool each = is_word(scan, "foreach");

    advance(scan);
    do {
        skip_name(scan);
    } while (!scan->failed && accept_symbol(scan, ","));
    if (each && accept_word(scan, "slice"))
        advance(scan);
    expect_word(scan, "in");
    if (each) {
        expect_word(scan, "array");
        read_expression(scan, AT_LOOP, "LOOP");
    } else if (accept_word(scan, "execute")) {
        read_dynamic(scan, AT_LOOP, "LOOP or USING");
        if (!scan->failed && accept_word(scan, "using"))
            read_list(scan, AT_LOOP, ", or LOOP");
    } else if (!scan->failed) {
        for_range(scan);
    }
    loop_body(scan);
}

static void
stmt_exit(struct scan *scan)
{
    advance(scan);
    if (is_identifier(scan)) {
        scan->left = true; /* the label can be a block's */
        advance(scan);
    }
    if (accept_word(scan, "when"))
        read_expression(scan, AT_SEMICOLON, ";");
    expect_semicolon(scan);
}

/* using_to_end reads [USING expressions] and the semicolon. */
static void
using_to_end(struct scan *scan)
{
    if (!scan->failed && accept_word(scan, "using"))
        read_list(scan, AT_SEMICOLON, ";");
    expect_semicolon(scan);
}

static void
stmt_return(struct scan *scan)
{
    advance(scan);
    if (accept_word(scan, "query")) {
        if (accept_word(scan, "execute")) {
            read_dynamic(scan, AT_SEMICOLON, ";");
            using_to_end(scan);
            return;
        }
        if (!is_symbol(scan, ";"))
            read_sql(scan, LK_PLPGSQL_SQL, AT_SEMICOLON, ";");
        expect_semicolon(scan);
        return;
    }
    bool next = accept_word(scan, "next");
    if (!is_symbol(scan, ";"))
        read_expression(scan, AT_SEMICOLON, ";");
    scan->left |= !next;
    expect_semicolon(scan);
}

/* raise_options reads what follows USING: name = expression, ... */
static void
raise_options(struct scan *scan)
{
    do {
        if (!is_name(scan)) {
            syntax_error(scan);
            return;
        }
        advance(scan);
        if (!is_assignment(scan)) {
            syntax_error(scan);
            return;
        }
        advance(scan);
        read_expression(scan, AT_COMMA | AT_SEMICOLON, ", or ;");
    } while (!scan->failed && accept_symbol(scan, ","));
}

static void
stmt_raise(struct scan *scan)
{
    static const char *const levels[] = {"exception", "warning", "notice", "info", "log", "debug"};

    advance(scan);
    for (size_t i = 0; i < LK_ARRAY_SIZE(levels); i++)
        if (accept_word(scan, levels[i]))
            break;
    if (scan->token.kind == LK_TOKEN_STRING || scan->token.kind == LK_TOKEN_DOLLAR) {
        advance(scan);
        if (!is_end(scan, AT_COMMA | AT_SEMICOLON | AT_USING))
            syntax_error(scan);
        if (accept_symbol(scan, ","))
            read_list(scan, AT_SEMICOLON | AT_USING, ", or ; or USING");
    } else if (!is_word(scan, "using")) { /* a condition's name, or SQLSTATE '...' */
        while (is_name(scan) && !is_word(scan, "using"))
            advance(scan);
        if (scan->token.kind == LK_TOKEN_STRING)
            advance(scan);
    }
    if (!scan->failed && accept_word(scan, "using"))
        raise_options(scan);
    expect_semicolon(scan);
}

static void
stmt_assert(struct scan *scan)
{
    advance(scan);
    read_list(scan, AT_SEMICOLON, ", or ;");
    expect_semicolon(scan);
}

static void
stmt_dynexecute(struct scan *scan)
{
    advance(scan);
    read_dynamic(scan, AT_INTO | AT_SEMICOLON, "INTO or USING or ;");
    while (!scan->failed && !is_symbol(scan, ";")) {
        if (accept_word(scan, "into"))
            read_into_target(scan);
        else if (accept_word(scan, "using"))
            read_list(scan, AT_INTO | AT_SEMICOLON, ", or ; or INTO");
        else
            syntax_error(scan);
    }
    expect_semicolon(scan);
}

static void
stmt_open(struct scan *scan)
{
    advance(scan);
    skip_name(scan);
    if (is_symbol(scan, ";") || is_symbol(scan, "(")) { /* a bound cursor and its arguments */
        skip_statement(scan);
        return;
    }
    accept_word(scan, "no");
    accept_word(scan, "scroll");
    expect_word(scan, "for");
    if (accept_word(scan, "execute")) {
        read_dynamic(scan, AT_SEMICOLON, "USING or ;");
        using_to_end(scan);
        return;
    }
    read_sql(scan, LK_PLPGSQL_SQL, AT_SEMICOLON, ";");
    expect_semicolon(scan);
}

static void
stmt_null(struct scan *scan)
{
    advance(scan);
    expect_semicolon(scan);
}

/* stmt_perform also reads CALL and DO, which go to the server as they are. */
static void
stmt_perform(struct scan *scan)
{
    read_sql(scan, is_word(scan, "perform") ? LK_PLPGSQL_PERFORM : LK_PLPGSQL_SQL, AT_SEMICOLON,
             ";");
    expect_semicolon(scan);
}

/* ---- blocks ---- */

/* decl_cursor reads what follows CURSOR: [(arguments)] FOR query; IS is an old word for FOR. */
static void
decl_cursor(struct scan *scan)
{
    int depth = 0;

    while (!scan->failed && !(depth == 0 && (is_word(scan, "for") || is_word(scan, "is")))) {
        if (scan->token.kind == LK_TOKEN_END || is_symbol(scan, ";")) {
            syntax_error(scan);
            return;
        }
        note_nesting(scan, &depth);
        advance(scan);
    }
    advance(scan);
    read_sql(scan, LK_PLPGSQL_SQL, AT_SEMICOLON, ";");
    expect_semicolon(scan);
}

/* decl_stmt reads one declaration; its type is not looked at. */
static void
decl_stmt(struct scan *scan)
{
    int depth = 0;

    scan->statement = scan->token.span.start;
    if (!is_identifier(scan)) {
        syntax_error(scan);
        return;
    }
    advance(scan);
    struct scan ahead = *scan;
    accept_word(&ahead, "no");
    accept_word(&ahead, "scroll");
    if (!ahead.failed && is_word(&ahead, "cursor")) {
        *scan = ahead;
        advance(scan);
        decl_cursor(scan);
        return;
    }
    while (!scan->failed && !is_symbol(scan, ";")) {
        if (scan->token.kind == LK_TOKEN_END) {
            syntax_error(scan);
            return;
        }
        if (depth == 0 && (is_assignment(scan) || is_word(scan, "default"))) {
            advance(scan);
            read_expression(scan, AT_SEMICOLON, ";");
            break;
        }
        note_nesting(scan, &depth);
        advance(scan);
    }
    expect_semicolon(scan);
}

static void
decl_stmts(struct scan *scan)
{
    while (!scan->failed && !is_word(scan, "begin")) {
        if (!accept_word(scan, "declare"))
            decl_stmt(scan);
    }
}

/* exception_sect reads the handlers of a block; what they guard is taken back before they run. */
static void
exception_sect(struct scan *scan, size_t first)
{
    for (size_t i = first; i < scan->result->pieces.count; i++)
        scan->result->pieces.items[i].conditional = true;
    if (!is_word(scan, "when"))
        syntax_error(scan);
    while (!scan->failed && accept_word(scan, "when")) {
        while (!scan->failed && !is_word(scan, "then")) {
            if (scan->token.kind == LK_TOKEN_END || is_symbol(scan, ";"))
                syntax_error(scan);
            advance(scan);
        }
        advance(scan);
        branch(scan);
    }
}

/* pl_block reads from DECLARE or BEGIN to END [label]. */
static void
pl_block(struct scan *scan)
{
    if (accept_word(scan, "declare"))
        decl_stmts(scan);
    expect_word(scan, "begin");
    size_t first = scan->result->pieces.count;
    statements(scan);
    if (!scan->failed && accept_word(scan, "exception"))
        exception_sect(scan, first);
    expect_word(scan, "end");
    if (is_identifier(scan))
        advance(scan);
}

static void
stmt_block(struct scan *scan)
{
    pl_block(scan);
    expect_semicolon(scan);
}

static void
label(struct scan *scan)
{
    advance(scan);
    if (!is_name(scan))
        syntax_error(scan);
    advance(scan);
    if (!accept_symbol(scan, ">>"))
        syntax_error(scan);
}

/*
 * stmt_assign reads an assignment and returns whether there is one: a name that := or = follows,
 * at once or behind the fields and subscripts of its target.
 */
static bool
stmt_assign(struct scan *scan)
{
    struct scan ahead = *scan;
    int depth = 0;

    if ((!is_name(scan) && scan->token.kind != LK_TOKEN_PARAM) || is_reserved(scan))
        return false;
    advance(&ahead);
    if (!is_assignment(&ahead) && !is_symbol(&ahead, ".") && !is_symbol(&ahead, "["))
        return false;
    while (!(depth == 0 && is_assignment(&ahead))) {
        if (ahead.token.kind == LK_TOKEN_END || is_symbol(&ahead, ";") || depth < 0)
            return false;
        depth += is_symbol(&ahead, "[") || is_symbol(&ahead, "(");
        depth -= is_symbol(&ahead, "]") || is_symbol(&ahead, ")");
        advance(&ahead);
    }
    *scan = ahead;
    advance(scan);
    if (!is_symbol(scan, ";")) /* without a value it fails, but not before it is reached */
        read_expression(scan, AT_SEMICOLON, ";");
    expect_semicolon(scan);
    return true;
}

static void
statement(struct scan *scan)
{
    static const struct {
        const char *word;
        void (*read)(struct scan *scan);
    } kinds[] = {
        {"if", stmt_if},
        {"return", stmt_return},
        {"raise", stmt_raise},
        {"execute", stmt_dynexecute},
        {"perform", stmt_perform},
        {"for", stmt_for},
        {"foreach", stmt_for},
        {"loop", loop_body},
        {"while", stmt_while},
        {"begin", stmt_block},
        {"declare", stmt_block},
        {"case", stmt_case},
        {"exit", stmt_exit},
        {"continue", stmt_exit},
        {"assert", stmt_assert},
        {"get", skip_statement},
        {"open", stmt_open},
        {"fetch", skip_statement},
        {"move", skip_statement},
        {"close", skip_statement},
        {"null", stmt_null},
        {"call", stmt_perform},
        {"do", stmt_perform},
        {"commit", stmt_perform},
        {"rollback", stmt_perform},
    };

    scan->statement = scan->token.span.start;
    if (is_symbol(scan, "<<"))
        label(scan);
    if (stmt_assign(scan))
        return;
    for (size_t i = 0; i < LK_ARRAY_SIZE(kinds); i++) {
        if (!is_word(scan, kinds[i].word))
            continue;
        if (enter(scan)) {
            kinds[i].read(scan);
            scan->depth--;
        }
        return;
    }
    if (is_identifier(scan))
        stmt_execsql(scan);
    else
        syntax_error(scan);
}

/* statements reads up to a word that ends a section of statements. */
static void
statements(struct scan *scan)
{
    while (!scan->failed && scan->token.kind != LK_TOKEN_END) {
        if (is_word(scan, "end") || is_word(scan, "else") || is_word(scan, "when"))
            return;
        bool ends = is_word(scan, "elsif") || is_word(scan, "elseif") || is_word(scan, "exception");
        if (ends && !stmt_assign(scan))
            return;
        if (!ends)
            statement(scan);
    }
}

/* comp_options reads the lines that start with # in front of the first block. */
static void
comp_options(struct scan *scan)
{
    while (accept_symbol(scan, "#")) {
        advance(scan);
        advance(scan);
    }
}

struct lk_plpgsql
lk_plpgsql_scan(TALLOC_CTX *mem, const char *text, struct lk_span span)
{
    struct lk_plpgsql result = {0};
    struct scan scan = {
        .mem = mem,
        .text = text,
        .lexer = lk_lexer_at(text, span),
        .token = {.kind = LK_TOKEN_SYMBOL, .span = {span.start, span.start}},
        .result = &result,
    };

    advance(&scan);
    comp_options(&scan);
    if (is_symbol(&scan, "<<"))
        label(&scan);
    pl_block(&scan);
    accept_symbol(&scan, ";");
    if (scan.token.kind != LK_TOKEN_END)
        syntax_error(&scan);
    result.understood = !scan.failed;
    return result;
}
