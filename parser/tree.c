/*
 * parser/tree.c
 *     Walking raw parse trees: see tree.h.
 */
#include "parser/tree.h"

#include "parser/pg_nodes.h"

bool
lk_tree_is_leaf(const struct Node *node)
{
    return IsA(node, A_Const) || IsA(node, ColumnRef) || IsA(node, ParamRef);
}

#define MAX_DEPTH 2000 /* a chain of operators is as deep as it is long */

struct walk {
    TALLOC_CTX *mem;
    struct lk_tree_names *names;
    unsigned depth;
};

static void
add(struct walk *walk, const char *name)
{
    lk_vec_foreach(known, &walk->names->items)
        if (strcmp(*known, name) == 0)
            return;
    lk_vec_push(walk->mem, &walk->names->items, name);
}

/* walk_node is a callback of the walker: true ends the walk. */
static bool
walk_node(Node *node, void *data)
{
    struct walk *walk = data;

    if (node == NULL)
        return false;
    if (IsA(node, ColumnRef)) {
        const Node *last = llast(((const ColumnRef *)node)->fields);
        if (IsA(last, String))
            add(walk, strVal(last));
        return false;
    }
    if (walk->depth == MAX_DEPTH)
        return true;
    walk->depth++;
    bool end = raw_expression_tree_walker(node, walk_node, walk);
    walk->depth--;
    return end;
}

void
lk_tree_columns(TALLOC_CTX *mem, void *expression, struct lk_tree_names *names)
{
    struct walk walk = {mem, names, 0};
    MemoryContext context = CurrentMemoryContext;

    if (expression == NULL)
        return;
    PG_TRY();
    {
        walk_node(expression, &walk);
    }
    PG_CATCH();
    {
        MemoryContextSwitchTo(context);
        FlushErrorState();
    }
    PG_END_TRY();
}

struct visit {
    void (*visit)(const struct Node *node, void *data);
    void *data;
    unsigned depth;
};

/* visit_node is a callback of the walker: true ends the walk. */
static bool
visit_node(Node *node, void *data)
{
    struct visit *visit = data;

    if (node == NULL)
        return false;
    if (visit->depth == MAX_DEPTH)
        return true;
    visit->visit(node, visit->data);
    visit->depth++;
    bool end = !lk_tree_is_leaf(node) && raw_expression_tree_walker(node, visit_node, visit);
    visit->depth--;
    return end;
}

void
lk_tree_walk(const void *tree, void (*visit)(const struct Node *node, void *data), void *data)
{
    struct visit walk = {visit, data, 0};
    MemoryContext context = CurrentMemoryContext;
    union { /* the walker changes nothing, but does not say so */
        const void *constant;
        Node *node;
    } root = {.constant = tree};

    if (tree == NULL)
        return;
    PG_TRY();
    {
        visit_node(root.node, &walk);
    }
    PG_CATCH();
    {
        MemoryContextSwitchTo(context);
        FlushErrorState();
    }
    PG_END_TRY();
}

const struct DefElem *
lk_tree_option(const struct List *options, const char *name)
{
    ListCell *cell;

    foreach(cell, options)
        if (strcmp(lfirst_node(DefElem, cell)->defname, name) == 0)
            return lfirst(cell);
    return NULL;
}

bool
lk_tree_option_is_on(const struct List *options, const char *name)
{
    const DefElem *option = lk_tree_option(options, name);

    if (option == NULL || option->arg == NULL)
        return option != NULL;
    if (IsA(option->arg, Boolean))
        return boolVal(option->arg);
    if (IsA(option->arg, Integer))
        return intVal(option->arg) != 0;
    return !IsA(option->arg, String) || (strcasecmp(strVal(option->arg), "false") != 0 &&
                                         strcasecmp(strVal(option->arg), "off") != 0);
}

const struct WithClause *
lk_tree_with(const struct Node *statement)
{
    switch (nodeTag(statement)) {
    case T_SelectStmt:
        return ((const SelectStmt *)statement)->withClause;
    case T_InsertStmt:
        return ((const InsertStmt *)statement)->withClause;
    case T_UpdateStmt:
        return ((const UpdateStmt *)statement)->withClause;
    case T_DeleteStmt:
        return ((const DeleteStmt *)statement)->withClause;
    case T_MergeStmt:
        return ((const MergeStmt *)statement)->withClause;
    default:
        return NULL;
    }
}

#if LK_GRAMMAR >= 18
#define RETURNED(stmt) ((stmt)->returningClause != NULL ? (stmt)->returningClause->exprs : NIL)
#else
#define RETURNED(stmt) ((stmt)->returningList)
#endif

const struct List *
lk_tree_returned(const struct Node *statement)
{
    switch (nodeTag(statement)) {
    case T_InsertStmt:
        return RETURNED((const InsertStmt *)statement);
    case T_UpdateStmt:
        return RETURNED((const UpdateStmt *)statement);
    case T_DeleteStmt:
        return RETURNED((const DeleteStmt *)statement);
    default:
        return NULL;
    }
}

const struct List *
lk_tree_ctes(const struct Node *statement)
{
    const WithClause *with = lk_tree_with(statement);

    return with != NULL ? with->ctes : NULL;
}
