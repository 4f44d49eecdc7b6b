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
    int64_t max_elapsed_ms; /* that tries which fail, and pauses, may take together */
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
    int64_t before_ms; /* spent by others that share the time */
    int64_t spent_ms;  /* on tries that failed, and on pauses */
    int64_t since_ms;  /* when the try at hand was begun, or the pause before it was over */
    int64_t pause_ms;  /* the last one */
    unsigned attempts;
    LK_VEC(const char *) failures; /* what each failed try was, in words */
};

/* lk_retry_start returns the state before the first try; the clock starts running. */
struct lk_retry lk_retry_start(struct lk_retry_policy policy, struct lk_clock clock);

/* lk_retry_begin starts the clock anew, for something else: what came through costs nothing. */
void lk_retry_begin(struct lk_retry *retry);

/* lk_retry_spend counts the time that has passed; lk_retry_left returns what there is left. */
void lk_retry_spend(struct lk_retry *retry);
int64_t lk_retry_left(const struct lk_retry *retry);

/* lk_retry_failed notes a failed try ("lock timeout", static). */
void lk_retry_failed(TALLOC_CTX *mem, struct lk_retry *retry, const char *words);

/*
 * lk_retry_again draws the next pause (`pause_ms`), or returns false when the time is up: it would
 * be over before the pause is.
 */
bool lk_retry_again(struct lk_retry *retry);

/* lk_retry_pause sleeps for the pause that was drawn. */
void lk_retry_pause(struct lk_retry *retry);

/* lk_duration_add adds "3 min", "20 s" or "150 ms" to a text. */
void lk_duration_add(struct lk_buf *text, int64_t ms);

/* lk_retry_summary returns "5 attempts over 3 min: lock timeout 4, deadlock 1". */
char *lk_retry_summary(TALLOC_CTX *mem, const struct lk_retry *retry);

#endif
