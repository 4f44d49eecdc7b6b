/*
 * tests/unit/test_effects.c
 *     rules/effects: what queries, rows and calls lock, what ALTER TABLE does beside that, and what
 *     a second run says. Statements of all kinds are compared with servers by tests/differential.
 */
#include "parser/base/buf.h"
#include "rules/effects/effects.h"
#include "rules/effects/second_run.h"
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
    "CREATE INDEX ON logs (day) INCLUDE (note); CREATE TABLE audit (note text); CREATE TABLE "
    "audits (id int PRIMARY KEY);"
    "CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN IF NEW.id > 5 THEN DELETE "
    "FROM lines; END IF; INSERT INTO audit SELECT 1; RETURN NEW; END';"
    "CREATE TRIGGER t AFTER UPDATE OF name ON users FOR EACH ROW EXECUTE FUNCTION noted();"
    "CREATE FUNCTION count_users() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM users';"
    "CREATE TABLE late (id int REFERENCES audits DEFERRABLE INITIALLY DEFERRED);"
    "CREATE DOMAIN grade AS int; CREATE DOMAIN mark AS grade; CREATE TABLE marks (m mark);"
    "CREATE FUNCTION around() RETURNS int LANGUAGE sql AS 'SELECT around() FROM lines';"
    "CREATE TABLE shops (id int PRIMARY KEY);"
    "CREATE TABLE sales (shop int REFERENCES shops, day date NOT NULL) PARTITION BY RANGE (day);"
    "CREATE TABLE sales_1 PARTITION OF sales DEFAULT PARTITION BY LIST (shop);"
    "CREATE TABLE sales_1a PARTITION OF sales_1 DEFAULT;"
    "CREATE TABLE stalls (shop int REFERENCES shops ON DELETE CASCADE);"
    "CREATE TABLE tents () INHERITS (stalls);"
    "CREATE TABLE bells (n int, id serial);"
    "CREATE TABLE parents (a int, b int CONSTRAINT b_there NOT NULL, c int);"
    "ALTER TABLE parents ADD CONSTRAINT c_there CHECK (c IS NOT NULL) NO INHERIT;"
    "CREATE TABLE children () INHERITS (parents); CREATE TABLE grandchildren () INHERITS "
    "(children);"
    "ALTER TABLE children ADD CHECK (a IS NOT NULL);"
    "CREATE TABLE events (id int PRIMARY KEY, k int CONSTRAINT k_high CHECK (k > 0))"
    " PARTITION BY RANGE (id); CREATE TABLE events_1 PARTITION OF events DEFAULT;"
    "CREATE INDEX events_k ON events (k); CREATE TABLE words (w varchar(9), n int);"
    "CREATE INDEX words_n ON words (n) INCLUDE (w);"
    "CREATE TYPE shape AS (a int, b varchar(5)); CREATE TABLE shapes OF shape;"
    "CREATE SCHEMA apart; CREATE ROLE clerk; CREATE TABLE hers (id serial); ALTER TABLE hers OWNER "
    "TO clerk;"
    "CREATE VIEW grown AS SELECT * FROM words;"
    "CREATE TABLE coins (a int); CREATE UNIQUE INDEX coins_a ON coins (a);"
    "CREATE TABLE purses (coin int REFERENCES coins (a));"
    "CREATE FUNCTION emptied() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO audit VALUES "
    "(1); RETURN NULL; END';"
    "CREATE TRIGGER t AFTER TRUNCATE ON words EXECUTE FUNCTION emptied();";

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
    {"DELETE FROM shops", "shops RowExclusive, sales RowShare, sales_1 RowShare, "
                          "stalls RowExclusive | sales_1a RowShare"},
    {"DELETE FROM shops WHERE id = 1",
     "shops RowExclusive | sales RowShare, sales_1 RowShare, sales_1a RowShare, "
     "stalls RowExclusive"},
    {"SELECT * FROM sales WHERE day IS NULL AND shop = 1", "sales AccessShare"},
    {"INSERT INTO bells VALUES (1)", "bells RowExclusive, bells_id_seq RowExclusive"},
    {"INSERT INTO bells VALUES (1, 2), (3, DEFAULT)",
     "bells RowExclusive, bells_id_seq RowExclusive"},
    {"INSERT INTO bells VALUES (1, 2)", "bells RowExclusive"},
    {"UPDATE bells SET id = DEFAULT", "bells RowExclusive, bells_id_seq RowExclusive"},
    {"COPY bells (n) FROM STDIN", "bells RowExclusive | bells_id_seq RowExclusive"},
    {"MERGE INTO bells USING lines ON true WHEN NOT MATCHED THEN INSERT VALUES (1)",
     "bells RowExclusive, lines AccessShare | bells_id_seq RowExclusive"},
    {"DROP INDEX coins_a CASCADE", "coins_a AccessExclusive, coins AccessExclusive, "
                                   "purses AccessExclusive"},
    {"VACUUM (ONLY_DATABASE_STATS)", ""},
    {"MERGE INTO grown USING lines ON true WHEN MATCHED THEN DELETE",
     "grown RowExclusive, words RowExclusive, lines AccessShare"},
    {"ALTER EXTENSION citext ADD VIEW buyers", "buyers ShareUpdateExclusive"},
    {"ALTER TABLE ALL IN TABLESPACE pg_default OWNED BY clerk SET TABLESPACE fast",
     "hers AccessExclusive"},
    {"ALTER TABLE hers OWNER TO clerk", "hers AccessExclusive"},
    {"ALTER TABLE orders OWNER TO clerk", "orders AccessExclusive, orders_id_seq AccessExclusive"},
    {"SELECT pg_sequence_last_value('orders_id_seq')", "orders_id_seq RowExclusive"},
    {"ALTER TABLE hers OWNER TO other", "hers AccessExclusive, hers_id_seq AccessExclusive"},
    {"TRUNCATE words", "words AccessExclusive, audit RowExclusive"},
    {"ALTER TABLE logs DETACH PARTITION logs_1 CONCURRENTLY", "logs ShareUpdateExclusive"},
    {"INSERT INTO orders (buyer) SELECT id FROM users LIMIT 1",
     "orders RowExclusive, orders_id_seq RowExclusive, users AccessShare | users RowShare"},
    {"ALTER TABLE events RENAME CONSTRAINT events_pkey TO e", "events AccessExclusive"},
    {"ALTER TABLE events RENAME CONSTRAINT k_high TO e",
     "events AccessExclusive, events_1 AccessExclusive"},
    {"ALTER TABLE parents RENAME CONSTRAINT c_there TO e", "parents AccessExclusive"},
};

/* A statement, the tables that it reads from end to end, and those that it rewrites. */
static const struct {
    const char *sql;
    const char *passes;
} works[] = {
    {"ALTER TABLE parents ALTER a SET NOT NULL", "parents |"},
    {"ALTER TABLE parents ALTER b SET NOT NULL", "|"},
    {"ALTER TABLE parents ALTER c SET NOT NULL", "children grandchildren |"},
    {"ALTER TABLE ONLY parents ALTER c SET NOT NULL", "|"},
    {"ALTER TABLE parents ADD PRIMARY KEY (c)", "parents children grandchildren |"},
    {"ALTER TYPE shape ALTER ATTRIBUTE a TYPE bigint CASCADE", "| shapes"},
    {"ALTER TYPE shape ALTER ATTRIBUTE b TYPE text CASCADE", "|"},
    {"ALTER TABLE logs ALTER note TYPE varchar", "logs_1 logs_rest |"},
    {"ALTER TABLE words ALTER w TYPE int USING 1", "| words"},
    {"ALTER TABLE words ALTER w TYPE citext", "|"},
    {"ALTER TABLE words ALTER w TYPE text USING w COLLATE \"C\"", "|"},
    {"ALTER TABLE words ALTER w TYPE text USING w::text COLLATE \"C\"", "|"},
    {"ALTER TABLE words ALTER w TYPE text USING n COLLATE \"C\"", "| words"},
};

/* A statement, and what it says when it is carried out once more: nothing, or a SQLSTATE. */
static const struct {
    const char *sql;
    enum lk_again again;
    const char *sqlstate;
} runs[] = {
    {"ALTER TABLE lines DROP id, ADD id int", LK_AGAIN_SAME, NULL},
    {"ALTER TABLE lines DROP IF EXISTS id, ADD id int DEFAULT 5", LK_AGAIN_SAME, NULL},
    {"ALTER TABLE lines DROP item, ADD id2 int", LK_AGAIN_ERROR, "42703"},
    {"ALTER TABLE users DROP CONSTRAINT users_pkey CASCADE, ADD PRIMARY KEY (id)", LK_AGAIN_REPEATS,
     NULL},
    {"ALTER TABLE events DROP CONSTRAINT k_high, ADD CHECK (k > 1)", LK_AGAIN_ERROR, "42704"},
    {"ALTER TABLE events DROP CONSTRAINT k_high, ADD CONSTRAINT k_high CHECK (k > 1)",
     LK_AGAIN_SAME, NULL},
    {"ALTER TABLE lines ADD CONSTRAINT high CHECK (id > 0), ADD PRIMARY KEY (id)", LK_AGAIN_ERROR,
     "42P16"},
    {"ALTER TABLE shops ALTER id ADD GENERATED ALWAYS AS IDENTITY", LK_AGAIN_ERROR, "55000"},
    {"ALTER TABLE shops ADD CONSTRAINT c CHECK (id > 0), ALTER id ADD GENERATED ALWAYS AS IDENTITY",
     LK_AGAIN_ERROR, "55000"},
    {"ALTER TABLE shops ALTER id ADD GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME numbers)",
     LK_AGAIN_ERROR, "42P07"},
    {"ALTER INDEX events_k SET TABLESPACE fast", LK_AGAIN_SAME, NULL},
    {"ALTER TYPE shape SET SCHEMA public", LK_AGAIN_SAME, NULL},
    {"ALTER DOMAIN grade SET SCHEMA public", LK_AGAIN_SAME, NULL},
    {"ALTER FUNCTION around() SET SCHEMA public", LK_AGAIN_SAME, NULL},
    {"ALTER FUNCTION around() SET SCHEMA apart", LK_AGAIN_ERROR, "42883"},
    {"ALTER STATISTICS IF EXISTS nosuch SET STATISTICS 5", LK_AGAIN_SKIPS, NULL},
    {"EXPLAIN CREATE TABLE x AS SELECT 1", LK_AGAIN_SAME, NULL},
    {"CREATE TEMP TABLE x ON COMMIT DROP AS SELECT 1", LK_AGAIN_SAME, NULL},
    {"CREATE TEMP TABLE IF NOT EXISTS x (a int) ON COMMIT DROP", LK_AGAIN_SAME, NULL},
    {"CREATE TEMP TABLE IF NOT EXISTS x (a int)", LK_AGAIN_SKIPS, NULL},
    {"EXPLAIN ANALYZE CREATE TABLE x AS SELECT 1", LK_AGAIN_ERROR, "42P07"},
    {"UPDATE lines SET id = 1 WHERE item = 2", LK_AGAIN_SAME, NULL},
    {"UPDATE lines SET id = item WHERE id IS NULL", LK_AGAIN_SAME, NULL},
    {"UPDATE lines SET id = item, item = 3", LK_AGAIN_UNKNOWN, NULL},
    {"UPDATE lines SET id = id + 1", LK_AGAIN_UNKNOWN, NULL},
    {"UPDATE lines SET id = 1 WHERE item = (SELECT max(item) FROM lines)", LK_AGAIN_UNKNOWN, NULL},
    {"UPDATE users SET name = ''", LK_AGAIN_UNKNOWN, NULL}, /* the trigger */
    {"DELETE FROM lines", LK_AGAIN_SAME, NULL},
    {"TRUNCATE lines", LK_AGAIN_REPEATS, NULL},
    {"TRUNCATE words", LK_AGAIN_UNKNOWN, NULL}, /* its trigger */
    {"INSERT INTO audit VALUES ('x')", LK_AGAIN_DUPLICATES, NULL},
    {"INSERT INTO users VALUES (1, 'x')", LK_AGAIN_ERROR, "23505"},
    {"INSERT INTO shops VALUES (1) ON CONFLICT DO NOTHING", LK_AGAIN_SAME, NULL},
    {"INSERT INTO shops VALUES (1) ON CONFLICT (id) DO UPDATE SET id = excluded.id", LK_AGAIN_SAME,
     NULL},
    {"INSERT INTO shops VALUES (1) ON CONFLICT (id) DO UPDATE SET id = shops.id + 1",
     LK_AGAIN_UNKNOWN, NULL},
    {"INSERT INTO users (name) VALUES ('x') ON CONFLICT DO NOTHING", LK_AGAIN_UNKNOWN, NULL},
    {"COPY lines TO STDOUT", LK_AGAIN_SAME, NULL},
    {"COPY lines FROM STDIN", LK_AGAIN_UNKNOWN, NULL},
    {"ALTER INDEX ALL IN TABLESPACE pg_default SET TABLESPACE fast", LK_AGAIN_SAME, NULL},
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

static void
add_passes(struct lk_buf *text, const struct lk_pass *passes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        lk_buf_addf(text, "%s%s", text->len > 0 ? " " : "", passes[i].relation + strlen("public."));
}

static void
works_through_tables(void **state)
{
    struct lk_catalog *catalog = lk_unit_replay(*state, history);

    lk_catalog_set_server(catalog, 18, true);
    lk_catalog_set_time(catalog, 2, 0);
    for (size_t i = 0; i < LK_ARRAY_SIZE(works); i++) {
        struct lk_buf text = lk_buf_init(*state);
        struct lk_effects effects =
            lk_effects_of(*state, catalog, lk_unit_tree(*state, works[i].sql));
        add_passes(&text, effects.scans.items, effects.scans.count);
        lk_buf_add(&text, text.len > 0 ? " |" : "|");
        add_passes(&text, effects.rewrites.items, effects.rewrites.count);
        lk_expect_text(works[i].sql, text.data, works[i].passes);
    }
}

static void
runs_a_second_time(void **state)
{
    for (size_t i = 0; i < LK_ARRAY_SIZE(runs); i++) {
        struct lk_catalog *catalog = lk_unit_replay(*state, history);
        lk_catalog_set_server(catalog, 18, true);
        lk_catalog_set_time(catalog, 2, 0);
        lk_unit_replay_on(catalog, runs[i].sql);
        struct lk_second_run run =
            lk_second_run_of(*state, catalog, lk_unit_tree(*state, runs[i].sql));
        lk_expect_number(runs[i].sql, run.again, runs[i].again);
        lk_expect_text(runs[i].sql, run.sqlstate != NULL ? run.sqlstate : "-",
                       runs[i].sqlstate != NULL ? runs[i].sqlstate : "-");
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        lk_unit(locks_what_it_reads_and_sets_off),
        lk_unit(works_through_tables),
        lk_unit(runs_a_second_time),
    };

    return cmocka_run_group_tests(tests, NULL, lk_unit_finish);
}
