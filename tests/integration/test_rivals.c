/*
 * tests/integration/test_rivals.c
 *     Other sessions, other runs, signals and passwords.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/integration/site.h"

#define QUICK_RETRY                                                                                \
    "apply: {lock_timeout: 100ms, retry: {max_elapsed: 20s, base: 20ms, cap: 50ms}}\n"
#define ROWS "SELECT script, status FROM lockkeeper.migration ORDER BY rank"
#define WAITING_FOR_SNAPSHOT                                                                       \
    "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'virtualxid'"                        \
    " AND datname = current_database()"
#define SLEEPING                                                                                   \
    "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%pg_sleep%'"     \
    " AND datname = current_database() AND pid <> pg_backend_pid()"

/* ---- locks ---- */

static void
test_lock_timeout_is_retried(void **state)
{
    const struct lk_site *site = *state;

    lk_site_config(site, QUICK_RETRY);
    lk_site_exec(site, "CREATE TABLE a (id int)");
    lk_site_migration(site, "0001_b.sql", "CREATE TABLE b ();\nALTER TABLE a ADD COLUMN b int;\n");
    lk_site_migration(site, "0002_c.sql",
                      "CREATE TABLE c ();\nALTER TABLE a ADD COLUMN c int;\n"
                      "CREATE INDEX CONCURRENTLY a_c_idx ON a (c);\n");
    PGconn *rival = lk_site_connect(site);
    lk_site_send(rival, "BEGIN; LOCK TABLE a IN ACCESS SHARE MODE");
    struct lk_process process = lk_site_spawn(site, "apply --no-gate migrations", NULL);
    lk_process_wait_for(&process, "lock timeout");
    lk_site_send(rival, "COMMIT");
    lk_site_finish(site, &process, 0);
    lk_site_expect_value(
        site, "SELECT attempts > 1 FROM lockkeeper.migration ORDER BY rank LIMIT 1", "t");
    lk_site_expect_value(site, ROWS, "0001_b.sql|applied\n0002_c.sql|applied");
    PQfinish(rival);
}

static void
test_lock_timeout_in_segments(void **state)
{
    const struct lk_site *site = *state;

    lk_site_config(site, QUICK_RETRY);
    lk_site_exec(site, "CREATE TABLE a (id int)");
    lk_site_migration(site, "0001_a.sql",
                      "CREATE TABLE b ();\n"
                      "CREATE INDEX CONCURRENTLY a_idx ON a (id);\n"
                      "INSERT INTO a VALUES (1);\nALTER TABLE a ADD COLUMN c int;\n"
                      "CREATE INDEX CONCURRENTLY a_c_idx ON a (c);\n");
    PGconn *rival = lk_site_connect(site);
    /* an old snapshot: CREATE INDEX CONCURRENTLY has to wait for it, longer than lock_timeout */
    lk_site_send(rival, "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1 FROM pg_class LIMIT 1");
    struct lk_process process = lk_site_spawn(site, "apply --no-gate migrations", NULL);
    lk_site_wait_for(site, WAITING_FOR_SNAPSHOT, "1");
    lk_sleep_ms(300); /* three times lock_timeout */
    lk_site_expect_value(site, WAITING_FOR_SNAPSHOT, "1");
    lk_site_expect_value(site, "SELECT to_regclass('b') IS NOT NULL, count(*) FROM a", "t|0");
    lk_site_send(rival, "LOCK TABLE a IN ACCESS SHARE MODE; SELECT 1");
    lk_site_send(rival, "COMMIT; BEGIN; LOCK TABLE a IN ACCESS SHARE MODE");
    lk_process_wait_for(&process, "lock timeout");
    lk_site_send(rival, "COMMIT");
    lk_site_finish(site, &process, 0);
    lk_site_expect_value(site, ROWS, "0001_a.sql|applied");
    lk_site_expect_value(site, "SELECT count(*) FROM a", "1");
    lk_site_expect_value(site,
                         "SELECT count(*) FROM pg_index WHERE indrelid = 'a'::regclass"
                         " AND indisvalid",
                         "2");
    PQfinish(rival);
}

static void
test_lock_timeout_gives_up(void **state)
{
    const struct lk_site *site = *state;

    lk_site_config(site, "apply: {lock_timeout: 50ms, retry: {max_elapsed: 2s, base: 20ms}}\n");
    lk_site_exec(site, "CREATE TABLE a (id int)");
    lk_site_migration(site, "0001_b.sql", "ALTER TABLE a ADD COLUMN b int;\n");
    PGconn *rival = lk_site_connect(site);
    lk_site_send(rival, "BEGIN; LOCK TABLE a IN ACCESS SHARE MODE");
    struct lk_output output = lk_site_expect(site, "apply --no-gate migrations", 6);
    lk_expect_text(output.err, "SQLSTATE 55P03");
    lk_expect_text(output.err, "attempts over");
    lk_site_expect_value(site, "SELECT status, sqlstate, attempts > 1 FROM lockkeeper.migration",
                         "failed|55P03|t");
    lk_site_send(rival, "COMMIT");
    lk_site_expect(site, "apply --no-gate migrations", 0);
    PQfinish(rival);
}

static void
test_deadlock_is_retried(void **state)
{
    const struct lk_site *site = *state;

    lk_site_config(site, "apply: {lock_timeout: 30s, retry: {max_elapsed: 50s, base: 20ms}}\n");
    lk_site_exec(site, lk_fmt(site->mem,
                              "CREATE TABLE a (id int); CREATE TABLE b (id int);"
                              " ALTER DATABASE %s SET deadlock_timeout = '2s'",
                              site->database));
    lk_site_migration(site, "0001_ab.sql",
                      "ALTER TABLE a ADD COLUMN x int;\nALTER TABLE b ADD COLUMN x int;\n");
    PGconn *rival = lk_site_connect(site);
    lk_site_send(rival, "SET deadlock_timeout = '1h'; BEGIN; LOCK TABLE b");
    struct lk_process process = lk_site_spawn(site, "apply --no-gate migrations", NULL);
    lk_site_wait_for(
        site, "SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'relation'", "1");
    lk_site_send(rival, "LOCK TABLE a");
    lk_site_send(rival, "COMMIT");
    struct lk_output output = lk_site_finish(site, &process, 0);
    lk_expect_text(output.err, "deadlock");
    lk_site_expect_value(site, "SELECT status, attempts FROM lockkeeper.migration", "applied|2");
    PQfinish(rival);
}

/* ---- other runs ---- */

static void
test_runs_exclude_each_other(void **state)
{
    const struct lk_site *site = *state;
    struct lk_process processes[4];

    lk_site_migration(site, "0001_a.sql", "CREATE TABLE a (n int);\nSELECT pg_sleep(0.3);\n");
    lk_site_migration(site, "0002_a.sql", "INSERT INTO a VALUES (1);\n");
    lk_site_migration(site, "0003_a.sql",
                      "INSERT INTO a VALUES (2);\nCREATE INDEX CONCURRENTLY a_idx ON a (n);\n"
                      "INSERT INTO a VALUES (3);\n");
    for (size_t i = 0; i < LK_ARRAY_SIZE(processes); i++)
        processes[i] = lk_site_spawn(site, "apply --no-gate migrations", NULL);
    for (size_t i = 0; i < LK_ARRAY_SIZE(processes); i++)
        lk_site_finish(site, &processes[i], 0);
    lk_site_expect_value(site, ROWS, "0001_a.sql|applied\n0002_a.sql|applied\n0003_a.sql|applied");
    lk_site_expect_value(site, "SELECT n FROM a ORDER BY n", "1\n2\n3");
}

/* DISCARD ALL and their like give all advisory locks away: the run takes its own back at once. */
static void
gives_lock_away(const struct lk_site *site, const char *statement)
{
    lk_site_make_gates(site);
    lk_site_exec(site, "CREATE TABLE log (n int)");
    lk_site_migration(site, "0001_a.sql",
                      lk_fmt(site->mem,
                             "-- lockkeeper: transaction off\nINSERT INTO log VALUES (1);\n%s;\n"
                             "INSERT INTO log VALUES (2);\n" LK_GATE("1"),
                             statement));
    struct lk_process first = lk_site_spawn(site, "apply --no-gate migrations", NULL);
    lk_site_wait_for(site, SLEEPING, "1");
    struct lk_process second = lk_site_spawn(site, "apply --no-gate migrations", NULL);
    lk_process_wait_for(&second, "another run holds the lock");
    lk_site_open_gate(site, 1);
    lk_site_finish(site, &first, 0);
    lk_site_finish(site, &second, 0);
    lk_site_expect_value(site, "SELECT n FROM log ORDER BY n", "1\n2");
}

static void
test_discard_all(void **state)
{
    gives_lock_away(*state, "DISCARD ALL");
}

static void
test_unlock_all(void **state)
{
    gives_lock_away(*state, "SELECT pg_advisory_unlock_all()");
}

/* A run whose lock somebody else has taken stops, and leaves the migration's row alone. */
static void
test_lock_taken_away(void **state)
{
    const struct lk_site *site = *state;

    lk_site_config(site, "apply: {retry: {max_elapsed: 300ms}}\n");
    lk_site_make_gates(site);
    lk_site_exec(site, "CREATE TABLE log (n int)");
    lk_site_migration(site, "0001_a.sql",
                      "-- lockkeeper: transaction off\n"
                      "DO $$ BEGIN PERFORM pg_advisory_unlock_all();"
                      " WHILE NOT EXISTS (SELECT FROM opened WHERE gate = 1)"
                      " LOOP PERFORM pg_sleep(0.01); END LOOP; END $$;\n"
                      "INSERT INTO log VALUES (1);\n");
    struct lk_process process = lk_site_spawn(site, "apply --no-gate migrations", NULL);
    lk_site_wait_for(site, SLEEPING, "1");
    PGconn *rival = lk_site_connect(site);
    PQsendQuery(rival, "SELECT pg_advisory_lock(7813573191525557616)"); /* "lockkeep" */
    lk_site_wait_for(
        site, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted", "1");
    lk_site_open_gate(site, 1);
    struct lk_output output = lk_site_finish(site, &process, 5);
    lk_expect_text(output.err, "another run");
    lk_site_expect_value(site, "SELECT count(*) FROM log", "0");
    lk_site_expect_value(site, "SELECT status, error FROM lockkeeper.migration", "failed|");
    PQfinish(rival);
    lk_site_expect(site, "apply --no-gate migrations", 0);
    lk_site_expect_value(site, "SELECT count(*) FROM log", "1");
}

static void
test_run_does_not_wait_for_ever(void **state)
{
    const struct lk_site *site = *state;

    lk_site_config(site, "apply: {retry: {max_elapsed: 300ms}}\n");
    lk_site_make_gates(site);
    lk_site_migration(site, "0001_a.sql", "CREATE TABLE a ();\n" LK_GATE("1"));
    struct lk_process process = lk_site_spawn(site, "apply --no-gate migrations", NULL);
    lk_site_wait_for(site, SLEEPING, "1");
    struct lk_output output = lk_site_expect(site, "apply --no-gate migrations", 5);
    lk_expect_text(output.err, "another run");
    lk_site_open_gate(site, 1);
    lk_site_finish(site, &process, 0);
    lk_site_expect_value(site, ROWS, "0001_a.sql|applied");
}

/* ---- signals and lost connections ---- */

static void
terminate_backend(const struct lk_site *site)
{
    lk_site_value(site, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                        " WHERE application_name = 'lockkeeper' AND datname = current_database()");
}

static void
interrupt_transaction(const struct lk_site *site, int signal_number)
{
    lk_site_migration(site, "0001_a.sql", "CREATE TABLE a ();\n");
    lk_site_migration(site, "0002_b.sql", "CREATE TABLE b ();\nSELECT pg_sleep(30);\n");
    struct lk_process process = lk_site_spawn(site, "apply --no-gate migrations", NULL);
    lk_site_wait_for(site, SLEEPING, "1");
    kill(process.pid, signal_number);
    struct lk_output output = lk_site_finish(site, &process, 9);
    lk_expect_text(output.err, "0002_b.sql");
    lk_site_wait_for(site, SLEEPING, "0");
    lk_site_expect_value(site, "SELECT outcome FROM lockkeeper.run", "interrupted");
    lk_site_expect_value(site, "SELECT to_regclass('a') IS NULL, to_regclass('b') IS NULL", "f|t");
    lk_site_migration(site, "0002_b.sql", "CREATE TABLE b ();\nSELECT pg_sleep(0);\n");
    lk_site_expect(site, "apply --no-gate migrations", 0);
}

static void
test_sigint(void **state)
{
    interrupt_transaction(*state, SIGINT);
}

static void
test_sigterm(void **state)
{
    interrupt_transaction(*state, SIGTERM);
}

static void
test_interrupted_segments(void **state)
{
    const struct lk_site *site = *state;

    lk_site_exec(site, "CREATE TABLE a (id int); CREATE TABLE log (n int)");
    lk_site_migration(site, "0001_a.sql",
                      "INSERT INTO log VALUES (1);\n"
                      "CREATE INDEX CONCURRENTLY a_idx ON a (id);\n"
                      "INSERT INTO log VALUES (2);\n");
    PGconn *rival = lk_site_connect(site);
    lk_site_send(rival, "BEGIN ISOLATION LEVEL REPEATABLE READ; INSERT INTO a VALUES (1)");
    struct lk_process process = lk_site_spawn(site, "apply --no-gate migrations", NULL);
    lk_site_wait_for(site, "SELECT count(*) FROM pg_index WHERE indrelid = 'a'::regclass", "1");
    kill(process.pid, SIGINT);
    struct lk_output output = lk_site_finish(site, &process, 9);
    lk_expect_text(output.err, "0001_a.sql:2");
    lk_site_send(rival, "COMMIT");
    lk_site_expect(site, "apply --no-gate migrations", 0);
    lk_site_expect_value(site, "SELECT n FROM log ORDER BY n", "1\n2");
    lk_site_expect_value(site,
                         "SELECT indexrelid::regclass, indisvalid FROM pg_index"
                         " WHERE indrelid = 'a'::regclass",
                         "a_idx|t");
    lk_site_expect_value(site, ROWS, "0001_a.sql|applied");
    PQfinish(rival);
}

/*
 * disturb stops a statement that waits for an old transaction half way: by a signal, and the next
 * run goes on, or by the loss of the connection, and the same run does.
 */
static void
disturb(const struct lk_site *site, PGconn *rival, bool by_signal)
{
    lk_site_config(site, QUICK_RETRY);
    struct lk_process process = lk_site_spawn(site, "apply --no-gate migrations", NULL);
    lk_site_wait_for(site, WAITING_FOR_SNAPSHOT, "1");
    if (by_signal)
        kill(process.pid, SIGINT);
    else
        terminate_backend(site);
    if (by_signal)
        lk_site_finish(site, &process, 9);
    lk_site_send(rival, "COMMIT");
    if (!by_signal)
        lk_site_finish(site, &process, 0);
    lk_site_expect(site, "apply --no-gate migrations", 0);
    lk_site_expect_value(site, ROWS, "0001_a.sql|applied");
    lk_site_expect_value(site, "SELECT n FROM log ORDER BY n", "1\n2");
    lk_site_expect_value(site, "SELECT count(*) FROM pg_index WHERE NOT indisvalid", "0");
    PQfinish(rival);
}

/* disturbed puts the statement between two that count. */
static void
disturbed(const struct lk_site *site, const char *setup, const char *statement, bool by_signal)
{
    PGconn *rival = lk_site_connect(site);

    lk_site_exec(site, lk_fmt(site->mem, "CREATE TABLE log (n int); %s", setup));
    lk_site_migration(site, "0001_a.sql",
                      lk_fmt(site->mem,
                             "INSERT INTO log VALUES (1);\n%s;\nINSERT INTO log VALUES (2);\n",
                             statement));
    lk_site_send(rival, "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT * FROM a");
    disturb(site, rival, by_signal);
}

static void
test_disturbed_reindex(void **state)
{
    const struct lk_site *site = *state;

    disturbed(site, "CREATE TABLE a (id int PRIMARY KEY, b text UNIQUE)",
              "REINDEX TABLE CONCURRENTLY a", true);
    lk_site_expect_value(site, "SELECT count(*) FROM pg_class WHERE relname LIKE 'a\\_%'", "2");
}

static void
test_lost_reindex(void **state)
{
    const struct lk_site *site = *state;

    disturbed(site, "CREATE TABLE a (id int PRIMARY KEY, b text UNIQUE)",
              "REINDEX INDEX CONCURRENTLY a_pkey", false);
    lk_site_expect_value(site, "SELECT count(*) FROM pg_class WHERE relname LIKE 'a\\_%'", "2");
}

#define PARTITIONED                                                                                \
    "CREATE TABLE a (id int) PARTITION BY LIST (id);"                                              \
    " CREATE TABLE \"A 1\" PARTITION OF a FOR VALUES IN (1)"

static void
test_disturbed_detach(void **state)
{
    const struct lk_site *site = *state;

    disturbed(site, PARTITIONED, "ALTER TABLE a DETACH PARTITION \"A 1\" CONCURRENTLY", true);
    lk_site_expect_value(site, "SELECT count(*) FROM pg_inherits", "0");
}

static void
test_lost_detach(void **state)
{
    const struct lk_site *site = *state;

    disturbed(site, PARTITIONED, "ALTER TABLE a DETACH PARTITION \"A 1\" CONCURRENTLY", false);
    lk_site_expect_value(site, "SELECT count(*) FROM pg_inherits", "0");
}

static void
test_disturbed_unnamed_index(void **state)
{
    const struct lk_site *site = *state;

    disturbed(site, "CREATE TABLE a (id int); CREATE INDEX ON a (id)",
              "CREATE INDEX CONCURRENTLY ON a (id)", true);
    lk_site_expect_value(site, "SELECT count(*) FROM pg_index WHERE indrelid = 'a'::regclass", "2");
}

static void
test_lost_unnamed_index(void **state)
{
    const struct lk_site *site = *state;

    disturbed(site, "CREATE TABLE a (id int); CREATE INDEX ON a (id)",
              "CREATE INDEX CONCURRENTLY ON a (id)", false);
    lk_site_expect_value(site, "SELECT count(*) FROM pg_index WHERE indrelid = 'a'::regclass", "2");
}

static void
test_disturbed_drop_index(void **state)
{
    disturbed(*state, "CREATE TABLE a (id int); CREATE INDEX a_idx ON a (id)",
              "DROP INDEX CONCURRENTLY a_idx", true);
}

static void
test_interrupted_while_waiting(void **state)
{
    const struct lk_site *site = *state;

    lk_site_config(site, "apply: {lock_timeout: 50ms, retry: {max_elapsed: 60s, base: 30s}}\n");
    lk_site_exec(site, "CREATE TABLE a (id int)");
    lk_site_migration(site, "0001_b.sql", "ALTER TABLE a ADD COLUMN b int;\n");
    PGconn *rival = lk_site_connect(site);
    lk_site_send(rival, "BEGIN; LOCK TABLE a IN ACCESS SHARE MODE");
    struct lk_process process = lk_site_spawn(site, "apply --no-gate migrations", NULL);
    lk_process_wait_for(&process, "trying again in"); /* it pauses before the next try */
    struct lk_process second = lk_site_spawn(site, "apply --no-gate migrations", NULL);
    lk_process_wait_for(&second, "another run");
    kill(second.pid, SIGTERM);
    lk_site_finish(site, &second, 9);
    kill(process.pid, SIGTERM);
    lk_site_finish(site, &process, 9);
    lk_site_send(rival, "COMMIT");
    lk_site_expect(site, "apply --no-gate migrations", 0);
    PQfinish(rival);
}

/* The backend of a killed client goes on: the next run waits for it, and finds its work done. */
static void
test_killed_client(void **state)
{
    const struct lk_site *site = *state;

    lk_site_migration(site, "0001_a.sql", "CREATE TABLE a ();\nSELECT pg_sleep(1);\n");
    struct lk_process process = lk_site_spawn(site, "apply --no-gate migrations", NULL);
    lk_site_wait_for(site, SLEEPING, "1");
    kill(process.pid, SIGKILL);
    lk_site_finish(site, &process, -1);
    lk_site_expect(site, "apply --no-gate migrations", 0);
    lk_site_expect_value(site, ROWS, "0001_a.sql|applied");
}

static void
test_terminated_backend(void **state)
{
    const struct lk_site *site = *state;

    lk_site_config(site, QUICK_RETRY);
    lk_site_make_gates(site);
    lk_site_migration(site, "0001_a.sql", "CREATE TABLE a (n int);\n" LK_GATE("1"));
    lk_site_migration(
        site, "0002_a.sql",
        "-- lockkeeper: transaction off\n"
        "SET search_path = elsewhere, public;\n"
        "INSERT INTO a VALUES (1);\n" LK_GATE(
            "2") "CREATE TABLE seen AS SELECT current_setting('search_path') AS path;\n");
    lk_site_exec(site, "CREATE SCHEMA elsewhere");
    struct lk_process process = lk_site_spawn(site, "apply --no-gate migrations", NULL);
    lk_site_wait_for(site, SLEEPING, "1");
    terminate_backend(site);
    lk_site_open_gate(site, 1);
    lk_site_wait_for(site, "SELECT to_regclass('a') IS NOT NULL", "t");
    lk_site_wait_for(site, "SELECT count(*) FROM a", "1");
    lk_site_wait_for(site, SLEEPING, "1");
    terminate_backend(site);
    lk_site_open_gate(site, 2);
    struct lk_output output = lk_site_finish(site, &process, 0);
    lk_expect_text(output.err, "server shut down");
    lk_site_expect_value(site,
                         "SELECT script, status, attempts FROM lockkeeper.migration"
                         " ORDER BY rank",
                         "0001_a.sql|applied|2\n0002_a.sql|applied|2");
    lk_site_expect_value(site, "SELECT n FROM a", "1");
    lk_site_expect_value(site, "SELECT path FROM elsewhere.seen", "elsewhere, public");
}

/* ---- passwords ---- */

#define WRONG "wr0ng-s3cret"
#define RIGHT "r1ght-s3cret"

/* lets_in returns whether the server takes a connection. */
static bool
lets_in(const char *url)
{
    PGconn *pg = PQconnectdb(url);
    bool in = PQstatus(pg) == CONNECTION_OK;

    PQfinish(pg);
    return in;
}

/* want_password makes the server ask a role for its password, in the way given. */
static void
want_password(const struct lk_site *site, const char *role, const char *method, const char *url)
{
    char *path = lk_fmt(site->mem, "%s/data/pg_hba.conf", site->server->folder);
    char *rules = lk_test_read(site->mem, path);
    FILE *file = fopen(path, "w"); /* the same file: it belongs to the server's user */

    assert_non_null(file);
    fprintf(file, "local all %s %s\n%s", role, method, rules);
    fclose(file);
    lk_site_exec(site, lk_fmt(site->mem,
                              "SET password_encryption = '%s';"
                              " CREATE ROLE %s LOGIN SUPERUSER PASSWORD '" RIGHT "'",
                              method, role));
    lk_site_exec(site, "SELECT pg_reload_conf()");
    while (lets_in(url))
        lk_sleep_ms(10);
}

static void
expect_secret(const struct lk_site *site, const char *url, const char *secret, int exit_code)
{
    struct lk_process process = lk_site_spawn(site, "apply -v migrations", url);
    struct lk_output output = lk_site_finish(site, &process, exit_code);

    lk_expect_no_text(output.out, secret);
    lk_expect_no_text(output.err, secret);
}

static void
try_passwords(const struct lk_site *site, const char *method)
{
    char *role = lk_fmt(site->mem, "%s_%.3s", site->database, method);
    char *url =
        lk_fmt(site->mem, "host=%s user=%s dbname=%s", site->server->folder, role, site->database);

    want_password(site, role, method, url);
    lk_site_migration(site, "0001_a.sql", "CREATE TABLE a ();\n");
    expect_secret(site, url, WRONG, 4);
    expect_secret(site, lk_fmt(site->mem, "%s password=" WRONG, url), WRONG, 4);
    expect_secret(site,
                  lk_fmt(site->mem, "postgresql://%s:" WRONG "@/%s?host=%s", role, site->database,
                         site->server->folder),
                  WRONG, 4);
    setenv("PGPASSWORD", WRONG, 1);
    expect_secret(site, url, WRONG, 4);
    setenv("PGPASSWORD", RIGHT, 1);
    expect_secret(site, url, RIGHT, 0);
    unsetenv("PGPASSWORD");
    lk_site_expect_value(site,
                         "SELECT count(*) FROM lockkeeper.run r, lockkeeper.migration m"
                         " WHERE r::text LIKE '%s3cret%' OR m::text LIKE '%s3cret%'",
                         "0");
    lk_site_exec(site,
                 lk_fmt(site->mem, "REASSIGN OWNED BY %s TO postgres; DROP ROLE %s", role, role));
}

static void
test_scram(void **state)
{
    try_passwords(*state, "scram-sha-256");
}

static void
test_md5(void **state)
{
    try_passwords(*state, "md5");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        lk_site_test(test_lock_timeout_is_retried),
        lk_site_test(test_lock_timeout_in_segments),
        lk_site_test(test_lock_timeout_gives_up),
        lk_site_test(test_deadlock_is_retried),
        lk_site_test(test_runs_exclude_each_other),
        lk_site_test(test_discard_all),
        lk_site_test(test_unlock_all),
        lk_site_test(test_lock_taken_away),
        lk_site_test(test_run_does_not_wait_for_ever),
        lk_site_test(test_sigint),
        lk_site_test(test_sigterm),
        lk_site_test(test_interrupted_segments),
        lk_site_test(test_disturbed_reindex),
        lk_site_test(test_lost_reindex),
        lk_site_test(test_disturbed_detach),
        lk_site_test(test_lost_detach),
        lk_site_test(test_disturbed_unnamed_index),
        lk_site_test(test_lost_unnamed_index),
        lk_site_test(test_disturbed_drop_index),
        lk_site_test(test_interrupted_while_waiting),
        lk_site_test(test_killed_client),
        lk_site_test(test_terminated_backend),
        lk_site_test(test_scram),
        lk_site_test(test_md5),
    };

    return lk_site_main("rivals", tests, LK_ARRAY_SIZE(tests));
}
