/*
 * rules/schema/dependents.c
 *     What hangs together in the replayed catalog: see catalog.h.
 */
#include "rules/schema/builtin.h"
#include "rules/schema/catalog_private.h"
#include "rules/schema/seen.h"

bool
lk_is_there(const struct lk_catalog *catalog, const struct lk_relation *relation)
{
    return lk_entry_find(catalog, LK_CLASS_RELATION, relation->schema, relation->object.name) ==
           &relation->object;
}

/* is_in returns whether a list has a relation; if not, the caller adds it. */
static bool
is_in(TALLOC_CTX *mem, struct lk_relations *list, const struct lk_relation *relation)
{
    if (list->items.count < LK_SEEN_MIN) {
        lk_vec_foreach(known, &list->items)
            if (*known == relation)
                return true;
        return false;
    }
    if (list->seen == NULL)
        lk_vec_foreach(known, &list->items)
            lk_seen_address(mem, &list->seen, *known);
    return lk_seen_address(mem, &list->seen, relation);
}

/* add adds a relation that is there; false if it is in already, or gone. */
static bool
add(TALLOC_CTX *mem, const struct lk_catalog *catalog, struct lk_relation *relation,
    struct lk_relations *ret)
{
    if (!lk_is_there(catalog, relation) || is_in(mem, ret, relation))
        return false;
    lk_vec_push(mem, &ret->items, relation);
    return true;
}

void
lk_catalog_descendants(TALLOC_CTX *mem, const struct lk_catalog *catalog,
                       const struct lk_relation *relation, struct lk_relations *ret)
{
    lk_vec_foreach(child, &relation->children)
        if (add(mem, catalog, *child, ret))
            lk_catalog_descendants(mem, catalog, *child, ret);
}

void
lk_catalog_referrers(TALLOC_CTX *mem, const struct lk_catalog *catalog,
                     const struct lk_relation *relation, struct lk_relations *ret)
{
    lk_vec_foreach(referrer, &relation->referrers)
        lk_vec_foreach(constraint, &(*referrer)->constraints)
            if ((*constraint)->target == relation && (*constraint)->parent == NULL)
                add(mem, catalog, *referrer, ret);
}

/* still_reads returns whether the query of a view reads a relation: it may have been replaced. */
static bool
still_reads(const struct lk_relation *view, const struct lk_relation *relation)
{
    lk_vec_foreach(source, &view->sources)
        if (*source == relation)
            return true;
    return false;
}

void
lk_catalog_readers(TALLOC_CTX *mem, const struct lk_catalog *catalog,
                   const struct lk_relation *relation, struct lk_relations *ret)
{
    lk_vec_foreach(view, &relation->readers)
        if (still_reads(*view, relation))
            add(mem, catalog, *view, ret);
}

/* add_readers adds the views of a relation, and theirs. */
static void
add_readers(TALLOC_CTX *mem, const struct lk_catalog *catalog, const struct lk_relation *relation,
            struct lk_relations *ret)
{
    lk_vec_foreach(view, &relation->readers)
        if (still_reads(*view, relation) && add(mem, catalog, *view, ret))
            add_readers(mem, catalog, *view, ret);
}

void
lk_catalog_dependents(TALLOC_CTX *mem, const struct lk_catalog *catalog,
                      const struct lk_relation *relation, bool cascade, struct lk_relations *ret)
{
    struct lk_relation *leaving = lk_catalog_leaving_partition(catalog, relation);

    lk_vec_foreach(child, &relation->children)
        if ((cascade || (*child)->parent == relation) && add(mem, catalog, *child, ret))
            lk_catalog_dependents(mem, catalog, *child, cascade, ret);
    if (leaving != NULL && add(mem, catalog, leaving, ret))
        lk_catalog_dependents(mem, catalog, leaving, cascade, ret);
    lk_vec_foreach(sequence, &relation->sequences)
        if ((*sequence)->table == relation)
            add(mem, catalog, *sequence, ret);
    if (cascade)
        add_readers(mem, catalog, relation, ret);
}

/* may_have returns whether a relation may have a column of that name. */
static bool
may_have(const struct lk_relation *relation, const char *column)
{
    return relation->partial || relation->object.assumed ||
           lk_relation_column(relation, column) != NULL;
}

/* reads_column returns whether it is certain that a view reads a column of one of its sources. */
static bool
reads_column(const struct lk_relation *view, const struct lk_relation *relation, const char *column)
{
    if (view->reads_unknown)
        return false;
    lk_vec_foreach(source, &view->sources)
        if (*source != relation && may_have(*source, column))
            return false;
    lk_vec_foreach(used, &view->uses)
        if (strcmp(*used, column) == 0)
            return true;
    return view->reads_all && view->sources.count == 1;
}

void
lk_catalog_column_readers(TALLOC_CTX *mem, const struct lk_catalog *catalog,
                          const struct lk_relation *relation, const char *column,
                          struct lk_relations *ret)
{
    lk_vec_foreach(view, &relation->readers)
        if (still_reads(*view, relation) && reads_column(*view, relation, column) &&
            add(mem, catalog, *view, ret))
            add_readers(mem, catalog, *view, ret);
}

/* find_extension returns the extension of the history that brings a type, and says of what kind. */
static const struct lk_object *
find_extension(TALLOC_CTX *mem, const struct lk_catalog *catalog, const char *type,
               struct lk_extension_object *it)
{
    *it = (struct lk_extension_object){0};
    if (HASH_COUNT(catalog->spaces[LK_CLASS_EXTENSION]) == 0)
        return NULL;
    while (lk_extension_next("type", type, it)) {
        const char *name = lk_strndup(mem, it->extension.text, it->extension.length);
        const struct lk_object *extension =
            lk_catalog_object(catalog, LK_CLASS_EXTENSION, NULL, name);
        if (extension != NULL)
            return extension;
    }
    return NULL;
}

const char *
lk_catalog_extension_schema(TALLOC_CTX *mem, const struct lk_catalog *catalog, const char *type)
{
    struct lk_extension_object it;
    const struct lk_object *extension = find_extension(mem, catalog, type, &it);

    if (extension != NULL)
        lk_vec_foreach(dependency, &extension->depends)
            if ((*dependency)->on->class == LK_CLASS_SCHEMA)
                return (*dependency)->on->name;
    return NULL;
}

bool
lk_catalog_may_be_domain(TALLOC_CTX *mem, const struct lk_catalog *catalog,
                         const struct lk_type *type)
{
    struct lk_extension_object it;

    if (lk_type_is_builtin(type) || type->array)
        return false;
    const struct lk_defined_type *defined = lk_catalog_type(catalog, type->schema, type->name);
    if (defined != NULL)
        return defined->kind == 'd' || defined->object.assumed;
    const struct lk_relation *relation = lk_catalog_relation(catalog, type->schema, type->name);
    if (relation != NULL && !relation->object.assumed)
        return false;
    return find_extension(mem, catalog, type->name, &it) == NULL || it.result.length > 0;
}

struct lk_relation *
lk_catalog_leaving_partition(const struct lk_catalog *catalog, const struct lk_relation *relation)
{
    struct lk_relation *leaving = relation->leaving;

    return leaving != NULL && leaving->detaching && leaving->parent == relation &&
                   lk_is_there(catalog, leaving)
               ? leaving
               : NULL;
}

struct lk_relation *
lk_catalog_default_partition(const struct lk_catalog *catalog, const struct lk_relation *relation)
{
    struct lk_relation *rest = relation->rest;

    return rest != NULL && rest->is_default && rest->parent == relation &&
                   lk_is_there(catalog, rest)
               ? rest
               : NULL;
}

struct lk_relation *
lk_catalog_sequence(const struct lk_catalog *catalog, const struct lk_relation *relation,
                    const char *column)
{
    lk_vec_foreach(sequence, &relation->sequences)
        if ((*sequence)->table == relation && (*sequence)->keys.count > 0 &&
            strcmp((*sequence)->keys.items[0], column) == 0 && lk_is_there(catalog, *sequence))
            return *sequence;
    return NULL;
}

/* primary_key returns the primary key of a table, or NULL. */
static const struct lk_constraint *
primary_key(const struct lk_relation *relation)
{
    lk_vec_foreach(constraint, &relation->constraints)
        if ((*constraint)->kind == LK_CONSTRAINT_PRIMARY)
            return *constraint;
    return NULL;
}

bool
lk_references_column(const struct lk_constraint *constraint, const char *column)
{
    const struct lk_constraint *key = NULL;

    if (constraint->target == NULL)
        return false;
    lk_vec_foreach(name, &constraint->referenced_columns)
        if (strcmp(*name, column) == 0)
            return true;
    if (constraint->referenced_columns.count == 0)
        key = primary_key(constraint->target);
    if (key != NULL)
        lk_vec_foreach(name, &key->columns)
            if (strcmp(*name, column) == 0)
                return true;
    return false;
}
