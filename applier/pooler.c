/*
 * applier/pooler.c
 *     Poolers: see pooler.h.
 *
 * A pooler answers the start of a session itself, with a process id of its own making. Whether it
 * lends out backends by the transaction shows when a second client, the guest, gets the backend
 * that the first one has just used, or the first one another. Where others use the pool as well,
 * that takes luck: so it is tried often. A guest that gets no answer may be one too many for a pool
 * of mode session, or stand in a queue; in a queue we would stand behind it. Source: PgBouncer
 * documentation, pool_mode and server_round_robin; clients that wait are served in the order in
 * which they came.
 */
#include "applier/pooler.h"

#include <poll.h>

#include "applier/conn_private.h"

#define TRIES 16
#define PATIENCE_MS 500

/* backend_pid asks for the process id of the backend that answers; 0 with `err` on failure. */
static int
backend_pid(TALLOC_CTX *mem, struct lk_conn *conn, struct lk_error *err)
{
    PGresult *result LK_CLEANUP(lk_result_clear) =
        lk_conn_query(mem, conn, "SELECT pg_catalog.pg_backend_pid()", NULL, 0, err);

    return result == NULL ? 0 : (int)strtol(PQgetvalue(result, 0, 0), NULL, 10);
}

static bool
refuse(TALLOC_CTX *mem, const struct lk_conn *conn, struct lk_error *err)
{
    lk_fail(err, LK_ERR_CONNECT,
            "%s is reached through a pooler that lends out backends by the transaction: a run "
            "cannot hold its lock there",
            lk_conn_target(mem, conn));
    return lk_error_hint(err, "Connect to the server itself, or to a pool of mode session.");
}

/*
 * hear_guest is backend_pid of the guest, who has asked already; 0 where no answer comes in time,
 * which may come later.
 */
static int
hear_guest(struct lk_conn *guest, int patience_ms)
{
    int pid = 0;

    while (PQisBusy(guest->pg)) {
        struct pollfd ready = {.fd = PQsocket(guest->pg), .events = POLLIN};
        if (poll(&ready, 1, patience_ms) <= 0 || !PQconsumeInput(guest->pg))
            return 0;
    }
    for (PGresult *result; (result = PQgetResult(guest->pg)) != NULL; PQclear(result))
        if (PQresultStatus(result) == PGRES_TUPLES_OK)
            pid = (int)strtol(PQgetvalue(result, 0, 0), NULL, 10);
    return pid;
}

/*
 * is_lent returns whether our backend, `pid`, turns out not to be ours alone; `*ret_ok` is false
 * when the connection broke over it, with `err`.
 */
static bool
is_lent(TALLOC_CTX *mem, struct lk_conn *conn, struct lk_conn *guest, int pid, bool *ret_ok,
        struct lk_error *err)
{
    *ret_ok = true;
    for (int i = 0; i < TRIES; i++) {
        if (!PQsendQuery(guest->pg, "SELECT pg_catalog.pg_backend_pid()"))
            return false;
        int guests = hear_guest(guest, PATIENCE_MS);
        int now = backend_pid(mem, conn, err);
        *ret_ok = now != 0;
        if (now != 0 && guests == 0) /* it asked before we did */
            guests = hear_guest(guest, 0);
        if (now == 0 || now != pid || guests == pid)
            return now != 0;
        if (guests == 0)
            return false;
    }
    return false;
}

bool
lk_pooler_check(struct lk_conn *conn, struct lk_error *err)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    struct lk_conn_options options = {.url = conn->options.url, .aside = true};
    int pid = backend_pid(scratch, conn, err);
    bool known;

    if (pid == 0)
        return false;
    if (pid == PQbackendPID(conn->pg))
        return true;
    struct lk_conn *guest = lk_conn_open(scratch, &options, err);
    if (guest == NULL)
        return false;
    if (is_lent(scratch, conn, guest, pid, &known, err))
        return refuse(scratch, conn, err);
    return known;
}
