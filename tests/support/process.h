/*
 * tests/support/process.h
 *     Programs that run while the test goes on.
 */
#ifndef LK_TESTS_SUPPORT_PROCESS_H
#define LK_TESTS_SUPPORT_PROCESS_H

#include <sys/types.h>

#include "tests/support/lktest.h"

struct lk_process {
    pid_t pid;
    int out, err; /* files that are gone when closed */
};

/* lk_process_start starts a program in the folder `dir`; `args` as for lk_test_run. */
struct lk_process lk_process_start(const char *dir, const char *const *args);

/*
 * lk_process_wait waits for its end and returns what it did; one that goes on for longer than two
 * minutes is killed, which fails the test.
 */
struct lk_output lk_process_wait(TALLOC_CTX *mem, struct lk_process *process);

/* lk_process_has_ended returns whether it has; lk_process_wait tells how. */
bool lk_process_has_ended(const struct lk_process *process);

/* lk_process_has_said returns whether it has written `text` on its standard error. */
bool lk_process_has_said(const struct lk_process *process, const char *text);

/* lk_process_wait_for waits until a program has said `text` on its standard error. */
void lk_process_wait_for(const struct lk_process *process, const char *text);

/* lk_sleep_ms sleeps. */
void lk_sleep_ms(int ms);

#endif
