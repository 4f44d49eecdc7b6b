/*
 * rules/schema/replay_alter_column.c
 *     What ALTER TABLE does to columns, here and where they are inherited.
 */
#include "parser/tree_names.h"
#include "rules/schema/builtin.h"
#include "rules/schema/replay_relation.h"

/* From this version on partitions have the identity of their parent's columns. */
#define PARTITIONS_HAVE_IDENTITY 17

static struct lk_column *
touch_column(struct lk_catalog *catalog, struct lk_relation *table, const char *name)
{
    struct lk_column *column = lk_relation_column(table, name);

    if (column == NULL && !lk_is_known(table)) { /* it exists, or the statement fails */
        column = lk_catalog_add_column(catalog, table, name);
        column->object.assumed = true;
    }
    if (column != NULL)
        lk_catalog_touch(catalog, column);
    return column;
}

/* ---- ADD COLUMN ---- */

/* add_to_child gives a child the column that its parent got. */
static void
add_to_children(struct lk_catalog *catalog, struct lk_relation *table,
                const struct lk_column *source)
{
    for (size_t i = 0; i < table->children.count; i++) {
        struct lk_relation *child = table->children.items[i];
        if (!lk_is_there(catalog, child))
            continue;
        struct lk_column *column = lk_relation_column(child, source->object.name);
        if (column != NULL) { /* merged */
            if (column->type_known && source->type_known &&
                !lk_type_equal(&column->type, &source->type))
                lk_refuse(catalog, "42804", -1,
                          "child table \"%s\" has different type for column \"%s\"",
                          child->object.name, source->object.name);
            continue;
        }
        column = lk_column_copy(catalog, child, source, true);
        column->inherited = child->kind != LK_RELATION_TABLE || child->of_type == NULL;
        column->storage = source->storage;
        column->compression = source->compression;
        if (child->parent == table && lk_catalog_version(catalog) >= PARTITIONS_HAVE_IDENTITY) {
            column->identity = source->identity;
            column->always = source->always;
        }
        add_to_children(catalog, child, column);
    }
}

static bool
refuse_new_column(struct lk_catalog *catalog, const struct lk_relation *table,
                  const AlterTableCmd *command, bool recurse)
{
    const ColumnDef *definition = castNode(ColumnDef, command->def);
    const struct lk_column *old = lk_relation_column(table, definition->colname);

    if (table->parent != NULL) {
        lk_refuse(catalog, "42809", -1, "cannot add column to a partition");
        return true;
    }
    if (table->of_type != NULL) {
        lk_refuse(catalog, "42809", -1, "cannot add column to typed table");
        return true;
    }
    if (old != NULL) {
        if (!command->missing_ok && !old->object.assumed) {
            struct lk_refusal *refusal =
                lk_refuse(catalog, "42701", definition->location,
                          "column \"%s\" of relation \"%s\" already exists", definition->colname,
                          table->object.name);
            refusal->object = &old->object;
            refusal->name = lk_catalog_keep(catalog, definition->colname);
        }
        return true;
    }
    if (!lk_is_known(table))
        return false;
    lk_vec_foreach(child, &table->children) {
        if (!lk_is_there(catalog, *child))
            continue;
        if (!recurse) {
            lk_refuse(catalog, "42P16", -1, "column must be added to child tables too");
            return true;
        }
        if (lk_column_has(definition, CONSTR_IDENTITY) == NULL ||
            (table->kind == LK_RELATION_PARTITIONED &&
             lk_catalog_version(catalog) >= PARTITIONS_HAVE_IDENTITY))
            break;
        lk_refuse(catalog, "42P16", -1,
                  "cannot recursively add identity column to table that has child tables");
        return true;
    }
    return false;
}

void
lk_alter_add_column(struct lk_catalog *catalog, struct lk_relation *table,
                    const AlterTableCmd *command, bool recurse)
{
    const ColumnDef *definition = castNode(ColumnDef, command->def);
    struct lk_pending pending = {.mem = catalog->statement_mem, .recurse = recurse};

    if (refuse_new_column(catalog, table, command, recurse))
        return;
    const struct lk_column *column = lk_column_define(catalog, table, definition);
    if (column == NULL ||
        lk_alter_refuse_itself(catalog, table, column->type_known ? &column->type : NULL))
        return;
    lk_column_generate(catalog, table, definition);
    if (recurse)
        add_to_children(catalog, table, column);
    lk_pending_column(&pending, definition, column->serial);
    lk_pending_carry_out(catalog, table, &pending);
}

/* ---- DROP COLUMN ---- */

static bool
refuse_drop(struct lk_catalog *catalog, const struct lk_relation *table,
            const struct lk_column *column, bool recurse)
{
    const char *name = column->object.name;

    if (lk_column_parents(table, name) > 0) {
        lk_refuse(catalog, "42P16", -1, "cannot drop inherited column \"%s\"", name)->object =
            &column->object;
        return true;
    }
    if (table->of_type != NULL) {
        lk_refuse(catalog, "42809", -1, "cannot drop column from typed table");
        return true;
    }
    if (lk_partition_is_key(table, column)) {
        lk_refuse(catalog, "42P16", -1,
                  "cannot drop column \"%s\" because it is part of the partition key of relation "
                  "\"%s\"",
                  name, table->object.name);
        return true;
    }
    if (table->kind != LK_RELATION_PARTITIONED || recurse)
        return false;
    lk_vec_foreach(child, &table->children) {
        if (!lk_is_there(catalog, *child))
            continue;
        lk_refuse(catalog, "42P16", -1,
                  "cannot drop column from only the partitioned table when partitions exist");
        return true;
    }
    return false;
}

/* drop_column drops a column, and where nothing else keeps it from the children, too. */
static void
drop_column(struct lk_catalog *catalog, struct lk_relation *table, struct lk_column *column,
            const AlterTableCmd *command, bool recurse)
{
    const char *name = lk_catalog_keep(catalog, column->object.name);

    if (lk_refuse_dependents(catalog, &column->object, command->behavior == DROP_CASCADE))
        return;
    if (lk_relation_column(table, name) == column) {
        lk_catalog_touch(catalog, column);
        lk_catalog_drop_column(catalog, table, column);
    }
    for (size_t i = 0; i < table->children.count; i++) {
        struct lk_relation *child = table->children.items[i];
        struct lk_column *own =
            lk_is_there(catalog, child) ? lk_relation_column(child, name) : NULL;
        if (own == NULL || !own->inherited)
            continue;
        if (!recurse) {
            lk_catalog_touch(catalog, own);
            own->inherited = false;
        } else if (lk_column_parents(child, name) == 0) {
            drop_column(catalog, child, own, command, true);
        }
    }
}

void
lk_alter_drop_column(struct lk_catalog *catalog, struct lk_relation *table,
                     const AlterTableCmd *command, bool recurse)
{
    struct lk_column *column = lk_relation_column(table, command->name);

    if (column == NULL) {
        if (!command->missing_ok)
            lk_refuse_column(catalog, table, command->name);
        return;
    }
    if (!refuse_drop(catalog, table, column, recurse))
        drop_column(catalog, table, column, command, recurse);
}

/* ---- ALTER COLUMN ---- */

static bool
refuse_nullable(struct lk_catalog *catalog, const struct lk_relation *table,
                const struct lk_column *column)
{
    const char *name = column->object.name;
    const struct lk_constraint *key = lk_constraint_key(table);
    struct lk_parents parents = lk_parents_of(table);

    if (column->identity) {
        lk_refuse(catalog, "42601", -1, "column \"%s\" of relation \"%s\" is an identity column",
                  name, table->object.name);
        return true;
    }
    for (size_t i = 0; key != NULL && i < key->columns.count; i++) {
        if (strcmp(key->columns.items[i], name) != 0)
            continue;
        lk_refuse(catalog, "42P16", -1, "column \"%s\" is in a primary key", name)->object =
            &key->object;
        return true;
    }
    for (size_t i = 0; table->parent != NULL && i < parents.count; i++) {
        const struct lk_column *above = lk_relation_column(parents.items[i], name);
        if (above == NULL || !above->not_null || above->object.assumed)
            continue;
        if (lk_catalog_version(catalog) < LK_NOT_NULL_HAS_NAME) {
            lk_refuse(catalog, "42P16", -1, "column \"%s\" is marked NOT NULL in parent table",
                      name);
            return true;
        }
    }
    return false;
}

/* drop_not_null takes NOT NULL from a column, and from its children's where that was all. */
static void
drop_not_null(struct lk_catalog *catalog, struct lk_relation *table, struct lk_column *column,
              bool recurse)
{
    struct lk_constraint *constraint = lk_constraint_not_null(table, column->object.name);

    lk_catalog_touch(catalog, column);
    column->not_null = false;
    if (constraint != NULL)
        lk_catalog_drop_constraint(catalog, table, constraint);
    for (size_t i = 0; i < table->children.count; i++) {
        struct lk_relation *child = table->children.items[i];
        struct lk_column *own =
            lk_is_there(catalog, child) ? lk_relation_column(child, column->object.name) : NULL;
        struct lk_constraint *theirs =
            own != NULL ? lk_constraint_not_null(child, own->object.name) : NULL;
        if (own == NULL)
            continue;
        if (!recurse) {
            if (theirs == NULL)
                continue;
            lk_catalog_touch(catalog, theirs);
            theirs->inherited = false;
        } else if (theirs == NULL || (theirs->inherited && lk_constraint_parents(theirs) == 0)) {
            drop_not_null(catalog, child, own, true);
        }
    }
}

static void
set_not_null(struct lk_catalog *catalog, struct lk_relation *table, struct lk_column *column,
             bool recurse)
{
    struct lk_constraint *constraint =
        lk_constraint_add_not_null(catalog, table, column, NULL, false);

    if (constraint != NULL) {
        if (recurse)
            lk_constraint_spread(catalog, table, constraint);
        return;
    }
    for (size_t i = 0; recurse && i < table->children.count; i++) {
        struct lk_relation *child = table->children.items[i];
        struct lk_column *own =
            lk_is_there(catalog, child) ? lk_relation_column(child, column->object.name) : NULL;
        if (own != NULL)
            set_not_null(catalog, child, own, true);
    }
}

static bool
refuse_default(struct lk_catalog *catalog, const struct lk_relation *table,
               const struct lk_column *column)
{
    if (!column->identity && !column->generated)
        return false;
    lk_refuse(catalog, "42601", -1, "column \"%s\" of relation \"%s\" is %s column",
              column->object.name, table->object.name,
              column->identity ? "an identity" : "a generated");
    return true;
}

static void
set_default(struct lk_catalog *catalog, struct lk_relation *table, struct lk_column *column,
            const AlterTableCmd *command, struct lk_span span)
{
    if (refuse_default(catalog, table, column) ||
        lk_refuse_inside(catalog, LK_IN_DEFAULT, command->def) ||
        (column->type_known && lk_refuse_literal(catalog, &column->type, command->def)))
        return;
    bool none = command->def == NULL || lk_column_is_null(catalog, column, command->def);
    uint32_t start = !none ? lk_span_behind(catalog, span.start, "default") : 0;
    struct lk_text *value = NULL;
    struct lk_typed typed = {0};
    if (start > 0 && start < span.end)
        value = lk_replay_typed(catalog, NULL, command->def,
                                lk_span_until(catalog, start, span.end), &typed);
    if (lk_column_refuse_value(catalog, column, &typed))
        return;
    lk_column_set_default(catalog, column, value);
    column->has_default = !none;
}

static void
set_generated(struct lk_catalog *catalog, struct lk_relation *table, struct lk_column *column,
              const AlterTableCmd *command, struct lk_span span)
{
    if (!column->generated) {
        if (!command->missing_ok && !column->object.assumed && lk_is_known(table))
            lk_refuse(catalog, "55000", -1,
                      lk_catalog_version(catalog) >= LK_NOT_NULL_HAS_NAME
                          ? "column \"%s\" of relation \"%s\" is not a generated column"
                          : "column \"%s\" of relation \"%s\" is not a stored generated column",
                      column->object.name, table->object.name);
        return;
    }
    if (command->subtype == AT_SetExpression) {
        lk_column_set_default(catalog, column,
                              lk_replay_expression(catalog, table, command->def,
                                                   lk_span_parens(catalog, span.start)));
        column->has_default = false;
    } else {
        lk_column_set_default(catalog, column, NULL);
        column->generated = false;
    }
}

/* set_property follows the subcommands that set a word of a column. */
static void
set_property(struct lk_catalog *catalog, struct lk_column *column, const AlterTableCmd *command,
             struct lk_span span)
{
    switch (command->subtype) {
    case AT_SetStatistics: {
        uint32_t start = lk_span_behind(catalog, span.start, "statistics");
        column->statistics = start > 0 && command->def != NULL && IsA(command->def, Integer) &&
                                     intVal(command->def) >= 0
                                 ? lk_replay_text(catalog, lk_span_until(catalog, start, span.end))
                                 : NULL;
        break;
    }
    case AT_SetOptions:
    case AT_ResetOptions:
    case AT_AlterColumnGenericOptions:
        column->options = lk_options_changed(catalog, column->options, castNode(List, command->def),
                                             command->subtype == AT_ResetOptions,
                                             command->subtype == AT_AlterColumnGenericOptions);
        break;
    case AT_SetStorage:
        lk_column_set_storage(column, strVal(command->def));
        break;
    case AT_SetCompression:
        column->compression = strcmp(strVal(command->def), "default") != 0
                                  ? lk_catalog_keep(catalog, strVal(command->def))
                                  : NULL;
        break;
    default:
        break;
    }
}

/* alter_one does to a column of one table what the subcommand says. */
static void
alter_one(struct lk_catalog *catalog, struct lk_relation *table, struct lk_column *column,
          const AlterTableCmd *command, struct lk_span span)
{
    lk_catalog_touch(catalog, column);
    switch (command->subtype) {
    case AT_AlterColumnType:
        lk_alter_type(catalog, table, column, castNode(ColumnDef, command->def));
        break;
    case AT_ColumnDefault:
        set_default(catalog, table, column, command, span);
        break;
    case AT_SetExpression:
    case AT_DropExpression:
        set_generated(catalog, table, column, command, span);
        break;
    default:
        set_property(catalog, column, command, span);
        break;
    }
}

/* is_followed returns whether a subcommand is carried out for the children, too. */
static bool
is_followed(AlterTableType subtype)
{
    return subtype == AT_AlterColumnType || subtype == AT_ColumnDefault ||
           subtype == AT_SetExpression || subtype == AT_DropExpression ||
           subtype == AT_SetStorage || subtype == AT_SetStatistics;
}

/*
 * rename_not_null gives an inherited NOT NULL the name of the parent's: a change of the type makes
 * it anew from that one. Source: ATPostAlterTypeCleanup(), src/backend/commands/tablecmds.c.
 */
static void
rename_not_null(struct lk_catalog *catalog, const struct lk_relation *table,
                struct lk_relation *child, const char *column)
{
    const struct lk_constraint *above = lk_constraint_not_null(table, column);
    struct lk_constraint *own = lk_constraint_not_null(child, column);

    if (above != NULL && own != NULL && own->inherited && !above->no_inherit &&
        lk_relation_constraint(child, above->object.name) == NULL)
        lk_catalog_rename_part(catalog, child, &own->object, above->object.name);
}

static void
alter_children(struct lk_catalog *catalog, const struct lk_relation *table,
               const AlterTableCmd *command, struct lk_span span)
{
    for (size_t i = 0; i < table->children.count; i++) {
        struct lk_relation *child = table->children.items[i];
        if (!lk_is_there(catalog, child))
            continue;
        struct lk_column *column = lk_relation_column(child, command->name);
        if (column != NULL)
            alter_one(catalog, child, column, command, span);
        if (command->subtype == AT_AlterColumnType)
            rename_not_null(catalog, table, child, command->name);
        alter_children(catalog, child, command, span);
    }
}

void
lk_alter_column(struct lk_catalog *catalog, struct lk_relation *table, const AlterTableCmd *command,
                struct lk_span span, bool recurse)
{
    if (command->name == NULL) /* a column of an index by its number */
        return;
    struct lk_column *column = touch_column(catalog, table, command->name);
    if (column == NULL) {
        lk_refuse_column(catalog, table, command->name);
        return;
    }
    switch (command->subtype) {
    case AT_SetNotNull:
        set_not_null(catalog, table, column, recurse);
        return;
    case AT_DropNotNull:
        if (!refuse_nullable(catalog, table, column))
            drop_not_null(catalog, table, column, recurse);
        return;
    case AT_AddIdentity:
    case AT_SetIdentity:
    case AT_DropIdentity:
        lk_alter_identity(catalog, table, column, command);
        return;
    case AT_AlterColumnType:
        if (lk_column_parents(table, command->name) > 0 && !column->object.assumed) {
            lk_refuse(catalog, "42P16", -1, "cannot alter inherited column \"%s\"", command->name);
            return;
        }
        break;
    default:
        break;
    }
    alter_one(catalog, table, column, command, span);
    if (recurse && is_followed(command->subtype))
        alter_children(catalog, table, command, span);
}
