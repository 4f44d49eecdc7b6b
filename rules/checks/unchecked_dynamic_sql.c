/*
 * # unchecked-dynamic-sql
 *
 * ## What it flags
 *
 * EXECUTE of a text that is put together when it runs, in a DO block or in a routine that the
 * migration calls with SELECT or CALL.
 *
 * ## Why it hurts
 *
 * Nothing of it can be looked at beforehand: not whether it is SQL at all, not which locks it
 * takes, and not what becomes of the schema. The rules are silent about it, which does not mean
 * that all is well.
 *
 * ## Do instead
 *
 * Write the statement as it is, where it can be written: PL/pgSQL carries out DDL without EXECUTE,
 * also under a condition. A constant text is read, also with `||` and with `format()` of constants,
 * and of variables of text that are declared with a constant and get no other value.
 *
 * ```sql
 * DO $$
 * BEGIN
 *     IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'reader') THEN
 *         CREATE ROLE reader;
 *     END IF;
 * END
 * $$;
 * ```
 *
 * ## When it stays silent
 *
 * In functions and procedures that nobody calls. Where the values that a routine is called with are
 * constants, and make the text one. Where the text starts with a constant that makes it one
 * statement on privileges or roles (GRANT, REVOKE, ALTER DEFAULT PRIVILEGES, CREATE and ALTER ROLE
 * or USER), a comment, ANALYZE or SELECT: whatever the names in it are, no table is locked for long
 * and the schema stays as it is.
 *
 * ## Versions
 *
 * All.
 *
 * ## References
 *
 * - PostgreSQL documentation: PL/pgSQL, Executing Dynamic Commands
 */
#include "parser/lexer.h"
#include "rules/rule.h"

/* What a text may start with that changes neither schema nor rows. */
static const char *const harmless[][3] = {
    {"grant"},          {"revoke"},         {"comment", "on"},
    {"analyze"},        {"select"},         {"alter", "default", "privileges"},
    {"create", "role"}, {"create", "user"}, {"alter", "role"},
    {"alter", "user"},
};

/* inside returns what stands between the quotes of a constant. */
static struct lk_span
inside(const char *text, struct lk_token token)
{
    char quote = token.kind == LK_TOKEN_DOLLAR ? '$' : '\'';
    struct lk_span span = token.span;

    while (text[span.start++] != quote)
        ;
    while (quote == '$' && text[span.start++] != quote)
        ;
    return span;
}

/* starts_with returns whether the words of a text start with others. */
static bool
starts_with(const char *text, struct lk_span span, const char *const words[3])
{
    struct lk_lexer lexer = lk_lexer_at(text, span);

    for (size_t i = 0; i < 3 && words[i] != NULL; i++)
        if (!lk_token_is(text, lk_lex_code(&lexer), words[i]))
            return false;
    return true;
}

/* is_harmless returns whether the constant that an EXECUTE begins with tells that it does no harm;
 * with a semicolon in a constant, it tells of the first statement only. */
static bool
is_harmless(const struct lk_check *check)
{
    const char *text = check->source->text;
    struct lk_lexer lexer = lk_lexer_at(text, check->statement->span);
    struct lk_token token = lk_lex_code(&lexer);
    bool known = false;

    while (token.kind != LK_TOKEN_END && !lk_token_is(text, token, "execute"))
        token = lk_lex_code(&lexer);
    for (token = lk_lex_code(&lexer);
         token.kind != LK_TOKEN_STRING && token.kind != LK_TOKEN_DOLLAR;
         token = lk_lex_code(&lexer))
        if (!lk_token_is_symbol(text, token, '(') && !lk_token_is(text, token, "format") &&
            !lk_token_is(text, token, "concat"))
            return false;
    for (size_t i = 0; i < LK_ARRAY_SIZE(harmless); i++)
        known |= starts_with(text, inside(text, token), harmless[i]);
    for (; known && token.kind != LK_TOKEN_END; token = lk_lex_code(&lexer))
        if ((token.kind == LK_TOKEN_STRING || token.kind == LK_TOKEN_DOLLAR) &&
            memchr(text + token.span.start, ';', token.span.end - token.span.start) != NULL)
            return false;
    return known;
}

static void
check_dynamic(struct lk_check *check)
{
    if (is_harmless(check))
        return;
    lk_report(check, check->statement->span,
              "the text of this EXECUTE is not known beforehand and was not checked");
}

const struct lk_rule lk_rule_unchecked_dynamic_sql = {
    .name = "unchecked-dynamic-sql",
    .group = LK_GROUP_SYNTAX,
    .severity = LK_SEVERITY_INFO,
    .summary = "EXECUTE, in a DO block or a routine that is called, of a text that is not constant",
    .on_dynamic = check_dynamic,
};
