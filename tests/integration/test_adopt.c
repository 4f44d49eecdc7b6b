/*
 * tests/integration/test_adopt.c
 *     Taking over from other tools: tables as those make them, of which the first two migrations
 *     are applied and the third one is not.
 */
#include <unistd.h>

#include "tests/integration/adopted.h"

/* What a history holds of the first two. */
#define ADOPTED                                                                                    \
    "SELECT script, status, reason FROM lockkeeper.migration WHERE status <> 'baseline'"           \
    " ORDER BY rank"

/* rows_of returns all that a history of a tool holds. */
static char *
rows_of(const struct lk_site *site, const struct lk_adopted *tool)
{
    return lk_site_value(site,
                         lk_fmt(site->mem, "SELECT t::text FROM %s t ORDER BY 1", tool->table));
}

/* go_on wants a site whose first two migrations are adopted and whose third one is applied next. */
static void
go_on(const struct lk_site *site)
{
    lk_site_expect(site, "status --exit-code", 1);
    lk_site_expect_value(site,
                         "SELECT count(*), count(*) FILTER (WHERE status = 'applied')"
                         " FROM lockkeeper.migration",
                         "2|2");
    struct lk_output output = lk_site_expect(site, "apply --no-gate", 0);
    lk_expect_text(output.out, "1 migration applied");
    lk_site_expect_value(site,
                         "SELECT to_regclass('one') IS NULL, to_regclass('two') IS NULL,"
                         " to_regclass('three') IS NOT NULL",
                         "t|t|t");
    lk_site_expect(site, "status --exit-code", 0);
    lk_site_expect(site, "validate", 0);
}

static void
test_all(void **state)
{
    const struct lk_site *site = *state;

    for (size_t i = 0; i < lk_adopted_count; i++) {
        const struct lk_adopted *tool = &lk_adopted[i];
        lk_adopted_lay_out(site, tool);
        char *before = rows_of(site, tool);
        struct lk_output output = lk_site_expect(site, "adopt --dry-run", 0);
        lk_expect_text(output.out, lk_fmt(site->mem, "from %s, ", tool->name));
        lk_expect_text(output.out, "2 changes would be made");
        lk_site_expect_value(site, "SELECT to_regnamespace('lockkeeper') IS NULL", "t");
        output = lk_site_expect(site, "adopt -f json", 0);
        lk_expect_text(output.out, lk_fmt(site->mem, "\"tool\": \"%s\"", tool->name));
        lk_site_expect_value(
            site, "SELECT count(*) FROM lockkeeper.migration WHERE status = 'applied'", "2");
        output = lk_site_expect(site, "adopt", 0);
        lk_expect_text(output.out, "nothing to do");
        go_on(site);
        output = lk_site_expect(site, lk_fmt(site->mem, "adopt --from %s", tool->name), 0);
        lk_expect_text(output.out, "nothing to do");
        assert_string_equal(rows_of(site, tool), before);
    }
}

static void
test_unfinished(void **state)
{
    const struct lk_site *site = *state;

    for (size_t i = 0; i < lk_adopted_count; i++) {
        if (lk_adopted[i].unfinished == NULL)
            continue;
        lk_adopted_lay_out(site, &lk_adopted[i]);
        lk_site_exec(site, lk_adopted[i].unfinished);
        struct lk_output output = lk_site_expect(site, "adopt", 8);
        lk_expect_text(output.err,
                       lk_fmt(site->mem, "%s has stopped in the middle of", lk_adopted[i].name));
        lk_expect_text(output.err, "Then adopt again.");
        lk_site_expect_value(site, "SELECT to_regnamespace('lockkeeper') IS NULL", "t");
    }
}

static void
test_changed(void **state)
{
    const struct lk_site *site = *state;
    unsigned count = 0;

    for (size_t i = 0; i < lk_adopted_count; i++) {
        const struct lk_adopted *tool = &lk_adopted[i];
        if (tool->forget == NULL)
            continue;
        count++;
        lk_adopted_lay_out(site, tool);
        lk_site_exec(site, tool->forget);
        struct lk_output output = lk_site_expect(site, "adopt", 8);
        lk_expect_text(output.err,
                       lk_fmt(site->mem, "changed since %s has applied them", tool->name));
        lk_expect_text(output.err, "two");
        lk_site_expect_value(site, "SELECT to_regnamespace('lockkeeper') IS NULL", "t");
        const char *script = tool->files[1].name;
        lk_site_expect(site, lk_fmt(site->mem, "adopt --accept migrations/%s", script), 0);
        go_on(site);
    }
    assert_int_equal(count, 6);
}

static void
test_missing(void **state)
{
    static const char *const names[] = {"dbmate", "knex", "prisma", "sqlx"};
    const struct lk_site *site = *state;

    for (size_t i = 0; i < LK_ARRAY_SIZE(names); i++) {
        const struct lk_adopted *tool = lk_adopted_find(names[i]);
        lk_adopted_lay_out(site, tool);
        assert_int_equal(
            unlink(lk_fmt(site->mem, "%s/migrations/%s", site->dir, tool->files[0].name)), 0);
        struct lk_output output = lk_site_expect(site, "adopt", 8);
        lk_expect_text(output.err, "has applied what has no file here: 20260101000000");
        lk_expect_text(output.err, "--delete-missing");
        lk_site_expect(site, "adopt --delete-missing", 0);
        lk_expect_text(lk_site_expect(site, "adopt --delete-missing", 0).out, "nothing to do");
        lk_expect_text(lk_site_expect(site, "status", 0).out, "1 deleted");
        lk_expect_text(lk_site_expect(site, "apply --no-gate", 0).out, "1 migration applied");
    }
    /* of one that keeps its last version alone, the file has to be there */
    lk_adopted_lay_out(site, lk_adopted_find("tern"));
    lk_site_exec(site, "UPDATE schema_version SET version = 7");
    lk_expect_text(lk_site_expect(site, "adopt", 8).err, "lockkeeper baseline --at VERSION");
}

static void
test_locks(void **state)
{
    const struct lk_site *site = *state;

    for (size_t i = 0; i < lk_adopted_count; i++) {
        const struct lk_adopted *tool = &lk_adopted[i];
        const char *key = tool->key;
        if (key == NULL)
            continue;
        lk_adopted_lay_out(site, tool);
        if (strcmp(tool->name, "golang-migrate") == 0) /* the database's name is in it */
            continue;
        lk_site_exec(site, lk_fmt(site->mem, "BEGIN; SELECT pg_advisory_xact_lock(%s)", key));
        lk_expect_text(lk_site_expect(site, "adopt", 5).err,
                       lk_fmt(site->mem, "%s is working on", tool->name));
        lk_site_exec(site, "COMMIT");
        lk_site_expect(site, "adopt", 0);
    }
    lk_adopted_lay_out(site, lk_adopted_find("knex"));
    lk_site_exec(site, "UPDATE knex_migrations_lock SET is_locked = 1");
    lk_expect_text(lk_site_expect(site, "adopt", 5).err, "knex migrate:unlock");
}

static void
test_choice(void **state)
{
    const struct lk_site *site = *state;
    const struct lk_adopted *dbmate = lk_adopted_find("dbmate");

    lk_adopted_lay_out(site, dbmate);
    lk_site_exec(site, lk_adopted_find("knex")->tables);
    struct lk_output output = lk_site_expect(site, "adopt", 2);
    lk_expect_text(output.err, "histories of several tools: knex (public.knex_migrations), "
                               "dbmate (public.schema_migrations)");
    lk_expect_text(output.err, "--from TOOL");
    lk_expect_text(lk_site_expect(site, "adopt --from gose", 2).err, "Perhaps goose is meant");
    lk_expect_text(lk_site_expect(site, "adopt --from goose", 2).err, "has no history of goose");
    lk_site_expect(site, "adopt --from dbmate", 0);
    go_on(site);
    /* two of one tool, and one that is called otherwise */
    lk_adopted_lay_out(site, dbmate);
    lk_site_exec(site, "CREATE SCHEMA other; CREATE TABLE other.schema_migrations (version varchar"
                       " PRIMARY KEY)");
    lk_expect_text(lk_site_expect(site, "adopt", 2).err, "--table SCHEMA.TABLE");
    lk_site_expect(site, "adopt --table public.schema_migrations", 0);
    go_on(site);
    lk_adopted_lay_out(site, dbmate);
    lk_site_exec(site, "ALTER TABLE schema_migrations RENAME TO \"My versions\"");
    lk_expect_text(lk_site_expect(site, "adopt", 2).err, "no history of another tool");
    const char *args[] = {LK_BINARY,     "adopt", "--from",  "dbmate", "--table",
                          "My versions", "--url", site->url, NULL};
    output = lk_test_run(site->mem, site->dir, args, NULL);
    lk_expect_exit(&output, 0);
    go_on(site);
    /* nothing there at all */
    lk_adopted_lay_out(site, dbmate);
    lk_site_exec(site, "DROP TABLE schema_migrations");
    lk_expect_text(lk_site_expect(site, "adopt", 2).err, "--query");
}

/* query runs adopt --query SQL. */
static struct lk_output
query(const struct lk_site *site, const char *sql, int exit_code)
{
    const char *args[] = {LK_BINARY, "adopt", "--query", sql, "--url", site->url, NULL};
    struct lk_output output = lk_test_run(site->mem, site->dir, args, NULL);

    lk_expect_exit(&output, exit_code);
    return output;
}

static void
test_query(void **state)
{
    const struct lk_site *site = *state;

    lk_adopted_lay_out(site, lk_adopted_find("sqlx"));
    lk_site_exec(site, "CREATE TABLE done (v text, sum text, at timestamptz, who text);"
                       " INSERT INTO done VALUES ('20260101000000', md5(E'" LK_ADOPTED_ONE "'),"
                       " '2026-01-01 10:00+00', 'ann'), ('20260102000000', NULL,"
                       " '2026-01-02 10:00+00', NULL)");
    lk_expect_text(query(site, "SELECT v FROM done", 2).err, "the column v means nothing here");
    lk_expect_text(query(site, "SELECT sum AS checksum FROM done", 2).err,
                   "returns neither version nor script");
    lk_expect_text(query(site, "SELECT nothing", 2).err, "--query: column \"nothing\"");
    lk_expect_text(query(site, "DELETE FROM done", 2).err, "--query: ");
    lk_site_expect_value(site, "SELECT count(*) FROM done", "2");
    query(site,
          "SELECT v AS version, sum AS checksum, at AS installed_at, who AS installed_by FROM done"
          " ORDER BY v;",
          0);
    lk_site_expect_value(site,
                         "SELECT script, status, finished_at AT TIME ZONE 'UTC', who, reason FROM"
                         " lockkeeper.migration ORDER BY rank",
                         "20260101000000_one.sql|applied|2026-01-01 10:00:00|ann|by another tool,"
                         " of a query\n20260102000000_two.sql|applied|2026-01-02 10:00:00|postgres"
                         "|by another tool, of a query");
    go_on(site);
}

static void
test_flyway(void **state)
{
    const struct lk_site *site = *state;
    const struct lk_adopted *flyway = lk_adopted_find("flyway");

    lk_adopted_lay_out(site, flyway);
    lk_site_migration(site, "R__view.sql", "CREATE OR REPLACE VIEW v AS SELECT 1;\n");
    lk_site_migration(site, "R__same.sql", LK_ADOPTED_ONE);
    lk_site_exec(site,
                 "UPDATE flyway_schema_history SET installed_rank = installed_rank + 10;"
                 " INSERT INTO flyway_schema_history VALUES"
                 " (0, NULL, '<< Flyway Schema Creation >>', 'SCHEMA', '\"public\"', NULL, 'x',"
                 " now(), 0, true),"
                 " (1, '0.5', '<< Flyway Baseline >>', 'BASELINE', '<< Flyway Baseline >>', NULL,"
                 " 'x', now(), 0, true),"
                 " (2, '0.7', 'java', 'JDBC', 'db.migration.V0_7__java', 1, 'x', now(), 0, true),"
                 " (3, '0.8', 'gone', 'SQL', 'V0_8__gone.sql', 1, 'x', now(), 0, true),"
                 " (4, '0.8', 'gone', 'DELETE', 'V0_8__gone.sql', 1, 'x', now(), 0, true),"
                 " (21, NULL, 'view', 'SQL', 'R__view.sql', 5, 'x', now(), 0, true),"
                 " (22, NULL, 'view', 'SQL', 'R__view.sql', 6, 'x', now(), 0, true),"
                 " (23, NULL, 'same', 'SQL', 'R__same.sql', -787082930, 'x', now(), 0, true)");
    lk_site_expect(site, "adopt", 0);
    lk_site_expect_value(site,
                         "SELECT kind, version, script, status FROM lockkeeper.migration"
                         " ORDER BY rank",
                         "baseline|0.5|<< baseline >>|baseline\n"
                         "versioned|0.7|db.migration.V0_7__java|deleted\n"
                         "versioned|1|V1__one.sql|applied\n"
                         "versioned|2|V2__two.sql|applied\n"
                         "repeatable||R__view.sql|applied\n"
                         "repeatable||R__same.sql|applied");
    /* what was another file is run again */
    struct lk_output output = lk_site_expect(site, "apply --no-gate", 0);
    lk_expect_text(output.out, "applied V3__three.sql");
    lk_expect_text(output.out, "applied R__view.sql");
    lk_expect_text(output.out, "2 migrations applied");
    lk_expect_text(lk_site_expect(site, "adopt", 0).out, "nothing to do");
}

/* A database that lockkeeper has kept in Flyway's form becomes its own. */
static void
test_own_flyway(void **state)
{
    const struct lk_site *site = *state;

    lk_adopted_lay_out(site, lk_adopted_find("flyway"));
    lk_site_exec(site, "DROP TABLE flyway_schema_history");
    lk_site_config(site, "migrations: [migrations]\napply: {history: flyway}\n");
    lk_site_expect(site, "apply --no-gate --to 2", 0);
    lk_expect_text(lk_site_expect(site, "adopt", 2).err, "adopt writes the native history");
    lk_site_config(site, "migrations: [migrations]\n");
    lk_expect_text(lk_site_expect(site, "apply --no-gate", 8).err, "lockkeeper adopt");
    lk_site_expect(site, "adopt", 0);
    lk_expect_text(lk_site_expect(site, "apply --no-gate", 0).out, "1 migration applied");
    lk_site_expect_value(site, "SELECT count(*) FROM flyway_schema_history", "2");
}

/* What was taken back here is not applied again by what the other tool still says. */
static void
test_taken_back(void **state)
{
    const struct lk_site *site = *state;

    lk_adopted_lay_out(site, lk_adopted_find("golang-migrate"));
    lk_site_exec(site, LK_ADOPTED_ONE LK_ADOPTED_TWO);
    lk_site_expect(site, "adopt", 0);
    lk_site_expect(site, "rollback --no-gate", 0);
    lk_site_expect_value(site, "SELECT to_regclass('two') IS NULL", "t");
    lk_expect_text(lk_site_expect(site, "adopt", 0).out, "nothing to do");
    lk_expect_text(lk_site_expect(site, "apply --no-gate", 0).out, "2 migrations applied");
}

/* The reworked change of Sqitch is two changes of one name. */
static void
test_rework(void **state)
{
    const struct lk_site *site = *state;

    lk_adopted_lay_out(site, lk_adopted_find("sqitch"));
    lk_site_migration(site, "deploy/one@v1.sql", LK_ADOPTED_ONE);
    lk_site_migration(site, "deploy/one.sql", LK_ADOPTED_TWO);
    assert_int_equal(unlink(lk_fmt(site->mem, "%s/migrations/deploy/two.sql", site->dir)), 0);
    lk_site_migration(site, "sqitch.plan",
                      "%syntax-version=1.0.0\n%project=p\n\n"
                      "one 2026-01-01T00:00:00Z Ann <a@x> # first\n"
                      "@v1 2026-01-01T00:00:00Z Ann <a@x> # tag\n\n"
                      "one [one@v1] 2026-01-02T00:00:00Z Ann <a@x> # second\n"
                      "three 2026-01-03T00:00:00Z Ann <a@x> # third\n");
    lk_site_exec(site, "UPDATE sqitch.changes SET change = 'one'");
    lk_site_expect(site, "adopt", 0);
    lk_site_expect_value(site, "SELECT script FROM lockkeeper.migration ORDER BY rank",
                         "deploy/one@v1.sql\ndeploy/one.sql");
    go_on(site);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        lk_site_test(test_all),     lk_site_test(test_unfinished), lk_site_test(test_changed),
        lk_site_test(test_missing), lk_site_test(test_locks),      lk_site_test(test_choice),
        lk_site_test(test_query),   lk_site_test(test_flyway),     lk_site_test(test_own_flyway),
        lk_site_test(test_rework),  lk_site_test(test_taken_back),
    };

    return lk_site_main("adopt", tests, LK_ARRAY_SIZE(tests));
}
