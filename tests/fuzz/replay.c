/*
 * tests/fuzz/replay.c
 *     A fuzz target's corpus as an ordinary test: every file of the folders given.
 */
#include "parser/base/text.h"
#include "tests/fuzz/fuzz.h"

static size_t
replay(TALLOC_CTX *mem, const char *path)
{
    struct lk_listing listing;
    struct lk_bytes bytes;
    struct lk_error err = {0};
    size_t count = 0;

    if (!lk_is_directory(path)) {
        if (!lk_file_read(mem, path, &bytes, &err))
            LK_BUG("%s", err.message);
        LLVMFuzzerTestOneInput((const uint8_t *)bytes.data, bytes.size);
        return 1;
    }
    if (!lk_directory_list(mem, path, &listing, &err))
        LK_BUG("%s", err.message);
    lk_vec_foreach(entry, &listing.entries)
        count += replay(mem, lk_path_join(mem, path, entry->name));
    return count;
}

int
main(int argc, char **argv)
{
    TALLOC_CTX *mem = lk_mem_new(NULL);
    size_t count = 0;

    for (int i = 1; i < argc; i++)
        count += replay(mem, argv[i]);
    printf("%zu inputs\n", count);
    talloc_free(mem);
    return count > 0 ? 0 : 1;
}
