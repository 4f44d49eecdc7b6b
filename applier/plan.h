/*
 * applier/plan.h
 *     What apply will do: pending migrations, their statements, transactions and timeouts.
 *
 * What was linted is what is applied: a plan holds the bytes of each file and their SHA-256, and
 * is made in the same walk as the findings.
 */
#ifndef LK_APPLIER_PLAN_H
#define LK_APPLIER_PLAN_H

#include "applier/history.h"
#include "applier/timeouts.h"
#include "rules/engine.h"

/* A statement as it will be sent. */
struct lk_plan_statement {
    size_t index;     /* from 1 */
    const char *file; /* that the migration includes, and it stands in; NULL: its own */
    uint32_t line;    /* where it starts there, from 1 */
    struct lk_span span;
    const char *kind;         /* command tag */
    struct lk_source *source; /* of all of the script, with what it includes */
    const char *sql;
    const char *data; /* the rows of a COPY FROM STDIN, in the source; NULL: none */
    size_t data_size;
    char sha256[LK_SHA256_HEX_SIZE];
    bool control;        /* BEGIN or COMMIT of the file's own: a border, not work */
    bool setting;        /* SET: done again when a stopped migration goes on */
    bool opening;        /* SET TRANSACTION: nothing of ours may come before it */
    bool in_transaction; /* sent inside a transaction block */
    enum lk_stmt_class class;
    struct lk_timeouts said;     /* what the file has SET before it */
    struct lk_timeouts timeouts; /* that it is sent with */
    bool unsettles;              /* it may have changed settings, whatever the plan knows */
    bool resets;                 /* RESET ALL, DISCARD ALL: ours, too */
    struct lk_effects effects;
};

/* What is sent together: statements [first, first + count) of the migration. */
struct lk_plan_step {
    size_t first;
    size_t count;
    bool transaction;
    bool may_commit;   /* DO or CALL alone: may end the transaction, and is then run without one */
    bool read_only;    /* the file says so: nothing of ours can be written in it */
    bool rollback;     /* the file takes it back itself */
    const char *begin; /* the file's own BEGIN, with its options; NULL: ours */
};

struct lk_plan_migration {
    const struct lk_migration *migration;
    const char *script;       /* what the history knows it by */
    struct lk_source *source; /* with what it includes */
    char sha256[LK_SHA256_HEX_SIZE];
    char fingerprint[LK_SHA256_HEX_SIZE];
    int32_t flyway_checksum;
    int64_t undoes; /* the rank of the row that it takes back; 0: it is a step forwards */
    enum lk_mode mode;
    size_t prepares; /* the statement that is PREPARE TRANSACTION; 0: none */
    bool may_leak;   /* it may leave something behind in the session */
    LK_VEC(struct lk_plan_statement) statements;
    LK_VEC(struct lk_plan_step) steps; /* of one that is not transactional; else one step */
};

/* A script that goes with the run. */
struct lk_plan_hook {
    enum lk_hook_event event;
    bool always; /* also where no migration is pending */
    struct lk_plan_migration script;
};

struct lk_plan {
    TALLOC_CTX *mem;
    const char *database; /* "user@host:port/database"; NULL: made without one */
    const char *system_identifier;
    char history_sha256[LK_SHA256_HEX_SIZE]; /* of what was applied; empty without a database */
    LK_VEC(struct lk_plan_migration) migrations;
    LK_VEC(struct lk_plan_hook) hooks;
    char sha256[LK_SHA256_HEX_SIZE]; /* of all of the above */
};

struct lk_plan_options {
    struct lk_timeouts timeouts[LK_STMT_COUNT];
    bool (*is_pending)(void *data, const struct lk_migration *migration);
    void *data;
};

/* A plan under construction: give `visitor` to lk_engine_walk, then finish. */
struct lk_planner {
    struct lk_plan *plan;
    struct lk_plan_options options;
    struct lk_visitor visitor;
    struct lk_plan_migration *current;
};

/* lk_planner_start returns a planner whose plan lives in `mem`; it must not be copied after. */
struct lk_planner *lk_planner_start(TALLOC_CTX *mem, const struct lk_plan_options *options);

/* lk_plan_has_work returns whether there is anything to carry out. */
bool lk_plan_has_work(const struct lk_plan *plan);

/*
 * lk_plan_check_hooks refuses, of code INPUT, a script before or after each migration that cannot
 * be part of its transaction.
 */
bool lk_plan_check_hooks(const struct lk_plan *plan, struct lk_error *err) LK_MUST_CHECK;

/* lk_planner_finish returns the plan with its checksum. */
struct lk_plan *lk_planner_finish(struct lk_planner *planner);

/* lk_plan_script returns what the history knows a migration by: its path within its folder, with
 * the folder's title in front when the changelog has several folders. */
char *lk_plan_script(TALLOC_CTX *mem, const struct lk_changelog *changelog,
                     const struct lk_migration *migration);

/*
 * lk_plan_opening returns how many statements of a step have to come before the transaction's first
 * query: SET TRANSACTION, and what stands in front of it.
 */
size_t lk_plan_opening(const struct lk_plan_migration *migration, const struct lk_plan_step *step);

/* lk_timeout_text returns a timeout as PostgreSQL shows it: "5s", "500ms", "0". */
char *lk_timeout_text(TALLOC_CTX *mem, int64_t ms);

#endif
