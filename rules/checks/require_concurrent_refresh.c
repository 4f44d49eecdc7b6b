/*
 * # require-concurrent-refresh
 *
 * ## What it flags
 *
 * `REFRESH MATERIALIZED VIEW` without `CONCURRENTLY`, where CONCURRENTLY is possible.
 *
 * ## Why it hurts
 *
 * The statement holds an ACCESS EXCLUSIVE lock on the view while its query runs: reads wait for all
 * of that time.
 *
 * ## Do instead
 *
 * ```sql
 * REFRESH MATERIALIZED VIEW CONCURRENTLY daily_sales;
 * ```
 *
 * It needs a unique index without WHERE on plain columns of the view, works in a transaction, too,
 * and holds an EXCLUSIVE lock, which lets reads through.
 *
 * ## When it stays silent
 *
 * On views created in the same migration; with WITH NO DATA; where the history tells that the view
 * holds no rows yet, or has no such index: the server refuses CONCURRENTLY then.
 *
 * ## Versions
 *
 * All.
 *
 * ## References
 *
 * - PostgreSQL documentation: REFRESH MATERIALIZED VIEW
 */
#include "rules/fix.h"
#include "rules/suggest.h"

/* identifies_rows returns whether an index is one that CONCURRENTLY can compare rows by. */
static bool
identifies_rows(const struct lk_relation *index)
{
    if (!index->unique || !index->valid || index->has_predicate)
        return false;
    lk_vec_foreach(key, &index->keys)
        if (*key == NULL)
            return false;
    return true;
}

/* is_possible returns whether the server takes CONCURRENTLY, as far as the history tells. */
static bool
is_possible(const struct lk_relation *view)
{
    if (view == NULL || view->kind == LK_RELATION_UNKNOWN)
        return true;
    if (view->not_populated)
        return false;
    lk_vec_foreach(index, &view->indexes)
        if (identifies_rows(*index))
            return true;
    return view->object.assumed;
}

static void
check_refresh(struct lk_check *check, const Node *node)
{
    const RefreshMatViewStmt *stmt = (const RefreshMatViewStmt *)node;
    const struct lk_relation *view = lk_subject(check, stmt->relation);

    if (stmt->concurrent || stmt->skipData || lk_subject_is_new(check, stmt->relation) ||
        !is_possible(view))
        return;
    struct lk_finding *finding =
        lk_report(check, check->statement->span,
                  "REFRESH MATERIALIZED VIEW holds an ACCESS EXCLUSIVE lock on %s while its query "
                  "runs: reads wait",
                  lk_range_sql(check->mem, stmt->relation));
    finding->bounds = LK_BOUNDS_HERE;
    bool known = view != NULL && !view->object.assumed;
    lk_finding_object(check, finding, lk_subject_name(check, stmt->relation));
    lk_fix_behind(check, finding, "view", " CONCURRENTLY");
    lk_finding_hint(check, finding, "%s%s;",
                    known ? "" : "-- it needs a unique index on plain columns, without WHERE:\n",
                    lk_fix_statement(check, finding));
    if (!known)
        lk_fix_unsafe(check, finding);
}

const struct lk_rule lk_rule_require_concurrent_refresh = {
    .name = "require-concurrent-refresh",
    .group = LK_GROUP_LOCK,
    .severity = LK_SEVERITY_WARNING,
    .summary = "REFRESH MATERIALIZED VIEW blocks reads while its query runs",
    .fix = LK_RULE_FIX_EITHER,
    .on = {{T_RefreshMatViewStmt, check_refresh}},
};
