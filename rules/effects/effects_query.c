/*
 * rules/effects/effects_query.c
 *     Locks of queries: SELECT, INSERT, UPDATE, DELETE, MERGE, COPY, and of LOCK.
 */
#include "parser/tree_names.h"
#include "rules/effects/effects_private.h"

/* lock_sources locks what a view reads, views below it included, as far as known. */
static void
lock_sources(struct lk_gather *gather, const struct lk_relation *view, enum lk_lock_mode mode,
             unsigned depth)
{
    if (depth > 32) /* views nest, but do not go round */
        return;
    lk_vec_foreach(source, &view->sources) {
        lk_gather_lock_known(gather, *source, mode);
        if ((*source)->kind == LK_RELATION_VIEW)
            lock_sources(gather, *source, mode, depth + 1);
    }
}

/* lock_through locks a relation, its descendants, and what it reads if it is a view. */
static void
lock_through(struct lk_gather *gather, const RangeVar *range, enum lk_lock_mode mode)
{
    const struct lk_relation *relation = lk_gather_known(gather, range);

    lk_gather_lock_family(gather, range, mode);
    if (relation != NULL && relation->kind == LK_RELATION_VIEW)
        lock_sources(gather, relation, mode, 0);
}

static void
lock_tables(struct lk_gather *gather, const LockStmt *stmt)
{
    ListCell *cell;

    foreach(cell, stmt->relations) /* LOCKMODE counts the modes from 1, as ours are counted */
        lock_through(gather, lfirst_node(RangeVar, cell), (enum lk_lock_mode)stmt->mode);
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

/* lock_rows notes FOR UPDATE and the like on the tables of FROM. */
static void
lock_rows(struct lk_gather *gather, const SelectStmt *stmt)
{
    struct lk_tree_ranges ranges = {0};
    ListCell *cell;

    lk_tree_ranges(gather->mem, stmt->fromClause, &ranges);
    lk_vec_foreach(range, &ranges.items)
        foreach(cell, stmt->lockingClause)
            if (is_locked(lfirst_node(LockingClause, cell), *range))
                lock_through(gather, *range, LK_LOCK_ROW_SHARE);
}

/* lock_sequences notes setval('sequence', ...) and nextval('sequence') on top of a SELECT. */
static void
lock_sequences(struct lk_gather *gather, const SelectStmt *stmt)
{
    ListCell *cell;

    foreach(cell, stmt->targetList) {
        const FuncCall *call = (const FuncCall *)lfirst_node(ResTarget, cell)->val;
        if (call == NULL || !IsA(call, FuncCall) || call->args == NIL)
            continue;
        lk_gather_sequence_call(gather, call);
    }
}

void
lk_gather_sequence_call(struct lk_gather *gather, const FuncCall *call)
{
    const char *function = lk_qname_of_list(call->funcname).name;
    const Node *argument = call->args != NIL ? linitial(call->args) : NULL;
    struct lk_qname name = {0};
    char *dot;

    if (argument != NULL && IsA(argument, TypeCast)) /* 'name'::regclass */
        argument = ((const TypeCast *)argument)->arg;
    if ((strcmp(function, "nextval") != 0 && strcmp(function, "setval") != 0) || argument == NULL ||
        !IsA(argument, A_Const) || ((const A_Const *)argument)->isnull ||
        !IsA(&((const A_Const *)argument)->val, String))
        return;
    char *text = lk_strdup(gather->mem, strVal(&((const A_Const *)argument)->val));
    if (strchr(text, '"') != NULL)
        return;
    dot = strchr(text, '.');
    name.name = dot != NULL ? dot + 1 : text;
    if (dot != NULL) {
        *dot = '\0';
        name.schema = text;
    }
    lk_gather_lock_known(gather, lk_catalog_relation(gather->catalog, name.schema, name.name),
                         LK_LOCK_ROW_EXCLUSIVE);
}

static bool
has_target(const List *targets, const char *column)
{
    ListCell *cell;

    foreach(cell, targets)
        if (lfirst_node(ResTarget, cell)->name != NULL &&
            strcmp(lfirst_node(ResTarget, cell)->name, column) == 0)
            return true;
    return false;
}

/* insert notes the table, what its foreign keys look up, and the sequences of columns left out. */
static void
insert(struct lk_gather *gather, const InsertStmt *stmt)
{
    const struct lk_relation *table = lk_gather_known(gather, stmt->relation);

    lk_gather_lock_range(gather, stmt->relation, LK_LOCK_ROW_EXCLUSIVE);
    if (table == NULL)
        return;
    lk_vec_foreach(sequence, &table->sequences)
        if ((*sequence)->table == table && (*sequence)->keys.count > 0 && stmt->cols != NIL &&
            !has_target(stmt->cols, (*sequence)->keys.items[0]))
            lk_gather_lock_known(gather, *sequence, LK_LOCK_ROW_EXCLUSIVE);
    lk_vec_foreach(constraint, &table->constraints)
        if ((*constraint)->kind == LK_CONSTRAINT_FOREIGN && (*constraint)->columns.count > 0 &&
            (stmt->cols == NIL || has_target(stmt->cols, (*constraint)->columns.items[0])))
            lk_gather_unlink(gather, *constraint, LK_LOCK_ROW_SHARE);
}

static void
update(struct lk_gather *gather, const UpdateStmt *stmt)
{
    const struct lk_relation *table = lk_gather_known(gather, stmt->relation);

    lk_gather_lock_family(gather, stmt->relation, LK_LOCK_ROW_EXCLUSIVE);
    if (table == NULL)
        return;
    lk_vec_foreach(constraint, &table->constraints) {
        bool changed = false;
        lk_vec_foreach(column, &(*constraint)->columns)
            changed |= has_target(stmt->targetList, *column);
        if (changed)
            lk_gather_unlink(gather, *constraint, LK_LOCK_ROW_SHARE);
    }
}

static void
explain(struct lk_gather *gather, const ExplainStmt *stmt)
{
    if (lk_option_is_on(stmt->options, "analyze"))
        lk_gather_query(gather, stmt->query);
}

bool
lk_gather_query(struct lk_gather *gather, const Node *tree)
{
    switch (nodeTag(tree)) {
    case T_SelectStmt:
        if (((const SelectStmt *)tree)->lockingClause != NIL)
            lock_rows(gather, (const SelectStmt *)tree);
        lock_sequences(gather, (const SelectStmt *)tree);
        return true;
    case T_InsertStmt:
        insert(gather, (const InsertStmt *)tree);
        return true;
    case T_UpdateStmt:
        update(gather, (const UpdateStmt *)tree);
        return true;
    case T_DeleteStmt:
        lk_gather_lock_family(gather, ((const DeleteStmt *)tree)->relation, LK_LOCK_ROW_EXCLUSIVE);
        return true;
    case T_MergeStmt:
        lk_gather_lock_family(gather, ((const MergeStmt *)tree)->relation, LK_LOCK_ROW_EXCLUSIVE);
        return true;
    case T_CopyStmt:
        if (((const CopyStmt *)tree)->relation != NULL)
            lk_gather_lock_range(gather, ((const CopyStmt *)tree)->relation,
                                 ((const CopyStmt *)tree)->is_from ? LK_LOCK_ROW_EXCLUSIVE
                                                                   : LK_LOCK_ACCESS_SHARE);
        return true;
    case T_LockStmt:
        lock_tables(gather, (const LockStmt *)tree);
        return true;
    case T_ExplainStmt:
        explain(gather, (const ExplainStmt *)tree);
        return true;
    default:
        return false;
    }
}
