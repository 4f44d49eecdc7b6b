/*
 * rules/effects/effects_query.c
 *     Locks of queries: SELECT, INSERT, UPDATE, DELETE, MERGE, COPY, and of LOCK.
 */
#include "parser/tree.h"
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

static void
visit_select(const Node *node, void *data)
{
    if (IsA(node, SelectStmt) && ((const SelectStmt *)node)->lockingClause != NIL)
        lock_rows(data, (const SelectStmt *)node);
}

/* lock_rows_below notes FOR UPDATE and the like wherever in a query they stand. */
static void
lock_rows_below(struct lk_gather *gather, const Node *tree)
{
    lk_tree_walk(tree, visit_select, gather);
}

/* text_of returns the string that an argument is, or NULL. */
static const char *
text_of(const Node *argument)
{
    while (argument != NULL && IsA(argument, TypeCast))
        argument = ((const TypeCast *)argument)->arg;
    if (argument == NULL || !IsA(argument, A_Const) || ((const A_Const *)argument)->isnull ||
        !IsA(&((const A_Const *)argument)->val, String))
        return NULL;
    return strVal(&((const A_Const *)argument)->val);
}

/*
 * statistics_call notes the table whose statistics a function of 18 writes or clears: its arguments
 * are names and values in turn, or the schema and the table.
 */
static void
statistics_call(struct lk_gather *gather, const FuncCall *call)
{
    const char *function = lk_qname_of_list(call->funcname).name;
    bool pairs = strcmp(function, "pg_restore_relation_stats") == 0 ||
                 strcmp(function, "pg_restore_attribute_stats") == 0;
    struct lk_qname name = {0};

    if (!pairs && strcmp(function, "pg_clear_relation_stats") != 0 &&
        strcmp(function, "pg_clear_attribute_stats") != 0)
        return;
    if (!pairs && list_length(call->args) >= 2)
        name = (struct lk_qname){text_of(linitial(call->args)), text_of(lsecond(call->args))};
    for (int i = 0; pairs && i + 1 < list_length(call->args); i += 2) {
        const char *key = text_of(list_nth(call->args, i));
        if (key != NULL && strcmp(key, "schemaname") == 0)
            name.schema = text_of(list_nth(call->args, i + 1));
        else if (key != NULL && strcmp(key, "relname") == 0)
            name.name = text_of(list_nth(call->args, i + 1));
    }
    if (name.schema != NULL && name.name != NULL)
        lk_gather_lock(gather, name, LK_LOCK_SHARE_UPDATE_EXCLUSIVE);
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
        statistics_call(gather, call);
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

/*
 * write_through locks what is below a view whose rows are written: the one table that a view reads
 * that has no INSTEAD OF trigger. Of rules it is not known whether there are any.
 */
static void
write_through(struct lk_gather *gather, const struct lk_relation *view)
{
    for (int depth = 0; view != NULL && depth < 32; depth++) {
        if (view->kind != LK_RELATION_VIEW || view->reads_unknown || view->sources.count != 1 ||
            lk_has_row_trigger(view, NULL))
            return;
        view = view->sources.items[0];
        lk_gather_lock_known(gather, view, LK_LOCK_ROW_EXCLUSIVE);
    }
}

/* draws returns whether a column has its value from the sequence that it owns. */
static bool
draws(const struct lk_relation *table, const char *name)
{
    const struct lk_column *column = lk_relation_column(table, name);

    return column != NULL && (column->serial || column->identity);
}

/* insert notes the table, what its foreign keys look up, and the sequences of columns left out. */
static void
insert(struct lk_gather *gather, const InsertStmt *stmt)
{
    const struct lk_relation *table = lk_gather_known(gather, stmt->relation);

    lk_gather_lock_range(gather, stmt->relation, LK_LOCK_ROW_EXCLUSIVE);
    write_through(gather, table);
    if (table == NULL)
        return;
    lk_vec_foreach(sequence, &table->sequences)
        if ((*sequence)->table == table && (*sequence)->keys.count > 0 && stmt->cols != NIL &&
            !has_target(stmt->cols, (*sequence)->keys.items[0]) &&
            draws(table, (*sequence)->keys.items[0]))
            lk_gather_lock_known(gather, *sequence, LK_LOCK_ROW_EXCLUSIVE);
    lk_vec_foreach(constraint, &table->constraints)
        if ((*constraint)->kind == LK_CONSTRAINT_FOREIGN && !(*constraint)->not_enforced &&
            (*constraint)->columns.count > 0 &&
            (stmt->cols == NIL || has_target(stmt->cols, (*constraint)->columns.items[0])))
            lk_gather_unlink(gather, *constraint, LK_LOCK_ROW_SHARE);
}

/* is_itself returns whether a value is the column that it is for: nothing is changed. */
static bool
is_itself(const ResTarget *target)
{
    const ColumnRef *value = (const ColumnRef *)target->val;

    return value != NULL && IsA(value, ColumnRef) && IsA(llast(value->fields), String) &&
           strcmp(strVal(llast(value->fields)), target->name) == 0;
}

/* sets_column returns whether a list of targets gives a column of a constraint another value. */
static bool
sets_column(const List *targets, const struct lk_constraint *constraint)
{
    ListCell *cell;

    foreach(cell, targets) {
        const ResTarget *target = lfirst_node(ResTarget, cell);
        if (is_itself(target))
            continue;
        lk_vec_foreach(column, &constraint->columns)
            if (strcmp(*column, target->name) == 0)
                return true;
    }
    return false;
}

static void
update(struct lk_gather *gather, const UpdateStmt *stmt)
{
    const struct lk_relation *table = lk_gather_known(gather, stmt->relation);

    lk_gather_lock_family(gather, stmt->relation, LK_LOCK_ROW_EXCLUSIVE);
    write_through(gather, table);
    if (table == NULL)
        return;
    lk_vec_foreach(constraint, &table->constraints)
        if (!(*constraint)->not_enforced && sets_column(stmt->targetList, *constraint))
            lk_gather_unlink(gather, *constraint, LK_LOCK_ROW_SHARE);
}

/* written_by returns the table whose rows a statement writes, or NULL. */
static const RangeVar *
written_by(const Node *tree)
{
    switch (nodeTag(tree)) {
    case T_InsertStmt:
        return ((const InsertStmt *)tree)->relation;
    case T_UpdateStmt:
        return ((const UpdateStmt *)tree)->relation;
    case T_DeleteStmt:
        return ((const DeleteStmt *)tree)->relation;
    case T_MergeStmt:
        return ((const MergeStmt *)tree)->relation;
    default:
        return NULL;
    }
}

void
lk_gather_analyzed(struct lk_gather *gather, const Node *tree)
{
    const RangeVar *target = tree != NULL ? written_by(tree) : NULL;

    if (target != NULL)
        lk_gather_lock_range(gather, target, LK_LOCK_ROW_EXCLUSIVE);
    else if (tree != NULL)
        lock_rows_below(gather, tree);
}

static void
explain(struct lk_gather *gather, const ExplainStmt *stmt)
{
    if (lk_option_is_on(stmt->options, "analyze"))
        lk_gather_query(gather, stmt->query);
    else
        lk_gather_analyzed(gather, stmt->query);
}

/* merge notes the table, and what its foreign keys look up for the columns that are set. */
static void
merge(struct lk_gather *gather, const MergeStmt *stmt)
{
    const struct lk_relation *table = lk_gather_known(gather, stmt->relation);
    ListCell *cell;

    lk_gather_lock_family(gather, stmt->relation, LK_LOCK_ROW_EXCLUSIVE);
    for (; table != NULL; table = table->parent)
        lk_vec_foreach(constraint, &table->constraints)
            foreach(cell, stmt->mergeWhenClauses)
                if (sets_column(lfirst_node(MergeWhenClause, cell)->targetList, *constraint))
                    lk_gather_unlink(gather, *constraint, LK_LOCK_ROW_SHARE);
}

/* copy notes the table, and for rows that come in what its foreign keys look up. */
static void
copy(struct lk_gather *gather, const CopyStmt *stmt)
{
    if (stmt->relation != NULL)
        lk_gather_lock_range(gather, stmt->relation,
                             stmt->is_from ? LK_LOCK_ROW_EXCLUSIVE : LK_LOCK_ACCESS_SHARE);
}

static void
query(struct lk_gather *gather, const SelectStmt *stmt)
{
    lock_rows_below(gather, (const Node *)stmt);
    lock_sequences(gather, stmt);
}

bool
lk_gather_query(struct lk_gather *gather, const Node *tree)
{
    switch (nodeTag(tree)) {
    case T_SelectStmt:
        query(gather, (const SelectStmt *)tree);
        return true;
    case T_InsertStmt:
        insert(gather, (const InsertStmt *)tree);
        return true;
    case T_UpdateStmt:
        update(gather, (const UpdateStmt *)tree);
        return true;
    case T_DeleteStmt:
        lk_gather_lock_family(gather, ((const DeleteStmt *)tree)->relation, LK_LOCK_ROW_EXCLUSIVE);
        write_through(gather, lk_gather_known(gather, ((const DeleteStmt *)tree)->relation));
        return true;
    case T_MergeStmt:
        merge(gather, (const MergeStmt *)tree);
        return true;
    case T_CopyStmt:
        copy(gather, (const CopyStmt *)tree);
        return true;
    case T_LockStmt:
        lock_tables(gather, (const LockStmt *)tree);
        return true;
    case T_ExplainStmt:
        explain(gather, (const ExplainStmt *)tree);
        return true;
    case T_CreateTableAsStmt:
        if (!((const CreateTableAsStmt *)tree)->into->skipData)
            lk_gather_query(gather, ((const CreateTableAsStmt *)tree)->query);
        return true;
    case T_DeclareCursorStmt:
        lk_gather_analyzed(gather, ((const DeclareCursorStmt *)tree)->query);
        return true;
    case T_PrepareStmt:
        lk_gather_analyzed(gather, ((const PrepareStmt *)tree)->query);
        return true;
    default:
        return false;
    }
}
