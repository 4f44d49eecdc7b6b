/*
 * rules/schema/replay_type_alter.c
 *     ALTER TYPE of enums, composite types and base types.
 */
#include "rules/schema/catalog_private.h"
#include "rules/schema/replay_domain.h"
#include "rules/schema/replay_drop.h"
#include "rules/schema/replay_type.h"

/* ---- enums ---- */

static size_t
find_label(const struct lk_defined_type *type, const char *label)
{
    for (size_t i = 0; i < type->labels.count; i++)
        if (type->labels.items[i][0] == label[0] && strcmp(type->labels.items[i], label) == 0)
            return i;
    return SIZE_MAX;
}

static bool
refuse_label(struct lk_catalog *catalog, const struct lk_defined_type *type, const char *label,
             bool wanted)
{
    if ((find_label(type, label) != SIZE_MAX) == wanted)
        return false;
    if (type->object.assumed)
        return true;
    struct lk_refusal *refusal =
        wanted ? lk_refuse(catalog, "22023", -1, "\"%s\" is not an existing enum label", label)
               : lk_refuse(catalog, "42710", -1, "enum label \"%s\" already exists", label);
    refusal->object = &type->object;
    return true;
}

/* From this version on the new values of a type that is new itself can be used at once. */
#define NEW_TYPE_IS_SAFE 17

/*
 * note_fresh notes that a value cannot be used before the transaction's end.
 * Source: AddEnumLabel(), EnumUncommitted(), src/backend/catalog/pg_enum.c.
 */
static void
note_fresh(const struct lk_catalog *catalog, struct lk_defined_type *type, const char *label)
{
    uint32_t now = catalog->now.transaction;

    if (type->object.birth.transaction == now && lk_catalog_version(catalog) >= NEW_TYPE_IS_SAFE)
        return;
    if (type->fresh_in != now)
        type->fresh.count = 0;
    type->fresh_in = now;
    lk_vec_push(type, &type->fresh, label);
}

static void
add_label(struct lk_catalog *catalog, struct lk_defined_type *type, const AlterEnumStmt *stmt)
{
    const char *neighbor = stmt->newValNeighbor;
    size_t at = type->labels.count;

    if (stmt->skipIfNewValExists && find_label(type, stmt->newVal) != SIZE_MAX)
        return;
    if (refuse_label(catalog, type, stmt->newVal, false) ||
        (neighbor != NULL && refuse_label(catalog, type, neighbor, true)))
        return;
    if (neighbor != NULL)
        at = find_label(type, neighbor) + stmt->newValIsAfter;
    lk_catalog_touch(catalog, type);
    lk_vec_push(type, &type->labels, NULL);
    for (size_t i = type->labels.count - 1; i > at; i--)
        type->labels.items[i] = type->labels.items[i - 1];
    type->labels.items[at] = lk_catalog_keep(catalog, stmt->newVal);
    note_fresh(catalog, type, type->labels.items[at]);
}

void
lk_replay_alter_enum(struct lk_catalog *catalog, const AlterEnumStmt *stmt)
{
    struct lk_object *object =
        lk_replay_find_as(catalog, OBJECT_TYPE, NULL, (Node *)stmt->typeName);
    struct lk_defined_type *type = (struct lk_defined_type *)object;

    if (object == NULL || object->assumed)
        return;
    if (object->class != LK_CLASS_TYPE || type->kind != 'e') {
        lk_refuse(catalog, "42809", -1, "%s is not an enum",
                  lk_object_sql(catalog->statement_mem, object, LK_MENTION_NAME))
            ->object = object;
        return;
    }
    if (stmt->oldVal == NULL) {
        add_label(catalog, type, stmt);
        return;
    }
    if (refuse_label(catalog, type, stmt->oldVal, true) ||
        refuse_label(catalog, type, stmt->newVal, false))
        return;
    lk_catalog_touch(catalog, type);
    const char **label = &type->labels.items[find_label(type, stmt->oldVal)];
    lk_vec_foreach(fresh, &type->fresh)
        if (*fresh == *label)
            *fresh = lk_catalog_keep(catalog, stmt->newVal);
    *label = lk_catalog_keep(catalog, stmt->newVal);
}

/* ---- composite types ---- */

/* set_type gives an attribute the type of a definition. */
static void
set_type(struct lk_catalog *catalog, struct lk_column *column, const ColumnDef *definition)
{
    lk_catalog_touch(catalog, column);
    column->type_known = lk_replay_type(catalog, definition->typeName, &column->type, NULL);
    lk_replay_use_type(catalog, definition->typeName, &column->object, NULL, 0);
    column->collation = NULL;
    if (definition->collClause == NULL)
        return;
    struct lk_qname name = lk_qname_of_list(definition->collClause->collname);
    const struct lk_object *known =
        lk_catalog_object(catalog, LK_CLASS_COLLATION, name.schema, name.name);
    if (name.schema == NULL)
        name.schema = known != NULL ? lk_object_schema(known) : "pg_catalog";
    column->collation = lk_catalog_keep(catalog, lk_qname_sql(catalog->statement_mem, name));
}

struct lk_column *
lk_replay_add_attribute(struct lk_catalog *catalog, struct lk_relation *type,
                        const ColumnDef *definition)
{
    struct lk_column *column;

    if (lk_relation_column(type, definition->colname) != NULL) {
        if (!type->object.assumed)
            lk_refuse(catalog, "42701", -1, "column \"%s\" of relation \"%s\" already exists",
                      definition->colname, type->object.name)
                ->object = &type->object;
        return NULL;
    }
    column = lk_catalog_add_column(catalog, type, definition->colname);
    set_type(catalog, column, definition);
    return column;
}

static struct lk_column *
attribute(struct lk_catalog *catalog, const struct lk_relation *type, const AlterTableCmd *command)
{
    struct lk_column *column = lk_relation_column(type, command->name);

    if (column == NULL && !command->missing_ok && !type->object.assumed && !type->partial)
        lk_refuse(catalog, "42703", -1, "column \"%s\" of relation \"%s\" does not exist",
                  command->name, type->object.name)
            ->object = &type->object;
    return column;
}

static void
alter_attribute(struct lk_catalog *catalog, struct lk_relation *type, const AlterTableCmd *command)
{
    struct lk_column *column;

    switch (command->subtype) {
    case AT_AddColumn:
        lk_replay_add_attribute(catalog, type, castNode(ColumnDef, command->def));
        break;
    case AT_DropColumn: {
        struct lk_dropping dropping = {0};
        column = attribute(catalog, type, command);
        if (column == NULL)
            return;
        lk_vec_push(catalog->statement_mem, &dropping.objects.items, &column->object);
        lk_replay_drop_objects(catalog, &dropping, command->behavior == DROP_CASCADE);
        break;
    }
    case AT_AlterColumnType:
        column = attribute(catalog, type, command);
        if (column != NULL)
            set_type(catalog, column, castNode(ColumnDef, command->def));
        break;
    case AT_ChangeOwner:
        lk_replay_set_owner(catalog, &type->object, lk_replay_role(catalog, command->newowner));
        break;
    default:
        break;
    }
}

/*
 * refuse_used refuses what would change the values of columns of the type, or typed tables that are
 * not to follow. Source: ATPrepAlterColumnType() and find_typed_table_dependencies().
 */
static bool
refuse_used(struct lk_catalog *catalog, struct lk_relation *type, const AlterTableCmd *command)
{
    if (type->children.count > 0 && command->behavior != DROP_CASCADE &&
        command->subtype != AT_ChangeOwner) {
        lk_vec_foreach(table, &type->children) {
            if (!lk_is_there(catalog, *table) || (*table)->object.assumed)
                continue;
            lk_refuse(catalog, "2BP01", -1,
                      "cannot alter type \"%s\" because it is the type of a typed table",
                      type->object.name)
                ->object = &type->object;
            return true;
        }
    }
    if (command->subtype != AT_AlterColumnType)
        return false;
    lk_replay_note_users(catalog, &type->object);
    lk_vec_foreach(dependency, &type->object.dependents) {
        const struct lk_column *column = (const struct lk_column *)(*dependency)->dependent;
        if (column->object.class != LK_CLASS_COLUMN || column->object.assumed ||
            column->relation->object.assumed || column->relation->kind == LK_RELATION_COMPOSITE)
            continue;
        struct lk_refusal *refusal = lk_refuse(
            catalog, "0A000", -1, "cannot alter type \"%s\" because column \"%s.%s\" uses it",
            type->object.name, column->relation->object.name, column->object.name);
        refusal->object = &column->object;
        lk_vec_push(catalog->statement_mem, &refusal->dependents.items, (*dependency)->dependent);
        return true;
    }
    return false;
}

void
lk_replay_alter_composite(struct lk_catalog *catalog, const AlterTableStmt *stmt)
{
    struct lk_relation *type =
        lk_catalog_relation(catalog, stmt->relation->schemaname, stmt->relation->relname);
    ListCell *cell;

    if (type == NULL)
        return;
    foreach(cell, stmt->cmds) {
        const AlterTableCmd *command = lfirst_node(AlterTableCmd, cell);
        if (refuse_used(catalog, type, command))
            return;
        alter_attribute(catalog, type, command);
        lk_vec_foreach(table, &type->children)
            if (command->subtype != AT_ChangeOwner && lk_is_there(catalog, *table))
                alter_attribute(catalog, *table, command);
    }
}

/* ---- base types ---- */

void
lk_replay_alter_type(struct lk_catalog *catalog, const AlterTypeStmt *stmt)
{
    struct lk_object *object =
        lk_replay_find_as(catalog, OBJECT_TYPE, NULL, (Node *)stmt->typeName);
    struct lk_defined_type *type = (struct lk_defined_type *)object;

    if (object == NULL || object->class != LK_CLASS_TYPE)
        return;
    lk_catalog_touch(catalog, type);
    type->changes = lk_replay_changed(catalog, object, type->changes, "type");
}
