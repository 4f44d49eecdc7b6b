/*
 * tests/integration/test_operations.c
 *     Operations on the history: baseline, repair, skip, retry.
 */
#include <unistd.h>

#include "tests/integration/site.h"

#define ROWS "SELECT script, status FROM lockkeeper.migration ORDER BY rank"
#define RUNS "SELECT command, outcome FROM lockkeeper.run ORDER BY id"

static void
write_three(const struct lk_site *site)
{
    lk_site_migration(site, "0001_a.sql", "CREATE TABLE a (id int);\n");
    lk_site_migration(site, "0002_b.sql", "CREATE TABLE b (id int);\n");
    lk_site_migration(site, "0003_c.sql", "CREATE TABLE c (id int);\n");
}

static void
remove_file(const struct lk_site *site, const char *script)
{
    assert_int_equal(unlink(lk_fmt(site->mem, "%s/migrations/%s", site->dir, script)), 0);
}

/* run_words runs lockkeeper with arguments that may hold blanks. */
static struct lk_output
run_words(const struct lk_site *site, const char *const *words, int exit_code)
{
    const char *args[16] = {LK_BINARY};
    size_t count = 1;

    while (*words != NULL)
        args[count++] = *words++;
    args[count++] = "--url";
    args[count++] = site->url;
    struct lk_output output = lk_test_run(site->mem, site->dir, args, NULL);
    lk_expect_exit(&output, exit_code);
    return output;
}

/* ---- baseline ---- */

static void
test_baseline(void **state)
{
    const struct lk_site *site = *state;

    write_three(site);
    lk_site_exec(site, "CREATE TABLE a (id int); CREATE TABLE b (id int)");
    struct lk_output output = lk_site_expect(site, "baseline --at 2 --dry-run migrations", 0);
    lk_expect_text(output.out, "baseline 0002: everything up to here");
    lk_expect_text(output.out, "1 change would be made");
    lk_site_expect_value(site, "SELECT to_regnamespace('lockkeeper') IS NULL", "t");
    lk_site_expect(site, "baseline --at 2 migrations", 0);
    lk_site_expect_value(site, "SELECT kind, version, status FROM lockkeeper.migration",
                         "baseline|0002|baseline");
    lk_site_expect_value(site, RUNS, "baseline|success");
    output = lk_site_expect(site, "status --exit-code migrations", 1);
    lk_expect_text(output.out, "2 baseline");
    lk_expect_text(output.out, "1 pending");
    output = lk_site_expect(site, "baseline --at 2 migrations", 0);
    lk_expect_text(output.out, "nothing to do");
    output = lk_site_expect(site, "baseline migrations", 8);
    lk_expect_text(output.err, "has a baseline already, at version 0002");
    lk_site_expect(site, "apply migrations", 0);
    lk_site_expect_value(site, ROWS, "<< baseline >>|baseline\n0003_c.sql|applied");
    lk_site_expect_value(site, "SELECT count(*) FROM lockkeeper.run", "2");
}

static void
test_baseline_of_the_newest(void **state)
{
    const struct lk_site *site = *state;

    write_three(site);
    lk_site_expect(site, "baseline migrations", 0);
    lk_site_expect(site, "status --exit-code migrations", 0);
    struct lk_output output = lk_site_expect(site, "apply migrations", 0);
    lk_expect_text(output.out, "nothing to do");
    lk_site_expect_value(site, "SELECT to_regclass('c') IS NULL", "t");
}

static void
test_baseline_refused(void **state)
{
    const struct lk_site *site = *state;

    write_three(site);
    struct lk_output output = lk_site_expect(site, "baseline --at 30 migrations", 2);
    lk_expect_text(output.err, "version 30 is above all migrations");
    output = lk_site_expect(site, "baseline --at nothing migrations", 2);
    lk_expect_text(output.err, "no migration has the version nothing");
    lk_site_expect_value(site, "SELECT to_regnamespace('lockkeeper') IS NULL", "t");
    lk_site_expect(site, "apply --to 1 migrations", 0);
    output = lk_site_expect(site, "baseline migrations", 8);
    lk_expect_text(output.err, "0001_a.sql is applied in that of");
    lk_site_expect_value(site, ROWS, "0001_a.sql|applied");
}

/* ---- repair ---- */

static void
test_repair_removes_what_failed(void **state)
{
    const struct lk_site *site = *state;

    write_three(site);
    lk_site_migration(site, "0002_b.sql", "SELECT 1/0;\n");
    lk_site_expect(site, "apply --no-gate migrations", 6);
    lk_site_expect(site, "apply --no-gate migrations", 6);
    lk_site_expect_value(site, ROWS, "0001_a.sql|applied\n0002_b.sql|failed\n0002_b.sql|failed");
    struct lk_output output = lk_site_expect(site, "repair migrations", 0);
    lk_expect_text(output.out, "removed 0002_b.sql: the record of a try");
    lk_expect_text(output.out, "2 changes to the history");
    lk_site_expect_value(site, ROWS, "0001_a.sql|applied");
    lk_site_expect_value(site, RUNS, "apply|failure\napply|failure\nrepair|success");
    output = lk_site_expect(site, "repair migrations", 0);
    lk_expect_text(output.out, "nothing to do");
    lk_site_expect_value(site, "SELECT count(*) FROM lockkeeper.run", "3");
}

/* What stopped half way has left something: its row stays, and apply goes on with it. */
static void
test_repair_keeps_what_is_half_done(void **state)
{
    const struct lk_site *site = *state;

    lk_site_migration(site, "0001_a.sql",
                      "CREATE TABLE a (id int);\nINSERT INTO a VALUES (1), (1);\n"
                      "CREATE UNIQUE INDEX CONCURRENTLY a_key ON a (id);\n");
    lk_site_expect(site, "apply --no-gate migrations", 7);
    lk_site_expect(site, "repair migrations", 0);
    lk_site_expect_value(site, ROWS, "0001_a.sql|failed");
    lk_site_exec(site, "TRUNCATE a");
    lk_site_expect(site, "apply --no-gate migrations", 0);
}

static void
test_repair_accepts_layout(void **state)
{
    const struct lk_site *site = *state;
    const char *apart = "SELECT script, sha256 = encode(sha256('-- a table\nCREATE TABLE a\n"
                        "  (id int);\n'), 'hex') FROM lockkeeper.migration WHERE rank = 1";

    write_three(site);
    lk_site_expect(site, "apply migrations", 0);
    lk_site_migration(site, "0001_a.sql", "-- a table\nCREATE TABLE a\n  (id int);\n");
    lk_site_migration(site, "0002_b.sql", "CREATE TABLE b (id bigint);\n");
    lk_site_expect_value(site, apart, "0001_a.sql|f");
    struct lk_output output = lk_site_expect(site, "repair migrations", 8);
    lk_expect_text(output.out, "accepted 0001_a.sql: only comments or white space");
    lk_expect_no_text(output.out, "0002_b.sql");
    lk_expect_text(output.err, "0002_b.sql is changed");
    lk_site_expect_value(site, apart, "0001_a.sql|t");
    output = lk_site_expect(site, "repair --accept 0002_b.sql --accept 3 migrations", 0);
    lk_expect_text(output.out, "accepted 0002_b.sql: the file is recorded as it is now");
    lk_site_expect(site, "status --exit-code migrations", 0);
    lk_site_expect(site, "apply migrations", 0);
    lk_site_expect_value(site,
                         "SELECT format_type(atttypid, -1) FROM pg_attribute"
                         " WHERE attrelid = 'b'::regclass AND attname = 'id'",
                         "integer");
    output = lk_site_expect(site, "repair --accept 4 migrations", 2);
    lk_expect_text(output.err, "there is no migration 4");
}

static void
test_repair_deletes_missing(void **state)
{
    const struct lk_site *site = *state;

    write_three(site);
    lk_site_expect(site, "apply migrations", 0);
    remove_file(site, "0002_b.sql");
    struct lk_output output = lk_site_expect(site, "repair migrations", 8);
    lk_expect_text(output.err, "0002_b.sql is missing");
    output = lk_site_expect(site, "repair --delete-missing -f json migrations", 0);
    lk_expect_text(output.out, "\"change\": \"marked as deleted\"");
    lk_site_expect_value(site, ROWS, "0001_a.sql|applied\n0002_b.sql|deleted\n0003_c.sql|applied");
    output = lk_site_expect(site, "status --exit-code migrations", 0);
    lk_expect_text(output.out, "1 deleted");
    /* back again, it is what was applied: not a second time */
    lk_site_migration(site, "0002_b.sql", "CREATE TABLE b (id int);\n");
    lk_site_expect(site, "status --exit-code migrations", 0);
    output = lk_site_expect(site, "apply migrations", 0);
    lk_expect_text(output.out, "nothing to do");
}

/* ---- skip ---- */

static void
test_skip(void **state)
{
    const struct lk_site *site = *state;
    const char *const words[] = {"skip",       "2", "--reason", "done 'by hand' 100% ;--",
                                 "migrations", NULL};

    write_three(site);
    struct lk_output output = run_words(site, words, 0);
    lk_expect_text(output.out, "skipped 0002_b.sql");
    lk_expect_text(output.out, "done 'by hand' 100% ;--");
    run_words(site, words, 0);
    lk_site_expect(site, "apply migrations", 0);
    lk_site_expect_value(site, ROWS, "0002_b.sql|skipped\n0001_a.sql|applied\n0003_c.sql|applied");
    lk_site_expect_value(site, "SELECT reason FROM lockkeeper.migration WHERE status = 'skipped'",
                         "done 'by hand' 100% ;--");
    lk_site_expect_value(site, "SELECT to_regclass('b') IS NULL", "t");
    output = lk_site_expect(site, "status --exit-code migrations", 0);
    lk_expect_text(output.out, "1 skipped");
    lk_expect_text(output.out, "done 'by hand' 100% ;--");
    /* and after all */
    lk_site_expect(site, "retry 2 migrations", 0);
    lk_site_expect_value(site, "SELECT to_regclass('b') IS NULL", "f");
    lk_site_expect(site, "status --exit-code migrations", 0);
}

static void
test_skip_refused(void **state)
{
    const struct lk_site *site = *state;
    const char *const broken[] = {"skip", "2", "--reason", "\xFF", "migrations", NULL};

    write_three(site);
    struct lk_output output = lk_site_expect(site, "skip 2 migrations", 2);
    lk_expect_text(output.err, "the reason is missing");
    output = run_words(site, broken, 2);
    lk_expect_text(output.err, "not UTF-8");
    lk_site_expect(site, "skip", 2);
    lk_site_expect(site, "skip 7 --reason no migrations", 2);
    lk_site_expect_value(site, "SELECT to_regnamespace('lockkeeper') IS NULL", "t");
    lk_site_expect(site, "apply --to 1 migrations", 0);
    output = lk_site_expect(site, "skip 0001_a.sql --reason no migrations", 8);
    lk_expect_text(output.err, "0001_a.sql is not pending, but applied");
}

static void
test_mark_as_applied(void **state)
{
    const struct lk_site *site = *state;

    write_three(site);
    lk_site_migration(site, "0002_b.sql",
                      "CREATE TABLE b (id int);\nINSERT INTO b VALUES (1), (1);\n"
                      "CREATE UNIQUE INDEX CONCURRENTLY b_key ON b (id);\n");
    lk_site_expect(site, "apply --no-gate migrations", 7);
    struct lk_output output =
        lk_site_expect(site, "skip 2 --as-applied --reason by-hand migrations", 0);
    lk_expect_text(output.out, "marked as applied 0002_b.sql");
    output = lk_site_expect(site, "skip 2 --as-applied --reason by-hand migrations", 0);
    lk_expect_text(output.out, "nothing to do");
    lk_site_expect_value(site, ROWS, "0001_a.sql|applied\n0002_b.sql|applied");
    lk_site_expect(site, "apply migrations", 0);
    lk_site_expect(site, "status --exit-code migrations", 0);
    lk_site_expect(site, "skip 2 --as-applied --reason by-hand migrations", 0);
    /* what was carried out here was not carried out otherwise, what is marked is not left out */
    lk_site_expect(site, "skip 3 --as-applied --reason again migrations", 8);
    lk_site_expect(site, "skip 2 --reason again migrations", 8);
    lk_site_expect_value(site, "SELECT count(*) FROM lockkeeper.run WHERE command = 'skip'", "1");
}

/* The same in a history of Flyway's form. */
static void
test_mark_as_applied_in_flyway(void **state)
{
    const struct lk_site *site = *state;

    lk_site_migration(site, "V1__a.sql", "CREATE TABLE a (id int);\n");
    lk_site_config(site, "migrations: [migrations]\napply: {history: flyway}\n");
    lk_site_expect(site, "skip 1 --as-applied --reason by-hand", 0);
    lk_expect_text(lk_site_expect(site, "skip 1 --as-applied --reason by-hand", 0).out,
                   "nothing to do");
    lk_site_expect(site, "status --exit-code", 0);
}

/* test_twice: what was asked for already is no failure, and writes nothing. */
static void
test_twice(void **state)
{
    static const char *const words[] = {
        "baseline --at 1 migrations",           "repair --accept 2 migrations",
        "repair --delete-missing migrations",   "rollback --to 1 --no-gate migrations",
        "rollback --to 0 --no-gate migrations",
    };
    const struct lk_site *site = *state;

    write_three(site);
    for (size_t i = 0; i < LK_ARRAY_SIZE(words); i++) {
        lk_site_expect(site, words[i], 0);
        char *before = lk_site_value(site, "SELECT count(*) FROM lockkeeper.run");
        lk_expect_text(lk_site_expect(site, words[i], 0).out, "nothing to do");
        lk_site_expect_value(site, "SELECT count(*) FROM lockkeeper.run", before);
        if (i > 0)
            continue;
        lk_site_migration(site, "0002_b.down.sql", "DROP TABLE b;\n");
        lk_site_migration(site, "0003_c.down.sql", "DROP TABLE c;\n");
        lk_site_expect(site, "apply --no-gate migrations", 0);
        lk_site_migration(site, "0002_b.sql", "CREATE TABLE b (id bigint);\n");
    }
}

/* A repeatable migration that is skipped is so only as it is. */
static void
test_skip_repeatable(void **state)
{
    const struct lk_site *site = *state;

    lk_site_migration(site, "V1__a.sql", "CREATE TABLE a (id int);\n");
    lk_site_migration(site, "R__v.sql", "CREATE VIEW v AS SELECT 1 AS one;\n");
    lk_site_expect(site, "skip R__v.sql --reason no migrations", 0);
    lk_site_expect(site, "apply migrations", 0);
    lk_site_expect_value(site, "SELECT to_regclass('v') IS NULL", "t");
    lk_site_migration(site, "R__v.sql", "CREATE VIEW v AS SELECT 2 AS two;\n");
    lk_site_expect(site, "apply migrations", 0);
    lk_site_expect_value(site, "SELECT two FROM v", "2");
}

/* ---- retry ---- */

static void
test_retry(void **state)
{
    const struct lk_site *site = *state;

    write_three(site);
    struct lk_output output = lk_site_expect(site, "retry migrations", 0);
    lk_expect_text(output.out, "nothing to do");
    lk_site_migration(site, "0002_b.sql", "SELECT 1/0;\n");
    lk_site_expect(site, "apply --no-gate migrations", 6);
    lk_site_migration(site, "0002_b.sql", "CREATE TABLE b (id int);\n");
    output = lk_site_expect(site, "retry 3 migrations", 8);
    lk_expect_text(output.err, "0003_c.sql has neither failed nor been skipped: it is pending");
    lk_site_expect(site, "retry migrations", 0);
    lk_site_expect_value(site, ROWS, "0001_a.sql|applied\n0002_b.sql|failed\n0002_b.sql|applied");
    lk_site_expect_value(site, "SELECT to_regclass('c') IS NULL", "t");
    lk_site_expect_value(site, RUNS, "apply|failure\nretry|success");
}

static void
test_retry_goes_on(void **state)
{
    const struct lk_site *site = *state;

    lk_site_migration(site, "0001_a.sql",
                      "CREATE TABLE a (id int);\nINSERT INTO a VALUES (1), (1);\n"
                      "CREATE UNIQUE INDEX CONCURRENTLY a_key ON a (id);\n");
    lk_site_expect(site, "apply --no-gate migrations", 7);
    lk_site_exec(site, "DELETE FROM a; INSERT INTO a VALUES (7)");
    lk_site_expect(site, "retry --no-gate 1 migrations", 0);
    lk_site_expect_value(site, "SELECT id FROM a", "7");
    lk_site_expect_value(site, ROWS, "0001_a.sql|applied");
}

/* Skipped half way, it goes on from there: what was carried out is not carried out again. */
static void
test_retry_of_skipped_half_way(void **state)
{
    const struct lk_site *site = *state;

    lk_site_migration(site, "0001_a.sql",
                      "CREATE TABLE a (id int);\nINSERT INTO a VALUES (1), (1);\n"
                      "CREATE UNIQUE INDEX CONCURRENTLY a_key ON a (id);\n");
    lk_site_migration(site, "0002_b.sql", "CREATE TABLE b (id int);\n");
    lk_site_expect(site, "apply --no-gate migrations", 7);
    lk_site_expect(site, "skip 1 --reason later migrations", 0);
    lk_site_expect(site, "apply --no-gate migrations", 0);
    lk_site_expect_value(site, ROWS, "0001_a.sql|skipped\n0002_b.sql|applied");
    lk_site_expect(site, "retry --no-gate 1 migrations", 7);
    lk_site_expect_value(site, ROWS, "0001_a.sql|failed\n0002_b.sql|applied");
    lk_site_exec(site, "DELETE FROM a; INSERT INTO a VALUES (7)");
    lk_site_expect(site, "retry --no-gate 1 migrations", 0);
    lk_site_expect_value(site, "SELECT id FROM a", "7");
    lk_site_expect_value(site, ROWS, "0001_a.sql|applied\n0002_b.sql|applied");
}

/* ---- hostile names ---- */

static void
test_hostile_names(void **state)
{
    const struct lk_site *site = *state;
    const char *script = "0002_it's \"quoted\" %s $1\n;DROP.sql";
    const char *const skip[] = {"skip", script, "--reason", "no", "migrations", NULL};
    const char *const retry[] = {"retry", script, "migrations", NULL};

    lk_site_migration(site, "0001_a.sql", "CREATE TABLE a (id int);\n");
    lk_site_migration(site, script, "CREATE TABLE b (id int);\n");
    run_words(site, skip, 0);
    lk_site_expect(site, "apply migrations", 0);
    run_words(site, retry, 0);
    lk_site_expect_value(site,
                         "SELECT status FROM lockkeeper.migration WHERE script LIKE"
                         " E'0002_it''s \"quoted\" \\\\%s $1\\n;DROP.sql' ORDER BY rank",
                         "skipped\napplied");
    lk_site_migration(site, script, "-- !\nCREATE TABLE b (id int);\n");
    lk_site_expect(site, "repair migrations", 0);
    lk_site_expect(site, "status --exit-code migrations", 0);
}

/* What is no UTF-8 cannot be recorded: a name is refused, a build number is only a remark. */
static void
test_names_that_are_no_text(void **state)
{
    const struct lk_site *site = *state;

    lk_site_migration(site, "0001_a.sql", "CREATE TABLE a (id int);\n");
    setenv("BUILD_ID", "build \xFF", 1);
    lk_site_expect(site, "apply migrations", 0);
    unsetenv("BUILD_ID");
    lk_site_expect_value(site, "SELECT build_number FROM lockkeeper.run", "build ?");
    lk_site_migration(site, "0002_b\xFF.sql", "CREATE TABLE b (id int);\n");
    struct lk_output output = lk_site_expect(site, "apply migrations", 3);
    lk_expect_text(output.err, "is not UTF-8");
    lk_site_expect(site, "skip 2 --reason no migrations", 3);
    lk_site_expect_value(site, "SELECT to_regclass('b') IS NULL", "t");
}

/* ---- what happens while a run waits for its turn ---- */

/* hold takes the lock that runs wait for. */
static void
hold(const struct lk_site *site)
{
    lk_site_exec(site, "SELECT pg_advisory_lock(x'6c6f636b6b656570'::bigint)");
}

/* wait_for waits until that many runs wait for it. */
static void
wait_for(const struct lk_site *site, const char *waiting)
{
    lk_site_wait_for(site,
                     "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                     " AND application_name = 'lockkeeper' AND query LIKE '%try_advisory%'",
                     waiting);
}

static void
let_go(const struct lk_site *site)
{
    lk_site_exec(site, "SELECT pg_advisory_unlock(x'6c6f636b6b656570'::bigint)");
}

/*
 * meanwhile has the second of three migrations get a row in the history while a run waits for its
 * turn; `missing`: whether the tables of the second and the third are, afterwards.
 */
static struct lk_output
meanwhile(const struct lk_site *site, const char *sha256, const char *status, int exit_code,
          const char *missing)
{
    write_three(site);
    lk_site_expect(site, "apply --to 1 migrations", 0);
    hold(site);
    struct lk_process process = lk_site_spawn(site, "apply migrations", NULL);
    wait_for(site, "1");
    lk_site_exec(site,
                 lk_fmt(site->mem,
                        "INSERT INTO lockkeeper.migration (kind, version, description, script,"
                        " sha256, flyway_checksum, status, mode, statements_total,"
                        " statements_done, run) VALUES ('versioned', '0002', 'b',"
                        " '0002_b.sql', '%s', 0, '%s', 'transactional', 1, 0, 1)",
                        sha256, status));
    let_go(site);
    struct lk_output output = lk_site_finish(site, &process, exit_code);
    lk_site_expect_value(site, "SELECT to_regclass('b') IS NULL, to_regclass('c') IS NULL",
                         missing);
    return output;
}

static void
test_skipped_meanwhile(void **state)
{
    meanwhile(*state, "", "skipped", 0, "t|f");
}

static void
test_changed_meanwhile(void **state)
{
    struct lk_output output = meanwhile(*state, "another", "applied", 8, "t|t");

    lk_expect_text(output.err, "0002_b.sql: it is changed by now");
}

/* Two runs start from nothing, with a baseline migration: one of them finds all of it done. */
static void
test_baseline_migration_meanwhile(void **state)
{
    const struct lk_site *site = *state;

    lk_site_migration(site, "V1__a.sql", "CREATE TABLE a (id int);\n");
    lk_site_migration(site, "B2__all.sql", "CREATE TABLE a (id int);\nCREATE TABLE b (id int);\n");
    lk_site_migration(site, "V3__c.sql", "CREATE TABLE c (id int);\n");
    hold(site);
    struct lk_process one = lk_site_spawn(site, "apply migrations", NULL);
    struct lk_process other = lk_site_spawn(site, "apply migrations", NULL);
    wait_for(site, "2");
    let_go(site);
    struct lk_output first = lk_process_wait(site->mem, &one);
    struct lk_output second = lk_process_wait(site->mem, &other);
    lk_expect_exit(&first, 0);
    lk_expect_exit(&second, 0);
    lk_site_expect_value(site, ROWS, "B2__all.sql|applied\nV3__c.sql|applied");
}

/* Two rollbacks at once take back one migration each only if both were asked for it. */
static void
test_two_rollbacks(void **state)
{
    const struct lk_site *site = *state;

    write_three(site);
    lk_site_migration(site, "0003_c.down.sql", "DROP TABLE c;\n");
    lk_site_migration(site, "0002_b.down.sql", "DROP TABLE b;\n");
    lk_site_expect(site, "apply migrations", 0);
    hold(site);
    struct lk_process one = lk_site_spawn(site, "rollback --no-gate migrations", NULL);
    struct lk_process other = lk_site_spawn(site, "rollback --no-gate migrations", NULL);
    wait_for(site, "2");
    let_go(site);
    struct lk_output first = lk_process_wait(site->mem, &one);
    struct lk_output second = lk_process_wait(site->mem, &other);
    lk_expect_exit(&first, 0);
    lk_expect_exit(&second, 0);
    lk_site_expect_value(site, "SELECT to_regclass('b') IS NULL, to_regclass('c') IS NULL", "f|t");
}

/* A version that two folders have is no name. */
static void
test_two_folders(void **state)
{
    const struct lk_site *site = *state;

    lk_test_write(site->dir, "one/0001_a.sql", "CREATE TABLE a (id int);\n");
    lk_test_write(site->dir, "one/0002_b.sql", "CREATE TABLE b (id int);\n");
    lk_test_write(site->dir, "two/0001_c.sql", "CREATE TABLE c (id int);\n");
    lk_test_write(site->dir, "two/0001_c.down.sql", "DROP TABLE c;\n");
    struct lk_output output = lk_site_expect(site, "skip 1 --reason no one two", 2);
    lk_expect_text(output.err, "1 is the version of one/0001_a.sql and of two/0001_c.sql");
    lk_site_expect(site, "skip one/0001_a.sql --reason no one two", 0);
    lk_site_expect(site, "apply one two", 0);
    lk_site_expect(site, "rollback --no-gate one two", 0);
    lk_site_expect_value(site,
                         "SELECT to_regclass('a') IS NULL, to_regclass('b') IS NULL,"
                         " to_regclass('c') IS NULL",
                         "t|f|t");
    lk_site_expect(site, "status --exit-code one two", 1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        lk_site_test(test_baseline),
        lk_site_test(test_baseline_of_the_newest),
        lk_site_test(test_baseline_refused),
        lk_site_test(test_repair_removes_what_failed),
        lk_site_test(test_repair_keeps_what_is_half_done),
        lk_site_test(test_repair_accepts_layout),
        lk_site_test(test_repair_deletes_missing),
        lk_site_test(test_skip),
        lk_site_test(test_skip_refused),
        lk_site_test(test_mark_as_applied),
        lk_site_test(test_mark_as_applied_in_flyway),
        lk_site_test(test_twice),
        lk_site_test(test_skip_repeatable),
        lk_site_test(test_retry),
        lk_site_test(test_retry_goes_on),
        lk_site_test(test_retry_of_skipped_half_way),
        lk_site_test(test_hostile_names),
        lk_site_test(test_names_that_are_no_text),
        lk_site_test(test_skipped_meanwhile),
        lk_site_test(test_changed_meanwhile),
        lk_site_test(test_baseline_migration_meanwhile),
        lk_site_test(test_two_rollbacks),
        lk_site_test(test_two_folders),
    };

    return lk_site_main("operations", tests, LK_ARRAY_SIZE(tests));
}
