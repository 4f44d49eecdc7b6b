/*
 * rules/schema/replay_alter_type.c
 *     ALTER COLUMN ... TYPE: see replay_relation.h.
 */
#include "rules/schema/builtin.h"
#include "rules/schema/replay_relation.h"

#define DEEPEST 16 /* rows in rows */

/* holds returns whether values of a type have rows of a table in them. */
static bool
holds(const struct lk_catalog *catalog, const struct lk_type *type, const struct lk_relation *table,
      unsigned depth)
{
    if (depth > DEEPEST || type->name == NULL || lk_type_is_builtin(type))
        return false;
    const struct lk_defined_type *defined = lk_catalog_type(catalog, type->schema, type->name);
    if (defined != NULL)
        return defined->base.name != NULL && holds(catalog, &defined->base, table, depth + 1);
    const struct lk_relation *relation = lk_catalog_relation(catalog, type->schema, type->name);
    if (relation == table)
        return true;
    for (size_t i = 0; relation != NULL && i < relation->columns.count; i++)
        if (relation->columns.items[i]->type_known &&
            holds(catalog, &relation->columns.items[i]->type, table, depth + 1))
            return true;
    return false;
}

bool
lk_alter_refuse_itself(struct lk_catalog *catalog, const struct lk_relation *table,
                       const struct lk_type *type)
{
    if (type == NULL || !holds(catalog, type, table, 0))
        return false;
    lk_refuse(catalog, "42P16", -1, "composite type %s cannot be made a member of itself",
              table->object.name);
    return true;
}

/* refuse_used refuses to change the type of a column that others are built on. */
static bool
refuse_used(struct lk_catalog *catalog, const struct lk_column *column)
{
    const char *what = NULL;

    lk_vec_foreach(leaning, &column->object.dependents) {
        struct lk_object *dependent = (*leaning)->dependent;
        if (dependent->class == LK_CLASS_RELATION &&
            (((const struct lk_relation *)dependent)->kind == LK_RELATION_VIEW ||
             ((const struct lk_relation *)dependent)->kind == LK_RELATION_MATVIEW))
            what = "a view or rule";
        else if (dependent->class == LK_CLASS_RULE)
            what = "a view or rule";
        else if (dependent->class == LK_CLASS_TRIGGER)
            what = "a trigger definition";
        else if (dependent->class == LK_CLASS_POLICY)
            what = "a policy definition";
        else if (dependent->class == LK_CLASS_COLUMN &&
                 ((const struct lk_column *)dependent)->generated)
            what = "a generated column";
        if (what == NULL)
            continue;
        struct lk_refusal *refusal =
            lk_refuse(catalog, "0A000", -1, "cannot alter type of a column used by %s", what);
        refusal->object = &column->object;
        lk_vec_push(catalog->statement_mem, &refusal->dependents.items, dependent);
        return true;
    }
    return false;
}

/*
 * refuse_cast refuses a type that the server does not convert the present one to by itself.
 * Source: ATPrepAlterColumnType(), src/backend/commands/tablecmds.c.
 */
static bool
refuse_cast(struct lk_catalog *catalog, const struct lk_column *column, const ColumnDef *definition)
{
    struct lk_type type;

    if (definition->raw_default != NULL /* USING */ || !column->type_known ||
        column->object.assumed || HASH_COUNT(catalog->spaces[LK_CLASS_CAST]) > 0 ||
        column->generated || !lk_replay_type(catalog, definition->typeName, &type, NULL))
        return false;
    uint16_t from = lk_type_number(catalog, &column->type), to = lk_type_number(catalog, &type);
    if (from == to || !lk_is_no_assignment(catalog, from, to) || !lk_casts_are_known(catalog))
        return false;
    lk_refuse(catalog, "42804", -1, "column \"%s\" cannot be cast automatically to type %s",
              column->object.name, lk_type_visible(catalog, &type))
        ->object = &column->object;
    return true;
}

/* type_of_literal returns what kind of value a default is, if it is a constant. */
static uint16_t
type_of_literal(const struct lk_catalog *catalog, const struct lk_column *column)
{
    const char *sql = column->default_value != NULL ? column->default_value->sql : "";
    size_t length = strlen(sql);

    if (length > 1 && sql[0] == '\'' && strchr(sql + 1, '\'') == sql + length - 1)
        return lk_type_number(catalog, &column->type); /* the literal became one of the column's */
    if (strcasecmp(sql, "true") == 0 || strcasecmp(sql, "false") == 0)
        return LK_BT_bool;
    return length > 0 && length < 10 && strspn(sql, "0123456789") == length ? LK_BT_int4
                                                                            : LK_BT_NONE;
}

/* refuse_no_assignment refuses a type that what a column has is not converted to by itself. */
static bool
refuse_no_assignment(struct lk_catalog *catalog, const struct lk_column *column, const char *what,
                     uint16_t from, const TypeName *to)
{
    struct lk_type type;

    if (!lk_replay_type(catalog, to, &type, NULL) ||
        !lk_is_no_assignment(catalog, from, lk_type_number(catalog, &type)) ||
        !lk_casts_are_known(catalog))
        return false;
    lk_refuse(catalog, "42804", -1, "%s for column \"%s\" cannot be cast automatically to type %s",
              what, column->object.name, lk_type_visible(catalog, &type))
        ->object = &column->object;
    return true;
}

/*
 * refuse_old_default refuses a type that a column's default is not converted to by itself.
 * Source: ATExecAlterColumnType(), src/backend/commands/tablecmds.c.
 */
static bool
refuse_old_default(struct lk_catalog *catalog, const struct lk_column *column,
                   const ColumnDef *definition)
{
    return column->type_known && !column->generated && !column->object.assumed &&
           refuse_no_assignment(catalog, column, "default", type_of_literal(catalog, column),
                                definition->typeName);
}

/*
 * refuse_row_users refuses to write the rows of a table anew that others have in a column.
 * Source: find_composite_type_dependencies(), src/backend/commands/tablecmds.c.
 */
static bool
refuse_row_users(struct lk_catalog *catalog, const struct lk_relation *table)
{
    lk_vec_foreach(leaning, &table->object.dependents) {
        const struct lk_column *column = (const struct lk_column *)(*leaning)->dependent;
        if (column->object.class != LK_CLASS_COLUMN || column->relation == table ||
            !lk_is_known(column->relation) ||
            (column->relation->kind != LK_RELATION_TABLE &&
             column->relation->kind != LK_RELATION_PARTITIONED &&
             column->relation->kind != LK_RELATION_MATVIEW) ||
            lk_relation_column(column->relation, column->object.name) != column)
            continue;
        struct lk_refusal *refusal =
            lk_refuse(catalog, "0A000", -1,
                      "cannot alter table \"%s\" because column \"%s.%s\" uses its row type",
                      table->object.name, column->relation->object.name, column->object.name);
        refusal->object = &table->object;
        lk_vec_push(catalog->statement_mem, &refusal->dependents.items, (*leaning)->dependent);
        return true;
    }
    return false;
}

/* refuse_serial refuses what is a type in the definition of a new column alone. */
static bool
refuse_serial(struct lk_catalog *catalog, const TypeName *type_name)
{
    const char *word = strVal(llast(type_name->names));
    struct lk_type type;

    if (!lk_type_of(catalog->statement_mem, type_name, &type) || !type.serial ||
        lk_catalog_type(catalog, NULL, word) != NULL)
        return false;
    lk_refuse(catalog, "42704", type_name->location, "type \"%s\" does not exist", word);
    return true;
}

void
lk_alter_type(struct lk_catalog *catalog, struct lk_relation *table, struct lk_column *column,
              const ColumnDef *definition)
{
    if (lk_partition_is_key(table, column)) {
        lk_refuse(catalog, "42P16", -1,
                  "cannot alter column \"%s\" because it is part of the partition key of relation "
                  "\"%s\"",
                  column->object.name, table->object.name);
        return;
    }
    if (lk_refuse_inside(catalog, LK_IN_USING, definition->raw_default) ||
        refuse_serial(catalog, definition->typeName))
        return;
    if (column->generated && definition->raw_default != NULL) {
        lk_refuse(catalog, "42611", -1,
                  "cannot specify USING when altering type of generated column");
        return;
    }
    struct lk_type type;
    bool known = lk_replay_type(catalog, definition->typeName, &type, NULL);
    if (lk_alter_refuse_itself(catalog, table, known ? &type : NULL) ||
        refuse_cast(catalog, column, definition) ||
        refuse_old_default(catalog, column, definition) || refuse_used(catalog, column) ||
        refuse_row_users(catalog, table))
        return;
    for (size_t i = column->object.depends.count; i-- > 0;) {
        struct lk_object *on = column->object.depends.items[i]->on;
        if (on->class == LK_CLASS_TYPE)
            lk_depend_not(catalog, &column->object, on);
    }
    lk_column_set_type(catalog, column, definition->typeName);
    lk_column_set_collation(catalog, column, definition->collClause);
    column->storage = NULL;
    struct lk_relation *sequence =
        column->identity ? lk_catalog_sequence(catalog, table, column->object.name) : NULL;
    if (sequence != NULL && column->type_known && sequence->sequence != NULL)
        lk_sequence_set(catalog, sequence, column->type.name, NIL);
}

bool
lk_alter_refuse_using(struct lk_catalog *catalog, const struct lk_relation *table,
                      const AlterTableCmd *command)
{
    const struct lk_column *column =
        command->name != NULL ? lk_relation_column(table, command->name) : NULL;
    const ColumnDef *definition = castNode(ColumnDef, command->def);
    size_t refusals = catalog->refusals.items.count;

    if (definition->raw_default == NULL || column == NULL || column->generated ||
        !lk_is_known(table))
        return false;
    struct lk_typed typed = lk_analyze_expression(catalog, table, definition->raw_default,
                                                  (struct lk_mentions){0}, NULL);
    if (catalog->refusals.items.count > refusals)
        return true;
    return typed.type_known &&
           refuse_no_assignment(catalog, column, "result of USING clause",
                                lk_type_number(catalog, &typed.type), definition->typeName);
}
