/*
 * cli/fix.c
 *     Fixes on their way into files: see fix.h.
 */
#include "cli/fix.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "parser/base/file.h"
#include "parser/base/text.h"

/* is_as_read returns whether a file still holds what the fixes are for. */
static bool
is_as_read(const struct lk_patched *file, struct lk_error *err)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    struct lk_bytes now;

    if (!lk_file_read(scratch, file->former, &now, err))
        return false;
    if (now.size == file->before.size && memcmp(now.data, file->before.data, now.size) == 0)
        return true;
    lk_fail(err, LK_ERR_INPUT, "%s has changed while it was looked at", file->former);
    return lk_error_hint(err, "Nothing of it was written. Run fix again.");
}

/* make_room returns whether nothing is at a path, and makes the folder around it if need be. */
static bool
make_room(const char *path, struct lk_error *err)
{
    char *folder LK_CLEANUP(lk_mem_cleanup) = lk_path_dir(NULL, path);

    if (lk_file_exists(path))
        return lk_fail(err, LK_ERR_INPUT, "cannot make %s: it exists", path);
    if (folder[0] == '\0' || lk_is_directory(folder) || mkdir(folder, 0777) == 0)
        return true;
    return lk_fail(err, LK_ERR_INPUT, "cannot make %s: %s", folder, strerror(errno));
}

static bool
write_file(const struct lk_patched *file, struct lk_error *err)
{
    if (file->former != NULL && !is_as_read(file, err))
        return false;
    if (file->former == NULL || strcmp(file->former, file->path) != 0) {
        if (!make_room(file->path, err))
            return false;
        if (file->former != NULL && rename(file->former, file->path) != 0)
            return lk_fail(err, LK_ERR_INPUT, "cannot rename %s to %s: %s", file->former,
                           file->path, strerror(errno));
    }
    if (file->former != NULL && file->after.size == file->before.size &&
        memcmp(file->after.data, file->before.data, file->after.size) == 0)
        return true;
    return lk_file_write(file->path, file->after.data, file->after.size, err);
}

bool
lk_fix_write(struct lk_fix_report *report, struct lk_error *err)
{
    size_t written = 0;

    for (int pass = 0; pass < 2; pass++)
        for (size_t i = written; i < report->files.count; i++) {
            struct lk_patched *file = report->files.items[i];
            if (pass == 0 && file->former != NULL)
                continue;
            if (!write_file(file, err)) {
                report->files.count = written;
                return false;
            }
            /* what is written stands in front */
            memmove(report->files.items + written + 1, report->files.items + written,
                    (i - written) * sizeof(file));
            report->files.items[written++] = file;
        }
    return true;
}
