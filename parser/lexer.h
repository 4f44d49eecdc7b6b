/*
 * parser/lexer.h
 *     The words of SQL text: where tokens and comments start and end, errors or not.
 *
 * It draws the same borders as PostgreSQL's core scanner (src/backend/parser/scan.l) with
 * standard_conforming_strings on, an order of magnitude faster, and unlike that one goes on
 * after an unterminated literal. tests/property compares the two.
 */
#ifndef LK_PARSER_LEXER_H
#define LK_PARSER_LEXER_H

#include "parser/span.h"

enum lk_token_kind {
    LK_TOKEN_END,
    LK_TOKEN_WORD,    /* identifier or keyword, not delimited */
    LK_TOKEN_NAME,    /* "delimited identifier", U&"..." included */
    LK_TOKEN_STRING,  /* '...' with any prefix, continuation lines included */
    LK_TOKEN_DOLLAR,  /* $tag$...$tag$ */
    LK_TOKEN_NUMBER,  /* what starts with a digit, or a dot and a digit */
    LK_TOKEN_PARAM,   /* $1 */
    LK_TOKEN_SYMBOL,  /* an operator, or one of ,()[].;:+-*\/%^<>= */
    LK_TOKEN_COMMENT, /* to the end of line, or delimited and nested */
};

struct lk_token {
    enum lk_token_kind kind;
    struct lk_span span;
    bool unterminated; /* a literal, name or comment that the text's end cuts off */
};

struct lk_lexer {
    const char *text;
    uint32_t pos;
    uint32_t end;
};

/* lk_lexer_at returns a lexer over `span` of `text`. */
struct lk_lexer lk_lexer_at(const char *text, struct lk_span span);

/* lk_lex returns the next token; of kind LK_TOKEN_END, empty, at the end. */
struct lk_token lk_lex(struct lk_lexer *lexer);

/*
 * lk_lex_past moves on over tokens, faster than lk_lex does, up to a semicolon, a comment, a
 * parameter or anything else that takes a closer look. `*end` becomes the end of the last token
 * passed, if there is one.
 */
void lk_lex_past(struct lk_lexer *lexer, uint32_t *end);

/* lk_lex_code returns the next token that is not a comment. */
struct lk_token lk_lex_code(struct lk_lexer *lexer);

/* lk_token_is returns whether `token` is the undelimited word `word`, in any case. */
bool lk_token_is(const char *text, struct lk_token token, const char *word);

/* lk_token_is_symbol returns whether `token` is the single character `symbol`. */
bool lk_token_is_symbol(const char *text, struct lk_token token, char symbol);

#endif
