/*
 * tests/meta/tree.c
 *     The project's own files: see tree.h.
 */
#include "tests/meta/tree.h"

#include "parser/base/file.h"
#include "parser/base/text.h"

static void
collect(TALLOC_CTX *mem, const char *folder, const char *ending, struct lk_paths *paths)
{
    struct lk_listing listing = {0};
    struct lk_error err = {0};

    if (!lk_directory_list(mem, lk_path_join(mem, LK_SOURCE_DIR, folder), &listing, &err))
        fail_msg("%s", err.message);
    lk_vec_foreach(entry, &listing.entries) {
        char *path = lk_path_join(mem, folder, entry->name);
        if (entry->directory)
            collect(mem, path, ending, paths);
        else if (lk_ends_with(path, ending))
            lk_vec_push(mem, &paths->items, path);
    }
}

struct lk_paths
lk_tree_files(TALLOC_CTX *mem, const char *folder, const char *ending)
{
    struct lk_paths paths = {0};

    collect(mem, folder, ending, &paths);
    return paths;
}

struct lk_paths
lk_tree_sources(TALLOC_CTX *mem, bool tests)
{
    static const char *const folders[] = {"parser", "rules", "applier", "cli", "tests"};
    struct lk_paths paths = {0};

    for (size_t i = 0; i < LK_ARRAY_SIZE(folders) - !tests; i++) {
        collect(mem, folders[i], ".c", &paths);
        collect(mem, folders[i], ".h", &paths);
    }
    return paths;
}

char *
lk_tree_read(TALLOC_CTX *mem, const char *path)
{
    char *text = lk_test_read(mem, lk_path_join(mem, LK_SOURCE_DIR, path));

    if (text == NULL)
        fail_msg("cannot read %s", path);
    return text;
}

bool
lk_tree_line(TALLOC_CTX *mem, const char **text, char **ret_line)
{
    size_t length = strcspn(*text, "\n");

    if (**text == '\0')
        return false;
    *ret_line = lk_strndup(mem, *text, length);
    *text += length + ((*text)[length] == '\n');
    return true;
}

struct lk_paths
lk_tree_list(TALLOC_CTX *mem, const char *path, const char *macro)
{
    const char *text = lk_tree_read(mem, path);
    char *start = lk_fmt(mem, "%s(", macro), *line;
    struct lk_paths names = {0};

    while (lk_tree_line(mem, &text, &line))
        if (lk_starts_with(line, start))
            lk_vec_push(mem, &names.items,
                        lk_strndup(mem, line + strlen(start), strcspn(line + strlen(start), ",)")));
    assert_true(names.items.count > 0);
    return names;
}

bool
lk_tree_holds(const struct lk_paths *names, const char *name)
{
    lk_vec_foreach(item, &names->items)
        if (strcmp(*item, name) == 0)
            return true;
    return false;
}
