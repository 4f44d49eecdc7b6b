/*
 * parser/secret.c
 *     Passwords in SQL: see secret.h.
 */
#include "parser/secret.h"

#include <ctype.h>
#include <strings.h>

#include "parser/base/buf.h"
#include "parser/base/text.h"

#define SHORTEST 3 /* characters of a password that is looked for in other texts */

struct scan {
    TALLOC_CTX *mem;
    const char *text;
    size_t size;
    struct lk_spans spans;
};

static char
at(const struct scan *scan, size_t place)
{
    return place < scan->size ? scan->text[place] : '\0';
}

/* word_at returns the length of a word for passwords at a place, or 0. */
static size_t
word_at(const struct scan *scan, size_t place)
{
    static const char *const words[] = {"password", "passwd"};

    for (size_t i = 0; i < LK_ARRAY_SIZE(words); i++) {
        size_t length = strlen(words[i]);
        if (place + length <= scan->size && strncasecmp(scan->text + place, words[i], length) == 0)
            return length;
    }
    return 0;
}

static void
add(struct scan *scan, size_t start, size_t end)
{
    if (start < end)
        lk_spans_add(scan->mem, &scan->spans, (uint32_t)start, (uint32_t)end);
}

/* skip_blank returns the first place that is neither white space nor in a comment. */
static size_t
skip_blank(const struct scan *scan, size_t place)
{
    for (;;) {
        while (isspace((unsigned char)at(scan, place)))
            place++;
        if (at(scan, place) == '-' && at(scan, place + 1) == '-') {
            while (place < scan->size && scan->text[place] != '\n')
                place++;
        } else if (at(scan, place) == '/' && at(scan, place + 1) == '*') {
            const char *end = memmem(scan->text + place, scan->size - place, "*/", 2);
            place = end != NULL ? (size_t)(end - scan->text) + 2 : scan->size;
        } else {
            return place;
        }
    }
}

/* take_quoted adds what is between quotes, doubled ones or with backslashes inside. */
static size_t
take_quoted(struct scan *scan, size_t place)
{
    char quote = at(scan, place);
    size_t start = ++place;

    while (place < scan->size) {
        if (scan->text[place] == '\\' && place + 1 < scan->size)
            place++;
        else if (scan->text[place] == quote && at(scan, place + 1) == quote)
            place++;
        else if (scan->text[place] == quote)
            break;
        place++;
    }
    place = LK_MIN(place, scan->size);
    add(scan, start, place);
    return place;
}

/*
 * take_doubled adds what is between doubled quotes, as in a constant that holds SQL itself; false
 * where that is an empty constant.
 */
static bool
take_doubled(struct scan *scan, size_t *place)
{
    size_t start = *place + 2;

    if (at(scan, *place + 1) != '\'' || at(scan, start) == '\0' ||
        strchr(" \t\r\n,;)'\"", at(scan, start)) != NULL)
        return false;
    const char *end = memmem(scan->text + start, scan->size - start, "''", 2);
    *place = end != NULL ? (size_t)(end - scan->text) : scan->size;
    add(scan, start, *place);
    return true;
}

/* take_dollars adds what is between $tag$ and $tag$; a place without a tag stays. */
static size_t
take_dollars(struct scan *scan, size_t place)
{
    size_t tag = place + 1;

    while (isalnum((unsigned char)at(scan, tag)) || at(scan, tag) == '_')
        tag++;
    if (at(scan, tag++) != '$')
        return place;
    const char *end = memmem(scan->text + tag, scan->size - tag, scan->text + place, tag - place);
    size_t stop = end != NULL ? (size_t)(end - scan->text) : scan->size;
    add(scan, tag, stop);
    return stop;
}

/* take_bare adds a value without quotes, as connection strings have them. */
static size_t
take_bare(struct scan *scan, size_t place)
{
    size_t end = place;

    while (end < scan->size && strchr(" \t\r\n'\"&;,)", scan->text[end]) == NULL)
        end++;
    add(scan, place, end);
    return end;
}

/*
 * take_value adds the value behind a word for passwords, if there is one: a constant at once or
 * behind = or :, anything behind = or : that touches both.
 */
static size_t
take_value(struct scan *scan, size_t place)
{
    size_t word_end = place;

    if (at(scan, place) == '"' || at(scan, place) == '\'') /* "password": 'x', 'password', 'x' */
        place++;
    place = skip_blank(scan, place);
    bool said = strchr("=:,", at(scan, place)) != NULL && at(scan, place) != '\0';
    bool touches = said && place == word_end && at(scan, place) != ',';
    if (said)
        place = skip_blank(scan, place + 1 + (at(scan, place + 1) == '>'));
    char c = at(scan, place);
    if ((c == 'E' || c == 'e' || c == 'N' || c == 'n') && at(scan, place + 1) == '\'')
        c = at(scan, ++place);
    if ((c == 'U' || c == 'u') && at(scan, place + 1) == '&' && at(scan, place + 2) == '\'')
        c = at(scan, place += 2);
    if (c == '\'' && take_doubled(scan, &place))
        return place;
    if (c == '\'' || (c == '"' && said))
        return take_quoted(scan, place);
    if (c == '$')
        return take_dollars(scan, place);
    return touches && c != '\0' && !isspace((unsigned char)c) ? take_bare(scan, place) : place;
}

/* take_url adds the password of scheme://user:password@host, if that stands at a "://". */
static size_t
take_url(struct scan *scan, size_t place)
{
    size_t start = place + 3, end = start, colon = 0, last = 0;

    while (end < scan->size && !isspace((unsigned char)scan->text[end]) &&
           strchr("'\"<>;", scan->text[end]) == NULL) {
        if (scan->text[end] == ':' && colon == 0)
            colon = end + 1;
        if (scan->text[end] == '@')
            last = end;
        end++;
    }
    if (colon != 0 && last > colon)
        add(scan, colon, last);
    return last > start ? last : start;
}

struct lk_spans
lk_secrets_find(TALLOC_CTX *mem, const char *text, size_t size)
{
    struct scan scan = {.mem = mem, .text = text, .size = size};

    for (size_t place = 0; place < size;) {
        size_t word = text[place] == 'p' || text[place] == 'P' ? word_at(&scan, place) : 0;
        if (word > 0)
            place = take_value(&scan, place + word);
        else if (text[place] == ':' && at(&scan, place + 1) == '/' && at(&scan, place + 2) == '/')
            place = take_url(&scan, place);
        else
            place++;
    }
    return scan.spans;
}

void
lk_secrets_blot(char *text, size_t offset, const struct lk_spans *secrets)
{
    size_t size = strlen(text);

    lk_vec_foreach(span, &secrets->items)
        for (size_t place = LK_MAX(span->start, offset);
             place < LK_MIN((size_t)span->end, offset + size); place++)
            text[place - offset] = '*';
}

/* replace returns a text with asterisks for every occurrence of a secret. */
static char *
replace(TALLOC_CTX *mem, const char *text, const char *secret, size_t length)
{
    struct lk_buf hidden = lk_buf_init(mem);

    while (*text != '\0') {
        if (strncmp(text, secret, length) == 0) {
            lk_buf_add(&hidden, "********");
            text += length;
        } else {
            lk_buf_addc(&hidden, *text++);
        }
    }
    return hidden.data;
}

char *
lk_secrets_hide(TALLOC_CTX *mem, const char *text, const char *sql)
{
    if (text == NULL)
        return NULL;
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    char *hidden = lk_strdup(mem, text);
    struct lk_spans own = lk_secrets_find(scratch, hidden, strlen(hidden));
    lk_secrets_blot(hidden, 0, &own);
    if (sql == NULL)
        return hidden;
    struct lk_spans others = lk_secrets_find(scratch, sql, strlen(sql));
    lk_vec_foreach(span, &others.items)
        if (span->end - span->start >= SHORTEST)
            hidden = replace(mem, hidden, sql + span->start, span->end - span->start);
    return hidden;
}

const struct lk_spans *
lk_source_secrets(struct lk_source *source)
{
    if (source->secrets == NULL) {
        source->secrets = lk_new(source, struct lk_spans);
        *source->secrets = lk_secrets_find(source, source->original, source->size);
    }
    return source->secrets;
}
