/*
 * tests/unit/test_pgparse.c
 *     parser/pgparse: trees with an owner, errors with byte offsets, quoting.
 */
#include "parser/pgparse.h"

#include "parser/base/buf.h"
#include "parser/pg_nodes.h"
#include "tests/unit/unit.h"

static struct lk_span
whole(const char *text)
{
    return (struct lk_span){0, (uint32_t)strlen(text)};
}

static void
parses_text_and_pieces_of_it(void **state)
{
    static const char text[] = "SELEC; SELECT 1; junk";
    struct lk_pg_error error = {0};

    assert_non_null(lk_pg_parse(*state, "SELECT 1; SELECT 2", (struct lk_span){0, 18}, &error));
    struct lk_pg_trees *piece = lk_pg_parse(*state, text, (struct lk_span){7, 16}, &error);
    assert_non_null(piece);
    assert_int_equal(piece->base, 7);
    assert_non_null(piece->statements);
    struct lk_pg_trees *nothing = lk_pg_parse(*state, "-- no\n", whole("-- no\n"), &error);
    assert_non_null(nothing);
    assert_null(nothing->statements);
    assert_null(error.message);
}

static void
errors_have_byte_offsets(void **state)
{
    static const struct {
        const char *text;
        uint32_t start;
        const char *message;
        uint32_t offset;
    } cases[] = {
        {"SELEC 1", 0, "syntax error at or near \"SELEC\"", 0},
        {"  SELEC 1", 0, "syntax error at or near \"SELEC\"", 2},
        {"SELECT 1 FORM t u", 0, "syntax error at or near \"t\"", 14},
        {"SELECT", 0, NULL, 0}, /* fine: an empty list */
        {"ALTER TABLE t", 0, "syntax error at end of input", 13},
        {"SELECT 'a", 0, "unterminated quoted string at or near \"'a\"", 7},
        {"SELECT '\xC3\xB6\xE2\x82\xAC\xF0\x9F\x98\x80' x y", 0, "syntax error at or near \"y\"",
         21},
        {"\xC3\xB6\xC3\xB6; SELECT '\xC3\xB6' x y", 5, "syntax error at or near \"y\"", 20},
        {"SELECT 0x", 0, "invalid hexadecimal integer at or near \"0x\"", 7},
        {"SELECT 1a", 0, "trailing junk after numeric literal at or near \"1a\"", 7},
        {"SELECT U&'\\zzzz'", 0, "invalid Unicode escape", 10},
        {"SELECT '\\x' ORDER", 0, "syntax error at end of input", 17},
        {"CREATE TABLE t (a int, a int CHECK)", 0, "syntax error at or near \")\"", 34},
    };

    for (size_t i = 0; i < LK_ARRAY_SIZE(cases); i++) {
        struct lk_pg_error error = {0};
        struct lk_span span = {cases[i].start, (uint32_t)strlen(cases[i].text)};
        struct lk_pg_trees *trees = lk_pg_parse(*state, cases[i].text, span, &error);
        lk_expect_number(cases[i].text, trees != NULL, cases[i].message == NULL);
        lk_expect_text(cases[i].text, error.message, cases[i].message);
        lk_expect_number(cases[i].text, error.offset, cases[i].offset);
    }
}

/* What the grammar throws is an error like any other, not the end of the process. */
static void
survives_deep_nesting(void **state)
{
    struct lk_pg_error error = {0};
    char *text = lk_new_array(*state, char, 200001);

    memset(text, '(', 200000);
    memcpy(text, "SELECT ", 7);
    assert_null(lk_pg_parse(*state, text, (struct lk_span){0, 200000}, &error));
    assert_non_null(error.message);
}

static void
trees_go_with_their_context(void **state)
{
    TALLOC_CTX *mem = lk_mem_new(*state);
    struct lk_pg_error error = {0};

    for (int i = 0; i < 100; i++)
        assert_non_null(lk_pg_parse(mem, "SELECT 1", whole("SELECT 1"), &error));
    talloc_free(mem);
    assert_non_null(lk_pg_parse(*state, "SELECT 1", whole("SELECT 1"), &error));
}

/* quote_identifier() of the server. */
static void
quotes_identifiers(void **state)
{
    static const struct {
        const char *name;
        const char *quoted;
    } cases[] = {
        {"users", "users"},
        {"_x1", "_x1"},
        {"x_1", "x_1"},
        {"Users", "\"Users\""},
        {"user name", "\"user name\""},
        {"1st", "\"1st\""},
        {"a-b", "\"a-b\""},
        {"a$b", "\"a$b\""},
        {"a\"b", "\"a\"\"b\""},
        {"\"", "\"\"\"\""},
        {"", "\"\""},
        {"gr\xC3\xB6\xC3\x9F\x65", "\"gr\xC3\xB6\xC3\x9F\x65\""},
        {"table", "\"table\""}, /* reserved */
        {"user", "\"user\""},   /* reserved */
        {"select", "\"select\""},
        {"between", "\"between\""}, /* cannot be the name of a type or function */
        {"varchar", "\"varchar\""},
        {"left", "\"left\""}, /* can only be that */
        {"concurrently", "\"concurrently\""},
        {"name", "name"}, /* not reserved */
        {"index", "index"},
        {"schema", "schema"},
        {"public", "public"},
        {"data", "data"},
        {"text", "text"},
        {"date", "date"}, /* no keyword at all */
    };

    for (size_t i = 0; i < LK_ARRAY_SIZE(cases); i++)
        lk_expect_text(cases[i].name, lk_quote_ident(*state, cases[i].name), cases[i].quoted);
}

static void
quotes_literals(void **state)
{
    static const struct {
        const char *text;
        const char *quoted;
    } cases[] = {
        {"", "''"},           {"a", "'a'"},       {"it's", "'it''s'"},
        {"''", "''''''"},     {"a\nb", "'a\nb'"}, {"a\\b", "E'a\\\\b'"},
        {"\\'", "E'\\\\'''"}, {"\"", "'\"'"},     {"\xE2\x82\xAC", "'\xE2\x82\xAC'"},
    };

    for (size_t i = 0; i < LK_ARRAY_SIZE(cases); i++)
        lk_expect_text(cases[i].text, lk_quote_literal(*state, cases[i].text), cases[i].quoted);
}

static void
knows_keywords(void **state)
{
    (void)state;
    assert_true(lk_is_keyword("select"));
    assert_true(lk_is_keyword("SELECT"));
    assert_true(lk_is_keyword("Concurrently"));
    assert_true(lk_is_keyword("name"));
    assert_false(lk_is_keyword("users"));
    assert_false(lk_is_keyword("selects"));
    assert_false(lk_is_keyword(""));
    assert_false(
        lk_is_keyword("a_word_that_is_longer_than_any_keyword_of_the_grammar_will_ever_be"));
}

static void
knows_its_grammar(void **state)
{
    int major = lk_grammar_major();

    assert_true(major == 17 || major == 18);
    assert_memory_equal(lk_grammar_version(), lk_fmt(*state, "%d", major), 2);
}

/* first_target returns the value of the first column of a SELECT. */
static const Node *
first_target(TALLOC_CTX *mem, const char *sql)
{
    const SelectStmt *select = (const SelectStmt *)lk_unit_tree(mem, sql);

    return linitial_node(ResTarget, select->targetList)->val;
}

/* make_sum returns "SELECT 1+1+...", `terms` of them: a tree that leans to the left. */
static const char *
make_sum(TALLOC_CTX *mem, size_t terms)
{
    struct lk_buf sql = lk_buf_init(mem);

    lk_buf_add(&sql, "SELECT 1");
    for (size_t i = 1; i < terms; i++)
        lk_buf_add(&sql, "+1");
    return sql.data;
}

static void
compares_trees_whatever_they_are(void **state)
{
    const Node *one = first_target(*state, "SELECT 1"), *other = first_target(*state, "SELECT  1");
    const A_Const *null = (const A_Const *)first_target(*state, "SELECT NULL");
    const char *deep = make_sum(*state, 100000);

    assert_true(lk_pg_equal(one, other));
    assert_true(lk_pg_equal(NULL, NULL));
    assert_false(lk_pg_equal(one, NULL));
    assert_false(lk_pg_equal(one, first_target(*state, "SELECT 2")));
    assert_true(lk_pg_equal(null, first_target(*state, "SELECT NULL")));
    /* a constant that is NULL holds no node at all */
    assert_false(lk_pg_equal(&null->val, &null->val) && !null->isnull);
    assert_false(lk_pg_equal(&null->val, &((const A_Const *)one)->val));
    /* deeper than the stack: not comparable, but nobody dies */
    lk_pg_equal(first_target(*state, deep), first_target(*state, deep));
    assert_true(lk_pg_equal(one, other));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        lk_unit(parses_text_and_pieces_of_it),
        lk_unit(errors_have_byte_offsets),
        lk_unit(survives_deep_nesting),
        lk_unit(trees_go_with_their_context),
        lk_unit(quotes_identifiers),
        lk_unit(quotes_literals),
        lk_unit(knows_keywords),
        lk_unit(compares_trees_whatever_they_are),
        lk_unit(knows_its_grammar),
    };

    return cmocka_run_group_tests(tests, NULL, lk_unit_finish);
}
