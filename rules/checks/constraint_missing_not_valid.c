/*
 * # constraint-missing-not-valid
 *
 * ## What it flags
 *
 * A CHECK constraint added without NOT VALID to a table that is in use, by ADD CONSTRAINT or as
 * part of ADD COLUMN, or to a domain that columns of such a table have.
 *
 * ## Why it hurts
 *
 * The server evaluates the expression for every row and holds an ACCESS EXCLUSIVE lock meanwhile:
 * reads and writes wait for a time that grows with the table. For a domain it is a SHARE lock on
 * each table with such a column: writes wait.
 *
 * ## Do instead
 *
 * ```sql
 * ALTER TABLE orders ADD CONSTRAINT orders_total_check CHECK (total >= 0) NOT VALID;
 * -- in the next migration:
 * ALTER TABLE orders VALIDATE CONSTRAINT orders_total_check;
 * ```
 *
 * NOT VALID holds for new rows at once; VALIDATE reads the old ones under a lock that lets
 * everybody work.
 *
 * ## When it stays silent
 *
 * On a table created in the same migration, or emptied with TRUNCATE in the same transaction. NOT
 * NULL and foreign keys have rules of their own; UNIQUE, PRIMARY KEY and EXCLUDE cannot be NOT
 * VALID.
 *
 * ## Versions
 *
 * All.
 *
 * ## References
 *
 * - PostgreSQL documentation: ALTER TABLE, ADD table_constraint
 */
#include "parser/pgparse.h"
#include "rules/fix.h"
#include "rules/suggest.h"

/* move_out takes the constraint out of its column's definition, to be one of the table's. */
static void
move_out(struct lk_check *check, struct lk_finding *finding, const Constraint *constraint,
         const ColumnDef *definition, const char *name)
{
    const AlterTableStmt *stmt = castNode(AlterTableStmt, check->statement->tree);
    size_t index = lk_fix_command(check, constraint);

    lk_fix_name(check, finding, constraint, name);
    lk_fix_cut_part(check, finding, definition, constraint);
    lk_fix_insert(check, finding, lk_alter_span(check, stmt, index).end,
                  lk_fmt(check->mem, ", ADD CONSTRAINT %s %s NOT VALID",
                         lk_quote_ident(check->mem, name), lk_check_text(check, constraint)));
    lk_fix_wait(check, finding, name);
    lk_fix_validate(check, finding, name);
}

/* report reports a constraint; `definition` is the new column that it comes with, or NULL. */
static void
report(struct lk_check *check, const RangeVar *range, const Constraint *constraint,
       const ColumnDef *definition)
{
    if (constraint->skip_validation)
        return;
    char *table = lk_range_sql(check->mem, range);
    const char *plain = constraint->conname != NULL
                            ? constraint->conname
                            : lk_made_name(check, lk_qname_of_range(range),
                                           lk_constraint_columns(check, constraint), "check");
    char *name = lk_quote_ident(check->mem, plain);
    struct lk_finding *finding =
        lk_report(check, check->statement->span,
                  "the CHECK constraint reads all of %s under an ACCESS EXCLUSIVE lock: reads and "
                  "writes wait",
                  table);
    const char *column = "";

    if (definition != NULL)
        column = lk_fmt(check->mem, "ALTER TABLE %s ADD COLUMN %s;\n", table,
                        lk_column_without(check, definition, constraint));
    lk_finding_object(check, finding, lk_subject_name(check, range));
    lk_finding_hint(check, finding,
                    "%s%sALTER TABLE %s %sADD CONSTRAINT %s %s NOT VALID;%s\n"
                    "-- in the next migration:\n"
                    "ALTER TABLE %s VALIDATE CONSTRAINT %s;",
                    lk_bound(check, finding), column, table, lk_room_text(check, plain, false),
                    name, lk_check_text(check, constraint), lk_wait_end(check), table, name);
    lk_fix_bound(check, finding);
    if (definition != NULL)
        move_out(check, finding, constraint, definition, plain);
    else
        lk_fix_not_valid(check, finding, constraint, plain);
}

static void
check_alter(struct lk_check *check, const Node *node)
{
    lk_each_added_constraint(check, (const AlterTableStmt *)node, CONSTR_CHECK, report);
}

/* check_domain reports a CHECK of a domain, for which the tables with such columns are read. */
static void
check_domain(struct lk_check *check, const Node *node)
{
    const AlterDomainStmt *stmt = (const AlterDomainStmt *)node;
    const struct lk_lock *lock = lk_strongest_lock(check->effects);

    if (stmt->subtype != 'C' || lock == NULL)
        return;
    char *domain = lk_qname_sql(check->mem, lk_qname_of_list(stmt->typeName));
    const char *name = castNode(Constraint, stmt->def)->conname;
    struct lk_finding *finding =
        lk_report(check, check->statement->span,
                  "the CHECK constraint of domain %s reads all of %s under a %s lock: %s wait",
                  domain, lock->relation, lk_lock_sql(lock->mode), lk_lock_blocks(lock->mode));
    lk_finding_object(check, finding, lock->relation);
    const char *validate = name == NULL
                               ? NULL
                               : lk_fmt(check->mem, "ALTER DOMAIN %s VALIDATE CONSTRAINT %s;",
                                        domain, lk_quote_ident(check->mem, name));
    lk_finding_hint(check, finding, "%s NOT VALID;%s", lk_statement_text(check),
                    validate == NULL
                        ? ""
                        : lk_fmt(check->mem, "\n-- in a later migration, at a quiet time:\n%s",
                                 lk_wait_apart(check, validate)));
}

const struct lk_rule lk_rule_constraint_missing_not_valid = {
    .name = "constraint-missing-not-valid",
    .group = LK_GROUP_LOCK,
    .severity = LK_SEVERITY_ERROR,
    .summary = "a CHECK constraint without NOT VALID reads the table while nobody can use it",
    .fix = LK_RULE_FIX_SAFE,
    .on = {{T_AlterTableStmt, check_alter}, {T_AlterDomainStmt, check_domain}},
};
