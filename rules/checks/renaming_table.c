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
#include "rules/suggest.h"

/* created_name returns the qualified name of a relation that is to be created. */
static char *
created_name(const struct lk_check *check, const RangeVar *range)
{
    const char *schema =
        range->schemaname != NULL ? range->schemaname : lk_catalog_creation_schema(check->catalog);

    return lk_qname_sql(check->mem, (struct lk_qname){schema, range->relname});
}

/* is_replaced returns whether a later statement of the migration creates a view of the old name. */
static bool
is_replaced(const struct lk_check *check, const RangeVar *old)
{
    char *name = lk_subject_name(check, old);

    for (size_t i = check->statement->index + 1u; i < check->script->statements.count; i++) {
        const Node *tree = check->script->statements.items[i].tree;
        if (tree != NULL && IsA(tree, ViewStmt) &&
            strcmp(created_name(check, ((const ViewStmt *)tree)->view), name) == 0)
            return true;
    }
    return false;
}

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
    if (is_replaced(check, stmt->relation))
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
