/*
 * tests/integration/site.c
 *     Where an integration test works: see site.h.
 */
#include "tests/integration/site.h"

#include <signal.h>
#include <unistd.h>

#include "parser/base/buf.h"
#include "parser/base/text.h"

#define SKIPPED 77
#define LONGEST_MS 60000

/* Global because cmocka's group fixtures are given nothing. */
static struct lk_server *server;
static unsigned databases;

const struct lk_server *
lk_site_server(void)
{
    return server;
}

static bool
has_server(const char *bin)
{
    char *program LK_CLEANUP(lk_mem_cleanup) =
        bin != NULL ? lk_fmt(NULL, "%s/postgres", bin) : lk_strdup(NULL, "");

    return access(program, X_OK) == 0;
}

int
lk_site_main(const char *name, const struct CMUnitTest *tests, size_t count)
{
    static const char *const variables[] = {"PGHOST",     "PGPORT",    "PGUSER",
                                            "PGDATABASE", "PGOPTIONS", "PGPASSWORD"};
    const char *bin = getenv("LK_SERVER_BIN");
    struct lk_error err = {0};

    if (!has_server(bin)) {
        fprintf(stderr, "%s: no server in %s\n", name, bin != NULL ? bin : "$LK_SERVER_BIN");
        return SKIPPED;
    }
    for (size_t i = 0; i < LK_ARRAY_SIZE(variables); i++)
        unsetenv(variables[i]);
    signal(SIGPIPE, SIG_IGN);
    TALLOC_CTX *mem = lk_mem_new(NULL);
    server = lk_server_start(mem, bin, &err);
    if (server == NULL) {
        fprintf(stderr, "%s: %s\n", name, err.message);
        return 1;
    }
    if (getenv("LK_TEST") != NULL)
        cmocka_set_test_filter(getenv("LK_TEST"));
    int failed = _cmocka_run_group_tests(name, tests, count, NULL, NULL);
    talloc_free(mem);
    return failed;
}

static void
ignore_notice(void *data, const char *message)
{
    (void)data;
    (void)message;
}

/* connect_to returns a connection to a database, which has to come about. */
static PGconn *
connect_to(const char *database)
{
    char *url LK_CLEANUP(lk_mem_cleanup) =
        lk_fmt(NULL, "host=%s user=postgres dbname=%s", server->folder, database);
    PGconn *pg = PQconnectdb(url);

    if (PQstatus(pg) != CONNECTION_OK)
        LK_BUG("cannot connect: %s", PQerrorMessage(pg));
    PQsetNoticeProcessor(pg, ignore_notice, NULL);
    return pg;
}

static void
on_postgres(const char *sql)
{
    PGconn *pg = connect_to("postgres");
    PGresult *result = PQexec(pg, sql);

    if (PQresultStatus(result) != PGRES_COMMAND_OK)
        LK_BUG("%s: %s", sql, PQerrorMessage(pg));
    PQclear(result);
    PQfinish(pg);
}

int
lk_site_start(void **state)
{
    TALLOC_CTX *mem = lk_mem_new(NULL);
    struct lk_site *site = lk_new(mem, struct lk_site);

    site->mem = mem;
    site->server = server;
    site->dir = lk_test_dir(mem);
    site->database = lk_fmt(mem, "site%u", ++databases);
    site->url = lk_fmt(mem, "host=%s user=postgres dbname=%s", server->folder, site->database);
    on_postgres(lk_fmt(mem, "CREATE DATABASE %s", site->database));
    site->pg = connect_to(site->database);
    *state = site;
    return 0;
}

int
lk_site_end(void **state)
{
    struct lk_site *site = *state;

    PQfinish(site->pg);
    on_postgres(lk_fmt(site->mem, "DROP DATABASE %s WITH (FORCE)", site->database));
    talloc_free(site->mem);
    return 0;
}

PGconn *
lk_site_connect(const struct lk_site *site)
{
    return connect_to(site->database);
}

void
lk_site_migration(const struct lk_site *site, const char *name, const char *sql)
{
    lk_test_write(site->dir, lk_fmt(site->mem, "migrations/%s", name), sql);
}

void
lk_site_config(const struct lk_site *site, const char *yaml)
{
    lk_test_write(site->dir, "lockkeeper.yml", yaml);
}

/* ---- running lockkeeper ---- */

/* command_line returns the arguments, NULL behind the last one. */
static const char **
command_line(const struct lk_site *site, const char *words, const char *url)
{
    const char **args = lk_new_array(site->mem, const char *, strlen(words) + 6);
    size_t count = 0;

    args[count++] = LK_BINARY;
    for (const char *at = words; *at != '\0';) {
        size_t length = strcspn(at, " ");
        if (length > 0)
            args[count++] = lk_strndup(site->mem, at, length);
        at += length + (at[length] == ' ');
    }
    args[count++] = "--color=never";
    args[count++] = "--url";
    args[count++] = url != NULL ? url : site->url;
    return args;
}

struct lk_output
lk_site_run(const struct lk_site *site, const char *words)
{
    return lk_test_run(site->mem, site->dir, command_line(site, words, NULL), NULL);
}

struct lk_process
lk_site_spawn(const struct lk_site *site, const char *words, const char *url)
{
    return lk_process_start(site->dir, command_line(site, words, url));
}

void
lk_expect_exit(const struct lk_output *output, int exit_code)
{
    if (output->exit_code != exit_code)
        fail_msg("exit code %d, not %d\n-- out:\n%s-- err:\n%s", output->exit_code, exit_code,
                 output->out, output->err);
}

struct lk_output
lk_site_expect(const struct lk_site *site, const char *words, int exit_code)
{
    struct lk_output output = lk_site_run(site, words);

    lk_expect_exit(&output, exit_code);
    return output;
}

void
lk_expect_text(const char *text, const char *part)
{
    if (strstr(text, part) == NULL)
        fail_msg("\"%s\" is not in:\n%s", part, text);
}

void
lk_expect_no_text(const char *text, const char *part)
{
    if (strstr(text, part) != NULL)
        fail_msg("\"%s\" is in:\n%s", part, text);
}

/* ---- the database ---- */

void
lk_site_exec(const struct lk_site *site, const char *sql)
{
    lk_site_send(site->pg, sql);
}

char *
lk_site_value(const struct lk_site *site, const char *sql)
{
    PGresult *result = PQexec(site->pg, sql);
    struct lk_buf text = lk_buf_init(site->mem);

    if (PQresultStatus(result) != PGRES_TUPLES_OK) {
        PQclear(result);
        fail_msg("%s\n%s", sql, PQerrorMessage(site->pg));
    }
    for (int row = 0; row < PQntuples(result); row++) {
        lk_buf_add(&text, row > 0 ? "\n" : "");
        for (int column = 0; column < PQnfields(result); column++)
            lk_buf_addf(&text, "%s%s", column > 0 ? "|" : "", PQgetvalue(result, row, column));
    }
    PQclear(result);
    return text.data;
}

void
lk_site_expect_value(const struct lk_site *site, const char *sql, const char *value)
{
    char *found = lk_site_value(site, sql);

    if (strcmp(found, value) != 0)
        fail_msg("%s\n-- is:\n%s\n-- not:\n%s", sql, found, value);
}

void
lk_site_wait_for(const struct lk_site *site, const char *sql, const char *value)
{
    char *found = lk_site_value(site, sql);

    for (int waited = 0; strcmp(found, value) != 0; waited += 10) {
        if (waited >= LONGEST_MS)
            fail_msg("%s\n-- is still:\n%s\n-- not:\n%s", sql, found, value);
        lk_sleep_ms(10);
        found = lk_site_value(site, sql);
    }
}

void
lk_site_send(PGconn *pg, const char *sql)
{
    PGresult *result = PQexec(pg, sql);
    ExecStatusType status = PQresultStatus(result);

    PQclear(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
        fail_msg("%s\n%s", sql, PQerrorMessage(pg));
}

struct lk_output
lk_site_finish(const struct lk_site *site, struct lk_process *process, int exit_code)
{
    struct lk_output output = lk_process_wait(site->mem, process);

    lk_expect_exit(&output, exit_code);
    return output;
}

void
lk_site_make_gates(const struct lk_site *site)
{
    lk_site_exec(site, "CREATE TABLE opened (gate int)");
}

void
lk_site_open_gate(const struct lk_site *site, int gate)
{
    lk_site_exec(site, lk_fmt(site->mem, "INSERT INTO opened VALUES (%d)", gate));
}
