/*
 * cli/config_keys.c
 *     What lockkeeper.yml may say: see config_keys.h.
 */
#include "cli/config_keys.h"

#include "cli/config.h"

#define CONFIG(field) offsetof(struct lk_config, field)
#define TARGET(field) offsetof(struct lk_config_target, field)

static const char *const severities[] = {"error", "warning", "info", "never", NULL};
static const char *const worlds[] = {"auto", "open", "closed", NULL};
static const char *const histories[] = {"native", "flyway", NULL};
static const char *const orders[] = {"refuse", "allow", NULL};
static const char *const others[] = {"refuse", "ignore", NULL};

/* The applier's settings stand in the configuration and in each target: one list, two bases. */
#define APPLY_TIME(at, name, field, text)                                                          \
    {                                                                                              \
        name, LK_KEY_DURATION, (at) + offsetof(struct lk_config_apply, field), text, NULL, 0, 0,   \
            NULL                                                                                   \
    }

#define TIMEOUT_KEYS(at, class)                                                                    \
    APPLY_TIME(at, "lock_timeout", timeouts[class].lock,                                           \
               "how long such a statement may wait for its locks"),                                \
        APPLY_TIME(at, "statement_timeout", timeouts[class].statement,                             \
                   "how long such a statement may take"),                                          \
    {                                                                                              \
        0                                                                                          \
    }

#define RETRY_KEYS(at)                                                                             \
    {"max_elapsed",                                                                                \
     LK_KEY_DURATION,                                                                              \
     (at) + offsetof(struct lk_config_apply, max_elapsed),                                         \
     "stop trying again after this time (default: 10m)",                                           \
     NULL,                                                                                         \
     0,                                                                                            \
     0,                                                                                            \
     NULL},                                                                                        \
        {"base",                                                                                   \
         LK_KEY_DURATION,                                                                          \
         (at) + offsetof(struct lk_config_apply, base),                                            \
         "shortest pause between two tries (default: 500ms)",                                      \
         NULL,                                                                                     \
         0,                                                                                        \
         0,                                                                                        \
         NULL},                                                                                    \
        {"cap",                                                                                    \
         LK_KEY_DURATION,                                                                          \
         (at) + offsetof(struct lk_config_apply, cap),                                             \
         "longest pause between two tries (default: 30s)",                                         \
         NULL,                                                                                     \
         0,                                                                                        \
         0,                                                                                        \
         NULL},                                                                                    \
    {                                                                                              \
        0                                                                                          \
    }

/* hooks are a table of their own, made of the events that there are. */
#define LK_HOOK(name, key, when)                                                                   \
    {key,                                                                                          \
     LK_KEY_STRINGS,                                                                               \
     HOOKS_OF + offsetof(struct lk_config_apply, hooks[LK_HOOK_##name]),                           \
     "SQL files, carried out " when,                                                               \
     NULL,                                                                                         \
     0,                                                                                            \
     0,                                                                                            \
     NULL},
#define HOOKS_OF CONFIG(apply)
static const struct lk_config_key hook_keys[] = {
#include "parser/hooks.def"
    {0},
};
#undef HOOKS_OF
#define HOOKS_OF TARGET(apply)
static const struct lk_config_key target_hook_keys[] = {
#include "parser/hooks.def"
    {0},
};
#undef HOOKS_OF
#undef LK_HOOK

#define FLYWAY_KEYS(at)                                                                            \
    {"table",                                                                                      \
     LK_KEY_STRING,                                                                                \
     (at) + offsetof(struct lk_config_apply, flyway_table),                                        \
     "the history's table (default: flyway_schema_history)",                                       \
     NULL,                                                                                         \
     0,                                                                                            \
     0,                                                                                            \
     NULL},                                                                                        \
        {"default_schema",                                                                         \
         LK_KEY_STRING,                                                                            \
         (at) + offsetof(struct lk_config_apply, flyway_schema),                                   \
         "its schema, made if need be, and first in search_path (default: as the role has it)",    \
         NULL,                                                                                     \
         0,                                                                                        \
         0,                                                                                        \
         NULL},                                                                                    \
    {                                                                                              \
        0                                                                                          \
    }

#define APPLY_KEYS(at, retry, timeouts, flyway, hook_table)                                        \
    {"history",                                                                                    \
     LK_KEY_CHOICE,                                                                                \
     (at) + offsetof(struct lk_config_apply, history),                                             \
     "where the database keeps what was applied: native (default), or flyway",                     \
     histories,                                                                                    \
     0,                                                                                            \
     0,                                                                                            \
     NULL},                                                                                        \
        {"flyway", LK_KEY_MAPPING, 0, "where a history of Flyway lies", NULL, 0, 0, flyway},       \
        APPLY_TIME(at, "lock_timeout", lock_timeout,                                               \
                   "how long a statement may wait for its locks (default: 5s)"),                   \
        APPLY_TIME(at, "statement_timeout", statement_timeout,                                     \
                   "how long a statement may take (default: no limit)"),                           \
        {"timeouts", LK_KEY_MAPPING, 0, "the same for one class of statements", NULL, 0,           \
         0,          timeouts},                                                                    \
        APPLY_TIME(at, "transaction_timeout", transaction_timeout,                                 \
                   "how long a transaction of a run may take, from PostgreSQL 17 on (default: no " \
                   "limit)"),                                                                      \
        APPLY_TIME(at, "idle_in_transaction_session_timeout", idle_in_transaction_session_timeout, \
                   "how long the server lets a transaction of a run wait for us (default: no "     \
                   "limit)"),                                                                      \
        APPLY_TIME(at, "idle_session_timeout", idle_session_timeout,                               \
                   "how long the server lets a run pause (default: no limit)"),                    \
        APPLY_TIME(                                                                                \
            at, "snapshot_age", snapshot_age,                                                      \
            "before an index is built CONCURRENTLY, transactions older than this are waited "      \
            "for, which the server would do with the index half built (default: 30s)"),            \
        APPLY_TIME(at, "take_over", take_over,                                                     \
                   "after this time of waiting for another run its backend is terminated: for "    \
                   "backends that outlive their client (default: never)"),                         \
        {"end_blockers",                                                                           \
         LK_KEY_STRINGS,                                                                           \
         (at) + offsetof(struct lk_config_apply, ends),                                            \
         "applications (application_name, with * for any text) whose sessions are cancelled, "     \
         "or where they are idle in transaction terminated, when a statement waits for them",      \
         NULL,                                                                                     \
         0,                                                                                        \
         0,                                                                                        \
         NULL},                                                                                    \
        {"max_blocking",                                                                           \
         LK_KEY_DURATION,                                                                          \
         (at) + offsetof(struct lk_config_apply, max_blocking),                                    \
         "how long other sessions may wait behind a statement before it is cancelled, to be "      \
         "tried again later (default: no limit)",                                                  \
         NULL,                                                                                     \
         0,                                                                                        \
         0,                                                                                        \
         NULL},                                                                                    \
        {"retry",                                                                                  \
         LK_KEY_MAPPING,                                                                           \
         0,                                                                                        \
         "how to try again after a lock timeout, a deadlock or a lost "                            \
         "connection",                                                                             \
         NULL,                                                                                     \
         0,                                                                                        \
         0,                                                                                        \
         retry},                                                                                   \
        {"out_of_order",                                                                           \
         LK_KEY_CHOICE,                                                                            \
         (at) + offsetof(struct lk_config_apply, out_of_order),                                    \
         "a pending version below an applied one: refuse (default) or allow",                      \
         orders,                                                                                   \
         0,                                                                                        \
         0,                                                                                        \
         NULL},                                                                                    \
        {"other_history",                                                                          \
         LK_KEY_CHOICE,                                                                            \
         (at) + offsetof(struct lk_config_apply, other_history),                                   \
         "that another tool has migrated the database, of which lockkeeper has no history yet: "   \
         "refuse (default) or ignore",                                                             \
         others,                                                                                   \
         0,                                                                                        \
         0,                                                                                        \
         NULL},                                                                                    \
        {"ignore",                                                                                 \
         LK_KEY_STRINGS,                                                                           \
         (at) + offsetof(struct lk_config_apply, ignore),                                          \
         "what files and history may differ in, as in Flyway: KIND:STATE, of versioned, "          \
         "repeatable, * and missing, future, pending, ignored, * (default: *:future)",             \
         NULL,                                                                                     \
         0,                                                                                        \
         0,                                                                                        \
         NULL},                                                                                    \
        {"hooks", LK_KEY_MAPPING, 0, "SQL files that go with each run", NULL, 0, 0, hook_table},   \
        {"placeholders",                                                                           \
         LK_KEY_PAIRS,                                                                             \
         (at) + offsetof(struct lk_config_apply, placeholders),                                    \
         "values for ${name} in migrations, by name; ${VAR} in them is replaced",                  \
         NULL,                                                                                     \
         0,                                                                                        \
         0,                                                                                        \
         NULL},                                                                                    \
    {                                                                                              \
        0                                                                                          \
    }

static const struct lk_config_key retry_keys[] = {RETRY_KEYS(CONFIG(apply))};
static const struct lk_config_key flyway_keys[] = {FLYWAY_KEYS(CONFIG(apply))};
static const struct lk_config_key target_retry_keys[] = {RETRY_KEYS(TARGET(apply))};
static const struct lk_config_key target_flyway_keys[] = {FLYWAY_KEYS(TARGET(apply))};

#define LK_STMT(NAME, word, lock, statement, snapshots, meaning)                                   \
    static const struct lk_config_key NAME##_keys[] = {                                            \
        TIMEOUT_KEYS(CONFIG(apply), LK_STMT_##NAME)};                                              \
    static const struct lk_config_key target_##NAME##_keys[] = {                                   \
        TIMEOUT_KEYS(TARGET(apply), LK_STMT_##NAME)};
#include "applier/timeouts.def"
#undef LK_STMT

static const struct lk_config_key timeouts_keys[] = {
#define LK_STMT(NAME, word, lock, statement, snapshots, meaning)                                   \
    {word, LK_KEY_MAPPING, 0, meaning, NULL, 0, 0, NAME##_keys},
#include "applier/timeouts.def"
#undef LK_STMT
    {0},
};
static const struct lk_config_key target_timeouts_keys[] = {
#define LK_STMT(NAME, word, lock, statement, snapshots, meaning)                                   \
    {word, LK_KEY_MAPPING, 0, meaning, NULL, 0, 0, target_##NAME##_keys},
#include "applier/timeouts.def"
#undef LK_STMT
    {0},
};

static const struct lk_config_key apply_keys[] = {
    APPLY_KEYS(CONFIG(apply), retry_keys, timeouts_keys, flyway_keys, hook_keys)};
static const struct lk_config_key target_apply_keys[] = {APPLY_KEYS(
    TARGET(apply), target_retry_keys, target_timeouts_keys, target_flyway_keys, target_hook_keys)};

/* What a database, an environment, and a database of an environment can say. */
#define TARGET_KEYS                                                                                \
    {                                                                                              \
        "url",                                                                                     \
        LK_KEY_VALUE,                                                                              \
        TARGET(url),                                                                               \
        "the database, as libpq takes it; ${VAR} is replaced, ${VAR:-word} has a default",         \
        NULL,                                                                                      \
        0,                                                                                         \
        0,                                                                                         \
        NULL},                                                                                     \
        {"migrations",                                                                             \
         LK_KEY_STRINGS,                                                                           \
         TARGET(migrations),                                                                       \
         "folders, in order of application",                                                       \
         NULL,                                                                                     \
         0,                                                                                        \
         0,                                                                                        \
         NULL},                                                                                    \
        {"naming", LK_KEY_STRING, TARGET(naming), "naming convention of the files", NULL, 0,       \
         0,        NULL},                                                                          \
        {"schema", LK_KEY_CHOICE, TARGET(schema), "as `schema` of the file", worlds, 0, 0, NULL},  \
        {"baseline_file",                                                                          \
         LK_KEY_VALUE,                                                                             \
         TARGET(baseline_file),                                                                    \
         "as `baseline_file` of the file",                                                         \
         NULL,                                                                                     \
         0,                                                                                        \
         0,                                                                                        \
         NULL},                                                                                    \
        {"baseline",                                                                               \
         LK_KEY_STRING,                                                                            \
         TARGET(baseline),                                                                         \
         "lint findings only after this version; the whole history is still replayed",             \
         NULL,                                                                                     \
         0,                                                                                        \
         0,                                                                                        \
         NULL},                                                                                    \
    {                                                                                              \
        "apply", LK_KEY_MAPPING, 0, "settings of the applier", NULL, 0, 0, target_apply_keys       \
    }

static const struct lk_config_key target_keys[] = {TARGET_KEYS, {0}};

static const struct lk_config_key environment_keys[] = {
    TARGET_KEYS,
    {"databases", LK_KEY_TARGETS, TARGET(databases),
     "what differs there for one of the databases, by its name", NULL, 0, 0, target_keys},
    {0},
};

#define OVERRIDE(field) offsetof(struct lk_config_override, field)

static const struct lk_config_key override_keys[] = {
    {"paths", LK_KEY_STRINGS, OVERRIDE(paths), "the files, as globs with **", NULL, 0, 0, NULL},
    {"rules", LK_KEY_RULES, OVERRIDE(rules), "severities and options there", NULL, 0, 0, NULL},
    {0},
};

const struct lk_config_key lk_config_keys[] = {
    {"postgres_version", LK_KEY_INTEGER, CONFIG(postgres_version),
     "major version that facts and advice are for (default: 15)", NULL, LK_POSTGRES_OLDEST,
     LK_POSTGRES_NEWEST, NULL},
    {"migrations", LK_KEY_STRINGS, CONFIG(migrations), "folders, in order of application", NULL, 0,
     0, NULL},
    {"naming", LK_KEY_STRING, CONFIG(naming), "naming convention of the files (default: auto)",
     NULL, 0, 0, NULL},
    {"fail_on", LK_KEY_CHOICE, CONFIG(fail_on),
     "the severity from which on findings fail a run (default: error)", severities, 0, 0, NULL},
    {"schema", LK_KEY_CHOICE, CONFIG(schema),
     "whether there are objects that no migration makes: open, closed, or auto (default), which "
     "looks whether the first migrations need any",
     worlds, 0, 0, NULL},
    {"rules", LK_KEY_RULES, CONFIG(rules),
     "severities and options of rules and groups: error, warning, info, off, or a mapping with "
     "severity and the rule's options",
     NULL, 0, 0, NULL},
    {"overrides", LK_KEY_OVERRIDES, CONFIG(overrides),
     "a list of what is otherwise in some files; of several for a file the last one holds", NULL, 0,
     0, override_keys},
    {"exclude", LK_KEY_STRINGS, CONFIG(exclude), "files to leave out, as globs with **", NULL, 0, 0,
     NULL},
    {"baseline", LK_KEY_STRING, CONFIG(baseline),
     "lint findings only after this version; the whole history is still replayed", NULL, 0, 0,
     NULL},
    {"baseline_file", LK_KEY_VALUE, CONFIG(baseline_file),
     "the schema at the version of `baseline`, as `pg_dump -s` writes it: an empty database is "
     "started with it instead of the migrations up to there, and lint knows the schema by it",
     NULL, 0, 0, NULL},
    {"url", LK_KEY_VALUE, CONFIG(url),
     "the database, as libpq takes it; ${VAR} is replaced, ${VAR:-word} has a default", NULL, 0, 0,
     NULL},
    {"databases", LK_KEY_TARGETS, CONFIG(databases),
     "several databases from one repository, by name (--database); each inherits what the file "
     "says",
     NULL, 0, 0, target_keys},
    {"environments", LK_KEY_TARGETS, CONFIG(environments),
     "what differs from place to place, by name (--env)", NULL, 0, 0, environment_keys},
    {"apply", LK_KEY_MAPPING, 0, "settings of the applier", NULL, 0, 0, apply_keys},
    {0},
};
