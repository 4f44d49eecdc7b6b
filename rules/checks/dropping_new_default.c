/*
 * # dropping-new-default
 *
 * ## What it flags
 *
 * `ALTER COLUMN ... DROP DEFAULT` of a NOT NULL column that the migration itself has added to a
 * table that is in use.
 *
 * ## Why it hurts
 *
 * The default fills the rows that are there, and is gone again before anybody could use it. Clients
 * that are running do not know the column: each of their INSERTs fails with a NULL in it, until
 * their new version is deployed everywhere. Object-relational mappers write such migrations.
 *
 * ## Do instead
 *
 * Keep the default until every client writes the column, and drop it in a later migration:
 *
 * ```sql
 * ALTER TABLE users ADD COLUMN locale text NOT NULL DEFAULT 'en';
 * -- in a later migration, once every client writes locale:
 * ALTER TABLE users ALTER COLUMN locale DROP DEFAULT;
 * ```
 *
 * ## When it stays silent
 *
 * On a table created in the same migration, on columns that may be NULL, on columns that were there
 * before, and where a later statement of the migration sets a default again.
 *
 * ## Versions
 *
 * All.
 *
 * ## References
 *
 * - PostgreSQL documentation: ALTER TABLE, SET DEFAULT
 */
#include "parser/pgparse.h"
#include "rules/around.h"
#include "rules/suggest.h"

static bool
sets_default(const AlterTableCmd *command)
{
    return command->subtype == AT_ColumnDefault && command->def != NULL;
}

/* is_wanted returns whether clients cannot insert without a column, once its default is gone. */
static bool
is_wanted(const struct lk_check *check, const struct lk_relation *table,
          const struct lk_column *column)
{
    return column != NULL && !column->object.assumed && column->not_null && column->has_default &&
           lk_object_is_new(check->catalog, &column->object) &&
           !lk_altered_later(check, table, column->object.name, sets_default);
}

static void
check_alter(struct lk_check *check, const Node *node)
{
    const AlterTableStmt *stmt = (const AlterTableStmt *)node;
    struct lk_columns columns = {0};
    ListCell *cell;

    if (!lk_alter_has(stmt, AT_ColumnDefault) || !check->alters_used)
        return;
    const struct lk_relation *table = lk_subject(check, stmt->relation);
    if (table == NULL)
        return;
    foreach(cell, stmt->cmds) {
        const AlterTableCmd *command = lfirst_node(AlterTableCmd, cell);
        if (command->subtype == AT_ColumnDefault && command->def == NULL &&
            is_wanted(check, table, lk_relation_column(table, command->name)))
            lk_vec_push(check->mem, &columns.items, command->name);
    }
    if (columns.items.count == 0)
        return;
    struct lk_finding *finding = lk_report(
        check, check->statement->span,
        "DROP DEFAULT of the new column%s %s of %s makes each INSERT of clients that do "
        "not know %s fail",
        columns.items.count > 1 ? "s" : "", lk_columns_text(check, &columns),
        lk_range_sql(check->mem, stmt->relation), columns.items.count > 1 ? "them" : "the column");
    lk_finding_columns(check, finding, stmt->relation, &columns);
    lk_finding_hint(check, finding, "-- in a later migration, once every client writes %s:\n%s",
                    columns.items.count > 1 ? "them" : "the column", lk_statement_apart(check));
}

const struct lk_rule lk_rule_dropping_new_default = {
    .name = "dropping-new-default",
    .group = LK_GROUP_COMPATIBILITY,
    .severity = LK_SEVERITY_WARNING,
    .summary = "DROP DEFAULT of a NOT NULL column that was only just added",
    .on = {{T_AlterTableStmt, check_alter}},
};
