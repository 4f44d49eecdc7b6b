/*
 * # require-concurrent-partition-detach
 *
 * ## What it flags
 *
 * `DETACH PARTITION` without `CONCURRENTLY` from a table that is in use.
 *
 * ## Why it hurts
 *
 * The statement takes ACCESS EXCLUSIVE locks on the partitioned table and on the partition. It is
 * quick once it has them, but while it waits for the queries that are under way, every new query on
 * any part of the table waits behind it.
 *
 * ## Do instead
 *
 * ```sql
 * ALTER TABLE visits DETACH PARTITION visits_2020 CONCURRENTLY;
 * ```
 *
 * outside a transaction. If it is interrupted, `ALTER TABLE visits DETACH PARTITION visits_2020
 * FINALIZE` completes it.
 *
 * ## When it stays silent
 *
 * When the partitioned table was created in the same migration; when it has a DEFAULT partition,
 * for which the server refuses CONCURRENTLY: there a short lock_timeout is what is left, and rule
 * require-lock-timeout asks for it.
 *
 * ## Versions
 *
 * 14 and later.
 *
 * ## References
 *
 * - PostgreSQL documentation: ALTER TABLE, DETACH PARTITION
 */
#include "rules/fix.h"
#include "rules/suggest.h"

#define VERSION 14 /* which brought CONCURRENTLY */

static void
check_detach(struct lk_check *check, const AlterTableStmt *stmt, const PartitionCmd *partition)
{
    const struct lk_relation *table = lk_subject(check, stmt->relation);
    char *parent = lk_range_sql(check->mem, stmt->relation);

    if (partition->concurrent ||
        (table != NULL && lk_catalog_default_partition(check->catalog, table) != NULL))
        return;
    struct lk_finding *finding =
        lk_report(check, check->statement->span,
                  "DETACH PARTITION takes an ACCESS EXCLUSIVE lock on all of %s: reads and writes "
                  "wait",
                  parent);
    finding->bounds = LK_BOUNDS_HERE;
    lk_finding_object(check, finding, lk_subject_name(check, stmt->relation));
    lk_finding_hint(check, finding, "%sALTER TABLE %s DETACH PARTITION %s CONCURRENTLY;",
                    lk_outside_advice(check), parent, lk_range_sql(check->mem, partition->name));
    lk_fix_insert(check, finding, check->statement->span.end, " CONCURRENTLY");
    lk_fix_outside(check, finding);
    lk_fix_unsafe(check,
                  finding); /* it leaves a CHECK on the partition, which the plain form drops */
}

static void
check_alter(struct lk_check *check, const Node *node)
{
    const AlterTableStmt *stmt = (const AlterTableStmt *)node;
    ListCell *cell;

    if (check->settings->postgres_version < VERSION || !check->alters_used)
        return;
    foreach(cell, stmt->cmds)
        if (lfirst_node(AlterTableCmd, cell)->subtype == AT_DetachPartition)
            check_detach(check, stmt,
                         castNode(PartitionCmd, lfirst_node(AlterTableCmd, cell)->def));
}

const struct lk_rule lk_rule_require_concurrent_partition_detach = {
    .name = "require-concurrent-partition-detach",
    .group = LK_GROUP_LOCK,
    .severity = LK_SEVERITY_WARNING,
    .summary = "DETACH PARTITION blocks all use of the partitioned table while it waits",
    .fix = LK_RULE_FIX_UNSAFE,
    .on = {{T_AlterTableStmt, check_alter}},
};
