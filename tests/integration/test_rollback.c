/*
 * tests/integration/test_rollback.c
 *     Taking migrations back: which, in which order, and what stands in the way.
 */
#include <unistd.h>

#include "tests/integration/site.h"

#define ROWS "SELECT kind, version, status FROM lockkeeper.migration ORDER BY rank"
#define TABLES                                                                                     \
    "SELECT string_agg(relname, ' ' ORDER BY relname) FROM pg_class WHERE relkind = 'r'"           \
    " AND relnamespace = 'public'::regnamespace"

/* write_pairs writes three migrations with down files; what they destroy is said to be meant. */
static void
write_pairs(const struct lk_site *site)
{
    static const char *const names[] = {"a", "b", "c"};

    for (size_t i = 0; i < LK_ARRAY_SIZE(names); i++) {
        lk_site_migration(site, lk_fmt(site->mem, "%zu_%s.up.sql", i + 1, names[i]),
                          lk_fmt(site->mem, "CREATE TABLE %s (id int);\n", names[i]));
        lk_site_migration(site, lk_fmt(site->mem, "%zu_%s.down.sql", i + 1, names[i]),
                          lk_fmt(site->mem,
                                 "-- lockkeeper: ignore ban-drop-table -- a rollback\n"
                                 "DROP TABLE %s;\n",
                                 names[i]));
    }
}

static void
test_one_step(void **state)
{
    const struct lk_site *site = *state;

    write_pairs(site);
    lk_site_expect(site, "apply migrations", 0);
    struct lk_output output = lk_site_expect(site, "rollback --dry-run migrations", 0);
    lk_expect_text(output.out, "3_c.down.sql");
    lk_expect_text(output.out, "1 migration to be rolled back");
    lk_site_expect_value(site, TABLES, "a b c");
    output = lk_site_expect(site, "rollback migrations", 0);
    lk_expect_text(output.out, "rolled back 3_c.down.sql");
    lk_expect_text(output.out, "1 migration rolled back on");
    lk_expect_text(output.out, "at version 2");
    lk_site_expect_value(site, TABLES, "a b");
    lk_site_expect_value(site, ROWS,
                         "versioned|1|applied\nversioned|2|applied\nversioned|3|undone\n"
                         "undo|3|undone");
    lk_site_expect_value(site,
                         "SELECT migration_name, applied_status, rolled_back_at IS NOT NULL"
                         " FROM lockkeeper.migrations ORDER BY id",
                         "1_a.up.sql|applied|f\n2_b.up.sql|applied|f\n3_c.up.sql|undone|t");
    /* it is pending again */
    output = lk_site_expect(site, "status --exit-code migrations", 1);
    lk_expect_text(output.out, "1 pending");
    lk_site_expect(site, "apply migrations", 0);
    lk_site_expect_value(site, TABLES, "a b c");
    lk_site_expect(site, "rollback migrations", 0);
    lk_site_expect_value(site, TABLES, "a b");
    lk_site_expect_value(site, "SELECT command, outcome FROM lockkeeper.run ORDER BY id",
                         "apply|success\nrollback|success\napply|success\nrollback|success");
}

static void
test_several(void **state)
{
    const struct lk_site *site = *state;

    write_pairs(site);
    lk_site_expect(site, "apply migrations", 0);
    lk_site_expect(site, "rollback --steps 2 migrations", 0);
    lk_site_expect_value(site, TABLES, "a");
    lk_site_expect(site, "apply migrations", 0);
    lk_site_expect(site, "rollback --to 2 migrations", 0);
    lk_site_expect_value(site, TABLES, "a b");
    struct lk_output output = lk_site_expect(site, "rollback --to 3 migrations", 2);
    lk_expect_text(output.err, "version 3 is not applied");
    output = lk_site_expect(site, "rollback --to 9 migrations", 2);
    lk_expect_text(output.err, "no migration has the version 9");
    lk_site_expect(site, "rollback --to 1 --steps 1 migrations", 2);
    output = lk_site_expect(site, "rollback --to 0 -f json migrations", 0);
    lk_expect_text(output.out, "\"rolled_back\": [");
    lk_expect_text(output.out, "\"final_version\": null");
    lk_site_expect_value(site, TABLES, "");
    output = lk_site_expect(site, "rollback migrations", 0);
    lk_expect_text(output.out, "nothing to do");
}

static void
test_no_way_back(void **state)
{
    const struct lk_site *site = *state;

    write_pairs(site);
    lk_site_expect(site, "apply migrations", 0);
    assert_int_equal(unlink(lk_fmt(site->mem, "%s/migrations/2_b.down.sql", site->dir)), 0);
    struct lk_output output = lk_site_expect(site, "rollback --to 1 migrations", 3);
    lk_expect_text(output.err, "no file takes 2_b.up.sql back");
    lk_site_expect_value(site, TABLES, "a b c");
    lk_site_expect_value(site, "SELECT count(*) FROM lockkeeper.run", "1");
}

/* What a rollback destroys has to be said; what it says is shown. */
static void
test_gate(void **state)
{
    const struct lk_site *site = *state;

    write_pairs(site);
    lk_site_migration(site, "3_c.down.sql", "DROP TABLE c;\n");
    lk_site_expect(site, "apply migrations", 0);
    struct lk_output output = lk_site_expect(site, "rollback migrations", 1);
    lk_expect_text(output.out, "ban-drop-table");
    lk_expect_text(output.err, "nothing was rolled back");
    lk_site_expect_value(site, TABLES, "a b c");
    lk_site_expect(site, "rollback --no-gate migrations", 0);
    lk_site_expect_value(site, TABLES, "a b");
}

/* Where both ways stand in one file. */
static void
test_down_part(void **state)
{
    const struct lk_site *site = *state;

    lk_site_migration(site, "20240101000000_a.sql",
                      "-- migrate:up\nCREATE TABLE a (id int);\n-- migrate:down\n"
                      "DROP TABLE a;\n");
    lk_site_migration(site, "20240102000000_b.sql", "-- migrate:up\nCREATE TABLE b (id int);\n");
    lk_site_expect(site, "apply migrations", 0);
    struct lk_output output = lk_site_expect(site, "rollback --no-gate migrations", 3);
    lk_expect_text(output.err, "no file takes 20240102000000_b.sql back");
    lk_site_migration(site, "20240102000000_b.sql",
                      "-- migrate:up\nCREATE TABLE b (id int);\n-- migrate:down\n"
                      "DROP TABLE b;\n");
    /* it is another file now: that has to be accepted first */
    lk_site_expect(site, "rollback --no-gate migrations", 8);
    lk_site_expect(site, "repair --accept 20240102000000 migrations", 0);
    lk_site_expect(site, "rollback --to 0 --no-gate migrations", 0);
    lk_site_expect_value(site, TABLES, "");
    lk_site_expect(site, "apply --no-gate migrations", 0);
    lk_site_expect_value(site, TABLES, "a b");
}

static void
test_undo_files_of_flyway(void **state)
{
    const struct lk_site *site = *state;

    lk_site_migration(site, "V1__a.sql", "CREATE TABLE a (id int);\n");
    lk_site_migration(site, "V2__b.sql", "CREATE TABLE b (id int);\n");
    lk_site_migration(site, "U2__b.sql", "DROP TABLE b;\n");
    lk_site_migration(site, "R__view.sql", "CREATE OR REPLACE VIEW v AS SELECT id FROM a;\n");
    lk_site_expect(site, "apply migrations", 0);
    lk_site_expect(site, "rollback --no-gate migrations", 0);
    lk_site_expect_value(site, TABLES, "a");
    lk_site_expect_value(site, "SELECT count(*) FROM pg_views WHERE viewname = 'v'", "1");
}

static void
test_failure(void **state)
{
    const struct lk_site *site = *state;

    write_pairs(site);
    lk_site_migration(site, "2_b.down.sql", "DROP TABLE b;\nSELECT 1/0;\n");
    lk_site_expect(site, "apply migrations", 0);
    struct lk_output output = lk_site_expect(site, "rollback --no-gate --to 0 migrations", 6);
    lk_expect_text(output.err, "2_b.down.sql:2: division by zero");
    lk_site_expect_value(site, TABLES, "a b");
    lk_site_expect_value(site,
                         "SELECT kind, status FROM lockkeeper.migration WHERE version = '2'"
                         " ORDER BY rank",
                         "versioned|applied\nundo|failed");
    /* nothing of it was kept: other commands go on, and so does the rollback once it is right */
    output = lk_site_expect(site, "status --exit-code migrations", 1);
    lk_expect_text(output.out, "1 pending, 2 applied");
    lk_site_migration(site, "2_b.down.sql", "DROP TABLE b;\n");
    lk_site_expect(site, "rollback --no-gate --to 0 migrations", 0);
    lk_site_expect_value(site, TABLES, "");
    lk_site_expect(site, "repair migrations", 0);
    lk_site_expect(site, "apply migrations", 0);
    lk_site_expect_value(site, TABLES, "a b c");
}

/* A way back that is not one transaction stops half way, and goes on. */
static void
test_half_way(void **state)
{
    const struct lk_site *site = *state;

    lk_site_migration(site, "1_a.up.sql",
                      "CREATE TABLE a (id int);\nCREATE TABLE count (n int);\n"
                      "INSERT INTO count VALUES (0);\n");
    lk_site_migration(site, "1_a.down.sql", "DROP TABLE count;\nDROP TABLE a;\n");
    lk_site_migration(site, "2_i.up.sql", "CREATE INDEX CONCURRENTLY a_idx ON a (id);\n");
    lk_site_migration(site, "2_i.down.sql",
                      "UPDATE count SET n = n + 1;\nDROP INDEX CONCURRENTLY a_idx;\n"
                      "DROP TABLE gate;\n");
    lk_site_expect(site, "apply --no-gate migrations", 0);
    struct lk_output output = lk_site_expect(site, "rollback --no-gate migrations", 7);
    lk_expect_text(output.err, "rollback goes on behind them");
    output = lk_site_expect(site, "status --exit-code migrations", 8);
    lk_expect_text(output.err, "2_i.up.sql is half-undone");
    lk_site_expect(site, "apply --no-gate migrations", 8);
    lk_site_expect(site, "repair migrations", 8);
    lk_site_exec(site, "CREATE TABLE gate ()");
    lk_site_expect(site, "rollback --no-gate migrations", 0);
    lk_site_expect_value(site, "SELECT n FROM count", "1");
    lk_site_expect_value(site, "SELECT to_regclass('a_idx') IS NULL", "t");
    lk_site_expect_value(site, ROWS, "versioned|1|applied\nversioned|2|undone\nundo|2|undone");
    lk_site_expect(site, "apply --no-gate migrations", 0);
    lk_site_expect_value(site, "SELECT to_regclass('a_idx') IS NULL", "f");
    /* and what stopped half way forwards is not gone behind */
    lk_site_migration(
        site, "3_x.up.sql",
        "DROP INDEX CONCURRENTLY a_idx;\nCREATE INDEX CONCURRENTLY x ON gate (id);\n");
    lk_site_migration(site, "3_x.down.sql", "SELECT 1;\n");
    lk_site_expect(site, "apply --no-gate migrations", 7);
    output = lk_site_expect(site, "rollback --no-gate migrations", 8);
    lk_expect_text(output.err, "3_x.up.sql stopped half way");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        lk_site_test(test_one_step),    lk_site_test(test_several),
        lk_site_test(test_no_way_back), lk_site_test(test_gate),
        lk_site_test(test_down_part),   lk_site_test(test_undo_files_of_flyway),
        lk_site_test(test_failure),     lk_site_test(test_half_way),
    };

    return lk_site_main("rollback", tests, LK_ARRAY_SIZE(tests));
}
