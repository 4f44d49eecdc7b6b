/*
 * applier/history_native.c
 *     The native history: schema lockkeeper with the tables run, migration and journal.
 */
#include <unistd.h>

#include "applier/conn_private.h"
#include "applier/history_native.h"
#include "applier/sql.h"
#include "parser/base/buf.h"

#define FORMAT_VERSION 2
#define OLDEST_VERSION 1

static int64_t
lock_key(const struct lk_conn *conn)
{
    (void)conn;
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

    while (status < LK_HISTORY_DELETED && strcmp(lk_history_status_name(status), name) != 0)
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
        .statements_begun = (int)number(result, row, 17),
        .fingerprint = lk_strdup(mem, value(result, row, 18)),
        .reason = lk_strdup(mem, value(result, row, 19)),
        .undoes = PQgetisnull(result, row, 20) ? 0 : number(result, row, 20),
    };
}

static bool
foreign_schema(struct lk_error *err)
{
    lk_fail(err, LK_ERR_DISAGREE, "the schema lockkeeper is there, but is not this tool's history");
    return lk_error_hint(err, "The history needs that schema for itself: rename what is there.");
}

bool
lk_native_age(TALLOC_CTX *mem, struct lk_conn *conn, enum lk_history_age *ret, bool *ret_server,
              struct lk_error *err)
{
    PGresult *probe LK_CLEANUP(lk_result_clear) =
        lk_conn_query(mem, conn, lk_sql_native_probe, NULL, 0, err);

    *ret = LK_HISTORY_NONE;
    *ret_server = false;
    if (probe == NULL)
        return false;
    int64_t state = number(probe, 0, 0);
    *ret_server = strcmp(PQgetvalue(probe, 0, 1), "t") == 0;
    if (state == 0)
        return true;
    if (state == 1)
        return foreign_schema(err);
    PGresult *result LK_CLEANUP(lk_result_clear) = lk_conn_query(
        mem, conn, "SELECT coalesce(pg_catalog.max(version), 0) FROM lockkeeper.format", NULL, 0,
        err);
    if (result == NULL)
        return false;
    int64_t version = number(result, 0, 0);
    *ret = version == FORMAT_VERSION ? LK_HISTORY_CURRENT : LK_HISTORY_OLD;
    if (version >= OLDEST_VERSION && version <= FORMAT_VERSION)
        return true;
    if (version < OLDEST_VERSION)
        return foreign_schema(err);
    lk_fail(err, LK_ERR_DISAGREE,
            "the history in the database is of format %lld, and this version of lockkeeper knows "
            "format %d",
            (long long)version, FORMAT_VERSION);
    return lk_error_hint(err, "A newer version of lockkeeper has been here: use that one.");
}

/* find_instead looks whether an empty history is so because it is kept in another format. */
static bool
find_instead(TALLOC_CTX *mem, struct lk_conn *conn, struct lk_history *ret, struct lk_error *err)
{
    PGresult *result LK_CLEANUP(lk_result_clear) = lk_conn_query(
        mem, conn, "SELECT pg_catalog.to_regclass('lockkeeper.flyway_migration')", NULL, 0, err);

    if (result == NULL)
        return false;
    if (!PQgetisnull(result, 0, 0))
        ret->instead = "flyway";
    return true;
}

bool
lk_native_server(TALLOC_CTX *mem, struct lk_conn *conn, struct lk_history_server *ret,
                 struct lk_error *err)
{
    PGresult *result LK_CLEANUP(lk_result_clear) =
        lk_conn_query(mem, conn, lk_sql_native_server_last, NULL, 0, err);

    if (result == NULL)
        return false;
    if (PQntuples(result) == 0)
        return true;
    ret->system_identifier = lk_strdup(mem, value(result, 0, 0));
    ret->timeline = (int)number(result, 0, 1);
    ret->run = number(result, 0, 2);
    ret->since = lk_strdup(mem, value(result, 0, 3));
    return true;
}

static bool
load(TALLOC_CTX *mem, struct lk_conn *conn, struct lk_history *ret, enum lk_history_age *ret_age,
     struct lk_error *err)
{
    bool server;

    *ret = (struct lk_history){0};
    if (!lk_native_age(mem, conn, ret_age, &server, err))
        return false;
    if (*ret_age == LK_HISTORY_NONE)
        return true;
    if (server && !lk_native_server(mem, conn, &ret->server, err))
        return false;
    PGresult *result LK_CLEANUP(lk_result_clear) = lk_conn_query(
        mem, conn, *ret_age == LK_HISTORY_OLD ? lk_sql_native_load_1 : lk_sql_native_load, NULL, 0,
        err);
    if (result == NULL)
        return false;
    for (int row = 0; row < PQntuples(result); row++)
        read_row(mem, result, row, lk_vec_add(mem, &ret->rows));
    return ret->rows.count > 0 || find_instead(mem, conn, ret, err);
}

/* Names in what is created mean what they mean to us, whatever the role's search_path. */
#define OWN_PATH "SET LOCAL search_path = pg_catalog, pg_temp;\n"

/* An upgrade waits for those who read the history, but not so long that others queue up. */
#define BRIEFLY "SET LOCAL lock_timeout = '10s';\n"

static bool
create_failed(struct lk_conn *conn, bool old, const struct lk_server_error *error,
              struct lk_error *err)
{
    PQclear(PQexec(conn->pg, "ROLLBACK"));
    if (error->sqlstate[0] == '\0')
        return lk_fail(err, LK_ERR_CONNECT, "%s", error->message);
    lk_fail(err, LK_ERR_FAILED, "cannot %s the history: %s", old ? "upgrade" : "create",
            error->message);
    snprintf(err->sqlstate, sizeof(err->sqlstate), "%s", error->sqlstate);
    if (strcmp(error->sqlstate, "55P03") == 0)
        return lk_error_hint(err, "Somebody holds its tables: try again.");
    if (old)
        return lk_error_hint(err, "The role has to own the tables of the schema lockkeeper.");
    return lk_error_hint(err, "The role needs CREATE on the database, for the schema lockkeeper.");
}

bool
lk_native_create(TALLOC_CTX *mem, struct lk_conn *conn, enum lk_history_age age, const char *more,
                 struct lk_error *err)
{
    bool old = age == LK_HISTORY_OLD, current = age == LK_HISTORY_CURRENT;
    char *sql = lk_fmt(mem, "BEGIN;\n" OWN_PATH BRIEFLY "%s\n%s\n%s\nCOMMIT",
                       current ? ""
                       : old   ? lk_sql_native_upgrade_2
                               : lk_sql_native_create,
                       current ? "" : lk_sql_native_views, more != NULL ? more : "");
    struct lk_server_error error;
    PGresult *result LK_CLEANUP(lk_result_clear) = lk_conn_exec(mem, conn, sql, &error);

    return result != NULL || create_failed(conn, old, &error, err);
}

static bool
create(TALLOC_CTX *mem, struct lk_conn *conn, enum lk_history_age age, struct lk_error *err)
{
    return lk_native_create(mem, conn, age, NULL, err);
}

/* ---- runs ---- */

/* on_server returns SQL that opens a run, and writes down which server the history is on from then
 * on: in one, for that is one message. */
static char *
on_server(TALLOC_CTX *mem, struct lk_conn *conn, const char *sql,
          const struct lk_history_server *server)
{
    return lk_fmt(mem,
                  "%s;\n%s;\n" /* nobody else has the lock: the newest run is this one */
                  "INSERT INTO lockkeeper.server (run, system_identifier, timeline)"
                  " SELECT pg_catalog.max(id), %s, %d FROM lockkeeper.run RETURNING run",
                  lk_sql_native_server, sql, lk_conn_literal(mem, conn, server->system_identifier),
                  server->timeline);
}

static bool
run_start(TALLOC_CTX *mem, struct lk_conn *conn, const struct lk_history_run *run, int64_t *ret_run,
          struct lk_error *err)
{
    char host[256] = "";
    const char *params[] = {run->command, run->build_number, run->tool, host};
    PGresult *result LK_CLEANUP(lk_result_clear) = NULL;

    gethostname(host, sizeof(host) - 1);
    char *sql = lk_conn_fill(mem, conn, lk_sql_native_run_start, params, LK_ARRAY_SIZE(params));
    if (run->server != NULL)
        result = lk_conn_query(mem, conn, on_server(mem, conn, sql, run->server), NULL, 0, err);
    bool forbidden = run->server != NULL && result == NULL && strcmp(err->sqlstate, "42501") == 0;
    if (forbidden) /* then the server stays untold */
        lk_error_clear(err);
    if (forbidden || run->server == NULL)
        result = lk_conn_query(mem, conn, sql, NULL, 0, err);
    if (result == NULL)
        return false;
    *ret_run = number(result, 0, 0);
    return true;
}

char *
lk_native_close(TALLOC_CTX *mem, struct lk_conn *conn, int64_t run, const char *outcome,
                const char *log)
{
    const char *params[] = {lk_fmt(mem, "%lld", (long long)run), outcome, log};

    return lk_conn_fill(mem, conn, lk_sql_native_run_finish, params, LK_ARRAY_SIZE(params));
}

static char *
run_finish(TALLOC_CTX *mem, struct lk_conn *conn, int64_t run, const char *outcome, const char *log,
           const struct lk_history_logs *logs)
{
    struct lk_buf sql = lk_buf_init(mem);

    lk_buf_add(&sql, lk_native_close(mem, conn, run, outcome, log));
    for (size_t i = 0; i < logs->items.count; i++)
        lk_buf_addf(&sql, "%s (%s, %s)",
                    i == 0 ? ";\nUPDATE lockkeeper.migration SET log = said.log FROM (VALUES" : ",",
                    lk_conn_literal(mem, conn, logs->items.items[i].script),
                    lk_conn_literal(mem, conn, logs->items.items[i].text));
    if (logs->items.count > 0)
        lk_buf_addf(&sql,
                    ") AS said (script, log) WHERE migration.run OPERATOR(pg_catalog.=) %lld"
                    " AND migration.script OPERATOR(pg_catalog.=) said.script",
                    (long long)run);
    return sql.data;
}

bool
lk_native_runs(TALLOC_CTX *mem, struct lk_conn *conn, const char *sql, int64_t id,
               struct lk_history_runs *ret, struct lk_error *err)
{
    const char *params[] = {id != 0 ? lk_fmt(mem, "%lld", (long long)id) : NULL};
    PGresult *result LK_CLEANUP(lk_result_clear) = lk_conn_query(mem, conn, sql, params, 1, err);

    if (result == NULL)
        return false;
    for (int row = 0; row < PQntuples(result); row++)
        *lk_vec_add(mem, &ret->items) = (struct lk_history_run){
            .id = number(result, row, 0),
            .command = lk_strdup(mem, value(result, row, 1)),
            .build_number = lk_strdup(mem, value(result, row, 2)),
            .tool = lk_strdup(mem, value(result, row, 3)),
            .host = lk_strdup(mem, value(result, row, 4)),
            .who = lk_strdup(mem, value(result, row, 5)),
            .started = lk_strdup(mem, value(result, row, 6)),
            .finished = lk_strdup(mem, value(result, row, 7)),
            .outcome = lk_strdup(mem, value(result, row, 8)),
            .migrations = number(result, row, 9),
            .log = lk_strdup(mem, value(result, row, 10)),
        };
    return true;
}

static bool
runs(TALLOC_CTX *mem, struct lk_conn *conn, enum lk_history_age age, int64_t id,
     struct lk_history_runs *ret, struct lk_error *err)
{
    *ret = (struct lk_history_runs){0};
    return age == LK_HISTORY_NONE ||
           lk_native_runs(mem, conn,
                          age == LK_HISTORY_OLD ? lk_sql_native_runs_1 : lk_sql_native_runs, id,
                          ret, err);
}

/* ---- a migration's life ---- */

/* insert returns the INSERT of a migration's row. */
static char *
insert(TALLOC_CTX *mem, struct lk_conn *conn, const struct lk_history_entry *entry,
       const char *status, size_t done, unsigned attempts, const char *sqlstate, const char *error)
{
    const struct lk_name *name = &entry->migration->name;
    const char *when = lk_conn_literal(mem, conn, entry->when);

    /* pg_stat_activity shows what follows if this is short: the defaults are left to the table */
    return lk_fmt(mem,
                  "INSERT INTO lockkeeper.migration (kind, version, description, script, sha256,"
                  " fingerprint, flyway_checksum, status, mode, statements_total, statements_done,"
                  " attempts, sqlstate, error, reason, started_at, finished_at, who, undoes, run)"
                  " VALUES ('%s', %s, %s, %s, '%s', %s, %d, '%s', '%s', %zu, %zu, %u, %s, %s, %s,"
                  " %s, %s, %s, %s, %lld)",
                  lk_kind_name(name->kind), lk_conn_literal(mem, conn, name->version.text),
                  lk_conn_literal(mem, conn, name->description),
                  lk_conn_literal(mem, conn, entry->script), entry->sha256,
                  lk_conn_literal(mem, conn, entry->fingerprint), entry->flyway_checksum, status,
                  lk_mode_name(entry->mode), entry->statements, done, attempts,
                  lk_conn_literal(mem, conn, sqlstate), lk_conn_literal(mem, conn, error),
                  lk_conn_literal(mem, conn, entry->reason), entry->when != NULL ? when : "DEFAULT",
                  when, entry->who != NULL ? lk_conn_literal(mem, conn, entry->who) : "DEFAULT",
                  entry->undoes != 0 ? lk_fmt(mem, "%lld", (long long)entry->undoes) : "NULL",
                  (long long)entry->run);
}

/*
 * claim of an undo marks the row that it takes back. Where that is not applied any more, NULL is
 * no status: the transaction fails.
 */
static char *
claim(TALLOC_CTX *mem, struct lk_conn *conn, const struct lk_history_entry *entry, unsigned attempt)
{
    if (entry->undoes == 0)
        return insert(mem, conn, entry, "applied", entry->statements, attempt, NULL, NULL);
    return lk_fmt(mem,
                  "WITH taken_back AS ("
                  "UPDATE lockkeeper.migration SET undone_at = pg_catalog.clock_timestamp(),"
                  " status = CASE WHEN status OPERATOR(pg_catalog.=) 'applied' THEN 'undone' END"
                  " WHERE rank OPERATOR(pg_catalog.=) %lld)\n%s",
                  (long long)entry->undoes,
                  insert(mem, conn, entry, "undone", entry->statements, attempt, NULL, NULL));
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
                      "UPDATE lockkeeper.migration SET status = 'failed', reason = NULL,"
                      " sha256 = '%s', fingerprint = %s, flyway_checksum = %d, mode = '%s', "
                      "statements_total = %zu, run = %lld"
                      " WHERE rank OPERATOR(pg_catalog.=) %lld RETURNING rank",
                      entry->sha256, lk_conn_literal(mem, conn, entry->fingerprint),
                      entry->flyway_checksum, lk_mode_name(entry->mode), entry->statements,
                      (long long)entry->run, (long long)rank);
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
finish(TALLOC_CTX *mem, struct lk_conn *conn, const struct lk_history_entry *entry, int64_t rank,
       unsigned attempts)
{
    char *undone = lk_fmt(mem,
                          ";\nUPDATE lockkeeper.migration SET status = 'undone',"
                          " undone_at = pg_catalog.clock_timestamp()"
                          " WHERE rank OPERATOR(pg_catalog.=) %lld"
                          " AND status OPERATOR(pg_catalog.=) 'applied'",
                          (long long)entry->undoes);

    (void)conn;
    return lk_fmt(mem,
                  "UPDATE lockkeeper.migration SET status = '%s',"
                  " statements_done = statements_total, attempts = %u,"
                  " finished_at = pg_catalog.clock_timestamp(), sqlstate = NULL, error = NULL"
                  " WHERE rank OPERATOR(pg_catalog.=) %lld%s",
                  entry->undoes != 0 ? "undone" : "applied", attempts, (long long)rank,
                  entry->undoes != 0 ? undone : "");
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

/* ---- what people say ---- */

static char *
record(TALLOC_CTX *mem, struct lk_conn *conn, const struct lk_history_entry *entry,
       enum lk_history_status status)
{
    return insert(mem, conn, entry, lk_history_status_name(status), 0, 0, NULL, NULL);
}

static char *
mark(TALLOC_CTX *mem, struct lk_conn *conn, const struct lk_history_entry *entry, int64_t rank,
     enum lk_history_status status)
{
    return lk_fmt(mem,
                  "UPDATE lockkeeper.migration SET status = '%s', reason = %s, run = %lld,"
                  " sha256 = '%s', fingerprint = %s, flyway_checksum = %d,"
                  " finished_at = pg_catalog.clock_timestamp()"
                  " WHERE rank OPERATOR(pg_catalog.=) %lld",
                  lk_history_status_name(status), lk_conn_literal(mem, conn, entry->reason),
                  (long long)entry->run, entry->sha256,
                  lk_conn_literal(mem, conn, entry->fingerprint), entry->flyway_checksum,
                  (long long)rank);
}

static char *
accept_checksums(TALLOC_CTX *mem, struct lk_conn *conn, const struct lk_history_entry *entry,
                 int64_t rank)
{
    return lk_fmt(mem,
                  "UPDATE lockkeeper.migration SET sha256 = '%s', fingerprint = %s,"
                  " flyway_checksum = %d WHERE rank OPERATOR(pg_catalog.=) %lld",
                  entry->sha256, lk_conn_literal(mem, conn, entry->fingerprint),
                  entry->flyway_checksum, (long long)rank);
}

static char *
remove_row(TALLOC_CTX *mem, struct lk_conn *conn, int64_t rank)
{
    (void)conn;
    return lk_fmt(mem,
                  "DELETE FROM lockkeeper.migration WHERE rank OPERATOR(pg_catalog.=) %lld"
                  " AND status OPERATOR(pg_catalog.=) 'failed'",
                  (long long)rank);
}

bool
lk_native_journal(TALLOC_CTX *mem, struct lk_conn *conn, const char *sql, struct lk_journal *ret,
                  struct lk_error *err)
{
    PGresult *result LK_CLEANUP(lk_result_clear) = lk_conn_query(mem, conn, sql, NULL, 0, err);

    *ret = (struct lk_journal){0};
    if (result == NULL)
        return false;
    for (int row = 0; row < PQntuples(result); row++)
        *lk_vec_add(mem, &ret->entries) = (struct lk_journal_entry){
            .ordinal = (size_t)number(result, row, 0),
            .sha256 = lk_strdup(mem, value(result, row, 1)),
            .done = strcmp(PQgetvalue(result, row, 2), "done") == 0,
            .indexes = lk_strdup(mem, value(result, row, 3)),
            .backend = PQgetisnull(result, row, 4) ? 0 : (int)number(result, row, 4),
        };
    return true;
}

static bool
journal(TALLOC_CTX *mem, struct lk_conn *conn, int64_t rank, struct lk_journal *ret,
        struct lk_error *err)
{
    const char *params[] = {lk_fmt(mem, "%lld", (long long)rank)};
    char *sql = lk_conn_fill(mem, conn, lk_sql_native_journal, params, LK_ARRAY_SIZE(params));

    return lk_native_journal(mem, conn, sql, ret, err);
}

const struct lk_history_format lk_history_format_native = {
    .name = "native",
    .lock_key = lock_key,
    .load = load,
    .create = create,
    .run_start = run_start,
    .run_finish = run_finish,
    .runs = runs,
    .claim = claim,
    .done = done,
    .begin = begin,
    .intent = intent,
    .step = step,
    .forget = forget,
    .finish = finish,
    .fail = fail,
    .record = record,
    .mark = mark,
    .accept = accept_checksums,
    .remove = remove_row,
    .journal = journal,
};
