/*
 * # adding-exclusion-constraint
 *
 * ## What it flags
 *
 * `EXCLUDE` constraints added to a table that is in use.
 *
 * ## Why it hurts
 *
 * The server builds the index and compares every row with the others under an ACCESS EXCLUSIVE
 * lock: reads and writes wait for a time that grows with the table. There is no NOT VALID and no
 * USING INDEX for exclusion constraints.
 *
 * ## Do instead
 *
 * Where the table is large: create a new table with the constraint, copy the rows in batches while
 * a trigger copies what changes meanwhile, and let the two change names. Where it is small: add the
 * constraint at a quiet time, with a short lock_timeout.
 *
 * ## When it stays silent
 *
 * On a table created in the same migration, or emptied with TRUNCATE in the same transaction.
 *
 * ## Versions
 *
 * All.
 *
 * ## References
 *
 * - PostgreSQL documentation: CREATE TABLE, EXCLUDE
 */
#include "rules/suggest.h"

static void
report(struct lk_check *check, const RangeVar *range, const Constraint *constraint,
       const ColumnDef *definition, void *data)
{
    (void)data;
    (void)constraint;
    (void)definition;
    struct lk_finding *finding =
        lk_report(check, check->statement->span,
                  "the EXCLUDE constraint builds its index under an ACCESS EXCLUSIVE lock on %s: "
                  "reads and writes wait",
                  lk_range_sql(check->mem, range));
    lk_finding_object(check, finding, lk_subject_name(check, range));
    lk_finding_hint(check, finding,
                    "Copy the rows in batches to a new table that has the constraint, then let the "
                    "two change names; it cannot be added without the lock.");
}

static void
check_alter(struct lk_check *check, const Node *node)
{
    lk_each_added_constraint(check, (const AlterTableStmt *)node, CONSTR_EXCLUSION, report, NULL);
}

const struct lk_rule lk_rule_adding_exclusion_constraint = {
    .name = "adding-exclusion-constraint",
    .group = LK_GROUP_LOCK,
    .severity = LK_SEVERITY_ERROR,
    .summary = "an EXCLUDE constraint builds its index while nobody can use the table",
    .on = {{T_AlterTableStmt, check_alter}},
};
