/*
 * rules/schema/catalog.c
 *     The replayed catalog as a whole, its schemas and search_path: see catalog.h.
 */
#include "rules/schema/catalog.h"

#include "rules/schema/catalog_private.h"
#include "rules/schema/made.h"

static const char default_schema[] = "public";

#define POOL_SIZE (32 << 10)   /* what most statements need while they are replayed */
#define OBJECTS_SIZE (4 << 20) /* what most catalogs need: untouched, it is no memory yet */

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
    catalog->objects = lk_mem_pool(catalog, OBJECTS_SIZE);
    catalog->pool = lk_mem_pool(catalog, POOL_SIZE);
    catalog->statement_mem = catalog->pool;
    catalog->makings = lk_makings_new(catalog);
    catalog->recent = lk_new_array(catalog, struct lk_catalog_entry *, LK_CLASS_COUNT);
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
        size_t length = strlen(text);
        known = lk_mem_check(talloc_zero_size(catalog->objects, sizeof(*known) + length + 1));
        known->text = memcpy(known + 1, text, length + 1); /* behind it */
        HASH_ADD_KEYPTR(hh, catalog->strings, known->text, length, known);
    }
    return known->text;
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
    if (name[0] == '\0') /* it gets one later */
        object->name = "";
    else /* columns of many tables are called the same */
        object->name =
            class == LK_CLASS_COLUMN ? lk_intern(catalog, name) : lk_strdup(object, name);
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

    undo->state = lk_undo_copy(catalog, &catalog->search_path, sizeof(struct lk_names));
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
            catalog->search_path.names[catalog->search_path.count++] = lk_intern(catalog, names[i]);
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

bool
lk_catalog_looks_in_system(const struct lk_catalog *catalog)
{
    if (!catalog->has_system)
        return false;
    for (size_t i = 0; i < catalog->search_path.count; i++)
        if (strcmp(catalog->search_path.names[i], "pg_catalog") == 0)
            return false;
    return true;
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
    if (found == NULL && lk_catalog_looks_in_system(catalog))
        found = lk_entry_find(catalog, class, "pg_catalog", name);
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
