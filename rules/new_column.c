/*
 * rules/new_column.c
 *     ADD COLUMN that makes the server write every row anew: see new_column.h.
 */
#include "rules/new_column.h"

#include "parser/pgparse.h"
#include "parser/tree_names.h"
#include "rules/suggest.h"

struct lk_effects
lk_command_effects(const struct lk_check *check, const AlterTableStmt *stmt, AlterTableCmd *command)
{
    ListCell cell = {.ptr_value = command};
    List alone = {.type = T_List, .length = 1, .max_length = 1, .elements = &cell};
    AlterTableStmt copy = *stmt;

    copy.cmds = &alone;
    return lk_effects_of(check->mem, check->catalog, (const Node *)&copy);
}

const Constraint *
lk_definition_constraint(const ColumnDef *definition, ConstrType type)
{
    ListCell *cell;

    foreach(cell, definition->constraints)
        if (lfirst_node(Constraint, cell)->contype == type)
            return lfirst(cell);
    return NULL;
}

/* reason_of returns what in a column that rewrites its table is the reason. */
static enum lk_new_column
reason_of(const struct lk_check *check, const ColumnDef *definition)
{
    const Constraint *generated = lk_definition_constraint(definition, CONSTR_GENERATED);
    struct lk_type type;

    if (definition->typeName == NULL || !lk_type_of(check->mem, definition->typeName, &type))
        return LK_NEW_COLUMN_FREE;
    if (type.serial || lk_definition_constraint(definition, CONSTR_IDENTITY) != NULL)
        return LK_NEW_COLUMN_SERIAL;
    if (generated != NULL && !lk_is_virtual(generated))
        return LK_NEW_COLUMN_STORED;
    if (lk_type_is_constrained(check->catalog, &type))
        return LK_NEW_COLUMN_DOMAIN;
    if (lk_definition_constraint(definition, CONSTR_DEFAULT) != NULL)
        return LK_NEW_COLUMN_DEFAULT;
    return LK_NEW_COLUMN_FREE;
}

void
lk_each_new_column(struct lk_check *check, const AlterTableStmt *stmt, enum lk_new_column why,
                   void (*each)(struct lk_check *check, const RangeVar *range,
                                const ColumnDef *definition, void *data),
                   void *data)
{
    ListCell *cell;

    if (!lk_alter_has(stmt, AT_AddColumn) || !lk_alters_rows(check, stmt))
        return;
    foreach(cell, stmt->cmds) {
        AlterTableCmd *command = lfirst_node(AlterTableCmd, cell);
        if (command->subtype != AT_AddColumn ||
            reason_of(check, castNode(ColumnDef, command->def)) != why)
            continue;
        if (lk_command_effects(check, stmt, command).rewrites.count > 0)
            each(check, stmt->relation, castNode(ColumnDef, command->def), data);
    }
}

const struct lk_type *
lk_base_type(const struct lk_check *check, const struct lk_type *type)
{
    for (unsigned depth = 0; depth < 32; depth++) {
        const struct lk_defined_type *domain =
            lk_catalog_type(check->catalog, type->schema, type->name);
        if (domain == NULL || domain->kind != 'd' || domain->base.name == NULL)
            break;
        type = &domain->base;
    }
    return type;
}

struct lk_finding *
lk_report_new_columns(struct lk_check *check, const RangeVar *range,
                      const struct lk_columns *columns, const char *what)
{
    struct lk_finding *finding =
        lk_report(check, check->statement->span,
                  "column%s %s %s: all of %s is written anew under an ACCESS EXCLUSIVE lock, reads "
                  "and writes wait",
                  columns->items.count > 1 ? "s" : "", lk_columns_text(check, columns), what,
                  lk_range_sql(check->mem, range));

    lk_finding_columns(check, finding, range, columns);
    return finding;
}

struct lk_finding *
lk_report_new_column(struct lk_check *check, const RangeVar *range, const ColumnDef *definition,
                     const char *what)
{
    struct lk_columns columns = {0};

    lk_vec_push(check->mem, &columns.items, definition->colname);
    return lk_report_new_columns(check, range, &columns, what);
}

char *
lk_fill_text(const struct lk_check *check, const RangeVar *range, const char *column)
{
    char *table = lk_range_sql(check->mem, range);
    char *name = lk_quote_ident(check->mem, column);

    return lk_fmt(check->mem,
                  "UPDATE %s SET %s = DEFAULT WHERE %s IS NULL\n"
                  "    AND ctid = ANY (ARRAY(SELECT ctid FROM %s WHERE %s IS NULL LIMIT 5000));\n"
                  "-- again and again, each time in a transaction of its own, until no row is left",
                  table, name, name, table, name);
}
