/*
 * rules/fix_index.c
 *     An index that may be left of a failed build: see fix.h.
 */
#include "parser/lexer.h"
#include "parser/pgparse.h"
#include "rules/fix_private.h"
#include "rules/suggest.h"

/* cut_clause takes IF NOT EXISTS out. */
static void
cut_clause(struct lk_check *check, struct lk_finding *finding)
{
    const char *text = check->source->text;
    struct lk_lexer lexer = lk_lexer_at(text, check->statement->span);
    struct lk_token token = lk_lex_code(&lexer);

    while (token.kind != LK_TOKEN_END && !lk_token_is(text, token, "if"))
        token = lk_lex_code(&lexer);
    lk_lex_code(&lexer); /* NOT */
    lk_lex_code(&lexer); /* EXISTS */
    uint32_t behind = lk_lex_code(&lexer).span.start;
    lk_fix_replace(check, finding, (struct lk_span){token.span.start, behind}, "");
}

void
lk_fix_anew(struct lk_check *check, struct lk_finding *finding, const char *outside)
{
    const IndexStmt *stmt = castNode(IndexStmt, check->statement->tree);
    struct lk_qname name = {stmt->relation->schemaname, stmt->idxname};
    bool one_message =
        check->outline->one_message || lk_fix_one_message(check->migration->folder->naming, 2);
    const char *drop =
        lk_fmt(check->mem, "DROP INDEX CONCURRENTLY IF EXISTS %s;", lk_qname_sql(check->mem, name));

    cut_clause(check, finding);
    lk_fix_unsafe(check, finding); /* a good index would be built anew */
    lk_finding_hint(check, finding, "%s%s\n%s%s;", outside, drop,
                    one_message ? "-- in the next migration:\n" : "",
                    lk_fix_statement(check, finding));
    if (one_message) /* two statements are a transaction then */
        lk_fix_refuse(check, finding);
    lk_fix_before(check, finding, drop);
}
