/*
 * applier/history_flyway.c
 *     Flyway's history: its table is written as Flyway writes it, so that both tools can go on with
 *     it; what it has no room for stands beside it, in the schema lockkeeper.
 *
 * A migration is a row of Flyway's table. One that is not a transaction has its row, of success
 * false, from its first statement on: Flyway goes no further than that, and lockkeeper resumes it.
 * One that is a transaction and failed leaves no row.
 * Source: Flyway, JdbcTableSchemaHistory, SchemaHistory, PostgreSQLDatabase and DbRepair.
 */
#include "applier/conn_private.h"
#include "applier/flyway_rows.h"
#include "applier/history_native.h"
#include "applier/sql.h"
#include "parser/base/buf.h"

/* The rank of the next row. */
#define NEXT_RANK                                                                                  \
    "(SELECT coalesce(pg_catalog.max(installed_rank), 0) OPERATOR(pg_catalog.+) 1"                 \
    " FROM history_table)"

/* The milliseconds since a time, as the table has them. */
#define ELAPSED(since)                                                                             \
    "least(pg_catalog.date_part('epoch', pg_catalog.clock_timestamp()"                             \
    " OPERATOR(pg_catalog.-) " since ") OPERATOR(pg_catalog.*) 1000, 2147483647)::integer"

/* Whether the version $2 has been carried out, and not been taken back. */
#define IS_APPLIED                                                                                 \
    "coalesce((SELECT last.success AND"                                                            \
    " last.type OPERATOR(pg_catalog.=) ANY ('{SQL,SQL_BASELINE}') FROM history_table AS last"      \
    " WHERE last.version OPERATOR(pg_catalog.=) $2"                                                \
    " ORDER BY last.installed_rank DESC LIMIT 1), false)"

/* The row that stands beside the one of rank $2. */
#define BESIDE_IT                                                                                  \
    " WHERE history OPERATOR(pg_catalog.=) $1 AND rank OPERATOR(pg_catalog.=) $2::integer"
#define IT " WHERE installed_rank OPERATOR(pg_catalog.=) $2::integer"

/* What the columns hold. Source: Flyway, AbbreviationUtils. */
#define LONGEST_DESCRIPTION 200
#define LONGEST_SCRIPT 1000

static int64_t
lock_key(const struct lk_conn *conn)
{
    return lk_flyway_lock_key(conn->history);
}

static char *
integer(TALLOC_CTX *mem, int64_t value)
{
    return lk_fmt(mem, "%lld", (long long)value);
}

/* ---- making it ---- */

/* identifier returns a name as SQL has it. */
static char *
identifier(TALLOC_CTX *mem, const char *name, const char *end)
{
    struct lk_buf quoted = lk_buf_init(mem);

    lk_buf_addc(&quoted, '"');
    for (const char *at = name; *at != '\0'; at++) {
        lk_buf_addc(&quoted, *at);
        if (*at == '"')
            lk_buf_addc(&quoted, '"');
    }
    lk_buf_addf(&quoted, "%s\"", end);
    return quoted.data;
}

/* table_sql makes the table, and its schema where that is not there, as Flyway does. */
static char *
table_sql(TALLOC_CTX *mem, struct lk_conn *conn)
{
    const char *table = lk_flyway_table(conn);
    struct lk_buf sql = lk_buf_init(mem);
    const char *params[] = {identifier(mem, conn->history_schema, "")};

    if (!conn->history_schema_there)
        lk_buf_addf(&sql, "CREATE SCHEMA %s;\n", params[0]);
    lk_buf_add(&sql, lk_sql_flyway_create);
    lk_buf_addf(&sql,
                "ALTER TABLE history_table ADD CONSTRAINT %s PRIMARY KEY (installed_rank);\n"
                "CREATE INDEX %s ON history_table (success);\n",
                identifier(mem, table, "_pk"), identifier(mem, table, "_s_idx"));
    if (!conn->history_schema_there)
        lk_buf_add(&sql, "INSERT INTO history_table (installed_rank, description, type, script,"
                         " installed_by, execution_time, success) VALUES (0,"
                         " '<< Flyway Schema Creation >>', 'SCHEMA', $1, current_user, 0, true);");
    return lk_flyway_sql(mem, conn, sql.data, params, LK_ARRAY_SIZE(params));
}

static bool
create(TALLOC_CTX *mem, struct lk_conn *conn, enum lk_history_age age, struct lk_error *err)
{
    enum lk_history_age native;
    bool server;

    if (!lk_native_age(mem, conn, &native, &server, err))
        return false;
    char *more = lk_fmt(mem, "%s\n%s", lk_sql_flyway_beside,
                        age == LK_HISTORY_NONE ? table_sql(mem, conn) : "");
    return lk_native_create(mem, conn, native, more, err);
}

/* ---- runs ---- */

static bool
run_start(TALLOC_CTX *mem, struct lk_conn *conn, const struct lk_history_run *run, int64_t *ret_run,
          struct lk_error *err)
{
    const char *params[] = {conn->history};
    char *sql = lk_flyway_sql(mem, conn, lk_sql_flyway_clean, params, LK_ARRAY_SIZE(params));
    PGresult *result LK_CLEANUP(lk_result_clear) = lk_conn_query(mem, conn, sql, NULL, 0, err);

    return result != NULL && lk_history_format_native.run_start(mem, conn, run, ret_run, err);
}

static char *
run_finish(TALLOC_CTX *mem, struct lk_conn *conn, int64_t run, const char *outcome, const char *log,
           const struct lk_history_logs *logs)
{
    struct lk_buf sql = lk_buf_init(mem);

    lk_buf_add(&sql, lk_native_close(mem, conn, run, outcome, log));
    lk_vec_foreach(said, &logs->items) {
        const char *params[] = {conn->history, integer(mem, run), said->script, said->text};
        lk_buf_addf(&sql, ";\n%s",
                    lk_flyway_sql(mem, conn, lk_sql_flyway_log, params, LK_ARRAY_SIZE(params)));
    }
    return sql.data;
}

static bool
runs(TALLOC_CTX *mem, struct lk_conn *conn, enum lk_history_age age, int64_t id,
     struct lk_history_runs *ret, struct lk_error *err)
{
    *ret = (struct lk_history_runs){0};
    return age != LK_HISTORY_CURRENT || lk_native_runs(mem, conn, lk_sql_flyway_runs, id, ret, err);
}

/* ---- a migration's life ---- */

/* unit_at returns where the n-th UTF-16 unit of a text is, or its end. */
static const char *
unit_at(const char *text, size_t n)
{
    for (size_t units = 0; *text != '\0' && units < n; text++) {
        unsigned char byte = (unsigned char)*text;
        units += (byte & 0xC0) != 0x80 ? 1 : 0;
        units += byte >= 0xF0 ? 1 : 0;
        while (((unsigned char)text[1] & 0xC0) == 0x80)
            text++;
    }
    return text;
}

/* describe and name_script cut what is too long for its column, as Flyway does. */
static const char *
describe(TALLOC_CTX *mem, const char *text)
{
    if (*unit_at(text, LONGEST_DESCRIPTION) == '\0')
        return text;
    const char *end = unit_at(text, LONGEST_DESCRIPTION - 3);
    return lk_fmt(mem, "%.*s...", (int)(end - text), text);
}

static const char *
name_script(TALLOC_CTX *mem, const char *text)
{
    const char *end = unit_at(text, LONGEST_SCRIPT), *start = unit_at(text, 3);

    return *end == '\0' ? text : lk_fmt(mem, "...%.*s", (int)(end - start), start);
}

/* type_of is the SQL of a row's type; NULL, which the table refuses, where it must not be there. */
static const char *
type_of(const struct lk_history_entry *entry)
{
    enum lk_migration_kind kind = entry->migration->name.kind;

    if (entry->undoes != 0)
        return "CASE WHEN " IS_APPLIED " THEN 'UNDO_SQL' END";
    if (kind == LK_KIND_REPEATABLE)
        return "'SQL'";
    return kind == LK_KIND_BASELINE ? "CASE WHEN NOT " IS_APPLIED " THEN 'SQL_BASELINE' END"
                                    : "CASE WHEN NOT " IS_APPLIED " THEN 'SQL' END";
}

/* What of a row is not its entry's. */
struct filling {
    const char *type;     /* SQL */
    const char *checksum; /* SQL */
    bool success;
    size_t done; /* statements */
    unsigned attempts;
};

/* insert_row returns the INSERT of a row and of what stands beside it. */
static char *
insert_row(TALLOC_CTX *mem, struct lk_conn *conn, const struct lk_history_entry *entry,
           const struct filling *filling)
{
    const struct lk_name *name = &entry->migration->name;
    const char *params[] = {
        conn->history,
        name->version.text,
        describe(mem, name->description),
        name_script(mem, entry->script),
        entry->sha256,
        entry->fingerprint,
        entry->reason,
        entry->undoes != 0 ? integer(mem, entry->undoes) : NULL,
    };
    const char *sql = lk_fmt(
        mem,
        "WITH entry AS (INSERT INTO history_table (installed_rank, version, description, type,"
        " script, checksum, installed_by, execution_time, success)"
        " VALUES (" NEXT_RANK ", $2, $3, %s, $4, %s, current_user, 0, %s)"
        " RETURNING installed_rank, installed_on)\n"
        "INSERT INTO lockkeeper.flyway_migration (history, rank, installed_on, sha256, fingerprint,"
        " reason, undoes, mode, statements_total, statements_done, attempts, run)"
        " SELECT $1, entry.installed_rank, entry.installed_on, $5, $6, $7, $8::integer, '%s', %zu,"
        " %zu, %u, %lld FROM entry RETURNING rank",
        filling->type, filling->checksum, filling->success ? "true" : "false",
        lk_mode_name(entry->mode), entry->statements, filling->done, filling->attempts,
        (long long)entry->run);

    return lk_flyway_sql(mem, conn, sql, params, LK_ARRAY_SIZE(params));
}

/* insert returns the INSERT of a migration's row. */
static char *
insert(TALLOC_CTX *mem, struct lk_conn *conn, const struct lk_history_entry *entry, bool success,
       size_t done, unsigned attempts)
{
    const struct filling filling = {
        .type = type_of(entry),
        .checksum = integer(mem, entry->flyway_checksum),
        .success = success,
        .done = done,
        .attempts = attempts,
    };

    return insert_row(mem, conn, entry, &filling);
}

/* change returns SQL on the row of a rank and the one beside it: $1 and $2 are taken. */
static char *
change(TALLOC_CTX *mem, struct lk_conn *conn, int64_t rank, const char *sql, const char *third,
       const char *fourth, const char *fifth)
{
    const char *params[] = {conn->history, integer(mem, rank), third, fourth, fifth};

    return lk_flyway_sql(mem, conn, sql, params, LK_ARRAY_SIZE(params));
}

static char *
claim(TALLOC_CTX *mem, struct lk_conn *conn, const struct lk_history_entry *entry, unsigned attempt)
{
    return insert(mem, conn, entry, true, entry->statements, attempt);
}

/* done is in the transaction of claim, whose row is the newest: nobody else has the lock. */
static char *
done(TALLOC_CTX *mem, struct lk_conn *conn, const struct lk_history_entry *entry)
{
    (void)entry;
    return lk_flyway_sql(
        mem, conn,
        "UPDATE history_table SET execution_time = " ELAPSED(
            "pg_catalog.transaction_timestamp()") " WHERE installed_rank OPERATOR(pg_catalog.=)"
                                                  " (SELECT pg_catalog.max(installed_rank)"
                                                  " FROM history_table)",
        NULL, 0);
}

static char *
begin(TALLOC_CTX *mem, struct lk_conn *conn, const struct lk_history_entry *entry, int64_t rank)
{
    if (rank == 0)
        return insert(mem, conn, entry, false, 0, 1);
    char *sql = lk_fmt(
        mem,
        "UPDATE history_table SET success = false, description = $3, checksum = %d" IT ";\n"
        "UPDATE lockkeeper.flyway_migration SET reason = NULL, sha256 = $4, fingerprint = $5,"
        " mode = '%s', statements_total = %zu, run = %lld" BESIDE_IT " RETURNING rank",
        entry->flyway_checksum, lk_mode_name(entry->mode), entry->statements,
        (long long)entry->run);
    return change(mem, conn, rank, sql, describe(mem, entry->migration->name.description),
                  entry->sha256, entry->fingerprint);
}

static char *
intent(TALLOC_CTX *mem, struct lk_conn *conn, int64_t rank, size_t ordinal, const char *sha256,
       const char *table)
{
    char *sql = lk_fmt(
        mem,
        "INSERT INTO lockkeeper.flyway_journal (history, rank, ordinal, sha256, state, indexes)"
        " VALUES ($1, $2::integer, %zu, $3, 'intent',"
        " (SELECT pg_catalog.array_agg(indexrelid) FROM pg_catalog.pg_index"
        " WHERE indrelid OPERATOR(pg_catalog.=) pg_catalog.to_regclass($4)))"
        " ON CONFLICT (history, rank, ordinal) DO UPDATE SET sha256 = excluded.sha256,"
        " backend_pid = excluded.backend_pid, started_at = excluded.started_at",
        ordinal);

    return change(mem, conn, rank, sql, sha256, table, NULL);
}

static char *
step(TALLOC_CTX *mem, struct lk_conn *conn, int64_t rank, size_t ordinal, const char *sha256)
{
    char *sql = lk_fmt(
        mem,
        "INSERT INTO lockkeeper.flyway_journal (history, rank, ordinal, sha256, state, finished_at)"
        " VALUES ($1, $2::integer, %zu, $3, 'done', pg_catalog.clock_timestamp())"
        " ON CONFLICT (history, rank, ordinal) DO UPDATE SET state = 'done',"
        " finished_at = excluded.finished_at;\n"
        "UPDATE lockkeeper.flyway_migration SET statements_done = %zu" BESIDE_IT,
        ordinal, ordinal);

    return change(mem, conn, rank, sql, sha256, NULL, NULL);
}

static char *
forget(TALLOC_CTX *mem, struct lk_conn *conn, int64_t rank, size_t ordinal)
{
    char *sql = lk_fmt(mem,
                       "DELETE FROM lockkeeper.flyway_journal" BESIDE_IT
                       " AND ordinal OPERATOR(pg_catalog.=) %zu"
                       " AND state OPERATOR(pg_catalog.=) 'intent'",
                       ordinal);

    return change(mem, conn, rank, sql, NULL, NULL, NULL);
}

static char *
finish(TALLOC_CTX *mem, struct lk_conn *conn, const struct lk_history_entry *entry, int64_t rank,
       unsigned attempts)
{
    char *sql = lk_fmt(mem,
                       "UPDATE history_table SET success = true, execution_time = (SELECT " ELAPSED(
                           "started_at") " FROM lockkeeper.flyway_migration" BESIDE_IT ")" IT
                                         ";\nUPDATE lockkeeper.flyway_migration SET "
                                         "statements_done = statements_total,"
                                         " attempts = %u, sqlstate = NULL, error = NULL" BESIDE_IT,
                       attempts);

    (void)entry;
    return change(mem, conn, rank, sql, NULL, NULL, NULL);
}

static char *
fail(TALLOC_CTX *mem, struct lk_conn *conn, const struct lk_history_entry *entry, int64_t rank,
     unsigned attempts, const char *sqlstate, const char *error)
{
    char *sql = lk_fmt(mem,
                       "UPDATE lockkeeper.flyway_migration SET attempts = %u, sqlstate = $3,"
                       " error = $4" BESIDE_IT,
                       attempts);

    (void)entry;
    return rank != 0 ? change(mem, conn, rank, sql, sqlstate, error, NULL) : NULL;
}

/* ---- what people say ---- */

/* baseline returns the INSERT of the marker. Source: Flyway, DbBaseline. */
static char *
baseline(TALLOC_CTX *mem, struct lk_conn *conn, const struct lk_history_entry *entry)
{
    const struct filling filling = {.type = "'BASELINE'", .checksum = "NULL", .success = true};
    struct lk_migration migration = *entry->migration;
    struct lk_history_entry marker = *entry;
    const char *version = migration.name.version.text;

    migration.name.version = lk_version_new(mem, version, strlen(version));
    migration.name.description = marker.script = "<< Flyway Baseline >>";
    marker.migration = &migration;
    return insert_row(mem, conn, &marker, &filling);
}

static char *
record(TALLOC_CTX *mem, struct lk_conn *conn, const struct lk_history_entry *entry,
       enum lk_history_status status)
{
    if (status == LK_HISTORY_BASELINE)
        return baseline(mem, conn, entry);
    return insert(mem, conn, entry, true, 0, 0);
}

/* mark_deleted returns the INSERT of the marker of a row whose file is gone. Source: DbRepair. */
static char *
mark_deleted(TALLOC_CTX *mem, struct lk_conn *conn, const struct lk_history_entry *entry,
             int64_t rank)
{
    char *sql = lk_fmt(
        mem,
        "WITH entry AS (INSERT INTO history_table (installed_rank, version, description, type,"
        " script, checksum, installed_by, execution_time, success)"
        " SELECT " NEXT_RANK ", version, description, 'DELETE', script, checksum, current_user, 0,"
        " true FROM history_table" IT " RETURNING installed_rank, installed_on)\n"
        "INSERT INTO lockkeeper.flyway_migration (history, rank, installed_on, sha256, reason,"
        " mode, statements_total, statements_done, run)"
        " SELECT $1, entry.installed_rank, entry.installed_on, $4, $3, 'transactional', 0, 0, %lld"
        " FROM entry",
        (long long)entry->run);

    return change(mem, conn, rank, sql, entry->reason, entry->sha256, NULL);
}

static char *
mark(TALLOC_CTX *mem, struct lk_conn *conn, const struct lk_history_entry *entry, int64_t rank,
     enum lk_history_status status)
{
    if (status == LK_HISTORY_DELETED)
        return mark_deleted(mem, conn, entry, rank);
    char *sql = lk_fmt(mem,
                       "UPDATE history_table SET success = true, checksum = %d" IT ";\n"
                       "UPDATE lockkeeper.flyway_migration SET reason = $3, run = %lld,"
                       " sha256 = $4, fingerprint = $5" BESIDE_IT,
                       entry->flyway_checksum, (long long)entry->run);
    return change(mem, conn, rank, sql, entry->reason, entry->sha256, entry->fingerprint);
}

static char *
accept_checksums(TALLOC_CTX *mem, struct lk_conn *conn, const struct lk_history_entry *entry,
                 int64_t rank)
{
    char *sql = lk_fmt(mem,
                       "UPDATE history_table SET description = $3, checksum = %d" IT ";\n"
                       "UPDATE lockkeeper.flyway_migration SET sha256 = $4,"
                       " fingerprint = $5" BESIDE_IT,
                       entry->flyway_checksum);

    return change(mem, conn, rank, sql, describe(mem, entry->migration->name.description),
                  entry->sha256, entry->fingerprint);
}

static char *
remove_row(TALLOC_CTX *mem, struct lk_conn *conn, int64_t rank)
{
    return change(mem, conn, rank,
                  "DELETE FROM history_table" IT " AND NOT success;\n"
                  "DELETE FROM lockkeeper.flyway_migration" BESIDE_IT,
                  NULL, NULL, NULL);
}

static bool
journal(TALLOC_CTX *mem, struct lk_conn *conn, int64_t rank, struct lk_journal *ret,
        struct lk_error *err)
{
    return lk_native_journal(
        mem, conn, change(mem, conn, rank, lk_sql_flyway_journal, NULL, NULL, NULL), ret, err);
}

const struct lk_history_format lk_history_format_flyway = {
    .name = "flyway",
    .naming = "flyway",
    .no_skipping = "Flyway's history has no room for what is not to be carried out",
    .lock_key = lock_key,
    .load = lk_flyway_load,
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
