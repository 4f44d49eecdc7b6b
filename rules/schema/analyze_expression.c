/*
 * rules/schema/analyze_expression.c
 *     What expressions yield.
 *
 * Source: transformExprRecurse(), src/backend/parser/parse_expr.c, and exprTypmod(),
 * src/backend/nodes/nodeFuncs.c.
 */
#include "rules/schema/analyze_private.h"
#include "rules/schema/replay_relation.h"

static const struct lk_operand unknown = {0};

static struct lk_operand
constant(const A_Const *constant)
{
    if (constant->isnull)
        return lk_operand_of("unknown");
    switch (nodeTag(&constant->val)) {
    case T_Integer:
        return lk_operand_of("int4");
    case T_Float:
        return lk_operand_of(lk_number_type(constant->val.fval.fval));
    case T_Boolean:
        return lk_operand_of("bool");
    case T_BitString:
        return lk_operand_of("bit");
    case T_String:
        return lk_operand_of("unknown");
    default:
        return unknown;
    }
}

void
lk_analyze_list(struct lk_analysis *an, const struct lk_scope *scope, List *list)
{
    ListCell *cell;

    foreach(cell, list)
        lk_analyze_node(an, scope, lfirst(cell));
}

struct lk_operands
lk_analyze_operands(struct lk_analysis *an, const struct lk_scope *scope, List *list)
{
    struct lk_operands operands = {0};
    ListCell *cell;

    foreach(cell, list) {
        struct lk_operand operand = lk_analyze_node(an, scope, lfirst(cell));
        lk_vec_push(an->mem, &operands.items, operand);
    }
    return operands;
}

static struct lk_operand array(struct lk_analysis *an, const struct lk_scope *scope,
                               const A_ArrayExpr *expr, const char *what);

/* is_literal returns whether an expression is a string constant or NULL, which become anything. */
static bool
is_literal(const Node *node)
{
    const A_Const *it = (const A_Const *)node;

    return IsA(node, A_Const) && (it->isnull || IsA(&it->val, String));
}

/* refuse_elements refuses string constants that are no values of what an array is to hold. */
static void
refuse_elements(struct lk_analysis *an, struct lk_operand array, const A_ArrayExpr *expr)
{
    array.typed.type.array = false;
    lk_analysis_refuse_literal(an, &array, (const Node *)expr->elements);
}

static struct lk_operand
cast(struct lk_analysis *an, const struct lk_scope *scope, const TypeCast *cast)
{
    /* the elements of ARRAY[...]::type[] are cast one by one */
    bool apart = IsA(cast->arg, A_ArrayExpr);
    struct lk_operand operand = apart ? array(an, scope, (const A_ArrayExpr *)cast->arg, NULL)
                                      : lk_analyze_node(an, scope, cast->arg);
    struct lk_operand result = lk_resolve_type(an, cast->typeName);

    if (lk_operand_is(&result, "regclass"))
        lk_mention_regclass(an, cast->arg);
    if (apart && result.typed.type.array)
        refuse_elements(an, result, (const A_ArrayExpr *)cast->arg);
    else
        lk_analysis_refuse_literal(an, &result, cast->arg);
    if (!apart && !is_literal(cast->arg))
        lk_analysis_refuse_cast(an, &operand, &result, cast->location);
    lk_operand_collate(an, &result, &operand, 1);
    lk_analysis_volatility(an, lk_builtin_cast(lk_operand_number(an, &operand),
                                               lk_operand_number(an, &result),
                                               lk_catalog_version(an->catalog))
                                   .volatility);
    return result;
}

static struct lk_operand
collate(struct lk_analysis *an, const struct lk_scope *scope, const CollateClause *clause)
{
    struct lk_operand operand = lk_analyze_node(an, scope, clause->arg);

    if (lk_operand_is(&operand, "unknown"))
        operand = lk_operand_of("text");
    else if (operand.typed.type_known && !an->incomplete && !an->variables &&
             an->catalog->refusals.items.count == 0)
        lk_refuse_collation(an->catalog, &operand.typed.type, clause->collname, clause->location);
    operand.typed.collation = lk_resolve_collation(an, clause->collname, clause->location);
    operand.collating = LK_COLLATING_EXPLICIT;
    return operand;
}

/* subscript returns an element or a slice of a container. */
static struct lk_operand
subscript(struct lk_analysis *an, const struct lk_scope *scope, struct lk_operand container,
          const A_Indices *indices)
{
    lk_analyze_node(an, scope, indices->lidx);
    lk_analyze_node(an, scope, indices->uidx);
    if (lk_operand_is(&container, "jsonb"))
        return container;
    if (container.typed.type_known && !container.typed.type.array)
        return indices->is_slice ? unknown
                                 : lk_operand_of_number(
                                       an, lk_builtin_element(lk_operand_number(an, &container)));
    if (!container.typed.type_known)
        return unknown;
    container.typed.type.array = indices->is_slice;
    return container;
}

static struct lk_operand
indirection(struct lk_analysis *an, const struct lk_scope *scope, const A_Indirection *node)
{
    struct lk_operand operand = lk_analyze_node(an, scope, node->arg);
    bool subscripted = false, sliced = false;
    ListCell *cell;

    foreach(cell, node->indirection)
        sliced |= IsA(lfirst(cell), A_Indices) && ((A_Indices *)lfirst(cell))->is_slice;
    foreach(cell, node->indirection) {
        Node *step = lfirst(cell);
        if (IsA(step, A_Indices)) {
            /* [1][2] is one access, and a slice if one of them is */
            struct lk_operand part = subscript(an, scope, operand, (A_Indices *)step);
            if (!subscripted)
                operand = part;
            if (sliced && operand.typed.type_known && !lk_operand_is(&operand, "jsonb"))
                operand.typed.type.array = true;
            subscripted = true;
        } else if (IsA(step, String)) {
            operand = lk_operand_field(an, &operand, strVal(step));
            subscripted = false;
        } else {
            return unknown;
        }
    }
    return operand;
}

/* compares returns whether values of one type are compared that are, or are not, of a list. */
static bool
compares(const struct lk_analysis *an, const A_Expr *expr, const struct lk_operand *left,
         const struct lk_operand *right)
{
    if (HASH_COUNT(an->catalog->spaces[LK_CLASS_OPERATOR]) > 0 || lk_operand_is(left, "json") ||
        lk_operand_is(right, "json"))
        return false; /* who knows what that compares; and there is no = for json */
    return expr->kind == AEXPR_IN || expr->kind == AEXPR_DISTINCT ||
           expr->kind == AEXPR_NOT_DISTINCT || expr->kind == AEXPR_BETWEEN ||
           expr->kind == AEXPR_NOT_BETWEEN || expr->kind == AEXPR_NULLIF;
}

static struct lk_operand
a_expr(struct lk_analysis *an, const struct lk_scope *scope, const A_Expr *expr)
{
    bool row = expr->lexpr != NULL && IsA(expr->lexpr, RowExpr);
    struct lk_operand left = lk_analyze_node(an, scope, expr->lexpr);
    if (row)
        an->many = expr->rexpr;
    struct lk_operand right = lk_analyze_node(an, scope, expr->rexpr);
    struct lk_operand result = lk_operand_of("bool"), literal = {0};

    if (compares(an, expr, &left, &right)) {
        lk_analysis_refuse_literal(an, &left, expr->rexpr);
        lk_analysis_refuse_literal(an, &right, expr->lexpr);
    }
    switch (expr->kind) {
    case AEXPR_OP:
        if (row && expr->rexpr != NULL && (IsA(expr->rexpr, RowExpr) || IsA(expr->rexpr, SubLink)))
            return result;
        result = lk_analyze_operator(an, lk_qname_of_list(expr->name), expr->location,
                                     expr->lexpr != NULL ? &left : NULL, &right, &literal);
        if (literal.typed.type_known) {
            lk_analysis_refuse_literal(an, &literal, expr->lexpr);
            lk_analysis_refuse_literal(an, &literal, expr->rexpr);
        }
        return result;
    case AEXPR_LIKE:
    case AEXPR_ILIKE:
        lk_analyze_operator(an, lk_qname_of_list(expr->name), expr->location, &left, &right,
                            &literal);
        return result;
    case AEXPR_NULLIF:
        return lk_operand_nullif(an, &left, &right);
    default:
        lk_mention_operator(an, expr->name, expr->location);
        return result;
    }
}

/* refuse_width refuses a query of another number of columns than are wanted. */
static void
refuse_width(struct lk_analysis *an, const SubLink *link, const struct lk_result *query)
{
    size_t count = query->columns.count;
    bool row = link->testexpr != NULL && IsA(link->testexpr, RowExpr);
    size_t wanted = row ? (size_t)list_length(((const RowExpr *)link->testexpr)->args) : 1;

    if (!query->complete || count == wanted)
        return;
    if (link->testexpr == NULL)
        lk_analysis_refuse(an, "42601", link->location, "subquery must return only one column");
    else if (!row || wanted > 1) /* one may be a row with all of its columns */
        lk_analysis_refuse(an, "42601", link->location, "subquery has too %s columns",
                           count > wanted ? "many" : "few");
}

/* compare_each looks for the operator that compares a value with what a query yields. */
static void
compare_each(struct lk_analysis *an, const SubLink *link, const struct lk_operand *left,
             const struct lk_result *query)
{
    struct lk_operand literal, right = {.typed = query->columns.items[0].typed};
    struct lk_qname equal = {.name = "="};

    lk_analyze_operator(an, link->operName != NIL ? lk_qname_of_list(link->operName) : equal,
                        link->location, left, &right, &literal);
}

static struct lk_operand
sublink(struct lk_analysis *an, const struct lk_scope *scope, const SubLink *link)
{
    struct lk_operand result = unknown;
    bool many = an->many == (const Node *)link;

    struct lk_operand left = lk_analyze_node(an, scope, link->testexpr);
    struct lk_result query = lk_analyze_statement(an, scope, link->subselect);
    if (!many && link->subLinkType != EXISTS_SUBLINK)
        refuse_width(an, link, &query);
    if (link->testexpr != NULL && !IsA(link->testexpr, RowExpr) && query.complete &&
        query.columns.count == 1)
        compare_each(an, link, &left, &query);
    if (link->operName != NIL)
        lk_mention_operator(an, link->operName, link->location);
    switch (link->subLinkType) {
    case EXPR_SUBLINK:
    case ARRAY_SUBLINK:
        break;
    case MULTIEXPR_SUBLINK:
        return lk_operand_of("record");
    default:
        return lk_operand_of("bool");
    }
    if (query.columns.count == 0)
        return unknown;
    if (link->subLinkType == EXPR_SUBLINK)
        lk_vec_push(an->mem, &an->sublinks,
                    ((struct lk_named_sublink){link, query.columns.items[0].name}));
    result.typed = query.columns.items[0].typed;
    if (link->subLinkType == ARRAY_SUBLINK)
        result.typed.type.array = true; /* of an array: the same type */
    return result;
}

static struct lk_operand
case_expr(struct lk_analysis *an, const struct lk_scope *scope, const CaseExpr *expr)
{
    struct lk_operands results = {0};
    ListCell *cell;

    struct lk_operand tested = lk_analyze_node(an, scope, (Node *)expr->arg);
    /* the default comes first, a NULL where there is none */
    lk_vec_push(an->mem, &results.items, lk_operand_of("unknown"));
    foreach(cell, expr->args) {
        const CaseWhen *when = lfirst_node(CaseWhen, cell);
        struct lk_operand condition = lk_analyze_node(an, scope, (Node *)when->expr);
        if (expr->arg == NULL)
            lk_analysis_refuse_truth(an, &condition, "CASE/WHEN");
        lk_analysis_refuse_literal(an, &tested, (const Node *)when->expr);
        struct lk_operand result = lk_analyze_node(an, scope, (Node *)when->result);
        lk_vec_push(an->mem, &results.items, result);
    }
    if (expr->defresult != NULL) {
        struct lk_operand result = lk_analyze_node(an, scope, (Node *)expr->defresult);
        results.items.items[0] = result;
    }
    struct lk_operand common = lk_operand_common(an, &results);
    lk_analysis_refuse_unlike(an, &results, "CASE");
    lk_analysis_refuse_literal(an, &common, (const Node *)expr->defresult);
    foreach(cell, expr->args)
        lk_analysis_refuse_literal(an, &common, (const Node *)lfirst_node(CaseWhen, cell)->result);
    return common;
}

/* choice returns what COALESCE, GREATEST and LEAST yield: one of a list. */
static struct lk_operand
choice(struct lk_analysis *an, const struct lk_scope *scope, List *list, const char *what)
{
    struct lk_operands operands = lk_analyze_operands(an, scope, list);
    struct lk_operand common = lk_operand_common(an, &operands);

    lk_analysis_refuse_unlike(an, &operands, what);
    lk_analysis_refuse_literal(an, &common, (const Node *)list);
    return common;
}

/* array returns an array of elements, which are of one type where `what` is not NULL. */
static struct lk_operand
array(struct lk_analysis *an, const struct lk_scope *scope, const A_ArrayExpr *expr,
      const char *what)
{
    struct lk_operands elements = lk_analyze_operands(an, scope, expr->elements);

    if (elements.items.count == 0)
        return unknown;
    struct lk_operand result = lk_operand_common(an, &elements);
    lk_analysis_refuse_unlike(an, &elements, what);
    if (what != NULL)
        lk_analysis_refuse_literal(an, &result, (const Node *)expr->elements);
    result.typed.type.array = true;
    return result;
}

static const char *const value_types[] = {
    [SVFOP_CURRENT_DATE] = "date",
    [SVFOP_CURRENT_TIME] = "timetz",
    [SVFOP_CURRENT_TIME_N] = "timetz",
    [SVFOP_CURRENT_TIMESTAMP] = "timestamptz",
    [SVFOP_CURRENT_TIMESTAMP_N] = "timestamptz",
    [SVFOP_LOCALTIME] = "time",
    [SVFOP_LOCALTIME_N] = "time",
    [SVFOP_LOCALTIMESTAMP] = "timestamp",
    [SVFOP_LOCALTIMESTAMP_N] = "timestamp",
    [SVFOP_CURRENT_ROLE] = "name",
    [SVFOP_CURRENT_USER] = "name",
    [SVFOP_USER] = "name",
    [SVFOP_SESSION_USER] = "name",
    [SVFOP_CURRENT_CATALOG] = "name",
    [SVFOP_CURRENT_SCHEMA] = "name",
};

static struct lk_operand
value_function(struct lk_analysis *an, const SQLValueFunction *function)
{
    struct lk_operand operand = lk_operand_of(value_types[function->op]);

    if (function->typmod >= 0) {
        operand.typed.type.mods[0] = function->typmod;
        operand.typed.type.mod_count = 1;
    }
    lk_analysis_volatility(an, 's');
    return operand;
}

static struct lk_operand
xml(struct lk_analysis *an, const struct lk_scope *scope, const XmlExpr *expr)
{
    lk_analyze_list(an, scope, expr->named_args);
    lk_analyze_list(an, scope, expr->args);
    return lk_operand_of(expr->op == IS_DOCUMENT ? "bool" : "xml");
}

static struct lk_operand
boolean(struct lk_analysis *an, const struct lk_scope *scope, Node *inner)
{
    lk_analyze_node(an, scope, inner);
    return lk_operand_of("bool");
}

/* combined returns what AND, OR and NOT make of conditions. */
static struct lk_operand
combined(struct lk_analysis *an, const struct lk_scope *scope, const BoolExpr *expr)
{
    static const char *const words[] = {[AND_EXPR] = "AND", [OR_EXPR] = "OR", [NOT_EXPR] = "NOT"};
    ListCell *cell;

    foreach(cell, expr->args) {
        struct lk_operand operand = lk_analyze_node(an, scope, lfirst(cell));
        lk_analysis_refuse_truth(an, &operand, words[expr->boolop]);
    }
    return lk_operand_of("bool");
}

/* truth returns what IS TRUE and its kind make of a condition. */
static struct lk_operand
truth(struct lk_analysis *an, const struct lk_scope *scope, const BooleanTest *test)
{
    static const char *const words[] = {
        [IS_TRUE] = "IS TRUE",       [IS_NOT_TRUE] = "IS NOT TRUE",
        [IS_FALSE] = "IS FALSE",     [IS_NOT_FALSE] = "IS NOT FALSE",
        [IS_UNKNOWN] = "IS UNKNOWN", [IS_NOT_UNKNOWN] = "IS NOT UNKNOWN"};
    struct lk_operand operand = lk_analyze_node(an, scope, (Node *)test->arg);

    lk_analysis_refuse_truth(an, &operand, words[test->booltesttype]);
    return lk_operand_of("bool");
}

static void
window(struct lk_analysis *an, const struct lk_scope *scope, const WindowDef *window)
{
    lk_analyze_list(an, scope, window->partitionClause);
    lk_analyze_list(an, scope, window->orderClause);
    lk_analyze_node(an, scope, window->startOffset);
    lk_analyze_node(an, scope, window->endOffset);
}

static struct lk_operand
analyze(struct lk_analysis *an, const struct lk_scope *scope, Node *node)
{
    switch (nodeTag(node)) {
    case T_A_Const:
        return constant((const A_Const *)node);
    case T_ColumnRef:
        return lk_scope_column_ref(an, scope, (const ColumnRef *)node);
    case T_TypeCast:
        return cast(an, scope, (const TypeCast *)node);
    case T_CollateClause:
        return collate(an, scope, (const CollateClause *)node);
    case T_FuncCall:
        return lk_analyze_call(an, scope, (FuncCall *)node);
    case T_A_Expr:
        return a_expr(an, scope, (const A_Expr *)node);
    case T_A_Indirection:
        return indirection(an, scope, (const A_Indirection *)node);
    case T_A_ArrayExpr:
        return array(an, scope, (const A_ArrayExpr *)node, "ARRAY");
    case T_SubLink:
        return sublink(an, scope, (const SubLink *)node);
    case T_CaseExpr:
        return case_expr(an, scope, (const CaseExpr *)node);
    case T_SQLValueFunction:
        return value_function(an, (const SQLValueFunction *)node);
    case T_XmlExpr:
        return xml(an, scope, (const XmlExpr *)node);
    case T_XmlSerialize:
        lk_analyze_node(an, scope, ((XmlSerialize *)node)->expr);
        return lk_resolve_type(an, ((XmlSerialize *)node)->typeName);
    case T_CoalesceExpr:
        return choice(an, scope, ((CoalesceExpr *)node)->args, "COALESCE");
    case T_MinMaxExpr:
        return choice(an, scope, ((MinMaxExpr *)node)->args,
                      ((MinMaxExpr *)node)->op == IS_GREATEST ? "GREATEST" : "LEAST");
    case T_List:
        lk_analyze_list(an, scope, (List *)node);
        return unknown;
    case T_RowExpr: {
        bool complete = true;
        lk_analyze_row(an, scope, ((RowExpr *)node)->args, &complete);
        return lk_operand_of("record");
    }
    case T_BoolExpr:
        return combined(an, scope, (const BoolExpr *)node);
    case T_NullTest:
        return boolean(an, scope, (Node *)((NullTest *)node)->arg);
    case T_BooleanTest:
        return truth(an, scope, (const BooleanTest *)node);
    case T_GroupingFunc:
        lk_analyze_list(an, scope, ((GroupingFunc *)node)->args);
        return lk_operand_of("int4");
    case T_SortBy:
        return lk_analyze_node(an, scope, ((SortBy *)node)->node);
    case T_ResTarget:
        return lk_analyze_node(an, scope, ((ResTarget *)node)->val);
    case T_NamedArgExpr:
        return lk_analyze_node(an, scope, (Node *)((NamedArgExpr *)node)->arg);
    case T_WindowDef:
        window(an, scope, (const WindowDef *)node);
        return unknown;
    case T_MergeSupportFunc:
        return lk_operand_of("text");
    case T_ParamRef:
        if (!an->catalog->parameters)
            lk_analysis_refuse(an, "42P02", ((ParamRef *)node)->location,
                               "there is no parameter $%d", ((ParamRef *)node)->number);
        return unknown;
    case T_SetToDefault:
        return unknown;
    default:
        return lk_analyze_json(an, scope, node);
    }
}

struct lk_operand
lk_analyze_node(struct lk_analysis *an, const struct lk_scope *scope, Node *node)
{
    if (node == NULL)
        return unknown;
    if (an->depth >= LK_ANALYSIS_DEPTH) {
        an->incomplete = true;
        return unknown;
    }
    an->depth++;
    struct lk_operand operand = analyze(an, scope, node);
    an->depth--;
    return operand;
}
