/*
 * tests/unit/test_plpgsql.c
 *     parser/plpgsql, parser/body, parser/fragment, parser/constant: what stands inside bodies.
 */
#include "parser/body.h"

#include "parser/base/buf.h"
#include "parser/lexer.h"
#include "parser/pgparse.h"
#include "tests/unit/unit.h"

/*
 * inside returns what the bodies of a text hold, joined by " | ": statements as "when:text", texts
 * of EXECUTE that are not known as "when?text", and errors as "!message at line:column". The text
 * of a statement is that of the place in the file where it is said to stand.
 */
static const char *
inside(TALLOC_CTX *mem, const char *text)
{
    static const char *const whens[] = {"now", "maybe", "called"};
    struct lk_script *script = lk_unit_script(mem, text);
    struct lk_buf out = lk_buf_init(mem);

    for (size_t i = 0; i < script->statements.count; i++) {
        const struct lk_body *body = lk_script_body(script, i);
        if (body == NULL)
            continue;
        lk_vec_foreach(nested, &body->items) {
            const struct lk_statement *statement = &nested->statement;
            lk_buf_sep(&out, " | ");
            if (statement->error != NULL) {
                struct lk_position at = lk_source_position(nested->source, statement->error_at);
                lk_buf_addf(&out, "!%s at %u:%u", statement->error, at.line, at.column);
                continue;
            }
            struct lk_span span = lk_source_span(nested->source, statement->span);
            lk_buf_addf(&out, "%s%c%s", whens[nested->when], nested->dynamic ? '?' : ':',
                        lk_unit_part(mem, text, span));
        }
    }
    return out.data;
}

struct holding {
    const char *text;
    const char *inside;
};

static void
expect_holdings(TALLOC_CTX *mem, const struct holding *cases, size_t count)
{
    for (size_t i = 0; i < count; i++)
        lk_expect_text(cases[i].text, inside(mem, cases[i].text), cases[i].inside);
}

#define EXPECT(mem, cases) expect_holdings(mem, cases, LK_ARRAY_SIZE(cases))

/* in_block wraps statements into a DO block. */
static char *
in_block(TALLOC_CTX *mem, const char *statements)
{
    return lk_fmt(mem, "DO $$ BEGIN %s END $$", statements);
}

static void
expect_blocks(TALLOC_CTX *mem, const struct holding *cases, size_t count)
{
    for (size_t i = 0; i < count; i++)
        lk_expect_text(cases[i].text, inside(mem, in_block(mem, cases[i].text)), cases[i].inside);
}

#define EXPECT_BLOCKS(mem, cases) expect_blocks(mem, cases, LK_ARRAY_SIZE(cases))

static void
statements_say_when_they_run(void **state)
{
    static const struct holding cases[] = {
        {"DROP TABLE t;", "now:DROP TABLE t"},
        {"DROP TABLE t; NULL; DROP TABLE u;", "now:DROP TABLE t | now:DROP TABLE u"},
        {"BEGIN DROP TABLE t; END;", "now:DROP TABLE t"},
        {"IF a THEN DROP TABLE t; ELSIF b THEN DROP TABLE u; ELSEIF c THEN NULL; "
         "ELSE DROP TABLE v; END IF; DROP TABLE w;",
         "maybe:DROP TABLE t | maybe:DROP TABLE u | maybe:DROP TABLE v | now:DROP TABLE w"},
        {"CASE WHEN a THEN DROP TABLE t; ELSE DROP TABLE u; END CASE;",
         "maybe:DROP TABLE t | maybe:DROP TABLE u"},
        {"CASE a + 1 WHEN 1, 2 THEN DROP TABLE t; END CASE;", "maybe:DROP TABLE t"},
        {"LOOP DROP TABLE t; EXIT; END LOOP; DROP TABLE u;",
         "maybe:DROP TABLE t | now:DROP TABLE u"},
        {"WHILE a LOOP DROP TABLE t; CONTINUE WHEN b; END LOOP;", "maybe:DROP TABLE t"},
        {"FOR i IN REVERSE 10..1 BY 2 LOOP DROP TABLE t; END LOOP;", "maybe:DROP TABLE t"},
        {"FOR i IN 1..10 LOOP DROP TABLE t; END LOOP;", "maybe:DROP TABLE t"},
        {"FOREACH x SLICE 1 IN ARRAY y LOOP DROP TABLE t; END LOOP;", "maybe:DROP TABLE t"},
        {"FOR r IN SELECT 1 LOOP DROP TABLE t; END LOOP;", "now:SELECT 1 | maybe:DROP TABLE t"},
        {"FOR a, b IN (SELECT 1, 2) LOOP NULL; END LOOP;", "now:(SELECT 1, 2)"},
        {"FOR r IN c(1, y := 2) LOOP DROP TABLE t; END LOOP;", "maybe:DROP TABLE t"},
        {"<<a>> LOOP <<b>> WHILE c LOOP EXIT b; END LOOP b; END LOOP a; DROP TABLE t;",
         "maybe:DROP TABLE t"},
        {"DROP TABLE t; EXCEPTION WHEN undefined_table OR SQLSTATE '42P01' THEN DROP TABLE u;",
         "maybe:DROP TABLE t | maybe:DROP TABLE u"},
        {"BEGIN DROP TABLE t; EXCEPTION WHEN OTHERS THEN NULL; END; DROP TABLE u;",
         "maybe:DROP TABLE t | now:DROP TABLE u"},
        {"IF a THEN RETURN; END IF; DROP TABLE t;", "maybe:DROP TABLE t"},
        {"IF a THEN RAISE EXCEPTION 'no'; END IF; DROP TABLE t;", "now:DROP TABLE t"},
        {"EXIT WHEN a; DROP TABLE t;", "now:DROP TABLE t"},
    };

    EXPECT_BLOCKS(*state, cases);
}

static void
every_statement_is_read(void **state)
{
    static const struct holding cases[] = {
        {"a := 1; a = 2; a.b := 3; a[1] := 4; a[b[2]].c = 5; \"A\" := 6;", ""},
        {"return := 1; query := 2; raise = 3; exception := 4; NULL;", ""},
        {"PERFORM f(1);", "now:PERFORM f(1)"},
        {"CALL p(1); COMMIT; ROLLBACK AND CHAIN;",
         "now:CALL p(1) | now:COMMIT | now:ROLLBACK AND CHAIN"},
        {"SELECT 1 INTO a; SELECT b INTO STRICT a.c, d FROM t;",
         "now:SELECT 1 INTO a | now:SELECT b INTO STRICT a.c, d FROM t"},
        {"INSERT INTO t VALUES (1) RETURNING id INTO STRICT a;",
         "now:INSERT INTO t VALUES (1) RETURNING id INTO STRICT a"},
        {"WITH x AS (INSERT INTO t VALUES (1) RETURNING id) SELECT id INTO a FROM x;",
         "now:WITH x AS (INSERT INTO t VALUES (1) RETURNING id) SELECT id INTO a FROM x"},
        {"MERGE INTO t USING u ON t.id = u.id WHEN MATCHED THEN DELETE;",
         "now:MERGE INTO t USING u ON t.id = u.id WHEN MATCHED THEN DELETE"},
        {"IMPORT FOREIGN SCHEMA s FROM SERVER v INTO w;",
         "now:IMPORT FOREIGN SCHEMA s FROM SERVER v INTO w"},
        {"CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2);",
         "now:CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2)"},
        {"CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; END;",
         "now:CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; END"},
        {"RAISE; RAISE NOTICE 'a % %', 1, f(2, 3); RAISE division_by_zero; RAISE SQLSTATE '22012'; "
         "RAISE 'x' USING ERRCODE = '22012', HINT = 'a' || 'b'; RAISE USING MESSAGE = 'm'; "
         "RAISE unique_violation USING MESSAGE = 'm'; RAISE WARNING USING MESSAGE := 'm';",
         "now:RAISE NOTICE 'a % %', 1, f(2, 3)"},
        {"ASSERT a > 0; ASSERT a > 0, 'message'; ASSERT f() > 0;", "maybe:ASSERT f() > 0"},
        {"a := 1; a := f(1); IF f() THEN b := g(2); ELSIF h() THEN NULL; END IF; RETURN;",
         "now:a := f(1) | now:IF f() | maybe:b := g(2) | maybe:ELSIF h()"},
        {"CASE WHEN f() THEN NULL; WHEN g() THEN NULL; END CASE;", "now:WHEN f() | maybe:WHEN g()"},
        {"GET DIAGNOSTICS n = ROW_COUNT; GET STACKED DIAGNOSTICS m := MESSAGE_TEXT;", ""},
        {"OPEN c; OPEN c(1); OPEN c FOR SELECT 1; OPEN c NO SCROLL FOR SELECT 2; "
         "FETCH NEXT FROM c INTO a; MOVE LAST IN c; CLOSE c;",
         "now:SELECT 1 | now:SELECT 2"},
        {"RETURN; RETURN NEXT; RETURN 1 + 1;", ""},
        {"RETURN NEXT a; RETURN QUERY SELECT 1;", "now:SELECT 1"},
        {"DO 'BEGIN DROP TABLE t; END';", "now:DO 'BEGIN DROP TABLE t; END' | now:DROP TABLE t"},
    };

    EXPECT_BLOCKS(*state, cases);
}

static void
declarations_are_read(void **state)
{
    static const struct holding cases[] = {
        {"DO $$ DECLARE a int; b CONSTANT numeric(10, 2) NOT NULL := 1; c text COLLATE \"C\" "
         "DEFAULT 'x'; d t.a%TYPE = 2; e t%ROWTYPE; DECLARE f int[]; g ALIAS FOR a; BEGIN END $$",
         ""},
        {"DO $$ DECLARE c CURSOR FOR SELECT 1; d NO SCROLL CURSOR (x int, y text) IS SELECT x; "
         "BEGIN END $$",
         "now:SELECT 1 | now:SELECT x"},
        {"DO $$ #variable_conflict use_column\n#print_strict_params on\n<<outer>> DECLARE\n"
         "BEGIN NULL; END outer; $$",
         ""},
        {"DO $$ DECLARE a int := (SELECT 1 FRM t); BEGIN END $$",
         "!syntax error at or near \"t\" at 1:38"},
    };

    EXPECT(*state, cases);
}

static void
routines_run_when_they_are_called(void **state)
{
    static const struct holding cases[] = {
        {"CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $x$BEGIN DROP TABLE t; END$x$",
         "called:DROP TABLE t"},
        {"CREATE OR REPLACE PROCEDURE p() AS $$BEGIN COMMIT; END$$ LANGUAGE plpgsql",
         "called:COMMIT"},
        {"CREATE FUNCTION f() RETURNS int LANGUAGE sql AS ' SELECT 1; DELETE FROM t '",
         "called:SELECT 1 | called:DELETE FROM t"},
        {"CREATE FUNCTION f() RETURNS int LANGUAGE 'sql' AS $$SELECT 1;;$$", "called:SELECT 1"},
        {"CREATE FUNCTION f() RETURNS int LANGUAGE sql RETURN 1", ""},
        {"CREATE FUNCTION f() RETURNS int BEGIN ATOMIC DELETE FROM t; SELECT 1; END", ""},
        {"CREATE FUNCTION f() RETURNS int LANGUAGE c AS 'lib', 'symbol'", ""},
        {"CREATE FUNCTION f() RETURNS int LANGUAGE plpython3u AS $$return 1 if x else$$", ""},
        {"DO LANGUAGE plpython3u $$ x = $$", ""},
        {"DO $$ x $$ LANGUAGE plperl", ""},
        {"DO $a$ BEGIN CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $b$ SELECT 1 $b$; END $a$",
         "now:CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $b$ SELECT 1 $b$ | called:SELECT 1"},
        {"CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $a$ BEGIN CREATE FUNCTION g() "
         "RETURNS "
         "int LANGUAGE plpgsql AS $b$ BEGIN x y z; END $b$; END $a$",
         "called:CREATE FUNCTION g() RETURNS int LANGUAGE plpgsql AS $b$ BEGIN x y z; END $b$"},
        {"CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $a$ BEGIN DO $b$ BEGIN DROP TABLE "
         "t; "
         "END $b$; END $a$",
         "called:DO $b$ BEGIN DROP TABLE t; END $b$ | called:DROP TABLE t"},
    };

    EXPECT(*state, cases);
}

static void
errors_are_where_the_server_points(void **state)
{
    static const struct holding cases[] = {
        {"DO $$\nBEGIN\n    DROP TBLE t;\nEND\n$$", "!syntax error at or near \"TBLE\" at 3:10"},
        {"DO $$\nBEGIN\n    x := 1 +;\nEND\n$$", "!syntax error at end of input at 3:13"},
        {"DO $$\nBEGIN\n    PERFORM f() INTO;\nEND\n$$", "!syntax error at end of input at 3:21"},
        {"DO $$\nBEGIN\n    IF THEN NULL; END IF;\nEND\n$$", "!missing expression at 3:8"},
        {"DO $$BEGIN PERFORM a b c; END$$", "!syntax error at or near \"c\" at 1:24"},
        {"DO $$BEGIN SELECT a INTO b FRM c d; END$$", "!syntax error at or near \"c\" at 1:32"},
        {"DO $$BEGIN IF a THEN NULL; END; END$$", "!syntax error at or near \";\" at 1:31"},
        {"DO $$BEGIN IF a NULL; END IF; END$$",
         "!missing \"THEN\" at end of SQL expression at 1:21"},
        {"DO $$BEGIN IF (a THEN NULL; END IF; END$$", "!mismatched parentheses at 1:27"},
        {"DO $$BEGIN IF a) THEN NULL; END IF; END$$", "!mismatched parentheses at 1:16"},
        {"DO $$BEGIN LOOP NULL; END IF; END$$", "!syntax error at or near \"IF\" at 1:27"},
        {"DO $$BEGIN NULL END$$", "!syntax error at or near \"END\" at 1:17"},
        {"DO $$BEGIN NULL;$$", "!syntax error at end of input at 1:17"},
        {"DO $$BEGIN NULL; END; NULL;$$", "!syntax error at or near \"NULL\" at 1:23"},
        {"DO $$BEGIN x := 'a; END$$", "!unterminated quoted string at 1:17"},
        {"DO $$BEGIN RAISE NOTICE 'a' || b; END$$", "!syntax error at or near \"||\" at 1:29"},
        {"DO $$BEGIN SELECT 1 INTO a INTO b; END$$", "!INTO specified more than once at 1:28"},
        {"DO $$BEGIN ELSE NULL; END$$", "!syntax error at or near \"ELSE\" at 1:12"},
        {"DO $$BEGIN RETRUN 1; DROP TBLE t; END$$",
         "!syntax error at or near \"RETRUN\" at 1:12 | !syntax error at or near \"TBLE\" at 1:27"},
        {"DO $$DECLARE using int; BEGIN END$$", "!syntax error at or near \"using\" at 1:14"},
        {"DO $$DECLARE a int BEGIN END$$", "!syntax error at end of input at 1:29"},
        {"CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$\nSELECT 1;\nSELEC 2;\n$$",
         "called:SELECT 1 | !syntax error at or near \"SELEC\" at 3:1"},
    };

    EXPECT(*state, cases);
}

static void
places_are_true_through_quoting(void **state)
{
    static const struct holding cases[] = {
        {"DO 'BEGIN x := ''a''; DROP TABLE \"t''u\"; END'", "now:DROP TABLE \"t''u\""},
        {"DO 'BEGIN\n x := ''a''''b'';\n DROP TBLE t; END'",
         "!syntax error at or near \"TBLE\" at 3:7"},
        {"DO E'BEGIN\\n x := \\'a\\';\\n DROP TBLE t; END'",
         "!syntax error at or near \"TBLE\" at 1:33"},
        {"DO e'BEGIN x := ''\\x41\\101\\u0042\\U00000043\\q\\\\\\\\''; DROP TABLE \\164; END'",
         "now:DROP TABLE \\164"},
        {"DO U&'BEGIN x := ''\\0061\\+01F600\\\\''; DROP TBLE t; END'",
         "!syntax error at or near \"TBLE\" at 1:44"},
        {"DO U&'BEGIN x := ''!0061''; DROP TABLE t; END' UESCAPE '!'", "now:DROP TABLE t"},
        {"DO 'BEGIN x := ''\xC3\xA4\xE2\x82\xAC''; DROP TBLE t; END'",
         "!syntax error at or near \"TBLE\" at 1:29"},
        {"DO 'BEGIN '\n 'DROP '\n 'TABLE t; END'", "now:DROP '\n 'TABLE t"},
        {"DO $a$BEGIN DO 'BEGIN x := ''b''; DROP TBLE t; END'; END$a$",
         "now:DO 'BEGIN x := ''b''; DROP TBLE t; END' | !syntax error at or near \"TBLE\" at 1:40"},
        {"DO 'BEGIN DO ''BEGIN x := ''''b''''; DROP TBLE t; END''; END'",
         "now:DO ''BEGIN x := ''''b''''; DROP TBLE t; END'' | "
         "!syntax error at or near \"TBLE\" at 1:43"},
        {"DO ''", ""},
    };

    EXPECT(*state, cases);
}

/* The scanner of libpg_query 17 knows no comment between the parts of a literal. */
static void
places_are_true_through_comments_in_literals(void **state)
{
    static const struct holding cases[] = {
        {"DO 'BEGIN '\n  -- it''s\n  'DROP TBLE t; END'",
         "!syntax error at or near \"TBLE\" at 3:9"},
    };

    if (lk_grammar_major() < 18)
        skip();
    EXPECT(*state, cases);
}

static void
constant_texts_are_read(void **state)
{
    static const struct holding cases[] = {
        {"EXECUTE 'DROP TABLE t';", "now:DROP TABLE t"},
        {"EXECUTE 'DROP TABLE t; DROP TABLE u;';", "now:DROP TABLE t | now:DROP TABLE u"},
        {"EXECUTE $x$DROP TABLE t$x$ USING 1;", "now:DROP TABLE t"},
        {"EXECUTE 'SELECT ' || '1' INTO a;", "now:SELECT ' || '1"},
        {"EXECUTE ('DROP ' || 'TABLE t')::text;", "now:DROP ' || 'TABLE t"},
        {"EXECUTE format('DROP TABLE %I', 't');", "now:DROP TABLE %I', 't"},
        {"EXECUTE format('DROP TABLE t%s', 5) ;", "now:DROP TABLE t%s', 5"},
        {"EXECUTE format('DROP TABLE %I; SELECT %L, ''%%''', 'T u', 'it''s');",
         "now:DROP TABLE %I; SELECT %L, ''%%''', 'T u | now:SELECT %L, ''%%''"},
        {"EXECUTE 'DROP TABLE ' || quote_ident('t');", "now:DROP TABLE ' || quote_ident('t"},
        {"EXECUTE 'DROP TABLE ' || n;", "now?EXECUTE 'DROP TABLE ' || n"},
        {"EXECUTE format('DROP TABLE %I', n);", "now?EXECUTE format('DROP TABLE %I', n)"},
        {"EXECUTE format('DROP TABLE %1$I', 't');", "now:DROP TABLE %1$I', 't"},
        {"EXECUTE format('ALTER TABLE %2$I RENAME TO %I%1$s', 'a', 'b', 'c');",
         "now:ALTER TABLE %2$I RENAME TO %I%1$s', 'a"},
        {"EXECUTE format('DROP TABLE %2$I', 't');", "now?EXECUTE format('DROP TABLE %2$I', 't')"},
        {"EXECUTE format('DROP TABLE %5I', 't');", "now?EXECUTE format('DROP TABLE %5I', 't')"},
        {"EXECUTE format('DROP TABLE %s');", "now?EXECUTE format('DROP TABLE %s')"},
        {"EXECUTE NULL;", "now?EXECUTE NULL"},
        /* once for each value */
        {"FOREACH n IN ARRAY ARRAY['a', 'b']::text[] LOOP EXECUTE format('DROP TABLE %I', n); END "
         "LOOP;",
         "now:DROP TABLE %I', n | now:DROP TABLE %I', n"},
        {"FOR n IN SELECT unnest(ARRAY['a', 'b']) LOOP EXECUTE 'DROP TABLE ' || N; END LOOP;",
         "now:SELECT unnest(ARRAY['a', 'b']) | now:DROP TABLE ' || N | now:DROP TABLE ' || N"},
        {"FOREACH n IN ARRAY ARRAY['a', 'b'] LOOP IF c THEN EXECUTE 'DROP TABLE ' || n; END IF; "
         "DROP "
         "TABLE t; END LOOP;",
         "maybe:DROP TABLE ' || n | maybe:DROP TABLE t | maybe:DROP TABLE ' || n"},
        {"FOREACH n IN ARRAY ARRAY['a'] LOOP CONTINUE WHEN c; EXECUTE 'DROP TABLE ' || n; END "
         "LOOP;",
         "maybe:DROP TABLE ' || n"},
        {"FOREACH n IN ARRAY ARRAY['a'] LOOP BEGIN EXECUTE 'DROP TABLE ' || n; EXCEPTION WHEN "
         "OTHERS "
         "THEN NULL; END; END LOOP;",
         "maybe:DROP TABLE ' || n"},
        {"IF c THEN FOREACH n IN ARRAY ARRAY['a'] LOOP EXECUTE 'DROP TABLE ' || n; END LOOP; END "
         "IF;",
         "maybe:DROP TABLE ' || n"},
        {"FOREACH n IN ARRAY ARRAY['a'] LOOP n := n || 'x'; EXECUTE 'DROP TABLE ' || n; END LOOP;",
         "maybe?EXECUTE 'DROP TABLE ' || n"},
        {"FOREACH n IN ARRAY ARRAY['a'] LOOP SELECT 1 INTO m, n; EXECUTE 'DROP TABLE ' || n; END "
         "LOOP;",
         "maybe:SELECT 1 INTO m, n | maybe?EXECUTE 'DROP TABLE ' || n"},
        {"FOREACH n IN ARRAY known LOOP EXECUTE 'DROP TABLE ' || n; END LOOP;",
         "maybe?EXECUTE 'DROP TABLE ' || n"},
        {"FOREACH n SLICE 1 IN ARRAY ARRAY['a'] LOOP EXECUTE 'DROP TABLE ' || n; END LOOP;",
         "maybe?EXECUTE 'DROP TABLE ' || n"},
        {"FOREACH n IN ARRAY ARRAY['a'] LOOP NULL; END LOOP; EXECUTE 'DROP TABLE ' || n;",
         "now?EXECUTE 'DROP TABLE ' || n"},
        {"FOR r IN EXECUTE 'SELECT 1' USING a, b LOOP NULL; END LOOP;", "now:SELECT 1"},
        {"OPEN c FOR EXECUTE 'SELECT 1' USING a;", "now:SELECT 1"},
        {"RETURN QUERY EXECUTE 'SELECT 1';", "now:SELECT 1"},
        {"EXECUTE 'CREATE FUNCTION f() RETURNS int LANGUAGE sql AS ''SELECT 1''';",
         "now:CREATE FUNCTION f() RETURNS int LANGUAGE sql AS ''SELECT 1'' | called:SELECT 1"},
        /* that one is refused for sure */
        {"EXECUTE 'DROP TBLE t';", "!syntax error at or near \"TBLE\" at 1:27"},
        {"EXECUTE 'DROP ' || 'TBLE t';", "!syntax error at or near \"TBLE\" at 1:33"},
        /* and these only when they are reached */
        {"x := ;", ""},
        /* and this stands for something else */
        {"DROP TABLE {{ name }};", ""},
        {"IF a THEN EXECUTE 'DROP TBLE t'; END IF;", ""},
        {"EXECUTE 'DROP TBLE t'; EXCEPTION WHEN OTHERS THEN NULL;", ""},
    };

    EXPECT_BLOCKS(*state, cases);
}

/* ---- whatever the text, it is read to its end ---- */

static const char *const whole[] = {
    "DO $$ DECLARE a int := 1; c CURSOR (x int) FOR SELECT x; BEGIN IF a THEN SELECT 1 INTO a; "
    "ELSIF "
    "b THEN NULL; END IF; FOR i IN 1..2 LOOP EXIT WHEN a; END LOOP; EXCEPTION WHEN OTHERS THEN "
    "RAISE NOTICE 'x %', a USING HINT = 'h'; END $$;",
    "DO 'BEGIN EXECUTE format(''DROP TABLE %I; SELECT %L'', ''t'', ''it''''s'') USING 1; CASE a "
    "WHEN "
    "1 THEN RETURN; ELSE PERFORM f(); END CASE; a[1].b := 2; END';",
    "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS E'SELECT \\'a\\\\n\\'; SELECT \\x41 FROM "
    "\\u0061';",
    "DO U&'BEGIN <<a>> WHILE \\0061 LOOP OPEN c FOR EXECUTE ''SELECT '' || ''1''; END LOOP a; "
    "END';",
};

/* check_places expects every place in the bodies of a text to be inside of the text. */
static void
check_places(TALLOC_CTX *mem, const char *text)
{
    struct lk_script *script = lk_unit_script(mem, text);
    uint32_t size = (uint32_t)strlen(text);

    for (size_t i = 0; i < script->statements.count; i++) {
        const struct lk_body *body = lk_script_body(script, i);
        if (body == NULL)
            continue;
        lk_vec_foreach(nested, &body->items) {
            struct lk_span span = lk_source_span(nested->source, nested->statement.span);
            uint32_t at = nested->statement.error_at;
            struct lk_span error = lk_source_span(nested->source, (struct lk_span){at, at});
            lk_expect_true(text, span.start <= span.end && span.end <= size && error.start <= size);
        }
    }
}

static void
cut_bodies_are_read(void **state)
{
    for (size_t i = 0; i < LK_ARRAY_SIZE(whole); i++) {
        size_t size = strlen(whole[i]);
        for (size_t cut = 0; cut <= size; cut++) {
            TALLOC_CTX *mem = lk_mem_new(*state);
            check_places(mem, lk_strndup(mem, whole[i], cut));
            /* and with the rest of the body gone, but its end there */
            check_places(mem, lk_fmt(mem, "%.*s%s", (int)cut, whole[i], i == 0 ? "$$" : "'"));
            talloc_free(mem);
        }
    }
}

static void
bodies_without_a_token_are_read(void **state)
{
    for (size_t i = 0; i < LK_ARRAY_SIZE(whole); i++) {
        const char *body = strpbrk(whole[i], "$'");
        size_t start = (size_t)(body - whole[i]) + (*body == '$' ? 2 : 1);
        struct lk_lexer lexer =
            lk_lexer_at(whole[i], (struct lk_span){(uint32_t)start, (uint32_t)strlen(whole[i])});
        for (;;) {
            struct lk_token token = lk_lex(&lexer);
            if (token.kind == LK_TOKEN_END)
                break;
            TALLOC_CTX *mem = lk_mem_new(*state);
            check_places(mem, lk_fmt(mem, "%.*s%s", (int)token.span.start, whole[i],
                                     whole[i] + token.span.end));
            talloc_free(mem);
        }
    }
}

static void
deep_bodies_are_not_read(void **state)
{
    struct lk_buf blocks = lk_buf_init(*state);

    for (int i = 0; i < 100000; i++)
        lk_buf_add(&blocks, "BEGIN ");
    lk_expect_text("blocks in blocks", inside(*state, in_block(*state, blocks.data)), "");
    struct lk_buf bodies = lk_buf_init(*state);
    for (int i = 0; i < 50; i++)
        lk_buf_addf(&bodies, "DO $a%d$ BEGIN ", i);
    for (int i = 49; i >= 0; i--)
        lk_buf_addf(&bodies, "NULL; END $a%d$;", i);
    check_places(*state, bodies.data);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        lk_unit(statements_say_when_they_run),
        lk_unit(every_statement_is_read),
        lk_unit(declarations_are_read),
        lk_unit(routines_run_when_they_are_called),
        lk_unit(errors_are_where_the_server_points),
        lk_unit(places_are_true_through_quoting),
        lk_unit(places_are_true_through_comments_in_literals),
        lk_unit(constant_texts_are_read),
        lk_unit(cut_bodies_are_read),
        lk_unit(bodies_without_a_token_are_read),
        lk_unit(deep_bodies_are_not_read),
    };

    return cmocka_run_group_tests_name("plpgsql", tests, NULL, lk_unit_finish);
}
