/*
 * tests/integration/dump.h
 *     Databases compared by what pg_dump writes of them.
 */
#ifndef LK_TESTS_INTEGRATION_DUMP_H
#define LK_TESTS_INTEGRATION_DUMP_H

#include "tests/integration/site.h"

/* lk_dump returns the dump of a site's database with an option (or NULL), without lockkeeper's own
 * schema. */
char *lk_dump(const struct lk_site *site, const char *option);

/* lk_dump_skip_if_newer skips the test on a server that the installed pg_dump is too old for. */
void lk_dump_skip_if_newer(const struct lk_site *site);

/* lk_dump_expect_same fails at the first line that differs. */
void lk_dump_expect_same(const char *first, const char *second);

/* lk_dump_main is lk_site_main; where all tests were skipped the program says so. */
int lk_dump_main(const char *name, const struct CMUnitTest *tests, size_t count);

#endif
