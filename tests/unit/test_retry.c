/*
 * tests/unit/test_retry.c
 *     applier/retry: pauses, the deadline, what is said of it; with a clock of the test's own.
 */
#include "applier/retry.h"

#include "tests/unit/unit.h"

/* A clock that only sleeping moves, and a row of chances. */
struct fake {
    int64_t now;
    const double *chances;
    size_t next;
};

static int64_t
fake_now(void *data)
{
    return ((struct fake *)data)->now;
}

static void
fake_sleep(void *data, int64_t ms)
{
    ((struct fake *)data)->now += ms;
}

static double
fake_random(void *data)
{
    struct fake *fake = data;

    return fake->chances[fake->next++];
}

static struct lk_retry
start(struct fake *fake, const double *chances)
{
    static const struct lk_retry_policy policy = {
        .base_ms = 100, .cap_ms = 2000, .max_elapsed_ms = 10000};

    *fake = (struct fake){.now = 5000, .chances = chances};
    return lk_retry_start(policy, (struct lk_clock){fake_now, fake_sleep, fake_random, fake});
}

/* expect_pauses draws pauses by the chances given, without waiting. */
static void
expect_pauses(const double *chances, const int64_t *pauses, size_t count)
{
    struct fake fake;
    struct lk_retry retry = start(&fake, chances);

    for (size_t i = 0; i < count; i++) {
        assert_true(lk_retry_again(&retry));
        assert_int_equal(retry.pause_ms, pauses[i]);
    }
}

static void
each_pause_is_drawn_from_the_one_before(void **state)
{
    static const double chances[] = {0, 0.5, 1, 0.999, 0};
    static const int64_t pauses[] = {100, 200, 600, 1798, 100};

    (void)state;
    expect_pauses(chances, pauses, LK_ARRAY_SIZE(pauses));
}

static void
no_pause_is_longer_than_the_longest(void **state)
{
    static const double chances[] = {1, 1, 1, 1, 1};
    static const int64_t pauses[] = {300, 900, 2000, 2000, 2000};

    (void)state;
    expect_pauses(chances, pauses, LK_ARRAY_SIZE(pauses));
}

static void
a_pause_that_would_end_behind_the_deadline_is_not_begun(void **state)
{
    static const double chances[] = {1, 1, 1, 1, 1, 1, 1, 1};
    struct fake fake;
    struct lk_retry retry = start(&fake, chances);
    unsigned pauses = 0;

    (void)state;
    while (lk_retry_again(&retry)) {
        lk_retry_pause(&retry);
        pauses++;
    }
    assert_int_equal(pauses, 6); /* 300, 900, and four times 2000 */
    assert_int_equal(fake.now, 5000 + 9200);
}

/* What took long and came through takes nothing of the time for what fails behind it. */
static void
only_failures_take_of_the_time(void **state)
{
    static const double chances[] = {1, 1, 1, 1};
    struct fake fake;
    struct lk_retry retry = start(&fake, chances);

    fake.now += 3600000;
    lk_retry_begin(&retry);
    fake.now += 4000;
    lk_retry_failed(*state, &retry, "lock timeout");
    assert_true(lk_retry_again(&retry));
    lk_retry_pause(&retry);
    assert_int_equal(lk_retry_left(&retry), 10000 - 4000 - 300);
    fake.now += 3600000;
    lk_retry_begin(&retry);
    fake.now += 5500;
    lk_retry_failed(*state, &retry, "lock timeout");
    assert_false(lk_retry_again(&retry));
}

static void
one_line_sums_the_tries_up(void **state)
{
    static const double chances[] = {0};
    struct fake fake;
    struct lk_retry retry = start(&fake, chances);

    lk_retry_failed(*state, &retry, "lock timeout");
    assert_string_equal(lk_retry_summary(*state, &retry), "1 attempt over 0 ms: lock timeout 1");
    lk_retry_failed(*state, &retry, "deadlock");
    fake.now += 3000;
    lk_retry_failed(*state, &retry, "lock timeout");
    assert_string_equal(lk_retry_summary(*state, &retry),
                        "3 attempts over 3 s: lock timeout 2, deadlock 1");
    fake.now += 180000;
    assert_string_equal(lk_retry_summary(*state, &retry),
                        "3 attempts over 3 min: lock timeout 2, deadlock 1");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        lk_unit(each_pause_is_drawn_from_the_one_before),
        lk_unit(no_pause_is_longer_than_the_longest),
        lk_unit(a_pause_that_would_end_behind_the_deadline_is_not_begun),
        lk_unit(only_failures_take_of_the_time),
        lk_unit(one_line_sums_the_tries_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
