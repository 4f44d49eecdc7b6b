/*
 * rules/effects/effects_rows.c
 *     What is locked to write rows: the table and its partitions, what defaults draw from, what
 *     foreign keys look up on either side, what triggers and rules do.
 *
 * A statement is taken to find rows, and to give values that are not NULL; what is set off beyond
 * its own foreign keys by rows that a condition has to find is only perhaps done.
 *
 * Sources: ExecFindPartition(), src/backend/executor/execPartition.c; RI_FKey_check(),
 * ri_restrict(), RI_FKey_cascade_del() and their siblings, src/backend/utils/adt/ri_triggers.c;
 * rewriteTargetView(), rewriteHandler.c; measured on 15 and 18.
 */
#include "parser/tree.h"
#include "rules/effects/effects_private.h"

#define ROUTED 1000 /* how many rows times partitions are told apart */

const RangeVar *
lk_gather_target(const Node *tree)
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

/* ---- targets ---- */

static bool
is_null(const Node *value)
{
    if (value != NULL && IsA(value, TypeCast))
        value = ((const TypeCast *)value)->arg;
    return value != NULL && IsA(value, A_Const) && ((const A_Const *)value)->isnull;
}

/* gives returns whether INSERT gives a column a value that is not always NULL. */
static bool
gives(const InsertStmt *stmt, const struct lk_relation *table, const char *column)
{
    const SelectStmt *source = (const SelectStmt *)stmt->selectStmt;
    int place = lk_place_of(stmt, table, column);
    ListCell *cell;

    if (source == NULL || place < 0)
        return false;
    if (!IsA(source, SelectStmt) || source->valuesLists == NIL)
        return true;
    foreach(cell, source->valuesLists) {
        const List *row = lfirst_node(List, cell);
        if (place < list_length(row) && !is_null(list_nth(row, place)) &&
            !IsA(list_nth(row, place), SetToDefault))
            return true;
    }
    return false;
}

/* is_itself returns whether a value is the column that it is for: nothing is changed. */
static bool
is_itself(const ResTarget *target)
{
    const ColumnRef *value = (const ColumnRef *)target->val;

    return value != NULL && IsA(value, ColumnRef) && IsA(llast(value->fields), String) &&
           strcmp(strVal(llast(value->fields)), target->name) == 0;
}

/* sets returns whether a list of targets gives a column another value. */
static bool
sets(const List *targets, const char *column)
{
    ListCell *cell;

    foreach(cell, targets) {
        const ResTarget *target = lfirst_node(ResTarget, cell);
        if (target->name != NULL && !is_itself(target) && strcmp(target->name, column) == 0)
            return true;
    }
    return false;
}

static bool
sets_column(const List *targets, const struct lk_constraint *constraint)
{
    lk_vec_foreach(column, &constraint->columns)
        if (sets(targets, *column))
            return true;
    return false;
}

/* ---- foreign keys ---- */

/* look_up notes the table that a foreign key references, and the partition that it finds there. */
static void
look_up(struct lk_gather *gather, const struct lk_constraint *constraint)
{
    bool maybe = gather->maybe;

    if (constraint->kind != LK_CONSTRAINT_FOREIGN || constraint->not_enforced)
        return;
    gather->maybe |= constraint->deferred; /* it does so at the transaction's end */
    lk_gather_unlink(gather, constraint, LK_LOCK_ROW_SHARE);
    gather->maybe = true;
    lk_gather_lock_children(gather, constraint->target, LK_LOCK_ROW_SHARE);
    gather->maybe = maybe;
}

static void remove_rows(struct lk_gather *gather, const struct lk_relation *table);
static void change_key(struct lk_gather *gather, const struct lk_relation *table,
                       const struct lk_constraint *constraint);

/*
 * lock_searched notes the partitions of a table that are searched for values of a foreign key: all
 * of them, unless its columns decide on partitions. Tables that inherit have no part in the key.
 */
static void
lock_searched(struct lk_gather *gather, const struct lk_relation *table,
              const struct lk_constraint *key, enum lk_lock_mode mode)
{
    bool maybe = gather->maybe;

    if (table->kind != LK_RELATION_PARTITIONED)
        return;
    lk_vec_foreach(column, &key->columns)
        gather->maybe |= lk_partitioned_by(table, *column);
    lk_vec_foreach(item, &table->children) {
        const struct lk_relation *part = *item;
        if (part->parent != table || !lk_object_is_there(gather->catalog, &part->object))
            continue;
        lk_gather_lock_known(gather, part, mode);
        lock_searched(gather, part, key, mode);
    }
    gather->maybe = maybe;
}

/* follow notes what becomes of rows with a foreign key whose referenced row goes or changes. */
static void
follow(struct lk_gather *gather, const struct lk_constraint *constraint, char action, bool deletes)
{
    const struct lk_relation *referrer = constraint->relation;
    bool looks = action == 'a' || action == 'r' || action == 0, maybe = gather->maybe;

    if (constraint->not_enforced || !lk_gather_enter(gather, constraint))
        return;
    enum lk_lock_mode mode = looks ? LK_LOCK_ROW_SHARE : LK_LOCK_ROW_EXCLUSIVE;
    gather->maybe |= looks && action != 'r' && constraint->deferred; /* at the transaction's end */
    lk_gather_lock_known(gather, referrer, mode);
    lock_searched(gather, referrer, constraint, mode);
    gather->maybe = true; /* it is not known whether there are rows */
    if (!looks && deletes && action == 'c')
        remove_rows(gather, referrer);
    else if (!looks)
        change_key(gather, referrer, constraint);
    gather->maybe = maybe;
    lk_gather_leave(gather);
}

/* What happens to rows that others may reference. */
struct referenced {
    struct lk_gather *gather;
    bool deletes;
    const List *targets;             /* of UPDATE */
    const struct lk_constraint *key; /* or the foreign key whose columns change */
};

/* concerns returns whether a foreign key references what is changed. */
static bool
concerns(const struct referenced *change, const struct lk_constraint *constraint)
{
    ListCell *cell;

    if (change->deletes)
        return true;
    if (change->key != NULL) {
        lk_vec_foreach(column, &change->key->columns)
            if (lk_references_column(constraint, *column))
                return true;
        return false;
    }
    foreach(cell, change->targets) {
        const ResTarget *target = lfirst_node(ResTarget, cell);
        if (!is_itself(target) && lk_references_column(constraint, target->name))
            return true;
    }
    return false;
}

/* follow_referrers goes to the tables with foreign keys to a table, or to what it is part of. */
static void
follow_referrers(const struct referenced *change, const struct lk_relation *table)
{
    struct lk_gather *gather = change->gather;

    for (const struct lk_relation *at = table; at != NULL; at = at->parent) {
        struct lk_relations referrers = {0};
        lk_catalog_referrers(gather->mem, gather->catalog, at, &referrers);
        lk_vec_foreach(referrer, &referrers.items)
            lk_vec_foreach(constraint, &(*referrer)->constraints)
                if ((*constraint)->kind == LK_CONSTRAINT_FOREIGN && (*constraint)->target == at &&
                    (*constraint)->parent == NULL && concerns(change, *constraint))
                    follow(gather, *constraint,
                           change->deletes ? (*constraint)->on_delete : (*constraint)->on_update,
                           change->deletes);
    }
}

/* remove_rows notes what DELETE of a table's rows sets off. */
static void
remove_rows(struct lk_gather *gather, const struct lk_relation *table)
{
    struct referenced change = {.gather = gather, .deletes = true};

    follow_referrers(&change, table);
    lk_gather_triggers(gather, table, LK_ROW_DELETE, NIL);
}

/* change_key notes what giving a foreign key's columns other values sets off. */
static void
change_key(struct lk_gather *gather, const struct lk_relation *table,
           const struct lk_constraint *constraint)
{
    struct referenced change = {.gather = gather, .key = constraint};

    follow_referrers(&change, table);
    lk_gather_triggers(gather, table, LK_ROW_UPDATE, NIL);
}

/* ---- what is written ---- */

/*
 * base_of locks what is below a view whose rows are written, the one table that each view reads
 * that has no INSTEAD OF trigger, and returns the last of these.
 */
static const struct lk_relation *
base_of(struct lk_gather *gather, const struct lk_relation *relation)
{
    for (int depth = 0; relation != NULL && depth < 32; depth++) {
        if (relation->kind != LK_RELATION_VIEW || relation->reads_unknown ||
            relation->sources.count != 1 || lk_has_row_trigger(relation, NULL))
            return relation;
        relation = relation->sources.items[0];
        lk_gather_lock_known(gather, relation, LK_LOCK_ROW_EXCLUSIVE);
    }
    return relation;
}

/* route notes the partitions that new rows may belong to. */
static void
route(struct lk_gather *gather, const struct lk_relation *table)
{
    bool maybe = gather->maybe;

    gather->maybe = true;
    if (table->kind == LK_RELATION_PARTITIONED)
        lk_gather_lock_children(gather, table, LK_LOCK_ROW_EXCLUSIVE);
    gather->maybe = maybe;
    lk_gather_bounds(gather, table);
}

/* route_row notes the partitions that a row may belong to of which `given` is known. */
static void
route_row(struct lk_gather *gather, const struct lk_relation *table,
          const struct lk_predicate *given)
{
    bool maybe = gather->maybe;

    lk_vec_foreach(item, &table->children) {
        const struct lk_relation *part = *item;
        if (part->parent != table || !lk_object_is_there(gather->catalog, &part->object))
            continue;
        enum lk_route route = lk_route_to(gather, part, given);
        if (route == LK_ROUTE_NEVER)
            continue;
        gather->maybe = maybe || route == LK_ROUTE_MAYBE;
        lk_gather_lock_known(gather, part, LK_LOCK_ROW_EXCLUSIVE);
        route_row(gather, part, given);
        gather->maybe = maybe;
    }
}

/* row_of returns what the values of a row of INSERT say. */
static const struct lk_predicate *
row_of(struct lk_gather *gather, const InsertStmt *stmt, const struct lk_relation *table,
       const List *row)
{
    struct lk_predicate *all = lk_new(gather->mem, struct lk_predicate);

    all->kind = LK_PREDICATE_AND;
    lk_vec_foreach(column, &table->columns) {
        int place = lk_place_of(stmt, table, (*column)->object.name);
        if (place >= 0 && place < list_length(row))
            lk_vec_push(all, &all->args,
                        lk_predicate_of_value(all, (*column)->object.name, list_nth(row, place)));
    }
    return all;
}

/* route_inserted notes the partitions that the rows of INSERT belong to, or may belong to. */
static void
route_inserted(struct lk_gather *gather, const InsertStmt *stmt, const struct lk_relation *table)
{
    const SelectStmt *source = (const SelectStmt *)stmt->selectStmt;
    ListCell *cell;

    if (table->kind != LK_RELATION_PARTITIONED || source == NULL || !IsA(source, SelectStmt) ||
        source->valuesLists == NIL ||
        (size_t)list_length(source->valuesLists) * table->children.count > ROUTED) {
        route(gather, table);
        return;
    }
    foreach(cell, source->valuesLists)
        route_row(gather, table, row_of(gather, stmt, table, lfirst_node(List, cell)));
    lk_gather_bounds(gather, table);
}

/* check_inserted notes what the foreign keys of new rows look up. */
static void
check_inserted(struct lk_gather *gather, const struct lk_relation *table, const InsertStmt *stmt)
{
    lk_vec_foreach(constraint, &table->constraints)
        if ((*constraint)->columns.count > 0 && gives(stmt, table, (*constraint)->columns.items[0]))
            look_up(gather, *constraint);
}

/* sets_null returns whether UPDATE gives a column NULL: there is nothing to look up. */
static bool
sets_null(const List *targets, const char *column)
{
    ListCell *cell;

    foreach(cell, targets)
        if (lfirst_node(ResTarget, cell)->name != NULL &&
            strcmp(lfirst_node(ResTarget, cell)->name, column) == 0)
            return is_null(lfirst_node(ResTarget, cell)->val);
    return false;
}

/* change notes what UPDATE sets off; a condition, `where`, may find no row. */
static void
change(struct lk_gather *gather, const struct lk_relation *table, const List *targets,
       const Node *where)
{
    struct referenced what = {.gather = gather, .targets = targets};
    bool maybe = gather->maybe;

    lk_vec_foreach(constraint, &table->constraints)
        if (sets_column(targets, *constraint) &&
            !sets_null(targets, (*constraint)->columns.items[0]))
            look_up(gather, *constraint);
    gather->maybe |= where != NULL;
    lk_gather_drawn_updating(gather, table, targets);
    follow_referrers(&what, table);
    lk_gather_triggers(gather, table, LK_ROW_UPDATE, targets);
    gather->maybe = maybe;
}

/* may_be_none returns whether a condition, or a number, leaves open if INSERT finds any row. */
static bool
may_be_none(const InsertStmt *stmt)
{
    const SelectStmt *source = (const SelectStmt *)stmt->selectStmt;

    return source != NULL && IsA(source, SelectStmt) &&
           (source->whereClause != NULL || source->havingClause != NULL ||
            source->limitCount != NULL);
}

static void
insert(struct lk_gather *gather, const InsertStmt *stmt)
{
    const struct lk_relation *named = lk_gather_known(gather, stmt->relation);
    bool maybe = gather->maybe;

    lk_gather_lock_range(gather, stmt->relation, LK_LOCK_ROW_EXCLUSIVE);
    const struct lk_relation *table = base_of(gather, named);
    if (table == NULL)
        return;
    lk_gather_drawn_inserting(gather, table, stmt);
    lk_gather_statement_triggers(gather, table, LK_ROW_INSERT, NIL);
    gather->maybe |= stmt->onConflictClause != NULL || may_be_none(stmt); /* no row to insert */
    check_inserted(gather, table, stmt);
    lk_gather_triggers(gather, table, LK_ROW_INSERT, NIL);
    if (named != table)
        lk_gather_triggers(gather, named, LK_ROW_INSERT, NIL);
    gather->maybe = maybe;
    route_inserted(gather, stmt, table);
    if (stmt->onConflictClause == NULL || stmt->onConflictClause->action != ONCONFLICT_UPDATE)
        return;
    gather->maybe = true;
    change(gather, table, stmt->onConflictClause->targetList, NULL);
    gather->maybe = maybe;
}

static void
update(struct lk_gather *gather, const UpdateStmt *stmt)
{
    const struct lk_relation *named = lk_gather_known(gather, stmt->relation);

    lk_gather_planned(gather, (const Node *)stmt, stmt->relation, LK_LOCK_ROW_EXCLUSIVE);
    const struct lk_relation *table = base_of(gather, named);
    if (table == NULL)
        return;
    if (table->kind == LK_RELATION_VIEW)
        lk_gather_view(gather, table, LK_LOCK_ACCESS_SHARE);
    lk_gather_statement_triggers(gather, table, LK_ROW_UPDATE, stmt->targetList);
    change(gather, table, stmt->targetList, stmt->whereClause);
    route(gather, table); /* rows may move */
    if (named != table)
        lk_gather_triggers(gather, named, LK_ROW_UPDATE, stmt->targetList);
}

static void
delete_rows(struct lk_gather *gather, const DeleteStmt *stmt)
{
    const struct lk_relation *named = lk_gather_known(gather, stmt->relation);
    bool maybe = gather->maybe;

    lk_gather_planned(gather, (const Node *)stmt, stmt->relation, LK_LOCK_ROW_EXCLUSIVE);
    const struct lk_relation *table = base_of(gather, named);
    if (table == NULL)
        return;
    if (table->kind == LK_RELATION_VIEW)
        lk_gather_view(gather, table, LK_LOCK_ACCESS_SHARE);
    lk_gather_statement_triggers(gather, table, LK_ROW_DELETE, NIL);
    gather->maybe |= stmt->whereClause != NULL; /* which may find no row */
    remove_rows(gather, table);
    gather->maybe = maybe;
    if (named != table)
        lk_gather_triggers(gather, named, LK_ROW_DELETE, NIL);
}

/* check_merged notes what the foreign keys of rows look up that MERGE inserts. */
static void
check_merged(struct lk_gather *gather, const struct lk_relation *table, const List *columns)
{
    lk_vec_foreach(constraint, &table->constraints)
        if ((*constraint)->columns.count > 0 &&
            (columns == NIL || lk_place_in(columns, (*constraint)->columns.items[0]) >= 0))
            look_up(gather, *constraint);
}

/* merge_when notes what one WHEN clause of MERGE does, if it comes to that. */
static void
merge_when(struct lk_gather *gather, const struct lk_relation *table, const MergeWhenClause *when)
{
    switch (when->commandType) {
    case CMD_INSERT:
        lk_gather_drawn_merging(gather, table, when);
        check_merged(gather, table, when->targetList);
        route(gather, table);
        lk_gather_triggers(gather, table, LK_ROW_INSERT, NIL);
        break;
    case CMD_UPDATE:
        change(gather, table, when->targetList, NULL);
        route(gather, table);
        break;
    case CMD_DELETE:
        remove_rows(gather, table);
        break;
    default:
        break;
    }
}

static void
merge(struct lk_gather *gather, const MergeStmt *stmt)
{
    bool maybe = gather->maybe;
    ListCell *cell;

    lk_gather_planned(gather, (const Node *)stmt, stmt->relation, LK_LOCK_ROW_EXCLUSIVE);
    const struct lk_relation *table = base_of(gather, lk_gather_known(gather, stmt->relation));
    if (table == NULL)
        return;
    gather->maybe = true; /* which rows match is up to the data */
    foreach(cell, stmt->mergeWhenClauses)
        merge_when(gather, table, lfirst_node(MergeWhenClause, cell));
    gather->maybe = maybe;
}

/* is_copied returns whether COPY brings values for a column. */
static bool
is_copied(const CopyStmt *stmt, const char *column)
{
    ListCell *cell;

    foreach(cell, stmt->attlist)
        if (strcmp(strVal(lfirst(cell)), column) == 0)
            return true;
    return stmt->attlist == NIL;
}

void
lk_gather_copied(struct lk_gather *gather, const CopyStmt *stmt)
{
    const struct lk_relation *table = lk_gather_known(gather, stmt->relation);
    bool maybe = gather->maybe;

    lk_gather_lock_range(gather, stmt->relation, LK_LOCK_ROW_EXCLUSIVE);
    if (table == NULL)
        return;
    gather->maybe = true; /* the rows are not at hand */
    lk_vec_foreach(column, &table->columns)
        if (!is_copied(stmt, (*column)->object.name))
            lk_gather_drawn_by(gather, *column, LK_LOCK_ROW_EXCLUSIVE);
    lk_vec_foreach(constraint, &table->constraints)
        if ((*constraint)->columns.count > 0 && is_copied(stmt, (*constraint)->columns.items[0]))
            look_up(gather, *constraint);
    route(gather, table);
    lk_gather_triggers(gather, table, LK_ROW_INSERT, NIL);
    gather->maybe = maybe;
}

bool
lk_gather_rows(struct lk_gather *gather, const Node *tree)
{
    switch (nodeTag(tree)) {
    case T_InsertStmt:
        insert(gather, (const InsertStmt *)tree);
        break;
    case T_UpdateStmt:
        update(gather, (const UpdateStmt *)tree);
        break;
    case T_DeleteStmt:
        delete_rows(gather, (const DeleteStmt *)tree);
        break;
    case T_MergeStmt:
        merge(gather, (const MergeStmt *)tree);
        break;
    default:
        return false;
    }
    return true;
}
