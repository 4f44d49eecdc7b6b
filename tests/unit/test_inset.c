/*
 * tests/unit/test_inset.c
 *     What is no SQL in a file of SQL: found, masked at the same length, and put back for the
 * server.
 */
#include "parser/base/buf.h"
#include "parser/script.h"
#include "tests/unit/unit.h"

static struct lk_source *
mask(TALLOC_CTX *mem, const char *text, bool everywhere)
{
    struct lk_source *source = lk_source_new(mem, "a.sql", text, strlen(text));
    struct lk_values values = {0};

    *lk_vec_add(mem, &values.items) = (struct lk_value){"schema", "app"};
    *lk_vec_add(mem, &values.items) = (struct lk_value){"who", "O'Neil"};
    *lk_vec_add(mem, &values.items) = (struct lk_value){"wide", "a_rather_long_value"};
    lk_source_mask(source, &values, everywhere, 15);
    assert_int_equal(strlen(source->text), strlen(text));
    for (size_t i = 0; text[i] != '\0'; i++)
        if (text[i] == '\n' || text[i] == '\r')
            assert_int_equal(source->text[i], text[i]);
    return source;
}

/* squeeze makes each run of white space one blank, and none at the ends. */
static char *
squeeze(char *text)
{
    char *to = text;

    for (const char *from = text; *from != '\0'; from++) {
        bool blank = strchr(" \n\t\r", *from) != NULL;
        if (!blank || (to > text && to[-1] != ' '))
            *to++ = blank ? ' ' : *from;
    }
    while (to > text && to[-1] == ' ')
        to--;
    *to = '\0';
    return text;
}

static const char *
sent(TALLOC_CTX *mem, const char *text)
{
    struct lk_source *source = mask(mem, text, false);

    return lk_source_sql(mem, source, (struct lk_span){0, source->size});
}

static void
masks_at_the_same_length(void **state)
{
    static const char *const cases[][2] = {
        {"SELECT 1;", "SELECT 1;"},
        {"\\echo it's\nSELECT 1;", "          \nSELECT 1;"},
        {"SELECT 1 \\g\n", "SELECT 1 ; \n"},
        {"SELECT 1\\;SELECT 2;", "SELECT 1; SELECT 2;"},
        {"SELECT 1 \\gx out.txt\r\nSELECT 2;", "SELECT 1 ;          \r\nSELECT 2;"},
        {"\\set t users\nTABLE :t;", "            \nTABLE t ;"},
        {"\\set t ab\nTABLE :t;", "         \nTABLE ab;"},
        {"SELECT :'who', :\"who\", :who;", "SELECT  'who',  \"who\", who ;"},
        {"SELECT a[1:b], a [b :c], x::int, f(y:=z);", "SELECT a[1:b], a [b :c], x::int, f(y:=z);"},
        {"SELECT JSON_OBJECT('a':b, k:c);", "SELECT JSON_OBJECT('a':b, k:c);"},
        {"TABLE ${schema}.t;", "TABLE app      .t;"},
        {"TABLE ${schema}_t;", "TABLE __schema__t;"},
        {"TABLE t_${wide};", "TABLE t___wide_;"},
        {"SELECT '${schema}', $$ ${x} $$, \"${y}\";", "SELECT '${schema}', $$ ${x} $$, \"${y}\";"},
        {"TABLE {{ .A.schema }}.t;", "TABLE app            .t;"},
        {"TABLE ${table};", "TABLE __table_;"},
        {"TABLE \"{{ index .O \"other\" }}\".t;", "TABLE  other                  .t;"},
        {"SELECT 1 AS \"{{{a}}}\", 2 AS \"{{\";", "SELECT 1 AS \"{{{a}}}\", 2 AS \"{{\";"},
        {"SELECT system_user;", "SELECT system_use_;"},
        {"{{- if .X }}SELECT 1;{{ end }}", "            SELECT 1;         "},
        {"DO $$ BEGIN DROP TABLE {{ .S }}.t; PERFORM '{{ .T }} ${u}', ${v}; END $$;",
         "DO $$ BEGIN DROP TABLE S       .t; PERFORM '{{ .T }} ${u}', v   ; END $$;"},
        {"CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $b$ SELECT {{ n }} $b$;",
         "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $b$ SELECT n       $b$;"},
        {"INSERT INTO t VALUES ($$ Dear {{ name }}, ${x} $$);",
         "INSERT INTO t VALUES ($$ Dear {{ name }}, ${x} $$);"},
        {"SELECT '{{1,2},{3,4}}'::int[];", "SELECT '{{1,2},{3,4}}'::int[];"},
        {"SELECT 1; -- ${a} \\b :c {{ d }}", "SELECT 1; -- ${a} \\b :c {{ d }}"},
        {"COPY t FROM stdin;\n1\t'\n\\.\nSELECT 1;", "COPY t FROM stdin;\n   \n  \nSELECT 1;"},
        {"COPY t (a) FROM STDIN (FORMAT csv);\r\n1,\"\r\n\\.\r\n",
         "COPY t (a) FROM STDIN (FORMAT csv);\r\n   \r\n  \r\n"},
        {"COPY t FROM stdin;\nSELECT 1;", "COPY t FROM stdin;\nSELECT 1;"},
        {"COPY t FROM 'stdin';\n1\n\\.\n", "COPY t FROM 'stdin';\n1\n  \n"},
        {"COPY t FROM STDOUT;\n1\t'\n\\.\n", "COPY t FROM STDOUT;\n   \n  \n"},
        {"\\pset null x\nCOPY t FROM stdin;\n1\n\\.\n",
         "            \nCOPY t FROM stdin;\n \n  \n"},
        {"COPY t FROM stdin\\; COPY u FROM stdin\\; SELECT 1;\n'\n\\.\n\"\n\\.\nSELECT 2;",
         "COPY t FROM stdin;  COPY u FROM stdin;  SELECT 1;\n \n  \n \n  \nSELECT 2;"},
        {"\\x \\\\ SELECT 1; \\set a 'b\\'\\\\' \\g\n", "      SELECT 1;                ; \n"},
        {"\\set a bc\n\\set d :a\nTABLE :d;TABLE :{?d}, :{?e};",
         "         \n         \nTABLE bc;TABLE TRUE , FALSE;"},
        {"\\set a `x`\nTABLE :{?a}, :{?b}, :a;", "          \nTABLE a    , b    , a ;"},
        {"SELECT 1 \\g | tr \\\\n x\nSELECT 2;", "SELECT 1 ;            \nSELECT 2;"},
        {"SELECT $1 \\parse p\nSELECT 2;", "SELECT $1 ;       \nSELECT 2;"},
        {"\\copy t from stdin\n1\t'\n\\.\n", "                  \n   \n  \n"},
    };

    for (size_t i = 0; i < LK_ARRAY_SIZE(cases); i++)
        assert_string_equal(mask(*state, cases[i][0], false)->text, cases[i][1]);
}

/* What psql says of its conditions; its own words for a Boolean, any case and prefix. */
static void
decides_conditions(void **state)
{
    static const char *const truths[] = {"true", "TR", "t", "yes", "Y", "on", "On", "1", "'t'rue"};
    static const char *const lies[] = {"false", "F", "no", "n",  "off",   "of",       "0",
                                       "o",     "2", "",   "10", "truer", "not true", "\"true\""};
    static const char *const cases[][2] = {
        {"\\if 1 \\echo a\n\\else \\echo b\n\\endif c\nd;", "d;"},
        {"\\if 0\na;\n\\elif 0\nb;\n\\elif 1\nc;\n\\elif x\nd;\n\\else\ne;\n\\endif\nf;", "c; f;"},
        {"\\if 0\n\\if 1\na;\n\\else\nb;\n\\endif\n\\else\nc;\n\\endif\nd;", "c; d;"},
        {"\\set x yes\n\\if :x\n\\unset x\na;\n\\endif\n\\if :{?x}\nb;\n\\endif\nc;", "a; c;"},
        {"\\if 0\n\\set x 1\n\\endif\n\\if :{?x}\na;\n\\endif\nb;", "b;"},
        {"\\if :{?schema}\na;\n\\endif\n\\if :{?DBNAME}\nb;\n\\endif", "a; b;"},
        {"\\if 0\n'\n\\endif\n'; a;\n\\endif\nb;", "b;"},
        {"SELECT\n\\if 0\n1;\n\\else\n2\n\\endif\n;", "SELECT 2 ;"},
        {"\\if :later\na;\n\\else\nb;\n\\endif\nc;", "a; b; c;"},
        {"\\if 0\n:x ${y} {{z}};\n\\endif\na;", "a;"},
    };
    char *text;

    for (size_t i = 0; i < LK_ARRAY_SIZE(truths) + LK_ARRAY_SIZE(lies); i++) {
        bool truth = i < LK_ARRAY_SIZE(truths);
        const char *word = truth ? truths[i] : lies[i - LK_ARRAY_SIZE(truths)];
        text = lk_fmt(*state, "\\if %s\na\n\\endif\n", word);
        lk_expect_true(word, (strchr(mask(*state, text, false)->text, 'a') != NULL) == truth);
    }
    for (size_t i = 0; i < LK_ARRAY_SIZE(cases); i++)
        lk_expect_text(cases[i][0],
                       squeeze(lk_strdup(*state, mask(*state, cases[i][0], false)->text)),
                       cases[i][1]);
}

/* What a query may have put into a variable is not known any more, and nothing else. */
static void
forgets_what_a_query_sets(void **state)
{
    static const struct {
        const char *query;
        bool known;
    } cases[] = {
        {"SELECT 1 AS who \\gset", true},
        {"SELECT 1 AS flag \\gset", false},
        {"SELECT 1 AS Flag \\gset", false},
        {"SELECT * FROM t \\gset", false},
        {"SELECT count(*) AS n FROM t \\gset", true},
        {"SELECT 1 AS flag \\gset p_", true},
        {"SELECT 1 AS ag \\gset fl", false},
        {"\\getenv flag X", false},
        {"\\getenv other X", true},
        {"\\prompt 'is it?' flag", false},
        {"\\if :unknown\n\\set flag on\n\\endif", false},
        {"\\if :unknown\n\\endif\n\\set flag on", true},
    };

    for (size_t i = 0; i < LK_ARRAY_SIZE(cases); i++) {
        const char *text =
            lk_fmt(*state, "\\set flag on\n%s\n\\if :flag\n\\else\nlie\n\\endif", cases[i].query);
        bool known = strstr(mask(*state, text, false)->text, "lie") == NULL;
        lk_expect_number(cases[i].query, known, cases[i].known);
    }
}

/* Names of psql's commands, those with letters that ask for more, and what it does not know. */
static void
knows_the_commands(void **state)
{
    static const char *const known[] = {"d",     "dt",   "dtvS+", "dS+", "dfnpx",  "drds", "dRp+",
                                        "dPtin", "dAc+", "dew+",  "l+",  "listx",  "z",    "zS",
                                        "sf+",   "COPY", "copy",  "dx",  "dconfig"};
    static const char *const unknown[] = {"dropit", "dfoo", "dz",  "foo", "sx",
                                          "sfx",    "I",    "Set", "c+",  "g+"};

    for (size_t i = 0; i < LK_ARRAY_SIZE(known) + LK_ARRAY_SIZE(unknown); i++) {
        bool is = i < LK_ARRAY_SIZE(known);
        const char *name = is ? known[i] : unknown[i - LK_ARRAY_SIZE(known)];
        struct lk_source *source = mask(*state, lk_fmt(*state, "\\%s\n", name), false);
        lk_expect_number(name, source->insets.items.items[0].command != NULL, is);
    }
}

static void
sends_values_in_their_place(void **state)
{
    assert_string_equal(sent(*state, "SELECT :'who', :\"who\" FROM ${schema}.t_:x;"),
                        "SELECT 'O''Neil', \"O'Neil\" FROM app.t_:x;");
    assert_string_equal(sent(*state, "SELECT ' ${wide} '"), "SELECT ' a_rather_long_value '");
    assert_string_equal(sent(*state, "SELECT '${none}', ${none}"), "SELECT '${none}', ${none}");
    assert_string_equal(sent(*state, "SELECT 1\n\\echo x\n+ 1"), "SELECT 1\n \n+ 1");
    /* a statement that ends with a value which is shorter than its name */
    struct lk_source *source = mask(*state, "TABLE ${schema}; TABLE :\"who\";", false);
    struct lk_script *script = lk_script_new(*state, source, (struct lk_span){0, source->size});
    lk_expect_text("shorter", lk_source_sql(*state, source, script->statements.items[0].span),
                   "TABLE app");
    lk_expect_text("quoted", lk_source_sql(*state, source, script->statements.items[1].span),
                   "TABLE \"O'Neil\"");
}

static void
finds_the_rows_of_a_copy(void **state)
{
    const char *text = "COPY a FROM stdin;\n1\n\\.\nSELECT 1; COPY b FROM stdin; \n\\.\n";
    struct lk_source *source = mask(*state, text, false);
    const struct lk_inset *rows = lk_source_data(source, 17);

    assert_non_null(rows);
    assert_int_equal(rows->owner, 17);
    assert_int_equal(rows->span.start, 19);
    assert_int_equal(rows->span.end, 23);
    rows = lk_source_data(source, 51);
    assert_non_null(rows);
    assert_int_equal(rows->owner, 51);
    assert_int_equal(rows->span.end - rows->span.start, 2);
    assert_null(lk_source_data(source, 52));
    text = "COPY a FROM stdin\\; COPY b FROM stdin;\n1\n\\.\n2\n\\.\n";
    source = mask(*state, text, false);
    assert_int_equal(lk_source_data(source, 17)->span.start, 39);
    assert_int_equal(lk_source_data(source, 37)->span.start, 44);
}

static void
knows_what_has_a_value(void **state)
{
    struct lk_source *source =
        mask(*state, "SELECT 1 AS n \\gset\nSELECT :n, '${schema}${flyway:user}${other}';", true);
    const struct lk_inset *inset = source->insets.items.items;

    assert_int_equal(source->insets.items.count, 5);
    assert_string_equal(inset[0].name, "gset");
    assert_int_equal(inset[0].command->effect, LK_PSQL_RUN);
    assert_string_equal(inset[1].name, "n");
    assert_true(inset[1].later);
    assert_string_equal(inset[2].value, "app");
    assert_true(inset[2].quoted);
    assert_string_equal(inset[3].name, "flyway:user");
    assert_true(inset[3].later);
    assert_string_equal(inset[4].name, "other");
    assert_null(inset[4].value);
    assert_false(inset[4].later);
    assert_true(lk_source_is_open(source, (struct lk_span){27, 29}));
    assert_false(lk_source_is_open(source, (struct lk_span){0, 13}));
}

/* What goose puts in where a variable is not set, or empty. */
static void
defaults_of_the_environment(void **state)
{
    static const struct {
        const char *text, *value;
    } cases[] = {
        {"${LK_UNSET:-app}", "app"}, {"${LK_UNSET-app}", "app"}, {"${LK_UNSET-}", ""},
        {"${LK_UNSET}", NULL},       {"${LK_UNSET?why}", NULL},  {"${LK_EMPTY:-app}", "app"},
        {"${LK_EMPTY-app}", ""},     {"${LK_SET:-app}", "shop"}, {"${LK_SET}", "shop"},
        {"${LK_SET?why}", "shop"},   {"${LK_EMPTY:?why}", NULL}, {"${LK_SET:1:2}", NULL},
    };

    setenv("LK_EMPTY", "", 1);
    setenv("LK_SET", "shop", 1);
    unsetenv("LK_UNSET");
    for (size_t i = 0; i < LK_ARRAY_SIZE(cases); i++) {
        const char *sql = lk_fmt(*state, "-- +goose ENVSUB ON\nSELECT * FROM %s.t;", cases[i].text);
        struct lk_source *source = mask(*state, sql, false);
        assert_int_equal(source->insets.items.count, 1);
        const struct lk_inset *inset = source->insets.items.items;
        lk_expect_text(cases[i].text, inset->value, cases[i].value);
        lk_expect_text(cases[i].text, lk_strndup(*state, inset->name, 3), "LK_");
        lk_expect_true(cases[i].text, strpbrk(inset->name, ":-?") == NULL);
    }
}

/* Flyway takes names in any case; others mean what they say. */
static void
names_of_placeholders_in_any_case(void **state)
{
    static const char sql[] = "SELECT '${SCHEMA}', '${flyway:User} ${flyway:timestamp}';";
    struct lk_source *source = mask(*state, sql, true);
    const struct lk_inset *inset = source->insets.items.items;

    assert_int_equal(source->insets.items.count, 3);
    assert_string_equal(inset[0].value, "app");
    assert_true(inset[1].later);
    assert_null(inset[2].value);
    assert_false(inset[2].later);
    assert_int_equal(mask(*state, sql, false)->insets.items.count, 0);
}

/* Values that double from line to line, and marks that are never closed, end in time. */
static void
words_in_bodies_where_the_runner_replaces_them(void **state)
{
    static const struct {
        const char *text, *sent;
    } cases[] = {
        {"DO $$ BEGIN DROP TABLE :APP.t; END $$;", "DO $$ BEGIN DROP TABLE app.t; END $$;"},
        {"CREATE FUNCTION f() RETURNS int AS $x$ SELECT 1 FROM :APP.t $x$ LANGUAGE sql;",
         "CREATE FUNCTION f() RETURNS int AS $x$ SELECT 1 FROM app.t $x$ LANGUAGE sql;"},
        /* what is none */
        {"DO $$ BEGIN a := b::APP; c := d[1:APP]; END $$;",
         "DO $$ BEGIN a := b::APP; c := d[1:APP]; END $$;"},
        {"DO $$ BEGIN PERFORM :App; END $$;", "DO $$ BEGIN PERFORM :App; END $$;"},
        {"COMMENT ON TABLE t IS $$ at :APP $$;", "COMMENT ON TABLE t IS $$ at :APP $$;"},
    };
    struct lk_values values = {.in_bodies = true};

    *lk_vec_add(*state, &values.items) = (struct lk_value){"APP", "app"};
    for (size_t i = 0; i < LK_ARRAY_SIZE(cases); i++) {
        const char *text = cases[i].text;
        struct lk_source *source = lk_source_new(*state, "a.sql", text, strlen(text));
        lk_source_mask(source, &values, false, 15);
        lk_expect_text(text, lk_source_sql(*state, source, (struct lk_span){0, source->size}),
                       cases[i].sent);
    }
}

static void
ends_in_time(void **state)
{
    static const char *const lines[] = {"\\set a :a:a\n", "{{ a\n", "\"{{ a\"\n",
                                        "\\x\nCOPY t FROM stdin;\n", "COPY t FROM stdin\\;\n"};

    for (size_t i = 0; i < LK_ARRAY_SIZE(lines); i++) {
        struct lk_buf text = lk_buf_init(*state);
        lk_buf_add(&text, "\\set a x\n");
        for (size_t k = 0; k < 50000; k++)
            lk_buf_add(&text, lines[i]);
        lk_buf_add(&text, "TABLE :a;");
        mask(*state, text.data, false);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        lk_unit(masks_at_the_same_length),
        lk_unit(sends_values_in_their_place),
        lk_unit(finds_the_rows_of_a_copy),
        lk_unit(knows_what_has_a_value),
        lk_unit(names_of_placeholders_in_any_case),
        lk_unit(defaults_of_the_environment),
        lk_unit(words_in_bodies_where_the_runner_replaces_them),
        lk_unit(ends_in_time),
        lk_unit(decides_conditions),
        lk_unit(forgets_what_a_query_sets),
        lk_unit(knows_the_commands),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
