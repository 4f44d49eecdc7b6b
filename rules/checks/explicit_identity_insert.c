/*
 * # explicit-identity-insert
 *
 * ## What it flags
 *
 * `INSERT` of fixed numbers into a column that a sequence feeds (serial or IDENTITY), where the
 * migration does not move the sequence afterwards. The first INSERT into each table is reported.
 *
 * ## Why it hurts
 *
 * The sequence does not know of numbers that others chose: it still hands them out. The first
 * clients that insert a row after the migration get an error about a duplicate key, or, without a
 * unique constraint, two rows of one number.
 *
 * ## Do instead
 *
 * Leave the column out, or move the sequence behind the highest number:
 *
 * ```sql
 * INSERT INTO roles (id, name) VALUES (1, 'reader'), (2, 'writer');
 * SELECT setval(pg_get_serial_sequence('roles', 'id'), (SELECT max(id) FROM roles));
 * ```
 *
 * ## When it stays silent
 *
 * Where setval, ALTER SEQUENCE ... RESTART or ALTER COLUMN ... RESTART follows in the migration; on
 * numbers below the one that the sequence starts with, or goes on from since a setval or RESTART of
 * the history, as it never hands these out; and with OVERRIDING USER VALUE, which has the server
 * ignore them. New tables count as well, temporary ones do not.
 *
 * ## Versions
 *
 * All.
 *
 * ## References
 *
 * - PostgreSQL documentation: Identity Columns; Sequence Manipulation Functions
 */
#include "parser/pgparse.h"
#include "parser/tree.h"
#include "rules/around.h"
#include "rules/suggest.h"

/* is_number returns whether an expression is a constant number, not below a lowest one. */
static bool
is_number(const Node *node, int64_t lowest)
{
    while (node != NULL && IsA(node, TypeCast))
        node = ((const TypeCast *)node)->arg;
    if (node == NULL || !IsA(node, A_Const) || ((const A_Const *)node)->isnull)
        return false;
    const A_Const *constant = (const A_Const *)node;
    if (IsA(&constant->val, Float))
        return strtoll(constant->val.fval.fval, NULL, 10) >= lowest;
    return IsA(&constant->val, Integer) && intVal(&constant->val) >= lowest;
}

/* lowest_of returns the lowest number that the sequence of a column may still hand out. */
static int64_t
lowest_of(const struct lk_check *check, const struct lk_relation *table, const char *column)
{
    const struct lk_relation *sequence = lk_catalog_sequence(check->catalog, table, column);
    const struct lk_sequence *counts = sequence != NULL ? sequence->sequence : NULL;

    if (counts == NULL)
        return 1;
    return counts->cycle || counts->increment < 0 ? counts->min : counts->next;
}

/* is_fed returns whether a sequence feeds the column. */
static bool
is_fed(const struct lk_column *column)
{
    return column != NULL && (column->identity || column->serial);
}

/* fed_at returns the index of the value that is for such a column, -1: there is none. */
static int
fed_at(const InsertStmt *stmt, const struct lk_relation *table)
{
    int index = 0;
    ListCell *cell;

    if (stmt->cols == NIL) {
        for (size_t i = 0; i < table->columns.count; i++)
            if (is_fed(table->columns.items[i]))
                return (int)i;
        return -1;
    }
    foreach(cell, stmt->cols) {
        if (is_fed(lk_relation_column(table, lfirst_node(ResTarget, cell)->name)))
            return index;
        index++;
    }
    return -1;
}

/* gives_number returns whether a query gives such a fixed number in that place. */
static bool
gives_number(const SelectStmt *query, int index, int64_t lowest)
{
    ListCell *cell;

    if (query == NULL)
        return false;
    if (query->op != SETOP_NONE)
        return gives_number(query->larg, index, lowest) || gives_number(query->rarg, index, lowest);
    foreach(cell, query->valuesLists)
        if (index < list_length(lfirst_node(List, cell)) &&
            is_number(list_nth(lfirst_node(List, cell), index), lowest))
            return true;
    return query->fromClause == NIL && index < list_length(query->targetList) &&
           is_number(list_nth_node(ResTarget, query->targetList, index)->val, lowest);
}

static void
note_setval(const Node *node, void *data)
{
    if (IsA(node, FuncCall) &&
        strcmp(lk_qname_of_list(((const FuncCall *)node)->funcname).name, "setval") == 0)
        *(bool *)data = true;
}

/* moves returns whether a statement moves a sequence. */
static bool
moves(const struct lk_check *check, const Node *tree, const void *data)
{
    bool found = false;
    ListCell *cell;

    (void)check;
    (void)data;
    if (IsA(tree, AlterSeqStmt)) {
        foreach(cell, ((const AlterSeqStmt *)tree)->options)
            found |= strcmp(lfirst_node(DefElem, cell)->defname, "restart") == 0;
    } else if (IsA(tree, AlterTableStmt)) {
        foreach(cell, ((const AlterTableStmt *)tree)->cmds)
            found |= lfirst_node(AlterTableCmd, cell)->subtype == AT_SetIdentity;
    } else if (IsA(tree, SelectStmt)) {
        lk_tree_walk(tree, note_setval, &found);
    }
    return found;
}

static void
check_insert(struct lk_check *check, const Node *node)
{
    const InsertStmt *stmt = (const InsertStmt *)node;
    const struct lk_relation *table = lk_subject(check, stmt->relation);

    if (table == NULL || table->temporary || stmt->override == OVERRIDING_USER_VALUE)
        return;
    int index = fed_at(stmt, table);
    if (index < 0)
        return;
    const char *column = stmt->cols == NIL ? table->columns.items[index]->object.name
                                           : list_nth_node(ResTarget, stmt->cols, index)->name;
    if (!gives_number((const SelectStmt *)stmt->selectStmt, index, lowest_of(check, table, column)))
        return;
    char *name = lk_subject_name(check, stmt->relation);
    if (lk_reported_on(check, check->rule->name, name) || lk_find_later(check, moves, NULL) != NULL)
        return;
    char *quoted = lk_quote_ident(check->mem, column);
    struct lk_finding *finding = lk_report(
        check, check->statement->span,
        "the sequence of %s.%s does not know of the numbers that this INSERT chooses, and "
        "will hand them out again",
        lk_range_sql(check->mem, stmt->relation), quoted);
    lk_finding_object(check, finding, name);
    lk_finding_hint(check, finding,
                    "%s;\nSELECT setval(pg_get_serial_sequence(%s, %s), (SELECT max(%s) FROM %s));",
                    lk_statement_text(check), lk_quote_literal(check->mem, name),
                    lk_quote_literal(check->mem, column), quoted,
                    lk_range_sql(check->mem, stmt->relation));
}

const struct lk_rule lk_rule_explicit_identity_insert = {
    .name = "explicit-identity-insert",
    .group = LK_GROUP_DATA,
    .severity = LK_SEVERITY_WARNING,
    .summary = "fixed numbers in a column that a sequence feeds, which goes on from 1",
    .on = {{T_InsertStmt, check_insert}},
};
