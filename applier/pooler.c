/*
 * applier/pooler.c
 *     Poolers: see pooler.h.
 *
 * A pooler answers the start of a session itself, with a process id of its own making. Whether it
 * lends out backends by the transaction shows when a second client gets the backend that the first
 * one has just used, or the first one another.
 * Source: PgBouncer documentation, pool_mode and server_round_robin.
 */
#include "applier/pooler.h"

#include <poll.h>

#include "applier/conn_private.h"

#define TRIES 4
#define PATIENCE_MS 2000

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
 * guest_pid is backend_pid of the second client, 0 where no answer comes: a pool of mode session
 * may have no backend left for it.
 */
static int
guest_pid(struct lk_conn *guest)
{
    int pid = 0;

    if (!PQsendQuery(guest->pg, "SELECT pg_catalog.pg_backend_pid()"))
        return 0;
    while (PQisBusy(guest->pg)) {
        struct pollfd ready = {.fd = PQsocket(guest->pg), .events = POLLIN};
        if (poll(&ready, 1, PATIENCE_MS) <= 0 || !PQconsumeInput(guest->pg))
            return 0;
    }
    for (PGresult *result; (result = PQgetResult(guest->pg)) != NULL; PQclear(result))
        if (PQresultStatus(result) == PGRES_TUPLES_OK)
            pid = (int)strtol(PQgetvalue(result, 0, 0), NULL, 10);
    return pid;
}

bool
lk_pooler_check(struct lk_conn *conn, struct lk_error *err)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    struct lk_conn_options options = {.url = conn->options.url, .aside = true};
    int pid = backend_pid(scratch, conn, err);

    if (pid == 0)
        return false;
    if (pid == PQbackendPID(conn->pg))
        return true;
    struct lk_conn *guest = lk_conn_open(scratch, &options, err);
    if (guest == NULL)
        return false;
    for (int i = 0; i < TRIES; i++) {
        int guests = guest_pid(guest);
        int now = backend_pid(scratch, conn, err);
        if (now == 0)
            return false;
        if (guests == pid || now != pid)
            return refuse(scratch, conn, err);
        if (guests == 0)
            return true;
    }
    return true;
}
