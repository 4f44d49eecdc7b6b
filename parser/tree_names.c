/*
 * parser/tree_names.c
 *     Relations and functions in raw parse trees: see tree_names.h.
 */
#include "parser/tree_names.h"

#include "parser/pg_nodes.h"

#define MAX_DEPTH 2000 /* as in tree.c: deeper than any query means to be */

struct walk {
    TALLOC_CTX *mem;
    struct lk_tree_ranges *ranges; /* either these */
    struct lk_tree_calls *calls;   /* or those */
    LK_VEC(const char *) ctes;
    unsigned depth;
};

static void
note(struct walk *walk, const Node *node)
{
    if (walk->calls != NULL) {
        if (IsA(node, FuncCall))
            lk_vec_push(walk->mem, &walk->calls->items, (const FuncCall *)node);
    } else if (IsA(node, RangeVar)) {
        lk_vec_push(walk->mem, &walk->ranges->items, (const RangeVar *)node);
    } else if (IsA(node, ColumnRef)) {
        walk->ranges->star |= IsA(llast(((const ColumnRef *)node)->fields), A_Star);
    } else if (IsA(node, CommonTableExpr)) {
        lk_vec_push(walk->mem, &walk->ctes, ((const CommonTableExpr *)node)->ctename);
    }
}

/* walk_node is a callback of the walker: true ends the walk. */
static bool
walk_node(Node *node, void *data)
{
    struct walk *walk = data;

    if (node == NULL)
        return false;
    note(walk, node);
    if (IsA(node, ColumnRef) || walk->depth == MAX_DEPTH)
        return walk->depth == MAX_DEPTH;
    walk->depth++;
    bool end = raw_expression_tree_walker(node, walk_node, walk);
    walk->depth--;
    return end;
}

/* run walks through a tree; what the walker does not know ends the walk. */
static void
run(struct walk *walk, void *tree)
{
    MemoryContext context = CurrentMemoryContext;

    PG_TRY();
    {
        walk_node(tree, walk);
    }
    PG_CATCH();
    {
        MemoryContextSwitchTo(context);
        FlushErrorState();
    }
    PG_END_TRY();
}

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

void
lk_tree_ranges(TALLOC_CTX *mem, void *query, struct lk_tree_ranges *ranges)
{
    struct walk walk = {.mem = mem, .ranges = ranges};
    size_t kept = 0;

    run(&walk, query);
    for (size_t i = 0; i < ranges->items.count; i++)
        if (!is_cte(&walk, ranges->items.items[i]))
            ranges->items.items[kept++] = ranges->items.items[i];
    ranges->items.count = kept;
}

void
lk_tree_calls(TALLOC_CTX *mem, void *expression, struct lk_tree_calls *calls)
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
