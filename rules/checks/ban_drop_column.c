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

static void
check_alter(struct lk_check *check, const Node *node)
{
    const AlterTableStmt *stmt = (const AlterTableStmt *)node;
    ListCell *cell;

    if (stmt->objtype == OBJECT_TYPE || lk_subject_is_new(check, stmt->relation))
        return;
    foreach(cell, stmt->cmds) {
        const AlterTableCmd *command = lfirst_node(AlterTableCmd, cell);
        if (command->subtype != AT_DropColumn)
            continue;
        const struct lk_relation *table = lk_subject(check, stmt->relation);
        const struct lk_column *column = lk_relation_column(table, command->name);
        if (column != NULL && lk_object_is_new(check->catalog, &column->object))
            continue;
        if (command->missing_ok && column == NULL && table != NULL && !table->partial)
            continue; /* the history knows the table, and it has no such column */
        char *name = lk_quote_ident(check->mem, command->name);
        struct lk_finding *finding =
            lk_report(check, check->statement->span,
                      "DROP COLUMN %s of %s loses its data and breaks clients that use it", name,
                      lk_range_sql(check->mem, stmt->relation));
        lk_finding_object(
            check, finding,
            lk_fmt(check->mem, "%s.%s", lk_subject_name(check, stmt->relation), name));
        lk_finding_hint(check, finding,
                        "-- once no running client names the column:\n"
                        "-- lockkeeper: ignore ban-drop-column -- unused since ...\n%s;",
                        lk_statement_text(check));
    }
}

const struct lk_rule lk_rule_ban_drop_column = {
    .name = "ban-drop-column",
    .group = LK_GROUP_DESTRUCTIVE,
    .severity = LK_SEVERITY_WARNING,
    .summary = "DROP COLUMN of a column with a past",
    .aliases = {"atlas:DS103"},
    .on = {{T_AlterTableStmt, check_alter}},
};
