/*
 * tests/integration/test_locks.c
 *     Predicted locks against those that a server takes, statement by statement.
 */
#include <jansson.h>

#include "parser/base/buf.h"
#include "parser/base/vec.h"
#include "tests/integration/site.h"

static const char setup[] =
    "CREATE SCHEMA other;\n"
    "CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL, name varchar(20), age int);\n"
    "ALTER TABLE users ADD CONSTRAINT users_age_check CHECK (age > 0) NOT VALID;\n"
    "INSERT INTO users VALUES (7, 'ann@example.org', 'ann', 40);\n"
    "CREATE INDEX users_email_idx ON users (email);\n"
    "CREATE UNIQUE INDEX users_name_uidx ON users (name);\n"
    "CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint, total int);\n"
    "ALTER TABLE orders ADD CONSTRAINT orders_user_fk FOREIGN KEY (user_id) REFERENCES users"
    " NOT VALID;\n"
    "CREATE TABLE items (id bigint PRIMARY KEY, order_id bigint REFERENCES orders);\n"
    "CREATE TABLE logs (id bigint, day date) PARTITION BY RANGE (day);\n"
    "CREATE TABLE logs_1 PARTITION OF logs FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');\n"
    "CREATE TABLE logs_2 PARTITION OF logs FOR VALUES FROM ('2026-02-01') TO ('2026-03-01');\n"
    "CREATE TABLE logs_3 (id bigint, day date);\n"
    "CREATE TABLE days (day date, user_id bigint REFERENCES users) PARTITION BY RANGE (day);\n"
    "CREATE TABLE days_1 PARTITION OF days FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');\n"
    "CREATE TABLE days_rest PARTITION OF days DEFAULT;\n"
    "CREATE TABLE days_3 (day date, user_id bigint);\n"
    "CREATE TABLE animals (id int);\nCREATE TABLE cats (lives int) INHERITS (animals);\n"
    "CREATE VIEW names AS SELECT id, name FROM users;\n"
    "CREATE MATERIALIZED VIEW totals AS SELECT user_id, sum(total) AS total FROM orders GROUP BY "
    "1;\n"
    "CREATE UNIQUE INDEX totals_key ON totals (user_id);\n"
    "CREATE SEQUENCE numbers;\n"
    "CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;\n"
    "CREATE TRIGGER users_touch BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION touch();\n"
    "CREATE FUNCTION widen() RETURNS int LANGUAGE plpgsql AS $$ BEGIN ALTER TABLE items ADD COLUMN "
    "IF NOT EXISTS note text; RETURN 1; END $$;\n"
    "CREATE FUNCTION widen_atomic() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT widen(); END;\n"
    "CREATE FUNCTION widening() RETURNS trigger LANGUAGE plpgsql AS $$ DECLARE i int; BEGIN i := "
    "widen(); RETURN NULL; END $$;\n"
    "CREATE TABLE noted (id bigint PRIMARY KEY);\n"
    "CREATE TRIGGER noted_widening AFTER INSERT OR UPDATE OR DELETE ON noted FOR EACH STATEMENT "
    "EXECUTE FUNCTION widening();\n"
    "CREATE TABLE counted (id bigint PRIMARY KEY);\n"
    "CREATE TRIGGER counted_widening AFTER INSERT OR UPDATE OR DELETE ON counted FOR EACH ROW "
    "EXECUTE FUNCTION widening();\n";

static const char *const statements[] = {
    "ALTER TABLE users ADD COLUMN score int",
    "ALTER TABLE users ADD COLUMN score int DEFAULT 5 NOT NULL",
    "ALTER TABLE users ADD COLUMN friend bigint REFERENCES users",
    "ALTER TABLE users ADD COLUMN order_id bigint REFERENCES orders (id)",
    "ALTER TABLE users ADD COLUMN IF NOT EXISTS email text",
    "ALTER TABLE users DROP COLUMN age",
    "ALTER TABLE users ALTER COLUMN age SET NOT NULL",
    "ALTER TABLE users ALTER COLUMN email DROP NOT NULL",
    "ALTER TABLE users ALTER COLUMN age SET DEFAULT 7",
    "ALTER TABLE users ALTER COLUMN age TYPE bigint",
    "ALTER TABLE orders ALTER COLUMN total SET STATISTICS 500",
    "ALTER TABLE users ALTER COLUMN email SET STORAGE EXTERNAL",
    "ALTER TABLE users ADD CONSTRAINT users_id_check CHECK (id > 0)",
    "ALTER TABLE users ADD CONSTRAINT users_id_check CHECK (id > 0) NOT VALID",
    "ALTER TABLE users VALIDATE CONSTRAINT users_age_check",
    "ALTER TABLE orders VALIDATE CONSTRAINT orders_user_fk",
    "ALTER TABLE users DROP CONSTRAINT users_age_check",
    "ALTER TABLE orders DROP CONSTRAINT orders_user_fk",
    "ALTER TABLE items ADD CONSTRAINT items_user_fk FOREIGN KEY (id) REFERENCES users",
    "ALTER TABLE items ADD CONSTRAINT items_user_fk FOREIGN KEY (id) REFERENCES users NOT VALID",
    "ALTER TABLE orders ADD CONSTRAINT orders_key UNIQUE (user_id)",
    "ALTER TABLE users ADD CONSTRAINT users_name_key UNIQUE USING INDEX users_name_uidx",
    "ALTER TABLE users RENAME COLUMN age TO years",
    "ALTER TABLE users RENAME TO people",
    "ALTER TABLE users SET SCHEMA other",
    "ALTER TABLE users SET (fillfactor = 70)",
    "ALTER TABLE users SET (autovacuum_enabled = off)",
    "ALTER TABLE users CLUSTER ON users_pkey",
    "ALTER TABLE users SET LOGGED",
    "ALTER TABLE users ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE users DISABLE TRIGGER users_touch",
    "ALTER TABLE users REPLICA IDENTITY FULL",
    "ALTER TABLE users OWNER TO CURRENT_USER",
    "ALTER TABLE logs ATTACH PARTITION logs_3 FOR VALUES FROM ('2026-03-01') TO ('2026-04-01')",
    "ALTER TABLE logs DETACH PARTITION logs_1",
    "ALTER TABLE cats NO INHERIT animals",
    "ALTER INDEX users_email_idx RENAME TO users_mail_idx",
    "ALTER SEQUENCE numbers RESTART",
    "CREATE INDEX users_age_idx ON users (age)",
    "CREATE UNIQUE INDEX IF NOT EXISTS users_name_uidx ON users (name)",
    "CREATE TABLE visits (id bigint, user_id bigint REFERENCES users)",
    "CREATE TABLE logs_4 PARTITION OF logs FOR VALUES FROM ('2026-04-01') TO ('2026-05-01')",
    "CREATE TABLE copies AS SELECT * FROM users",
    "CREATE TABLE dogs () INHERITS (animals)",
    "CREATE TRIGGER t BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION touch()",
    "CREATE POLICY p ON users USING (true)",
    "CREATE RULE r AS ON DELETE TO orders DO ALSO NOTIFY gone",
    "CREATE STATISTICS s ON id, age FROM users",
    "CREATE VIEW olds AS SELECT * FROM users",
    "CREATE OR REPLACE VIEW names AS SELECT id, name, age FROM users",
    "DROP TABLE items",
    "DROP INDEX users_email_idx",
    "DROP VIEW names",
    "DROP MATERIALIZED VIEW totals",
    "DROP TRIGGER users_touch ON users",
    "DROP TABLE logs_1",
    "TRUNCATE items",
    "REFRESH MATERIALIZED VIEW totals",
    "REFRESH MATERIALIZED VIEW CONCURRENTLY totals",
    "REINDEX TABLE users",
    "REINDEX INDEX users_email_idx",
    "CLUSTER users USING users_pkey",
    "LOCK TABLE users IN SHARE MODE",
    "COMMENT ON TABLE users IS 'people'",
    "COMMENT ON COLUMN users.age IS 'years'",
    "GRANT SELECT ON users TO PUBLIC",
    "ANALYZE users",
    "INSERT INTO users VALUES (1, 'a', 'b', 3)",
    "UPDATE orders SET total = 1",
    "DELETE FROM users WHERE id = 1",
    "INSERT INTO orders SELECT id, id, 1 FROM users",
    /* what is called: of statements, rows or none, and in expressions */
    "INSERT INTO noted VALUES (1) ON CONFLICT DO NOTHING",
    "INSERT INTO noted SELECT 1 WHERE false",
    "UPDATE noted SET id = 2 WHERE id = 1",
    "DELETE FROM noted WHERE id = 1",
    "INSERT INTO counted VALUES (1)",
    "DELETE FROM counted WHERE id = 1",
    "INSERT INTO orders VALUES (1) RETURNING widen()",
    "UPDATE users SET age = 41 RETURNING widen()",
    "DELETE FROM users WHERE id = 8 RETURNING widen()",
    "SELECT widen_atomic()",
    "DO $$ DECLARE i int; BEGIN i := widen(); END $$",
    "DO $$ DECLARE i int := widen(); BEGIN END $$",
    "DO $$ BEGIN IF widen() > 1 THEN END IF; END $$",
    "DO $$ BEGIN RAISE NOTICE '%', widen(); END $$",
    "DO $$ BEGIN FOR i IN 1..widen() LOOP END LOOP; END $$",
    "DO $$ BEGIN WHILE widen() > 1 LOOP END LOOP; END $$",
    /* children, partitions, what CASCADE reaches, and row locks */
    "ALTER TABLE logs ADD COLUMN note text",
    "ALTER TABLE animals ADD COLUMN legs int",
    "ALTER TABLE ONLY logs ALTER COLUMN id SET DEFAULT 1",
    "ALTER TABLE orders ALTER COLUMN id TYPE int",
    "ALTER TABLE users DROP COLUMN name CASCADE",
    "ALTER TABLE orders DROP COLUMN user_id CASCADE",
    "ALTER TABLE users DROP CONSTRAINT users_pkey CASCADE",
    "CREATE INDEX logs_id_idx ON logs (id)",
    "CREATE TRIGGER t BEFORE INSERT ON logs FOR EACH ROW EXECUTE FUNCTION touch()",
    "DROP TABLE animals CASCADE",
    "DROP TABLE logs",
    "DROP TABLE orders CASCADE",
    "TRUNCATE logs",
    "TRUNCATE users CASCADE",
    "SELECT * FROM users FOR UPDATE",
    "DROP TABLE users CASCADE",
    "ALTER TABLE users DROP COLUMN id CASCADE",
    "ALTER TABLE days ALTER COLUMN day SET NOT NULL, ADD PRIMARY KEY (day)",
    "ALTER TABLE days ATTACH PARTITION days_3 FOR VALUES FROM ('2026-03-01') TO ('2026-04-01')",
    "ALTER TABLE days DETACH PARTITION days_1",
    "ALTER TABLE days DETACH PARTITION days_rest",
    "ALTER TABLE days ADD CONSTRAINT days_check CHECK (day > '2020-01-01')",
    "ALTER TABLE days ADD PRIMARY KEY (day)",
    "ALTER TABLE days ADD CONSTRAINT days_fk FOREIGN KEY (user_id) REFERENCES orders",
    "ALTER TABLE days DROP CONSTRAINT days_user_id_fkey",
    "ALTER TABLE days ALTER COLUMN user_id TYPE int",
    "ALTER TABLE days ALTER COLUMN user_id SET STATISTICS 10",
    "ALTER TABLE days ALTER COLUMN user_id SET NOT NULL",
    "ALTER TABLE days ALTER COLUMN user_id SET DEFAULT 1",
    "ALTER TABLE days DISABLE TRIGGER ALL",
    "ALTER TABLE days RENAME COLUMN user_id TO person",
    "ALTER TABLE days OWNER TO CURRENT_USER",
    "ALTER TABLE days_1 ADD CONSTRAINT days_1_check CHECK (day > '2020-01-01')",
    "CREATE TABLE days_2 PARTITION OF days FOR VALUES FROM ('2026-02-01') TO ('2026-03-01')",
    "DROP TABLE days_1",
    "DROP TABLE days_rest",
    "DROP TABLE days",
    "TRUNCATE days",
    "SELECT * FROM orders o JOIN users u ON u.id = o.user_id FOR SHARE OF u",
    "LOCK TABLE names IN SHARE MODE",
};

struct set {
    LK_VEC(char *) items; /* "public.users AccessExclusiveLock", sorted */
};

static int
compare(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

static char *
joined(TALLOC_CTX *mem, struct set *set)
{
    struct lk_buf text = lk_buf_init(mem);

    if (set->items.count > 0)
        qsort(set->items.items, set->items.count, sizeof(char *), compare);
    lk_vec_foreach(item, &set->items)
        lk_buf_addf(&text, "%s%s", text.len > 0 ? ", " : "", *item);
    return text.data;
}

/*
 * measured returns what a statement locks, the strongest mode for each table and view that was
 * there before: what others wait for. AccessShareLock is left out: nobody waits behind it but
 * those who wait behind everything.
 */
static char *
measured(const struct lk_site *site, const char *sql)
{
    static const char locks[] =
        "SELECT coalesce(string_agg(lock, ', ' ORDER BY lock), '') FROM (SELECT format('%%I.%%I "
        "%%s',"
        " c.relnamespace::regnamespace, c.relname, (array_agg(l.mode ORDER BY"
        " array_position(ARRAY['RowShareLock', 'RowExclusiveLock', 'ShareUpdateExclusiveLock',"
        " 'ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock'], l.mode)"
        " DESC))[1]) AS lock FROM pg_locks l JOIN relations c ON c.oid = l.relation"
        " WHERE l.locktype = 'relation' AND l.pid = %d AND l.mode <> 'AccessShareLock'"
        " AND c.relkind IN ('r', 'p', 'v', 'm', 'S') GROUP BY c.oid, c.relnamespace, c.relname) x";
    PGconn *worker = lk_site_connect(site);

    lk_site_exec(site, "CREATE TEMPORARY TABLE relations AS SELECT oid, relname, relnamespace,"
                       " relkind FROM pg_class WHERE relnamespace = 'public'::regnamespace");
    PQclear(PQexec(worker, "BEGIN"));
    PGresult *result = PQexec(worker, sql);
    ExecStatusType status = PQresultStatus(result);
    PQclear(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
        fail_msg("%s: %s", sql, PQerrorMessage(worker));
    char *taken = lk_site_value(site, lk_fmt(site->mem, locks, PQbackendPID(worker)));
    PQfinish(worker);
    lk_site_exec(site, "DROP TABLE relations");
    return taken;
}

/* is_listed returns whether a predicted relation is one of those that `measured` looks at. */
static bool
is_listed(const struct lk_site *site, const char *relation)
{
    return strcmp(lk_site_value(site,
                                lk_fmt(site->mem,
                                       "SELECT count(*) FROM pg_class WHERE oid = to_regclass('%s')"
                                       " AND relkind IN ('r', 'p', 'v', 'm', 'S')",
                                       relation)),
                  "1") == 0;
}

static char *
predicted(const struct lk_site *site, const char *sql)
{
    struct set set = {0};
    size_t index;
    const json_t *lock;

    lk_site_migration(site, "0002_case.sql", lk_fmt(site->mem, "%s;\n", sql));
    struct lk_output output =
        lk_site_expect(site,
                       lk_fmt(site->mem, "plan -f json --postgres-version %d migrations",
                              PQserverVersion(site->pg) / 10000),
                       0);
    json_t *plan = json_loads(output.out, 0, NULL);
    const json_t *migration = json_array_get(json_object_get(plan, "migrations"), 0);
    const json_t *statement = json_array_get(json_object_get(migration, "statements"), 0);
    assert_non_null(statement);
    json_array_foreach(json_object_get(statement, "locks"), index, lock)
    {
        const char *relation = json_string_value(json_object_get(lock, "relation"));
        const char *mode = json_string_value(json_object_get(lock, "mode"));
        if (strcmp(mode, "AccessShareLock") != 0 && is_listed(site, relation))
            lk_vec_push(site->mem, &set.items, lk_fmt(site->mem, "%s %s", relation, mode));
    }
    json_decref(plan);
    return joined(site->mem, &set);
}

static int
start(void **state)
{
    lk_site_start(state);
    lk_site_migration(*state, "0001_setup.sql", setup);
    lk_site_expect(*state, "apply --no-gate migrations", 0);
    return 0;
}

static void
test_locks(void **state)
{
    const struct lk_site *site = *state;
    size_t wrong = 0;

    for (size_t i = 0; i < LK_ARRAY_SIZE(statements); i++) {
        char *truth = measured(site, statements[i]);
        char *guess = predicted(site, statements[i]);
        if (strcmp(truth, guess) == 0)
            continue;
        print_error("%s\n  takes:     %s\n  predicted: %s\n", statements[i], truth, guess);
        wrong++;
    }
    assert_int_equal(wrong, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        {"test_locks", test_locks, start, lk_site_end, NULL},
    };

    return lk_site_main("locks", tests, LK_ARRAY_SIZE(tests));
}
