/*
 * rules/schema/analyze_json.c
 *     The types of SQL/JSON expressions.
 *
 * Source: transformJsonConstructorOutput() and transformJsonFuncExpr(), parse_expr.c.
 */
#include "rules/schema/analyze_private.h"

/* output returns the type of RETURNING, or another one where there is none. */
static struct lk_operand
output(struct lk_analysis *an, const JsonOutput *output, struct lk_operand otherwise)
{
    return output != NULL && output->typeName != NULL ? lk_resolve_type(an, output->typeName)
                                                      : otherwise;
}

/* json_of returns json, or jsonb if one of the operands is. */
static struct lk_operand
json_of(const struct lk_operands *operands)
{
    bool known = true;

    lk_vec_foreach(operand, &operands->items) {
        if (lk_operand_is(operand, "jsonb"))
            return lk_operand_of("jsonb");
        known &= operand->typed.type_known;
    }
    return known ? lk_operand_of("json") : (struct lk_operand){0};
}

static struct lk_operand
value_of(struct lk_analysis *an, const struct lk_scope *scope, JsonValueExpr *value)
{
    return value != NULL ? lk_analyze_node(an, scope, (Node *)value->raw_expr)
                         : (struct lk_operand){0};
}

/* collect adds what keys and values yield. */
static void
collect(struct lk_analysis *an, const struct lk_scope *scope, Node *node,
        struct lk_operands *operands)
{
    struct lk_operand operand;

    if (IsA(node, JsonKeyValue)) {
        operand = lk_analyze_node(an, scope, (Node *)((JsonKeyValue *)node)->key);
        lk_vec_push(an->mem, &operands->items, operand);
        operand = value_of(an, scope, ((JsonKeyValue *)node)->value);
    } else if (IsA(node, JsonValueExpr)) {
        operand = value_of(an, scope, (JsonValueExpr *)node);
    } else {
        operand = lk_analyze_node(an, scope, node);
    }
    lk_vec_push(an->mem, &operands->items, operand);
}

static struct lk_operand
construct(struct lk_analysis *an, const struct lk_scope *scope, List *list,
          const JsonOutput *returning)
{
    struct lk_operands operands = {0};
    ListCell *cell;

    foreach(cell, list)
        collect(an, scope, lfirst(cell), &operands);
    return output(an, returning, json_of(&operands));
}

static struct lk_operand
aggregate(struct lk_analysis *an, const struct lk_scope *scope, Node *argument,
          const JsonAggConstructor *constructor)
{
    struct lk_operands operands = {0};

    collect(an, scope, argument, &operands);
    lk_analyze_list(an, scope, constructor->agg_order);
    lk_analyze_node(an, scope, constructor->agg_filter);
    lk_analyze_node(an, scope, (Node *)constructor->over);
    return output(an, constructor->output, json_of(&operands));
}

static struct lk_operand
array_of_query(struct lk_analysis *an, const struct lk_scope *scope,
               const JsonArrayQueryConstructor *constructor)
{
    struct lk_result result = lk_analyze_statement(an, scope, constructor->query);
    struct lk_operands operands = {0};

    if (result.columns.count == 0)
        return output(an, constructor->output, (struct lk_operand){0});
    lk_vec_push(an->mem, &operands.items,
                (struct lk_operand){.typed = result.columns.items[0].typed});
    return output(an, constructor->output, json_of(&operands));
}

static void
behavior(struct lk_analysis *an, const struct lk_scope *scope, const JsonBehavior *behavior)
{
    if (behavior != NULL)
        lk_analyze_node(an, scope, behavior->expr);
}

static struct lk_operand
query_function(struct lk_analysis *an, const struct lk_scope *scope, const JsonFuncExpr *function)
{
    static const char *const types[] = {
        [JSON_EXISTS_OP] = "bool",
        [JSON_QUERY_OP] = "jsonb",
        [JSON_VALUE_OP] = "text",
        [JSON_TABLE_OP] = "record",
    };
    ListCell *cell;

    value_of(an, scope, function->context_item);
    lk_analyze_node(an, scope, function->pathspec);
    foreach(cell, function->passing)
        value_of(an, scope, lfirst_node(JsonArgument, cell)->val);
    behavior(an, scope, function->on_empty);
    behavior(an, scope, function->on_error);
    return output(an, function->output, lk_operand_of(types[function->op]));
}

struct lk_operand
lk_analyze_json(struct lk_analysis *an, const struct lk_scope *scope, Node *node)
{
    switch (nodeTag(node)) {
    case T_JsonValueExpr:
        return value_of(an, scope, (JsonValueExpr *)node);
    case T_JsonArgument:
        return value_of(an, scope, ((JsonArgument *)node)->val);
    case T_JsonObjectConstructor:
        return construct(an, scope, ((JsonObjectConstructor *)node)->exprs,
                         ((JsonObjectConstructor *)node)->output);
    case T_JsonArrayConstructor:
        return construct(an, scope, ((JsonArrayConstructor *)node)->exprs,
                         ((JsonArrayConstructor *)node)->output);
    case T_JsonArrayQueryConstructor:
        return array_of_query(an, scope, (JsonArrayQueryConstructor *)node);
    case T_JsonObjectAgg:
        return aggregate(an, scope, (Node *)((JsonObjectAgg *)node)->arg,
                         ((JsonObjectAgg *)node)->constructor);
    case T_JsonArrayAgg:
        return aggregate(an, scope, (Node *)((JsonArrayAgg *)node)->arg,
                         ((JsonArrayAgg *)node)->constructor);
    case T_JsonParseExpr:
        value_of(an, scope, ((JsonParseExpr *)node)->expr);
        return output(an, ((JsonParseExpr *)node)->output, lk_operand_of("json"));
    case T_JsonScalarExpr:
        lk_analyze_node(an, scope, (Node *)((JsonScalarExpr *)node)->expr);
        return output(an, ((JsonScalarExpr *)node)->output, lk_operand_of("json"));
    case T_JsonSerializeExpr:
        value_of(an, scope, ((JsonSerializeExpr *)node)->expr);
        return output(an, ((JsonSerializeExpr *)node)->output, lk_operand_of("text"));
    case T_JsonIsPredicate:
        lk_analyze_node(an, scope, ((JsonIsPredicate *)node)->expr);
        return lk_operand_of("bool");
    case T_JsonFuncExpr:
        return query_function(an, scope, (JsonFuncExpr *)node);
    default:
        an->incomplete = true;
        return (struct lk_operand){0};
    }
}
