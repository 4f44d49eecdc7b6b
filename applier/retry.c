/*
 * applier/retry.c
 *     Trying again: see retry.h.
 */
#include "applier/retry.h"

#include <errno.h>
#include <sys/random.h>

#include "applier/interrupt.h"

static int64_t
system_now(void *data)
{
    struct timespec now;

    (void)data;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* system_sleep sleeps in short steps, so that an interrupt is seen soon. */
static void
system_sleep(void *data, int64_t ms)
{
    int64_t end = system_now(data) + ms;

    while (!lk_interrupted()) {
        int64_t left = end - system_now(data);
        if (left <= 0)
            break;
        int64_t step = LK_MIN(left, 100);
        struct timespec pause = {step / 1000, (step % 1000) * 1000000};
        nanosleep(&pause, NULL);
    }
}

static double
system_random(void *data)
{
    uint32_t bits = 0;

    (void)data;
    if (getrandom(&bits, sizeof(bits), 0) != (ssize_t)sizeof(bits))
        bits = (uint32_t)clock();
    return (double)bits / 4294967296.0;
}

struct lk_clock
lk_clock_system(void)
{
    return (struct lk_clock){system_now, system_sleep, system_random, NULL};
}

static int64_t
now_of(const struct lk_retry *retry)
{
    return retry->clock.now_ms(retry->clock.data);
}

struct lk_retry
lk_retry_start(struct lk_retry_policy policy, struct lk_clock clock)
{
    return (struct lk_retry){
        .policy = policy,
        .clock = clock,
        .since_ms = clock.now_ms(clock.data),
        .pause_ms = policy.base_ms,
    };
}

void
lk_retry_begin(struct lk_retry *retry)
{
    retry->since_ms = now_of(retry);
}

void
lk_retry_spend(struct lk_retry *retry)
{
    int64_t now = now_of(retry);

    retry->spent_ms += now - retry->since_ms;
    retry->since_ms = now;
}

int64_t
lk_retry_left(const struct lk_retry *retry)
{
    return retry->policy.max_elapsed_ms - retry->before_ms - retry->spent_ms;
}

void
lk_retry_failed(TALLOC_CTX *mem, struct lk_retry *retry, const char *words)
{
    retry->attempts++;
    lk_vec_push(mem, &retry->failures, words);
    lk_retry_spend(retry);
}

bool
lk_retry_again(struct lk_retry *retry)
{
    double most = (double)retry->pause_ms * 3;
    double least = (double)retry->policy.base_ms;
    double drawn = least + retry->clock.random(retry->clock.data) * LK_MAX(most - least, 0);
    int64_t pause = LK_MIN((int64_t)drawn, retry->policy.cap_ms);

    lk_retry_spend(retry);
    if (pause > lk_retry_left(retry))
        return false;
    retry->pause_ms = pause;
    return true;
}

void
lk_retry_pause(struct lk_retry *retry)
{
    retry->clock.sleep_ms(retry->clock.data, retry->pause_ms);
    lk_retry_spend(retry);
}

void
lk_duration_add(struct lk_buf *text, int64_t ms)
{
    if (ms < 1000)
        lk_buf_addf(text, "%lld ms", (long long)ms);
    else if (ms < 120000)
        lk_buf_addf(text, "%lld s", (long long)(ms / 1000));
    else
        lk_buf_addf(text, "%lld min", (long long)(ms / 60000));
}

char *
lk_retry_summary(TALLOC_CTX *mem, const struct lk_retry *retry)
{
    struct lk_buf text = lk_buf_init(mem);

    lk_buf_addf(&text, "%u attempt%s over ", retry->attempts, retry->attempts == 1 ? "" : "s");
    lk_duration_add(&text, retry->spent_ms + now_of(retry) - retry->since_ms);
    for (size_t i = 0; i < retry->failures.count; i++) {
        const char *words = retry->failures.items[i];
        unsigned count = 0;
        bool told = false;
        for (size_t k = 0; k < retry->failures.count; k++) {
            bool same = strcmp(retry->failures.items[k], words) == 0;
            told |= same && k < i;
            count += same;
        }
        if (!told)
            lk_buf_addf(&text, "%s %s %u", i == 0 ? ":" : ",", words, count);
    }
    return text.data;
}
