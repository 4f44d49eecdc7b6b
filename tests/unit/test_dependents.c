/*
 * tests/unit/test_dependents.c
 *     rules/schema/dependents and what the replay notes for it.
 */
#include "parser/base/buf.h"
#include "tests/unit/unit.h"

static const char history[] =
    "CREATE TABLE users (id serial PRIMARY KEY, name text, age int);"
    "CREATE TABLE orders (id int PRIMARY KEY, user_id int REFERENCES users, note text);"
    "CREATE VIEW names AS SELECT id, name FROM users;"
    "CREATE VIEW short_names AS SELECT left(name, 3) AS short FROM names;"
    "CREATE MATERIALIZED VIEW blend AS SELECT note, name FROM users JOIN orders ON users.id = "
    "user_id;"
    "CREATE VIEW every AS WITH orders AS (SELECT 1) SELECT * FROM users;"
    "CREATE TABLE logs (day date) PARTITION BY RANGE (day);"
    "CREATE TABLE logs_1 PARTITION OF logs FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');"
    "CREATE TABLE logs_rest PARTITION OF logs DEFAULT;"
    "CREATE TABLE animals (id int); CREATE TABLE cats () INHERITS (animals);";

static const struct lk_relation *
relation(const struct lk_catalog *catalog, const char *name)
{
    const struct lk_relation *found = lk_catalog_relation(catalog, NULL, name);

    assert_non_null(found);
    return found;
}

static int
compare(const void *left, const void *right)
{
    const struct lk_relation *const *a = left, *const *b = right;

    return strcmp((*a)->object.name, (*b)->object.name);
}

/* names_of returns the names of relations in order. */
static char *
names_of(TALLOC_CTX *mem, struct lk_relations *relations)
{
    struct lk_buf text = lk_buf_init(mem);

    lk_buf_add(&text, "");
    if (relations->items.count > 0)
        qsort(relations->items.items, relations->items.count, sizeof(*relations->items.items),
              compare);
    lk_vec_foreach(item, &relations->items)
        lk_buf_addf(&text, "%s%s", text.len > 0 ? " " : "", (*item)->object.name);
    return text.data;
}

static char *
along(TALLOC_CTX *mem, const struct lk_catalog *catalog, const char *name, bool cascade)
{
    struct lk_relations found = {0};

    lk_catalog_dependents(mem, catalog, relation(catalog, name), cascade, &found);
    return names_of(mem, &found);
}

static char *
readers(TALLOC_CTX *mem, const struct lk_catalog *catalog, const char *column)
{
    struct lk_relations found = {0};

    lk_catalog_column_readers(mem, catalog, relation(catalog, "users"), column, &found);
    return names_of(mem, &found);
}

static void
finds_what_goes_along(void **state)
{
    const struct lk_catalog *catalog = lk_unit_replay(*state, history);

    lk_expect_text("users", along(*state, catalog, "users", false), "users_id_seq");
    lk_expect_text("users cascade", along(*state, catalog, "users", true),
                   "blend every names short_names users_id_seq");
    lk_expect_text("logs", along(*state, catalog, "logs", false), "logs_1 logs_rest");
    lk_expect_text("animals", along(*state, catalog, "animals", false), "");
    lk_expect_text("animals cascade", along(*state, catalog, "animals", true), "cats");
    lk_expect_text("orders cascade", along(*state, catalog, "orders", true), "blend");
}

static void
finds_the_views_of_a_column(void **state)
{
    const struct lk_catalog *catalog = lk_unit_replay(*state, history);

    lk_expect_text("name", readers(*state, catalog, "name"), "blend every names short_names");
    lk_expect_text("age", readers(*state, catalog, "age"), "every");
    /* orders has an id, too: the query may mean that one */
    lk_expect_text("id", readers(*state, catalog, "id"), "every names short_names");
}

static void
forgets_what_is_gone(void **state)
{
    struct lk_catalog *catalog = lk_unit_replay(*state, history);
    struct lk_relations referrers = {0};

    lk_unit_replay_on(catalog, "CREATE OR REPLACE VIEW names AS SELECT 1 AS id, '' AS name;"
                               "DROP MATERIALIZED VIEW blend; DROP TABLE orders; DROP VIEW every;"
                               "ALTER TABLE users DROP COLUMN id;"
                               "CREATE VIEW every AS SELECT * FROM users;"
                               "ALTER TABLE logs DETACH PARTITION logs_1;"
                               "ALTER TABLE cats NO INHERIT animals;");
    lk_expect_text("users cascade", along(*state, catalog, "users", true), "every");
    lk_expect_text("logs", along(*state, catalog, "logs", false), "logs_rest");
    lk_expect_text("animals cascade", along(*state, catalog, "animals", true), "");
    lk_catalog_referrers(*state, catalog, relation(catalog, "users"), &referrers);
    lk_expect_text("referrers", names_of(*state, &referrers), "");
}

static void
drops_it_and_takes_it_back(void **state)
{
    struct lk_catalog *catalog = lk_unit_replay(*state, history);

    lk_unit_replay_on(catalog, "BEGIN; DROP TABLE users CASCADE; DROP TABLE logs;");
    lk_expect_true("short_names", lk_catalog_relation(catalog, NULL, "short_names") == NULL);
    lk_expect_true("users_id_seq", lk_catalog_relation(catalog, NULL, "users_id_seq") == NULL);
    lk_expect_true("logs_1", lk_catalog_relation(catalog, NULL, "logs_1") == NULL);
    lk_expect_true("the foreign key", lk_relation_constraint(relation(catalog, "orders"),
                                                             "orders_user_id_fkey") == NULL);
    lk_unit_replay_on(catalog, "ROLLBACK;");
    lk_expect_text("users cascade", along(*state, catalog, "users", true),
                   "blend every names short_names users_id_seq");
    lk_expect_text("logs", along(*state, catalog, "logs", false), "logs_1 logs_rest");
    lk_expect_true("the foreign key", lk_relation_constraint(relation(catalog, "orders"),
                                                             "orders_user_id_fkey") != NULL);
}

static void
follows_renames(void **state)
{
    struct lk_catalog *catalog = lk_unit_replay(*state, history);

    lk_unit_replay_on(catalog, "CREATE SCHEMA app; ALTER TABLE users RENAME TO people;"
                               "ALTER TABLE people SET SCHEMA app;"
                               "ALTER TABLE app.people RENAME COLUMN id TO key;");
    const struct lk_constraint *key =
        lk_relation_constraint(relation(catalog, "orders"), "orders_user_id_fkey");
    lk_expect_text("schema", key->references_schema, "app");
    lk_expect_text("table", key->references, "people");
    const struct lk_relation *people = lk_catalog_relation(catalog, "app", "people");
    assert_non_null(people);
    const struct lk_relation *sequence = lk_catalog_sequence(catalog, people, "key");
    assert_non_null(sequence);
    lk_expect_text("its schema", sequence->schema, "app");
}

static const struct lk_column *
column(const struct lk_catalog *catalog, const char *table, const char *name)
{
    return lk_relation_column(relation(catalog, table), name);
}

static void
goes_on_to_children(void **state)
{
    struct lk_catalog *catalog = lk_unit_replay(*state, history);

    lk_unit_replay_on(catalog, "ALTER TABLE logs ADD COLUMN size int, ADD COLUMN note text;"
                               "ALTER TABLE logs ALTER COLUMN size TYPE bigint,"
                               " ALTER COLUMN size SET NOT NULL, DROP COLUMN note;"
                               "ALTER TABLE logs RENAME COLUMN day TO at;"
                               "ALTER TABLE ONLY logs ALTER COLUMN size SET DEFAULT 1;"
                               "ALTER TABLE animals ADD COLUMN legs int;"
                               "ALTER TABLE cats ADD COLUMN lives int;");
    const struct lk_column *size = column(catalog, "logs_1", "size");
    assert_non_null(size);
    lk_expect_text("type", size->type.name, "int8");
    lk_expect_true("NOT NULL", size->not_null);
    lk_expect_true("no default", !size->has_default);
    lk_expect_true("note", column(catalog, "logs_rest", "note") == NULL);
    lk_expect_true("at", column(catalog, "logs_1", "at") != NULL);
    lk_expect_true("legs", column(catalog, "cats", "legs") != NULL);
    lk_expect_true("lives", column(catalog, "animals", "lives") == NULL);
}

static void
takes_not_valid_for_what_it_is(void **state)
{
    const struct lk_catalog *catalog = lk_unit_replay(
        *state, "CREATE TABLE p (id int PRIMARY KEY);"
                "CREATE TABLE t (a int, CONSTRAINT c CHECK (a > 0) NOT VALID,"
                " CONSTRAINT f FOREIGN KEY (a) REFERENCES p NOT VALID);"
                "CREATE FOREIGN TABLE x (a int, CONSTRAINT c CHECK (a > 0) NOT VALID) SERVER s;"
                "ALTER TABLE t ADD CONSTRAINT later CHECK (a > 1) NOT VALID;");
    const struct lk_relation *table = relation(catalog, "t");

    lk_expect_true("c", lk_relation_constraint(table, "c")->validated);
    lk_expect_true("f", lk_relation_constraint(table, "f")->validated);
    lk_expect_true("later", !lk_relation_constraint(table, "later")->validated);
    lk_expect_true("x.c", !lk_relation_constraint(relation(catalog, "x"), "c")->validated);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        lk_unit(finds_what_goes_along),
        lk_unit(finds_the_views_of_a_column),
        lk_unit(forgets_what_is_gone),
        lk_unit(drops_it_and_takes_it_back),
        lk_unit(follows_renames),
        lk_unit(goes_on_to_children),
        lk_unit(takes_not_valid_for_what_it_is),
    };

    return cmocka_run_group_tests(tests, NULL, lk_unit_finish);
}
