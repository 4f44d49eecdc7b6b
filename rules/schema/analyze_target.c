/*
 * rules/schema/analyze_target.c
 *     Target lists: which columns they make, and what these are called.
 *
 * Source: FigureColnameInternal() and ExpandColumnRefStar(), src/backend/parser/parse_target.c.
 */
#include "rules/schema/analyze_private.h"

#define TARGETS_MAX 1664 /* MaxTupleAttributeNumber: no query has more */

static const char *
last_name(const List *words)
{
    ListCell *cell;
    const char *name = NULL;

    foreach(cell, words)
        if (IsA(lfirst(cell), String))
            name = strVal(lfirst(cell));
    return name;
}

static const char *const value_functions[] = {
    [SVFOP_CURRENT_DATE] = "current_date",
    [SVFOP_CURRENT_TIME] = "current_time",
    [SVFOP_CURRENT_TIME_N] = "current_time",
    [SVFOP_CURRENT_TIMESTAMP] = "current_timestamp",
    [SVFOP_CURRENT_TIMESTAMP_N] = "current_timestamp",
    [SVFOP_LOCALTIME] = "localtime",
    [SVFOP_LOCALTIME_N] = "localtime",
    [SVFOP_LOCALTIMESTAMP] = "localtimestamp",
    [SVFOP_LOCALTIMESTAMP_N] = "localtimestamp",
    [SVFOP_CURRENT_ROLE] = "current_role",
    [SVFOP_CURRENT_USER] = "current_user",
    [SVFOP_USER] = "user",
    [SVFOP_SESSION_USER] = "session_user",
    [SVFOP_CURRENT_CATALOG] = "current_catalog",
    [SVFOP_CURRENT_SCHEMA] = "current_schema",
};

static const char *const xml_functions[] = {
    [IS_XMLCONCAT] = "xmlconcat", [IS_XMLELEMENT] = "xmlelement", [IS_XMLFOREST] = "xmlforest",
    [IS_XMLPARSE] = "xmlparse",   [IS_XMLPI] = "xmlpi",           [IS_XMLROOT] = "xmlroot",
    [IS_XMLSERIALIZE] = NULL,     [IS_DOCUMENT] = NULL,
};

static const char *const json_functions[] = {
    [JSON_EXISTS_OP] = "json_exists",
    [JSON_QUERY_OP] = "json_query",
    [JSON_VALUE_OP] = "json_value",
    [JSON_TABLE_OP] = NULL,
};

/* What nodes of a kind are always called. */
static const struct {
    NodeTag tag;
    const char *name;
} fixed[] = {
    {T_GroupingFunc, "grouping"},
    {T_MergeSupportFunc, "merge_action"},
    {T_A_ArrayExpr, "array"},
    {T_RowExpr, "row"},
    {T_CoalesceExpr, "coalesce"},
    {T_XmlSerialize, "xmlserialize"},
    {T_JsonParseExpr, "json"},
    {T_JsonScalarExpr, "json_scalar"},
    {T_JsonSerializeExpr, "json_serialize"},
    {T_JsonObjectConstructor, "json_object"},
    {T_JsonArrayConstructor, "json_array"},
    {T_JsonArrayQueryConstructor, "json_array"},
    {T_JsonObjectAgg, "json_objectagg"},
    {T_JsonArrayAgg, "json_arrayagg"},
};

/* A name, and whether it is better than that of a cast around it. */
struct figured {
    const char *name;
    bool strong;
};

static struct figured
fixed_name(const Node *node)
{
    for (size_t i = 0; i < LK_ARRAY_SIZE(fixed); i++)
        if (fixed[i].tag == nodeTag(node))
            return (struct figured){fixed[i].name, true};
    return (struct figured){NULL, false};
}

static struct figured figure(const struct lk_analysis *an, const Node *node, unsigned depth);

static struct figured
strong(const char *name)
{
    return (struct figured){name, name != NULL};
}

/* figure_sublink knows what a subquery's column is called once it is analyzed. */
static struct figured
figure_sublink(const struct lk_analysis *an, const SubLink *link)
{
    if (link->subLinkType == EXISTS_SUBLINK)
        return strong("exists");
    if (link->subLinkType == ARRAY_SUBLINK)
        return strong("array");
    if (link->subLinkType == EXPR_SUBLINK && an != NULL)
        for (size_t i = an->sublinks.count; i-- > 0;)
            if (an->sublinks.items[i].link == link)
                return strong(an->sublinks.items[i].name);
    return strong(NULL);
}

static struct figured
figure_case(const struct lk_analysis *an, const CaseExpr *expr, unsigned depth)
{
    struct figured name = figure(an, (const Node *)expr->defresult, depth);

    return name.strong ? name : (struct figured){"case", false};
}

static struct figured
figure_weak(const struct lk_analysis *an, const Node *inner, const char *name, unsigned depth)
{
    struct figured figured = figure(an, inner, depth);

    return figured.strong || name == NULL ? figured : (struct figured){name, false};
}

static struct figured
figure(const struct lk_analysis *an, const Node *node, unsigned depth)
{
    if (node == NULL || depth > 500)
        return (struct figured){NULL, false};
    depth++;
    switch (nodeTag(node)) {
    case T_ColumnRef:
        return strong(last_name(((const ColumnRef *)node)->fields));
    case T_A_Indirection: {
        const A_Indirection *indirection = (const A_Indirection *)node;
        const char *name = last_name(indirection->indirection);
        return name != NULL ? strong(name) : figure(an, indirection->arg, depth);
    }
    case T_FuncCall:
        return strong(strVal(llast(((const FuncCall *)node)->funcname)));
    case T_A_Expr:
        return strong(((const A_Expr *)node)->kind == AEXPR_NULLIF ? "nullif" : NULL);
    case T_TypeCast: {
        const TypeCast *cast = (const TypeCast *)node;
        return figure_weak(an, cast->arg, last_name(cast->typeName->names), depth);
    }
    case T_CollateClause:
        return figure(an, ((const CollateClause *)node)->arg, depth);
    case T_SubLink:
        return figure_sublink(an, (const SubLink *)node);
    case T_CaseExpr:
        return figure_case(an, (const CaseExpr *)node, depth);
    case T_MinMaxExpr:
        return strong(((const MinMaxExpr *)node)->op == IS_GREATEST ? "greatest" : "least");
    case T_SQLValueFunction:
        return strong(value_functions[((const SQLValueFunction *)node)->op]);
    case T_XmlExpr:
        return strong(xml_functions[((const XmlExpr *)node)->op]);
    case T_JsonFuncExpr:
        return strong(json_functions[((const JsonFuncExpr *)node)->op]);
    default:
        return fixed_name(node);
    }
}

const char *
lk_figured_name(const Node *expression)
{
    return figure(NULL, expression, 0).name;
}

const char *
lk_target_name(const struct lk_analysis *an, const Node *expression)
{
    const char *name = figure(an, expression, 0).name;

    return name != NULL ? name : "?column?";
}

static void
add_column(struct lk_analysis *an, struct lk_result *result, const char *name,
           const struct lk_operand *operand)
{
    if (result->columns.count >= TARGETS_MAX) {
        result->complete = false;
        return;
    }
    *lk_vec_add(an->mem, &result->columns) = (struct lk_result_column){name, operand->typed};
}

/* star_span finds `*` with what qualifies it in the text. */
static bool
star_span(struct lk_analysis *an, const ColumnRef *ref, struct lk_span *ret)
{
    size_t first = lk_token_index(an->catalog, ref->location);

    if (first == SIZE_MAX)
        return false;
    struct lk_token last =
        lk_token(an->catalog, first + 2 * (size_t)(list_length(ref->fields) - 1));
    ret->start = lk_token(an->catalog, first).span.start;
    ret->end = last.span.end;
    return lk_token_is_symbol(an->catalog->text, last, '*');
}

/* expand writes what a star stands for in its place. */
static struct lk_star
expand(struct lk_analysis *an, const struct lk_scope *scope, const ColumnRef *ref, bool named)
{
    struct lk_star star = lk_scope_star(an, scope, ref);
    struct lk_span span;

    star.named = named;
    if (star_span(an, ref, &span))
        lk_mention_star(an, span, &star);
    else
        lk_vec_foreach(column, &star.columns)
            if (column->column != NULL)
                lk_mention_silently(an, &column->column->object);
    return star;
}

static void
add_star(struct lk_analysis *an, const struct lk_scope *scope, const ColumnRef *ref,
         struct lk_result *result)
{
    struct lk_star star = expand(an, scope, ref, true);

    result->complete &= star.complete;
    lk_vec_foreach(column, &star.columns)
        add_column(an, result, column->name, &column->operand);
}

static bool
is_star(const Node *node)
{
    return node != NULL && IsA(node, ColumnRef) &&
           IsA(llast(((const ColumnRef *)node)->fields), A_Star);
}

struct lk_operands
lk_analyze_row(struct lk_analysis *an, const struct lk_scope *scope, List *elements, bool *complete)
{
    struct lk_operands operands = {0};
    ListCell *cell;

    foreach(cell, elements) {
        if (!is_star(lfirst(cell))) {
            struct lk_operand operand = lk_analyze_node(an, scope, lfirst(cell));
            lk_vec_push(an->mem, &operands.items, operand);
            continue;
        }
        struct lk_star star = expand(an, scope, lfirst(cell), false);
        *complete &= star.complete;
        lk_vec_foreach(column, &star.columns)
            lk_vec_push(an->mem, &operands.items, column->operand);
    }
    return operands;
}

/* add_fields adds the fields of `(composite).*`. */
static void
add_fields(struct lk_analysis *an, const struct lk_scope *scope, const A_Indirection *indirection,
           struct lk_result *result)
{
    struct lk_operand operand = lk_analyze_node(an, scope, indirection->arg);
    const struct lk_relation *relation =
        list_length(indirection->indirection) == 1 ? lk_operand_relation(an, &operand) : NULL;

    if (relation == NULL || relation->partial || relation->object.assumed) {
        result->complete = false;
        return;
    }
    lk_vec_foreach(column, &relation->columns) {
        operand = lk_operand_of_column(*column);
        lk_mention_silently(an, &(*column)->object);
        add_column(an, result, (*column)->object.name, &operand);
    }
}

static void
add_target(struct lk_analysis *an, const struct lk_scope *scope, const ResTarget *target,
           struct lk_result *result)
{
    Node *node = target->val;

    if (is_star(node)) {
        add_star(an, scope, (ColumnRef *)node, result);
        return;
    }
    if (node != NULL && IsA(node, A_Indirection) &&
        IsA(llast(((A_Indirection *)node)->indirection), A_Star)) {
        add_fields(an, scope, (A_Indirection *)node, result);
        return;
    }
    if (target->name == NULL && node != NULL && IsA(node, ColumnRef)) {
        an->output = node;
        an->as = lk_target_name(an, node);
    }
    struct lk_operand operand = lk_analyze_node(an, scope, node);
    an->output = NULL;
    add_column(an, result, target->name != NULL ? target->name : lk_target_name(an, node),
               &operand);
}

struct lk_result
lk_analyze_targets(struct lk_analysis *an, const struct lk_scope *scope, List *targets)
{
    struct lk_result result = {.complete = true};
    ListCell *cell;

    foreach(cell, targets)
        if (IsA(lfirst(cell), ResTarget))
            add_target(an, scope, lfirst(cell), &result);
    return result;
}
