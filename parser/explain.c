/*
 * parser/explain.c
 *     Repairs tried on broken statements: see explain.h.
 *
 * Where to look is told by the place of the error and by the parts that tree-sitter could not fit
 * in; what holds is told by PostgreSQL's grammar, which has to take the repaired statement.
 */
#include "parser/explain.h"

#include <strings.h>

#include "parser/base/buf.h"
#include "parser/base/text.h"
#include "parser/lexer.h"
#include "parser/pgparse.h"
#include "parser/sitter.h"

#define MAX_BYTES 32768   /* of a statement that is explained */
#define MAX_TRIALS 100    /* parses of one statement */
#define MAX_FORETRIALS 20 /* of these before tree-sitter is asked */
#define MAX_SUSPECTS 8    /* words that may be misspelt */
#define MAX_SPELLINGS 4   /* keywords tried for one of them */
#define MAX_QUOTED 40     /* bytes of a token that are quoted */
#define MAX_NODES 20000   /* of tree-sitter's tree that are looked at */

struct explain {
    TALLOC_CTX *mem; /* of the work */
    const char *text;
    struct lk_span span; /* with the semicolon */
    LK_VEC(struct lk_token) tokens;
    size_t error; /* the index of the token that the grammar points at, or how many there are */
    unsigned trials;
    LK_VEC(size_t) suspects; /* indexes of words */
};

/* A group of repairs of one kind: each returns the sentence, or NULL. */
typedef char *try_repair(struct explain *explain);

/* takes returns whether the grammar takes the statement with `put` in place of `span`. */
static bool
takes(struct explain *explain, struct lk_span span, const char *put)
{
    struct lk_pg_error error = {0};

    if (explain->trials++ >= MAX_TRIALS)
        return false;
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(explain->mem);
    struct lk_buf repaired = lk_buf_init(scratch);
    lk_buf_addn(&repaired, explain->text + explain->span.start, span.start - explain->span.start);
    lk_buf_add(&repaired, put);
    lk_buf_addn(&repaired, explain->text + span.end, explain->span.end - span.end);
    return lk_pg_parse(scratch, repaired.data, (struct lk_span){0, (uint32_t)repaired.len},
                       &error) != NULL;
}

static struct lk_token
token_at(const struct explain *explain, size_t index)
{
    return index < explain->tokens.count ? explain->tokens.items[index]
                                         : (struct lk_token){.kind = LK_TOKEN_END};
}

static bool
is_symbol(const struct explain *explain, size_t index, char symbol)
{
    return lk_token_is_symbol(explain->text, token_at(explain, index), symbol);
}

/* shown returns a token as it is quoted in a sentence. */
static char *
shown(const struct explain *explain, size_t index)
{
    struct lk_span span = token_at(explain, index).span;
    const char *text = explain->text + span.start;
    size_t length = strcspn(text, "\r\n");

    if (span.end - span.start <= LK_MIN(length, (size_t)MAX_QUOTED))
        return lk_strndup(explain->mem, text, span.end - span.start);
    length = LK_MIN(length, (size_t)MAX_QUOTED);
    while (length > 0 && (text[length] & 0xC0) == 0x80)
        length--;
    return lk_fmt(explain->mem, "%.*s...", (int)length, text);
}

/* upper returns a keyword as people write it. */
static char *
upper(TALLOC_CTX *mem, const char *word)
{
    char *result = lk_strdup(mem, word);

    for (char *at = result; *at != '\0'; at++)
        if (*at >= 'a' && *at <= 'z')
            *at = (char)(*at - 'a' + 'A');
    return result;
}

/* ---- literals and comments without an end ---- */

/* explain_inner_quote: a string that ended sooner than was meant, right before a word. */
static char *
explain_inner_quote(struct explain *explain)
{
    for (size_t i = LK_MAX(explain->error, 2) - 2; i < explain->error; i++) {
        struct lk_token string = token_at(explain, i), word = token_at(explain, i + 1);
        if (string.kind != LK_TOKEN_STRING || word.kind != LK_TOKEN_WORD ||
            explain->text[string.span.start] != '\'' || word.span.start != string.span.end ||
            string.span.end - string.span.start < 3)
            continue;
        return lk_strdup(explain->mem, explain->text[string.span.end - 2] == '\\'
                                           ? "A backslash does not escape a quote: write the "
                                             "quote twice, or E'...'."
                                           : "A quote inside a string is written twice.");
    }
    return NULL;
}

static char *
explain_unterminated(TALLOC_CTX *mem, const char *text, struct lk_token token)
{
    const char *start = text + token.span.start;
    size_t length = token.span.end - token.span.start;

    if (token.kind == LK_TOKEN_COMMENT)
        return lk_strdup(mem, memmem(start + 2, length - 2, "/*", 2) != NULL
                                  ? "The comment that starts here is not closed: comments nest, "
                                    "each /* inside needs a */ of its own."
                                  : "The comment that starts here is not closed by */.");
    if (token.kind == LK_TOKEN_DOLLAR) {
        const char *end = memchr(start + 1, '$', length - 1);
        return lk_fmt(mem, "The string that starts here ends at the next %.*s, and there is none.",
                      (int)(end + 1 - start), start);
    }
    if (token.kind == LK_TOKEN_NAME)
        return lk_strdup(mem, "The name that starts here has no closing double quote.");
    return lk_strdup(mem, "The string that starts here has no closing quote; a quote inside a "
                          "string is written twice.");
}

/* ---- groups of repairs ---- */

/* explain_semicolon: the statement is complete, and the next one follows. */
static char *
explain_semicolon(struct explain *explain)
{
    struct lk_token last = token_at(explain, explain->tokens.count - 1);

    if (explain->error < explain->tokens.count || lk_token_is_symbol(explain->text, last, ';') ||
        !takes(explain, (struct lk_span){explain->span.end, explain->span.end}, ";"))
        return NULL;
    return lk_fmt(explain->mem, "A semicolon is missing behind %s.",
                  shown(explain, explain->tokens.count - 1));
}

/* explain_blank: what looks like a blank is a character that words are made of. */
static char *
explain_blank(struct explain *explain)
{
    static const struct {
        const char *bytes;
        const char *name;
    } blanks[] = {
        {"\xc2\xa0", "a no-break space (U+00A0)"},
        {"\xe2\x80\xaf", "a narrow no-break space (U+202F)"},
        {"\xe2\x80\x8b", "a zero-width space (U+200B)"},
        {"\xef\xbb\xbf", "a byte order mark (U+FEFF)"},
        {"\xe3\x80\x80", "an ideographic space (U+3000)"},
    };

    for (size_t i = 0; i < LK_ARRAY_SIZE(blanks); i++) {
        size_t length = strlen(blanks[i].bytes);
        struct lk_buf put = lk_buf_init(explain->mem);
        const char *at = explain->text + explain->span.start;
        const char *end = explain->text + explain->span.end;
        const char *found;
        while ((found = memmem(at, (size_t)(end - at), blanks[i].bytes, length)) != NULL) {
            lk_buf_addn(&put, at, (size_t)(found - at));
            lk_buf_addc(&put, ' ');
            at = found + length;
        }
        if (at == explain->text + explain->span.start)
            continue;
        lk_buf_addn(&put, at, (size_t)(end - at));
        if (takes(explain, explain->span, put.data))
            return lk_fmt(explain->mem, "What looks like a blank is %s.", blanks[i].name);
    }
    return NULL;
}

/* explain_surplus: a token too many. */
static char *
explain_surplus(struct explain *explain)
{
    size_t error = explain->error;
    struct lk_token token = token_at(explain, error), before = token_at(explain, error - 1);

    if (error == 0 || error >= explain->tokens.count)
        return NULL;
    if (is_symbol(explain, error - 1, ',') && !is_symbol(explain, error, ',') &&
        takes(explain, before.span, ""))
        return lk_fmt(explain->mem, "The comma before %s is one too many.",
                      is_symbol(explain, error, ';') ? "the semicolon" : shown(explain, error));
    uint32_t length = token.span.end - token.span.start;
    bool twice = before.span.end - before.span.start == length &&
                 strncasecmp(explain->text + token.span.start, explain->text + before.span.start,
                             length) == 0;
    if (twice && takes(explain, token.span, ""))
        return lk_fmt(explain->mem, "%s stands here twice.",
                      is_symbol(explain, error, ',') ? "A comma" : shown(explain, error));
    return NULL;
}

/* explain_parenthesis: one too few, or one too many. */
static char *
explain_parenthesis(struct explain *explain)
{
    struct lk_token token = token_at(explain, explain->error);
    struct lk_token last = token_at(explain, explain->tokens.count - 1);
    bool at_end = explain->error + 1 >= explain->tokens.count;
    int open = 0;

    for (size_t i = 0; i < explain->tokens.count; i++)
        open += is_symbol(explain, i, '(') - is_symbol(explain, i, ')');
    uint32_t end = lk_token_is_symbol(explain->text, last, ';') ? last.span.start : last.span.end;
    if (open == 1 && !at_end &&
        takes(explain, (struct lk_span){token.span.start, token.span.start}, ")"))
        return lk_fmt(explain->mem, "A closing parenthesis is missing before %s.",
                      shown(explain, explain->error));
    if (open == 1 && takes(explain, (struct lk_span){end, end}, ")"))
        return lk_strdup(explain->mem, "A closing parenthesis is missing, at the latest here.");
    if (open == -1 && is_symbol(explain, explain->error, ')') && takes(explain, token.span, ""))
        return lk_strdup(explain->mem, "This parenthesis closes none.");
    if (open == -1 && !at_end &&
        takes(explain, (struct lk_span){token.span.start, token.span.start}, "("))
        return lk_fmt(explain->mem, "An opening parenthesis is missing before %s.",
                      shown(explain, explain->error));
    return NULL;
}

/* starts_name returns whether what stands behind the token at `index` is a name, most likely. */
static bool
starts_name(const struct explain *explain, size_t index)
{
    static const char *const words[] = {"add",   "as",   "column", "exists", "from",
                                        "index", "into", "join",   "on",     "rename",
                                        "table", "to",   "type",   "update"};

    for (size_t i = 0; i < LK_ARRAY_SIZE(words); i++)
        if (lk_token_is(explain->text, token_at(explain, index), words[i]))
            return true;
    return is_symbol(explain, index, '(') || is_symbol(explain, index, ',') ||
           is_symbol(explain, index, '.');
}

/* explain_reserved: a reserved word where a name is wanted. */
static char *
explain_reserved(struct explain *explain)
{
    static const char *const structure[] = {"from", "where",  "select", "then",
                                            "when", "having", "union",  "with"};
    struct lk_token token = token_at(explain, explain->error);

    if (token.kind != LK_TOKEN_WORD || explain->error == 0 ||
        !starts_name(explain, explain->error - 1))
        return NULL;
    for (size_t i = 0; i < LK_ARRAY_SIZE(structure); i++)
        if (lk_token_is(explain->text, token, structure[i]))
            return NULL;
    char *word = lk_strndup(explain->mem, explain->text + token.span.start,
                            token.span.end - token.span.start);
    for (char *at = word; *at != '\0'; at++)
        if (*at >= 'A' && *at <= 'Z')
            *at = (char)(*at - 'A' + 'a');
    if (!lk_is_reserved(word))
        return NULL;
    char *quoted = lk_fmt(explain->mem, "\"%s\"", word);
    if (!takes(explain, token.span, quoted))
        return NULL;
    return lk_fmt(explain->mem, "%s is a reserved word: as a name it is written %s.",
                  shown(explain, explain->error), quoted);
}

/* explain_quotes: a name in single quotes. */
static char *
explain_quotes(struct explain *explain)
{
    struct lk_token token = token_at(explain, explain->error);

    if (token.kind != LK_TOKEN_STRING || explain->text[token.span.start] != '\'' ||
        explain->error == 0 || !starts_name(explain, explain->error - 1))
        return NULL;
    char *name = lk_strndup(explain->mem, explain->text + token.span.start,
                            token.span.end - token.span.start);
    if (strchr(name, '"') != NULL || strlen(name) < 3)
        return NULL;
    name[0] = name[strlen(name) - 1] = '"';
    if (!takes(explain, token.span, name))
        return NULL;
    return lk_strdup(explain->mem,
                     "Single quotes are for strings; names are delimited by double quotes.");
}

/* is_no_keyword returns whether a token is a word that may be a misspelt keyword. */
static bool
is_no_keyword(const struct explain *explain, size_t index)
{
    struct lk_token token = token_at(explain, index);

    if (token.kind != LK_TOKEN_WORD || token.span.end - token.span.start < 3)
        return false;
    char *word = lk_strndup(explain->mem, explain->text + token.span.start,
                            token.span.end - token.span.start);
    return !lk_is_keyword(word);
}

static bool
is_suspected(const struct explain *explain, size_t index)
{
    lk_vec_foreach(known, &explain->suspects)
        if (*known == index)
            return true;
    return false;
}

/* suspect adds a word that may be misspelt. */
static void
suspect(struct explain *explain, size_t index)
{
    if (explain->suspects.count < MAX_SUSPECTS && is_no_keyword(explain, index) &&
        !is_suspected(explain, index))
        lk_vec_push(explain->mem, &explain->suspects, index);
}

/* next_node moves to the next node, parents first, and returns whether there is one. */
static bool
next_node(TSTreeCursor *cursor)
{
    if (ts_tree_cursor_goto_first_child(cursor) || ts_tree_cursor_goto_next_sibling(cursor))
        return true;
    while (ts_tree_cursor_goto_parent(cursor))
        if (ts_tree_cursor_goto_next_sibling(cursor))
            return true;
    return false;
}

/* suspect_errors adds the words of the parts that tree-sitter could not fit in. */
static void
suspect_errors(struct explain *explain)
{
    struct lk_sitter *sitter = lk_sitter_parse(explain->mem, explain->text, explain->span);

    if (sitter == NULL)
        return;
    TSTreeCursor cursor = ts_tree_cursor_new(ts_tree_root_node(sitter->tree));
    unsigned nodes = 0;
    do {
        TSNode node = ts_tree_cursor_current_node(&cursor);
        if (strcmp(ts_node_type(node), "ERROR") != 0)
            continue;
        uint32_t start = explain->span.start + ts_node_start_byte(node);
        uint32_t end = explain->span.start + ts_node_end_byte(node);
        for (size_t i = 0; i <= explain->error && i < explain->tokens.count; i++)
            if (explain->tokens.items[i].span.start >= start &&
                explain->tokens.items[i].span.end <= end)
                suspect(explain, i);
    } while (++nodes < MAX_NODES && next_node(&cursor));
    ts_tree_cursor_delete(&cursor);
    talloc_free(sitter);
}

/* spelling returns the keyword that makes the statement good in place of a word, or NULL. */
static const char *
spelling(struct explain *explain, size_t index)
{
    size_t count;
    const char **words = lk_keywords(explain->mem, &count);
    struct lk_span span = token_at(explain, index).span;
    char *name = lk_strndup(explain->mem, explain->text + span.start, span.end - span.start);

    for (char *at = name; *at != '\0'; at++)
        if (*at >= 'A' && *at <= 'Z')
            *at = (char)(*at - 'A' + 'a');
    for (unsigned i = 0; i < MAX_SPELLINGS; i++) {
        const char *nearest = lk_nearest(name, words, count);
        if (nearest == NULL)
            return NULL;
        if (takes(explain, span, nearest))
            return nearest;
        for (size_t k = 0; k < count; k++)
            if (words[k] == nearest)
                words[k--] = words[--count];
    }
    return NULL;
}

/*
 * is_other_misspelt returns whether a keyword in place of a word up to the error that is not
 * suspected makes the statement good, or that takes long to tell: else it does not matter whether
 * tree-sitter, for which one parse takes the time of a hundred by the grammar, could fit it in.
 */
static bool
is_other_misspelt(struct explain *explain)
{
    unsigned trials = explain->trials;
    bool misspelt = false;

    explain->trials = 0;
    for (size_t i = 0; i <= explain->error && i < explain->tokens.count && !misspelt; i++)
        if (is_no_keyword(explain, i) && !is_suspected(explain, i))
            misspelt = explain->trials > MAX_FORETRIALS || spelling(explain, i) != NULL;
    explain->trials = trials;
    return misspelt;
}

/* explain_spelling: a misspelt keyword at the error, before it, or in what did not fit in. */
static char *
explain_spelling(struct explain *explain)
{
    const char *meant = NULL;
    size_t which = 0;

    for (size_t back = 0; back <= 2 && back <= explain->error; back++)
        suspect(explain, explain->error - back);
    if (is_other_misspelt(explain))
        suspect_errors(explain);
    lk_vec_foreach(index, &explain->suspects) {
        const char *keyword = spelling(explain, *index);
        if (keyword == NULL)
            continue;
        if (meant != NULL)
            return NULL;
        meant = keyword;
        which = *index;
    }
    return meant == NULL ? NULL
                         : lk_fmt(explain->mem, "Perhaps %s is meant, not %s.",
                                  upper(explain->mem, meant), shown(explain, which));
}

/* explain_split: two keywords written as one. */
static char *
explain_split(struct explain *explain)
{
    for (size_t back = 0; back <= 1 && back <= explain->error; back++) {
        struct lk_span span = token_at(explain, explain->error - back).span;
        if (token_at(explain, explain->error - back).kind != LK_TOKEN_WORD ||
            span.end - span.start > MAX_QUOTED)
            continue;
        for (uint32_t at = span.start + 2; at + 2 <= span.end; at++) {
            char *first = lk_strndup(explain->mem, explain->text + span.start, at - span.start);
            char *second = lk_strndup(explain->mem, explain->text + at, span.end - at);
            if (lk_is_keyword(first) && lk_is_keyword(second) &&
                takes(explain, (struct lk_span){at, at}, " "))
                return lk_fmt(explain->mem, "Perhaps %s is meant: two words.",
                              upper(explain->mem, lk_fmt(explain->mem, "%s %s", first, second)));
        }
    }
    return NULL;
}

/* explain_comma: a comma missing before the error. */
static char *
explain_comma(struct explain *explain)
{
    struct lk_token token = token_at(explain, explain->error);

    if (explain->error == 0 || explain->error >= explain->tokens.count ||
        is_symbol(explain, explain->error, ';'))
        return NULL;
    /* "name (" is more likely a call gone wrong, "1.2.3" a number */
    bool joined = token_at(explain, explain->error - 1).span.end == token.span.start ||
                  is_symbol(explain, explain->error, '(');
    if ((joined && !is_symbol(explain, explain->error - 1, ')')) ||
        !takes(explain, (struct lk_span){token.span.start, token.span.start}, ", "))
        return NULL;
    return lk_fmt(explain->mem, "Perhaps a comma is missing before %s.",
                  shown(explain, explain->error));
}

/* read_tokens fills in the statement's tokens and returns the one without an end, if any. */
static struct lk_token
read_tokens(struct explain *explain, uint32_t error_at)
{
    struct lk_lexer lexer = lk_lexer_at(explain->text, explain->span);
    struct lk_token token = lk_lex(&lexer);

    explain->error = SIZE_MAX;
    for (; token.kind != LK_TOKEN_END && !token.unterminated; token = lk_lex(&lexer)) {
        if (token.kind == LK_TOKEN_COMMENT)
            continue;
        if (explain->error == SIZE_MAX && token.span.end > error_at)
            explain->error = explain->tokens.count;
        lk_vec_push(explain->mem, &explain->tokens, token);
    }
    explain->error = LK_MIN(explain->error, explain->tokens.count);
    return token;
}

char *
lk_explain(TALLOC_CTX *mem, const char *text, const struct lk_statement *statement)
{
    static try_repair *const groups[] = {
        explain_inner_quote, explain_blank,    explain_semicolon, explain_parenthesis,
        explain_surplus,     explain_reserved, explain_quotes,    explain_split,
        explain_spelling,    explain_comma,
    };
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    struct explain explain = {
        .mem = scratch, .text = text, .span = {statement->span.start, statement->region.end}};
    char *sentence = NULL;
    struct lk_token open = read_tokens(&explain, statement->error_at);

    if (open.unterminated) {
        sentence = lk_strdup(mem, explain_inner_quote(&explain));
        return sentence != NULL || statement->error_at != open.span.start
                   ? sentence
                   : explain_unterminated(mem, text, open);
    }
    if (!lk_starts_with(statement->error, "syntax error") || explain.tokens.count == 0 ||
        explain.span.end - explain.span.start > MAX_BYTES)
        return NULL;
    for (size_t i = 0; i < LK_ARRAY_SIZE(groups) && sentence == NULL; i++)
        sentence = groups[i](&explain);
    return lk_strdup(mem, sentence);
}
