/*
 * parser/plpgsql.c
 *     Reading PL/pgSQL: see plpgsql.h. Functions are called as the rules of pl_gram.y are, where
 *     they do the same.
 */
#include "parser/plpgsql.h"

#include "parser/plpgsql_scan.h"

#define MAX_DEPTH 200 /* of blocks in blocks: deeper ones are not read */

/* ---- statements ---- */

/* enter counts a statement that holds others, and returns whether it is to be read at all. */
static bool
enter(struct lk_scan *scan)
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

void
lk_scan_branch(struct lk_scan *scan)
{
    scan->conditions++;
    lk_scan_statements(scan);
    scan->conditions--;
}

/* arm reads the statements of one way that an IF can go, and returns its number. */
static size_t
arm(struct lk_scan *scan, size_t condition, size_t before)
{
    size_t around = scan->arm;

    *lk_vec_add(scan->mem, &scan->result->arms) =
        (struct lk_plpgsql_arm){.piece = condition, .before = before, .around = around};
    size_t number = scan->result->arms.count;
    scan->arm = number;
    scan->arms++;
    lk_scan_branch(scan);
    scan->arms--;
    scan->arm = around;
    return number;
}

/* condition_of reads a condition up to THEN; only the `first` is looked at whatever holds. */
static void
condition_of(struct lk_scan *scan, bool first)
{
    scan->conditions += !first;
    lk_scan_read_expression(scan, LK_AT_THEN, "THEN");
    scan->conditions -= !first;
}

static void
stmt_if(struct lk_scan *scan)
{
    size_t before = 0;

    do {
        scan->statement = scan->token.span.start;
        lk_scan_advance(scan); /* IF, ELSIF, ELSEIF */
        condition_of(scan, before == 0);
        if (scan->failed)
            return;
        size_t condition = scan->result->pieces.count;
        lk_scan_advance(scan);
        before = arm(scan, condition, before);
    } while (!scan->failed && (lk_scan_is_word(scan, "elsif") || lk_scan_is_word(scan, "elseif")));
    if (lk_scan_accept_word(scan, "else"))
        arm(scan, 0, before);
    lk_scan_expect_word(scan, "end");
    lk_scan_expect_word(scan, "if");
    lk_scan_expect_semicolon(scan);
}

static void
stmt_case(struct lk_scan *scan)
{
    lk_scan_advance(scan);
    if (!lk_scan_is_word(scan, "when"))
        lk_scan_read_expression(scan, LK_AT_WHEN, "WHEN");
    if (!lk_scan_is_word(scan, "when"))
        lk_scan_syntax_error(scan);
    for (bool first = true; !scan->failed && lk_scan_is_word(scan, "when"); first = false) {
        scan->statement = scan->token.span.start;
        lk_scan_advance(scan);
        condition_of(scan, first);
        if (scan->failed)
            return;
        lk_scan_advance(scan);
        lk_scan_branch(scan);
    }
    if (lk_scan_accept_word(scan, "else"))
        lk_scan_branch(scan);
    lk_scan_expect_word(scan, "end");
    lk_scan_expect_word(scan, "case");
    lk_scan_expect_semicolon(scan);
}

static void
stmt_exit(struct lk_scan *scan)
{
    lk_scan_advance(scan);
    if (lk_scan_is_identifier(scan)) {
        scan->left = true; /* the label can be a block's */
        lk_scan_advance(scan);
    }
    if (lk_scan_accept_word(scan, "when"))
        lk_scan_read_expression(scan, LK_AT_SEMICOLON, ";");
    lk_scan_expect_semicolon(scan);
    scan->skips = true;
}

/* using_to_end reads [USING expressions] and the semicolon. */
static void
using_to_end(struct lk_scan *scan)
{
    if (!scan->failed && lk_scan_accept_word(scan, "using"))
        lk_scan_read_list(scan, LK_AT_SEMICOLON, ";");
    lk_scan_expect_semicolon(scan);
}

static void
stmt_return(struct lk_scan *scan)
{
    lk_scan_advance(scan);
    if (lk_scan_accept_word(scan, "query")) {
        if (lk_scan_accept_word(scan, "execute")) {
            lk_scan_read_dynamic(scan, LK_AT_SEMICOLON, ";");
            using_to_end(scan);
            return;
        }
        if (!lk_scan_is_symbol(scan, ";"))
            lk_scan_read_sql(scan, LK_PLPGSQL_SQL, LK_AT_SEMICOLON, ";");
        lk_scan_expect_semicolon(scan);
        return;
    }
    bool next = lk_scan_accept_word(scan, "next");
    if (!lk_scan_is_symbol(scan, ";"))
        lk_scan_read_expression(scan, LK_AT_SEMICOLON, ";");
    scan->left |= !next;
    lk_scan_expect_semicolon(scan);
}

/* raise_options reads what follows USING: name = expression, ... */
static void
raise_options(struct lk_scan *scan)
{
    do {
        if (!lk_scan_is_name(scan)) {
            lk_scan_syntax_error(scan);
            return;
        }
        lk_scan_advance(scan);
        if (!lk_scan_is_assignment(scan)) {
            lk_scan_syntax_error(scan);
            return;
        }
        lk_scan_advance(scan);
        lk_scan_read_expression(scan, LK_AT_COMMA | LK_AT_SEMICOLON, ", or ;");
    } while (!scan->failed && lk_scan_accept_symbol(scan, ","));
}

static void
stmt_raise(struct lk_scan *scan)
{
    static const char *const levels[] = {"exception", "warning", "notice", "info", "log", "debug"};

    lk_scan_advance(scan);
    for (size_t i = 0; i < LK_ARRAY_SIZE(levels); i++)
        if (lk_scan_accept_word(scan, levels[i]))
            break;
    if (scan->token.kind == LK_TOKEN_STRING || scan->token.kind == LK_TOKEN_DOLLAR) {
        lk_scan_advance(scan);
        if (!lk_scan_is_end(scan, LK_AT_COMMA | LK_AT_SEMICOLON | LK_AT_USING))
            lk_scan_syntax_error(scan);
        if (lk_scan_accept_symbol(scan, ","))
            lk_scan_read_list(scan, LK_AT_SEMICOLON | LK_AT_USING, ", or ; or USING");
    } else if (!lk_scan_is_word(scan, "using")) { /* a condition's name, or SQLSTATE '...' */
        while (lk_scan_is_name(scan) && !lk_scan_is_word(scan, "using"))
            lk_scan_advance(scan);
        if (scan->token.kind == LK_TOKEN_STRING)
            lk_scan_advance(scan);
    }
    if (!scan->failed && lk_scan_accept_word(scan, "using"))
        raise_options(scan);
    lk_scan_expect_semicolon(scan);
}

static void
stmt_assert(struct lk_scan *scan)
{
    lk_scan_advance(scan);
    scan->conditions++; /* they can be switched off, and the message is for when it fails */
    lk_scan_read_list(scan, LK_AT_SEMICOLON, ", or ;");
    scan->conditions--;
    lk_scan_expect_semicolon(scan);
}

static void
stmt_dynexecute(struct lk_scan *scan)
{
    lk_scan_advance(scan);
    lk_scan_read_dynamic(scan, LK_AT_INTO | LK_AT_SEMICOLON, "INTO or USING or ;");
    while (!scan->failed && !lk_scan_is_symbol(scan, ";")) {
        if (lk_scan_accept_word(scan, "into"))
            lk_scan_read_into_target(scan);
        else if (lk_scan_accept_word(scan, "using"))
            lk_scan_read_list(scan, LK_AT_INTO | LK_AT_SEMICOLON, ", or ; or INTO");
        else
            lk_scan_syntax_error(scan);
    }
    lk_scan_expect_semicolon(scan);
}

static void
stmt_open(struct lk_scan *scan)
{
    lk_scan_advance(scan);
    lk_scan_skip_name(scan);
    if (lk_scan_is_symbol(scan, ";") ||
        lk_scan_is_symbol(scan, "(")) { /* a bound cursor and its arguments */
        lk_scan_skip_statement(scan);
        return;
    }
    lk_scan_accept_word(scan, "no");
    lk_scan_accept_word(scan, "scroll");
    lk_scan_expect_word(scan, "for");
    if (lk_scan_accept_word(scan, "execute")) {
        lk_scan_read_dynamic(scan, LK_AT_SEMICOLON, "USING or ;");
        using_to_end(scan);
        return;
    }
    lk_scan_read_sql(scan, LK_PLPGSQL_SQL, LK_AT_SEMICOLON, ";");
    lk_scan_expect_semicolon(scan);
}

static void
stmt_null(struct lk_scan *scan)
{
    lk_scan_advance(scan);
    lk_scan_expect_semicolon(scan);
}

/* stmt_perform also reads CALL and DO, which go to the server as they are. */
static void
stmt_perform(struct lk_scan *scan)
{
    lk_scan_read_sql(scan, lk_scan_is_word(scan, "perform") ? LK_PLPGSQL_PERFORM : LK_PLPGSQL_SQL,
                     LK_AT_SEMICOLON, ";");
    lk_scan_expect_semicolon(scan);
}

static void
stmt_block(struct lk_scan *scan)
{
    lk_scan_block(scan);
    lk_scan_expect_semicolon(scan);
}

static void
label(struct lk_scan *scan)
{
    lk_scan_advance(scan);
    if (!lk_scan_is_name(scan))
        lk_scan_syntax_error(scan);
    lk_scan_advance(scan);
    if (!lk_scan_accept_symbol(scan, ">>"))
        lk_scan_syntax_error(scan);
}

/*
 * stmt_assign reads an assignment and returns whether there is one: a name that := or = follows,
 * at once or behind the fields and subscripts of its target.
 */
static bool
stmt_assign(struct lk_scan *scan)
{
    struct lk_scan ahead = *scan;
    int depth = 0;

    if ((!lk_scan_is_name(scan) && scan->token.kind != LK_TOKEN_PARAM) || lk_scan_is_reserved(scan))
        return false;
    lk_scan_advance(&ahead);
    if (!lk_scan_is_assignment(&ahead) && !lk_scan_is_symbol(&ahead, ".") &&
        !lk_scan_is_symbol(&ahead, "["))
        return false;
    while (!(depth == 0 && lk_scan_is_assignment(&ahead))) {
        if (ahead.token.kind == LK_TOKEN_END || lk_scan_is_symbol(&ahead, ";") || depth < 0)
            return false;
        depth += lk_scan_is_symbol(&ahead, "[") || lk_scan_is_symbol(&ahead, "(");
        depth -= lk_scan_is_symbol(&ahead, "]") || lk_scan_is_symbol(&ahead, ")");
        lk_scan_advance(&ahead);
    }
    *scan = ahead;
    lk_scan_advance(scan);
    if (!lk_scan_is_symbol(scan, ";")) /* without a value it fails, but not before it is reached */
        lk_scan_read_expression(scan, LK_AT_SEMICOLON, ";");
    lk_scan_expect_semicolon(scan);
    return true;
}

static void
statement(struct lk_scan *scan)
{
    static const struct {
        const char *word;
        void (*read)(struct lk_scan *scan);
    } kinds[] = {
        {"if", stmt_if},
        {"return", stmt_return},
        {"raise", stmt_raise},
        {"execute", stmt_dynexecute},
        {"perform", stmt_perform},
        {"for", lk_scan_for},
        {"foreach", lk_scan_for},
        {"loop", lk_scan_loop},
        {"while", lk_scan_while},
        {"begin", stmt_block},
        {"declare", stmt_block},
        {"case", stmt_case},
        {"exit", stmt_exit},
        {"continue", stmt_exit},
        {"assert", stmt_assert},
        {"get", lk_scan_skip_statement},
        {"open", stmt_open},
        {"fetch", lk_scan_skip_statement},
        {"move", lk_scan_skip_statement},
        {"close", lk_scan_skip_statement},
        {"null", stmt_null},
        {"call", stmt_perform},
        {"do", stmt_perform},
        {"commit", stmt_perform},
        {"rollback", stmt_perform},
    };

    scan->statement = scan->token.span.start;
    if (lk_scan_is_symbol(scan, "<<"))
        label(scan);
    if (stmt_assign(scan))
        return;
    for (size_t i = 0; i < LK_ARRAY_SIZE(kinds); i++) {
        if (!lk_scan_is_word(scan, kinds[i].word))
            continue;
        if (enter(scan)) {
            kinds[i].read(scan);
            scan->depth--;
        }
        return;
    }
    if (lk_scan_is_identifier(scan))
        lk_scan_execsql(scan);
    else
        lk_scan_syntax_error(scan);
}

void
lk_scan_statements(struct lk_scan *scan)
{
    while (!scan->failed && scan->token.kind != LK_TOKEN_END) {
        if (lk_scan_is_word(scan, "end") || lk_scan_is_word(scan, "else") ||
            lk_scan_is_word(scan, "when"))
            return;
        bool ends = lk_scan_is_word(scan, "elsif") || lk_scan_is_word(scan, "elseif") ||
                    lk_scan_is_word(scan, "exception");
        if (ends && !stmt_assign(scan))
            return;
        if (!ends)
            statement(scan);
    }
}

/* comp_options reads the lines that start with # in front of the first block. */
static void
comp_options(struct lk_scan *scan)
{
    while (lk_scan_accept_symbol(scan, "#")) {
        lk_scan_advance(scan);
        lk_scan_advance(scan);
    }
}

struct lk_plpgsql
lk_plpgsql_scan(TALLOC_CTX *mem, const char *text, struct lk_span span)
{
    struct lk_plpgsql result = {0};
    struct lk_scan scan = {
        .mem = mem,
        .text = text,
        .lexer = lk_lexer_at(text, span),
        .token = {.kind = LK_TOKEN_SYMBOL, .span = {span.start, span.start}},
        .result = &result,
    };

    lk_scan_advance(&scan);
    comp_options(&scan);
    if (lk_scan_is_symbol(&scan, "<<"))
        label(&scan);
    lk_scan_block(&scan);
    lk_scan_accept_symbol(&scan, ";");
    if (scan.token.kind != LK_TOKEN_END)
        lk_scan_syntax_error(&scan);
    result.understood = !scan.failed;
    lk_scan_keep_constants(&scan, span.end);
    return result;
}
