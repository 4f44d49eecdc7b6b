/*
 * applier/trace.c
 *     What a statement has left in the catalog: see trace.h.
 */
#include "applier/trace.h"

#include "applier/conn_private.h"
#include "applier/sql.h"
#include "parser/base/buf.h"

/* relations_array returns the relations that a statement locks, as an array of text. */
static char *
relations_array(TALLOC_CTX *mem, const struct lk_effects *effects)
{
    struct lk_buf array = lk_buf_init(mem);

    lk_buf_addc(&array, '{');
    lk_vec_foreach(lock, &effects->locks) {
        lk_buf_add(&array, array.len > 1 ? ",\"" : "\"");
        for (const char *at = lock->relation; *at != '\0'; at++) {
            if (*at == '"' || *at == '\\')
                lk_buf_addc(&array, '\\');
            lk_buf_addc(&array, *at);
        }
        lk_buf_addc(&array, '"');
    }
    lk_buf_addc(&array, '}');
    return array.data;
}

bool
lk_trace_find(TALLOC_CTX *mem, struct lk_conn *conn, const struct lk_plan_statement *statement,
              const struct lk_journal_entry *entry, struct lk_trace *ret, struct lk_error *err)
{
    const struct lk_effects *effects = &statement->effects;
    const char *params[3] = {NULL};
    const char *sql;

    *ret = (struct lk_trace){.done = entry->done, .forward = effects->detached != NULL};
    if (entry->done || !effects->concurrently)
        return true;
    if (effects->indexed_table != NULL) {
        sql = lk_sql_trace_create_index;
        params[0] = effects->indexed_table;
        params[1] = entry->indexes;
        params[2] = effects->created_index;
    } else if (effects->dropped_index != NULL) {
        sql = lk_sql_trace_drop_index;
        params[0] = effects->dropped_index;
    } else if (effects->detached != NULL) {
        sql = lk_sql_trace_detach;
        params[0] = effects->detached;
    } else {
        sql = lk_sql_trace_reindex;
        params[0] = relations_array(mem, effects);
    }
    PGresult *result LK_CLEANUP(lk_result_clear) =
        lk_conn_query(mem, conn, sql, params, LK_ARRAY_SIZE(params), err);
    if (result == NULL)
        return false;
    for (int row = 0; row < PQntuples(result); row++) {
        if (PQgetisnull(result, row, 0))
            ret->done = true;
        else
            lk_vec_push(mem, &ret->cures, lk_strdup(mem, PQgetvalue(result, row, 0)));
    }
    return true;
}
