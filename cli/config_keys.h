/*
 * cli/config_keys.h
 *     The table of what lockkeeper.yml may say; reader and documentation go by it.
 */
#ifndef LK_CLI_CONFIG_KEYS_H
#define LK_CLI_CONFIG_KEYS_H

#include <stddef.h>
#include <stdint.h>

enum lk_config_key_type {
    LK_KEY_STRING,
    LK_KEY_VALUE, /* in which ${NAME} is replaced */
    LK_KEY_CHOICE,
    LK_KEY_INTEGER,
    LK_KEY_DURATION,
    LK_KEY_STRINGS,
    LK_KEY_PAIRS,
    LK_KEY_MAPPING, /* of `children`, in the same struct */
    LK_KEY_TARGETS, /* mappings of `children` with names that people choose */
    LK_KEY_RULES,
    LK_KEY_OVERRIDES, /* a list of mappings of `children` */
};

struct lk_config_key {
    const char *name; /* NULL ends a table */
    enum lk_config_key_type type;
    size_t offset;
    const char *text; /* for people */
    const char *const *choices;
    int64_t low, high;
    const struct lk_config_key *children;
};

extern const struct lk_config_key lk_config_keys[];

#endif
