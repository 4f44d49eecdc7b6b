/*
 * rules/schema/analyze_call.c
 *     Which functions and operators are meant, and what they return.
 */
#include "rules/schema/analyze_private.h"
#include "rules/schema/resolved.h"

void
lk_analysis_volatility(struct lk_analysis *an, char volatility)
{
    an->volatility_known &= volatility != 0 && volatility != '?';
    if (volatility == 'v' || (volatility == 's' && an->volatility == 'i'))
        an->volatility = volatility;
}

/* fits returns whether a function can be called with so many arguments. */
static bool
fits(const struct lk_function *function, size_t count)
{
    size_t least = 0, most = 0;
    bool variadic = false;

    if (function->signature == NULL) /* its parameters are not known */
        return true;
    lk_vec_foreach(argument, &function->arguments) {
        char mode = (*argument)->mode;
        if (mode != 'i' && mode != 'b' && mode != 'v')
            continue;
        most++;
        variadic |= mode == 'v';
        least += !(*argument)->has_default && mode != 'v';
    }
    return count >= least && (count <= most || variadic);
}

struct lk_object *
lk_find_function(const struct lk_catalog *catalog, struct lk_qname name, size_t arguments)
{
    struct lk_function *found = NULL, *it = NULL;

    while ((it = lk_catalog_functions(catalog, name.schema, name.name, it)) != NULL) {
        if (!fits(it, arguments))
            continue;
        if (found != NULL)
            return NULL;
        found = it;
    }
    return found != NULL ? &found->object : NULL;
}

/* The arguments of a call. */
struct arguments {
    struct lk_operands operands;
    uint16_t *types;
    const char **names;
    bool named;
};

static struct arguments
analyze_arguments(struct lk_analysis *an, const struct lk_scope *scope, const FuncCall *call)
{
    struct arguments arguments = {0};
    List *lists[] = {call->args, call->agg_within_group ? call->agg_order : NIL};
    size_t count = (size_t)list_length(lists[0]) + (size_t)list_length(lists[1]);
    ListCell *cell;

    arguments.types = lk_new_array(an->mem, uint16_t, count);
    arguments.names = lk_new_array(an->mem, const char *, count);
    for (size_t i = 0; i < LK_ARRAY_SIZE(lists); i++)
        foreach(cell, lists[i]) {
            Node *node = lfirst(cell);
            size_t at = arguments.operands.items.count;
            struct lk_operand operand = lk_analyze_node(an, scope, node);
            lk_vec_push(an->mem, &arguments.operands.items, operand);
            arguments.types[at] = lk_operand_number(an, &operand);
            if (IsA(node, NamedArgExpr)) {
                arguments.names[at] = ((NamedArgExpr *)node)->name;
                arguments.named = true;
            }
        }
    if (!call->agg_within_group)
        lk_analyze_list(an, scope, call->agg_order);
    return arguments;
}

/* is_builtin returns whether the server has functions of that name, which may be meant as well. */
static bool
is_builtin(const char *name)
{
    struct lk_builtin_function it = {0};

    return lk_builtin_function_next(name, &it);
}

/* takes_exactly returns whether a function's parameters have the very types of the arguments. */
static bool
takes_exactly(const struct lk_function *function, const struct lk_operands *operands)
{
    size_t given = 0;

    lk_vec_foreach(item, &function->arguments) {
        const struct lk_argument *parameter = *item;
        if (parameter->mode != 'i' && parameter->mode != 'b')
            continue;
        if (given == operands->items.count)
            return false;
        const struct lk_typed *typed = &operands->items.items[given++].typed;
        if (!typed->type_known || !parameter->type_known ||
            !lk_replay_same_type(&typed->type, &parameter->type))
            return false;
    }
    return given == operands->items.count;
}

/*
 * find_overload returns which of several functions of a name takes the very types of a call's
 * arguments, as the server prefers it; or NULL. Source: func_get_detail(), parse_func.c.
 */
static struct lk_object *
find_overload(const struct lk_catalog *catalog, struct lk_qname name,
              const struct arguments *arguments)
{
    struct lk_function *it = NULL;

    while (!arguments->named &&
           (it = lk_catalog_functions(catalog, name.schema, name.name, it)) != NULL)
        if (it->signature != NULL && takes_exactly(it, &arguments->operands))
            return &it->object;
    return NULL;
}

/* mention_function mentions the function of the history that a call means; NULL: there is none. */
static struct lk_object *
mention_function(struct lk_analysis *an, const FuncCall *call, const struct arguments *arguments)
{
    struct lk_qname name = lk_qname_of_list(call->funcname);
    struct lk_object *function;

    if (name.schema != NULL && strcmp(name.schema, "pg_catalog") == 0)
        return NULL;
    function = lk_find_function(an->catalog, name, (size_t)list_length(call->args));
    if (function == NULL)
        function = find_overload(an->catalog, name, arguments);
    if (function != NULL && is_builtin(name.name))
        lk_mention_silently(an, function);
    else if (function != NULL)
        lk_mention_words(an, call->location, list_length(call->funcname), function,
                         LK_MENTION_QUALIFIED);
    return function;
}

/* has_outer returns whether a query stands in another one that it may take columns from. */
static bool
has_outer(const struct lk_scope *scope)
{
    while ((scope = scope->outer) != NULL)
        if (scope->items.count > 0)
            return true;
    return false;
}

/*
 * refuse_kind refuses functions over many rows, and those that return many, where they cannot be.
 * Source: check_agglevels_and_constraints(), transformWindowFuncCall() in
 * src/backend/parser/parse_agg.c, check_srf_call_placement() in parse_func.c.
 */
static void
refuse_kind(struct lk_analysis *an, const struct lk_scope *scope, const FuncCall *call, char kind,
            bool set)
{
    const char *clause = an->clause;

    if (clause == NULL || has_outer(scope))
        return;
    if (call->over != NULL)
        lk_analysis_refuse(an, "42P20", call->location, "window functions are not allowed in %s",
                           clause);
    else if (kind == 'a' || kind == 'o' || kind == 'h')
        lk_analysis_refuse(an, "42803", call->location, "aggregate functions are not allowed in %s",
                           clause);
    else if (set && strcmp(clause, LK_GROUP_BY) != 0)
        lk_analysis_refuse(an, "0A000", call->location,
                           "set-returning functions are not allowed in %s", clause);
}

/* resolve_builtin returns what a call of one of the server's own functions yields. */
static struct lk_operand
resolve_builtin(struct lk_analysis *an, const struct lk_scope *scope, const FuncCall *call,
                const struct arguments *arguments)
{
    struct lk_qname name = lk_qname_of_list(call->funcname);
    struct lk_builtin_call called = {.name = name.name,
                                     .types = arguments->types,
                                     .names = arguments->named ? arguments->names : NULL,
                                     .count = arguments->operands.items.count,
                                     .variadic = call->func_variadic,
                                     .version = lk_catalog_version(an->catalog)};
    struct lk_builtin_resolution resolution = lk_resolved_call(&called);

    if (resolution.outcome != LK_BUILTIN_FOUND || !resolution.sure) {
        lk_analysis_refuse_call(an, call, resolution.outcome, &arguments->operands,
                                arguments->names);
        lk_analysis_volatility(an, 0);
        return (struct lk_operand){0};
    }
    refuse_kind(an, scope, call, resolution.kind, resolution.set_returning);
    lk_analysis_volatility(an, resolution.volatility);
    an->columns_of_call = resolution.columns;
    struct lk_operand result = lk_operand_of_number(an, resolution.type);
    lk_operand_collate(an, &result, arguments->operands.items.items,
                       arguments->operands.items.count);
    return result;
}

/* result_of returns what a function of the history yields; `function` NULL: not known which. */
static struct lk_operand
result_of(struct lk_analysis *an, const struct lk_function *function,
          const struct arguments *arguments)
{
    struct lk_operand result = {0};

    lk_analysis_volatility(an, function != NULL ? function->volatility : 0);
    if (function == NULL || function->signature == NULL || !function->result_known ||
        is_builtin(function->object.name))
        return result;
    result.typed.type = function->result;
    result.typed.type_known = true;
    lk_operand_canonical(&result);
    const struct lk_builtin_type *info = lk_builtin_type_info(lk_operand_number(an, &result));
    if (info != NULL && info->typtype == 'p' && !lk_operand_is(&result, "record")) {
        result.typed.type_known = false; /* anyelement and the like */
        return result;
    }
    lk_operand_collate(an, &result, arguments->operands.items.items,
                       arguments->operands.items.count);
    return result;
}

/* mention_sequence mentions what the string of nextval('...') names. */
static void
mention_sequence(struct lk_analysis *an, const FuncCall *call, struct lk_qname name)
{
    static const char *const functions[] = {"nextval", "currval", "setval"};

    for (size_t i = 0; call->args != NIL && i < LK_ARRAY_SIZE(functions); i++)
        if (strcmp(name.name, functions[i]) == 0)
            lk_mention_regclass(an, linitial(call->args));
}

/* may_take returns whether a function can be called with a number of arguments, or nobody knows. */
static bool
may_take(const struct lk_function *function, size_t count)
{
    size_t least = 0, most = 0;

    if (function->signature == NULL || function->object.assumed || function->object.doubtful ||
        (function->kind != 'f' && function->kind != 'p'))
        return true;
    lk_vec_foreach(argument, &function->arguments) {
        if ((*argument)->mode == 'v')
            return true;
        if ((*argument)->mode == 'o' || (*argument)->mode == 't')
            continue;
        most++;
        least += !(*argument)->has_default;
    }
    return count >= least && count <= most;
}

/* refuse_count refuses a call with more or fewer arguments than any function of that name takes. */
static void
refuse_count(struct lk_analysis *an, const FuncCall *call, struct lk_qname name,
             const struct arguments *arguments)
{
    struct lk_function *it = NULL;
    size_t count = arguments->operands.items.count;

    if (is_builtin(name.name) || call->func_variadic || an->variables)
        return;
    while ((it = lk_catalog_functions(an->catalog, name.schema, name.name, it)) != NULL)
        if (may_take(it, count))
            return;
    lk_analysis_refuse_call(an, call, LK_BUILTIN_NONE, &arguments->operands, arguments->names);
}

/* refuse_arguments refuses string constants that the parameters of a function cannot take. */
static void
refuse_arguments(struct lk_analysis *an, const FuncCall *call, const struct lk_function *function,
                 const struct arguments *arguments)
{
    int place = 0;

    if (call->func_variadic || arguments->named || call->agg_within_group)
        return;
    lk_vec_foreach(item, &function->arguments) {
        const struct lk_argument *parameter = *item;
        if (parameter->mode == 'o' || parameter->mode == 't')
            continue;
        if (parameter->mode == 'v' || place == list_length(call->args))
            return;
        struct lk_operand wanted = {
            .typed = {.type = parameter->type, .type_known = parameter->type_known}};
        lk_analysis_refuse_literal(an, &wanted, list_nth(call->args, place++));
    }
}

struct lk_operand
lk_analyze_call(struct lk_analysis *an, const struct lk_scope *scope, FuncCall *call)
{
    struct lk_function **called = an->called;
    struct lk_qname name = lk_qname_of_list(call->funcname);

    an->called = NULL;
    struct arguments arguments = analyze_arguments(an, scope, call);
    lk_analyze_node(an, scope, call->agg_filter);
    lk_analyze_node(an, scope, (Node *)call->over);
    an->columns_of_call = (struct lk_builtin_name){0};
    struct lk_object *function = mention_function(an, call, &arguments);
    bool own = name.schema == NULL && lk_catalog_has_function(an->catalog, name.name);
    if (function == NULL && !own &&
        (name.schema == NULL || strcmp(name.schema, "pg_catalog") == 0)) {
        mention_sequence(an, call, name);
        return resolve_builtin(an, scope, call, &arguments);
    }
    if (function == NULL && own)
        refuse_count(an, call, name, &arguments);
    if (called != NULL)
        *called = (struct lk_function *)function;
    if (function != NULL && !is_builtin(name.name)) {
        refuse_kind(an, scope, call, ((struct lk_function *)function)->kind,
                    ((struct lk_function *)function)->returns_set);
        refuse_arguments(an, call, (struct lk_function *)function, &arguments);
    }
    return result_of(an, (struct lk_function *)function, &arguments);
}

/* ---- operators ---- */

/* own_operator returns an operator of the history that a name may mean, or NULL. */
static struct lk_object *
own_operator(const struct lk_catalog *catalog, struct lk_qname name)
{
    return lk_catalog_object(catalog, LK_CLASS_OPERATOR, name.schema, name.name);
}

void
lk_mention_operator(struct lk_analysis *an, const List *name, int location)
{
    struct lk_object *own = own_operator(an->catalog, lk_qname_of_list(name));

    (void)location;
    if (own != NULL && own->overload == NULL)
        lk_mention_silently(an, own);
}

struct lk_operand
lk_analyze_operator(struct lk_analysis *an, struct lk_qname name, int location,
                    const struct lk_operand *left, const struct lk_operand *right,
                    struct lk_operand *literal)
{
    struct lk_operand operands[2] = {*right, *right};

    if (left != NULL)
        operands[0] = *left;
    struct lk_object *own = own_operator(an->catalog, name);
    if (own != NULL && own->overload == NULL)
        lk_mention_silently(an, own);
    if (own != NULL || (name.schema != NULL && strcmp(name.schema, "pg_catalog") != 0)) {
        lk_analysis_volatility(an, 0);
        return (struct lk_operand){0};
    }
    struct lk_builtin_resolution resolution =
        lk_resolved_operator(name.name, left != NULL ? lk_operand_number(an, left) : LK_BT_NONE,
                             lk_operand_number(an, right), lk_catalog_version(an->catalog));
    if (resolution.outcome != LK_BUILTIN_FOUND || !resolution.sure) {
        lk_analysis_refuse_operator(an, name.name, location, resolution.outcome, left, right);
        lk_analysis_volatility(an, 0);
        return (struct lk_operand){0};
    }
    lk_analysis_volatility(an, resolution.volatility);
    if (resolution.literal != LK_BT_NONE)
        *literal = lk_operand_of_number(an, resolution.literal);
    struct lk_operand result = lk_operand_of_number(an, resolution.type);
    lk_operand_collate(an, &result, operands, 2);
    return result;
}

/* has_equality returns whether there is an operator = of just these types. */
static bool
has_equality(uint16_t left, uint16_t right, unsigned version)
{
    struct lk_builtin_operator it = {0};

    while (lk_builtin_operator_next("=", &it))
        if (it.left == left && it.right == right && lk_builtin_has(it.since, it.until, version))
            return true;
    return false;
}

/* NULLIF yields the left operand as its operator = takes it. */
struct lk_operand
lk_operand_nullif(struct lk_analysis *an, const struct lk_operand *left,
                  const struct lk_operand *right)
{
    unsigned version = lk_catalog_version(an->catalog);
    bool left_literal = lk_operand_is(left, "unknown"), literal = lk_operand_is(right, "unknown");
    struct lk_operand first = left_literal ? *right : *left, result = {0};
    struct lk_operand both[2] = {*left, *right};
    uint16_t numbers[2] = {lk_operand_number(an, &first),
                           lk_operand_number(an, literal ? left : right)};

    if (left_literal && literal)
        return lk_operand_of("text");
    if (lk_builtin_is_opaque(numbers[0]) || lk_builtin_is_opaque(numbers[1]))
        return result;
    if (lk_operand_is(&first, "varchar")) {
        result = lk_operand_of("text");
        result.typed.type_known = numbers[1] == LK_BT_varchar || numbers[1] == LK_BT_text;
    } else if (has_equality(numbers[0], numbers[1], version) ||
               (numbers[0] == numbers[1] && numbers[0] >= 0x4000)) {
        result = lk_operand_of_number(an, numbers[0]);
    } else if (lk_builtin_category(numbers[0]) == 'N' && lk_builtin_category(numbers[1]) == 'N') {
        result = lk_operand_of_number(an, lk_builtin_common_type(numbers, 2, version));
    }
    if (!left_literal && result.typed.type_known &&
        lk_type_same(&result.typed.type, &left->typed.type))
        result.typed.type = left->typed.type;
    lk_operand_collate(an, &result, both, 2);
    return result;
}

/* ---- functions in FROM ---- */

/* is_output returns whether a parameter is one of the result's columns. */
static bool
is_output(const struct lk_argument *argument)
{
    return argument->mode == 'o' || argument->mode == 'b' || argument->mode == 't';
}

bool
lk_function_columns(struct lk_analysis *an, struct lk_scope_item *item,
                    const struct lk_function *function)
{
    size_t count = 0;

    lk_vec_foreach(argument, &function->arguments)
        count += is_output(*argument);
    if (count < 2)
        return false;
    count = 0;
    lk_vec_foreach(argument, &function->arguments) {
        if (!is_output(*argument))
            continue;
        count++;
        const char *name = (*argument)->name;
        lk_item_add(an, item,
                    (struct lk_scope_column){
                        .name = name != NULL ? name : lk_fmt(an->mem, "column%zu", count),
                        .operand = {.typed = {.type = (*argument)->type,
                                              .type_known = (*argument)->type_known}}});
    }
    return true;
}

const char *
lk_function_output(const struct lk_function *function)
{
    lk_vec_foreach(argument, &function->arguments)
        if (is_output(*argument))
            return (*argument)->name;
    return NULL;
}

void
lk_builtin_columns(struct lk_analysis *an, struct lk_scope_item *item, struct lk_builtin_name list)
{
    struct lk_builtin_column column;

    while (lk_builtin_column_next(&list, &column))
        lk_item_add(an, item,
                    (struct lk_scope_column){
                        .name = lk_strndup(an->mem, column.name.text, column.name.length),
                        .operand = lk_operand_of_number(an, column.type)});
}
