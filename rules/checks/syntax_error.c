/*
 * # syntax-error
 *
 * ## What it flags
 *
 * A statement that PostgreSQL's grammar refuses. Every one of a file is reported, at the place
 * where the server would point. Bodies of functions, procedures and DO blocks in SQL and PL/pgSQL
 * are read, too, however they are quoted.
 *
 * ## Why it hurts
 *
 * The migration fails, in production at the latest: the server looks at the bodies of functions
 * when it creates them.
 *
 * ## Do instead
 *
 * What the hint says, if there is one: a misspelt keyword, a comma or parenthesis too many or too
 * few, a reserved word for a name, a string that does not end. It is there only if the grammar
 * takes the statement with that one repair. Otherwise look at the place, and at the word before it.
 *
 * ## When it stays silent
 *
 * Where [foreign-dialect](foreign-dialect.md) says more; on a statement with placeholders, psql
 * variables or templates in it, which a name stands in for: their values may make it whole. On
 * functions behind `SET check_function_bodies = off`, which the server does not look at either.
 * Else never; the grammar is PostgreSQL's own (`lockkeeper --version` says of which release).
 *
 * ## Versions
 *
 * That of the built-in grammar.
 *
 * ## References
 *
 * - PostgreSQL source: gram.y, scan.l, pl_gram.y
 * - PostgreSQL documentation: 20.11 Client Connection Defaults, check_function_bodies
 */
#include "parser/explain.h"
#include "parser/lexer.h"
#include "rules/dialect.h"
#include "rules/suggest.h"

#define MAX_QUOTED 40 /* bytes */

/* end_of_text returns where the text ends that the statement is in. */
static uint32_t
end_of_text(const struct lk_check *check)
{
    return check->nested != NULL ? check->statement->span.end : check->source->size;
}

/* place returns the word that the message is about. */
static struct lk_span
place(const struct lk_check *check)
{
    uint32_t at = check->statement->error_at;
    struct lk_lexer lexer =
        lk_lexer_at(check->source->text, (struct lk_span){at, end_of_text(check)});
    struct lk_token token = lk_lex(&lexer);

    if (token.span.start != at || token.unterminated || token.kind == LK_TOKEN_END)
        return (struct lk_span){at, at + 1};
    return token.span;
}

/*
 * shortened returns the message with what it quotes cut at the end of the line, or sooner: an
 * unterminated literal goes on to the end of the file.
 */
static const char *
shortened(const struct lk_check *check)
{
    const char *message = check->statement->error;
    const char *quote = strstr(message, " at or near \"");

    if (quote == NULL)
        return message;
    const char *quoted = strchr(quote, '"') + 1;
    size_t length = strcspn(quoted, "\r\n");
    if (length == strlen(quoted) && length <= MAX_QUOTED)
        return message;
    length = LK_MIN(length, (size_t)MAX_QUOTED);
    while (length > 0 && (quoted[length] & 0xC0) == 0x80)
        length--;
    return lk_fmt(check->mem, "%.*s...\"", (int)(quoted - message + (ptrdiff_t)length), message);
}

static void
check_broken(struct lk_check *check)
{
    if (check->statement == NULL || lk_dialect_reported(check))
        return;
    if (lk_source_is_open(check->source, check->statement->span))
        return; /* what its placeholders stand for may well make it whole */
    struct lk_finding *finding = lk_report(check, place(check), "%s", shortened(check));
    finding->hint = lk_explain(check->mem, check->source->text, check->statement);
}

const struct lk_rule lk_rule_syntax_error = {
    .name = "syntax-error",
    .group = LK_GROUP_SYNTAX,
    .severity = LK_SEVERITY_ERROR,
    .summary = "the grammar refuses the statement",
    .undo_too = true,
    .on_broken = check_broken,
};
