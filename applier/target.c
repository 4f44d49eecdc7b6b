/*
 * applier/target.c
 *     A database to work on: see target.h.
 */
#include "applier/target.h"

#include "applier/conn_private.h"
#include "applier/sql.h"
#include "parser/base/buf.h"

/* identify asks who the server is; pg_control_system() is not for every role. */
static bool
identify(TALLOC_CTX *mem, struct lk_target *target, struct lk_error *err)
{
    struct lk_server_error error;
    PGresult *result LK_CLEANUP(lk_result_clear) =
        lk_conn_exec(mem, target->conn, lk_sql_target, &error);

    if (result == NULL && strcmp(error.sqlstate, "42501") == 0) {
        static const char without[] =
            "SELECT pg_catalog.current_database(), NULL, pg_catalog.pg_is_in_recovery(),"
            " pg_catalog.current_setting('default_transaction_read_only')"
            " OPERATOR(pg_catalog.=) 'on',"
            " CASE WHEN pg_catalog.current_setting('role') OPERATOR(pg_catalog.=) 'none' THEN "
            "'NONE'"
            " ELSE pg_catalog.quote_ident(pg_catalog.current_setting('role')) END,"
            " session_user, pg_catalog.current_schema()";
        result = lk_conn_exec(mem, target->conn, without, &error);
    }
    if (result == NULL)
        return lk_fail(err, LK_ERR_CONNECT, "cannot identify the database: %s", error.message);
    target->database = lk_strdup(mem, PQgetvalue(result, 0, 0));
    target->system_identifier =
        PQgetisnull(result, 0, 1) ? NULL : lk_strdup(mem, PQgetvalue(result, 0, 1));
    target->standby = strcmp(PQgetvalue(result, 0, 2), "t") == 0;
    target->read_only = strcmp(PQgetvalue(result, 0, 3), "t") == 0;
    target->role = lk_strdup(mem, PQgetvalue(result, 0, 4));
    target->user = lk_strdup(mem, PQgetvalue(result, 0, 5));
    target->schema = PQgetisnull(result, 0, 6) ? NULL : lk_strdup(mem, PQgetvalue(result, 0, 6));
    return true;
}

struct lk_target *
lk_target_open(TALLOC_CTX *mem, const struct lk_conn_options *options,
               const struct lk_history_format *format, struct lk_error *err)
{
    struct lk_target *target = lk_new(mem, struct lk_target);

    target->format = format;
    target->conn = lk_conn_open(target, options, err);
    if (target->conn == NULL)
        return NULL;
    target->name = lk_conn_target(target, target->conn);
    if (!identify(target, target, err) || !lk_target_reload(target, target, err))
        return NULL;
    return target;
}

bool
lk_target_reload(TALLOC_CTX *mem, struct lk_target *target, struct lk_error *err)
{
    return target->format->load(mem, target->conn, &target->history, &target->age, err);
}

void
lk_target_history_sha256(const struct lk_target *target, char hex[LK_SHA256_HEX_SIZE])
{
    struct lk_buf text = lk_buf_init(NULL);

    lk_vec_foreach(row, &target->history.rows)
        if (row->status != LK_HISTORY_FAILED && row->by_checksum)
            lk_buf_addf(&text, "%s %d %s\n", row->script, row->flyway_checksum,
                        lk_history_status_name(row->status));
        else if (row->status != LK_HISTORY_FAILED)
            lk_buf_addf(&text, "%s %s %s\n", row->script, row->sha256,
                        lk_history_status_name(row->status));
    lk_sha256(text.data, text.len, hex);
    talloc_free(text.data);
}
