/*
 * tests/unit/test_highlight.c
 *     parser/highlight: classes of the bytes of a line.
 */
#include "parser/highlight.h"

#include "tests/unit/unit.h"

/* shown returns one letter per byte: k t f s n c, and a dot for none. */
static char *
shown(TALLOC_CTX *mem, const struct lk_highlighter *highlighter, const char *text)
{
    const uint8_t *classes = lk_highlight(mem, highlighter, text);
    char *letters = lk_strdup(mem, text);

    for (size_t i = 0; text[i] != '\0'; i++)
        letters[i] = ".ktfsnc"[classes[i]];
    return letters;
}

static void
lines(void **state)
{
    static const char *const cases[][2] = {
        {"CREATE TABLE t (id bigint);", /* the grammar paints names of tables like types */
         "kkkkkk.kkkkk.t.....tttttt.."},
        {"    ADD COLUMN a varchar(20),", "........kkkkkk...........nn.."},
        {"SELECT 1.5, 'it''s' -- why", "kkkkkk.nnn..sssssss.cccccc"},
        {"DEFAULT $$a$$ /* b", "kkkkkkk.sssss.cccc"},
        {"größe text DEFAULT now()", "........tttt.kkkkkkk......"},
        {"", ""},
        {"';--$$", "ssssss"},
    };
    struct lk_highlighter *highlighter = lk_highlighter_new(*state);

    assert_non_null(highlighter);
    for (size_t i = 0; i < LK_ARRAY_SIZE(cases); i++)
        lk_expect_text(cases[i][0], shown(*state, highlighter, cases[i][0]), cases[i][1]);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        lk_unit(lines),
    };

    return cmocka_run_group_tests(tests, NULL, lk_unit_finish);
}
