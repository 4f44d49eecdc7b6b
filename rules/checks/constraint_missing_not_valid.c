/*
 * # constraint-missing-not-valid
 *
 * ## What it flags
 *
 * A CHECK constraint added without NOT VALID to a table that is in use, by ADD CONSTRAINT or as
 * part of ADD COLUMN.
 *
 * ## Why it hurts
 *
 * The server evaluates the expression for every row and holds an ACCESS EXCLUSIVE lock meanwhile:
 * reads and writes wait for a time that grows with the table.
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
 * On a table created in the same migration. NOT NULL and foreign keys have rules of their own;
 * UNIQUE, PRIMARY KEY and EXCLUDE cannot be NOT VALID.
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
#include "rules/suggest.h"

/* check_text returns "CHECK (...)" as written. */
static char *
check_text(const struct lk_check *check, const Constraint *constraint)
{
    char *text = lk_clause_text(check, constraint->location);
    const char *start = strcasestr(text, "check");
    const char *open = start != NULL ? strchr(start, '(') : NULL;

    if (open == NULL)
        return text;
    /* behind the expression other constraints of a column may follow */
    size_t depth = 0, length = (size_t)(open - start);
    for (; start[length] != '\0'; length++) {
        depth += start[length] == '(';
        if (start[length] == ')' && --depth == 0)
            break;
    }
    return lk_strndup(check->mem, start, length + 1);
}

static void
report(struct lk_check *check, const RangeVar *range, const Constraint *constraint,
       const char *column)
{
    char *table = lk_range_sql(check->mem, range);
    const char *given =
        constraint->conname != NULL
            ? constraint->conname
            : lk_made_name(check, range->relname, column != NULL ? column : "", "check");
    char *name = lk_quote_ident(check->mem, given);
    struct lk_finding *finding =
        lk_report(check, check->statement->span,
                  "the CHECK constraint reads all of %s under an ACCESS EXCLUSIVE lock: reads and "
                  "writes wait",
                  table);

    lk_finding_object(check, finding, lk_subject_name(check, range));
    lk_finding_hint(check, finding,
                    "ALTER TABLE %s ADD CONSTRAINT %s %s NOT VALID;\n"
                    "-- in the next migration:\n"
                    "ALTER TABLE %s VALIDATE CONSTRAINT %s;",
                    table, name, check_text(check, constraint), table, name);
}

static void
check_alter(struct lk_check *check, const Node *node)
{
    const AlterTableStmt *stmt = (const AlterTableStmt *)node;
    ListCell *cell, *inner;

    if (!lk_alters_used_table(check, stmt))
        return;
    foreach(cell, stmt->cmds) {
        const AlterTableCmd *command = lfirst_node(AlterTableCmd, cell);
        if (lk_alter_skips(check->catalog, stmt, command))
            continue;
        if (command->subtype == AT_AddConstraint) {
            const Constraint *constraint = castNode(Constraint, command->def);
            if (constraint->contype == CONSTR_CHECK && !constraint->skip_validation)
                report(check, stmt->relation, constraint, NULL);
        } else if (command->subtype == AT_AddColumn) {
            const ColumnDef *definition = castNode(ColumnDef, command->def);
            foreach(inner, definition->constraints)
                if (lfirst_node(Constraint, inner)->contype == CONSTR_CHECK)
                    report(check, stmt->relation, lfirst(inner), definition->colname);
        }
    }
}

const struct lk_rule lk_rule_constraint_missing_not_valid = {
    .name = "constraint-missing-not-valid",
    .group = LK_GROUP_LOCK,
    .severity = LK_SEVERITY_ERROR,
    .summary = "a CHECK constraint without NOT VALID reads the table while nobody can use it",
    .on = {{T_AlterTableStmt, check_alter}},
};
