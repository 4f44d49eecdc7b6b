/*
 * # changing-column-type
 *
 * ## What it flags
 *
 * `ALTER COLUMN ... TYPE` that writes the table anew, on a table that is in use.
 *
 * ## Why it hurts
 *
 * Every row is written to a new file and every index is rebuilt under an ACCESS EXCLUSIVE lock:
 * reads and writes wait for a time that grows with the table, which takes its space on disk a
 * second time. Planner statistics of the column are lost.
 *
 * ## Do instead
 *
 * Add a column of the new type, keep the two in step with a trigger, fill it in batches, and switch
 * over once both hold the same:
 *
 * ```sql
 * ALTER TABLE orders ADD COLUMN total_new bigint;
 * -- a trigger that copies total to total_new on INSERT and UPDATE; then, in batches:
 * UPDATE orders SET total_new = total WHERE id BETWEEN 1 AND 10000;
 * -- in a later migration:
 * ALTER TABLE orders DROP COLUMN total;
 * ALTER TABLE orders RENAME COLUMN total_new TO total;
 * ```
 *
 * ## When it stays silent
 *
 * On a table created in the same migration; where the values keep their form on disk: varchar(n) to
 * a wider one or to text, numeric with more digits before the point, timestamp, time and interval
 * with more precision, cidr to inet, citext and text, an unconstrained domain and its base type,
 * timestamp and timestamptz once the session's time zone is set to UTC.
 *
 * ## Versions
 *
 * timestamp to timestamptz under UTC is free from 12 on; the rest is the same in all.
 *
 * ## References
 *
 * - PostgreSQL documentation: ALTER TABLE, Notes
 * - PostgreSQL source: ATColumnChangeRequiresRewrite()
 */
#include "parser/pgparse.h"
#include "rules/suggest.h"

/* takes_over returns whether USING is the column itself, cast to the new type or not. */
static bool
takes_over(const AlterTableCmd *command, const ColumnDef *definition)
{
    const Node *using = definition->raw_default;

    if (using == NULL)
        return true;
    if (IsA(using, TypeCast)) {
        const TypeCast *cast = (const TypeCast *)using;
        if (!equal(cast->typeName->names, definition->typeName->names) ||
            !equal(cast->typeName->typmods, definition->typeName->typmods))
            return false;
        using = cast->arg;
    }
    if (!IsA(using, ColumnRef))
        return false;
    const Node *last = llast(((const ColumnRef *)using)->fields);
    return IsA(last, String) && strcmp(strVal(last), command->name) == 0;
}

static bool
is_time_zone_swap(const struct lk_type *from, const struct lk_type *to)
{
    return (lk_type_is(from, "timestamp") && lk_type_is(to, "timestamptz")) ||
           (lk_type_is(from, "timestamptz") && lk_type_is(to, "timestamp"));
}

static void
advise(struct lk_check *check, struct lk_finding *finding, const AlterTableStmt *stmt,
       const AlterTableCmd *command, const struct lk_type *to)
{
    char *table = lk_range_sql(check->mem, stmt->relation);
    char *column = lk_quote_ident(check->mem, command->name);
    char *new_column = lk_quote_ident(check->mem, lk_made_name(check, command->name, "", "new"));

    lk_finding_hint(check, finding,
                    "ALTER TABLE %s ADD COLUMN %s %s;\n"
                    "-- keep both in step with a trigger and fill %s in batches; in a later "
                    "migration:\n"
                    "ALTER TABLE %s DROP COLUMN %s;\n"
                    "ALTER TABLE %s RENAME COLUMN %s TO %s;",
                    table, new_column, lk_type_sql(check->mem, to), new_column, table, column,
                    table, new_column, column);
}

static void
check_command(struct lk_check *check, const AlterTableStmt *stmt, const AlterTableCmd *command)
{
    const ColumnDef *definition = castNode(ColumnDef, command->def);
    const struct lk_column *column =
        lk_relation_column(lk_subject(check, stmt->relation), command->name);
    const struct lk_type *from = column != NULL && column->type_known ? &column->type : NULL;
    struct lk_type to;

    if (!lk_type_of(check->mem, definition->typeName, &to))
        return;
    bool kept = takes_over(command, definition);
    enum lk_type_change change =
        kept ? lk_type_change_of(check->catalog, from, &to, check->session->utc)
             : LK_TYPE_CHANGE_REWRITE;
    if (change == LK_TYPE_CHANGE_FREE)
        return;
    const char *old_type =
        from != NULL ? lk_fmt(check->mem, " from %s", lk_type_sql(check->mem, from)) : "";
    struct lk_finding *finding = lk_report(
        check, check->statement->span,
        "changing the type of %s%s to %s %s all of %s under an ACCESS EXCLUSIVE lock: reads and "
        "writes wait",
        lk_quote_ident(check->mem, command->name), old_type, lk_type_sql(check->mem, &to),
        change == LK_TYPE_CHANGE_UNKNOWN ? "may rewrite" : "rewrites",
        lk_range_sql(check->mem, stmt->relation));
    lk_finding_object(check, finding,
                      lk_fmt(check->mem, "%s.%s", lk_subject_name(check, stmt->relation),
                             lk_quote_ident(check->mem, command->name)));
    if (kept && from != NULL && is_time_zone_swap(from, &to)) {
        lk_finding_detail(check, finding,
                          "With the session's time zone at UTC the values stay as they are and "
                          "nothing is rewritten.");
        lk_finding_hint(check, finding, "SET timezone = 'UTC';\n%s;", lk_statement_text(check));
        return;
    }
    if (change == LK_TYPE_CHANGE_UNKNOWN)
        lk_finding_detail(check, finding, "The history does not tell the column's present type.");
    advise(check, finding, stmt, command, &to);
}

static void
check_alter(struct lk_check *check, const Node *node)
{
    const AlterTableStmt *stmt = (const AlterTableStmt *)node;
    ListCell *cell;

    if (stmt->objtype != OBJECT_TABLE || lk_subject_is_new(check, stmt->relation))
        return;
    foreach(cell, stmt->cmds)
        if (lfirst_node(AlterTableCmd, cell)->subtype == AT_AlterColumnType)
            check_command(check, stmt, lfirst(cell));
}

const struct lk_rule lk_rule_changing_column_type = {
    .name = "changing-column-type",
    .group = LK_GROUP_LOCK,
    .severity = LK_SEVERITY_ERROR,
    .summary = "a new column type rewrites the table while nobody can use it",
    .aliases = {"atlas:PG301"},
    .on = {{T_AlterTableStmt, check_alter}},
};
