/*
 * rules/effects/effects_drop.c
 *     Locks of DROP and TRUNCATE, and of what they take along.
 */
#include "rules/effects/effects_private.h"
#include "rules/schema/replay_part.h"

/* lock_known locks relations of the catalog. */
static void
lock_known(struct lk_gather *gather, const struct lk_relations *relations)
{
    lk_vec_foreach(relation, &relations->items)
        lk_gather_lock_known(gather, *relation, LK_LOCK_ACCESS_EXCLUSIVE);
}

/* lock_neighbours locks what foreign keys tie a dropped relation to. */
static void
lock_neighbours(struct lk_gather *gather, const struct lk_relation *relation, bool cascade)
{
    struct lk_relations referrers = {0};

    lk_vec_foreach(constraint, &relation->constraints)
        if ((*constraint)->parent == NULL) /* a partition's has no triggers on the other side */
            lk_gather_unlink(gather, *constraint, LK_LOCK_ACCESS_EXCLUSIVE);
    if (cascade)
        lk_catalog_referrers(gather->mem, gather->catalog, relation, &referrers);
    lk_vec_foreach(referrer, &referrers.items)
        lk_gather_tree(gather, *referrer, LK_LOCK_ACCESS_EXCLUSIVE);
}

/* unlink_partition locks who refers to the table of a partition: their foreign keys go. */
static void
unlink_partition(struct lk_gather *gather, const struct lk_relation *relation)
{
    for (const struct lk_relation *at = relation->parent; at != NULL; at = at->parent) {
        struct lk_relations referrers = {0};
        lk_catalog_referrers(gather->mem, gather->catalog, at, &referrers);
        lk_vec_foreach(referrer, &referrers.items)
            lk_gather_tree(gather, *referrer, LK_LOCK_ACCESS_EXCLUSIVE);
        if (referrers.items.count > 0)
            lk_gather_tree(gather, at, LK_LOCK_ACCESS_EXCLUSIVE);
    }
}

static void
drop_known(struct lk_gather *gather, const struct lk_relation *relation, bool cascade)
{
    struct lk_relations along = {0};

    lk_gather_lock_known(gather, relation, LK_LOCK_ACCESS_EXCLUSIVE);
    lk_gather_lock_known(gather, relation->parent, LK_LOCK_ACCESS_EXCLUSIVE);
    if (relation->parent != NULL) /* whose bounds grow by what was the partition's */
        lk_gather_lock_known(gather,
                             lk_catalog_default_partition(gather->catalog, relation->parent),
                             LK_LOCK_ACCESS_EXCLUSIVE);
    lock_neighbours(gather, relation, cascade);
    if (cascade)
        unlink_partition(gather, relation);
    if (cascade && relation->kind == LK_RELATION_SEQUENCE) /* the column loses its default */
        lk_gather_lock_known(gather, relation->table, LK_LOCK_ACCESS_EXCLUSIVE);
    lk_catalog_dependents(gather->mem, gather->catalog, relation, cascade, &along);
    lk_vec_foreach(dependent, &along.items) {
        lk_gather_lock_known(gather, *dependent, LK_LOCK_ACCESS_EXCLUSIVE);
        lock_neighbours(gather, *dependent, cascade);
    }
}

static void
drop_relation(struct lk_gather *gather, const DropStmt *stmt, const List *words)
{
    struct lk_qname name = lk_qname_of_list(words);
    struct lk_relation *relation = lk_catalog_relation(gather->catalog, name.schema, name.name);
    enum lk_lock_mode mode =
        stmt->concurrent ? LK_LOCK_SHARE_UPDATE_EXCLUSIVE : LK_LOCK_ACCESS_EXCLUSIVE;

    if (relation == NULL && stmt->missing_ok)
        return;
    if (relation != NULL && relation->kind != LK_RELATION_INDEX) {
        drop_known(gather, relation, stmt->behavior == DROP_CASCADE);
        return;
    }
    lk_gather_lock(gather, name, mode);
    if (relation != NULL && stmt->concurrent)
        lk_gather_lock_known(gather, relation->table, mode);
    else if (relation != NULL)
        lk_gather_tree(gather, relation->table, mode);
    if (relation != NULL && stmt->behavior == DROP_CASCADE)
        lk_gather_drop_with(gather, &relation->object);
}

/* is_absent returns whether a table is known all and does not have such a part. */
static bool
is_absent(const struct lk_relation *table, ObjectType type, const char *name)
{
    enum lk_class class = type == OBJECT_TRIGGER ? LK_CLASS_TRIGGER
                          : type == OBJECT_RULE  ? LK_CLASS_RULE
                                                 : LK_CLASS_POLICY;

    if (table == NULL || table->partial || table->object.assumed)
        return table == NULL;
    return lk_part_find(table, class, name) == NULL;
}

/* drop_part drops a trigger, policy or rule: the last word is its name, those before the table's.
 */
static void
drop_part(struct lk_gather *gather, const DropStmt *stmt, const List *words)
{
    struct lk_qname name = lk_qname_of_first(words, list_length(words) - 1);
    const struct lk_relation *table = lk_catalog_relation(gather->catalog, name.schema, name.name);

    if (stmt->missing_ok && is_absent(table, stmt->removeType, strVal(llast(words))))
        return;
    lk_gather_lock(gather, name, LK_LOCK_ACCESS_EXCLUSIVE);
    if (stmt->removeType == OBJECT_TRIGGER && table != NULL &&
        table->kind == LK_RELATION_PARTITIONED)
        lk_gather_lock_children(gather, table, LK_LOCK_ACCESS_EXCLUSIVE);
}

struct dropped_type {
    struct lk_gather *gather;
    const struct lk_defined_type *type;
    const struct lk_relation *composite; /* or this */
};

static bool
is_dropped(const struct dropped_type *dropped, const struct lk_type *type)
{
    const struct lk_catalog *catalog = dropped->gather->catalog;

    if (lk_type_is_builtin(type))
        return false;
    if (dropped->composite != NULL)
        return lk_catalog_relation(catalog, type->schema, type->name) == dropped->composite;
    return lk_catalog_type(catalog, type->schema, type->name) == dropped->type;
}

static void
drop_columns_of_type(struct lk_relation *relation, void *data)
{
    const struct dropped_type *dropped = data;

    lk_vec_foreach(column, &relation->columns)
        if ((*column)->type_known && is_dropped(dropped, &(*column)->type))
            lk_gather_lock_known(dropped->gather, relation, LK_LOCK_ACCESS_EXCLUSIVE);
}

static void
drop_type(struct lk_gather *gather, const DropStmt *stmt, const List *words)
{
    struct lk_qname name = lk_qname_of_list(words);
    const struct lk_relation *composite =
        lk_catalog_relation(gather->catalog, name.schema, name.name);
    struct dropped_type dropped = {
        .gather = gather,
        .type = lk_catalog_type(gather->catalog, name.schema, name.name),
    };

    if (stmt->behavior != DROP_CASCADE)
        return;
    if (dropped.type == NULL && composite != NULL && composite->kind == LK_RELATION_COMPOSITE) {
        dropped.composite = composite;
        lk_gather_lock_children(gather, composite, LK_LOCK_ACCESS_EXCLUSIVE);
    }
    if (dropped.type != NULL || dropped.composite != NULL)
        lk_catalog_relations(gather->catalog, drop_columns_of_type, &dropped);
}

void
lk_gather_drop_known(struct lk_gather *gather, const struct lk_relation *relation)
{
    if (relation->kind == LK_RELATION_INDEX)
        lk_gather_tree(gather, relation->table, LK_LOCK_ACCESS_EXCLUSIVE);
    drop_known(gather, relation, true);
}

void
lk_gather_drop(struct lk_gather *gather, const DropStmt *stmt)
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
            drop_relation(gather, stmt, castNode(List, object));
            break;
        case OBJECT_TRIGGER:
        case OBJECT_POLICY:
        case OBJECT_RULE:
            drop_part(gather, stmt, castNode(List, object));
            break;
        case OBJECT_TYPE:
        case OBJECT_DOMAIN:
            drop_type(gather, stmt, castNode(TypeName, object)->names);
            break;
        default:
            lk_gather_drop_other(gather, stmt, object);
            break;
        }
    }
}

void
lk_gather_drop_column(struct lk_gather *gather, const struct lk_relation *table,
                      const AlterTableCmd *command)
{
    struct lk_relations readers = {0}, referrers = {0};

    if (table == NULL)
        return;
    lk_gather_lock_known(gather, lk_catalog_sequence(gather->catalog, table, command->name),
                         LK_LOCK_ACCESS_EXCLUSIVE);
    lk_vec_foreach(constraint, &table->constraints)
        lk_vec_foreach(column, &(*constraint)->columns)
            if (strcmp(*column, command->name) == 0)
                lk_gather_unlink(gather, *constraint, LK_LOCK_ACCESS_EXCLUSIVE);
    if (command->behavior != DROP_CASCADE)
        return;
    lk_catalog_column_readers(gather->mem, gather->catalog, table, command->name, &readers);
    lock_known(gather, &readers);
    struct lk_column *column = lk_relation_column(table, command->name);
    lk_gather_drop_with(gather, column != NULL ? &column->object : NULL);
    lk_catalog_referrers(gather->mem, gather->catalog, table, &referrers);
    lk_vec_foreach(referrer, &referrers.items)
        lk_vec_foreach(constraint, &(*referrer)->constraints)
            if ((*constraint)->target == table && lk_references_column(*constraint, command->name))
                lk_gather_tree(gather, *referrer, LK_LOCK_ACCESS_EXCLUSIVE);
}

/* truncate_known locks a table, its descendants, and with CASCADE who refers to any of them. */
static void
truncate_known(struct lk_gather *gather, const TruncateStmt *stmt, struct lk_relation *table,
               bool family, struct lk_relations *done)
{
    struct lk_relations referrers = {0};

    lk_vec_foreach(known, &done->items)
        if (*known == table)
            return;
    lk_vec_push(gather->mem, &done->items, table);
    lk_gather_lock_known(gather, table, LK_LOCK_ACCESS_EXCLUSIVE);
    lk_gather_statement_triggers(gather, table, LK_ROW_TRUNCATE, NIL);
    if (stmt->restart_seqs)
        lk_vec_foreach(sequence, &table->sequences)
            if ((*sequence)->table == table)
                lk_gather_lock_known(gather, *sequence, LK_LOCK_ACCESS_EXCLUSIVE);
    if (family) {
        struct lk_relations children = {0};
        lk_catalog_descendants(gather->mem, gather->catalog, table, &children);
        lk_vec_foreach(child, &children.items)
            truncate_known(gather, stmt, *child, false, done);
    }
    if (stmt->behavior != DROP_CASCADE)
        return;
    for (const struct lk_relation *at = table; at != NULL; at = at->parent)
        lk_catalog_referrers(gather->mem, gather->catalog, at, &referrers);
    lk_vec_foreach(referrer, &referrers.items)
        truncate_known(gather, stmt, *referrer, true, done);
}

void
lk_gather_truncate(struct lk_gather *gather, const TruncateStmt *stmt)
{
    struct lk_relations done = {0};
    ListCell *cell;

    foreach(cell, stmt->relations) {
        const RangeVar *range = lfirst_node(RangeVar, cell);
        struct lk_relation *table =
            lk_catalog_relation(gather->catalog, range->schemaname, range->relname);
        if (table != NULL)
            truncate_known(gather, stmt, table, range->inh, &done);
        else
            lk_gather_lock_range(gather, range, LK_LOCK_ACCESS_EXCLUSIVE);
    }
}
