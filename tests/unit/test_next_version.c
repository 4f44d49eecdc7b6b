/*
 * tests/unit/test_next_version.c
 *     rules/next_version: the next free version, as a convention writes it.
 */
#include "rules/next_version.h"
#include "tests/unit/unit.h"

static struct timespec
now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return now;
}

static void
numbers_are_counted_up(void **state)
{
    static const struct {
        const char *highest, *next;
    } rows[] = {
        {"1", "2"},      {"9", "10"},     {"0099", "0100"},         {"0009", "0010"},
        {"999", "1000"}, {"1.9", "1.10"}, {"2.0.9", "2.0.10"},      {"2_1", "2_2"},
        {"users", NULL}, {"", NULL},      {"20301399", "20301400"}, /* of no day: a number */
    };

    for (size_t i = 0; i < LK_ARRAY_SIZE(rows); i++)
        lk_expect_text(rows[i].highest, lk_next_version(*state, rows[i].highest, now()),
                       rows[i].next);
}

/* Timestamps become the time of now, in as many digits, unless that is not higher. */
static void
timestamps_are_of_now(void **state)
{
    static const char *const past[] = {"20200101000000", "202001010000", "20200101", "1577836800",
                                       "1577836800000"};

    for (size_t i = 0; i < LK_ARRAY_SIZE(past); i++) {
        const char *next = lk_next_version(*state, past[i], now());
        lk_expect_number(past[i], (long long)strlen(next), (long long)strlen(past[i]));
        lk_expect_true(next, strcmp(next, past[i]) > 0);
        lk_expect_true(next, strncmp(next, past[i], 4) != 0);
    }
    lk_expect_text("future", lk_next_version(*state, "20990101000000", now()), "20990101000001");
}

static void
scripts_keep_the_rest_of_their_name(void **state)
{
    static const struct {
        const char *script, *version, *next, *renamed;
    } rows[] = {
        {"V2__add.sql", "2", "7", "V7__add.sql"},
        {"V2_1__add_2.sql", "2.1", "3", "V3__add_2.sql"},
        {"sub9/V2__add.sql", "2", "7", "sub9/V7__add.sql"},
        {"0002_add.up.sql", "0002", "0010", "0010_add.up.sql"},
        {"20240101_x/migration.sql", "20240101_x", "20250101", "20250101_x/migration.sql"},
        {"deploy/users.sql", "users", "7", NULL},
    };

    for (size_t i = 0; i < LK_ARRAY_SIZE(rows); i++) {
        const struct lk_migration migration = {.script = rows[i].script,
                                               .name.version.text = rows[i].version};
        lk_expect_text(rows[i].script, lk_next_script(*state, &migration, rows[i].next),
                       rows[i].renamed);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        lk_unit(numbers_are_counted_up),
        lk_unit(timestamps_are_of_now),
        lk_unit(scripts_keep_the_rest_of_their_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
