/*
 * tests/bench/parse.c
 *     bench_parse FOLDER...: reading files as a linter does (encoding, what is no SQL, statements,
 *     comments, lines, trees) against the bare grammar on the same bytes.
 *
 * Only files that the grammar takes as they are count: the bare parse of others ends at once.
 */
#include <time.h>

#include "parser/base/text.h"
#include "parser/pg_nodes.h"
#include "parser/pgparse.h"
#include "parser/script.h"

#define ROUNDS 15

struct files {
    LK_VEC(struct lk_bytes) items;
    size_t bytes;
};

static bool
parse_bare(const char *text)
{
    MemoryContext context = pg_query_enter_memory_context();
    PgQueryInternalParsetreeAndError result = pg_query_raw_parse(text, PG_QUERY_PARSE_DEFAULT);
    bool taken = result.error == NULL;

    if (!taken)
        pg_query_free_error(result.error);
    free(result.stderr_buffer);
    pg_query_exit_memory_context(context);
    return taken;
}

/* parse_ours returns something of each position, so that nothing is left out. */
static size_t
parse_ours(TALLOC_CTX *pool, const struct lk_bytes *bytes)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(pool);
    struct lk_source *source = lk_source_new(scratch, "bench.sql", bytes->data, bytes->size);
    size_t sum = 0;

    lk_source_mask(source, &(struct lk_values){0}, false, 18);
    struct lk_script *script = lk_script_new(scratch, source, (struct lk_span){0, source->size});
    for (size_t i = 0; i < script->statements.count; i++) {
        sum += lk_script_tree(script, i) != NULL;
        sum += lk_source_position(source, script->statements.items[i].span.start).line;
    }
    return sum + script->comments.count;
}

static void
read_below(TALLOC_CTX *mem, const char *folder, struct files *files)
{
    struct lk_listing listing;
    struct lk_error err = {0};
    struct lk_bytes bytes;

    if (!lk_directory_list(mem, folder, &listing, &err))
        LK_BUG("%s", err.message);
    lk_vec_foreach(entry, &listing.entries) {
        const char *path = lk_path_join(mem, folder, entry->name);
        if (entry->directory) {
            read_below(mem, path, files);
        } else if (lk_ends_with(path, ".sql") && lk_file_read(mem, path, &bytes, &err) &&
                   strlen(bytes.data) == bytes.size && parse_bare(bytes.data)) {
            lk_vec_push(mem, &files->items, bytes);
            files->bytes += bytes.size;
        }
    }
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
    TALLOC_CTX *mem = lk_mem_new(NULL), *pool = lk_mem_pool(mem, 256 << 10);
    double bare = 1e9, ours = 1e9;
    struct files files = {0};
    size_t sum = 0;

    for (int i = 1; i < argc; i++)
        read_below(mem, argv[i], &files);
    for (int round = 0; round < ROUNDS && files.items.count > 0; round++) {
        double start = seconds();
        lk_vec_foreach(bytes, &files.items)
            parse_bare(bytes->data);
        double middle = seconds();
        lk_vec_foreach(bytes, &files.items)
            sum += parse_ours(pool, bytes);
        bare = LK_MIN(bare, middle - start);
        ours = LK_MIN(ours, seconds() - middle);
    }
    if (sum == 0)
        return 2;
    fprintf(stdout, "%zu %zu %.3f %.3f\n", files.items.count, files.bytes, bare * 1e3, ours * 1e3);
    talloc_free(mem);
    lk_pg_finish();
    return 0;
}
