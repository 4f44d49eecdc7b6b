/*
 * rules/schema/replay_identity.c
 *     ALTER COLUMN of identity columns: see replay_relation.h.
 */
#include "rules/schema/replay_relation.h"

/* From this version on partitions have the identity of their parent's columns. */
#define PARTITIONS_HAVE_IDENTITY 17

/* refuse_identity_type refuses what no sequence can count in. */
static bool
refuse_identity_type(struct lk_catalog *catalog, const struct lk_column *column)
{
    static const char *const types[] = {"int2", "int4", "int8"};

    if (!column->type_known || !lk_type_is_builtin(&column->type))
        return false;
    for (size_t i = 0; i < LK_ARRAY_SIZE(types); i++)
        if (lk_type_is(&column->type, types[i]))
            return false;
    lk_refuse(catalog, "22023", -1, "identity column type must be smallint, integer, or bigint");
    return true;
}

static bool
refuse_identity(struct lk_catalog *catalog, const struct lk_relation *table,
                const struct lk_column *column, const AlterTableCmd *command)
{
    const char *what = NULL;

    if (column->object.assumed)
        return false;
    if (table->parent != NULL && lk_catalog_version(catalog) >= PARTITIONS_HAVE_IDENTITY) {
        lk_refuse(catalog, "42P16", -1, "%s of a partition",
                  command->subtype == AT_AddIdentity   ? "cannot add identity to a column"
                  : command->subtype == AT_SetIdentity ? "cannot change identity column"
                                                       : "cannot drop identity from a column");
        return true;
    }
    if (command->subtype == AT_AddIdentity) {
        if (refuse_identity_type(catalog, column))
            return true;
        if (table->children.count > 0 || table->parent != NULL) /* there are rules for those */
            return false;
        if (!column->not_null)
            what = "must be declared NOT NULL before identity can be added";
        else if (column->identity)
            what = "is already an identity column";
        else if (column->has_default)
            what = "already has a default value";
    } else if (!column->identity && !command->missing_ok) {
        what = "is not an identity column";
    }
    if (what == NULL)
        return false;
    lk_refuse(catalog, "55000", -1, "column \"%s\" of relation \"%s\" %s", column->object.name,
              table->object.name, what);
    return true;
}

/* follow_identity sees to the partitions, which have the identity of their parent. */
static void
follow_identity(struct lk_catalog *catalog, struct lk_relation *table,
                const struct lk_column *source)
{
    if (lk_catalog_version(catalog) < PARTITIONS_HAVE_IDENTITY ||
        table->kind != LK_RELATION_PARTITIONED)
        return;
    lk_vec_foreach(child, &table->children) {
        struct lk_column *column = (*child)->parent == table && lk_is_there(catalog, *child)
                                       ? lk_relation_column(*child, source->object.name)
                                       : NULL;
        if (column == NULL)
            continue;
        lk_catalog_touch(catalog, column);
        column->identity = source->identity;
        column->always = source->always;
        follow_identity(catalog, *child, column);
    }
}

void
lk_alter_identity(struct lk_catalog *catalog, struct lk_relation *table, struct lk_column *column,
                  const AlterTableCmd *command)
{
    struct lk_relation *sequence = lk_catalog_sequence(catalog, table, column->object.name);
    ListCell *cell;

    if (refuse_identity(catalog, table, column, command))
        return;
    switch (command->subtype) {
    case AT_AddIdentity: {
        const Constraint *definition = castNode(Constraint, command->def);
        column->identity = true;
        column->always = definition->generated_when == ATTRIBUTE_IDENTITY_ALWAYS;
        lk_column_add_sequence(catalog, table, column, definition->options, true);
        break;
    }
    case AT_SetIdentity:
        foreach(cell, castNode(List, command->def)) {
            const DefElem *option = lfirst_node(DefElem, cell);
            if (strcmp(option->defname, "generated") == 0)
                column->always = intVal(option->arg) == ATTRIBUTE_IDENTITY_ALWAYS;
        }
        if (sequence != NULL)
            lk_sequence_set(catalog, sequence, NULL, castNode(List, command->def));
        break;
    default:
        if (column->identity && sequence != NULL) {
            lk_undepend(catalog, &sequence->object);
            lk_catalog_drop_relation(catalog, sequence);
        }
        column->identity = column->always = false;
        break;
    }
    follow_identity(catalog, table, column);
}
