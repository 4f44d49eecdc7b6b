/*
 * rules/schema/roster.c
 *     The columns and the constraints of a relation by name.
 *
 * Most relations have few of them, and looking at each is fastest. Generated ones have thousands:
 * those get a hash table. It is no part of the state that a ROLLBACK brings back, but is made anew.
 */
#include "rules/schema/catalog_private.h"

/* From how many objects on a hash table pays. */
#define ROSTER_MIN 24

struct entry {
    const char *name;
    struct lk_object *object;
    UT_hash_handle hh;
};

struct lk_roster {
    struct entry *entries;
};

/* uthash keeps its tables outside of talloc. */
static int
free_table(struct lk_roster *roster)
{
    HASH_CLEAR(hh, roster->entries);
    return 0;
}

static struct lk_object *
find_hashed(const struct lk_roster *roster, const char *name)
{
    struct entry *entry = NULL;

    HASH_FIND_STR(roster->entries, name, entry);
    return entry != NULL ? entry->object : NULL;
}

static void
enter(struct lk_roster *roster, struct lk_object *object)
{
    if (find_hashed(roster, object->name) != NULL)
        return;
    struct entry *entry = lk_new(roster, struct entry);
    entry->name = object->name;
    entry->object = object;
    HASH_ADD_KEYPTR(hh, roster->entries, entry->name, strlen(entry->name), entry);
}

/* The vector of a relation's parts of one class, and the roster of their names. */
struct parts {
    struct lk_object **items;
    size_t count;
    struct lk_roster **roster;
};

static struct parts
parts_of(struct lk_relation *relation, enum lk_class class)
{
    if (class == LK_CLASS_COLUMN)
        return (struct parts){(struct lk_object **)relation->columns.items, relation->columns.count,
                              &relation->column_names};
    return (struct parts){(struct lk_object **)relation->constraints.items,
                          relation->constraints.count, &relation->constraint_names};
}

void
lk_roster_add(struct lk_relation *relation, struct lk_object *object)
{
    if (relation->column_names == NULL && relation->constraint_names == NULL &&
        LK_MAX(relation->columns.count, relation->constraints.count) < ROSTER_MIN)
        return; /* as of most */
    struct parts parts = parts_of(relation, object->class);

    if (*parts.roster != NULL) {
        enter(*parts.roster, object);
    } else if (parts.count >= ROSTER_MIN) {
        *parts.roster = lk_new(relation, struct lk_roster);
        talloc_set_destructor(*parts.roster, free_table);
        for (size_t i = 0; i < parts.count; i++)
            enter(*parts.roster, parts.items[i]);
    }
}

void
lk_roster_remove(struct lk_relation *relation, struct lk_object *object)
{
    struct lk_roster *roster = *parts_of(relation, object->class).roster;
    struct entry *entry = NULL;

    if (roster == NULL)
        return;
    HASH_FIND_STR(roster->entries, object->name, entry);
    if (entry == NULL || entry->object != object)
        return;
    HASH_DEL(roster->entries, entry);
    talloc_free(entry);
}

void
lk_roster_renew(struct lk_relation *relation)
{
    static const enum lk_class classes[] = {LK_CLASS_COLUMN, LK_CLASS_CONSTRAINT};

    for (size_t i = 0; i < LK_ARRAY_SIZE(classes); i++) {
        struct parts parts = parts_of(relation, classes[i]);
        if (*parts.roster == NULL)
            continue;
        TALLOC_FREE(*parts.roster);
        if (parts.count > 0)
            lk_roster_add(relation, parts.items[0]);
    }
}

struct lk_object *
lk_roster_find(const struct lk_roster *roster, struct lk_object *const *items, size_t count,
               const char *name)
{
    if (roster != NULL)
        return find_hashed(roster, name);
    for (size_t i = 0; i < count; i++) { /* most differ in the first two characters */
        const char *other = items[i]->name;
        if (other[0] == name[0] && (other[0] == '\0' || other[1] == name[1]) &&
            strcmp(other, name) == 0)
            return items[i];
    }
    return NULL;
}
