/*
 * tests/integration/test_folders.c
 *     Several folders of one database: their order, and what the history knows them by.
 */
#include "tests/integration/site.h"

#define ROWS "SELECT script, status FROM lockkeeper.migration ORDER BY rank"

static void
write(const struct lk_site *site, const char *path, const char *table)
{
    lk_test_write(site->dir, path, lk_fmt(site->mem, "CREATE TABLE %s (id int);\n", table));
}

/* The first folder comes first, whatever the versions. */
static void
test_priority(void **state)
{
    const struct lk_site *site = *state;

    write(site, "core/V5__a.sql", "a");
    write(site, "extra/V1__b.sql", "b");
    lk_test_write(site->dir, "core/R__z.sql", "CREATE OR REPLACE VIEW z AS SELECT id FROM b;\n");
    lk_site_config(site, "migrations: [core, extra]\nschema: closed\n");
    lk_site_expect(site, "lint", 0);
    lk_site_expect(site, "validate", 0);
    lk_site_expect(site, "apply", 0);
    lk_site_expect_value(site, ROWS,
                         "core/V5__a.sql|applied\nextra/V1__b.sql|applied\ncore/R__z.sql|applied");
    /* the other order is one of other versions' folders, and no disagreement */
    lk_site_config(site, "migrations: [extra, core]\n");
    lk_site_expect(site, "status --exit-code", 0);
    write(site, "core/V4__late.sql", "late");
    struct lk_output output = lk_site_expect(site, "apply", 8);
    lk_expect_text(output.err, "core/V4__late.sql is out-of-order");
    write(site, "extra/V2__c.sql", "c");
    output = lk_site_expect(site, "status", 0);
    lk_expect_text(output.out, "1 pending, 3 applied, 1 out-of-order");
}

/* Two folders of one name are told apart by what is above them. */
static void
test_same_names(void **state)
{
    const struct lk_site *site = *state;

    write(site, "x/migrations/V1__a.sql", "a");
    write(site, "y/migrations/V1__a.sql", "b");
    write(site, "z/x/migrations/V1__a.sql", "c");
    const char *paths = "apply x/migrations y/migrations z/x/migrations";
    lk_site_expect(site, paths, 0);
    lk_site_expect_value(site, ROWS,
                         "x/migrations/V1__a.sql|applied\ny/migrations/V1__a.sql|applied\n"
                         "z/x/migrations/V1__a.sql|applied");
    struct lk_output output = lk_site_expect(site, paths, 0);
    lk_expect_text(output.out, "nothing to do");
}

/* A folder that is added later makes nothing pending that was applied before. */
static void
test_second_folder(void **state)
{
    const struct lk_site *site = *state;

    write(site, "one/V1__a.sql", "a");
    write(site, "one/V2__b.sql", "b");
    lk_test_write(site->dir, "one/R__v.sql", "CREATE OR REPLACE VIEW v AS SELECT 1 AS x;\n");
    lk_site_expect(site, "apply one", 0);
    write(site, "two/V1__a.sql", "c");
    struct lk_output output = lk_site_expect(site, "status --exit-code one two", 1);
    lk_expect_text(output.out, "1 pending, 3 applied");
    lk_site_expect(site, "apply one two", 0);
    lk_site_expect_value(site, ROWS,
                         "V1__a.sql|applied\nV2__b.sql|applied\nR__v.sql|applied\n"
                         "two/V1__a.sql|applied");
    lk_site_expect(site, "status --exit-code one two", 0);
    write(site, "one/V2__b.sql", "other");
    lk_site_expect(site, "apply one two", 8);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        lk_site_test(test_priority),
        lk_site_test(test_same_names),
        lk_site_test(test_second_folder),
    };

    return lk_site_main("folders", tests, LK_ARRAY_SIZE(tests));
}
