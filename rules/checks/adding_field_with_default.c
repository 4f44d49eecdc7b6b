/*
 * # adding-field-with-default
 *
 * ## What it flags
 *
 * `ADD COLUMN` with a default that is computed anew for each row, such as `gen_random_uuid()` or
 * `clock_timestamp()`, on a table that is in use.
 *
 * ## Why it hurts
 *
 * The value of a constant default, `now()` included, is kept once for all rows that are there. A
 * volatile one has to be written into each row: the server writes the whole table and all its
 * indexes anew under an ACCESS EXCLUSIVE lock, and reads and writes wait until it is done.
 *
 * ## Do instead
 *
 * Add the column without the default, give it the default for the rows to come, and fill the others
 * in batches:
 *
 * ```sql
 * ALTER TABLE users ADD COLUMN token uuid;
 * ALTER TABLE users ALTER COLUMN token SET DEFAULT gen_random_uuid();
 * -- in the next migration:
 * UPDATE users SET token = DEFAULT WHERE token IS NULL
 *     AND ctid = ANY (ARRAY(SELECT ctid FROM users WHERE token IS NULL LIMIT 5000));
 * ```
 *
 * ## When it stays silent
 *
 * On a table created in the same migration, or emptied with TRUNCATE in the same transaction; with
 * a default that is constant or STABLE; where the column is there already and the clause says IF
 * NOT EXISTS. Serial, identity and generated columns and those of a domain with constraints have
 * rules of their own.
 *
 * ## Versions
 *
 * 11 and later. Before, any default rewrote the table.
 *
 * ## References
 *
 * - PostgreSQL documentation: ALTER TABLE, Notes
 */
#include "parser/pgparse.h"
#include "rules/fix.h"
#include "rules/new_column.h"
#include "rules/suggest.h"

/*
 * split has the column get its default in a statement behind the one that adds it: the rows that
 * are there keep NULL until somebody fills them, so a NOT NULL column is left as it is.
 */
static void
split(struct lk_check *check, struct lk_finding *finding, const ColumnDef *definition,
      const char *set)
{
    lk_fix_unsafe(check, finding);
    lk_fix_need_sql(check, finding);
    lk_fix_bound(check, finding);
    lk_fix_cut_part(check, finding, definition,
                    lk_definition_constraint(definition, CONSTR_DEFAULT));
    lk_fix_after(check, finding, set);
}

static void
report(struct lk_check *check, const RangeVar *range, const ColumnDef *definition, void *data)
{
    const Constraint *value = lk_definition_constraint(definition, CONSTR_DEFAULT);
    struct lk_finding *finding = lk_report_new_column(
        check, range, definition, "gets a default that is computed for each row");
    char *table = lk_range_sql(check->mem, range);
    bool required = lk_definition_constraint(definition, CONSTR_NOTNULL) != NULL;

    (void)data;
    const char *set = lk_fmt(check->mem, "ALTER TABLE %s ALTER COLUMN %s SET %s;", table,
                             lk_quote_ident(check->mem, definition->colname),
                             lk_column_part(check, definition, value));

    lk_finding_hint(check, finding,
                    "%sALTER TABLE %s ADD COLUMN %s;\n"
                    "%s%s\n"
                    "-- in the next migration:\n"
                    "%s%s",
                    lk_wait_text(check), table, lk_column_bare(check, definition), set,
                    lk_wait_end(check), lk_fill_text(check, range, definition->colname),
                    required ? ", then NOT NULL as adding-not-nullable-field says" : "");
    if (check->nested == NULL && !required &&
        lk_definition_constraint(definition, CONSTR_PRIMARY) == NULL)
        split(check, finding, definition, set);
}

static void
check_alter(struct lk_check *check, const Node *node)
{
    lk_each_new_column(check, (const AlterTableStmt *)node, LK_NEW_COLUMN_DEFAULT, report, NULL);
}

const struct lk_rule lk_rule_adding_field_with_default = {
    .name = "adding-field-with-default",
    .group = LK_GROUP_LOCK,
    .severity = LK_SEVERITY_ERROR,
    .summary = "ADD COLUMN with a volatile default rewrites the table",
    .fix = LK_RULE_FIX_UNSAFE,
    .aliases = {"atlas:PG302"},
    .on = {{T_AlterTableStmt, check_alter}},
};
