/*
 * tests/unit/test_replay_maybe.c
 *     rules/schema/replay_maybe: what the schema is when nobody knows what was carried out.
 */
#include "rules/schema/replay.h"

#include "tests/unit/dump.h"
#include "tests/unit/unit.h"

struct doubt {
    const char *before; /* carried out */
    const char *maybe;  /* perhaps */
    const char *after;  /* carried out; NULL: nothing */
    const char *schema;
};

static void
maybe(struct lk_catalog *catalog, const char *sql)
{
    struct lk_script *script = lk_unit_script(catalog, sql);

    assert_non_null(lk_script_tree(script, 0));
    lk_replay_maybe(catalog, &script->statements.items[0], script->source->text);
}

static void
the_schema_keeps_what_is_sure(void **state)
{
    static const struct doubt cases[] = {
        {"SELECT 1", "CREATE TABLE t (a int)", NULL, "table public.t (a integer) ...\n"},
        {"CREATE TABLE t (b text)", "CREATE TABLE t (a int)", NULL, "table public.t (b text)\n"},
        /* the other branch of an IF */
        {"SELECT 1", "CREATE TABLE t (a int)", "CREATE TABLE t (b text)",
         "table public.t (b text)\n"},
        {"CREATE TABLE t (a int)", "DROP TABLE t", NULL, "table public.t (a integer) ...\n"},
        {"CREATE TABLE t (a int NOT NULL)", "ALTER TABLE t ALTER a TYPE text", NULL,
         "table public.t (a ?) ...\n"},
        {"CREATE TABLE t (a int)", "ALTER TABLE t ADD b int NOT NULL", NULL,
         "table public.t (a integer, b ?) ...\n"},
        {"CREATE TABLE t (a int)", "ALTER TABLE t DROP a", NULL, "table public.t (a ?) ...\n"},
        {"CREATE TABLE t (a int)", "ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0)", NULL,
         "table public.t (a integer) ...\n  c check not valid\n"},
        {"CREATE TABLE t (a int)", "ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID",
         "ALTER TABLE t VALIDATE CONSTRAINT c", "table public.t (a integer) ...\n  c check\n"},
        {"CREATE TABLE t (a int)", "CREATE INDEX i ON t (a)", NULL,
         "index public.i on public.t (a)\ntable public.t (a integer)\n"},
        {"CREATE TABLE t (a int)", "ALTER TABLE t RENAME TO u", NULL,
         "table public.t (a integer) ...\ntable public.u () ...\n"},
        {"SELECT 1", "ALTER TABLE t ADD b int", NULL, "relation public.t\n"},
        {"SELECT 1", "CREATE VIEW v AS SELECT 1", NULL, "view public.v\n"},
        {"SELECT 1", "CREATE SEQUENCE s", NULL, "sequence public.s\n"},
    };

    for (size_t i = 0; i < LK_ARRAY_SIZE(cases); i++) {
        struct lk_catalog *catalog = lk_unit_replay(*state, cases[i].before);
        maybe(catalog, cases[i].maybe);
        if (cases[i].after != NULL)
            lk_unit_replay_on(catalog, cases[i].after);
        lk_expect_text(cases[i].maybe, lk_dump(*state, catalog), cases[i].schema);
    }
}

static void
what_is_caught_is_decided_by_the_schema(void **state)
{
    static const struct {
        const char *before;
        const char *caught;
        const char *schema;
    } cases[] = {
        {"CREATE TABLE t (a int)", "ALTER TABLE t ADD b int NOT NULL",
         "table public.t (a integer, b integer not null)\n"},
        {"CREATE TABLE t (a int, b text)", "ALTER TABLE t ADD b int NOT NULL",
         "table public.t (a integer, b text)\n"},
        {"CREATE TABLE t (a int)", "ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0)",
         "table public.t (a integer)\n  c check\n"},
        {"CREATE TABLE t (a int)", "CREATE TABLE t (b int)", "table public.t (a integer)\n"},
        {"SELECT 1", "CREATE TABLE t (b int)", "table public.t (b integer)\n"},
        /* nobody knows what else it has */
        {"SELECT 1", "ALTER TABLE t ADD b int", "relation public.t\n"},
    };

    for (size_t i = 0; i < LK_ARRAY_SIZE(cases); i++) {
        struct lk_catalog *catalog = lk_unit_replay(*state, cases[i].before);
        struct lk_script *script = lk_unit_script(catalog, cases[i].caught);
        assert_non_null(lk_script_tree(script, 0));
        lk_replay_caught(catalog, &script->statements.items[0], script->source->text);
        assert_int_equal(lk_catalog_refusals(catalog)->items.count, 0);
        lk_expect_text(cases[i].caught, lk_dump(*state, catalog), cases[i].schema);
    }
}

static void
a_call_with_constants_is_followed(void **state)
{
    static const struct {
        const char *call;
        const char *schema;
    } cases[] = {
        {"SELECT f('t')", "table public.t (a integer, b text)\n"},
        {"SELECT f('public.t'::regclass)", "table public.t (a integer, b text)\n"},
        {"CALL p('\"t\"')", "table public.t (a integer, c integer)\n"},
        /* it may be any */
        {"SELECT f(n) FROM (VALUES ('t')) v (n)", "table public.t (a integer)"},
    };

    for (size_t i = 0; i < LK_ARRAY_SIZE(cases); i++) {
        struct lk_catalog *catalog = lk_unit_replay(
            *state, "CREATE TABLE t (a int);"
                    "CREATE FUNCTION f(name regclass) RETURNS void LANGUAGE plpgsql AS $$BEGIN "
                    "EXECUTE format('ALTER TABLE %s ADD b text', name); END$$;"
                    "CREATE PROCEDURE p(name text) LANGUAGE plpgsql AS $$BEGIN "
                    "EXECUTE 'ALTER TABLE ' || name || ' ADD c int'; END$$");
        lk_unit_replay_on(catalog, cases[i].call);
        const char *schema = lk_dump(*state, catalog);
        if (strstr(schema, cases[i].schema) == NULL)
            lk_expect_text(cases[i].call, schema, cases[i].schema);
    }
}

static void
on_commit_drop_ends_with_the_transaction(void **state)
{
    struct lk_catalog *catalog =
        lk_unit_replay(*state, "BEGIN; CREATE TEMP TABLE t (a int UNIQUE) ON COMMIT DROP;"
                               "CREATE TEMP TABLE kept (a int)");

    assert_non_null(lk_catalog_relation(catalog, "pg_temp", "t"));
    lk_unit_replay_on(catalog, "COMMIT");
    assert_null(lk_catalog_relation(catalog, "pg_temp", "t"));
    assert_null(lk_catalog_relation(catalog, "pg_temp", "t_a_key"));
    assert_non_null(lk_catalog_relation(catalog, "pg_temp", "kept"));
    lk_unit_replay_on(catalog, "CREATE TABLE t (a int); DISCARD TEMP");
    assert_null(lk_catalog_relation(catalog, "pg_temp", "kept"));
    assert_non_null(lk_catalog_relation(catalog, "public", "t"));
}

static void
what_is_perhaps_created_here_is_new(void **state)
{
    struct lk_catalog *catalog = lk_unit_replay(*state, "CREATE TABLE old (a int)");

    lk_catalog_set_time(catalog, 7, 0);
    maybe(catalog, "CREATE TABLE young (a int)");
    maybe(catalog, "CREATE TABLE old (a int)");
    maybe(catalog, "ALTER TABLE unknown ADD a int");
    assert_true(lk_object_is_new(catalog, &lk_catalog_relation(catalog, NULL, "young")->object));
    assert_false(lk_object_is_new(catalog, &lk_catalog_relation(catalog, NULL, "old")->object));
    assert_false(lk_object_is_new(catalog, &lk_catalog_relation(catalog, NULL, "unknown")->object));
    maybe(catalog, "DROP TABLE young");
    assert_true(lk_object_is_new(catalog, &lk_catalog_relation(catalog, NULL, "young")->object));
}

static void
a_rollback_takes_doubts_back(void **state)
{
    struct lk_catalog *catalog = lk_unit_replay(*state, "CREATE TABLE t (a int)");
    char *before = lk_dump(*state, catalog);

    lk_catalog_begin(catalog);
    maybe(catalog, "ALTER TABLE t ALTER a TYPE text, ADD b int");
    maybe(catalog, "DROP TABLE t");
    maybe(catalog, "CREATE TABLE u (a int)");
    lk_catalog_rollback(catalog);
    lk_expect_text("rolled back", lk_dump(*state, catalog), before);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        lk_unit(the_schema_keeps_what_is_sure),
        lk_unit(what_is_caught_is_decided_by_the_schema),
        lk_unit(a_call_with_constants_is_followed),
        lk_unit(on_commit_drop_ends_with_the_transaction),
        lk_unit(what_is_perhaps_created_here_is_new),
        lk_unit(a_rollback_takes_doubts_back),
    };

    return cmocka_run_group_tests_name("replay_maybe", tests, NULL, lk_unit_finish);
}
