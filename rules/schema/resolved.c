/*
 * rules/schema/resolved.c
 *     A table of answers: see resolved.h. An answer depends on nothing but the question, whatever
 *     catalog it is for.
 */
#include "rules/schema/resolved.h"

#define KEY_TYPES 4
#define KEY_NAME 24
#define PLACES 4096 /* a power of two, many times what a history asks: two places a set */

struct key {
    uint16_t types[KEY_TYPES]; /* LK_BT_NONE behind the last one */
    uint8_t count;             /* of arguments; an operator's is OPERATOR */
    uint8_t version;
    char name[KEY_NAME]; /* zeros behind it, so that keys compare by bytes */
};

#define OPERATOR 0xff

struct entry {
    struct key key;
    struct lk_builtin_resolution resolution;
};

static _Thread_local struct entry entries[PLACES];

/* make_key returns whether a question fits into a key; a key's name is never empty. */
static bool
make_key(const char *name, uint8_t count, unsigned version, struct key *ret)
{
    size_t length = strlen(name);

    if (length == 0 || length >= KEY_NAME || version > UINT8_MAX)
        return false;
    *ret = (struct key){.count = count, .version = (uint8_t)version};
    memcpy(ret->name, name, length);
    return true;
}

static bool
is_entry(const struct entry *entry, const struct key *key)
{
    return memcmp(&entry->key, key, sizeof(*key)) == 0;
}

/*
 * find_entry returns the place of a key, which may have another one's answer. There are two for
 * each, so that few questions drive out one another in turn.
 */
static struct entry *
find_entry(const struct key *key)
{
    const unsigned char *bytes = (const unsigned char *)key;
    uint32_t hash = 2166136261u; /* FNV-1a */

    for (size_t i = 0; i < sizeof(*key); i++)
        hash = (hash ^ bytes[i]) * 16777619u;
    struct entry *pair = &entries[(hash ^ hash >> 16) % (PLACES / 2) * 2];
    if (is_entry(pair, key) || pair->key.name[0] == '\0')
        return pair;
    return pair + 1;
}

struct lk_builtin_resolution
lk_resolved_call(const struct lk_builtin_call *call)
{
    struct key key;

    if (call->count > KEY_TYPES || call->names != NULL || call->variadic ||
        !make_key(call->name, (uint8_t)call->count, call->version, &key))
        return lk_builtin_resolve_function(call);
    for (size_t i = 0; i < call->count; i++)
        key.types[i] = call->types[i];
    struct entry *entry = find_entry(&key);
    if (!is_entry(entry, &key))
        *entry = (struct entry){key, lk_builtin_resolve_function(call)};
    return entry->resolution;
}

struct lk_builtin_resolution
lk_resolved_operator(const char *name, uint16_t left, uint16_t right, unsigned version)
{
    struct key key;

    if (!make_key(name, OPERATOR, version, &key))
        return lk_builtin_resolve_operator(name, left, right, version);
    key.types[0] = left;
    key.types[1] = right;
    struct entry *entry = find_entry(&key);
    if (!is_entry(entry, &key))
        *entry = (struct entry){key, lk_builtin_resolve_operator(name, left, right, version)};
    return entry->resolution;
}
