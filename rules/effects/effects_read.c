/*
 * rules/effects/effects_read.c
 *     What queries read: ACCESS SHARE on what they name, ROW SHARE where they lock rows.
 *
 * Sources: parserOpenTable(), src/backend/parser/parse_relation.c; AcquireRewriteLocks() and
 * ApplyRetrieveRule(), rewriteHandler.c; expand_inherited_rtentry(), src/backend/optimizer/util/
 * inherit.c, which locks partitions that are left by then, and all tables that inherit; measured on
 * 15 and 18.
 */
#include "parser/tree.h"
#include "parser/tree_names.h"
#include "rules/effects/effects_private.h"
#include "rules/schema/builtin.h"
#include "rules/schema/seen.h"

/* ---- partitions that conditions rule out ---- */

/* What a statement's conditions speak of; read once a partitioned table asks: few do. */
struct conditions {
    TALLOC_CTX *mem;
    const Node *tree; /* the statement */
    bool single;      /* it is about one table alone, if it has one in FROM */
    bool read;
    struct lk_tree_names columns;
    const struct lk_predicate
        *given; /* what they say of the rows of its one table; NULL: nothing */
    bool never; /* no row meets them */
};

/* is_never returns whether a condition is a plain FALSE. */
static bool
is_never(const Node *condition)
{
    const A_Const *constant = (const A_Const *)condition;

    return IsA(condition, A_Const) &&
           (constant->isnull || (IsA(&constant->val, Boolean) && !boolVal(&constant->val)));
}

/* read_given reads what WHERE says of the rows of a statement that is about one table alone. */
static void
read_given(TALLOC_CTX *mem, const Node *tree, struct conditions *ret)
{
    const Node *where = NULL;
    bool alone = false;

    switch (nodeTag(tree)) {
    case T_SelectStmt: {
        const SelectStmt *stmt = (const SelectStmt *)tree;
        alone = list_length(stmt->fromClause) == 1 && IsA(linitial(stmt->fromClause), RangeVar);
        where = stmt->whereClause;
        break;
    }
    case T_UpdateStmt:
        alone = ((const UpdateStmt *)tree)->fromClause == NIL;
        where = ((const UpdateStmt *)tree)->whereClause;
        break;
    case T_DeleteStmt:
        alone = ((const DeleteStmt *)tree)->usingClause == NIL;
        where = ((const DeleteStmt *)tree)->whereClause;
        break;
    default:
        break;
    }
    if (!alone || where == NULL)
        return;
    ret->given = lk_predicate_of_condition(mem, where);
    ret->never = is_never(where);
}

static void
note_condition(const Node *node, void *data)
{
    struct conditions *conditions = data;
    Node *condition = NULL;

    switch (nodeTag(node)) {
    case T_SelectStmt:
        condition = ((const SelectStmt *)node)->whereClause;
        break;
    case T_UpdateStmt:
        condition = ((const UpdateStmt *)node)->whereClause;
        break;
    case T_DeleteStmt:
        condition = ((const DeleteStmt *)node)->whereClause;
        break;
    case T_MergeStmt:
        condition = ((const MergeStmt *)node)->joinCondition;
        break;
    case T_JoinExpr:
        condition = ((const JoinExpr *)node)->quals;
        break;
    default:
        break;
    }
    lk_tree_columns(conditions->mem, condition, &conditions->columns);
}

static void
read_conditions(struct conditions *conditions)
{
    if (conditions->read)
        return;
    conditions->read = true;
    lk_tree_walk(conditions->tree, note_condition, conditions);
    if (conditions->single)
        read_given(conditions->mem, conditions->tree, conditions);
}

/* may_prune returns whether conditions speak of a column that decides on partitions. */
static bool
may_prune(const struct conditions *conditions, const struct lk_relation *table)
{
    lk_vec_foreach(name, &conditions->columns.items)
        if (lk_partitioned_by(table, *name))
            return true;
    return false;
}

/* lock_parts notes the lock on the descendants of a table as the planner takes it. */
static void
lock_parts(struct lk_gather *gather, const struct conditions *conditions,
           const struct lk_relation *table, enum lk_lock_mode mode)
{
    bool maybe = gather->maybe;

    if (table->kind != LK_RELATION_PARTITIONED) {
        lk_gather_lock_children(gather, table, mode);
        return;
    }
    bool prunes = may_prune(conditions, table);
    lk_vec_foreach(item, &table->children) {
        const struct lk_relation *child = *item;
        if (child->parent != table || !lk_object_is_there(gather->catalog, &child->object))
            continue;
        enum lk_route route =
            prunes ? lk_route_to(gather, child, conditions->given) : LK_ROUTE_SURE;
        if (route == LK_ROUTE_NEVER)
            continue;
        gather->maybe = maybe || route == LK_ROUTE_MAYBE;
        lk_gather_lock_known(gather, child, mode);
        lock_parts(gather, conditions, child, mode);
    }
    gather->maybe = maybe;
}

/* is_contradicted returns whether a condition wants NULL of a column that is NOT NULL. */
static bool
is_contradicted(const struct lk_predicate *given, const struct lk_relation *table)
{
    if (given == NULL)
        return false;
    if (given->kind == LK_PREDICATE_AND)
        lk_vec_foreach(arg, &given->args)
            if (is_contradicted(*arg, table))
                return true;
    const struct lk_column *column =
        given->kind == LK_PREDICATE_NULL ? lk_relation_column(table, given->column) : NULL;
    return column != NULL && column->not_null;
}

/*
 * finds_nothing returns whether the planner knows that no row is what conditions ask for: since 17
 * by what is NOT NULL, too.
 * Source: restriction_is_always_false(), src/backend/optimizer/plan/initsplan.c.
 */
static bool
finds_nothing(const struct lk_gather *gather, const struct conditions *conditions,
              const struct lk_relation *table)
{
    return conditions->never ||
           (lk_catalog_version(gather->catalog) >= 17 && is_contradicted(conditions->given, table));
}

/*
 * lock_expanded notes what the planner locks besides a table that it reads: its descendants, and
 * where it is a partition with partitions of its own, perhaps the tables that it is one of, whose
 * bounds it asks for the first time in a session.
 * Source: set_baserel_partition_constraint(), generate_partition_qual().
 */
static void
lock_expanded(struct lk_gather *gather, struct conditions *conditions,
              const struct lk_relation *table, enum lk_lock_mode mode)
{
    bool maybe = gather->maybe;

    gather->maybe = true;
    for (const struct lk_relation *at = table->parent;
         at != NULL && table->kind == LK_RELATION_PARTITIONED; at = at->parent)
        lk_gather_lock_known(gather, at, LK_LOCK_ACCESS_SHARE);
    gather->maybe = maybe;
    if (table->kind == LK_RELATION_PARTITIONED)
        read_conditions(conditions);
    if (table->kind != LK_RELATION_PARTITIONED || !finds_nothing(gather, conditions, table))
        lock_parts(gather, conditions, table, mode);
}

/* ---- views ---- */

/* lock_sources locks what a view reads, views below it included, as far as known. */
static void
lock_sources(struct lk_gather *gather, const struct lk_relation *view, enum lk_lock_mode mode,
             struct lk_seen **seen)
{
    bool maybe = gather->maybe;

    if (lk_seen_address(gather->mem, seen, view))
        return;
    lk_vec_foreach(item, &view->sources) {
        const struct lk_relation *source = *item;
        lk_gather_lock_known(gather, source, mode);
        if (source->kind == LK_RELATION_VIEW)
            lock_sources(gather, source, mode, seen);
        /* the view's own conditions may leave partitions out */
        gather->maybe = maybe || source->kind == LK_RELATION_PARTITIONED;
        lk_gather_lock_children(gather, source, mode);
        gather->maybe = maybe;
    }
}

void
lk_gather_view(struct lk_gather *gather, const struct lk_relation *view, enum lk_lock_mode mode)
{
    struct lk_seen *seen = NULL;

    lock_sources(gather, view, mode, &seen);
}

/* ---- what a statement names ---- */

/* How one statement is gone through. */
struct reading {
    struct lk_gather *gather;
    enum lk_reading reading;
    struct lk_tree_ranges ranges; /* that mean relations */
    struct conditions conditions;
};

/* is_builtin returns whether a name means a relation of the server's own. */
static bool
is_builtin(const struct lk_gather *gather, const RangeVar *range)
{
    struct lk_builtin_relation found;

    return lk_builtin_relation(range->schemaname, range->relname,
                               lk_catalog_version(gather->catalog), &found);
}

static void
lock_range(struct lk_gather *gather, enum lk_reading reading, struct conditions *conditions,
           const RangeVar *range, enum lk_lock_mode mode)
{
    const struct lk_relation *relation = lk_gather_known(gather, range);

    if (relation == NULL && is_builtin(gather, range))
        return;
    lk_gather_lock_range(gather, range, mode);
    if (relation == NULL || reading == LK_READING_ANALYZED)
        return;
    if (relation->kind == LK_RELATION_VIEW)
        lk_gather_view(gather, relation, mode);
    if (range->inh && reading == LK_READING_PLANNED)
        lock_expanded(gather, conditions, relation, mode);
}

void
lk_gather_planned(struct lk_gather *gather, const Node *tree, const RangeVar *range,
                  enum lk_lock_mode mode)
{
    struct conditions conditions = {.mem = gather->mem, .tree = tree, .single = true};
    const struct lk_relation *relation = lk_gather_known(gather, range);

    lk_gather_lock_range(gather, range, mode);
    if (relation == NULL || relation->children.count == 0 || !range->inh)
        return;
    lock_expanded(gather, &conditions, relation, mode);
}

/* is_locked returns whether FOR UPDATE OF names a table of FROM, or nothing and so all of them. */
static bool
is_locked(const LockingClause *clause, const RangeVar *range)
{
    const char *name = range->alias != NULL ? range->alias->aliasname : range->relname;
    ListCell *cell;

    foreach(cell, clause->lockedRels)
        if (strcmp(lfirst_node(RangeVar, cell)->relname, name) == 0)
            return true;
    return clause->lockedRels == NIL;
}

/* is_read returns whether a range is one of those that mean relations: not a WITH query's name. */
static bool
is_read(const struct reading *reading, const RangeVar *range)
{
    lk_vec_foreach(known, &reading->ranges.items)
        if (*known == range)
            return true;
    return false;
}

/* lock_rows notes FOR UPDATE and the like on the tables of FROM. */
static void
lock_rows(const Node *node, void *data)
{
    struct reading *reading = data;
    const SelectStmt *stmt = (const SelectStmt *)node;
    struct lk_tree_ranges ranges = {0};
    ListCell *cell;

    if (!IsA(node, SelectStmt) || stmt->lockingClause == NIL)
        return;
    lk_tree_ranges(reading->gather->mem, stmt->fromClause, &ranges);
    lk_vec_foreach(range, &ranges.items)
        foreach(cell, stmt->lockingClause)
            if (is_locked(lfirst_node(LockingClause, cell), *range) && is_read(reading, *range))
                lock_range(reading->gather, reading->reading, &reading->conditions, *range,
                           LK_LOCK_ROW_SHARE);
}

/* is_target returns whether a range is the table that a statement, or a WITH query, writes. */
static bool
is_target(const Node *tree, const RangeVar *range)
{
    ListCell *cell;

    if (lk_gather_target(tree) == range)
        return true;
    foreach(cell, lk_tree_ctes(tree))
        if (lk_gather_target(lfirst_node(CommonTableExpr, cell)->ctequery) == range)
            return true;
    return false;
}

void
lk_gather_reads(struct lk_gather *gather, const Node *tree, enum lk_reading reading,
                struct lk_tree_calls *ret_calls)
{
    struct reading all = {
        .gather = gather, .reading = reading, .conditions = {.mem = gather->mem, .tree = tree}};

    lk_tree_reads(gather->mem, tree, &all.ranges, ret_calls);
    if (all.ranges.items.count == 0)
        return;
    all.conditions.single = all.ranges.items.count == 1;
    if (all.ranges.locking)
        lk_tree_walk(tree, lock_rows, &all);
    lk_vec_foreach(range, &all.ranges.items)
        if (!is_target(tree, *range))
            lock_range(gather, reading, &all.conditions, *range, LK_LOCK_ACCESS_SHARE);
}

/* lock_target notes the table that a statement writes, or would. */
static void
lock_target(struct lk_gather *gather, const Node *tree, enum lk_reading reading)
{
    const RangeVar *target = lk_gather_target(tree);

    if (target != NULL && reading == LK_READING_PLANNED && !IsA(tree, InsertStmt))
        lk_gather_planned(gather, tree, target, LK_LOCK_ROW_EXCLUSIVE);
    else if (target != NULL)
        lk_gather_lock_range(gather, target, LK_LOCK_ROW_EXCLUSIVE);
}

void
lk_gather_analyzed(struct lk_gather *gather, const Node *tree, enum lk_reading reading)
{
    ListCell *cell;

    if (tree != NULL && IsA(tree, CreateTableAsStmt)) /* of EXPLAIN */
        tree = ((const CreateTableAsStmt *)tree)->query;
    if (tree == NULL)
        return;
    lock_target(gather, tree, reading);
    foreach(cell, lk_tree_ctes(tree))
        lock_target(gather, lfirst_node(CommonTableExpr, cell)->ctequery, reading);
    lk_gather_reads(gather, tree, reading, NULL);
}
