/*
 * tests/unit/test_names.c
 *     rules/schema/names: which names of constraints are taken, when many had the same one.
 */
#include "rules/schema/catalog_private.h"
#include "tests/unit/unit.h"

#define MANY 40

static void
make_and_drop(struct lk_catalog *catalog)
{
    for (int i = 0; i < MANY; i++)
        lk_unit_replay_on(catalog, "CREATE TABLE t (a int CHECK (a > 0)); DROP TABLE t");
}

static void
former_constraints_are_forgotten(void **state)
{
    struct lk_catalog *catalog = lk_unit_replay(*state, "SELECT 1");

    make_and_drop(catalog);
    lk_expect_true("all dropped", !lk_constraint_named(catalog, "public", "t_a_check"));
    lk_unit_replay_on(catalog, "CREATE TABLE t (a int CHECK (a > 0))");
    lk_expect_true("made again", lk_constraint_named(catalog, "public", "t_a_check"));
    lk_names_settle(catalog);
    lk_expect_true("settled", lk_constraint_named(catalog, "public", "t_a_check"));
    lk_expect_true("in another schema", !lk_constraint_named(catalog, "s", "t_a_check"));
}

static void
what_comes_back_is_not_forgotten(void **state)
{
    struct lk_catalog *catalog =
        lk_unit_replay(*state, "CREATE TABLE kept (a int CONSTRAINT t_a_check CHECK (a > 0))");

    lk_unit_replay_on(catalog, "BEGIN; DROP TABLE kept");
    make_and_drop(catalog);
    lk_expect_true("dropped", !lk_constraint_named(catalog, "public", "t_a_check"));
    lk_unit_replay_on(catalog, "ROLLBACK");
    lk_expect_true("back", lk_constraint_named(catalog, "public", "t_a_check"));
    make_and_drop(catalog);
    lk_expect_true("still there", lk_constraint_named(catalog, "public", "t_a_check"));
}

static void
names_follow_moves(void **state)
{
    struct lk_catalog *catalog =
        lk_unit_replay(*state, "CREATE TABLE t (a int CONSTRAINT c CHECK (a > 0)); CREATE SCHEMA s;"
                               "ALTER TABLE t SET SCHEMA s");

    lk_expect_true("left", !lk_constraint_named(catalog, "public", "c"));
    lk_expect_true("came", lk_constraint_named(catalog, "s", "c"));
    lk_unit_replay_on(catalog, "ALTER TABLE s.t RENAME CONSTRAINT c TO d");
    lk_names_settle(catalog);
    lk_expect_true("renamed", !lk_constraint_named(catalog, "s", "c"));
    lk_expect_true("by its new name", lk_constraint_named(catalog, "s", "d"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        lk_unit(former_constraints_are_forgotten),
        lk_unit(what_comes_back_is_not_forgotten),
        lk_unit(names_follow_moves),
    };

    return cmocka_run_group_tests_name("names", tests, NULL, lk_unit_finish);
}
