/*
 * # renaming-table
 *
 * ## What it flags
 *
 * `ALTER TABLE ... RENAME TO` on a table that is in use.
 *
 * ## Why it hurts
 *
 * Clients that are running know the old name: until their new version is deployed everywhere, each
 * of their statements that names the table fails.
 *
 * ## Do instead
 *
 * Leave a view of the old name behind, in the same transaction. A view over one table can be
 * written to as well as read:
 *
 * ```sql
 * BEGIN;
 * ALTER TABLE clients RENAME TO customers;
 * CREATE VIEW clients AS SELECT * FROM customers;
 * COMMIT;
 * ```
 *
 * and drop the view once nobody uses it.
 *
 * ## When it stays silent
 *
 * On a table created in the same migration, and when the migration creates a view of the old name.
 *
 * ## Versions
 *
 * All.
 *
 * ## References
 *
 * - PostgreSQL documentation: ALTER TABLE, RENAME; CREATE VIEW, Updatable Views
 */
#include "parser/pgparse.h"
#include "rules/around.h"
#include "rules/suggest.h"

static void
check_rename(struct lk_check *check, const Node *node)
{
    const RenameStmt *stmt = (const RenameStmt *)node;

    if (stmt->renameType != OBJECT_TABLE || lk_subject_is_new(check, stmt->relation))
        return;
    const struct lk_relation *table = lk_subject(check, stmt->relation);
    if (table != NULL && table->kind != LK_RELATION_TABLE &&
        table->kind != LK_RELATION_PARTITIONED && table->kind != LK_RELATION_UNKNOWN)
        return; /* ALTER TABLE renames indexes, views and sequences as well */
    const Node *replaced = lk_created_later(check, lk_subject_name(check, stmt->relation));
    if (replaced != NULL && IsA(replaced, ViewStmt))
        return;
    char *old = lk_range_sql(check->mem, stmt->relation);
    char *new =
        lk_qname_sql(check->mem, (struct lk_qname){stmt->relation->schemaname, stmt->newname});
    struct lk_finding *finding =
        lk_report(check, check->statement->span,
                  "renaming table %s to %s breaks clients that use the old name", old, new);
    lk_finding_object(check, finding, lk_subject_name(check, stmt->relation));
    lk_finding_hint(check, finding,
                    "-- in one transaction:\n%s;\n"
                    "CREATE VIEW %s AS SELECT * FROM %s;\n"
                    "-- drop the view once nobody uses it",
                    lk_statement_text(check), old, new);
}

const struct lk_rule lk_rule_renaming_table = {
    .name = "renaming-table",
    .group = LK_GROUP_COMPATIBILITY,
    .severity = LK_SEVERITY_WARNING,
    .summary = "RENAME of a table breaks clients that use the old name",
    .aliases = {"atlas:BC101"},
    .on = {{T_RenameStmt, check_rename}},
};
