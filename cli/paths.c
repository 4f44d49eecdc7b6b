/*
 * cli/paths.c
 *     Paths of the command line: see paths.h.
 */
#include "cli/paths.h"

#include "parser/base/file.h"
#include "parser/base/text.h"

#define DEEPEST 64 /* folders within folders: links can make a circle */

bool
lk_paths_is_glob(const char *path)
{
    return strpbrk(path, "*?") != NULL && !lk_file_exists(path);
}

/* walk adds what a glob matches below a folder. */
static bool
walk(TALLOC_CTX *mem, const char *glob, const char *folder, int depth, struct lk_paths *ret,
     struct lk_error *err)
{
    struct lk_listing listing;

    if (depth > DEEPEST)
        return true;
    if (!lk_directory_list(mem, folder, &listing, err))
        return false;
    lk_vec_foreach(entry, &listing.entries) {
        char *path = lk_path_join(mem, folder, entry->name);
        if (lk_glob_match(glob, path))
            lk_vec_push(mem, &ret->items, path);
        else if (entry->directory && !walk(mem, glob, path, depth + 1, ret, err))
            return false;
    }
    return true;
}

bool
lk_paths_expand(TALLOC_CTX *mem, const char *glob, struct lk_paths *ret, struct lk_error *err)
{
    size_t before = ret->items.count;

    while (lk_starts_with(glob, "./"))
        glob += 2;
    /* the folder in front of the first sign that stands for something else */
    char *fixed = lk_strndup(mem, glob, strcspn(glob, "*?"));
    char *slash = strrchr(fixed, '/');
    const char *folder = slash == NULL ? "." : slash == fixed ? "/" : fixed;
    if (slash != NULL && slash != fixed)
        *slash = '\0';
    if (lk_is_directory(folder) && !walk(mem, glob, folder, 0, ret, err))
        return false;
    if (ret->items.count > before)
        return true;
    lk_fail(err, LK_ERR_INPUT, "nothing matches %s", glob);
    return lk_error_hint(err, "* and ? stay within a folder, ** crosses folders.");
}

bool
lk_paths_read(TALLOC_CTX *mem, const char *list, struct lk_paths *ret, struct lk_error *err)
{
    struct lk_bytes bytes;

    if (!lk_file_read(mem, list, &bytes, err))
        return false;
    for (size_t at = 0; at < bytes.size; at += strlen(bytes.data + at) + 1)
        if (bytes.data[at] != '\0')
            lk_vec_push(mem, &ret->items, bytes.data + at);
    return true;
}
