/*
 * # ban-drop-column
 *
 * ## What it flags
 *
 * `ALTER TABLE ... DROP COLUMN` of a column with a past.
 *
 * ## Why it hurts
 *
 * The data is gone, every client whose statements name the column fails from then on, and so do
 * prepared `SELECT *` plans ("cached plan must not change result type"). Indexes and constraints
 * over the column go with it without a word. The statement takes an ACCESS EXCLUSIVE lock.
 *
 * ## Do instead
 *
 * Stop reading and writing the column, deploy that, then drop it in a later migration and say that
 * this was done:
 *
 * ```sql
 * -- lockkeeper: ignore ban-drop-column -- unused since release 41
 * ALTER TABLE users DROP COLUMN nickname;
 * ```
 *
 * ## When it stays silent
 *
 * On a column or table created in the same migration and on temporary tables.
 *
 * ## Versions
 *
 * All.
 *
 * ## References
 *
 * - PostgreSQL documentation: ALTER TABLE
 */
#include "parser/pgparse.h"
#include "rules/suggest.h"

/* has_past returns whether DROP COLUMN is about a column that others may be using. */
static bool
has_past(const struct lk_check *check, const AlterTableStmt *stmt, const AlterTableCmd *command)
{
    const struct lk_relation *table = lk_subject(check, stmt->relation);
    const struct lk_column *column = lk_relation_column(table, command->name);

    if (column != NULL)
        return !lk_object_is_new(check->catalog, &column->object);
    /* unless the history knows the table, and it has no such column */
    return !command->missing_ok || table == NULL || table->partial;
}

static void
check_alter(struct lk_check *check, const Node *node)
{
    const AlterTableStmt *stmt = (const AlterTableStmt *)node;
    struct lk_columns columns = {0};
    ListCell *cell;

    if (stmt->objtype == OBJECT_TYPE || !lk_alter_has(stmt, AT_DropColumn) ||
        lk_subject_is_new(check, stmt->relation))
        return;
    foreach(cell, stmt->cmds) {
        const AlterTableCmd *command = lfirst_node(AlterTableCmd, cell);
        if (command->subtype == AT_DropColumn && has_past(check, stmt, command))
            lk_vec_push(check->mem, &columns.items, command->name);
    }
    if (columns.items.count == 0)
        return;
    bool several = columns.items.count > 1;
    struct lk_finding *finding =
        lk_report(check, check->statement->span,
                  "DROP COLUMN %s of %s loses %s data and breaks clients that use %s",
                  lk_columns_text(check, &columns), lk_range_sql(check->mem, stmt->relation),
                  several ? "their" : "its", several ? "them" : "it");
    lk_finding_columns(check, finding, stmt->relation, &columns);
    lk_finding_hint_marked(check, finding,
                           "-- once no running client names the column%s:\n"
                           "-- lockkeeper: ignore ban-drop-column -- unused since ...\n%s;",
                           several ? "s" : "", lk_marked_text(check));
}

const struct lk_rule lk_rule_ban_drop_column = {
    .name = "ban-drop-column",
    .group = LK_GROUP_DESTRUCTIVE,
    .severity = LK_SEVERITY_WARNING,
    .summary = "DROP COLUMN of a column with a past",
    .aliases = {"atlas:DS103"},
    .on = {{T_AlterTableStmt, check_alter}},
};
