/*
 * # ban-drop-not-null
 *
 * ## What it flags
 *
 * `ALTER COLUMN ... DROP NOT NULL` on a table that is in use.
 *
 * ## Why it hurts
 *
 * Clients that are running take for granted that the column has a value. The first NULL in it is an
 * error in whichever of them reads it, long after the migration.
 *
 * ## Do instead
 *
 * First deploy readers that cope with NULL, then drop the constraint, then have somebody write
 * NULL; and say that it is so:
 *
 * ```sql
 * -- lockkeeper: ignore ban-drop-not-null -- since release 41 no reader minds
 * ALTER TABLE users ALTER COLUMN email DROP NOT NULL;
 * ```
 *
 * ## When it stays silent
 *
 * On tables and columns created in the same migration, on a column that may be NULL anyway, and
 * where the migration drops the column, or makes it NOT NULL again.
 *
 * ## Versions
 *
 * All.
 *
 * ## References
 *
 * - PostgreSQL documentation: ALTER TABLE, DROP NOT NULL
 */
#include "parser/pgparse.h"
#include "rules/around.h"
#include "rules/suggest.h"

/* settles returns whether a subcommand drops the column, or makes it NOT NULL. */
static bool
settles(const AlterTableCmd *command)
{
    return command->subtype == AT_SetNotNull || command->subtype == AT_DropColumn;
}

/* is_required returns whether DROP NOT NULL lets anything in that was kept out. */
static bool
is_required(const struct lk_check *check, const struct lk_relation *table, const char *name)
{
    const struct lk_column *column = lk_relation_column(table, name);

    if (column != NULL && !column->object.assumed &&
        (!column->not_null || lk_object_is_new(check->catalog, &column->object)))
        return false;
    return !lk_altered_later(check, table, name, settles);
}

static void
check_alter(struct lk_check *check, const Node *node)
{
    const AlterTableStmt *stmt = (const AlterTableStmt *)node;
    struct lk_columns columns = {0};
    ListCell *cell;

    if (!lk_alter_has(stmt, AT_DropNotNull) || !check->alters_used)
        return;
    const struct lk_relation *table = lk_subject(check, stmt->relation);
    foreach(cell, stmt->cmds) {
        const AlterTableCmd *command = lfirst_node(AlterTableCmd, cell);
        if (command->subtype == AT_DropNotNull && is_required(check, table, command->name))
            lk_vec_push(check->mem, &columns.items, command->name);
    }
    if (columns.items.count == 0)
        return;
    struct lk_finding *finding =
        lk_report(check, check->statement->span,
                  "DROP NOT NULL on %s of %s lets NULL in, which running clients may not expect",
                  lk_columns_text(check, &columns), lk_range_sql(check->mem, stmt->relation));
    lk_finding_columns(check, finding, stmt->relation, &columns);
    lk_hint_meant(check, finding,
                  columns.items.count > 1
                      ? "once every client that reads the columns copes with NULL"
                      : "once every client that reads the column copes with NULL");
}

const struct lk_rule lk_rule_ban_drop_not_null = {
    .name = "ban-drop-not-null",
    .group = LK_GROUP_COMPATIBILITY,
    .severity = LK_SEVERITY_INFO,
    .summary = "DROP NOT NULL lets in what running clients may not expect",
    .on = {{T_AlterTableStmt, check_alter}},
};
