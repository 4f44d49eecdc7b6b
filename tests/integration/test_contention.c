/*
 * tests/integration/test_contention.c
 *     A change of a table that is written to all the time, behind a transaction that reads it for
 *     long: it gets in, and the application hardly notices. docs/contention.md has figures.
 */
#include <signal.h>

#include "tests/integration/site.h"

#define LOCK_TIMEOUT_MS 200
#define HELD_MS (25 * LOCK_TIMEOUT_MS) /* for how long the reader is in the way, at least */

/* What an application does all the time. */
#define LOAD                                                                                       \
    "\\set id random(1, 100)\n"                                                                    \
    "UPDATE a SET n = n + 1 WHERE id = :id;\n"                                                     \
    "SELECT n FROM a WHERE id = :id;\n"

/* start_load has the server write down who waited for a lock for how long, and starts to write. */
static struct lk_process
start_load(const struct lk_site *site)
{
    const char *args[] = {LK_PGBENCH, "-n",       "-c",           "4",  "-T",
                          "1000",     "-f",       "load.sql",     "-h", site->server->folder,
                          "-U",       "postgres", site->database, NULL};

    lk_site_exec(site, "ALTER SYSTEM SET log_lock_waits = on");
    lk_site_exec(site, "ALTER SYSTEM SET deadlock_timeout = '20ms'");
    lk_site_exec(site, "ALTER SYSTEM SET log_line_prefix = '%d %a '");
    lk_site_exec(site, "SELECT pg_reload_conf()");
    lk_site_exec(site, "CREATE TABLE a (id int PRIMARY KEY, n int); CREATE TABLE b (id int);"
                       " INSERT INTO a SELECT i, 0 FROM generate_series(1, 100) i");
    lk_site_config(site, lk_fmt(site->mem,
                                "apply: {lock_timeout: %dms, retry: {max_elapsed: 50s, base: 20ms,"
                                " cap: 200ms}}\n",
                                LOCK_TIMEOUT_MS));
    lk_test_write(site->dir, "load.sql", LOAD);
    struct lk_process load = lk_process_start(site->dir, args);
    lk_site_wait_for(site, "SELECT sum(n) > 100 FROM a", "t");
    return load;
}

/* longest_wait returns the longest wait for a lock that the server's log has of the application. */
static double
longest_wait(const struct lk_site *site, size_t *ret_waits)
{
    char *log = lk_test_read(site->mem, lk_fmt(site->mem, "%s/log", site->server->folder));
    char *prefix = lk_fmt(site->mem, "\n%s pgbench LOG:  process ", site->database);
    double longest = 0;

    *ret_waits = 0;
    for (const char *at = log; (at = strstr(at, prefix)) != NULL;) {
        at += strlen(prefix);
        char *line = lk_strndup(site->mem, at, strcspn(at, "\n"));
        const char *after = strstr(line, " after ");
        if (after == NULL || strstr(line, " on relation ") == NULL)
            continue;
        double wait = strtod(after + strlen(" after "), NULL);
        longest = LK_MAX(longest, wait);
        ++*ret_waits;
    }
    return longest;
}

static double
elapsed_ms(const struct timespec *since)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - since->tv_sec) * 1e3 +
           (double)(now.tv_nsec - since->tv_nsec) / 1e6;
}

/* gets_in has a migration wait for a reader of `read`, while the application works on table a. */
static void
gets_in(const struct lk_site *site, const char *read, const char *migration)
{
    struct lk_process load = start_load(site);
    PGconn *reader = lk_site_connect(site);
    struct timespec start;
    size_t waits;

    lk_site_migration(site, "V1__change.sql", migration);
    lk_site_send(reader, lk_fmt(site->mem, "BEGIN; SELECT count(*) FROM %s", read));
    clock_gettime(CLOCK_MONOTONIC, &start);
    struct lk_process run = lk_site_spawn(site, "apply --no-gate migrations", NULL);
    lk_process_wait_for(&run, "lock timeout");
    while (elapsed_ms(&start) < HELD_MS)
        lk_sleep_ms(10);
    lk_site_send(reader, "COMMIT");
    double held = elapsed_ms(&start);
    lk_site_finish(site, &run, 0);
    lk_site_expect_value(site, "SELECT status, attempts > 2 FROM lockkeeper.migration",
                         "applied|t");
    kill(load.pid, SIGINT);
    struct lk_output output = lk_process_wait(site->mem, &load);
    lk_expect_no_text(output.err, "ERROR");
    lk_expect_no_text(output.err, "aborted");
    double longest = longest_wait(site, &waits);
    print_message("the longest of %zu waits: %.0f ms, while the reader stayed for %.0f ms\n", waits,
                  longest, held);
    assert_in_range(waits, 1, SIZE_MAX);
    /* without a bound it would be as long as the reader stays */
    if (longest > held / 2)
        fail_msg("the application waited for %.0f ms", longest);
    PQfinish(reader);
}

static void
test_one_table(void **state)
{
    gets_in(*state, "a", "ALTER TABLE a ADD COLUMN c int;\n");
}

/* The lock that is had already is given back when the next one does not come. */
static void
test_two_tables(void **state)
{
    gets_in(*state, "b", "ALTER TABLE a ADD COLUMN c int;\nALTER TABLE b ADD COLUMN c int;\n");
}

/* The same in a migration that is carried out in parts. */
static void
test_segments(void **state)
{
    gets_in(*state, "a",
            "ALTER TABLE a ADD COLUMN c int;\nCREATE INDEX CONCURRENTLY c_idx ON b (id);\n");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        lk_site_test(test_one_table),
        lk_site_test(test_two_tables),
        lk_site_test(test_segments),
    };

    return lk_site_main("contention", tests, LK_ARRAY_SIZE(tests));
}
