/*
 * tests/unit/test_explain.c
 *     parser/explain: what is said about broken statements, and when nothing is.
 */
#include "parser/explain.h"

#include "parser/base/buf.h"
#include "tests/unit/unit.h"

/* explained returns what is said about the first broken statement of a text; "" for nothing. */
static const char *
explained(TALLOC_CTX *mem, const char *text)
{
    struct lk_script *script = lk_unit_script(mem, text);

    for (size_t i = 0; i < script->statements.count; i++) {
        if (lk_script_tree(script, i) != NULL)
            continue;
        char *sentence = lk_explain(mem, script->source->text, &script->statements.items[i]);
        return sentence != NULL ? sentence : "";
    }
    return "not broken";
}

static void
repairs(void **state)
{
    static const struct {
        const char *sql;
        const char *sentence;
    } cases[] = {
        {"CRAETE TABLE x (id int);", "Perhaps CREATE is meant, not CRAETE."},
        {"CREATE TABEL x (id int);", "Perhaps TABLE is meant, not TABEL."},
        {"CREATE TABLE x (id int NOT NUL);", "Perhaps NULL is meant, not NUL."},
        {"CREATE TABLE x (id int PRIMRY KEY);", "Perhaps PRIMARY is meant, not PRIMRY."},
        {"SELECT * FROM x WERE a = 1;", "Perhaps WHERE is meant, not WERE."},
        {"SELECT * FROM x LIMT 5;", "Perhaps LIMIT is meant, not LIMT."},
        {"CREATE INDEX CONCURENTLY i ON x (a);", "Perhaps CONCURRENTLY is meant, not CONCURENTLY."},
        {"DROP TABLE x CASCAD;", "Perhaps CASCADE is meant, not CASCAD."},
        {"CREATE TABLE x (id int PRIMARYKEY);", "Perhaps PRIMARY KEY is meant: two words."},
        {"CREATE TABLE x (id int\n  name text);", "Perhaps a comma is missing before name."},
        {"INSERT INTO x VALUES (1 2);", "Perhaps a comma is missing before 2."},
        {"CREATE TABLE x (id int,);", "The comma before ) is one too many."},
        {"SELECT a, FROM x;", "The comma before FROM is one too many."},
        {"CREATE TABLE x (id int,, name text);", "A comma stands here twice."},
        {"CREATE TABLE TABLE x (id int);", "TABLE stands here twice."},
        {"CREATE TABLE x (id numeric(1,2 NOT NULL);",
         "A closing parenthesis is missing before NOT."},
        {"CREATE INDEX i ON x (lower(a);", "A closing parenthesis is missing, at the latest here."},
        {"CREATE INDEX i ON x (lower(a)", "A closing parenthesis is missing, at the latest here."},
        {"CREATE TABLE x (id int));", "This parenthesis closes none."},
        {"CREATE TABLE x id int);", "An opening parenthesis is missing before id."},
        {"CREATE TABLE x (user text);",
         "user is a reserved word: as a name it is written \"user\"."},
        {"ALTER TABLE x ADD COLUMN Order int;",
         "Order is a reserved word: as a name it is written \"order\"."},
        {"CREATE TABLE 'x' (id int);",
         "Single quotes are for strings; names are delimited by double quotes."},
        {"CREATE TABLE x (id int)\nCREATE TABLE y (id int);", "A semicolon is missing behind )."},
        {"CREATE\xc2\xa0TABLE x (id\xc2\xa0int);",
         "What looks like a blank is a no-break space (U+00A0)."},
        {"SELECT 'it\\'s', 'b', c;",
         "A backslash does not escape a quote: write the quote twice, or E'...'."},
        {"SELECT 'it's';", "A quote inside a string is written twice."},
        {"SELECT 'a;", "The string that starts here has no closing quote; a quote inside a string "
                       "is written twice."},
        {"SELECT \"a;", "The name that starts here has no closing double quote."},
        {"DO $body$ BEGIN END $$;",
         "The string that starts here ends at the next $body$, and there is none."},
        {"SELECT 1 /* a;", "The comment that starts here is not closed by */."},
        {"SELECT 1 /* a /* b */;", "The comment that starts here is not closed: comments nest, "
                                   "each /* inside needs a */ of its own."},
    };

    for (size_t i = 0; i < LK_ARRAY_SIZE(cases); i++)
        lk_expect_text(cases[i].sql, explained(*state, cases[i].sql), cases[i].sentence);
}

static void
nothing_is_said_when_unsure(void **state)
{
    static const char *const cases[] = {
        "SELECT 1 +;",
        "SELECT * FROM {{ table }};",
        "SELECT * FROM ${table};",
        "CREATE INDEX x_idx;",
        "UPDATE x SET WHERE id = 1;",
        "CREATE TABLE x (id int UNIQ);",
        "CREATE TABLE x (id bigint PRIMARY KEY, name txt text);",
        "COMMENT ON TABLE x \"text\";",
        "SELECT 1 WHERE;",
        "SELECT JSON_TABLE('[]', '$');",
        "SELECT 1.2.5;",
        "CREATE SCHEMA IF NOT EXISTS a CREATE TABLE b (c int);",
        "CRAETE TABEL x (id int);", /* two errors: no single repair makes it good */
    };

    for (size_t i = 0; i < LK_ARRAY_SIZE(cases); i++)
        lk_expect_text(cases[i], explained(*state, cases[i]), "");
}

/* A long or deep statement costs no more than a moment, and no stack. */
static void
work_is_bounded(void **state)
{
    struct lk_buf deep = lk_buf_init(*state);
    struct lk_buf wide = lk_buf_init(*state);

    for (int i = 0; i < 5000; i++)
        lk_buf_add(&deep, "(");
    lk_buf_add(&wide, "SELECT 1");
    for (int i = 0; i < 10000; i++)
        lk_buf_add(&wide, ", a");
    lk_buf_add(&wide, " FORM x WHERE a b c;");
    explained(*state, deep.data);
    lk_expect_text("long", explained(*state, wide.data), "");
    for (int i = 0; i < 5000; i++)
        lk_buf_add(&wide, ", a");
    lk_expect_text("too long", explained(*state, wide.data), "");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        lk_unit(repairs),
        lk_unit(nothing_is_said_when_unsure),
        lk_unit(work_is_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, lk_unit_finish);
}
