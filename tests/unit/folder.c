/*
 * tests/unit/folder.c
 *     Folders of migrations for tests: see folder.h.
 */
#include "tests/unit/folder.h"

#include "parser/base/buf.h"
#include "tests/unit/unit.h"

const struct lk_changelog_options lk_folder_automatic;

const char *
lk_folder_new(TALLOC_CTX *mem, const char *const *names)
{
    const char *dir = lk_test_dir(mem);

    for (; *names != NULL; names++)
        lk_test_write(dir, *names, "");
    return dir;
}

bool
lk_folder_add(TALLOC_CTX *mem, struct lk_changelog *changelog, const char *dir,
              const struct lk_changelog_options *options, struct lk_error *err)
{
    struct lk_found_folders found = {0};

    if (!lk_changelog_find(mem, dir, options, &found, err))
        return false;
    assert_string_equal(found.folders.items[0].path, dir);
    lk_changelog_join(mem, changelog, &found.folders.items[0], options);
    return true;
}

struct lk_changelog
lk_folder_read(TALLOC_CTX *mem, const char *dir, const struct lk_changelog_options *options)
{
    struct lk_changelog changelog = {0};
    struct lk_error err = {0};

    if (!lk_folder_add(mem, &changelog, dir, options, &err))
        fail_msg("%s", err.message);
    lk_changelog_sort(&changelog);
    return changelog;
}

const char *
lk_folder_scripts(TALLOC_CTX *mem, const struct lk_changelog *changelog)
{
    struct lk_buf names = lk_buf_init(mem);

    lk_vec_foreach(migration, &changelog->migrations) {
        lk_buf_sep(&names, " ");
        lk_buf_add(&names, migration->script);
    }
    return names.data;
}
