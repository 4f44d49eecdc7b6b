/*
 * rules/schema/catalog_object.c
 *     Objects of any class: see catalog.h.
 */
#include "rules/schema/builtin.h"
#include "rules/schema/catalog_private.h"

enum place { IN_DATABASE, IN_SCHEMA, IN_RELATION };

static const struct {
    const char *words;
    enum place place;
} classes[LK_CLASS_COUNT] = {
#define LK_CLASS(name, structure, words, place) [LK_CLASS_##name] = {words, IN_##place},
#include "rules/schema/classes.def"
#undef LK_CLASS
};

const char *lk_class_words(enum lk_class class)
{
    return classes[class].words;
}

bool lk_class_has_schema(enum lk_class class)
{
    return classes[class].place == IN_SCHEMA;
}

const char *
lk_object_schema(const struct lk_object *object)
{
    if (classes[object->class].place != IN_SCHEMA)
        return NULL;
    switch (object->class) {
    case LK_CLASS_RELATION:
        return ((const struct lk_relation *)object)->schema;
    case LK_CLASS_TYPE:
        return ((const struct lk_defined_type *)object)->schema;
    case LK_CLASS_FUNCTION:
        return ((const struct lk_function *)object)->schema;
    default:
        return ((const struct lk_named *)object)->schema;
    }
}

/* set_schema puts an object of another class than relations into a schema. */
static void
set_schema(struct lk_object *object, const char *schema)
{
    if (object->class == LK_CLASS_TYPE)
        ((struct lk_defined_type *)object)->schema = schema;
    else if (object->class == LK_CLASS_FUNCTION)
        ((struct lk_function *)object)->schema = schema;
    else
        ((struct lk_named *)object)->schema = schema;
}

/* key_schema returns the schema under which its name space has an object. */
static const char *
key_schema(const struct lk_object *object)
{
    const char *schema = lk_object_schema(object);

    return schema != NULL ? schema : "";
}

struct lk_relation *
lk_object_relation(const struct lk_object *object)
{
    switch (object->class) {
    case LK_CLASS_COLUMN:
        return ((const struct lk_column *)object)->relation;
    case LK_CLASS_CONSTRAINT:
        return ((const struct lk_constraint *)object)->relation;
    case LK_CLASS_TRIGGER:
    case LK_CLASS_RULE:
    case LK_CLASS_POLICY:
        return ((const struct lk_part *)object)->relation;
    default:
        return NULL;
    }
}

static bool
is_part_of(const struct lk_relation *relation, const struct lk_object *object)
{
    if (object->class == LK_CLASS_COLUMN)
        return (struct lk_object *)lk_relation_column(relation, object->name) == object;
    if (object->class == LK_CLASS_CONSTRAINT)
        return (struct lk_object *)lk_relation_constraint(relation, object->name) == object;
    lk_vec_foreach(part, &relation->parts)
        if (&(*part)->object == object)
            return true;
    return false;
}

bool
lk_object_is_there(const struct lk_catalog *catalog, const struct lk_object *object)
{
    const struct lk_relation *relation = lk_object_relation(object);
    const struct lk_object *found;

    if (relation != NULL)
        return lk_is_there(catalog, relation) && is_part_of(relation, object);
    if (classes[object->class].place == IN_RELATION) /* a constraint of a domain */
        return true;
    found = lk_entry_find(catalog, object->class, key_schema(object), object->name);
    while (found != NULL && found != object)
        found = found->overload;
    return found != NULL;
}

void
lk_catalog_objects(const struct lk_catalog *catalog, enum lk_class class,
                   void (*visit)(struct lk_object *object, void *data), void *data)
{
    struct lk_catalog_entry *entry, *next_entry;

    HASH_ITER(hh, catalog->spaces[class], entry, next_entry) {
        struct lk_object *next = NULL;
        for (struct lk_object *object = entry->object; object != NULL; object = next) {
            next = object->overload;
            visit(object, data);
        }
    }
}

/* ---- adding, dropping, moving ---- */

struct lk_function *
lk_catalog_add_function(struct lk_catalog *catalog, const char *schema, const char *name, char kind)
{
    struct lk_function *function = lk_new(catalog->objects, struct lk_function);

    lk_object_init(catalog, &function->object, LK_CLASS_FUNCTION, name);
    function->schema =
        lk_strdup(function, schema != NULL ? schema : lk_catalog_creation_schema(catalog));
    function->kind = kind;
    lk_entry_add(catalog, &function->object, function->schema, name);
    return function;
}

struct lk_named *
lk_catalog_add_named(struct lk_catalog *catalog, enum lk_class class, const char *schema,
                     const char *name)
{
    struct lk_named *named = lk_new(catalog->objects, struct lk_named);

    lk_object_init(catalog, &named->object, class, name);
    if (classes[class].place == IN_SCHEMA)
        named->schema =
            lk_strdup(named, schema != NULL ? schema : lk_catalog_creation_schema(catalog));
    lk_entry_add(catalog, &named->object, key_schema(&named->object), name);
    return named;
}

static void
drop_part(struct lk_catalog *catalog, struct lk_relation *relation, struct lk_object *object)
{
    if (!is_part_of(relation, object))
        return;
    if (object->class == LK_CLASS_COLUMN) {
        lk_catalog_drop_column(catalog, relation, (struct lk_column *)object);
    } else if (object->class == LK_CLASS_CONSTRAINT) {
        lk_catalog_drop_constraint(catalog, relation, (struct lk_constraint *)object);
    } else {
        struct lk_part *part = (struct lk_part *)object;
        lk_catalog_touch(catalog, relation);
        lk_remove_pointer(&relation->parts, part);
    }
}

void
lk_catalog_drop_object(struct lk_catalog *catalog, struct lk_object *object)
{
    struct lk_relation *relation = lk_object_relation(object);

    lk_undepend(catalog, object);
    if (object->class == LK_CLASS_TYPE) /* the constraints of a domain go with it */
        lk_vec_foreach(constraint, &((struct lk_defined_type *)object)->constraints)
            lk_undepend(catalog, &(*constraint)->object);
    if (relation != NULL)
        drop_part(catalog, relation, object);
    else if (object->class == LK_CLASS_RELATION)
        lk_catalog_drop_relation(catalog, (struct lk_relation *)object);
    else if (object->class == LK_CLASS_SCHEMA)
        lk_catalog_drop_schema(catalog, (struct lk_namespace *)object);
    else if (classes[object->class].place != IN_RELATION)
        lk_entry_take(catalog, object, key_schema(object), object->name);
}

void
lk_catalog_move_object(struct lk_catalog *catalog, struct lk_object *object, const char *schema,
                       const char *name)
{
    struct lk_relation *relation = lk_object_relation(object);

    if (object->class == LK_CLASS_RELATION) {
        lk_catalog_move_relation(catalog, (struct lk_relation *)object, schema, name);
        return;
    }
    if (object->class == LK_CLASS_SCHEMA) {
        lk_catalog_rename_schema(catalog, (struct lk_namespace *)object, name);
        return;
    }
    if (relation != NULL &&
        (object->class == LK_CLASS_COLUMN || object->class == LK_CLASS_CONSTRAINT)) {
        lk_catalog_rename_part(catalog, relation, object, name);
        return;
    }
    bool listed = classes[object->class].place != IN_RELATION;
    if (listed)
        lk_entry_take(catalog, object, key_schema(object), object->name);
    lk_catalog_touch(catalog, object);
    if (schema != NULL && lk_object_schema(object) != NULL)
        set_schema(object, lk_catalog_keep(catalog, schema));
    if (name != NULL)
        object->name = lk_catalog_keep(catalog, name);
    if (listed)
        lk_entry_add(catalog, object, key_schema(object), object->name);
}

/* ---- types ---- */

struct lk_defined_type *
lk_catalog_type(const struct lk_catalog *catalog, const char *schema, const char *name)
{
    return (struct lk_defined_type *)lk_catalog_object(catalog, LK_CLASS_TYPE, schema, name);
}

struct lk_defined_type *
lk_catalog_add_type(struct lk_catalog *catalog, const char *schema, const char *name, char kind)
{
    struct lk_defined_type *type = lk_new(catalog->objects, struct lk_defined_type);

    lk_object_init(catalog, &type->object, LK_CLASS_TYPE, name);
    type->schema = lk_strdup(type, schema != NULL ? schema : lk_catalog_creation_schema(catalog));
    type->kind = kind;
    lk_entry_add(catalog, &type->object, type->schema, name);
    return type;
}

void
lk_catalog_drop_type(struct lk_catalog *catalog, struct lk_defined_type *type)
{
    lk_entry_remove(catalog, LK_CLASS_TYPE, type->schema, type->object.name);
}

void
lk_catalog_move_type(struct lk_catalog *catalog, struct lk_defined_type *type, const char *schema,
                     const char *name)
{
    lk_entry_remove(catalog, LK_CLASS_TYPE, type->schema, type->object.name);
    lk_catalog_touch(catalog, type);
    if (schema != NULL)
        type->schema = lk_catalog_keep(catalog, schema);
    if (name != NULL)
        type->object.name = lk_catalog_keep(catalog, name);
    lk_entry_add(catalog, &type->object, type->schema, type->object.name);
}

/* ---- schemas ---- */

/* Objects of a schema; they are collected first, since the name spaces change meanwhile. */
struct held {
    TALLOC_CTX *mem;
    const char *schema;
    struct lk_objects objects;
};

static void
collect(struct lk_object *object, void *data)
{
    struct held *held = data;

    if (strcmp(key_schema(object), held->schema) == 0)
        lk_vec_push(held->mem, &held->objects.items, object);
}

void
lk_catalog_schema_objects(TALLOC_CTX *mem, const struct lk_catalog *catalog, const char *schema,
                          struct lk_objects *ret)
{
    struct held held = {.mem = mem, .schema = schema, .objects = *ret};

    for (enum lk_class class = 0; class < LK_CLASS_COUNT; class ++)
        if (classes[class].place == IN_SCHEMA)
            lk_catalog_objects(catalog, class, collect, &held);
    *ret = held.objects;
}

void
lk_catalog_drop_schema(struct lk_catalog *catalog, struct lk_namespace *schema)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(catalog->pool);
    struct lk_objects held = {0};

    lk_catalog_schema_objects(scratch, catalog, schema->object.name, &held);
    lk_vec_foreach(object, &held.items)
        lk_entry_take(catalog, *object, schema->object.name, (*object)->name);
    lk_entry_remove(catalog, LK_CLASS_SCHEMA, "", schema->object.name);
}

void
lk_catalog_rename_schema(struct lk_catalog *catalog, struct lk_namespace *schema, const char *name)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(catalog->pool);
    struct lk_objects held = {0};

    lk_catalog_schema_objects(scratch, catalog, schema->object.name, &held);
    lk_vec_foreach(object, &held.items) {
        const struct lk_relation *index = (const struct lk_relation *)*object;
        /* indexes are moved along with their tables */
        if ((*object)->class == LK_CLASS_RELATION && strcmp(index->schema, name) == 0)
            continue;
        lk_catalog_move_object(catalog, *object, name, NULL);
    }
    lk_entry_remove(catalog, LK_CLASS_SCHEMA, "", schema->object.name);
    lk_catalog_touch(catalog, schema);
    schema->object.name = lk_catalog_keep(catalog, name);
    lk_entry_add(catalog, &schema->object, "", name);
}

/* ---- functions ---- */

struct lk_function *
lk_catalog_functions(const struct lk_catalog *catalog, const char *schema, const char *name,
                     const struct lk_function *after)
{
    const struct lk_names *path = &catalog->search_path;
    size_t next = 0;

    if (after != NULL && after->object.overload != NULL)
        return (struct lk_function *)after->object.overload;
    if (schema != NULL)
        return after != NULL
                   ? NULL
                   : (struct lk_function *)lk_entry_find(catalog, LK_CLASS_FUNCTION, schema, name);
    if (lk_catalog_looks_in_system(catalog)) {
        bool behind = after != NULL && strcmp(after->schema, "pg_catalog") == 0;
        struct lk_object *first = lk_entry_find(catalog, LK_CLASS_FUNCTION, "pg_catalog", name);
        if (after == NULL && first != NULL)
            return (struct lk_function *)first;
        after = behind ? NULL : after;
    }
    while (after != NULL && next < path->count && strcmp(path->names[next], after->schema) != 0)
        next++;
    next += after != NULL;
    for (; next < path->count; next++) {
        struct lk_object *found =
            lk_entry_find(catalog, LK_CLASS_FUNCTION, path->names[next], name);
        if (found != NULL)
            return (struct lk_function *)found;
    }
    return NULL;
}

bool
lk_catalog_has_function(const struct lk_catalog *catalog, const char *name)
{
    struct lk_catalog_entry *entry, *next;

    HASH_ITER(hh, catalog->spaces[LK_CLASS_FUNCTION], entry, next)
        if (strcmp(entry->object->name, name) == 0)
            return true;
    return false;
}

bool
lk_catalog_commits(const struct lk_catalog *catalog, const char *schema, const char *name)
{
    struct lk_function *function = lk_catalog_functions(catalog, schema, name, NULL);
    bool known = function != NULL;

    for (; function != NULL && known;
         function = lk_catalog_functions(catalog, schema, name, function))
        known = function->commits && !function->object.doubtful;
    return known;
}

/* ---- what may exist ---- */

void
lk_catalog_set_complete(struct lk_catalog *catalog, bool complete)
{
    catalog->complete = complete;
    catalog->closed &= complete;
}

void
lk_catalog_set_closed(struct lk_catalog *catalog)
{
    catalog->complete = catalog->closed = true;
}

static void
doubt_schema(struct lk_object *object, void *data)
{
    struct lk_catalog *catalog = data;
    struct lk_namespace *schema = (struct lk_namespace *)object;

    if (schema->imported)
        return;
    lk_catalog_touch(catalog, schema);
    schema->imported = true;
}

void
lk_catalog_doubt(struct lk_catalog *catalog)
{
    lk_catalog_set_complete(catalog, false);
    catalog->doubted = true;
    lk_gone_forget(catalog);
    lk_catalog_objects(catalog, LK_CLASS_SCHEMA, doubt_schema, catalog);
}

bool
lk_catalog_is_doubted(const struct lk_catalog *catalog)
{
    return catalog->doubted;
}

bool
lk_catalog_is_complete(const struct lk_catalog *catalog)
{
    return catalog->complete;
}

/* What extensions are asked for. */
struct wanted {
    enum lk_class class;
    const char *name;
    bool found;
};

/* may_bring notes whether an extension may have brought what is wanted. */
static void
may_bring(struct lk_object *extension, void *data)
{
    static const char *const kinds[LK_CLASS_COUNT] = {
        [LK_CLASS_SCHEMA] = "schema",
        [LK_CLASS_RELATION] = "relation",
        [LK_CLASS_COLUMN] = "relation",
        [LK_CLASS_TYPE] = "type",
        [LK_CLASS_FUNCTION] = "function",
        [LK_CLASS_OPERATOR] = "operator",
        [LK_CLASS_OPERATOR_CLASS] = "opclass",
        [LK_CLASS_TS_DICTIONARY] = "dictionary",
        [LK_CLASS_ACCESS_METHOD] = "method",
        [LK_CLASS_FOREIGN_DATA_WRAPPER] = "wrapper",
    };
    struct wanted *wanted = data;

    wanted->found |= kinds[wanted->class] == NULL ||
                     lk_extension_may_provide(extension->name, kinds[wanted->class], wanted->name);
}

bool
lk_catalog_may_exist(const struct lk_catalog *catalog, enum lk_class class, const char *schema,
                     const char *name)
{
    struct wanted wanted = {class, class != LK_CLASS_COLUMN ? name : NULL, false};
    const struct lk_namespace *place;
    bool part = classes[class].place == IN_RELATION; /* named after its relation, as a rule */

    if (schema != NULL &&
        (strncmp(schema, "pg_", 3) == 0 || strcmp(schema, "information_schema") == 0))
        return true;
    if (!part || class == LK_CLASS_COLUMN) /* the relation may be one that it brings */
        lk_catalog_objects(catalog, LK_CLASS_EXTENSION, may_bring, &wanted);
    if (wanted.found)
        return true;
    place = schema != NULL ? lk_catalog_schema(catalog, schema) : NULL;
    if (place != NULL && place->imported)
        return true;
    if (catalog->complete)
        return false;
    return place == NULL || place->object.assumed || place->object.doubtful;
}
