/*
 * rules/schema/names.c
 *     Names that certainly mean nothing, and names of constraints in a whole schema: see
 *     catalog_private.h.
 */
#include "rules/schema/catalog_private.h"

/* A name of which the history tells that its object went away. */
struct lk_gone {
    char *key; /* class, "schema" NUL "name" NUL */
    unsigned length;
    UT_hash_handle hh;
};

/* The constraints that have or had a name, whatever their relation. */
struct lk_same_name {
    const char *name;
    LK_VEC(struct lk_constraint *) items; /* `only`, while there is one */
    struct lk_constraint *only;
    size_t settled;    /* how many there were when lk_names_settle last looked at them */
    size_t gone;       /* how many of the first are not there, unless something is taken back: */
    size_t taken_back; /* catalog->taken_back by then */
    UT_hash_handle hh;
};

#define MAX_KEY 256
#define CROWDED 8 /* constraints by one name, from which on it is worth to look which are there */

/* make_key returns the length of the key in `ret`, 0 when the names are longer than any name. */
static unsigned
make_key(enum lk_class class, const char *schema, const char *name, char ret[MAX_KEY])
{
    size_t first = strlen(schema) + 1, second = strlen(name) + 1;

    if (1 + first + second > MAX_KEY)
        return 0;
    ret[0] = (char)class;
    memcpy(ret + 1, schema, first);
    memcpy(ret + 1 + first, name, second);
    return (unsigned)(1 + first + second);
}

static struct lk_gone *
find_gone(const struct lk_catalog *catalog, const char *key, unsigned length)
{
    struct lk_gone *gone = NULL;

    if (catalog->gone != NULL && length > 0)
        HASH_FIND(hh, catalog->gone, key, length, gone);
    return gone;
}

void
lk_gone_add(struct lk_catalog *catalog, enum lk_class class, const char *schema, const char *name)
{
    char key[MAX_KEY];
    unsigned length = make_key(class, schema, name, key);

    if (length == 0 || find_gone(catalog, key, length) != NULL)
        return;
    struct lk_gone *gone = lk_new(catalog, struct lk_gone);
    gone->key = lk_memdup(gone, key, length);
    gone->length = length;
    HASH_ADD_KEYPTR(hh, catalog->gone, gone->key, gone->length, gone);
}

void
lk_gone_remove(struct lk_catalog *catalog, enum lk_class class, const char *schema,
               const char *name)
{
    char key[MAX_KEY];
    struct lk_gone *gone = find_gone(catalog, key, make_key(class, schema, name, key));

    if (gone == NULL)
        return;
    HASH_DEL(catalog->gone, gone);
    talloc_free(gone);
}

void
lk_gone_forget(struct lk_catalog *catalog)
{
    struct lk_gone *gone, *next;

    HASH_ITER(hh, catalog->gone, gone, next) {
        HASH_DEL(catalog->gone, gone);
        talloc_free(gone);
    }
}

void
lk_names_free(struct lk_catalog *catalog)
{
    HASH_CLEAR(hh, catalog->gone);
    HASH_CLEAR(hh, catalog->constraint_names);
}

bool
lk_entry_gone(const struct lk_catalog *catalog, enum lk_class class, const char *schema,
              const char *name)
{
    char key[MAX_KEY];

    if (lk_entry_find(catalog, class, schema, name) != NULL)
        return false;
    if (find_gone(catalog, key, make_key(class, schema, name, key)) != NULL)
        return true;
    if (catalog->closed)
        return !lk_catalog_may_exist(catalog, class, class == LK_CLASS_SCHEMA ? name : schema,
                                     name);
    if (class == LK_CLASS_SCHEMA)
        return false;
    const struct lk_namespace *within = lk_catalog_schema(catalog, schema);
    return within != NULL ? !within->object.assumed && !within->object.doubtful && !within->imported
                          : lk_entry_gone(catalog, LK_CLASS_SCHEMA, "", schema);
}

bool
lk_catalog_lacks(const struct lk_catalog *catalog, const char *schema, const char *name)
{
    if (schema != NULL)
        return lk_entry_gone(catalog, LK_CLASS_RELATION, schema, name);
    /* pg_catalog is searched, too, and all of its relations are called so */
    if (strncmp(name, "pg_", 3) == 0 || lk_catalog_relation(catalog, NULL, name) != NULL ||
        lk_entry_find(catalog, LK_CLASS_RELATION, "pg_catalog", name) != NULL)
        return false;
    for (size_t i = 0; i < catalog->search_path.count; i++)
        if (!lk_entry_gone(catalog, LK_CLASS_RELATION, catalog->search_path.names[i], name))
            return false;
    return catalog->search_path.count > 0;
}

/* add_constraint adds to those of a name, of which most have one. */
static void
add_constraint(struct lk_same_name *same, struct lk_constraint *constraint)
{
    if (same->items.capacity == 0) {
        same->only = constraint;
        same->items.items = &same->only;
        same->items.count = same->items.capacity = 1;
        return;
    }
    if (same->items.items == &same->only) {
        bool kept = same->items.count > 0;
        memset(&same->items, 0, sizeof(same->items));
        if (kept)
            lk_vec_push(same, &same->items, same->only);
    }
    lk_vec_push(same, &same->items, constraint);
}

void
lk_constraint_note_name(struct lk_catalog *catalog, struct lk_constraint *constraint,
                        const char *name)
{
    struct lk_same_name *same = NULL;

    if (name[0] == '\0')
        return;
    HASH_FIND_STR(catalog->constraint_names, name, same);
    if (same == NULL) {
        size_t length = strlen(name);
        same = lk_mem_check(talloc_zero_size(catalog, sizeof(*same) + length + 1));
        same->name = memcpy(same + 1, name, length + 1); /* behind it */
        HASH_ADD_KEYPTR(hh, catalog->constraint_names, same->name, length, same);
    }
    add_constraint(same, constraint);
    if (same->items.count == 2 * same->settled + CROWDED)
        lk_vec_push(catalog, &catalog->crowded, same);
}

/*
 * is_live returns whether a constraint is there, in a schema, by the name that it was noted with:
 * its own, or that of one of its echoes.
 */
static bool
is_live(const struct lk_catalog *catalog, const struct lk_constraint *constraint,
        const char *schema, const char *name)
{
    const struct lk_relation *relation = constraint->relation;

    return relation != NULL && strcmp(relation->schema, schema) == 0 &&
           lk_is_there(catalog, relation) &&
           (lk_relation_constraint(relation, name) == constraint ||
            (lk_constraint_echo(constraint, name) != NULL &&
             lk_relation_constraint(relation, constraint->object.name) == constraint));
}

bool
lk_constraint_named(const struct lk_catalog *catalog, const char *schema, const char *name)
{
    struct lk_same_name *same = NULL;

    HASH_FIND_STR(catalog->constraint_names, name, same);
    if (same == NULL)
        return false;
    if (same->taken_back != catalog->taken_back)
        same->gone = 0;
    same->taken_back = catalog->taken_back;
    for (size_t i = same->gone; i < same->items.count; i++) {
        struct lk_constraint *constraint = same->items.items[i];
        if (is_live(catalog, constraint, schema, name))
            return true;
        if (constraint->relation == NULL ||
            is_live(catalog, constraint, constraint->relation->schema, name))
            continue;
        same->items.items[i] = same->items.items[same->gone];
        same->items.items[same->gone++] = constraint;
    }
    return false;
}

void
lk_names_settle(struct lk_catalog *catalog)
{
    lk_vec_foreach(item, &catalog->crowded) {
        struct lk_same_name *same = *item;
        size_t kept = 0;
        for (size_t i = 0; i < same->items.count; i++) {
            struct lk_constraint *constraint = same->items.items[i];
            if (constraint->relation == NULL ||
                is_live(catalog, constraint, constraint->relation->schema, same->name))
                same->items.items[kept++] = constraint;
        }
        same->items.count = same->settled = kept;
        same->gone = 0;
    }
    catalog->crowded.count = 0;
}

void
lk_names_keep(struct lk_catalog *catalog, bool (*is_kept)(const void *memory, const void *data),
              const void *data)
{
    struct lk_same_name *same, *next;

    HASH_ITER(hh, catalog->constraint_names, same, next) {
        size_t kept = 0;
        lk_vec_foreach(constraint, &same->items)
            if (is_kept(*constraint, data))
                same->items.items[kept++] = *constraint;
        same->items.count = kept;
        same->gone = 0;
        if (kept > 0)
            continue;
        HASH_DEL(catalog->constraint_names, same);
        talloc_free(same);
    }
}
