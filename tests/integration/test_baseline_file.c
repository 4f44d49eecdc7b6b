/*
 * tests/integration/test_baseline_file.c
 *     A dump that an empty database is started with, and that one that is there already has behind
 *     it.
 */
#include "tests/integration/site.h"

#define ROWS "SELECT kind, version, script, status FROM lockkeeper.migration ORDER BY rank"
#define DUMP                                                                                       \
    "\\restrict abc\n\nSET statement_timeout = 0;\n"                                               \
    "SELECT pg_catalog.set_config('search_path', '', false);\n"                                    \
    "CREATE SCHEMA app;\nCREATE TABLE app.t (id bigint NOT NULL);\n\\unrestrict abc\n"

static void
configure(const struct lk_site *site)
{
    lk_site_config(site, "migrations: [migrations]\nbaseline: \"2\"\n"
                         "baseline_file: db/schema.sql\nrules: {require-lock-timeout: off}\n");
    lk_test_write(site->dir, "db/schema.sql", DUMP);
    lk_site_migration(site, "00001_old.sql", "-- +goose Up\nCREATE TABLE gone (id int);\n");
    lk_site_migration(site, "00002_old.sql", "-- +goose Up\nDROP TABLE gone;\n");
    lk_site_migration(site, "00003_new.sql", "-- +goose Up\nALTER TABLE app.t ADD COLUMN n int;\n");
}

static void
test_empty_database(void **state)
{
    const struct lk_site *site = *state;

    configure(site);
    struct lk_output output = lk_site_expect(site, "plan", 0);
    lk_expect_text(output.out, "schema.sql  transactional, 4 statements");
    lk_expect_text(output.out, "2 migrations pending");
    lk_site_expect(site, "apply", 0);
    lk_site_expect_value(site, ROWS,
                         "baseline|2|schema.sql|applied\nversioned|00003|00003_new.sql|applied");
    lk_site_expect(site, "status --exit-code", 0);
    output = lk_site_expect(site, "apply", 0);
    lk_expect_text(output.out, "nothing to do");
    /* changed behind its back */
    lk_test_write(site->dir, "db/schema.sql", DUMP "CREATE TABLE app.u (id int);\n");
    output = lk_site_expect(site, "apply", 8);
    lk_expect_text(output.err, "schema.sql is changed");
}

static void
test_existing_database(void **state)
{
    const struct lk_site *site = *state;

    configure(site);
    lk_site_exec(site, "CREATE SCHEMA app; CREATE TABLE app.t (id bigint NOT NULL)");
    lk_site_expect(site, "baseline", 0);
    lk_site_expect(site, "apply", 0);
    lk_site_expect_value(
        site, ROWS,
        "baseline|00002|<< baseline >>|baseline\nversioned|00003|00003_new.sql|applied");
    lk_site_expect(site, "status --exit-code", 0);
}

/* What the dump does not hold is not there. */
static void
test_lint_starts_there(void **state)
{
    const struct lk_site *site = *state;

    configure(site);
    lk_site_expect(site, "lint --select undefined-object,narrowing-column-type", 0);
    lk_site_migration(site, "00004_no.sql", "-- +goose Up\nALTER TABLE app.no ADD COLUMN n int;\n");
    struct lk_output output = lk_site_expect(site, "lint --select undefined-object", 1);
    lk_expect_text(output.out, "00004_no.sql:2:13: error: relation \"app.no\" does not exist");
    output = lk_site_expect(site, "schema", 0);
    lk_expect_no_text(output.out, "gone");
    lk_expect_text(output.out, "CREATE TABLE app.t");
    lk_site_config(site, "migrations: [migrations]\nbaseline_file: db/schema.sql\n");
    output = lk_site_expect(site, "apply", 2);
    lk_expect_text(output.err, "lockkeeper.yml:2:16: baseline_file is the schema at a version");
    lk_site_config(site, "migrations: [migrations]\nbaseline: \"2\"\nbaseline_file: none.sql\n");
    output = lk_site_expect(site, "apply", 3);
    lk_expect_text(output.err, "none.sql");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        lk_site_test(test_empty_database),
        lk_site_test(test_existing_database),
        lk_site_test(test_lint_starts_there),
    };

    return lk_site_main("baseline_file", tests, LK_ARRAY_SIZE(tests));
}
