/*
 * rules/schema/literal_array.c
 *     Strings that are arrays: see literal.h.
 *
 * Source: array_in(), src/backend/utils/adt/arrayfuncs.c.
 */
#include "rules/schema/literal.h"

#include "parser/base/buf.h"

static bool
is_malformed(struct lk_literal *literal)
{
    lk_literal_refuse(literal, "22P02", "malformed array literal: \"%s\"", literal->text);
    return false;
}

/* read_quoted reads "..." behind the first quote; returns what follows, NULL where it is open. */
static const char *
read_quoted(const char *at, struct lk_buf *ret)
{
    for (; *at != '"'; at++) {
        if (*at == '\\')
            at++;
        if (*at == '\0')
            return NULL;
        lk_buf_addc(ret, *at);
    }
    return at + 1;
}

/* read_bare reads what stands without quotes, and returns what follows, NULL where it is open. */
static const char *
read_bare(const char *at, struct lk_buf *ret)
{
    size_t kept = 0; /* space at the end does not count, unless there is a backslash before it */

    for (; strchr(",{}\"", *at) == NULL; at++) {
        bool escaped = *at == '\\';
        at += escaped;
        if (*at == '\0')
            return NULL;
        lk_buf_addc(ret, *at);
        if (escaped || *lk_literal_skip(at) == *at)
            kept = ret->len;
    }
    ret->len = kept;
    if (ret->data != NULL)
        ret->data[kept] = '\0';
    return *at == '\0' ? NULL : at;
}

/*
 * read_element reads an element; returns what follows it, NULL where there is none. `*ret` stays
 * NULL for NULL.
 */
static const char *
read_element(TALLOC_CTX *mem, const char *at, const char **ret)
{
    struct lk_buf text = lk_buf_init(mem);
    bool quoted = *at == '"';

    at = quoted ? read_quoted(at + 1, &text) : read_bare(at, &text);
    if (at == NULL || (!quoted && text.len == 0))
        return NULL;
    if (quoted || strcasecmp(text.data, "null") != 0)
        *ret = text.len > 0 ? text.data : "";
    return lk_literal_skip(at);
}

bool
lk_literal_elements(struct lk_literal *literal, struct lk_array_elements *ret)
{
    const char *at = lk_literal_skip(literal->text);

    if (*at == '[')
        return strchr("+-0123456789", at[1]) != NULL && at[1] != '\0' ? true
                                                                      : is_malformed(literal);
    if (*at != '{')
        return is_malformed(literal);
    at = lk_literal_skip(at + 1);
    if (*at == '}')
        return lk_literal_is_end(at + 1) || is_malformed(literal);
    for (;; at = lk_literal_skip(at + 1)) {
        const char *element = NULL;
        if (*at == '{') {
            ret->items.count = 0;
            return true;
        }
        at = read_element(literal->mem, at, &element);
        if (element != NULL)
            lk_vec_push(literal->mem, &ret->items, element);
        if (at == NULL || (*at != ',' && *at != '}'))
            return is_malformed(literal);
        if (*at == '}')
            return lk_literal_is_end(at + 1) || is_malformed(literal);
    }
}
