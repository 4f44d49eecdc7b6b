/*
 * tests/property/prop_broken.c
 *     Valid files with tokens taken away, doubled or exchanged: nothing crashes, every token is in
 *     one statement, and every place that is named is one of the file.
 */
#include "parser/directive.h"
#include "parser/lexer.h"
#include "tests/property/property.h"
#include "tests/property/soup.h"

#define MAX_BYTES 4000 /* of a file that is broken: all of one is parsed each time */

/* break_some returns a text with some of its tokens changed. */
static char *
break_some(TALLOC_CTX *mem, const struct lk_source *source)
{
    struct lk_buf out = lk_buf_init(mem);
    struct lk_lexer lexer = lk_lexer_at(source->text, (struct lk_span){0, source->size});
    size_t every = lk_below(40) + 2;
    uint32_t at = 0;

    for (;;) {
        struct lk_token token = lk_lex(&lexer);
        const char *start = source->text + token.span.start;
        size_t length = token.span.end - token.span.start;

        lk_buf_addn(&out, source->text + at, token.span.start - at);
        at = token.span.end;
        if (token.kind == LK_TOKEN_END)
            return out.data;
        size_t what = lk_chance(every) ? lk_below(4) : 4;
        if (what == 0) /* gone */
            continue;
        lk_buf_addn(&out, start, what == 1 ? lk_below(length + 1) : length); /* 1: cut off */
        if (what == 2)
            lk_buf_addn(&out, start, length);
        if (what == 3)
            lk_buf_add(&out, lk_soup(mem, 2));
    }
}

/* expect_order checks that spans lie in regions that follow each other to the end. */
static void
expect_order(const char *text, const struct lk_script *script)
{
    uint32_t end = 0;

    for (size_t i = 0; i < script->statements.count; i++) {
        const struct lk_statement *statement = &script->statements.items[i];
        struct lk_span span = statement->span, region = statement->region;

        if (statement->index != i)
            lk_wrong(text, "statement %zu calls itself %u", i, statement->index);
        if (region.start < end || span.start < region.start || span.end <= span.start ||
            region.end < span.end || region.end > script->source->size)
            lk_wrong(text, "statement %zu is %u-%u in %u-%u, behind %u", i, span.start, span.end,
                     region.start, region.end, end);
        if (statement->error != NULL && statement->error_at > script->source->size)
            lk_wrong(text, "statement %zu has its error at %u", i, statement->error_at);
        if ((statement->error != NULL) != (statement->tree == NULL))
            lk_wrong(text, "statement %zu has both a tree and an error, or none", i);
        end = region.end;
    }
}

/* expect_cover checks that no token but comments and semicolons is outside the statements. */
static void
expect_cover(const char *text, const struct lk_script *script)
{
    struct lk_lexer lexer = lk_lexer_at(text, script->region);
    size_t at = 0;

    for (;;) {
        struct lk_token token = lk_lex(&lexer);
        while (at < script->statements.count &&
               script->statements.items[at].span.end <= token.span.start)
            at++;
        if (token.kind == LK_TOKEN_END)
            return;
        if (token.kind == LK_TOKEN_COMMENT || lk_token_is_symbol(text, token, ';'))
            continue;
        if (at == script->statements.count ||
            script->statements.items[at].span.start > token.span.start ||
            script->statements.items[at].span.end < token.span.end)
            lk_wrong(text, "the token at %u is in no statement", token.span.start);
    }
}

static void
expect_sane(TALLOC_CTX *mem, const char *text)
{
    struct lk_source *source = lk_source_of(mem, text, strlen(text));
    struct lk_script *script = lk_script_of(mem, source);

    if (source->invalid < source->size) /* a character was cut in two */
        return;
    for (size_t i = 0; i < script->statements.count; i++)
        lk_script_tree(script, i);
    expect_order(text, script);
    expect_cover(text, script);
    struct lk_directives directives = lk_directives_read(mem, script);
    lk_vec_foreach(directive, &directives.items)
        if (directive->span.end > source->size)
            lk_wrong(text, "a directive ends at %u", directive->span.end);
}

static void
broken_files_stay_readable(void **state)
{
    struct lk_property_files files = lk_property_files_read(*state);
    size_t rounds = lk_rounds(3000);

    for (size_t i = 0; i < rounds; i++) {
        TALLOC_CTX *scratch = lk_mem_new(*state);
        lk_seed(i);
        const struct lk_source *source = files.items.items[lk_below(files.items.count)].source;
        if (source->size <= MAX_BYTES)
            expect_sane(scratch, break_some(scratch, source));
        talloc_free(scratch);
    }
}

static void
soups_stay_readable(void **state)
{
    for (size_t i = 0; i < lk_rounds(5000); i++) {
        TALLOC_CTX *scratch = lk_mem_new(*state);
        lk_seed(i);
        expect_sane(scratch, lk_soup(scratch, 40));
        talloc_free(scratch);
    }
}

/* Whole files, too: unbroken. */
static void
files_are_covered(void **state)
{
    struct lk_property_files files = lk_property_files_read(*state);

    lk_vec_foreach(file, &files.items) {
        TALLOC_CTX *scratch = lk_mem_new(*state);
        expect_sane(scratch, file->source->text);
        talloc_free(scratch);
    }
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        lk_property(files_are_covered),
        lk_property(broken_files_stay_readable),
        lk_property(soups_stay_readable),
    };

    return lk_property_main(tests, argc, argv);
}
