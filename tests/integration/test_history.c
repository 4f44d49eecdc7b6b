/*
 * tests/integration/test_history.c
 *     What the history holds: older formats, states of files against rows, runs and their logs.
 */
#include <unistd.h>

#include "parser/base/file.h"
#include "tests/integration/site.h"

#define FORMAT "SELECT version FROM lockkeeper.format"

static void
remove_file(const struct lk_site *site, const char *script)
{
    assert_int_equal(unlink(lk_fmt(site->mem, "%s/migrations/%s", site->dir, script)), 0);
}

static void
write_three(const struct lk_site *site)
{
    lk_site_migration(site, "0001_a.sql", "CREATE TABLE a (id int);\n");
    lk_site_migration(site, "0002_b.sql", "CREATE TABLE b (id int);\n");
    lk_site_migration(site, "0003_c.sql", "CREATE TABLE c (id int);\n");
}

/* make_old lays the history of format 1 down, as the first version of the tool has left it. */
static void
make_old(const struct lk_site *site)
{
    struct lk_bytes sql;
    struct lk_error err = {0};

    assert_true(
        lk_file_read(site->mem, LK_SOURCE_DIR "/fixtures/history/format_1.sql", &sql, &err));
    lk_site_exec(site, sql.data);
    lk_site_exec(site,
                 "CREATE TABLE a (id int);"
                 "INSERT INTO lockkeeper.run (build_number, tool, host, outcome, log)"
                 " VALUES ('7', 'lockkeeper 0.1', 'here', 'success', E'0001_a.sql: applied\\n');"
                 "INSERT INTO lockkeeper.migration (kind, version, description, script, sha256,"
                 " flyway_checksum, status, mode, statements_total, statements_done, run) VALUES"
                 " ('versioned', '0001', 'a', '0001_a.sql', encode(sha256("
                 "'CREATE TABLE a (id int);\n'), 'hex'), 0, 'applied', 'transactional', 1, 1, 1)");
}

static void
test_old_format_is_read(void **state)
{
    const struct lk_site *site = *state;

    write_three(site);
    make_old(site);
    struct lk_output output = lk_site_expect(site, "status --exit-code migrations", 1);
    lk_expect_text(output.out, "1 applied");
    lk_expect_text(output.out, "2 pending");
    lk_site_expect(site, "validate migrations", 0);
    lk_site_expect(site, "plan migrations", 0);
    output = lk_site_expect(site, "status --runs", 0);
    lk_expect_text(output.out, "success");
    output = lk_site_expect(site, "status --run 1", 0);
    lk_expect_text(output.out, "0001_a.sql: applied");
    lk_site_expect_value(site, FORMAT, "1");
    /* nobody knows its words: a change is one, comment or not */
    lk_site_migration(site, "0001_a.sql", "CREATE TABLE a (id int); -- !\n");
    output = lk_site_expect(site, "validate migrations", 8);
    lk_expect_text(output.err, "0001_a.sql is changed");
}

static void
test_old_format_is_upgraded(void **state)
{
    const struct lk_site *site = *state;

    write_three(site);
    make_old(site);
    lk_site_expect(site, "apply migrations", 0);
    lk_site_expect_value(site, FORMAT, "2");
    lk_site_expect_value(site, "SELECT script, status FROM lockkeeper.migration ORDER BY rank",
                         "0001_a.sql|applied\n0002_b.sql|applied\n0003_c.sql|applied");
    lk_site_expect_value(site,
                         "SELECT build_number, status FROM lockkeeper.migration_logs"
                         " ORDER BY \"timestamp\"",
                         "7|SUCCESS\nlocal_run|SUCCESS");
    lk_site_expect(site, "status --exit-code migrations", 0);
}

/* An upgrade that is refused leaves the old format, and says what is wanted. */
static void
test_upgrade_refused(void **state)
{
    const struct lk_site *site = *state;
    char *role = lk_fmt(site->mem, "%s_other", site->database);

    write_three(site);
    make_old(site);
    lk_site_exec(site, lk_fmt(site->mem,
                              "CREATE ROLE %s LOGIN; GRANT USAGE ON SCHEMA lockkeeper TO %s;"
                              "GRANT ALL ON ALL TABLES IN SCHEMA lockkeeper TO %s",
                              role, role, role));
    char *url =
        lk_fmt(site->mem, "host=%s user=%s dbname=%s", site->server->folder, role, site->database);
    struct lk_process process = lk_site_spawn(site, "apply migrations", url);
    struct lk_output output = lk_process_wait(site->mem, &process);
    lk_expect_exit(&output, 6);
    lk_expect_text(output.err, "cannot upgrade the history");
    lk_site_expect_value(site, FORMAT, "1");
    lk_site_expect_value(site, "SELECT to_regclass('b') IS NULL", "t");
    lk_site_exec(site, lk_fmt(site->mem, "DROP OWNED BY %s; DROP ROLE %s", role, role));
}

/* ---- states ---- */

static void
test_reformatted_and_changed(void **state)
{
    const struct lk_site *site = *state;

    write_three(site);
    lk_site_expect(site, "apply migrations", 0);
    lk_site_migration(site, "0001_a.sql", "-- a table\nCREATE TABLE a\n  (id int);\n");
    lk_site_migration(site, "0002_b.sql", "CREATE TABLE b (id bigint);\n");
    struct lk_output output = lk_site_expect(site, "status migrations", 0);
    lk_expect_text(output.out, "reformatted   0001");
    lk_expect_text(output.out, "changed       0002");
    output = lk_site_expect(site, "status --exit-code migrations", 8);
    lk_expect_text(output.err, "0001_a.sql is reformatted; 0002_b.sql is changed");
    lk_site_expect(site, "apply migrations", 8);
}

static void
test_missing_and_future(void **state)
{
    const struct lk_site *site = *state;

    write_three(site);
    lk_site_expect(site, "apply migrations", 0);
    remove_file(site, "0003_c.sql");
    struct lk_output output = lk_site_expect(site, "status --exit-code migrations", 0);
    lk_expect_text(output.out, "future        0003");
    lk_site_config(site, "apply: {ignore: [\"repeatable:*\"]}\n");
    output = lk_site_expect(site, "status --exit-code migrations", 8);
    lk_expect_text(output.err, "0003_c.sql is future");
    lk_site_config(site, "apply: {ignore: [\"versioned:missing\", \"*:future\"]}\n");
    remove_file(site, "0001_a.sql");
    lk_site_expect(site, "status --exit-code migrations", 0);
    lk_site_expect(site, "validate migrations", 0);
    lk_site_config(site, "apply: {ignore: [\"*:future\"]}\n");
    output = lk_site_expect(site, "apply migrations", 8);
    lk_expect_text(output.err, "0001_a.sql is missing");
    lk_site_config(site, "apply: {ignore: [\"all:future\"]}\n");
    output = lk_site_expect(site, "status migrations", 2);
    lk_expect_text(output.err, "\"all:future\" is no pattern");
}

/* What was applied by newer files counts for the order, too. */
static void
test_out_of_order(void **state)
{
    const struct lk_site *site = *state;

    lk_site_migration(site, "0001_a.sql", "CREATE TABLE a (id int);\n");
    lk_site_migration(site, "0003_c.sql", "CREATE TABLE c (id int);\n");
    lk_site_expect(site, "apply migrations", 0);
    lk_site_migration(site, "0002_b.sql", "CREATE TABLE b (id int);\n");
    struct lk_output output = lk_site_expect(site, "apply migrations", 8);
    lk_expect_text(output.err, "0002_b.sql is out-of-order");
    remove_file(site, "0003_c.sql");
    output = lk_site_expect(site, "apply migrations", 8);
    lk_expect_text(output.err, "0002_b.sql is out-of-order");
    lk_site_config(site, "apply: {ignore: [\"*:ignored\", \"*:future\"]}\n");
    lk_site_expect(site, "apply migrations", 0);
    lk_site_expect_value(site, "SELECT to_regclass('b') IS NULL", "t");
    lk_site_config(site, "apply: {out_of_order: allow}\n");
    lk_site_expect(site, "apply migrations", 0);
    lk_site_expect_value(site, "SELECT to_regclass('b') IS NULL", "f");
}

/* A failed migration above the version asked for waits. */
static void
test_to_version_and_failed(void **state)
{
    const struct lk_site *site = *state;

    write_three(site);
    lk_site_migration(site, "0003_c.sql", "SELECT 1/0;\n");
    lk_site_expect(site, "apply --no-gate migrations", 6);
    lk_site_migration(site, "0003_c.sql", "CREATE TABLE c (id int);\n");
    lk_site_expect(site, "apply --no-gate --to 2 migrations", 0);
    lk_site_expect_value(site, "SELECT to_regclass('c') IS NULL", "t");
    lk_site_expect(site, "apply --no-gate --to 3 migrations", 0);
    lk_site_expect_value(site, "SELECT to_regclass('c') IS NULL", "f");
}

static void
test_repeatables(void **state)
{
    const struct lk_site *site = *state;

    lk_site_migration(site, "V1__a.sql", "CREATE TABLE said (word text);\n");
    lk_site_migration(site, "V2__b.sql", "INSERT INTO said VALUES ('V2');\n");
    lk_site_migration(site, "R__b.sql", "INSERT INTO said VALUES ('R b');\n");
    lk_site_migration(site, "R__a.sql", "INSERT INTO said VALUES ('R a');\n");
    lk_site_expect(site, "apply --no-gate migrations", 0);
    lk_site_expect_value(site, "SELECT string_agg(word, ', ') FROM said", "V2, R a, R b");
    lk_site_migration(site, "R__a.sql", "INSERT INTO said VALUES ('R a again');\n");
    lk_site_migration(site, "V3__c.sql", "INSERT INTO said VALUES ('V3');\n");
    struct lk_output output = lk_site_expect(site, "status --exit-code migrations", 1);
    lk_expect_text(output.out, "outdated               a");
    lk_site_expect(site, "apply --no-gate migrations", 0);
    lk_site_expect_value(site, "SELECT string_agg(word, ', ') FROM said",
                         "V2, R a, R b, V3, R a again");
    /* gone, it is missing once, however often it ran */
    remove_file(site, "R__a.sql");
    output = lk_site_expect(site, "status --exit-code migrations", 8);
    lk_expect_text(output.out, "1 missing");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        lk_site_test(test_old_format_is_read),    lk_site_test(test_old_format_is_upgraded),
        lk_site_test(test_upgrade_refused),       lk_site_test(test_reformatted_and_changed),
        lk_site_test(test_missing_and_future),    lk_site_test(test_out_of_order),
        lk_site_test(test_to_version_and_failed), lk_site_test(test_repeatables),
    };

    return lk_site_main("history", tests, LK_ARRAY_SIZE(tests));
}
