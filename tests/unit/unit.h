/*
 * tests/unit/unit.h
 *     What the unit tests share: a memory context per test, expectations that go on after a
 *     mismatch, and short ways from SQL text to scripts, trees and catalogs.
 */
#ifndef LK_TESTS_UNIT_UNIT_H
#define LK_TESTS_UNIT_UNIT_H

#include "parser/script.h"
#include "rules/schema/catalog.h"
#include "tests/support/lktest.h"

/* lk_unit is a test whose `*state` is a context that is freed behind it. */
#define lk_unit(test)                                                                              \
    {                                                                                              \
#test, lk_unit_run, lk_unit_setup, lk_unit_teardown, (void *)(test)                        \
    }

int lk_unit_setup(void **state);

/* lk_unit_run runs the test, and fails at its end when an expectation did not hold. */
void lk_unit_run(void **state);

int lk_unit_teardown(void **state);

/* lk_unit_finish releases what libpg_query keeps: the teardown of every group that parses. */
int lk_unit_finish(void **state);

/*
 * The lk_expect functions report a mismatch and go on, so that one run of a table shows every row
 * that is wrong; the test fails at its end. `what` says which row it is.
 */
void lk_expect_text(const char *what, const char *got, const char *wanted);
void lk_expect_number(const char *what, long long got, long long wanted);
void lk_expect_true(const char *what, bool holds);

/* lk_unit_source returns a source of a NUL-terminated text. */
struct lk_source *lk_unit_source(TALLOC_CTX *mem, const char *text);

/* lk_unit_script returns the statements of a text. */
struct lk_script *lk_unit_script(TALLOC_CTX *mem, const char *text);

/* lk_unit_tree returns the tree of a text that must be one statement the grammar takes. */
const struct Node *lk_unit_tree(TALLOC_CTX *mem, const char *sql);

/* lk_unit_part returns the bytes of a span as a string. */
char *lk_unit_part(TALLOC_CTX *mem, const char *text, struct lk_span span);

/* lk_unit_replay returns the catalog after the statements of a text, which must all parse. */
struct lk_catalog *lk_unit_replay(TALLOC_CTX *mem, const char *sql);

/* lk_unit_replay_on goes on from a catalog. */
void lk_unit_replay_on(struct lk_catalog *catalog, const char *sql);

#endif
