/*
 * tests/integration/test_runs.c
 *     What each run leaves in writing: in the history, and on standard error.
 */
#include <jansson.h>

#include "tests/integration/site.h"

static void
test_log_of_a_run(void **state)
{
    const struct lk_site *site = *state;
    const char *log, *outcome;

    lk_site_migration(site, "0001_a.sql",
                      "CREATE TABLE a (id int);\nINSERT INTO a VALUES (1), (2);\n"
                      "DO $$ BEGIN RAISE NOTICE 'all is %', 'well'; END $$;\n");
    lk_site_migration(site, "0002_b.sql",
                      "CREATE INDEX CONCURRENTLY i ON a (id);\nSELECT pg_sleep(0.05);\n"
                      "SELECT 1/0;\n");
    lk_site_expect(site, "apply --no-gate migrations", 7);
    struct lk_output output = lk_site_expect(site, "status --runs", 0);
    lk_expect_text(output.out, "failure");
    lk_expect_text(output.out, "apply     2 migrations  by postgres on ");
    output = lk_site_expect(site, "status --run 1", 0);
    lk_expect_text(output.out, "0001_a.sql: applying, 3 statements, transactional");
    lk_expect_text(output.out, "0001_a.sql: statement 2, line 2: INSERT 0 2, ");
    lk_expect_text(output.out, "0001_a.sql: NOTICE: all is well");
    lk_expect_text(output.out, "0001_a.sql: applied, 3 of 3 statements, 1 attempt, ");
    lk_expect_text(output.out, "0002_b.sql: statement 1, line 1: CREATE INDEX, ");
    lk_expect_text(output.out, "0002_b.sql: statement 3, line 3: 22012 division by zero");
    lk_expect_text(output.out, "0002_b.sql: failed, 1 of 3 statements");
    lk_site_expect_value(site,
                         "SELECT build_number, status, logs LIKE '%0002_b.sql: failed%'"
                         " FROM lockkeeper.migration_logs",
                         "local_run|FAILURE|t");
    lk_site_expect_value(site,
                         "SELECT migration_name, applied_status, logs LIKE '%all is well%',"
                         " logs LIKE '%division by zero%', rolled_back_at IS NULL"
                         " FROM lockkeeper.migrations ORDER BY id",
                         "0001_a.sql|applied|t|f|t\n0002_b.sql|failed|f|t|t");
    lk_site_expect(site, "status --run 7", 2);
    output = lk_site_expect(site, "status --run 1 -f json", 0);
    json_t *report = json_loads(output.out, 0, NULL);
    assert_int_equal(
        json_unpack(report, "{s:[{s:s,s:s}]}", "runs", "log", &log, "outcome", &outcome), 0);
    assert_string_equal(outcome, "failure");
    json_decref(report);
}

static void
test_no_runs(void **state)
{
    const struct lk_site *site = *state;
    struct lk_output output = lk_site_expect(site, "status --runs", 0);

    lk_expect_text(output.out, "no runs");
    lk_site_expect_value(site, "SELECT to_regnamespace('lockkeeper') IS NULL", "t");
}

/* The server itself says how long each statement of a transaction took. */
static void
test_times(void **state)
{
    const struct lk_site *site = *state;

    lk_site_migration(site, "0001_a.sql", "SELECT 1;\nSELECT pg_sleep(0.2);\nSELECT 2;\n");
    lk_site_expect(site, "apply --no-gate migrations", 0);
    lk_site_expect_value(site,
                         "SELECT substring(log FROM 'statement 2[^\n]*, (\\d+)\\.')::int"
                         " BETWEEN 190 AND 5000,"
                         " substring(log FROM 'statement 3[^\n]*, (\\d+)\\.')::int < 150"
                         " FROM lockkeeper.run",
                         "t|t");
}

/* Looking at the clock must not be the first query of a transaction that sets what it is. */
static void
test_times_of_own_transactions(void **state)
{
    const struct lk_site *site = *state;
    const char *own = "SET LOCAL work_mem = '8MB';\nSET TRANSACTION ISOLATION LEVEL SERIALIZABLE;\n"
                      "INSERT INTO levels SELECT current_setting('transaction_isolation');\n"
                      "INSERT INTO levels SELECT current_setting('work_mem');\n";

    lk_site_migration(site, "0001_a.sql", "CREATE TABLE levels (said text);\n");
    lk_site_migration(site, "0002_b.sql",
                      lk_fmt(site->mem, "BEGIN;\n%sCOMMIT;\nBEGIN;\n%sCOMMIT;\n", own, own));
    lk_site_migration(site, "0003_c.sql", own);
    lk_site_expect(site, "apply --no-gate migrations", 0);
    lk_site_expect_value(site, "SELECT said, count(*) FROM levels GROUP BY said ORDER BY said",
                         "8MB|3\nserializable|3");
}

static void
test_attempts(void **state)
{
    const struct lk_site *site = *state;

    lk_site_config(site, "apply: {lock_timeout: 100ms, retry: {max_elapsed: 20s, base: 20ms,"
                         " cap: 50ms}}\n");
    lk_site_exec(site, "CREATE TABLE a (id int)");
    lk_site_migration(site, "0001_a.sql", "ALTER TABLE a ADD COLUMN b int;\n");
    PGconn *other = lk_site_connect(site);
    PQclear(PQexec(other, "BEGIN; LOCK TABLE a"));
    struct lk_process process = lk_site_spawn(site, "apply --no-gate migrations", NULL);
    lk_sleep_ms(600);
    PQclear(PQexec(other, "COMMIT"));
    struct lk_output output = lk_process_wait(site->mem, &process);
    PQfinish(other);
    lk_expect_exit(&output, 0);
    output = lk_site_expect(site, "status --run 1", 0);
    lk_expect_text(output.out, "0001_a.sql: lock timeout; trying again in 0.");
    lk_site_expect_value(site, "SELECT attempts > 1 FROM lockkeeper.migration", "t");
}

/* A run that nobody closed is over when the next one has the lock. */
static void
test_left_open(void **state)
{
    const struct lk_site *site = *state;

    lk_site_migration(site, "0001_a.sql", "CREATE TABLE a (id int);\n");
    lk_site_migration(site, "0002_b.sql", "CREATE TABLE b (id int);\n");
    lk_site_expect(site, "apply --to 1 migrations", 0);
    lk_site_exec(site, "UPDATE lockkeeper.run SET outcome = NULL, finished_at = NULL");
    lk_site_expect_value(site, "SELECT status IS NULL FROM lockkeeper.migration_logs", "t");
    lk_site_expect(site, "apply migrations", 0);
    lk_site_expect_value(site, "SELECT outcome FROM lockkeeper.run ORDER BY id",
                         "interrupted\nsuccess");
}

static void
test_json_log(void **state)
{
    const struct lk_site *site = *state;
    size_t lines = 0, statements = 0;

    lk_site_migration(site, "0001_a.sql", "CREATE TABLE a (id int);\nSELECT 'it''s';\n");
    lk_site_migration(site, "0002_b.sql", "SELECT 1/0;\n");
    struct lk_output output =
        lk_site_expect(site, "apply --no-gate --log-format json migrations", 6);
    for (const char *at = output.err; *at != '\0'; lines++) {
        size_t length = strcspn(at, "\n");
        json_t *line = json_loadb(at, length, 0, NULL);
        const char *event;
        if (line == NULL || json_unpack(line, "{s:s}", "event", &event) != 0)
            fail_msg("no line of a log: %.*s", (int)length, at);
        statements += strcmp(event, "statement") == 0;
        at += length + (at[length] == '\n');
        if (*at == '\0')
            assert_string_equal(event, "error");
        json_decref(line);
    }
    assert_int_equal(statements, 2);
    assert_int_equal(lines, 7);
    lk_expect_text(output.err, "\"sqlstate\":\"22012\"");
    lk_site_expect(site, "apply --log-format xml migrations", 2);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        lk_site_test(test_log_of_a_run),
        lk_site_test(test_no_runs),
        lk_site_test(test_times),
        lk_site_test(test_attempts),
        lk_site_test(test_times_of_own_transactions),
        lk_site_test(test_left_open),
        lk_site_test(test_json_log),
    };

    return lk_site_main("runs", tests, LK_ARRAY_SIZE(tests));
}
