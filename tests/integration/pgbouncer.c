/*
 * tests/integration/pgbouncer.c
 *     A PgBouncer in front of a test's server: see pgbouncer.h.
 */
#include "tests/integration/pgbouncer.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE_MS 20000

/* Ends with the site, whatever becomes of the test. */
struct lk_pgbouncer_guard {
    pid_t pid;
};

static int
end_guarded(struct lk_pgbouncer_guard *guard)
{
    kill(guard->pid, SIGKILL);
    waitpid(guard->pid, NULL, 0);
    return 0;
}

static char *
socket_path(const struct lk_site *site)
{
    return lk_fmt(site->mem, "%s/.s.PGSQL." LK_PGBOUNCER_PORT, site->server->folder);
}

struct lk_pgbouncer
lk_pgbouncer_start(const struct lk_site *site, const char *settings)
{
    const char *folder = site->server->folder;
    const char *args[] = {LK_PGBOUNCER, "-q", "pooler.ini", NULL, NULL, NULL};
    struct lk_pgbouncer pooler = {
        .site = site,
        .url = lk_fmt(site->mem, "host=%s port=" LK_PGBOUNCER_PORT " user=postgres dbname=%s",
                      folder, site->database),
    };

    lk_test_write(site->dir, "pooler.ini",
                  lk_fmt(site->mem,
                         "[databases]\n* = host=%s user=postgres\n"
                         "[pgbouncer]\nlisten_addr =\nlisten_port = " LK_PGBOUNCER_PORT "\n"
                         "unix_socket_dir = %s\nauth_type = any\n%s",
                         folder, folder, settings));
    if (geteuid() == 0) { /* it refuses to run as root */
        args[3] = "-u";
        args[4] = "postgres";
    }
    pooler.process = lk_process_start(site->dir, args);
    pooler.guard = lk_new(site->mem, struct lk_pgbouncer_guard);
    pooler.guard->pid = pooler.process.pid;
    talloc_set_destructor(pooler.guard, end_guarded);
    for (int waited = 0; PQping(pooler.url) != PQPING_OK; waited += 5) {
        if (waited >= PATIENCE_MS)
            fail_msg("pgbouncer does not start: %s",
                     lk_process_wait(site->mem, &pooler.process).err);
        lk_sleep_ms(5);
    }
    return pooler;
}

/* answers returns whether a query comes back answered. */
static bool
answers(const char *url)
{
    PGconn *pg = PQconnectdb(url);
    PGresult *result = PQexec(pg, "SELECT 1");
    bool answered = PQresultStatus(result) == PGRES_TUPLES_OK;

    PQclear(result);
    PQfinish(pg);
    return answered;
}

void
lk_pgbouncer_wait(const struct lk_pgbouncer *pooler)
{
    for (int waited = 0; !answers(pooler->url); waited += 10) {
        if (waited >= PATIENCE_MS)
            fail_msg("pgbouncer does not reach the server again");
        lk_sleep_ms(10);
    }
}

void
lk_pgbouncer_end(struct lk_pgbouncer *pooler, int signal_number)
{
    talloc_set_destructor(pooler->guard, NULL);
    TALLOC_FREE(pooler->guard);
    kill(pooler->process.pid, signal_number);
    lk_process_wait(pooler->site->mem, &pooler->process);
    unlink(socket_path(pooler->site));
}
