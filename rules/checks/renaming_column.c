/*
 * # renaming-column
 *
 * ## What it flags
 *
 * `RENAME COLUMN` on a table or view that is in use.
 *
 * ## Why it hurts
 *
 * Clients that are running know the old name: from the moment of the rename until their new version
 * is deployed everywhere, each of their statements that names the column fails.
 *
 * ## Do instead
 *
 * Add a column of the new name, write both for a while, move readers over, drop the old one:
 *
 * ```sql
 * ALTER TABLE users ADD COLUMN full_name text;
 * -- write both columns, fill the new one in batches, read the new one; in a later migration:
 * ALTER TABLE users DROP COLUMN name;
 * ```
 *
 * ## When it stays silent
 *
 * On a table, view or column created in the same migration.
 *
 * ## Versions
 *
 * All.
 *
 * ## References
 *
 * - PostgreSQL documentation: ALTER TABLE, RENAME
 */
#include "parser/pgparse.h"
#include "rules/suggest.h"

/* drop_text returns what drops the column, once `new` is in its place. */
static const char *
drop_text(const struct lk_check *check, const RenameStmt *stmt, const char *new)
{
    const char *sql = lk_fmt(check->mem,
                             "-- lockkeeper: ignore ban-drop-column -- %s is in its place\n"
                             "ALTER TABLE %s DROP COLUMN %s;",
                             new, lk_range_sql(check->mem, stmt->relation),
                             lk_quote_ident(check->mem, stmt->subname));

    return lk_fmt(check->mem, "%s%s",
                  lk_freed_text(check, lk_subject(check, stmt->relation), stmt->subname),
                  lk_wait_apart(check, sql));
}

static void
advise(struct lk_check *check, struct lk_finding *finding, const RenameStmt *stmt,
       const struct lk_column *column)
{
    const struct lk_relation *relation = lk_subject(check, stmt->relation);
    char *table = lk_range_sql(check->mem, stmt->relation);
    char *new = lk_quote_ident(check->mem, stmt->newname);

    if (relation != NULL && relation->kind == LK_RELATION_VIEW)
        lk_finding_hint(check, finding,
                        "Show the column by both names until nobody uses the old one: CREATE OR "
                        "REPLACE VIEW can add columns at the end.");
    else if (stmt->relationType == OBJECT_TABLE && column != NULL && column->type_known)
        lk_finding_hint(check, finding,
                        "ALTER TABLE %s ADD COLUMN %s %s;\n"
                        "-- write both, fill %s in batches, read %s; in a later migration:\n"
                        "%s",
                        table, new, lk_type_sql(check->mem, &column->type), new, new,
                        drop_text(check, stmt, new));
    else
        lk_finding_hint(check, finding,
                        "Add a column of the new name, write both, fill it in batches, and drop "
                        "the old one in a later migration.");
}

static void
check_rename(struct lk_check *check, const Node *node)
{
    const RenameStmt *stmt = (const RenameStmt *)node;

    if (stmt->renameType != OBJECT_COLUMN || lk_subject_is_new(check, stmt->relation))
        return;
    const struct lk_column *column =
        lk_relation_column(lk_subject(check, stmt->relation), stmt->subname);
    if (column != NULL && lk_object_is_new(check->catalog, &column->object))
        return;
    char *table = lk_range_sql(check->mem, stmt->relation);
    char *old = lk_quote_ident(check->mem, stmt->subname);
    char *new = lk_quote_ident(check->mem, stmt->newname);
    struct lk_finding *finding = lk_report(
        check, check->statement->span,
        "renaming column %s of %s to %s breaks clients that use the old name", old, table, new);
    lk_finding_object(check, finding,
                      lk_fmt(check->mem, "%s.%s", lk_subject_name(check, stmt->relation), old));
    advise(check, finding, stmt, column);
}

const struct lk_rule lk_rule_renaming_column = {
    .name = "renaming-column",
    .group = LK_GROUP_COMPATIBILITY,
    .severity = LK_SEVERITY_WARNING,
    .summary = "RENAME COLUMN breaks clients that use the old name",
    .aliases = {"atlas:BC102"},
    .on = {{T_RenameStmt, check_rename}},
};
