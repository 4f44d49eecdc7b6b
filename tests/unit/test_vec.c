/*
 * tests/unit/test_vec.c
 *     parser/base/vec: typed dynamic arrays.
 */
#include "parser/base/vec.h"

#include "tests/unit/unit.h"

struct pair {
    int key;
    const char *text;
};

static void
starts_empty(void **state)
{
    LK_VEC(int) numbers = {0};
    unsigned visited = 0;

    (void)state;
    lk_vec_foreach(number, &numbers)
        visited += (unsigned)*number + 1;
    assert_int_equal(visited, 0);
}

static void
keeps_the_order(void **state)
{
    LK_VEC(int) numbers = {0};
    int expected = 0;

    for (int i = 0; i < 1000; i++)
        lk_vec_push(*state, &numbers, i);
    assert_int_equal(numbers.count, 1000);
    assert_true(numbers.capacity >= numbers.count);
    assert_int_equal(*lk_vec_last(&numbers), 999);
    lk_vec_foreach(number, &numbers)
        assert_int_equal(*number, expected++);
    assert_int_equal(expected, 1000);
}

static void
adds_zeroed_items(void **state)
{
    LK_VEC(struct pair) pairs = {0};

    for (int i = 0; i < 20; i++) {
        struct pair *pair = lk_vec_add(*state, &pairs);
        assert_int_equal(pair->key, 0);
        assert_null(pair->text);
        *pair = (struct pair){i, "text"};
    }
    /* a slot that was used before is zeroed again */
    pairs.count = 5;
    struct pair *again = lk_vec_add(*state, &pairs);
    assert_int_equal(again->key, 0);
    assert_null(again->text);
    assert_int_equal(pairs.items[4].key, 4);
    assert_int_equal(pairs.count, 6);
}

static void
lives_in_its_context(void **state)
{
    TALLOC_CTX *mem = lk_mem_new(*state);
    LK_VEC(int) numbers = {0};

    lk_vec_push(mem, &numbers, 1);
    assert_ptr_equal(talloc_parent(numbers.items), mem);
    assert_int_equal(talloc_total_blocks(mem), 2);
    talloc_free(mem);
}

/* talloc has no objects of 256 MiB or more: an array of less grows as far as that. */
static void
grows_as_far_as_it_can(void **state)
{
    const size_t item_size = (size_t)40 << 20;
    size_t capacity = 0;

    assert_non_null(lk_vec_grow(*state, NULL, &capacity, item_size));
    assert_int_equal(capacity, 5);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        lk_unit(starts_empty),           lk_unit(keeps_the_order),      lk_unit(adds_zeroed_items),
        lk_unit(grows_as_far_as_it_can), lk_unit(lives_in_its_context),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
