/*
 * tests/integration/test_apply.c
 *     apply, status and validate when all goes well.
 */
#include <jansson.h>
#include <unistd.h>

#include "tests/integration/site.h"

#define APPLIED "SELECT script, status, statements_done FROM lockkeeper.migration ORDER BY rank"

static void
write_users(const struct lk_site *site)
{
    lk_site_migration(site, "0001_users.sql",
                      "CREATE TABLE users (id bigint PRIMARY KEY, email text);\n"
                      "INSERT INTO users VALUES (1, 'a@example.org');\n");
    lk_site_migration(site, "0002_orders.sql", "CREATE TABLE orders (id bigint PRIMARY KEY);\n");
    lk_site_migration(site, "0003_email.sql",
                      "CREATE INDEX CONCURRENTLY users_email_idx ON users (email);\n");
}

static void
test_fresh_database(void **state)
{
    const struct lk_site *site = *state;

    write_users(site);
    struct lk_output output = lk_site_expect(site, "apply migrations", 0);
    lk_expect_text(output.out, "0001_users.sql");
    lk_expect_text(output.out, "3 migrations applied");
    lk_site_expect_value(site, APPLIED,
                         "0001_users.sql|applied|2\n0002_orders.sql|applied|1\n"
                         "0003_email.sql|applied|1");
    lk_site_expect_value(site, "SELECT count(*) FROM users", "1");
    lk_site_expect_value(site,
                         "SELECT indisvalid FROM pg_index"
                         " WHERE indexrelid = 'users_email_idx'::regclass",
                         "t");
    lk_site_expect_value(site, "SELECT outcome, build_number FROM lockkeeper.run",
                         "success|local_run");
}

static void
test_second_apply_does_nothing(void **state)
{
    const struct lk_site *site = *state;

    write_users(site);
    lk_site_expect(site, "apply migrations", 0);
    char *before = lk_site_value(site, "SELECT * FROM lockkeeper.migration ORDER BY rank");
    struct lk_output output = lk_site_expect(site, "apply migrations", 0);
    lk_expect_text(output.out, "nothing to do");
    lk_site_expect_value(site, "SELECT * FROM lockkeeper.migration ORDER BY rank", before);
    lk_site_expect_value(site, "SELECT count(*) FROM lockkeeper.run", "1");
}

static void
test_status_and_validate(void **state)
{
    const struct lk_site *site = *state;

    write_users(site);
    lk_site_expect(site, "status migrations", 0);
    lk_site_expect(site, "status --exit-code migrations", 1);
    lk_site_expect(site, "validate migrations", 0);
    /* looking writes nothing */
    lk_site_expect_value(site, "SELECT to_regnamespace('lockkeeper') IS NULL", "t");
    lk_site_expect(site, "apply --to 2 migrations", 0);
    struct lk_output output = lk_site_expect(site, "status --exit-code migrations", 1);
    lk_expect_text(output.out, "pending");
    lk_site_expect(site, "apply migrations", 0);
    lk_site_expect(site, "status --exit-code migrations", 0);
    lk_site_expect(site, "validate migrations", 0);
}

static void
test_to_version(void **state)
{
    const struct lk_site *site = *state;

    write_users(site);
    lk_site_expect(site, "apply --to 1 migrations", 0);
    lk_site_expect_value(site, APPLIED, "0001_users.sql|applied|2");
    lk_site_expect(site, "apply --to 2 migrations", 0);
    lk_site_expect_value(site, "SELECT count(*), count(DISTINCT run) FROM lockkeeper.migration",
                         "2|2");
}

static void
test_dry_run_writes_nothing(void **state)
{
    const struct lk_site *site = *state;

    write_users(site);
    struct lk_output output = lk_site_expect(site, "apply --dry-run migrations", 0);
    lk_expect_text(output.out, "0003_email.sql");
    lk_site_expect_value(
        site, "SELECT to_regnamespace('lockkeeper') IS NULL, to_regclass('users') IS NULL", "t|t");
}

static void
test_report(void **state)
{
    const struct lk_site *site = *state;
    const char *database, *previous, *final, *target, *build;
    json_t *applied, *skipped, *failed;
    int success;

    write_users(site);
    lk_site_expect(site, "apply --to 1 migrations", 0);
    struct lk_output output = lk_site_expect(site, "apply -f json migrations", 0);
    json_t *report = json_loads(output.out, 0, NULL);
    assert_non_null(report);
    if (json_unpack(report, "{s:b,s:s,s:s,s:s,s:s,s:s,s:o,s:o,s:o}", "success", &success,
                    "database", &database, "build_number", &build, "previous_version", &previous,
                    "final_version", &final, "target_version", &target, "applied", &applied,
                    "skipped", &skipped, "failed", &failed) != 0)
        fail_msg("not the report that is documented:\n%s", output.out);
    assert_true(success);
    assert_non_null(strstr(database, site->database));
    assert_string_equal(build, "local_run");
    assert_int_equal(strtol(previous, NULL, 10), 1);
    assert_int_equal(strtol(final, NULL, 10), 3);
    assert_int_equal(strtol(target, NULL, 10), 3);
    assert_int_equal(json_array_size(applied), 2);
    assert_int_equal(json_array_size(skipped), 0);
    assert_true(json_is_null(failed));
    json_decref(report);
}

/* ---- modes ---- */

static char *
mode_of(const struct lk_site *site, const char *script)
{
    return lk_site_value(
        site, lk_fmt(site->mem, "SELECT mode, status FROM lockkeeper.migration WHERE script = '%s'",
                     script));
}

static void
test_modes(void **state)
{
    const struct lk_site *site = *state;

    lk_site_migration(site, "0001_a.sql", "CREATE TABLE a (id int);\n");
    lk_site_migration(site, "0002_b.sql",
                      "ALTER TABLE a ADD COLUMN b int;\n"
                      "CREATE INDEX CONCURRENTLY a_b_idx ON a (b);\n"
                      "COMMENT ON TABLE a IS 'with b';\n");
    lk_site_migration(site, "0003_c.sql",
                      "-- lockkeeper: transaction off\n"
                      "INSERT INTO a (id) VALUES (1);\n"
                      "VACUUM a;\n"
                      "INSERT INTO a (id) VALUES (2);\n");
    lk_site_migration(site, "0004_d.sql",
                      "BEGIN;\n"
                      "CREATE TABLE d (id int);\n"
                      "COMMIT;\n"
                      "BEGIN ISOLATION LEVEL SERIALIZABLE;\n"
                      "INSERT INTO d VALUES (1);\n"
                      "ROLLBACK;\n"
                      "INSERT INTO d VALUES (2);\n");
    lk_site_expect(site, "apply --no-gate migrations", 0);
    assert_string_equal(mode_of(site, "0001_a.sql"), "transactional|applied");
    assert_string_equal(mode_of(site, "0002_b.sql"), "segmented|applied");
    assert_string_equal(mode_of(site, "0003_c.sql"), "autocommit|applied");
    lk_site_expect_value(site, "SELECT id FROM a ORDER BY id", "1\n2");
    lk_site_expect_value(site, "SELECT id FROM d", "2");
    lk_site_expect_value(site, "SELECT obj_description('a'::regclass)", "with b");
    lk_site_expect_value(site, "SELECT count(*) FROM lockkeeper.journal WHERE state <> 'done'",
                         "0");
    lk_site_expect_value(site, "SELECT count(*) FROM pg_index WHERE NOT indisvalid", "0");
}

static void
test_empty_migration(void **state)
{
    const struct lk_site *site = *state;

    lk_site_migration(site, "0001_nothing.sql", "-- later\n");
    lk_site_migration(site, "0002_a.sql", "CREATE TABLE a ();\n");
    lk_site_expect(site, "apply migrations", 0);
    lk_site_expect_value(site, APPLIED, "0001_nothing.sql|applied|0\n0002_a.sql|applied|1");
    lk_site_expect(site, "status --exit-code migrations", 0);
}

static void
test_repeatable(void **state)
{
    const struct lk_site *site = *state;
    const char *view = "SELECT definition FROM pg_views WHERE viewname = 'v'";

    lk_site_migration(site, "V1__a.sql", "CREATE TABLE a (id int, b int);\n");
    lk_site_migration(site, "R__view.sql", "CREATE OR REPLACE VIEW v AS SELECT id FROM a;\n");
    lk_site_expect(site, "apply migrations", 0);
    char *first = lk_site_value(site, view);
    struct lk_output output = lk_site_expect(site, "apply migrations", 0);
    lk_expect_text(output.out, "nothing to do");
    lk_site_migration(site, "R__view.sql", "CREATE OR REPLACE VIEW v AS SELECT id, b FROM a;\n");
    lk_site_expect(site, "apply migrations", 0);
    assert_string_not_equal(lk_site_value(site, view), first);
    lk_site_expect_value(
        site, "SELECT count(*) FROM lockkeeper.migration WHERE kind = 'repeatable'", "2");
    lk_site_expect(site, "status --exit-code migrations", 0);
}

/* An empty database starts with the baseline migration, also where what it stands for is there. */
static void
test_baseline_migration(void **state)
{
    const struct lk_site *site = *state;

    lk_site_migration(site, "V1__a.sql", "CREATE TABLE a (id int);\n");
    lk_site_migration(site, "V2__b.sql", "CREATE TABLE b (id int);\n");
    lk_site_migration(site, "B2__all.sql",
                      "CREATE TABLE a (id int);\nCREATE TABLE b (id int);\n");
    lk_site_migration(site, "V3__c.sql", "ALTER TABLE b ADD COLUMN c int;\n");
    lk_site_expect(site, "apply migrations", 0);
    lk_site_expect_value(site, APPLIED, "B2__all.sql|applied|2\nV3__c.sql|applied|1");
    lk_site_expect(site, "status --exit-code migrations", 0);
}

/* Folders have versions of their own: a run that goes on does not take one for the other. */
static void
test_same_versions_in_two_folders(void **state)
{
    const struct lk_site *site = *state;

    lk_test_write(site->dir, "one/0001_a.sql", "CREATE TABLE a (id int);\n");
    lk_test_write(site->dir, "two/0001_b.sql", "SELECT 1/0;\n");
    lk_site_expect(site, "apply --no-gate one two", 6);
    lk_test_write(site->dir, "two/0001_b.sql", "CREATE TABLE b (id int);\n");
    lk_test_write(site->dir, "two/0002_c.sql", "CREATE TABLE c (id int);\n");
    lk_site_expect(site, "apply one two", 0);
    lk_site_expect(site, "status --exit-code one two", 0);
    lk_site_expect_value(site, "SELECT count(*) FROM lockkeeper.migration WHERE status = 'applied'",
                         "3");
    assert_int_equal(unlink(lk_fmt(site->mem, "%s/one/0001_a.sql", site->dir)), 0);
    lk_test_write(site->dir, "one/0003_d.sql", "CREATE TABLE d (id int);\n");
    struct lk_output output = lk_site_expect(site, "apply one two", 8);
    lk_expect_text(output.err, "one/0001_a.sql is missing");
}

/* ---- what migrations leave behind ---- */

/* Flyway's own placeholders stand for the connection; a file beside a script can switch them off.
 */
static void
test_flyway_placeholders(void **state)
{
    const struct lk_site *site = *state;

    lk_site_migration(site, "V1__notes.sql",
                      "CREATE TABLE ${flyway:defaultSchema}.notes (note text);\n"
                      "INSERT INTO notes VALUES"
                      " ('${flyway:user} ${flyway:database} ${FLYWAY:filename}');\n");
    lk_site_migration(site, "V2__raw.sql", "INSERT INTO notes VALUES ('${flyway:user}');\n");
    lk_site_migration(site, "V2__raw.sql.conf", "placeholderReplacement=false\n");
    lk_site_migration(site, "V3__never.sql", "DROP TABLE notes;\n");
    lk_site_migration(site, "V3__never.sql.conf", "shouldExecute=false\n");
    struct lk_output output = lk_site_expect(site, "apply migrations", 0);
    lk_expect_text(output.out, "2 migrations applied");
    lk_site_expect_value(site, "SELECT note FROM public.notes ORDER BY note DESC LIMIT 1",
                         lk_site_value(site, "SELECT session_user || ' ' || current_database()"
                                             " || ' V1__notes.sql'"));
    lk_site_expect_value(site, "SELECT count(*) FROM notes WHERE note = '${flyway:user}'", "1");
}

/* What is carried out is what was planned: a file beside a script can change how. */
static void
test_plan_answers_for_files_beside(void **state)
{
    const struct lk_site *site = *state;

    lk_site_migration(site, "V1__users.sql", "CREATE TABLE users (id int);\nSELECT '${x}';\n");
    lk_site_config(site, "apply: {placeholders: {x: one}}\n");
    lk_site_expect(site, "plan migrations -o plan.json", 0);
    lk_site_migration(site, "V1__users.sql.conf", "executeInTransaction=false\n");
    lk_site_expect(site, "apply --plan plan.json migrations", 8);
    lk_site_migration(site, "V1__users.sql.conf", "placeholderReplacement=false\n");
    lk_site_expect(site, "apply --plan plan.json migrations", 8);
    lk_site_migration(site, "V1__users.sql.conf", "");
    lk_site_config(site, "apply: {placeholders: {x: two}}\n");
    lk_site_expect(site, "apply --plan plan.json migrations", 8);
    lk_site_config(site, "apply: {placeholders: {x: one}}\n");
    lk_site_expect(site, "apply --plan plan.json migrations", 0);
}

static void
test_leaks_are_restored(void **state)
{
    const struct lk_site *site = *state;
    char *role = lk_fmt(site->mem, "%s_owner", site->database);

    lk_site_exec(
        site, lk_fmt(site->mem, "CREATE ROLE %s; GRANT CREATE ON SCHEMA public TO %s", role, role));
    lk_site_migration(site, "0001_leaks.sql",
                      lk_fmt(site->mem,
                             "CREATE SCHEMA app;\nSET search_path = app;\nSET ROLE %s;\n"
                             "SET statement_timeout = '1h';\n",
                             role));
    lk_site_migration(site, "0002_seen.sql",
                      "CREATE TABLE seen AS SELECT current_user::text AS who,"
                      " current_setting('search_path') AS path,"
                      " current_setting('statement_timeout') AS timeout;\n");
    lk_site_migration(site, "0003_segments.sql",
                      lk_fmt(site->mem,
                             "CREATE TABLE t (id int);\nALTER TABLE t OWNER TO %s;\nSET ROLE %s;\n"
                             "CREATE INDEX CONCURRENTLY t_idx ON t (id);\n"
                             "CREATE TABLE owned (id int);\n",
                             role, role));
    lk_site_migration(site, "0004_seen.sql",
                      "INSERT INTO seen SELECT current_user, current_setting('search_path'),"
                      " current_setting('statement_timeout');\n");
    lk_site_expect(site, "apply --no-gate migrations", 0);
    lk_site_expect_value(site, "SELECT * FROM public.seen",
                         "postgres|\"$user\", public|0\npostgres|\"$user\", public|0");
    lk_site_expect_value(site, "SELECT relowner::regrole FROM pg_class WHERE relname = 'owned'",
                         role);
    lk_site_exec(site, lk_fmt(site->mem, "DROP OWNED BY %s; DROP ROLE %s", role, role));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        lk_site_test(test_fresh_database),
        lk_site_test(test_second_apply_does_nothing),
        lk_site_test(test_status_and_validate),
        lk_site_test(test_to_version),
        lk_site_test(test_dry_run_writes_nothing),
        lk_site_test(test_report),
        lk_site_test(test_modes),
        lk_site_test(test_empty_migration),
        lk_site_test(test_repeatable),
        lk_site_test(test_baseline_migration),
        lk_site_test(test_same_versions_in_two_folders),
        lk_site_test(test_flyway_placeholders),
        lk_site_test(test_plan_answers_for_files_beside),
        lk_site_test(test_leaks_are_restored),
    };

    return lk_site_main("apply", tests, LK_ARRAY_SIZE(tests));
}
