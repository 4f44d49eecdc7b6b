/*
 * rules/suggest.c
 *     What rules share: see suggest.h.
 */
#include "rules/suggest.h"

#include "parser/base/buf.h"
#include "parser/lexer.h"
#include "parser/pgparse.h"

const struct lk_relation *
lk_subject(const struct lk_check *check, const RangeVar *range)
{
    return lk_catalog_relation(check->catalog, range->schemaname, range->relname);
}

bool
lk_subject_is_new(const struct lk_check *check, const RangeVar *range)
{
    const struct lk_relation *relation = lk_subject(check, range);

    if (range->schemaname != NULL && strcmp(range->schemaname, "pg_temp") == 0)
        return true;
    return relation != NULL &&
           (relation->temporary || lk_object_is_new(check->catalog, &relation->object));
}

bool
lk_alters_used_table(const struct lk_check *check, const AlterTableStmt *stmt)
{
    const struct lk_relation *relation = lk_subject(check, stmt->relation);

    if (stmt->objtype != OBJECT_TABLE || lk_subject_is_new(check, stmt->relation))
        return false;
    return relation == NULL || relation->kind == LK_RELATION_TABLE ||
           relation->kind == LK_RELATION_PARTITIONED || relation->kind == LK_RELATION_UNKNOWN;
}

bool
lk_subject_is_partitioned(const struct lk_check *check, const RangeVar *range)
{
    const struct lk_relation *relation = lk_subject(check, range);

    return relation != NULL && relation->kind == LK_RELATION_PARTITIONED;
}

char *
lk_subject_name(const struct lk_check *check, const RangeVar *range)
{
    return lk_catalog_resolved(check->mem, check->catalog, range->schemaname, range->relname);
}

char *
lk_statement_text(const struct lk_check *check)
{
    struct lk_span span = check->statement->span;

    return lk_strndup(check->mem, check->source->text + span.start, span.end - span.start);
}

char *
lk_statement_insert(const struct lk_check *check, const char *word, const char *insertion)
{
    const char *text = check->source->text;
    struct lk_span span = check->statement->span;
    struct lk_lexer lexer = lk_lexer_at(text, span);

    for (;;) {
        struct lk_token token = lk_lex_code(&lexer);
        if (token.kind == LK_TOKEN_END)
            return lk_statement_text(check);
        if (lk_token_is(text, token, word))
            return lk_fmt(check->mem, "%.*s%s%.*s", (int)(token.span.end - span.start),
                          text + span.start, insertion, (int)(span.end - token.span.end),
                          text + token.span.end);
    }
}

/* nesting returns 1 for what opens a parenthesis or bracket, -1 for what closes one. */
static int
nesting(const char *text, struct lk_token token)
{
    if (lk_token_is_symbol(text, token, '(') || lk_token_is_symbol(text, token, '['))
        return 1;
    return lk_token_is_symbol(text, token, ')') || lk_token_is_symbol(text, token, ']') ? -1 : 0;
}

char *
lk_clause_text(const struct lk_check *check, int location)
{
    const char *text = check->source->text;
    uint32_t start = lk_statement_offset(check->statement, location);
    uint32_t end = start;
    struct lk_lexer lexer = lk_lexer_at(text, (struct lk_span){start, check->statement->span.end});
    int depth = 0;

    for (;;) {
        struct lk_token token = lk_lex_code(&lexer);
        if (token.kind == LK_TOKEN_END || (depth == 0 && (lk_token_is_symbol(text, token, ',') ||
                                                          lk_token_is_symbol(text, token, ')'))))
            break;
        depth += nesting(text, token);
        end = token.span.end;
    }
    return lk_strndup(check->mem, text + start, end - start);
}

/* skip_name moves behind a qualified name, and the star that may follow it. */
static void
skip_name(struct lk_lexer *lexer)
{
    struct lk_lexer ahead;
    struct lk_token token;

    lk_lex_code(lexer);
    for (;;) {
        ahead = *lexer;
        token = lk_lex_code(&ahead);
        if (lk_token_is_symbol(lexer->text, token, '.'))
            lk_lex_code(&ahead);
        else if (!lk_token_is_symbol(lexer->text, token, '*'))
            return;
        *lexer = ahead;
    }
}

struct lk_span
lk_alter_span(const struct lk_check *check, const AlterTableStmt *stmt, size_t index)
{
    const char *text = check->source->text;
    uint32_t start = lk_statement_offset(check->statement, stmt->relation->location);
    struct lk_lexer lexer = lk_lexer_at(text, (struct lk_span){start, check->statement->span.end});
    struct lk_span span = {0};
    int depth = 0;

    skip_name(&lexer);
    for (;;) {
        struct lk_token token = lk_lex_code(&lexer);
        bool comma = depth == 0 && lk_token_is_symbol(text, token, ',');
        if (token.kind == LK_TOKEN_END || (comma && index-- == 0))
            return span;
        if (comma) {
            span = (struct lk_span){0};
            continue;
        }
        if (span.end == 0)
            span.start = token.span.start;
        span.end = token.span.end;
        depth += nesting(text, token);
    }
}

/* is_index_statement returns whether the statement creates or drops an index: what every runner
 * that notices anything notices. */
static bool
is_index_statement(const struct lk_check *check)
{
    const Node *tree = check->statement->tree;

    return IsA(tree, IndexStmt) ||
           (IsA(tree, DropStmt) && ((const DropStmt *)tree)->removeType == OBJECT_INDEX);
}

const char *
lk_outside_advice(const struct lk_check *check)
{
    const struct lk_naming *naming = check->migration->folder->naming;

    if (check->session->block)
        return "\nin a migration of its own, without BEGIN and COMMIT.";
    if (naming != NULL && naming->runs_outside != NULL && is_index_statement(check))
        return "\nin a migration of its own: the runner opens no transaction for it.";
    if (check->outline->runner_block && naming->transaction_off != NULL)
        return lk_fmt(check->mem, "\nin a migration of its own, with %s.", naming->transaction_off);
    if (check->outline->runner_block || check->outline->one_message ||
        check->script->statements.count > 1)
        return "\nin a migration of its own: it cannot run inside a transaction.";
    return "";
}

bool
lk_reported(const struct lk_check *check)
{
    for (size_t i = check->findings->items.count; i-- > 0;) {
        const struct lk_finding *finding = &check->findings->items.items[i];
        if (finding->ordinal != check->migration->ordinal)
            return false;
        if (finding->rule == check->rule)
            return true;
    }
    return false;
}

char *
lk_made_name(const struct lk_check *check, const char *table, const char *columns,
             const char *label)
{
    char *name =
        lk_fmt(check->mem, "%s_%s%s%s", table, columns, columns[0] != '\0' ? "_" : "", label);
    size_t length = strlen(name);

    if (length > 63) {
        length = 63;
        while (length > 0 && (name[length] & 0xC0) == 0x80)
            length--;
        name[length] = '\0';
    }
    return name;
}

bool
lk_always_true(const Node *where)
{
    if (where == NULL)
        return true;
    if (IsA(where, A_Const)) {
        const A_Const *constant = (const A_Const *)where;
        return !constant->isnull && IsA(&constant->val, Boolean) && boolVal(&constant->val);
    }
    if (!IsA(where, A_Expr))
        return false;
    const A_Expr *comparison = (const A_Expr *)where;
    if (comparison->kind != AEXPR_OP || strcmp(strVal(llast(comparison->name)), "=") != 0 ||
        comparison->lexpr == NULL || !IsA(comparison->lexpr, A_Const) ||
        !IsA(comparison->rexpr, A_Const))
        return false;
    return lk_pg_equal(&((A_Const *)comparison->lexpr)->val,
                       &((A_Const *)comparison->rexpr)->val) &&
           !((A_Const *)comparison->lexpr)->isnull;
}
