/*
 * tests/integration/test_switch_off.c
 *     What `fix` writes and hints say so that a tool runs a migration outside of a transaction,
 * given to the tool itself. Each refuses the same statement without it: else the test proves
 * nothing.
 */
#include "tests/integration/tool.h"

#define TABLE "CREATE TABLE one (id int);\n"
#define INDEX "CREATE INDEX CONCURRENTLY one_idx ON one (id);\n"
#define PLAIN "CREATE INDEX one_idx ON one (id);\n"
#define REFUSAL "CONCURRENTLY cannot"
#define VALID                                                                                      \
    "SELECT coalesce((SELECT indisvalid FROM pg_index"                                             \
    " WHERE indexrelid = to_regclass('one_idx')), false)"

static void
is_refused(const struct lk_site *site, const struct lk_output output)
{
    if (output.exit_code == 0)
        fail_msg("it takes CONCURRENTLY inside of its transaction:\n%s%s", output.out, output.err);
    lk_expect_text(lk_fmt(site->mem, "%s%s", output.out, output.err), REFUSAL);
    lk_site_expect_value(site, VALID, "f");
}

static void
is_taken(const struct lk_site *site, const struct lk_output output)
{
    if (output.exit_code != 0)
        fail_msg("it ends with exit code %d:\n%s%s", output.exit_code, output.out, output.err);
    lk_site_expect_value(site, VALID, "t");
}

/*
 * fixes has the tool refuse the index in the second migration, and take what `fix` makes of one
 * that is not built concurrently.
 */
static void
fixes(const struct lk_site *site, const char *naming,
      struct lk_output (*tool)(const struct lk_site *site), const char *const names[2],
      const char *up, const char *down)
{
    lk_site_config(site, lk_fmt(site->mem, "naming: %s\nmigrations: [migrations]\n", naming));
    lk_site_migration(site, names[0], lk_fmt(site->mem, "%s" TABLE "%s", up, down));
    lk_site_migration(site, names[1], lk_fmt(site->mem, "%s" INDEX "%s", up, down));
    is_refused(site, tool(site));
    lk_site_migration(site, names[1], lk_fmt(site->mem, "%s" PLAIN "%s", up, down));
    lk_site_expect(site, "fix", 0);
    is_taken(site, tool(site));
}

static void
test_dbmate(void **state)
{
    static const char *const names[] = {"20260101000000_one.sql", "20260102000000_two.sql"};

    fixes(*state, "dbmate", lk_tool_dbmate, names, "-- migrate:up\n", "-- migrate:down\n");
}

static void
test_sql_migrate(void **state)
{
    static const char *const names[] = {"1_one.sql", "2_two.sql"};

    fixes(*state, "sql-migrate", lk_tool_sql_migrate, names, "-- +migrate Up\n", "");
}

/* A hash of a migration is that of the one before it, a newline and its text. */
static const char *
committed(const struct lk_site *site, const char *previous, const char *text, const char **hash)
{
    const char *const args[] = {
        LK_NODE,
        "-e",
        "process.stdout.write('sha1:' + require('crypto').createHash('sha1')"
        ".update((process.argv[1] + '\\n' + process.argv[2]).trim() + '\\n')"
        ".digest('hex'))",
        previous[0] == '-' ? "" : previous,
        text,
        NULL};

    *hash = lk_test_run(site->mem, site->dir, args, NULL).out;
    return lk_fmt(site->mem, "--! Previous: %s\n--! Hash: %s\n\n%s", previous, *hash, text);
}

/* What is committed is not to be edited: the hint says how the next one is to begin. */
static void
test_graphile_migrate(void **state)
{
    const struct lk_site *site = *state;
    const char *first, *second;

    lk_site_config(site, "naming: graphile-migrate\nmigrations: [migrations]\n");
    lk_site_migration(site, "committed/000001.sql", committed(site, "-", TABLE, &first));
    lk_site_migration(site, "committed/000002.sql", committed(site, first, INDEX, &second));
    lk_expect_text(lk_site_run(site, "lint").out, "\"--! no-transaction\" on top of it");
    is_refused(site, lk_tool_npm(site, "graphile-migrate", "migrations"));
    lk_site_migration(site, "committed/000002.sql",
                      committed(site, first, "--! no-transaction\n" INDEX, &second));
    is_taken(site, lk_tool_npm(site, "graphile-migrate", "migrations"));
}

static void
test_node_pg_migrate(void **state)
{
    const struct lk_site *site = *state;

    lk_site_config(site, "naming: node-pg-migrate\nmigrations: [migrations]\n");
    lk_site_migration(site, "1767225600000_one.sql", "-- Up Migration\n" TABLE);
    lk_site_migration(site, "1767312000000_two.sql", "-- Up Migration\n" INDEX);
    lk_expect_text(lk_site_run(site, "lint").out, "pgm.noTransaction()");
    is_refused(site, lk_tool_npm(site, "node-pg-migrate", "migrations"));
    lk_site_migration(site, "../programs/1767225600000_one.sql", "-- Up Migration\n" TABLE);
    lk_site_migration(site, "../programs/1767312000000_two.js",
                      "exports.up = (pgm) => {\n  pgm.noTransaction();\n  pgm.sql(`" INDEX
                      "`);\n};\n");
    is_taken(site, lk_tool_npm(site, "node-pg-migrate", "programs"));
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        lk_site_test(test_dbmate),
        lk_site_test(test_graphile_migrate),
        lk_site_test(test_node_pg_migrate),
        lk_site_test(test_sql_migrate),
    };

    return lk_site_main("switch_off", tests, LK_ARRAY_SIZE(tests));
}
