/*
 * tests/integration/test_flyway.c
 *     A history in Flyway's table: what Flyway would say of it, by a check of its rules that is
 *     none of ours (flyway_validate.js), and histories that Flyway has begun.
 */
#include <unistd.h>

#include "tests/integration/site.h"

#define USUAL "\"public\".\"flyway_schema_history\""

#define CONFIG(more)                                                                               \
    "apply:\n  history: flyway\n  retry: {max_elapsed: 20s, base: 5ms, cap: 20ms}\n" more

/* The table as Flyway makes it. Source: Flyway, PostgreSQLDatabase. */
#define FLYWAY_TABLE                                                                               \
    "CREATE TABLE \"public\".\"flyway_schema_history\" (\"installed_rank\" INT NOT NULL,"          \
    " \"version\" VARCHAR(50), \"description\" VARCHAR(200) NOT NULL, \"type\" VARCHAR(20) NOT"    \
    " NULL, \"script\" VARCHAR(1000) NOT NULL, \"checksum\" INTEGER, \"installed_by\""             \
    " VARCHAR(100) NOT NULL, \"installed_on\" TIMESTAMP NOT NULL DEFAULT now(),"                   \
    " \"execution_time\" INTEGER NOT NULL, \"success\" BOOLEAN NOT NULL);"                         \
    " ALTER TABLE \"public\".\"flyway_schema_history\" ADD CONSTRAINT"                             \
    " \"flyway_schema_history_pk\" PRIMARY KEY (\"installed_rank\");"                              \
    " CREATE INDEX \"flyway_schema_history_s_idx\" ON \"public\".\"flyway_schema_history\""        \
    " (\"success\");"

#define ROWS                                                                                       \
    "SELECT installed_rank, version, description, type, script, checksum, success"                 \
    " FROM flyway_schema_history ORDER BY installed_rank"

/* validate returns what Flyway would say of the history, "" where nothing. */
static const char *
validate_table(const struct lk_site *site, const char *table)
{
    const char *args[] = {LK_NODE, LK_SOURCE_DIR "/tests/integration/flyway_validate.js",
                          LK_PSQL, site->url,
                          table,   "migrations",
                          NULL};
    struct lk_output output = lk_test_run(site->mem, site->dir, args, NULL);

    if (output.exit_code != 0 && output.out[0] == '\0')
        fail_msg("flyway_validate.js: %s", output.err);
    return output.out;
}

static void
expect_valid(const struct lk_site *site)
{
    assert_string_equal(validate_table(site, USUAL), "");
}

static void
flyway_row(const struct lk_site *site, const char *values)
{
    lk_site_exec(site, lk_fmt(site->mem,
                              "INSERT INTO flyway_schema_history (installed_rank, version,"
                              " description, type, script, checksum, installed_by, execution_time,"
                              " success) VALUES (%s)",
                              values));
}

static void
test_apply(void **state)
{
    const struct lk_site *site = *state;

    lk_site_config(site, CONFIG("  placeholders: {least: \"1\"}\n"));
    lk_site_migration(site, "V1__first.sql",
                      "\xEF\xBB\xBF"
                      "CREATE TABLE a (id int);\r\nINSERT INTO a VALUES (1);\r\n\r\n-- ends so");
    lk_site_migration(site, "V1_2__two_words.sql", "ALTER TABLE a ADD x int;\rSELECT 'ü';\n");
    lk_site_migration(site, "sub/V3.sql",
                      "INSERT INTO a VALUES (2);\nCREATE INDEX CONCURRENTLY a_x ON a (x);\n"
                      "INSERT INTO a VALUES (3);\n");
    lk_site_migration(site, "R__a_view.sql",
                      "CREATE OR REPLACE VIEW v AS SELECT id FROM a WHERE id > ${least};\n");
    lk_site_expect(site, "apply --no-gate migrations", 0);
    setenv("PLACEHOLDER_least", "1", 1);
    expect_valid(site);
    lk_site_expect_value(site,
                         "SELECT installed_rank, version, description, type, script, success,"
                         " installed_by FROM flyway_schema_history ORDER BY 1",
                         "1|1|first|SQL|V1__first.sql|t|postgres\n"
                         "2|1.2|two words|SQL|V1_2__two_words.sql|t|postgres\n"
                         "3|3||SQL|sub/V3.sql|t|postgres\n"
                         "4||a view|SQL|R__a_view.sql|t|postgres");
    struct lk_output again = lk_site_expect(site, "apply --no-gate migrations", 0);
    lk_expect_text(again.out, "nothing to do");
    /* another value makes it another migration */
    lk_site_config(site, CONFIG("  placeholders: {least: \"2\"}\n"));
    lk_site_expect(site, "apply --no-gate migrations", 0);
    lk_site_expect_value(site, "SELECT count(*) FROM v", "1");
    setenv("PLACEHOLDER_least", "2", 1);
    expect_valid(site);
    lk_site_expect_value(site, "SELECT count(*) FROM flyway_schema_history", "5");
    lk_expect_text(lk_site_expect(site, "status --runs", 0).out, "4 migrations");
}

static void
test_known_checksum(void **state)
{
    const struct lk_site *site = *state;

    /* what Flyway 6 itself has said of this file */
    lk_site_config(site, CONFIG());
    lk_site_migration(site, "V1__t.sql", "CREATE TABLE location_history (id int);\n");
    lk_site_migration(
        site, "V2__c.sql",
        "alter table location_history add column valid_until timestamp with time zone;\n");
    lk_site_expect(site, "apply --no-gate migrations", 0);
    lk_site_expect_value(site, "SELECT checksum FROM flyway_schema_history WHERE version = '2'",
                         "-1039259818");
}

static void
test_failures(void **state)
{
    const struct lk_site *site = *state;

    lk_site_config(site, CONFIG());
    lk_site_migration(site, "V1__a.sql", "CREATE TABLE a (id int);\nSELECT 1/0;\n");
    lk_site_expect(site, "apply --no-gate migrations", 6);
    lk_site_expect_value(site, "SELECT count(*) FROM flyway_schema_history", "0");
    lk_site_migration(site, "V1__a.sql", "CREATE TABLE a (id int);\n");
    lk_site_migration(site, "V2__b.sql",
                      "CREATE INDEX CONCURRENTLY a_id ON a (id);\nINSERT INTO a VALUES (1);\n"
                      "INSERT INTO a SELECT 1/0;\n");
    lk_site_expect(site, "apply --no-gate migrations", 7);
    lk_expect_text(validate_table(site, USUAL), "failed migration: V2__b.sql");
    lk_site_expect(site, "status --exit-code migrations", 1);
    lk_site_expect(site, "repair migrations", 0); /* what is done by half stays */
    lk_site_expect_value(site, "SELECT count(*) FROM flyway_schema_history WHERE NOT success", "1");
    lk_site_migration(site, "V2__b.sql",
                      "CREATE INDEX CONCURRENTLY a_id ON a (id);\nINSERT INTO a VALUES (1);\n"
                      "INSERT INTO a VALUES (2);\n");
    lk_site_expect(site, "apply --no-gate migrations", 0); /* the block went back as a whole */
    lk_site_expect_value(site, "SELECT id FROM a ORDER BY id", "1\n2");
    expect_valid(site);
}

static void
test_resume(void **state)
{
    const struct lk_site *site = *state;
    static const char broken[] = "-- lockkeeper: transaction off\nINSERT INTO a VALUES (1);\n"
                                 "CREATE INDEX CONCURRENTLY a_id ON a (id);\n"
                                 "INSERT INTO a SELECT 1/0;\n";
    static const char right[] = "-- lockkeeper: transaction off\nINSERT INTO a VALUES (1);\n"
                                "CREATE INDEX CONCURRENTLY a_id ON a (id);\n"
                                "INSERT INTO a VALUES (2);\n";

    lk_site_config(site, CONFIG());
    lk_site_migration(site, "V1__a.sql", "CREATE TABLE a (id int);\n");
    lk_site_migration(site, "V2__b.sql", broken);
    lk_site_expect(site, "apply --no-gate migrations", 7);
    lk_expect_text(validate_table(site, USUAL), "failed migration: V2__b.sql");
    lk_site_expect(site, "repair migrations", 0); /* what is done by half stays */
    lk_site_expect_value(site, "SELECT count(*) FROM flyway_schema_history WHERE NOT success", "1");
    lk_site_migration(site, "V2__b.sql", right);
    lk_site_expect(site, "apply --no-gate migrations", 0);
    lk_site_expect_value(site, "SELECT id FROM a ORDER BY id", "1\n2");
    expect_valid(site);
}

/* A failed row that Flyway's repair takes away takes the journal with it. */
static void
test_repaired_by_flyway(void **state)
{
    const struct lk_site *site = *state;

    lk_site_config(site, CONFIG());
    lk_site_migration(site, "V1__a.sql",
                      "-- lockkeeper: transaction off\nCREATE TABLE a (id int);\n"
                      "INSERT INTO a SELECT 1/0;\n");
    lk_site_expect(site, "apply --no-gate migrations", 7);
    lk_site_exec(site, "DELETE FROM flyway_schema_history WHERE NOT success; DROP TABLE a");
    lk_site_migration(site, "V1__a.sql",
                      "-- lockkeeper: transaction off\nCREATE TABLE a (id int, n int);\n");
    lk_site_expect(site, "apply --no-gate migrations", 0);
    expect_valid(site);
}

/* What Flyway has begun goes on. */
static void
test_take_over(void **state)
{
    const struct lk_site *site = *state;

    lk_site_config(site, CONFIG());
    lk_site_exec(site, FLYWAY_TABLE "CREATE TABLE a (id int)");
    flyway_row(site,
               "0, NULL, '<< Flyway Schema Creation >>', 'SCHEMA', '\"public\"', NULL, 'x', 0,"
               " true");
    flyway_row(site, "1, '1', '<< Flyway Baseline >>', 'BASELINE', '<< Flyway Baseline >>', NULL,"
                     " 'x', 0, true");
    flyway_row(site, "2, '2', 'java', 'JDBC', 'db.migration.V2__java', 7, 'x', 4, true");
    flyway_row(site, "3, '3', 'gone', 'SQL', 'V3__gone.sql', 5, 'x', 4, true");
    flyway_row(site, "4, '3', 'gone', 'DELETE', 'V3__gone.sql', 5, 'x', 0, true");
    flyway_row(site, "5, '4', 'four', 'SQL', 'V4__four.sql', -1039259818, 'x', 4, true");
    lk_site_migration(site, "V1__one.sql", "SELECT 1/0;\n");
    lk_site_migration(
        site, "V4__four.sql",
        "alter table location_history add column valid_until timestamp with time zone;\r\n");
    lk_site_migration(site, "V5__five.sql", "INSERT INTO a VALUES (5);\n");
    struct lk_output status = lk_site_expect(site, "status migrations", 0);
    lk_expect_text(status.out, "baseline      1");
    lk_expect_text(status.out, "applied       2        java");
    lk_expect_text(status.out, "deleted       3        gone");
    lk_expect_text(status.out, "applied       4        four");
    lk_site_expect(site, "apply --no-gate migrations", 0);
    expect_valid(site);
    /* a row of Flyway's own whose file has changed */
    lk_site_exec(site, "UPDATE flyway_schema_history SET checksum = 1 WHERE version = '4'");
    lk_expect_text(lk_site_expect(site, "apply --no-gate migrations", 8).err,
                   "V4__four.sql is changed");
    lk_site_expect(site, "repair --accept 4 migrations", 0);
    expect_valid(site);
    /* a file that comes back is carried out again, as by Flyway */
    lk_site_config(site, CONFIG("  out_of_order: allow\n"));
    lk_site_migration(site, "V3__gone.sql", "INSERT INTO a VALUES (3);\n");
    lk_site_expect(site, "apply --no-gate migrations", 0);
    lk_site_expect_value(site, "SELECT id FROM a ORDER BY id", "3\n5");
    expect_valid(site);
}

static void
test_failed_under_flyway(void **state)
{
    const struct lk_site *site = *state;

    lk_site_config(site, CONFIG());
    lk_site_exec(site, FLYWAY_TABLE);
    flyway_row(site, "1, '1', 'a', 'SQL', 'V1__a.sql', 5, 'x', 4, false");
    lk_site_migration(site, "V1__a.sql", "CREATE TABLE a (id int);\n");
    struct lk_output output = lk_site_expect(site, "apply --no-gate migrations", 8);
    lk_expect_text(output.err, "V1__a.sql is unclear");
    lk_expect_text(output.err, "lockkeeper repair");
    lk_site_expect(site, "retry 1 migrations", 8);
    lk_site_expect(site, "repair migrations", 0);
    lk_site_expect(site, "apply --no-gate migrations", 0);
    expect_valid(site);
}

static void
test_operations(void **state)
{
    const struct lk_site *site = *state;

    lk_site_config(site, CONFIG());
    lk_site_exec(site, "CREATE TABLE a (id int)");
    lk_site_migration(site, "V1__a.sql", "CREATE TABLE a (id int);\n");
    lk_site_migration(site, "V2__b.sql", "ALTER TABLE a ADD b int;\n");
    lk_site_migration(site, "V3__c.sql", "ALTER TABLE a ADD c int;\n");
    lk_site_migration(site, "U3__c.sql", "ALTER TABLE a DROP COLUMN c;\n");
    lk_site_migration(site, "V4__d.sql", "ALTER TABLE a ADD d int;\n");
    lk_site_expect(site, "baseline --at 1 migrations", 0);
    lk_site_expect(site, "baseline --at 1 migrations", 0);
    lk_site_expect_value(site, ROWS, "1|1|<< Flyway Baseline >>|BASELINE|<< Flyway Baseline >>||t");
    lk_site_expect(site, "apply --no-gate --to 3 migrations", 0);
    /* rollback */
    lk_site_expect(site, "rollback --no-gate migrations", 0);
    lk_site_expect_value(site,
                         "SELECT installed_rank, version, description, type, script FROM"
                         " flyway_schema_history WHERE installed_rank = 4",
                         "4|3|c|UNDO_SQL|U3__c.sql");
    lk_expect_text(lk_site_expect(site, "status migrations", 0).out, "pending       3");
    lk_site_expect(site, "apply --no-gate --to 3 migrations", 0);
    lk_site_expect(site, "rollback --no-gate migrations", 0);
    lk_site_expect(site, "apply --no-gate --to 3 migrations", 0);
    lk_site_expect_value(site, "SELECT count(*) FROM flyway_schema_history", "7");
    /* skip */
    lk_expect_text(lk_site_expect(site, "skip 4 --reason no migrations", 2).err,
                   "Flyway's history has no room");
    lk_site_exec(site, "ALTER TABLE a ADD d int");
    lk_site_expect(site, "skip 4 --as-applied --reason by-hand migrations", 0);
    expect_valid(site);
    /* repair: changed words, then a file that is gone */
    lk_site_migration(site, "V2__b.sql", "-- the second\nALTER TABLE a  ADD b int;\n");
    lk_expect_text(lk_site_expect(site, "apply migrations", 8).err, "V2__b.sql is reformatted");
    lk_site_expect(site, "repair migrations", 0);
    expect_valid(site);
    assert_int_equal(unlink(lk_fmt(site->mem, "%s/migrations/V2__b.sql", site->dir)), 0);
    lk_expect_text(lk_site_expect(site, "apply migrations", 8).err, "V2__b.sql is missing");
    lk_expect_text(validate_table(site, USUAL), "not resolved locally: V2__b.sql");
    lk_site_expect(site, "repair --delete-missing migrations", 0);
    lk_site_expect_value(site,
                         "SELECT version, description, type, script FROM flyway_schema_history"
                         " ORDER BY installed_rank DESC LIMIT 1",
                         "2|b|DELETE|V2__b.sql");
    expect_valid(site);
    lk_site_expect(site, "apply migrations", 0);
}

static void
test_baseline_file(void **state)
{
    const struct lk_site *site = *state;

    lk_site_config(site, CONFIG());
    lk_site_migration(site, "V1__a.sql", "SELECT 1/0;\n");
    lk_site_migration(site, "B2__all.sql", "CREATE TABLE a (id int);\n");
    lk_site_migration(site, "V3__c.sql", "ALTER TABLE a ADD c int;\n");
    lk_site_expect(site, "apply --no-gate migrations", 0);
    lk_site_expect_value(site, "SELECT version, type, script FROM flyway_schema_history ORDER BY 1",
                         "2|SQL_BASELINE|B2__all.sql\n3|SQL|V3__c.sql");
    expect_valid(site);
    lk_expect_text(lk_site_expect(site, "apply --no-gate migrations", 0).out, "nothing to do");
}

/* Both tools take one lock: that of the table's name, as Java hashes it. */
static void
test_lock(void **state)
{
    static const struct {
        const char *config;
        const char *key;
    } cases[] = {
        {"", "77433833903597"},
        /* computed from the names with another program: "ap\"p"."history ü😀" */
        {"  flyway: {default_schema: 'ap\"p', table: 'history ü😀'}\n", "77430272473567"},
    };
    const struct lk_site *site = *state;

    lk_site_migration(site, "V1__a.sql", "CREATE TABLE a (id int);\n");
    for (size_t i = 0; i < LK_ARRAY_SIZE(cases); i++) {
        lk_site_config(site, lk_fmt(site->mem,
                                    "apply:\n  history: flyway\n  retry: {max_elapsed: 300ms, base:"
                                    " 5ms, cap: 20ms}\n%s",
                                    cases[i].config));
        lk_site_exec(site,
                     lk_fmt(site->mem, "BEGIN; SELECT pg_advisory_xact_lock(%s)", cases[i].key));
        lk_site_expect(site, "apply --no-gate migrations", 5);
        lk_site_exec(site, "COMMIT");
        lk_site_expect(site, "apply --no-gate migrations", 0);
    }
}

static void
test_elsewhere(void **state)
{
    const struct lk_site *site = *state;

    lk_site_config(site, CONFIG("  flyway: {default_schema: app, table: \"My History\"}\n"));
    lk_site_migration(site, "V1__a.sql", "CREATE TABLE a (id int);\n");
    lk_site_migration(site, "V2__b.sql", "SET search_path = public;\nCREATE TABLE b (id int);\n");
    lk_site_migration(site, "V3__c.sql", "CREATE TABLE c (id int);\n");
    lk_site_expect(site, "apply --no-gate migrations", 0);
    lk_site_expect_value(site,
                         "SELECT relnamespace::regnamespace, relname FROM pg_class WHERE relname IN"
                         " ('a', 'b', 'c', 'My History') ORDER BY relname::text COLLATE \"C\"",
                         "app|My History\napp|a\npublic|b\napp|c");
    lk_site_expect_value(site,
                         "SELECT type, script FROM app.\"My History\" WHERE installed_rank = 0",
                         "SCHEMA|\"app\"");
    assert_string_equal(validate_table(site, "\"app\".\"My History\""), "");
    lk_expect_text(lk_site_expect(site, "apply migrations", 0).out, "nothing to do");
}

static void
test_refusals(void **state)
{
    const struct lk_site *site = *state;

    lk_site_config(site, CONFIG());
    lk_site_migration(site, "V1__a.sql", "CREATE TABLE a (id int);\n");
    lk_site_expect(site, "apply --no-gate migrations", 0);
    /* the other way round, each of them would carry everything out again */
    lk_site_config(site, "apply: {history: native}\n");
    struct lk_output output = lk_site_expect(site, "apply --no-gate migrations", 8);
    lk_expect_text(output.err, "history: flyway");
    lk_site_exec(site, "DROP SCHEMA lockkeeper CASCADE; DROP TABLE flyway_schema_history, a");
    lk_site_expect(site, "apply --no-gate migrations", 0);
    lk_site_config(site, CONFIG());
    output = lk_site_expect(site, "apply --no-gate migrations", 8);
    lk_expect_text(output.err, "history: native");
    /* names that Flyway would not read */
    lk_site_migration(site, "../other/20260101000000_a.sql", "CREATE TABLE z (id int);\n");
    lk_site_migration(site, "../other/20260102000000_b.sql", "CREATE TABLE y (id int);\n");
    output = lk_site_expect(site, "apply --no-gate other", 2);
    lk_expect_text(output.err, "not named as flyway wants them");
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        lk_site_test(test_apply),
        lk_site_test(test_known_checksum),
        lk_site_test(test_failures),
        lk_site_test(test_resume),
        lk_site_test(test_repaired_by_flyway),
        lk_site_test(test_take_over),
        lk_site_test(test_failed_under_flyway),
        lk_site_test(test_operations),
        lk_site_test(test_baseline_file),
        lk_site_test(test_lock),
        lk_site_test(test_elsewhere),
        lk_site_test(test_refusals),
    };

    return lk_site_main("flyway", tests, LK_ARRAY_SIZE(tests));
}
