/*
 * rules/schema/builtin_extension.c
 *     What extensions bring: PostgreSQL's own as servers have them, others by their documentation.
 */
#include "rules/schema/builtin_private.h"

/* clang-format off: a table is the strings of all its lines */
#define LK_EXTENSION(extension, kind, name, arguments, result, flags)                              \
    extension "\t" kind "\t" name "\t" arguments "\t" result "\t" flags "\n"
static const char contrib_text[] =
#include "rules/schema/builtin_contrib.def"
    ;
static const char others_text[] =
#include "rules/schema/builtin_extensions.def"
    ;
/* clang-format on */

static const struct lk_rows tables[] = {
    {contrib_text, sizeof(contrib_text) - 1},
    {others_text, sizeof(others_text) - 1},
};

enum lk_provides
lk_extension_provides(const char *extension, const char *kind, const char *name)
{
    enum lk_provides ret = LK_PROVIDES_UNKNOWN;
    struct lk_row row;

    for (size_t i = 0; i < LK_ARRAY_SIZE(tables); i++) {
        for (const char *at = NULL; lk_row_next(&tables[i], extension, at, &row); at = row.next) {
            ret = LK_PROVIDES_NO;
            if (lk_builtin_same(row.field[1], kind) && lk_builtin_same(row.field[2], name))
                return LK_PROVIDES_YES;
        }
    }
    return ret;
}

/* may_list returns whether a table has an object of an extension, or cannot tell. */
static bool
may_list(const struct lk_rows *table, const char *extension, const char *kind, const char *name,
         bool *known)
{
    struct lk_row row;

    for (const char *at = NULL; lk_row_next(table, extension, at, &row); at = row.next) {
        *known = true;
        if (lk_builtin_same(row.field[1], kind) &&
            (name == NULL || lk_builtin_same(row.field[2], name)))
            return true;
    }
    return false;
}

bool
lk_extension_may_provide(const char *extension, const char *kind, const char *name)
{
    bool contrib = false, other = false;

    if (may_list(&tables[0], extension, kind, name, &contrib) ||
        may_list(&tables[1], extension, kind, name, &other))
        return true;
    if (strcmp(extension, "earthdistance") == 0) /* CREATE EXTENSION ... CASCADE */
        return lk_extension_may_provide("cube", kind, name);
    return !contrib && !(other && (strcmp(kind, "relation") == 0 || strcmp(kind, "schema") == 0));
}

/* table_of returns the table that a place is in. */
static size_t
table_of(const char *at)
{
    size_t i = 0;

    while (i + 1 < LK_ARRAY_SIZE(tables) &&
           !(at >= tables[i].text && at <= tables[i].text + tables[i].size))
        i++;
    return at == NULL ? 0 : i;
}

/* row_with returns the next row that a text stands in, or the table's end. */
static const char *
row_with(const struct lk_rows *table, const char *at, const char *text, size_t length)
{
    const char *end = table->text + table->size;
    const char *found = at < end ? memmem(at, (size_t)(end - at), text, length) : NULL;

    if (found == NULL)
        return end;
    while (found > at && found[-1] != '\n')
        found--;
    return found;
}

bool
lk_extension_next(const char *kind, const char *name, struct lk_extension_object *it)
{
    const char *at = it->next;
    char wanted[128]; /* kinds are short, names have at most 63 bytes */
    struct lk_row row;
    int length = snprintf(wanted, sizeof(wanted), "\t%s\t%s", kind, name);

    if (length < 0 || (size_t)length >= sizeof(wanted))
        return false;
    for (size_t i = table_of(at); i < LK_ARRAY_SIZE(tables); i++, at = NULL) {
        for (const char *place = at == NULL ? tables[i].text : at;; place = row.next) {
            place = row_with(&tables[i], place, wanted, (size_t)length);
            if (!lk_row_read(&tables[i], place, &row))
                break;
            if (!lk_builtin_same(row.field[1], kind) || !lk_builtin_same(row.field[2], name))
                continue;
            *it = (struct lk_extension_object){.extension = row.field[0],
                                               .kind = row.field[1],
                                               .name = row.field[2],
                                               .arguments = row.field[3],
                                               .result = row.field[4],
                                               .next = row.next};
            /* an operator's flags are its volatility, a function's begin with its kind */
            if (row.field[5].length == 1)
                it->volatility = row.field[5].text[0];
            else if (row.field[5].length > 1)
                it->volatility = row.field[5].text[1];
            return true;
        }
    }
    return false;
}
