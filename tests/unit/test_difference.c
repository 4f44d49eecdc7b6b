/*
 * tests/unit/test_difference.c
 *     parser/difference: what differs between two texts of a migration.
 */
#include "parser/difference.h"

#include "parser/base/text.h"
#include "tests/unit/unit.h"

/* compare returns a word for the difference, with the token that is another one. */
static const char *
compare(TALLOC_CTX *mem, const char *naming, const char *then, const char *now)
{
    static const char *const words[] = {
        [LK_DIFFERENCE_NONE] = "none",
        [LK_DIFFERENCE_LAYOUT] = "layout",
        [LK_DIFFERENCE_DOWN] = "down",
        [LK_DIFFERENCE_UP] = "up",
    };
    struct lk_source *before = lk_unit_source(mem, then), *after = lk_unit_source(mem, now);
    const struct lk_values none = {0};

    lk_source_mask(before, &none, false, 15);
    lk_source_mask(after, &none, false, 15);
    struct lk_difference difference = lk_difference_of(lk_naming_find(naming), before, after);
    const char *word = words[difference.kind];
    return difference.at.end == difference.at.start
               ? word
               : lk_fmt(mem, "%s: %s", word, lk_unit_part(mem, now, difference.at));
}

static void
differences(void **state)
{
    static const struct {
        const char *naming, *then, *now, *wanted;
    } rows[] = {
        {"plain", "SELECT 1;", "SELECT 1;", "none"},
        {"plain", "\xEF\xBB\xBFSELECT 1;", "SELECT 1;", "none"},
        {"plain", "SELECT 1;", "-- why\nSELECT /* what */\r\n  1 ;\n", "layout"},
        {"plain", "SELECT 1;\n", "SELECT 1;", "layout"},
        {"plain", "SELECT 1;", "SELECT 2;", "up: 2"},
        {"plain", "SELECT 1;", "select 1;", "up: select"},
        {"plain", "SELECT 1;", "SELECT 1; SELECT 2;", "up: SELECT"},
        {"plain", "SELECT 1; SELECT 2;", "SELECT 1;", "up"},
        {"plain", "SELECT 'a b';", "SELECT 'a  b';", "up: 'a  b'"},
        {"plain", "DO $$ BEGIN END $$;", "DO $$ BEGIN -- x\nEND $$;", "up: $$ BEGIN -- x\nEND $$"},
        {"plain", "SELECT 1 -- 2", "SELECT 1 2", "up: 2"},
        /* rows of COPY are no SQL: a blank in them is one in the table */
        {"plain", "COPY t FROM stdin;\na b\n\\.\n", "COPY t FROM stdin;\na  b\n\\.\n", "up"},
        {"goose", "-- +goose Up\nA;\n-- +goose Down\nB;\n",
         "-- +goose Up\nA;\n-- +goose Down\nC;\n", "down"},
        {"goose", "-- +goose Up\nA;\n-- +goose Down\nB;\n",
         "-- +goose Up\nA;\n-- x\n-- +goose Down\nB;\n", "layout"},
        /* what moves over the border is no longer applied */
        {"goose", "-- +goose Up\nA;\nB;\n-- +goose Down\n",
         "-- +goose Up\nA;\n-- +goose Down\nB;\n", "up"},
        {"goose", "-- +goose Up\nA;\n", "-- +goose NO TRANSACTION\n-- +goose Up\nA;\n", "up"},
    };

    for (size_t i = 0; i < LK_ARRAY_SIZE(rows); i++)
        lk_expect_text(lk_fmt(*state, "%s -> %s", rows[i].then, rows[i].now),
                       compare(*state, rows[i].naming, rows[i].then, rows[i].now), rows[i].wanted);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {lk_unit(differences)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
