/*
 * tests/support/labelled.c
 *     The labelled migrations: see labelled.h.
 */
#include "tests/support/labelled.h"

#include "parser/base/file.h"
#include "parser/base/text.h"
#include "tests/support/lktest.h"

#define ROOT LK_SOURCE_DIR "/fixtures/labelled"
#define UNBOUNDED "unbounded" /* the area in which nothing bounds the wait for locks */

static struct lk_listing
list(TALLOC_CTX *mem, const char *path)
{
    struct lk_listing listing = {0};
    struct lk_error err = {0};

    if (!lk_directory_list(mem, path, &listing, &err))
        LK_BUG("%s", err.message);
    return listing;
}

/* add_file adds a file of a case, and takes the header of the one that has a label. */
static void
add_file(TALLOC_CTX *mem, struct lk_labelled *it, const char *name, const char *path)
{
    char *text = lk_test_read(mem, path);

    if (text == NULL)
        LK_BUG("%s cannot be read", path);
    struct lk_fixture_header header = lk_fixture_header_of(mem, text);
    if (header.label != LK_LABEL_NONE) {
        if (it->header.label != LK_LABEL_NONE || header.why == NULL)
            LK_BUG("%s: one file of a case has a label, and says why", path);
        it->header = header;
        it->judged = it->files.count;
    }
    lk_vec_push(mem, &it->files, ((struct lk_labelled_file){name, text}));
}

static void
add_case(TALLOC_CTX *mem, struct lk_labelled_cases *cases, const char *area,
         const struct lk_entry *entry)
{
    const char *folder = lk_fmt(mem, ROOT "/%s", area);
    const char *path = lk_path_join(mem, folder, entry->name);
    struct lk_labelled it = {
        .area = area,
        .name = entry->name,
        .config = lk_fmt(mem, "%s/lockkeeper.yml", folder),
        .bounded = strcmp(area, UNBOUNDED) != 0,
    };

    if (it.bounded)
        it.config = ROOT "/lockkeeper.yml";
    add_file(mem, &it, "0001_schema.sql", ROOT "/schema.sql");
    if (entry->directory) {
        struct lk_listing files = list(mem, path);
        lk_vec_foreach(file, &files.entries)
            add_file(mem, &it, file->name, lk_path_join(mem, path, file->name));
    } else {
        it.name = lk_strndup(mem, entry->name, strlen(entry->name) - strlen(".sql"));
        add_file(mem, &it, lk_fmt(mem, "0002_%s", entry->name), path);
    }
    if (it.header.label == LK_LABEL_NONE)
        LK_BUG("%s has no label", path);
    lk_vec_push(mem, &cases->items, it);
}

void
lk_labelled_find(TALLOC_CTX *mem, struct lk_labelled_cases *ret)
{
    struct lk_listing areas = list(mem, ROOT);

    lk_vec_foreach(area, &areas.entries) {
        if (!area->directory)
            continue;
        struct lk_listing cases = list(mem, lk_fmt(mem, ROOT "/%s", area->name));
        lk_vec_foreach(entry, &cases.entries)
            if (entry->directory || lk_ends_with(entry->name, ".sql"))
                add_case(mem, ret, area->name, entry);
    }
}
