/*
 * tests/fuzz/fuzz_lint.c
 *     Any text as a migration: replayed, and looked at by all rules.
 */
#include "rules/engine.h"
#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    TALLOC_CTX *mem = lk_mem_new(NULL);
    struct lk_changelog changelog = {0};
    struct lk_walk walk = {.settings = lk_settings_new(mem)};
    struct lk_walked walked;
    struct lk_error err = {0};

    lk_changelog_add_file(mem, &changelog, lk_fuzz_path(data, size));
    lk_changelog_sort(&changelog);
    if (!lk_engine_walk(mem, &changelog, &walk, &walked, &err))
        LK_BUG("%s", err.message);
    talloc_free(mem);
    return 0;
}
