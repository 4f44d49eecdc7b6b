/*
 * tests/integration/dump.c
 *     Running pg_dump: see dump.h.
 */
#include "tests/integration/dump.h"

char *
lk_dump(const struct lk_site *site, const char *option)
{
    const char *args[] = {LK_PG_DUMP, "-N",      "lockkeeper", "--restrict-key=key",
                          "-d",       site->url, option,       NULL};
    struct lk_output output = lk_test_run(site->mem, site->dir, args, NULL);

    lk_expect_exit(&output, 0);
    return output.out;
}

/* Whether any test has tried anything: where none has, the program says that it was skipped. */
static bool ran;

void
lk_dump_skip_if_newer(const struct lk_site *site)
{
    const char *args[] = {LK_PG_DUMP, "--version", NULL};
    struct lk_output output = lk_test_run(site->mem, site->dir, args, NULL);
    const char *version = output.out + strcspn(output.out, "0123456789");

    if (strtol(version, NULL, 10) < PQserverVersion(site->pg) / 10000)
        skip();
    ran = true;
}

void
lk_dump_expect_same(const char *first, const char *second)
{
    size_t at = 0, line = 0;

    for (; first[at] == second[at] && first[at] != '\0'; at++)
        if (first[at] == '\n')
            line = at + 1;
    if (first[at] != second[at])
        fail_msg("the dumps differ:\n%.400s\n-- and\n%.400s", first + line, second + line);
}

int
lk_dump_main(const char *name, const struct CMUnitTest *tests, size_t count)
{
    int failed = lk_site_main(name, tests, count);

    return failed == 0 && !ran ? 77 : failed; /* SKIP_RETURN_CODE */
}
