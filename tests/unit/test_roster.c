/*
 * tests/unit/test_roster.c
 *     rules/schema/roster: columns and constraints of relations that have many of them.
 */
#include "parser/base/buf.h"
#include "tests/unit/unit.h"

/* wide returns the catalog of a table with the columns c0 to c99 and as many named CHECKs. */
static struct lk_catalog *
wide(TALLOC_CTX *mem)
{
    struct lk_buf sql = lk_buf_init(mem);

    lk_buf_add(&sql, "CREATE TABLE t (id int PRIMARY KEY");
    for (int i = 0; i < 100; i++)
        lk_buf_addf(&sql, ", c%d int CONSTRAINT check_%d CHECK (c%d > 0)", i, i, i);
    lk_buf_add(&sql, ");");
    return lk_unit_replay(mem, sql.data);
}

/* expect_found expects each column and constraint to be found by its own name. */
static void
expect_found(const struct lk_catalog *catalog, const char *what)
{
    const struct lk_relation *table = lk_catalog_relation(catalog, NULL, "t");

    lk_vec_foreach(column, &table->columns)
        lk_expect_true(what, lk_relation_column(table, (*column)->object.name) == *column);
    lk_vec_foreach(constraint, &table->constraints)
        lk_expect_true(what,
                       lk_relation_constraint(table, (*constraint)->object.name) == *constraint);
}

static void
follows_every_change(void **state)
{
    struct lk_catalog *catalog = wide(*state);
    const struct lk_relation *table = lk_catalog_relation(catalog, NULL, "t");

    expect_found(catalog, "created");
    lk_unit_replay_on(catalog, "ALTER TABLE t RENAME COLUMN c5 TO five;"
                               "ALTER TABLE t RENAME CONSTRAINT check_6 TO six;"
                               "ALTER TABLE t DROP COLUMN c7, ADD COLUMN seven int;"
                               "ALTER INDEX t_pkey RENAME TO key;");
    expect_found(catalog, "changed");
    lk_expect_true("c5", lk_relation_column(table, "c5") == NULL);
    lk_expect_true("c7", lk_relation_column(table, "c7") == NULL);
    lk_expect_true("check_6", lk_relation_constraint(table, "check_6") == NULL);
    lk_expect_true("check_7", lk_relation_constraint(table, "check_7") == NULL);
    lk_expect_true("t_pkey", lk_relation_constraint(table, "t_pkey") == NULL);
    lk_expect_true("key", lk_relation_constraint(table, "key") != NULL);
}

static void
comes_back_with_a_rollback(void **state)
{
    struct lk_catalog *catalog = wide(*state);
    const struct lk_relation *table = lk_catalog_relation(catalog, NULL, "t");

    lk_unit_replay_on(catalog, "BEGIN; ALTER TABLE t RENAME COLUMN c5 TO five; SAVEPOINT s;"
                               "ALTER TABLE t DROP COLUMN c7, ADD COLUMN seven int;"
                               "ALTER TABLE t RENAME COLUMN five TO six; ROLLBACK TO s;");
    expect_found(catalog, "to the savepoint");
    lk_expect_true("five", lk_relation_column(table, "five") != NULL);
    lk_expect_true("c7", lk_relation_column(table, "c7") != NULL);
    lk_expect_true("seven", lk_relation_column(table, "seven") == NULL);
    lk_unit_replay_on(catalog, "ROLLBACK;");
    expect_found(catalog, "all of it");
    lk_expect_true("five", lk_relation_column(table, "five") == NULL);
    lk_expect_true("c5", lk_relation_column(table, "c5") != NULL);
}

static void
comes_with_the_number_that_needs_it(void **state)
{
    struct lk_catalog *catalog = lk_unit_replay(*state, "CREATE TABLE t (id int);");
    const struct lk_relation *table = lk_catalog_relation(catalog, NULL, "t");

    lk_unit_replay_on(catalog, "BEGIN;");
    for (int i = 0; i < 100; i++)
        lk_unit_replay_on(catalog, lk_fmt(*state, "ALTER TABLE t ADD COLUMN c%d int;", i));
    expect_found(catalog, "one by one");
    lk_unit_replay_on(catalog, "ROLLBACK;");
    lk_expect_true("c50", lk_relation_column(table, "c50") == NULL);
    expect_found(catalog, "back to few");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        lk_unit(follows_every_change),
        lk_unit(comes_back_with_a_rollback),
        lk_unit(comes_with_the_number_that_needs_it),
    };

    return cmocka_run_group_tests(tests, NULL, lk_unit_finish);
}
