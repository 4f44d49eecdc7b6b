/*
 * rules/schema/replay_condition.c
 *     Conditions that ask for the schema: see replay_condition.h.
 *
 * Understood are queries over the catalogs (replay_exists.c) by EXISTS and count(*),
 * to_regclass(...) IS NULL and its like, and what AND, OR and NOT make of these.
 */
#include "rules/schema/replay_condition.h"

#include "rules/schema/analyze_private.h"
#include "rules/schema/builtin.h"
#include "rules/schema/catalog_private.h"
#include "rules/schema/replay_exists.h"

#define DEEPEST 32

static enum lk_truth
opposite(enum lk_truth truth)
{
    return truth == LK_TRUTH_TRUE    ? LK_TRUTH_FALSE
           : truth == LK_TRUTH_FALSE ? LK_TRUTH_TRUE
                                     : truth;
}

static enum lk_truth
both(enum lk_truth a, enum lk_truth b)
{
    if (a == LK_TRUTH_FALSE || b == LK_TRUTH_FALSE)
        return LK_TRUTH_FALSE;
    return a == LK_TRUTH_TRUE && b == LK_TRUTH_TRUE ? LK_TRUTH_TRUE : LK_TRUTH_UNKNOWN;
}

static enum lk_truth truth_of(TALLOC_CTX *mem, const struct lk_catalog *catalog, const Node *node,
                              int depth);

static enum lk_truth
truth_of_all(TALLOC_CTX *mem, const struct lk_catalog *catalog, const BoolExpr *expr, int depth)
{
    bool any = expr->boolop == OR_EXPR; /* a OR b: NOT (NOT a AND NOT b) */
    enum lk_truth all = LK_TRUTH_TRUE;
    ListCell *cell;

    foreach(cell, expr->args) {
        enum lk_truth one = truth_of(mem, catalog, lfirst(cell), depth + 1);
        all = both(all, any ? opposite(one) : one);
    }
    return any || expr->boolop == NOT_EXPR ? opposite(all) : all;
}

/* is_there returns whether to_regclass, or its like, finds what a constant names. */
static enum lk_truth
is_there(TALLOC_CTX *mem, const struct lk_catalog *catalog, const Node *node)
{
    const FuncCall *call = (const FuncCall *)node;
    const struct lk_object *object = NULL;
    struct lk_qname name;

    if (node == NULL || !IsA(node, FuncCall) || list_length(call->args) != 1 ||
        !lk_constant_name(mem, linitial(call->args), &name) || strncmp(name.name, "pg_", 3) == 0)
        return LK_TRUTH_UNKNOWN;
    const char *function = strVal(llast(call->funcname));
    enum lk_class class = LK_CLASS_RELATION;
    if (strcmp(function, "to_regclass") == 0) {
        const struct lk_relation *relation = lk_catalog_relation(catalog, name.schema, name.name);
        object = relation != NULL ? &relation->object : NULL;
    } else if (strcmp(function, "to_regtype") == 0) {
        const struct lk_defined_type *type = lk_catalog_type(catalog, name.schema, name.name);
        class = LK_CLASS_TYPE;
        object = type != NULL ? &type->object : NULL;
        if (type == NULL && (name.schema == NULL || /* a type of the server, or one of a row */
                             lk_catalog_relation(catalog, name.schema, name.name) != NULL))
            return LK_TRUTH_UNKNOWN;
    } else {
        return LK_TRUTH_UNKNOWN;
    }
    if (object != NULL)
        return object->assumed || object->doubtful ? LK_TRUTH_UNKNOWN : LK_TRUTH_TRUE;
    return lk_catalog_may_exist(catalog, class, name.schema, name.name) ? LK_TRUTH_UNKNOWN
                                                                        : LK_TRUTH_FALSE;
}

/* counts returns the query of (SELECT count(*) FROM ...), or NULL. */
static const SelectStmt *
counts(const Node *node)
{
    const SubLink *link = (const SubLink *)node;
    const SelectStmt *select;

    if (node == NULL || !IsA(node, SubLink) || link->subLinkType != EXPR_SUBLINK ||
        !IsA(link->subselect, SelectStmt))
        return NULL;
    select = (const SelectStmt *)link->subselect;
    if (list_length(select->targetList) != 1)
        return NULL;
    const FuncCall *call = (const FuncCall *)linitial_node(ResTarget, select->targetList)->val;
    return IsA(call, FuncCall) && call->agg_star && call->agg_filter == NULL &&
                   strcmp(strVal(llast(call->funcname)), "count") == 0
               ? select
               : NULL;
}

/* truth_of_count returns what a comparison of count(*) with 0 comes to. */
static enum lk_truth
truth_of_count(TALLOC_CTX *mem, const struct lk_catalog *catalog, const A_Expr *expr)
{
    const SelectStmt *select = expr->kind == AEXPR_OP ? counts(expr->lexpr) : NULL;
    const A_Const *zero = (const A_Const *)expr->rexpr;
    const char *op = strVal(llast(expr->name));

    if (select == NULL || zero == NULL || !IsA(zero, A_Const) || zero->isnull ||
        !IsA(&zero->val, Integer) || intVal(&zero->val) != 0)
        return LK_TRUTH_UNKNOWN;
    if (strcmp(op, "=") == 0)
        return opposite(lk_replay_exists(mem, catalog, select));
    return strcmp(op, ">") == 0 || strcmp(op, "<>") == 0 ? lk_replay_exists(mem, catalog, select)
                                                         : LK_TRUTH_UNKNOWN;
}

static enum lk_truth
truth_of(TALLOC_CTX *mem, const struct lk_catalog *catalog, const Node *node, int depth)
{
    if (node == NULL || depth > DEEPEST)
        return LK_TRUTH_UNKNOWN;
    switch (nodeTag(node)) {
    case T_BoolExpr:
        return truth_of_all(mem, catalog, (const BoolExpr *)node, depth);
    case T_SubLink: {
        const SubLink *link = (const SubLink *)node;
        return link->subLinkType == EXISTS_SUBLINK && IsA(link->subselect, SelectStmt)
                   ? lk_replay_exists(mem, catalog, (const SelectStmt *)link->subselect)
                   : LK_TRUTH_UNKNOWN;
    }
    case T_NullTest: {
        const NullTest *test = (const NullTest *)node;
        enum lk_truth there = is_there(mem, catalog, (const Node *)test->arg);
        return test->nulltesttype == IS_NULL ? opposite(there) : there;
    }
    case T_A_Expr:
        return truth_of_count(mem, catalog, (const A_Expr *)node);
    case T_A_Const:
        return !IsA(&((const A_Const *)node)->val, Boolean) ? LK_TRUTH_UNKNOWN
               : boolVal(&((const A_Const *)node)->val)     ? LK_TRUTH_TRUE
                                                            : LK_TRUTH_FALSE;
    default:
        return LK_TRUTH_UNKNOWN;
    }
}

/* value_of returns what a condition has come to, or comes to now. */
static enum lk_truth
value_of(TALLOC_CTX *mem, const struct lk_catalog *catalog, const Node *condition,
         struct lk_conditions *conditions)
{
    const SelectStmt *select = (const SelectStmt *)condition;
    enum lk_truth truth = LK_TRUTH_UNKNOWN;

    for (size_t i = 0; i < conditions->conditions.count; i++)
        if (conditions->conditions.items[i] == condition)
            return conditions->truths.items[i];
    if (IsA(select, SelectStmt) && select->op == SETOP_NONE && select->fromClause == NIL &&
        select->whereClause == NULL && list_length(select->targetList) == 1)
        truth = truth_of(mem, catalog, linitial_node(ResTarget, select->targetList)->val, 0);
    lk_vec_push(mem, &conditions->conditions, condition);
    lk_vec_push(mem, &conditions->truths, truth);
    return truth;
}

static enum lk_truth
condition_of(TALLOC_CTX *mem, const struct lk_catalog *catalog, const struct lk_arm *arm,
             struct lk_conditions *conditions)
{
    if (arm->condition == NULL)
        return LK_TRUTH_TRUE;
    enum lk_truth value = value_of(mem, catalog, arm->condition, conditions);
    return arm->negated ? opposite(value) : value;
}

enum lk_truth
lk_replay_reached(TALLOC_CTX *mem, const struct lk_catalog *catalog, const struct lk_nested *nested,
                  struct lk_conditions *conditions)
{
    enum lk_truth truth = nested->arm != NULL ? LK_TRUTH_TRUE : LK_TRUTH_UNKNOWN;

    if (nested->decides)
        value_of(mem, catalog, nested->statement.tree, conditions);
    for (const struct lk_arm *arm = nested->arm; arm != NULL; arm = arm->around) {
        truth = both(truth, condition_of(mem, catalog, arm, conditions));
        for (const struct lk_arm *before = arm->before; before != NULL; before = before->before)
            truth = both(truth, opposite(condition_of(mem, catalog, before, conditions)));
    }
    return truth;
}
