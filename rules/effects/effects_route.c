/*
 * rules/effects/effects_route.c
 *     Which partitions values lead to, as far as these and the bounds are written out.
 *
 * Sources: ExecFindPartition(), src/backend/executor/execPartition.c;
 * prune_append_rel_partitions(), src/backend/partitioning/partprune.c.
 */
#include "rules/effects/effects_private.h"

/* What is known of rows. */
struct known {
    TALLOC_CTX *mem;
    const struct lk_relation *table;
    const struct lk_predicate *given;
};

static bool
implies(const struct known *known, const struct lk_predicate *wanted)
{
    return lk_predicate_implies(&known->given, 1, wanted, lk_holds_dates, known->table);
}

/* lies_in returns whether all rows are in bounds: what compares to a value is not NULL besides. */
static bool
lies_in(const struct known *known, const struct lk_predicate *bound)
{
    bool compared = false;

    if (bound->kind != LK_PREDICATE_AND)
        return false;
    lk_vec_foreach(arg, &bound->args) {
        if ((*arg)->kind == LK_PREDICATE_NOT_NULL)
            continue;
        if (!implies(known, *arg))
            return false;
        compared = true;
    }
    return compared;
}

static enum lk_route
route_of(const struct known *known, const struct lk_relation *part)
{
    const struct lk_predicate *bound = lk_predicate_of_partition(known->mem, part);

    if (lies_in(known, bound))
        return LK_ROUTE_SURE;
    return implies(known, lk_predicate_not(known->mem, bound)) ? LK_ROUTE_NEVER : LK_ROUTE_MAYBE;
}

/* Rows belong to the DEFAULT partition that certainly belong to no other. */
static enum lk_route
route_of_rest(const struct known *known, const struct lk_catalog *catalog)
{
    enum lk_route result = LK_ROUTE_SURE;

    lk_vec_foreach(item, &known->table->children) {
        const struct lk_relation *part = *item;
        if (part->parent != known->table || part->is_default ||
            !lk_object_is_there(catalog, &part->object))
            continue;
        enum lk_route route = route_of(known, part);
        if (route == LK_ROUTE_SURE)
            return LK_ROUTE_NEVER;
        if (route == LK_ROUTE_MAYBE)
            result = LK_ROUTE_MAYBE;
    }
    return result;
}

enum lk_route
lk_route_to(struct lk_gather *gather, const struct lk_relation *part,
            const struct lk_predicate *given)
{
    const struct known known = {gather->mem, part->parent, given};

    if (given == NULL || part->parent == NULL)
        return LK_ROUTE_MAYBE;
    return part->is_default ? route_of_rest(&known, gather->catalog) : route_of(&known, part);
}

bool
lk_partitioned_by(const struct lk_relation *table, const char *column)
{
    if (table->partition_key == NULL)
        return true;
    lk_vec_foreach(mention, &table->partition_key->mentions)
        if (mention->object != NULL && mention->object->class == LK_CLASS_COLUMN &&
            strcmp(mention->object->name, column) == 0)
            return true;
    return false;
}
