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

/* One column that is to be NOT NULL. */
struct wish {
    const AlterTableStmt *stmt;
    const char *column;
    const Constraint *constraint; /* of ADD NOT NULL; NULL for SET NOT NULL */
};

/* unvalidated returns a constraint that proves the column, once somebody validates it; or NULL. */
static const struct lk_constraint *
unvalidated(const struct lk_check *check, const struct wish *wish)
{
    const struct lk_relation *table = lk_subject(check, wish->stmt->relation);

    if (table == NULL)
        return NULL;
    lk_vec_foreach(constraint, &table->constraints) {
        if ((*constraint)->validated)
            continue;
        if ((*constraint)->kind == LK_CONSTRAINT_NOT_NULL &&
            strcmp((*constraint)->columns.items[0], wish->column) == 0)
            return *constraint;
        lk_vec_foreach(proven, &(*constraint)->not_null)
            if (strcmp(*proven, wish->column) == 0)
                return *constraint;
    }
    return NULL;
}

/* added_here returns the index of the subcommand that adds the column with a default, or -1. */
static int
added_here(const struct wish *wish)
{
    ListCell *cell, *inner;
    int index = 0;

    foreach(cell, wish->stmt->cmds) {
        const AlterTableCmd *command = lfirst_node(AlterTableCmd, cell);
        if (command->subtype == AT_AddColumn &&
            strcmp(castNode(ColumnDef, command->def)->colname, wish->column) == 0)
            foreach(inner, castNode(ColumnDef, command->def)->constraints)
                if (lfirst_node(Constraint, inner)->contype == CONSTR_DEFAULT)
                    return index;
        index++;
    }
    return -1;
}

/* advise_new advises on the way to a constraint that is not there yet. */
static void
advise_new(struct lk_check *check, struct lk_finding *finding, const struct wish *wish)
{
    char *table = lk_range_sql(check->mem, wish->stmt->relation);
    char *name = lk_quote_ident(check->mem, wish->column);
    const char *given = wish->constraint != NULL && wish->constraint->conname != NULL
                            ? wish->constraint->conname
                            : lk_made_name(check, lk_qname_of_range(wish->stmt->relation),
                                           wish->column, "not_null");
    char *constraint = lk_quote_ident(check->mem, given);

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
advise(struct lk_check *check, struct lk_finding *finding, const struct wish *wish)
{
    const struct lk_constraint *known = unvalidated(check, wish);
    char *table = lk_range_sql(check->mem, wish->stmt->relation);
    int index = added_here(wish);

    if (index >= 0) {
        struct lk_span span = lk_alter_span(check, wish->stmt, (size_t)index);
        lk_finding_hint(check, finding, "ALTER TABLE %s %.*s NOT NULL;", table,
                        (int)(span.end - span.start), check->source->text + span.start);
        return;
    }
    if (known == NULL) {
        advise_new(check, finding, wish);
        return;
    }
    char *constraint = lk_quote_ident(check->mem, known->object.name);
    if (known->kind == LK_CONSTRAINT_NOT_NULL)
        lk_finding_hint(check, finding, "ALTER TABLE %s VALIDATE CONSTRAINT %s;", table,
                        constraint);
    else
        lk_finding_hint(check, finding,
                        "ALTER TABLE %s VALIDATE CONSTRAINT %s;\n"
                        "-- in the next migration:\n"
                        "ALTER TABLE %s ALTER COLUMN %s SET NOT NULL;",
                        table, constraint, table, lk_quote_ident(check->mem, wish->column));
}

static void
check_column(struct lk_check *check, const struct wish *wish)
{
    const RangeVar *range = wish->stmt->relation;
    char *name = lk_quote_ident(check->mem, wish->column);

    if (lk_alter_proves_not_null(wish->stmt, lk_subject(check, range), wish->column))
        return;
    struct lk_finding *finding =
        lk_report(check, check->statement->span,
                  "%s NOT NULL on column %s reads all of %s under an ACCESS EXCLUSIVE lock: reads "
                  "and writes wait",
                  wish->constraint != NULL ? "ADD" : "SET", name, lk_range_sql(check->mem, range));
    lk_finding_object(check, finding,
                      lk_fmt(check->mem, "%s.%s", lk_subject_name(check, range), name));
    advise(check, finding, wish);
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
            check_column(check, &(struct wish){stmt, command->name, NULL});
        else if (command->subtype == AT_AddConstraint && constraint->contype == CONSTR_NOTNULL &&
                 !constraint->skip_validation && constraint->keys != NIL)
            check_column(check,
                         &(struct wish){stmt, strVal(linitial(constraint->keys)), constraint});
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
