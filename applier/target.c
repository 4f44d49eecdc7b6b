/*
 * applier/target.c
 *     A database to work on: see target.h.
 */
#include "applier/target.h"

#include "applier/conn_private.h"
#include "applier/sql.h"
#include "parser/base/buf.h"

/* ask returns who the server is: with its cluster's identifier, where the role may ask for that. */
static PGresult *
ask(TALLOC_CTX *mem, struct lk_conn *conn, struct lk_server_error *ret)
{
    static const char *const systems[] = {
        "(SELECT system_identifier FROM pg_catalog.pg_control_system())", "NULL"};
    PGresult *result = NULL;

    for (size_t i = 0; i < LK_ARRAY_SIZE(systems) && result == NULL; i++) {
        if (i > 0 && strcmp(ret->sqlstate, "42501") != 0)
            break;
        result = lk_conn_exec(
            mem, conn,
            lk_fmt(mem, "SELECT target.*, %s FROM (%s) AS target", systems[i], lk_sql_target), ret);
    }
    return result;
}

/* identify asks who the server is. */
static bool
identify(TALLOC_CTX *mem, struct lk_target *target, struct lk_error *err)
{
    struct lk_server_error error;
    PGresult *result LK_CLEANUP(lk_result_clear) = ask(mem, target->conn, &error);

    if (result == NULL)
        return lk_fail(err, LK_ERR_CONNECT, "cannot identify the database: %s", error.message);
    target->database = lk_strdup(mem, PQgetvalue(result, 0, 0));
    target->standby = strcmp(PQgetvalue(result, 0, 1), "t") == 0;
    target->read_only = strcmp(PQgetvalue(result, 0, 2), "t") == 0;
    target->role = lk_strdup(mem, PQgetvalue(result, 0, 3));
    target->user = lk_strdup(mem, PQgetvalue(result, 0, 4));
    target->schema = PQgetisnull(result, 0, 5) ? NULL : lk_strdup(mem, PQgetvalue(result, 0, 5));
    target->timeline =
        PQgetisnull(result, 0, 6) ? 0 : (int)strtol(PQgetvalue(result, 0, 6), NULL, 10);
    if (!PQgetisnull(result, 0, 7))
        target->system_identifier = lk_strdup(mem, PQgetvalue(result, 0, 7));
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

enum lk_target_move
lk_target_moved(const struct lk_target *target)
{
    const struct lk_history_server *known = &target->history.server;

    if (known->system_identifier != NULL && target->system_identifier != NULL &&
        strcmp(known->system_identifier, target->system_identifier) != 0)
        return LK_TARGET_COPIED;
    return known->timeline != 0 && target->timeline != 0 && known->timeline != target->timeline
               ? LK_TARGET_SWITCHED
               : LK_TARGET_SAME;
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
