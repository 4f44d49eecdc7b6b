/*
 * applier/leaks.c
 *     What a migration leaves behind: see leaks.h.
 */
#include "applier/leaks.h"

#include "applier/guard.h"
#include "applier/sql.h"

/* tell says of a migration what its session was left with, or without. */
static void
tell(struct lk_work *work, const char *what)
{
    struct lk_events *events = &work->executor->events;

    if (events->notice != NULL)
        events->notice(events->data, "WARNING",
                       lk_fmt(work->mem, "%s %s", work->migration->script, what));
}

/* first_result sends several queries as one message, and returns what the first has to say; NULL
 * where one of them fails. */
static PGresult *
first_result(struct lk_conn *conn, const char *sql)
{
    PGresult *first = NULL, *result;
    bool failed = PQsendQuery(conn->pg, sql) == 0;

    while ((result = PQgetResult(conn->pg)) != NULL) {
        ExecStatusType status = PQresultStatus(result);
        failed |= status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK;
        if (first == NULL)
            first = result;
        else
            PQclear(result);
    }
    if (!failed)
        return first;
    PQclear(first);
    return NULL;
}

/* restore returns what was left in the session, whose settings are put back; NULL: nobody knows. */
static PGresult *
restore(struct lk_work *work)
{
    struct lk_conn *conn = work->executor->conn;
    struct lk_server_error unheard;
    const char *params[] = {
        conn->guarded,
        work->executor->role,
        lk_fmt(work->mem, "%lld", (long long)work->executor->format->lock_key(conn)),
        work->executor->user,
    };
    char *find = lk_conn_fill(work->mem, conn, lk_sql_leaks, params, LK_ARRAY_SIZE(params));
    PGresult *left = first_result(conn, lk_fmt(work->mem, "%s;\n%s", find, conn->restore));

    if (left == NULL) /* it may not be allowed to look, as what it has become, or not for so long */
        PQclear(lk_conn_exec(work->mem, conn, conn->restore, &unheard));
    return left;
}

/* is_lock returns whether a row says that the run's lock is gone. */
static bool
is_lock(const PGresult *left, int row)
{
    return PQgetisnull(left, row, 1);
}

/* list returns what is left in words: "setting search_path, role app"; "" where nothing is. */
static const char *
list(struct lk_work *work, const PGresult *left)
{
    struct lk_buf text = lk_buf_init(work->mem);

    for (int row = 0; row < PQntuples(left); row++) {
        if (is_lock(left, row))
            continue;
        lk_buf_sep(&text, ", ");
        lk_buf_addf(&text, "%s %s", PQgetvalue(left, row, 0), PQgetvalue(left, row, 1));
    }
    return text.len > 0 ? text.data : "";
}

void
lk_leaks_clear(struct lk_work *work)
{
    struct lk_executor *executor = work->executor;
    struct lk_server_error unheard;
    struct lk_error ignored = {0};

    PGresult *left LK_CLEANUP(lk_result_clear) = restore(work);
    bool lost = left == NULL;
    const char *words = list(work, left);
    if (words[0] != '\0')
        tell(work, lk_fmt(work->mem, "left %s: put back", words));
    for (int row = 0; row < PQntuples(left); row++) {
        lost |= is_lock(left, row);
        if (!PQgetisnull(left, row, 2))
            PQclear(lk_conn_exec(work->mem, executor->conn, PQgetvalue(left, row, 2), &unheard));
    }
    if (lost && executor->hold(executor, &lost, &ignored) && lost)
        tell(work, "gave up the run's lock: it is held again");
    lk_error_clear(&ignored);
}
