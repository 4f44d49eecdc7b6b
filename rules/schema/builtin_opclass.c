/*
 * rules/schema/builtin_opclass.c
 *     Access methods and operator classes of the server's own: see builtin.h.
 */
#include <string.h>

#include "rules/schema/builtin_private.h"

/* clang-format off: a table is the strings of all its lines */
#define LK_OPCLASS(type, method, name, is_default, versions)                                       \
    type "\t" method "\t" name "\t" is_default "\t" versions "\n"
static const char opclass_text[] =
#include "rules/schema/builtin_opclasses.def"
    ;
/* clang-format on */

static const struct lk_rows opclasses = {opclass_text, sizeof(opclass_text) - 1};

/* Source: the handlers of the access methods, as bthandler() in src/backend/access/nbtree/. */
static const struct lk_builtin_method_traits methods[] = {
    {"brin", LK_METHOD_MULTICOLUMN},
    {"btree", LK_METHOD_ORDER | LK_METHOD_UNIQUE | LK_METHOD_MULTICOLUMN | LK_METHOD_INCLUDE |
                  LK_METHOD_EXCLUDE},
    {"gin", LK_METHOD_MULTICOLUMN},
    {"gist", LK_METHOD_MULTICOLUMN | LK_METHOD_INCLUDE | LK_METHOD_EXCLUDE},
    {"hash", LK_METHOD_EXCLUDE},
    {"spgist", LK_METHOD_INCLUDE | LK_METHOD_EXCLUDE},
};

const struct lk_builtin_method_traits *
lk_builtin_method(const char *name)
{
    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
        if (strcmp(methods[i].name, name) == 0)
            return &methods[i];
    return NULL;
}

/*
 * accepts returns whether an operator class for one type takes another, and what it is.
 * Source: IsBinaryCoercible(), src/backend/parser/parse_coerce.c.
 */
static bool
accepts(uint16_t type, uint16_t declared, unsigned version)
{
    if (type == declared)
        return true;
    switch (declared) {
    case LK_BT_anyarray:
        return (type & LK_BT_ARRAY) != 0 || lk_builtin_element(type) != LK_BT_NONE;
    case LK_BT_anyenum:
        return lk_builtin_typtype(type) == 'e';
    case LK_BT_anyrange:
        return lk_builtin_typtype(type) == 'r';
    case LK_BT_anymultirange:
        return lk_builtin_typtype(type) == 'm';
    case LK_BT_record:
        return lk_builtin_typtype(type) == 'c';
    default:
        break;
    }
    struct lk_builtin_cast cast = lk_builtin_cast(type, declared, version);
    return cast.method == LK_BUILTIN_RELABEL && cast.context == LK_BUILTIN_IMPLICIT;
}

/* declared_name returns the name of the type that operator classes for a type are declared for. */
static const char *
declared_name(uint16_t type)
{
    const struct lk_builtin_type *info;

    if ((type & LK_BT_ARRAY) != 0)
        return "anyarray";
    switch (lk_builtin_typtype(type)) {
    case 'e':
        return "anyenum";
    case 'c':
        return "record";
    case 'r':
        return "anyrange";
    case 'm':
        return "anymultirange";
    default:
        info = lk_builtin_type_info(type);
        return info != NULL ? info->name : "";
    }
}

/* is_for returns whether a row is of an operator class that is asked for. */
static bool
is_for(const struct lk_row *row, const char *method, const char *name, unsigned version)
{
    return lk_builtin_same(row->field[1], method) &&
           (name != NULL ? lk_builtin_same(row->field[2], name) : row->field[3].length > 0) &&
           lk_row_has(row->field[4], version);
}

static enum lk_provides
look_for(const char *method, const char *name, uint16_t type, unsigned version, bool *ret_named)
{
    struct lk_row row;

    type = lk_builtin_base(type);
    const char *declared = declared_name(type); /* most are found by it */
    for (const char *at = NULL; lk_row_next(&opclasses, declared, at, &row); at = row.next)
        if (is_for(&row, method, name, version)) {
            *ret_named = true;
            return LK_PROVIDES_YES;
        }
    for (const char *at = opclasses.text; lk_row_read(&opclasses, at, &row); at = row.next) {
        if (!is_for(&row, method, name, version))
            continue;
        *ret_named = true;
        if (accepts(type, lk_builtin_type_text(row.field[0]), version))
            return LK_PROVIDES_YES;
    }
    return LK_PROVIDES_NO;
}

/* The default operator classes that were asked for last: most are of few types. */
struct asked_for {
    char method[8];
    uint16_t type, version;
    uint8_t answer;
};

#define ASKED_FOR 64

static _Thread_local struct asked_for asked_for[ASKED_FOR];

enum lk_provides
lk_builtin_opclass(const char *method, const char *name, uint16_t type, unsigned version,
                   bool *ret_named)
{
    struct asked_for *it = &asked_for[(type * 7u + (unsigned char)method[1]) % ASKED_FOR];

    *ret_named = false;
    if (type == LK_BT_NONE || type == LK_BT_unknown || lk_builtin_is_opaque(type))
        return LK_PROVIDES_UNKNOWN;
    if (name != NULL || strlen(method) >= sizeof(it->method))
        return look_for(method, name, type, version, ret_named);
    if (it->type != type || it->version != version || strcmp(it->method, method) != 0) {
        *it =
            (struct asked_for){.type = type,
                               .version = (uint16_t)version,
                               .answer = (uint8_t)look_for(method, NULL, type, version, ret_named)};
        memcpy(it->method, method, strlen(method) + 1);
    }
    return (enum lk_provides)it->answer;
}
