/*
 * # adding-stored-generated-column
 *
 * ## What it flags
 *
 * `ADD COLUMN ... GENERATED ALWAYS AS (...) STORED` on a table that is in use.
 *
 * ## Why it hurts
 *
 * The value is written into each row that is there: the server writes the whole table and all its
 * indexes anew under an ACCESS EXCLUSIVE lock, and reads and writes wait until it is done.
 *
 * ## Do instead
 *
 * From 18 on a virtual column, which is computed when it is read and costs nothing to add:
 *
 * ```sql
 * ALTER TABLE users ADD COLUMN name_length integer GENERATED ALWAYS AS (length(name)) VIRTUAL;
 * ```
 *
 * Before 18, or where the value has to be indexed: a plain column, a trigger that fills it when
 * rows are written, and batches for the rows that are there. An index on the expression itself
 * needs no column at all.
 *
 * ## When it stays silent
 *
 * On a table created in the same migration; on VIRTUAL columns.
 *
 * ## Versions
 *
 * All; VIRTUAL came with 18.
 *
 * ## References
 *
 * - PostgreSQL documentation: 5.4 Generated Columns; ALTER TABLE, Notes
 */
#include "parser/pgparse.h"
#include "rules/new_column.h"
#include "rules/suggest.h"

/* advise_virtual writes the column as VIRTUAL: the clause ends with STORED, or with nothing. */
static void
advise_virtual(struct lk_check *check, struct lk_finding *finding, const RangeVar *range,
               const ColumnDef *definition)
{
    const Constraint *generated = lk_definition_constraint(definition, CONSTR_GENERATED);
    char *clause = lk_column_part(check, definition, generated);
    char *end = strrchr(clause, ')');

    if (end != NULL)
        end[1] = '\0';
    lk_finding_hint(check, finding, "ALTER TABLE %s ADD COLUMN %s %s VIRTUAL;",
                    lk_range_sql(check->mem, range), lk_column_bare(check, definition), clause);
}

static void
report(struct lk_check *check, const RangeVar *range, const ColumnDef *definition)
{
    struct lk_finding *finding =
        lk_report_new_column(check, range, definition, "is generated and stored in each row");

    if (check->settings->postgres_version >= 18)
        advise_virtual(check, finding, range, definition);
    else
        lk_finding_hint(check, finding,
                        "ALTER TABLE %s ADD COLUMN %s;\n"
                        "-- then a trigger that fills it when a row is written, and batches of "
                        "UPDATE for the rows that are there",
                        lk_range_sql(check->mem, range), lk_column_bare(check, definition));
}

static void
check_alter(struct lk_check *check, const Node *node)
{
    lk_each_new_column(check, (const AlterTableStmt *)node, LK_NEW_COLUMN_STORED, report);
}

const struct lk_rule lk_rule_adding_stored_generated_column = {
    .name = "adding-stored-generated-column",
    .group = LK_GROUP_LOCK,
    .severity = LK_SEVERITY_ERROR,
    .summary = "ADD COLUMN ... STORED rewrites the table",
    .on = {{T_AlterTableStmt, check_alter}},
};
