/*
 * rules/schema/builtin_resolve.c
 *     What calls of functions and operators come to: see builtin.h. FuncnameGetCandidates
 *     (src/backend/catalog/namespace.c), func_get_detail (parser/parse_func.c) and oper
 *     (parser/parse_oper.c) say in which order the server looks.
 */
#include "rules/schema/builtin_private.h"

#define MAX_PASSED 100 /* the server's FUNC_MAX_ARGS */

static bool
any_opaque(const uint16_t *types, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (lk_builtin_is_opaque(types[i]))
            return true;
    return false;
}

static bool
same_types(const uint16_t *a, const uint16_t *b, size_t count)
{
    return memcmp(a, b, count * sizeof(*a)) == 0;
}

static bool
same_text(struct lk_builtin_name a, struct lk_builtin_name b)
{
    return a.length == b.length && (a.length == 0 || memcmp(a.text, b.text, a.length) == 0);
}

/* ---- candidates ---- */

/* take returns room for the arguments of one more choice, or NULL. */
static uint16_t *
take(struct lk_choices *choices, size_t count)
{
    if (choices->count == LK_MAX_CHOICES || choices->used + count > LK_ARRAY_SIZE(choices->pool)) {
        choices->overflow = true;
        return NULL;
    }
    choices->used += count;
    return choices->pool + choices->used - count;
}

/* name_place returns which declared argument has a name, or count. */
static size_t
name_place(const struct lk_builtin_function *function, const char *name)
{
    struct lk_builtin_name list = function->arguments;
    struct lk_builtin_column arg;
    size_t place = 0;

    while (lk_builtin_column_next(&list, &arg) &&
           !(arg.name.length > 0 && lk_builtin_same(arg.name, name)))
        place++;
    return place;
}

/*
 * place_names puts into `places` which declared argument each one passed is; false where names do
 * not fit, or an argument without a default is missing.
 */
static bool
place_names(const struct lk_builtin_function *function, const struct lk_builtin_call *call,
            size_t *places)
{
    bool given[LK_BUILTIN_MAX_ARGS] = {false};

    if (call->count > function->count)
        return false;
    for (size_t i = 0; i < call->count; i++) {
        const char *name = call->names == NULL ? NULL : call->names[i];
        size_t place = name == NULL ? i : name_place(function, name);
        if (place >= function->count || given[place])
            return false;
        given[place] = true;
        places[i] = place;
    }
    for (size_t i = 0; i + function->defaults < function->count; i++)
        if (!given[i])
            return false;
    return true;
}

static bool
has_names(const struct lk_builtin_call *call)
{
    for (size_t i = 0; call->names != NULL && i < call->count; i++)
        if (call->names[i] != NULL)
            return true;
    return false;
}

/* pass_args writes how the function takes the call's arguments; false where their number differs.
 */
static bool
pass_args(const struct lk_builtin_function *function, const struct lk_builtin_call *call,
          uint16_t *args, bool *ret_expanded)
{
    bool expand = function->variadic && !call->variadic;
    size_t places[LK_BUILTIN_MAX_ARGS];

    *ret_expanded = expand;
    if (expand) {
        size_t fixed = function->count - 1u;
        uint16_t last = function->args[fixed];
        uint16_t element = last == LK_BT_any ? last : lk_builtin_element(last);
        if (last == LK_BT_anyarray)
            element = LK_BT_anyelement;
        else if (last == LK_BT_anycompatiblearray)
            element = LK_BT_anycompatible;
        if (has_names(call) || call->count + function->defaults < function->count)
            return false;
        for (size_t i = 0; i < call->count; i++)
            args[i] = i < fixed ? function->args[i] : element;
        return true;
    }
    if (!place_names(function, call, places))
        return false;
    for (size_t i = 0; i < call->count; i++)
        args[i] = function->args[places[i]];
    return true;
}

/* is_worse returns whether a choice loses against one that takes the very same arguments. */
static bool
is_worse(const struct lk_choice *choice, const struct lk_choice *than)
{
    if (choice->expanded != than->expanded)
        return choice->expanded;
    return choice->defaulted > than->defaulted;
}

/* add_choice adds one, unless another takes the same arguments and is better. */
static void
add_choice(struct lk_choices *choices, struct lk_choice choice, size_t count)
{
    for (size_t i = 0; i < choices->count; i++) {
        struct lk_choice *other = &choices->items[i];
        if (!same_types(other->args, choice.args, count))
            continue;
        if (is_worse(&choice, other))
            return;
        if (is_worse(other, &choice)) {
            *other = choice;
            return;
        }
    }
    choices->items[choices->count++] = choice;
}

static void
gather_functions(const struct lk_builtin_call *call, struct lk_choices *choices)
{
    struct lk_builtin_function it = {0};

    while (lk_builtin_function_next(call->name, &it)) {
        bool expanded;
        if (!lk_builtin_has(it.since, it.until, call->version))
            continue;
        uint16_t *args = take(choices, call->count);
        if (args == NULL || !pass_args(&it, call, args, &expanded))
            continue;
        struct lk_choice choice = {.args = args,
                                   .result = it.result,
                                   .volatility = it.volatility,
                                   .kind = it.kind,
                                   .set_returning = it.set_returning,
                                   .expanded = expanded,
                                   .columns = it.columns};
        if (it.count > call->count)
            choice.defaulted = (uint8_t)(it.count - call->count);
        add_choice(choices, choice, call->count);
    }
}

static void
gather_operators(const char *name, bool prefix, unsigned version, struct lk_choices *choices)
{
    struct lk_builtin_operator it = {0};

    while (lk_builtin_operator_next(name, &it)) {
        if (!lk_builtin_has(it.since, it.until, version) || (it.left == LK_BT_NONE) != prefix)
            continue;
        uint16_t *args = take(choices, prefix ? 1 : 2);
        if (args == NULL)
            return;
        args[0] = prefix ? it.right : it.left;
        if (!prefix)
            args[1] = it.right;
        choices->items[choices->count++] =
            (struct lk_choice){.args = args, .result = it.result, .volatility = it.volatility};
    }
}

/* ---- the answer ---- */

/* with_casts returns the volatility of a choice with what its arguments are cast by. */
static char
with_casts(const struct lk_choice *choice, const uint16_t *actual, size_t count, unsigned version)
{
    bool prints = choice->volatility == 't';
    char worst = prints ? 'i' : choice->volatility;

    for (size_t i = 0; i < count; i++) {
        uint16_t to = choice->args[i];
        if (prints && lk_builtin_is_polymorphic(to))
            to = LK_BT_text;
        if (actual[i] == LK_BT_unknown || to == LK_BT_any || lk_builtin_is_polymorphic(to))
            continue;
        struct lk_builtin_cast cast = lk_builtin_cast(actual[i], to, version);
        if (cast.method == LK_BUILTIN_UNKNOWN_CAST && prints)
            return '?';
        if (cast.method != LK_BUILTIN_NO_CAST && cast.volatility != '?' && cast.volatility > worst)
            worst = cast.volatility;
    }
    return worst;
}

static struct lk_builtin_resolution
answer(const struct lk_choice *choice, const uint16_t *actual, size_t count, unsigned version)
{
    struct lk_builtin_resolution ret = {.outcome = LK_BUILTIN_FOUND,
                                        .sure = true,
                                        .kind = choice->kind,
                                        .set_returning = choice->set_returning,
                                        .columns = choice->columns};
    uint16_t type = lk_polymorphic_result(actual, choice->args, count, choice->result, version);

    if (type == LK_BT_NONE) {
        ret.outcome = LK_BUILTIN_MISMATCH;
        return ret;
    }
    ret.type = type;
    ret.polymorphic = lk_builtin_is_polymorphic(choice->result);
    ret.volatility = with_casts(choice, actual, count, version);
    return ret;
}

static struct lk_builtin_resolution
failed(enum lk_builtin_outcome outcome)
{
    return (struct lk_builtin_resolution){.outcome = outcome, .volatility = '?', .sure = true};
}

/* agree_on is the answer where an argument cannot be told: what all choices come to. */
static struct lk_builtin_resolution
agree_on(struct lk_choices *choices, const uint16_t *actual, size_t count, unsigned version)
{
    lk_keep_coercible(choices, actual, count, version);
    if (choices->count == 0)
        return failed(LK_BUILTIN_NONE);
    struct lk_builtin_resolution ret = answer(&choices->items[0], actual, count, version);
    for (size_t i = 0; i < choices->count; i++) {
        struct lk_builtin_resolution other = answer(&choices->items[i], actual, count, version);
        if (other.outcome != LK_BUILTIN_FOUND || lk_builtin_is_opaque(other.type) ||
            other.type != ret.type || other.set_returning != ret.set_returning ||
            other.kind != ret.kind)
            return failed(LK_BUILTIN_UNKNOWN);
        if (other.volatility != ret.volatility)
            ret.volatility = '?';
        if (!same_text(other.columns, ret.columns))
            ret.columns.length = 0;
        ret.polymorphic |= other.polymorphic;
    }
    ret.sure = false;
    return ret;
}

/* find_exact returns the choice that takes the arguments as they are. */
static const struct lk_choice *
find_exact(const struct lk_choices *choices, const uint16_t *actual, size_t count)
{
    for (size_t i = 0; i < choices->count; i++)
        if (same_types(choices->items[i].args, actual, count))
            return &choices->items[i];
    return NULL;
}

/*
 * as_cast is a call with the name of a type: a cast where that takes no function, or goes through
 * text from anything but a row.
 */
static bool
as_cast(const struct lk_builtin_call *call, struct lk_builtin_resolution *ret)
{
    uint16_t to = call->count == 1 && !call->variadic && !has_names(call)
                      ? lk_builtin_type(NULL, call->name)
                      : LK_BT_NONE;

    if (to == LK_BT_NONE)
        return false;
    struct lk_builtin_cast cast = lk_builtin_cast(call->types[0], to, call->version);
    bool through_text =
        cast.method == LK_BUILTIN_IO &&
        !(lk_builtin_typtype(call->types[0]) == 'c' || call->types[0] == LK_BT_record);
    if (cast.method != LK_BUILTIN_RELABEL && !through_text)
        return false;
    *ret = (struct lk_builtin_resolution){.outcome = LK_BUILTIN_FOUND,
                                          .sure = true,
                                          .kind = 'c',
                                          .type = to,
                                          .volatility = cast.volatility};
    return true;
}

static struct lk_builtin_resolution
resolve_call(const struct lk_builtin_call *call)
{
    struct lk_choices choices = {.count = 0};
    struct lk_builtin_resolution ret;
    bool ambiguous;

    gather_functions(call, &choices);
    if (choices.overflow)
        return failed(LK_BUILTIN_UNKNOWN);
    if (any_opaque(call->types, call->count)) {
        /* the name of a type, too, may come to a cast */
        if (call->count == 1 && lk_builtin_type(NULL, call->name) != LK_BT_NONE)
            return failed(LK_BUILTIN_UNKNOWN);
        return agree_on(&choices, call->types, call->count, call->version);
    }
    const struct lk_choice *choice = find_exact(&choices, call->types, call->count);
    if (choice == NULL && as_cast(call, &ret))
        return ret;
    if (choice == NULL)
        choice = lk_choose(&choices, call->types, call->count, call->version, &ambiguous);
    if (choice == NULL)
        return failed(ambiguous ? LK_BUILTIN_AMBIGUOUS : LK_BUILTIN_NONE);
    return answer(choice, call->types, call->count, call->version);
}

/* taken_for returns the type that a choice takes one of two operands for, if the other tells it. */
static uint16_t
taken_for(const struct lk_choice *choice, size_t place, const uint16_t *actual)
{
    uint16_t type = choice->args[place], other = choice->args[1 - place];

    if (!lk_builtin_is_polymorphic(type))
        return type;
    return type == other ? actual[1 - place] : LK_BT_NONE;
}

static struct lk_builtin_resolution
resolve_operator(const char *name, uint16_t left, uint16_t right, unsigned version)
{
    bool prefix = left == LK_BT_NONE, ambiguous;
    uint16_t actual[2] = {prefix ? right : left, right}, exact[2];
    struct lk_builtin_resolution ret;
    size_t count = prefix ? 1 : 2;
    struct lk_choices choices = {.count = 0};

    gather_operators(name, prefix, version, &choices);
    if (any_opaque(actual, count))
        return agree_on(&choices, actual, count, version);
    /* a literal is first taken for what the other side is */
    memcpy(exact, actual, sizeof(exact));
    if (!prefix && left == LK_BT_unknown)
        exact[0] = right;
    else if (!prefix && right == LK_BT_unknown)
        exact[1] = left;
    const struct lk_choice *choice = find_exact(&choices, exact, count);
    if (choice == NULL && !same_types(exact, actual, count)) {
        exact[0] = exact[1] = lk_builtin_base(exact[0]);
        choice = find_exact(&choices, exact, count);
    }
    if (choice == NULL)
        choice = lk_choose(&choices, actual, count, version, &ambiguous);
    if (choice == NULL)
        return failed(ambiguous ? LK_BUILTIN_AMBIGUOUS : LK_BUILTIN_NONE);
    ret = answer(choice, actual, count, version);
    if (!prefix && (left == LK_BT_unknown) != (right == LK_BT_unknown))
        ret.literal = taken_for(choice, left == LK_BT_unknown ? 0 : 1, actual);
    return ret;
}

/* ---- versions ---- */

/* join makes one answer out of those of two versions. */
static struct lk_builtin_resolution
join(struct lk_builtin_resolution a, struct lk_builtin_resolution b)
{
    if (a.outcome != b.outcome || a.type != b.type || a.set_returning != b.set_returning ||
        a.kind != b.kind)
        return failed(LK_BUILTIN_UNKNOWN);
    if (a.volatility != b.volatility)
        a.volatility = '?';
    if (!same_text(a.columns, b.columns))
        a.columns.length = 0;
    a.sure &= b.sure;
    a.polymorphic |= b.polymorphic;
    if (a.literal != b.literal)
        a.literal = LK_BT_NONE;
    return a;
}

/* told returns a type, opaque where it is itself a stand-in: anyarray, of columns of pg_stats. */
static uint16_t
told(uint16_t type)
{
    return lk_builtin_is_polymorphic(type) ? (uint16_t)LK_BT_OPAQUE : type;
}

struct lk_builtin_resolution
lk_builtin_resolve_function(const struct lk_builtin_call *call)
{
    uint16_t types[MAX_PASSED];
    struct lk_builtin_call one = *call;

    if (call->count > MAX_PASSED)
        return failed(LK_BUILTIN_UNKNOWN);
    for (size_t i = 0; i < call->count; i++)
        types[i] = told(call->types[i]);
    one.types = types;
    if (call->version != 0)
        return resolve_call(&one);
    one.version = LK_BUILTIN_FIRST;
    struct lk_builtin_resolution ret = resolve_call(&one);
    while (++one.version <= LK_BUILTIN_LAST)
        ret = join(ret, resolve_call(&one));
    return ret;
}

struct lk_builtin_resolution
lk_builtin_resolve_operator(const char *name, uint16_t left, uint16_t right, unsigned version)
{
    left = told(left);
    right = told(right);
    if (version != 0)
        return resolve_operator(name, left, right, version);
    struct lk_builtin_resolution ret = resolve_operator(name, left, right, LK_BUILTIN_FIRST);
    for (version = LK_BUILTIN_FIRST + 1; version <= LK_BUILTIN_LAST; version++)
        ret = join(ret, resolve_operator(name, left, right, version));
    return ret;
}
