/*
 * tests/unit/test_script.c
 *     parser/script: a file as statements, and every error in it.
 */
#include "parser/script.h"

#include "parser/base/buf.h"
#include "parser/command.h"
#include "tests/unit/unit.h"

/*
 * parts returns the statements of a text as "text" joined by " | "; of broken ones
 * "!message at line:column".
 */
static const char *
parts(TALLOC_CTX *mem, const char *text)
{
    struct lk_script *script = lk_unit_script(mem, text);
    struct lk_buf out = lk_buf_init(mem);

    for (size_t i = 0; i < script->statements.count; i++) {
        bool parsed = lk_script_tree(script, i) != NULL;
        const struct lk_statement *statement = &script->statements.items[i];
        lk_buf_sep(&out, " | ");
        if (parsed) {
            lk_buf_add(&out, lk_unit_part(mem, text, statement->span));
            continue;
        }
        struct lk_position at = lk_source_position(script->source, statement->error_at);
        lk_buf_addf(&out, "!%s at %u:%u", statement->error, at.line, at.column);
    }
    return out.data;
}

struct splitting {
    const char *text;
    const char *parts;
};

static void
expect_splittings(TALLOC_CTX *mem, const struct splitting *cases, size_t count)
{
    for (size_t i = 0; i < count; i++)
        lk_expect_text(cases[i].text, parts(mem, cases[i].text), cases[i].parts);
}

#define EXPECT(mem, cases) expect_splittings(mem, cases, LK_ARRAY_SIZE(cases))

static void
spans_are_trimmed(void **state)
{
    static const struct splitting cases[] = {
        {"SELECT 1", "SELECT 1"},
        {"SELECT 1;", "SELECT 1"},
        {"  \n SELECT 1 \n ; \n", "SELECT 1"},
        {"-- a\n/* b */ SELECT 1 /* c */ -- d\n;-- e", "SELECT 1"},
        {"SELECT /* inside */ 1;", "SELECT /* inside */ 1"},
        {"SELECT 1; SELECT 2;SELECT 3", "SELECT 1 | SELECT 2 | SELECT 3"},
        {"SELECT 1;-- a; b\nSELECT 2;/* c; d */SELECT 3", "SELECT 1 | SELECT 2 | SELECT 3"},
        {"\r\nSELECT 1\r\n;\r\nSELECT 2\r\n", "SELECT 1 | SELECT 2"},
        {"SELECT ';', \";\", $$;$$, E';\\';' FROM t AS \";\"; SELECT 2",
         "SELECT ';', \";\", $$;$$, E';\\';' FROM t AS \";\" | SELECT 2"},
    };

    EXPECT(*state, cases);
}

static void
empty_statements_are_none(void **state)
{
    static const struct splitting cases[] = {
        {"", ""},
        {" \n\t", ""},
        {";", ""},
        {";;; ;", ""},
        {"-- only a comment", ""},
        {"/* a */;/* b */", ""},
        {";;SELECT 1;;;SELECT 2;;", "SELECT 1 | SELECT 2"},
    };

    EXPECT(*state, cases);
}

static void
regions_cover_the_text(void **state)
{
    static const char text[] = "-- a\n SELECT 1 /*b*/; -- c\n;;\nSELECT 2 -- d\n;\n-- e\n";
    struct lk_script *script = lk_unit_script(*state, text);
    const struct lk_statement *first = &script->statements.items[0], *second = first + 1;

    assert_int_equal(script->statements.count, 2);
    assert_string_equal(lk_unit_part(*state, text, first->region), "-- a\n SELECT 1 /*b*/;");
    assert_string_equal(lk_unit_part(*state, text, second->region), "\nSELECT 2 -- d\n;");
    assert_int_equal(first->index, 0);
    assert_int_equal(second->index, 1);
    assert_int_equal(script->comments.count, 5);
    assert_string_equal(lk_unit_part(*state, text, script->comments.items[1]), "/*b*/");
    assert_string_equal(lk_unit_part(*state, text, script->comments.items[4]), "-- e");
}

static void
semicolons_inside_statements(void **state)
{
    static const struct splitting cases[] = {
        {"CREATE RULE r AS ON INSERT TO t DO ALSO (INSERT INTO a VALUES (1); DELETE FROM b); "
         "SELECT 1",
         "CREATE RULE r AS ON INSERT TO t DO ALSO (INSERT INTO a VALUES (1); DELETE FROM b) | "
         "SELECT 1"},
        {"CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; SELECT 2; END; "
         "SELECT 3",
         "CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; SELECT 2; END | "
         "SELECT 3"},
        {"CREATE OR REPLACE PROCEDURE p() BEGIN ATOMIC INSERT INTO t VALUES (1); END; SELECT 2",
         "CREATE OR REPLACE PROCEDURE p() BEGIN ATOMIC INSERT INTO t VALUES (1); END | SELECT 2"},
        {"CREATE FUNCTION f(a int) RETURNS int begin atomic select case when a > 0 then 1 else 2 "
         "end; select case a when 1 then case when true then 2 end end; end; SELECT 1",
         "CREATE FUNCTION f(a int) RETURNS int begin atomic select case when a > 0 then 1 else 2 "
         "end; select case a when 1 then case when true then 2 end end; end | SELECT 1"},
        {"CREATE FUNCTION f() RETURNS int BEGIN ATOMIC END; SELECT 1",
         "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC END | SELECT 1"},
        {"CREATE FUNCTION f() RETURNS int LANGUAGE sql RETURN 1; SELECT 2",
         "CREATE FUNCTION f() RETURNS int LANGUAGE sql RETURN 1 | SELECT 2"},
        {"CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN PERFORM 1; END $$; BEGIN; "
         "COMMIT",
         "CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN PERFORM 1; END $$ | BEGIN "
         "| COMMIT"},
        {"CREATE FUNCTION begin(\"atomic\" int) RETURNS int RETURN 1; SELECT 2",
         "CREATE FUNCTION begin(\"atomic\" int) RETURNS int RETURN 1 | SELECT 2"},
        {"BEGIN; CREATE TABLE \"atomic\" (id int); END; SELECT 1",
         "BEGIN | CREATE TABLE \"atomic\" (id int) | END | SELECT 1"},
        {"DO $$ BEGIN NULL; END $$; SELECT 1", "DO $$ BEGIN NULL; END $$ | SELECT 1"},
    };

    EXPECT(*state, cases);
}

/* Messages and places as the server gives them. */
static void
every_error_is_reported(void **state)
{
    static const struct splitting cases[] = {
        {"SELEC 1", "!syntax error at or near \"SELEC\" at 1:1"},
        {"SELECT 1;\nSELEC 2;\nSELECT 3;\nCREATE TABEL t (id int);\nSELECT 5",
         "SELECT 1 | !syntax error at or near \"SELEC\" at 2:1 | SELECT 3 | "
         "!syntax error at or near \"TABEL\" at 4:8 | SELECT 5"},
        {"CREATE TABLE t (id int,);\nDROP TABLE;\nSELECT 1",
         "!syntax error at or near \")\" at 1:24 | !syntax error at or near \";\" at 2:11 | "
         "SELECT 1"},
        {"SELECT 1;\n\n  -- why\n  CREATE INDEX ON (a);",
         "SELECT 1 | !syntax error at or near \"(\" at 4:19"},
        {"ALTER TABLE t ADD COLUMN", "!syntax error at end of input at 1:25"},
        {"SELECT 'a", "!unterminated quoted string at or near \"'a\" at 1:8"},
        {"SELECT 1;\nSELECT \"a",
         "SELECT 1 | !unterminated quoted identifier at or near \"\"a\" at 2:8"},
        {"SELECT 1; /* a", "SELECT 1 | !unterminated /* comment at or near \"/* a\" at 1:11"},
        {"SELECT $a$ x", "!unterminated dollar-quoted string at or near \"$a$ x\" at 1:8"},
        {"SELECT \"\";", "!zero-length delimited identifier at or near \"\"\"\" at 1:8"},
        {"SELECT 1; PREPARE p AS SELECT $1a + $2; SELECT $1 a",
         "SELECT 1 | !trailing junk after parameter at or near \"$1a\" at 1:31 | SELECT $1 a"},
        {"SELECT 1)", "!syntax error at or near \")\" at 1:9"},
        {"SELECT 1); SELECT 2", "!syntax error at or near \")\" at 1:9 | SELECT 2"},
    };

    EXPECT(*state, cases);
}

static void
errors_behind_other_alphabets(void **state)
{
    static const struct splitting cases[] = {
        {"-- gr\xC3\xB6\xC3\x9F\x65 \xE2\x82\xAC\nSELECT '\xF0\x9F\x98\x80'; SELEC 1;",
         "SELECT '\xF0\x9F\x98\x80' | !syntax error at or near \"SELEC\" at 2:13"},
        {"/* \xF0\x9F\x98\x80 */ CREATE TABLE gr\xC3\xB6\xC3\x9F\x65 (id int, id2 int i);",
         "!syntax error at or near \"i\" at 1:45"},
        {"SELECT '\xC3\xB6' FORM t;\nSELECT '\xC3\xB6\xC3\xB6' x y;",
         "!syntax error at or near \"t\" at 1:17 | !syntax error at or near \"y\" at 2:15"},
    };

    EXPECT(*state, cases);
}

static void
byte_offsets_of_errors(void **state)
{
    static const char text[] = "SELECT '\xF0\x9F\x98\x80'; \xC3\xB6 SELEC;";
    struct lk_script *script = lk_unit_script(*state, text);

    assert_non_null(lk_script_tree(script, 0));
    assert_null(lk_script_tree(script, 1));
    assert_int_equal(script->statements.items[1].error_at, 15); /* of the o with dots */
}

/* What follows a parenthesis left open is looked at all the same. */
static void
an_open_parenthesis_hides_nothing(void **state)
{
    static const struct splitting cases[] = {
        {"CREATE TABLE a (id int;\nCREATE TABLE b (id int);\nSELEC 1;\nSELECT 2;",
         "!syntax error at or near \";\" at 1:23 | CREATE TABLE b (id int) | "
         "!syntax error at or near \"SELEC\" at 3:1 | SELECT 2"},
        {"SELECT 0; SELECT (1; SELECT (2; DROP TABLE t",
         "SELECT 0 | !syntax error at or near \";\" at 1:20 | "
         "!syntax error at or near \";\" at 1:31 | DROP TABLE t"},
        {"CREATE TABLE a (id int", "!syntax error at end of input at 1:23"},
        {"INSERT INTO t VALUES ((1);\nALTER TABLE t ADD COLUMN a int;",
         "!syntax error at or near \";\" at 1:26 | ALTER TABLE t ADD COLUMN a int"},
    };

    EXPECT(*state, cases);
}

/* The server stumbles over the next statement's first word: that one is looked at, too. */
static void
a_missing_semicolon_hides_nothing(void **state)
{
    static const struct splitting cases[] = {
        {"SELECT 1 FROM t\nSELECT 2;\nSELECT 3",
         "!syntax error at or near \"SELECT\" at 2:1 | SELECT 2 | SELECT 3"},
        {"CREATE TABLE a (id int)\n-- next\n  create table b (id int)\nDROP TABLE c;\nSELEC 1",
         "!syntax error at or near \"create\" at 3:3 | !syntax error at or near \"DROP\" at 4:1 | "
         "DROP TABLE c | !syntax error at or near \"SELEC\" at 5:1"},
        {"CREATE TABLE a (id int\nCREATE TABLE b (id int);\nDROP TABLE c;",
         "!syntax error at or near \"CREATE\" at 2:1 | CREATE TABLE b (id int) | DROP TABLE c"},
        /* not a statement: a column in want of a comma */
        {"CREATE TABLE a (\n  id int\n  comment text\n);\nSELECT 1",
         "!syntax error at or near \"comment\" at 3:3 | SELECT 1"},
        /* in the middle of a line it is a slip of another kind */
        {"CREATE TABLE a (id int) SELECT 1;", "!syntax error at or near \"SELECT\" at 1:25"},
        {"ALTER TABLE t\nDROP COLUMN a\nDROP COLUMN b;",
         "!syntax error at or near \"DROP\" at 3:1"},
    };

    EXPECT(*state, cases);
}

/* Statements that hold others, and are not closed. */
static void
an_open_body_hides_nothing(void **state)
{
    static const struct splitting cases[] = {
        {"CREATE RULE r AS ON INSERT TO t DO ALSO (\n  INSERT INTO a VALUES (1);\n"
         "  DELETE FROM b;\nSELECT 1;\nSELEC 2;",
         "!syntax error at end of input at 3:16 | SELECT 1 | "
         "!syntax error at or near \"SELEC\" at 5:1"},
        {"CREATE FUNCTION f() RETURNS int BEGIN ATOMIC\n  SELECT 1;\nCREATE TABLE t (id int);\n"
         "SELECT 2;",
         "!syntax error at end of input at 2:11 | CREATE TABLE t (id int) | SELECT 2"},
        /* closed: a broken statement inside is one error */
        {"CREATE RULE r AS ON INSERT TO t DO (SELEC 1;\nDELETE FROM b);\nSELECT 1",
         "!syntax error at or near \"SELEC\" at 1:37 | SELECT 1"},
        {"CREATE TABLE rule (id int;\nCREATE TEMP TABLE rule (id int;\nSELECT 1",
         "!syntax error at or near \";\" at 1:26 | !syntax error at or near \";\" at 2:31 | "
         "SELECT 1"},
    };

    EXPECT(*state, cases);
}

/* CASE and END can be names; where the grammar takes a file, its borders are the right ones. */
static void
names_that_look_like_the_end_of_a_body(void **state)
{
    static const struct splitting cases[] = {
        {"CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1 AS end; SELECT 2; END; SELECT 3",
         "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1 AS end; SELECT 2; END | SELECT 3"},
        {"CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1 AS case, t.case FROM t; END; "
         "SELECT 3; SELEC 4",
         "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1 AS case, t.case FROM t; END | "
         "SELECT 3 | !syntax error at or near \"SELEC\" at 1:94"},
        {"SELECT 0; /* a */ CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1 end; SELECT 2; "
         "END /* b */ ; ; SELECT 3 -- c",
         "SELECT 0 | CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1 end; SELECT 2; END | "
         "SELECT 3"},
        {"CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1 case; END; SELECT 2; SELECT 3;",
         "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1 case; END | SELECT 2 | SELECT 3"},
        /* an error elsewhere does not matter where one word too much was seen */
        {"SELEC 0; CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1 case; END; SELECT 2;",
         "!syntax error at or near \"SELEC\" at 1:1 | "
         "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1 case; END | SELECT 2"},
    };

    EXPECT(*state, cases);
}

static void
any_statement_may_follow_an_open_parenthesis(void **state)
{
    static const char *const followers[] = {
        "ALTER TABLE t ADD COLUMN a int",
        "ANALYZE t",
        "BEGIN",
        "CALL p()",
        "CHECKPOINT",
        "CLUSTER t",
        "COMMENT ON TABLE t IS 'x'",
        "COMMIT",
        "COPY t TO STDOUT",
        "CREATE TABLE u (id int)",
        "DELETE FROM t",
        "DISCARD ALL",
        "DO $$ BEGIN NULL; END $$",
        "DROP TABLE t",
        "EXECUTE p",
        "EXPLAIN SELECT 1",
        "GRANT SELECT ON t TO r",
        "IMPORT FOREIGN SCHEMA s FROM SERVER v INTO u",
        "INSERT INTO t VALUES (1)",
        "LOCK TABLE t",
        "MERGE INTO t USING u ON t.id = u.id WHEN MATCHED THEN DELETE",
        "NOTIFY c",
        "PREPARE p AS SELECT 1",
        "REASSIGN OWNED BY a TO b",
        "REFRESH MATERIALIZED VIEW v",
        "REINDEX TABLE t",
        "RELEASE SAVEPOINT s",
        "RESET ALL",
        "REVOKE SELECT ON t FROM r",
        "ROLLBACK",
        "SAVEPOINT s",
        "SECURITY LABEL ON TABLE t IS 'x'",
        "SELECT 1",
        "SET lock_timeout = '1s'",
        "START TRANSACTION",
        "TRUNCATE t",
        "UPDATE t SET a = 1",
        "VACUUM t",
        "VALUES (1)",
        "WITH x AS (SELECT 1) DELETE FROM t",
    };

    for (size_t i = 0; i < LK_ARRAY_SIZE(followers); i++) {
        const char *text = lk_fmt(*state, "CREATE TABLE a (id int;\n%s;", followers[i]);
        lk_expect_text(followers[i], parts(*state, text),
                       lk_fmt(*state, "!syntax error at or near \";\" at 1:23 | %s", followers[i]));
    }
}

static void
comments_of_an_open_parenthesis_are_kept_once(void **state)
{
    struct lk_script *script =
        lk_unit_script(*state, "/* 1 */ CREATE TABLE a (id int; -- 2\nSELECT /* 3 */ 1; -- 4\n");

    assert_null(lk_script_tree(script, 0));
    assert_int_equal(script->statements.count, 2);
    assert_int_equal(script->comments.count, 4);
    assert_int_equal(script->statements.items[1].index, 1);
}

static void
reads_only_its_region(void **state)
{
    static const char text[] = "SELECT 1;\nSELECT 2;\nSELECT 3;\n";
    struct lk_source *source = lk_unit_source(*state, text);
    struct lk_script *script = lk_script_new(*state, source, (struct lk_span){10, 19});

    assert_int_equal(script->statements.count, 1);
    assert_non_null(lk_script_tree(script, 0));
    assert_string_equal(lk_unit_part(*state, text, script->statements.items[0].span), "SELECT 2");
    /* cut inside a statement: what is left of it is what there is */
    script = lk_script_new(*state, source, (struct lk_span){20, 26});
    assert_int_equal(script->statements.count, 1);
    assert_non_null(lk_script_tree(script, 0));
    assert_int_equal(script->statements.items[0].span.end, 26);
}

/* What stands between two regions is not SQL of this script, and each ends its last statement. */
static void
reads_several_regions(void **state)
{
    static const char text[] = "SELECT 1;\nDROP TABLE (;\nSELECT 2\nSELECT 3;\n";
    struct lk_source *source = lk_unit_source(*state, text);
    struct lk_script *script = lk_script_new(*state, source, (struct lk_span){0, 10});

    lk_script_add(script, (struct lk_span){24, 33});
    lk_script_add(script, (struct lk_span){33, source->size});
    assert_int_equal(script->statements.count, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_non_null(lk_script_tree(script, i));
        assert_int_equal(script->statements.items[i].index, i);
        assert_string_equal(lk_unit_part(*state, text, script->statements.items[i].span),
                            lk_fmt(*state, "SELECT %zu", i + 1));
    }
    assert_int_equal(lk_statement_offset(&script->statements.items[1], -1), 24);
}

static void
locations_count_from_the_file(void **state)
{
    static const char text[] = "SELECT 1;\n  SELECT 2;";
    struct lk_script *script = lk_unit_script(*state, text);

    assert_non_null(lk_script_tree(script, 1));
    assert_int_equal(lk_statement_offset(&script->statements.items[1], -1), 12);
    assert_int_equal(script->statements.items[1].base, 0); /* parsed with the first one */
    assert_int_equal(lk_statement_offset(&script->statements.items[1], 19), 19);
    script = lk_unit_script(*state, "SELEC 1;\n  SELECT 2;");
    assert_non_null(lk_script_tree(script, 1));
    assert_int_equal(script->statements.items[1].base, 11); /* parsed alone */
    assert_int_equal(lk_statement_offset(&script->statements.items[1], 7), 18);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        lk_unit(spans_are_trimmed),
        lk_unit(empty_statements_are_none),
        lk_unit(regions_cover_the_text),
        lk_unit(semicolons_inside_statements),
        lk_unit(every_error_is_reported),
        lk_unit(errors_behind_other_alphabets),
        lk_unit(byte_offsets_of_errors),
        lk_unit(an_open_parenthesis_hides_nothing),
        lk_unit(a_missing_semicolon_hides_nothing),
        lk_unit(an_open_body_hides_nothing),
        lk_unit(names_that_look_like_the_end_of_a_body),
        lk_unit(any_statement_may_follow_an_open_parenthesis),
        lk_unit(comments_of_an_open_parenthesis_are_kept_once),
        lk_unit(reads_only_its_region),
        lk_unit(reads_several_regions),
        lk_unit(locations_count_from_the_file),
    };

    return cmocka_run_group_tests(tests, NULL, lk_unit_finish);
}
