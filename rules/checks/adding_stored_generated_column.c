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
 * On a table created in the same migration, or emptied with TRUNCATE in the same transaction; on
 * VIRTUAL columns. It reports a statement once.
 *
 * ## Versions
 *
 * All; VIRTUAL came with 18.
 *
 * ## References
 *
 * - PostgreSQL documentation: 5.4 Generated Columns; ALTER TABLE, Notes
 */
#include "parser/base/buf.h"
#include "parser/pgparse.h"
#include "rules/new_column.h"
#include "rules/suggest.h"

/* virtual_clause returns the column's clause as VIRTUAL: it ends with STORED, or with nothing. */
static const char *
virtual_clause(const struct lk_check *check, const ColumnDef *definition)
{
    const Constraint *generated = lk_definition_constraint(definition, CONSTR_GENERATED);
    char *clause = lk_column_part(check, definition, generated);
    char *end = strrchr(clause, ')');

    if (end != NULL)
        end[1] = '\0';
    return lk_fmt(check->mem, " %s VIRTUAL", clause);
}

/* The columns that one statement adds: they are written in one go. */
struct added {
    struct lk_columns names;
    struct lk_buf commands;
};

static void
add(struct lk_check *check, const RangeVar *range, const ColumnDef *definition, void *data)
{
    struct added *added = data;

    (void)range;
    lk_vec_push(check->mem, &added->names.items, definition->colname);
    lk_buf_addf(&added->commands, "%sADD COLUMN %s%s",
                added->names.items.count > 1 ? ",\n    " : "", lk_column_bare(check, definition),
                check->settings->postgres_version >= 18 ? virtual_clause(check, definition) : "");
}

static void
check_alter(struct lk_check *check, const Node *node)
{
    const AlterTableStmt *stmt = (const AlterTableStmt *)node;
    struct added added = {.commands = lk_buf_init(check->mem)};

    lk_each_new_column(check, stmt, LK_NEW_COLUMN_STORED, add, &added);
    if (added.names.items.count == 0)
        return;
    bool several = added.names.items.count > 1;
    struct lk_finding *finding = lk_report_new_columns(
        check, stmt->relation, &added.names,
        several ? "are generated and stored in each row" : "is generated and stored in each row");
    const char *first = lk_fmt(check->mem, "ALTER TABLE %s %s;",
                               lk_range_sql(check->mem, stmt->relation), added.commands.data);
    if (check->settings->postgres_version >= 18)
        lk_finding_hint(check, finding, "%s", first);
    else
        lk_finding_hint(check, finding,
                        "%s\n-- then a trigger that fills %s when a row is written, and batches of "
                        "UPDATE for the rows that are there",
                        first, several ? "them" : "it");
}

const struct lk_rule lk_rule_adding_stored_generated_column = {
    .name = "adding-stored-generated-column",
    .group = LK_GROUP_LOCK,
    .severity = LK_SEVERITY_ERROR,
    .summary = "ADD COLUMN ... STORED rewrites the table",
    .on = {{T_AlterTableStmt, check_alter}},
};
