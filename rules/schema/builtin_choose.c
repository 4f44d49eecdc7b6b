/*
 * rules/schema/builtin_choose.c
 *     Which of several functions or operators a call means: documentation, 10.2 and 10.3;
 *     func_select_candidate (src/backend/parser/parse_func.c).
 */
#include "rules/schema/builtin_private.h"

void
lk_keep_coercible(struct lk_choices *choices, const uint16_t *actual, size_t count,
                  unsigned version)
{
    size_t kept = 0;

    for (size_t i = 0; i < choices->count; i++)
        if (lk_coercible(actual, choices->items[i].args, count, version))
            choices->items[kept++] = choices->items[i];
    choices->count = kept;
}

/* fits returns whether an argument is passed as it is, or as its category's preferred type. */
static bool
fits(uint16_t actual, uint16_t declared, bool preferred)
{
    uint16_t base = lk_builtin_base(actual);

    if (actual == LK_BT_unknown)
        return false;
    return declared == base || (preferred && lk_builtin_is_preferred(declared) &&
                                lk_builtin_category(declared) == lk_builtin_category(base));
}

/* keep_best keeps the choices that take the most arguments so. */
static void
keep_best(struct lk_choices *choices, const uint16_t *actual, size_t count, bool preferred)
{
    size_t best = 0, kept = 0;

    for (size_t i = 0; i < choices->count; i++) {
        size_t matches = 0;
        for (size_t k = 0; k < count; k++)
            matches += fits(actual[k], choices->items[i].args[k], preferred);
        if (matches > best) {
            best = matches;
            kept = 0;
        }
        if (matches == best)
            choices->items[kept++] = choices->items[i];
    }
    choices->count = kept;
}

/* What an argument that is a literal is taken for. */
struct slot {
    char category;
    bool preferred; /* one of the choices takes the preferred type */
};

/* read_slot finds the category for a literal; false where the choices differ. */
static bool
read_slot(const struct lk_choices *choices, size_t place, struct slot *ret)
{
    bool conflict = false;

    *ret = (struct slot){0};
    for (size_t i = 0; i < choices->count; i++) {
        uint16_t type = choices->items[i].args[place];
        char category = lk_builtin_category(type);
        if (ret->category == '\0' || (category == 'S' && ret->category != 'S'))
            *ret = (struct slot){category, lk_builtin_is_preferred(type)};
        else if (category == ret->category)
            ret->preferred |= lk_builtin_is_preferred(type);
        else
            conflict = true;
    }
    return !conflict || ret->category == 'S';
}

/* place_literals keeps the choices that take each literal as its category, if there are any. */
static void
place_literals(struct lk_choices *choices, const uint16_t *actual, size_t count)
{
    struct lk_choices kept = {0};

    for (size_t k = 0; k < count; k++) {
        struct slot slot;
        if (actual[k] == LK_BT_unknown && !read_slot(choices, k, &slot))
            return;
    }
    for (size_t i = 0; i < choices->count; i++) {
        bool keep = true;
        for (size_t k = 0; k < count && keep; k++) {
            uint16_t type = choices->items[i].args[k];
            struct slot slot;
            if (actual[k] != LK_BT_unknown)
                continue;
            read_slot(choices, k, &slot);
            keep = lk_builtin_category(type) == slot.category &&
                   (!slot.preferred || lk_builtin_is_preferred(type));
        }
        if (keep)
            kept.items[kept.count++] = choices->items[i];
    }
    if (kept.count == 0)
        return;
    memcpy(choices->items, kept.items, kept.count * sizeof(kept.items[0]));
    choices->count = kept.count;
}

/* as_the_others takes the literals for what all other arguments are; that may leave one choice. */
static const struct lk_choice *
as_the_others(const struct lk_choices *choices, const uint16_t *actual, size_t count,
              unsigned version)
{
    const struct lk_choice *found = NULL;
    uint16_t known = LK_BT_unknown, all[LK_BUILTIN_MAX_ARGS];

    if (count > LK_ARRAY_SIZE(all))
        return NULL;
    for (size_t k = 0; k < count; k++) {
        uint16_t base = lk_builtin_base(actual[k]);
        if (base == LK_BT_unknown)
            continue;
        if (known != LK_BT_unknown && known != base)
            return NULL;
        known = base;
    }
    if (known == LK_BT_unknown)
        return NULL;
    for (size_t k = 0; k < count; k++)
        all[k] = known;
    for (size_t i = 0; i < choices->count; i++) {
        if (!lk_coercible(all, choices->items[i].args, count, version))
            continue;
        if (found != NULL)
            return NULL;
        found = &choices->items[i];
    }
    return found;
}

const struct lk_choice *
lk_choose(struct lk_choices *choices, const uint16_t *actual, size_t count, unsigned version,
          bool *ret_ambiguous)
{
    bool literals = false;

    for (size_t k = 0; k < count; k++)
        literals |= actual[k] == LK_BT_unknown;
    lk_keep_coercible(choices, actual, count, version);
    *ret_ambiguous = false;
    if (choices->count == 0)
        return NULL;
    if (choices->count > 1)
        keep_best(choices, actual, count, false);
    if (choices->count > 1)
        keep_best(choices, actual, count, true);
    if (choices->count > 1 && literals)
        place_literals(choices, actual, count);
    if (choices->count == 1)
        return &choices->items[0];
    const struct lk_choice *found =
        literals ? as_the_others(choices, actual, count, version) : NULL;
    *ret_ambiguous = found == NULL;
    return found;
}
