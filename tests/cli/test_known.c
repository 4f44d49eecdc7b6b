/*
 * tests/cli/test_known.c
 *     lint --baseline: what is known stays known while files are laid out anew, moved and merged,
 *     and nothing else is.
 */
#include <unistd.h>

#include "parser/base/text.h"
#include "tests/support/lktest.h"

struct world {
    TALLOC_CTX *mem;
    char *dir;
};

static int
start(void **state)
{
    struct world *world = lk_new(NULL, struct world);

    world->mem = world;
    world->dir = lk_test_dir(world);
    lk_test_write(world->dir, "m/V1__base.sql",
                  "CREATE TABLE users (id bigint PRIMARY KEY, a text, b text);\n");
    lk_test_write(world->dir, "m/V2__index.sql",
                  "CREATE INDEX users_a ON users (a);\nCREATE INDEX users_b ON users (b);\n");
    *state = world;
    return 0;
}

static int
end(void **state)
{
    talloc_free(*state);
    return 0;
}

static struct lk_output
lint_words(const struct world *world, const char *const *words)
{
    const char *args[16] = {LK_BINARY, "lint", "-q", "--color", "never"};
    size_t count = 5;

    for (size_t i = 0; words[i] != NULL; i++)
        args[count++] = words[i];
    return lk_test_run(world->mem, world->dir, args, NULL);
}

#define lint(world, ...) lint_words(world, (const char *const[]){__VA_ARGS__, NULL})

/* write_known writes all that is found now down. */
static void
write_known(const struct world *world)
{
    struct lk_output output = lint(world, "--write-baseline", "known.json", "m");

    assert_int_equal(output.exit_code, 0);
    assert_string_equal(output.out, "");
    assert_string_equal(output.err, "");
}

/* expect expects findings beyond the known ones, by what stands in front of their messages. */
static void
expect(const struct world *world, const char *const *places)
{
    struct lk_output output = lint(world, "--baseline", "known.json", "m");
    const char *at = output.out;
    size_t found = 0;

    for (size_t i = 0; places[i] != NULL; i++)
        if (strstr(output.out, places[i]) == NULL)
            fail_msg("%s is expected in:\n%s", places[i], output.out);
        else
            found++;
    while ((at = strstr(at, ": error: ")) != NULL) {
        at++;
        found--;
    }
    if (found != 0)
        fail_msg("more or less is found than expected:\n%s", output.out);
    assert_int_equal(output.exit_code, places[0] != NULL ? 1 : 0);
}

#define EXPECT(world, ...) expect(world, (const char *const[]){__VA_ARGS__, NULL})

/* test_moved: neither lines, comments, white space, case nor the folder matter. */
static void
test_moved(void **state)
{
    struct world *world = *state;

    write_known(world);
    EXPECT(world, NULL);
    lk_test_write(world->dir, "m/V2__index.sql",
                  "-- a comment\n\n\nCREATE index users_b\n  on users /* here */ ( b ) ;\n"
                  "create INDEX users_a ON users(a);\n");
    EXPECT(world, NULL);
    rename(lk_path_join(world->mem, world->dir, "m/V2__index.sql"),
           lk_path_join(world->mem, world->dir, "m/V3__other.sql"));
    lk_test_write(world->dir, "m/V2__nothing.sql", "SELECT 1;\n");
    EXPECT(world, NULL);
}

/* test_new: another statement is new, and so is one more of the same. */
static void
test_new(void **state)
{
    struct world *world = *state;

    write_known(world);
    lk_test_write(world->dir, "m/V2__index.sql",
                  "CREATE INDEX users_a ON users (a);\nCREATE INDEX users_b ON users (b, a);\n");
    EXPECT(world, "m/V2__index.sql:2:1: error");
    lk_test_write(world->dir, "m/V2__index.sql",
                  "CREATE INDEX users_a ON users (a);\nCREATE INDEX users_b ON users (b);\n");
    lk_test_write(world->dir, "m/V3__again.sql",
                  "DROP INDEX CONCURRENTLY users_a;\nCREATE INDEX users_a ON users (a);\n");
    EXPECT(world, "m/V3__again.sql:2:1: error");
    lk_test_write(world->dir, "m/V2__index.sql", "CREATE INDEX \"Users_b\" ON users (b);\n");
    lk_test_write(world->dir, "m/V3__again.sql", "SELECT 1;\n");
    EXPECT(world, "m/V2__index.sql:1:1: error");
}

/* test_stale: what is gone is told with -v, and pruned. */
static void
test_stale(void **state)
{
    struct world *world = *state;

    write_known(world);
    lk_test_write(world->dir, "m/V2__index.sql", "CREATE INDEX users_a ON users (a);\n");
    struct lk_output output = lint(world, "-v", "--baseline", "known.json", "m");
    assert_non_null(strstr(output.err, "known.json: not found any more: m/V2__index.sql: CREATE"));
    assert_non_null(strstr(output.err, "--write-baseline takes 1 line out"));
    /* of a part nobody knows what is gone */
    output = lint(world, "-v", "--baseline", "known.json", "m/V1__base.sql");
    assert_string_equal(output.err, "");
    write_known(world);
    output = lint(world, "-v", "--baseline", "known.json", "m");
    assert_string_equal(output.err, "");
    assert_int_equal(output.exit_code, 0);
}

/* test_merge: two branches write down findings of their own, and git merges the files. */
static void
test_merge(void **state)
{
    struct world *world = *state;
    const char *script =
        "set -e\n"
        "git init -q -b main .\n"
        "git config user.name case; git config user.email case@example.com\n"
        "lint() { " LK_BINARY " lint -q --write-baseline known.json m; git add .; "
        "git commit -q -m x; }\n"
        "for n in 1 3 5 7 9; do echo \"CREATE TABLE t$n (id int); \" >m/V1${n}0__t$n.sql\n"
        "echo \"CREATE INDEX i$n ON t$n (id);\" >m/V1${n}1__i$n.sql; done; lint\n"
        "git checkout -q -b one; echo 'CREATE INDEX j3 ON t3 (id);' >m/V132__j3.sql; lint\n"
        "git checkout -q -b two main; echo 'CREATE INDEX j7 ON t7 (id);' >m/V172__j7.sql; lint\n"
        "git merge -q -m merged one >log\n" LK_BINARY " lint -q --baseline known.json m\n";
    const char *args[] = {"sh", "-c", script, NULL};
    struct lk_output output = lk_test_run(world->mem, world->dir, args, NULL);

    assert_string_equal(output.err, "");
    assert_string_equal(output.out, "");
    assert_int_equal(output.exit_code, 0);
}

/* test_fingerprints: reports know findings by what the file knows them by. */
static void
test_fingerprints(void **state)
{
    struct world *world = *state;
    const char *script =
        LK_BINARY " lint -f gitlab m | jq -r '.[].fingerprint' | sort >a\n" LK_BINARY
                  " lint -f sarif m | jq -r '.runs[].results[].partialFingerprints[]' | sort >b\n"
                  "jq -r '.findings[].fingerprint' known.json | sort >c\n"
                  "test -s a && cmp a b && cmp a c\n";
    const char *args[] = {"sh", "-c", script, NULL};

    write_known(world);
    assert_int_equal(lk_test_run(world->mem, world->dir, args, NULL).exit_code, 0);
}

/* test_suppressed: who suppresses a finding need not have it known, too. */
static void
test_suppressed(void **state)
{
    struct world *world = *state;
    const char *known;

    lk_test_write(world->dir, "m/V2__index.sql",
                  "-- lockkeeper: ignore require-concurrent-index-creation -- small\n"
                  "CREATE INDEX users_a ON users (a);\nCREATE INDEX users_b ON users (b);\n");
    write_known(world);
    known = lk_test_read(world->mem, lk_path_join(world->mem, world->dir, "known.json"));
    assert_null(strstr(known, "users_a"));
    /* known findings are suppressed from without, in the words of SARIF */
    const char *args[] = {"sh", "-c",
                          LK_BINARY
                          " lint -f sarif --baseline known.json m | "
                          "jq -r '[.runs[].results[].suppressions[].kind] | unique | @csv'",
                          NULL};
    assert_string_equal(lk_test_run(world->mem, world->dir, args, NULL).out,
                        "\"external\",\"inSource\"\n");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_moved, start, end),
        cmocka_unit_test_setup_teardown(test_new, start, end),
        cmocka_unit_test_setup_teardown(test_stale, start, end),
        cmocka_unit_test_setup_teardown(test_merge, start, end),
        cmocka_unit_test_setup_teardown(test_fingerprints, start, end),
        cmocka_unit_test_setup_teardown(test_suppressed, start, end),
    };

    return cmocka_run_group_tests_name("known", tests, NULL, NULL);
}
