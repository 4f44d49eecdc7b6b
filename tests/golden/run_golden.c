/*
 * tests/golden/run_golden.c
 *     Golden tests: one test per case in fixtures/. An argument selects cases by a pattern (*, ?);
 *     one like 2/4 the second quarter of them, so that several run at a time.
 */
#include "tests/golden/golden.h"

/* keep_part leaves every `parts`th test, from the `part`th (from 1) on. */
static void
keep_part(struct lk_golden_tests *tests, unsigned part, unsigned parts)
{
    size_t kept = 0;

    for (size_t i = part - 1; i < tests->items.count; i += parts)
        tests->items.items[kept++] = tests->items.items[i];
    tests->items.count = kept;
}

int
main(int argc, char **argv)
{
    TALLOC_CTX *mem = lk_mem_new(NULL);
    struct lk_golden_tests tests = {0};
    unsigned part = 0, parts = 0;

    lk_golden_add_rules(mem, &tests);
    lk_golden_add_cli(mem, &tests);
    lk_golden_add_declared(mem, &tests);
    if (argc > 1 && sscanf(argv[1], "%u/%u", &part, &parts) == 2 && part > 0)
        keep_part(&tests, part, parts);
    else if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    int failed =
        _cmocka_run_group_tests("golden", tests.items.items, tests.items.count, NULL, NULL);
    talloc_free(mem);
    return failed;
}
