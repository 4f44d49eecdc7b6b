/*
 * tests/differential/measure.c
 *     Carrying statements out and looking at what they do: see measure.h.
 */
#include "tests/differential/measure.h"

#include <unistd.h>

#include "parser/base/buf.h"
#include "parser/base/text.h"

#define TEMPLATE "bench_template"
#define DATABASE "bench"
#define REFUSED "25001"
#define PATIENCE 10000 /* looks at what a statement waits for */

/* A relation as it was before. */
struct known {
    Oid oid, table; /* of an index: what it is of */
    char kind;      /* pg_class.relkind */
    char *name;     /* with its schema, unless that is public */
    char *file;
};

struct lk_bench {
    TALLOC_CTX *mem;
    const char *url; /* of the server, without a database */
    PGconn *pg;
    TALLOC_CTX *state; /* what lasts as long as the database is as it is */
    LK_VEC(struct known) known;
    struct lk_words messages; /* DEBUG1 and above, of the statement at hand */
};

static PGconn *
connect_to(const struct lk_bench *bench, const char *database)
{
    char *url LK_CLEANUP(lk_mem_cleanup) =
        lk_fmt(NULL, "%s dbname=%s options='-c client_min_messages=error'", bench->url, database);
    PGconn *pg = PQconnectdb(url);

    if (PQstatus(pg) != CONNECTION_OK)
        LK_BUG("cannot connect: %s", PQerrorMessage(pg));
    return pg;
}

static PGresult *
exec(PGconn *pg, const char *sql)
{
    PGresult *result = PQexec(pg, sql);

    if (PQresultStatus(result) != PGRES_COMMAND_OK && PQresultStatus(result) != PGRES_TUPLES_OK)
        LK_BUG("%s: %s", sql, PQerrorMessage(pg));
    return result;
}

static void
run(PGconn *pg, const char *sql)
{
    PQclear(exec(pg, sql));
}

static void
keep_message(void *data, const PGresult *result)
{
    struct lk_bench *bench = data;
    const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);

    if (message != NULL)
        lk_words_add(bench->state, &bench->messages, message);
}

/* look reads which relations there are. */
static void
look(struct lk_bench *bench)
{
    static const char sql[] =
        "SELECT c.oid, coalesce(i.indrelid, 0), c.relkind,"
        " CASE n.nspname WHEN 'public' THEN c.relname ELSE n.nspname || '.' || c.relname END,"
        " pg_relation_filenode(c.oid) FROM pg_class c JOIN pg_namespace n ON n.oid ="
        " c.relnamespace LEFT JOIN pg_index i ON i.indexrelid = c.oid WHERE c.oid >= 16384"
        " AND n.nspname NOT IN ('pg_toast')";
    PGresult *result = exec(bench->pg, sql);

    talloc_free(bench->state);
    bench->state = lk_mem_new(bench->mem);
    memset(&bench->known, 0, sizeof(bench->known));
    memset(&bench->messages, 0, sizeof(bench->messages));
    for (int row = 0; row < PQntuples(result); row++)
        *lk_vec_add(bench->state, &bench->known) = (struct known){
            .oid = (Oid)strtoul(PQgetvalue(result, row, 0), NULL, 10),
            .table = (Oid)strtoul(PQgetvalue(result, row, 1), NULL, 10),
            .kind = PQgetvalue(result, row, 2)[0],
            .name = lk_strdup(bench->state, PQgetvalue(result, row, 3)),
            .file = lk_strdup(bench->state, PQgetvalue(result, row, 4)),
        };
    PQclear(result);
}

static const struct known *
find(const struct lk_bench *bench, const char *oid)
{
    Oid wanted = (Oid)strtoul(oid, NULL, 10);

    lk_vec_foreach(known, &bench->known)
        if (known->oid == wanted)
            return known;
    return NULL;
}

static const struct known *
table_of(const struct lk_bench *bench, const struct known *index)
{
    lk_vec_foreach(known, &bench->known)
        if (known->oid == index->table)
            return known;
    return NULL;
}

/* renew makes the database anew, and a connection to it. */
static void
renew(struct lk_bench *bench)
{
    PGconn *pg = connect_to(bench, "postgres");

    if (bench->pg != NULL)
        PQfinish(bench->pg);
    run(pg, "DROP DATABASE IF EXISTS " DATABASE " WITH (FORCE)");
    run(pg, "CREATE DATABASE " DATABASE " TEMPLATE " TEMPLATE);
    PQfinish(pg);
    bench->pg = connect_to(bench, DATABASE);
    run(bench->pg, "SET client_min_messages = debug1");
    PQsetNoticeReceiver(bench->pg, keep_message, bench);
    look(bench);
}

static int
finish(struct lk_bench *bench)
{
    PQfinish(bench->pg);
    return 0;
}

struct lk_bench *
lk_bench_new(TALLOC_CTX *mem, const struct lk_server *server, const char *schema)
{
    struct lk_bench *bench = lk_new(mem, struct lk_bench);

    bench->mem = bench;
    bench->url = lk_fmt(bench, "host=%s user=postgres", server->folder);
    PGconn *pg = connect_to(bench, "postgres");
    run(pg, "CREATE DATABASE " TEMPLATE);
    PQfinish(pg);
    pg = connect_to(bench, TEMPLATE);
    run(pg, schema);
    PQfinish(pg);
    renew(bench);
    talloc_set_destructor(bench, finish);
    return bench;
}

/* ---- what has come of it ---- */

static bool
is_index(const struct known *known)
{
    return known->kind == 'i' || known->kind == 'I';
}

/* note_lock notes one lock, `mode` without "Lock". */
static void
note_lock(TALLOC_CTX *mem, const struct lk_bench *bench, const struct known *known,
          const char *mode, struct lk_measure *ret)
{
    bool all = strcmp(mode, "AccessExclusive") == 0;
    const struct known *read = is_index(known) ? table_of(bench, known) : known;

    if (all && read != NULL && read->kind != 'c')
        lk_words_add(mem, &ret->unread, read->name);
    if (!is_index(known) && known->kind != 'c')
        lk_words_add(mem, &ret->locks, lk_fmt(mem, "%s:%s", known->name, mode));
}

static void
read_locks(TALLOC_CTX *mem, struct lk_bench *bench, struct lk_measure *ret)
{
    static const char sql[] =
        "SELECT relation, (array_agg(replace(mode, 'Lock', '') ORDER BY array_position(ARRAY["
        "'AccessExclusiveLock', 'ExclusiveLock', 'ShareRowExclusiveLock', 'ShareLock',"
        " 'ShareUpdateExclusiveLock', 'RowExclusiveLock', 'RowShareLock', 'AccessShareLock'],"
        " mode)))[1]"
        " FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'relation'"
        " AND relation >= 16384 GROUP BY relation";
    PGresult *result = exec(bench->pg, sql);

    for (int row = 0; row < PQntuples(result); row++) {
        const struct known *known = find(bench, PQgetvalue(result, row, 0));
        if (known != NULL)
            note_lock(mem, bench, known, PQgetvalue(result, row, 1), ret);
    }
    PQclear(result);
}

/* has_file returns whether one of the relations that were there had a file. */
static bool
has_file(const struct lk_bench *bench, const char *file)
{
    lk_vec_foreach(known, &bench->known)
        if (strcmp(known->file, file) == 0)
            return true;
    return false;
}

/* read_files notes new files of tables and indexes, and how often tables were read. */
static void
read_files(TALLOC_CTX *mem, struct lk_bench *bench, struct lk_measure *ret)
{
    static const char sql[] =
        "SELECT c.oid, coalesce(i.indrelid, 0), pg_relation_filenode(c.oid),"
        " pg_stat_get_xact_numscans(c.oid) FROM pg_class c LEFT JOIN pg_index i ON i.indexrelid ="
        " c.oid WHERE c.oid >= 16384 AND c.relkind IN ('r', 'm', 'i')";
    PGresult *result = exec(bench->pg, sql);
    struct lk_words read = {0};

    for (int row = 0; row < PQntuples(result); row++) {
        const struct known *known = find(bench, PQgetvalue(result, row, 0));
        const struct known *table = find(bench, PQgetvalue(result, row, 1));
        const char *file = PQgetvalue(result, row, 2);
        bool same = known != NULL && strcmp(known->file, file) == 0;
        if (table != NULL && !same && !has_file(bench, file))
            lk_words_add(mem, &ret->indexed, table->name);
        else if (known != NULL && !is_index(known) && !same)
            lk_words_add(mem, &ret->files, known->name);
        else if (known != NULL && !is_index(known) && strcmp(PQgetvalue(result, row, 3), "0") != 0)
            lk_words_add(mem, &read, known->name);
    }
    PQclear(result);
    lk_vec_foreach(name, &read.items)
        if (!lk_words_have(&ret->files, *name))
            lk_words_add(mem, &ret->scans, *name);
}

static void
read_messages(const struct lk_bench *bench, struct lk_measure *ret)
{
    lk_vec_foreach(message, &bench->messages.items)
        ret->validates_key |= lk_starts_with(*message, "validating foreign key constraint");
}

/* end_copy sends no rows, or takes all there are; it returns what the server says in the end. */
static PGresult *
end_copy(struct lk_bench *bench, PGresult *result)
{
    bool in = PQresultStatus(result) == PGRES_COPY_IN;

    if (!in && PQresultStatus(result) != PGRES_COPY_OUT)
        return result;
    PQclear(result);
    if (in)
        PQputCopyEnd(bench->pg, NULL);
    for (char *row; !in && PQgetCopyData(bench->pg, &row, 0) > 0;)
        PQfreemem(row);
    return PQgetResult(bench->pg);
}

/* try carries a statement out and returns its SQLSTATE. */
static const char *
try(TALLOC_CTX *mem, struct lk_bench *bench, const char *statement, const char **message)
{
    PGresult *result = end_copy(bench, PQexec(bench->pg, statement));
    const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);

    sqlstate = lk_strdup(mem, sqlstate != NULL ? sqlstate : "00000");
    if (message != NULL)
        *message = lk_strdup(mem, PQresultErrorMessage(result));
    PQclear(result);
    return sqlstate;
}

/* forget_scans has scans counted from 0 again. */
static void
forget_scans(struct lk_bench *bench)
{
    run(bench->pg, "SELECT pg_stat_force_next_flush()");
}

/* ---- what is refused in a transaction ---- */

/* Modes weakest first, as held by others, and as the server spells them. */
static const char *const held[] = {
    "ACCESS SHARE",        "ROW SHARE", "ROW EXCLUSIVE",
    "SHARE ROW EXCLUSIVE", "EXCLUSIVE", "ACCESS EXCLUSIVE",
};
static const char *const modes[] = {
    "AccessShare", "RowShare",          "RowExclusive", "ShareUpdateExclusive",
    "Share",       "ShareRowExclusive", "Exclusive",    "AccessExclusive",
};

/* Who keeps a table from being used. */
struct holder {
    PGconn *pg;
    size_t levels; /* how many of the modes are held still */
    size_t seen;   /* 1 + the strongest mode that was waited for */
};

/* hold locks a table in every mode, the strongest on top, to be let go of one by one. */
static void
hold(const struct lk_bench *bench, const struct known *known, struct holder *holder)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    struct lk_buf sql = lk_buf_init(scratch);

    holder->pg = connect_to(bench, DATABASE);
    lk_buf_add(&sql, "BEGIN;");
    for (size_t i = 0; i < LK_ARRAY_SIZE(held); i++)
        lk_buf_addf(&sql, "SAVEPOINT s%zu; LOCK TABLE ONLY %s IN %s MODE;", i, known->name,
                    held[i]);
    run(holder->pg, sql.data);
    holder->levels = LK_ARRAY_SIZE(held);
}

/* lock_all returns a holder per relation; those of other relations than tables hold nothing. */
static struct holder *
lock_all(TALLOC_CTX *mem, const struct lk_bench *bench)
{
    struct holder *holders = lk_new_array(mem, struct holder, bench->known.count);

    for (size_t i = 0; i < bench->known.count; i++)
        if (bench->known.items[i].kind == 'r' || bench->known.items[i].kind == 'p')
            hold(bench, &bench->known.items[i], &holders[i]);
    return holders;
}

static void
release(struct holder *holder)
{
    if (holder->pg != NULL)
        PQfinish(holder->pg);
    holder->pg = NULL;
}

/* step_back lets go of the strongest mode that a holder has. */
static void
step_back(struct holder *holder)
{
    char *sql LK_CLEANUP(lk_mem_cleanup) = NULL;

    if (holder->pg == NULL)
        return;
    if (holder->levels == 0)
        LK_BUG("a lock is waited for that nobody holds");
    sql = lk_fmt(NULL, "ROLLBACK TO s%zu", --holder->levels);
    run(holder->pg, sql);
}

static void
note_wait(struct holder *holder, const char *mode)
{
    for (size_t i = 0; i < LK_ARRAY_SIZE(modes); i++)
        if (strcmp(modes[i], mode) == 0)
            holder->seen = LK_MAX(holder->seen, i + 1);
}

/* is_done returns whether the answer to what was sent is there. */
static bool
is_done(PGconn *pg)
{
    return PQconsumeInput(pg) != 0 && PQisBusy(pg) == 0;
}

/* give_way lets a backend have what it waits for: a table, or the end of a holder's transaction. */
static void
give_way(const struct lk_bench *bench, struct holder *holders, PGconn *watch, int pid)
{
    char *sql LK_CLEANUP(lk_mem_cleanup) = lk_fmt(
        NULL,
        "SELECT relation, replace(mode, 'Lock', ''), (pg_blocking_pids(pid))[1] FROM pg_locks"
        " WHERE pid = %d AND NOT granted",
        pid);
    PGresult *wait = exec(watch, sql);
    bool waits = PQntuples(wait) > 0;
    const struct known *known = waits ? find(bench, PQgetvalue(wait, 0, 0)) : NULL;

    if (known != NULL) {
        note_wait(&holders[known - bench->known.items], PQgetvalue(wait, 0, 1));
        step_back(&holders[known - bench->known.items]);
    } else if (waits) {
        int blocker = (int)strtol(PQgetvalue(wait, 0, 2), NULL, 10);
        for (size_t i = 0; i < bench->known.count; i++)
            if (holders[i].pg != NULL && PQbackendPID(holders[i].pg) == blocker)
                release(&holders[i]);
    }
    PQclear(wait);
}

/* follow waits for the end of a statement, and lets go of what it waits for, one by one. */
static void
follow(TALLOC_CTX *mem, struct lk_bench *bench, struct holder *holders, struct lk_measure *ret)
{
    PGconn *watch = connect_to(bench, DATABASE);

    for (int i = 0; i < PATIENCE && !is_done(bench->pg); i++) {
        give_way(bench, holders, watch, PQbackendPID(bench->pg));
        usleep(500);
    }
    PQfinish(watch);
    for (size_t i = 0; i < bench->known.count; i++) {
        if (holders[i].seen > 0)
            note_lock(mem, bench, &bench->known.items[i], modes[holders[i].seen - 1], ret);
        release(&holders[i]);
    }
}

static void
measure_outside(TALLOC_CTX *mem, struct lk_bench *bench, const char *statement,
                struct lk_measure *ret)
{
    struct holder *holders = lock_all(mem, bench);

    if (PQsendQuery(bench->pg, statement) == 0)
        LK_BUG("%s", PQerrorMessage(bench->pg));
    follow(mem, bench, holders, ret);
    PGresult *result = PQgetResult(bench->pg);
    const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    ret->sqlstate = lk_strdup(mem, sqlstate != NULL ? sqlstate : "00000");
    ret->message = lk_strdup(mem, PQresultErrorMessage(result));
    PQclear(result);
    PQclear(PQgetResult(bench->pg));
    run(bench->pg, "BEGIN");
    read_files(mem, bench, ret);
    run(bench->pg, "COMMIT");
    ret->scans.items.count = 0; /* those of another transaction */
}

struct lk_measure
lk_bench_measure(TALLOC_CTX *mem, struct lk_bench *bench, const char *setup, const char *statement)
{
    struct lk_measure measure = {0};

    if (setup != NULL) {
        const char *message, *sqlstate = try(mem, bench, setup, &message);
        look(bench);
        forget_scans(bench);
        if (strcmp(sqlstate, "00000") != 0) {
            renew(bench);
            return (struct lk_measure){.sqlstate = sqlstate, .message = message};
        }
    }
    bench->messages.items.count = 0;
    run(bench->pg, "BEGIN");
    bench->messages.items.count = 0;
    measure.sqlstate = try(mem, bench, statement, &measure.message);
    measure.refused = strcmp(measure.sqlstate, REFUSED) == 0;
    if (strcmp(measure.sqlstate, "00000") == 0) {
        read_messages(bench, &measure);
        read_locks(mem, bench, &measure);
        read_files(mem, bench, &measure);
        measure.again = try(mem, bench, statement, NULL);
    }
    run(bench->pg, "ROLLBACK");
    run(bench->pg, "DEALLOCATE ALL"); /* which no ROLLBACK does */
    forget_scans(bench);
    if (measure.refused)
        measure_outside(mem, bench, statement, &measure);
    if (setup != NULL || measure.refused)
        renew(bench);
    return measure;
}
