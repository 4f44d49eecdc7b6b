/*
 * tests/integration/test_watch.c
 *     What a run sees while its statements wait, or have others wait.
 */
#include "tests/integration/site.h"

/* Who holds a statement up is told while it waits, and in the end. */
static void
test_blockers_are_named(void **state)
{
    const struct lk_site *site = *state;

    lk_site_config(site, "apply: {lock_timeout: 2500ms, retry: {max_elapsed: 2600ms}}\n");
    lk_site_exec(site, "CREATE TABLE a (id int)");
    lk_site_migration(site, "0001_b.sql", "ALTER TABLE a ADD COLUMN b int;\n");
    PGconn *rival = lk_site_connect(site);
    lk_site_send(rival,
                 "SET application_name = 'report'; BEGIN; LOCK TABLE a IN ACCESS SHARE MODE");
    lk_site_send(rival, "SELECT 'the password s3cret'");
    struct lk_output output = lk_site_expect(site, "apply --no-gate migrations", 6);
    lk_expect_text(output.err, "waiting for pid ");
    lk_expect_text(output.err, "(postgres, report) idle in transaction");
    lk_expect_text(output.err, "held up by pid ");
    lk_expect_no_text(output.err, "s3cret");
    PQfinish(rival);
}

/* A prepared transaction has no session: it is named, and left alone. */
static void
test_prepared_transactions_are_named(void **state)
{
    const struct lk_site *site = *state;

    lk_site_config(site, "apply: {lock_timeout: 2500ms, end_blockers: ['*'],"
                         " retry: {max_elapsed: 2600ms}}\n");
    lk_site_exec(site, "CREATE TABLE a (id int)");
    lk_site_migration(site, "0001_b.sql", "ALTER TABLE a ADD COLUMN b int;\n");
    lk_site_exec(site, "BEGIN; INSERT INTO a VALUES (1)");
    lk_site_exec(site, lk_fmt(site->mem, "PREPARE TRANSACTION 'two %s'", site->database));
    struct lk_output output =
        lk_site_expect(site, "apply --no-gate --log-format json migrations", 6);
    lk_expect_text(output.err, "\"event\":\"progress\"");
    lk_expect_text(output.err, lk_fmt(site->mem, "the prepared transaction two %s of postgres",
                                      site->database));
    lk_site_exec(site, lk_fmt(site->mem, "ROLLBACK PREPARED 'two %s'", site->database));
    lk_site_expect(site, "apply --no-gate migrations", 0);
}

/* Sessions of applications that the configuration names are in nobody's way for long. */
static void
test_blockers_are_ended(void **state)
{
    const struct lk_site *site = *state;

    lk_site_config(site, "apply: {lock_timeout: 20s, end_blockers: [\"report*\"]}\n");
    lk_site_exec(site, "CREATE TABLE a (id int)");
    lk_site_migration(site, "0001_b.sql", "ALTER TABLE a ADD COLUMN b int;\n");
    PGconn *idle = lk_site_connect(site), *busy = lk_site_connect(site);
    lk_site_send(idle,
                 "SET application_name = 'report 1'; BEGIN; LOCK TABLE a IN ACCESS SHARE MODE");
    lk_site_send(busy, "SET application_name = 'reports'");
    if (!PQsendQuery(busy, "SELECT pg_sleep(60) FROM (SELECT count(*) FROM a) AS b"))
        fail();
    lk_site_wait_for(
        site, "SELECT count(DISTINCT pid) FROM pg_locks WHERE relation = 'a'::regclass", "2");
    struct lk_output output = lk_site_expect(site, "apply --no-gate migrations", 0);
    lk_expect_text(output.err, "as the configuration allows");
    lk_site_expect_value(site, "SELECT attempts FROM lockkeeper.migration", "1");
    PQfinish(idle);
    PQfinish(busy);
}

/* A session of another application is left alone. */
static void
test_other_blockers_stay(void **state)
{
    const struct lk_site *site = *state;

    lk_site_config(site, "apply: {lock_timeout: 2500ms, retry: {max_elapsed: 2600ms},"
                         " end_blockers: [report]}\n");
    lk_site_exec(site, "CREATE TABLE a (id int)");
    lk_site_migration(site, "0001_b.sql", "ALTER TABLE a ADD COLUMN b int;\n");
    PGconn *rival = lk_site_connect(site);
    lk_site_send(rival,
                 "SET application_name = 'reports'; BEGIN; LOCK TABLE a IN ACCESS SHARE MODE");
    lk_site_expect(site, "apply --no-gate migrations", 6);
    lk_site_send(rival, "COMMIT");
    PQfinish(rival);
}

/* yields has a statement hold its lock for as long as a gate is closed, and a session wait. */
static void
yields(const struct lk_site *site, const char *before, const char *after)
{
    lk_site_config(site, "apply: {max_blocking: 500ms, retry: {max_elapsed: 50s, base: 20ms}}\n");
    lk_site_exec(site, "CREATE TABLE a (id int)");
    lk_site_make_gates(site);
    lk_site_migration(
        site, "0001_b.sql",
        lk_fmt(site->mem, "%sALTER TABLE a ADD COLUMN b int;\n%s%s", before, LK_GATE("1"), after));
    struct lk_process process = lk_site_spawn(site, "apply --no-gate migrations", NULL);
    lk_site_wait_for(site,
                     "SELECT count(*) FROM pg_locks WHERE granted AND mode = 'AccessExclusiveLock'"
                     " AND relation = 'a'::regclass",
                     "1");
    /* goes through before the gate is open */
    lk_site_exec(site, "SET statement_timeout = '40s'; SELECT * FROM a");
    lk_site_open_gate(site, 1);
    lk_site_finish(site, &process, 0);
    lk_site_expect_value(site, "SELECT status, attempts > 1 FROM lockkeeper.migration",
                         "applied|t");
    lk_site_expect_value(
        site, "SELECT count(*) FROM information_schema.columns WHERE table_name = 'a'", "2");
}

static void
test_yields_to_those_behind(void **state)
{
    yields(*state, "", "");
}

static void
test_yields_in_segments(void **state)
{
    const struct lk_site *site = *state;

    lk_site_exec(site, "CREATE TABLE log (n int)");
    yields(site, "BEGIN;\nINSERT INTO log VALUES (1);\n",
           "COMMIT;\nCREATE INDEX CONCURRENTLY a_idx ON a (b);\n");
    lk_site_expect_value(site, "SELECT n FROM log", "1");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        lk_site_test(test_blockers_are_named),
        lk_site_test(test_prepared_transactions_are_named),
        lk_site_test(test_blockers_are_ended),
        lk_site_test(test_other_blockers_stay),
        lk_site_test(test_yields_to_those_behind),
        lk_site_test(test_yields_in_segments),
    };

    return lk_site_main("watch", tests, LK_ARRAY_SIZE(tests));
}
