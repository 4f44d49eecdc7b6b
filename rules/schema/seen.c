/*
 * rules/schema/seen.c
 *     Sets of addresses and names: see seen.h.
 */
#include "rules/schema/seen.h"

#include <uthash.h>

struct entry {
    const void *address;
    size_t number;
    UT_hash_handle hh;
};

struct lk_seen {
    struct entry *entries;
};

/* uthash keeps its tables outside of talloc. */
static int
free_table(struct lk_seen *seen)
{
    HASH_CLEAR(hh, seen->entries);
    return 0;
}

static struct entry *
new_entry(TALLOC_CTX *mem, struct lk_seen **seen)
{
    if (*seen == NULL) {
        *seen = lk_new(mem, struct lk_seen);
        talloc_set_destructor(*seen, free_table);
    }
    return lk_new(*seen, struct entry);
}

bool
lk_seen_number(const struct lk_seen *seen, const char *name, size_t *ret)
{
    struct entry *entry = NULL;

    if (seen != NULL)
        HASH_FIND(hh, seen->entries, name, strlen(name), entry);
    if (entry != NULL)
        *ret = entry->number;
    return entry != NULL;
}

size_t
lk_seen_name(TALLOC_CTX *mem, struct lk_seen **seen, const char *name, size_t number)
{
    if (lk_seen_number(*seen, name, &number))
        return number;
    struct entry *entry = new_entry(mem, seen);
    entry->number = number;
    HASH_ADD_KEYPTR(hh, (*seen)->entries, name, strlen(name), entry);
    return number;
}

bool
lk_seen_address(TALLOC_CTX *mem, struct lk_seen **seen, const void *address)
{
    struct entry *entry = NULL;

    if (*seen != NULL)
        HASH_FIND(hh, (*seen)->entries, &address, sizeof(address), entry);
    if (entry != NULL)
        return true;
    entry = new_entry(mem, seen);
    entry->address = address;
    HASH_ADD(hh, (*seen)->entries, address, sizeof(entry->address), entry);
    return false;
}
