/*
 * parser/tree_names.c
 *     Relations and functions in raw parse trees: see tree_names.h.
 */
#include "parser/tree_names.h"

#include "parser/pg_nodes.h"
#include "parser/tree.h"

#define MAX_DEPTH 2000 /* as in tree.c: deeper than any query means to be */

struct walk {
    TALLOC_CTX *mem;
    struct lk_tree_ranges *ranges; /* NULL: nobody asks for them; so the calls */
    struct lk_tree_calls *calls;
    LK_VEC(const char *) ctes; /* the names of WITH queries that can be seen */
    unsigned depth;
};

/* is_cte returns whether a name is that of a WITH query which can be seen. */
static bool
is_cte(const struct walk *walk, const RangeVar *range)
{
    if (range->schemaname != NULL)
        return false;
    lk_vec_foreach(name, &walk->ctes)
        if (strcmp(*name, range->relname) == 0)
            return true;
    return false;
}

static void
note(struct walk *walk, const Node *node)
{
    if (IsA(node, FuncCall)) {
        if (walk->calls != NULL)
            lk_vec_push(walk->mem, &walk->calls->items, (const FuncCall *)node);
    } else if (walk->ranges == NULL) {
        return;
    } else if (IsA(node, RangeVar)) {
        if (!is_cte(walk, (const RangeVar *)node))
            lk_vec_push(walk->mem, &walk->ranges->items, (const RangeVar *)node);
    } else if (IsA(node, ColumnRef)) {
        walk->ranges->star |= IsA(llast(((const ColumnRef *)node)->fields), A_Star);
    } else if (IsA(node, SelectStmt)) {
        walk->ranges->locking |= ((const SelectStmt *)node)->lockingClause != NIL;
    }
}

static bool walk_node(Node *node, void *data);

/*
 * walk_with walks through WITH queries. What each is called can be seen behind it, and with
 * RECURSIVE in front of it, too.
 * Source: transformWithClause(), src/backend/parser/parse_cte.c.
 */
static bool
walk_with(struct walk *walk, const WithClause *with)
{
    ListCell *cell;

    if (with->recursive)
        foreach(cell, with->ctes)
            lk_vec_push(walk->mem, &walk->ctes, lfirst_node(CommonTableExpr, cell)->ctename);
    foreach(cell, with->ctes) {
        if (walk_node(lfirst_node(CommonTableExpr, cell)->ctequery, walk))
            return true;
        if (!with->recursive)
            lk_vec_push(walk->mem, &walk->ctes, lfirst_node(CommonTableExpr, cell)->ctename);
    }
    return false;
}

/* is_passed_over returns whether what is below a node was read, or names nothing that is read. */
static bool
is_passed_over(const struct walk *walk, const Node *node)
{
    return walk->ranges != NULL &&
           (IsA(node, WithClause) || IsA(node, LockingClause) || IsA(node, IntoClause));
}

static bool
walk_list(const List *list, struct walk *walk)
{
    ListCell *cell;

    foreach(cell, list)
        if (walk_node(lfirst(cell), walk))
            return true;
    return false;
}

/* walk_node is a callback of the walker: true ends the walk. */
static bool
walk_node(Node *node, void *data)
{
    struct walk *walk = data;

    if (node == NULL || IsA(node, A_Const)) /* what rows of VALUES are made of */
        return false;
    if (IsA(node, List))
        return walk_list((const List *)node, data);
    note(walk, node);
    if (lk_tree_is_leaf(node))
        return false;
    if (is_passed_over(walk, node) || walk->depth == MAX_DEPTH)
        return walk->depth == MAX_DEPTH;
    size_t seen = walk->ctes.count;
    const WithClause *with = walk->ranges != NULL ? lk_tree_with(node) : NULL;
    walk->depth++;
    bool end = (with != NULL && walk_with(walk, with)) ||
               raw_expression_tree_walker(node, walk_node, walk);
    walk->depth--;
    walk->ctes.count = seen;
    return end;
}

/* run walks through a tree; what the walker does not know ends the walk. */
static void
run(struct walk *walk, const void *tree)
{
    MemoryContext context = CurrentMemoryContext;
    union { /* the walker changes nothing, but does not say so */
        const void *constant;
        Node *node;
    } root = {.constant = tree};

    if (tree == NULL)
        return;
    PG_TRY();
    {
        walk_node(root.node, walk);
    }
    PG_CATCH();
    {
        MemoryContextSwitchTo(context);
        FlushErrorState();
    }
    PG_END_TRY();
}

void
lk_tree_ranges(TALLOC_CTX *mem, const void *query, struct lk_tree_ranges *ranges)
{
    struct walk walk = {.mem = mem, .ranges = ranges};

    run(&walk, query);
}

void
lk_tree_reads(TALLOC_CTX *mem, const void *query, struct lk_tree_ranges *ranges,
              struct lk_tree_calls *calls)
{
    struct walk walk = {.mem = mem, .ranges = ranges, .calls = calls};

    run(&walk, query);
}

void
lk_tree_calls(TALLOC_CTX *mem, const void *expression, struct lk_tree_calls *calls)
{
    struct walk walk = {.mem = mem, .calls = calls};

    run(&walk, expression);
}

#if LK_GRAMMAR >= 18
bool
lk_is_virtual(const struct Constraint *constraint)
{
    return constraint->contype == CONSTR_GENERATED && constraint->generated_kind == 'v';
}

bool
lk_is_not_enforced(const struct Constraint *constraint)
{
    return !constraint->is_enforced &&
           (constraint->contype == CONSTR_FOREIGN || constraint->contype == CONSTR_CHECK);
}

struct lk_constraint_change
lk_constraint_change_of(const struct AlterTableCmd *command)
{
    const ATAlterConstraint *alter = castNode(ATAlterConstraint, command->def);

    return (struct lk_constraint_change){
        .name = alter->conname,
        .enforcement = alter->alterEnforceability,
        .enforced = alter->is_enforced,
        .deferrability = alter->alterDeferrability,
        .deferrable = alter->deferrable,
        .deferred = alter->initdeferred,
        .inheritance = alter->alterInheritability,
        .no_inherit = alter->noinherit,
    };
}
#else
bool
lk_is_virtual(const struct Constraint *constraint)
{
    (void)constraint;
    return false;
}

bool
lk_is_not_enforced(const struct Constraint *constraint)
{
    (void)constraint;
    return false;
}

struct lk_constraint_change
lk_constraint_change_of(const struct AlterTableCmd *command)
{
    const Constraint *alter = castNode(Constraint, command->def);

    return (struct lk_constraint_change){
        .name = alter->conname,
        .deferrability = true,
        .deferrable = alter->deferrable,
        .deferred = alter->initdeferred,
    };
}
#endif
