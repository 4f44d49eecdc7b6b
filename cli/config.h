/*
 * cli/config.h
 *     lockkeeper.yml: what it may say (one table), and what it said.
 */
#ifndef LK_CLI_CONFIG_H
#define LK_CLI_CONFIG_H

#include "applier/timeouts.h"
#include "parser/base/err.h"
#include "parser/base/vec.h"
#include "parser/hook.h"
#include "rules/settings.h"

/* Where in the file a value stands: 1-based. */
struct lk_mark {
    unsigned line;
    unsigned column;
};

struct lk_config_strings {
    LK_VEC(const char *) items;
};

/* A value in which ${NAME} stands for an environment variable: see lk_config_expand. */
struct lk_config_value {
    const char *text; /* not expanded yet; NULL: not said */
    struct lk_mark at;
};

struct lk_config_pair {
    const char *name;
    struct lk_config_value value;
};

struct lk_config_pairs {
    LK_VEC(struct lk_config_pair) items;
};

/* Settings of the applier; times in milliseconds, -1 where nothing is said. */
struct lk_config_apply {
    const char *history;
    const char *flyway_table;
    const char *flyway_schema;
    const char *out_of_order;
    const char *other_history; /* "ignore", or NULL: the same as "refuse" */
    int64_t lock_timeout;
    int64_t statement_timeout;
    struct lk_timeouts timeouts[LK_STMT_COUNT]; /* of a class of statements */
    int64_t transaction_timeout;
    int64_t idle_in_transaction_session_timeout;
    int64_t idle_session_timeout;
    int64_t snapshot_age;
    int64_t take_over;
    int64_t max_blocking;
    struct lk_config_strings ends;
    int64_t max_elapsed;
    int64_t base;
    int64_t cap;
    struct lk_config_strings ignore; /* see lk_ignore_check */
    struct lk_config_pairs placeholders;
    struct lk_config_strings hooks[LK_HOOK_COUNT]; /* files, by event */
};

struct lk_config_option {
    const char *name;
    struct lk_option_value value;
};

/* A rule's (or group's) line: a severity, or a mapping with options. */
struct lk_config_rule {
    const char *name;
    enum lk_severity severity; /* COUNT: not said */
    LK_VEC(struct lk_config_option) options;
};

struct lk_config_rules {
    LK_VEC(struct lk_config_rule) items;
};

/* What holds for some files only. */
struct lk_config_override {
    struct lk_config_strings paths; /* globs */
    struct lk_config_rules rules;
};

struct lk_config_overrides {
    LK_VEC(struct lk_config_override) items;
};

struct lk_config_target;

struct lk_config_targets {
    LK_VEC(struct lk_config_target) items;
};

/* A named database or environment. */
struct lk_config_target {
    const char *name;
    struct lk_mark at; /* of the name */
    struct lk_config_value url;
    struct lk_config_strings migrations;
    const char *naming;
    const char *schema;
    const char *baseline;
    struct lk_config_value baseline_file;
    struct lk_config_apply apply;
    struct lk_config_targets databases; /* of an environment: what differs there for one of them */
};

struct lk_config {
    const char *path;         /* NULL: there is no file */
    const char *folder;       /* that its paths count from, relative to the working directory */
    int64_t postgres_version; /* -1: not said */
    struct lk_config_strings migrations;
    const char *naming;
    const char *fail_on;
    const char *schema;
    struct lk_config_strings exclude;
    const char *baseline;
    struct lk_config_value baseline_file;
    struct lk_config_value url;
    struct lk_config_rules rules;
    struct lk_config_overrides overrides;
    struct lk_config_targets databases;
    struct lk_config_targets environments;
    struct lk_config_apply apply;
};

/*
 * lk_config_load reads the file at `path`, or with NULL the lockkeeper.yml of the working directory
 * or the nearest one above; without any, the result is empty. Every error names file, line and
 * column.
 */
bool lk_config_load(TALLOC_CTX *mem, const char *path, struct lk_config **ret,
                    struct lk_error *err) LK_MUST_CHECK;

/* lk_config_parse reads a text as lk_config_load does the file at `path`. */
bool lk_config_parse(TALLOC_CTX *mem, const char *path, const char *text, size_t size,
                     struct lk_config **ret, struct lk_error *err) LK_MUST_CHECK;

/* lk_config_init_apply makes settings of the applier say nothing. */
void lk_config_init_apply(struct lk_config_apply *apply);

/* lk_config_find returns the one of that name, or NULL. */
const struct lk_config_target *lk_config_find(const struct lk_config_targets *targets,
                                              const char *name);

/*
 * lk_config_settle returns in `ret` what holds for a database and an environment, each a name or
 * NULL: what the environment says of the database over what it says of all, over the database's own
 * settings, over the file's. Placeholders are laid over one by one. `ret->name` is the last of
 * those named, NULL for none. An unknown name is an error.
 */
bool lk_config_settle(TALLOC_CTX *mem, const struct lk_config *config, const char *database,
                      const char *environment, struct lk_config_target *ret,
                      struct lk_error *err) LK_MUST_CHECK;

/*
 * lk_config_expand returns a value with ${NAME} replaced from the environment, ${NAME:-word} by the
 * word where that is unset or empty; `$$` is `$`. A variable that is not set is an error at the
 * value's place, which never repeats any value.
 */
char *lk_config_expand(TALLOC_CTX *mem, const struct lk_config *config,
                       const struct lk_config_value *value, struct lk_error *err);

#endif
