/*
 * tests/integration/test_pooler.c
 *     Behind PgBouncer: by the session a run is as good as without, by the transaction it refuses.
 */
#include <signal.h>

#include "tests/integration/pgbouncer.h"

static struct lk_output
apply_through(const struct lk_site *site, const struct lk_pgbouncer *pooler, int exit_code)
{
    struct lk_process process = lk_site_spawn(site, "apply --no-gate migrations", pooler->url);
    struct lk_output output = lk_process_wait(site->mem, &process);

    lk_expect_exit(&output, exit_code);
    return output;
}

static void
expect_refused(const struct lk_site *site, const struct lk_pgbouncer *pooler)
{
    struct lk_output output = apply_through(site, pooler, 4);

    lk_expect_text(output.err, "through a pooler that lends out backends by the transaction");
    lk_expect_text(output.err, "pool of mode session");
    lk_site_expect_value(
        site, "SELECT to_regclass('a') IS NULL, to_regnamespace('lockkeeper') IS NULL", "t|t");
}

static void
refuses(const struct lk_site *site, const char *settings)
{
    lk_site_migration(site, "0001_a.sql", "CREATE TABLE a ();\n");
    struct lk_pgbouncer pooler = lk_pgbouncer_start(site, settings);
    expect_refused(site, &pooler);
    lk_pgbouncer_end(&pooler, SIGTERM);
}

/* Each way to lend out backends: one that is always the same, or in turns, or cleaned each time. */
static void
test_by_the_transaction(void **state)
{
    static const char *const modes[] = {"transaction", "statement"};
    static const char *const ways[] = {
        "default_pool_size = 1\n",
        "default_pool_size = 1\nserver_reset_query_always = 1\n",
        "default_pool_size = 5\n",
        "default_pool_size = 5\nserver_round_robin = 1\n",
        "default_pool_size = 5\nmin_pool_size = 5\nserver_round_robin = 1\n",
        "default_pool_size = 5\nserver_reset_query_always = 1\n",
        "default_pool_size = 5\nserver_reset_query =\n",
    };
    const struct lk_site *site = *state;

    for (size_t i = 0; i < LK_ARRAY_SIZE(modes) * LK_ARRAY_SIZE(ways); i++)
        refuses(site, lk_fmt(site->mem, "pool_mode = %s\n%s", modes[i % 2], ways[i / 2]));
}

/* keep_busy has each of them wait for the pooler's backend, or have it for a while. */
static void
keep_busy(PGconn *const *others, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        PQconsumeInput(others[i]);
        while (!PQisBusy(others[i]) && PQtransactionStatus(others[i]) == PQTRANS_ACTIVE)
            PQclear(PQgetResult(others[i]));
        if (PQtransactionStatus(others[i]) != PQTRANS_ACTIVE)
            PQsendQuery(others[i], "SELECT pg_sleep(0.4)");
    }
}

/* The one backend is always on its way from one long transaction to the next. */
static void
test_by_the_transaction_with_a_queue(void **state)
{
    const struct lk_site *site = *state;
    PGconn *others[3];

    lk_site_migration(site, "0001_a.sql", "CREATE TABLE a ();\n");
    struct lk_pgbouncer pooler =
        lk_pgbouncer_start(site, "pool_mode = transaction\ndefault_pool_size = 1\n");
    for (size_t i = 0; i < LK_ARRAY_SIZE(others); i++)
        others[i] = PQconnectdb(pooler.url);
    keep_busy(others, LK_ARRAY_SIZE(others));
    struct lk_process process = lk_site_spawn(site, "apply --no-gate migrations", pooler.url);
    while (!lk_process_has_ended(&process)) {
        keep_busy(others, LK_ARRAY_SIZE(others));
        lk_sleep_ms(1);
    }
    struct lk_output output = lk_site_finish(site, &process, 4);
    lk_expect_text(output.err, "through a pooler that lends out backends by the transaction");
    for (size_t i = 0; i < LK_ARRAY_SIZE(others); i++)
        PQfinish(others[i]);
    lk_pgbouncer_end(&pooler, SIGTERM);
}

/* Two backends that are passed from hand to hand all the time: the same one comes back by chance.
 */
static void
test_by_the_transaction_when_busy(void **state)
{
    const struct lk_site *site = *state;

    lk_site_migration(site, "0001_a.sql", "CREATE TABLE a ();\n");
    lk_test_write(site->dir, "busy.sql", "SELECT pg_sleep(0.001);\n");
    struct lk_pgbouncer pooler =
        lk_pgbouncer_start(site, "pool_mode = transaction\ndefault_pool_size = 2\n");
    const char *args[] = {LK_PGBENCH,     "-n",
                          "-c",           "5",
                          "-T",           "50",
                          "-f",           "busy.sql",
                          "-h",           site->server->folder,
                          "-p",           LK_PGBOUNCER_PORT,
                          "-U",           "postgres",
                          site->database, NULL};
    struct lk_process busy = lk_process_start(site->dir, args);
    lk_site_wait_for(site,
                     "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep%'"
                     " AND application_name = 'pgbench' AND pid <> pg_backend_pid()",
                     "2");
    for (unsigned i = 0; i < 20; i++)
        expect_refused(site, &pooler);
    kill(busy.pid, SIGTERM);
    lk_process_wait(site->mem, &busy);
    lk_pgbouncer_end(&pooler, SIGTERM);
}

static void
applies(const struct lk_site *site, unsigned size)
{
    lk_site_migration(site, "0001_a.sql", "CREATE TABLE a (n int);\n");
    lk_site_migration(site, "0002_b.sql",
                      "INSERT INTO a VALUES (1);\nCREATE INDEX CONCURRENTLY a_n ON a (n);\n");
    struct lk_pgbouncer pooler = lk_pgbouncer_start(
        site, lk_fmt(site->mem, "pool_mode = session\ndefault_pool_size = %u\n", size));
    apply_through(site, &pooler, 0);
    lk_site_expect_value(site, "SELECT script, status FROM lockkeeper.migration ORDER BY rank",
                         "0001_a.sql|applied\n0002_b.sql|applied");
    lk_site_expect_value(site, "SELECT n FROM a", "1");
    lk_pgbouncer_end(&pooler, SIGTERM);
}

static void
test_by_the_session(void **state)
{
    applies(*state, 5);
}

/* No backend is left to find out with: it is taken for what such a pool can only be. */
static void
test_by_the_session_with_one_backend(void **state)
{
    applies(*state, 1);
}

/* Who is in the way is seen, and may be ended, through a pooler as well. */
static void
test_watch_by_the_session(void **state)
{
    const struct lk_site *site = *state;

    lk_site_config(site, "apply: {lock_timeout: 50s, end_blockers: [report]}\n");
    lk_site_exec(site, "CREATE TABLE a (id int)");
    lk_site_migration(site, "0001_b.sql", "ALTER TABLE a ADD COLUMN b int;\n");
    struct lk_pgbouncer pooler =
        lk_pgbouncer_start(site, "pool_mode = session\ndefault_pool_size = 5\n");
    PGconn *rival = lk_site_connect(site);
    lk_site_send(rival, "SET application_name = 'report'; BEGIN; LOCK TABLE a");
    struct lk_output output = apply_through(site, &pooler, 0);
    lk_expect_text(output.err, "(postgres, report) idle in transaction");
    lk_expect_text(output.err, "as the configuration allows");
    PQfinish(rival);
    lk_pgbouncer_end(&pooler, SIGTERM);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        lk_site_test(test_by_the_transaction),
        lk_site_test(test_by_the_transaction_with_a_queue),
        lk_site_test(test_by_the_transaction_when_busy),
        lk_site_test(test_watch_by_the_session),
        lk_site_test(test_by_the_session),
        lk_site_test(test_by_the_session_with_one_backend),
    };

    return lk_site_main("pooler", tests, LK_ARRAY_SIZE(tests));
}
