/*
 * tests/unit/test_script_chunks.c
 *     parser/script: files that are parsed piece by piece give what one piece would.
 */
#include "parser/base/buf.h"
#include "parser/body.h"
#include "parser/command.h"
#include "parser/script.h"
#include "tests/unit/unit.h"

/* What the tests look at: larger than the chunks of the parser, 1 MiB each. */
#define LARGE ((size_t)5 << 19)

static const char pattern[] = "CREATE TABLE gr\xC3\xB6\xC3\x9F\x65 (id integer, name text);\n"
                              "-- a comment between \xE2\x82\xAC\n"
                              "SELEC %06zu;\n"
                              "INSERT INTO t VALUES ('x;y', $$a;b$$, %06zu, '%s');\n"
                              "DROP TABEL t%06zu;\n";

#define PER_BLOCK 4 /* statements of the pattern */

/* make_filler returns a literal's content: much text in few statements keeps the test short. */
static const char *
make_filler(TALLOC_CTX *mem)
{
    char *filler = lk_new_array(mem, char, 4001);

    memset(filler, ';', 4000);
    return filler;
}

/* make_blocks returns at least `size` bytes of numbered blocks. */
static char *
make_blocks(TALLOC_CTX *mem, size_t size, size_t *ret_blocks)
{
    struct lk_buf text = lk_buf_init(mem);
    const char *filler = make_filler(mem);
    size_t blocks = 0;

    for (; text.len < size; blocks++)
        lk_buf_addf(&text, pattern, blocks, blocks, filler, blocks);
    *ret_blocks = blocks;
    return text.data;
}

/* Every block is the same length: block k of the file is the only block of its own text, moved. */
static void
expect_block(struct lk_script *script, const struct lk_script *alone, size_t block, size_t length)
{
    for (size_t i = 0; i < PER_BLOCK; i++) {
        size_t index = block * PER_BLOCK + i;
        bool parsed = lk_script_tree(script, index) != NULL;
        const struct lk_statement *statement = &script->statements.items[index];
        const struct lk_statement *wanted = &alone->statements.items[i];
        uint32_t moved = (uint32_t)(block * length);

        assert_int_equal(statement->index, index);
        assert_int_equal(statement->span.start, wanted->span.start + moved);
        assert_int_equal(statement->span.end, wanted->span.end + moved);
        assert_int_equal(parsed, i % 2 == 0);
        if (parsed) {
            assert_string_equal(lk_command_tag(statement->tree),
                                i == 0 ? "CREATE TABLE" : "INSERT");
            continue;
        }
        assert_int_equal(statement->error_at, wanted->error_at + moved);
        assert_string_equal(statement->error, wanted->error);
    }
}

static void
large_files_give_what_small_ones_do(void **state)
{
    TALLOC_CTX *mem = *state;
    size_t blocks, one;
    char *text = make_blocks(mem, LARGE, &blocks);
    char *block = make_blocks(mem, 1, &one);
    size_t length = strlen(block);
    struct lk_script *script = lk_unit_script(mem, text);
    struct lk_script *alone = lk_unit_script(mem, block);

    assert_int_equal(one, 1);
    assert_true(length * blocks == strlen(text) && strlen(text) > (size_t)2 << 20);
    for (size_t i = 0; i < PER_BLOCK; i++)
        lk_script_tree(alone, i);
    assert_int_equal(script->statements.count, blocks * PER_BLOCK);
    for (size_t i = 0; i < blocks; i++)
        expect_block(script, alone, i, length);
    /* back to the start, and to and fro: trees come and go, what is said of them stays */
    expect_block(script, alone, 0, length);
    expect_block(script, alone, blocks - 1, length);
    expect_block(script, alone, blocks / 2, length);
    assert_int_equal(script->statements.count, blocks * PER_BLOCK);
}

/* add_many appends `count` statements that are fine. */
static void
add_many(struct lk_buf *text, size_t count)
{
    const char *filler = make_filler(text->mem);

    for (size_t i = 0; i < count; i++)
        lk_buf_addf(text, "INSERT INTO t VALUES (%zu, '%s');\n", i, filler);
}

/* A statement that swallowed others is split again, in whichever chunk it is. */
static void
open_parentheses_in_every_chunk(void **state)
{
    TALLOC_CTX *mem = *state;
    struct lk_buf text = lk_buf_init(mem);
    const size_t many = 300;

    for (int i = 0; i < 3; i++) {
        add_many(&text, many);
        lk_buf_add(&text, "CREATE TABLE broken (id int;\n");
    }
    add_many(&text, many);
    assert_true(text.len > (size_t)3 << 20);
    struct lk_script *script = lk_unit_script(mem, text.data);
    size_t broken = 0;
    for (size_t i = 0; i < script->statements.count; i++) {
        bool parsed = lk_script_tree(script, i) != NULL;
        const struct lk_statement *statement = &script->statements.items[i];
        assert_int_equal(statement->index, i);
        broken += !parsed;
        if (parsed)
            continue;
        assert_string_equal(statement->error, "syntax error at or near \";\"");
        assert_int_equal((i - broken + 1) % many, 0);
    }
    assert_int_equal(broken, 3);
    assert_int_equal(script->statements.count, 4 * many + 3);
}

/* One statement larger than any chunk is a chunk. */
static void
a_statement_larger_than_a_chunk(void **state)
{
    TALLOC_CTX *mem = *state;
    struct lk_buf text = lk_buf_init(mem);

    lk_buf_add(&text, "SELECT 1;\nINSERT INTO t VALUES ('");
    for (size_t i = 0; i < LARGE / 16; i++)
        lk_buf_add(&text, "0123456789;'' ab");
    lk_buf_add(&text, "');\nSELECT 2;\nSELEC 3;\n");
    struct lk_script *script = lk_unit_script(mem, text.data);
    assert_int_equal(script->statements.count, 4);
    for (size_t i = 0; i < 3; i++)
        assert_non_null(lk_script_tree(script, i));
    assert_null(lk_script_tree(script, 3));
    struct lk_position at =
        lk_source_position(script->source, script->statements.items[3].error_at);
    assert_int_equal(at.line, 4);
    assert_int_equal(at.column, 1);
}

/* parts_of returns a script of two texts with a mark between them. */
static struct lk_script *
parts_of(TALLOC_CTX *mem, const char *first, const char *second)
{
    struct lk_source *source = lk_unit_source(mem, lk_fmt(mem, "%s-->%s", first, second));
    uint32_t border = (uint32_t)strlen(first);
    struct lk_script *script = lk_script_new(mem, source, (struct lk_span){0, border});

    lk_script_add(script, (struct lk_span){border + (uint32_t)strlen("-->"), source->size});
    return script;
}

/* Rules look at what comes before and behind a statement, also where a mark stands in between. */
static void
trees_of_all_parts_stay(void **state)
{
    struct lk_script *script = parts_of(*state, "SELECT 1; SELECT 2;", "SELECT 3;");
    const struct Node *trees[3];

    assert_int_equal(script->statements.count, 3);
    for (size_t i = 0; i < 3; i++)
        trees[i] = lk_script_tree(script, i);
    for (size_t i = 0; i < 3; i++) {
        assert_non_null(trees[i]);
        assert_ptr_equal(script->statements.items[i].tree, trees[i]);
        assert_ptr_equal(lk_script_tree(script, i), trees[i]);
    }
}

/* A statement that is split moves those behind it, and what was read of them before. */
static void
a_part_is_split_late(void **state)
{
    struct lk_script *script = parts_of(*state, "DROP TABLE a\nCREATE TABLE b (c integer);\n",
                                        "DO $$BEGIN DROP TABLE t; END$$;");

    assert_int_equal(lk_script_body(script, script->statements.count - 1)->items.count, 1);
    size_t before = script->statements.count;
    assert_null(lk_script_tree(script, 0));
    assert_true(script->statements.count > before);
    size_t last = script->statements.count - 1;
    const struct lk_body *body = lk_script_body(script, last);
    assert_non_null(body);
    assert_int_equal(body->items.count, 1);
    assert_int_equal(body->items.items[0].statement.index, last);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        lk_unit(large_files_give_what_small_ones_do),
        lk_unit(open_parentheses_in_every_chunk),
        lk_unit(a_statement_larger_than_a_chunk),
        lk_unit(trees_of_all_parts_stay),
        lk_unit(a_part_is_split_late),
    };

    return cmocka_run_group_tests(tests, NULL, lk_unit_finish);
}
