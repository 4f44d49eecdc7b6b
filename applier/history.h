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
    LK_HISTORY_DELETED, /* applied, and its file taken away for good */
};

/* What of a history is there. */
enum lk_history_age {
    LK_HISTORY_NONE,
    LK_HISTORY_OLD, /* of an older version of the tool: it can be read */
    LK_HISTORY_CURRENT,
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
    int statements_begun;    /* of one that failed: what its journal holds */
    const char *fingerprint; /* see lk_fingerprint; NULL: not known */
    const char *reason;      /* that a person gave for its status; or NULL */
    int64_t undoes;          /* the rank of the row that this one takes back; 0: none */
    /* of histories that other tools write, too: */
    bool by_checksum;  /* the file is compared by Flyway's checksum; sha256 may be empty */
    bool has_checksum; /* there is one */
    bool elsewhere;    /* carried out by a program, not by a file of SQL */
    bool unclear;      /* it failed, and how far it came is not recorded */
};

/* A server, as a history knows it. */
struct lk_history_server {
    const char *system_identifier; /* NULL: not known, as the role may not ask */
    int timeline;                  /* 0: not known */
    int64_t run;                   /* that has written it down */
    const char *since;
};

struct lk_history {
    struct lk_history_server server;    /* that it was written on the last time */
    LK_VEC(struct lk_history_row) rows; /* in the order of rank */
    const char *instead; /* without rows: the format that the database's history is in; or NULL */
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
    const char *fingerprint;
    const char *reason; /* or NULL */
    int64_t undoes;     /* the rank of the row that it takes back; 0: none */
    const char *when;   /* it was carried out, with the time zone; NULL: now */
    const char *who;    /* carried it out; NULL: this session */
};

/* A run as the history describes it. */
struct lk_history_run {
    int64_t id;
    const char *command; /* "apply", "repair", ... */
    const char *build_number;
    const char *tool; /* name and version */
    const char *host;
    const char *who;
    const char *started;  /* ISO 8601, UTC */
    const char *finished; /* NULL: it goes on, or its end was not heard of */
    const char *outcome;  /* "success", "failure", "interrupted", or NULL as above */
    int64_t migrations;   /* with rows of it */
    const char *log;      /* NULL: not asked for */
    const struct lk_history_server *server; /* of one that starts: to be written down; or NULL */
};

struct lk_history_runs {
    LK_VEC(struct lk_history_run) items; /* the newest first */
};

/* What a run has to say of one migration. */
struct lk_history_log {
    const char *script;
    const char *text;
};

struct lk_history_logs {
    LK_VEC(struct lk_history_log) items;
};

/* A statement of a migration that is not one transaction. */
struct lk_journal_entry {
    size_t ordinal;
    const char *sha256;
    bool done;           /* else: begun, outcome to be found out */
    int backend;         /* that is still at it; 0: none, or our own */
    const char *indexes; /* that the table had before CREATE INDEX: an array of oids; or NULL */
};

struct lk_journal {
    LK_VEC(struct lk_journal_entry) entries;
};

struct lk_history_format {
    const char *name;
    const char *naming;      /* the only convention whose files it can hold; NULL: any */
    const char *no_skipping; /* why it has no room for what is not to be carried out; or NULL */

    /* lock_key returns the key of the advisory lock that runs exclude each other by, of a history
     * that was loaded. */
    int64_t (*lock_key)(const struct lk_conn *conn);

    /* load returns what is there; without a history yet, there are no rows. A format from a newer
     * version of the tool is an error of code DISAGREE. */
    bool (*load)(TALLOC_CTX *mem, struct lk_conn *conn, struct lk_history *ret,
                 enum lk_history_age *ret_age, struct lk_error *err);

    /* create makes the history's tables, or brings old ones up to date, under the run's lock;
     * nothing is changed when it fails. */
    bool (*create)(TALLOC_CTX *mem, struct lk_conn *conn, enum lk_history_age age,
                   struct lk_error *err);

    /* run_start opens a run, as of its command, build number, tool and, where the role may do that,
     * server, and returns its id. */
    bool (*run_start)(TALLOC_CTX *mem, struct lk_conn *conn, const struct lk_history_run *run,
                      int64_t *ret_run, struct lk_error *err);

    /* run_finish is the SQL that closes it, with what it has to say of migrations. */
    char *(*run_finish)(TALLOC_CTX *mem, struct lk_conn *conn, int64_t run, const char *outcome,
                        const char *log, const struct lk_history_logs *logs);

    /* runs returns the run of an id, with its log, or with 0 all of them. */
    bool (*runs)(TALLOC_CTX *mem, struct lk_conn *conn, enum lk_history_age age, int64_t id,
                 struct lk_history_runs *ret, struct lk_error *err);

    /*
     * The SQL of a migration's life, to be sent along with its own:
     *   claim   at the start of a transactional one: the row as it will be; fails on a second one.
     *           With `undoes`, also on a row that is not applied any more
     *   done    at its end
     *   begin   before the first statement of one that is not transactional; returns its rank.
     *           With a rank, that row is taken up again, for the file as it is now
     *   intent  before statement `ordinal` (from 1), which may build an index of `table`; step
     * after it, forget when it has failed and left nothing finish  after its last statement fail
     * when it stopped; without a rank, a transactional one that left nothing. NULL: nothing
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
    char *(*finish)(TALLOC_CTX *mem, struct lk_conn *conn, const struct lk_history_entry *entry,
                    int64_t rank, unsigned attempts);
    char *(*fail)(TALLOC_CTX *mem, struct lk_conn *conn, const struct lk_history_entry *entry,
                  int64_t rank, unsigned attempts, const char *sqlstate, const char *error);

    /*
     * The SQL of what people say of a migration:
     *   record  a row of that status, with the entry's reason
     *   mark    the row of that rank gets a status, and the entry's reason, run and checksums
     *   accept  it gets the entry's checksums
     *   remove  it goes
     */
    char *(*record)(TALLOC_CTX *mem, struct lk_conn *conn, const struct lk_history_entry *entry,
                    enum lk_history_status status);
    char *(*mark)(TALLOC_CTX *mem, struct lk_conn *conn, const struct lk_history_entry *entry,
                  int64_t rank, enum lk_history_status status);
    char *(*accept)(TALLOC_CTX *mem, struct lk_conn *conn, const struct lk_history_entry *entry,
                    int64_t rank);
    char *(*remove)(TALLOC_CTX *mem, struct lk_conn *conn, int64_t rank);

    /* journal returns the state of each statement of a migration that stopped half way. */
    bool (*journal)(TALLOC_CTX *mem, struct lk_conn *conn, int64_t rank, struct lk_journal *ret,
                    struct lk_error *err);
};

/* lk_history_format_find returns the format of that name ("native"), or NULL. */
const struct lk_history_format *lk_history_format_find(const char *name);

/* lk_history_status_name returns "applied", "failed" and so on. */
const char *lk_history_status_name(enum lk_history_status status);

/*
 * lk_history_find returns the newest row that a migration has, or NULL: by script, else by version
 * among those of its folder, else by the script as it was while there was no other folder.
 */
const struct lk_history_row *lk_history_find(const struct lk_history *history,
                                             const struct lk_migration *migration,
                                             const char *script);

/* lk_history_at returns the row of that rank, or NULL. */
const struct lk_history_row *lk_history_at(const struct lk_history *history, int64_t rank);

/* lk_history_find_undo returns the newest row that takes the one of that rank back, or NULL. */
const struct lk_history_row *lk_history_find_undo(const struct lk_history *history, int64_t rank);

/* lk_history_is_half returns whether a row stands for a migration that stopped part way. */
bool lk_history_is_half(const struct lk_history_row *row);

#endif
