/*
 * # update-without-where
 *
 * ## What it flags
 *
 * `UPDATE` without WHERE, or with one that is always true (`WHERE true`, `WHERE 1 = 1`), on a table
 * with a past.
 *
 * ## Why it hurts
 *
 * Every row gets a new version: the table grows up to twice its size, its indexes with it, and each
 * row stays locked until the transaction ends. On a large table that is hours and a full disk.
 *
 * ## Do instead
 *
 * ```sql
 * UPDATE users SET status = 'active' WHERE status IS NULL AND id BETWEEN 1 AND 10000;
 * -- and so on, each range in a transaction of its own
 * ```
 *
 * ## When it stays silent
 *
 * On a table created in the same migration and on temporary tables; where all columns of the
 * table, or of a unique key, are set to constants: it has a single row then, as one that keeps the
 * schema's version.
 *
 * ## Versions
 *
 * All.
 *
 * ## References
 *
 * - PostgreSQL documentation: UPDATE
 */
#include "rules/suggest.h"

static void
check_update(struct lk_check *check, const Node *node)
{
    const UpdateStmt *stmt = (const UpdateStmt *)node;

    if (!lk_always_true(stmt->whereClause) || lk_subject_is_new(check, stmt->relation) ||
        lk_is_of_one_row(check->catalog, stmt))
        return;
    struct lk_finding *finding =
        lk_report(check, check->statement->span, "UPDATE without WHERE changes every row of %s",
                  lk_range_sql(check->mem, stmt->relation));
    lk_finding_object(check, finding, lk_subject_name(check, stmt->relation));
    lk_finding_detail(check, finding, "Name the rows in a WHERE clause, or say why it is all.");
    lk_finding_hint_marked(check, finding,
                           "-- lockkeeper: ignore %s -- why it has to be every row\n%s;",
                           check->rule->name, lk_marked_text(check));
}

const struct lk_rule lk_rule_update_without_where = {
    .name = "update-without-where",
    .group = LK_GROUP_DESTRUCTIVE,
    .severity = LK_SEVERITY_WARNING,
    .summary = "UPDATE changes every row of a table with a past",
    .on = {{T_UpdateStmt, check_update}},
};
