/*
 * tests/unit/test_markup.c
 *     Text on its way into documents: cli/clean, cli/markup, cli/diff_text.
 */
#include "cli/clean.h"
#include "cli/diff_text.h"
#include "cli/markup.h"
#include "tests/support/lktest.h"

static void
test_clean(void **state)
{
    static const struct {
        const char *text, *utf8, *xml, *shown;
    } cases[] = {
        {"a\tb\nc", "a\tb\nc", "a\tb\nc", "a\tb\nc"},
        {"\xC3\xA9\xF0\x9F\x98\x80", "\xC3\xA9\xF0\x9F\x98\x80", "\xC3\xA9\xF0\x9F\x98\x80",
         "\xC3\xA9\xF0\x9F\x98\x80"},
        {"a\xE9z", "a\xEF\xBF\xBDz", "a\xEF\xBF\xBDz", "a\xEF\xBF\xBDz"},
        {"\xED\xA0\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD",
         "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},
        {"\x01\x1b", "\x01\x1b", "\xEF\xBF\xBD\xEF\xBF\xBD", "\xEF\xBF\xBD\xEF\xBF\xBD"},
        {"\xEF\xBF\xBF", "\xEF\xBF\xBF", "\xEF\xBF\xBD", "\xEF\xBF\xBD"},
        {"\xE2\x80\xAE", "\xE2\x80\xAE", "\xE2\x80\xAE", "\xEF\xBF\xBD"},
        {"\xC3", "\xEF\xBF\xBD", "\xEF\xBF\xBD", "\xEF\xBF\xBD"},
    };

    for (size_t i = 0; i < LK_ARRAY_SIZE(cases); i++) {
        assert_string_equal(lk_clean(*state, cases[i].text, LK_CLEAN_UTF8), cases[i].utf8);
        assert_string_equal(lk_clean(*state, cases[i].text, LK_CLEAN_XML), cases[i].xml);
        assert_string_equal(lk_clean(*state, cases[i].text, LK_CLEAN_SHOWN), cases[i].shown);
    }
}

static void
test_one_line(void **state)
{
    assert_string_equal(lk_one_line(*state, "a\nb"), "a b");
    assert_string_equal(lk_one_line(*state, "a  \r\n\n  b \n"), "a b");
    assert_string_equal(lk_one_line(*state, "\n"), "");
    assert_string_equal(lk_one_line(*state, ""), "");
}

static void
test_text(void **state)
{
    static const char *const cases[][2] = {
        {"created_at of users", "created_at of users"},
        {"_at", "&#95;at"},
        {"a_", "a&#95;"},
        {"a__b", "a__b"},
        {"*b* `c`", "&#42;b&#42; &#96;c&#96;"},
        {"<img>", "&#60;img&#62;"},
        {"@all", "&#64;\xE2\x81\xA0"
                 "all"},
        {"a#1", "a&#35;\xE2\x81\xA0"
                "1"},
        {"a # b", "a &#35; b"},
        {"http://x.y", "http&#58;//x.y"},
        {"see www.x.y", "see www&#46;x.y"},
        {"WWW.x", "WWW&#46;x"},
        {"- a - b", "&#45; a - b"},
        {"a|b\n# c", "a&#124;b &#35; c"},
        {"[x](y)", "&#91;x&#93;(y)"},
    };

    for (size_t i = 0; i < LK_ARRAY_SIZE(cases); i++) {
        struct lk_buf out = lk_buf_init(*state);
        lk_markup_text(&out, cases[i][0]);
        assert_string_equal(out.data, cases[i][1]);
    }
}

static void
test_code(void **state)
{
    static const char *const cases[][3] = {
        {"a.sql", "<code>a.sql</code>", "`a.sql`"},
        {"a`b", "<code>a&#96;b</code>", "`` a`b ``"},
        {"``", "<code>&#96;&#96;</code>", "``` `` ```"},
        {"a|b", "<code>a&#124;b</code>",
         "`a\xE2\x88\xA3"
         "b`"},
        {"@a", "<code>&#64;a</code>", "`@a`"},
        {"", "<code></code>", "`  `"},
    };

    for (size_t i = 0; i < LK_ARRAY_SIZE(cases); i++)
        for (int html = 0; html < 2; html++) {
            struct lk_buf out = lk_buf_init(*state);
            lk_markup_code(&out, cases[i][0], html != 0);
            assert_string_equal(out.data, cases[i][html ? 1 : 2]);
        }
}

static void
test_fence(void **state)
{
    static const struct {
        const char *text;
        size_t lines, bytes;
        const char *fence;
    } cases[] = {
        {"a\nb", 9, 99, "```sql\na\nb\n```\n"},
        {"a\r\nb\n", 9, 99, "```sql\na\nb\n```\n"},
        {"", 9, 99, "```sql\n```\n"},
        {"```\n`````", 9, 99, "``````sql\n```\n`````\n``````\n"},
        {"a\nb\nc", 2, 99, "```sql\na\nb\n...\n```\n"},
        {"abcdef", 9, 4, "```sql\nabcd...\n```\n"},
        {"ab\xC3\xA9z", 9, 3, "```sql\nab...\n```\n"},
        {"ab\ncd", 9, 3, "```sql\nab\n...\n```\n"},
    };

    for (size_t i = 0; i < LK_ARRAY_SIZE(cases); i++) {
        struct lk_buf out = lk_buf_init(*state);
        lk_markup_fence(&out, "sql", cases[i].text, cases[i].lines, cases[i].bytes);
        assert_string_equal(out.data, cases[i].fence);
    }
}

/* patched returns what patch(1) makes of a text by a difference. */
static char *
patched(TALLOC_CTX *mem, const char *before, const char *difference)
{
    char *dir = lk_test_dir(mem);
    const char *args[] = {"patch", "-s", "--posix", "a", "d", NULL};

    lk_test_write(dir, "a", before);
    lk_test_write(dir, "d", lk_fmt(mem, "--- a\n+++ a\n%s", difference));
    struct lk_output output = lk_test_run(mem, dir, args, NULL);
    if (output.exit_code != 0)
        fail_msg("patch: %s%s of\n%s", output.out, output.err, difference);
    return lk_test_read(mem, lk_fmt(mem, "%s/a", dir));
}

static void
test_diff(void **state)
{
    static const char *const pairs[][2] = {
        {"a\nb\nc\n", "a\nx\nc\n"},
        {"a\nb\nc\nd\n", "b\nc\nd\ne\n"},
        {"a\n", "a\nb\n"},
        {"a\nb\n", "b\n"},
        {"a\nb\nc\na\nb\nb\na\n", "c\nb\na\nb\na\nc\n"},
        {"a\nb\nc\n", "x\ny\nz\n"},
        {"1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n", "1\nx\n3\n4\n5\n6\n7\n8\n9\n10\ny\n12\n"},
    };

    for (size_t i = 0; i < LK_ARRAY_SIZE(pairs); i++)
        for (int back = 0; back < 2; back++) {
            const char *before = pairs[i][back], *after = pairs[i][!back];
            char *difference = lk_diff_texts(*state, before, after);
            assert_string_equal(patched(*state, before, difference), after);
            assert_string_equal(lk_diff_texts(*state, before, before), "");
        }
    assert_string_equal(lk_diff_texts(*state, "", "a\n"), "@@ -0,0 +1 @@\n+a\n");
    assert_string_equal(lk_diff_texts(*state, "a\n", ""), "@@ -1 +0,0 @@\n-a\n");
    assert_string_equal(lk_diff_texts(*state, "a\nb\nc\n", "a\nc\n"),
                        "@@ -1,3 +1,2 @@\n a\n-b\n c\n");
}

/* test_diff_much: texts with nothing in common, and more changes than are searched for. */
static void
test_diff_much(void **state)
{
    struct lk_buf before = lk_buf_init(*state), after = lk_buf_init(*state);

    for (int i = 0; i < 3000; i++) {
        lk_buf_addf(&before, "%d\n", i);
        lk_buf_addf(&after, "%d\n", i % 2 == 0 ? i : -i);
    }
    assert_string_equal(
        patched(*state, before.data, lk_diff_texts(*state, before.data, after.data)), after.data);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        lk_mem_test(test_clean),     lk_mem_test(test_one_line), lk_mem_test(test_text),
        lk_mem_test(test_code),      lk_mem_test(test_fence),    lk_mem_test(test_diff),
        lk_mem_test(test_diff_much),
    };

    return cmocka_run_group_tests_name("markup", tests, NULL, NULL);
}
