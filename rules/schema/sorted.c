/*
 * rules/schema/sorted.c
 *     Objects in a stable order: see sorted.h.
 */
#include "rules/schema/sorted.h"

struct collected {
    TALLOC_CTX *mem;
    struct lk_objects *objects;
};

static void
collect(struct lk_object *object, void *data)
{
    struct collected *collected = data;

    if (!object->assumed)
        lk_vec_push(collected->mem, &collected->objects->items, object);
}

/* name_of returns what tells objects of one name apart, too: the signature of a function. */
static const char *
name_of(const struct lk_object *object)
{
    const struct lk_function *function = (const struct lk_function *)object;

    if (object->class == LK_CLASS_FUNCTION && function->signature != NULL)
        return function->signature;
    return object->name;
}

static int
by_name(const void *a, const void *b)
{
    const struct lk_object *left = *(const struct lk_object *const *)a;
    const struct lk_object *right = *(const struct lk_object *const *)b;
    const char *left_schema = lk_object_schema(left), *right_schema = lk_object_schema(right);
    int order = left_schema != NULL && right_schema != NULL ? strcmp(left_schema, right_schema) : 0;

    return order != 0 ? order : strcmp(name_of(left), name_of(right));
}

void
lk_sort_by_name(struct lk_objects *objects)
{
    if (objects->items.count > 0)
        qsort(objects->items.items, objects->items.count, sizeof(objects->items.items[0]), by_name);
}

void
lk_sorted_objects(TALLOC_CTX *mem, const struct lk_catalog *catalog, enum lk_class class,
                  struct lk_objects *ret)
{
    struct collected collected = {mem, ret};

    lk_catalog_objects(catalog, class, collect, &collected);
    lk_sort_by_name(ret);
}

const char *
lk_relation_kind_name(enum lk_relation_kind kind)
{
    static const char *const names[] = {
        [LK_RELATION_TABLE] = "table",
        [LK_RELATION_PARTITIONED] = "partitioned table",
        [LK_RELATION_FOREIGN] = "foreign table",
        [LK_RELATION_VIEW] = "view",
        [LK_RELATION_MATVIEW] = "materialized view",
        [LK_RELATION_SEQUENCE] = "sequence",
        [LK_RELATION_INDEX] = "index",
        [LK_RELATION_COMPOSITE] = "composite type",
        [LK_RELATION_UNKNOWN] = "relation",
    };

    return names[kind];
}

const char *
lk_constraint_kind_name(enum lk_constraint_kind kind)
{
    static const char *const names[] = {
        [LK_CONSTRAINT_CHECK] = "check",         [LK_CONSTRAINT_NOT_NULL] = "not null",
        [LK_CONSTRAINT_PRIMARY] = "primary key", [LK_CONSTRAINT_UNIQUE] = "unique",
        [LK_CONSTRAINT_EXCLUDE] = "exclude",     [LK_CONSTRAINT_FOREIGN] = "foreign key",
    };

    return names[kind];
}
