/*
 * applier/history.h
 *     What the database says was applied: one interface, one file history_<tool>.c per format.
 */
#ifndef LK_APPLIER_HISTORY_H
#define LK_APPLIER_HISTORY_H

#include "applier/conn.h"
#include "parser/changelog.h"
#include "rules/outline.h"

enum lk_history_status {
    LK_HISTORY_APPLIED,
    LK_HISTORY_FAILED,
    LK_HISTORY_SKIPPED,
    LK_HISTORY_BASELINE,
    LK_HISTORY_UNDONE,
};

struct lk_history_row {
    int64_t rank;
    enum lk_migration_kind kind;
    const char *version; /* NULL: repeatable */
    const char *description;
    const char *script;
    const char *sha256;
    int32_t flyway_checksum;
    enum lk_history_status status;
    const char *mode;
    int statements_total;
    int statements_done;
    int attempts;
    const char *when; /* ISO 8601, UTC */
    const char *who;
    const char *sqlstate; /* NULL: none */
    const char *error;
    int64_t run;
};

struct lk_history {
    LK_VEC(struct lk_history_row) rows; /* in the order of rank */
};

/* A migration as the history describes it. */
struct lk_history_entry {
    const struct lk_migration *migration;
    const char *script;
    const char *sha256;
    int32_t flyway_checksum;
    enum lk_mode mode;
    size_t statements;
    int64_t run;
};

/* A statement of a migration that is not one transaction. */
struct lk_journal_entry {
    size_t ordinal;
    const char *sha256;
    bool done;           /* else: begun, outcome to be found out */
    const char *indexes; /* that the table had before CREATE INDEX: an array of oids; or NULL */
};

struct lk_journal {
    LK_VEC(struct lk_journal_entry) entries;
};

struct lk_history_format {
    const char *name;

    /* lock_key returns the key of the advisory lock that runs exclude each other by. */
    int64_t (*lock_key)(void);

    /* load returns what is there; without a history yet, `*ret_exists` is false and there are no
     * rows. A format from a newer version of the tool is an error of code DISAGREE. */
    bool (*load)(TALLOC_CTX *mem, struct lk_conn *conn, struct lk_history *ret, bool *ret_exists,
                 struct lk_error *err);

    /* create makes the history's tables; nothing is left when it fails. */
    bool (*create)(TALLOC_CTX *mem, struct lk_conn *conn, struct lk_error *err);

    /* run_start returns the id of a new run; run_finish closes it. */
    bool (*run_start)(TALLOC_CTX *mem, struct lk_conn *conn, const char *build, const char *tool,
                      int64_t *ret_run, struct lk_error *err);
    bool (*run_finish)(TALLOC_CTX *mem, struct lk_conn *conn, int64_t run, const char *outcome,
                       const char *log, struct lk_error *err);

    /*
     * The SQL of a migration's life, to be sent along with its own:
     *   claim   at the start of a transactional one: the row as it will be; fails on a second one
     *   done    at its end
     *   begin   before the first statement of one that is not transactional; returns its rank.
     *           With a rank, that row is taken up again, for the file as it is now
     *   intent  before statement `ordinal` (from 1), which may build an index of `table`; step
     * after it, forget when it has failed and left nothing finish  after its last statement fail
     * when it stopped; without a rank, a transactional one that left nothing
     */
    char *(*claim)(TALLOC_CTX *mem, struct lk_conn *conn, const struct lk_history_entry *entry,
                   unsigned attempt);
    char *(*done)(TALLOC_CTX *mem, struct lk_conn *conn, const struct lk_history_entry *entry);
    char *(*begin)(TALLOC_CTX *mem, struct lk_conn *conn, const struct lk_history_entry *entry,
                   int64_t rank);
    char *(*intent)(TALLOC_CTX *mem, struct lk_conn *conn, int64_t rank, size_t ordinal,
                    const char *sha256, const char *table);
    char *(*step)(TALLOC_CTX *mem, struct lk_conn *conn, int64_t rank, size_t ordinal,
                  const char *sha256);
    char *(*forget)(TALLOC_CTX *mem, struct lk_conn *conn, int64_t rank, size_t ordinal);
    char *(*finish)(TALLOC_CTX *mem, struct lk_conn *conn, int64_t rank, unsigned attempts);
    char *(*fail)(TALLOC_CTX *mem, struct lk_conn *conn, const struct lk_history_entry *entry,
                  int64_t rank, unsigned attempts, const char *sqlstate, const char *error);

    /* journal returns the state of each statement of a migration that stopped half way. */
    bool (*journal)(TALLOC_CTX *mem, struct lk_conn *conn, int64_t rank, struct lk_journal *ret,
                    struct lk_error *err);
};

/* lk_history_format_find returns the format of that name ("native"), or NULL. */
const struct lk_history_format *lk_history_format_find(const char *name);

/* lk_history_status_name returns "applied", "failed" and so on. */
const char *lk_history_status_name(enum lk_history_status status);

/*
 * lk_history_find returns the newest row that a migration has, or NULL: by version, and among
 * those of one version by script; a repeatable one by description.
 */
const struct lk_history_row *lk_history_find(const struct lk_history *history,
                                             const struct lk_migration *migration,
                                             const char *script);

#endif
