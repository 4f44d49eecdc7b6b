/*
 * applier/twin.c
 *     Definitions of indexes: see twin.h.
 */
#include "applier/twin.h"

#include "applier/conn_private.h"
#include "parser/lexer.h"

#define TWIN "lockkeeper_twin"

/*
 * on_twin returns the CREATE INDEX for the temporary table, without a name of its own: UNIQUE is
 * kept, and what stands behind the table's name.
 */
static char *
on_twin(TALLOC_CTX *mem, const char *sql)
{
    struct lk_lexer lexer = lk_lexer_at(sql, (struct lk_span){0, (uint32_t)strlen(sql)});
    struct lk_token token = lk_lex_code(&lexer);
    bool unique = false;

    while (token.kind != LK_TOKEN_END && !lk_token_is(sql, token, "on")) {
        unique |= lk_token_is(sql, token, "unique");
        token = lk_lex_code(&lexer);
    }
    token = lk_lex_code(&lexer);
    if (lk_token_is(sql, token, "only"))
        token = lk_lex_code(&lexer);
    do { /* the name's parts, each with the dot behind it */
        token = lk_lex_code(&lexer);
        if (!lk_token_is_symbol(sql, token, '.'))
            break;
        token = lk_lex_code(&lexer);
    } while (token.kind != LK_TOKEN_END);
    return lk_fmt(mem, "CREATE %sINDEX ON pg_temp." TWIN " %s", unique ? "UNIQUE " : "",
                  sql + token.span.start);
}

/* definition_of returns what a definition says but for the names of index and table. */
static char *
definition_of(TALLOC_CTX *mem, const char *text)
{
    const char *using = strstr(text, " USING ");

    return lk_fmt(mem, "%s%s", strncmp(text, "CREATE UNIQUE", 13) == 0 ? "UNIQUE " : "",
                  using != NULL ? using + 1 : text);
}

/* query_definition returns the definition that a query finds, or NULL. */
static const char *
query_definition(TALLOC_CTX *mem, struct lk_conn *conn, const char *sql)
{
    struct lk_server_error ignored;
    PGresult *result LK_CLEANUP(lk_result_clear) = lk_conn_exec(mem, conn, sql, &ignored);

    if (result == NULL || PQntuples(result) == 0 || PQgetisnull(result, 0, 0))
        return NULL;
    return definition_of(mem, PQgetvalue(result, 0, 0));
}

const char *
lk_twin_there(TALLOC_CTX *mem, struct lk_conn *conn, const char *index)
{
    return query_definition(mem, conn,
                            lk_fmt(mem,
                                   "SELECT pg_catalog.pg_get_indexdef(i.indexrelid)"
                                   " FROM pg_catalog.pg_index i WHERE i.indexrelid"
                                   " OPERATOR(pg_catalog.=) pg_catalog.to_regclass(%s)",
                                   lk_conn_literal(mem, conn, index)));
}

struct lk_twin
lk_twin_compare(TALLOC_CTX *mem, struct lk_conn *conn, const char *sql, const char *table,
                const char *index)
{
    struct lk_twin twin = {.there = lk_twin_there(mem, conn, index)};

    twin.wanted = query_definition(
        mem, conn,
        lk_fmt(mem,
               "BEGIN READ WRITE; SET LOCAL client_min_messages = error;"
               " CREATE TEMPORARY TABLE " TWIN " (LIKE %s); %s;"
               " SELECT pg_catalog.pg_get_indexdef(indexrelid) FROM pg_catalog.pg_index"
               " WHERE indrelid OPERATOR(pg_catalog.=) 'pg_temp." TWIN "'::pg_catalog.regclass",
               table, on_twin(mem, sql)));
    PQclear(PQexec(conn->pg, "ROLLBACK"));
    twin.differs =
        twin.wanted != NULL && twin.there != NULL && strcmp(twin.wanted, twin.there) != 0;
    return twin;
}
