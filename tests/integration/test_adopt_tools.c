/*
 * tests/integration/test_adopt_tools.c
 *     Taking over from the real tools: each carries two migrations out, lockkeeper the third one.
 */
#include "tests/integration/tool.h"

#define ONE "CREATE TABLE one (id int);\n"
#define TWO "CREATE TABLE two (id int);\n"
#define THREE "CREATE TABLE three (id int);\n"

/* done wants a tool to have succeeded. */
static void
done(const struct lk_output output)
{
    if (output.exit_code != 0)
        fail_msg("it ends with exit code %d:\n%s%s", output.exit_code, output.out, output.err);
}

/* take_over adopts two migrations, and carries the third one out. */
static void
take_over(const struct lk_site *site, const char *tool, const char *naming)
{
    lk_site_config(site, lk_fmt(site->mem, "naming: %s\nmigrations: [migrations]\n", naming));
    lk_site_expect_value(site,
                         "SELECT to_regclass('one') IS NOT NULL,"
                         " to_regclass('two') IS NOT NULL",
                         "t|t");
    struct lk_output output = lk_site_expect(site, "adopt", 0);
    lk_expect_text(output.out, lk_fmt(site->mem, "from %s, ", tool));
    lk_expect_text(output.out, "2 changes to the history");
    lk_site_expect(site, "status --exit-code", 1);
    lk_expect_text(lk_site_expect(site, "apply --no-gate", 0).out, "1 migration applied");
    lk_site_expect_value(site, "SELECT to_regclass('three') IS NOT NULL", "t");
    lk_site_expect(site, "status --exit-code", 0);
    lk_expect_text(lk_site_expect(site, "adopt", 0).out, "nothing to do");
}

static void
test_dbmate(void **state)
{
    const struct lk_site *site = *state;

    lk_site_migration(site, "20260101000000_one.sql", "-- migrate:up\n" ONE "-- migrate:down\n");
    lk_site_migration(site, "20260102000000_two.sql", "-- migrate:up\n" TWO "-- migrate:down\n");
    done(lk_tool_dbmate(site));
    lk_site_migration(site, "20260103000000_three.sql",
                      "-- migrate:up\n" THREE "-- migrate:down\n");
    take_over(site, "dbmate", "dbmate");
}

#define KNEX_FILE(sql) "exports.up = (knex) => knex.raw(`" sql "`);\nexports.down = () => {};\n"

static void
test_knex(void **state)
{
    const struct lk_site *site = *state;

    lk_site_migration(site, "../programs/20260101000000_one.js", KNEX_FILE(ONE));
    lk_site_migration(site, "../programs/20260102000000_two.js", KNEX_FILE(TWO));
    done(lk_tool_npm(site, "knex", "programs"));
    lk_site_migration(site, "20260101000000_one.sql", ONE);
    lk_site_migration(site, "20260102000000_two.sql", TWO);
    lk_site_migration(site, "20260103000000_three.sql", THREE);
    take_over(site, "knex", "timestamp");
}

static void
test_node_pg_migrate(void **state)
{
    const struct lk_site *site = *state;

    lk_site_migration(site, "1767225600000_one.sql", "-- Up Migration\n" ONE);
    lk_site_migration(site, "1767312000000_two.sql", "-- Up Migration\n" TWO);
    done(lk_tool_npm(site, "node-pg-migrate", "migrations"));
    lk_site_migration(site, "1767398400000_three.sql", "-- Up Migration\n" THREE);
    take_over(site, "node-pg-migrate", "node-pg-migrate");
}

static void
test_graphile_migrate(void **state)
{
    const struct lk_site *site = *state;

    lk_site_migration(
        site, "committed/000001.sql",
        "--! Previous: -\n--! Hash: sha1:35dc69a24888b5212827c31ec5317e0293082a67\n\n" ONE);
    lk_site_migration(site, "committed/000002-two.sql",
                      "--! Previous: sha1:35dc69a24888b5212827c31ec5317e0293082a67\n"
                      "--! Hash: sha1:4e904be14b3e6c077c5427a71b034bbd3643580d\n\n" TWO);
    done(lk_tool_npm(site, "graphile-migrate", "migrations"));
    lk_site_migration(site, "committed/000003.sql",
                      "--! Previous: sha1:4e904be14b3e6c077c5427a71b034bbd3643580d\n"
                      "--! Hash: sha1:4ac0d20560a0d50b0aa2b260418ea443bb53471b\n\n" THREE);
    take_over(site, "graphile-migrate", "graphile-migrate");
}

#define EXECUTE(sql) "    op.execute('''" sql "''')\n"

static void
test_alembic(void **state)
{
    const struct lk_site *site = *state;

    lk_site_migration(site, "../alembic/versions/1975ea83b712_one.py",
                      LK_ALEMBIC_FILE("1975ea83b712", "None", EXECUTE(ONE)));
    lk_site_migration(site, "../alembic/versions/ae1027a6acf0_two.py",
                      LK_ALEMBIC_FILE("ae1027a6acf0", "'1975ea83b712'", EXECUTE(TWO)));
    done(lk_tool_alembic(site));
    lk_site_migration(site, "0001_1975ea83b712_one.sql", ONE);
    lk_site_migration(site, "0002_ae1027a6acf0_two.sql", TWO);
    lk_site_migration(site, "0003_three.sql", THREE);
    take_over(site, "alembic", "plain");
}

static void
test_sql_migrate(void **state)
{
    const struct lk_site *site = *state;

    lk_site_migration(site, "1_one.sql", "-- +migrate Up\n" ONE);
    lk_site_migration(site, "2_two.sql", "-- +migrate Up\n" TWO);
    done(lk_tool_sql_migrate(site));
    lk_site_migration(site, "3_three.sql", "-- +migrate Up\n" THREE);
    take_over(site, "sql-migrate", "sql-migrate");
}

#define SQITCH_PLAN                                                                                \
    "%syntax-version=1.0.0\n%project=p\n\n"                                                        \
    "one 2026-01-01T00:00:00Z Ann <ann@example.com> # first\n"                                     \
    "two 2026-01-02T00:00:00Z Ann <ann@example.com> # second\n"

static void
test_sqitch(void **state)
{
    const struct lk_site *site = *state;

    lk_site_migration(site, "sqitch.plan", SQITCH_PLAN);
    lk_site_migration(site, "deploy/one.sql", "BEGIN;\n" ONE "COMMIT;\n");
    lk_site_migration(site, "deploy/two.sql", "BEGIN;\n" TWO "COMMIT;\n");
    done(lk_tool_sqitch(site));
    lk_site_migration(site, "sqitch.plan",
                      SQITCH_PLAN "three 2026-01-03T00:00:00Z Ann <ann@example.com> # third\n");
    lk_site_migration(site, "deploy/three.sql", "BEGIN;\n" THREE "COMMIT;\n");
    take_over(site, "sqitch", "sqitch");
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        lk_site_test(test_alembic),          lk_site_test(test_dbmate),
        lk_site_test(test_graphile_migrate), lk_site_test(test_knex),
        lk_site_test(test_node_pg_migrate),  lk_site_test(test_sql_migrate),
        lk_site_test(test_sqitch),
    };

    return lk_site_main("adopt_tools", tests, LK_ARRAY_SIZE(tests));
}
