/*
 * # adding-not-nullable-field
 *
 * ## What it flags
 *
 * `ALTER COLUMN ... SET NOT NULL` on a table that is in use, unless a validated CHECK constraint
 * proves that there is no NULL; from PostgreSQL 18 on, also `ADD NOT NULL` without NOT VALID.
 *
 * ## Why it hurts
 *
 * The server reads the whole table to be sure, and holds an ACCESS EXCLUSIVE lock while it does:
 * neither reads nor writes get through for a time that grows with the table.
 *
 * ## Do instead
 *
 * Let a CHECK constraint do the reading, which validates under a lock that lets everybody work:
 *
 * ```sql
 * ALTER TABLE users ADD CONSTRAINT users_email_not_null CHECK (email IS NOT NULL) NOT VALID;
 * -- in the next migration:
 * ALTER TABLE users VALIDATE CONSTRAINT users_email_not_null;
 * -- and in the one after that:
 * ALTER TABLE users ALTER COLUMN email SET NOT NULL;
 * ALTER TABLE users DROP CONSTRAINT users_email_not_null;
 * ```
 *
 * From 18 on, NOT NULL constraints can be NOT VALID themselves:
 *
 * ```sql
 * ALTER TABLE users ADD CONSTRAINT users_email_not_null NOT NULL email NOT VALID;
 * -- in the next migration:
 * ALTER TABLE users VALIDATE CONSTRAINT users_email_not_null;
 * ```
 *
 * ## When it stays silent
 *
 * On a table created in the same migration; on a column that is NOT NULL already; where the history
 * has a validated CHECK that says `column IS NOT NULL`, alone or joined by AND.
 *
 * ## Versions
 *
 * The proof by a CHECK constraint counts from 12 on.
 *
 * ## References
 *
 * - PostgreSQL documentation: ALTER TABLE, SET NOT NULL
 */
#include "parser/pgparse.h"
#include "rules/suggest.h"

static void
report(struct lk_check *check, const RangeVar *range, const char *column, const char *what)
{
    char *table = lk_range_sql(check->mem, range);
    char *name = lk_quote_ident(check->mem, column);
    char *constraint =
        lk_quote_ident(check->mem, lk_made_name(check, range->relname, column, "not_null"));
    struct lk_finding *finding = lk_report(
        check, check->statement->span,
        "%s on %s reads the whole table under an ACCESS EXCLUSIVE lock: reads and writes wait",
        what, table);

    lk_finding_object(check, finding,
                      lk_fmt(check->mem, "%s.%s", lk_subject_name(check, range), name));
    if (check->settings->postgres_version >= 18)
        lk_finding_hint(check, finding,
                        "ALTER TABLE %s ADD CONSTRAINT %s NOT NULL %s NOT VALID;\n"
                        "-- in the next migration:\n"
                        "ALTER TABLE %s VALIDATE CONSTRAINT %s;",
                        table, constraint, name, table, constraint);
    else
        lk_finding_hint(check, finding,
                        "ALTER TABLE %s ADD CONSTRAINT %s CHECK (%s IS NOT NULL) NOT VALID;\n"
                        "-- in the next migration:\n"
                        "ALTER TABLE %s VALIDATE CONSTRAINT %s;\n"
                        "-- and in the one after that:\n"
                        "ALTER TABLE %s ALTER COLUMN %s SET NOT NULL;\n"
                        "ALTER TABLE %s DROP CONSTRAINT %s;",
                        table, constraint, name, table, constraint, table, name, table, constraint);
}

static void
check_column(struct lk_check *check, const AlterTableStmt *stmt, const char *name, const char *what)
{
    if (!lk_alter_proves_not_null(stmt, lk_subject(check, stmt->relation), name))
        report(check, stmt->relation, name, what);
}

static void
check_alter(struct lk_check *check, const Node *node)
{
    const AlterTableStmt *stmt = (const AlterTableStmt *)node;
    ListCell *cell;

    if (!lk_alters_used_table(check, stmt))
        return;
    foreach(cell, stmt->cmds) {
        const AlterTableCmd *command = lfirst_node(AlterTableCmd, cell);
        const Constraint *constraint = (const Constraint *)command->def;
        if (command->subtype == AT_SetNotNull)
            check_column(check, stmt, command->name, "SET NOT NULL");
        else if (command->subtype == AT_AddConstraint && constraint->contype == CONSTR_NOTNULL &&
                 !constraint->skip_validation && constraint->keys != NIL)
            check_column(check, stmt, strVal(linitial(constraint->keys)), "ADD NOT NULL");
    }
}

const struct lk_rule lk_rule_adding_not_nullable_field = {
    .name = "adding-not-nullable-field",
    .group = LK_GROUP_LOCK,
    .severity = LK_SEVERITY_ERROR,
    .summary = "SET NOT NULL reads the whole table while nobody can use it",
    .aliases = {"atlas:PG303"},
    .on = {{T_AlterTableStmt, check_alter}},
};
