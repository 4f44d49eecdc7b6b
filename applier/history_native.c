/*
 * applier/history_native.c
 *     The native history: schema lockkeeper with the tables run, migration and journal.
 */
#include <unistd.h>

#include "applier/conn_private.h"
#include "applier/history.h"
#include "applier/sql.h"

#define FORMAT_VERSION 1

static int64_t
lock_key(void)
{
    return INT64_C(0x6c6f636b6b656570); /* "lockkeep" */
}

/* value returns a column as a string, NULL for NULL; it lives as long as the result. */
static const char *
value(const PGresult *result, int row, int column)
{
    return PQgetisnull(result, row, column) ? NULL : PQgetvalue(result, row, column);
}

static int64_t
number(const PGresult *result, int row, int column)
{
    return strtoll(PQgetvalue(result, row, column), NULL, 10);
}

static enum lk_history_status
status_of(const char *name)
{
    enum lk_history_status status = LK_HISTORY_APPLIED;

    while (status < LK_HISTORY_UNDONE && strcmp(lk_history_status_name(status), name) != 0)
        status++;
    return status;
}

static enum lk_migration_kind
kind_of(const char *name)
{
    enum lk_migration_kind kind = 0;

    while (kind + 1 < LK_KIND_COUNT && strcmp(lk_kind_name(kind), name) != 0)
        kind++;
    return kind;
}

static void
read_row(TALLOC_CTX *mem, const PGresult *result, int row, struct lk_history_row *ret)
{
    *ret = (struct lk_history_row){
        .rank = number(result, row, 0),
        .kind = kind_of(PQgetvalue(result, row, 1)),
        .version = lk_strdup(mem, value(result, row, 2)),
        .description = lk_strdup(mem, value(result, row, 3)),
        .script = lk_strdup(mem, value(result, row, 4)),
        .sha256 = lk_strdup(mem, value(result, row, 5)),
        .flyway_checksum = (int32_t)number(result, row, 6),
        .status = status_of(PQgetvalue(result, row, 7)),
        .mode = lk_strdup(mem, value(result, row, 8)),
        .statements_total = (int)number(result, row, 9),
        .statements_done = (int)number(result, row, 10),
        .attempts = (int)number(result, row, 11),
        .when = lk_strdup(mem, value(result, row, 12)),
        .who = lk_strdup(mem, value(result, row, 13)),
        .sqlstate = lk_strdup(mem, value(result, row, 14)),
        .error = lk_strdup(mem, value(result, row, 15)),
        .run = number(result, row, 16),
    };
}

static bool
foreign_schema(struct lk_error *err)
{
    lk_fail(err, LK_ERR_DISAGREE, "the schema lockkeeper is there, but is not this tool's history");
    return lk_error_hint(err, "The history needs that schema for itself: rename what is there.");
}

static bool
check_format(TALLOC_CTX *mem, struct lk_conn *conn, struct lk_error *err)
{
    PGresult *result LK_CLEANUP(lk_result_clear) = lk_conn_query(
        mem, conn, "SELECT coalesce(max(version), 0) FROM lockkeeper.format", NULL, 0, err);

    if (result == NULL)
        return false;
    int64_t version = number(result, 0, 0);
    if (version == FORMAT_VERSION)
        return true;
    if (version == 0)
        return foreign_schema(err);
    lk_fail(err, LK_ERR_DISAGREE,
            "the history in the database is of format %lld, and this version of lockkeeper knows "
            "format %d",
            (long long)version, FORMAT_VERSION);
    return lk_error_hint(err, "A newer version of lockkeeper has been here: use that one.");
}

static bool
load(TALLOC_CTX *mem, struct lk_conn *conn, struct lk_history *ret, bool *ret_exists,
     struct lk_error *err)
{
    PGresult *probe LK_CLEANUP(lk_result_clear) =
        lk_conn_query(mem, conn, lk_sql_native_probe, NULL, 0, err);

    *ret = (struct lk_history){0};
    if (probe == NULL)
        return false;
    int64_t state = number(probe, 0, 0);
    *ret_exists = state == 2;
    if (state == 0)
        return true;
    if (state == 1)
        return foreign_schema(err);
    if (!check_format(mem, conn, err))
        return false;
    PGresult *result LK_CLEANUP(lk_result_clear) =
        lk_conn_query(mem, conn, lk_sql_native_load, NULL, 0, err);
    if (result == NULL)
        return false;
    for (int row = 0; row < PQntuples(result); row++)
        read_row(mem, result, row, lk_vec_add(mem, &ret->rows));
    return true;
}

static bool
create(TALLOC_CTX *mem, struct lk_conn *conn, struct lk_error *err)
{
    char *sql = lk_fmt(mem, "BEGIN;\n%s\nCOMMIT", lk_sql_native_create);
    struct lk_server_error error;
    PGresult *result LK_CLEANUP(lk_result_clear) = lk_conn_exec(mem, conn, sql, &error);

    if (result != NULL)
        return true;
    PQclear(PQexec(conn->pg, "ROLLBACK"));
    if (error.sqlstate[0] == '\0')
        return lk_fail(err, LK_ERR_CONNECT, "%s", error.message);
    lk_fail(err, LK_ERR_FAILED, "cannot create the history: %s", error.message);
    snprintf(err->sqlstate, sizeof(err->sqlstate), "%s", error.sqlstate);
    return lk_error_hint(err, "The role needs CREATE on the database, for the schema lockkeeper.");
}

static bool
run_start(TALLOC_CTX *mem, struct lk_conn *conn, const char *build, const char *tool,
          int64_t *ret_run, struct lk_error *err)
{
    char host[256] = "";
    const char *params[] = {build, tool, host};

    gethostname(host, sizeof(host) - 1);
    PGresult *result LK_CLEANUP(lk_result_clear) =
        lk_conn_query(mem, conn, lk_sql_native_run_start, params, LK_ARRAY_SIZE(params), err);
    if (result == NULL)
        return false;
    *ret_run = number(result, 0, 0);
    return true;
}

static bool
run_finish(TALLOC_CTX *mem, struct lk_conn *conn, int64_t run, const char *outcome, const char *log,
           struct lk_error *err)
{
    const char *params[] = {lk_fmt(mem, "%lld", (long long)run), outcome, log};
    PGresult *result LK_CLEANUP(lk_result_clear) =
        lk_conn_query(mem, conn, lk_sql_native_run_finish, params, LK_ARRAY_SIZE(params), err);

    return result != NULL;
}

/* insert returns the INSERT of a migration's row. */
static char *
insert(TALLOC_CTX *mem, struct lk_conn *conn, const struct lk_history_entry *entry,
       const char *status, size_t done, unsigned attempts, const char *sqlstate, const char *error)
{
    const struct lk_name *name = &entry->migration->name;

    return lk_fmt(mem,
                  "INSERT INTO lockkeeper.migration (kind, version, description, script, sha256,"
                  " flyway_checksum, status, mode, statements_total, statements_done, attempts,"
                  " sqlstate, error, run)"
                  " VALUES ('%s', %s, %s, %s, '%s', %d, '%s', '%s', %zu, %zu, %u, %s, %s, %lld)",
                  lk_kind_name(name->kind), lk_conn_literal(mem, conn, name->version.text),
                  lk_conn_literal(mem, conn, name->description),
                  lk_conn_literal(mem, conn, entry->script), entry->sha256, entry->flyway_checksum,
                  status, lk_mode_name(entry->mode), entry->statements, done, attempts,
                  lk_conn_literal(mem, conn, sqlstate), lk_conn_literal(mem, conn, error),
                  (long long)entry->run);
}

static char *
claim(TALLOC_CTX *mem, struct lk_conn *conn, const struct lk_history_entry *entry, unsigned attempt)
{
    return insert(mem, conn, entry, "applied", entry->statements, attempt, NULL, NULL);
}

/* done finds its row by the primary key, in a history of any length: claim made it in this session.
 */
static char *
done(TALLOC_CTX *mem, struct lk_conn *conn, const struct lk_history_entry *entry)
{
    (void)conn;
    (void)entry;
    return lk_strdup(mem, "UPDATE lockkeeper.migration SET finished_at ="
                          " pg_catalog.clock_timestamp() WHERE rank OPERATOR(pg_catalog.=)"
                          " (SELECT pg_catalog.currval('lockkeeper.migration_rank_seq'))");
}

static char *
begin(TALLOC_CTX *mem, struct lk_conn *conn, const struct lk_history_entry *entry, int64_t rank)
{
    if (rank != 0)
        return lk_fmt(mem,
                      "UPDATE lockkeeper.migration SET sha256 = '%s', flyway_checksum = %d,"
                      " mode = '%s', statements_total = %zu, run = %lld"
                      " WHERE rank OPERATOR(pg_catalog.=) %lld RETURNING rank",
                      entry->sha256, entry->flyway_checksum, lk_mode_name(entry->mode),
                      entry->statements, (long long)entry->run, (long long)rank);
    return lk_fmt(mem, "%s RETURNING rank", insert(mem, conn, entry, "failed", 0, 1, NULL, NULL));
}

static char *
intent(TALLOC_CTX *mem, struct lk_conn *conn, int64_t rank, size_t ordinal, const char *sha256,
       const char *table)
{
    return lk_fmt(mem,
                  "INSERT INTO lockkeeper.journal (migration, ordinal, sha256, state, indexes)"
                  " VALUES (%lld, %zu, '%s', 'intent',"
                  " (SELECT pg_catalog.array_agg(indexrelid) FROM pg_catalog.pg_index"
                  " WHERE indrelid OPERATOR(pg_catalog.=) pg_catalog.to_regclass(%s)))"
                  " ON CONFLICT (migration, ordinal) DO UPDATE SET sha256 = excluded.sha256,"
                  " backend_pid = excluded.backend_pid, started_at = excluded.started_at",
                  (long long)rank, ordinal, sha256, lk_conn_literal(mem, conn, table));
}

static char *
step(TALLOC_CTX *mem, struct lk_conn *conn, int64_t rank, size_t ordinal, const char *sha256)
{
    (void)conn;
    return lk_fmt(mem,
                  "INSERT INTO lockkeeper.journal (migration, ordinal, sha256, state, finished_at)"
                  " VALUES (%lld, %zu, '%s', 'done', pg_catalog.clock_timestamp())"
                  " ON CONFLICT (migration, ordinal) DO UPDATE SET state = 'done',"
                  " finished_at = excluded.finished_at;\n"
                  "UPDATE lockkeeper.migration SET statements_done = %zu"
                  " WHERE rank OPERATOR(pg_catalog.=) %lld",
                  (long long)rank, ordinal, sha256, ordinal, (long long)rank);
}

static char *
forget(TALLOC_CTX *mem, struct lk_conn *conn, int64_t rank, size_t ordinal)
{
    (void)conn;
    return lk_fmt(mem,
                  "DELETE FROM lockkeeper.journal WHERE migration OPERATOR(pg_catalog.=) %lld"
                  " AND ordinal OPERATOR(pg_catalog.=) %zu"
                  " AND state OPERATOR(pg_catalog.=) 'intent'",
                  (long long)rank, ordinal);
}

static char *
finish(TALLOC_CTX *mem, struct lk_conn *conn, int64_t rank, unsigned attempts)
{
    (void)conn;
    return lk_fmt(mem,
                  "UPDATE lockkeeper.migration SET status = 'applied',"
                  " statements_done = statements_total, attempts = %u,"
                  " finished_at = pg_catalog.clock_timestamp(), sqlstate = NULL, error = NULL"
                  " WHERE rank OPERATOR(pg_catalog.=) %lld",
                  attempts, (long long)rank);
}

static char *
fail(TALLOC_CTX *mem, struct lk_conn *conn, const struct lk_history_entry *entry, int64_t rank,
     unsigned attempts, const char *sqlstate, const char *error)
{
    if (rank == 0)
        return insert(mem, conn, entry, "failed", 0, attempts, sqlstate, error);
    return lk_fmt(mem,
                  "UPDATE lockkeeper.migration SET attempts = %u, sqlstate = %s, error = %s,"
                  " finished_at = pg_catalog.clock_timestamp()"
                  " WHERE rank OPERATOR(pg_catalog.=) %lld",
                  attempts, lk_conn_literal(mem, conn, sqlstate), lk_conn_literal(mem, conn, error),
                  (long long)rank);
}

static bool
journal(TALLOC_CTX *mem, struct lk_conn *conn, int64_t rank, struct lk_journal *ret,
        struct lk_error *err)
{
    const char *params[] = {lk_fmt(mem, "%lld", (long long)rank)};
    PGresult *result LK_CLEANUP(lk_result_clear) =
        lk_conn_query(mem, conn, lk_sql_native_journal, params, LK_ARRAY_SIZE(params), err);

    *ret = (struct lk_journal){0};
    if (result == NULL)
        return false;
    for (int row = 0; row < PQntuples(result); row++)
        *lk_vec_add(mem, &ret->entries) = (struct lk_journal_entry){
            .ordinal = (size_t)number(result, row, 0),
            .sha256 = lk_strdup(mem, value(result, row, 1)),
            .done = strcmp(PQgetvalue(result, row, 2), "done") == 0,
            .indexes = lk_strdup(mem, value(result, row, 3)),
        };
    return true;
}

const struct lk_history_format lk_history_format_native = {
    .name = "native",
    .lock_key = lock_key,
    .load = load,
    .create = create,
    .run_start = run_start,
    .run_finish = run_finish,
    .claim = claim,
    .done = done,
    .begin = begin,
    .intent = intent,
    .step = step,
    .forget = forget,
    .finish = finish,
    .fail = fail,
    .journal = journal,
};
