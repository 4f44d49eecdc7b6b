/*
 * rules/schema/catalog.c
 *     Objects of the replayed catalog: see catalog.h.
 */
#include "rules/schema/catalog.h"

#include "parser/base/buf.h"
#include "parser/pgparse.h"
#include "rules/schema/catalog_private.h"

static const char default_schema[] = "public";

#define POOL_SIZE (32 << 10) /* what most statements need while they are replayed */

/* uthash keeps its tables outside of talloc. */
static int
free_tables(struct lk_catalog *catalog)
{
    for (size_t i = 0; i < LK_CLASS_COUNT; i++)
        HASH_CLEAR(hh, catalog->spaces[i]);
    lk_names_free(catalog);
    HASH_CLEAR(hh, catalog->strings);
    return 0;
}

struct lk_catalog *
lk_catalog_new(TALLOC_CTX *mem)
{
    struct lk_catalog *catalog = lk_new(mem, struct lk_catalog);

    talloc_set_destructor(catalog, free_tables);
    catalog->objects = lk_mem_new(catalog);
    catalog->pool = lk_mem_pool(catalog, POOL_SIZE);
    catalog->pending = UINT32_MAX;
    catalog->level = 1;
    lk_catalog_reset_search_path(catalog, false);
    lk_catalog_add_schema(catalog, default_schema)->object.assumed = true;
    lk_catalog_commit(catalog);
    return catalog;
}

void
lk_catalog_set_time(struct lk_catalog *catalog, uint32_t migration, uint32_t statement)
{
    catalog->now.migration = migration;
    catalog->now.statement = statement;
}

struct lk_birth
lk_catalog_now(const struct lk_catalog *catalog)
{
    return catalog->now;
}

void
lk_catalog_set_pending(struct lk_catalog *catalog, uint32_t migration)
{
    catalog->pending = migration;
}

void
lk_catalog_set_server(struct lk_catalog *catalog, unsigned version, bool utc)
{
    catalog->version = version;
    catalog->utc = utc;
}

unsigned
lk_catalog_version(const struct lk_catalog *catalog)
{
    return catalog->version;
}

bool
lk_catalog_is_utc(const struct lk_catalog *catalog)
{
    return catalog->utc;
}

bool
lk_object_is_new(const struct lk_catalog *catalog, const struct lk_object *object)
{
    return object != NULL && (!object->assumed || object->doubtful) &&
           (object->birth.migration == catalog->now.migration ||
            object->birth.migration >= catalog->pending);
}

const char *
lk_catalog_keep(struct lk_catalog *catalog, const char *text)
{
    return lk_strdup(catalog->objects, text);
}

const char *
lk_intern(struct lk_catalog *catalog, const char *text)
{
    struct lk_interned *known = NULL;

    if (text == NULL)
        return NULL;
    HASH_FIND_STR(catalog->strings, text, known);
    if (known == NULL) {
        known = lk_new(catalog->objects, struct lk_interned);
        known->text = lk_strdup(known, text);
        HASH_ADD_KEYPTR(hh, catalog->strings, known->text, strlen(known->text), known);
    }
    return known->text;
}

/* ---- name spaces ---- */

static char *
make_key(TALLOC_CTX *mem, const char *schema, const char *name, unsigned *length)
{
    size_t first = strlen(schema) + 1, second = strlen(name) + 1;
    char *key = lk_new_array(mem, char, first + second);

    memcpy(key, schema, first);
    memcpy(key + first, name, second);
    *length = (unsigned)(first + second);
    return key;
}

static struct lk_catalog_entry *
find_entry(const struct lk_catalog *catalog, enum lk_class class, const char *schema,
           const char *name)
{
    char key[256];
    struct lk_catalog_entry *entry = NULL;

    if (catalog->spaces[class] == NULL)
        return NULL;
    size_t first = strlen(schema) + 1, second = strlen(name) + 1;
    if (first + second > sizeof(key)) /* names have at most 63 bytes */
        return NULL;
    memcpy(key, schema, first);
    memcpy(key + first, name, second);
    HASH_FIND(hh, catalog->spaces[class], key, first + second, entry);
    return entry;
}

struct lk_object *
lk_entry_find(const struct lk_catalog *catalog, enum lk_class class, const char *schema,
              const char *name)
{
    struct lk_catalog_entry *entry = find_entry(catalog, class, schema, name);

    return entry != NULL ? entry->object : NULL;
}

void
lk_entry_remove(struct lk_catalog *catalog, enum lk_class class, const char *schema,
                const char *name)
{
    struct lk_catalog_entry *entry = find_entry(catalog, class, schema, name);

    if (entry == NULL)
        return;
    HASH_DEL(catalog->spaces[class], entry);
    struct lk_undo *undo = lk_undo_note(catalog, LK_UNDO_REMOVED);
    undo->class = class;
    undo->entry = entry;
    lk_gone_add(catalog, class, schema, name);
}

/* names_temporary returns whether a schema is that of temporary relations. */
static bool
names_temporary(const char *name)
{
    return strcmp(name, "pg_temp") == 0;
}

/* is_overloaded returns whether several objects of a class can have the same name. */
static bool is_overloaded(enum lk_class class)
{
    return class == LK_CLASS_FUNCTION || class == LK_CLASS_OPERATOR ||
           class == LK_CLASS_OPERATOR_CLASS || class == LK_CLASS_OPERATOR_FAMILY;
}

void
lk_entry_add(struct lk_catalog *catalog, struct lk_object *object, const char *schema,
             const char *name)
{
    struct lk_object *first = lk_entry_find(catalog, object->class, schema, name);

    if (first != NULL && is_overloaded(object->class)) {
        lk_catalog_touch(catalog, first);
        lk_catalog_touch(catalog, object);
        object->overload = first->overload;
        first->overload = object;
        return;
    }
    lk_entry_remove(catalog, object->class, schema, name);
    catalog->has_temporary |= names_temporary(schema);
    struct lk_catalog_entry *entry = lk_new(catalog->objects, struct lk_catalog_entry);
    entry->key = make_key(entry, schema, name, &entry->key_length);
    entry->object = object;
    HASH_ADD_KEYPTR(hh, catalog->spaces[object->class], entry->key, entry->key_length, entry);
    struct lk_undo *undo = lk_undo_note(catalog, LK_UNDO_ADDED);
    undo->class = object->class;
    undo->entry = entry;
}

void
lk_entry_take(struct lk_catalog *catalog, struct lk_object *object, const char *schema,
              const char *name)
{
    struct lk_object *before = lk_entry_find(catalog, object->class, schema, name);
    struct lk_object *next = object->overload;

    if (before == object) {
        lk_entry_remove(catalog, object->class, schema, name);
        if (next != NULL)
            lk_entry_add(catalog, next, schema, name);
    } else {
        while (before != NULL && before->overload != object)
            before = before->overload;
        if (before == NULL)
            return;
        lk_catalog_touch(catalog, before);
        before->overload = next;
    }
    if (next == NULL)
        return;
    lk_catalog_touch(catalog, object);
    object->overload = NULL;
}

/* has_owner returns whether objects of a class belong to a role. */
static bool has_owner(enum lk_class class)
{
    switch (class) {
    case LK_CLASS_COLUMN:
    case LK_CLASS_CONSTRAINT:
    case LK_CLASS_TS_PARSER:
    case LK_CLASS_TS_TEMPLATE:
    case LK_CLASS_ACCESS_METHOD:
    case LK_CLASS_CAST:
    case LK_CLASS_DEFAULT_PRIVILEGES:
    case LK_CLASS_ROLE:
    case LK_CLASS_TRANSFORM:
    case LK_CLASS_USER_MAPPING:
        return false;
    default:
        return true;
    }
}

void
lk_object_init(struct lk_catalog *catalog, struct lk_object *object, enum lk_class class,
               const char *name)
{
    object->class = class;
    object->name = lk_strdup(object, name);
    object->birth = catalog->now;
    object->touched = catalog->level;
    if (class != LK_CLASS_COLUMN && class != LK_CLASS_CONSTRAINT)
        catalog->created = object;
    if (has_owner(class))
        object->owner = catalog->search_path.role;
}

/* ---- schemas and search_path ---- */

struct lk_namespace *
lk_catalog_schema(const struct lk_catalog *catalog, const char *name)
{
    return (struct lk_namespace *)lk_entry_find(catalog, LK_CLASS_SCHEMA, "", name);
}

struct lk_namespace *
lk_catalog_add_schema(struct lk_catalog *catalog, const char *name)
{
    struct lk_namespace *schema = lk_new(catalog->objects, struct lk_namespace);

    lk_object_init(catalog, &schema->object, LK_CLASS_SCHEMA, name);
    lk_entry_add(catalog, &schema->object, "", name);
    return schema;
}

/* note_path keeps the settings of the session for a ROLLBACK. */
static void
note_path(struct lk_catalog *catalog)
{
    struct lk_undo *undo = lk_undo_note(catalog, LK_UNDO_PATH);

    undo->state = lk_memdup(catalog, &catalog->search_path, sizeof(struct lk_names));
}

void
lk_catalog_set_role(struct lk_catalog *catalog, const char *role, bool session, bool local)
{
    struct lk_names *path = &catalog->search_path;

    note_path(catalog);
    if (session)
        path->user = lk_catalog_keep(catalog, role);
    path->role = role != NULL ? lk_catalog_keep(catalog, role) : path->user;
    if (local)
        return;
    catalog->session_path.role = path->role;
    catalog->session_path.user = path->user;
}

const char *
lk_catalog_role(const struct lk_catalog *catalog)
{
    return catalog->search_path.role;
}

void
lk_catalog_set_search_path(struct lk_catalog *catalog, const char *const *names, size_t count,
                           bool local)
{
    struct lk_names *session = &catalog->session_path;

    note_path(catalog);
    catalog->search_path.count = 0;
    for (size_t i = 0; i < count && i < LK_ARRAY_SIZE(catalog->search_path.names); i++)
        if (strcmp(names[i], "$user") != 0) /* no schema of the user's name is known */
            catalog->search_path.names[catalog->search_path.count++] =
                lk_catalog_keep(catalog, names[i]);
    if (local)
        return;
    memcpy(session->names, catalog->search_path.names, sizeof(session->names));
    session->count = catalog->search_path.count;
}

void
lk_catalog_reset_search_path(struct lk_catalog *catalog, bool local)
{
    const char *const names[] = {default_schema};

    lk_catalog_set_search_path(catalog, names, 1, local);
}

const char *
lk_catalog_creation_schema(const struct lk_catalog *catalog)
{
    for (size_t i = 0; i < catalog->search_path.count; i++)
        if (lk_catalog_schema(catalog, catalog->search_path.names[i]) != NULL)
            return catalog->search_path.names[i];
    /* none is known to exist: the first one must, or the statement fails anyhow */
    return catalog->search_path.count > 0 ? catalog->search_path.names[0] : default_schema;
}

/*
 * find_in_path returns the object that an unqualified name means: temporary relations and types
 * come first; whatever else there is in that schema has to be qualified.
 */
static struct lk_object *
find_in_path(const struct lk_catalog *catalog, enum lk_class class, const char *name)
{
    struct lk_object *found = NULL;

    if (catalog->has_temporary && (class == LK_CLASS_RELATION || class == LK_CLASS_TYPE))
        found = lk_entry_find(catalog, class, "pg_temp", name);
    for (size_t i = 0; found == NULL && i < catalog->search_path.count; i++)
        found = lk_entry_find(catalog, class, catalog->search_path.names[i], name);
    return found;
}

struct lk_object *
lk_catalog_object(const struct lk_catalog *catalog, enum lk_class class, const char *schema,
                  const char *name)
{
    if (!lk_class_has_schema(class))
        return lk_entry_find(catalog, class, "", name);
    return schema != NULL ? lk_entry_find(catalog, class, schema, name)
                          : find_in_path(catalog, class, name);
}

/* ---- relations ---- */

struct lk_relation *
lk_catalog_relation(const struct lk_catalog *catalog, const char *schema, const char *name)
{
    return (struct lk_relation *)lk_catalog_object(catalog, LK_CLASS_RELATION, schema, name);
}

void
lk_catalog_relations(const struct lk_catalog *catalog,
                     void (*visit)(struct lk_relation *relation, void *data), void *data)
{
    struct lk_catalog_entry *entry, *next;

    HASH_ITER(hh, catalog->spaces[LK_CLASS_RELATION], entry, next)
        visit((struct lk_relation *)entry->object, data);
}

struct lk_relation *
lk_catalog_add_relation(struct lk_catalog *catalog, const char *schema, const char *name,
                        enum lk_relation_kind kind)
{
    struct lk_relation *relation = lk_new(catalog->objects, struct lk_relation);

    lk_object_init(catalog, &relation->object, LK_CLASS_RELATION, name);
    relation->kind = kind;
    relation->schema =
        lk_strdup(relation, schema != NULL ? schema : lk_catalog_creation_schema(catalog));
    relation->temporary = names_temporary(relation->schema);
    relation->valid = true;
    lk_entry_add(catalog, &relation->object, relation->schema, name);
    return relation;
}

bool
lk_catalog_names_others(const struct lk_catalog *catalog)
{
    return catalog->names_others;
}

struct lk_relation *
lk_catalog_assume(struct lk_catalog *catalog, const char *schema, const char *name,
                  enum lk_relation_kind kind)
{
    struct lk_relation *relation = lk_catalog_relation(catalog, schema, name);

    if (relation == NULL) {
        relation = lk_catalog_add_relation(catalog, schema, name, kind);
        relation->object.assumed = true;
        relation->partial = true;
        catalog->names_others = true;
    }
    return relation;
}

static void
drop_index(struct lk_catalog *catalog, struct lk_relation *index)
{
    if (index->table != NULL) {
        lk_catalog_touch(catalog, index->table);
        lk_remove_pointer(&index->table->indexes, index);
    }
    lk_undepend(catalog, &index->object);
    lk_entry_remove(catalog, LK_CLASS_RELATION, index->schema, index->object.name);
}

/* undepend_parts forgets what the parts of a relation lean on, and who leans on them. */
static void
undepend_parts(struct lk_catalog *catalog, struct lk_relation *relation)
{
    lk_vec_foreach(column, &relation->columns)
        lk_undepend(catalog, &(*column)->object);
    lk_vec_foreach(constraint, &relation->constraints)
        lk_undepend(catalog, &(*constraint)->object);
    lk_vec_foreach(part, &relation->parts)
        lk_undepend(catalog, &(*part)->object);
    lk_vec_foreach(index, &relation->indexes)
        lk_undepend(catalog, &(*index)->object);
    lk_undepend(catalog, &relation->object);
}

void
lk_catalog_drop_relation(struct lk_catalog *catalog, struct lk_relation *relation)
{
    if (relation->kind == LK_RELATION_INDEX) {
        drop_index(catalog, relation);
        return;
    }
    for (size_t i = 0; i < relation->indexes.count; i++)
        lk_entry_remove(catalog, LK_CLASS_RELATION, relation->indexes.items[i]->schema,
                        relation->indexes.items[i]->object.name);
    lk_entry_remove(catalog, LK_CLASS_RELATION, relation->schema, relation->object.name);
    undepend_parts(catalog, relation);
}

/* follow_move tells the foreign keys that point to a relation what it is called now. */
static void
follow_move(struct lk_catalog *catalog, const struct lk_relation *relation)
{
    lk_vec_foreach(referrer, &relation->referrers)
        lk_vec_foreach(constraint, &(*referrer)->constraints)
            if ((*constraint)->target == relation) {
                lk_catalog_touch(catalog, *constraint);
                (*constraint)->references_schema = relation->schema;
                (*constraint)->references = relation->object.name;
            }
}

void
lk_catalog_move_relation(struct lk_catalog *catalog, struct lk_relation *relation,
                         const char *schema, const char *name)
{
    lk_entry_remove(catalog, LK_CLASS_RELATION, relation->schema, relation->object.name);
    lk_catalog_touch(catalog, relation);
    if (schema != NULL)
        relation->schema = lk_catalog_keep(catalog, schema);
    if (name != NULL)
        relation->object.name = lk_catalog_keep(catalog, name);
    lk_entry_add(catalog, &relation->object, relation->schema, relation->object.name);
    follow_move(catalog, relation);
    /* indexes and owned sequences lie in their table's schema */
    for (size_t i = 0; schema != NULL && i < relation->indexes.count; i++)
        lk_catalog_move_relation(catalog, relation->indexes.items[i], schema, NULL);
    for (size_t i = 0; schema != NULL && i < relation->sequences.count; i++)
        if (lk_is_there(catalog, relation->sequences.items[i]))
            lk_catalog_move_relation(catalog, relation->sequences.items[i], schema, NULL);
}

char *
lk_relation_sql(TALLOC_CTX *mem, const struct lk_relation *relation)
{
    return lk_quote_qualified(mem, relation->schema, relation->object.name);
}

char *
lk_catalog_resolved(TALLOC_CTX *mem, const struct lk_catalog *catalog, const char *schema,
                    const char *name)
{
    const struct lk_relation *relation = lk_catalog_relation(catalog, schema, name);

    if (relation != NULL)
        return lk_relation_sql(mem, relation);
    return lk_quote_qualified(mem, schema != NULL ? schema : lk_catalog_creation_schema(catalog),
                              name);
}

/* ---- columns and constraints ---- */

struct lk_column *
lk_relation_column(const struct lk_relation *relation, const char *name)
{
    if (relation == NULL)
        return NULL;
    return (struct lk_column *)lk_roster_find(relation->column_names,
                                              (struct lk_object *const *)relation->columns.items,
                                              relation->columns.count, name);
}

struct lk_constraint *
lk_relation_constraint(const struct lk_relation *relation, const char *name)
{
    if (relation == NULL)
        return NULL;
    return (struct lk_constraint *)lk_roster_find(
        relation->constraint_names, (struct lk_object *const *)relation->constraints.items,
        relation->constraints.count, name);
}

struct lk_column *
lk_catalog_add_column(struct lk_catalog *catalog, struct lk_relation *relation, const char *name)
{
    struct lk_column *column = lk_new(catalog->objects, struct lk_column);

    lk_object_init(catalog, &column->object, LK_CLASS_COLUMN, name);
    column->relation = relation;
    lk_catalog_touch(catalog, relation);
    lk_vec_push(relation, &relation->columns, column);
    lk_roster_add(relation, &column->object);
    return column;
}

static bool
mentions(const char *const *names, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (names[i] != NULL && strcmp(names[i], name) == 0)
            return true;
    return false;
}

/* lk_catalog_drop_column takes the indexes and constraints over the column along, as DROP does. */
void
lk_catalog_drop_column(struct lk_catalog *catalog, struct lk_relation *relation,
                       struct lk_column *column)
{
    const char *name = column->object.name;

    lk_catalog_touch(catalog, relation);
    struct lk_relation *sequence = lk_catalog_sequence(catalog, relation, name);
    if (sequence != NULL)
        lk_catalog_drop_relation(catalog, sequence);
    lk_roster_remove(relation, &column->object);
    lk_remove_pointer(&relation->columns, column);
    lk_undepend(catalog, &column->object);
    for (size_t i = relation->constraints.count; i-- > 0;) {
        struct lk_constraint *constraint = relation->constraints.items[i];
        if (mentions(constraint->columns.items, constraint->columns.count, name))
            lk_catalog_drop_constraint(catalog, relation, constraint);
    }
    for (size_t i = relation->indexes.count; i-- > 0;) {
        struct lk_relation *index = relation->indexes.items[i];
        if (mentions(index->keys.items, index->keys.count, name) ||
            mentions(index->uses.items, index->uses.count, name))
            drop_index(catalog, index);
    }
}

struct lk_constraint *
lk_catalog_add_constraint(struct lk_catalog *catalog, struct lk_relation *relation,
                          const char *name, enum lk_constraint_kind kind)
{
    struct lk_constraint *constraint = lk_new(catalog->objects, struct lk_constraint);

    lk_object_init(catalog, &constraint->object, LK_CLASS_CONSTRAINT, name);
    constraint->kind = kind;
    constraint->relation = relation;
    constraint->validated = true;
    lk_catalog_touch(catalog, relation);
    lk_vec_push(relation, &relation->constraints, constraint);
    lk_roster_add(relation, &constraint->object);
    lk_constraint_note_name(catalog, constraint);
    return constraint;
}

void
lk_catalog_drop_constraint(struct lk_catalog *catalog, struct lk_relation *relation,
                           struct lk_constraint *constraint)
{
    lk_catalog_touch(catalog, relation);
    lk_roster_remove(relation, &constraint->object);
    lk_remove_pointer(&relation->constraints, constraint);
    lk_undepend(catalog, &constraint->object);
    if (constraint->index != NULL)
        drop_index(catalog, constraint->index);
}

void
lk_catalog_rename_part(struct lk_catalog *catalog, struct lk_relation *relation,
                       struct lk_object *part, const char *name)
{
    lk_catalog_touch(catalog, relation); /* so that a ROLLBACK sees to its roster */
    lk_catalog_touch(catalog, part);
    lk_roster_remove(relation, part);
    part->name = lk_catalog_keep(catalog, name);
    lk_roster_add(relation, part);
    if (part->class == LK_CLASS_CONSTRAINT)
        lk_constraint_note_name(catalog, (struct lk_constraint *)part);
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
