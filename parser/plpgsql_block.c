/*
 * parser/plpgsql_block.c
 *     Blocks of PL/pgSQL: what they declare, and what they do about errors. See plpgsql_scan.h.
 */
#include "parser/plpgsql_scan.h"

/* decl_cursor reads what follows CURSOR: [(arguments)] FOR query; IS is an old word for FOR. */
static void
decl_cursor(struct lk_scan *scan)
{
    int depth = 0;

    while (!scan->failed &&
           !(depth == 0 && (lk_scan_is_word(scan, "for") || lk_scan_is_word(scan, "is")))) {
        if (scan->token.kind == LK_TOKEN_END || lk_scan_is_symbol(scan, ";")) {
            lk_scan_syntax_error(scan);
            return;
        }
        lk_scan_note_nesting(scan, &depth);
        lk_scan_advance(scan);
    }
    lk_scan_advance(scan);
    lk_scan_read_sql(scan, LK_PLPGSQL_SQL, LK_AT_SEMICOLON, ";");
    lk_scan_expect_semicolon(scan);
}

#define MAX_CONSTANTS 32 /* of a body */

/* is_text returns whether the type of a declaration, at hand, keeps a text as it is. */
static bool
is_text(const struct lk_scan *scan)
{
    struct lk_scan ahead = *scan;

    lk_scan_accept_word(&ahead, "constant");
    return lk_scan_is_word(&ahead, "text") || lk_scan_is_word(&ahead, "varchar") ||
           lk_scan_is_word(&ahead, "name");
}

/* note_constant notes a variable that is declared with a value, told by the last piece. */
static void
note_constant(struct lk_scan *scan, struct lk_token name)
{
    if (!scan->failed && name.kind == LK_TOKEN_WORD &&
        scan->result->constants.count < MAX_CONSTANTS)
        *lk_vec_add(scan->mem, &scan->result->constants) = (struct lk_plpgsql_constant){
            name.span, scan->result->pieces.count, scan->token.span.start};
}

static bool
same_variable(const char *text, struct lk_span a, struct lk_span b)
{
    return a.end - a.start == b.end - b.start &&
           strncasecmp(text + a.start, text + b.start, a.end - a.start) == 0;
}

/* is_constant returns whether a variable has one declaration with a value, and gets no other. */
static bool
is_constant(const struct lk_scan *scan, const struct lk_plpgsql_constant *constant, uint32_t end)
{
    lk_vec_foreach(other, &scan->result->constants)
        if (other != constant && same_variable(scan->text, other->variable, constant->variable))
            return false;
    return !lk_scan_is_given(scan->text, (struct lk_span){constant->behind, end},
                             constant->variable);
}

void
lk_scan_keep_constants(struct lk_scan *scan, uint32_t end)
{
    struct lk_plpgsql *result = scan->result;
    bool dynamic = false, is[MAX_CONSTANTS] = {false};
    size_t kept = 0;

    lk_vec_foreach(piece, &result->pieces)
        dynamic |= piece->kind == LK_PLPGSQL_DYNAMIC;
    for (size_t i = 0; dynamic && i < result->constants.count; i++)
        is[i] = is_constant(scan, &result->constants.items[i], end);
    for (size_t i = 0; i < result->constants.count; i++)
        if (is[i])
            result->constants.items[kept++] = result->constants.items[i];
    result->constants.count = kept;
}

/* decl_stmt reads one declaration. */
static void
decl_stmt(struct lk_scan *scan)
{
    struct lk_token name = scan->token;
    int depth = 0;

    scan->statement = scan->token.span.start;
    if (!lk_scan_is_identifier(scan)) {
        lk_scan_syntax_error(scan);
        return;
    }
    lk_scan_advance(scan);
    struct lk_scan ahead = *scan;
    lk_scan_accept_word(&ahead, "no");
    lk_scan_accept_word(&ahead, "scroll");
    if (!ahead.failed && lk_scan_is_word(&ahead, "cursor")) {
        *scan = ahead;
        lk_scan_advance(scan);
        decl_cursor(scan);
        return;
    }
    bool text = is_text(scan);
    while (!scan->failed && !lk_scan_is_symbol(scan, ";")) {
        if (scan->token.kind == LK_TOKEN_END) {
            lk_scan_syntax_error(scan);
            return;
        }
        if (depth == 0 && (lk_scan_is_assignment(scan) || lk_scan_is_word(scan, "default"))) {
            lk_scan_advance(scan);
            lk_scan_read_expression(scan, LK_AT_SEMICOLON, ";");
            if (text)
                note_constant(scan, name);
            break;
        }
        lk_scan_note_nesting(scan, &depth);
        lk_scan_advance(scan);
    }
    lk_scan_expect_semicolon(scan);
}

static void
decl_stmts(struct lk_scan *scan)
{
    while (!scan->failed && !lk_scan_is_word(scan, "begin")) {
        if (!lk_scan_accept_word(scan, "declare"))
            decl_stmt(scan);
    }
}

/*
 * is_of_schema returns whether the condition at hand is one that a statement meets, or not, by what
 * is in the schema; OR joins conditions.
 * Source: src/backend/utils/errcodes.txt, class 42.
 */
static bool
is_of_schema(const struct lk_scan *scan)
{
    static const char *const conditions[] = {
        "duplicate_column",
        "duplicate_function",
        "duplicate_object",
        "duplicate_schema",
        "duplicate_table",
        "undefined_column",
        "undefined_function",
        "undefined_object",
        "undefined_table",
        "invalid_schema_name",
        "or",
    };

    for (size_t i = 0; i < LK_ARRAY_SIZE(conditions); i++)
        if (lk_scan_is_word(scan, conditions[i]))
            return true;
    return false;
}

/* handler_conditions reads up to THEN; it returns whether they all are of the schema. */
static bool
handler_conditions(struct lk_scan *scan)
{
    bool of_schema = true;

    while (!scan->failed && !lk_scan_is_word(scan, "then")) {
        if (scan->token.kind == LK_TOKEN_END || lk_scan_is_symbol(scan, ";"))
            lk_scan_syntax_error(scan);
        of_schema &= is_of_schema(scan);
        lk_scan_advance(scan);
    }
    return of_schema;
}

/* exception_sect reads the handlers of a block; what they guard is taken back before they run. */
static void
exception_sect(struct lk_scan *scan, size_t first)
{
    size_t end = scan->result->pieces.count;
    bool caught = end == first + 1 && !scan->result->pieces.items[first].conditional;

    for (size_t i = first; i < end; i++) {
        scan->result->pieces.items[i].conditional = true;
        scan->result->pieces.items[i].caught = false;
        scan->result->pieces.items[i].arm = 0;
        scan->result->pieces.items[i].each = false;
    }
    if (!lk_scan_is_word(scan, "when"))
        lk_scan_syntax_error(scan);
    while (!scan->failed && lk_scan_accept_word(scan, "when")) {
        caught &= handler_conditions(scan);
        lk_scan_advance(scan);
        lk_scan_branch(scan);
    }
    if (caught)
        scan->result->pieces.items[first].caught = true;
}

void
lk_scan_block(struct lk_scan *scan)
{
    if (lk_scan_accept_word(scan, "declare"))
        decl_stmts(scan);
    lk_scan_expect_word(scan, "begin");
    size_t first = scan->result->pieces.count;
    lk_scan_statements(scan);
    if (!scan->failed && lk_scan_accept_word(scan, "exception"))
        exception_sect(scan, first);
    lk_scan_expect_word(scan, "end");
    if (lk_scan_is_identifier(scan))
        lk_scan_advance(scan);
}
