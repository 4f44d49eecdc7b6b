/*
 * parser/highlight.c
 *     The highlight query of tree-sitter-sql: see highlight.h.
 */
#include "parser/highlight.h"

#include "parser/base/text.h"
#include "parser/lexer.h"
#include "parser/pgparse.h"
#include "parser/sitter.h"

struct lk_highlighter {
    TSQuery *query;
};

/* What the captures of the query mean here, by the first part of their names. */
static const struct {
    const char *prefix;
    enum lk_highlight class;
} captures[] = {
    {"attribute", LK_HIGHLIGHT_KEYWORD},      {"boolean", LK_HIGHLIGHT_KEYWORD},
    {"conditional", LK_HIGHLIGHT_KEYWORD},    {"function", LK_HIGHLIGHT_FUNCTION},
    {"keyword", LK_HIGHLIGHT_KEYWORD},        {"storageclass", LK_HIGHLIGHT_KEYWORD},
    {"type.qualifier", LK_HIGHLIGHT_KEYWORD}, {"type", LK_HIGHLIGHT_TYPE},
};

static int
free_query(struct lk_highlighter *highlighter)
{
    ts_query_delete(highlighter->query);
    return 0;
}

struct lk_highlighter *
lk_highlighter_new(TALLOC_CTX *mem)
{
    uint32_t offset;
    TSQueryError error;
    TSQuery *query = ts_query_new(tree_sitter_sql(), lk_highlights_scm,
                                  (uint32_t)strlen(lk_highlights_scm), &offset, &error);

    if (query == NULL)
        return NULL;
    struct lk_highlighter *highlighter = lk_new(mem, struct lk_highlighter);
    highlighter->query = query;
    talloc_set_destructor(highlighter, free_query);
    return highlighter;
}

static enum lk_highlight
class_of(const struct lk_highlighter *highlighter, uint32_t capture)
{
    uint32_t length;
    const char *name = ts_query_capture_name_for_id(highlighter->query, capture, &length);

    for (size_t i = 0; i < LK_ARRAY_SIZE(captures); i++)
        if (lk_starts_with(name, captures[i].prefix))
            return captures[i].class;
    return LK_HIGHLIGHT_NONE;
}

/* is_reserved_word returns whether a token is a word that cannot be a name. */
static bool
is_reserved_word(const char *text, struct lk_token token)
{
    char word[24] = "";
    size_t length = token.span.end - token.span.start;

    if (token.kind != LK_TOKEN_WORD || length >= sizeof(word))
        return false;
    for (size_t i = 0; i < length; i++) {
        char c = text[token.span.start + i];
        word[i] = (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    }
    return lk_is_reserved(word);
}

/*
 * paint_tokens paints what the lexer knows for sure: literals, comments, and the words in parts of
 * statements that the grammar of tree-sitter makes nothing of.
 */
static void
paint_tokens(uint8_t *classes, const char *text, struct lk_span span)
{
    static const uint8_t by_kind[] = {
        [LK_TOKEN_STRING] = LK_HIGHLIGHT_STRING,
        [LK_TOKEN_DOLLAR] = LK_HIGHLIGHT_STRING,
        [LK_TOKEN_NUMBER] = LK_HIGHLIGHT_NUMBER,
        [LK_TOKEN_COMMENT] = LK_HIGHLIGHT_COMMENT,
    };
    struct lk_lexer lexer = lk_lexer_at(text, span);

    for (struct lk_token token = lk_lex(&lexer); token.kind != LK_TOKEN_END;
         token = lk_lex(&lexer)) {
        uint8_t class = by_kind[token.kind];
        if (classes[token.span.start] == LK_HIGHLIGHT_NONE && is_reserved_word(text, token))
            class = LK_HIGHLIGHT_KEYWORD;
        if (class != LK_HIGHLIGHT_NONE)
            memset(classes + token.span.start, class, token.span.end - token.span.start);
    }
}

const uint8_t *
lk_highlight(TALLOC_CTX *mem, const struct lk_highlighter *highlighter, const char *text)
{
    struct lk_span span = {0, (uint32_t)strlen(text)};
    uint8_t *classes = lk_new_array(mem, uint8_t, span.end);
    struct lk_sitter *sitter = lk_sitter_parse(mem, text, span);
    TSQueryMatch match;
    uint32_t index;

    if (sitter != NULL) {
        TSQueryCursor *cursor = ts_query_cursor_new();
        ts_query_cursor_exec(cursor, highlighter->query, ts_tree_root_node(sitter->tree));
        /* outer nodes come before inner ones, and of two patterns for one node the later holds */
        while (ts_query_cursor_next_capture(cursor, &match, &index)) {
            TSNode node = match.captures[index].node;
            uint32_t start = ts_node_start_byte(node), end = ts_node_end_byte(node);
            memset(classes + start, class_of(highlighter, match.captures[index].index),
                   end - start);
        }
        ts_query_cursor_delete(cursor);
        talloc_free(sitter);
    }
    paint_tokens(classes, text, span);
    return classes;
}
