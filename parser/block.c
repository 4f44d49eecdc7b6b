/*
 * parser/block.c
 *     Blocks of SQL*Plus, sqlcmd and the mysql client: see block.h.
 */
#include "parser/block.h"

#include "parser/base/text.h"
#include "parser/lexer.h"

#define WORDS_AHEAD 8 /* in which CREATE says what is created */

enum block { BLOCK_NONE, BLOCK_SLASH, BLOCK_SLASH_OR_GO, BLOCK_DELIMITER };

/* block_at returns which kind of block the text starts, if any. */
static enum block
block_at(const char *text, struct lk_span span)
{
    static const char *const routines[] = {"function",  "package", "proc",
                                           "procedure", "trigger", "type"};
    struct lk_lexer lexer = lk_lexer_at(text, span);
    struct lk_token token = lk_lex_code(&lexer);

    if (lk_token_is(text, token, "delimiter"))
        return BLOCK_DELIMITER;
    if (lk_token_is(text, token, "declare") || lk_token_is(text, token, "begin"))
        return BLOCK_SLASH;
    if (!lk_token_is(text, token, "create"))
        return BLOCK_NONE;
    for (unsigned i = 0; i < WORDS_AHEAD; i++) {
        token = lk_lex_code(&lexer);
        for (size_t k = 0; k < LK_ARRAY_SIZE(routines); k++)
            if (lk_token_is(text, token, routines[k]))
                return BLOCK_SLASH_OR_GO;
    }
    return BLOCK_NONE;
}

/* ends_block returns whether a line, blanks around it left out, is the end of such a block. */
static bool
ends_block(enum block block, const char *line, size_t length)
{
    static const char word[] = "delimiter";

    if (block == BLOCK_DELIMITER)
        return length > strlen(word) && lk_word_is(line, strlen(word), word) &&
               line[length - 1] == ';';
    return (length == 1 && line[0] == '/') ||
           (block == BLOCK_SLASH_OR_GO && lk_word_is(line, length, "go"));
}

struct lk_span
lk_block_line(const char *text, struct lk_span span)
{
    enum block block = block_at(text, span);
    uint32_t at = span.start;

    if (block == BLOCK_NONE)
        return (struct lk_span){span.start, span.start};
    while (at < span.end) {
        const char *newline = memchr(text + at, '\n', span.end - at);
        if (newline == NULL)
            break;
        struct lk_span line = {(uint32_t)(newline - text) + 1, span.end};
        at = line.start;
        newline = memchr(text + at, '\n', span.end - at);
        if (newline != NULL)
            line.end = (uint32_t)(newline - text);
        while (line.start < line.end && strchr(" \t\r", text[line.start]) != NULL)
            line.start++;
        while (line.end > line.start && strchr(" \t\r", text[line.end - 1]) != NULL)
            line.end--;
        if (line.end > line.start && ends_block(block, text + line.start, line.end - line.start))
            return line;
    }
    return (struct lk_span){span.start, span.start};
}
