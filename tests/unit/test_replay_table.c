/*
 * tests/unit/test_replay_table.c
 *     rules/schema/replay_table and its siblings: names that the server chooses, and what
 * partitions and children get.
 */
#include "rules/schema/refusal.h"
#include "tests/unit/dump.h"
#include "tests/unit/unit.h"

static void
names_are_those_of_the_server(void **state)
{
    static const struct {
        const char *sql;
        const char *schema;
    } cases[] = {
        {"CREATE TABLE foo (bar_baz int CHECK (bar_baz > 0));"
         "CREATE TABLE foo_bar (baz int CHECK (baz > 0))",
         "table public.foo (bar_baz integer)\n  foo_bar_baz_check check\n"
         "table public.foo_bar (baz integer)\n  foo_bar_baz_check1 check\n"},
        {"CREATE TABLE t (a int UNIQUE PRIMARY KEY)",
         "table public.t (a integer not null)\n  t_pkey primary (a) index t_pkey\n"
         "index public.t_pkey on public.t unique (a)\n"},
        {"CREATE TABLE t (a int, b text); CREATE INDEX ON t (lower(b), a) INCLUDE (b);"
         "CREATE INDEX ON t ((a + 1))",
         "table public.t (a integer, b text)\n"
         "index public.t_expr_idx on public.t (-)\n"
         "index public.t_lower_a_b_idx on public.t (-, a, b)\n"},
        {"CREATE TABLE t (a text); CREATE INDEX ON t ((json_scalar(a)::text));"
         "CREATE INDEX ON t ((xmlparse(content a)::text))",
         "table public.t (a text)\n"
         "index public.t_json_scalar_idx on public.t (-)\n"
         "index public.t_xmlparse_idx on public.t (-)\n"},
        {"CREATE TABLE p (a int PRIMARY KEY) PARTITION BY LIST (a);"
         "CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1); CREATE INDEX named ON p (a)",
         "index public.named on public.p (a)\n"
         "partitioned public.p (a integer not null)\n  p_pkey primary (a) index p_pkey\n"
         "table public.p1 (a integer not null) partition of public.p\n"
         "  p1_pkey primary (a) index p1_pkey\n"
         "index public.p1_a_idx on public.p1 (a) partition of public.named\n"
         "index public.p1_pkey on public.p1 unique (a) partition of public.p_pkey\n"
         "index public.p_pkey on public.p unique (a)\n"},
        {"CREATE TABLE t (a int); CREATE UNIQUE INDEX i ON t (a);"
         "ALTER TABLE t ADD CONSTRAINT c PRIMARY KEY USING INDEX i",
         "index public.c on public.t unique (a)\n"
         "table public.t (a integer not null)\n  c primary (a) index c\n"},
        {"CREATE TABLE t (a int); CREATE TABLE c (b int) INHERITS (t);"
         "ALTER TABLE t ADD d int; ALTER TABLE t DROP a",
         "table public.c (b integer, d integer)\ntable public.t (d integer)\n"},
    };

    for (size_t i = 0; i < LK_ARRAY_SIZE(cases); i++) {
        const struct lk_catalog *catalog = lk_unit_replay(*state, cases[i].sql);
        lk_expect_text(cases[i].sql, lk_dump(*state, catalog), cases[i].schema);
    }
}

static void
a_history_may_start_in_the_middle(void **state)
{
    const struct lk_catalog *catalog = lk_unit_replay(*state, "ALTER TABLE t ADD b int");

    lk_expect_number("an unknown table", (long long)lk_catalog_refusals(catalog)->items.count, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        lk_unit(names_are_those_of_the_server),
        lk_unit(a_history_may_start_in_the_middle),
    };

    return cmocka_run_group_tests_name("replay_table", tests, NULL, lk_unit_finish);
}
