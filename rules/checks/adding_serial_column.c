/*
 * # adding-serial-column
 *
 * ## What it flags
 *
 * `ADD COLUMN` of a serial type or `GENERATED ... AS IDENTITY` on a table that is in use.
 *
 * ## Why it hurts
 *
 * Each row that is there gets its own number: the server writes the whole table and all its indexes
 * anew under an ACCESS EXCLUSIVE lock, and reads and writes wait until it is done.
 *
 * ## Do instead
 *
 * Add a plain column, number new rows by a sequence, and the others in batches:
 *
 * ```sql
 * ALTER TABLE users ADD COLUMN number bigint;
 * CREATE SEQUENCE users_number_seq AS bigint OWNED BY users.number;
 * ALTER TABLE users ALTER COLUMN number SET DEFAULT nextval('users_number_seq');
 * -- in the next migration:
 * UPDATE users SET number = DEFAULT WHERE number IS NULL
 *     AND ctid = ANY (ARRAY(SELECT ctid FROM users WHERE number IS NULL LIMIT 5000));
 * ```
 *
 * ## When it stays silent
 *
 * On a table created in the same migration, or emptied with TRUNCATE in the same transaction; where
 * the column is there already and the clause says IF NOT EXISTS.
 *
 * ## Versions
 *
 * All.
 *
 * ## References
 *
 * - PostgreSQL documentation: ALTER TABLE, Notes; 8.1.4 Serial Types
 */
#include "parser/pgparse.h"
#include "rules/new_column.h"
#include "rules/suggest.h"

static void
report(struct lk_check *check, const RangeVar *range, const ColumnDef *definition, void *data)
{
    bool identity = lk_definition_constraint(definition, CONSTR_IDENTITY) != NULL;
    struct lk_finding *finding =
        lk_report_new_column(check, range, definition,
                             identity ? "is an identity that numbers the rows that are there"
                                      : "is serial and numbers the rows that are there");
    struct lk_qname table = lk_qname_of_range(range);
    struct lk_qname sequence = {range->schemaname,
                                lk_made_name(check, table, definition->colname, "seq")};
    char *column = lk_quote_ident(check->mem, definition->colname);
    char *table_sql = lk_qname_sql(check->mem, table);
    char *sequence_sql = lk_qname_sql(check->mem, sequence);
    struct lk_type type;

    (void)data;
    lk_type_of(check->mem, definition->typeName, &type);
    char *type_sql = lk_type_sql(check->mem, &type);
    lk_finding_hint(check, finding,
                    "ALTER TABLE %s ADD COLUMN %s %s;\n"
                    "CREATE SEQUENCE %s AS %s OWNED BY %s.%s;\n"
                    "ALTER TABLE %s ALTER COLUMN %s SET DEFAULT nextval(%s);\n"
                    "-- in the next migration:\n"
                    "%s",
                    table_sql, column, type_sql, sequence_sql, type_sql, table_sql, column,
                    table_sql, column, lk_quote_literal(check->mem, sequence_sql),
                    lk_fill_text(check, range, definition->colname));
}

static void
check_alter(struct lk_check *check, const Node *node)
{
    lk_each_new_column(check, (const AlterTableStmt *)node, LK_NEW_COLUMN_SERIAL, report, NULL);
}

const struct lk_rule lk_rule_adding_serial_column = {
    .name = "adding-serial-column",
    .group = LK_GROUP_LOCK,
    .severity = LK_SEVERITY_ERROR,
    .summary = "ADD COLUMN serial or IDENTITY rewrites the table",
    .on = {{T_AlterTableStmt, check_alter}},
};
