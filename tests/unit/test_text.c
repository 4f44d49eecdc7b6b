/*
 * tests/unit/test_text.c
 *     parser/base/text: prefixes, nearest names, globs, paths.
 */
#include <unistd.h>

#include "parser/base/text.h"

#include "tests/unit/unit.h"

static void
prefixes_and_suffixes(void **state)
{
    (void)state;
    assert_true(lk_starts_with("migration.sql", "migr"));
    assert_true(lk_starts_with("migr", "migr"));
    assert_true(lk_starts_with("x", ""));
    assert_false(lk_starts_with("mig", "migr"));
    assert_false(lk_starts_with("Migration", "migr"));
    assert_true(lk_ends_with("a.sql", ".sql"));
    assert_true(lk_ends_with(".sql", ".sql"));
    assert_true(lk_ends_with("", ""));
    assert_false(lk_ends_with("sql", ".sql"));
    assert_false(lk_ends_with("a.SQL", ".sql"));
    assert_false(lk_ends_with("a.sql.conf", ".sql"));
}

static void
words_ignore_ascii_case(void **state)
{
    (void)state;
    assert_true(lk_word_is("CREATE table", 6, "create"));
    assert_true(lk_word_is("", 0, ""));
    assert_false(lk_word_is("CREATE", 5, "create"));
    assert_false(lk_word_is("CREATES", 7, "create"));
    assert_false(lk_word_is("\xC3\x84", 2, "\xC3\xA4"));
}

static void
nearest_names(void **state)
{
    static const char *const names[] = {"lock_timeout", "migrations", "naming", "rules", "url"};
    static const struct {
        const char *name;
        const char *nearest;
    } cases[] = {
        {"naming", "naming"},
        {"nmaing", "naming"},             /* neighbours swapped: one edit */
        {"namin", "naming"},              /* one missing */
        {"namings", "naming"},            /* one too many */
        {"lock-timeout", "lock_timeout"}, /* one replaced */
        {"lok_timout", "lock_timeout"},   /* two missing */
        {"migration", "migrations"},
        {"rule", "rules"},
        {"ulr", "url"},
        {"uri", "url"},
        {"u", NULL}, /* two edits away, one allowed */
        {"xyz", NULL},
        {"completely_else", NULL},
        {"", NULL},
    };

    (void)state;
    for (size_t i = 0; i < LK_ARRAY_SIZE(cases); i++)
        lk_expect_text(cases[i].name, lk_nearest(cases[i].name, names, LK_ARRAY_SIZE(names)),
                       cases[i].nearest);
}

static void
nearest_takes_the_closest_and_then_the_first(void **state)
{
    static const char *const closer[] = {"abcdefgh", "abcdefxy", "abcdefgx"};
    static const char *const equal[] = {"banana1", "banana2"};

    (void)state;
    assert_string_equal(lk_nearest("abcdefgx", closer, 3), "abcdefgx");
    assert_string_equal(lk_nearest("abcdexxy", closer, 3), "abcdefxy");
    assert_string_equal(lk_nearest("banana3", equal, 2), "banana1");
    assert_null(lk_nearest("anything", NULL, 0));
}

static void
nearest_of_very_long_names(void **state)
{
    char name[65], longest[64];
    const char *names[] = {name, longest};

    (void)state;
    memset(name, 'a', sizeof(name) - 1);
    memset(longest, 'a', sizeof(longest) - 1);
    name[64] = longest[63] = '\0';
    assert_null(lk_nearest(name, names, 2));
    assert_ptr_equal(lk_nearest(longest, names, 2), longest);
}

static const struct {
    const char *pattern;
    const char *path;
    bool matches;
} globs[] = {
    {"a.sql", "a.sql", true},
    {"a.sql", "b.sql", false},
    {"a.sql", "a.sql.conf", false},
    {"*.sql", "a.sql", true},
    {"*.sql", ".sql", true},
    {"*.sql", "dir/a.sql", false},
    {"*/a.sql", "dir/a.sql", true},
    {"*/a.sql", "one/two/a.sql", false},
    {"?.sql", "a.sql", true},
    {"?.sql", ".sql", false},
    {"?.sql", "ab.sql", false},
    {"a?b", "a/b", false},
    {"V*__*.sql", "V1__add.sql", true},
    {"V*__*.sql", "V1_add.sql", false},
    {"**/a.sql", "a.sql", true},
    {"**/a.sql", "one/a.sql", true},
    {"**/a.sql", "one/two/three/a.sql", true},
    {"**/a.sql", "one/ba.sql", false},
    {"**.sql", "one/two/a.sql", true},
    {"one/**/a.sql", "one/a.sql", true},
    {"one/**/a.sql", "one/two/three/a.sql", true},
    {"one/**/a.sql", "two/a.sql", false},
    {"one/**", "one/a.sql", true},
    {"one/**", "one/two/a.sql", true},
    {"one/**", "other/a.sql", false},
    {"one/**", "onetwo", false},
    {"**", "a", true},
    {"**", "a/b/c", true},
    /* a pattern that names a folder matches everything in it */
    {"migrations/legacy", "migrations/legacy", true},
    {"migrations/legacy", "migrations/legacy/a.sql", true},
    {"migrations/legacy", "migrations/legacy/deep/a.sql", true},
    {"migrations/legacy", "migrations/legacy2/a.sql", false},
    {"migrations/legacy/", "migrations/legacy", true},
    {"migrations/legacy/", "migrations/legacy/a.sql", true},
    {"migrations/legacy/", "migrations/legacy2", false},
    {"*", "one/two", true},
    {"", "a", false},
    {"", "", true},
    {"a", "", false},
    {"*", "", true},
    {"a**b", "a/x/b", true},
    {"*a*b*c", "xaxbxc", true},
    {"*a*b*c", "xaxbx", false},
};

static void
globs_match_paths(void **state)
{
    for (size_t i = 0; i < LK_ARRAY_SIZE(globs); i++)
        lk_expect_number(lk_fmt(*state, "glob %s on %s", globs[i].pattern, globs[i].path),
                         lk_glob_match(globs[i].pattern, globs[i].path), globs[i].matches);
}

static void
paths(void **state)
{
    TALLOC_CTX *mem = *state;

    assert_string_equal(lk_path_join(mem, "dir", "a.sql"), "dir/a.sql");
    assert_string_equal(lk_path_join(mem, "dir/", "a.sql"), "dir/a.sql");
    assert_string_equal(lk_path_join(mem, ".", "a.sql"), "a.sql");
    assert_string_equal(lk_path_join(mem, "", "a.sql"), "a.sql");
    assert_string_equal(lk_path_join(mem, "/", "a.sql"), "/a.sql");
    assert_string_equal(lk_path_join(mem, "..", "a.sql"), "../a.sql");
    assert_string_equal(lk_path_base("one/two/a.sql"), "a.sql");
    assert_string_equal(lk_path_base("a.sql"), "a.sql");
    assert_string_equal(lk_path_base("one/"), "");
    assert_string_equal(lk_path_dir(mem, "one/two/a.sql"), "one/two");
    assert_string_equal(lk_path_dir(mem, "a.sql"), ".");
    assert_string_equal(lk_path_dir(mem, "/a.sql"), "/");
    assert_string_equal(lk_path_dir(mem, "./a.sql"), ".");
    assert_string_equal(lk_path_absolute(mem, "/one/./two//../three/"), "/one/three");
    assert_string_equal(lk_path_absolute(mem, "/../.."), "/");
    assert_string_equal(lk_path_absolute(mem, "/..a/...//b."), "/..a/.../b.");
    assert_int_equal(chdir("/usr/lib"), 0);
    assert_string_equal(lk_path_absolute(mem, "../bin/**/*.sql"), "/usr/bin/**/*.sql");
    assert_string_equal(lk_path_absolute(mem, "../../../x"), "/x");
    assert_string_equal(lk_path_absolute(mem, "."), "/usr/lib");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        lk_unit(prefixes_and_suffixes),
        lk_unit(words_ignore_ascii_case),
        lk_unit(nearest_names),
        lk_unit(nearest_takes_the_closest_and_then_the_first),
        lk_unit(nearest_of_very_long_names),
        lk_unit(globs_match_paths),
        lk_unit(paths),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
