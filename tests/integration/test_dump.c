/*
 * tests/integration/test_dump.c
 *     What pg_dump writes is a migration: it is read without an error, and applied it makes the
 *     database that was dumped.
 */
#include <jansson.h>

#include "parser/base/text.h"
#include "tests/integration/dump.h"

#define FIXTURES LK_SOURCE_DIR "/fixtures/dump"

/* fill applies the fixtures to a site's database. */
static void
fill(const struct lk_site *site)
{
    static const char *const names[] = {"0001_tables.sql", "0002_code.sql", "0003_rows.sql"};

    for (size_t i = 0; i < LK_ARRAY_SIZE(names); i++)
        lk_site_migration(site, names[i],
                          lk_test_read(site->mem, lk_fmt(site->mem, FIXTURES "/%s", names[i])));
    lk_site_expect(site, "apply --no-gate migrations", 0);
}

/* count_findings returns how many findings of a rule are in a site's migrations. */
static size_t
count_findings(const struct lk_site *site, const char *rule)
{
    struct lk_output output = lk_site_run(site, "lint -f json --fail-on never migrations");
    json_t *report = json_loads(output.out, 0, NULL);
    size_t index, count = 0;
    const json_t *finding;

    if (report == NULL)
        fail_msg("no report: %s", output.err);
    json_array_foreach(json_object_get(report, "findings"), index, finding)
    {
        const char *name = json_string_value(json_object_get(finding, "rule"));
        count += strcmp(name, rule) == 0;
    }
    json_decref(report);
    return count;
}

static void
expect_readable(const struct lk_site *site)
{
    static const char *const rules[] = {"syntax-error", "psql-meta-command",
                                        "unresolved-placeholder", "foreign-dialect"};

    for (size_t i = 0; i < LK_ARRAY_SIZE(rules); i++)
        if (count_findings(site, rules[i]) > 0)
            fail_msg("%s: %s", rules[i], lk_site_run(site, "lint migrations").out);
}

/* comes_back dumps a database with an option, and applies that to a new one. */
static void
comes_back(const struct lk_site *site, const char *option)
{
    void *state;

    lk_dump_skip_if_newer(site);
    fill(site);
    lk_site_start(&state);
    struct lk_site *copy = state;
    char *dump = lk_dump(site, option);
    lk_expect_text(dump, "größer € 😀"); /* the rows are in it */
    lk_site_migration(copy, "0001_dump.sql", dump);
    expect_readable(copy);
    lk_site_expect(copy, "apply --no-gate migrations", 0);
    lk_dump_expect_same(lk_dump(site, NULL), lk_dump(copy, NULL));
    lk_site_expect(copy, "status --exit-code migrations", 0);
    lk_site_end(&state);
}

static void
test_plain(void **state)
{
    comes_back(*state, NULL);
}

static void
test_quoted(void **state)
{
    comes_back(*state, "--quote-all-identifiers");
}

static void
test_inserts(void **state)
{
    comes_back(*state, "--inserts");
}

static void
test_column_inserts(void **state)
{
    comes_back(*state, "--column-inserts");
}

/* A dump that makes its own database is none of this one's migrations. */
static void
test_create(void **state)
{
    const struct lk_site *site = *state;

    lk_dump_skip_if_newer(site);
    lk_site_migration(site, "0001_dump.sql", lk_dump(site, "--create"));
    assert_int_equal(count_findings(site, "psql-meta-command"), 1);
    assert_int_equal(count_findings(site, "syntax-error"), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        lk_site_test(test_plain),          lk_site_test(test_quoted), lk_site_test(test_inserts),
        lk_site_test(test_column_inserts), lk_site_test(test_create),
    };

    return lk_dump_main("dump", tests, LK_ARRAY_SIZE(tests));
}
