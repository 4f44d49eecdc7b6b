/*
 * tests/property/property.h
 *     What the property tests share: numbers that repeat, and files to try things on.
 *
 * Each program takes a folder whose SQL files are read in place of those in fixtures/. LK_SEED and
 * LK_ROUNDS in the environment change the random numbers, and how many cases are made of them.
 */
#ifndef LK_TESTS_PROPERTY_PROPERTY_H
#define LK_TESTS_PROPERTY_PROPERTY_H

#include "parser/script.h"
#include "tests/support/lktest.h"

/* lk_property is a test whose `*state` is a context that is freed behind it. */
#define lk_property(test)                                                                          \
    cmocka_unit_test_setup_teardown(test, lk_property_setup, lk_property_teardown)

int lk_property_setup(void **state);
int lk_property_teardown(void **state);

/* lk_property_main remembers the arguments, and runs the tests. */
#define lk_property_main(tests, argc, argv)                                                        \
    (lk_property_arguments(argc, argv), cmocka_run_group_tests(tests, NULL, lk_property_finish))

void lk_property_arguments(int argc, char **argv);
int lk_property_finish(void **state);

/* lk_rounds returns how many random cases to make where `usual` are made by default. */
size_t lk_rounds(size_t usual);

/* lk_seed starts the random numbers of case `round`; failures say "case N" for LK_SEED. */
void lk_seed(size_t round);

/* lk_below returns a random number from 0 to `limit` - 1, lk_chance true once in `times`. */
size_t lk_below(size_t limit);
bool lk_chance(size_t times);

#define lk_pick(array) ((array)[lk_below(LK_ARRAY_SIZE(array))])

/* lk_wrong fails the test, saying of which case and text; `what` is a format. */
void lk_wrong(const char *text, const char *what, ...) LK_PRINTF(2, 3);

struct lk_property_file {
    const char *path;
    struct lk_source *source;
};

struct lk_property_files {
    LK_VEC(struct lk_property_file) items; /* sorted by path; UTF-8 only */
};

/* lk_property_files_read returns the SQL files to try things on. */
struct lk_property_files lk_property_files_read(TALLOC_CTX *mem);

/* lk_source_of returns a source of `length` bytes. */
struct lk_source *lk_source_of(TALLOC_CTX *mem, const char *text, size_t length);

/* lk_script_of returns the statements of a whole source. */
struct lk_script *lk_script_of(TALLOC_CTX *mem, struct lk_source *source);

#endif
