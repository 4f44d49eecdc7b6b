/*
 * tests/golden/run_golden.c
 *     Golden tests: one test per case in fixtures/. An argument selects cases by a pattern (*, ?).
 */
#include "tests/golden/golden.h"

static void
print_bug(const char *message)
{
    fprintf(stderr, "%s\n", message);
}

int
main(int argc, char **argv)
{
    TALLOC_CTX *mem = lk_mem_new(NULL);
    struct lk_golden_tests tests = {0};

    lk_set_bug_handler(print_bug);
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    lk_golden_add_rules(mem, &tests);
    lk_golden_add_cli(mem, &tests);
    int failed =
        _cmocka_run_group_tests("golden", tests.items.items, tests.items.count, NULL, NULL);
    talloc_free(mem);
    return failed;
}
