/*
 * rules/dialect.c
 *     Patterns of tokens around the place of an error: see dialect.h and dialects.def.
 */
#include "rules/dialect.h"

#include <strings.h>

#include "parser/lexer.h"
#include "rules/registry.h"

#define TOKENS_BEHIND 16 /* the error, that patterns look at */
#define MAX_GAP 2000     /* tokens that "..." stands for, unless a ^ follows */

static const struct lk_dialect dialects[] = {
#define LK_DIALECT(whose, pattern, what, advice) {whose, pattern, what, advice},
#include "rules/dialects.def"
#undef LK_DIALECT
};

/* The tokens of a statement. */
struct tokens {
    const char *text;
    LK_VEC(struct lk_token) items;
    size_t error; /* the index of the one that the grammar points at */
};

/* One element of a pattern. */
struct element {
    const char *atom; /* behind the signs */
    size_t length;
    bool first;
    bool error;
    bool alone;
    bool gap;
};

/* read_tokens returns the statement's tokens, as far as patterns look. */
static struct tokens
read_tokens(TALLOC_CTX *mem, const struct lk_check *check)
{
    const struct lk_statement *statement = check->statement;
    struct tokens tokens = {.text = check->source->text, .error = SIZE_MAX};
    struct lk_lexer lexer =
        lk_lexer_at(tokens.text, (struct lk_span){statement->span.start, statement->region.end});
    struct lk_token token = lk_lex_code(&lexer);

    for (; token.kind != LK_TOKEN_END; token = lk_lex_code(&lexer)) {
        if (tokens.error == SIZE_MAX && token.span.end > statement->error_at)
            tokens.error = tokens.items.count;
        if (tokens.error != SIZE_MAX && tokens.items.count > tokens.error + TOKENS_BEHIND)
            break;
        lk_vec_push(mem, &tokens.items, token);
    }
    if (tokens.error == SIZE_MAX)
        tokens.error = tokens.items.count;
    return tokens;
}

/* next_element reads the element at `*pattern` and returns whether there was one. */
static bool
next_element(const char **pattern, struct element *ret)
{
    const char *at = *pattern;

    *ret = (struct element){0};
    while (*at == ' ')
        at++;
    for (; *at == '<' || *at == '^' || *at == '!'; at++) {
        ret->first |= *at == '<';
        ret->error |= *at == '^';
        ret->alone |= *at == '!';
    }
    ret->atom = at;
    while (at[ret->length] != ' ' && at[ret->length] != '\0')
        ret->length++;
    ret->gap = ret->length == 3 && memcmp(at, "...", 3) == 0;
    *pattern = at + ret->length;
    return ret->length > 0;
}

/* is_alone returns whether nothing but blanks stands beside the token on its line. */
static bool
is_alone(const struct tokens *tokens, size_t index)
{
    const char *text = tokens->text;
    struct lk_span span = tokens->items.items[index].span;

    while (span.start > 0 && (text[span.start - 1] == ' ' || text[span.start - 1] == '\t'))
        span.start--;
    size_t blanks = strspn(text + span.end, " \t\r");
    char behind = text[span.end + blanks];
    return (span.start == 0 || text[span.start - 1] == '\n') && (behind == '\n' || behind == '\0');
}

/* is_one_of returns whether a word is in a list like "key|index". */
static bool
is_one_of(const char *word, size_t length, const char *list, size_t list_length)
{
    for (const char *end = list + list_length; list < end;) {
        const char *bar = memchr(list, '|', (size_t)(end - list));
        size_t size = (size_t)((bar != NULL ? bar : end) - list);
        if (size == length && strncasecmp(list, word, length) == 0)
            return true;
        list += size + 1;
    }
    return false;
}

static bool
fits(const struct tokens *tokens, size_t index, const struct element *element)
{
    struct lk_token token = tokens->items.items[index];
    const char *text = tokens->text + token.span.start;
    size_t length = token.span.end - token.span.start;

    if ((element->first && index > 0) || (element->error && index != tokens->error) ||
        (element->alone && !is_alone(tokens, index)))
        return false;
    if (element->length == 1) {
        switch (element->atom[0]) {
        case 'W':
            return token.kind == LK_TOKEN_WORD;
        case 'N':
            return token.kind == LK_TOKEN_NUMBER;
        case 'S':
            return token.kind == LK_TOKEN_STRING;
        case 'X':
            return true;
        case '`':
            return token.kind == LK_TOKEN_SYMBOL && memchr(text, '`', length) != NULL;
        default:
            break;
        }
    }
    if (token.kind == LK_TOKEN_WORD)
        return is_one_of(text, length, element->atom, element->length);
    return token.kind == LK_TOKEN_SYMBOL && length >= element->length &&
           strncmp(text, element->atom, element->length) == 0;
}

/*
 * matches returns whether the tokens from `index` on are what the pattern says; `*end` is behind
 * the last one.
 */
static bool
matches(const struct tokens *tokens, size_t index, const char *pattern, size_t *end)
{
    struct element element;

    for (; next_element(&pattern, &element) && !element.gap; index++)
        if (index >= tokens->items.count || !fits(tokens, index, &element))
            return false;
    if (!element.gap) {
        *end = index;
        return true;
    }
    const char *ahead = pattern;
    next_element(&ahead, &element);
    if (element.error) /* there is one place to try only */
        return index <= tokens->error && matches(tokens, tokens->error, pattern, end);
    for (size_t last = LK_MIN(tokens->items.count, index + MAX_GAP); index < last; index++)
        if (fits(tokens, index, &element) && matches(tokens, index, pattern, end))
            return true;
    return false;
}

/* tokens_before returns how many tokens of a pattern without gaps stand before the ^. */
static size_t
tokens_before(const char *pattern)
{
    struct element element;
    size_t count = 0;

    while (next_element(&pattern, &element) && !element.error)
        count++;
    return count;
}

/* find returns the index where the pattern matches, or SIZE_MAX. */
static size_t
find(const struct tokens *tokens, const char *pattern, size_t *end)
{
    if (pattern[0] == '<')
        return matches(tokens, 0, pattern, end) ? 0 : SIZE_MAX;
    if (strchr(pattern, '^') != NULL) {
        size_t before = tokens_before(pattern);
        bool found =
            before <= tokens->error && matches(tokens, tokens->error - before, pattern, end);
        return found ? tokens->error - before : SIZE_MAX;
    }
    const char *ahead = pattern;
    struct element first;
    next_element(&ahead, &first);
    for (size_t i = 0; i <= tokens->error && i < tokens->items.count; i++)
        if (fits(tokens, i, &first) && matches(tokens, i, pattern, end))
            return i;
    return SIZE_MAX;
}

const struct lk_dialect *
lk_dialect_of(const struct lk_check *check, struct lk_span *span)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    struct tokens tokens = read_tokens(scratch, check);

    for (size_t i = 0; i < LK_ARRAY_SIZE(dialects); i++) {
        size_t end = 0, start = find(&tokens, dialects[i].pattern, &end);
        if (start == SIZE_MAX)
            continue;
        if (strchr(dialects[i].pattern, '^') != NULL)
            start = tokens.error;
        *span = (struct lk_span){tokens.items.items[start].span.start,
                                 tokens.items.items[LK_MAX(end, start + 1) - 1].span.end};
        return &dialects[i];
    }
    return NULL;
}

bool
lk_dialect_reported(const struct lk_check *check)
{
    const struct lk_rule *rule = lk_rule_find("foreign-dialect");
    uint32_t start = lk_source_span(check->source, check->statement->span).start;

    for (size_t i = check->findings->items.count; i-- > 0;) {
        const struct lk_finding *finding = &check->findings->items.items[i];
        if (finding->ordinal != check->migration->ordinal || finding->target != start)
            return false;
        if (finding->rule == rule)
            return finding->severity != LK_SEVERITY_OFF;
    }
    return false;
}
