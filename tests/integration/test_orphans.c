/*
 * tests/integration/test_orphans.c
 *     What a killed client leaves behind: a backend that works on for nobody.
 */
#include <signal.h>

#include "tests/integration/site.h"

#define ROWS "SELECT script, status FROM lockkeeper.migration ORDER BY rank"
#define PATIENT "apply: {retry: {max_elapsed: 50s, base: 20ms, cap: 50ms}}\n"
/* for a server that cannot watch its sockets, or is not to */
#define UNCHECKED " options='-c client_connection_check_interval=0'"
#define BACKENDS                                                                                   \
    "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'lockkeeper'"                  \
    " AND datname = current_database()"
#define WAITING                                                                                    \
    "SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted AND pid IN"                        \
    " (SELECT pid FROM pg_stat_activity WHERE datname = current_database()"                        \
    " AND application_name = 'lockkeeper')"

/* Statements that go on for as long as another session is in their way, or a gate is closed. */
static const struct orphaned {
    const char *what;
    const char *migration;
    const char *busy; /* how many are at it by now, or wait */
} orphaned[] = {
    {"a build that waits for an old transaction",
     "INSERT INTO log VALUES (1);\nCREATE INDEX CONCURRENTLY a_idx ON a (id);\n", WAITING},
    {"an UPDATE that waits for a row",
     "INSERT INTO log VALUES (1);\n-- lockkeeper: lock_timeout 0\nUPDATE a SET id = id + 1;\n",
     WAITING},
    {"the same, on its own",
     "-- lockkeeper: transaction off\nINSERT INTO log VALUES (1);\n"
     "-- lockkeeper: lock_timeout 0\nUPDATE a SET id = id + 1;\n",
     WAITING},
    {"an UPDATE that works for long",
     "INSERT INTO log VALUES (1);\n"
     "UPDATE a SET id = id + 1 WHERE (SELECT public.count_up()) > 0;\n",
     "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%count_up%'"
     " AND pid <> pg_backend_pid() AND datname = current_database()"},
};

/* occupy has a session in the way of all of them: it has an old snapshot, and the only row. */
static PGconn *
occupy(const struct lk_site *site)
{
    lk_site_config(site, PATIENT);
    lk_site_make_gates(site);
    lk_site_exec(site, "CREATE TABLE a (id int); INSERT INTO a VALUES (1);"
                       " CREATE TABLE log (n int);"
                       " CREATE FUNCTION public.count_up() RETURNS bigint LANGUAGE plpgsql AS"
                       " $$ DECLARE n bigint := 0; BEGIN"
                       " WHILE NOT EXISTS (SELECT FROM public.opened) LOOP n := n + 1; END LOOP;"
                       " RETURN n + 1; END $$");
    PGconn *rival = lk_site_connect(site);
    lk_site_send(rival, "BEGIN ISOLATION LEVEL REPEATABLE READ; UPDATE a SET id = id");
    return rival;
}

static void
leave(const struct lk_site *site, PGconn *rival)
{
    lk_site_open_gate(site, 1);
    lk_site_send(rival, "COMMIT");
    PQfinish(rival);
}

/* kill_busy kills a run as soon as its statement is at work; its backend does not know yet. */
static void
kill_busy(const struct lk_site *site, const struct orphaned *at, const char *url)
{
    struct lk_process process = lk_site_spawn(site, "apply --no-gate migrations", url);

    lk_site_wait_for(site, at->busy, "1");
    kill(process.pid, SIGKILL);
    lk_site_finish(site, &process, -1);
}

/* expect_once wants the migration carried out once, whatever its first try came to. */
static void
expect_once(const struct lk_site *site, const struct orphaned *at)
{
    bool builds = strstr(at->migration, "a_idx") != NULL;

    lk_site_expect_value(site, ROWS, "0001_a.sql|applied");
    lk_site_expect_value(site, "SELECT n FROM log", "1");
    lk_site_expect_value(site, "SELECT id FROM a", builds ? "1" : "2");
    lk_site_expect_value(site,
                         "SELECT indexrelid::regclass, indisvalid FROM pg_index"
                         " WHERE indrelid = 'a'::regclass",
                         builds ? "a_idx|t" : "");
    lk_site_expect_value(site, "SELECT count(*) FROM lockkeeper.journal WHERE state = 'intent'",
                         "0");
}

/* The server finds out that nobody waits for the answer, and ends what was begun: others need not.
 */
static void
ends_by_itself(const struct lk_site *site, const struct orphaned *at)
{
    PGconn *rival = occupy(site);

    lk_site_migration(site, "0001_a.sql", at->migration);
    kill_busy(site, at, NULL);
    lk_site_wait_for(site, BACKENDS, "0"); /* with the other session still in its way */
    leave(site, rival);
    lk_site_expect(site, "apply --no-gate migrations", 0);
    expect_once(site, at);
}

/* Where the server does not look, the next run says who is at work, and goes on behind it. */
static void
is_waited_for(const struct lk_site *site, const struct orphaned *at)
{
    PGconn *rival = occupy(site);

    lk_site_migration(site, "0001_a.sql", at->migration);
    kill_busy(site, at, lk_fmt(site->mem, "%s" UNCHECKED, site->url));
    struct lk_process process = lk_site_spawn(site, "apply --no-gate migrations", NULL);
    lk_process_wait_for(&process, "another run holds the lock: waiting for it to end; pid ");
    lk_site_expect_value(site, at->busy, "1");
    leave(site, rival);
    struct lk_output output = lk_site_finish(site, &process, 0);
    lk_expect_text(output.err, "(postgres, lockkeeper) active");
    expect_once(site, at);
}

/* Where the configuration says so, it is ended: what it has done by half is cleared up. */
static void
is_taken_over(const struct lk_site *site, const struct orphaned *at)
{
    PGconn *rival = occupy(site);

    lk_site_migration(site, "0001_a.sql", at->migration);
    kill_busy(site, at, lk_fmt(site->mem, "%s" UNCHECKED, site->url));
    lk_site_config(site, "apply: {take_over: 100ms,"
                         " retry: {max_elapsed: 50s, base: 20ms, cap: 50ms}}\n");
    struct lk_process process = lk_site_spawn(site, "apply --no-gate migrations", NULL);
    lk_process_wait_for(&process, "ended the other run's backend");
    leave(site, rival);
    lk_site_finish(site, &process, 0);
    expect_once(site, at);
}

#define ORPHAN(name, index)                                                                        \
    static void test_##name##_ends(void **state)                                                   \
    {                                                                                              \
        ends_by_itself(*state, &orphaned[index]);                                                  \
    }                                                                                              \
    static void test_##name##_is_waited_for(void **state)                                          \
    {                                                                                              \
        is_waited_for(*state, &orphaned[index]);                                                   \
    }                                                                                              \
    static void test_##name##_is_taken_over(void **state)                                          \
    {                                                                                              \
        is_taken_over(*state, &orphaned[index]);                                                   \
    }
ORPHAN(build, 0)
ORPHAN(update, 1)
ORPHAN(update_alone, 2)
ORPHAN(long_update, 3)

/*
 * unlocked leaves a backend behind that has given the run's lock away: only the journal knows of
 * it. Its statement goes on until the gate is opened, and then does what it is to do.
 */
static struct lk_process
unlocked(const struct lk_site *site, const char *config)
{
    lk_site_make_gates(site);
    lk_site_exec(site, "CREATE TABLE log (n int)");
    lk_site_migration(site, "0001_a.sql",
                      "-- lockkeeper: transaction off\n"
                      "CREATE PROCEDURE wait() LANGUAGE plpgsql AS $$ BEGIN"
                      " PERFORM pg_advisory_unlock_all(); COMMIT;"
                      " WHILE NOT EXISTS (SELECT FROM opened)"
                      " LOOP PERFORM pg_sleep(0.01); COMMIT; END LOOP;"
                      " IF NOT EXISTS (SELECT FROM log) THEN INSERT INTO log VALUES (1); END IF;"
                      " END $$;\n"
                      "CALL wait();\nINSERT INTO log VALUES (2);\n");
    struct lk_process process = lk_site_spawn(site, "apply --no-gate migrations",
                                              lk_fmt(site->mem, "%s" UNCHECKED, site->url));
    lk_site_wait_for(site,
                     "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'CALL wait%'"
                     " AND datname = current_database()",
                     "1");
    lk_site_wait_for(site, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'", "0");
    kill(process.pid, SIGKILL);
    lk_site_finish(site, &process, -1);
    lk_site_config(site, config);
    return lk_site_spawn(site, "apply --no-gate migrations", NULL);
}

static void
test_journal_knows(void **state)
{
    const struct lk_site *site = *state;
    struct lk_process process = unlocked(site, PATIENT);

    lk_process_wait_for(&process, "is still at a statement of 0001_a.sql that an earlier run has "
                                  "begun");
    lk_site_open_gate(site, 1);
    lk_site_finish(site, &process, 0);
    lk_site_expect_value(site, ROWS, "0001_a.sql|applied");
    lk_site_expect_value(site, "SELECT n FROM log ORDER BY n", "1\n2");
}

static void
test_journal_takes_over(void **state)
{
    const struct lk_site *site = *state;
    struct lk_process process = unlocked(site, "apply: {take_over: 100ms}\n");

    lk_process_wait_for(&process, "ended the other run's backend");
    lk_site_open_gate(site, 1);
    lk_site_finish(site, &process, 0);
    lk_site_expect_value(site, ROWS, "0001_a.sql|applied");
    lk_site_expect_value(site, "SELECT n FROM log ORDER BY n", "1\n2");
}

static void
test_journal_gives_up(void **state)
{
    const struct lk_site *site = *state;
    struct lk_process process = unlocked(site, "apply: {retry: {max_elapsed: 300ms}}\n");
    struct lk_output output = lk_site_finish(site, &process, 7);

    lk_expect_text(output.err, "is still at a statement of 0001_a.sql");
    lk_expect_text(output.err, "pg_terminate_backend(");
    lk_site_expect_value(site, "SELECT n FROM log", "");
    lk_site_open_gate(site, 1);
    lk_site_wait_for(site, "SELECT n FROM log", "1");
    lk_site_expect(site, "apply --no-gate migrations", 0);
    lk_site_expect_value(site, "SELECT n FROM log ORDER BY n", "1\n2");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        lk_site_test(test_build_ends),
        lk_site_test(test_build_is_waited_for),
        lk_site_test(test_build_is_taken_over),
        lk_site_test(test_update_ends),
        lk_site_test(test_update_is_waited_for),
        lk_site_test(test_update_is_taken_over),
        lk_site_test(test_update_alone_ends),
        lk_site_test(test_update_alone_is_waited_for),
        lk_site_test(test_update_alone_is_taken_over),
        lk_site_test(test_long_update_ends),
        lk_site_test(test_long_update_is_waited_for),
        lk_site_test(test_long_update_is_taken_over),
        lk_site_test(test_journal_knows),
        lk_site_test(test_journal_takes_over),
        lk_site_test(test_journal_gives_up),
    };

    return lk_site_main("orphans", tests, LK_ARRAY_SIZE(tests));
}
