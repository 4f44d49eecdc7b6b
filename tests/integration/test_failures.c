/*
 * tests/integration/test_failures.c
 *     Migrations that fail, files and history that disagree, servers that refuse.
 */
#include <unistd.h>

#include "tests/integration/site.h"

#define ROWS "SELECT script, status, statements_done FROM lockkeeper.migration ORDER BY rank"
#define APPLIED                                                                                    \
    "SELECT script, count(*) FROM lockkeeper.migration WHERE status = 'applied' GROUP BY script"   \
    " ORDER BY script"

/* ---- a statement fails ---- */

static void
test_transactional_failure(void **state)
{
    const struct lk_site *site = *state;

    lk_site_migration(site, "0001_a.sql", "CREATE TABLE a (id int);\n");
    lk_site_migration(site, "0002_b.sql",
                      "CREATE TABLE b (id int);\n"
                      "-- é, to tell bytes from characters\n"
                      "SELECT 'é' AS \"é\",\n"
                      "       missing FROM a;\n"
                      "CREATE TABLE c (id int);\n");
    lk_site_migration(site, "0003_d.sql", "CREATE TABLE d (id int);\n");
    struct lk_output output = lk_site_expect(site, "apply --no-gate migrations", 6);
    lk_expect_text(output.err, "0002_b.sql:4: column \"missing\" does not exist (SQLSTATE 42703)");
    lk_site_expect_value(site, ROWS, "0001_a.sql|applied|1\n0002_b.sql|failed|0");
    lk_site_expect_value(site, "SELECT sqlstate, error FROM lockkeeper.migration WHERE error <> ''",
                         "42703|column \"missing\" does not exist");
    lk_site_expect_value(site, "SELECT to_regclass('b') IS NULL, to_regclass('d') IS NULL", "t|t");
    lk_site_expect_value(site, "SELECT outcome FROM lockkeeper.run", "failure");
    lk_site_expect(site, "status --exit-code migrations", 1);

    lk_site_migration(site, "0002_b.sql", "CREATE TABLE b (id int);\n");
    lk_site_expect(site, "apply --no-gate migrations", 0);
    lk_site_expect_value(site, APPLIED, "0001_a.sql|1\n0002_b.sql|1\n0003_d.sql|1");
    lk_site_expect(site, "status --exit-code migrations", 0);
    lk_site_expect(site, "validate migrations", 0);
}

static void
test_line_without_position(void **state)
{
    const struct lk_site *site = *state;

    lk_site_migration(site, "0001_a.sql",
                      "CREATE TABLE a (id int PRIMARY KEY);\n\n"
                      "INSERT INTO a VALUES (1);\nINSERT INTO a\nVALUES (1);\n");
    struct lk_output output = lk_site_expect(site, "apply --no-gate migrations", 6);
    lk_expect_text(output.err, "0001_a.sql:4: duplicate key value");
    lk_expect_text(output.err, "SQLSTATE 23505");
    output = lk_site_expect(site, "apply --no-gate -f json migrations", 6);
    lk_expect_text(output.out, "\"sqlstate\": \"23505\"");
    lk_expect_text(output.out, "\"line\": 4");
    lk_expect_text(output.out, "\"statement\": 3");
}

/* Corrected so that it is another kind of migration, it is recorded as what it is now. */
static void
test_failure_corrected_into_segments(void **state)
{
    const struct lk_site *site = *state;

    lk_site_migration(site, "0001_a.sql", "CREATE TABLE a (id int);\nSELECT 1/0;\n");
    lk_site_expect(site, "apply --no-gate migrations", 6);
    lk_site_migration(site, "0001_a.sql",
                      "CREATE TABLE a (id int);\nCREATE INDEX CONCURRENTLY a_idx ON a (id);\n");
    lk_site_expect(site, "apply --no-gate migrations", 0);
    lk_site_expect_value(site,
                         "SELECT mode, statements_total, sqlstate IS NULL FROM lockkeeper.migration"
                         " WHERE status = 'applied'",
                         "segmented|2|t");
    lk_site_expect(site, "validate migrations", 0);
    lk_site_expect(site, "apply --no-gate migrations", 0);
}

static void
test_partial_failure_and_resume(void **state)
{
    const struct lk_site *site = *state;

    lk_site_migration(site, "0001_a.sql",
                      "CREATE TABLE a (id int);\n"
                      "INSERT INTO a VALUES (1), (1);\n"
                      "CREATE INDEX CONCURRENTLY a_idx ON a (id);\n"
                      "CREATE UNIQUE INDEX CONCURRENTLY a_key ON a (id);\n"
                      "CREATE TABLE b (id int);\n");
    struct lk_output output = lk_site_expect(site, "apply --no-gate migrations", 7);
    lk_expect_text(output.err, "0001_a.sql:4: could not create unique index");
    lk_expect_text(output.err, "3 of 5 statements");
    lk_expect_no_text(output.err, "WARNING");
    lk_site_expect_value(site, ROWS, "0001_a.sql|failed|3");
    /* the INVALID index of the failed statement is gone */
    lk_site_expect_value(site,
                         "SELECT indexrelid::regclass FROM pg_index"
                         " WHERE indrelid = 'a'::regclass",
                         "a_idx");
    output = lk_site_expect(site, "status migrations", 0);
    lk_expect_text(output.out, "failed");
    lk_site_exec(site, "TRUNCATE a");
    lk_site_expect(site, "apply --no-gate migrations", 0);
    lk_site_expect_value(site, ROWS, "0001_a.sql|applied|5");
    lk_site_expect_value(site,
                         "SELECT count(*) FROM pg_index WHERE indrelid = 'a'::regclass"
                         " AND indisvalid",
                         "2");
    lk_site_expect(site, "validate migrations", 0);
}

/* The statement that failed is corrected: those before it are not run again. */
static void
test_partial_failure_corrected(void **state)
{
    const struct lk_site *site = *state;
    const char *first = "CREATE TABLE a (id int);\n"
                        "INSERT INTO a VALUES (1), (1);\n";

    lk_site_migration(
        site, "0001_a.sql",
        lk_fmt(site->mem, "%sCREATE UNIQUE INDEX CONCURRENTLY a_key ON a (id);\n", first));
    lk_site_expect(site, "apply --no-gate migrations", 7);
    lk_site_migration(site, "0001_a.sql",
                      lk_fmt(site->mem,
                             "%sCREATE INDEX CONCURRENTLY a_idx ON a (id);\n"
                             "CREATE TABLE b ();\n",
                             first));
    lk_site_expect(site, "apply --no-gate migrations", 0);
    lk_site_expect_value(site, "SELECT count(*) FROM a", "2");
    lk_site_expect_value(
        site, "SELECT status, statements_total, statements_done FROM lockkeeper.migration",
        "applied|4|4");
    lk_site_expect(site, "status --exit-code migrations", 0);
    lk_site_expect(site, "validate migrations", 0);
    lk_site_expect(site, "apply --no-gate migrations", 0);
}

static void
test_partial_failure_with_other_beginning(void **state)
{
    const struct lk_site *site = *state;

    lk_site_migration(site, "0001_a.sql",
                      "CREATE TABLE a (id int);\nCREATE INDEX CONCURRENTLY i ON nowhere (id);\n");
    lk_site_expect(site, "apply --no-gate migrations", 7);
    lk_site_migration(site, "0001_a.sql",
                      "CREATE TABLE a (id bigint);\nCREATE INDEX CONCURRENTLY i ON a (id);\n");
    struct lk_output output = lk_site_expect(site, "apply --no-gate migrations", 8);
    lk_expect_text(output.err, "0001_a.sql:1");
    lk_site_expect_value(site, ROWS, "0001_a.sql|failed|1");
}

static void
test_autocommit_failure(void **state)
{
    const struct lk_site *site = *state;

    lk_site_migration(site, "0001_a.sql",
                      "-- lockkeeper: transaction off\n"
                      "CREATE TABLE a (id int);\n"
                      "INSERT INTO a VALUES (1);\n"
                      "DO $$ BEGIN INSERT INTO a VALUES (2); END $$;\n"
                      "INSERT INTO b VALUES (3);\n");
    lk_site_expect(site, "apply --no-gate migrations", 7);
    lk_site_exec(site, "CREATE TABLE b (id int)");
    lk_site_expect(site, "apply --no-gate migrations", 0);
    lk_site_expect_value(site, "SELECT id FROM a UNION ALL SELECT id FROM b ORDER BY id",
                         "1\n2\n3");
}

/* A procedure may commit for itself, outside of a transaction. */
static void
test_procedures_that_commit(void **state)
{
    const struct lk_site *site = *state;

    lk_site_migration(site, "0001_a.sql",
                      "-- lockkeeper: transaction off\n"
                      "CREATE TABLE a (id int);\n"
                      "CREATE PROCEDURE fill() LANGUAGE plpgsql AS $$ BEGIN"
                      " FOR i IN 1..3 LOOP INSERT INTO a VALUES (i); COMMIT; END LOOP; END $$;\n"
                      "CALL fill();\n"
                      "DO $$ BEGIN INSERT INTO a VALUES (4); COMMIT; END $$;\n");
    lk_site_expect(site, "apply --no-gate migrations", 0);
    lk_site_expect_value(site, "SELECT id FROM a ORDER BY id", "1\n2\n3\n4");
}

/* IF NOT EXISTS is content with an INVALID index that somebody else left: apply is not. */
static void
test_foreign_invalid_index(void **state)
{
    const struct lk_site *site = *state;

    lk_site_exec(site, "CREATE TABLE a (id int); INSERT INTO a VALUES (1), (1)");
    PQclear(PQexec(site->pg, "CREATE UNIQUE INDEX CONCURRENTLY a_idx ON a (id)"));
    lk_site_expect_value(site,
                         "SELECT indisvalid FROM pg_index"
                         " WHERE indexrelid = 'a_idx'::regclass",
                         "f");
    lk_site_migration(site, "0001_idx.sql",
                      "CREATE INDEX CONCURRENTLY IF NOT EXISTS a_idx ON a (id);\n");
    struct lk_output output = lk_site_expect(site, "apply --no-gate migrations", 6);
    lk_expect_text(output.err, "a_idx is INVALID");
    lk_site_exec(site, "DROP INDEX a_idx");
    lk_site_expect(site, "apply --no-gate migrations", 0);
    lk_site_expect_value(site,
                         "SELECT indisvalid FROM pg_index"
                         " WHERE indexrelid = 'a_idx'::regclass",
                         "t");
}

/* ---- files and history disagree ---- */

static void
write_three(const struct lk_site *site)
{
    lk_site_migration(site, "0001_a.sql", "CREATE TABLE a ();\n");
    lk_site_migration(site, "0002_b.sql", "CREATE TABLE b ();\n");
    lk_site_migration(site, "0003_c.sql", "CREATE TABLE c ();\n");
}

static void
test_changed_checksum(void **state)
{
    const struct lk_site *site = *state;

    write_three(site);
    lk_site_expect(site, "apply --to 2 migrations", 0);
    lk_site_migration(site, "0001_a.sql", "CREATE TABLE a (id int);\n");
    struct lk_output output = lk_site_expect(site, "apply migrations", 8);
    lk_expect_text(output.err, "0001_a.sql is changed");
    lk_site_expect(site, "validate migrations", 8);
    lk_site_expect(site, "apply --dry-run migrations", 8);
    lk_site_expect_value(site, "SELECT to_regclass('c') IS NULL", "t");
}

static void
test_missing_file(void **state)
{
    const struct lk_site *site = *state;

    write_three(site);
    lk_site_expect(site, "apply --to 2 migrations", 0);
    unlink(lk_fmt(site->mem, "%s/migrations/0001_a.sql", site->dir));
    struct lk_output output = lk_site_expect(site, "apply migrations", 8);
    lk_expect_text(output.err, "0001_a.sql is missing");
    lk_site_expect_value(site, "SELECT to_regclass('c') IS NULL", "t");
}

static void
test_out_of_order(void **state)
{
    const struct lk_site *site = *state;

    lk_site_migration(site, "0001_a.sql", "CREATE TABLE a ();\n");
    lk_site_migration(site, "0003_c.sql", "CREATE TABLE c ();\n");
    lk_site_expect(site, "apply migrations", 0);
    lk_site_migration(site, "0002_b.sql", "CREATE TABLE b ();\n");
    struct lk_output output = lk_site_expect(site, "apply migrations", 8);
    lk_expect_text(output.err, "0002_b.sql");
    lk_expect_text(output.err, "out-of-order");
    lk_site_expect_value(site, "SELECT to_regclass('b') IS NULL", "t");
    lk_site_config(site, "apply: {out_of_order: allow}\n");
    lk_site_expect(site, "apply migrations", 0);
    lk_site_expect_value(site, APPLIED, "0001_a.sql|1\n0002_b.sql|1\n0003_c.sql|1");
}

static void
test_newer_format(void **state)
{
    const struct lk_site *site = *state;

    write_three(site);
    lk_site_expect(site, "apply --to 1 migrations", 0);
    lk_site_exec(site, "UPDATE lockkeeper.format SET version = 99");
    struct lk_output output = lk_site_expect(site, "apply migrations", 8);
    lk_expect_text(output.err, "format 99");
    lk_site_expect(site, "status migrations", 8);
    lk_site_expect_value(site, "SELECT to_regclass('b') IS NULL", "t");
}

static void
test_foreign_schema(void **state)
{
    const struct lk_site *site = *state;

    write_three(site);
    lk_site_exec(site, "CREATE SCHEMA lockkeeper");
    lk_site_expect(site, "apply migrations", 8);
    lk_site_expect_value(site, "SELECT to_regclass('a') IS NULL", "t");
}

static void
test_stale_plan(void **state)
{
    const struct lk_site *site = *state;

    write_three(site);
    lk_site_expect(site, "plan -o plan.json migrations", 0);
    lk_site_migration(site, "0003_c.sql", "CREATE TABLE c (id int);\n");
    struct lk_output output = lk_site_expect(site, "apply --plan plan.json migrations", 8);
    lk_expect_text(output.err, "0003_c.sql");
    lk_site_expect_value(site, "SELECT to_regclass('a') IS NULL", "t");

    lk_site_expect(site, "plan -o plan.json migrations", 0);
    lk_site_expect(site, "apply --to 1 migrations", 0);
    lk_site_expect(site, "apply --plan plan.json migrations", 8);

    lk_site_expect(site, "plan -o plan.json migrations", 0);
    lk_site_migration(site, "0004_d.sql", "CREATE TABLE d ();\n");
    lk_site_expect(site, "apply --plan plan.json migrations", 8);

    lk_site_expect(site, "plan -o plan.json migrations", 0);
    lk_site_expect(site, "apply --plan plan.json migrations", 0);
    lk_site_expect_value(site, APPLIED, "0001_a.sql|1\n0002_b.sql|1\n0003_c.sql|1\n0004_d.sql|1");
}

/* ---- the server refuses ---- */

static void
test_no_server(void **state)
{
    const struct lk_site *site = *state;

    write_three(site);
    struct lk_process process = lk_site_spawn(
        site, "apply migrations", "host=/nonexistent user=u password=s3cr3t dbname=d port=1");
    struct lk_output output = lk_process_wait(site->mem, &process);
    lk_expect_exit(&output, 4);
    lk_expect_no_text(output.err, "s3cr3t");
}

static void
test_no_database(void **state)
{
    const struct lk_site *site = *state;

    write_three(site);
    struct lk_process process = lk_site_spawn(
        site, "apply migrations",
        lk_fmt(site->mem, "host=%s user=postgres dbname=nowhere", site->server->folder));
    struct lk_output output = lk_process_wait(site->mem, &process);
    lk_expect_exit(&output, 4);
    lk_expect_text(output.err, "nowhere");
}

static void
test_role_without_rights(void **state)
{
    const struct lk_site *site = *state;
    char *role = lk_fmt(site->mem, "%s_guest", site->database);

    write_three(site);
    lk_site_exec(site, lk_fmt(site->mem, "CREATE ROLE %s LOGIN", role));
    struct lk_process process = lk_site_spawn(
        site, "apply migrations",
        lk_fmt(site->mem, "host=%s user=%s dbname=%s", site->server->folder, role, site->database));
    struct lk_output output = lk_process_wait(site->mem, &process);
    lk_expect_exit(&output, 6);
    lk_expect_text(output.err, "cannot create the history");
    lk_site_exec(site, lk_fmt(site->mem, "DROP ROLE %s", role));
}

static void
test_read_only(void **state)
{
    const struct lk_site *site = *state;

    write_three(site);
    lk_site_exec(site, lk_fmt(site->mem, "ALTER DATABASE %s SET default_transaction_read_only = on",
                              site->database));
    struct lk_output output = lk_site_expect(site, "apply migrations", 4);
    lk_expect_text(output.err, "read-only");
}

/* What cannot be read is not passed over, whatever the gate says. */
static void
test_no_text_without_gate(void **state)
{
    const struct lk_site *site = *state;

    lk_site_migration(site, "0001_a.sql", "CREATE TABLE a (n int);\n");
    lk_site_migration(site, "0002_b.sql", "INSERT INTO a VALUES (1); -- caf\xe9\n");
    lk_site_migration(site, "0003_c.sql", "INSERT INTO a VALUES (2);\n");
    struct lk_output output = lk_site_expect(site, "apply --no-gate migrations", 3);
    lk_expect_text(output.err, "0002_b.sql is not UTF-8");
    lk_site_config(site, "rules: {invalid-encoding: off}\n");
    lk_site_expect(site, "apply migrations", 3);
    lk_site_expect_value(site, "SELECT to_regclass('a') IS NULL", "t");
}

/* What would be left out is refused whatever the rule's severity, unless somebody says so there. */
static void
test_psql_commands(void **state)
{
    const struct lk_site *site = *state;

    lk_site_migration(site, "0001_a.sql", "CREATE TABLE a ();\n");
    lk_site_migration(site, "0002_b.sql", "SELECT 'DROP TABLE a' \\gexec\n");
    for (int off = 0; off < 2; off++) {
        for (int gate = 0; gate < 2; gate++) {
            struct lk_output output =
                lk_site_expect(site, gate ? "apply migrations" : "apply --no-gate migrations", 1);
            lk_expect_text(output.err, "migrations/0002_b.sql:1:23: \\gexec is not carried out: ");
            lk_expect_text(output.err, "use a DO block with EXECUTE");
            lk_site_expect_value(site, "SELECT to_regclass('a') IS NULL", "t");
        }
        lk_site_config(site, "rules: {psql-meta-command: off}\n");
    }
    lk_site_migration(site, "0002_b.sql",
                      "-- lockkeeper: ignore-file psql-meta-command -- for people\n"
                      "SELECT 'DROP TABLE a' \\gexec\n");
    lk_site_expect(site, "apply --no-gate migrations", 0);
    lk_site_expect_value(site, "SELECT to_regclass('a') IS NULL", "f");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        lk_site_test(test_transactional_failure),
        lk_site_test(test_line_without_position),
        lk_site_test(test_failure_corrected_into_segments),
        lk_site_test(test_partial_failure_and_resume),
        lk_site_test(test_partial_failure_corrected),
        lk_site_test(test_partial_failure_with_other_beginning),
        lk_site_test(test_autocommit_failure),
        lk_site_test(test_procedures_that_commit),
        lk_site_test(test_foreign_invalid_index),
        lk_site_test(test_changed_checksum),
        lk_site_test(test_missing_file),
        lk_site_test(test_out_of_order),
        lk_site_test(test_newer_format),
        lk_site_test(test_foreign_schema),
        lk_site_test(test_stale_plan),
        lk_site_test(test_no_server),
        lk_site_test(test_no_database),
        lk_site_test(test_role_without_rights),
        lk_site_test(test_read_only),
        lk_site_test(test_no_text_without_gate),
        lk_site_test(test_psql_commands),
    };

    return lk_site_main("failures", tests, LK_ARRAY_SIZE(tests));
}
