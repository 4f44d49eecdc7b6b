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

static void
check_alter(struct lk_check *check, const Node *node)
{
    const AlterTableStmt *stmt = (const AlterTableStmt *)node;
    ListCell *cell;

    if (!lk_alter_has(stmt, AT_DropNotNull) || !check->alters_used)
        return;
    const struct lk_relation *table = lk_subject(check, stmt->relation);
    foreach(cell, stmt->cmds) {
        const AlterTableCmd *command = lfirst_node(AlterTableCmd, cell);
        if (command->subtype != AT_DropNotNull)
            continue;
        const struct lk_column *column = lk_relation_column(table, command->name);
        if (column != NULL && !column->object.assumed &&
            (!column->not_null || lk_object_is_new(check->catalog, &column->object)))
            continue;
        if (lk_altered_later(check, table, command->name, settles))
            continue;
        char *name = lk_quote_ident(check->mem, command->name);
        struct lk_finding *finding = lk_report(
            check, check->statement->span,
            "DROP NOT NULL of %s of %s lets NULL in, which running clients need not expect", name,
            lk_range_sql(check->mem, stmt->relation));
        lk_finding_object(
            check, finding,
            lk_fmt(check->mem, "%s.%s", lk_subject_name(check, stmt->relation), name));
        lk_hint_meant(check, finding, "once every client that reads the column copes with NULL");
    }
}

const struct lk_rule lk_rule_ban_drop_not_null = {
    .name = "ban-drop-not-null",
    .group = LK_GROUP_COMPATIBILITY,
    .severity = LK_SEVERITY_INFO,
    .summary = "DROP NOT NULL lets in what running clients need not expect",
    .on = {{T_AlterTableStmt, check_alter}},
};
