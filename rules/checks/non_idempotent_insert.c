/*
 * # non-idempotent-insert
 *
 * ## What it flags
 *
 * `INSERT` of fixed rows without ON CONFLICT, in a migration that is not one transaction.
 *
 * ## Why it hurts
 *
 * When such a migration fails half way, the rows stay. The next try starts from the top: it puts
 * them in a second time, or stops at the first one that violates a unique constraint.
 *
 * ## Do instead
 *
 * ```sql
 * INSERT INTO roles (name) VALUES ('reader') ON CONFLICT DO NOTHING;
 * -- where no unique constraint tells the rows apart:
 * INSERT INTO roles (name) SELECT 'reader' WHERE NOT EXISTS (SELECT FROM roles WHERE name =
 * 'reader');
 * ```
 *
 * ## When it stays silent
 *
 * In a migration that is one transaction, inside the file's own BEGIN and COMMIT, in a migration
 * with one statement; on temporary tables, and on a table whose rows the migration has deleted
 * before; in a DO block under a condition. It reports once a table and migration. The option
 * `always` reports in transactions, too, for teams whose runner may carry a migration out twice.
 *
 * ## Versions
 *
 * All.
 *
 * ## References
 *
 * - PostgreSQL documentation: INSERT, ON CONFLICT Clause
 */
#include "parser/lexer.h"
#include "rules/around.h"
#include "rules/suggest.h"

/* is_fixed returns whether a query returns the same rows whatever is in the database. */
static bool
is_fixed(const SelectStmt *query)
{
    if (query == NULL) /* DEFAULT VALUES */
        return true;
    if (query->op != SETOP_NONE)
        return is_fixed(query->larg) && is_fixed(query->rarg);
    return query->valuesLists != NIL ||
           (query->fromClause == NIL && query->whereClause == NULL && query->withClause == NULL);
}

/* deletes returns whether a statement takes rows out of the table of that name. */
static bool
deletes(const struct lk_check *check, const Node *tree, const void *name)
{
    ListCell *cell;

    if (IsA(tree, DeleteStmt))
        return strcmp(lk_subject_name(check, ((const DeleteStmt *)tree)->relation), name) == 0;
    if (!IsA(tree, TruncateStmt))
        return false;
    foreach(cell, ((const TruncateStmt *)tree)->relations)
        if (strcmp(lk_subject_name(check, lfirst_node(RangeVar, cell)), name) == 0)
            return true;
    return false;
}

static bool
matters(const struct lk_check *check)
{
    if (check->nested != NULL && check->nested->when == LK_WHEN_MAYBE)
        return false;
    return lk_can_stop_half_way(check) || lk_rule_option(check, "always");
}

/* is_keyed returns whether the table is known to have a unique constraint or index. */
static bool
is_keyed(const struct lk_relation *table)
{
    if (table == NULL || table->partial)
        return true;
    lk_vec_foreach(index, &table->indexes)
        if ((*index)->unique)
            return true;
    return false;
}

/* with_clause returns the statement with ON CONFLICT DO NOTHING at its end, before RETURNING. */
static char *
with_clause(const struct lk_check *check)
{
    const char *text = check->source->text;
    struct lk_span span = check->statement->span;
    struct lk_lexer lexer = lk_lexer_at(text, span);
    uint32_t at = span.start;
    int depth = 0;

    for (;;) {
        struct lk_token token = lk_lex_code(&lexer);
        if (token.kind == LK_TOKEN_END || (depth == 0 && lk_token_is(text, token, "returning")))
            break;
        depth += lk_token_is_symbol(text, token, '(') - lk_token_is_symbol(text, token, ')');
        at = token.span.end;
    }
    return lk_fmt(check->mem, "%.*s ON CONFLICT DO NOTHING%.*s", (int)(at - span.start),
                  text + span.start, (int)(span.end - at), text + at);
}

static void
check_insert(struct lk_check *check, const Node *node)
{
    const InsertStmt *stmt = (const InsertStmt *)node;
    const struct lk_relation *table = lk_subject(check, stmt->relation);
    char *name = lk_subject_name(check, stmt->relation);

    if (!matters(check) || stmt->onConflictClause != NULL || node != check->statement->tree ||
        !is_fixed((const SelectStmt *)stmt->selectStmt) ||
        (table != NULL && (table->temporary || table->kind == LK_RELATION_VIEW)) ||
        lk_reported_on(check, check->rule->name, name) ||
        lk_find_earlier(check, deletes, name) != NULL)
        return;
    struct lk_finding *finding =
        lk_report(check, check->statement->span,
                  "INSERT INTO %s without ON CONFLICT adds its rows again, or fails, when the "
                  "migration is run again after a failure",
                  lk_range_sql(check->mem, stmt->relation));
    lk_finding_object(check, finding, name);
    if (is_keyed(table))
        lk_finding_hint(check, finding, "%s;", with_clause(check));
    else
        lk_finding_hint(check, finding,
                        "The table has no unique constraint: use INSERT ... SELECT ... WHERE NOT "
                        "EXISTS, or put the migration into one transaction.");
}

const struct lk_rule lk_rule_non_idempotent_insert = {
    .name = "non-idempotent-insert",
    .group = LK_GROUP_IDEMPOTENCY,
    .severity = LK_SEVERITY_WARNING,
    .summary =
        "INSERT of fixed rows without ON CONFLICT, in a migration that is not one transaction",
    .options = {{.name = "always", .summary = "report inside transactions, too"}},
    .on = {{T_InsertStmt, check_insert}},
};
