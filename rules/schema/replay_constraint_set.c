/*
 * rules/schema/replay_constraint_set.c
 *     Constraints that are copied, found and dropped: see replay_relation.h.
 */
#include "rules/schema/replay_relation.h"

struct lk_constraint *
lk_constraint_copy(struct lk_catalog *catalog, struct lk_relation *table,
                   const struct lk_constraint *source, const char *name)
{
    struct lk_constraint *constraint =
        lk_catalog_add_constraint(catalog, table, name, source->kind);

    constraint->validated = source->validated;
    constraint->deferrable = source->deferrable;
    constraint->deferred = source->deferred;
    constraint->not_enforced = source->not_enforced;
    constraint->no_inherit = source->no_inherit;
    constraint->on_delete = source->on_delete;
    constraint->on_update = source->on_update;
    constraint->match = source->match;
    constraint->period = source->period;
    constraint->object.assumed = source->object.assumed;
    constraint->expression = lk_text_moved(catalog, source->expression, source->relation, table);
    lk_vec_foreach(column, &source->columns)
        lk_vec_push(constraint, &constraint->columns, *column);
    lk_vec_foreach(column, &source->not_null)
        lk_vec_push(constraint, &constraint->not_null, *column);
    lk_vec_foreach(column, &source->set_columns)
        lk_vec_push(constraint, &constraint->set_columns, *column);
    lk_vec_foreach(column, &source->referenced_columns)
        lk_vec_push(constraint, &constraint->referenced_columns, *column);
    lk_lean(catalog, &constraint->object, table, constraint->expression);
    if (source->kind != LK_CONSTRAINT_FOREIGN)
        return constraint;
    constraint->target = source->target;
    constraint->references_schema = source->references_schema;
    constraint->references = source->references;
    if (source->target != NULL)
        lk_link(catalog, constraint->target, referrers, table);
    lk_vec_foreach(leaning, &source->object.depends)
        lk_depend(catalog, &constraint->object, (*leaning)->on, (*leaning)->kind);
    return constraint;
}

struct lk_constraint *
lk_constraint_not_null(const struct lk_relation *table, const char *column)
{
    lk_vec_foreach(constraint, &table->constraints)
        if ((*constraint)->kind == LK_CONSTRAINT_NOT_NULL &&
            strcmp((*constraint)->columns.items[0], column) == 0)
            return *constraint;
    return NULL;
}

struct lk_constraint *
lk_constraint_add_not_null(struct lk_catalog *catalog, struct lk_relation *table,
                           struct lk_column *column, const char *name, bool inherited)
{
    struct lk_constraint *constraint = lk_constraint_not_null(table, column->object.name);

    lk_catalog_touch(catalog, column);
    column->not_null = true;
    if (constraint != NULL) {
        lk_catalog_touch(catalog, constraint);
        constraint->validated = true;
        constraint->inherited &= inherited;
        return constraint;
    }
    if (lk_catalog_version(catalog) < LK_NOT_NULL_HAS_NAME)
        return NULL;
    if (name == NULL || lk_relation_constraint(table, name) != NULL)
        name = lk_constraint_unused(catalog, table, column->object.name, "not_null");
    constraint = lk_catalog_add_constraint(catalog, table, name, LK_CONSTRAINT_NOT_NULL);
    constraint->inherited = inherited;
    lk_vec_push(constraint, &constraint->columns, column->object.name);
    return constraint;
}

struct lk_constraint *
lk_constraint_key(const struct lk_relation *table)
{
    lk_vec_foreach(constraint, &table->constraints)
        if ((*constraint)->kind == LK_CONSTRAINT_PRIMARY)
            return *constraint;
    return NULL;
}

/* drop_followers drops the constraints of partitions that follow one. */
static void
drop_followers(struct lk_catalog *catalog, const struct lk_relation *table,
               const struct lk_constraint *constraint)
{
    for (size_t i = table->children.count; i-- > 0;) {
        struct lk_relation *part = table->children.items[i];
        if (part->parent != table || !lk_is_there(catalog, part))
            continue;
        for (size_t k = part->constraints.count; k-- > 0;)
            if (part->constraints.items[k]->parent == constraint)
                lk_constraint_drop(catalog, part, part->constraints.items[k]);
    }
}

void
lk_constraint_drop(struct lk_catalog *catalog, struct lk_relation *table,
                   struct lk_constraint *constraint)
{
    if (constraint->kind != LK_CONSTRAINT_CHECK && constraint->kind != LK_CONSTRAINT_NOT_NULL)
        drop_followers(catalog, table, constraint);
    if (lk_relation_constraint(table, constraint->object.name) == constraint)
        lk_catalog_drop_constraint(catalog, table, constraint);
}

void
lk_constraint_spread(struct lk_catalog *catalog, struct lk_relation *table,
                     struct lk_constraint *constraint)
{
    bool key =
        constraint->kind != LK_CONSTRAINT_CHECK && constraint->kind != LK_CONSTRAINT_NOT_NULL;

    if (constraint->no_inherit || (key && table->kind != LK_RELATION_PARTITIONED))
        return;
    for (size_t i = 0; i < table->children.count; i++) {
        struct lk_relation *child = table->children.items[i];
        if (!lk_is_there(catalog, child) || (key && child->parent != table))
            continue;
        if (constraint->kind == LK_CONSTRAINT_FOREIGN) {
            lk_partition_foreign(catalog, child, constraint);
        } else if (key && constraint->index != NULL) {
            lk_partition_index(catalog, child, constraint->index, false);
        } else if (!key) {
            if (lk_inherit_check(catalog, child, constraint))
                lk_constraint_spread(catalog, child, constraint);
        }
    }
}

bool
lk_refuse_constraint_taken(struct lk_catalog *catalog, const struct lk_relation *relation,
                           const char *name)
{
    const struct lk_constraint *taken = lk_relation_constraint(relation, name);

    if (taken == NULL)
        taken = lk_relation_echoing(relation, name);
    if (taken == NULL || taken->object.assumed)
        return false;
    lk_refuse(catalog, "42710", -1, "constraint \"%s\" for relation \"%s\" already exists", name,
              relation->object.name)
        ->object = &taken->object;
    return true;
}
