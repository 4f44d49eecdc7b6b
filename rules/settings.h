/*
 * rules/settings.h
 *     What the configuration says to the rules.
 */
#ifndef LK_RULES_SETTINGS_H
#define LK_RULES_SETTINGS_H

#include "parser/inset.h"
#include "rules/finding.h"

/* Whose facts and advice are known, and what is assumed when none is configured. */
#define LK_POSTGRES_OLDEST 12
#define LK_POSTGRES_DEFAULT 15
#define LK_POSTGRES_NEWEST 18

#define LK_RULE_MAX_OPTIONS 4

struct lk_rule_setting {
    enum lk_severity severity;
    bool options[LK_RULE_MAX_OPTIONS]; /* in the order of the rule's own list */
};

/* Whether there are objects in the database that no migration makes. */
enum lk_world {
    LK_WORLD_AUTO, /* there are if the first migrations name some */
    LK_WORLD_OPEN,
    LK_WORLD_CLOSED,
};

struct lk_settings {
    int postgres_version;      /* the major version that facts and advice are for */
    bool postgres_version_set; /* the user has said so: what is newer is an error */
    bool applier_bounds_locks; /* the configuration gives the applier a lock_timeout */
    bool any_order;            /* the applier may carry out what is below the highest version */
    struct lk_values values;   /* of placeholders and psql variables */
    enum lk_world world;
    struct lk_rule_setting *rules; /* one per rule of the registry */
};

/* lk_settings_new returns the defaults. */
struct lk_settings *lk_settings_new(TALLOC_CTX *mem);

#endif
