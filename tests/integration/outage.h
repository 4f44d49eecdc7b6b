/*
 * tests/integration/outage.h
 *     A test server that goes down without warning, and comes up again.
 */
#ifndef LK_TESTS_INTEGRATION_OUTAGE_H
#define LK_TESTS_INTEGRATION_OUTAGE_H

#include "tests/integration/site.h"

/* lk_outage_begin is `pg_ctl stop -m immediate`: no checkpoint, no goodbye; it waits for the end.
 */
void lk_outage_begin(const struct lk_server *server);

/*
 * lk_outage_recover starts the server again and does not wait: it refuses connections ("starting
 * up") until the file `go` is there, and then takes them on a timeline of its own.
 */
void lk_outage_recover(const struct lk_site *site, const char *go);

/* lk_outage_wait waits until it answers; the site's own connection is made anew. */
void lk_outage_wait(const struct lk_site *site);

/* lk_outage_end starts the server again, which recovers what was committed, and waits until it
 * answers; the site's own connection is made anew. */
void lk_outage_end(const struct lk_site *site);

#endif
