/*
 * tests/integration/psql.h
 *     psql on one database that many cases share: another client than our own, with its own way to
 *     split a text into statements.
 */
#ifndef LK_TESTS_INTEGRATION_PSQL_H
#define LK_TESTS_INTEGRATION_PSQL_H

#include "tests/integration/site.h"

/*
 * lk_psql_site returns a site that is started when it is first asked for, and emptied whenever it
 * is: a database for each case would take minutes. lk_psql_end ends it.
 */
struct lk_site *lk_psql_site(void);
void lk_psql_end(void);

/* lk_psql_fresh empties the site's database. */
void lk_psql_fresh(const struct lk_site *site);

/*
 * lk_psql_run carries out a text, in one transaction or not; returns the SQLSTATE it stops with, or
 * "".
 */
const char *lk_psql_run(const struct lk_site *site, const char *sql, bool transaction);

/* lk_psql_major returns the server's major version. */
long lk_psql_major(const struct lk_site *site);

#endif
