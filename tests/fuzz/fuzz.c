/*
 * tests/fuzz/fuzz.c
 *     What the fuzz targets share: see fuzz.h.
 */
#include "tests/fuzz/fuzz.h"

#include <sys/mman.h>
#include <unistd.h>

struct lk_source *
lk_fuzz_source(TALLOC_CTX *mem, const uint8_t *data, size_t size)
{
    char *text = lk_new_array(mem, char, size + 1);

    if (size > 0)
        memcpy(text, data, size);
    return lk_source_new(mem, "fuzz.sql", text, size);
}

const char *
lk_fuzz_path(const uint8_t *data, size_t size)
{
    static int fd = -1;
    static char path[64];

    if (fd < 0) {
        fd = memfd_create("lockkeeper-fuzz", MFD_CLOEXEC);
        snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    }
    if (fd < 0 || ftruncate(fd, 0) != 0 || pwrite(fd, data, size, 0) != (ssize_t)size)
        LK_BUG("cannot write the input");
    return path;
}
