/*
 * tests/unit/test_ahead.c
 *     parser/ahead: what a thread reads is what would be read without it.
 */
#include "parser/ahead.h"

#include "parser/base/buf.h"
#include "parser/base/file.h"
#include "parser/body.h"
#include "parser/pg_nodes.h"
#include "tests/unit/folder.h"
#include "tests/unit/unit.h"

#define MANY 200

static const struct lk_values no_values;

/* write_many writes migrations of different sizes; some are broken, some have bodies. */
static const char *
write_many(TALLOC_CTX *mem)
{
    const char *dir = lk_test_dir(mem);

    for (int i = 1; i <= MANY; i++) {
        struct lk_buf text = lk_buf_init(mem);
        for (int k = 0; k < (i % 50 == 0 ? 2000 : i % 7); k++)
            lk_buf_addf(&text, "CREATE TABLE t_%d_%d (a int, b text DEFAULT 'b');\n", i, k);
        if (i % 11 == 0)
            lk_buf_add(&text, "CREATE TABLE (;\nSELECT 1;\n");
        if (i % 13 == 0)
            lk_buf_add(&text, "DO $$ BEGIN CREATE TABLE u (a int); DROP TABLE u; END $$;\n");
        lk_test_write(dir, lk_fmt(mem, "V%d__step.sql", i), text.data);
    }
    return dir;
}

/* tell adds what of a migration was read: its errors, and the kinds of its statements. */
static void
tell(struct lk_buf *told, const struct lk_reading *reading)
{
    lk_buf_addf(told, "%s:", reading->migration->script);
    for (size_t i = 0; reading->up != NULL && i < reading->up->statements.count; i++) {
        const struct Node *tree = lk_script_tree(reading->up, i);
        const struct lk_body *body = lk_script_body(reading->up, i);
        lk_buf_addf(told, " %d/%zu", tree != NULL ? (int)nodeTag(tree) : -1,
                    body != NULL ? body->items.count : 0);
    }
    lk_buf_addf(told, "%s\n", reading->source == NULL ? reading->err.message : "");
}

/* told_until returns what is read of a folder, up to an ordinal (0: all of it). */
static const char *
told_until(TALLOC_CTX *mem, const struct lk_changelog *changelog, uint32_t last)
{
    TALLOC_CTX *scratch = lk_mem_new(mem);
    const struct lk_ahead_options options = {.values = &no_values, .last = last};
    struct lk_ahead *ahead = lk_ahead_start(scratch, changelog, &options);
    struct lk_buf told = lk_buf_init(mem);

    for (const struct lk_reading *reading; (reading = lk_ahead_next(ahead)) != NULL;)
        tell(&told, reading);
    assert_null(lk_ahead_next(ahead));
    talloc_free(scratch);
    return told.data;
}

static void
threads_read_the_same(void **state)
{
    const char *dir = write_many(*state);
    struct lk_changelog changelog = lk_folder_read(*state, dir, &lk_folder_automatic);

    assert_int_equal(changelog.migrations.count, MANY);
    changelog.migrations.items[100].input = "/nonexistent/file.sql";
    const char *ahead = told_until(*state, &changelog, 0);
    lk_test_one_processor(true);
    const char *alone = told_until(*state, &changelog, 0);
    const char *half = told_until(*state, &changelog, MANY / 2);
    lk_test_one_processor(false);
    assert_string_equal(ahead, alone);
    assert_string_equal(told_until(*state, &changelog, MANY / 2), half);
    assert_non_null(strstr(ahead, "/nonexistent/file.sql"));
    assert_non_null(strstr(ahead, "\nV200__step.sql: "));
}

/* What is kept is there when the thread has ended, and its memory was not used again. */
static void
texts_are_kept(void **state)
{
    const char *dir = write_many(*state);
    struct lk_changelog changelog = lk_folder_read(*state, dir, &lk_folder_automatic);
    const struct lk_ahead_options options = {.values = &no_values};
    const struct lk_source *sources[MANY] = {0};
    const struct lk_reading *reading;
    struct lk_error err = {0};
    struct lk_bytes bytes;

    struct lk_ahead *ahead = lk_ahead_start(*state, &changelog, &options);
    for (size_t i = 0; (reading = lk_ahead_next(ahead)) != NULL; i++) {
        if (i % 3 != 0)
            continue;
        lk_ahead_keep(ahead);
        sources[i] = reading->source;
    }
    for (size_t i = 0; i < MANY; i += 3) {
        assert_true(lk_file_read(*state, changelog.migrations.items[i].input, &bytes, &err));
        assert_string_equal(sources[i]->original, bytes.data);
    }
    talloc_free(ahead);
}

/* A walk that fails leaves what was read ahead. */
static void
stops_anywhere(void **state)
{
    const char *dir = write_many(*state);
    struct lk_changelog changelog = lk_folder_read(*state, dir, &lk_folder_automatic);
    const struct lk_ahead_options options = {.values = &no_values};

    for (size_t wanted = 0; wanted < MANY; wanted += 17) {
        struct lk_ahead *ahead = lk_ahead_start(*state, &changelog, &options);
        for (size_t i = 0; i < wanted; i++) {
            const struct lk_reading *reading = lk_ahead_next(ahead);
            assert_int_equal(reading->migration->ordinal, i + 1);
        }
        talloc_free(ahead);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        lk_mem_test(threads_read_the_same),
        lk_mem_test(texts_are_kept),
        lk_mem_test(stops_anywhere),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
