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

enum lk_option_type {
    LK_TYPE_BOOLEAN,
    LK_TYPE_INTEGER,
    LK_TYPE_STRING,
    LK_TYPE_LIST, /* of strings */
};

/* What an option of a rule is set to: of its type one of these. */
struct lk_option_value {
    bool given;
    int64_t number;          /* of a boolean, 0 or 1 */
    const char *text;        /* NULL: none */
    const char *const *list; /* NULL-terminated; NULL: none */
};

struct lk_rule_setting {
    enum lk_severity severity;                           /* in an override COUNT: as elsewhere */
    struct lk_option_value options[LK_RULE_MAX_OPTIONS]; /* in the order of the rule's own list */
};

/* What holds for some files in place of what holds for all. */
struct lk_override {
    const char *const *paths;      /* globs on absolute paths, NULL-terminated */
    struct lk_rule_setting *rules; /* one per rule of the registry */
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
    bool quotes;               /* findings hold their statements, and fixes lines and columns */
    struct lk_values values;   /* of placeholders and psql variables */
    enum lk_world world;
    struct lk_rule_setting *rules;        /* one per rule of the registry */
    LK_VEC(struct lk_override) overrides; /* a later one beats an earlier one */
};

struct lk_rule;
struct lk_rule_option;

/* lk_settings_new returns the defaults. */
struct lk_settings *lk_settings_new(TALLOC_CTX *mem);

/* lk_settings_override adds an override that says nothing yet, and returns it. */
struct lk_override *lk_settings_override(struct lk_settings *settings, const char *const *paths);

/* lk_settings_switch_off switches a rule off, for all files. */
void lk_settings_switch_off(struct lk_settings *settings, const struct lk_rule *rule);

/* lk_settings_is_on returns whether a rule is on for any file at all. */
bool lk_settings_is_on(const struct lk_settings *settings, const struct lk_rule *rule);

/* lk_settings_severity returns a rule's severity in the file at `path`. */
enum lk_severity lk_settings_severity(const struct lk_settings *settings,
                                      const struct lk_rule *rule, const char *path);

/* lk_settings_option returns what a rule's option at `index` is set to for the file at `path`. */
struct lk_option_value lk_settings_option(const struct lk_settings *settings,
                                          const struct lk_rule *rule, size_t index,
                                          const char *path);

/* lk_option_default returns what an option is where nothing sets it. */
struct lk_option_value lk_option_default(const struct lk_rule_option *option);

/* lk_option_type_name returns "boolean", "integer", "string" or "list". */
const char *lk_option_type_name(enum lk_option_type type);

/* lk_option_text returns a value as the configuration writes it; "none" for nothing. */
char *lk_option_text(TALLOC_CTX *mem, enum lk_option_type type, struct lk_option_value value);

#endif
