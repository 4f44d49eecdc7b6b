/*
 * parser/version.c
 *     Versions: see version.h.
 *
 * Source of the order: Flyway, MigrationVersion (parts are BigIntegers, trailing zero parts are
 * removed before comparing).
 */
#include "parser/version.h"

/* One part: its digits without leading zeros (none for 0). */
struct part {
    const char *digits;
    size_t length;
};

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* next_part takes the part at *text, moving behind it and its dot; at the end it returns 0. */
static struct part
next_part(const char **text)
{
    const char *at = *text;

    while (*at == '0')
        at++;
    struct part part = {at, 0};
    while (is_digit(*at))
        at++;
    part.length = (size_t)(at - part.digits);
    *text = *at == '.' ? at + 1 : at;
    return part;
}

size_t
lk_version_length(const char *text, bool dotted)
{
    size_t length = 0;

    while (is_digit(text[length]))
        length++;
    while (dotted && length > 0 && (text[length] == '.' || text[length] == '_') &&
           is_digit(text[length + 1])) {
        length++;
        while (is_digit(text[length]))
            length++;
    }
    return length;
}

struct lk_version
lk_version_new(TALLOC_CTX *mem, const char *text, size_t length)
{
    char *copy = lk_strndup(mem, text, length);

    for (char *at = copy; *at != '\0'; at++)
        if (*at == '_')
            *at = '.';
    return (struct lk_version){.text = copy};
}

static int
compare_parts(struct part a, struct part b)
{
    if (a.length != b.length)
        return a.length < b.length ? -1 : 1;
    return memcmp(a.digits, b.digits, a.length);
}

/* is_numeric returns whether a version is numbers with dots between them, or nothing. */
static bool
is_numeric(const char *text)
{
    const char *at = text;
    bool digit = false;

    for (; is_digit(*at) || (*at == '.' && digit); at++)
        digit = *at != '.';
    return *at == '\0' && (digit || at == text);
}

int
lk_version_compare(struct lk_version a, struct lk_version b)
{
    if (a.text == NULL || b.text == NULL)
        return (a.text == NULL) - (b.text == NULL);
    if (a.rank != 0 && b.rank != 0 && a.rank != b.rank)
        return a.rank < b.rank ? -1 : 1;
    if (a.by_text || b.by_text || !is_numeric(a.text) || !is_numeric(b.text))
        return strcmp(a.text, b.text);
    const char *left = a.text, *right = b.text;
    while (*left != '\0' || *right != '\0') {
        int order = compare_parts(next_part(&left), next_part(&right));
        if (order != 0)
            return order;
    }
    return 0;
}

/* is_successor returns whether `b` is `a` plus one, in decimal digits. */
static bool
is_successor(struct part a, struct part b)
{
    size_t nines = 0;

    while (nines < a.length && a.digits[a.length - 1 - nines] == '9')
        nines++;
    if (nines == a.length) { /* 9, 99, and nothing (0) become 10, 100, 1 */
        if (b.length != a.length + 1 || b.digits[0] != '1')
            return false;
        for (size_t i = 1; i < b.length; i++)
            if (b.digits[i] != '0')
                return false;
        return true;
    }
    size_t kept = a.length - nines - 1;
    if (b.length != a.length || memcmp(a.digits, b.digits, kept) != 0 ||
        b.digits[kept] != a.digits[kept] + 1)
        return false;
    for (size_t i = kept + 1; i < b.length; i++)
        if (b.digits[i] != '0')
            return false;
    return true;
}

bool
lk_version_follows(struct lk_version a, struct lk_version b)
{
    const char *left = a.text, *right = b.text;

    if (a.by_text || b.by_text || !is_numeric(a.text) || !is_numeric(b.text)) {
        if (!is_digit(*left) || !is_digit(*right))
            return true;
        struct part from = next_part(&left), to = next_part(&right);
        return compare_parts(from, to) == 0 || is_successor(from, to);
    }
    for (;;) {
        struct part from = next_part(&left);
        struct part to = next_part(&right);

        if (*left == '\0' && *right == '\0')
            return is_successor(from, to);
        if (compare_parts(from, to) != 0) /* a new first part: 1.9 to 2, 1.9 to 2.0 */
            return is_successor(from, to);
    }
}

size_t
lk_version_parts(struct lk_version version)
{
    size_t count = 1;

    for (const char *at = version.text; *at != '\0'; at++)
        count += *at == '.';
    return count;
}

size_t
lk_version_digits(struct lk_version version, size_t index)
{
    const char *at = version.text;
    size_t digits = 0;

    for (; index > 0 && *at != '\0'; at++)
        index -= *at == '.';
    while (is_digit(at[digits]))
        digits++;
    return digits;
}
