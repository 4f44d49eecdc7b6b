/*
 * rules/schema/builtin_cast.c
 *     Casts, and the common type of several expressions: see builtin.h. The order of questions is
 *     that of find_coercion_pathway and select_common_type (src/backend/parser/parse_coerce.c).
 */
#include "rules/schema/builtin_private.h"

static const struct cast {
    uint16_t source, target; /* which they are sorted by */
    char how[4];
    char versions[6];
} casts[] = {
#define LK_CAST(source, target, how, versions) {LK_BT_##source, LK_BT_##target, how, versions},
#include "rules/schema/builtin_casts.def"
#undef LK_CAST
};

static const struct lk_builtin_cast no_cast = {LK_BUILTIN_NO_CAST, LK_BUILTIN_EXPLICIT, 'i'};
static const struct lk_builtin_cast relabel = {LK_BUILTIN_RELABEL, LK_BUILTIN_IMPLICIT, 'i'};
static const struct lk_builtin_cast untold = {LK_BUILTIN_UNKNOWN_CAST, LK_BUILTIN_EXPLICIT, '?'};

/* io_volatility returns that of printing one type and reading the other: arrays are STABLE. */
static char
io_volatility(uint16_t from, uint16_t to)
{
    const struct lk_builtin_type *source = lk_builtin_type_info(from);
    const struct lk_builtin_type *target = lk_builtin_type_info(to);

    if (source == NULL || target == NULL)
        return 's';
    char out = source->volatility[1], in = target->volatility[0];
    return out > in ? out : in; /* i < s < v */
}

/* first_cast returns the number of the first cast between two types, or of one behind it. */
static size_t
first_cast(uint16_t from, uint16_t to)
{
    size_t low = 0, high = LK_ARRAY_SIZE(casts);

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct cast *cast = &casts[middle];
        if (cast->source < from || (cast->source == from && cast->target < to))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* declared_cast looks into pg_cast; false where it has no row for the two. */
static bool
declared_cast(uint16_t from, uint16_t to, unsigned version, struct lk_builtin_cast *ret)
{
    for (size_t i = first_cast(from, to);
         i < LK_ARRAY_SIZE(casts) && casts[i].source == from && casts[i].target == to; i++) {
        const char *how = casts[i].how;
        if (!lk_row_has((struct lk_builtin_name){casts[i].versions, strlen(casts[i].versions)},
                        version))
            continue;
        ret->context = how[0] == 'i'   ? LK_BUILTIN_IMPLICIT
                       : how[0] == 'a' ? LK_BUILTIN_ASSIGNMENT
                                       : LK_BUILTIN_EXPLICIT;
        ret->method = how[1] == 'b'   ? LK_BUILTIN_RELABEL
                      : how[1] == 'i' ? LK_BUILTIN_IO
                                      : LK_BUILTIN_CALL;
        ret->volatility = how[2] != '\0' ? how[2] : how[1] == 'i' ? io_volatility(from, to) : 'i';
        return true;
    }
    return false;
}

/* io_cast is what the server falls back to: through text, to strings and from them. */
static struct lk_builtin_cast
io_cast(uint16_t from, uint16_t to)
{
    struct lk_builtin_cast ret = {LK_BUILTIN_IO, LK_BUILTIN_ASSIGNMENT, io_volatility(from, to)};

    if (lk_builtin_category(to) == 'S')
        return ret;
    ret.context = LK_BUILTIN_EXPLICIT;
    return lk_builtin_category(from) == 'S' ? ret : no_cast;
}

static struct lk_builtin_cast
any_cast(uint16_t from, uint16_t to, unsigned version)
{
    struct lk_builtin_cast ret = no_cast;

    from = lk_builtin_base(from);
    to = lk_builtin_base(to);
    if (from == to && !lk_builtin_is_opaque(from))
        return relabel;
    if (lk_builtin_is_opaque(from) || lk_builtin_is_opaque(to))
        return untold;
    /* pseudo-types have no input or output of values */
    if (declared_cast(from, to, version, &ret))
        return ret;
    if ((from & LK_BT_ARRAY || lk_builtin_element(from) != LK_BT_NONE) && to & LK_BT_ARRAY) {
        ret = any_cast(lk_builtin_element(from), lk_builtin_element(to), version);
        if (ret.method == LK_BUILTIN_RELABEL || ret.method == LK_BUILTIN_IO)
            ret.method = LK_BUILTIN_CALL;
        if (ret.method != LK_BUILTIN_NO_CAST)
            return ret;
    }
    return io_cast(from, to);
}

struct lk_builtin_cast
lk_cast_path(uint16_t from, uint16_t to, enum lk_builtin_context context, unsigned version)
{
    struct lk_builtin_cast ret = any_cast(from, to, version);

    if (ret.method == LK_BUILTIN_NO_CAST || ret.method == LK_BUILTIN_UNKNOWN_CAST ||
        ret.context <= context)
        return ret;
    return no_cast;
}

struct lk_builtin_cast
lk_builtin_cast(uint16_t from, uint16_t to, unsigned version)
{
    bool composite = lk_builtin_typtype(from) == 'c';

    if (from == to && !lk_builtin_is_opaque(from))
        return relabel;
    if (from == LK_BT_unknown)
        return (struct lk_builtin_cast){LK_BUILTIN_IO, LK_BUILTIN_IMPLICIT, 'i'};
    if (composite && to == LK_BT_record)
        return relabel;
    if (from == LK_BT_record && lk_builtin_typtype(to) == 'c')
        return untold; /* it depends on the fields */
    return any_cast(from, to, version);
}

/* passes returns whether one argument can be passed as another type that is not polymorphic. */
static bool
passes(uint16_t from, uint16_t to, unsigned version)
{
    if (from == to || to == LK_BT_any || from == LK_BT_unknown || lk_builtin_is_opaque(from))
        return true;
    if (lk_builtin_typtype(from) == 'c' && to == LK_BT_record)
        return true;
    if (to == (LK_BT_record | LK_BT_ARRAY) && lk_builtin_typtype(lk_builtin_element(from)) == 'c')
        return true;
    return lk_cast_path(from, to, LK_BUILTIN_IMPLICIT, version).method != LK_BUILTIN_NO_CAST;
}

bool
lk_coercible(const uint16_t *from, const uint16_t *to, size_t count, unsigned version)
{
    bool generic = false;

    for (size_t i = 0; i < count; i++) {
        if (lk_builtin_is_polymorphic(to[i]))
            generic = true;
        else if (!passes(from[i], to[i], version))
            return false;
    }
    return !generic || lk_polymorphic_result(from, to, count, LK_BT_NONE, version) != LK_BT_NONE;
}

uint16_t
lk_builtin_common_type(const uint16_t *types, size_t count, unsigned version)
{
    bool same = count > 0, opaque = false;

    for (size_t i = 0; i < count; i++) {
        same &= types[i] == types[0];
        opaque |= lk_builtin_is_opaque(types[i]);
    }
    if (opaque || count == 0)
        return LK_BT_OPAQUE;
    if (same && types[0] != LK_BT_unknown)
        return types[0]; /* the only way that a domain comes out */
    uint16_t best = lk_builtin_base(types[0]);
    for (size_t i = 1; i < count; i++) {
        uint16_t type = lk_builtin_base(types[i]);
        if (type == LK_BT_unknown || type == best)
            continue;
        if (best == LK_BT_unknown)
            best = type;
        else if (lk_builtin_category(type) != lk_builtin_category(best))
            return LK_BT_NONE;
        else if (!lk_builtin_is_preferred(best) && lk_coercible(&best, &type, 1, version) &&
                 !lk_coercible(&type, &best, 1, version))
            best = type;
    }
    if (best == LK_BT_unknown)
        return LK_BT_text;
    for (size_t i = 0; i < count; i++)
        if (!lk_coercible(&types[i], &best, 1, version))
            return LK_BT_NONE;
    return best;
}
