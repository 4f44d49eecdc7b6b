/*
 * tests/integration/test_pooler.c
 *     Behind PgBouncer: by the session a run is as good as without, by the transaction it refuses.
 */
#include <signal.h>
#include <unistd.h>

#include "tests/integration/site.h"

#define PORT "6432"

struct pooler {
    struct lk_process process;
    const char *url; /* of the site's database through it */
};

/* start_pooler starts one whose socket stands beside the server's. */
static struct pooler
start_pooler(const struct lk_site *site, const char *mode, unsigned size)
{
    const char *folder = site->server->folder;
    const char *args[] = {LK_PGBOUNCER, "pooler.ini", NULL, NULL, NULL};
    struct pooler pooler = {
        .url = lk_fmt(site->mem, "host=%s port=" PORT " user=postgres dbname=%s", folder,
                      site->database),
    };

    lk_test_write(site->dir, "pooler.ini",
                  lk_fmt(site->mem,
                         "[databases]\n* = host=%s user=postgres\n"
                         "[pgbouncer]\nlisten_addr =\nlisten_port = " PORT "\n"
                         "unix_socket_dir = %s\nauth_type = any\npool_mode = %s\n"
                         "default_pool_size = %u\n",
                         folder, folder, mode, size));
    if (geteuid() == 0) { /* it refuses to run as root */
        args[2] = "-u";
        args[3] = "postgres";
    }
    pooler.process = lk_process_start(site->dir, args);
    for (int waited = 0; access(lk_fmt(site->mem, "%s/.s.PGSQL." PORT, folder), F_OK) != 0;
         waited += 10) {
        if (waited >= 20000)
            fail_msg("pgbouncer does not start: %s",
                     lk_process_wait(site->mem, &pooler.process).err);
        lk_sleep_ms(10);
    }
    return pooler;
}

static void
stop_pooler(const struct lk_site *site, struct pooler *pooler)
{
    kill(pooler->process.pid, SIGTERM);
    lk_process_wait(site->mem, &pooler->process);
    unlink(lk_fmt(site->mem, "%s/.s.PGSQL." PORT, site->server->folder));
}

static struct lk_output
apply_through(const struct lk_site *site, const struct pooler *pooler, int exit_code)
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
    struct pooler pooler = start_pooler(site, mode, size);
    struct lk_output output = apply_through(site, &pooler, 4);
    lk_expect_text(output.err, "through a pooler that lends out backends by the transaction");
    lk_expect_text(output.err, "pool of mode session");
    lk_site_expect_value(
        site, "SELECT to_regclass('a') IS NULL, to_regnamespace('lockkeeper') IS NULL", "t|t");
    stop_pooler(site, &pooler);
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
    struct pooler pooler = start_pooler(site, "session", size);
    apply_through(site, &pooler, 0);
    lk_site_expect_value(site, "SELECT script, status FROM lockkeeper.migration ORDER BY rank",
                         "0001_a.sql|applied\n0002_b.sql|applied");
    lk_site_expect_value(site, "SELECT n FROM a", "1");
    stop_pooler(site, &pooler);
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
