/*
 * tests/unit/test_err.c
 *     parser/base/err: failures and their exit codes.
 */
#include "parser/base/err.h"

#include "tests/unit/unit.h"

static void
fails_with_a_message(void **state)
{
    struct lk_error err = {0};

    (void)state;
    assert_false(lk_fail(&err, LK_ERR_INPUT, "cannot read %s: %d", "a.sql", 5));
    assert_int_equal(err.code, LK_ERR_INPUT);
    assert_string_equal(err.message, "cannot read a.sql: 5");
    assert_null(err.detail);
    assert_null(err.hint);
    assert_string_equal(err.sqlstate, "");
    lk_error_clear(&err);
}

static void
is_completed_and_prefixed(void **state)
{
    struct lk_error err = {0};

    (void)state;
    lk_fail(&err, LK_ERR_FAILED, "relation \"%s\" does not exist", "t");
    assert_false(lk_error_detail(&err, "first %s", "detail"));
    assert_false(lk_error_detail(&err, "second %s", "detail"));
    assert_false(lk_error_hint(&err, "Do %s.", "this"));
    assert_false(lk_error_prefix(&err, "%s: ", "V1__a.sql"));
    assert_false(lk_error_prefix(&err, "applying "));
    assert_string_equal(err.message, "applying V1__a.sql: relation \"t\" does not exist");
    assert_string_equal(err.detail, "second detail");
    assert_string_equal(err.hint, "Do this.");
    lk_error_clear(&err);
}

static void
a_new_failure_replaces_all_of_the_old(void **state)
{
    struct lk_error err = {0};

    (void)state;
    lk_fail(&err, LK_ERR_USAGE, "first");
    lk_error_detail(&err, "detail");
    lk_error_hint(&err, "Hint.");
    memcpy(err.sqlstate, "42P01", 6);
    lk_fail(&err, LK_ERR_CONNECT, "second: %s", err.message);
    assert_int_equal(err.code, LK_ERR_CONNECT);
    assert_string_equal(err.message, "second: first");
    assert_null(err.detail);
    assert_null(err.hint);
    assert_string_equal(err.sqlstate, "");
    lk_error_clear(&err);
    assert_int_equal(err.code, LK_ERR_OK);
    assert_null(err.message);
    lk_error_clear(&err); /* an empty one, too */
}

/* The documented table: scripts rely on these numbers. */
static void
exit_codes_are_what_is_documented(void **state)
{
    static const struct {
        enum lk_error_code code;
        int exit_code;
    } codes[] = {
        {LK_ERR_OK, 0},       {LK_ERR_FINDINGS, 1},    {LK_ERR_USAGE, 2},     {LK_ERR_INPUT, 3},
        {LK_ERR_CONNECT, 4},  {LK_ERR_LOCKED, 5},      {LK_ERR_FAILED, 6},    {LK_ERR_PARTIAL, 7},
        {LK_ERR_DISAGREE, 8}, {LK_ERR_INTERRUPTED, 9}, {LK_ERR_INTERNAL, 70},
    };

    (void)state;
    for (size_t i = 0; i < LK_ARRAY_SIZE(codes); i++) {
        assert_int_equal(lk_error_exit_code(codes[i].code), codes[i].exit_code);
        assert_true(strlen(lk_error_meaning(codes[i].code)) > 1);
    }
    assert_string_equal(lk_error_meaning(LK_ERR_CONNECT), "cannot connect");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        lk_unit(fails_with_a_message),
        lk_unit(is_completed_and_prefixed),
        lk_unit(a_new_failure_replaces_all_of_the_old),
        lk_unit(exit_codes_are_what_is_documented),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
