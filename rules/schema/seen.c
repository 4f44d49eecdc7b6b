/*
 * rules/schema/seen.c
 *     Sets of addresses and names: see seen.h.
 */
#include "rules/schema/seen.h"

#include <string.h>

#define FIRST_SIZE 32 /* a power of two */

struct entry {
    const void *key; /* a name or an address; NULL: the place is free */
    uint32_t hash;
    size_t number;
};

/* A table of which at most half is taken, so that a key stands close to where its hash says. */
struct lk_seen {
    struct entry *entries;
    size_t size;
    size_t count;
};

static uint32_t
hash_name(const char *name)
{
    uint32_t hash = 2166136261u; /* FNV-1a */

    for (; *name != '\0'; name++)
        hash = (hash ^ (unsigned char)*name) * 16777619u;
    return hash ^ hash >> 15;
}

static uint32_t
hash_address(const void *address)
{
    uint64_t hash = (uint64_t)(uintptr_t)address * 0x9E3779B97F4A7C15u;

    return (uint32_t)(hash >> 32);
}

/* find_name and find_address return the entry of a key, or the free one where it belongs. */
static struct entry *
find_name(const struct lk_seen *seen, const char *name, uint32_t hash)
{
    size_t at = hash & (seen->size - 1);

    while (seen->entries[at].key != NULL &&
           (seen->entries[at].hash != hash || strcmp(seen->entries[at].key, name) != 0))
        at = (at + 1) & (seen->size - 1);
    return &seen->entries[at];
}

static struct entry *
find_address(const struct lk_seen *seen, const void *address, uint32_t hash)
{
    size_t at = hash & (seen->size - 1);

    while (seen->entries[at].key != NULL && seen->entries[at].key != address)
        at = (at + 1) & (seen->size - 1);
    return &seen->entries[at];
}

/* make_room sees to it that there is a set, and that one more key is not too many for it. */
static void
make_room(TALLOC_CTX *mem, struct lk_seen **seen)
{
    if (*seen == NULL)
        *seen = lk_new(mem, struct lk_seen);
    if ((*seen)->count * 2 < (*seen)->size)
        return;
    struct lk_seen before = **seen;
    (*seen)->size = LK_MAX(before.size * 2, FIRST_SIZE);
    (*seen)->entries = lk_new_array(*seen, struct entry, (*seen)->size);
    for (size_t i = 0; i < before.size; i++)
        if (before.entries[i].key != NULL) /* each is another one: its place is a free one */
            *find_address(*seen, NULL, before.entries[i].hash) = before.entries[i];
    talloc_free(before.entries);
}

bool
lk_seen_number(const struct lk_seen *seen, const char *name, size_t *ret)
{
    const struct entry *entry = seen != NULL ? find_name(seen, name, hash_name(name)) : NULL;

    if (entry == NULL || entry->key == NULL)
        return false;
    *ret = entry->number;
    return true;
}

size_t
lk_seen_name(TALLOC_CTX *mem, struct lk_seen **seen, const char *name, size_t number)
{
    uint32_t hash = hash_name(name);

    make_room(mem, seen);
    struct entry *entry = find_name(*seen, name, hash);
    if (entry->key != NULL)
        return entry->number;
    *entry = (struct entry){name, hash, number};
    (*seen)->count++;
    return number;
}

bool
lk_seen_address(TALLOC_CTX *mem, struct lk_seen **seen, const void *address)
{
    uint32_t hash = hash_address(address);

    make_room(mem, seen);
    struct entry *entry = find_address(*seen, address, hash);
    if (entry->key != NULL)
        return true;
    *entry = (struct entry){address, hash, 0};
    (*seen)->count++;
    return false;
}
