/*
 * tests/fuzz/fuzz_lint.c
 *     Any text as a migration: replayed, looked at by all rules, and fixed as far as it goes.
 */
#include "rules/patch.h"
#include "tests/fuzz/fuzz.h"

/* fix carries out all fixes: text stays text, and none is done twice in the same place. */
static void
fix(TALLOC_CTX *mem, struct lk_changelog *changelog, const struct lk_walk *walk)
{
    struct lk_patch patch = {.unsafe = true, .stay = true};
    struct lk_error err = {0};

    if (!lk_patch_run(mem, changelog, walk, &patch, &err))
        LK_BUG("%s", err.message);
    lk_vec_foreach(file, &patch.files) {
        const struct lk_source *source =
            lk_source_new(mem, "after", (*file)->after.data, (*file)->after.size);
        if (source->invalid < source->size)
            LK_BUG("a fix makes what is no UTF-8");
    }
}

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
    fix(mem, &changelog, &walk);
    talloc_free(mem);
    return 0;
}
