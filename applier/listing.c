/*
 * applier/listing.c
 *     Reading a server's catalogs: see listing.h.
 */
#include "applier/listing.h"

#include "applier/conn_private.h"
#include "applier/sql.h"

static const char *
field(TALLOC_CTX *mem, const PGresult *result, int tuple, int column)
{
    return lk_strdup(mem, PQgetvalue(result, tuple, column));
}

bool
lk_listing_read(TALLOC_CTX *mem, PGconn *pg, struct lk_rows *ret, struct lk_error *err)
{
    /* types are shown with the schemas that search_path does not name */
    PQclear(PQexec(pg, "BEGIN"));
    PQclear(PQexec(pg, "SET LOCAL search_path = ''"));
    PGresult *result = PQexec(pg, lk_sql_listing);
    bool done = PQresultStatus(result) == PGRES_TUPLES_OK;

    if (!done)
        lk_fail(err, LK_ERR_CONNECT, "cannot read the catalogs: %s", PQerrorMessage(pg));
    for (int i = 0; done && i < PQntuples(result); i++)
        if (!PQgetisnull(result, i, 3))
            lk_vec_push(mem, &ret->items,
                        ((struct lk_row){field(mem, result, i, 0), field(mem, result, i, 1),
                                         field(mem, result, i, 2), field(mem, result, i, 3)}));
    PQclear(result);
    PQclear(PQexec(pg, "ROLLBACK"));
    lk_rows_sort(mem, ret);
    return done;
}

bool
lk_listing_of(TALLOC_CTX *mem, struct lk_conn *conn, struct lk_rows *ret, struct lk_error *err)
{
    static const char own[] = "lockkeeper"; /* the schema of applier/sql/native_create.sql */
    size_t kept = 0, length = strlen(own);

    if (!lk_listing_read(mem, conn->pg, ret, err))
        return false;
    lk_vec_foreach(row, &ret->items)
        if (strncmp(row->identity, own, length) != 0 ||
            (row->identity[length] != '\0' && row->identity[length] != '.'))
            ret->items.items[kept++] = *row;
    ret->items.count = kept;
    return true;
}
