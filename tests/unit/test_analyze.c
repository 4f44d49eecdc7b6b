/*
 * tests/unit/test_analyze.c
 *     rules/schema/analyze: the columns of queries, and texts that follow renames.
 */
#include "parser/base/buf.h"
#include "rules/schema/refusal.h"
#include "rules/schema/replay.h"
#include "rules/schema/replay_part.h"
#include "tests/unit/unit.h"

static const char tables[] =
    "CREATE TYPE mood AS ENUM ('sad', 'glad');"
    "CREATE TABLE a (id int, name varchar(20), made timestamptz, price numeric(10,2));"
    "CREATE TABLE b (id bigint, a_id int, note text, tags text[]);"
    "CREATE TABLE moods (m mood); CREATE SEQUENCE counter;"
    "CREATE FUNCTION twice(x int) RETURNS bigint LANGUAGE sql AS 'SELECT 2 * x';"
    "CREATE FUNCTION pairs(n int, OUT l int, OUT r text) RETURNS SETOF record LANGUAGE sql AS "
    "'SELECT 1, ''a''';";

/* columns_of returns "name type, ..." of a relation, "?" for types that are not known. */
static char *
columns_of(TALLOC_CTX *mem, const struct lk_relation *relation)
{
    struct lk_buf text = lk_buf_init(mem);

    lk_buf_add(&text, relation->partial ? "partial" : "");
    lk_vec_foreach(column, &relation->columns) {
        lk_buf_sep(&text, ", ");
        lk_buf_addf(&text, "%s %s", (*column)->object.name,
                    (*column)->type_known ? lk_type_sql(mem, &(*column)->type) : "?");
    }
    return text.data;
}

static const struct {
    const char *query;
    const char *columns;
} queries[] = {
    {"SELECT 1, 'a' AS t, 2.5 AS n, true AS b, NULL AS u",
     "?column? integer, t text, n numeric, b boolean, u text"},
    {"SELECT id, a.name, price * 2 AS more FROM a",
     "id integer, name character varying(20), more numeric"},
    {"SELECT * FROM a JOIN b USING (id)",
     "id bigint, name character varying(20), made timestamp with time zone, price numeric(10,2), "
     "a_id integer, note text, tags text[]"},
    {"SELECT x.* FROM a AS x (k)", "k integer, name character varying(20), made timestamp with "
                                   "time zone, price numeric(10,2)"},
    {"SELECT count(*), max(id), lower(name), now()::date FROM a GROUP BY name",
     "count bigint, max integer, lower text, now date"},
    {"SELECT CASE WHEN id > 1 THEN 'x' ELSE name END, coalesce(note, '') FROM a, b b2 (bid)",
     "name character varying, coalesce text"},
    {"SELECT tags[1], tags[1:2] AS s, m::text FROM moods, b", "tags text, s text[], m text"},
    {"SELECT 1 AS n UNION SELECT 2.5", "n numeric"},
    {"VALUES (1, 'a'), (2.5, 'b')", "column1 numeric, column2 text"},
    {"WITH RECURSIVE t (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) SELECT n FROM t",
     "n integer"},
    {"SELECT l, r, o FROM pairs(3) WITH ORDINALITY AS p (l, r, o)", "l integer, r text, o bigint"},
    {"SELECT twice(id), (SELECT note FROM b WHERE a_id = a.id) FROM a", "twice bigint, note text"},
    {"SELECT g FROM generate_series(1, 3) AS g", "g integer"},
    {"SELECT * FROM unheard_of", NULL},
    {"SELECT unheard_of(id) AS u, id FROM a", "u ?, id integer"},
    {"SELECT nullif(id, 0), nullif(name, '') AS n, ARRAY[id], EXISTS (SELECT FROM b) FROM a",
     "nullif integer, n text, array integer[], exists boolean"},
};

static void
test_columns(void **state)
{
    for (size_t i = 0; i < LK_ARRAY_SIZE(queries); i++) {
        struct lk_catalog *catalog = lk_unit_replay(*state, tables);
        lk_unit_replay_on(catalog, lk_fmt(*state, "CREATE VIEW v AS %s", queries[i].query));
        const struct lk_relation *view = lk_catalog_relation(catalog, NULL, "v");
        lk_expect_text(queries[i].query, view != NULL ? columns_of(*state, view) : "(none)",
                       queries[i].columns != NULL ? queries[i].columns : "partial");
    }
}

/* What a view's query is written as once other things have other names. */
static const struct {
    const char *query;
    const char *change;
    const char *text;
} renames[] = {
    {"SELECT id, name FROM a WHERE id > 1", "ALTER TABLE a RENAME COLUMN id TO nr",
     "SELECT nr AS id, name FROM public.a WHERE nr > 1"},
    {"SELECT a.id FROM a", "ALTER TABLE a RENAME TO c", "SELECT c.id FROM public.c"},
    {"SELECT x.id FROM a x", "ALTER TABLE a RENAME TO c", "SELECT x.id FROM public.c x"},
    {"SELECT * FROM b", "ALTER TABLE b ADD COLUMN late int",
     "SELECT id, a_id, note, tags FROM public.b"},
    {"SELECT note FROM a, b", "ALTER TABLE a ADD COLUMN note text",
     "SELECT b.note FROM public.a, public.b"},
    {"SELECT nextval('counter') AS n, 'counter'::regclass AS c",
     "ALTER SEQUENCE counter RENAME TO meter",
     "SELECT nextval('public.meter') AS n, 'public.meter'::regclass AS c"},
    {"SELECT o.id FROM (SELECT id FROM a) AS o", "ALTER TABLE a RENAME COLUMN id TO nr",
     "SELECT o.id FROM (SELECT nr AS id FROM public.a) AS o"},
};

static void
test_renames(void **state)
{
    for (size_t i = 0; i < LK_ARRAY_SIZE(renames); i++) {
        struct lk_catalog *catalog = lk_unit_replay(*state, tables);
        lk_unit_replay_on(catalog, lk_fmt(*state, "CREATE VIEW v AS %s; %s", renames[i].query,
                                          renames[i].change));
        const struct lk_relation *view = lk_catalog_relation(catalog, NULL, "v");
        lk_expect_text(renames[i].query, lk_text_sql(*state, view->query), renames[i].text);
    }
}

static const struct {
    const char *statement;
    const char *sqlstate; /* NULL: nothing is certain */
} refusals[] = {
    {"CREATE VIEW w AS SELECT nothing FROM a", "42703"},
    {"CREATE VIEW w AS SELECT a.nothing FROM a", "42703"},
    {"CREATE VIEW w AS SELECT id FROM a, b", "42702"},
    {"CREATE VIEW w AS SELECT nothing FROM a, unheard_of", NULL},
    {"CREATE VIEW w AS SELECT 1 AS x, 2 AS x", "42701"},
    {"CREATE VIEW a AS SELECT 1", "42P07"},
    {"CREATE OR REPLACE VIEW a AS SELECT 1", "42809"},
    {"CREATE OR REPLACE VIEW v AS SELECT id FROM a", "42P16"},
    {"CREATE OR REPLACE VIEW v AS SELECT id AS nr, name FROM a", "42P16"},
    {"CREATE OR REPLACE VIEW v AS SELECT id::bigint AS id, name FROM a", "42P16"},
    {"CREATE OR REPLACE VIEW v AS SELECT id, name, price FROM a", NULL},
    {"CREATE POLICY p ON a USING (id = 1)", "42710"},
    {"CREATE POLICY q ON a USING (nothing = 1)", "42703"},
    {"ALTER POLICY q ON a USING (id = 1)", "42704"},
};

static void
test_refusals(void **state)
{
    for (size_t i = 0; i < LK_ARRAY_SIZE(refusals); i++) {
        struct lk_catalog *catalog = lk_unit_replay(*state, tables);
        lk_unit_replay_on(catalog, "CREATE VIEW v AS SELECT id, name FROM a;"
                                   "CREATE POLICY p ON a USING (true)");
        struct lk_script *script = lk_unit_script(*state, refusals[i].statement);
        assert_non_null(lk_script_tree(script, 0));
        lk_replay(catalog, &script->statements.items[0], script->source->text);
        const struct lk_refusals *refused = lk_catalog_refusals(catalog);
        lk_expect_text(refusals[i].statement,
                       refused->items.count > 0 ? refused->items.items[0].sqlstate : "",
                       refusals[i].sqlstate != NULL ? refusals[i].sqlstate : "");
    }
}

static void
test_parts(void **state)
{
    struct lk_catalog *catalog = lk_unit_replay(*state, tables);

    lk_unit_replay_on(
        catalog, "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';"
                 "CREATE TRIGGER t BEFORE UPDATE OF name ON a FOR EACH ROW "
                 "WHEN (OLD.id <> NEW.id) EXECUTE FUNCTION f();"
                 "CREATE POLICY p ON a FOR SELECT USING (a.id > 1);"
                 "ALTER TABLE a RENAME COLUMN id TO nr; ALTER TABLE a RENAME COLUMN name TO title;"
                 "ALTER TABLE a RENAME TO c");
    const struct lk_relation *table = lk_catalog_relation(catalog, NULL, "c");
    const struct lk_part *trigger = lk_part_find(table, LK_CLASS_TRIGGER, "t");
    const struct lk_part *policy = lk_part_find(table, LK_CLASS_POLICY, "p");
    assert_non_null(trigger);
    assert_non_null(policy);
    lk_expect_text("trigger", lk_text_sql(*state, trigger->definition),
                   "CREATE TRIGGER t BEFORE UPDATE OF title ON public.c FOR EACH ROW "
                   "WHEN (OLD.nr <> NEW.nr) EXECUTE FUNCTION public.f()");
    lk_expect_text("policy", lk_text_sql(*state, policy->definition),
                   "CREATE POLICY p ON public.c FOR SELECT TO PUBLIC USING (c.nr > 1)");
}

/* What is nested absurdly deep, or grows with every level, ends. */
static void
test_absurd(void **state)
{
    struct lk_buf sql = lk_buf_init(*state);

    lk_buf_add(&sql, "CREATE VIEW v AS SELECT 1");
    for (size_t i = 0; i < 3000; i++)
        lk_buf_add(&sql, " UNION SELECT 1");
    struct lk_catalog *catalog = lk_unit_replay(*state, sql.data);
    lk_expect_text("a long chain", columns_of(*state, lk_catalog_relation(catalog, NULL, "v")),
                   "?column? integer");
    sql = lk_buf_init(*state);
    lk_buf_add(&sql, "CREATE VIEW w AS SELECT ");
    for (size_t i = 0; i < 3000; i++)
        lk_buf_add(&sql, "1 + ");
    lk_buf_add(&sql, "1");
    lk_unit_replay_on(catalog, sql.data);
    assert_non_null(lk_catalog_relation(catalog, NULL, "w"));
    lk_unit_replay_on(catalog, "CREATE TABLE t (a int, b int)");
    sql = lk_buf_init(*state);
    lk_buf_add(&sql, "SELECT * FROM t");
    for (size_t i = 0; i < 24; i++)
        sql.data = lk_fmt(*state, "SELECT x.*, x.* FROM (%s) AS x", sql.data);
    lk_unit_replay_on(catalog,
                      lk_fmt(*state, "CREATE VIEW z AS SELECT count(*) FROM (%s) AS y", sql.data));
    lk_expect_text("doubling stars", columns_of(*state, lk_catalog_relation(catalog, NULL, "z")),
                   "count bigint");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        lk_unit(test_columns), lk_unit(test_renames), lk_unit(test_refusals),
        lk_unit(test_parts),   lk_unit(test_absurd),
    };

    return cmocka_run_group_tests_name("analyze", tests, NULL, lk_unit_finish);
}
