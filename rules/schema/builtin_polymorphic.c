/*
 * rules/schema/builtin_polymorphic.c
 *     What anyelement, anycompatible and their families stand for in a call; the rules are those of
 *     the documentation (38.2.5, polymorphic types) and of check_generic_type_consistency and
 *     enforce_generic_type_consistency (src/backend/parser/parse_coerce.c).
 */
#include "rules/schema/builtin_private.h"

/* What is known of a family of polymorphic arguments; LK_BT_NONE: nothing yet. */
struct family {
    uint16_t element;
    uint16_t array;
    uint16_t range;
    uint16_t multirange;
    bool used;      /* there are arguments of it */
    bool opaque;    /* one of them could not be told */
    bool non_array; /* the element may be no array */
    bool is_enum;   /* the element has to be an enum */
};

#define MAX_COMPATIBLE 100

/* The arguments that have to find a common type. */
struct compatible {
    struct family family;
    uint16_t types[MAX_COMPATIBLE];
    size_t count;
};

/* agree notes a type, or returns whether it is the one noted. */
static bool
agree(uint16_t *noted, uint16_t type)
{
    if (*noted == LK_BT_NONE)
        *noted = type;
    return *noted == type;
}

static bool
is_type(uint16_t type, char typtype)
{
    return lk_builtin_typtype(type) == typtype;
}

static bool
add_simple(struct family *family, uint16_t actual, uint16_t declared)
{
    uint16_t base = lk_builtin_base(actual);

    family->non_array |= declared == LK_BT_anynonarray;
    family->is_enum |= declared == LK_BT_anyenum;
    family->used = true;
    if (actual == LK_BT_unknown)
        return true;
    if (lk_builtin_is_opaque(actual)) {
        family->opaque = true;
        return true;
    }
    switch (declared) {
    case LK_BT_anyarray:
        return agree(&family->array, base);
    case LK_BT_anyrange:
        return agree(&family->range, base);
    case LK_BT_anymultirange:
        return agree(&family->multirange, base);
    default:
        return agree(&family->element, actual);
    }
}

static bool
add_compatible(struct compatible *all, uint16_t actual, uint16_t declared)
{
    struct family *family = &all->family;
    uint16_t base = lk_builtin_base(actual), part = actual;

    family->non_array |= declared == LK_BT_anycompatiblenonarray;
    family->used = true;
    if (actual == LK_BT_unknown)
        return true;
    if (lk_builtin_is_opaque(actual)) {
        family->opaque = true;
        return true;
    }
    if (declared == LK_BT_anycompatiblearray) {
        part = lk_builtin_element(base);
    } else if (declared == LK_BT_anycompatiblerange) {
        if (!is_type(base, 'r') || !agree(&family->range, base))
            return false;
        part = lk_builtin_related(base);
    } else if (declared == LK_BT_anycompatiblemultirange) {
        if (!is_type(base, 'm') || !agree(&family->multirange, base))
            return false;
        part = lk_builtin_related(lk_builtin_related(base));
    }
    if (part == LK_BT_NONE)
        return false;
    if (all->count < MAX_COMPATIBLE)
        all->types[all->count++] = part;
    return true;
}

/* range_of returns the range that a multirange consists of or the other way round. */
static uint16_t
multirange_of(uint16_t range)
{
    for (uint16_t type = LK_BT_NONE + 1; type < LK_BT_COUNT; type++)
        if (is_type(type, 'm') && lk_builtin_related(type) == range)
            return type;
    return LK_BT_NONE;
}

static bool
join_ranges(struct family *family)
{
    if (family->multirange != LK_BT_NONE &&
        (!is_type(family->multirange, 'm') ||
         !agree(&family->range, lk_builtin_related(family->multirange))))
        return false;
    return family->range == LK_BT_NONE ||
           (is_type(family->range, 'r') &&
            agree(&family->element, lk_builtin_related(family->range)));
}

static bool
check_element(const struct family *family)
{
    uint16_t element = family->element;

    if (element == LK_BT_NONE)
        return !family->is_enum || family->opaque;
    if (family->non_array && lk_builtin_element(lk_builtin_base(element)) != LK_BT_NONE)
        return false;
    return !family->is_enum || is_type(element, 'e');
}

static bool
finish_simple(struct family *family)
{
    if (family->array != LK_BT_NONE) {
        uint16_t element = lk_builtin_element(family->array);
        if (element == LK_BT_NONE || !agree(&family->element, element))
            return false;
    }
    return join_ranges(family) && check_element(family);
}

static bool
finish_compatible(struct compatible *all, unsigned version)
{
    struct family *family = &all->family;

    if (family->opaque || !family->used)
        return true;
    /* nothing but literals is text, unless a range says what it is made of */
    family->element = all->count == 0 ? (uint16_t)LK_BT_text
                                      : lk_builtin_common_type(all->types, all->count, version);
    if (family->element == LK_BT_NONE || lk_builtin_is_opaque(family->element))
        return family->element != LK_BT_NONE;
    if (family->multirange != LK_BT_NONE &&
        !agree(&family->range, lk_builtin_related(family->multirange)))
        return false;
    if (family->range != LK_BT_NONE && lk_builtin_related(family->range) != family->element)
        return false;
    return check_element(family);
}

/* stands_for returns what a declared type is in a call, LK_BT_NONE where nothing tells. */
static uint16_t
stands_for(const struct family *family, uint16_t declared)
{
    uint16_t element = family->element;

    switch (declared) {
    case LK_BT_anyarray:
        return family->array != LK_BT_NONE ? family->array : lk_builtin_array(element);
    case LK_BT_anycompatiblearray:
        return lk_builtin_array(element);
    case LK_BT_anyrange:
    case LK_BT_anycompatiblerange:
        return family->range;
    case LK_BT_anymultirange:
    case LK_BT_anycompatiblemultirange:
        return family->multirange != LK_BT_NONE ? family->multirange : multirange_of(family->range);
    default:
        return element;
    }
}

static bool
is_compatible(uint16_t declared)
{
    return declared == LK_BT_anycompatible || declared == LK_BT_anycompatiblearray ||
           declared == LK_BT_anycompatiblenonarray || declared == LK_BT_anycompatiblerange ||
           declared == LK_BT_anycompatiblemultirange;
}

/* is_told returns whether the other arguments say what a literal is passed as. */
static bool
is_told(const struct family *family, uint16_t declared)
{
    return family->opaque || stands_for(family, declared) != LK_BT_NONE;
}

uint16_t
lk_polymorphic_result(const uint16_t *actual, const uint16_t *declared, size_t count,
                      uint16_t result, unsigned version)
{
    struct family simple = {0};
    struct compatible compatible = {0};

    for (size_t i = 0; i < count; i++) {
        if (!lk_builtin_is_polymorphic(declared[i]))
            continue;
        if (is_compatible(declared[i]) ? !add_compatible(&compatible, actual[i], declared[i])
                                       : !add_simple(&simple, actual[i], declared[i]))
            return LK_BT_NONE;
    }
    if (!finish_simple(&simple) || !finish_compatible(&compatible, version))
        return LK_BT_NONE;
    if (result == LK_BT_NONE)
        return LK_BT_OPAQUE; /* they fit, that is all that was asked */
    if (!simple.used && !compatible.family.used)
        return result;
    for (size_t i = 0; i < count; i++)
        if (lk_builtin_is_polymorphic(declared[i]) && actual[i] == LK_BT_unknown &&
            !is_told(is_compatible(declared[i]) ? &compatible.family : &simple, declared[i]))
            return LK_BT_NONE;
    if (!lk_builtin_is_polymorphic(result))
        return result;
    const struct family *family = is_compatible(result) ? &compatible.family : &simple;
    return family->opaque ? (uint16_t)LK_BT_OPAQUE : stands_for(family, result);
}
