/*
 * rules/schema/depend.c
 *     Which object leans on which: see depend.h.
 */
#include "rules/schema/depend.h"

#include "rules/schema/catalog_private.h"
#include "rules/schema/seen.h"

static struct lk_dependency *
find_dependency(const struct lk_object *dependent, const struct lk_object *on)
{
    lk_vec_foreach(dependency, &dependent->depends)
        if ((*dependency)->on == on)
            return *dependency;
    return NULL;
}

void
lk_depend(struct lk_catalog *catalog, struct lk_object *dependent, struct lk_object *on,
          enum lk_dependency_kind kind)
{
    struct lk_dependency *dependency = find_dependency(dependent, on);

    if (dependent == on || (dependency != NULL && dependency->kind >= kind))
        return;
    lk_catalog_touch(catalog, dependent);
    lk_catalog_touch(catalog, on);
    if (dependency != NULL) { /* a new one: a ROLLBACK brings the old one back */
        lk_remove_pointer(&dependent->depends, dependency);
        lk_remove_pointer(&on->dependents, dependency);
    }
    dependency = lk_new(dependent, struct lk_dependency);
    *dependency = (struct lk_dependency){dependent, on, kind};
    lk_vec_push(dependent, &dependent->depends, dependency);
    lk_vec_push(on, &on->dependents, dependency);
}

void
lk_depend_text(struct lk_catalog *catalog, struct lk_object *dependent, const struct lk_text *text,
               enum lk_dependency_kind kind)
{
    if (text == NULL)
        return;
    lk_vec_foreach(mention, &text->mentions)
        if (mention->object != NULL)
            lk_depend(catalog, dependent, mention->object, kind);
}

void
lk_undepend_on(struct lk_catalog *catalog, struct lk_object *object)
{
    if (object->depends.count == 0)
        return;
    lk_catalog_touch(catalog, object);
    lk_vec_foreach(dependency, &object->depends) {
        lk_catalog_touch(catalog, (*dependency)->on);
        lk_remove_pointer(&(*dependency)->on->dependents, *dependency);
    }
    object->depends.count = 0;
}

void
lk_undepend(struct lk_catalog *catalog, struct lk_object *object)
{
    lk_undepend_on(catalog, object);
    if (object->dependents.count == 0)
        return;
    lk_catalog_touch(catalog, object);
    lk_vec_foreach(dependency, &object->dependents) {
        lk_catalog_touch(catalog, (*dependency)->dependent);
        lk_remove_pointer(&(*dependency)->dependent->depends, *dependency);
    }
    object->dependents.count = 0;
}

struct along {
    TALLOC_CTX *mem;
    struct lk_seen *seen;
    bool cascade;
    struct lk_objects *items;
    struct lk_objects *refused;
};

static void
add(struct along *along, struct lk_objects *list, struct lk_object *object)
{
    if (list != NULL && !lk_seen_address(along->mem, &along->seen, object))
        lk_vec_push(along->mem, &list->items, object);
}

static void
add_leaning(struct along *along, const struct lk_object *object)
{
    lk_vec_foreach(dependency, &object->dependents) {
        if (along->cascade || (*dependency)->kind != LK_DEPENDS_NORMAL)
            add(along, along->items, (*dependency)->dependent);
    }
}

/* add_parts adds what a relation consists of. */
static void
add_parts(struct along *along, const struct lk_relation *relation)
{
    lk_vec_foreach(column, &relation->columns)
        add(along, along->items, &(*column)->object);
    lk_vec_foreach(constraint, &relation->constraints)
        add(along, along->items, &(*constraint)->object);
    lk_vec_foreach(part, &relation->parts)
        add(along, along->items, &(*part)->object);
    lk_vec_foreach(index, &relation->indexes)
        add(along, along->items, &(*index)->object);
}

/* refuse_leaning adds what still leans on what goes, once it is known what that all is. */
static void
refuse_leaning(struct along *along, const struct lk_object *object)
{
    lk_vec_foreach(dependency, &object->dependents)
        if ((*dependency)->kind == LK_DEPENDS_NORMAL)
            add(along, along->refused, (*dependency)->dependent);
}

void
lk_depend_along(TALLOC_CTX *mem, const struct lk_object *object, bool cascade,
                struct lk_objects *along, struct lk_objects *refused)
{
    struct along state = {.mem = mem, .cascade = cascade, .items = along, .refused = refused};
    size_t first = along->items.count;

    lk_seen_address(mem, &state.seen, object);
    if (object->class == LK_CLASS_RELATION)
        add_parts(&state, (const struct lk_relation *)object);
    add_leaning(&state, object);
    for (size_t i = first; i < along->items.count; i++) {
        const struct lk_object *next = along->items.items[i];
        if (next->class == LK_CLASS_RELATION)
            add_parts(&state, (const struct lk_relation *)next);
        add_leaning(&state, next);
    }
    if (cascade)
        return;
    refuse_leaning(&state, object);
    for (size_t i = first; i < along->items.count; i++)
        refuse_leaning(&state, along->items.items[i]);
}
