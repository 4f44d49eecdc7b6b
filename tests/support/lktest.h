/*
 * tests/support/lktest.h
 *     What every test includes: cmocka, and helpers of our own.
 */
#ifndef LK_TESTS_SUPPORT_LKTEST_H
#define LK_TESTS_SUPPORT_LKTEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/types.h>

/* clang-format off: cmocka.h needs the ones above first */
#include <cmocka.h>
/* clang-format on */

#include "parser/base/mem.h"

/* lk_test_start makes a context the state of a test, lk_test_end frees it: see lk_mem_test. */
int lk_test_start(void **state);
int lk_test_end(void **state);

/* A test whose state is a context of its own. */
#define lk_mem_test(function) cmocka_unit_test_setup_teardown(function, lk_test_start, lk_test_end)

/* What a program did. */
struct lk_output {
    int exit_code; /* -1: it was ended by a signal */
    char *out;
    char *err;
};

/* lk_test_lockkeeper runs lockkeeper in `dir` with some words, NULL behind the last one. */
struct lk_output lk_test_lockkeeper(TALLOC_CTX *mem, const char *dir, const char *const *words);

/*
 * lk_test_spawn starts a program in the folder `dir` (NULL: where we are) with the given standard
 * streams; `args` is NULL-terminated, the program first. One that cannot be started is a bug.
 */
pid_t lk_test_spawn(const char *dir, const char *const *args, int in, int out, int err);

/*
 * lk_test_run runs a program with the given arguments (NULL-terminated, the program first) in the
 * folder `dir`, `input` on its standard input, and returns what it did; strings live in `mem`.
 */
struct lk_output lk_test_run(TALLOC_CTX *mem, const char *dir, const char *const *args,
                             const char *input);

/*
 * lk_test_dir returns a new empty folder below $TMPDIR, removed with everything in it when `mem` is
 * freed. Unset, $TMPDIR is for the whole program /dev/shm if there is plenty of room, else /tmp.
 */
char *lk_test_dir(TALLOC_CTX *mem);

/* lk_test_write writes a file below `dir`, making folders on the way. */
void lk_test_write(const char *dir, const char *name, const char *content);

/* lk_test_one_processor leaves the test, and what it starts, one processor; or again all it had. */
void lk_test_one_processor(bool one);

/* lk_test_read returns the content of a file, or NULL where there is none. */
char *lk_test_read(TALLOC_CTX *mem, const char *path);

#endif
