/*
 * tests/integration/test_pooler.c
 *     Behind PgBouncer: by the session a run is as good as without, by the transaction it refuses.
 */
#include <signal.h>

#include "tests/integration/pgbouncer.h"

static struct lk_pgbouncer
start_pooler(const struct lk_site *site, const char *mode, unsigned size)
{
    return lk_pgbouncer_start(
        site, lk_fmt(site->mem, "pool_mode = %s\ndefault_pool_size = %u\n", mode, size));
}

static struct lk_output
apply_through(const struct lk_site *site, const struct lk_pgbouncer *pooler, int exit_code)
{
    struct lk_process process = lk_site_spawn(site, "apply --no-gate migrations", pooler->url);
    struct lk_output output = lk_process_wait(site->mem, &process);

    lk_expect_exit(&output, exit_code);
    return output;
}

static void
refuses(const struct lk_site *site, const char *mode, unsigned size)
{
    lk_site_migration(site, "0001_a.sql", "CREATE TABLE a ();\n");
    struct lk_pgbouncer pooler = start_pooler(site, mode, size);
    struct lk_output output = apply_through(site, &pooler, 4);
    lk_expect_text(output.err, "through a pooler that lends out backends by the transaction");
    lk_expect_text(output.err, "pool of mode session");
    lk_site_expect_value(
        site, "SELECT to_regclass('a') IS NULL, to_regnamespace('lockkeeper') IS NULL", "t|t");
    lk_pgbouncer_end(&pooler, SIGTERM);
}

static void
test_by_the_transaction(void **state)
{
    refuses(*state, "transaction", 5);
}

static void
test_by_the_transaction_with_one_backend(void **state)
{
    refuses(*state, "transaction", 1);
}

static void
test_by_the_statement(void **state)
{
    refuses(*state, "statement", 5);
}

static void
applies(const struct lk_site *site, unsigned size)
{
    lk_site_migration(site, "0001_a.sql", "CREATE TABLE a (n int);\n");
    lk_site_migration(site, "0002_b.sql",
                      "INSERT INTO a VALUES (1);\nCREATE INDEX CONCURRENTLY a_n ON a (n);\n");
    struct lk_pgbouncer pooler = start_pooler(site, "session", size);
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

int
main(void)
{
    const struct CMUnitTest tests[] = {
        lk_site_test(test_by_the_transaction),
        lk_site_test(test_by_the_transaction_with_one_backend),
        lk_site_test(test_by_the_statement),
        lk_site_test(test_by_the_session),
        lk_site_test(test_by_the_session_with_one_backend),
    };

    return lk_site_main("pooler", tests, LK_ARRAY_SIZE(tests));
}
