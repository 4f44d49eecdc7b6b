/*
 * tests/integration/test_limits.c
 *     What bounds a run: timeouts by class of statement, and sessions whose settings are against
 * it.
 */
#include "tests/integration/site.h"

#define ROWS "SELECT script, status FROM lockkeeper.migration ORDER BY rank"

/* log_role makes a role that may do everything, with settings of its own; returns its URL. */
static char *
make_role(const struct lk_site *site, const char *settings)
{
    char *role = lk_fmt(site->mem, "%s_role", site->database);

    lk_site_exec(site, lk_fmt(site->mem, "CREATE ROLE %s LOGIN SUPERUSER", role));
    for (const char *at = settings; *at != '\0'; at += strcspn(at, ";"), at += *at == ';')
        lk_site_exec(site,
                     lk_fmt(site->mem, "ALTER ROLE %s SET %.*s", role, (int)strcspn(at, ";"), at));
    return lk_fmt(site->mem, "host=%s user=%s dbname=%s", site->server->folder, role,
                  site->database);
}

static void
drop_role(const struct lk_site *site)
{
    lk_site_exec(site, lk_fmt(site->mem,
                              "REASSIGN OWNED BY %s_role TO postgres;"
                              " DROP OWNED BY %s_role; DROP ROLE %s_role",
                              site->database, site->database, site->database));
}

/* A role's timeouts are meant for its applications: a run has its own. */
static void
test_timeouts_of_the_role(void **state)
{
    const struct lk_site *site = *state;
    char *url = make_role(site, "statement_timeout = '300ms';lock_timeout = '100ms';"
                                "idle_session_timeout = '300ms';"
                                "idle_in_transaction_session_timeout = '300ms'");

    lk_site_config(site, "apply: {retry: {max_elapsed: 60s, base: 1s, cap: 1s}}\n");
    lk_site_exec(site, "CREATE TABLE a (id int)");
    lk_site_migration(site, "0001_a.sql", "SELECT pg_sleep(1);\n");
    lk_site_migration(site, "0002_b.sql",
                      "INSERT INTO a VALUES (1);\nCREATE INDEX CONCURRENTLY a_idx ON a (id);\n"
                      "SELECT pg_sleep(1);\n");
    struct lk_process process = lk_site_spawn(site, "apply --no-gate migrations", url);
    struct lk_output output = lk_site_finish(site, &process, 0);
    lk_expect_no_text(output.err, "trying again");
    lk_site_expect_value(site, ROWS, "0001_a.sql|applied\n0002_b.sql|applied");
    drop_role(site);
}

/* The server finds out by itself that nobody waits for an answer any more, and ends the work. */
static void
test_connection_is_checked(void **state)
{
    const struct lk_site *site = *state;

    lk_site_migration(site, "0001_a.sql",
                      "CREATE TABLE seen AS SELECT current_setting("
                      "'client_connection_check_interval') AS checked,"
                      " current_setting('idle_session_timeout') AS idle;\n"
                      "RESET ALL;\n"
                      "INSERT INTO seen SELECT current_setting('client_connection_check_interval'),"
                      " current_setting('idle_session_timeout');\n");
    lk_site_migration(site, "0002_a.sql",
                      "-- lockkeeper: transaction off\nDISCARD ALL;\n"
                      "INSERT INTO seen SELECT current_setting('client_connection_check_interval'),"
                      " current_setting('idle_session_timeout');\n");
    char *url = make_role(site, "idle_session_timeout = '1h'");
    struct lk_process process = lk_site_spawn(site, "apply --no-gate migrations", url);
    lk_site_finish(site, &process, 0);
    lk_site_expect_value(site, "SELECT * FROM seen", "2s|0\n2s|0\n2s|0");
    drop_role(site);
}

/* What the connection string sets is what people have asked for. */
static void
test_options_of_the_connection(void **state)
{
    const struct lk_site *site = *state;
    char *url = lk_fmt(site->mem, "%s options='-c idle_session_timeout=7min'", site->url);

    lk_site_migration(site, "0001_a.sql",
                      "RESET ALL;\nCREATE TABLE seen AS SELECT"
                      " current_setting('idle_session_timeout') AS idle;\n");
    struct lk_process process = lk_site_spawn(site, "apply --no-gate migrations", url);
    lk_site_finish(site, &process, 0);
    lk_site_expect_value(site, "SELECT idle FROM seen", "7min");
}

/* note_timeouts has the server note which timeouts each statement runs under. */
static void
note_timeouts(const struct lk_site *site)
{
    lk_site_exec(site, "CREATE TABLE noted (n serial, tag text, lock text, statement text);"
                       " CREATE TABLE a (id int);"
                       " CREATE FUNCTION note() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN"
                       " INSERT INTO public.noted (tag, lock, statement) VALUES (tg_tag,"
                       " current_setting('lock_timeout'), current_setting('statement_timeout'));"
                       " END $$;"
                       " CREATE EVENT TRIGGER note ON ddl_command_end WHEN TAG IN"
                       " ('ALTER TABLE', 'CREATE INDEX', 'CREATE VIEW') EXECUTE FUNCTION note()");
}

/* Without those of the history itself. */
#define NOTED "SELECT tag, lock, statement FROM noted WHERE n > 3 ORDER BY n"

/* Whatever a migration does to its session, each statement runs under the timeouts of the plan. */
static void
test_timeouts_by_class(void **state)
{
    const struct lk_site *site = *state;

    note_timeouts(site);
    lk_site_config(site,
                   "apply:\n  lock_timeout: 3s\n  statement_timeout: 7m\n"
                   "  timeouts: {build: {statement_timeout: 5h}, weak: {lock_timeout: 4s}}\n");
    lk_site_migration(site, "0001_a.sql",
                      "CREATE VIEW v AS SELECT 1 AS one;\n"
                      "ALTER TABLE a ADD b int;\n"
                      "SET lock_timeout = '700ms';\nALTER TABLE a ADD c int;\n"
                      "RESET ALL;\nALTER TABLE a ADD d int;\n"
                      "SET lock_timeout = 0;\nALTER TABLE a ADD e int;\n"
                      "DO $$ BEGIN PERFORM set_config('lock_timeout', '0', false); END $$;\n"
                      "ALTER TABLE a ADD f int;\n"
                      "-- lockkeeper: lock_timeout 10s\nALTER TABLE a ADD g int;\n"
                      "-- lockkeeper: statement_timeout 0\nALTER TABLE a ADD h int;\n");
    lk_site_migration(site, "0002_a.sql",
                      "SET lock_timeout = '800ms';\nALTER TABLE a ADD i int;\n"
                      "CREATE INDEX CONCURRENTLY i ON a (i);\n"
                      "ALTER TABLE a ADD j int;\nDISCARD ALL;\nALTER TABLE a ADD k int;\n"
                      "ALTER TABLE a ADD CONSTRAINT k CHECK (k > 0) NOT VALID;\n"
                      "COMMIT;\nALTER TABLE a VALIDATE CONSTRAINT k;\n"
                      "-- lockkeeper: lock_timeout 1m\nCREATE INDEX CONCURRENTLY j ON a (j);\n");
    struct lk_output plan = lk_site_expect(site, "plan migrations", 0);
    lk_expect_text(plan.out, "CREATE INDEX  (on its own, lock_timeout 1min, statement_timeout "
                             "300min, after old transactions)");
    lk_expect_text(plan.out, "ALTER TABLE  (in a transaction, lock_timeout 800ms, "
                             "statement_timeout 7min)");
    lk_site_expect(site, "apply --no-gate migrations", 0);
    lk_site_expect_value(
        site, NOTED,
        "CREATE VIEW|4s|7min\nALTER TABLE|3s|7min\nALTER TABLE|700ms|7min\n"
        "ALTER TABLE|3s|7min\nALTER TABLE|3s|7min\nALTER TABLE|3s|7min\nALTER TABLE|10s|7min\n"
        "ALTER TABLE|3s|0\n"
        "ALTER TABLE|800ms|7min\nCREATE INDEX|0|5h\nALTER TABLE|800ms|7min\n"
        "ALTER TABLE|3s|7min\nALTER TABLE|3s|7min\nALTER TABLE|0|0\nCREATE INDEX|1min|5h");
}

/* A statement that takes longer than it may is ended, and not tried again. */
static void
test_statement_timeout(void **state)
{
    const struct lk_site *site = *state;

    lk_site_migration(site, "0001_a.sql",
                      "CREATE TABLE a ();\n-- lockkeeper: statement_timeout 100ms\n"
                      "SELECT pg_sleep(600);\n");
    struct lk_output output = lk_site_expect(site, "apply --no-gate migrations", 6);
    lk_expect_text(output.err, "0001_a.sql:3: canceling statement due to statement timeout");
    lk_expect_text(output.err, "statement_timeout");
    lk_expect_no_text(output.err, "trying again");
    lk_site_expect_value(site, "SELECT status, sqlstate, attempts FROM lockkeeper.migration",
                         "failed|57014|1");
}

/* A transaction that takes longer than it may ends its session: trying again would do the same. */
static void
test_transaction_timeout(void **state)
{
    const struct lk_site *site = *state;

    if (PQserverVersion(site->pg) < 170000)
        skip();
    lk_site_config(site, "apply: {transaction_timeout: 300ms}\n");
    lk_site_migration(site, "0001_a.sql", "CREATE TABLE a ();\nSELECT pg_sleep(600);\n");
    struct lk_output output = lk_site_expect(site, "apply --no-gate migrations", 6);
    lk_expect_text(output.err, "transaction timeout");
    lk_site_expect_value(site, "SELECT status, sqlstate, attempts FROM lockkeeper.migration",
                         "failed|25P04|1");
}

/* raises has a statement fail with an SQLSTATE for as long as `opened` is empty. */
static void
raises(const struct lk_site *site, const char *sqlstate, const char *words)
{
    lk_site_config(site, "apply: {retry: {max_elapsed: 50s, base: 20ms, cap: 50ms}}\n");
    lk_site_make_gates(site);
    char *raise = lk_fmt(site->mem,
                         "DO $$ BEGIN IF NOT EXISTS (SELECT FROM opened) THEN"
                         " RAISE EXCEPTION USING ERRCODE = '%s'; END IF; END $$;\n",
                         sqlstate);
    lk_site_migration(site, "0001_a.sql", lk_fmt(site->mem, "CREATE TABLE a (id int);\n%s", raise));
    lk_site_migration(site, "0002_a.sql",
                      lk_fmt(site->mem,
                             "CREATE INDEX CONCURRENTLY a_idx ON a (id);\n"
                             "DELETE FROM opened WHERE gate = 1;\n%sINSERT INTO a VALUES (1);\n",
                             raise));
    struct lk_process process = lk_site_spawn(site, "apply --no-gate migrations", NULL);
    lk_process_wait_for(&process, words);
    lk_site_open_gate(site, 1);
    lk_site_wait_for(site, "SELECT to_regclass('a_idx') IS NOT NULL", "t");
    lk_site_open_gate(site, 2);
    lk_site_finish(site, &process, 0);
    lk_site_expect_value(site, ROWS, "0001_a.sql|applied\n0002_a.sql|applied");
    lk_site_expect_value(site,
                         "SELECT bool_or(attempts > 1), (SELECT count(*) FROM a)"
                         " FROM lockkeeper.migration",
                         "t|1");
}

static void
test_serialization_failures_pass(void **state)
{
    raises(*state, "40001", "serialization failure; trying again");
}

static void
test_deadlocks_pass(void **state)
{
    raises(*state, "40P01", "deadlock; trying again");
}

static void
test_shutdowns_pass(void **state)
{
    raises(*state, "57P03", "server not ready; trying again");
}

static void
test_lost_peers_pass(void **state)
{
    raises(*state, "08006", "connection lost; trying again");
}

static void
test_full_servers_pass(void **state)
{
    raises(*state, "53300", "too many connections; trying again");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        lk_site_test(test_timeouts_of_the_role),
        lk_site_test(test_connection_is_checked),
        lk_site_test(test_options_of_the_connection),
        lk_site_test(test_timeouts_by_class),
        lk_site_test(test_statement_timeout),
        lk_site_test(test_transaction_timeout),
        lk_site_test(test_serialization_failures_pass),
        lk_site_test(test_deadlocks_pass),
        lk_site_test(test_shutdowns_pass),
        lk_site_test(test_lost_peers_pass),
        lk_site_test(test_full_servers_pass),
    };

    return lk_site_main("limits", tests, LK_ARRAY_SIZE(tests));
}
