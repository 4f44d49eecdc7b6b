/*
 * parser/secret.c
 *     Passwords in SQL: see secret.h.
 */
#include "parser/secret.h"

#include <ctype.h>
#include <strings.h>

#include "parser/base/buf.h"
#include "parser/base/text.h"
#include "parser/secret_private.h"

#define FOLDED 32         /* kinds of characters: a letter is the same, large or small */
#define SHORTEST 3        /* characters of a password that is looked for in other texts */
#define SHORTEST_BEARER 8 /* of a token behind "Bearer" */

struct scan {
    TALLOC_CTX *mem;
    const char *text;
    size_t size;
    bool loaded; /* by a server: what may be an expression stays, but for passwords */
    struct lk_spans spans;
    struct lk_places words; /* where some may stand that lk_secrets_inserted looks for */
};

static char
at(const struct scan *scan, size_t place)
{
    return place < scan->size ? scan->text[place] : '\0';
}

static bool
is_of_word(char c)
{
    return isalnum((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

size_t
lk_secret_word(const char *text, size_t size)
{
    /* by their first letters, longer ones first; some go on as the names of harmless things */
    static const struct word {
        const char *word;
        const char *unless[3];
    } words[FOLDED][6] = {
        ['a' % FOLDED] = {{"apikey", {NULL}},
                          {"api_key", {NULL}},
                          {"api-key", {NULL}},
                          {"accesskey", {NULL}},
                          {"access_key", {NULL}}},
        ['c' % FOLDED] = {{"credential", {NULL}}},
        ['p' % FOLDED] = {{"password", {"_encryption", "_required", "less"}},
                          {"passwd", {NULL}},
                          {"passphrase", {NULL}},
                          {"pwd", {NULL}},
                          {"private_key", {NULL}}},
        ['s' % FOLDED] = {{"secret", {"ar", NULL}}},
        ['t' % FOLDED] = {{"token", {"iz", "is", NULL}}},
    };

    if (size == 0)
        return 0;
    for (const struct word *word = words[(unsigned char)text[0] % FOLDED]; word->word != NULL;
         word++) {
        size_t length = strlen(word->word);
        if (length > size || strncasecmp(text, word->word, length) != 0)
            continue;
        for (size_t k = 0; k < LK_ARRAY_SIZE(word->unless) && word->unless[k] != NULL; k++) {
            size_t more = strlen(word->unless[k]);
            if (length + more <= size && strncasecmp(text + length, word->unless[k], more) == 0)
                return 0;
        }
        return length;
    }
    return 0;
}

/* is_password returns whether a word for secrets is one for passwords, and goes on as nothing. */
static bool
is_password(const char *word, size_t length)
{
    return lk_word_is(word, length, "password") || lk_word_is(word, length, "passwd");
}

/* word_at returns the length of a word for secrets at a place, with what it goes on as, or 0. */
static size_t
word_at(const struct scan *scan, size_t place)
{
    size_t length = lk_secret_word(scan->text + place, scan->size - place);

    while (length > 0 && is_of_word(at(scan, place + length)))
        length++;
    return length;
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
 * is_choice returns whether a place is in a list of words to choose from, ENUM (...), IN (...) or
 * an array: what follows there is another choice.
 */
static bool
is_choice(const struct scan *scan, size_t place)
{
    static const char *const words[] = {"ENUM", "IN"};

    while (place > 0 && strchr("([;", scan->text[place - 1]) == NULL)
        place--;
    if (place == 0 || scan->text[place - 1] != '(')
        return place > 0 && scan->text[place - 1] == '[';
    place--;
    while (place > 0 && isspace((unsigned char)scan->text[place - 1]))
        place--;
    for (size_t i = 0; i < LK_ARRAY_SIZE(words); i++) {
        size_t length = strlen(words[i]);
        if (place > length && !is_of_word(scan->text[place - length - 1]) &&
            strncasecmp(scan->text + place - length, words[i], length) == 0)
            return true;
    }
    return false;
}

/*
 * take_value adds the value behind a word for secrets, if there is one: a constant at once or
 * behind = or :, anything behind = or : that touches both. Of an `option` only the former counts.
 */
static size_t
take_value(struct scan *scan, size_t place, bool option)
{
    size_t word_end = place;

    if (at(scan, place) == '"' || at(scan, place) == '\'') /* "password": 'x', 'password', 'x' */
        place++;
    place = skip_blank(scan, place);
    bool said = strchr("=:,", at(scan, place)) != NULL && at(scan, place) != '\0';
    if (said && (option || (at(scan, place) == ',' && is_choice(scan, word_end))))
        return place;
    bool touches = said && place == word_end && at(scan, place) != ',';
    if (said)
        place = skip_blank(scan, place + 1 + (at(scan, place + 1) == '>'));
    else if (strncasecmp(scan->text + place, "TO", LK_MIN((size_t)2, scan->size - place)) == 0 &&
             place > word_end && isspace((unsigned char)at(scan, place + 2)))
        place = skip_blank(scan, place + 2); /* SET name TO 'x' */
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

/* take_bearer adds what stands behind "Bearer ", as in the header of a request. */
static size_t
take_bearer(struct scan *scan, size_t place)
{
    static const char word[] = "bearer ";
    size_t start = place + strlen(word), end = start;

    if (start > scan->size || strncasecmp(scan->text + place, word, strlen(word)) != 0)
        return place;
    while (end < scan->size &&
           (is_of_word(scan->text[end]) || strchr("-.~+/=", scan->text[end]) != NULL))
        end++;
    if (end - start < SHORTEST_BEARER)
        return place;
    add(scan, start, end);
    return end;
}

/* take_shape adds what looks like a secret by itself: a signed token, a private key. */
static size_t
take_shape(struct scan *scan, size_t place)
{
    static const char token[] = "eyJ", key[] = "PRIVATE KEY-----";
    size_t left = scan->size - place, end = place;

    if (left > strlen(key) && memcmp(scan->text + place, key, strlen(key)) == 0) {
        const char *stop = memmem(scan->text + place, left, "-----END", strlen("-----END"));
        end = stop != NULL ? (size_t)(stop - scan->text) : scan->size;
        add(scan, place + strlen(key), end);
        return end;
    }
    if (left < strlen(token) || memcmp(scan->text + place, token, strlen(token)) != 0)
        return place;
    bool dots = false;
    while (end < scan->size &&
           (is_of_word(scan->text[end]) || scan->text[end] == '-' || scan->text[end] == '.'))
        dots |= scan->text[end++] == '.';
    if (!dots)
        return place;
    add(scan, place, end);
    return end;
}

/* take_key adds the values of a server's "(column, ...)=(value, ...)", if a column is secret. */
static size_t
take_key(struct scan *scan, size_t place)
{
    size_t start = place, end = place + strlen(")=(");
    bool secret = false;

    if (at(scan, place + 1) != '=' || at(scan, place + 2) != '(')
        return place;
    for (; start > 0 && scan->text[start - 1] != '(' && scan->text[start - 1] != '\n'; start--)
        secret |= lk_secret_word(scan->text + start - 1, place - start + 1) > 0;
    if (!secret)
        return place;
    start = end;
    for (size_t i = start; i < scan->size; i++)
        if (scan->text[i] == ')')
            end = i;
    add(scan, start, end);
    return end;
}

/* take_any adds the secret that a place begins, and returns where to go on: behind the place. */
static size_t
take_any(struct scan *scan, size_t place)
{
    size_t end = place;

    switch (scan->text[place]) {
    case ':':
        if (at(scan, place + 1) == '/' && at(scan, place + 2) == '/')
            end = take_url(scan, place);
        break;
    case ')':
        end = take_key(scan, place);
        break;
    case 'b':
    case 'B':
        end = take_bearer(scan, place);
        break;
    case 'e':
        end = take_shape(scan, place);
        break;
    case 'P':
        end = take_shape(scan, place);
        break;
    default:
        break;
    }
    size_t word = end == place ? word_at(scan, place) : 0;
    if (word > 0)
        end =
            take_value(scan, place + word, scan->loaded && !is_password(scan->text + place, word));
    return LK_MAX(end, place + 1);
}

/*
 * What a secret, or a word in front of one, starts with; in front of these the words that
 * lk_secrets_inserted looks for. A full stop stands for anything. No other place is looked at.
 */
#define MARK 4 /* characters */
static const char marks[] = "inse"
                            "cryp"
                            "hmac"
                            "secr"
                            "pass"
                            "pwd."
                            "toke"
                            "api."
                            "acce"
                            "priv"
                            "cred"
                            "bear"
                            "eyj."
                            "://."
                            ")=(.";
#define FIRST UINT64_C(0x1111111111111111) /* of a mark's characters, in a set of those of all */
#define LAST (FIRST << (MARK - 1))
#define INSERTED UINT64_C(0xFFFF) /* the marks for lk_secrets_inserted */

/* read_marks returns in which places of the marks a character can stand: by its low bits. */
static void
read_marks(uint64_t places[FOLDED])
{
    uint64_t anything = 0, bit = 1;

    memset(places, 0, FOLDED * sizeof(*places));
    for (const char *mark = marks; *mark != '\0'; mark++, bit <<= 1)
        *(*mark == '.' ? &anything : &places[(unsigned char)*mark % FOLDED]) |= bit;
    for (size_t i = 0; i < FOLDED; i++)
        places[i] |= anything;
}

/*
 * next_mark returns where the next mark ends, or the end of the text: shift-and, which asks for all
 * of them with each character. `seen` are the marks' characters that end at `at`.
 */
static const char *
next_mark(const char *at, const char *end, const uint64_t places[FOLDED], uint64_t *seen)
{
    uint64_t now = *seen;

    do
        now = (now << 1 | FIRST) & places[(unsigned char)*at++ % FOLDED];
    while ((now & LAST) == 0 && at < end);
    *seen = now;
    return at;
}

static void
find(struct scan *scan)
{
    const char *at = scan->text, *end = scan->text + scan->size;
    uint64_t places[FOLDED], seen = 0;
    size_t behind = 0; /* the last secret */

    read_marks(places);
    while (at < end) {
        at = next_mark(at, end, places, &seen);
        if ((seen & LAST) == 0)
            return;
        size_t start = (size_t)(at - scan->text) - MARK;
        if (seen & LAST & INSERTED)
            lk_vec_push(scan->mem, &scan->words.items, (uint32_t)start);
        if (start >= behind)
            behind = take_any(scan, start);
    }
}

struct lk_spans
lk_secrets_find(TALLOC_CTX *mem, const char *text, size_t size)
{
    struct scan scan = {.mem = mem, .text = text, .size = size};

    find(&scan);
    lk_secrets_inserted(mem, text, size, &scan.words, &scan.spans);
    talloc_free(scan.words.items.items);
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
lk_secrets_hide_known(TALLOC_CTX *mem, const char *text, const char *sql,
                      const struct lk_spans *secrets)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    char *hidden = lk_strdup(mem, text);
    struct lk_spans own = lk_secrets_find(scratch, hidden, strlen(hidden));

    lk_secrets_blot(hidden, 0, &own);
    lk_vec_foreach(span, &secrets->items) {
        size_t length = span->end - span->start;
        if (length >= SHORTEST && memmem(hidden, strlen(hidden), sql + span->start, length) != NULL)
            hidden = replace(mem, hidden, sql + span->start, length);
    }
    return hidden;
}

char *
lk_secrets_hide(TALLOC_CTX *mem, const char *text, const char *sql)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    struct lk_spans known = {0};

    if (text == NULL)
        return NULL;
    if (sql != NULL)
        known = lk_secrets_find(scratch, sql, strlen(sql));
    return lk_secrets_hide_known(mem, text, sql, &known);
}

char *
lk_secrets_hide_passwords(TALLOC_CTX *mem, const char *sql)
{
    char *hidden = lk_strdup(mem, sql);
    struct scan scan = {.mem = hidden, .text = sql, .size = strlen(sql), .loaded = true};

    find(&scan);
    lk_secrets_blot(hidden, 0, &scan.spans);
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
