/*
 * tests/unit/test_resolved.c
 *     rules/schema/resolved: what is remembered is what would be found out again, whatever was
 * asked in between.
 */
#include "rules/schema/resolved.h"
#include "tests/unit/unit.h"

static const uint16_t types[] = {LK_BT_unknown, LK_BT_int4,   LK_BT_int8,  LK_BT_numeric,
                                 LK_BT_text,    LK_BT_date,   LK_BT_jsonb, LK_BT_ARRAY | LK_BT_int4,
                                 LK_BT_OPAQUE,  LK_BT_ENUM(3)};

static bool
is_same(struct lk_builtin_resolution a, struct lk_builtin_resolution b)
{
    return a.outcome == b.outcome && a.type == b.type && a.volatility == b.volatility &&
           a.kind == b.kind && a.sure == b.sure && a.polymorphic == b.polymorphic &&
           a.set_returning == b.set_returning && a.columns.text == b.columns.text &&
           a.columns.length == b.columns.length;
}

static void
expect_operators(unsigned version)
{
    static const char *const names[] = {"=", "+", "||", "->>", "@>", "~", "no such operator"};

    for (size_t i = 0; i < LK_ARRAY_SIZE(names); i++)
        for (size_t left = 0; left < LK_ARRAY_SIZE(types); left++)
            for (size_t right = 0; right < LK_ARRAY_SIZE(types); right++)
                lk_expect_true(
                    names[i],
                    is_same(
                        lk_resolved_operator(names[i], types[left], types[right], version),
                        lk_builtin_resolve_operator(names[i], types[left], types[right], version)));
}

static void
expect_calls(unsigned version)
{
    static const char *const names[] = {
        "abs", "lower", "unnest", "count", "date", "random", "a_name_that_is_longer_than_a_key",
        ""};

    for (size_t i = 0; i < LK_ARRAY_SIZE(names); i++)
        for (size_t first = 0; first < LK_ARRAY_SIZE(types); first++)
            for (size_t count = 0; count <= 6; count++) {
                uint16_t args[] = {types[first],  LK_BT_text, LK_BT_int4,
                                   LK_BT_unknown, LK_BT_int4, LK_BT_text};
                struct lk_builtin_call call = {
                    .name = names[i], .types = args, .count = count, .version = version};
                lk_expect_true(
                    names[i], is_same(lk_resolved_call(&call), lk_builtin_resolve_function(&call)));
            }
}

static void
what_is_remembered_is_true(void **state)
{
    static const unsigned versions[] = {15, 18, 0};

    (void)state;
    for (int round = 0; round < 2; round++)
        for (size_t i = 0; i < LK_ARRAY_SIZE(versions); i++) {
            expect_operators(versions[i]);
            expect_calls(versions[i]);
        }
}

/* A call and an operator by one name, a prefix operator and one of two sides: not the same. */
static void
questions_are_told_apart(void **state)
{
    uint16_t args[] = {LK_BT_int4, LK_BT_int4};
    const char *names[] = {"x", NULL};
    struct lk_builtin_call call = {.name = "+", .types = args, .count = 2, .version = 18};

    (void)state;
    lk_expect_number("operator", lk_resolved_operator("+", LK_BT_int4, LK_BT_int4, 18).outcome,
                     LK_BUILTIN_FOUND);
    lk_expect_number("function", lk_resolved_call(&call).outcome, LK_BUILTIN_NONE);
    lk_expect_number("prefix", lk_resolved_operator("*", LK_BT_NONE, LK_BT_int4, 18).outcome,
                     LK_BUILTIN_NONE);
    lk_expect_number("infix", lk_resolved_operator("*", LK_BT_int4, LK_BT_int4, 18).outcome,
                     LK_BUILTIN_FOUND);
    call = (struct lk_builtin_call){.name = "abs", .types = args, .count = 1, .version = 18};
    lk_expect_number("abs(1)", lk_resolved_call(&call).outcome, LK_BUILTIN_FOUND);
    call.names = names;
    lk_expect_number("abs(x => 1)", lk_resolved_call(&call).outcome, LK_BUILTIN_NONE);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        lk_unit(what_is_remembered_is_true),
        lk_unit(questions_are_told_apart),
    };

    return cmocka_run_group_tests_name("resolved", tests, NULL, lk_unit_finish);
}
