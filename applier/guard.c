/*
 * applier/guard.c
 *     Settings of a session of ours: see guard.h.
 *
 * They are set, and set again, instead of being given as startup options: PgBouncer refuses those.
 */
#include "applier/guard.h"

#include "parser/base/buf.h"

static const struct {
    const char *name;
    const char *value;
} guards[] = {
#define LK_GUARD(name, value, why) {name, value},
#include "applier/guards.def"
#undef LK_GUARD
};

/* The only one that the server may have, and refuse: where the platform cannot watch a socket. */
#define NOT_EVERYWHERE "client_connection_check_interval"

/* value_of returns a setting's value: what the options say where they are named. */
static const char *
value_of(TALLOC_CTX *mem, const struct lk_conn_options *options, const char *value)
{
    const struct {
        const char *name;
        int64_t ms;
    } given[] = {
        {"$transaction", options->transaction_ms},
        {"$idle_in_transaction", options->idle_in_transaction_ms},
        {"$idle", options->idle_ms},
    };

    for (size_t i = 0; i < LK_ARRAY_SIZE(given); i++)
        if (strcmp(value, given[i].name) == 0)
            return lk_fmt(mem, "%lldms", (long long)given[i].ms);
    return value;
}

/* query_of returns what sets them, but for those that the connection string itself sets. */
static char *
query_of(TALLOC_CTX *mem, const struct lk_conn_options *options, bool all)
{
    struct lk_buf sql = lk_buf_init(mem);

    lk_buf_add(&sql, "SELECT s.name, pg_catalog.set_config(s.name, wanted.value, false)"
                     " FROM (VALUES ");
    for (size_t i = 0, count = 0; i < LK_ARRAY_SIZE(guards); i++)
        if (all || strcmp(guards[i].name, NOT_EVERYWHERE) != 0)
            lk_buf_addf(&sql, "%s('%s', '%s')", count++ > 0 ? ", " : "", guards[i].name,
                        value_of(mem, options, guards[i].value));
    lk_buf_add(&sql, ") AS wanted (name, value) JOIN pg_catalog.pg_settings s"
                     " ON s.name OPERATOR(pg_catalog.=) wanted.name"
                     " WHERE s.source OPERATOR(pg_catalog.<>) 'client'");
    return sql.data;
}

bool
lk_guard_set(struct lk_conn *conn)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    struct lk_buf again = lk_buf_init(conn), names = lk_buf_init(conn);
    PGresult *result = PQexec(conn->pg, query_of(scratch, &conn->options, true));

    if (PQresultStatus(result) != PGRES_TUPLES_OK) {
        PQclear(result);
        result = PQexec(conn->pg, query_of(scratch, &conn->options, false));
    }
    for (int row = 0; row < PQntuples(result); row++) {
        lk_buf_addf(&names, "%c%s", row == 0 ? '{' : ',', PQgetvalue(result, row, 0));
        lk_buf_addf(&again, "%s pg_catalog.set_config('%s', '%s', false)",
                    row == 0 ? "SELECT" : ",", PQgetvalue(result, row, 0),
                    PQgetvalue(result, row, 1));
    }
    bool set = PQresultStatus(result) == PGRES_TUPLES_OK;
    PQclear(result);
    conn->guarded = names.len > 0 ? lk_fmt(conn, "%s}", names.data) : "{}";
    conn->guards = again.len > 0 ? again.data : "SELECT";
    conn->restore = lk_fmt(conn, "RESET SESSION AUTHORIZATION; RESET ROLE; RESET ALL; %s",
                           conn->guards); /* RESET ALL spares the role */
    return set;
}
