/*
 * rules/schema/literal_json.c
 *     Whether a text is a JSON value: see literal.h.
 *
 * Escaped code points that jsonb does not take, and numbers that are too large for it, are not
 * looked for. Source: json_lex(), src/common/jsonapi.c.
 */
#include <ctype.h>

#include "rules/schema/literal.h"

#define DEEPEST 512

static const char *
skip_space(const char *at)
{
    return at + strspn(at, " \t\n\r");
}

/* read_string returns what follows a string, NULL where it is none. */
static const char *
read_string(const char *at)
{
    if (*at++ != '"')
        return NULL;
    for (; *at != '"'; at++) {
        if ((unsigned char)*at < ' ')
            return NULL;
        if (*at != '\\')
            continue;
        at++;
        if (*at == '\0' || strchr("\"\\/bfnrtu", *at) == NULL)
            return NULL;
        for (int i = 0; *at == 'u' && i < 4; i++)
            if (!isxdigit((unsigned char)at[1 + i]))
                return NULL;
    }
    return at + 1;
}

static const char *
skip_digits(const char *at)
{
    return at + strspn(at, "0123456789");
}

static const char *
read_number(const char *at)
{
    at += *at == '-';
    if (!isdigit((unsigned char)*at))
        return NULL;
    at = *at == '0' ? at + 1 : skip_digits(at);
    if (*at == '.') {
        if (!isdigit((unsigned char)at[1]))
            return NULL;
        at = skip_digits(at + 1);
    }
    if (*at == 'e' || *at == 'E') {
        at += 1 + (at[1] == '-' || at[1] == '+');
        if (!isdigit((unsigned char)*at))
            return NULL;
        at = skip_digits(at);
    }
    return at;
}

/* read_scalar returns what follows a value that is no object and no array, NULL for none. */
static const char *
read_scalar(const char *at)
{
    static const char *const words[] = {"true", "false", "null"};

    for (size_t i = 0; i < LK_ARRAY_SIZE(words); i++)
        if (strncmp(at, words[i], strlen(words[i])) == 0)
            return at + strlen(words[i]);
    return *at == '"' ? read_string(at) : read_number(at);
}

/* read_key returns what follows the key of a member and the colon, NULL for none. */
static const char *
read_key(const char *at)
{
    at = read_string(at);
    if (at == NULL)
        return NULL;
    at = skip_space(at);
    return *at == ':' ? skip_space(at + 1) : NULL;
}

bool
lk_json_is_valid(const char *text)
{
    char closing[DEEPEST]; /* of what is open */
    size_t depth = 0;
    const char *at = skip_space(text);

    for (;;) {
        /* at a value, behind the key of a member */
        bool opens = *at == '{' || *at == '[';
        if (opens && depth == DEEPEST)
            return true;
        if (opens)
            closing[depth++] = *at == '{' ? '}' : ']';
        at = opens ? skip_space(at + 1) : read_scalar(at);
        if (at == NULL)
            return false;
        at = skip_space(at);
        bool empty = opens && *at == closing[depth - 1];
        if (!opens || empty) {
            for (; depth > 0 && *at == closing[depth - 1]; depth--)
                at = skip_space(at + 1);
            if (depth == 0)
                return *at == '\0';
            if (*at != ',')
                return false;
            at = skip_space(at + 1);
        }
        if (closing[depth - 1] == '}' && (at = read_key(at)) == NULL)
            return false;
    }
}
