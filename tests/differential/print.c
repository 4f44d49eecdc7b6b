/*
 * tests/differential/print.c
 *     The schema as SQL, loaded again: see replay.h.
 */
#include "parser/base/buf.h"
#include "parser/script.h"
#include "rules/schema/sql.h"
#include "tests/differential/replay.h"
#include "tests/support/lktest.h"

#define DATABASE "printed"
#define MAX_NOTES 40

static void note(TALLOC_CTX *mem, struct lk_printed *ret, const char *format, ...) LK_PRINTF(3, 4);

static void
note(TALLOC_CTX *mem, struct lk_printed *ret, const char *format, ...)
{
    va_list args;

    if (ret->notes.count >= MAX_NOTES)
        return;
    va_start(args, format);
    lk_vec_push(mem, &ret->notes, talloc_vasprintf(mem, format, args));
    va_end(args);
}

static void
execute(PGconn *pg, const char *sql)
{
    PGresult *result = PQexec(pg, sql);

    if (PQresultStatus(result) != PGRES_COMMAND_OK)
        LK_BUG("%s: %s", sql, PQerrorMessage(pg));
    PQclear(result);
}

static PGconn *
new_database(TALLOC_CTX *mem, const struct lk_server *server)
{
    PGconn *admin =
        PQconnectdb(lk_fmt(mem, "%s options='-c client_min_messages=error'", server->url));

    execute(admin, "DROP DATABASE IF EXISTS " DATABASE);
    execute(admin, "CREATE DATABASE " DATABASE " TEMPLATE template0");
    PQfinish(admin);
    PGconn *pg = PQconnectdb(
        lk_fmt(mem, "%s dbname=" DATABASE " options='-c client_min_messages=error'", server->url));
    if (PQstatus(pg) != CONNECTION_OK)
        LK_BUG("cannot connect: %s", PQerrorMessage(pg));
    return pg;
}

/* load carries the statements out one by one, so that one that fails does not hide the others. */
static void
load(TALLOC_CTX *mem, PGconn *pg, const char *sql, struct lk_printed *ret)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    struct lk_source *source = lk_source_new(scratch, "schema", sql, strlen(sql));
    struct lk_script *script = lk_script_new(scratch, source, (struct lk_span){0, source->size});

    for (size_t i = 0; i < script->statements.count; i++) {
        struct lk_span span = script->statements.items[i].span;
        char *statement = lk_strndup(scratch, sql + span.start, span.end - span.start);
        PGresult *result = PQexec(pg, statement);
        ret->statements++;
        /* roles belong to all databases: they are there already */
        if (PQresultStatus(result) == PGRES_FATAL_ERROR &&
            strncmp(statement, "CREATE ROLE", 11) != 0 &&
            strncmp(statement, "CREATE USER", 11) != 0) {
            ret->refused++;
            note(mem, ret, "%s%.400s", PQresultErrorMessage(result), statement);
        }
        PQclear(result);
    }
}

/* is_left_out returns whether SQL does not bring a row back as it is. */
static bool
is_left_out(const struct lk_row *row)
{
    return strncmp(row->identity, "pg_temp.", 8) == 0 ||
           strcmp(row->kind, LK_DERIVED_CONSTRAINT) == 0;
}

struct noting {
    TALLOC_CTX *mem;
    struct lk_printed *ret;
};

static void
note_row(void *data, const struct lk_row *migrated, const struct lk_row *printed,
         enum lk_row_match match)
{
    struct noting *noting = data;
    const struct lk_row *row = migrated != NULL ? migrated : printed;

    if (is_left_out(row))
        return;
    noting->ret->equal += match == LK_ROW_EQUAL;
    if (match == LK_ROW_EQUAL)
        return;
    noting->ret->different++;
    note(noting->mem, noting->ret, "%s %s %s: %s, printed %s", row->kind, row->identity,
         row->property, migrated != NULL ? migrated->value : "nothing",
         printed != NULL ? printed->value : "nothing");
}

/* dump_of returns the lines of a dump that tell of the schema, or NULL where it cannot be made. */
static char *
dump_of(TALLOC_CTX *mem, const struct lk_server *server, const char *database)
{
    const char *url = lk_fmt(mem, "%s dbname=%s", server->url, database);
    const char *const args[] = {LK_PG_DUMP, "--schema-only", "--dbname", url, NULL};
    struct lk_output output = lk_test_run(mem, "/", args, NULL);
    struct lk_buf kept = lk_buf_init(mem);

    if (output.exit_code != 0)
        return NULL;
    for (const char *line = output.out; *line != '\0';) {
        size_t length = strcspn(line, "\n");
        if (line[0] != '\\' && strncmp(line, "--", 2) != 0 && length > 0) {
            lk_buf_addn(&kept, line, length);
            lk_buf_addc(&kept, '\n');
        }
        line += length + (line[length] == '\n');
    }
    return kept.data;
}

static void
compare_dumps(TALLOC_CTX *mem, const struct lk_server *server, struct lk_printed *ret)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    char *migrated = dump_of(scratch, server, "replayed");
    char *printed = dump_of(scratch, server, DATABASE);

    if (migrated == NULL || printed == NULL)
        return;
    ret->lines = 0;
    if (strcmp(migrated, printed) == 0)
        return;
    char *dir = lk_test_dir(scratch);
    lk_test_write(dir, "migrated", migrated);
    lk_test_write(dir, "printed", printed);
    const char *const args[] = {"diff", "-U0", "migrated", "printed", NULL};
    const char *diff = lk_test_run(scratch, dir, args, NULL).out;
    for (const char *line = diff; *line != '\0';) {
        size_t length = strcspn(line, "\n");
        if ((line[0] == '+' || line[0] == '-') && line[1] != line[0]) {
            ret->lines++;
            note(mem, ret, "dump: %.*s", (int)length, line);
        }
        line += length + (line[length] == '\n');
    }
}

void
lk_print_compare(TALLOC_CTX *mem, const struct lk_server *server, const struct lk_catalog *catalog,
                 const struct lk_rows *migrated, struct lk_printed *ret)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    PGconn *pg = new_database(scratch, server);
    struct lk_rows printed = {0};

    load(mem, pg, lk_schema_sql(scratch, catalog), ret);
    lk_rows_of_server(scratch, pg, &printed);
    PQfinish(pg);
    lk_rows_compare(migrated, &printed, note_row, &(struct noting){mem, ret});
    ret->lines = SIZE_MAX;
    compare_dumps(mem, server, ret);
}
