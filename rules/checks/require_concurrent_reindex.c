/*
 * # require-concurrent-reindex
 *
 * ## What it flags
 *
 * `REINDEX` without `CONCURRENTLY` of what is in use.
 *
 * ## Why it hurts
 *
 * The statement holds a SHARE lock on the table, so that writes wait, and an ACCESS EXCLUSIVE lock
 * on each index while it is built: plain reads wait for that one, too, because the planner opens
 * every index of a table.
 *
 * ## Do instead
 *
 * ```sql
 * REINDEX INDEX CONCURRENTLY users_email_idx;
 * ```
 *
 * outside a transaction. When it fails it leaves an INVALID index behind, whose name ends in
 * _ccnew: drop that one.
 *
 * ## When it stays silent
 *
 * On tables created in the same migration, and on temporary ones.
 *
 * ## Versions
 *
 * CONCURRENTLY came with 12, for partitioned tables with 14.
 *
 * ## References
 *
 * - PostgreSQL documentation: REINDEX
 */
#include "rules/fix.h"
#include "rules/suggest.h"

/* backs_exclusion returns whether an index enforces EXCLUDE: it cannot be rebuilt concurrently. */
static bool
backs_exclusion(const struct lk_relation *index)
{
    if (index == NULL || index->kind != LK_RELATION_INDEX || index->table == NULL)
        return false;
    lk_vec_foreach(constraint, &index->table->constraints)
        if ((*constraint)->index == index && (*constraint)->kind == LK_CONSTRAINT_EXCLUDE)
            return true;
    return false;
}

/* is_new returns whether a table, or that of an index, is new. */
static bool
is_new(const struct lk_check *check, const RangeVar *range)
{
    const struct lk_relation *relation = lk_subject(check, range);

    if (lk_subject_is_new(check, range))
        return true;
    if (relation == NULL || relation->kind != LK_RELATION_INDEX || relation->table == NULL)
        return false;
    return relation->table->temporary || lk_object_is_new(check->catalog, &relation->table->object);
}

static const char *
word_of(const ReindexStmt *stmt)
{
    switch (stmt->kind) {
    case REINDEX_OBJECT_INDEX:
        return "INDEX";
    case REINDEX_OBJECT_TABLE:
        return "TABLE";
    case REINDEX_OBJECT_SCHEMA:
        return "SCHEMA";
    case REINDEX_OBJECT_DATABASE:
        return "DATABASE";
    default:
        return "SYSTEM";
    }
}

static struct lk_finding *
report(struct lk_check *check, const ReindexStmt *stmt)
{
    struct lk_finding *finding;

    if (stmt->relation == NULL)
        return lk_report(check, check->statement->span,
                         "REINDEX %s builds every index under locks that keep writes out of its "
                         "table, and reads as well where the planner opens the index",
                         word_of(stmt));
    if (stmt->kind == REINDEX_OBJECT_INDEX)
        finding = lk_report(check, check->statement->span,
                            "REINDEX INDEX holds an ACCESS EXCLUSIVE lock on %s and a SHARE lock "
                            "on its table while the index is built: writes wait, and so do reads",
                            lk_range_sql(check->mem, stmt->relation));
    else
        finding = lk_report(check, check->statement->span,
                            "REINDEX TABLE holds a SHARE lock on %s and an ACCESS EXCLUSIVE lock "
                            "on each index while it is built: writes wait, and so do reads",
                            lk_range_sql(check->mem, stmt->relation));
    finding->bounds = LK_BOUNDS_HERE;
    lk_finding_object(check, finding, lk_subject_name(check, stmt->relation));
    return finding;
}

static void
advise(struct lk_check *check, struct lk_finding *finding, const ReindexStmt *stmt)
{
    lk_fix_behind(check, finding, word_of(stmt), " CONCURRENTLY");
    lk_finding_hint(check, finding, "%s%s;", lk_outside_advice(check),
                    lk_fix_statement(check, finding));
    lk_fix_outside(check, finding);
}

static void
check_reindex(struct lk_check *check, const Node *node)
{
    const ReindexStmt *stmt = (const ReindexStmt *)node;

    if (lk_is_concurrently(node) || (stmt->relation != NULL && is_new(check, stmt->relation)))
        return;
    struct lk_finding *finding = report(check, stmt);
    if (stmt->kind == REINDEX_OBJECT_SYSTEM)
        lk_finding_hint(check, finding,
                        "The system catalogs cannot be reindexed concurrently: keep this for a "
                        "time when nobody uses the database.");
    else if (stmt->relation != NULL && backs_exclusion(lk_subject(check, stmt->relation)))
        lk_finding_hint(check, finding,
                        "The index of an exclusion constraint cannot be rebuilt concurrently: keep "
                        "this for a time when nobody uses the table.");
    else
        advise(check, finding, stmt);
}

const struct lk_rule lk_rule_require_concurrent_reindex = {
    .name = "require-concurrent-reindex",
    .group = LK_GROUP_LOCK,
    .severity = LK_SEVERITY_ERROR,
    .summary = "REINDEX blocks writes, and reads of what is rebuilt",
    .fix = LK_RULE_FIX_SAFE,
    .on = {{T_ReindexStmt, check_reindex}},
};
