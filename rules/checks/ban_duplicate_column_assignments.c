/*
 * # ban-duplicate-column-assignments
 *
 * ## What it flags
 *
 * One column twice in the SET clause of UPDATE, MERGE or ON CONFLICT DO UPDATE, or in the column
 * list of INSERT.
 *
 * ## Why it hurts
 *
 * The server refuses the statement ("multiple assignments to same column", "column specified more
 * than once"), and with it the migration; other database systems take the last value.
 *
 * ## Do instead
 *
 * ```sql
 * UPDATE users SET name = 'nobody', email = NULL WHERE id = 1;
 * ```
 *
 * ## When it stays silent
 *
 * On assignments to several elements of one array, or several fields of one composite value.
 *
 * ## Versions
 *
 * All.
 *
 * ## References
 *
 * - PostgreSQL documentation: UPDATE; INSERT
 * - PostgreSQL source: rewriteTargetListIU(), checkInsertTargets()
 */
#include "parser/pgparse.h"
#include "rules/suggest.h"

/* check_targets reports columns that a list of ResTarget nodes names more than once. */
static void
check_targets(struct lk_check *check, const List *targets, const RangeVar *range, const char *where)
{
    const char **seen = lk_new_array(check->mem, const char *, (size_t)list_length(targets));
    bool *whole = lk_new_array(check->mem, bool, (size_t)list_length(targets));
    size_t count = 0;
    ListCell *cell;

    foreach(cell, targets) {
        const ResTarget *target = lfirst_node(ResTarget, cell);
        bool all = target->indirection == NIL;
        for (size_t i = 0; target->name != NULL && i < count; i++) {
            if (strcmp(seen[i], target->name) != 0 || !(all || whole[i]))
                continue;
            struct lk_finding *finding =
                lk_report(check, lk_word_span(check, target->location),
                          "column %s is named twice in %s: the server refuses that",
                          lk_quote_ident(check->mem, target->name), where);
            lk_finding_object(check, finding, lk_subject_name(check, range));
            lk_finding_hint(check, finding, "Leave one of the two out.");
            break;
        }
        if (target->name == NULL)
            continue;
        seen[count] = target->name;
        whole[count++] = all;
    }
}

static void
check_update(struct lk_check *check, const Node *node)
{
    const UpdateStmt *stmt = (const UpdateStmt *)node;

    check_targets(check, stmt->targetList, stmt->relation, "SET");
}

static void
check_insert(struct lk_check *check, const Node *node)
{
    const InsertStmt *stmt = (const InsertStmt *)node;

    check_targets(check, stmt->cols, stmt->relation, "the list of INSERT");
    if (stmt->onConflictClause != NULL)
        check_targets(check, stmt->onConflictClause->targetList, stmt->relation,
                      "SET of ON CONFLICT");
}

static void
check_merge(struct lk_check *check, const Node *node)
{
    const MergeStmt *stmt = (const MergeStmt *)node;
    ListCell *cell;

    foreach(cell, stmt->mergeWhenClauses)
        check_targets(check, lfirst_node(MergeWhenClause, cell)->targetList, stmt->relation,
                      "an action of MERGE");
}

const struct lk_rule lk_rule_ban_duplicate_column_assignments = {
    .name = "ban-duplicate-column-assignments",
    .group = LK_GROUP_DATA,
    .severity = LK_SEVERITY_ERROR,
    .summary = "a column that is assigned twice, which the server refuses",
    .on = {{T_UpdateStmt, check_update}, {T_InsertStmt, check_insert}, {T_MergeStmt, check_merge}},
};
