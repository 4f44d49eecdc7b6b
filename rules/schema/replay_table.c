/*
 * rules/schema/replay_table.c
 *     CREATE TABLE and ALTER TABLE.
 */
#include "parser/tree_names.h"
#include "rules/schema/catalog_private.h"
#include "rules/schema/replay_private.h"

/* add_sequence makes the sequence of a serial or identity column. */
static void
add_sequence(struct lk_catalog *catalog, struct lk_relation *table, const char *column)
{
    const char *name =
        lk_replay_choose_name(catalog, table->schema, table->object.name, column, "seq");

    lk_replay_own_sequence(
        catalog, lk_catalog_add_relation(catalog, table->schema, name, LK_RELATION_SEQUENCE), table,
        column);
}

void
lk_replay_own_sequence(struct lk_catalog *catalog, struct lk_relation *sequence,
                       struct lk_relation *table, const char *column)
{
    lk_catalog_touch(catalog, sequence);
    sequence->table = table;
    sequence->keys.count = 0;
    if (table == NULL)
        return;
    lk_vec_push(sequence, &sequence->keys, lk_catalog_keep(catalog, column));
    lk_link(catalog, table, sequences, sequence);
}

/* apply_property notes the parts of a column's definition that are no constraints of their own. */
static void
apply_property(struct lk_column *column, const Constraint *constraint)
{
    switch (constraint->contype) {
    case CONSTR_NOTNULL:
        column->not_null = true;
        break;
    case CONSTR_DEFAULT:
        column->has_default = true;
        break;
    case CONSTR_IDENTITY:
        column->identity = true;
        column->not_null = true;
        break;
    case CONSTR_GENERATED:
        column->generated = true;
        column->is_virtual = lk_is_virtual(constraint);
        break;
    default:
        break;
    }
}

void
lk_replay_add_column(struct lk_catalog *catalog, struct lk_relation *table,
                     const ColumnDef *definition)
{
    ListCell *cell;

    if (lk_relation_column(table, definition->colname) != NULL)
        return;
    struct lk_column *column = lk_catalog_add_column(catalog, table, definition->colname);
    if (definition->typeName != NULL)
        column->type_known = lk_type_of(column, definition->typeName, &column->type);
    column->serial = column->type.serial;
    column->not_null = definition->is_not_null || column->serial;
    column->has_default = column->serial || definition->raw_default != NULL;
    foreach(cell, definition->constraints)
        apply_property(column, lfirst_node(Constraint, cell));
    if (column->serial || column->identity)
        add_sequence(catalog, table, column->object.name);
    foreach(cell, definition->constraints) {
        const Constraint *constraint = lfirst_node(Constraint, cell);
        if (constraint->contype != CONSTR_NOTNULL)
            lk_replay_constraint(catalog, table, constraint, column->object.name);
    }
}

static void
copy_column(struct lk_catalog *catalog, struct lk_relation *table, const struct lk_column *source,
            bool defaults)
{
    if (lk_relation_column(table, source->object.name) != NULL)
        return;
    struct lk_column *column = lk_catalog_add_column(catalog, table, source->object.name);
    column->type = source->type;
    column->type_known = source->type_known;
    column->not_null = source->not_null;
    column->has_default = defaults && source->has_default;
    column->generated = defaults && source->generated;
    column->is_virtual = column->generated && source->is_virtual;
}

/* copy_columns gives a table the columns of another: LIKE, INHERITS, PARTITION OF. */
static void
copy_columns(struct lk_catalog *catalog, struct lk_relation *table, const struct lk_relation *from,
             bool defaults)
{
    if (from->partial || from->object.assumed)
        table->partial = true;
    lk_vec_foreach(source, &from->columns)
        copy_column(catalog, table, *source, defaults);
}

/* add_constraint adds a constraint to a table that is being created. */
static void
add_constraint(struct lk_catalog *catalog, struct lk_relation *table, const Constraint *definition)
{
    size_t count = table->constraints.count;

    lk_replay_constraint(catalog, table, definition, NULL);
    /* NOT VALID says nothing of a table without rows; those of a foreign one are elsewhere */
    if (table->constraints.count == count || table->kind == LK_RELATION_FOREIGN ||
        lk_is_not_enforced(definition))
        return;
    struct lk_constraint *constraint = *lk_vec_last(&table->constraints);
    constraint->validated = true;
    if (constraint->kind == LK_CONSTRAINT_NOT_NULL)
        lk_replay_set_not_null(catalog, table, constraint, true);
}

static void
add_element(struct lk_catalog *catalog, struct lk_relation *table, const Node *element)
{
    if (IsA(element, ColumnDef)) {
        lk_replay_add_column(catalog, table, (const ColumnDef *)element);
    } else if (IsA(element, Constraint)) {
        add_constraint(catalog, table, (const Constraint *)element);
    } else if (IsA(element, TableLikeClause)) {
        const TableLikeClause *like = (const TableLikeClause *)element;
        const struct lk_relation *from = lk_catalog_assume(
            catalog, like->relation->schemaname, like->relation->relname, LK_RELATION_UNKNOWN);
        copy_columns(catalog, table, from, (like->options & CREATE_TABLE_LIKE_DEFAULTS) != 0);
    }
}

/* become_partition makes a touched or new table a partition; an index has no bound. */
static void
become_partition(struct lk_catalog *catalog, struct lk_relation *part, struct lk_relation *table,
                 const PartitionBoundSpec *bound)
{
    part->parent = table;
    part->is_default = bound != NULL && bound->is_default;
    if (!part->is_default)
        return;
    lk_catalog_touch(catalog, table);
    table->rest = part;
}

/* create_of_type makes a table one that follows a composite type. */
static void
create_of_type(struct lk_catalog *catalog, struct lk_relation *table, const TypeName *type_name)
{
    struct lk_qname name = lk_qname_of_list(type_name->names);
    struct lk_relation *type = lk_catalog_relation(catalog, name.schema, name.name);

    table->partial = true;
    if (type != NULL && type->kind == LK_RELATION_COMPOSITE)
        lk_link(catalog, type, children, table);
}

static void
create_table(struct lk_catalog *catalog, const CreateStmt *stmt, enum lk_relation_kind kind)
{
    const RangeVar *range = stmt->relation;
    const char *schema =
        range->relpersistence == RELPERSISTENCE_TEMP ? "pg_temp" : range->schemaname;
    struct lk_relation *old =
        schema != NULL
            ? lk_catalog_relation(catalog, schema, range->relname)
            : lk_catalog_relation(catalog, lk_catalog_creation_schema(catalog), range->relname);
    ListCell *cell;

    /* refused, or skipped by IF NOT EXISTS; one that was only assumed did not exist after all,
     * unless IF NOT EXISTS says that the author does not know either */
    if (old != NULL && (!old->object.assumed || stmt->if_not_exists))
        return;
    struct lk_relation *table = lk_catalog_add_relation(
        catalog, schema, range->relname, stmt->partspec != NULL ? LK_RELATION_PARTITIONED : kind);
    table->unlogged = range->relpersistence == RELPERSISTENCE_UNLOGGED;
    foreach(cell, stmt->inhRelations) {
        const RangeVar *parent = lfirst_node(RangeVar, cell);
        struct lk_relation *from =
            lk_catalog_assume(catalog, parent->schemaname, parent->relname,
                              stmt->partbound != NULL ? LK_RELATION_PARTITIONED : kind);
        if (stmt->partbound != NULL) {
            become_partition(catalog, table, from, stmt->partbound);
        }
        lk_link(catalog, from, children, table);
        copy_columns(catalog, table, from, true);
    }
    if (stmt->ofTypename != NULL)
        create_of_type(catalog, table, stmt->ofTypename);
    foreach(cell, stmt->tableElts)
        add_element(catalog, table, lfirst(cell));
    foreach(cell, stmt->constraints)
        add_element(catalog, table, lfirst(cell));
}

void
lk_replay_create_table(struct lk_catalog *catalog, const CreateStmt *stmt)
{
    create_table(catalog, stmt, LK_RELATION_TABLE);
}

void
lk_replay_create_foreign_table(struct lk_catalog *catalog, const CreateForeignTableStmt *stmt)
{
    create_table(catalog, &stmt->base, LK_RELATION_FOREIGN);
}

void
lk_replay_create_as(struct lk_catalog *catalog, const CreateTableAsStmt *stmt)
{
    const RangeVar *range = stmt->into->rel;
    struct lk_relation *old = lk_catalog_relation(catalog, range->schemaname, range->relname);

    if (old != NULL && (!old->object.assumed || stmt->if_not_exists))
        return;
    struct lk_relation *relation = lk_catalog_add_relation(
        catalog, range->relpersistence == RELPERSISTENCE_TEMP ? "pg_temp" : range->schemaname,
        range->relname, stmt->objtype == OBJECT_MATVIEW ? LK_RELATION_MATVIEW : LK_RELATION_TABLE);
    relation->partial = true; /* the columns are the query's */
    if (relation->kind == LK_RELATION_MATVIEW)
        lk_replay_query(catalog, relation, stmt->query);
}

static struct lk_column *
touch_column(struct lk_catalog *catalog, struct lk_relation *table, const char *name)
{
    struct lk_column *column = lk_relation_column(table, name);

    if (column == NULL && table->partial) { /* it exists, or the statement fails */
        column = lk_catalog_add_column(catalog, table, name);
        column->object.assumed = true;
    }
    if (column != NULL)
        lk_catalog_touch(catalog, column);
    return column;
}

static void
attach(struct lk_catalog *catalog, struct lk_relation *table, const PartitionCmd *command)
{
    struct lk_relation *part = lk_catalog_assume(catalog, command->name->schemaname,
                                                 command->name->relname, LK_RELATION_UNKNOWN);

    lk_catalog_touch(catalog, part);
    become_partition(catalog, part, table, command->bound);
    lk_link(catalog, table, children, part);
    /* ALTER INDEX ... ATTACH PARTITION makes the parent valid once all parts are there */
    if (table->kind != LK_RELATION_INDEX && table->kind != LK_RELATION_PARTITIONED) {
        lk_catalog_touch(catalog, table);
        table->kind = LK_RELATION_PARTITIONED;
    }
}

static void
detach(struct lk_catalog *catalog, struct lk_relation *table, const RangeVar *range)
{
    struct lk_relation *part = lk_catalog_relation(catalog, range->schemaname, range->relname);

    if (part == NULL)
        return;
    lk_catalog_touch(catalog, part);
    part->parent = NULL;
    lk_catalog_touch(catalog, table);
    lk_remove_pointer(&table->children, part);
}

/* inherit follows INHERIT and NO INHERIT. */
static void
inherit(struct lk_catalog *catalog, struct lk_relation *table, const AlterTableCmd *command)
{
    const RangeVar *range = castNode(RangeVar, command->def);
    struct lk_relation *parent =
        lk_catalog_assume(catalog, range->schemaname, range->relname, LK_RELATION_TABLE);

    if (command->subtype == AT_AddInherit) {
        lk_link(catalog, parent, children, table);
    } else {
        lk_catalog_touch(catalog, parent);
        lk_remove_pointer(&parent->children, table);
    }
}

/* follow_not_null validates or drops the NOT NULL constraint of a column, where it has one. */
static void
follow_not_null(struct lk_catalog *catalog, struct lk_relation *table,
                const struct lk_column *column)
{
    for (size_t i = table->constraints.count; i-- > 0;) {
        struct lk_constraint *constraint = table->constraints.items[i];
        if (constraint->kind != LK_CONSTRAINT_NOT_NULL ||
            strcmp(constraint->columns.items[0], column->object.name) != 0)
            continue;
        if (!column->not_null) {
            lk_catalog_drop_constraint(catalog, table, constraint);
            continue;
        }
        lk_catalog_touch(catalog, constraint);
        constraint->validated = true;
    }
}

static void
alter_column(struct lk_catalog *catalog, struct lk_relation *table, const AlterTableCmd *command)
{
    struct lk_column *column = touch_column(catalog, table, command->name);

    if (column == NULL)
        return;
    switch (command->subtype) {
    case AT_AlterColumnType: {
        const ColumnDef *definition = castNode(ColumnDef, command->def);
        column->type_known = lk_type_of(column, definition->typeName, &column->type);
        break;
    }
    case AT_SetNotNull:
    case AT_DropNotNull:
        column->not_null = command->subtype == AT_SetNotNull;
        follow_not_null(catalog, table, column);
        break;
    case AT_ColumnDefault:
        column->has_default = command->def != NULL;
        break;
    case AT_AddIdentity:
        column->identity = true;
        add_sequence(catalog, table, column->object.name);
        break;
    case AT_DropIdentity: {
        struct lk_relation *sequence = lk_catalog_sequence(catalog, table, command->name);
        if (column->identity && sequence != NULL)
            lk_catalog_drop_relation(catalog, sequence);
        column->identity = false;
        break;
    }
    case AT_DropExpression:
        column->generated = false;
        break;
    default:
        break;
    }
}

static void
alter_constraint(struct lk_catalog *catalog, struct lk_relation *table,
                 const AlterTableCmd *command)
{
    struct lk_constraint *constraint = lk_relation_constraint(table, command->name);

    if (constraint == NULL)
        return;
    if (command->subtype == AT_DropConstraint) {
        if (constraint->kind == LK_CONSTRAINT_NOT_NULL)
            lk_replay_set_not_null(catalog, table, constraint, false);
        lk_catalog_drop_constraint(catalog, table, constraint);
    } else if (command->subtype == AT_ValidateConstraint) {
        lk_catalog_touch(catalog, constraint);
        constraint->validated = true;
        if (constraint->kind == LK_CONSTRAINT_NOT_NULL)
            lk_replay_set_not_null(catalog, table, constraint, true);
    }
}

static void
alter_command(struct lk_catalog *catalog, struct lk_relation *table, const AlterTableCmd *command)
{
    switch (command->subtype) {
    case AT_AddColumn:
        lk_replay_add_column(catalog, table, castNode(ColumnDef, command->def));
        break;
    case AT_DropColumn: {
        struct lk_column *column = lk_relation_column(table, command->name);
        if (column != NULL)
            lk_catalog_drop_column(catalog, table, column);
        break;
    }
    case AT_AlterColumnType:
    case AT_SetNotNull:
    case AT_DropNotNull:
    case AT_ColumnDefault:
    case AT_AddIdentity:
    case AT_DropIdentity:
    case AT_DropExpression:
        alter_column(catalog, table, command);
        break;
    case AT_AddConstraint:
        lk_replay_constraint(catalog, table, castNode(Constraint, command->def), NULL);
        break;
    case AT_DropConstraint:
    case AT_ValidateConstraint:
        alter_constraint(catalog, table, command);
        break;
    case AT_AttachPartition:
        attach(catalog, table, castNode(PartitionCmd, command->def));
        break;
    case AT_DetachPartition:
    case AT_DetachPartitionFinalize:
        detach(catalog, table, castNode(PartitionCmd, command->def)->name);
        break;
    case AT_AddInherit:
    case AT_DropInherit:
        inherit(catalog, table, command);
        break;
    case AT_SetLogged:
    case AT_SetUnLogged:
        lk_catalog_touch(catalog, table);
        table->unlogged = command->subtype == AT_SetUnLogged;
        break;
    default:
        break;
    }
}

/* alter_child does to a partition or a table that inherits what was done to its parent. */
static void
alter_child(struct lk_catalog *catalog, const struct lk_relation *table, struct lk_relation *child,
            const AlterTableCmd *command)
{
    switch (command->subtype) {
    case AT_AddColumn: {
        const struct lk_column *column =
            lk_relation_column(table, castNode(ColumnDef, command->def)->colname);
        if (column != NULL)
            copy_column(catalog, child, column, true);
        break;
    }
    case AT_DropColumn: {
        struct lk_column *column = lk_relation_column(child, command->name);
        /* a table that inherits keeps a column that it has defined itself, too */
        if (column != NULL && child->parent != NULL)
            lk_catalog_drop_column(catalog, child, column);
        break;
    }
    case AT_AlterColumnType:
    case AT_SetNotNull:
    case AT_DropNotNull:
    case AT_ColumnDefault:
    case AT_DropExpression:
        alter_column(catalog, child, command);
        break;
    default:
        break;
    }
}

static void
alter_children(struct lk_catalog *catalog, const struct lk_relation *table,
               const AlterTableCmd *command)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    struct lk_relations children = {0};

    lk_catalog_descendants(scratch, catalog, table, &children);
    lk_vec_foreach(child, &children.items)
        if (*child != table)
            alter_child(catalog, table, *child, command);
}

void
lk_replay_alter_table(struct lk_catalog *catalog, const AlterTableStmt *stmt)
{
    const RangeVar *range = stmt->relation;
    struct lk_relation *table = lk_catalog_relation(catalog, range->schemaname, range->relname);
    ListCell *cell;

    if (stmt->objtype == OBJECT_TYPE)
        return;
    if (table == NULL && stmt->missing_ok)
        return;
    table = lk_catalog_assume(catalog, range->schemaname, range->relname, LK_RELATION_UNKNOWN);
    if (table->kind == LK_RELATION_UNKNOWN && stmt->objtype == OBJECT_TABLE) {
        lk_catalog_touch(catalog, table);
        table->kind = LK_RELATION_TABLE;
    }
    foreach(cell, stmt->cmds) {
        const AlterTableCmd *command = lfirst_node(AlterTableCmd, cell);
        alter_command(catalog, table, command);
        if (range->inh && table->children.count > 0)
            alter_children(catalog, table, command);
    }
}
