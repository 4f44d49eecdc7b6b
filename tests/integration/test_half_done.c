/*
 * tests/integration/test_half_done.c
 *     Statements that are stopped half way, for real: each kind that does not roll back as a whole
 *     and stands on its own, stopped in each way while another session is in its way, and carried
 *     out again.
 */
#include <signal.h>

#include "tests/integration/site.h"

#define PATIENT "apply: {retry: {max_elapsed: 50s, base: 20ms, cap: 50ms}}\n"
#define BACKENDS                                                                                   \
    "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'lockkeeper'"                  \
    " AND datname = current_database()"

#define SNAPSHOT "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT * FROM a LIMIT 1"
#define TABLE                                                                                      \
    "CREATE TABLE a (id int, b text); INSERT INTO a SELECT i, i FROM generate_series(1, 9) i"
#define INDEXED TABLE "; CREATE UNIQUE INDEX a_id ON a (id); CREATE INDEX a_b ON a (b)"
#define PARTITIONED                                                                                \
    "CREATE TABLE a (id int, b text) PARTITION BY LIST (id);"                                      \
    " CREATE TABLE a_1 PARTITION OF a FOR VALUES IN (1); CREATE TABLE a_2 PARTITION OF a"          \
    " FOR VALUES IN (2); CREATE INDEX a_b ON a (b); INSERT INTO a VALUES (1, 'x')"
#define INDEXES                                                                                    \
    "SELECT indexrelid::regclass, indisvalid FROM pg_index WHERE indrelid = 'a'::regclass"         \
    " ORDER BY 1::text"
#define BOTH "a_id|t\na_b|t"

static const struct {
    const char *setup;
    const char *rival;     /* what another session does, and leaves open */
    const char *statement; /* $ is the database */
    const char *check, *wanted;
} kinds[] = {
    {TABLE, SNAPSHOT, "CREATE INDEX CONCURRENTLY a_b ON a (b)", INDEXES, "a_b|t"},
    {TABLE, SNAPSHOT, "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS a_id ON a (id)", INDEXES,
     "a_id|t"},
    {INDEXED, SNAPSHOT, "CREATE INDEX CONCURRENTLY ON a (b, id)",
     "SELECT count(*) FROM pg_index WHERE indrelid = 'a'::regclass AND indisvalid", "3"},
    {INDEXED, SNAPSHOT, "DROP INDEX CONCURRENTLY a_b", INDEXES, "a_id|t"},
    {INDEXED, SNAPSHOT, "DROP INDEX CONCURRENTLY IF EXISTS a_b", INDEXES, "a_id|t"},
    {INDEXED, SNAPSHOT, "REINDEX INDEX CONCURRENTLY a_b", INDEXES, BOTH},
    {INDEXED, SNAPSHOT, "REINDEX TABLE CONCURRENTLY a", INDEXES, BOTH},
    {INDEXED, SNAPSHOT, "REINDEX SCHEMA CONCURRENTLY public", INDEXES, BOTH},
    {INDEXED, SNAPSHOT, "REINDEX DATABASE CONCURRENTLY $", INDEXES, BOTH},
    {PARTITIONED, "BEGIN; LOCK TABLE a_2 IN ACCESS SHARE MODE; SELECT * FROM a_2",
     "REINDEX TABLE a", "SELECT count(*) FROM pg_index WHERE NOT indisvalid", "0"},
    {PARTITIONED, "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT * FROM a_2",
     "REINDEX TABLE CONCURRENTLY a",
     "SELECT count(*), bool_and(indisvalid) FROM pg_index WHERE indrelid::regclass::text ~ '^a'",
     "3|t"},
    {PARTITIONED, "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT * FROM a_2",
     "REINDEX INDEX CONCURRENTLY a_b",
     "SELECT count(*), bool_and(indisvalid) FROM pg_index WHERE indrelid::regclass::text ~ '^a'",
     "3|t"},
    {PARTITIONED, SNAPSHOT, "ALTER TABLE a DETACH PARTITION a_1 CONCURRENTLY",
     "SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent = 'a'::regclass", "a_2"},
    {PARTITIONED "; CREATE SCHEMA \"S s\"; ALTER TABLE a_1 RENAME TO \"A $1\";"
                 " ALTER TABLE \"A $1\" SET SCHEMA \"S s\"",
     SNAPSHOT, "ALTER TABLE a DETACH PARTITION \"S s\".\"A $1\" CONCURRENTLY",
     "SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent = 'a'::regclass", "a_2"},
    {"CREATE TYPE mood AS ENUM ('sad')", "BEGIN; LOCK TABLE pg_enum IN EXCLUSIVE MODE",
     "ALTER TYPE mood ADD VALUE 'glad'",
     "SELECT enumlabel FROM pg_enum WHERE enumtypid = 'mood'::regtype ORDER BY enumsortorder",
     "sad\nglad"},
    {"CREATE TYPE mood AS ENUM ('sad')", "BEGIN; LOCK TABLE pg_enum IN EXCLUSIVE MODE",
     "ALTER TYPE mood ADD VALUE IF NOT EXISTS 'glad' BEFORE 'sad'",
     "SELECT enumlabel FROM pg_enum WHERE enumtypid = 'mood'::regtype ORDER BY enumsortorder",
     "glad\nsad"},
    {TABLE "; ALTER TABLE a ADD CONSTRAINT positive CHECK (id > 0) NOT VALID",
     "BEGIN; LOCK TABLE a IN SHARE UPDATE EXCLUSIVE MODE",
     "ALTER TABLE a VALIDATE CONSTRAINT positive",
     "SELECT convalidated FROM pg_constraint WHERE conname = 'positive'", "t"},
    {TABLE "; CREATE MATERIALIZED VIEW m AS SELECT * FROM a; CREATE UNIQUE INDEX m_id ON m (id);"
           " INSERT INTO a VALUES (10, 'new')",
     "BEGIN; LOCK TABLE a", "REFRESH MATERIALIZED VIEW CONCURRENTLY m", "SELECT count(*) FROM m",
     "10"},
    {INDEXED "; CLUSTER a USING a_id", "BEGIN; LOCK TABLE a IN ACCESS SHARE MODE", "CLUSTER",
     INDEXES, BOTH},
    {INDEXED, "BEGIN; LOCK TABLE a IN ACCESS SHARE MODE", "VACUUM FULL a", INDEXES, BOTH},
    {INDEXED, "BEGIN; LOCK TABLE a IN SHARE UPDATE EXCLUSIVE MODE", "VACUUM ANALYZE a",
     "SELECT reltuples FROM pg_class WHERE oid = 'a'::regclass", "9"},
};

enum way {
    CANCELED, /* by somebody else: the run fails, the next one goes on */
    LOST,     /* its backend is ended: the run goes on */
    KILLED    /* the client is: the server ends the backend, the next run goes on */
};

static const char *
end_backend(const char *function, const struct lk_site *site)
{
    return lk_fmt(site->mem,
                  "SELECT %s(pid) FROM pg_stat_activity WHERE application_name = 'lockkeeper'"
                  " AND wait_event_type = 'Lock' AND datname = current_database()",
                  function);
}

/* statement_of returns what is carried out, with the name of the database. */
static char *
statement_of(const struct lk_site *site, const char *statement)
{
    size_t length = strlen(statement);

    return statement[length - 1] == '$'
               ? lk_fmt(site->mem, "%.*s%s", (int)length - 1, statement, site->database)
               : lk_strdup(site->mem, statement);
}

/* disturb stops a run at the statement that waits for the rival, and has another one end it. */
static void
disturb(const struct lk_site *site, PGconn *rival, enum way way)
{
    struct lk_process process = lk_site_spawn(site, "apply --no-gate migrations", NULL);

    lk_site_wait_for(site,
                     "SELECT count(*) > 0 FROM pg_stat_activity WHERE datname ="
                     " current_database() AND application_name = 'lockkeeper'"
                     " AND wait_event_type = 'Lock'",
                     "t");
    if (way == CANCELED) {
        lk_site_value(site, end_backend("pg_cancel_backend", site));
        lk_site_send(rival, "COMMIT");
        struct lk_output output = lk_process_wait(site->mem, &process);
        lk_expect_text(output.err, "canceling statement due to user request");
        lk_expect_text(output.err, "0001_a.sql:3:");
    } else if (way == LOST) {
        lk_site_value(site, end_backend("pg_terminate_backend", site));
        lk_site_send(rival, "COMMIT");
        lk_site_finish(site, &process, 0);
    } else {
        kill(process.pid, SIGKILL);
        lk_site_finish(site, &process, -1);
        lk_site_wait_for(site, BACKENDS, "0");
        lk_site_send(rival, "COMMIT");
    }
    lk_site_expect(site, "apply --no-gate migrations", 0);
}

/* expect_clean wants nothing left of any half. */
static void
expect_clean(const struct lk_site *site)
{
    lk_site_expect_value(site, "SELECT script, status FROM lockkeeper.migration",
                         "0001_a.sql|applied");
    lk_site_expect_value(site, "SELECT n FROM log ORDER BY n", "1\n2");
    lk_site_expect_value(site,
                         "SELECT c.relname FROM pg_class c LEFT JOIN pg_index i"
                         " ON i.indexrelid = c.oid WHERE NOT i.indisvalid"
                         " OR c.relname ~ '_cc(new|old)'",
                         "");
    lk_site_expect_value(site, "SELECT inhrelid FROM pg_inherits WHERE inhdetachpending", "");
    lk_site_expect_value(site, "SELECT state FROM lockkeeper.journal WHERE state <> 'done'", "");
    lk_site_expect_value(site,
                         "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"
                         " AND database = (SELECT oid FROM pg_database"
                         " WHERE datname = current_database())",
                         "0");
}

static void
disturb_all(const struct lk_site *site, enum way way)
{
    lk_site_config(site, PATIENT);
    for (size_t i = 0; i < LK_ARRAY_SIZE(kinds); i++) {
        char *statement = statement_of(site, kinds[i].statement);
        PGconn *rival = lk_site_connect(site);
        print_message("%s\n", statement);
        lk_site_exec(site, "CREATE TABLE log (n int)");
        lk_site_exec(site, kinds[i].setup);
        lk_site_migration(site, "0001_a.sql",
                          lk_fmt(site->mem,
                                 "-- lockkeeper: transaction off\nINSERT INTO log VALUES (1);\n"
                                 "%s;\nINSERT INTO log VALUES (2);\n",
                                 statement));
        lk_site_send(rival, kinds[i].rival);
        disturb(site, rival, way);
        PQfinish(rival);
        lk_site_expect_value(site, kinds[i].check, kinds[i].wanted);
        expect_clean(site);
        lk_site_exec(site, "DROP SCHEMA IF EXISTS \"S s\" CASCADE; DROP SCHEMA lockkeeper CASCADE;"
                           " DROP SCHEMA public CASCADE; CREATE SCHEMA public");
    }
}

static void
test_canceled(void **state)
{
    disturb_all(*state, CANCELED);
}

static void
test_lost(void **state)
{
    disturb_all(*state, LOST);
}

static void
test_killed(void **state)
{
    disturb_all(*state, KILLED);
}

/* ---- what others have put there meanwhile ---- */

/* replaced has a build stopped, and somebody put something else under the name of its index. */
static void
replaced(const struct lk_site *site, const char *statement, const char *other, const char *message)
{
    PGconn *rival = lk_site_connect(site);

    lk_site_config(site, PATIENT);
    lk_site_exec(site, "CREATE TABLE log (n int)");
    lk_site_exec(site, TABLE);
    lk_site_migration(site, "0001_a.sql",
                      lk_fmt(site->mem,
                             "-- lockkeeper: transaction off\nINSERT INTO log VALUES (1);\n"
                             "%s;\nINSERT INTO log VALUES (2);\n",
                             statement));
    lk_site_send(rival, SNAPSHOT);
    struct lk_process process = lk_site_spawn(site, "apply --no-gate migrations", NULL);
    lk_site_wait_for(site, "SELECT count(*) FROM pg_index WHERE indrelid = 'a'::regclass", "1");
    kill(process.pid, SIGKILL);
    lk_site_finish(site, &process, -1);
    lk_site_wait_for(site, BACKENDS, "0");
    lk_site_send(rival, "COMMIT");
    PQfinish(rival);
    lk_site_exec(site, "DROP INDEX a_b");
    lk_site_exec(site, other);
    for (int i = 0; i < 2; i++) { /* and it stays so */
        struct lk_output output = lk_site_expect(site, "apply --no-gate migrations", 7);
        lk_expect_text(output.err, "0001_a.sql:3: ");
        lk_expect_text(output.err, message);
        lk_site_expect_value(site, "SELECT n FROM log", "1");
    }
    lk_site_exec(site, "DO $$ BEGIN DROP INDEX a_b; EXCEPTION WHEN wrong_object_type THEN"
                       " DROP TABLE a_b; END $$");
    lk_site_expect(site, "apply --no-gate migrations", 0);
    lk_site_expect_value(site, INDEXES, "a_b|t");
    expect_clean(site);
}

static void
test_replaced_by_another_index(void **state)
{
    replaced(*state, "CREATE INDEX CONCURRENTLY IF NOT EXISTS a_b ON a (b)",
             "CREATE UNIQUE INDEX a_b ON a (id)",
             "wanted: USING btree (b); there: UNIQUE USING btree (id)");
}

static void
test_replaced_without_if_not_exists(void **state)
{
    replaced(*state, "CREATE INDEX CONCURRENTLY a_b ON a (b)", "CREATE UNIQUE INDEX a_b ON a (id)",
             ": UNIQUE USING btree (id)");
}

static void
test_replaced_by_a_table(void **state)
{
    replaced(*state, "CREATE INDEX CONCURRENTLY IF NOT EXISTS a_b ON a (b)", "CREATE TABLE a_b ()",
             "it is no index");
}

static void
test_replaced_on_another_table(void **state)
{
    replaced(*state, "CREATE INDEX CONCURRENTLY IF NOT EXISTS a_b ON a (b)",
             "CREATE TABLE o (b text); CREATE INDEX a_b ON o (b)", "it is one of o");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        lk_site_test(test_canceled),
        lk_site_test(test_lost),
        lk_site_test(test_killed),
        lk_site_test(test_replaced_by_another_index),
        lk_site_test(test_replaced_without_if_not_exists),
        lk_site_test(test_replaced_by_a_table),
        lk_site_test(test_replaced_on_another_table),
    };

    return lk_site_main("half_done", tests, LK_ARRAY_SIZE(tests));
}
