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

struct column {
    const struct lk_relation *table;
    const char *name;
};

static bool
sets_default(const struct lk_check *check, const Node *tree, const void *data)
{
    const struct column *it = data;
    ListCell *cell;

    if (!IsA(tree, AlterTableStmt) ||
        lk_subject(check, ((const AlterTableStmt *)tree)->relation) != it->table)
        return false;
    foreach(cell, ((const AlterTableStmt *)tree)->cmds) {
        const AlterTableCmd *command = lfirst_node(AlterTableCmd, cell);
        if (command->subtype == AT_ColumnDefault && command->def != NULL &&
            strcmp(command->name, it->name) == 0)
            return true;
    }
    return false;
}

static void
check_alter(struct lk_check *check, const Node *node)
{
    const AlterTableStmt *stmt = (const AlterTableStmt *)node;
    const struct lk_relation *table = lk_subject(check, stmt->relation);
    ListCell *cell;

    if (table == NULL || !lk_alters_used_table(check, stmt))
        return;
    foreach(cell, stmt->cmds) {
        const AlterTableCmd *command = lfirst_node(AlterTableCmd, cell);
        if (command->subtype != AT_ColumnDefault || command->def != NULL)
            continue;
        const struct lk_column *column = lk_relation_column(table, command->name);
        if (column == NULL || column->object.assumed || !column->not_null || !column->has_default ||
            !lk_object_is_new(check->catalog, &column->object) ||
            lk_find_later(check, sets_default, &(struct column){table, command->name}) != NULL)
            continue;
        char *name = lk_quote_ident(check->mem, command->name);
        struct lk_finding *finding = lk_report(
            check, check->statement->span,
            "DROP DEFAULT of the new column %s of %s makes each INSERT of clients that do "
            "not know the column fail",
            name, lk_range_sql(check->mem, stmt->relation));
        lk_finding_object(
            check, finding,
            lk_fmt(check->mem, "%s.%s", lk_subject_name(check, stmt->relation), name));
        lk_finding_hint(check, finding,
                        "-- in a later migration, once every client writes the column:\n%s;",
                        lk_statement_text(check));
    }
}

const struct lk_rule lk_rule_dropping_new_default = {
    .name = "dropping-new-default",
    .group = LK_GROUP_COMPATIBILITY,
    .severity = LK_SEVERITY_WARNING,
    .summary = "DROP DEFAULT of a NOT NULL column that was only just added",
    .on = {{T_AlterTableStmt, check_alter}},
};
