/*
 * tests/property/property.c
 *     What the property tests share: see property.h.
 */
#include "tests/property/property.h"

#include <stdarg.h>

#include "parser/base/text.h"
#include "parser/pgparse.h"

static const char *folder = LK_SOURCE_DIR "/fixtures";
static uint64_t random_state;
static size_t current;

int
lk_property_setup(void **state)
{
    *state = lk_mem_new(NULL);
    return 0;
}

int
lk_property_teardown(void **state)
{
    talloc_free(*state);
    return 0;
}

void
lk_property_arguments(int argc, char **argv)
{
    if (argc > 1)
        folder = argv[1];
}

int
lk_property_finish(void **state)
{
    (void)state;
    lk_pg_finish();
    return 0;
}

size_t
lk_rounds(size_t usual)
{
    const char *rounds = getenv("LK_ROUNDS");

    return rounds != NULL ? strtoul(rounds, NULL, 10) : usual;
}

void
lk_seed(size_t round)
{
    const char *seed = getenv("LK_SEED");

    current = round + (seed != NULL ? strtoul(seed, NULL, 10) : 0);
    random_state = current;
}

/* random_bits is splitmix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators).
 */
static uint64_t
random_bits(void)
{
    uint64_t bits = random_state += 0x9E3779B97F4A7C15u;

    bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9u;
    bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EBu;
    return bits ^ (bits >> 31);
}

size_t
lk_below(size_t limit)
{
    return (size_t)(random_bits() % limit);
}

bool
lk_chance(size_t times)
{
    return lk_below(times) == 0;
}

void
lk_wrong(const char *text, const char *what, ...)
{
    va_list args;

    va_start(args, what);
    char *message = talloc_vasprintf(NULL, what, args);
    va_end(args);
    print_error("case %zu: %s\n----\n%s\n----\n", current, message, text);
    talloc_free(message);
    fail();
}

static void
read_below(TALLOC_CTX *mem, const char *path, struct lk_property_files *files)
{
    struct lk_listing listing;
    struct lk_error err = {0};

    if (!lk_directory_list(mem, path, &listing, &err))
        fail_msg("%s", err.message);
    lk_vec_foreach(entry, &listing.entries) {
        const char *name = lk_path_join(mem, path, entry->name);
        if (entry->directory)
            read_below(mem, name, files);
        else if (lk_ends_with(name, ".sql")) {
            struct lk_source *source = lk_source_read(mem, name, &err);
            if (source == NULL)
                fail_msg("%s", err.message);
            if (source->invalid == source->size)
                *lk_vec_add(mem, &files->items) = (struct lk_property_file){name, source};
        }
    }
}

struct lk_property_files
lk_property_files_read(TALLOC_CTX *mem)
{
    struct lk_property_files files = {0};

    read_below(mem, folder, &files);
    assert_true(files.items.count > 0);
    return files;
}

struct lk_source *
lk_source_of(TALLOC_CTX *mem, const char *text, size_t length)
{
    return lk_source_new(mem, "property.sql", text, length);
}

struct lk_script *
lk_script_of(TALLOC_CTX *mem, struct lk_source *source)
{
    return lk_script_new(mem, source, (struct lk_span){0, source->size});
}
