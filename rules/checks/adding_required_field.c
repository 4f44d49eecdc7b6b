/*
 * # adding-required-field
 *
 * ## What it flags
 *
 * `ADD COLUMN ... NOT NULL` (or PRIMARY KEY) without a default, on a table that may have rows.
 *
 * ## Why it hurts
 *
 * The server has no value for the rows that are there, and refuses the statement as soon as there
 * is one: the migration that went well on an empty database fails on the real one, after it waited
 * for an ACCESS EXCLUSIVE lock. And clients that are running do not know the column: from then on
 * each of their INSERTs fails.
 *
 * ## Do instead
 *
 * With a default the statement changes the catalog only:
 *
 * ```sql
 * ALTER TABLE users ADD COLUMN locale text NOT NULL DEFAULT 'en';
 * ```
 *
 * Where there is none, add the column as it is, write it from all clients, fill it in batches, and
 * make it NOT NULL in a later migration, the way that adding-not-nullable-field shows.
 *
 * ## When it stays silent
 *
 * On a table created in the same migration, and on one that the migration has emptied before. On
 * columns that get their value otherwise: identity, serial, generated, a domain that may have a
 * default. On `ADD COLUMN IF NOT EXISTS` of a column that is there.
 *
 * ## Versions
 *
 * All. Up to 10 a default makes the server write the whole table anew.
 *
 * ## References
 *
 * - PostgreSQL documentation: ALTER TABLE, ADD COLUMN
 */
#include "parser/base/buf.h"
#include "parser/pgparse.h"
#include "rules/around.h"
#include "rules/suggest.h"

static const Constraint *
find(const ColumnDef *definition, ConstrType type)
{
    ListCell *cell;

    foreach(cell, definition->constraints)
        if (lfirst_node(Constraint, cell)->contype == type)
            return lfirst(cell);
    return NULL;
}

static bool
is_null(const Node *expression)
{
    while (IsA(expression, TypeCast))
        expression = ((const TypeCast *)expression)->arg;
    return IsA(expression, A_Const) && ((const A_Const *)expression)->isnull;
}

/* has_value returns whether rows that do not name the column get a value in it. */
static bool
has_value(const struct lk_check *check, const ColumnDef *definition)
{
    const Constraint *value = find(definition, CONSTR_DEFAULT);
    struct lk_type type;

    if (value != NULL)
        return !is_null(value->raw_expr);
    if (find(definition, CONSTR_IDENTITY) != NULL || find(definition, CONSTR_GENERATED) != NULL)
        return true;
    if (!lk_type_of(check->mem, definition->typeName, &type) || type.serial)
        return true;
    if (lk_type_is_builtin(&type) || type.array)
        return false;
    const struct lk_defined_type *defined = lk_catalog_type(check->catalog, type.schema, type.name);
    return defined != NULL && defined->kind == 'd';
}

/* empties returns whether a statement leaves the table of that name without rows. */
static bool
empties(const struct lk_check *check, const Node *tree, const void *name)
{
    ListCell *cell;

    if (IsA(tree, DeleteStmt))
        return lk_always_true(((const DeleteStmt *)tree)->whereClause) &&
               strcmp(lk_subject_name(check, ((const DeleteStmt *)tree)->relation), name) == 0;
    if (!IsA(tree, TruncateStmt))
        return false;
    foreach(cell, ((const TruncateStmt *)tree)->relations)
        if (strcmp(lk_subject_name(check, lfirst_node(RangeVar, cell)), name) == 0)
            return true;
    return false;
}

/* is_required returns whether a new column makes rows that do not name it fail. */
static bool
is_required(const struct lk_check *check, const ColumnDef *definition)
{
    return (find(definition, CONSTR_NOTNULL) != NULL || find(definition, CONSTR_PRIMARY) != NULL) &&
           !has_value(check, definition);
}

static struct lk_finding *
report(struct lk_check *check, const RangeVar *range, const struct lk_columns *columns)
{
    struct lk_finding *finding = lk_report(
        check, check->statement->span,
        "ADD COLUMN %s NOT NULL without a default fails as soon as %s has a row, and so does each "
        "INSERT of clients that do not know the column%s",
        lk_columns_text(check, columns), lk_range_sql(check->mem, range),
        columns->items.count > 1 ? "s" : "");

    lk_finding_columns(check, finding, range, columns);
    return finding;
}

static void
report_key(struct lk_check *check, const RangeVar *range, const ColumnDef *definition)
{
    struct lk_columns columns = {0};

    lk_vec_push(check->mem, &columns.items, definition->colname);
    lk_finding_hint(check, report(check, range, &columns),
                    "Make it an identity column, or add it without PRIMARY KEY, fill it in "
                    "batches, and make it the key in a later migration.");
}

static void
check_alter(struct lk_check *check, const Node *node)
{
    const AlterTableStmt *stmt = (const AlterTableStmt *)node;
    struct lk_columns columns = {0};
    struct lk_buf instead = lk_buf_init(check->mem);
    ListCell *cell;

    if (!lk_alter_has(stmt, AT_AddColumn) || !check->alters_used)
        return;
    foreach(cell, stmt->cmds) {
        const AlterTableCmd *command = lfirst_node(AlterTableCmd, cell);
        const ColumnDef *definition = (const ColumnDef *)command->def;
        if (command->subtype != AT_AddColumn || lk_alter_skips(check->catalog, stmt, command) ||
            !is_required(check, definition) ||
            lk_find_earlier(check, empties, lk_subject_name(check, stmt->relation)) != NULL)
            continue;
        const Constraint *not_null = find(definition, CONSTR_NOTNULL);
        if (not_null == NULL) {
            report_key(check, stmt->relation, definition);
            continue;
        }
        lk_vec_push(check->mem, &columns.items, definition->colname);
        lk_buf_sep(&instead, ", ");
        lk_buf_addf(&instead, "ADD COLUMN %s", lk_column_without(check, definition, not_null));
    }
    if (columns.items.count == 0)
        return;
    struct lk_finding *finding = report(check, stmt->relation, &columns);
    const char *it = columns.items.count > 1 ? "them" : "it";
    lk_finding_hint(check, finding,
                    "ALTER TABLE %s %s;\n"
                    "-- or with a DEFAULT; else have all clients write %s, fill %s in batches, and "
                    "make %s NOT NULL in a later migration",
                    lk_range_sql(check->mem, stmt->relation), instead.data, it, it, it);
}

const struct lk_rule lk_rule_adding_required_field = {
    .name = "adding-required-field",
    .group = LK_GROUP_COMPATIBILITY,
    .severity = LK_SEVERITY_ERROR,
    .summary = "ADD COLUMN NOT NULL without a default on a table that may have rows",
    .aliases = {"atlas:MF103"},
    .on = {{T_AlterTableStmt, check_alter}},
};
