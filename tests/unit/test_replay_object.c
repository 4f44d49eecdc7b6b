/*
 * tests/unit/test_replay_object.c
 *     rules/schema: what is not a table: functions, types, schemas, privileges, and what DROP does.
 */
#include "parser/base/buf.h"
#include "rules/schema/replay.h"
#include "rules/schema/sql.h"
#include "tests/unit/unit.h"

/* ---- the objects as text ---- */

struct listing {
    TALLOC_CTX *mem;
    LK_VEC(const char *) lines;
};

static void
add_grants(struct lk_buf *line, const struct lk_object *object)
{
    lk_vec_foreach(grant, &object->grants)
        lk_buf_addf(line, " %s%s%s=%s%s", (*grant)->column != NULL ? (*grant)->column : "",
                    (*grant)->column != NULL ? ":" : "",
                    (*grant)->grantee != NULL ? (*grant)->grantee : "public", (*grant)->privilege,
                    (*grant)->grantable ? "*" : "");
}

static void
add_type(struct lk_buf *line, const struct lk_defined_type *type)
{
    lk_buf_addf(line, " %c", type->kind);
    lk_vec_foreach(label, &type->labels)
        lk_buf_addf(line, " '%s'", *label);
    if (type->kind == 'd')
        lk_buf_addf(line, " %s%s%s%s", lk_type_sql(line->mem, &type->base),
                    type->not_null ? " not null" : "",
                    type->default_value != NULL ? " default " : "",
                    type->default_value != NULL ? lk_text_sql(line->mem, type->default_value) : "");
    lk_vec_foreach(constraint, &type->constraints)
        if ((*constraint)->kind == LK_CONSTRAINT_CHECK)
            lk_buf_addf(line, " %s(%s)%s", (*constraint)->object.name,
                        lk_text_sql(line->mem, (*constraint)->expression),
                        (*constraint)->validated ? "" : " not valid");
}

static void
add_function(struct lk_buf *line, const struct lk_function *function)
{
    lk_buf_addf(line, "%s %c %s%s", function->signature + strlen(function->object.name),
                function->kind, function->returns_set ? "setof " : "",
                function->result_known ? lk_type_sql(line->mem, &function->result) : "?");
}

static void
add_named(struct lk_buf *line, const struct lk_named *named)
{
    if (named->kind != NULL && named->object.class != LK_CLASS_DEFAULT_PRIVILEGES)
        lk_buf_addf(line, " %s", named->kind);
    if (named->definition == NULL && named->object.class == LK_CLASS_OPERATOR)
        lk_buf_add(line, " shell");
    if (named->all_tables)
        lk_buf_add(line, " all tables");
    lk_vec_foreach(item, &named->members) {
        const struct lk_member *member = *item;
        lk_buf_addf(line, " [%s", member->object != NULL ? member->object->name : member->name);
        lk_vec_foreach(column, &member->columns)
            lk_buf_addf(line, " %s", *column);
        if (member->condition != NULL)
            lk_buf_addf(line, " where %s", lk_text_sql(line->mem, member->condition));
        lk_buf_add(line, "]");
    }
}

static void
add_relation(struct lk_buf *line, const struct lk_relation *relation)
{
    lk_buf_add(line, " (");
    lk_vec_foreach(column, &relation->columns)
        lk_buf_addf(line, "%s%s %s%s", column == relation->columns.items ? "" : ", ",
                    (*column)->object.name,
                    (*column)->type_known ? lk_type_sql(line->mem, &(*column)->type) : "?",
                    (*column)->has_default ? " default" : "");
    lk_buf_add(line, ")");
    lk_vec_foreach(constraint, &relation->constraints)
        if ((*constraint)->kind == LK_CONSTRAINT_FOREIGN)
            lk_buf_addf(line, " %s", (*constraint)->object.name);
}

static void
list_object(struct lk_object *object, void *data)
{
    struct listing *listing = data;
    struct lk_buf line = lk_buf_init(listing->mem);
    bool is_public = object->class == LK_CLASS_SCHEMA && strcmp(object->name, "public") == 0;
    bool index = object->class == LK_CLASS_RELATION &&
                 ((const struct lk_relation *)object)->kind == LK_RELATION_INDEX;

    if (index || (is_public && object->grants.count == 0))
        return;
    lk_buf_addf(&line, "%s %s", lk_class_words(object->class),
                lk_object_sql(listing->mem, object, LK_MENTION_QUALIFIED));
    if (object->class == LK_CLASS_TYPE)
        add_type(&line, (const struct lk_defined_type *)object);
    else if (object->class == LK_CLASS_FUNCTION)
        add_function(&line, (const struct lk_function *)object);
    else if (object->class == LK_CLASS_RELATION)
        add_relation(&line, (const struct lk_relation *)object);
    else if (object->class != LK_CLASS_SCHEMA)
        add_named(&line, (const struct lk_named *)object);
    if (object->owner != NULL)
        lk_buf_addf(&line, " owner %s", object->owner);
    add_grants(&line, object);
    if (object->comment != NULL)
        lk_buf_addf(&line, " -- %s", object->comment);
    lk_vec_push(listing->mem, &listing->lines, line.data);
}

static int
by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static char *
list(TALLOC_CTX *mem, const struct lk_catalog *catalog)
{
    struct listing listing = {.mem = mem};
    struct lk_buf text = lk_buf_init(mem);

    for (enum lk_class class = 0; class < LK_CLASS_COUNT; class ++)
        lk_catalog_objects(catalog, class, list_object, &listing);
    if (listing.lines.count > 0)
        qsort(listing.lines.items, listing.lines.count, sizeof(char *), by_text);
    lk_vec_foreach(line, &listing.lines)
        lk_buf_addf(&text, "%s\n", *line);
    return text.data;
}

/* ---- what is there afterwards ---- */

struct trial {
    const char *sql;
    const char *objects;
};

static void
expect_objects(TALLOC_CTX *mem, const struct trial *trials, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct lk_catalog *catalog = lk_unit_replay(mem, trials[i].sql);
        lk_expect_text(trials[i].sql, list(mem, catalog), trials[i].objects);
    }
}

#define F(name, arguments, returns)                                                                \
    "CREATE FUNCTION " name "(" arguments ") RETURNS " returns " LANGUAGE sql AS 'SELECT 1';"

static void
functions_have_signatures(void **state)
{
    static const struct trial trials[] = {
        {F("f", "", "int") F("f", "a varchar(9), OUT b int8", "bigint") F("s.f", "int[]", "void"),
         "function public.f() f integer\nfunction public.f(character varying) f bigint\n"
         "function s.f(integer[]) f void\n"},
        {"CREATE FUNCTION f(a int DEFAULT 1, VARIADIC b text[] DEFAULT NULL) RETURNS TABLE (x int, "
         "y text) "
         "LANGUAGE sql AS 'SELECT 1'",
         "function public.f(integer, text[]) f setof record\n"},
        {"CREATE PROCEDURE p(a int, INOUT b text) LANGUAGE sql AS 'SELECT 1'",
         "function public.p(integer, text) p record\n"},
        {"CREATE AGGREGATE total(int) (sfunc = int4pl, stype = int)",
         "function public.total(integer) a integer\n"},
        {F("f", "int", "int") F("f", "text", "int") "DROP FUNCTION f(integer)",
         "function public.f(text) f integer\n"},
        {F("f", "int", "int") F("f", "text", "int") "DROP FUNCTION f(text)",
         "function public.f(integer) f integer\n"},
        {F("f", "int", "int") "ALTER FUNCTION f RENAME TO g; ALTER FUNCTION g(int4) SET SCHEMA s",
         "function s.g(integer) f integer\n"},
        {"CREATE TYPE mood AS ENUM ('sad');" F("f", "mood", "mood") "ALTER TYPE mood RENAME TO m",
         "function public.f(public.m) f public.m\ntype public.m e 'sad'\n"},
        {"BEGIN;" F("f", "int", "int") "SAVEPOINT a;" F(
             "f", "text", "int") "DROP FUNCTION f(int);"
                                 "ROLLBACK TO a; ALTER FUNCTION f(int) RENAME TO g; COMMIT",
         "function public.g(integer) f integer\n"},
        {F("f", "int", "int") "BEGIN; DROP FUNCTION f(int);" F("f", "text", "int") "ROLLBACK",
         "function public.f(integer) f integer\n"},
        {"SET search_path = s;" F("f", "int", "int") "SET search_path = t, s; DROP FUNCTION f", ""},
    };

    expect_objects(*state, trials, LK_ARRAY_SIZE(trials));
}

static void
types_are_followed(void **state)
{
    static const struct trial trials[] = {
        {"CREATE TYPE m AS ENUM ('a', 'c'); ALTER TYPE m ADD VALUE 'b' BEFORE 'c';"
         "ALTER TYPE m ADD VALUE 'd'; ALTER TYPE m ADD VALUE 'a2' AFTER 'a';"
         "ALTER TYPE m ADD VALUE IF NOT EXISTS 'd'; ALTER TYPE m RENAME VALUE 'd' TO 'e'",
         "type public.m e 'a' 'a2' 'b' 'c' 'e'\n"},
        {"CREATE DOMAIN d AS int DEFAULT 3 NOT NULL CHECK (VALUE > 0) CONSTRAINT c CHECK (VALUE < "
         "9)",
         "type public.d d integer not null default 3 d_check(VALUE > 0) c(VALUE < 9)\n"},
        {"CREATE DOMAIN d AS text CHECK (VALUE <> ''); ALTER DOMAIN d ADD CHECK (VALUE <> 'a');"
         "ALTER DOMAIN d DROP CONSTRAINT d_check; ALTER DOMAIN d SET DEFAULT 'x' || 'y';"
         "ALTER DOMAIN d ADD CONSTRAINT n CHECK (VALUE <> 'b') NOT VALID; ALTER DOMAIN d SET NOT "
         "NULL",
         "type public.d d text not null default 'x' || 'y' d_check1(VALUE <> 'a') "
         "n(VALUE <> 'b') not valid\n"},
        {"CREATE DOMAIN d AS text NOT NULL CONSTRAINT n CHECK (VALUE <> 'b') ;"
         "ALTER DOMAIN d DROP NOT NULL; ALTER DOMAIN d RENAME CONSTRAINT n TO o;"
         "ALTER DOMAIN d DROP CONSTRAINT IF EXISTS p; ALTER DOMAIN d SET SCHEMA s",
         "type s.d d text o(VALUE <> 'b')\n"},
        {"CREATE TYPE c AS (a int, b text); ALTER TYPE c ADD ATTRIBUTE d date, DROP ATTRIBUTE a;"
         "ALTER TYPE c ALTER ATTRIBUTE b TYPE varchar(3); ALTER TYPE c RENAME ATTRIBUTE d TO e",
         "relation public.c (b character varying(3), e date)\n"},
        {"CREATE TYPE floatrange AS RANGE (subtype = float8)",
         "type public.floatmultirange m\ntype public.floatrange r\n"},
        {"CREATE TYPE span AS RANGE (subtype = int, multirange_type_name = spans); DROP TYPE span",
         ""},
        {"CREATE TYPE m AS ENUM ('a'); CREATE TABLE t (a int, b m); DROP TYPE m CASCADE",
         "relation public.t (a integer)\n"},
        {"CREATE TYPE m AS ENUM ('a'); CREATE TABLE t (b m[]); ALTER TYPE m SET SCHEMA s;"
         "ALTER TYPE s.m RENAME TO n",
         "relation public.t (b s.n[])\ntype s.n e 'a'\n"},
        {"CREATE TYPE m AS ENUM ('a'); CREATE TABLE t (b m); ALTER TYPE m RENAME TO old;"
         "CREATE TYPE m AS ENUM ('c'); ALTER TABLE t ALTER b TYPE m USING b::text::m; DROP TYPE "
         "old",
         "relation public.t (b public.m)\ntype public.m e 'c'\n"},
        {"CREATE TYPE m AS ENUM ('a'); CREATE TABLE t (a int, b m); ALTER TYPE m RENAME TO old;"
         "ALTER TABLE t DROP b; DROP TYPE old",
         "relation public.t (a integer)\n"},
        {"BEGIN; CREATE TYPE m AS ENUM ('a'); SAVEPOINT s; ALTER TYPE m ADD VALUE 'b' BEFORE 'a';"
         "ROLLBACK TO s; COMMIT",
         "type public.m e 'a'\n"},
    };

    expect_objects(*state, trials, LK_ARRAY_SIZE(trials));
}

static void
other_objects_are_followed(void **state)
{
    static const struct trial trials[] = {
        {"CREATE SCHEMA a; CREATE TABLE a.t (b int); ALTER SCHEMA a RENAME TO c; COMMENT ON SCHEMA "
         "c "
         "IS 'x'; COMMENT ON TABLE c.t IS 'y'; COMMENT ON TABLE c.t IS NULL",
         "relation c.t (b integer)\nschema c -- x\n"},
        {"CREATE SCHEMA a; CREATE TABLE a.t (b int); CREATE TYPE a.m AS ENUM ();"
         "CREATE TABLE u (m a.m, n int); DROP SCHEMA a CASCADE",
         "relation public.u (n integer)\n"},
        {"CREATE TABLE t (a int, b int, c int); CREATE TABLE u (a int);"
         "CREATE PUBLICATION p FOR TABLE t (a, b) WHERE (a > 1), u; ALTER PUBLICATION p DROP TABLE "
         "u;"
         "ALTER TABLE t RENAME a TO z",
         "publication p [t z b where z > 1]\n"
         "relation public.t (z integer, b integer, c integer)\nrelation public.u (a integer)\n"},
        {"CREATE TABLE t (a int); CREATE PUBLICATION p FOR TABLE t; DROP TABLE t",
         "publication p\n"},
        {"CREATE PUBLICATION p FOR ALL TABLES; ALTER PUBLICATION p RENAME TO q",
         "publication q all tables\n"},
        {"CREATE ROLE a; CREATE USER b IN ROLE a; GRANT c TO b; REVOKE a FROM b; ALTER ROLE a "
         "RENAME "
         "TO d; GRANT d TO b",
         "role b [c] [d]\nrole d\n"},
        {"CREATE OPERATOR === (leftarg = int, rightarg = text, procedure = f, commutator = =!=)",
         "operator public.=!= (text, integer) shell\noperator public.=== (integer, text)\n"},
        {"CREATE TABLE t (a int, b int); CREATE STATISTICS ON a, b FROM t;"
         "CREATE STATISTICS ON a, b FROM t; ALTER STATISTICS t_a_b_stat RENAME TO s",
         "relation public.t (a integer, b integer)\nstatistics object public.s\n"
         "statistics object public.t_a_b_stat1\n"},
        {"CREATE TABLE t (a int, b int); CREATE STATISTICS s ON a, b FROM t; DROP TABLE t", ""},
        {"CREATE OPERATOR CLASS o FOR TYPE int USING btree AS STORAGE int",
         "operator class public.o btree\noperator family public.o btree\n"},
        {"CREATE EXTENSION hstore SCHEMA s; DROP EXTENSION IF EXISTS pgcrypto, hstore", ""},
        {"CREATE TEXT SEARCH CONFIGURATION c (copy = simple); ALTER TEXT SEARCH CONFIGURATION c "
         "SET "
         "SCHEMA s; ALTER TEXT SEARCH CONFIGURATION s.c OWNER TO o",
         "text search configuration s.c owner o\n"},
        {"CREATE CAST (int AS text) WITH INOUT; CREATE CAST (int8 AS text) WITH INOUT;"
         "DROP CAST (integer AS text)",
         "cast \"(bigint AS text)\"\n"},
        {"SET ROLE o; CREATE SCHEMA s; RESET ROLE; CREATE SCHEMA AUTHORIZATION t;"
         "REASSIGN OWNED BY o TO p",
         "schema s owner p\nschema t owner t\n"},
    };

    expect_objects(*state, trials, LK_ARRAY_SIZE(trials));
}

static void
privileges_are_kept(void **state)
{
    static const struct trial trials[] = {
        {"CREATE TABLE t (a int); GRANT SELECT, INSERT (a) ON t TO r WITH GRANT OPTION;"
         "REVOKE GRANT OPTION FOR SELECT ON t FROM r",
         "relation public.t (a integer) r=SELECT a:r=INSERT*\n"},
        {"CREATE TABLE t (a int); GRANT ALL ON t TO r; REVOKE TRUNCATE, TRIGGER, REFERENCES, "
         "DELETE "
         "ON t FROM r",
         "relation public.t (a integer) r=INSERT r=SELECT r=UPDATE\n"},
        {"CREATE TABLE t (a int); GRANT SELECT (a), UPDATE (a) ON t TO r; REVOKE SELECT ON t FROM "
         "r;"
         "ALTER TABLE t RENAME a TO b",
         "relation public.t (b integer) b:r=UPDATE\n"},
        {F("f", "",
           "int") "REVOKE ALL ON FUNCTION f() FROM PUBLIC; GRANT EXECUTE ON FUNCTION f TO r",
         "function public.f() f integer r=EXECUTE\n"},
        {F("f", "", "int") "GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO r",
         "function public.f() f integer public=EXECUTE r=EXECUTE\n"},
        {"CREATE SCHEMA s; CREATE TYPE s.a AS ENUM ('x'); ALTER DEFAULT PRIVILEGES IN SCHEMA s "
         "GRANT "
         "USAGE ON TYPES TO r; CREATE TYPE s.b AS ENUM ('x'); DROP SCHEMA s CASCADE",
         ""},
        {"ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;" F(
             "f", "", "int") "DROP OWNED BY nobody; ALTER FUNCTION f() OWNER TO o",
         "default privileges \"//19\"\nfunction public.f() f integer owner o\n"},
    };

    expect_objects(*state, trials, LK_ARRAY_SIZE(trials));
}

/* ---- what is not certain ---- */

static void
types_are_printed_by_their_definitions(void **state)
{
    struct lk_catalog *catalog = lk_unit_replay(
        *state,
        "CREATE TYPE r AS RANGE (subtype = int); CREATE TABLE t (a r[]); ALTER TYPE r RENAME TO s");

    lk_expect_text("range", lk_schema_sql(*state, catalog),
                   "SET check_function_bodies = off;\n"
                   "CREATE TYPE public.s AS RANGE (subtype = int);\n"
                   "CREATE TABLE public.t (\n    a public.s[]\n);\n");
}

static void
an_open_world_refuses_nothing_missing(void **state)
{
    struct lk_catalog *catalog = lk_unit_replay(*state, "DROP FUNCTION f(int)");

    lk_expect_number("function", (long long)lk_catalog_refusals(catalog)->items.count, 0);
    catalog = lk_unit_replay(*state, "DROP TYPE t");
    lk_expect_number("type", (long long)lk_catalog_refusals(catalog)->items.count, 0);
    catalog = lk_unit_replay(*state, "CREATE SCHEMA s; DROP TYPE s.t");
    lk_expect_number("in a new schema", (long long)lk_catalog_refusals(catalog)->items.count, 1);
}

static void
what_may_be_carried_out_is_doubted(void **state)
{
    struct lk_catalog *catalog = lk_unit_replay(*state, F("f", "", "int"));
    static const char *const statements[] = {F("g", "", "int"), "DROP FUNCTION f()",
                                             F("f", "", "int")};

    for (size_t i = 0; i < LK_ARRAY_SIZE(statements); i++) {
        struct lk_script *script = lk_unit_script(catalog, statements[i]);
        assert_non_null(lk_script_tree(script, 0));
        lk_replay_maybe(catalog, &script->statements.items[0], script->source->text);
        lk_expect_number(statements[i], (long long)lk_catalog_refusals(catalog)->items.count, 0);
    }
    lk_expect_true("f", lk_catalog_functions(catalog, NULL, "f", NULL)->object.doubtful);
    lk_expect_true("g", lk_catalog_functions(catalog, NULL, "g", NULL)->object.doubtful);
}

static void
overloads_are_found_in_the_order_of_search_path(void **state)
{
    struct lk_catalog *catalog = lk_unit_replay(
        *state, "CREATE SCHEMA a; CREATE SCHEMA b;" F("b.f", "int", "int") F("a.f", "text", "int")
                    F("a.f", "date", "int") "SET search_path = a, b");
    struct lk_function *function = NULL;
    struct lk_buf found = lk_buf_init(*state);

    while ((function = lk_catalog_functions(catalog, NULL, "f", function)) != NULL)
        lk_buf_addf(&found, "%s.%s ", function->schema, function->signature);
    lk_expect_text("all", found.data, "a.f(text) a.f(date) b.f(integer) ");
    assert_null(lk_catalog_functions(catalog, "c", "f", NULL));
    assert_true(lk_catalog_has_function(catalog, "f"));
    lk_unit_replay_on(catalog, "DROP SCHEMA a CASCADE; DROP FUNCTION b.f");
    assert_false(lk_catalog_has_function(catalog, "f"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        lk_unit(functions_have_signatures),
        lk_unit(types_are_followed),
        lk_unit(other_objects_are_followed),
        lk_unit(privileges_are_kept),
        lk_unit(types_are_printed_by_their_definitions),
        lk_unit(an_open_world_refuses_nothing_missing),
        lk_unit(what_may_be_carried_out_is_doubted),
        lk_unit(overloads_are_found_in_the_order_of_search_path),
    };

    return cmocka_run_group_tests(tests, NULL, lk_unit_finish);
}
