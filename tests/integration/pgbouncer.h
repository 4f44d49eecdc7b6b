/*
 * tests/integration/pgbouncer.h
 *     A PgBouncer in front of a test's server.
 */
#ifndef LK_TESTS_INTEGRATION_PGBOUNCER_H
#define LK_TESTS_INTEGRATION_PGBOUNCER_H

#include "tests/integration/site.h"

#define LK_PGBOUNCER_PORT "6432"

struct lk_pgbouncer {
    const struct lk_site *site;
    struct lk_process process;
    struct lk_pgbouncer_guard *guard;
    const char *url; /* of the site's database through it */
};

/* lk_pgbouncer_start starts one whose socket stands beside the server's; `settings` are lines of
 * its section [pgbouncer], pool_mode among them. */
struct lk_pgbouncer lk_pgbouncer_start(const struct lk_site *site, const char *settings);

/* lk_pgbouncer_wait waits until it reaches the server, which may have been away. */
void lk_pgbouncer_wait(const struct lk_pgbouncer *pooler);

/* lk_pgbouncer_end ends it by a signal, and waits until it is gone. */
void lk_pgbouncer_end(struct lk_pgbouncer *pooler, int signal_number);

#endif
