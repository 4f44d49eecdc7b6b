/*
 * tests/unit/test_buf.c
 *     parser/base/buf: strings under construction.
 */
#include "parser/base/buf.h"

#include "tests/unit/unit.h"

static void
is_a_string_from_the_start(void **state)
{
    struct lk_buf buf = lk_buf_init(*state);

    assert_string_equal(buf.data, "");
    assert_int_equal(buf.len, 0);
    assert_ptr_equal(talloc_parent(buf.data), *state);
}

static void
adds_pieces(void **state)
{
    struct lk_buf buf = lk_buf_init(*state);

    lk_buf_add(&buf, "CREATE");
    lk_buf_addc(&buf, ' ');
    lk_buf_addn(&buf, "TABLExxx", 5);
    lk_buf_addf(&buf, " %s (%d)", "t", 42);
    lk_buf_add(&buf, "");
    assert_string_equal(buf.data, "CREATE TABLE t (42)");
    assert_int_equal(buf.len, strlen(buf.data));
}

static void
keeps_nul_bytes(void **state)
{
    struct lk_buf buf = lk_buf_init(*state);

    lk_buf_addn(&buf, "a\0b", 3);
    lk_buf_addc(&buf, 'c');
    assert_int_equal(buf.len, 4);
    assert_memory_equal(buf.data, "a\0bc", 5);
}

static void
separates_from_the_second_piece_on(void **state)
{
    struct lk_buf buf = lk_buf_init(*state);

    for (int i = 1; i <= 3; i++) {
        lk_buf_sep(&buf, ", ");
        lk_buf_addf(&buf, "%d", i);
    }
    assert_string_equal(buf.data, "1, 2, 3");
}

/* Around each power of two the last byte and its NUL must still fit. */
static void
grows_byte_by_byte(void **state)
{
    struct lk_buf buf = lk_buf_init(*state);

    for (size_t i = 0; i < 5000; i++) {
        lk_buf_addc(&buf, (char)('a' + i % 26));
        assert_int_equal(buf.len, i + 1);
        assert_int_equal(buf.data[buf.len], '\0');
        assert_true(buf.capacity > buf.len);
    }
    for (size_t i = 0; i < 5000; i++)
        assert_int_equal(buf.data[i], (char)('a' + i % 26));
}

static void
takes_large_pieces(void **state)
{
    struct lk_buf buf = lk_buf_init(*state);
    char *large = lk_new_array(*state, char, 100001);

    memset(large, 'x', 100000);
    lk_buf_add(&buf, large);
    lk_buf_addf(&buf, "%s|", large);
    assert_int_equal(buf.len, 200001);
    assert_int_equal(buf.data[200000], '|');
    assert_int_equal(strlen(buf.data), 200001);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        lk_unit(is_a_string_from_the_start),
        lk_unit(adds_pieces),
        lk_unit(keeps_nul_bytes),
        lk_unit(separates_from_the_second_piece_on),
        lk_unit(grows_byte_by_byte),
        lk_unit(takes_large_pieces),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
