/*
 * tests/golden/fix_again.c
 *     fix_again [FOLDER...]: fixing is done when it says so. In a copy of each folder, by itself, a
 *     second run of `fix` changes nothing, with --unsafe as without, and the grammar takes as much
 *     as before. By default: the folders of migrations of fixtures/cli, and those for the replay.
 */
#include <jansson.h>

#include "parser/base/text.h"
#include "tests/golden/golden.h"

#define COPY "migrations"

static struct lk_output
run(TALLOC_CTX *mem, const char *dir, const char *words)
{
    struct lk_golden_words split = lk_golden_split(mem, lk_fmt(mem, "%s " COPY, words));

    return lk_golden_run(mem, dir, &split, NULL);
}

/* count_broken returns how many statements the grammar refuses. */
static size_t
count_broken(TALLOC_CTX *mem, const char *dir)
{
    struct lk_output output =
        run(mem, dir, "lint -f json --fail-on never --select syntax-error,foreign-dialect");
    json_t *document = json_loads(output.out, 0, NULL);
    size_t count = json_array_size(json_object_get(document, "findings"));

    json_decref(document);
    return count;
}

static bool
is_fixed_at_once(const char *folder, const char *unsafe)
{
    TALLOC_CTX *mem LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    char *dir = lk_test_dir(mem);
    const char *problem = NULL;

    lk_golden_copy(folder, lk_path_join(mem, dir, COPY), NULL);
    size_t broken = count_broken(mem, dir);
    struct lk_output first = run(mem, dir, lk_fmt(mem, "fix %s", unsafe));
    if (first.exit_code == 3) /* programs, or nothing at all */
        return true;
    struct lk_output second = run(mem, dir, lk_fmt(mem, "fix --diff --exit-code %s", unsafe));
    if (first.exit_code != 0 || first.err[0] != '\0')
        problem = first.err;
    else if (second.exit_code != 0 || second.out[0] != '\0')
        problem = second.out;
    else if (count_broken(mem, dir) > broken)
        problem = "the grammar takes less than before\n";
    if (problem != NULL)
        fprintf(stderr, "%s, fix %s:\n%s", folder, unsafe, problem);
    return problem == NULL;
}

static bool
check(const char *folder)
{
    bool good = is_fixed_at_once(folder, "");

    return is_fixed_at_once(folder, "--unsafe") && good;
}

int
main(int argc, char **argv)
{
    static const char root[] = LK_SOURCE_DIR "/fixtures/cli";
    TALLOC_CTX *mem = lk_mem_new(NULL);
    bool good = true;

    for (int i = 1; i < argc; i++)
        good &= check(argv[i]);
    if (argc == 1) {
        struct lk_listing cases = lk_golden_list(mem, root);
        lk_vec_foreach(entry, &cases.entries) {
            char *folder = lk_fmt(mem, "%s/%s/" COPY, root, entry->name);
            if (lk_is_directory(folder))
                good &= check(folder);
        }
        good &= check(LK_SOURCE_DIR "/fixtures/replay");
    }
    talloc_free(mem);
    return good ? 0 : 1;
}
