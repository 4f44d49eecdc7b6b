/*
 * parser/lexer.c
 *     Token borders: see lexer.h. The names of the rules are those of scan.l.
 */
#include "parser/lexer.h"

#include "parser/base/text.h"

enum {
    SPACE = 1,
    IDENT_START = 2,
    IDENT_CONT = 4,
    DIGIT = 8,
    OP_CHAR = 16,
    PLAIN = 32, /* a token of its own, wherever it stands */
};

/* What each byte can be; bytes above 127 are letters to scan.l. */
static const uint8_t classes[256] = {
    [' '] = SPACE,
    ['\t'] = SPACE,
    ['\n'] = SPACE,
    ['\r'] = SPACE,
    ['\f'] = SPACE,
    ['\v'] = SPACE,
    ['0' ... '9'] = DIGIT | IDENT_CONT,
    ['A' ... 'Z'] = IDENT_START | IDENT_CONT,
    ['a' ... 'z'] = IDENT_START | IDENT_CONT,
    ['_'] = IDENT_START | IDENT_CONT,
    ['$'] = IDENT_CONT,
    [128 ... 255] = IDENT_START | IDENT_CONT,
    ['('] = PLAIN,
    [')'] = PLAIN,
    ['['] = PLAIN,
    [']'] = PLAIN,
    [','] = PLAIN,
    ['~'] = OP_CHAR,
    ['!'] = OP_CHAR,
    ['@'] = OP_CHAR,
    ['#'] = OP_CHAR,
    ['^'] = OP_CHAR,
    ['&'] = OP_CHAR,
    ['|'] = OP_CHAR,
    ['`'] = OP_CHAR,
    ['?'] = OP_CHAR,
    ['+'] = OP_CHAR,
    ['-'] = OP_CHAR,
    ['*'] = OP_CHAR,
    ['/'] = OP_CHAR,
    ['%'] = OP_CHAR,
    ['<'] = OP_CHAR,
    ['>'] = OP_CHAR,
    ['='] = OP_CHAR,
};

static uint8_t
class_at(const struct lk_lexer *lexer, uint32_t at)
{
    return at < lexer->end ? classes[(unsigned char)lexer->text[at]] : 0;
}

static char
char_at(const struct lk_lexer *lexer, uint32_t at)
{
    return at < lexer->end ? lexer->text[at] : '\0';
}

static uint32_t
skip_class(const struct lk_lexer *lexer, uint32_t at, uint8_t class)
{
    while (class_at(lexer, at) & class)
        at++;
    return at;
}

/* find_char returns where `wanted` next stands, or the end. */
static uint32_t
find_char(const struct lk_lexer *lexer, uint32_t at, char wanted)
{
    const char *found = at < lexer->end ? memchr(lexer->text + at, wanted, lexer->end - at) : NULL;

    return found != NULL ? (uint32_t)(found - lexer->text) : lexer->end;
}

static uint32_t
end_of_line(const struct lk_lexer *lexer, uint32_t at)
{
    struct lk_lexer line = {lexer->text, at, find_char(lexer, at, '\n')};

    return find_char(&line, at, '\r');
}

/* skip_block_comment returns the end of the nested comment at `at`. */
static uint32_t
skip_block_comment(const struct lk_lexer *lexer, uint32_t at, bool *unterminated)
{
    unsigned depth = 0;

    while (at + 1 < lexer->end) {
        if (lexer->text[at] == '/' && lexer->text[at + 1] == '*') {
            depth++;
            at += 2;
        } else if (lexer->text[at] == '*' && lexer->text[at + 1] == '/') {
            at += 2;
            if (--depth == 0)
                return at;
        } else {
            at++;
        }
    }
    *unterminated = true;
    return lexer->end;
}

/* How the quote itself stands inside a literal or delimited name. */
enum escape {
    NOT_AT_ALL, /* bits: B'01' X'1F' */
    DOUBLED,
    DOUBLED_OR_BACKSLASH, /* E'' */
};

/* skip_quoted returns the end of what `quote` at `at` opens. */
static uint32_t
skip_quoted(const struct lk_lexer *lexer, uint32_t at, char quote, enum escape escape,
            bool *unterminated)
{
    for (at++; at < lexer->end; at++) {
        if (escape != DOUBLED_OR_BACKSLASH)
            at = find_char(lexer, at, quote);
        if (at >= lexer->end)
            break;
        if (escape == DOUBLED_OR_BACKSLASH && lexer->text[at] == '\\')
            at++;
        else if (escape != NOT_AT_ALL && lexer->text[at] == quote &&
                 char_at(lexer, at + 1) == quote)
            at++;
        else if (lexer->text[at] == quote)
            return at + 1;
    }
    *unterminated = true;
    return lexer->end;
}

/*
 * continuation returns where a literal goes on after `at`: a quote behind white space that holds
 * a newline (comments count as white space once a newline came first); or `at` if it does not.
 */
static uint32_t
continuation(const struct lk_lexer *lexer, uint32_t at)
{
    bool newline = false;
    uint32_t look = at;

    for (;;) {
        char c = char_at(lexer, look);
        if (class_at(lexer, look) & SPACE) {
            newline |= c == '\n' || c == '\r';
            look++;
        } else if (c == '-' && char_at(lexer, look + 1) == '-') {
            look = end_of_line(lexer, look);
        } else {
            return newline && c == '\'' ? look : at;
        }
    }
}

static uint32_t
skip_string(const struct lk_lexer *lexer, uint32_t at, enum escape escape, bool *unterminated)
{
    for (;;) {
        uint32_t end = skip_quoted(lexer, at, '\'', escape, unterminated);
        if (*unterminated)
            return end;
        at = continuation(lexer, end);
        if (at == end)
            return end;
    }
}

/* dollar_tag returns the end of the opening $tag$ at `at`, or `at` where there is none. */
static uint32_t
dollar_tag(const struct lk_lexer *lexer, uint32_t at)
{
    uint32_t look = at + 1;

    if (class_at(lexer, look) & IDENT_START)
        while ((class_at(lexer, look) & IDENT_CONT) && char_at(lexer, look) != '$')
            look++;
    return char_at(lexer, look) == '$' ? look + 1 : at;
}

static uint32_t
skip_dollar_quoted(const struct lk_lexer *lexer, uint32_t at, uint32_t body, bool *unterminated)
{
    uint32_t length = body - at;

    for (uint32_t look = body; look < lexer->end; look++) {
        look = find_char(lexer, look, '$');
        if (look + length > lexer->end)
            break;
        if (memcmp(lexer->text + look, lexer->text + at, length) == 0)
            return look + length;
    }
    *unterminated = true;
    return lexer->end;
}

/* skip_digits takes digits with single underscores between them. */
static uint32_t
skip_digits(const struct lk_lexer *lexer, uint32_t at)
{
    while ((class_at(lexer, at) & DIGIT) ||
           (char_at(lexer, at) == '_' && (class_at(lexer, at + 1) & DIGIT)))
        at++;
    return at;
}

/* skip_number takes digits, radix prefixes, underscores, a fraction and an exponent. */
static uint32_t
skip_number(const struct lk_lexer *lexer, uint32_t at)
{
    char radix = char_at(lexer, at + 1);

    if (char_at(lexer, at) == '0' && radix != '\0' && strchr("xXoObB", radix) != NULL &&
        (class_at(lexer, at + 2) & IDENT_CONT) && char_at(lexer, at + 2) != '$')
        return skip_class(lexer, at + 2, IDENT_CONT);
    at = skip_digits(lexer, at);
    if (char_at(lexer, at) == '.' && char_at(lexer, at + 1) != '.') /* not "1..2" */
        at = skip_digits(lexer, at + 1);
    char exponent = char_at(lexer, at);
    if (exponent == 'e' || exponent == 'E') {
        char sign = char_at(lexer, at + 1);
        uint32_t digits = at + 1 + (sign == '+' || sign == '-');
        if (class_at(lexer, digits) & DIGIT)
            return skip_digits(lexer, digits);
    }
    return at;
}

/*
 * skip_operator takes the longest run of operator characters that scan.l would: it stops at a
 * comment, and drops trailing + and - unless the run holds one of ~!@#^&|`?%.
 */
static uint32_t
skip_operator(const struct lk_lexer *lexer, uint32_t at)
{
    uint32_t end = at;

    while (class_at(lexer, end) & OP_CHAR) {
        char c = lexer->text[end], next = char_at(lexer, end + 1);
        if ((c == '-' && next == '-') || (c == '/' && next == '*'))
            break;
        end++;
    }
    bool special = false;
    for (uint32_t look = at; look < end; look++)
        special |= strchr("~!@#^&|`?%", lexer->text[look]) != NULL;
    while (!special && end > at + 1 && (lexer->text[end - 1] == '+' || lexer->text[end - 1] == '-'))
        end--;
    return LK_MAX(end, at + 1);
}

/* literal_prefix returns the length of E, B, X, N, U& (any case) before a quote, else 0. */
static uint32_t
literal_prefix(const struct lk_lexer *lexer, uint32_t at, char quote)
{
    char c = char_at(lexer, at), next = char_at(lexer, at + 1);

    if (next == '&')
        return (c == 'U' || c == 'u') && char_at(lexer, at + 2) == quote ? 2 : 0;
    return next == '\'' && quote == '\'' && c != '\0' && strchr("eEbBxXnN", c) != NULL ? 1 : 0;
}

/* lex_prefixed returns the token at a letter before a quote or &: a literal, a name, or a word. */
static struct lk_token
lex_prefixed(const struct lk_lexer *lexer, uint32_t at)
{
    struct lk_token token = {.kind = LK_TOKEN_STRING, .span = {at, at}};
    char c = lexer->text[at];
    uint32_t prefix = literal_prefix(lexer, at, '\'');

    if (prefix > 0) {
        enum escape escape = strchr("eE", c) != NULL     ? DOUBLED_OR_BACKSLASH
                             : strchr("bBxX", c) != NULL ? NOT_AT_ALL
                                                         : DOUBLED;
        token.span.end = skip_string(lexer, at + prefix, escape, &token.unterminated);
        return token;
    }
    prefix = literal_prefix(lexer, at, '"');
    if (prefix > 0) {
        token.kind = LK_TOKEN_NAME;
        token.span.end = skip_quoted(lexer, at + prefix, '"', DOUBLED, &token.unterminated);
        return token;
    }
    token.kind = LK_TOKEN_WORD;
    token.span.end = at + 1;
    return token;
}

/* lex_word returns the token at a letter: a word, or a literal or name with a prefix. */
static struct lk_token
lex_word(const struct lk_lexer *lexer, uint32_t at)
{
    uint32_t end = skip_class(lexer, at + 1, IDENT_CONT);
    char next = char_at(lexer, end);

    if (end == at + 1 && (next == '\'' || next == '"' || next == '&'))
        return lex_prefixed(lexer, at);
    return (struct lk_token){.kind = LK_TOKEN_WORD, .span = {at, end}};
}

/* lex_symbol returns the token at anything else. */
static struct lk_token
lex_symbol(const struct lk_lexer *lexer, uint32_t at)
{
    struct lk_token token = {.kind = LK_TOKEN_SYMBOL, .span = {at, at + 1}};
    char c = lexer->text[at], next = char_at(lexer, at + 1);

    switch (c) {
    case '-':
        if (next != '-')
            break;
        token.kind = LK_TOKEN_COMMENT;
        token.span.end = end_of_line(lexer, at);
        return token;
    case '/':
        if (next != '*')
            break;
        token.kind = LK_TOKEN_COMMENT;
        token.span.end = skip_block_comment(lexer, at, &token.unterminated);
        return token;
    case '\'':
        token.kind = LK_TOKEN_STRING;
        token.span.end = skip_string(lexer, at, DOUBLED, &token.unterminated);
        return token;
    case '"':
        token.kind = LK_TOKEN_NAME;
        token.span.end = skip_quoted(lexer, at, '"', DOUBLED, &token.unterminated);
        return token;
    case '$': {
        uint32_t body = dollar_tag(lexer, at);
        if (body > at) {
            token.kind = LK_TOKEN_DOLLAR;
            token.span.end = skip_dollar_quoted(lexer, at, body, &token.unterminated);
        } else if (class_at(lexer, at + 1) & DIGIT) {
            token.kind = LK_TOKEN_PARAM;
            token.span.end = skip_class(lexer, at + 1, DIGIT);
        }
        return token;
    }
    case ':':
        if (next == ':' || next == '=')
            token.span.end++;
        return token;
    case '.':
        if (next == '.')
            token.span.end++;
        return token;
    default:
        break;
    }
    if (class_at(lexer, at) & OP_CHAR)
        token.span.end = skip_operator(lexer, at);
    return token;
}

struct lk_lexer
lk_lexer_at(const char *text, struct lk_span span)
{
    return (struct lk_lexer){text, span.start, span.end};
}

struct lk_token
lk_lex(struct lk_lexer *lexer)
{
    uint32_t at = skip_class(lexer, lexer->pos, SPACE);
    struct lk_token token = {.kind = LK_TOKEN_END, .span = {at, at}};

    if (at < lexer->end) {
        uint8_t class = class_at(lexer, at);

        if (class & IDENT_START) {
            token = lex_word(lexer, at);
        } else if ((class & DIGIT) ||
                   (lexer->text[at] == '.' && (class_at(lexer, at + 1) & DIGIT))) {
            token.kind = LK_TOKEN_NUMBER;
            token.span.end = skip_number(lexer, at);
        } else {
            token = lex_symbol(lexer, at);
        }
    }
    lexer->pos = token.span.end;
    return token;
}

/*
 * past_word returns the end of the word at `at`, or `at` where it can be the prefix of a literal:
 * E'', U&"".
 */
static uint32_t
past_word(const struct lk_lexer *lexer, uint32_t at)
{
    uint32_t end = skip_class(lexer, at + 1, IDENT_CONT);
    char next = char_at(lexer, end);

    return end == at + 1 && (next == '\'' || next == '"' || next == '&') ? at : end;
}

/* past_symbol returns the end of the token at `at` that is no word or number, or `at`. */
static uint32_t
past_symbol(const struct lk_lexer *lexer, uint32_t at)
{
    char c = lexer->text[at], next = char_at(lexer, at + 1);
    bool cut = false;
    uint32_t end = at;

    if (class_at(lexer, at) & PLAIN)
        end = at + 1;
    else if (c == ':')
        end = at + 1 + (next == ':' || next == '=');
    else if (c == '.')
        end = class_at(lexer, at + 1) & DIGIT ? at : at + 1 + (next == '.');
    else if (c == '"')
        end = skip_quoted(lexer, at, '"', DOUBLED, &cut);
    else if (c == '\'')
        end = skip_string(lexer, at, DOUBLED, &cut);
    else if ((class_at(lexer, at) & OP_CHAR) && !(c == '-' && next == '-') &&
             !(c == '/' && next == '*'))
        end = skip_operator(lexer, at);
    return cut ? at : end;
}

void
lk_lex_past(struct lk_lexer *lexer, uint32_t *end)
{
    for (uint32_t at = lexer->pos, next; at < lexer->end; at = next) {
        uint8_t class = class_at(lexer, at);

        if (class & SPACE) {
            next = at + 1;
            continue;
        }
        if (class & IDENT_START)
            next = past_word(lexer, at);
        else if (class & DIGIT)
            next = skip_number(lexer, at);
        else
            next = past_symbol(lexer, at);
        if (next == at)
            return;
        lexer->pos = *end = next;
    }
}

struct lk_token
lk_lex_code(struct lk_lexer *lexer)
{
    struct lk_token token;

    do {
        token = lk_lex(lexer);
    } while (token.kind == LK_TOKEN_COMMENT);
    return token;
}

bool
lk_token_is(const char *text, struct lk_token token, const char *word)
{
    return token.kind == LK_TOKEN_WORD &&
           lk_word_is(text + token.span.start, token.span.end - token.span.start, word);
}

bool
lk_token_is_symbol(const char *text, struct lk_token token, char symbol)
{
    return token.kind == LK_TOKEN_SYMBOL && token.span.end - token.span.start == 1 &&
           text[token.span.start] == symbol;
}
