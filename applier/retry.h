/*
 * applier/retry.h
 *     Trying again: how long to pause, and when to stop.
 *
 * Pauses follow "decorrelated jitter": each is drawn between the shortest one and three times the
 * one before, and cut at the longest. That spreads clients that failed together better than
 * doubling does.
 */
#ifndef LK_APPLIER_RETRY_H
#define LK_APPLIER_RETRY_H

#include "parser/base/buf.h"
#include "parser/base/vec.h"

struct lk_retry_policy {
    int64_t base_ms;        /* shortest pause */
    int64_t cap_ms;         /* longest pause */
    int64_t max_elapsed_ms; /* from the first try on */
};

/* Time and chance, replaced by tests. */
struct lk_clock {
    int64_t (*now_ms)(void *data);
    void (*sleep_ms)(void *data, int64_t ms);
    double (*random)(void *data); /* in [0, 1) */
    void *data;
};

/* lk_clock_system returns the real ones. A sleep ends early when the run is interrupted. */
struct lk_clock lk_clock_system(void);

struct lk_retry {
    struct lk_retry_policy policy;
    struct lk_clock clock;
    int64_t deadline_ms;
    int64_t pause_ms; /* the last one */
    unsigned attempts;
    LK_VEC(const char *) failures; /* what each failed try was, in words */
};

/* lk_retry_start returns the state before the first try; the clock starts running. */
struct lk_retry lk_retry_start(struct lk_retry_policy policy, struct lk_clock clock);

/* lk_retry_failed notes a failed try ("lock timeout", static). */
void lk_retry_failed(TALLOC_CTX *mem, struct lk_retry *retry, const char *words);

/*
 * lk_retry_again draws the next pause (`pause_ms`), or returns false when the time is up: the pause
 * would end behind the deadline.
 */
bool lk_retry_again(struct lk_retry *retry);

/* lk_retry_pause sleeps for the pause that was drawn. */
void lk_retry_pause(const struct lk_retry *retry);

/* lk_duration_add adds "3 min", "20 s" or "150 ms" to a text. */
void lk_duration_add(struct lk_buf *text, int64_t ms);

/* lk_retry_summary returns "5 attempts over 3 min: lock timeout 4, deadlock 1". */
char *lk_retry_summary(TALLOC_CTX *mem, const struct lk_retry *retry);

#endif
