/*
 * # adding-constrained-domain-column
 *
 * ## What it flags
 *
 * `ADD COLUMN` of a domain that has a CHECK or NOT NULL, on a table that is in use.
 *
 * ## Why it hurts
 *
 * The server checks the domain's constraints row by row, and to do so it writes the whole table and
 * all its indexes anew under an ACCESS EXCLUSIVE lock, even where the column is NULL or constant.
 * Reads and writes wait until it is done.
 *
 * ## Do instead
 *
 * Take the type below the domain, and put its condition on the column:
 *
 * ```sql
 * CREATE DOMAIN percentage AS integer CHECK (VALUE BETWEEN 0 AND 100);
 * ALTER TABLE users ADD COLUMN discount integer;
 * ALTER TABLE users ADD CONSTRAINT users_discount_check
 *     CHECK (discount BETWEEN 0 AND 100) NOT VALID;
 * -- in the next migration:
 * ALTER TABLE users VALIDATE CONSTRAINT users_discount_check;
 * ```
 *
 * ## When it stays silent
 *
 * On a table created in the same migration, or emptied with TRUNCATE in the same transaction; for
 * domains without constraints, and those that the history does not tell of.
 *
 * ## Versions
 *
 * All.
 *
 * ## References
 *
 * - PostgreSQL source: ATExecAddColumn(), DomainHasConstraints()
 */
#include "parser/pgparse.h"
#include "rules/new_column.h"
#include "rules/suggest.h"

static void
report(struct lk_check *check, const RangeVar *range, const ColumnDef *definition, void *data)
{
    struct lk_type type;

    (void)data;
    lk_type_of(check->mem, definition->typeName, &type);
    char *domain = lk_type_sql(check->mem, &type);
    struct lk_finding *finding = lk_report_new_column(
        check, range, definition,
        lk_fmt(check->mem, "is of domain %s, whose constraints are checked row by row", domain));
    lk_finding_hint(check, finding,
                    "ALTER TABLE %s ADD COLUMN %s %s;\n"
                    "-- then the domain's conditions as a CHECK ... NOT VALID on the column, and "
                    "in the next migration VALIDATE CONSTRAINT",
                    lk_range_sql(check->mem, range),
                    lk_quote_ident(check->mem, definition->colname),
                    lk_type_sql(check->mem, lk_base_type(check, &type)));
}

static void
check_alter(struct lk_check *check, const Node *node)
{
    lk_each_new_column(check, (const AlterTableStmt *)node, LK_NEW_COLUMN_DOMAIN, report, NULL);
}

const struct lk_rule lk_rule_adding_constrained_domain_column = {
    .name = "adding-constrained-domain-column",
    .group = LK_GROUP_LOCK,
    .severity = LK_SEVERITY_ERROR,
    .summary = "ADD COLUMN of a domain with constraints rewrites the table",
    .on = {{T_AlterTableStmt, check_alter}},
};
