/*
 * rules/schema/replay_table.c
 *     CREATE TABLE in all its forms.
 */
#include "parser/tree_names.h"
#include "rules/schema/replay_named.h"
#include "rules/schema/replay_relation.h"

void
lk_replay_add_column(struct lk_catalog *catalog, struct lk_relation *table,
                     const ColumnDef *definition)
{
    struct lk_pending pending = {.mem = catalog->statement_mem};

    if (lk_relation_column(table, definition->colname) != NULL)
        return;
    const struct lk_column *column = lk_column_define(catalog, table, definition);
    if (column == NULL)
        return;
    lk_column_generate(catalog, table, definition);
    lk_pending_column(&pending, definition, column->serial);
    lk_pending_carry_out(catalog, table, &pending);
}

/*
 * From this version on partitions, and tables that inherit, may say what their generated
 * columns compute.
 */
#define PARTITIONS_GENERATE 16

/*
 * refuse_generation refuses a definition that computes what the parent's column does not, or has
 * another value for what it does. Source: MergeChildAttribute(), src/backend/commands/tablecmds.c.
 */
static bool
refuse_generation(struct lk_catalog *catalog, const struct lk_column *column,
                  const ColumnDef *definition)
{
    const Constraint *generated = lk_column_has(definition, CONSTR_GENERATED);
    const char *name = column->object.name, *wrong = NULL;
    bool since = lk_catalog_version(catalog) >= PARTITIONS_GENERATE;

    if (column->object.assumed || !column->inherited ||
        (column->relation->parent != NULL && !since))
        return false;
    if (generated != NULL && column->generated == !since) {
        lk_refuse(catalog, "42611", definition->location,
                  "child column \"%s\" specifies generation expression", name);
        return true;
    }
    if (!column->generated)
        return false;
    if (lk_column_has(definition, CONSTR_DEFAULT) != NULL)
        wrong = "but specifies default";
    else if (lk_column_has(definition, CONSTR_IDENTITY) != NULL)
        wrong = "but specifies identity";
    else if (generated != NULL && lk_is_virtual(generated) != column->is_virtual)
        wrong = "of different kind";
    if (wrong == NULL)
        return false;
    lk_refuse(catalog, "42611", definition->location,
              "column \"%s\" inherits from generated column %s", name, wrong);
    return true;
}

/* merge_definition adds a column's definition to the inherited column of that name. */
static void
merge_definition(struct lk_catalog *catalog, struct lk_relation *table, struct lk_column *column,
                 const ColumnDef *definition, struct lk_pending *pending)
{
    struct lk_column own = *column;

    if (definition->typeName != NULL) {
        if (!lk_type_of(column, definition->typeName, &own.type))
            own.type = column->type;
        if (column->type_known && !lk_type_is_builtin(&column->type))
            own.type.schema = column->type.schema;
        if (column->type_known && !lk_type_equal(&own.type, &column->type)) {
            lk_refuse(catalog, "42804", definition->location, "column \"%s\" has a type conflict",
                      column->object.name);
            return;
        }
    }
    if (refuse_generation(catalog, column, definition))
        return;
    column->inherited &= definition->typeName == NULL;
    lk_column_properties(catalog, table, column, definition);
    lk_pending_column(pending, definition, false);
}

static bool
add_column(struct lk_catalog *catalog, struct lk_relation *table, const ColumnDef *definition,
           struct lk_pending *pending)
{
    struct lk_column *old = lk_relation_column(table, definition->colname);

    if (table->of_type != NULL && lk_column_has(definition, CONSTR_GENERATED) != NULL) {
        lk_refuse(catalog, "0A000", -1, "generated columns are not supported on typed tables");
        return false;
    }
    if (old != NULL && (old->inherited || definition->typeName == NULL)) {
        merge_definition(catalog, table, old, definition, pending);
        return true;
    }
    if (old != NULL) {
        if (old->object.assumed)
            return true;
        lk_refuse(catalog, "42701", definition->location, "column \"%s\" specified more than once",
                  definition->colname)
            ->name = lk_catalog_keep(catalog, definition->colname);
        return false;
    }
    if (definition->typeName == NULL && !table->partial) { /* of a partition or a typed table */
        lk_refuse(catalog, "42703", definition->location, "column \"%s\" does not exist",
                  definition->colname);
        return false;
    }
    const struct lk_column *column = lk_column_define(catalog, table, definition);
    if (column == NULL)
        return false;
    lk_pending_column(pending, definition, column->serial);
    return true;
}

/* add_elements adds the columns, and keeps the constraints for when they are all there. */
static bool
add_elements(struct lk_catalog *catalog, struct lk_relation *table, const List *elements,
             struct lk_pending *pending)
{
    ListCell *cell;

    foreach(cell, elements) {
        const Node *element = lfirst(cell);
        if (IsA(element, ColumnDef)) {
            if (!add_column(catalog, table, (const ColumnDef *)element, pending))
                return false;
        } else if (IsA(element, Constraint)) {
            lk_pending_constraint(pending, (const Constraint *)element);
        } else if (IsA(element, TableLikeClause)) {
            if (!lk_like_columns(catalog, table, (const TableLikeClause *)element))
                return false;
        }
    }
    foreach(cell, elements)
        if (IsA(lfirst(cell), ColumnDef))
            lk_column_generate(catalog, table, lfirst(cell));
    return true;
}

/* create_of_type makes a table one that follows a composite type. */
static void
create_of_type(struct lk_catalog *catalog, struct lk_relation *table, const TypeName *type_name)
{
    struct lk_qname name = lk_qname_of_list(type_name->names);
    struct lk_relation *type = lk_catalog_relation(catalog, name.schema, name.name);
    struct lk_text *text = lk_text_plain(catalog->objects, "");

    table->partial = true;
    if (type == NULL && lk_refuse_type(catalog, type_name))
        return;
    if (type == NULL || type->kind != LK_RELATION_COMPOSITE)
        return;
    lk_text_mention(text, (struct lk_mention){.object = &type->object});
    table->of_type = text;
    table->partial = type->partial || type->columns.count == 0;
    lk_vec_foreach(source, &type->columns)
        lk_column_copy(catalog, table, *source, false);
    lk_link(catalog, type, children, table);
    lk_depend(catalog, &table->object, &type->object, LK_DEPENDS_NORMAL);
}

/* refuse_parent refuses what cannot be inherited from. */
static bool
refuse_parent(struct lk_catalog *catalog, const struct lk_relation *table,
              const struct lk_relation *parent, const CreateStmt *stmt, const RangeVar *range)
{
    const char *name = parent->object.name;

    if (parent->object.assumed)
        return false;
    if (stmt->partbound != NULL && parent->kind == LK_RELATION_TABLE) {
        lk_refuse(catalog, "42P17", range->location, "\"%s\" is not partitioned", name)->object =
            &parent->object;
        return true;
    }
    if (stmt->partbound != NULL && table->temporary != parent->temporary) {
        lk_refuse(catalog, "42809", range->location,
                  "cannot create a %s relation as partition of %s relation \"%s\"",
                  table->temporary ? "temporary" : "permanent",
                  table->temporary ? "permanent" : "temporary", name)
            ->object = &parent->object;
        return true;
    }
    if (stmt->partbound != NULL &&
        (lk_partition_refuse_bound(catalog, parent, table->object.name, stmt->partbound) ||
         lk_partition_refuse_overlap(catalog, parent, table->object.name, stmt->partbound)))
        return true;
    if (stmt->partbound == NULL && parent->kind == LK_RELATION_PARTITIONED) {
        lk_refuse(catalog, "42809", range->location, "cannot inherit from partitioned table \"%s\"",
                  name);
        return true;
    }
    if (stmt->partbound == NULL && parent->parent != NULL) {
        lk_refuse(catalog, "42809", range->location, "cannot inherit from partition \"%s\"", name);
        return true;
    }
    if (parent->kind != LK_RELATION_TABLE && parent->kind != LK_RELATION_FOREIGN &&
        parent->kind != LK_RELATION_PARTITIONED && parent->kind != LK_RELATION_UNKNOWN) {
        lk_refuse(catalog, "42809", range->location,
                  "inherited relation \"%s\" is not a table or foreign table", name);
        return true;
    }
    lk_vec_foreach(known, &table->parents) {
        if (*known != parent)
            continue;
        lk_refuse(catalog, "42P07", range->location,
                  "relation \"%s\" would be inherited from more than once", name);
        return true;
    }
    return false;
}

static bool
add_parents(struct lk_catalog *catalog, struct lk_relation *table, const CreateStmt *stmt)
{
    enum lk_relation_kind kind =
        stmt->partbound != NULL ? LK_RELATION_PARTITIONED : LK_RELATION_TABLE;
    ListCell *cell;

    foreach(cell, stmt->inhRelations) {
        const RangeVar *range = lfirst_node(RangeVar, cell);
        if (lk_refuse_missing(catalog, range))
            return false;
        struct lk_relation *parent =
            lk_catalog_assume(catalog, range->schemaname, range->relname, kind);
        if (refuse_parent(catalog, table, parent, stmt, range))
            return false;
        if (stmt->partbound != NULL) {
            lk_partition_become(catalog, table, parent, stmt->partbound);
            table->bound = lk_partition_bound(catalog, stmt->partbound,
                                              lk_replay_offset(catalog, range->location));
        } else {
            lk_link(catalog, table, parents, parent);
            lk_link(catalog, parent, children, table);
            lk_depend(catalog, &table->object, &parent->object, LK_DEPENDS_NORMAL);
        }
        if (!lk_inherit_columns(catalog, table, parent))
            return false;
    }
    return true;
}

/* fill adds what a table consists of. */
static void
fill(struct lk_catalog *catalog, struct lk_relation *table, const CreateStmt *stmt)
{
    struct lk_pending pending = {
        .mem = catalog->statement_mem, .likes = stmt->tableElts, .fresh = true};
    ListCell *cell;

    if (!add_parents(catalog, table, stmt))
        return;
    if (stmt->ofTypename != NULL)
        create_of_type(catalog, table, stmt->ofTypename);
    if (!add_elements(catalog, table, stmt->tableElts, &pending))
        return;
    foreach(cell, stmt->constraints)
        lk_pending_constraint(&pending, lfirst_node(Constraint, cell));
    struct lk_parents parents = lk_parents_of(table);
    for (size_t i = 0; i < parents.count; i++)
        if (!lk_inherit_constraints(catalog, table, parents.items[i]))
            return;
    if (stmt->partspec != NULL)
        lk_partition_key(catalog, table, stmt->partspec);
    if (table->parent != NULL)
        lk_partition_follow(catalog, table, table->parent);
    lk_pending_carry_out(catalog, table, &pending);
}

/* refuse_new refuses a table that is there, or in a schema that is not. */
static bool
refuse_new(struct lk_catalog *catalog, const RangeVar *range, const char *schema)
{
    if (schema != NULL && lk_entry_gone(catalog, LK_CLASS_SCHEMA, "", schema)) {
        lk_refuse(catalog, "3F000", range->location, "schema \"%s\" does not exist", schema);
        return true;
    }
    return lk_refuse_taken(catalog, schema != NULL ? schema : lk_catalog_creation_schema(catalog),
                           range->relname, range->location);
}

/* is_there_already returns whether IF NOT EXISTS has nothing to do, or CREATE is refused. */
static bool
is_there_already(struct lk_catalog *catalog, const RangeVar *range, const char *schema,
                 bool if_not_exists)
{
    const struct lk_relation *old = lk_catalog_relation(
        catalog, schema != NULL ? schema : lk_catalog_creation_schema(catalog), range->relname);

    /* one that was only assumed did not exist after all, unless IF NOT EXISTS says that the author
     * does not know either */
    if (old != NULL && if_not_exists)
        return true;
    return refuse_new(catalog, range, schema);
}

static const char *
schema_of(const RangeVar *range)
{
    return range->relpersistence == RELPERSISTENCE_TEMP ? "pg_temp" : range->schemaname;
}

/*
 * refuse_values refuses columns of a partition that get values by themselves.
 * Source: transformColumnDefinition(), src/backend/parser/parse_utilcmd.c.
 */
static bool
refuse_values(struct lk_catalog *catalog, const CreateStmt *stmt)
{
    ListCell *cell;

    foreach(cell, stmt->tableElts) {
        const ColumnDef *definition = lfirst(cell);
        if (!IsA(definition, ColumnDef))
            continue;
        bool identity = lk_column_has(definition, CONSTR_IDENTITY) != NULL;
        if (!identity && (lk_column_has(definition, CONSTR_GENERATED) == NULL ||
                          lk_catalog_version(catalog) >= PARTITIONS_GENERATE))
            continue;
        lk_refuse(catalog, "0A000", definition->location,
                  "%s columns are not supported on partitions",
                  identity ? "identity" : "generated");
        return true;
    }
    return false;
}

/* refuse_parents refuses parents that are not there, which is seen before a name that is taken. */
static bool
refuse_parents(struct lk_catalog *catalog, const CreateStmt *stmt)
{
    ListCell *cell;

    if (stmt->partspec != NULL && stmt->partbound == NULL && stmt->inhRelations != NIL) {
        lk_refuse(catalog, "42P17", -1, "cannot create partitioned table as inheritance child");
        return true;
    }
    if (stmt->partbound != NULL && !stmt->if_not_exists && refuse_values(catalog, stmt))
        return true;
    foreach(cell, stmt->inhRelations)
        if (lk_refuse_missing(catalog, lfirst_node(RangeVar, cell)))
            return true;
    return false;
}

static struct lk_relation *
create_table(struct lk_catalog *catalog, const CreateStmt *stmt, enum lk_relation_kind kind)
{
    const RangeVar *range = stmt->relation;
    size_t refusals = catalog->refusals.items.count;

    if (refuse_parents(catalog, stmt) ||
        is_there_already(catalog, range, schema_of(range), stmt->if_not_exists))
        return NULL;
    size_t mark = lk_catalog_mark(catalog);
    struct lk_relation *table =
        lk_catalog_add_relation(catalog, schema_of(range), range->relname,
                                stmt->partspec != NULL ? LK_RELATION_PARTITIONED : kind);
    lk_replay_created(catalog, &table->object);
    table->until_commit = stmt->oncommit == ONCOMMIT_DROP;
    table->unlogged = range->relpersistence == RELPERSISTENCE_UNLOGGED;
    table->options = lk_options_changed(catalog, NULL, stmt->options, false, false);
    table->tablespace = lk_catalog_keep(catalog, stmt->tablespacename);
    table->method = lk_catalog_keep(catalog, stmt->accessMethod);
    if (stmt->accessMethod == NULL || !lk_refuse_table_method(catalog, stmt->accessMethod))
        fill(catalog, table, stmt);
    if (catalog->refusals.items.count == refusals)
        return table;
    lk_catalog_return_to(catalog, mark);
    return NULL;
}

void
lk_replay_create_table(struct lk_catalog *catalog, const CreateStmt *stmt)
{
    create_table(catalog, stmt, LK_RELATION_TABLE);
}

void
lk_replay_create_foreign_table(struct lk_catalog *catalog, const CreateForeignTableStmt *stmt)
{
    size_t mark = lk_catalog_mark(catalog);
    struct lk_relation *table = create_table(catalog, &stmt->base, LK_RELATION_FOREIGN);

    if (table == NULL)
        return;
    if (lk_replay_refuse_absent(catalog, OBJECT_FOREIGN_SERVER, stmt->servername)) {
        lk_catalog_return_to(catalog, mark);
        return;
    }
    table->server = lk_catalog_keep(catalog, stmt->servername);
    table->options = lk_options_changed(catalog, NULL, stmt->options, false, true);
}
