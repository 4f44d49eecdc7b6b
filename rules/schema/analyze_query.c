/*
 * rules/schema/analyze_query.c
 *     The columns of a query's result.
 *
 * Source: transformSelectStmt() and its siblings, src/backend/parser/analyze.c.
 */
#include "rules/schema/analyze_private.h"

/* What goes around a query. */
struct context {
    const struct lk_scope *outer;
    struct lk_scope_cte *recursive; /* that it defines, and may read in its second part */
    const CommonTableExpr *defined; /* and its definition */
    bool leaf;                      /* part of a UNION, which tells the type of literals */
};

static struct lk_result analyze_select(struct lk_analysis *an, struct context context,
                                       SelectStmt *stmt);

const struct lk_scope_cte *
lk_find_cte(const struct lk_scope *scope, const char *name)
{
    for (; scope != NULL; scope = scope->outer)
        for (size_t i = scope->ctes.count; i-- > 0;)
            if (strcmp(scope->ctes.items[i]->name, name) == 0)
                return scope->ctes.items[i];
    return NULL;
}

struct lk_operand
lk_analyze_within(struct lk_analysis *an, const struct lk_scope *scope, Node *node,
                  const char *clause)
{
    const char *around = an->clause;

    an->clause = clause;
    struct lk_operand operand = lk_analyze_node(an, scope, node);
    an->clause = around;
    return operand;
}

void
lk_analyze_condition(struct lk_analysis *an, const struct lk_scope *scope, Node *node,
                     const char *truth, const char *clause)
{
    struct lk_operand operand = lk_analyze_within(an, scope, node, clause);

    if (node != NULL)
        lk_analysis_refuse_truth(an, &operand, truth);
}

/* name_columns gives the first columns of a result the names of a list. */
static void
name_columns(struct lk_result *result, const List *names)
{
    size_t i = 0;
    ListCell *cell;

    foreach(cell, names)
        if (i < result->columns.count)
            result->columns.items[i++].name = strVal(lfirst(cell));
}

static void
add_column(struct lk_analysis *an, struct lk_result *result, const char *name,
           struct lk_operand operand)
{
    if (name != NULL)
        *lk_vec_add(an->mem, &result->columns) = (struct lk_result_column){name, operand.typed};
}

/* add_search adds the columns that SEARCH and CYCLE make. */
static void
add_search(struct lk_analysis *an, const CommonTableExpr *cte, struct lk_result *result)
{
    struct lk_operand path = lk_operand_of("record");

    path.typed.type.array = true;
    if (cte->search_clause != NULL)
        add_column(an, result, cte->search_clause->search_seq_column,
                   cte->search_clause->search_breadth_first ? lk_operand_of("record") : path);
    if (cte->cycle_clause == NULL)
        return;
    struct lk_operands marks = {0};
    struct lk_scope none = {0};
    lk_vec_push(an->mem, &marks.items,
                lk_analyze_node(an, &none, cte->cycle_clause->cycle_mark_value));
    lk_vec_push(an->mem, &marks.items,
                lk_analyze_node(an, &none, cte->cycle_clause->cycle_mark_default));
    add_column(an, result, cte->cycle_clause->cycle_mark_column, lk_operand_common(an, &marks));
    add_column(an, result, cte->cycle_clause->cycle_path_column, path);
}

/* analyze_cte fills a WITH query in; a `recursive` one is in the scope already. */
static void
analyze_cte(struct lk_analysis *an, struct lk_scope *scope, const CommonTableExpr *cte,
            struct lk_scope_cte *entry, bool recursive)
{
    struct context context = {.outer = scope, .defined = cte};

    if (recursive)
        context.recursive = entry;
    if (IsA(cte->ctequery, SelectStmt))
        entry->result = analyze_select(an, context, (SelectStmt *)cte->ctequery);
    else
        entry->result = lk_analyze_statement(an, scope, cte->ctequery);
    name_columns(&entry->result, cte->aliascolnames);
    add_search(an, cte, &entry->result);
}

/* refuse_repeated refuses to call two queries of WITH by one name. */
static void
refuse_repeated(struct lk_analysis *an, const List *ctes)
{
    ListCell *cell, *other;

    foreach(cell, ctes) {
        const CommonTableExpr *cte = lfirst_node(CommonTableExpr, cell);
        for (other = list_head(ctes); other != cell; other = lnext(ctes, other))
            if (strcmp(lfirst_node(CommonTableExpr, other)->ctename, cte->ctename) == 0)
                lk_analysis_refuse(an, "42712", cte->location,
                                   "WITH query name \"%s\" specified more than once",
                                   cte->ctename);
    }
}

void
lk_analyze_with(struct lk_analysis *an, struct lk_scope *scope, WithClause *with)
{
    size_t first = scope->ctes.count;
    ListCell *cell;

    if (with == NULL)
        return;
    refuse_repeated(an, with->ctes);
    foreach(cell, with->ctes) {
        const CommonTableExpr *cte = lfirst_node(CommonTableExpr, cell);
        struct lk_scope_cte *entry = lk_new(an->mem, struct lk_scope_cte);
        entry->name = cte->ctename;
        if (!with->recursive)
            analyze_cte(an, scope, cte, entry, false);
        lk_vec_push(an->mem, &scope->ctes, entry);
    }
    /* each of RECURSIVE sees the others; of those behind it, it is not known what they yield */
    foreach(cell, with->ctes)
        if (with->recursive)
            analyze_cte(an, scope, lfirst_node(CommonTableExpr, cell), scope->ctes.items[first++],
                        true);
}

/* settle makes text of literals that nothing gives a type. */
static void
settle(struct lk_result *result)
{
    lk_vec_foreach(column, &result->columns)
        if (column->typed.type_known && lk_type_is(&column->typed.type, "unknown"))
            column->typed = lk_operand_of("text").typed;
}

/* ---- VALUES ---- */

#define COLUMN "column"

/* name_column writes "column" and a number to `ret`. */
static void
name_column(char *ret, size_t number)
{
    char digits[24], *end = digits + sizeof(digits), *at = end;

    do
        *--at = (char)('0' + number % 10);
    while ((number /= 10) > 0);
    *(char *)mempcpy(mempcpy(ret, COLUMN, sizeof(COLUMN) - 1), at, (size_t)(end - at)) = '\0';
}

static struct lk_result
analyze_values(struct lk_analysis *an, const struct lk_scope *scope, List *rows)
{
    struct lk_result result = {.complete = true};
    struct lk_operands *columns = NULL;
    size_t width = 0, height = (size_t)list_length(rows);
    struct lk_columns *into = an->into;
    ListCell *row;

    an->into = NULL;

    foreach(row, rows) {
        struct lk_operands operands =
            lk_analyze_row(an, scope, (List *)lfirst(row), &result.complete);
        if (columns != NULL && operands.items.count != width && result.complete)
            lk_analysis_refuse(an, "42601", -1, "VALUES lists must all be the same length");
        if (into != NULL && result.complete)
            lk_analysis_refuse_row(an, into, &operands);
        if (columns == NULL) {
            width = operands.items.count;
            columns = lk_new_array(an->mem, struct lk_operands, width);
            struct lk_operand *values = lk_new_array(an->mem, struct lk_operand, width * height);
            for (size_t i = 0; i < width; i++, values += height)
                columns[i].items.items = values;
        }
        for (size_t i = 0; i < width && i < operands.items.count; i++)
            columns[i].items.items[columns[i].items.count++] = operands.items.items[i];
    }
    char(*names)[sizeof(COLUMN "18446744073709551615")] =
        lk_mem_check(talloc_size(an->mem, LK_MAX(width, 1) * sizeof(*names)));
    for (size_t i = 0; i < width; i++) {
        name_column(names[i], i + 1);
        if (into == NULL)
            lk_analysis_refuse_unlike(an, &columns[i], "VALUES");
        add_column(an, &result, names[i], lk_operand_common(an, &columns[i]));
    }
    return result;
}

/* ---- UNION, INTERSECT, EXCEPT ---- */

/* unite brings the columns of two queries to common types; the first one names them. */
static void
unite(struct lk_analysis *an, struct lk_result *left, const struct lk_result *right,
      const SelectStmt *stmt)
{
    static const char *const words[] = {
        [SETOP_UNION] = "UNION", [SETOP_INTERSECT] = "INTERSECT", [SETOP_EXCEPT] = "EXCEPT"};

    if (!left->complete || !right->complete || left->columns.count != right->columns.count) {
        if (left->complete && right->complete)
            lk_analysis_refuse(an, "42601", -1,
                               "each %s query must have the same number of columns",
                               words[stmt->op]);
        left->complete = false;
        return;
    }
    for (size_t i = 0; i < left->columns.count; i++) {
        struct lk_operands both = {0};
        lk_vec_push(an->mem, &both.items,
                    (struct lk_operand){.typed = left->columns.items[i].typed});
        lk_vec_push(an->mem, &both.items,
                    (struct lk_operand){.typed = right->columns.items[i].typed});
        lk_analysis_refuse_unlike(an, &both, words[stmt->op]);
        left->columns.items[i].typed = lk_operand_common(an, &both).typed;
        both.items.items[0].typed = left->columns.items[i].typed;
        if (stmt->op != SETOP_UNION || !stmt->all)
            lk_analysis_refuse_unsorted(an, &both.items.items[0], false);
    }
}

/* publish tells a recursive query's second part the columns of the first. */
static void
publish(struct lk_analysis *an, const struct context *context, const struct lk_result *first)
{
    const CommonTableExpr *cte = context->defined;
    bool more = cte->search_clause != NULL || cte->cycle_clause != NULL;
    struct lk_result copy = {.complete = first->complete && !more};

    lk_vec_foreach(column, &first->columns)
        lk_vec_push(an->mem, &copy.columns, *column);
    settle(&copy);
    name_columns(&copy, cte->aliascolnames);
    context->recursive->result = copy;
}

/* is_chained returns whether a part of a chain of UNIONs adds nothing but its two parts. */
static bool
is_chained(const SelectStmt *stmt)
{
    return stmt->op != SETOP_NONE && stmt->withClause == NULL && stmt->sortClause == NIL &&
           stmt->limitCount == NULL && stmt->limitOffset == NULL;
}

/* A chain is as deep as it is long: its left side is followed without recursion. */
static struct lk_result
analyze_set_operation(struct lk_analysis *an, const struct lk_scope *scope,
                      const struct context *context, SelectStmt *stmt)
{
    LK_VEC(SelectStmt *) chain = {0};
    struct context inner = {.outer = scope, .leaf = true};
    SelectStmt *first = stmt;

    do {
        lk_vec_push(an->mem, &chain, first);
        first = first->larg;
    } while (is_chained(first));
    struct lk_result result = analyze_select(an, inner, first);
    for (size_t i = chain.count; i-- > 0;) {
        if (context->recursive != NULL && i == 0)
            publish(an, context, &result);
        struct lk_result right = analyze_select(an, inner, chain.items[i]->rarg);
        unite(an, &result, &right, chain.items[i]);
    }
    if (context->recursive != NULL) { /* its types are those of the first part */
        struct lk_result *known = &context->recursive->result;
        for (size_t i = 0; i < result.columns.count && i < known->columns.count; i++)
            result.columns.items[i].typed = known->columns.items[i].typed;
    }
    return result;
}

/* ---- SELECT ---- */

static bool
is_output(const struct lk_result *result, const char *name)
{
    lk_vec_foreach(column, &result->columns)
        if (strcmp(column->name, name) == 0)
            return true;
    return false;
}

/*
 * analyze_named analyzes an element of ORDER BY, DISTINCT ON or GROUP BY: a bare name means a
 * column of the result; in GROUP BY, one of FROM first. Source: findTargetlistEntrySQL92().
 */
static void
analyze_named(struct lk_analysis *an, const struct lk_scope *scope, const struct lk_result *result,
              Node *node, bool grouping)
{
    bool sorted = node != NULL && IsA(node, SortBy);

    if (node != NULL && IsA(node, SortBy))
        node = ((SortBy *)node)->node;
    if (node == NULL || IsA(node, A_Const))
        return;
    if (IsA(node, ColumnRef) && list_length(((ColumnRef *)node)->fields) == 1 &&
        IsA(linitial(((ColumnRef *)node)->fields), String)) {
        const char *name = strVal(linitial(((ColumnRef *)node)->fields));
        if (is_output(result, name) && (!grouping || !lk_scope_has(an, scope, name)))
            return;
    }
    struct lk_operand operand = lk_analyze_within(an, scope, node, grouping ? LK_GROUP_BY : NULL);
    lk_analysis_refuse_unsorted(an, &operand, sorted);
}

static void
analyze_group(struct lk_analysis *an, const struct lk_scope *scope, const struct lk_result *result,
              List *elements)
{
    ListCell *cell;

    foreach(cell, elements) {
        Node *node = lfirst(cell);
        if (IsA(node, GroupingSet) && an->depth < LK_ANALYSIS_DEPTH) {
            an->depth++;
            analyze_group(an, scope, result, ((GroupingSet *)node)->content);
            an->depth--;
        } else if (IsA(node, List)) {
            analyze_group(an, scope, result, (List *)node);
        } else {
            analyze_named(an, scope, result, node, true);
        }
    }
}

static void
analyze_all_named(struct lk_analysis *an, const struct lk_scope *scope,
                  const struct lk_result *result, List *list)
{
    ListCell *cell;

    foreach(cell, list)
        analyze_named(an, scope, result, lfirst(cell), false);
}

static struct lk_result
analyze_leaf(struct lk_analysis *an, struct lk_scope *scope, SelectStmt *stmt)
{
    if (stmt->valuesLists != NIL)
        return analyze_values(an, scope, stmt->valuesLists);
    lk_analyze_from(an, scope, stmt->fromClause);
    struct lk_result result = lk_analyze_targets(an, scope, stmt->targetList);
    lk_analyze_condition(an, scope, stmt->whereClause, "WHERE", "WHERE");
    analyze_group(an, scope, &result, stmt->groupClause);
    lk_analyze_condition(an, scope, stmt->havingClause, "HAVING", NULL);
    lk_analyze_list(an, scope, stmt->windowClause);
    analyze_all_named(an, scope, &result, stmt->distinctClause);
    if (list_length(stmt->distinctClause) == 1 && linitial(stmt->distinctClause) == NULL)
        lk_vec_foreach(column, &result.columns)
            lk_analysis_refuse_unsorted(an, &(struct lk_operand){.typed = column->typed}, false);
    return result;
}

static struct lk_result
analyze_select(struct lk_analysis *an, struct context context, SelectStmt *stmt)
{
    struct lk_scope scope = {.outer = context.outer};
    struct lk_result result = {0};
    struct lk_columns *into = an->into;
    const char *around = an->clause;
    bool untold = an->untold;

    an->into = stmt->withClause == NULL && stmt->valuesLists != NIL ? into : NULL;
    an->clause = NULL;
    an->untold = false;
    if (an->depth >= LK_ANALYSIS_DEPTH) {
        an->incomplete = true;
        return result;
    }
    an->depth++;
    lk_analyze_with(an, &scope, stmt->withClause);
    if (stmt->op != SETOP_NONE)
        result = analyze_set_operation(an, &scope, &context, stmt);
    else
        result = analyze_leaf(an, &scope, stmt);
    analyze_all_named(an, &scope, &result, stmt->sortClause);
    lk_analyze_node(an, &scope, stmt->limitOffset);
    lk_analyze_node(an, &scope, stmt->limitCount);
    if (!context.leaf && !untold)
        settle(&result);
    an->clause = around;
    an->depth--;
    return result;
}

struct lk_result
lk_analyze_statement(struct lk_analysis *an, const struct lk_scope *outer, Node *statement)
{
    switch (nodeTag(statement)) {
    case T_SelectStmt:
        return analyze_select(an, (struct context){.outer = outer}, (SelectStmt *)statement);
    case T_InsertStmt:
        return lk_analyze_insert(an, outer, (InsertStmt *)statement);
    case T_UpdateStmt:
        return lk_analyze_update(an, outer, (UpdateStmt *)statement);
    case T_DeleteStmt:
        return lk_analyze_delete(an, outer, (DeleteStmt *)statement);
    case T_MergeStmt:
        return lk_analyze_merge(an, outer, (MergeStmt *)statement);
    default:
        an->incomplete = true;
        return (struct lk_result){0};
    }
}
