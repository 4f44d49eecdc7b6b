/*
 * # unbatched-backfill
 *
 * ## What it flags
 *
 * `UPDATE` or `DELETE` of a table that is in use, or `MERGE` that does one of both, in one
 * statement, where nothing says that it is about few rows.
 *
 * ## Why it hurts
 *
 * Each row that is touched stays locked until the transaction ends: whoever wants to write one of
 * them waits (ROW EXCLUSIVE on the table blocks nobody, the row locks do). The old versions of all
 * rows stay in the table and its indexes, replicas fall behind, and vacuum can clean up nothing
 * anywhere as long as it lasts.
 *
 * ## Do instead
 *
 * Some thousand rows at a time, each batch in a transaction of its own, outside of the migration or
 * in one that is not a transaction:
 *
 * ```sql
 * UPDATE users SET locale = 'en' WHERE locale IS NULL AND id BETWEEN 1 AND 10000;
 * -- and so on
 * ```
 *
 * ## When it stays silent
 *
 * On a table created in the same migration and on temporary tables. Where WHERE gives the values of
 * a unique key, a range with two ends, or a constant; where there is a LIMIT or a list of VALUES;
 * in a DO block that commits in between. Of a table whose keys the history does not know, any `=`
 * counts. Without WHERE it is update-without-where or delete-without-where that speaks.
 *
 * ## Versions
 *
 * All.
 *
 * ## References
 *
 * - PostgreSQL documentation: Explicit Locking, Row-Level Locks; Routine Vacuuming
 */
#include "parser/command.h"
#include "parser/lexer.h"
#include "parser/pgparse.h"
#include "rules/bounds.h"
#include "rules/suggest.h"

/* commits returns whether the DO block or procedure at hand ends transactions. */
static bool
commits(const struct lk_check *check)
{
    if (check->nested == NULL)
        return false;
    lk_vec_foreach(nested, &check->body->items)
        if (nested->statement.tree != NULL && IsA(nested->statement.tree, TransactionStmt))
            return true;
    return false;
}

/* key_of returns the one column of the primary key, or NULL where it is no integer. */
static const char *
key_of(const struct lk_relation *table)
{
    if (table == NULL)
        return NULL;
    lk_vec_foreach(constraint, &table->constraints) {
        if ((*constraint)->kind != LK_CONSTRAINT_PRIMARY || (*constraint)->columns.count != 1)
            continue;
        const struct lk_column *column = lk_relation_column(table, (*constraint)->columns.items[0]);
        if (column != NULL && column->type_known &&
            (lk_type_is(&column->type, "int4") || lk_type_is(&column->type, "int8")))
            return column->object.name;
    }
    return NULL;
}

static void
check_rows(struct lk_check *check, const Node *node, const RangeVar *range, const Node *where,
           bool plain)
{
    if (lk_always_true(where) || lk_subject_is_new(check, range) || lk_is_bounded(check, node) ||
        commits(check))
        return;
    struct lk_finding *finding =
        lk_report(check, check->statement->span,
                  "%s of %s in one statement keeps every row that it touches locked until the end",
                  lk_command_tag(node), lk_range_sql(check->mem, range));
    lk_finding_object(check, finding, lk_subject_name(check, range));
    const char *key = key_of(lk_subject(check, range));
    if (key == NULL || !plain)
        lk_finding_hint(check, finding,
                        "Do it some thousand rows at a time, by ranges of a key, each batch in a "
                        "transaction of its own.");
    else
        lk_finding_hint(check, finding,
                        "-- in batches, each in a transaction of its own:\n"
                        "%s AND %s BETWEEN 1 AND 10000;",
                        lk_statement_text(check), lk_quote_ident(check->mem, key));
}

/* is_plain returns whether WHERE is what the statement ends with, and takes another AND. */
static bool
is_plain(const struct lk_check *check, const Node *node, const Node *where)
{
    const char *text = check->source->text;
    struct lk_lexer lexer = lk_lexer_at(text, check->statement->span);

    for (struct lk_token token = lk_lex_code(&lexer); token.kind != LK_TOKEN_END;
         token = lk_lex_code(&lexer))
        if (lk_token_is(text, token, "returning"))
            return false;
    return node == check->statement->tree &&
           !(where != NULL && IsA(where, BoolExpr) && ((const BoolExpr *)where)->boolop == OR_EXPR);
}

static void
check_update(struct lk_check *check, const Node *node)
{
    const UpdateStmt *stmt = (const UpdateStmt *)node;

    check_rows(check, node, stmt->relation, stmt->whereClause,
               stmt->fromClause == NIL && is_plain(check, node, stmt->whereClause));
}

static void
check_delete(struct lk_check *check, const Node *node)
{
    const DeleteStmt *stmt = (const DeleteStmt *)node;

    check_rows(check, node, stmt->relation, stmt->whereClause,
               stmt->usingClause == NIL && is_plain(check, node, stmt->whereClause));
}

static void
check_merge(struct lk_check *check, const Node *node)
{
    const MergeStmt *stmt = (const MergeStmt *)node;
    ListCell *cell;

    foreach(cell, stmt->mergeWhenClauses) {
        CmdType does = lfirst_node(MergeWhenClause, cell)->commandType;
        if (does == CMD_UPDATE || does == CMD_DELETE) {
            check_rows(check, node, stmt->relation, stmt->joinCondition, false);
            return;
        }
    }
}

const struct lk_rule lk_rule_unbatched_backfill = {
    .name = "unbatched-backfill",
    .group = LK_GROUP_DATA,
    .severity = LK_SEVERITY_WARNING,
    .summary = "UPDATE or DELETE of who knows how many rows in one statement",
    .on = {{T_UpdateStmt, check_update}, {T_DeleteStmt, check_delete}, {T_MergeStmt, check_merge}},
};
