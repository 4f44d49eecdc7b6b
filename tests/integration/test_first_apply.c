/*
 * tests/integration/test_first_apply.c
 *     The first apply of all where another tool has migrated the database.
 */
#include "tests/integration/adopted.h"

/* apply_blindly starts with the first file, whatever another tool has done. */
static void
apply_blindly(const struct lk_site *site, const char *words)
{
    lk_site_exec(site, "DROP TABLE IF EXISTS one, two, three");
    lk_site_expect(site, words, 0);
    lk_site_expect_value(site, "SELECT count(*) FROM lockkeeper.migration WHERE status = 'applied'",
                         "3");
}

/* Where another tool has been, the first apply does not start with the first file. */
static void
test_first_apply(void **state)
{
    const struct lk_site *site = *state;

    for (size_t i = 0; i < lk_adopted_count; i++) {
        const struct lk_adopted *tool = &lk_adopted[i];
        lk_adopted_lay_out(site, tool);
        struct lk_output output = lk_site_expect(site, "apply --no-gate", 8);
        lk_expect_text(output.err,
                       lk_fmt(site->mem, "has been migrated with %s: what ", tool->name));
        lk_expect_text(output.err, lk_fmt(site->mem, "`lockkeeper adopt --from %s`", tool->name));
        lk_site_expect(site, "apply --no-gate --dry-run", 8);
        lk_site_expect(site, "plan", 8);
        lk_site_expect(site, "status --exit-code", 8);
        output = lk_site_expect(site, "status", 0);
        lk_expect_text(output.err, lk_fmt(site->mem, "has been migrated with %s", tool->name));
        lk_expect_text(output.out, "3 pending");
        lk_site_expect_value(site, "SELECT to_regnamespace('lockkeeper') IS NULL", "t");
        /* neither what was not applied nor what was left out is a beginning */
        if (i == 0) {
            lk_site_expect(site, lk_fmt(site->mem, "skip %s --reason no", tool->files[0].name), 0);
            lk_site_expect(site, "apply --no-gate", 8);
        }
        lk_site_expect(site, lk_fmt(site->mem, "adopt --from %s", tool->name), 0);
        lk_site_expect(site, "plan", 0);
    }
}

/* It goes on where it is said to, or where the other history is none of this database's. */
static void
test_first_apply_anyway(void **state)
{
    const struct lk_site *site = *state;
    const struct lk_adopted *dbmate = lk_adopted_find("dbmate");

    lk_adopted_lay_out(site, dbmate);
    apply_blindly(site, "apply --no-gate --ignore-other-history");
    lk_site_expect(site, "apply --no-gate", 0);
    lk_adopted_lay_out(site, dbmate);
    lk_site_config(site, "migrations: [migrations]\napply: {other_history: ignore}\n");
    apply_blindly(site, "apply --no-gate");
    /* nothing in it */
    lk_adopted_lay_out(site, dbmate);
    lk_site_exec(site, "DELETE FROM schema_migrations");
    apply_blindly(site, "apply --no-gate");
    lk_adopted_lay_out(site, lk_adopted_find("goose"));
    lk_site_exec(site, "DELETE FROM goose_db_version WHERE version_id <> 0");
    apply_blindly(site, "apply --no-gate");
    /* of others: in a schema that nobody looks into */
    lk_adopted_lay_out(site, dbmate);
    lk_site_exec(site, "CREATE SCHEMA other; ALTER TABLE schema_migrations SET SCHEMA other");
    apply_blindly(site, "apply --no-gate");
    /* a table that is only called so */
    lk_adopted_lay_out(site, dbmate);
    lk_site_exec(site, "ALTER TABLE schema_migrations RENAME version TO release");
    apply_blindly(site, "apply --no-gate");
    /* what is there is said to be there */
    lk_adopted_lay_out(site, dbmate);
    lk_site_exec(site, LK_ADOPTED_ONE LK_ADOPTED_TWO);
    lk_site_expect(site, "baseline --at 20260102000000", 0);
    lk_expect_text(lk_site_expect(site, "apply --no-gate", 0).out, "1 migration applied");
}

/* What the role may not read, it cannot take for empty. */
static void
test_first_apply_hidden(void **state)
{
    const struct lk_site *site = *state;
    char *url = lk_fmt(site->mem, "%s&user=hidden_%s", site->url, site->database);

    if (strchr(site->url, '?') == NULL)
        url = lk_fmt(site->mem, "%s user=hidden_%s", site->url, site->database);
    lk_adopted_lay_out(site, lk_adopted_find("dbmate"));
    lk_site_exec(site, lk_fmt(site->mem,
                              "CREATE ROLE hidden_%s LOGIN; GRANT USAGE ON SCHEMA public TO"
                              " hidden_%s",
                              site->database, site->database));
    const char *args[] = {LK_BINARY, "apply", "--no-gate", "--url", url, NULL};
    struct lk_output output = lk_test_run(site->mem, site->dir, args, NULL);
    lk_expect_exit(&output, 8);
    lk_expect_text(output.err, "has been migrated with dbmate");
    lk_site_exec(site, lk_fmt(site->mem, "DROP OWNED BY hidden_%s; DROP ROLE hidden_%s",
                              site->database, site->database));
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        lk_site_test(test_first_apply),
        lk_site_test(test_first_apply_anyway),
        lk_site_test(test_first_apply_hidden),
    };

    return lk_site_main("first_apply", tests, LK_ARRAY_SIZE(tests));
}
