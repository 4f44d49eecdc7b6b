/*
 * # delete-without-where
 *
 * ## What it flags
 *
 * `DELETE` without WHERE, or with one that is always true (`WHERE true`, `WHERE 1 = 1`), on a table
 * with a past.
 *
 * ## Why it hurts
 *
 * Every row is gone, or every row is locked for the whole transaction before that is noticed; the
 * dead rows stay in the table until VACUUM has been through.
 *
 * ## Do instead
 *
 * ```sql
 * DELETE FROM sessions WHERE expires_at < now() - interval '90 days';
 * ```
 *
 * ## When it stays silent
 *
 * On a table created in the same migration and on temporary tables.
 *
 * ## Versions
 *
 * All.
 *
 * ## References
 *
 * - PostgreSQL documentation: DELETE
 */
#include "rules/suggest.h"

static void
check_delete(struct lk_check *check, const Node *node)
{
    const DeleteStmt *stmt = (const DeleteStmt *)node;

    if (!lk_always_true(stmt->whereClause) || lk_subject_is_new(check, stmt->relation))
        return;
    struct lk_finding *finding =
        lk_report(check, check->statement->span, "DELETE without WHERE loses every row of %s",
                  lk_range_sql(check->mem, stmt->relation));
    lk_finding_object(check, finding, lk_subject_name(check, stmt->relation));
    lk_finding_detail(check, finding, "Name the rows in a WHERE clause, or say why it is all.");
    lk_finding_hint_marked(check, finding,
                           "-- lockkeeper: ignore %s -- why nobody needs the rows\n%s;",
                           check->rule->name, lk_marked_text(check));
}

const struct lk_rule lk_rule_delete_without_where = {
    .name = "delete-without-where",
    .group = LK_GROUP_DESTRUCTIVE,
    .severity = LK_SEVERITY_WARNING,
    .summary = "DELETE deletes every row of a table with a past",
    .on = {{T_DeleteStmt, check_delete}},
};
