/*
 * rules/schema/listing_compare.c
 *     Comparing listings: see listing.h.
 */
#include "rules/schema/listing.h"

int
lk_row_order(const struct lk_row *a, const struct lk_row *b)
{
    int result = strcmp(a->kind, b->kind);

    if (result == 0)
        result = strcmp(a->identity, b->identity);
    return result == 0 ? strcmp(a->property, b->property) : result;
}

static int
by_key(const void *a, const void *b)
{
    return lk_row_order(a, b);
}

/* unquote removes the quotes of names that need none: which words are reserved differs. */
static void
unquote(char *text)
{
    char *to = text;

    for (const char *at = text; *at != '\0';) {
        size_t length = *at == '"' ? strcspn(at + 1, "\"") : 0;
        size_t plain = *at == '"' ? strspn(at + 1, "abcdefghijklmnopqrstuvwxyz0123456789_") : 0;
        bool is_plain = length > 0 && plain == length && at[1 + length] == '"' &&
                        strchr("0123456789", at[1]) == NULL && (at == text || at[-1] != '"');
        size_t skip = is_plain;
        at += skip;
        length = is_plain ? length : 1;
        memmove(to, at, length);
        to += length;
        at += length + skip;
    }
    *to = '\0';
}

static void
unquote_names(TALLOC_CTX *mem, struct lk_row_names *names)
{
    for (size_t i = 0; i < names->items.count; i++) {
        char *identity = lk_strdup(mem, names->items.items[i]);
        unquote(identity);
        names->items.items[i] = identity;
    }
}

void
lk_rows_sort(TALLOC_CTX *mem, struct lk_rows *rows)
{
    lk_vec_foreach(row, &rows->items) {
        char *identity = lk_strdup(mem, row->identity), *value = lk_strdup(mem, row->value);
        unquote(identity);
        row->identity = identity;
        if (strcmp(row->property, "comment") != 0)
            unquote(value);
        row->value = value;
    }
    unquote_names(mem, &rows->vague);
    unquote_names(mem, &rows->doubtful);
    if (rows->items.count > 0)
        qsort(rows->items.items, rows->items.count, sizeof(rows->items.items[0]), by_key);
}

/* is_vague returns whether a row is of a part of a relation that is not known as a whole. */
static bool
is_vague(const struct lk_row_names *names, const char *identity)
{
    lk_vec_foreach(vague, &names->items) {
        size_t length = strlen(*vague);
        if (strncmp(identity, *vague, length) == 0 &&
            (identity[length] == '\0' || identity[length] == '.'))
            return true;
    }
    return false;
}

/* may_be_made returns whether a row is of what a statement that is not known may have brought. */
static bool
may_be_made(const struct lk_row *server, const struct lk_row *replay)
{
    static const char *const properties[] = {"grants", "owner", "row security"};

    for (size_t i = 0; server != NULL && i < LK_ARRAY_SIZE(properties); i++)
        if (strcmp(server->property, properties[i]) == 0)
            return true;
    return replay == NULL;
}

static enum lk_row_match
match_of(const struct lk_rows *replay, const struct lk_row *a, const struct lk_row *b)
{
    if (a != NULL && b != NULL && strcmp(a->value, b->value) == 0)
        return LK_ROW_EQUAL;
    if ((b != NULL && strchr(b->value, '?') != NULL) ||
        (b == NULL && is_vague(&replay->vague, a->identity)) ||
        (replay->doubted && may_be_made(a, b)) ||
        is_vague(&replay->doubtful, a != NULL ? a->identity : b->identity))
        return LK_ROW_UNKNOWN;
    return LK_ROW_DIFFERENT;
}

void
lk_rows_compare(const struct lk_rows *server, const struct lk_rows *replay,
                void (*visit)(void *data, const struct lk_row *server, const struct lk_row *replay,
                              enum lk_row_match match),
                void *data)
{
    size_t i = 0, k = 0;

    while (i < server->items.count || k < replay->items.count) {
        const struct lk_row *a = i < server->items.count ? &server->items.items[i] : NULL;
        const struct lk_row *b = k < replay->items.count ? &replay->items.items[k] : NULL;
        int way = a == NULL ? 1 : (b == NULL ? -1 : lk_row_order(a, b));
        i += way <= 0;
        k += way >= 0;
        a = way <= 0 ? a : NULL;
        b = way >= 0 ? b : NULL;
        visit(data, a, b, match_of(replay, a, b));
    }
}
