/*
 * tests/unit/test_version.c
 *     parser/version: Flyway's order of versions, and sequences without gaps.
 */
#include "parser/version.h"

#include "tests/unit/unit.h"

static struct lk_version
version(TALLOC_CTX *mem, const char *text)
{
    return lk_version_new(mem, text, strlen(text));
}

static int
sign(int number)
{
    return (number > 0) - (number < 0);
}

static void
length_of_versions(void **state)
{
    static const struct {
        const char *text;
        size_t dotted;
        size_t plain;
    } cases[] = {
        {"1", 1, 1},
        {"1__init", 1, 1},
        {"1_2__init", 3, 1},
        {"1.2.3__init", 5, 1},
        {"1_2.3.sql", 5, 1},
        {"1.sql", 1, 1},
        {"1.__x", 1, 1},
        {"1..2", 1, 1},
        {"1_.2", 1, 1},
        {"20240131120000_add", 14, 14},
        {"20240131_120000_add", 15, 8},
        {"007", 3, 3},
        {"1-2", 1, 1},
        {"a1", 0, 0},
        {"_1", 0, 0},
        {".1", 0, 0},
        {"", 0, 0},
    };

    (void)state;
    for (size_t i = 0; i < LK_ARRAY_SIZE(cases); i++) {
        lk_expect_number(cases[i].text, (long long)lk_version_length(cases[i].text, true),
                         (long long)cases[i].dotted);
        lk_expect_number(cases[i].text, (long long)lk_version_length(cases[i].text, false),
                         (long long)cases[i].plain);
    }
}

static void
underscores_become_dots(void **state)
{
    assert_string_equal(lk_version_new(*state, "1_2_3__init", 5).text, "1.2.3");
    assert_string_equal(lk_version_new(*state, "1.2_3", 5).text, "1.2.3");
    assert_string_equal(lk_version_new(*state, "007", 3).text, "007");
}

static const struct {
    const char *left;
    const char *right;
    int order;
} orders[] = {
    {"1", "1", 0},
    {"1", "01", 0},
    {"1", "1.0", 0},
    {"1", "1.0.0", 0},
    {"01", "1.0.0.0", 0},
    {"1.0", "1.0.0", 0},
    {"1_2", "1.2", 0},
    {"1.02", "1.2", 0},
    {"0", "0.0", 0},
    {"0", "00", 0},
    {"1", "2", -1},
    {"2", "10", -1},
    {"1.9", "1.10", -1},
    {"1.10", "1.2", 1},
    {"1.0.1", "1", 1},
    {"1", "1.1", -1},
    {"1.1", "2", -1},
    {"1.0.0.1", "1.0.1", -1},
    {"2.0", "1.9.9", 1},
    {"20240131120000", "20240131120001", -1},
    {"20240131120000", "3", 1},
    {"0.1", "0", 1},
    {"0.1", "0.01", 0},
    /* parts are numbers of any size */
    {"99999999999999999999999999999999", "100000000000000000000000000000000", -1},
    {"100000000000000000000000000000001", "100000000000000000000000000000000", 1},
    {"000000000000000000000000000000000000007", "7", 0},
    {"18446744073709551616", "0", 1},
    {"1.18446744073709551616", "1.18446744073709551617", -1},
};

static void
compares_part_by_part(void **state)
{
    for (size_t i = 0; i < LK_ARRAY_SIZE(orders); i++) {
        struct lk_version left = version(*state, orders[i].left);
        struct lk_version right = version(*state, orders[i].right);
        const char *what = lk_fmt(*state, "%s and %s", orders[i].left, orders[i].right);

        lk_expect_number(what, sign(lk_version_compare(left, right)), orders[i].order);
        lk_expect_number(what, sign(lk_version_compare(right, left)), -orders[i].order);
    }
}

static void
no_version_comes_last(void **state)
{
    struct lk_version none = {NULL};

    assert_true(lk_version_compare(none, version(*state, "999")) > 0);
    assert_true(lk_version_compare(version(*state, "999"), none) < 0);
    assert_int_equal(lk_version_compare(none, none), 0);
}

static const struct {
    const char *from;
    const char *to;
    bool follows;
} successions[] = {
    {"1", "2", true},
    {"0", "1", true},
    {"9", "10", true},
    {"99", "100", true},
    {"109", "110", true},
    {"199", "200", true},
    {"0009", "0010", true},
    {"009", "10", true},
    {"1.1", "1.2", true},
    {"1.9", "1.10", true},
    {"1.2.3", "1.2.4", true},
    {"1.9", "2", true},
    {"1.9", "2.0", true},
    {"1", "1.1", true},
    {"99999999999999999999999999", "100000000000000000000000000", true},
    {"18446744073709551615", "18446744073709551616", true},
    {"1", "1", false},
    {"1", "01", false},
    {"1", "1.0", false},
    {"1", "3", false},
    {"2", "1", false},
    {"10", "1", false},
    {"9", "11", false},
    {"99", "101", false},
    {"99", "200", false},
    {"19", "30", false},
    {"1.1", "1.3", false},
    {"1.9", "3", false},
    {"1.2.3", "1.2.5", false},
    {"1", "1.2", false},
    {"100000000000000000000000000", "100000000000000000000000002", false},
};

static void
follows_without_a_gap(void **state)
{
    for (size_t i = 0; i < LK_ARRAY_SIZE(successions); i++)
        lk_expect_number(lk_fmt(*state, "%s to %s", successions[i].from, successions[i].to),
                         lk_version_follows(version(*state, successions[i].from),
                                            version(*state, successions[i].to)),
                         successions[i].follows);
}

/* Whole names that are ordered as text still have a number in front. */
static void
names_follow_by_the_number_in_front(void **state)
{
    static const struct {
        const char *from;
        const char *to;
        bool follows;
    } cases[] = {
        {"0_init", "0_more", true}, {"1_a", "2_b", true},   {"9_a", "10_b", true},
        {"1_a", "3_b", false},      {"1_2_a", "1_3", true}, {"1", "1a", true},
    };

    (void)state;
    for (size_t i = 0; i < LK_ARRAY_SIZE(cases); i++)
        lk_expect_number(cases[i].to,
                         lk_version_follows((struct lk_version){cases[i].from, true, 0},
                                            (struct lk_version){cases[i].to, true, 0}),
                         cases[i].follows);
}

/* What comes out of a database need not be a version that a name could have. */
static void
foreign_versions_compare_as_text(void **state)
{
    struct lk_version odd = {.text = "1_2"}, other = {.text = "1_2.x"};

    (void)state;
    assert_int_equal(lk_version_compare(odd, odd), 0);
    assert_true(lk_version_compare(odd, other) < 0);
    assert_true(lk_version_compare(other, odd) > 0);
}

/* A plan file's order beats what the texts look like, but only against versions it lists. */
static void
ranks_beat_texts(void **state)
{
    struct lk_version first = {.text = "users", .by_text = true, .rank = 1};
    struct lk_version second = {.text = "accounts", .by_text = true, .rank = 2};
    struct lk_version unlisted = {.text = "orders", .by_text = true, .rank = 3};
    struct lk_version another = {.text = "parts", .by_text = true, .rank = 3};
    struct lk_version recorded = {.text = "users"};

    (void)state;
    assert_true(lk_version_compare(first, second) < 0);
    assert_true(lk_version_compare(second, first) > 0);
    assert_int_equal(lk_version_compare(first, recorded), 0);
    assert_true(lk_version_compare(unlisted, another) < 0);
    assert_true(lk_version_follows(first, second));
}

static void
parts_and_digits_as_written(void **state)
{
    struct lk_version three = version(*state, "1.020.0003");

    assert_int_equal(lk_version_parts(three), 3);
    assert_int_equal(lk_version_parts(version(*state, "20240131120000")), 1);
    assert_int_equal(lk_version_digits(three, 0), 1);
    assert_int_equal(lk_version_digits(three, 1), 3);
    assert_int_equal(lk_version_digits(three, 2), 4);
    assert_int_equal(lk_version_digits(three, 3), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        lk_unit(length_of_versions),
        lk_unit(underscores_become_dots),
        lk_unit(compares_part_by_part),
        lk_unit(no_version_comes_last),
        lk_unit(follows_without_a_gap),
        lk_unit(ranks_beat_texts),
        lk_unit(parts_and_digits_as_written),
        lk_unit(names_follow_by_the_number_in_front),
        lk_unit(foreign_versions_compare_as_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
