/*
 * tests/unit/test_effects.c
 *     rules/effects: what queries, rows and calls lock. Statements of all kinds are compared with
 *     servers by tests/differential.
 */
#include "parser/base/buf.h"
#include "rules/effects/effects.h"
#include "tests/unit/unit.h"

static const char history[] =
    "CREATE TABLE users (id int PRIMARY KEY, name text);"
    "CREATE TABLE orders (id serial PRIMARY KEY, buyer int REFERENCES users ON DELETE CASCADE);"
    "CREATE TABLE lines (id int, item int REFERENCES orders);"
    "CREATE VIEW buyers AS SELECT u.name FROM users u JOIN orders o ON o.buyer = u.id;"
    "CREATE MATERIALIZED VIEW names AS SELECT name FROM buyers;"
    "CREATE TABLE logs (day date, note text) PARTITION BY RANGE (day);"
    "CREATE TABLE logs_1 PARTITION OF logs FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');"
    "CREATE TABLE logs_rest PARTITION OF logs DEFAULT;"
    "CREATE TABLE audit (note text); CREATE TABLE audits (id int PRIMARY KEY);"
    "CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN IF NEW.id > 5 THEN DELETE "
    "FROM lines; END IF; INSERT INTO audit SELECT 1; RETURN NEW; END';"
    "CREATE TRIGGER t AFTER UPDATE OF name ON users FOR EACH ROW EXECUTE FUNCTION noted();"
    "CREATE FUNCTION count_users() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM users';"
    "CREATE TABLE late (id int REFERENCES audits DEFERRABLE INITIALLY DEFERRED);"
    "CREATE DOMAIN grade AS int; CREATE DOMAIN mark AS grade; CREATE TABLE marks (m mark);"
    "CREATE FUNCTION around() RETURNS int LANGUAGE sql AS 'SELECT around() FROM lines';";

/* A statement, and what it locks; behind a bar what it may lock. */
static const struct {
    const char *sql;
    const char *locks;
} cases[] = {
    {"SELECT 1", ""},
    {"INSERT INTO late VALUES (1)", "late RowExclusive | audits RowShare"},
    {"DELETE FROM audits", "audits RowExclusive | late RowShare"},
    {"ALTER DOMAIN grade ADD CHECK (VALUE > 0)", "marks Share"},
    {"ALTER DOMAIN mark SET NOT NULL", "marks Share"},
    {"ALTER DOMAIN mark DROP NOT NULL", ""},
    {"SELECT * FROM pg_class, information_schema.tables", ""},
    {"SELECT * FROM unheard_of", "unheard_of AccessShare"},
    {"SELECT * FROM buyers", "buyers AccessShare, users AccessShare, orders AccessShare"},
    {"SELECT * FROM names", "names AccessShare"},
    {"REFRESH MATERIALIZED VIEW names", "names AccessExclusive, buyers AccessShare, "
                                        "users AccessShare, orders AccessShare"},
    {"WITH users AS (SELECT * FROM lines) SELECT * FROM users", "lines AccessShare"},
    {"WITH users AS (SELECT * FROM users) SELECT * FROM users", "users AccessShare"},
    {"WITH RECURSIVE users AS (SELECT 1 UNION SELECT * FROM users) SELECT * FROM users", ""},
    {"WITH x AS (DELETE FROM lines RETURNING *) SELECT * FROM x", "lines RowExclusive"},
    {"SELECT * FROM users WHERE id IN (SELECT id FROM lines FOR UPDATE)",
     "lines RowShare, users AccessShare"},
    {"SELECT * FROM logs", "logs AccessShare, logs_1 AccessShare, logs_rest AccessShare"},
    {"SELECT * FROM logs WHERE false", "logs AccessShare"},
    {"SELECT * FROM logs WHERE note = ''",
     "logs AccessShare, logs_1 AccessShare, logs_rest AccessShare"},
    {"SELECT * FROM logs WHERE day = now()::date",
     "logs AccessShare | logs_1 AccessShare, logs_rest AccessShare"},
    {"SELECT * FROM logs WHERE day = '2026-01-05'", "logs AccessShare, logs_1 AccessShare"},
    {"DELETE FROM logs WHERE day >= '2027-01-01'", "logs RowExclusive, logs_rest RowExclusive"},
    {"INSERT INTO logs VALUES ('2026-01-05', 'x')", "logs RowExclusive, logs_1 RowExclusive"},
    {"INSERT INTO logs VALUES (now(), 'x')",
     "logs RowExclusive | logs_1 RowExclusive, logs_rest RowExclusive"},
    {"INSERT INTO orders (buyer) VALUES (1)",
     "orders RowExclusive, orders_id_seq RowExclusive, users RowShare"},
    {"INSERT INTO orders (buyer) VALUES (NULL)", "orders RowExclusive, orders_id_seq RowExclusive"},
    {"INSERT INTO orders VALUES (1, 1) ON CONFLICT DO NOTHING",
     "orders RowExclusive | users RowShare"},
    {"DELETE FROM users", "users RowExclusive, orders RowExclusive | lines RowShare"},
    {"DELETE FROM users WHERE id = 1", "users RowExclusive | orders RowExclusive, lines RowShare"},
    {"UPDATE users SET id = 2", "users RowExclusive, orders RowShare"},
    {"UPDATE users SET name = ''", "users RowExclusive, audit RowExclusive | lines RowExclusive"},
    {"SELECT count_users()", "users AccessShare"},
    {"SELECT id FROM lines WHERE count_users() > 0", "lines AccessShare | users AccessShare"},
    {"SELECT around()", "lines AccessShare"},
    {"EXPLAIN DELETE FROM users", "users RowExclusive"},
    {"PREPARE p AS SELECT * FROM logs", "logs AccessShare"},
    {"CREATE TABLE me (id int PRIMARY KEY, up int REFERENCES me)", ""},
    {"DROP FUNCTION noted() CASCADE", "users AccessExclusive"},
    {"CREATE PROCEDURE nothing() BEGIN ATOMIC END", ""},
};

static void
add(struct lk_buf *text, const char *before, const struct lk_lock *locks, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *name = lk_lock_name(locks[i].mode);
        lk_buf_addf(text, "%s%s %.*s", i == 0 ? before : ", ",
                    locks[i].relation + strlen("public."), (int)(strlen(name) - strlen("Lock")),
                    name);
    }
}

static void
locks_what_it_reads_and_sets_off(void **state)
{
    struct lk_catalog *catalog = lk_unit_replay(*state, history);

    lk_catalog_set_server(catalog, 18, true);
    lk_catalog_set_time(catalog, 2, 0);
    for (size_t i = 0; i < LK_ARRAY_SIZE(cases); i++) {
        struct lk_buf text = lk_buf_init(*state);
        struct lk_effects effects =
            lk_effects_of(*state, catalog, lk_unit_tree(*state, cases[i].sql));
        add(&text, "", effects.locks.items, effects.locks.count);
        add(&text, " | ", effects.may_lock.items, effects.may_lock.count);
        lk_expect_text(cases[i].sql, text.data, cases[i].locks);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {lk_unit(locks_what_it_reads_and_sets_off)};

    return cmocka_run_group_tests(tests, NULL, lk_unit_finish);
}
