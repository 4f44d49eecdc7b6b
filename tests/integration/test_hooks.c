/*
 * tests/integration/test_hooks.c
 *     Scripts that go with a run: when, in which transaction, and what their failure means.
 */
#include <signal.h>
#include <unistd.h>

#include "tests/integration/site.h"

/* What happened, and how many of those before it happened in the same transaction. */
#define NOTES                                                                                      \
    "SELECT string_agg(what || CASE WHEN same THEN '+' ELSE '' END, ' ' ORDER BY id) FROM"         \
    " (SELECT *, tx = lag(tx) OVER (ORDER BY id) AS same FROM public.note) n"

/* note_hook writes a hook that notes that it was carried out. */
static void
note_hook(const struct lk_site *site, const char *path, const char *what)
{
    lk_test_write(site->dir, path,
                  lk_fmt(site->mem, "INSERT INTO public.note (what) VALUES ('%s');\n", what));
}

static void
make_notes(const struct lk_site *site)
{
    lk_site_exec(site, "CREATE TABLE public.note (id serial, what text,"
                       " tx bigint DEFAULT txid_current())");
}

static void
configure_hooks(const struct lk_site *site)
{
    static const char *const events[] = {"before_run", "before_each", "after_each", "after_run",
                                         "on_error"};
    char *config = lk_strdup(site->mem, "migrations: [migrations]\napply:\n  hooks:\n");

    make_notes(site);
    for (size_t i = 0; i < LK_ARRAY_SIZE(events); i++) {
        note_hook(site, lk_fmt(site->mem, "hooks/%s.sql", events[i]), events[i]);
        config = lk_fmt(site->mem, "%s    %s: hooks/%s.sql\n", config, events[i], events[i]);
    }
    lk_site_config(site, config);
}

static void
test_order_and_transactions(void **state)
{
    const struct lk_site *site = *state;

    configure_hooks(site);
    lk_site_migration(site, "V1__a.sql", "INSERT INTO note (what) VALUES ('one');\n");
    lk_site_migration(site, "V2__b.sql",
                      "CREATE TABLE b (id int);\nINSERT INTO note (what) VALUES ('two');\n"
                      "CREATE INDEX CONCURRENTLY b_key ON b (id);\n");
    struct lk_output output = lk_site_expect(site, "plan", 0);
    lk_expect_text(output.out, "hooks/before_each.sql  before_each, transactional, 1 statement");
    output = lk_site_expect(site, "apply --no-gate", 0);
    lk_expect_text(output.out, "done hooks/before_run.sql (before_run, 1 statement");
    lk_site_expect_value(site, NOTES,
                         "before_run before_each one+ after_each+ before_each two after_each"
                         " after_run");
    output = lk_site_expect(site, "status --run 1", 0);
    lk_expect_text(output.out, "before_run: hooks/before_run.sql, 1 statement");
    lk_expect_text(output.out, "V1__a.sql: hooks/before_each.sql: statement 1, line 1: INSERT");
    /* nothing to do, nothing done */
    lk_site_expect(site, "apply", 0);
    lk_site_expect_value(site, "SELECT count(*) FROM note", "8");
}

static void
test_failing_hooks(void **state)
{
    const struct lk_site *site = *state;
    const char *applied = "SELECT count(*) FROM lockkeeper.migration WHERE status = 'applied'";

    configure_hooks(site);
    lk_site_migration(site, "V1__a.sql", "CREATE TABLE a (id int);\n");
    lk_site_migration(site, "V2__b.sql",
                      "-- lockkeeper: transaction off\nCREATE TABLE b (id int);\n");
    lk_test_write(site->dir, "hooks/before_each.sql", "SELECT 1;\n\nSELECT 1/0;\n");
    struct lk_output output = lk_site_expect(site, "apply --no-gate", 6);
    lk_expect_text(output.err, "hooks/before_each.sql:3: division by zero (SQLSTATE 22012)");
    lk_site_expect_value(site, NOTES, "before_run on_error");
    lk_site_expect_value(site, "SELECT to_regclass('a') IS NULL", "t");
    lk_site_expect_value(site, applied, "0");
    lk_test_write(site->dir, "hooks/before_each.sql", "");
    lk_test_write(site->dir, "hooks/after_each.sql", "SELECT 1/0;\n");
    output = lk_site_expect(site, "apply --no-gate --to 1 -f json", 6);
    lk_expect_text(output.out, "hooks/after_each.sql\"");
    lk_site_expect_value(site, "SELECT to_regclass('a') IS NULL", "t");
    lk_site_expect_value(site, applied, "0");
    /* of one that is not transactional its work stays, to be gone on with */
    note_hook(site, "hooks/after_each.sql", "after_each");
    lk_site_expect(site, "apply --no-gate --to 1", 0);
    lk_test_write(site->dir, "hooks/after_each.sql", "SELECT 1/0;\n");
    lk_site_expect(site, "apply --no-gate", 7);
    lk_site_expect_value(site, "SELECT to_regclass('b')", "b");
    note_hook(site, "hooks/after_each.sql", "after_each");
    lk_site_expect(site, "apply --no-gate", 0);
    lk_site_expect_value(site, applied, "2");
    lk_site_expect_value(site, "SELECT count(*) FROM note WHERE what = 'after_each'", "2");
    /* around the run */
    lk_site_migration(site, "V3__c.sql", "CREATE TABLE c (id int);\n");
    lk_test_write(site->dir, "hooks/after_run.sql", "CREATE TABLE d (id int);\nSELECT 1/0;\n");
    lk_test_write(site->dir, "hooks/on_error.sql", "SELECT nonsense;\n");
    output = lk_site_expect(site, "apply --no-gate", 6);
    lk_expect_text(output.err, "It is a hook of the run, after_run");
    lk_expect_text(output.err, "hooks/on_error.sql failed, too: column \"nonsense\" does not");
    lk_site_expect_value(site, applied, "3");
    lk_site_expect_value(site, "SELECT to_regclass('d') IS NULL", "t");
    lk_site_expect_value(site, "SELECT outcome FROM lockkeeper.run ORDER BY id DESC LIMIT 1",
                         "failure");
}

/* What is broken is found before anything is carried out. */
static void
test_checked_before(void **state)
{
    const struct lk_site *site = *state;

    configure_hooks(site);
    lk_site_migration(site, "V1__a.sql", "CREATE TABLE a (id int);\n");
    lk_test_write(site->dir, "hooks/after_run.sql", "SELEKT 1;\n");
    struct lk_output output = lk_site_expect(site, "lint", 1);
    lk_expect_text(output.out, "hooks/after_run.sql:1:1: error: syntax error");
    lk_site_expect(site, "apply", 1);
    output = lk_site_expect(site, "plan", 1);
    lk_expect_text(output.err, "hooks/after_run.sql:1:1");
    lk_test_write(site->dir, "hooks/after_run.sql", "VACUUM;\n");
    lk_test_write(site->dir, "hooks/before_each.sql", "SELECT 1;\nVACUUM;\n");
    output = lk_site_expect(site, "apply --no-gate", 3);
    lk_expect_text(output.err, "hooks/before_each.sql:2: VACUUM cannot be part of the transaction");
    lk_test_write(site->dir, "hooks/before_each.sql", "BEGIN;\nSELECT 1;\nCOMMIT;\n");
    output = lk_site_expect(site, "apply --no-gate", 3);
    lk_expect_text(output.err, "hooks/before_each.sql:1: BEGIN cannot be part");
    unlink(lk_fmt(site->mem, "%s/hooks/before_each.sql", site->dir));
    output = lk_site_expect(site, "apply --no-gate", 3);
    lk_expect_text(output.err, "hooks/before_each.sql");
    lk_site_expect_value(site, "SELECT to_regnamespace('lockkeeper') IS NULL", "t");
    lk_site_config(site, "migrations: [migrations]\napply: {hooks: {before_rum: x.sql}}\n");
    output = lk_site_expect(site, "apply", 2);
    lk_expect_text(output.err, "unknown key \"before_rum\"; perhaps before_run is meant");
}

static void
test_plan_holds_hooks(void **state)
{
    const struct lk_site *site = *state;

    configure_hooks(site);
    lk_site_migration(site, "V1__a.sql", "CREATE TABLE a (id int);\n");
    lk_site_expect(site, "plan -o plan.json", 0);
    note_hook(site, "hooks/after_run.sql", "other");
    struct lk_output output = lk_site_expect(site, "apply --no-gate --plan plan.json", 8);
    lk_expect_text(output.err, "the hook hooks/after_run.sql has changed since");
    lk_site_expect(site, "plan -o plan.json", 0);
    lk_site_expect(site, "apply --no-gate --plan plan.json", 0);
}

/* Flyway's callbacks, as Flyway carries them out: around every run, those of rollbacks apart. */
static void
test_flyway_callbacks(void **state)
{
    const struct lk_site *site = *state;

    make_notes(site);
    lk_site_migration(site, "V1__a.sql", "CREATE TABLE a (id int);\n");
    lk_site_migration(site, "U1__a.sql", "DROP TABLE a;\n");
    note_hook(site, "migrations/beforeMigrate.sql", "before ${flyway:user}");
    note_hook(site, "migrations/beforeEachMigrate__x.sql", "each");
    note_hook(site, "migrations/callbacks/afterMigrate.sql", "after");
    note_hook(site, "migrations/afterMigrateApplied.sql", "applied");
    note_hook(site, "migrations/beforeUndo.sql", "undo");
    note_hook(site, "migrations/afterEachUndo.sql", "undone");
    lk_site_expect(site, "apply migrations", 0);
    lk_site_expect_value(site, NOTES, "before postgres each applied after");
    lk_site_expect(site, "apply migrations", 0);
    lk_site_expect_value(site, NOTES, "before postgres each applied after before postgres after");
    lk_site_exec(site, "TRUNCATE note");
    lk_site_expect(site, "rollback --no-gate migrations", 0);
    lk_site_expect_value(site, NOTES, "undo undone");
    lk_site_expect_value(site, "SELECT count(*) FROM lockkeeper.migration WHERE kind <> 'undo'",
                         "1");
    note_hook(site, "migrations/afterVersioned.sql", "x");
    struct lk_output output = lk_site_expect(site, "apply migrations", 3);
    lk_expect_text(output.err, "migrations/afterVersioned.sql: flyway would carry this out");
}

/* A run that dies between a migration and its end repeats neither it nor what goes with it. */
static void
test_exactly_once(void **state)
{
    const struct lk_site *site = *state;

    configure_hooks(site);
    lk_site_make_gates(site);
    lk_site_migration(site, "V1__a.sql", "INSERT INTO note (what) VALUES ('one');\n");
    lk_site_migration(site, "V2__b.sql",
                      "-- lockkeeper: transaction off\n"
                      "INSERT INTO note (what) VALUES ('two');\n" LK_GATE("1"));
    struct lk_process process = lk_site_spawn(site, "apply --no-gate", NULL);
    lk_site_wait_for(site, "SELECT count(*) FROM note WHERE what = 'two'", "1");
    kill(process.pid, SIGKILL);
    lk_process_wait(site->mem, &process);
    lk_site_open_gate(site, 1);
    lk_site_expect(site, "apply --no-gate", 0);
    lk_site_expect_value(site,
                         "SELECT string_agg(what || count, ' ' ORDER BY what) FROM (SELECT what,"
                         " count(*) FROM note GROUP BY what) n",
                         "after_each2 after_run1 before_each3 before_run2 one1 two1");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        lk_site_test(test_order_and_transactions), lk_site_test(test_failing_hooks),
        lk_site_test(test_checked_before),         lk_site_test(test_plan_holds_hooks),
        lk_site_test(test_flyway_callbacks),       lk_site_test(test_exactly_once),
    };

    return lk_site_main("hooks", tests, LK_ARRAY_SIZE(tests));
}
