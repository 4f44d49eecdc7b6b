/*
 * applier/others.c
 *     Sessions of others: see others.h.
 */
#include "applier/others.h"

#include <strings.h>

#include "applier/conn_private.h"
#include "applier/others_private.h"
#include "applier/retry.h"
#include "parser/base/buf.h"
#include "parser/secret.h"

#define QUERY_LENGTH 80 /* of a session's query as shown */

/* first_line returns what may be shown of a query: not all of it, and no password. */
static char *
first_line(TALLOC_CTX *mem, const char *query)
{
    static const char secret[] = "password";
    size_t length;

    for (const char *at = query; *at != '\0'; at++)
        if (strncasecmp(at, secret, sizeof(secret) - 1) == 0)
            return NULL;
    query = lk_secrets_hide(mem, query, NULL);
    query += strspn(query, " \t\r\n");
    length = strcspn(query, "\r\n");
    if (length <= QUERY_LENGTH)
        return lk_strndup(mem, query, length);
    length = QUERY_LENGTH;
    while ((query[length] & 0xC0) == 0x80) /* a character is cut nowhere */
        length--;
    return lk_fmt(mem, "%.*s...", (int)length, query);
}

static const char *
field(TALLOC_CTX *mem, const PGresult *result, int row, int column)
{
    return PQgetisnull(result, row, column) ? NULL
                                            : lk_strdup(mem, PQgetvalue(result, row, column));
}

static int64_t
number(const PGresult *result, int row, int column)
{
    return PQgetisnull(result, row, column) ? -1
                                            : strtoll(PQgetvalue(result, row, column), NULL, 10);
}

struct lk_blocker
lk_others_read(TALLOC_CTX *mem, const PGresult *result, int row, int first)
{
    const char *query = field(mem, result, row, first + 4);

    return (struct lk_blocker){
        .pid = (int)number(result, row, first),
        .user = field(mem, result, row, first + 1),
        .application = field(mem, result, row, first + 2),
        .state = field(mem, result, row, first + 3),
        .query = query == NULL ? NULL : first_line(mem, query),
        .age_ms = number(result, row, first + 5),
    };
}

bool
lk_others_find(TALLOC_CTX *mem, struct lk_conn *conn, const char *sql, const char *const *params,
               size_t count, struct lk_blockers *ret, struct lk_error *err)
{
    PGresult *result LK_CLEANUP(lk_result_clear) =
        lk_conn_query(mem, conn, sql, params, count, err);

    *ret = (struct lk_blockers){0};
    if (result == NULL)
        return false;
    for (int row = 0; row < PQntuples(result); row++)
        lk_vec_push(mem, &ret->items, lk_others_read(mem, result, row, 0));
    return true;
}

bool
lk_others_terminate(TALLOC_CTX *mem, struct lk_conn *conn, int pid)
{
    const char *params[] = {lk_fmt(mem, "%d", pid)};
    struct lk_error ignored = {0};
    PGresult *result LK_CLEANUP(lk_result_clear) = lk_conn_query(
        mem, conn, "SELECT pg_catalog.pg_terminate_backend($1::int)", params, 1, &ignored);

    lk_error_clear(&ignored);
    return result != NULL && strcmp(PQgetvalue(result, 0, 0), "t") == 0;
}

char *
lk_blocker_words(TALLOC_CTX *mem, const struct lk_blocker *blocker)
{
    struct lk_buf text = lk_buf_init(mem);

    if (blocker->pid < 0) {
        lk_buf_addf(&text, "the prepared transaction %s of %s",
                    blocker->query != NULL ? blocker->query : "", blocker->user);
        lk_buf_add(&text, ", prepared ");
        lk_duration_add(&text, LK_MAX(blocker->age_ms, 0));
        lk_buf_add(&text, " ago");
        return text.data;
    }
    lk_buf_addf(&text, "pid %d", blocker->pid);
    if (blocker->user != NULL && blocker->application != NULL && blocker->application[0] != '\0')
        lk_buf_addf(&text, " (%s, %s)", blocker->user, blocker->application);
    else if (blocker->user != NULL)
        lk_buf_addf(&text, " (%s)", blocker->user);
    if (blocker->state != NULL)
        lk_buf_addf(&text, " %s", blocker->state);
    if (blocker->age_ms >= 0) {
        lk_buf_add(&text, ", in a transaction for ");
        lk_duration_add(&text, blocker->age_ms);
    }
    if (blocker->query != NULL && blocker->query[0] != '\0')
        lk_buf_addf(&text, ": %s", blocker->query);
    return text.data;
}

char *
lk_blockers_words(TALLOC_CTX *mem, const struct lk_blocker *items, size_t count)
{
    struct lk_buf text = lk_buf_init(mem);

    for (size_t i = 0; i < count; i++)
        lk_buf_addf(&text, "%s%s", i > 0 ? "; " : "", lk_blocker_words(mem, &items[i]));
    return text.len > 0 ? text.data : NULL;
}
