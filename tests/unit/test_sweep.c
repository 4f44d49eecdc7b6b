/*
 * tests/unit/test_sweep.c
 *     rules/schema/sweep: memory grows with the schema, not with the history; what only a ROLLBACK
 *     needs; constraints' names.
 */
#include "rules/schema/catalog_private.h"
#include "rules/schema/replay.h"
#include "rules/schema/sql.h"
#include "tests/unit/unit.h"

static const char schema[] =
    "CREATE SCHEMA app; CREATE ROLE reader; CREATE SEQUENCE numbers;"
    "CREATE TYPE mood AS ENUM ('good', 'bad'); CREATE DOMAIN age AS int CHECK (VALUE > 0);"
    "CREATE TABLE users (id serial PRIMARY KEY, name text DEFAULT 'x', mood mood, age age);"
    "CREATE TABLE wide (a1 int, a2 int, a3 int, a4 int, a5 int, a6 int, a7 int, a8 int, a9 int,"
    " b1 int, b2 int, b3 int, b4 int, b5 int, b6 int, b7 int, b8 int, b9 int, c1 int, c2 int,"
    " c3 int, c4 int, c5 int, c6 int, c7 int, c8 int, c9 int);"
    "CREATE TABLE logs (day date NOT NULL) PARTITION BY RANGE (day);"
    "CREATE TABLE logs_1 PARTITION OF logs FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');"
    "CREATE FUNCTION twice(n int) RETURNS int LANGUAGE sql RETURN n * 2;"
    "CREATE VIEW names AS SELECT id, name, twice(id) AS double FROM users;"
    "CREATE INDEX users_name_idx ON users (lower(name)) WHERE age > 1;"
    "CREATE PUBLICATION changes FOR TABLE users (id, name) WHERE (id > 1);"
    "COMMENT ON TABLE users IS 'people'; GRANT SELECT ON users TO reader;"
    "ALTER TABLE users ADD CHECK (name <> ''), ENABLE ROW LEVEL SECURITY;"
    "CREATE POLICY own ON users TO reader USING (name = current_user);"
    "CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY, user_id int REFERENCES users);";

/* Each leaves the schema as it found it. */
static const char *const rounds[] = {
    "CREATE TABLE a (id serial PRIMARY KEY, b text NOT NULL); CREATE INDEX ON a (b); DROP TABLE a;",
    "CREATE TABLE a (id int REFERENCES users, b mood DEFAULT 'good' CHECK (b <> 'bad'));"
    "DROP TABLE a;",
    "CREATE VIEW v AS SELECT * FROM users JOIN orders ON users.id = user_id; DROP VIEW v;",
    "CREATE TYPE t AS ENUM ('a'); CREATE DOMAIN d AS int CHECK (VALUE < 9); DROP TYPE t;"
    "DROP DOMAIN d;",
    "CREATE OR REPLACE FUNCTION twice(n int) RETURNS int LANGUAGE sql RETURN n * 2;",
    "ALTER TABLE users ALTER name SET DEFAULT 'y'; ALTER TABLE users ALTER name SET DEFAULT 'x';",
    "COMMENT ON TABLE users IS 'users'; COMMENT ON TABLE users IS 'people';",
    "GRANT INSERT ON users TO reader; REVOKE INSERT ON users FROM reader;",
    "CREATE TABLE logs_2 PARTITION OF logs FOR VALUES FROM ('2026-02-01') TO ('2026-03-01');"
    "ALTER TABLE logs DETACH PARTITION logs_2; DROP TABLE logs_2;",
    "ALTER TABLE users RENAME TO people; ALTER TABLE people RENAME TO users;"
    "ALTER TABLE users RENAME name TO title; ALTER TABLE users RENAME title TO name;",
    "ALTER TABLE orders ADD CONSTRAINT f FOREIGN KEY (user_id) REFERENCES users;"
    "ALTER TABLE orders DROP CONSTRAINT f;",
    "ALTER TABLE wide ADD d1 int; ALTER TABLE wide RENAME d1 TO d2; ALTER TABLE wide DROP d2;",
    "CREATE FUNCTION f(t text) RETURNS text LANGUAGE sql RETURN t; DROP FUNCTION f;",
    "CREATE TRIGGER t AFTER INSERT ON users EXECUTE FUNCTION noted(); DROP TRIGGER t ON users;",
    "ALTER PUBLICATION changes ADD TABLE orders; ALTER PUBLICATION changes DROP TABLE orders;",
    "BEGIN; SAVEPOINT s; DROP TABLE users CASCADE; ROLLBACK TO s; CREATE TABLE a (b int); "
    "ROLLBACK;",
    "SET search_path = app; CREATE TABLE a (); DROP TABLE a; RESET search_path;",
    "SET ROLE reader; ALTER TABLE users OWNER TO reader; RESET ROLE;",
};

/* go_round replays a script `count` times, each time as a migration of its own. */
static void
go_round(struct lk_catalog *catalog, struct lk_script *script, size_t count,
         void (*tidy)(struct lk_catalog *catalog))
{
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < script->statements.count; k++) {
            if (lk_script_tree(script, k) == NULL)
                fail_msg("%s: %s", script->statements.items[k].error, script->source->text);
            lk_replay(catalog, &script->statements.items[k], script->source->text);
        }
        lk_catalog_commit(catalog);
        tidy(catalog);
    }
}

static void
memory_follows_the_schema(void **state)
{
    struct lk_script *script = lk_unit_script(*state, rounds[0]);
    struct lk_catalog *catalog = lk_unit_replay(*state, schema);
    size_t most[] = {0, 0};

    for (size_t i = 0; i < 100; i++) {
        go_round(catalog, script, 100, lk_catalog_tidy);
        size_t *peak = &most[i >= 10];
        *peak = LK_MAX(*peak, talloc_total_size(catalog));
    }
    if (most[1] > most[0] + most[0] / 10)
        fail_msg("%zu bytes in the first 1,000 rounds, %zu in 10,000", most[0], most[1]);
}

static void
nothing_is_left_behind(void **state)
{
    for (size_t i = 0; i < LK_ARRAY_SIZE(rounds); i++) {
        TALLOC_CTX *mem = lk_mem_new(*state);
        struct lk_script *script = lk_unit_script(mem, rounds[i]);
        struct lk_catalog *catalog = lk_unit_replay(mem, schema);
        go_round(catalog, script, 64, lk_catalog_sweep);
        size_t first = talloc_total_size(catalog);
        const char *sql = lk_schema_sql(mem, catalog);
        go_round(catalog, script, 256, lk_catalog_sweep);
        lk_expect_text(rounds[i], lk_schema_sql(mem, catalog), sql);
        if (talloc_total_size(catalog) > first + 256)
            lk_expect_number(rounds[i], (long long)talloc_total_size(catalog), (long long)first);
        talloc_free(mem);
    }
}

static void
keeps_what_is_there(void **state)
{
    struct lk_catalog *catalog = lk_unit_replay(*state, schema);
    struct lk_catalog *swept = lk_unit_replay(*state, schema);
    static const char after[] =
        "ALTER TABLE users RENAME TO people; ALTER SCHEMA app RENAME TO apps; DROP TABLE logs;"
        "ALTER TYPE mood RENAME VALUE 'bad' TO 'low'; ALTER TABLE wide RENAME c9 TO d9;"
        "ALTER TABLE people RENAME name TO title; DROP FUNCTION twice CASCADE;";

    lk_catalog_commit(swept);
    lk_catalog_sweep(swept);
    lk_expect_text("swept", lk_schema_sql(*state, swept), lk_schema_sql(*state, catalog));
    lk_unit_replay_on(catalog, after);
    lk_unit_replay_on(swept, after);
    lk_catalog_commit(swept);
    lk_catalog_sweep(swept);
    lk_expect_text("gone on", lk_schema_sql(*state, swept), lk_schema_sql(*state, catalog));
}

static void
waits_for_the_transaction_to_end(void **state)
{
    struct lk_catalog *catalog = lk_unit_replay(*state, schema);
    const char *sql = lk_schema_sql(*state, catalog);

    lk_unit_replay_on(catalog, "BEGIN; DROP TABLE users CASCADE; DROP TABLE wide; DROP TYPE mood;");
    lk_catalog_sweep(catalog);
    lk_unit_replay_on(catalog, "ROLLBACK;");
    lk_catalog_sweep(catalog);
    lk_expect_text("rolled back", lk_schema_sql(*state, catalog), sql);
}

static int freed;

static int
note_freed(char *memory)
{
    (void)memory;
    freed++;
    return 0;
}

static void
retired_memory_goes_with_the_transaction(void **state)
{
    static const struct {
        const char *before, *after; /* of lk_catalog_retire */
        int freed;
    } cases[] = {
        {"BEGIN", "SELECT 1", 0},
        {"BEGIN", "COMMIT", 1},
        {"BEGIN", "ROLLBACK", 0},
        {"BEGIN; SAVEPOINT s", "ROLLBACK TO s; COMMIT", 0},
        {"BEGIN; SAVEPOINT s", "RELEASE s; COMMIT", 1},
        {"BEGIN; SAVEPOINT s", "RELEASE s; ROLLBACK", 0},
    };

    for (size_t i = 0; i < LK_ARRAY_SIZE(cases); i++) {
        struct lk_catalog *catalog = lk_unit_replay(*state, cases[i].before);
        char *memory = lk_strdup(*state, "former state");
        talloc_set_destructor(memory, note_freed);
        freed = 0;
        lk_catalog_retire(catalog, memory);
        lk_catalog_retire(catalog, NULL);
        lk_unit_replay_on(catalog, cases[i].after);
        lk_expect_number(cases[i].after, freed, cases[i].freed);
        if (freed == 0)
            talloc_set_destructor(memory, (int (*)(char *))NULL);
    }
}

static void
names_of_constraints_are_settled(void **state)
{
    static const char round[] = "CREATE TABLE a (b int CONSTRAINT c CHECK (b > 0)); DROP TABLE a;";
    struct lk_catalog *catalog = lk_unit_replay(*state, "SELECT 1");
    struct lk_script *script = lk_unit_script(*state, round);

    go_round(catalog, script, 100, lk_names_settle);
    lk_expect_true("free again", !lk_constraint_named(catalog, "public", "c"));
    lk_unit_replay_on(catalog, "CREATE TABLE a (b int CONSTRAINT c CHECK (b > 0));");
    lk_catalog_commit(catalog);
    lk_names_settle(catalog);
    lk_expect_true("taken", lk_constraint_named(catalog, "public", "c"));
    lk_expect_true("in its schema", !lk_constraint_named(catalog, "app", "c"));
    lk_unit_replay_on(catalog, "BEGIN; DROP TABLE a; SAVEPOINT s;");
    for (int i = 0; i < 100; i++)
        lk_unit_replay_on(catalog, round);
    lk_expect_true("dropped", !lk_constraint_named(catalog, "public", "c"));
    lk_unit_replay_on(catalog, "ROLLBACK;");
    lk_names_settle(catalog);
    lk_expect_true("rolled back", lk_constraint_named(catalog, "public", "c"));
    lk_catalog_sweep(catalog);
    lk_expect_true("swept", lk_constraint_named(catalog, "public", "c"));
    lk_unit_replay_on(catalog, "ALTER TABLE a RENAME CONSTRAINT c TO d;");
    lk_expect_true("renamed", !lk_constraint_named(catalog, "public", "c") &&
                                  lk_constraint_named(catalog, "public", "d"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        lk_unit(memory_follows_the_schema),
        lk_unit(nothing_is_left_behind),
        lk_unit(keeps_what_is_there),
        lk_unit(waits_for_the_transaction_to_end),
        lk_unit(retired_memory_goes_with_the_transaction),
        lk_unit(names_of_constraints_are_settled),
    };

    return cmocka_run_group_tests(tests, NULL, lk_unit_finish);
}
