/*
 * rules/schema/replay_drop.c
 *     DROP, RENAME and SET SCHEMA.
 */
#include "rules/schema/replay_private.h"

/* drop_references drops the foreign keys that point to a dropped relation. */
static void
drop_references(struct lk_catalog *catalog, const struct lk_relation *relation)
{
    lk_vec_foreach(referrer, &relation->referrers)
        for (size_t i = (*referrer)->constraints.count; i-- > 0;)
            if ((*referrer)->constraints.items[i]->target == relation)
                lk_catalog_drop_constraint(catalog, *referrer, (*referrer)->constraints.items[i]);
}

static void
drop_relation(struct lk_catalog *catalog, const List *words, DropBehavior behavior)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    struct lk_qname name = lk_qname_of_list(words);
    struct lk_relation *relation = lk_catalog_relation(catalog, name.schema, name.name);
    struct lk_relations along = {0};

    if (relation == NULL)
        return;
    lk_catalog_dependents(scratch, catalog, relation, behavior == DROP_CASCADE, &along);
    lk_vec_push(scratch, &along.items, relation);
    lk_vec_foreach(gone, &along.items) {
        lk_catalog_drop_relation(catalog, *gone);
        if (behavior == DROP_CASCADE)
            drop_references(catalog, *gone);
    }
}

static void
drop_type(struct lk_catalog *catalog, const List *words)
{
    struct lk_qname name = lk_qname_of_list(words);
    struct lk_defined_type *type = lk_catalog_type(catalog, name.schema, name.name);
    struct lk_relation *composite = lk_catalog_relation(catalog, name.schema, name.name);

    if (type != NULL)
        lk_catalog_drop_type(catalog, type);
    else if (composite != NULL && composite->kind == LK_RELATION_COMPOSITE)
        lk_catalog_drop_relation(catalog, composite);
}

void
lk_replay_drop(struct lk_catalog *catalog, const DropStmt *stmt)
{
    ListCell *cell;

    foreach(cell, stmt->objects) {
        const Node *object = lfirst(cell);
        switch (stmt->removeType) {
        case OBJECT_TABLE:
        case OBJECT_VIEW:
        case OBJECT_MATVIEW:
        case OBJECT_FOREIGN_TABLE:
        case OBJECT_SEQUENCE:
        case OBJECT_INDEX:
            drop_relation(catalog, castNode(List, object), stmt->behavior);
            break;
        case OBJECT_TYPE:
        case OBJECT_DOMAIN:
            drop_type(catalog, castNode(TypeName, object)->names);
            break;
        case OBJECT_SCHEMA: {
            struct lk_namespace *schema = lk_catalog_schema(catalog, strVal(object));
            if (schema != NULL)
                lk_catalog_drop_schema(catalog, schema);
            break;
        }
        default:
            break;
        }
    }
}

/* rename_in replaces a column's name in a list of names. */
static void
rename_in(const char **names, size_t count, const char *old, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (names[i] != NULL && strcmp(names[i], old) == 0)
            names[i] = name;
}

static void
rename_column(struct lk_catalog *catalog, struct lk_relation *relation, const RenameStmt *stmt)
{
    struct lk_column *column = lk_relation_column(relation, stmt->subname);
    const char *name = lk_catalog_keep(catalog, stmt->newname);

    if (column == NULL && relation->partial) {
        column = lk_catalog_add_column(catalog, relation, stmt->subname);
        column->object.assumed = true;
    }
    if (column == NULL || lk_relation_column(relation, stmt->newname) != NULL)
        return;
    lk_vec_foreach(constraint, &relation->constraints) {
        lk_catalog_touch(catalog, *constraint);
        rename_in((*constraint)->columns.items, (*constraint)->columns.count, stmt->subname, name);
        rename_in((*constraint)->not_null.items, (*constraint)->not_null.count, stmt->subname,
                  name);
    }
    lk_vec_foreach(index, &relation->indexes) {
        lk_catalog_touch(catalog, *index);
        rename_in((*index)->keys.items, (*index)->keys.count, stmt->subname, name);
        rename_in((*index)->uses.items, (*index)->uses.count, stmt->subname, name);
    }
    lk_vec_foreach(sequence, &relation->sequences) {
        lk_catalog_touch(catalog, *sequence);
        rename_in((*sequence)->keys.items, (*sequence)->keys.count, stmt->subname, name);
    }
    lk_catalog_rename_part(catalog, relation, &column->object, name);
}

/* rename_columns renames a column of a table, of its partitions and of those that inherit it. */
static void
rename_columns(struct lk_catalog *catalog, struct lk_relation *relation, const RenameStmt *stmt)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    struct lk_relations children = {0};

    rename_column(catalog, relation, stmt);
    if (!stmt->relation->inh)
        return;
    lk_catalog_descendants(scratch, catalog, relation, &children);
    lk_vec_foreach(child, &children.items)
        rename_column(catalog, *child, stmt);
}

static void
rename_relation(struct lk_catalog *catalog, struct lk_relation *relation, const char *name)
{
    if (lk_catalog_relation(catalog, relation->schema, name) != NULL)
        return;
    struct lk_relation *table = relation->kind == LK_RELATION_INDEX ? relation->table : NULL;
    const char *old = lk_catalog_keep(catalog, relation->object.name);
    lk_catalog_move_relation(catalog, relation, NULL, name);
    /* a constraint is renamed along with its index */
    if (table == NULL)
        return;
    struct lk_constraint *constraint = lk_relation_constraint(table, old);
    if (constraint != NULL && constraint->index == relation)
        lk_catalog_rename_part(catalog, table, &constraint->object, name);
}

static void
rename_constraint(struct lk_catalog *catalog, struct lk_relation *relation, const RenameStmt *stmt)
{
    struct lk_constraint *constraint = lk_relation_constraint(relation, stmt->subname);

    if (constraint == NULL)
        return;
    lk_catalog_rename_part(catalog, relation, &constraint->object, stmt->newname);
    if (constraint->index != NULL)
        lk_catalog_move_relation(catalog, constraint->index, NULL, stmt->newname);
}

void
lk_replay_rename(struct lk_catalog *catalog, const RenameStmt *stmt)
{
    struct lk_relation *relation = NULL;

    if (stmt->relation != NULL)
        relation =
            lk_catalog_relation(catalog, stmt->relation->schemaname, stmt->relation->relname);
    switch (stmt->renameType) {
    case OBJECT_SCHEMA: {
        struct lk_namespace *schema = lk_catalog_schema(catalog, stmt->subname);
        if (schema != NULL)
            lk_catalog_rename_schema(catalog, schema, stmt->newname);
        break;
    }
    case OBJECT_TYPE:
    case OBJECT_DOMAIN: {
        struct lk_qname name = lk_qname_of_list(castNode(List, stmt->object));
        struct lk_defined_type *type = lk_catalog_type(catalog, name.schema, name.name);
        if (type != NULL)
            lk_catalog_move_type(catalog, type, NULL, stmt->newname);
        break;
    }
    case OBJECT_COLUMN:
        if (relation != NULL)
            rename_columns(catalog, relation, stmt);
        break;
    case OBJECT_TABCONSTRAINT:
        if (relation != NULL)
            rename_constraint(catalog, relation, stmt);
        break;
    case OBJECT_TABLE:
    case OBJECT_VIEW:
    case OBJECT_MATVIEW:
    case OBJECT_FOREIGN_TABLE:
    case OBJECT_SEQUENCE:
    case OBJECT_INDEX:
        if (relation == NULL && !stmt->missing_ok)
            relation = lk_catalog_assume(catalog, stmt->relation->schemaname,
                                         stmt->relation->relname, LK_RELATION_UNKNOWN);
        if (relation != NULL)
            rename_relation(catalog, relation, stmt->newname);
        break;
    default:
        break;
    }
}

void
lk_replay_set_schema(struct lk_catalog *catalog, const AlterObjectSchemaStmt *stmt)
{
    if (stmt->relation != NULL) {
        struct lk_relation *relation =
            lk_catalog_relation(catalog, stmt->relation->schemaname, stmt->relation->relname);
        if (relation != NULL)
            lk_catalog_move_relation(catalog, relation, stmt->newschema, NULL);
    } else if (stmt->objectType == OBJECT_TYPE || stmt->objectType == OBJECT_DOMAIN) {
        struct lk_qname name = lk_qname_of_list(castNode(List, stmt->object));
        struct lk_defined_type *type = lk_catalog_type(catalog, name.schema, name.name);
        if (type != NULL)
            lk_catalog_move_type(catalog, type, stmt->newschema, NULL);
    }
}
