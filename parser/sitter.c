/*
 * parser/sitter.c
 *     One parse by tree-sitter: see sitter.h.
 */
#include "parser/sitter.h"

#include "parser/lexer.h"

/*
 * For one text. Callers give no more than some kilobytes, for which it has never taken more than a
 * seventh of a second: a busy machine must not change what is said.
 */
#define PATIENCE_US 2000000

static int
free_tree(struct lk_sitter *sitter)
{
    ts_tree_delete(sitter->tree);
    return 0;
}

/*
 * mask overwrites what the grammar of tree-sitter reads otherwise than PostgreSQL: comments, which
 * nest here, by blanks; literals by plain strings of the same length. No dollar sign is left: its
 * scanner of dollar quotes leaks memory.
 */
static void
mask(char *copy, struct lk_span span, const char *text)
{
    struct lk_lexer lexer = lk_lexer_at(text, span);

    for (struct lk_token token = lk_lex(&lexer); token.kind != LK_TOKEN_END;
         token = lk_lex(&lexer)) {
        char *at = copy + (token.span.start - span.start);
        size_t length = token.span.end - token.span.start;
        if (token.kind == LK_TOKEN_COMMENT) {
            memset(at, ' ', length);
        } else if (token.kind == LK_TOKEN_STRING || token.kind == LK_TOKEN_DOLLAR) {
            memset(at, 'x', length);
            at[0] = at[length - 1] = '\'';
        } else {
            while ((at = memchr(at, '$', (size_t)(copy + (token.span.end - span.start) - at))))
                *at = '_';
        }
    }
}

struct lk_sitter *
lk_sitter_parse(TALLOC_CTX *mem, const char *text, struct lk_span span)
{
    TSParser *parser = ts_parser_new();
    TSTree *tree = NULL;

    if (ts_parser_set_language(parser, tree_sitter_sql())) {
        char *copy = lk_strndup(mem, text + span.start, span.end - span.start);
        mask(copy, span, text);
        ts_parser_set_timeout_micros(parser, PATIENCE_US);
        tree = ts_parser_parse_string(parser, NULL, copy, span.end - span.start);
        talloc_free(copy);
    }
    ts_parser_delete(parser);
    if (tree == NULL)
        return NULL;
    struct lk_sitter *sitter = lk_new(mem, struct lk_sitter);
    sitter->tree = tree;
    talloc_set_destructor(sitter, free_tree);
    return sitter;
}
