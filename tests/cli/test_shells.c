/*
 * tests/cli/test_shells.c
 *     The completions, as the shells understand them, and the manual, as man's readers do.
 */
#include "parser/base/buf.h"
#include "parser/base/text.h"
#include "tests/support/lktest.h"

#define COMPLETIONS LK_SOURCE_DIR "/docs/completions"
#define SCRIPTS LK_SOURCE_DIR "/tests/cli/shells"

/* What is typed, and words that are offered then, or are not. */
static const struct {
    const char *words[5]; /* the last one is being typed */
    const char *offered;
    const char *not_offered;
} cases[] = {
    {{"lockkeeper", "li"}, "lint", "apply"},
    {{"lockkeeper", "lint", "--fail-"}, "--fail-on", "--steps"},
    {{"lockkeeper", "lint", "--fail-on", ""}, "never", "mermaid"},
    {{"lockkeeper", "schema", "-f", ""}, "mermaid", "text"},
    {{"lockkeeper", "lint", "-f", ""}, "text", "mermaid"},
    {{"lockkeeper", "--color", "always", "rollb"}, "rollback", "retry"},
    {{"lockkeeper", "explain", "ban-drop-col"}, "ban-drop-column", "ban-drop-table"},
    {{"lockkeeper", "lint", "--select", "lock,idem"}, "idempotency", "ban-drop-table"},
    {{"lockkeeper", "plan", "-o", "V1"}, "V1__a.sql", "V2__b.sql"},
    {{"lockkeeper", "lint", "V2"}, "V2__b.sql", "V1__a.sql"},
};

static char *
typed(TALLOC_CTX *mem, const char *const *words)
{
    struct lk_buf line = lk_buf_init(mem);

    for (size_t i = 0; i < LK_ARRAY_SIZE(cases[0].words) && words[i] != NULL; i++)
        lk_buf_addf(&line, "%s%s", i == 0 ? "" : " ", words[i]);
    return line.data;
}

/* offer runs a shell that offers words, and checks that it does so without a complaint. */
static void
offer(TALLOC_CTX *mem, const char *const *args, size_t which)
{
    char *dir = lk_test_dir(mem);

    lk_test_write(dir, "V1__a.sql", "");
    lk_test_write(dir, "V2__b.sql", "");
    struct lk_output output = lk_test_run(mem, dir, args, NULL);
    if (output.exit_code != 0 || output.err[0] != '\0' ||
        strstr(output.out, cases[which].offered) == NULL ||
        strstr(output.out, cases[which].not_offered) != NULL)
        fail_msg("%s: `%s` offers: %s%s", args[0], typed(mem, cases[which].words), output.out,
                 output.err);
}

static void
test_bash(void **state)
{
    for (size_t i = 0; i < LK_ARRAY_SIZE(cases); i++) {
        const char *args[12] = {"bash", "--norc", SCRIPTS "/offer.bash", COMPLETIONS};
        for (size_t k = 0; k < LK_ARRAY_SIZE(cases[i].words) && cases[i].words[k] != NULL; k++)
            args[4 + k] = cases[i].words[k];
        offer(*state, args, i);
    }
}

static void
test_zsh(void **state)
{
    for (size_t i = 0; i < LK_ARRAY_SIZE(cases); i++) {
        const char *args[] = {
            "zsh", "-f", SCRIPTS "/offer.zsh", COMPLETIONS, typed(*state, cases[i].words), NULL};
        offer(*state, args, i);
    }
}

static void
test_fish(void **state)
{
    for (size_t i = 0; i < LK_ARRAY_SIZE(cases); i++) {
        char *line = lk_fmt(
            *state, "source %s/lockkeeper.fish; complete -C '%s' | string match -r '^[^\\t]*'",
            COMPLETIONS, typed(*state, cases[i].words));
        const char *args[] = {"fish", "--no-config", "-c", line, NULL};
        offer(*state, args, i);
    }
}

static void
test_manual(void **state)
{
    const char *args[] = {"mandoc", "-Tlint", "-Wunsupp", LK_SOURCE_DIR "/docs/man/lockkeeper.1",
                          NULL};
    struct lk_output output = lk_test_run(*state, "/", args, NULL);

    assert_string_equal(output.out, "");
    assert_string_equal(output.err, "");
    assert_int_equal(output.exit_code, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        lk_mem_test(test_bash),
        lk_mem_test(test_zsh),
        lk_mem_test(test_fish),
        lk_mem_test(test_manual),
    };

    return cmocka_run_group_tests_name("shells", tests, NULL, NULL);
}
