/*
 * tests/property/prop_lexer.c
 *     parser/lexer draws the borders that PostgreSQL's scanner draws.
 */
#include "parser/lexer.h"

#include "parser/pgparse.h"
#include "tests/property/corescan.h"
#include "tests/property/property.h"
#include "tests/property/soup.h"

#define BLANKS " \t\n\r\f\v"

/* is_national returns whether N'...' starts at `at`: one token to us, two to the core scanner. */
static bool
is_national(const char *text, uint32_t at)
{
    return (text[at] == 'n' || text[at] == 'N') && text[at + 1] == '\'';
}

/*
 * is_patched_away returns whether a literal goes on behind a comment: PostgreSQL takes that, but
 * not the scanner that libpg_query 17 makes of it to see comments.
 */
static bool
is_patched_away(const char *text, struct lk_token token)
{
    return lk_grammar_major() < 18 && token.kind == LK_TOKEN_STRING &&
           memmem(text + token.span.start, token.span.end - token.span.start, "--", 2) != NULL;
}

/*
 * compare checks the tokens of a text up to the first that the core scanner refuses. With the same
 * starts and nothing but blanks between them the ends are the same, too.
 */
static void
compare(TALLOC_CTX *mem, const char *text)
{
    struct lk_core_tokens core = lk_core_scan(mem, text);
    struct lk_lexer lexer = lk_lexer_at(text, (struct lk_span){0, (uint32_t)strlen(text)});
    struct lk_token token = {.kind = LK_TOKEN_END};

    for (size_t i = 0; i < core.items.count; i++) {
        struct lk_core_token wanted = core.items.items[i];

        token = lk_lex(&lexer);
        if (is_patched_away(text, token))
            return;
        if (token.span.start != wanted.start || token.kind == LK_TOKEN_END ||
            (token.kind == LK_TOKEN_COMMENT) != wanted.comment)
            lk_wrong(text, "token %zu is at %u, and at %u to PostgreSQL", i, token.span.start,
                     wanted.start);
        if (token.kind != LK_TOKEN_COMMENT && !token.unterminated &&
            strchr(BLANKS, text[token.span.end - 1]) != NULL)
            lk_wrong(text, "token %zu ends in a blank", i);
        if (is_national(text, wanted.start))
            i++;
        else if (token.unterminated)
            lk_wrong(text, "token %zu is terminated", i);
    }
    token = lk_lex(&lexer);
    if (is_patched_away(text, token))
        return;
    if (!core.refused && token.kind != LK_TOKEN_END)
        lk_wrong(text, "there is more at %u", token.span.start);
}

static void
files_have_the_same_tokens(void **state)
{
    struct lk_property_files files = lk_property_files_read(*state);

    lk_vec_foreach(file, &files.items) {
        TALLOC_CTX *scratch = lk_mem_new(*state);
        compare(scratch, file->source->text);
        talloc_free(scratch);
    }
}

static void
soups_have_the_same_tokens(void **state)
{
    for (size_t i = 0; i < lk_rounds(40000); i++) {
        TALLOC_CTX *scratch = lk_mem_new(*state);
        lk_seed(i);
        compare(scratch, lk_soup(scratch, 12));
        talloc_free(scratch);
    }
}

/* Errors or not, tokens follow each other to the end, and only blanks are between them. */
static void
tokens_cover_the_text(void **state)
{
    for (size_t i = 0; i < lk_rounds(20000); i++) {
        TALLOC_CTX *scratch = lk_mem_new(*state);
        lk_seed(i);
        const char *text = lk_soup(scratch, 20);
        uint32_t size = (uint32_t)strlen(text), at = 0;
        struct lk_lexer lexer = lk_lexer_at(text, (struct lk_span){0, size});
        for (;;) {
            struct lk_token token = lk_lex(&lexer);
            if (token.span.start - at != strspn(text + at, BLANKS))
                lk_wrong(text, "something between %u and %u is left out", at, token.span.start);
            if (token.span.end > size || (token.unterminated && token.span.end != size))
                lk_wrong(text, "the token at %u ends at %u", token.span.start, token.span.end);
            at = token.span.end;
            if (token.kind == LK_TOKEN_END)
                break;
            if (token.span.end <= token.span.start)
                lk_wrong(text, "an empty token at %u", token.span.start);
        }
        if (at != size)
            lk_wrong(text, "it ends at %u", at);
        talloc_free(scratch);
    }
}

/* What is passed in one go are tokens, and none of those that end or hide a statement. */
static void
passes_whole_tokens(void **state)
{
    for (size_t i = 0; i < lk_rounds(20000); i++) {
        TALLOC_CTX *scratch = lk_mem_new(*state);
        lk_seed(i);
        const char *text = lk_soup(scratch, 20);
        struct lk_span whole = {0, (uint32_t)strlen(text)};
        struct lk_lexer all = lk_lexer_at(text, whole), fast = all;
        struct lk_token token;
        do {
            uint32_t end = all.pos;
            lk_lex_past(&fast, &end);
            if (end != fast.pos)
                lk_wrong(text, "the last token ends at %u, not %u", fast.pos, end);
            while (all.pos < fast.pos) {
                token = lk_lex(&all);
                if (token.unterminated || token.kind == LK_TOKEN_COMMENT ||
                    token.kind == LK_TOKEN_PARAM || lk_token_is_symbol(text, token, ';'))
                    lk_wrong(text, "it has passed what stands at %u", token.span.start);
            }
            if (all.pos != fast.pos)
                lk_wrong(text, "it stops at %u, inside a token up to %u", fast.pos, all.pos);
            token = lk_lex(&all);
            lk_lex(&fast);
        } while (token.kind != LK_TOKEN_END);
        talloc_free(scratch);
    }
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        lk_property(files_have_the_same_tokens),
        lk_property(soups_have_the_same_tokens),
        lk_property(tokens_cover_the_text),
        lk_property(passes_whole_tokens),
    };

    return lk_property_main(tests, argc, argv);
}
