/*
 * tests/integration/test_sessions.c
 *     What migrations do to the session that they share with the run: its lock, its role, its
 *     settings, and what they leave behind.
 */
#include <signal.h>

#include "tests/integration/site.h"

#define ROWS "SELECT script, status FROM lockkeeper.migration ORDER BY rank"
#define AT_THE_GATE                                                                                \
    "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%gate%'"         \
    " AND datname = current_database() AND pid <> pg_backend_pid()"

static char *
make_role(const struct lk_site *site, const char *options)
{
    char *role = lk_fmt(site->mem, "%s_role", site->database);

    lk_site_exec(site, lk_fmt(site->mem,
                              "CREATE ROLE %s LOGIN %s; GRANT CREATE ON DATABASE %s TO"
                              " %s; GRANT CREATE ON SCHEMA public TO %s",
                              role, options, site->database, role, role));
    return role;
}

static void
drop_role(const struct lk_site *site)
{
    lk_site_exec(site, lk_fmt(site->mem, "DROP OWNED BY %s_role CASCADE; DROP ROLE %s_role",
                              site->database, site->database));
}

/* A migration that gives the run's lock away does not let another run in. */
static void
test_lock_given_away(void **state)
{
    const struct lk_site *site = *state;

    lk_site_make_gates(site);
    lk_site_exec(site, "CREATE TABLE a (n int)");
    lk_site_migration(
        site, "0001_a.sql",
        "-- lockkeeper: transaction off\nSELECT pg_advisory_unlock_all();\n"
        "INSERT INTO a VALUES (1);\nDISCARD ALL;\n" LK_GATE("1") "VACUUM a;\n"
                                                                 "INSERT INTO a VALUES (2);\n");
    lk_site_migration(site, "0002_a.sql",
                      "SELECT pg_advisory_unlock_all();\nINSERT INTO a VALUES (3);\n");
    lk_site_migration(site, "0003_a.sql", "INSERT INTO a VALUES (4);\n");
    struct lk_process one = lk_site_spawn(site, "apply --no-gate migrations", NULL);
    lk_site_wait_for(site, AT_THE_GATE, "1");
    struct lk_process two = lk_site_spawn(site, "apply --no-gate migrations", NULL);
    lk_process_wait_for(&two, "another run holds the lock");
    lk_site_open_gate(site, 1);
    struct lk_output output = lk_site_finish(site, &one, 0);
    lk_expect_text(output.err, "0002_a.sql gave up the run's lock");
    lk_site_finish(site, &two, 0);
    lk_site_expect_value(site, "SELECT n FROM a ORDER BY n", "1\n2\n3\n4");
    lk_site_expect_value(site, ROWS, "0001_a.sql|applied\n0002_a.sql|applied\n0003_a.sql|applied");
}

/* Whoever a migration makes of the session, the history is written by the one who connected. */
static void
test_session_authorization(void **state)
{
    const struct lk_site *site = *state;
    char *role = make_role(site, "");

    lk_site_migration(
        site, "0001_a.sql",
        lk_fmt(site->mem, "SET SESSION AUTHORIZATION %s;\nCREATE TABLE a (id int);\n", role));
    lk_site_migration(
        site, "0002_b.sql",
        lk_fmt(site->mem,
               "SET SESSION AUTHORIZATION %s;\nCREATE TABLE b (id int);\n"
               "CREATE INDEX CONCURRENTLY b_idx ON b (id);\nCREATE TABLE c (id int);\n",
               role));
    lk_site_migration(site, "0003_d.sql", "CREATE TABLE d (id int);\n");
    lk_site_expect(site, "apply --no-gate migrations", 0);
    lk_site_expect_value(site,
                         "SELECT relname, relowner::regrole = 'postgres'::regrole FROM pg_class"
                         " WHERE relname IN ('a', 'b', 'b_idx', 'c', 'd') ORDER BY 1",
                         "a|f\nb|f\nb_idx|f\nc|f\nd|t");
    drop_role(site);
}

/* What a file makes read-only does not keep the journal from being written. */
static void
test_read_only_transactions(void **state)
{
    const struct lk_site *site = *state;

    lk_site_exec(site, "CREATE TABLE a (n int)");
    lk_site_migration(site, "0001_a.sql",
                      "INSERT INTO a VALUES (1);\n"
                      "CREATE INDEX CONCURRENTLY a_idx ON a (n);\n"
                      "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY;\n"
                      "SELECT count(*) FROM a;\nVACUUM a;\n");
    lk_site_migration(site, "0002_a.sql",
                      "BEGIN READ ONLY;\nSELECT count(*) FROM a;\nCOMMIT;\n"
                      "BEGIN;\nINSERT INTO a VALUES (2);\nCOMMIT;\n");
    lk_site_migration(site, "0003_a.sql", "BEGIN READ ONLY;\nSELECT count(*) FROM a;\nCOMMIT;\n");
    lk_site_expect(site, "apply --no-gate migrations", 0);
    lk_site_expect_value(site, "SELECT n FROM a ORDER BY n", "1\n2");
    lk_site_expect_value(site, ROWS, "0001_a.sql|applied\n0002_a.sql|applied\n0003_a.sql|applied");
}

/* What a migration leaves in its session is told, and is gone for the next one. */
static void
test_leaks(void **state)
{
    const struct lk_site *site = *state;

    lk_site_migration(site, "0001_leaks.sql",
                      "CREATE TEMP TABLE scratch (id int);\nLISTEN news;\n"
                      "PREPARE one AS SELECT 1;\nSELECT pg_advisory_lock(77), "
                      "pg_advisory_lock_shared(5, -6);\n"
                      "DECLARE held CURSOR WITH HOLD FOR SELECT 1;\nSET DateStyle = 'german';\n");
    lk_site_migration(
        site, "0002_seen.sql",
        "CREATE TABLE seen AS SELECT to_regclass('scratch') IS NULL AS no_table,"
        " (SELECT count(*) FROM pg_listening_channels()) AS channels,"
        " (SELECT count(*) FROM pg_prepared_statements) AS prepared,"
        " (SELECT count(*) FROM pg_cursors) AS cursors,"
        " (SELECT count(*) FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'advisory'"
        " AND objid::bigint IN (77, 4294967290)) AS locks, current_setting('DateStyle') AS "
        "style;\n");
    struct lk_output output = lk_site_expect(site, "apply --no-gate migrations", 0);
    lk_expect_text(output.err, "0001_leaks.sql left ");
    const char *const kinds[] = {"setting DateStyle", "temporary table scratch",
                                 "LISTEN news",       "prepared statement one",
                                 "cursor held",       "advisory lock 0 77"};
    for (size_t i = 0; i < LK_ARRAY_SIZE(kinds); i++)
        lk_expect_text(output.err, kinds[i]);
    lk_expect_no_text(output.err, "0002_seen.sql");
    lk_site_expect_value(site, "SELECT * FROM seen", "t|0|0|0|0|ISO, MDY");
    lk_site_expect_value(site, "SELECT count(*) FROM lockkeeper.run WHERE log LIKE '%left %'", "1");
}

/* A constraint that fails at the COMMIT is the migration's failure, and no sign of another run. */
static void
test_deferred_constraint(void **state)
{
    const struct lk_site *site = *state;

    lk_site_exec(site, "CREATE TABLE a (n int UNIQUE DEFERRABLE INITIALLY DEFERRED)");
    lk_site_migration(site, "0001_a.sql", "INSERT INTO a VALUES (1), (1);\n");
    struct lk_output output = lk_site_expect(site, "apply --no-gate migrations", 6);
    lk_expect_text(output.err, "SQLSTATE 23505");
    lk_expect_no_text(output.err, "trying again");
    lk_site_migration(site, "0001_a.sql",
                      "BEGIN;\nINSERT INTO a VALUES (2), (2);\nCOMMIT;\nSELECT 1;\n");
    output = lk_site_expect(site, "apply --no-gate migrations", 6);
    lk_expect_no_text(output.err, "trying again");
}

/* What only somebody else could finish is not begun. */
static void
test_prepare_transaction(void **state)
{
    const struct lk_site *site = *state;

    lk_site_migration(site, "0001_a.sql",
                      "BEGIN;\nCREATE TABLE a ();\nPREPARE TRANSACTION 'later';\n");
    struct lk_output output = lk_site_expect(site, "apply --no-gate migrations", 6);
    lk_expect_text(output.err, "0001_a.sql:3: PREPARE TRANSACTION is not carried out");
    lk_site_expect_value(site, "SELECT count(*), to_regclass('a') IS NULL FROM pg_prepared_xacts",
                         "0|t");
}

/* A statement that ends its own session is not tried for as long as there is time. */
static void
test_own_backend_terminated(void **state)
{
    const struct lk_site *site = *state;

    lk_site_config(site, "apply: {retry: {max_elapsed: 1h, base: 10ms, cap: 20ms}}\n");
    lk_site_migration(site, "0001_a.sql",
                      "CREATE TABLE a ();\nSELECT pg_terminate_backend(pg_backend_pid());\n");
    struct lk_output output = lk_site_expect(site, "apply --no-gate migrations", 6);
    lk_expect_text(output.err, "0001_a.sql:2");
    lk_expect_text(output.err, "each time that this statement");
    lk_site_expect_value(site, "SELECT status, attempts, sqlstate FROM lockkeeper.migration",
                         "failed|5|57P01");
}

/* A run goes on without a second connection, where it cannot have one. */
static void
test_only_connection(void **state)
{
    const struct lk_site *site = *state;
    char *role = make_role(site, "CONNECTION LIMIT 1");
    char *url =
        lk_fmt(site->mem, "host=%s user=%s dbname=%s", site->server->folder, role, site->database);

    lk_site_config(site, "apply: {lock_timeout: 20s}\n");
    lk_site_exec(site,
                 lk_fmt(site->mem, "CREATE TABLE a (id int); ALTER TABLE a OWNER TO %s", role));
    lk_site_migration(site, "0001_a.sql", "ALTER TABLE a ADD COLUMN b int;\nSELECT pg_sleep(3);\n");
    struct lk_process process = lk_site_spawn(site, "apply --no-gate migrations", url);
    lk_site_finish(site, &process, 0);
    lk_site_expect_value(site, ROWS, "0001_a.sql|applied");
    drop_role(site);
}

/* A server that is full now, or not ready yet, is asked again. */
static void
test_full_server(void **state)
{
    const struct lk_site *site = *state;
    char *role = make_role(site, "CONNECTION LIMIT 1");
    char *url =
        lk_fmt(site->mem, "host=%s user=%s dbname=%s", site->server->folder, role, site->database);
    PGconn *rival = PQconnectdb(url);

    assert_int_equal(PQstatus(rival), CONNECTION_OK);
    lk_site_migration(site, "0001_a.sql", "CREATE TABLE a ();\n");
    struct lk_process process = lk_site_spawn(site, "apply --no-gate migrations", url);
    lk_process_wait_for(&process, "too many connections; trying again");
    PQfinish(rival);
    lk_site_finish(site, &process, 0);
    lk_site_expect_value(site, ROWS, "0001_a.sql|applied");
    drop_role(site);
}

/* What was begun and not heard of is done, when doing it again says so. */
static void
test_database_made_unheard(void **state)
{
    const struct lk_site *site = *state;

    lk_site_migration(site, "0001_a.sql",
                      lk_fmt(site->mem, "CREATE DATABASE %s_more;\n", site->database));
    lk_site_migration(site, "0002_a.sql",
                      lk_fmt(site->mem, "DROP DATABASE %s_more;\n", site->database));
    for (int version = 1; version <= 2; version++) {
        char *up_to = lk_fmt(site->mem, "apply --no-gate --to %d migrations", version);
        lk_site_expect(site, up_to, 0);
        lk_site_exec(site, "UPDATE lockkeeper.migration SET status = 'failed', statements_done = 0"
                           " WHERE rank = (SELECT max(rank) FROM lockkeeper.migration);"
                           " UPDATE lockkeeper.journal SET state = 'intent' WHERE migration ="
                           " (SELECT max(rank) FROM lockkeeper.migration)");
        lk_site_expect(site, up_to, 0);
    }
    lk_site_expect_value(site, ROWS, "0001_a.sql|applied\n0002_a.sql|applied");
    /* there before anybody began: that is a failure */
    lk_site_migration(site, "0003_a.sql",
                      lk_fmt(site->mem, "CREATE DATABASE %s;\n", site->database));
    struct lk_output output = lk_site_expect(site, "apply --no-gate migrations", 6);
    lk_expect_text(output.err, "SQLSTATE 42P04");
    lk_site_expect(site, "apply --no-gate migrations", 6);
}

/* Who holds the run's lock is told; after a time that the configuration gives it is ended. */
static void
test_take_over(void **state)
{
    const struct lk_site *site = *state;

    lk_site_make_gates(site);
    lk_site_migration(site, "0001_a.sql", "CREATE TABLE a (n int);\n" LK_GATE("1"));
    lk_site_migration(site, "0002_a.sql", "INSERT INTO a VALUES (1);\n");
    struct lk_process one = lk_site_spawn(site, "apply --no-gate migrations", NULL);
    lk_site_wait_for(site, AT_THE_GATE, "1");
    lk_site_config(site, "apply: {retry: {max_elapsed: 300ms}}\n");
    struct lk_output refused = lk_site_expect(site, "apply --no-gate migrations", 5);
    lk_expect_text(refused.err, "waiting for it to end; pid ");
    lk_expect_text(refused.err, "(postgres, lockkeeper) active");
    lk_site_config(site, "apply: {take_over: 300ms}\n");
    struct lk_process two = lk_site_spawn(site, "apply --no-gate migrations", NULL);
    lk_process_wait_for(&two, "ended the other run's backend");
    lk_site_open_gate(site, 1);
    lk_site_finish(site, &two, 0);
    lk_site_finish(site, &one, 0);
    lk_site_expect_value(site, "SELECT n FROM a", "1");
    lk_site_expect_value(site, ROWS, "0001_a.sql|applied\n0002_a.sql|applied");
}

/* ---- old transactions ---- */

static PGconn *
old_transaction(const struct lk_site *site)
{
    PGconn *rival = lk_site_connect(site);

    lk_site_exec(site, "CREATE TABLE a (n int); CREATE TABLE b (n int)");
    lk_site_migration(site, "0001_a.sql",
                      "INSERT INTO a VALUES (1);\nCREATE INDEX CONCURRENTLY a_idx ON a (n);\n");
    lk_site_send(rival, "SET application_name = 'report'; BEGIN ISOLATION LEVEL REPEATABLE READ");
    lk_site_send(rival, "SELECT 'old' FROM b");
    return rival;
}

/* An index is not begun while an old transaction would have it wait half built. */
static void
test_old_transactions_are_waited_for(void **state)
{
    const struct lk_site *site = *state;
    PGconn *rival = old_transaction(site);

    lk_site_config(site, "apply: {snapshot_age: 10ms}\n");
    struct lk_process process = lk_site_spawn(site, "apply --no-gate migrations", NULL);
    lk_process_wait_for(&process, "waiting for old transactions before statement 2 of 0001_a.sql: "
                                  "pid ");
    lk_site_expect_value(site, "SELECT to_regclass('a_idx') IS NULL, count(*) FROM a", "t|1");
    lk_site_send(rival, "COMMIT");
    struct lk_output output = lk_site_finish(site, &process, 0);
    lk_expect_text(output.err, "(postgres, report) idle in transaction");
    lk_expect_text(output.err, "SELECT 'old' FROM b");
    lk_site_expect_value(site, ROWS, "0001_a.sql|applied");
    PQfinish(rival);
}

static void
test_old_transactions_are_not_waited_for_for_ever(void **state)
{
    const struct lk_site *site = *state;
    PGconn *rival = old_transaction(site);

    lk_site_config(site, "apply: {snapshot_age: 10ms, retry: {max_elapsed: 500ms}}\n");
    struct lk_output output = lk_site_expect(site, "apply --no-gate migrations", 7);
    lk_expect_text(output.err, "0001_a.sql:2: transactions are open");
    lk_expect_text(output.err, "held up by pid ");
    lk_site_expect_value(site, "SELECT to_regclass('a_idx') IS NULL", "t");
    lk_site_expect_value(site, "SELECT count(*) FROM lockkeeper.journal WHERE state = 'intent'",
                         "0");
    lk_site_send(rival, "COMMIT");
    lk_site_expect(site, "apply --no-gate migrations", 0);
    PQfinish(rival);
}

/* ---- indexes under the name of another ---- */

/* IF NOT EXISTS is not content with an index of another definition; with the same one it is. */
static void
test_index_of_another_definition(void **state)
{
    const struct lk_site *site = *state;

    lk_site_exec(site, "CREATE SCHEMA \"the on\"; CREATE TABLE \"the on\".a (id int, \"on\" text);"
                       " CREATE INDEX a_idx ON \"the on\".a (lower(\"on\")) WHERE id > 0;"
                       " CREATE UNIQUE INDEX b_idx ON \"the on\".a (id)");
    lk_site_migration(site, "0001_a.sql",
                      "CREATE INDEX CONCURRENTLY IF NOT EXISTS a_idx ON ONLY \"the on\" . a"
                      " /* as it is */ USING btree (lower(\"on\")) WHERE id>0;\n");
    lk_site_migration(site, "0002_b.sql",
                      "SET search_path = \"the on\";\n"
                      "CREATE INDEX CONCURRENTLY IF NOT EXISTS b_idx ON a(id);\n");
    struct lk_output output = lk_site_expect(site, "apply --no-gate migrations", 7);
    lk_expect_text(output.err, "0002_b.sql:2: the index \"the on\".b_idx is there with another "
                               "definition");
    lk_expect_text(output.err, "wanted: USING btree (id); there: UNIQUE USING btree (id)");
    lk_site_migration(site, "0002_b.sql",
                      "SET search_path = \"the on\";\n"
                      "CREATE INDEX CONCURRENTLY b_idx ON a (id);\n");
    output = lk_site_expect(site, "apply --no-gate migrations", 7);
    lk_expect_text(output.err, "there is: UNIQUE USING btree (id)");
    lk_site_exec(site, "DROP INDEX \"the on\".b_idx");
    lk_site_expect(site, "apply --no-gate migrations", 0);
}

/* ---- servers that are not what they were ---- */

/* expect_moved has a server refused, and accepted when somebody says so. */
static void
expect_moved(const struct lk_site *site, const char *change, const char *message)
{
    lk_site_migration(site, "0001_a.sql", "CREATE TABLE a (id int);\n");
    lk_site_expect(site, "apply --no-gate migrations", 0);
    lk_site_exec(site, change);
    lk_site_migration(site, "0002_b.sql", "CREATE TABLE b (id int);\n");
    struct lk_output output = lk_site_expect(site, "apply --no-gate migrations", 8);
    lk_expect_text(output.err, message);
    lk_expect_text(output.err, "--accept-server");
    lk_site_expect(site, "rollback --no-gate --to 0 migrations", 8);
    lk_site_expect(site, "repair migrations", 8);
    lk_site_expect_value(site, "SELECT to_regclass('b') IS NULL", "t");
    lk_site_expect(site, "status migrations", 0);
    output = lk_site_expect(site, "repair --accept-server migrations", 0);
    lk_expect_text(output.out, "the history goes on on the server");
    lk_site_expect(site, "apply --no-gate migrations", 0);
    lk_site_expect_value(site, "SELECT count(*), count(DISTINCT run) FROM lockkeeper.server",
                         "2|2");
}

static void
test_copied_server(void **state)
{
    expect_moved(*state, "UPDATE lockkeeper.server SET system_identifier = '1'",
                 "is another server than the one that its history was written on");
}

static void
test_promoted_server(void **state)
{
    expect_moved(*state, "UPDATE lockkeeper.server SET timeline = 7",
                 "has been promoted or restored since its history was written");
}

/* What is so with our own history is so with Flyway's: its lock is kept, and its server known. */
static void
test_history_of_flyway(void **state)
{
    const struct lk_site *site = *state;

    lk_site_config(site, "apply: {history: flyway}\n");
    lk_site_migration(site, "V1__a.sql",
                      "SELECT pg_advisory_unlock_all();\nCREATE TABLE a (id int);\n");
    struct lk_output output = lk_site_expect(site, "apply --no-gate migrations", 0);
    lk_expect_text(output.err, "V1__a.sql gave up the run's lock");
    lk_site_exec(site, "UPDATE lockkeeper.server SET system_identifier = '1'");
    lk_site_migration(site, "V2__b.sql", "CREATE TABLE b (id int);\n");
    output = lk_site_expect(site, "apply --no-gate migrations", 8);
    lk_expect_text(output.err, "is another server than the one that its history was written on");
    output = lk_site_expect(site, "repair --accept-server migrations", 0);
    lk_expect_text(output.out, "the history goes on on the server");
    lk_site_expect(site, "apply --no-gate migrations", 0);
    lk_site_expect_value(site, "SELECT count(*), count(DISTINCT run) FROM lockkeeper.server",
                         "2|2");
    lk_site_expect_value(site, "SELECT version FROM flyway_schema_history ORDER BY 1", "1\n2");
}

/* A role that may not ask who the server is works all the same. */
static void
test_server_not_known(void **state)
{
    const struct lk_site *site = *state;
    char *role = make_role(site, "");
    char *url =
        lk_fmt(site->mem, "host=%s user=%s dbname=%s", site->server->folder, role, site->database);

    lk_site_exec(site, "REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC");
    lk_site_migration(site, "0001_a.sql", "CREATE TABLE a (id int);\n");
    for (int i = 0; i < 2; i++) {
        struct lk_process process = lk_site_spawn(site, "apply -v --no-gate migrations", url);
        struct lk_output output = lk_site_finish(site, &process, 0);
        lk_expect_text(output.err, "may not ask for the server's identifier");
    }
    lk_site_expect_value(site, "SELECT system_identifier IS NULL, timeline FROM lockkeeper.server",
                         "t|1");
    drop_role(site);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        lk_site_test(test_lock_given_away),
        lk_site_test(test_session_authorization),
        lk_site_test(test_read_only_transactions),
        lk_site_test(test_leaks),
        lk_site_test(test_deferred_constraint),
        lk_site_test(test_prepare_transaction),
        lk_site_test(test_own_backend_terminated),
        lk_site_test(test_only_connection),
        lk_site_test(test_full_server),
        lk_site_test(test_database_made_unheard),
        lk_site_test(test_take_over),
        lk_site_test(test_old_transactions_are_waited_for),
        lk_site_test(test_old_transactions_are_not_waited_for_for_ever),
        lk_site_test(test_index_of_another_definition),
        lk_site_test(test_copied_server),
        lk_site_test(test_promoted_server),
        lk_site_test(test_history_of_flyway),
        lk_site_test(test_server_not_known),
    };

    return lk_site_main("sessions", tests, LK_ARRAY_SIZE(tests));
}
