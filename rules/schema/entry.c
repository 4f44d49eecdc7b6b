/*
 * rules/schema/entry.c
 *     The name spaces of the replayed catalog: see catalog_private.h.
 */
#include "rules/schema/catalog_private.h"

/* new_entry returns an entry with its key behind it. */
static struct lk_catalog_entry *
new_entry(TALLOC_CTX *mem, const char *schema, const char *name)
{
    size_t first = strlen(schema) + 1, second = strlen(name) + 1;
    struct lk_catalog_entry *entry =
        lk_mem_check(talloc_zero_size(mem, sizeof(*entry) + first + second));

    entry->key = (char *)(entry + 1);
    memcpy(entry->key, schema, first);
    memcpy(entry->key + first, name, second);
    entry->key_length = (unsigned)(first + second);
    return entry;
}

static struct lk_catalog_entry *
find_entry(const struct lk_catalog *catalog, enum lk_class class, const char *schema,
           const char *name)
{
    char key[256];
    struct lk_catalog_entry *entry = catalog->recent[class];

    if (catalog->spaces[class] == NULL)
        return NULL;
    size_t first = strlen(schema) + 1, second = strlen(name) + 1;
    if (entry != NULL && entry->key_length == first + second &&
        memcmp(entry->key + first, name, second) == 0 && memcmp(entry->key, schema, first) == 0)
        return entry; /* a statement asks for the same object again and again */
    if (first + second > sizeof(key)) /* names have at most 63 bytes */
        return NULL;
    memcpy(key, schema, first);
    memcpy(key + first, name, second);
    HASH_FIND(hh, catalog->spaces[class], key, first + second, entry);
    if (entry != NULL)
        catalog->recent[class] = entry;
    return entry;
}

void
lk_entry_enter(struct lk_catalog *catalog, enum lk_class class, struct lk_catalog_entry *entry)
{
    HASH_ADD_KEYPTR(hh, catalog->spaces[class], entry->key, entry->key_length, entry);
}

void
lk_entry_leave(struct lk_catalog *catalog, enum lk_class class, struct lk_catalog_entry *entry)
{
    HASH_DEL(catalog->spaces[class], entry);
    catalog->recent[class] = NULL;
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
    lk_entry_leave(catalog, class, entry);
    struct lk_undo *undo = lk_undo_note(catalog, LK_UNDO_REMOVED);
    undo->class = class;
    undo->entry = entry;
    lk_gone_add(catalog, class, schema, name);
}

bool
lk_names_temporary(const char *schema)
{
    return strcmp(schema, "pg_temp") == 0;
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
    if (first != NULL)
        lk_entry_remove(catalog, object->class, schema, name);
    catalog->has_temporary |= lk_names_temporary(schema);
    catalog->has_system |= strcmp(schema, "pg_catalog") == 0;
    struct lk_catalog_entry *entry = new_entry(catalog->objects, schema, name);
    entry->object = object;
    lk_entry_enter(catalog, object->class, entry);
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
