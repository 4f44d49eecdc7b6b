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
lk_depend_not(struct lk_catalog *catalog, struct lk_object *dependent, struct lk_object *on)
{
    struct lk_dependency *dependency = find_dependency(dependent, on);

    if (dependency == NULL)
        return;
    lk_catalog_touch(catalog, dependent);
    lk_catalog_touch(catalog, on);
    lk_remove_pointer(&dependent->depends, dependency);
    lk_remove_pointer(&on->dependents, dependency);
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
    const struct lk_catalog *catalog;
    struct lk_objects *items;
    struct lk_objects *refused;
    struct lk_objects *defaults;
};

static void
add(struct along *along, struct lk_objects *list, struct lk_object *object)
{
    if (!lk_seen_address(along->mem, &along->seen, object))
        lk_vec_push(along->mem, &list->items, object);
}

/* is_type_of returns whether a type of the history is the type of a column, or a domain's base. */
static bool
is_type_of(const struct lk_type *type, const struct lk_object *object)
{
    const char *schema = lk_object_schema(object);

    return type->name != NULL && strcmp(type->name, object->name) == 0 &&
           (type->schema == NULL || schema == NULL || strcmp(type->schema, schema) == 0);
}

/*
 * is_by_default returns whether only the DEFAULT of a column or a domain leans on an object: what
 * GENERATED computes goes with its column.
 */
static bool
is_by_default(const struct lk_dependency *dependency)
{
    const struct lk_object *dependent = dependency->dependent, *on = dependency->on;
    const struct lk_type *type;

    if (dependent->class == LK_CLASS_COLUMN) {
        const struct lk_column *column = (const struct lk_column *)dependent;
        if (column->generated || !column->has_default)
            return false;
        type = &column->type;
    } else if (dependent->class == LK_CLASS_TYPE) {
        const struct lk_defined_type *domain = (const struct lk_defined_type *)dependent;
        if (domain->kind != 'd')
            return false;
        type = &domain->base;
    } else {
        return false;
    }
    switch (on->class) {
    case LK_CLASS_FUNCTION:
    case LK_CLASS_OPERATOR:
        return true;
    case LK_CLASS_RELATION:
    case LK_CLASS_TYPE:
        return !is_type_of(type, on);
    default:
        return false;
    }
}

/* lean adds what leans on an object that goes: it goes, too, or stands against that. */
static void
lean(struct along *along, struct lk_object *dependent, enum lk_dependency_kind kind, bool refusing)
{
    bool goes = along->cascade || kind != LK_DEPENDS_NORMAL;

    if (!lk_object_is_there(along->catalog, dependent))
        return;
    if (!refusing && goes)
        add(along, along->items, dependent);
    else if (refusing && !goes)
        add(along, along->refused, dependent);
}

/* lean_on_relation adds what leans on a relation without a dependency of its own. */
static void
lean_on_relation(struct along *along, const struct lk_relation *relation, bool refusing)
{
    const struct lk_catalog *catalog = along->catalog;
    struct lk_relation *leaving = lk_catalog_leaving_partition(catalog, relation);
    struct lk_relations found = {0};

    if (leaving != NULL)
        lean(along, &leaving->object, LK_DEPENDS_AUTO, refusing);
    lk_vec_foreach(child, &relation->children)
        if (lk_is_there(catalog, *child))
            lean(along, &(*child)->object,
                 (*child)->parent == relation ? LK_DEPENDS_AUTO : LK_DEPENDS_NORMAL, refusing);
    lk_vec_foreach(sequence, &relation->sequences)
        if ((*sequence)->table == relation && lk_is_there(catalog, *sequence))
            lean(along, &(*sequence)->object, LK_DEPENDS_AUTO, refusing);
    lk_vec_foreach(referrer, &relation->referrers) {
        if (!lk_is_there(catalog, *referrer))
            continue;
        lk_vec_foreach(constraint, &(*referrer)->constraints)
            if ((*constraint)->target == relation)
                lean(along, &(*constraint)->object, LK_DEPENDS_NORMAL, refusing);
    }
    lk_catalog_readers(along->mem, catalog, relation, &found);
    lk_vec_foreach(view, &found.items)
        lean(along, &(*view)->object, LK_DEPENDS_NORMAL, refusing);
}

static void
lean_on_schema(struct along *along, const struct lk_object *schema, bool refusing)
{
    struct lk_objects held = {0};

    lk_catalog_schema_objects(along->mem, along->catalog, schema->name, &held);
    lk_vec_foreach(object, &held.items)
        lean(along, *object, LK_DEPENDS_NORMAL, refusing);
}

/* lean_on_column adds the table that a column is part of the partition key of. */
static void
lean_on_column(struct along *along, const struct lk_column *column, bool refusing)
{
    struct lk_relation *table = column->relation;

    if (table->partition_key != NULL)
        lk_vec_foreach(mention, &table->partition_key->mentions)
            if (mention->object == &column->object)
                lean(along, &table->object, LK_DEPENDS_AUTO, refusing);
}

static void
add_leaning(struct along *along, const struct lk_object *object, bool refusing)
{
    lk_vec_foreach(item, &object->dependents) {
        const struct lk_dependency *dependency = *item;
        if (along->cascade && is_by_default(dependency))
            lk_vec_push(along->mem, &along->defaults->items, dependency->dependent);
        else
            lean(along, dependency->dependent, dependency->kind, refusing);
    }
    if (object->class == LK_CLASS_RELATION)
        lean_on_relation(along, (const struct lk_relation *)object, refusing);
    else if (object->class == LK_CLASS_SCHEMA)
        lean_on_schema(along, object, refusing);
    else if (object->class == LK_CLASS_COLUMN)
        lean_on_column(along, (const struct lk_column *)object, refusing);
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

static void
add_all(struct along *along, const struct lk_object *object)
{
    if (object->class == LK_CLASS_RELATION)
        add_parts(along, (const struct lk_relation *)object);
    add_leaning(along, object, false);
}

/* What still leans on what goes is known once it is known what that all is. */
void
lk_depend_drop(TALLOC_CTX *mem, const struct lk_catalog *catalog, bool cascade,
               struct lk_dropping *dropping)
{
    struct along state = {.mem = mem,
                          .cascade = cascade,
                          .catalog = catalog,
                          .items = &dropping->objects,
                          .refused = &dropping->refused,
                          .defaults = &dropping->defaults};

    lk_vec_foreach(object, &dropping->objects.items)
        lk_seen_address(mem, &state.seen, *object);
    for (size_t i = 0; i < dropping->objects.items.count; i++)
        add_all(&state, dropping->objects.items.items[i]);
    for (size_t i = 0; !cascade && i < dropping->objects.items.count; i++)
        add_leaning(&state, dropping->objects.items.items[i], true);
}
