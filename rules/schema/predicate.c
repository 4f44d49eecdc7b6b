/*
 * rules/schema/predicate.c
 *     What follows from what: see predicate.h.
 */
#include "rules/schema/predicate.h"

#include <ctype.h>

#include "parser/base/buf.h"
#include "parser/pg_nodes.h"
#include "parser/pgparse.h"
#include "rules/schema/catalog.h"

#define DEEPEST 64
#define LONGEST 1000000 /* comparisons, after which nothing is told */

/* ---- from trees ---- */

static struct lk_predicate *
new_predicate(TALLOC_CTX *mem, enum lk_predicate_kind kind)
{
    struct lk_predicate *predicate = lk_new(mem, struct lk_predicate);

    predicate->kind = kind;
    return predicate;
}

static void
add_arg(struct lk_predicate *predicate, struct lk_predicate *arg)
{
    lk_vec_push(predicate, &predicate->args, arg);
}

static enum lk_predicate_kind
opposite(enum lk_predicate_kind kind)
{
    switch (kind) {
    case LK_PREDICATE_AND:
        return LK_PREDICATE_OR;
    case LK_PREDICATE_OR:
        return LK_PREDICATE_AND;
    case LK_PREDICATE_NULL:
        return LK_PREDICATE_NOT_NULL;
    case LK_PREDICATE_NOT_NULL:
        return LK_PREDICATE_NULL;
    case LK_PREDICATE_LESS:
        return LK_PREDICATE_GREATER_EQUAL;
    case LK_PREDICATE_LESS_EQUAL:
        return LK_PREDICATE_GREATER;
    case LK_PREDICATE_EQUAL:
        return LK_PREDICATE_NOT_EQUAL;
    case LK_PREDICATE_NOT_EQUAL:
        return LK_PREDICATE_EQUAL;
    case LK_PREDICATE_GREATER_EQUAL:
        return LK_PREDICATE_LESS;
    case LK_PREDICATE_GREATER:
        return LK_PREDICATE_LESS_EQUAL;
    default:
        return LK_PREDICATE_OTHER;
    }
}

struct lk_predicate *
lk_predicate_not(TALLOC_CTX *mem, const struct lk_predicate *predicate)
{
    struct lk_predicate *negated = new_predicate(mem, opposite(predicate->kind));

    negated->column = lk_strdup(negated, predicate->column);
    negated->text = lk_strdup(negated, predicate->text);
    negated->number = predicate->number;
    lk_vec_foreach(arg, &predicate->args)
        add_arg(negated, lk_predicate_not(negated, *arg));
    return negated;
}

static const char *
column_of(const Node *node)
{
    const Node *last;

    if (node == NULL || !IsA(node, ColumnRef))
        return NULL;
    last = llast(((const ColumnRef *)node)->fields);
    return IsA(last, String) ? strVal(last) : NULL;
}

/* read_constant takes an integer or a string, behind casts or not; false for anything else. */
static bool
read_constant(const Node *node, struct lk_predicate *ret)
{
    bool negative = false;

    while (node != NULL && IsA(node, TypeCast))
        node = ((const TypeCast *)node)->arg;
    if (node != NULL && IsA(node, A_Expr)) { /* -5 */
        const A_Expr *expr = (const A_Expr *)node;
        if (expr->kind != AEXPR_OP || expr->lexpr != NULL ||
            strcmp(strVal(llast(expr->name)), "-") != 0)
            return false;
        negative = true;
        node = expr->rexpr;
    }
    const A_Const *constant = (const A_Const *)node;
    if (node == NULL || !IsA(node, A_Const) || constant->isnull)
        return false;
    if (IsA(&constant->val, Integer)) {
        ret->number = negative ? -(int64_t)intVal(&constant->val) : intVal(&constant->val);
        return true;
    }
    if (!IsA(&constant->val, String) || negative)
        return false;
    ret->text = lk_strdup(ret, strVal(&constant->val));
    return true;
}

static struct lk_predicate *
compared(TALLOC_CTX *mem, enum lk_predicate_kind kind, const char *column, const Node *value)
{
    struct lk_predicate *predicate = new_predicate(mem, kind);

    predicate->column = lk_strdup(predicate, column);
    if (kind != LK_PREDICATE_OTHER && !read_constant(value, predicate))
        predicate->kind = LK_PREDICATE_OTHER;
    return predicate;
}

static enum lk_predicate_kind
kind_of(const char *operator)
{
    static const struct {
        const char *name;
        enum lk_predicate_kind kind;
    } operators[] = {
        {"<", LK_PREDICATE_LESS},           {"<=", LK_PREDICATE_LESS_EQUAL},
        {"=", LK_PREDICATE_EQUAL},          {"<>", LK_PREDICATE_NOT_EQUAL},
        {">=", LK_PREDICATE_GREATER_EQUAL}, {">", LK_PREDICATE_GREATER},
    };

    for (size_t i = 0; i < LK_ARRAY_SIZE(operators); i++)
        if (strcmp(operators[i].name, operator) == 0)
            return operators[i].kind;
    return LK_PREDICATE_OTHER;
}

/* swapped returns the operator with its sides exchanged. */
static enum lk_predicate_kind
swapped(enum lk_predicate_kind kind)
{
    switch (kind) {
    case LK_PREDICATE_LESS:
        return LK_PREDICATE_GREATER;
    case LK_PREDICATE_LESS_EQUAL:
        return LK_PREDICATE_GREATER_EQUAL;
    case LK_PREDICATE_GREATER_EQUAL:
        return LK_PREDICATE_LESS_EQUAL;
    case LK_PREDICATE_GREATER:
        return LK_PREDICATE_LESS;
    default:
        return kind;
    }
}

/* one_of returns the OR of equalities with the values of a list, or the AND of inequalities. */
static struct lk_predicate *
one_of(TALLOC_CTX *mem, const char *column, const List *values, bool none)
{
    struct lk_predicate *list = new_predicate(mem, none ? LK_PREDICATE_AND : LK_PREDICATE_OR);
    ListCell *cell;

    foreach(cell, values)
        add_arg(list, compared(list, none ? LK_PREDICATE_NOT_EQUAL : LK_PREDICATE_EQUAL, column,
                               lfirst(cell)));
    return list;
}

static struct lk_predicate *
between(TALLOC_CTX *mem, const char *column, const List *limits)
{
    struct lk_predicate *both = new_predicate(mem, LK_PREDICATE_AND);

    add_arg(both, compared(both, LK_PREDICATE_GREATER_EQUAL, column, linitial(limits)));
    add_arg(both, compared(both, LK_PREDICATE_LESS_EQUAL, column, lsecond(limits)));
    return both;
}

static struct lk_predicate *
of_operator(TALLOC_CTX *mem, const A_Expr *expr)
{
    const char *left = column_of(expr->lexpr), *right = column_of(expr->rexpr);
    enum lk_predicate_kind kind = kind_of(strVal(llast(expr->name)));
    struct lk_predicate *range;

    if (left == NULL && right == NULL)
        return new_predicate(mem, LK_PREDICATE_OTHER);
    switch (expr->kind) {
    case AEXPR_OP:
        return left != NULL ? compared(mem, kind, left, expr->rexpr)
                            : compared(mem, swapped(kind), right, expr->lexpr);
    case AEXPR_IN:
        return one_of(mem, left, (const List *)expr->rexpr, kind == LK_PREDICATE_NOT_EQUAL);
    case AEXPR_OP_ANY:
    case AEXPR_OP_ALL:
        if (!IsA(expr->rexpr, A_ArrayExpr) ||
            kind != (expr->kind == AEXPR_OP_ANY ? LK_PREDICATE_EQUAL : LK_PREDICATE_NOT_EQUAL))
            break;
        return one_of(mem, left, ((const A_ArrayExpr *)expr->rexpr)->elements,
                      expr->kind == AEXPR_OP_ALL);
    case AEXPR_BETWEEN:
        return between(mem, left, (const List *)expr->rexpr);
    case AEXPR_NOT_BETWEEN:
        range = between(mem, left, (const List *)expr->rexpr);
        return lk_predicate_not(mem, range);
    default:
        break;
    }
    return new_predicate(mem, LK_PREDICATE_OTHER);
}

static struct lk_predicate *
build(TALLOC_CTX *mem, const Node *node, int depth)
{
    struct lk_predicate *predicate;
    ListCell *cell;

    if (node == NULL || depth > DEEPEST)
        return new_predicate(mem, LK_PREDICATE_OTHER);
    if (IsA(node, A_Expr))
        return of_operator(mem, (const A_Expr *)node);
    if (IsA(node, NullTest)) {
        const NullTest *test = (const NullTest *)node;
        const char *column = column_of((const Node *)test->arg);
        predicate = new_predicate(mem, column == NULL                  ? LK_PREDICATE_OTHER
                                       : test->nulltesttype == IS_NULL ? LK_PREDICATE_NULL
                                                                       : LK_PREDICATE_NOT_NULL);
        predicate->column = lk_strdup(predicate, column);
        return predicate;
    }
    if (!IsA(node, BoolExpr))
        return new_predicate(mem, LK_PREDICATE_OTHER);
    const BoolExpr *expr = (const BoolExpr *)node;
    if (expr->boolop == NOT_EXPR)
        return lk_predicate_not(mem, build(mem, linitial(expr->args), depth + 1));
    predicate = new_predicate(mem, expr->boolop == AND_EXPR ? LK_PREDICATE_AND : LK_PREDICATE_OR);
    foreach(cell, expr->args)
        add_arg(predicate, build(predicate, lfirst(cell), depth + 1));
    return predicate;
}

/* parsed returns the tree of a statement that ends in a text of the catalog; NULL without one. */
static const Node *
parsed(TALLOC_CTX *mem, const char *before, const struct lk_text *text)
{
    struct lk_pg_error error;
    struct lk_pg_trees *trees;

    if (text == NULL)
        return NULL;
    char *sql = lk_fmt(mem, "%s %s", before, lk_text_sql(mem, text));
    trees = lk_pg_parse(mem, sql, (struct lk_span){0, (uint32_t)strlen(sql)}, &error);
    return trees != NULL ? linitial_node(RawStmt, trees->statements)->stmt : NULL;
}

struct lk_predicate *
lk_predicate_of_check(TALLOC_CTX *mem, const struct lk_constraint *check)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    const Node *tree = parsed(scratch, "SELECT", check->expression);

    return build(
        mem,
        tree == NULL ? NULL : linitial_node(ResTarget, ((const SelectStmt *)tree)->targetList)->val,
        0);
}

struct lk_predicate *
lk_predicate_of_condition(TALLOC_CTX *mem, const struct Node *condition)
{
    return build(mem, condition, 0);
}

struct lk_predicate *
lk_predicate_of_value(TALLOC_CTX *mem, const char *column, const struct Node *value)
{
    return compared(mem, LK_PREDICATE_EQUAL, column, value);
}

/* key_of returns the column that a table is partitioned by, or NULL when that is not all. */
static const char *
key_of(TALLOC_CTX *mem, const struct lk_relation *table)
{
    const Node *tree = parsed(mem, "CREATE TABLE t () PARTITION BY", table->partition_key);
    const List *params;

    if (tree == NULL)
        return NULL;
    params = ((const CreateStmt *)tree)->partspec->partParams;
    return list_length(params) == 1 ? linitial_node(PartitionElem, params)->name : NULL;
}

/* is_word returns whether a bound is MINVALUE or MAXVALUE: a bare word in the grammar. */
static bool
is_word(const Node *bound)
{
    return column_of(bound) != NULL;
}

struct lk_predicate *
lk_predicate_of_bound(TALLOC_CTX *mem, const struct lk_relation *table,
                      const struct PartitionBoundSpec *bound)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    struct lk_predicate *all = new_predicate(mem, LK_PREDICATE_AND), *there;
    const char *column = key_of(scratch, table);

    if (column == NULL || bound == NULL || bound->is_default ||
        (bound->strategy != PARTITION_STRATEGY_LIST &&
         bound->strategy != PARTITION_STRATEGY_RANGE) ||
        (bound->strategy == PARTITION_STRATEGY_RANGE && list_length(bound->lowerdatums) != 1)) {
        all->kind = LK_PREDICATE_OTHER;
        return all;
    }
    there = new_predicate(all, LK_PREDICATE_NOT_NULL);
    there->column = lk_strdup(there, column);
    add_arg(all, there);
    if (bound->strategy == PARTITION_STRATEGY_LIST) { /* with NULL in it nothing is told */
        add_arg(all, one_of(all, column, bound->listdatums, false));
        return all;
    }
    if (!is_word(linitial(bound->lowerdatums)))
        add_arg(all,
                compared(all, LK_PREDICATE_GREATER_EQUAL, column, linitial(bound->lowerdatums)));
    if (!is_word(linitial(bound->upperdatums)))
        add_arg(all, compared(all, LK_PREDICATE_LESS, column, linitial(bound->upperdatums)));
    return all;
}

struct lk_predicate *
lk_predicate_of_partition(TALLOC_CTX *mem, const struct lk_relation *part)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    const Node *tree = parsed(scratch, "CREATE TABLE p PARTITION OF t", part->bound);

    if (tree == NULL || part->parent == NULL)
        return new_predicate(mem, LK_PREDICATE_OTHER);
    return lk_predicate_of_bound(mem, part->parent, ((const CreateStmt *)tree)->partbound);
}

/* ---- implication ---- */

struct prover {
    bool (*dated)(const char *column, const void *data);
    const void *data;
    unsigned steps;
};

static bool
is_date(const char *text)
{
    static const char form[] = "dddd-dd-dd";

    for (size_t i = 0; i < sizeof(form) - 1; i++)
        if (form[i] == 'd' ? !isdigit((unsigned char)text[i]) : text[i] != form[i])
            return false;
    return true;
}

/* order compares what two predicates compare with: false where that is not known. */
static bool
order(const struct prover *prover, const struct lk_predicate *a, const struct lk_predicate *b,
      int *ret)
{
    if (a->text == NULL && b->text == NULL) {
        *ret = (a->number > b->number) - (a->number < b->number);
        return true;
    }
    if (a->text == NULL || b->text == NULL)
        return false;
    *ret = strcmp(a->text, b->text);
    return *ret == 0 || (strlen(a->text) == strlen(b->text) && is_date(a->text) &&
                         is_date(b->text) && prover->dated(a->column, prover->data));
}

/* follows returns whether `column op value` follows from another comparison of the column. */
static bool
follows(const struct prover *prover, const struct lk_predicate *given,
        const struct lk_predicate *wanted)
{
    bool less = given->kind == LK_PREDICATE_LESS, equal = given->kind == LK_PREDICATE_EQUAL;
    bool more = given->kind == LK_PREDICATE_GREATER;
    bool below = less || equal || given->kind == LK_PREDICATE_LESS_EQUAL;
    bool above = more || equal || given->kind == LK_PREDICATE_GREATER_EQUAL;
    int at; /* where the given value stands to the wanted one */

    if (wanted->kind == LK_PREDICATE_NOT_NULL)
        return false; /* a CHECK lets NULL pass */
    if (!order(prover, given, wanted, &at))
        return false;
    switch (wanted->kind) {
    case LK_PREDICATE_LESS:
        return below && (at < 0 || (at == 0 && less));
    case LK_PREDICATE_LESS_EQUAL:
        return below && at <= 0;
    case LK_PREDICATE_EQUAL:
        return equal && at == 0;
    case LK_PREDICATE_NOT_EQUAL:
        return (given->kind == LK_PREDICATE_NOT_EQUAL && at == 0) ||
               (below && (at < 0 || (at == 0 && less))) || (above && (at > 0 || (at == 0 && more)));
    case LK_PREDICATE_GREATER_EQUAL:
        return above && at >= 0;
    case LK_PREDICATE_GREATER:
        return above && (at > 0 || (at == 0 && more));
    default:
        return false;
    }
}

static bool
is_atom(const struct lk_predicate *predicate)
{
    return predicate->kind != LK_PREDICATE_AND && predicate->kind != LK_PREDICATE_OR;
}

static bool
implies(struct prover *prover, const struct lk_predicate *given, const struct lk_predicate *wanted)
{
    if (prover->steps++ > LONGEST)
        return false;
    if (wanted->kind == LK_PREDICATE_AND) {
        lk_vec_foreach(arg, &wanted->args)
            if (!implies(prover, given, *arg))
                return false;
        return wanted->args.count > 0;
    }
    if (given->kind == LK_PREDICATE_OR) {
        lk_vec_foreach(arg, &given->args)
            if (!implies(prover, *arg, wanted))
                return false;
        return given->args.count > 0;
    }
    if (given->kind == LK_PREDICATE_AND)
        lk_vec_foreach(arg, &given->args)
            if (implies(prover, *arg, wanted))
                return true;
    if (wanted->kind == LK_PREDICATE_OR)
        lk_vec_foreach(arg, &wanted->args)
            if (implies(prover, given, *arg))
                return true;
    if (!is_atom(given) || !is_atom(wanted) || given->kind == LK_PREDICATE_OTHER ||
        wanted->kind == LK_PREDICATE_OTHER || strcmp(given->column, wanted->column) != 0)
        return false;
    if (given->kind == LK_PREDICATE_NULL || given->kind == LK_PREDICATE_NOT_NULL)
        return given->kind == wanted->kind;
    return wanted->kind != LK_PREDICATE_NULL && follows(prover, given, wanted);
}

bool
lk_predicate_implies(const struct lk_predicate *const *given, size_t count,
                     const struct lk_predicate *wanted,
                     bool (*dated)(const char *column, const void *data), const void *data)
{
    struct prover prover = {.dated = dated, .data = data};

    if (wanted->kind == LK_PREDICATE_AND) {
        lk_vec_foreach(arg, &wanted->args)
            if (!lk_predicate_implies(given, count, *arg, dated, data))
                return false;
        return wanted->args.count > 0;
    }
    for (size_t i = 0; i < count; i++)
        if (implies(&prover, given[i], wanted))
            return true;
    return false;
}

bool
lk_holds_dates(const char *column, const void *data)
{
    const struct lk_column *known = lk_relation_column(data, column);

    return known != NULL && known->type_known &&
           (lk_type_is(&known->type, "date") || lk_type_is(&known->type, "timestamp") ||
            lk_type_is(&known->type, "timestamptz"));
}

bool
lk_relation_proves(TALLOC_CTX *mem, const struct lk_relation *relation,
                   const struct lk_predicate *wanted)
{
    LK_VEC(const struct lk_predicate *) given = {0};

    lk_vec_foreach(constraint, &relation->constraints)
        if ((*constraint)->kind == LK_CONSTRAINT_CHECK && (*constraint)->validated &&
            !(*constraint)->not_enforced)
            lk_vec_push(mem, &given, lk_predicate_of_check(mem, *constraint));
    lk_vec_foreach(column, &relation->columns) {
        if (!(*column)->not_null)
            continue;
        struct lk_predicate *there = new_predicate(mem, LK_PREDICATE_NOT_NULL);
        there->column = (*column)->object.name;
        lk_vec_push(mem, &given, there);
    }
    return given.count > 0 &&
           lk_predicate_implies(given.items, given.count, wanted, lk_holds_dates, relation);
}
