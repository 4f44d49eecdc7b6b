/*
 * tests/golden/cli_case.c
 *     Golden cases of the command line: fixtures/cli/<case>/. See docs/testing.md.
 */
#include "cli/command.h"
#include "parser/base/text.h"
#include "tests/golden/golden.h"

#define ROOT LK_SOURCE_DIR "/fixtures/cli"
#define WIDEST_LINE 80 /* of --help, for terminals of that width */

struct cli_case {
    TALLOC_CTX *mem; /* of one run */
    const char *folder;
    const struct lk_command *command; /* a case of --help; NULL for --help of the program */
};

/* is_expectation returns whether a name in a case's folder is not of the working folder. */
static bool
is_expectation(const char *name)
{
    static const char *const names[] = {"after", "cmd", "exit", "stderr", "stdin", "stdout"};

    for (size_t i = 0; i < LK_ARRAY_SIZE(names); i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

/* compare_files compares what the run left below `dir` with the files below `after`. */
static void
compare_files(const struct cli_case *it, const char *after, const char *dir)
{
    struct lk_listing listing = lk_golden_list(it->mem, after);

    lk_vec_foreach(entry, &listing.entries) {
        char *path = lk_path_join(it->mem, dir, entry->name);
        if (entry->directory) {
            compare_files(it, lk_path_join(it->mem, after, entry->name), path);
            continue;
        }
        char *left = lk_test_read(it->mem, path);
        if (left == NULL)
            fail_msg("the run left no file %s", path);
        lk_golden_expect(lk_path_join(it->mem, after, entry->name), left);
    }
}

static void
test_case(void **state)
{
    const struct cli_case *it = *state;
    char *line = lk_test_read(it->mem, lk_path_join(it->mem, it->folder, "cmd"));

    if (line == NULL)
        fail_msg("%s has no cmd", it->folder);
    struct lk_golden_words words = lk_golden_split(it->mem, line);
    char *dir = lk_test_dir(it->mem);
    lk_golden_copy(it->folder, dir, is_expectation);
    struct lk_output output = lk_golden_run(
        it->mem, dir, &words, lk_test_read(it->mem, lk_path_join(it->mem, it->folder, "stdin")));
    lk_golden_expect(lk_path_join(it->mem, it->folder, "stderr"), output.err);
    lk_golden_expect(lk_path_join(it->mem, it->folder, "stdout"), output.out);
    lk_golden_expect(lk_path_join(it->mem, it->folder, "exit"),
                     output.exit_code == 0 ? "" : lk_fmt(it->mem, "%d\n", output.exit_code));
    compare_files(it, lk_path_join(it->mem, it->folder, "after"), dir);
}

/* test_help checks that --help succeeds, and fits. */
static void
test_help(void **state)
{
    const struct cli_case *it = *state;
    const char *name = it->command != NULL ? it->command->name : "[OPTION...]";
    struct lk_golden_words words = {0};

    if (it->command != NULL)
        lk_vec_push(it->mem, &words.items, name);
    lk_vec_push(it->mem, &words.items, "--help");
    struct lk_output output = lk_golden_run(it->mem, "/", &words, NULL);
    char *usage = lk_fmt(it->mem, "Usage: lockkeeper %s", name);
    assert_string_equal(output.err, "");
    assert_int_equal(output.exit_code, 0);
    assert_true(lk_starts_with(output.out, usage));
    for (const char *at = output.out; *at != '\0';) {
        size_t length = strcspn(at, "\n");
        if (length > WIDEST_LINE || (length > 0 && at[length - 1] == ' '))
            fail_msg("too wide, or blanks at its end: \"%.*s\"", (int)length, at);
        at += length + (at[length] == '\n');
    }
}

static int
start(void **state)
{
    struct cli_case *it = *state;

    it->mem = lk_mem_new(NULL);
    return 0;
}

static int
end(void **state)
{
    struct cli_case *it = *state;

    talloc_free(it->mem);
    return 0;
}

static void
add_help(TALLOC_CTX *mem, struct lk_golden_tests *tests, const struct lk_command *command)
{
    struct cli_case *it = lk_new(mem, struct cli_case);
    const char *name = command != NULL ? command->name : "lockkeeper";

    it->command = command;
    lk_vec_push(mem, &tests->items,
                ((struct CMUnitTest){lk_fmt(mem, "help/%s", name), test_help, start, end, it}));
}

void
lk_golden_add_cli(TALLOC_CTX *mem, struct lk_golden_tests *tests)
{
    struct lk_listing listing = lk_golden_list(mem, ROOT);
    size_t count;
    const struct lk_command *const *commands = lk_commands(&count);

    lk_vec_foreach(entry, &listing.entries) {
        struct cli_case *it = lk_new(mem, struct cli_case);
        it->folder = lk_path_join(mem, ROOT, entry->name);
        lk_vec_push(
            mem, &tests->items,
            ((struct CMUnitTest){lk_fmt(mem, "cli/%s", entry->name), test_case, start, end, it}));
    }
    add_help(mem, tests, NULL);
    for (size_t i = 0; i < count; i++)
        add_help(mem, tests, commands[i]);
}
