/*
 * tests/cli/test_processors.c
 *     lint of many changelogs: what it says does not depend on how many processors there are.
 */
#include <unistd.h>

#include "tests/support/lktest.h"

/* cut_duration takes out what differs from run to run. */
static char *
cut_duration(char *text)
{
    char *from = strstr(text, "\"duration_ms\"");
    char *to = from != NULL ? strchr(from, '}') : NULL;

    if (to != NULL)
        memmove(from, to, strlen(to) + 1);
    return text;
}

/* expect_same lints with all processors and with one. */
static struct lk_output
expect_same(TALLOC_CTX *mem, const char *dir, const char *const *words)
{
    struct lk_output all = lk_test_lockkeeper(mem, dir, words);

    lk_test_one_processor(true);
    struct lk_output one = lk_test_lockkeeper(mem, dir, words);
    lk_test_one_processor(false);
    assert_int_equal(all.exit_code, one.exit_code);
    assert_string_equal(cut_duration(all.out), cut_duration(one.out));
    assert_string_equal(all.err, one.err);
    return all;
}

static void
test_fixtures(void **state)
{
    static const char *const formats[] = {"text", "json", "sarif", "html"};

    for (size_t i = 0; i < LK_ARRAY_SIZE(formats); i++) {
        const char *const words[] = {"lint", "fixtures", "--fail-on", "never",
                                     "-f",   formats[i], NULL};
        struct lk_output output = expect_same(*state, LK_SOURCE_DIR, words);
        assert_int_equal(output.exit_code, 0);
        assert_non_null(strstr(output.out, "ban-drop-column"));
    }
}

/* Of several changelogs that cannot be read the first one is told of, as without threads. */
static void
test_first_failure(void **state)
{
    static const char *const words[] = {"lint", "a", "b", "c", NULL};
    const char *dir = lk_test_dir(*state);

    for (int i = 0; i < 3; i++)
        for (int k = 1; k <= 40; k++)
            lk_test_write(dir, lk_fmt(*state, "%c/V%d__step.sql", 'a' + i, k), "SELECT 1;\n");
    for (int i = 1; i < 3; i++) {
        const char *path = lk_fmt(*state, "%s/%c/V%d__step.sql", dir, 'a' + i, 30 / i);
        assert_int_equal(unlink(path), 0);
        assert_int_equal(symlink("nowhere", path), 0);
    }
    for (int again = 0; again < 10; again++) {
        struct lk_output output = expect_same(*state, dir, words);
        assert_int_not_equal(output.exit_code, 0);
        assert_non_null(strstr(output.err, "b/V30__step.sql"));
        assert_null(strstr(output.err, "c/V15__step.sql"));
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        lk_mem_test(test_fixtures),
        lk_mem_test(test_first_failure),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
