/*
 * tests/differential/test_refusals.c
 *     What tests/support/refusals.def says that servers refuse and take, asked of servers.
 *
 * LK_SERVER_BIN says where the programs of one server are, or of several, with colons between.
 */
#include <unistd.h>

#include "applier/server.h"

#include <libpq-fe.h>

#define SKIPPED 77

static const struct row {
    const char *before;
    const char *statement;
    const char *sqlstate; /* NULL: the server takes it */
    const char *message;  /* NULL: any */
} rows[] = {
#define LK_F(name, arguments, returns)                                                             \
    "CREATE FUNCTION " name "(" arguments ") RETURNS " returns " LANGUAGE sql AS 'SELECT 1';"
#define LK_REFUSAL(before, statement, sqlstate, message) {before, statement, sqlstate, message},
#define LK_TAKEN(before, statement) {before, statement, NULL, NULL},
#define LK_UNFORESEEN(before, statement, sqlstate) {before, statement, sqlstate, NULL},
#include "tests/support/refusals.def"
};

struct test {
    PGconn *pg;
    const char *version;
    unsigned failures;
};

static void
wrong(struct test *test, const struct row *row, const char *got)
{
    fprintf(stderr, "%s: %s\n    %s\n    wanted %s %s\n", test->version, got, row->statement,
            row->sqlstate != NULL ? row->sqlstate : "taken",
            row->message != NULL ? row->message : "");
    test->failures++;
}

static void
check(struct test *test, const struct row *row)
{
    PQclear(PQexec(test->pg, "BEGIN"));
    PGresult *before = PQexec(test->pg, row->before);
    bool prepared = PQresultErrorField(before, PG_DIAG_SQLSTATE) == NULL;
    PGresult *result = prepared ? PQexec(test->pg, row->statement) : before;
    const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);

    if (!prepared)
        wrong(test, row, message);
    else if (row->sqlstate == NULL ? sqlstate != NULL
                                   : sqlstate == NULL || strcmp(sqlstate, row->sqlstate) != 0)
        wrong(test, row, sqlstate != NULL ? message : "taken");
    else if (row->message != NULL && strcmp(message, row->message) != 0)
        wrong(test, row, message);
    if (prepared)
        PQclear(result);
    PQclear(before);
    PQclear(PQexec(test->pg, "ROLLBACK"));
}

static void
check_server(TALLOC_CTX *mem, const char *bin, unsigned *failures)
{
    struct lk_error err = {0};
    const struct lk_server *server = lk_server_start(mem, bin, &err);

    if (server == NULL)
        LK_BUG("%s", err.message);
    struct test test = {
        .pg = PQconnectdb(lk_fmt(mem, "%s options='-c client_min_messages=error'", server->url)),
        .version = server->version,
    };
    if (PQstatus(test.pg) != CONNECTION_OK)
        LK_BUG("cannot connect: %s", PQerrorMessage(test.pg));
    for (size_t i = 0; i < LK_ARRAY_SIZE(rows); i++)
        check(&test, &rows[i]);
    *failures += test.failures;
    PQfinish(test.pg);
}

int
main(void)
{
    TALLOC_CTX *mem = lk_mem_new(NULL);
    const char *bins = getenv("LK_SERVER_BIN");
    unsigned servers = 0, failures = 0;
    char *save;

    for (char *bin = strtok_r(lk_strdup(mem, bins != NULL ? bins : ""), ":", &save); bin != NULL;
         bin = strtok_r(NULL, ":", &save)) {
        TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
        if (access(lk_fmt(scratch, "%s/postgres", bin), X_OK) != 0)
            continue;
        check_server(scratch, bin, &failures);
        servers++;
    }
    fprintf(stderr, "%zu lines, %u servers, %u failures\n", LK_ARRAY_SIZE(rows), servers, failures);
    talloc_free(mem);
    return failures > 0 ? 1 : servers == 0 ? SKIPPED : 0;
}
