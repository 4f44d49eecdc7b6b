/*
 * applier/conn_private.h
 *     Queries on a connection, for the files of applier/.
 *
 * The applier speaks the simple protocol: a statement that was prepared and bound inside an open
 * transaction keeps its snapshot, which makes every CREATE INDEX CONCURRENTLY in the database wait.
 */
#ifndef LK_APPLIER_CONN_PRIVATE_H
#define LK_APPLIER_CONN_PRIVATE_H

#include "applier/conn.h"
#include "applier/libpq.h"

struct lk_watch;

struct lk_conn {
    PGconn *pg;
    struct lk_conn_options options;
    const char *guarded;      /* the settings that we have laid ours over: an array */
    const char *guards;       /* what lays our settings over the session's; see guard.h */
    const char *restore;      /* the same behind a migration, with all else it may have changed */
    int backend;              /* its process id, which a pooler in between keeps to itself */
    const char *sending;      /* the message under way; NULL: none, or none of a migration */
    struct lk_spans *secrets; /* of that; NULL: nobody needed them yet */
    struct lk_watch *watch;   /* that looks while messages are under way; NULL: none does */
    char *startup;            /* options of its startup, on top of those of the conninfo; or NULL */
    char *history_schema;     /* of a history that may lie in any, once it was looked for */
    bool history_schema_there;
    char *history; /* its table, as SQL names it */
};

/* What the server said against a statement; strings live in the context given. */
struct lk_server_error {
    char sqlstate[6]; /* empty: the connection broke */
    const char *message;
    const char *detail;
    const char *hint;
    const char *schema; /* of the object that it is about; NULL: not said */
    int position;       /* in characters of the query, from 1; 0: none */
};

/* lk_conn_sends notes which message is under way, so that no notice tells its secrets; NULL: none.
 */
void lk_conn_sends(struct lk_conn *conn, const char *sql);

/* lk_conn_reopen connects anew after the connection broke. */
bool lk_conn_reopen(struct lk_conn *conn, struct lk_error *err) LK_MUST_CHECK;

/* lk_conn_is_broken returns whether the connection can no longer be used. */
bool lk_conn_is_broken(const struct lk_conn *conn);

/*
 * lk_conn_exec runs a query without parameters and returns its last result (to be cleared), or NULL
 * with `ret` filled.
 */
PGresult *lk_conn_exec(TALLOC_CTX *mem, struct lk_conn *conn, const char *sql,
                       struct lk_server_error *ret);

/*
 * lk_conn_query is lk_conn_exec with text parameters, which are quoted into the query so that it
 * stays a simple one; it fails with an error made of the server's words.
 */
PGresult *lk_conn_query(TALLOC_CTX *mem, struct lk_conn *conn, const char *sql,
                        const char *const *params, size_t count, struct lk_error *err);

/*
 * lk_conn_query_within is lk_conn_query for a connection that may get no answer, behind a pooler
 * that has no backend left: NULL when none has come for that long. The connection is of no use
 * then.
 */
PGresult *lk_conn_query_within(TALLOC_CTX *mem, struct lk_conn *conn, const char *sql,
                               const char *const *params, size_t count, int patience_ms);

/* lk_conn_fill returns a query with its parameters $1 to $9 quoted into it. */
char *lk_conn_fill(TALLOC_CTX *mem, struct lk_conn *conn, const char *sql,
                   const char *const *params, size_t count);

/* lk_conn_fill_table is lk_conn_fill of a query in which `history_table` stands for a table. */
char *lk_conn_fill_table(TALLOC_CTX *mem, struct lk_conn *conn, const char *sql, const char *table,
                         const char *const *params, size_t count);

/* lk_conn_error returns what a failed result says. */
struct lk_server_error lk_conn_error(TALLOC_CTX *mem, const struct lk_conn *conn,
                                     const PGresult *result);

/*
 * lk_conn_literal returns a string constant for this connection; NULL gives NULL. In what is not
 * UTF-8 all that is not ASCII becomes question marks: what has to stay itself is checked before.
 */
char *lk_conn_literal(TALLOC_CTX *mem, struct lk_conn *conn, const char *text);

/* lk_result_clear clears a result: for LK_CLEANUP(lk_result_clear). */
void lk_result_clear(PGresult **result);

#endif
