/*
 * tests/bench/replay.c
 *     bench_replay FOLDER: parsing the migrations below a folder, against parsing them and knowing
 * the effects of every statement and the schema behind it.
 */
#include <time.h>

#include "parser/changelog.h"
#include "parser/pgparse.h"
#include "parser/script.h"
#include "rules/effects/effects.h"
#include "rules/schema/replay.h"

#define ROUNDS 9

struct file {
    struct lk_bytes bytes;
    const struct lk_naming *naming;
    bool first; /* of its changelog */
};

struct files {
    LK_VEC(struct file) items;
    size_t bytes;
};

static void
add_changelog(TALLOC_CTX *mem, const struct lk_found_folder *found, struct files *files)
{
    static const struct lk_changelog_options options;
    struct lk_changelog changelog = {0};
    struct lk_error err = {0};
    bool first = true;

    lk_changelog_join(mem, &changelog, found, &options);
    lk_changelog_sort(&changelog);
    lk_vec_foreach(migration, &changelog.migrations) {
        struct file file = {.naming = migration->folder->naming, .first = first};
        if (!migration->replayed || !lk_file_read(mem, migration->input, &file.bytes, &err))
            continue;
        lk_vec_push(mem, &files->items, file);
        files->bytes += file.bytes.size;
        first = false;
    }
}

/* carry_out replays a script, if there is a catalog; returns something of all that it did. */
static size_t
carry_out(TALLOC_CTX *mem, struct lk_catalog *catalog, struct lk_script *script)
{
    size_t sum = 0;

    for (size_t i = 0; i < script->statements.count; i++) {
        const struct Node *tree = lk_script_tree(script, i);
        sum += tree != NULL;
        if (tree == NULL || catalog == NULL)
            continue;
        TALLOC_CTX *scratch = lk_mem_new(mem);
        sum += lk_effects_of(scratch, catalog, tree).locks.count;
        lk_replay(catalog, &script->statements.items[i], script->source->text);
        talloc_free(scratch);
    }
    return sum;
}

static size_t
go_through(const struct files *files, bool replays)
{
    TALLOC_CTX *mem LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    TALLOC_CTX *pool = lk_mem_pool(mem, 256 << 10);
    struct lk_catalog *catalog = NULL;
    size_t sum = 0;

    lk_vec_foreach(file, &files->items) {
        TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(pool);
        struct lk_source *source =
            lk_source_new(scratch, "bench.sql", file->bytes.data, file->bytes.size);
        if (replays && file->first) {
            talloc_free(catalog);
            catalog = lk_catalog_new(mem);
        }
        if (source->invalid < source->size)
            continue;
        lk_source_mask(source, &(struct lk_values){0}, false, 18);
        struct lk_parts parts = lk_naming_split(scratch, file->naming, source);
        struct lk_script *script = lk_script_new(scratch, source, (struct lk_span){0, 0});
        lk_vec_foreach(span, &parts.up.items)
            lk_script_add(script, *span);
        lk_script_load(script); /* as lint does, which reads files ahead */
        sum += carry_out(pool, catalog, script);
        if (catalog != NULL)
            lk_catalog_commit(catalog);
    }
    return sum;
}

static double
seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

int
main(int argc, char **argv)
{
    static const struct lk_changelog_options options;
    TALLOC_CTX *mem = lk_mem_new(NULL);
    struct lk_found_folders found = {0};
    struct lk_error err = {0};
    struct files files = {0};
    double parsing = 1e9, replaying = 1e9;
    size_t sum = 0;

    if (argc != 2 || !lk_changelog_find(mem, argv[1], &options, &found, &err))
        return 2;
    lk_vec_foreach(folder, &found.folders)
        if (folder->naming == NULL || folder->naming->programs == NULL)
            add_changelog(mem, folder, &files);
    for (int round = 0; round < ROUNDS; round++) {
        double start = seconds();
        sum += go_through(&files, false);
        double middle = seconds();
        sum += go_through(&files, true);
        parsing = LK_MIN(parsing, middle - start);
        replaying = LK_MIN(replaying, seconds() - middle);
    }
    if (sum == 0)
        return 2;
    fprintf(stdout, "%zu %zu %.3f %.3f\n", files.items.count, files.bytes, parsing * 1e3,
            replaying * 1e3);
    talloc_free(mem);
    lk_pg_finish();
    return 0;
}
