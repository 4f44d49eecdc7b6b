/*
 * rules/schema/builtin_type.c
 *     Built-in types: names, categories, elements. See builtin.h.
 */
#include "rules/schema/builtin_private.h"

static const struct lk_builtin_type types[] = {
    [LK_BT_NONE] = {0},
#define LK_TYPE(name, schema, typtype, category, preferred, length, align, storage, volatility,    \
                related, has_array, modifier, collation)                                           \
    {#name,   schema,     typtype, category,  preferred, length,   align,                          \
     storage, volatility, related, has_array, modifier,  collation},
#include "rules/schema/builtin_types.def"
#undef LK_TYPE
};

#define USER_KIND 0x7000

/* find_type returns the type by a name of `length` bytes; the table is sorted by name. */
static uint16_t
find_type(const char *name, size_t length)
{
    size_t low = LK_BT_NONE + 1, high = LK_BT_COUNT;

    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = length > 0 ? types[middle].name[0] - name[0] : 0;
        if (order == 0)
            order = strncmp(types[middle].name, name, length);
        if (order == 0 && types[middle].name[length] == '\0')
            return (uint16_t)middle;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return LK_BT_NONE;
}

uint16_t
lk_builtin_type_text(struct lk_builtin_name text)
{
    bool array = text.length > 2 && text.text[text.length - 1] == ']';
    uint16_t type = find_type(text.text, text.length - (array ? 2 : 0));

    if (type == LK_BT_NONE)
        type = LK_BT_OPAQUE;
    return array ? type | LK_BT_ARRAY : type;
}

uint16_t
lk_builtin_type(const char *schema, const char *name)
{
    bool array = name[0] == '_';
    uint16_t type = find_type(name + array, strlen(name + array));

    if (schema == NULL)
        schema = "pg_catalog";
    if (type == LK_BT_NONE || strcmp(types[type].schema, schema) != 0)
        return LK_BT_NONE;
    return array ? lk_builtin_array(type) : type;
}

uint16_t
lk_builtin_type_of(const struct lk_type *type)
{
    uint16_t found =
        type->number != LK_BT_NONE ? type->number : lk_builtin_type(type->schema, type->name);

    if (found == LK_BT_NONE)
        found = LK_BT_OPAQUE;
    return type->array && (found & LK_BT_ARRAY) == 0 ? found | LK_BT_ARRAY : found;
}

const struct lk_builtin_type *
lk_builtin_type_info(uint16_t type)
{
    return type > LK_BT_NONE && type < LK_BT_COUNT ? &types[type] : NULL;
}

bool
lk_builtin_type_write(uint16_t type, struct lk_type *ret)
{
    const struct lk_builtin_type *info = lk_builtin_type_info(type & (uint16_t)~LK_BT_ARRAY);

    if (info == NULL)
        return false;
    *ret = (struct lk_type){
        .schema = info->schema,
        .name = info->name,
        .number = type & (uint16_t)~LK_BT_ARRAY,
        .array = (type & LK_BT_ARRAY) != 0,
    };
    return true;
}

bool
lk_builtin_is_opaque(uint16_t type)
{
    return (type & (uint16_t)~LK_BT_ARRAY) == LK_BT_OPAQUE;
}

uint16_t
lk_builtin_element(uint16_t type)
{
    if (type & LK_BT_ARRAY)
        return type & (uint16_t)~LK_BT_ARRAY;
    const struct lk_builtin_type *info = lk_builtin_type_info(type);
    return info != NULL && info->category == 'A' ? lk_builtin_related(type) : LK_BT_NONE;
}

uint16_t
lk_builtin_array(uint16_t type)
{
    const struct lk_builtin_type *info = lk_builtin_type_info(type);

    if (type == LK_BT_NONE || (type & LK_BT_ARRAY) || (info != NULL && !info->has_array))
        return LK_BT_NONE;
    return type | LK_BT_ARRAY;
}

uint16_t
lk_builtin_related(uint16_t type)
{
    const struct lk_builtin_type *info = lk_builtin_type_info(type);

    return info == NULL || info->related[0] == '\0' ? LK_BT_NONE
                                                    : lk_builtin_type_text((struct lk_builtin_name){
                                                          info->related, strlen(info->related)});
}

uint16_t
lk_builtin_base(uint16_t type)
{
    const struct lk_builtin_type *info = lk_builtin_type_info(type);

    return info != NULL && info->typtype == 'd' ? lk_builtin_related(type) : type;
}

char
lk_builtin_typtype(uint16_t type)
{
    const struct lk_builtin_type *info = lk_builtin_type_info(type);

    if (info != NULL)
        return info->typtype;
    if (lk_builtin_is_opaque(type))
        return '?';
    if (type & LK_BT_ARRAY)
        return 'b';
    return (type & USER_KIND) == 0x4000 ? 'e' : 'c';
}

char
lk_builtin_category(uint16_t type)
{
    const struct lk_builtin_type *info = lk_builtin_type_info(type);

    if (info != NULL)
        return info->category;
    if (type & LK_BT_ARRAY) /* record[] is a pseudo-type */
        return type == (LK_BT_record | LK_BT_ARRAY) ? 'P' : 'A';
    if (lk_builtin_is_opaque(type))
        return '?';
    return lk_builtin_typtype(type) == 'e' ? 'E' : 'C';
}

bool
lk_builtin_is_preferred(uint16_t type)
{
    const struct lk_builtin_type *info = lk_builtin_type_info(type);

    return info != NULL && info->preferred;
}

bool
lk_builtin_is_polymorphic(uint16_t type)
{
    switch (type) {
    case LK_BT_anyelement:
    case LK_BT_anyarray:
    case LK_BT_anynonarray:
    case LK_BT_anyenum:
    case LK_BT_anyrange:
    case LK_BT_anymultirange:
    case LK_BT_anycompatible:
    case LK_BT_anycompatiblearray:
    case LK_BT_anycompatiblenonarray:
    case LK_BT_anycompatiblerange:
    case LK_BT_anycompatiblemultirange:
        return true;
    default:
        return false;
    }
}
