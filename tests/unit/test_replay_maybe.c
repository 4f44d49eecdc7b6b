/*
 * tests/unit/test_replay_maybe.c
 *     rules/schema/replay_maybe: what the schema is when nobody knows what was carried out.
 */
#include "rules/schema/replay.h"

#include "rules/schema/replay_condition.h"
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
        {"CREATE TABLE t (a int); CREATE TABLE c () INHERITS (t)", "ALTER TABLE t ADD b int", NULL,
         "table public.c (a integer) ...\ntable public.t (a integer, b ?) ...\n"},
        {"CREATE TABLE t (a int)", "ALTER TABLE t DROP a", NULL, "table public.t (a ?) ...\n"},
        {"CREATE TABLE t (a int)", "ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0)", NULL,
         "table public.t (a integer)\n  c check not valid\n"},
        {"CREATE TABLE t (a int)", "ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID",
         "ALTER TABLE t VALIDATE CONSTRAINT c", "table public.t (a integer)\n  c check\n"},
        {"CREATE TABLE t (a int)", "CREATE INDEX i ON t (a)", NULL,
         "index public.i on public.t (a)\ntable public.t (a integer)\n"},
        {"CREATE TABLE t (a int)", "ALTER TABLE t RENAME TO u", NULL,
         "table public.t (a integer) ...\ntable public.u () ...\n"},
        {"CREATE TYPE k AS ENUM ('a'); CREATE TABLE t (a k); CREATE SCHEMA s",
         "ALTER TYPE k SET SCHEMA s", NULL, "table public.t (a ?)\n"},
        {"CREATE TABLE t (a int); CREATE SCHEMA s", "ALTER TABLE t SET SCHEMA s", NULL,
         "table public.t (a integer) ...\n"},
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

/* carry_out follows the statements of a DO block as far as it is known whether they are reached. */
static void
carry_out(void **state, struct lk_catalog *catalog, const char *sql)
{
    struct lk_script *script = lk_unit_script(catalog, sql);
    struct lk_conditions conditions = {0};

    assert_non_null(lk_script_tree(script, 0));
    const struct lk_body *body = lk_script_body(script, 0);
    assert_non_null(body);
    lk_vec_foreach(nested, &body->items) {
        enum lk_truth reached = lk_replay_reached(*state, catalog, nested, &conditions);
        if (reached == LK_TRUTH_FALSE)
            continue;
        if (nested->when == LK_WHEN_MAYBE && reached == LK_TRUTH_UNKNOWN)
            lk_replay_maybe(catalog, &nested->statement, nested->source->text);
        else
            lk_replay_nested(catalog, &nested->statement, nested->source->text);
    }
}

#define COLUMN(name)                                                                               \
    "EXISTS (SELECT 1 FROM information_schema.columns WHERE table_schema = 'public' AND "          \
    "table_name = 't' AND column_name = '" name "')"
#define ADD(name) "ALTER TABLE t ADD " name " int; "

static void
conditions_that_ask_for_the_schema_are_answered(void **state)
{
    static const struct {
        const char *body;
        const char *schema;
    } cases[] = {
        /* the second statement does not ask again */
        {"IF NOT " COLUMN("b") " THEN " ADD("b") ADD("c") "ELSE " ADD("d") "END IF;",
         "a integer, b integer, c integer"},
        {"IF " COLUMN("a") " THEN " ADD("b") "ELSE " ADD("c") "END IF;", "a integer, b integer"},
        {"IF " COLUMN("b") " THEN " ADD("c") "ELSIF true THEN " ADD("d") "ELSE " ADD("e") "END IF;",
         "a integer, d integer"},
        {"IF " COLUMN("a") " THEN IF " COLUMN("z") " OR NOT " COLUMN("a") " THEN " ADD(
             "b") "END IF; " ADD("c") "END IF;",
         "a integer, c integer"},
        {"IF " COLUMN("z") " AND now() > '2020-01-01' THEN " ADD("b") "END IF;", "a integer"},
        {"IF EXISTS (SELECT FROM pg_tables WHERE tablename = 't') AND NOT EXISTS (SELECT FROM "
         "pg_class c WHERE c.relname = 'nowhere') THEN " ADD("b") "END IF;",
         "a integer, b integer"},
        {"IF to_regclass('public.t') IS NOT NULL THEN " ADD("b") "END IF;", "a integer, b integer"},
        {"IF EXISTS (SELECT FROM information_schema.table_constraints WHERE table_name = 't' AND "
         "constraint_type = 'PRIMARY KEY') THEN " ADD("b") "END IF;",
         "a integer"},
        {"IF EXISTS (SELECT FROM information_schema.views WHERE table_name = 't') THEN " ADD(
             "b") "END IF;",
         "a integer"},
        {"IF NOT EXISTS (SELECT FROM pg_constraint c JOIN pg_class r ON r.oid = c.conrelid JOIN "
         "pg_namespace n ON r.relnamespace = n.oid WHERE n.nspname = 'public' AND r.relname = 't' "
         "AND c.conname = 'k') THEN " ADD("b") "END IF;",
         "a integer, b integer"},
        {"IF EXISTS (SELECT FROM pg_constraint WHERE conname = 'k' AND conrelid = 't'::regclass) "
         "THEN " ADD("b") "END IF;",
         "a integer"},
        {"IF EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass('public.t') AND "
         "attname = 'a' AND attnum > 0 AND NOT attisdropped) THEN " ADD("b") "END IF;",
         "a integer, b integer"},
        {"IF EXISTS (SELECT FROM pg_class, pg_namespace n WHERE relname = 't' AND relkind = 'r' "
         "AND "
         "n.oid = relnamespace AND nspname = 'public') THEN " ADD("b") "END IF;",
         "a integer, b integer"},
        {"IF EXISTS (SELECT FROM pg_class WHERE relname = 't' AND relkind = 'v') THEN " ADD(
             "b") "END IF;",
         "a integer"},
        {"IF (SELECT count(*) FROM information_schema.schemata WHERE schema_name = 's') = 0 "
         "THEN " ADD("b") "END IF;",
         "a integer, b integer"},
        {"IF (SELECT count(*) FROM pg_policies WHERE tablename = 't' AND policyname = 'p') > 0 "
         "THEN " ADD("b") "END IF;",
         "a integer"},
        {"IF to_regtype('public.kind') IS NULL THEN " ADD("b") "END IF;", "a integer, b integer"},
        {"IF to_regclass('u') IS NOT NULL THEN " ADD("b") "END IF;", "a integer"},
        {"IF NOT EXISTS (SELECT FROM pg_proc WHERE proname = 'touch') THEN " ADD("b") "END IF;",
         "a integer, b integer"},
        /* by way of a variable */
        {"SELECT " COLUMN("a") " INTO known; IF Known THEN " ADD("b") "ELSE " ADD("c") "END IF;",
         "a integer, b integer"},
        {"SELECT " COLUMN("b") " INTO STRICT known; " ADD("b") "IF NOT known THEN " ADD(
             "c") "END IF; IF known THEN " ADD("d") "END IF;",
         "a integer, b integer, c integer"},
        {"known := " COLUMN("z") "; IF known THEN " ADD("b") "ELSE " ADD("c") "END IF;",
         "a integer, c integer"},
        {"IF true THEN SELECT NOT " COLUMN("a") " INTO known; IF known THEN " ADD(
             "b") "END IF; END IF;",
         "a integer"},
    };

    for (size_t i = 0; i < LK_ARRAY_SIZE(cases); i++) {
        struct lk_catalog *catalog = lk_unit_replay(*state, "CREATE TABLE t (a int)");
        lk_catalog_set_complete(catalog, true);
        carry_out(state, catalog,
                  lk_fmt(*state, "DO $$ DECLARE known boolean; BEGIN %s END $$", cases[i].body));
        lk_expect_text(cases[i].body, lk_dump(*state, catalog),
                       lk_fmt(*state, "table public.t (%s)\n", cases[i].schema));
    }
}

static void
extensions_are_not_asked_for_constraints(void **state)
{
    static const struct {
        const char *condition;
        const char *schema;
    } cases[] = {
        {"SELECT FROM pg_constraint WHERE conname = 'c'",
         "table public.t (a integer)\n  c check\n"},
        {"SELECT FROM pg_class WHERE relname = 'u'",
         "table public.t (a integer)\n  c check not valid\n"},
    };

    for (size_t i = 0; i < LK_ARRAY_SIZE(cases); i++) {
        struct lk_catalog *catalog =
            lk_unit_replay(*state, "CREATE EXTENSION unheard_of; CREATE TABLE t (a int)");
        lk_catalog_set_complete(catalog, true);
        carry_out(state, catalog,
                  lk_fmt(*state,
                         "DO $$ BEGIN IF NOT EXISTS (%s) THEN ALTER TABLE t ADD CONSTRAINT c CHECK "
                         "(a > 0); END IF; END $$",
                         cases[i].condition));
        lk_expect_text(cases[i].condition, lk_dump(*state, catalog), cases[i].schema);
    }
}

static void
other_conditions_are_not(void **state)
{
    static const char *const cases[] = {
        "IF EXISTS (SELECT FROM t) THEN " ADD("b") "END IF;",
        "IF " COLUMN("a") " AND current_user = 'me' THEN " ADD("b") "END IF;",
        "IF EXISTS (SELECT FROM information_schema.columns WHERE table_name = 't' AND column_name "
        "= 'a' "
        "AND data_type = 'text') THEN " ADD("b") "END IF;",
        "IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'me') THEN " ADD("b") "END IF;",
        /* the server has some of its own */
        "IF EXISTS (SELECT FROM pg_attribute WHERE attname = 'oid') THEN " ADD("b") "END IF;",
        "IF EXISTS (SELECT FROM pg_proc WHERE proname = 'lower') THEN " ADD("b") "END IF;",
        "IF to_regtype('text') IS NULL THEN " ADD("b") "END IF;",
        "IF EXISTS (SELECT FROM pg_type WHERE typname = 'uuid') THEN " ADD("b") "END IF;",
        /* what joins them is not what is understood */
        "IF EXISTS (SELECT FROM pg_class c, pg_namespace n WHERE relname = 't' AND nspname = 's') "
        "THEN " ADD("b") "END IF;",
        "IF EXISTS (SELECT FROM pg_constraint c JOIN pg_class r ON r.oid = c.confrelid WHERE "
        "r.relname = 't' AND c.conname = 'k') THEN " ADD("b") "END IF;",
        "IF EXISTS (SELECT FROM pg_class c LEFT JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE "
        "relname = 't' AND n.nspname = 's') THEN " ADD("b") "END IF;",
        "IF (SELECT count(*) FROM pg_class WHERE relname = 't') = 1 THEN " ADD("b") "END IF;",
        "IF count(*) = 1 FROM t THEN " ADD("b") "END IF;",
        "FOR i IN 1 .. 2 LOOP IF NOT " COLUMN("b") " THEN " ADD("b") "END IF; END LOOP;",
        "IF " COLUMN("a") " THEN BEGIN " ADD("b") "EXCEPTION WHEN others THEN NULL; END; END IF;",
        "SELECT " COLUMN("a") " INTO known; known := random() > 0.5; IF known THEN " ADD(
            "b") "END IF;",
        "IF random() > 0.5 THEN SELECT " COLUMN("a") " INTO known; END IF; IF known THEN " ADD(
            "b") "END IF;",
        "SELECT " COLUMN("a") " INTO known; FOR known IN SELECT true LOOP NULL; END LOOP; IF known "
                              "THEN " ADD("b") "END IF;",
        "SELECT " COLUMN("a") ", 1 INTO known, n; IF known THEN " ADD("b") "END IF;",
        "SELECT " COLUMN("a") " INTO known; CALL guess(known); IF known THEN " ADD("b") "END IF;",
    };

    for (size_t i = 0; i < LK_ARRAY_SIZE(cases); i++) {
        struct lk_catalog *catalog = lk_unit_replay(*state, "CREATE TABLE t (a int)");
        lk_catalog_set_complete(catalog, true);
        carry_out(state, catalog,
                  lk_fmt(*state, "DO $$ DECLARE known boolean; n int; BEGIN %s END $$", cases[i]));
        lk_expect_text(cases[i], lk_dump(*state, catalog), "table public.t (a integer, b ?) ...\n");
    }
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
        lk_unit(conditions_that_ask_for_the_schema_are_answered),
        lk_unit(extensions_are_not_asked_for_constraints),
        lk_unit(other_conditions_are_not),
    };

    return cmocka_run_group_tests_name("replay_maybe", tests, NULL, lk_unit_finish);
}
