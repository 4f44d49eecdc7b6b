/*
 * rules/bounds.c
 *     How many rows UPDATE, DELETE and MERGE may touch: see bounds.h.
 */
#include "rules/bounds.h"

#include "parser/tree.h"
#include "rules/suggest.h"

/* What a WHERE clause says of a table's columns. */
struct bounds {
    const struct lk_check *check;
    const struct lk_relation *table; /* NULL: not known */
    bool alone;                      /* there is no other table in the statement */
    LK_VEC(const char *) equal;      /* columns that are given */
    LK_VEC(const char *) above;      /* columns with a lower end */
    LK_VEC(const char *) below;
    bool bounded;
};

static const char *
column_of(const Node *node)
{
    if (node == NULL || !IsA(node, ColumnRef))
        return NULL;
    const Node *last = llast(((const ColumnRef *)node)->fields);
    return IsA(last, String) ? strVal(last) : NULL;
}

static bool
has_columns(const struct bounds *bounds, Node *node)
{
    struct lk_tree_names names = {0};

    lk_tree_columns(bounds->check->mem, node, &names);
    return names.items.count > 0;
}

/*
 * is_given returns whether a value is the same for all rows, or one for each: a query in
 * parentheses returns one. In a body the variables look like columns.
 */
static bool
is_given(const struct bounds *bounds, Node *node)
{
    if (node != NULL && IsA(node, SubLink) && ((const SubLink *)node)->subLinkType == EXPR_SUBLINK)
        return true;
    return node != NULL &&
           (!has_columns(bounds, node) || (bounds->check->nested != NULL && bounds->alone));
}

static bool
contains(const char *const *names, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

/* add_comparison notes what `column <operator> value` says. */
static void
add_comparison(struct bounds *bounds, const char *operator, const char * column)
{
    TALLOC_CTX *mem = bounds->check->mem;

    if (strcmp(operator, "=") == 0)
        lk_vec_push(mem, &bounds->equal, column);
    else if (operator[0] == '>')
        lk_vec_push(mem, &bounds->above, column);
    else if (operator[0] == '<' && operator[1] != '>')
        lk_vec_push(mem, &bounds->below, column);
}

/* add_expression notes what a comparison says. */
static void
add_expression(struct bounds *bounds, const A_Expr *comparison)
{
    static const char *const mirrored[][2] = {{"<", ">"}, {"<=", ">="}, {">", "<"}, {">=", "<="}};
    const char *operator= strVal(llast(comparison->name));
    const char *left = column_of(comparison->lexpr), *right = column_of(comparison->rexpr);

    switch (comparison->kind) {
    case AEXPR_OP:
        if (left != NULL && is_given(bounds, comparison->rexpr)) {
            add_comparison(bounds, operator, left);
        } else if (right != NULL && is_given(bounds, comparison->lexpr)) {
            for (size_t i = 0; i < LK_ARRAY_SIZE(mirrored); i++)
                if (strcmp(operator, mirrored[i][0]) == 0) {
                    add_comparison(bounds, mirrored[i][1], right);
                    return;
                }
            add_comparison(bounds, operator, right);
        }
        break;
    case AEXPR_OP_ANY:
    case AEXPR_IN:
        if (strcmp(operator, "=") == 0 && left != NULL && is_given(bounds, comparison->rexpr))
            add_comparison(bounds, operator, left);
        break;
    case AEXPR_BETWEEN:
    case AEXPR_BETWEEN_SYM:
        bounds->bounded |= left != NULL;
        break;
    default:
        break;
    }
}

static bool is_bound(const struct bounds *outer, Node *where);

static void
add_condition(struct bounds *bounds, Node *node)
{
    ListCell *cell;

    if (IsA(node, BoolExpr) && ((const BoolExpr *)node)->boolop == AND_EXPR) {
        foreach(cell, ((const BoolExpr *)node)->args)
            add_condition(bounds, lfirst(cell));
    } else if (IsA(node, BoolExpr) && ((const BoolExpr *)node)->boolop == OR_EXPR) {
        bool all = true;
        foreach(cell, ((const BoolExpr *)node)->args)
            all = all && is_bound(bounds, lfirst(cell));
        bounds->bounded |= all;
    } else if (IsA(node, CurrentOfExpr)) {
        bounds->bounded = true;
    } else if (!has_columns(bounds, node) && !lk_always_true(node)) {
        bounds->bounded |= IsA(node, A_Const) || IsA(node, A_Expr);
    } else if (IsA(node, A_Expr)) {
        add_expression(bounds, (const A_Expr *)node);
    }
}

/* covers_key returns whether the columns that are given are all of a unique key. */
static bool
covers_key(const struct bounds *bounds)
{
    const struct lk_relation *table = bounds->table;

    if (contains(bounds->equal.items, bounds->equal.count, "ctid"))
        return true;
    if (table == NULL || table->partial || table->object.assumed)
        return bounds->equal.count > 0;
    lk_vec_foreach(index, &table->indexes) {
        size_t keys = (*index)->keys.count - (*index)->included, given = 0;
        for (size_t i = 0; i < keys; i++)
            given += (*index)->keys.items[i] != NULL &&
                     contains(bounds->equal.items, bounds->equal.count, (*index)->keys.items[i]);
        if ((*index)->unique && keys > 0 && given == keys)
            return true;
    }
    return false;
}

static bool
is_bound(const struct bounds *outer, Node *where)
{
    struct bounds bounds = {.check = outer->check, .table = outer->table, .alone = outer->alone};

    add_condition(&bounds, where);
    lk_vec_foreach(column, &bounds.above)
        bounds.bounded |= contains(bounds.below.items, bounds.below.count, *column);
    return bounds.bounded || covers_key(&bounds);
}

/* note_limit notes a LIMIT or a list of rows. */
static void
note_limit(const Node *node, void *data)
{
    if (IsA(node, SelectStmt) && (((const SelectStmt *)node)->limitCount != NULL ||
                                  ((const SelectStmt *)node)->valuesLists != NIL))
        *(bool *)data = true;
}

/* is_one_row returns whether what MERGE reads is a query without FROM. */
static bool
is_one_row(const Node *source)
{
    if (!IsA(source, RangeSubselect))
        return false;
    const SelectStmt *query = (const SelectStmt *)((const RangeSubselect *)source)->subquery;
    return query->op == SETOP_NONE && query->fromClause == NIL;
}

bool
lk_is_bounded(const struct lk_check *check, const Node *statement)
{
    struct bounds bounds = {.check = check};
    const RangeVar *range;
    Node *where;
    bool limited = false;

    if (IsA(statement, UpdateStmt)) {
        const UpdateStmt *stmt = (const UpdateStmt *)statement;
        if (lk_is_of_one_row(check->catalog, stmt))
            return true;
        range = stmt->relation;
        where = stmt->whereClause;
        bounds.alone = stmt->fromClause == NIL;
    } else if (IsA(statement, DeleteStmt)) {
        const DeleteStmt *stmt = (const DeleteStmt *)statement;
        range = stmt->relation;
        where = stmt->whereClause;
        bounds.alone = stmt->usingClause == NIL;
    } else {
        const MergeStmt *stmt = (const MergeStmt *)statement;
        range = stmt->relation;
        where = stmt->joinCondition;
        limited = is_one_row(stmt->sourceRelation);
    }
    bounds.table = lk_subject(check, range);
    lk_tree_walk(statement, note_limit, &limited);
    return limited || (where != NULL && is_bound(&bounds, where));
}
