/*
 * applier/conn.h
 *     One connection to the server, opened with care for secrets.
 */
#ifndef LK_APPLIER_CONN_H
#define LK_APPLIER_CONN_H

#include "parser/base/err.h"
#include "parser/base/mem.h"

typedef void lk_notice_fn(void *data, const char *severity, const char *message);

struct lk_conn_options {
    const char *url; /* as libpq takes it; NULL: PG* variables and defaults */
    lk_notice_fn *notice;
    void *data;
    bool aside; /* it only looks: nothing is set, and an interrupt does not cancel what it does */
    /* how long the server lets the session go on; 0: without end */
    int64_t transaction_ms; /* from 17 on */
    int64_t idle_in_transaction_ms;
    int64_t idle_ms;
    const char *schema;        /* first in search_path, and home of the history; NULL: as it is */
    const char *history_table; /* of a history that may lie in any table; NULL: the usual one */
};

struct lk_conn; /* conn_private.h */

/*
 * lk_conn_open connects. The connection lives as long as `mem`. Errors are of code CONNECT and hold
 * no secret; with an SQLSTATE they pass: the server is full, or not ready yet.
 */
struct lk_conn *lk_conn_open(TALLOC_CTX *mem, const struct lk_conn_options *options,
                             struct lk_error *err);

/* lk_conn_target returns "user@host:port/database" for people: no secret in it. */
char *lk_conn_target(TALLOC_CTX *mem, const struct lk_conn *conn);

/* lk_conn_server_version returns the server's version as a number: 150020. */
int lk_conn_server_version(const struct lk_conn *conn);

#endif
