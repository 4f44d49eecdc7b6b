/*
 * rules/effects/second_run_rows.c
 *     Writing rows once more: see second_run.h.
 */
#include "parser/tree.h"
#include "rules/effects/effects_private.h"
#include "rules/effects/second_run.h"

static const struct lk_second_run same = {LK_AGAIN_SAME, NULL},
                                  duplicates = {LK_AGAIN_DUPLICATES, NULL},
                                  twice = {LK_AGAIN_ERROR, "23505"},
                                  unknown = {LK_AGAIN_UNKNOWN, NULL};

/* ---- what else is done ---- */

/* What stands on a table and does things of its own: any, or what does so without any row. */
static bool
has_actions(const struct lk_relation *table, char event, bool rows)
{
    lk_vec_foreach(item, &table->parts) {
        const struct lk_part *part = *item;
        if (part->state == 'D')
            continue;
        if (part->object.class == LK_CLASS_TRIGGER && (rows || !part->each_row))
            return true;
        if (part->object.class == LK_CLASS_RULE && part->event == event)
            return true;
    }
    return false;
}

/* writes returns whether a lock is one to write another table with. */
static bool
writes(const struct lk_lock *lock, const struct lk_relation *table)
{
    return lock->mode >= LK_LOCK_ROW_EXCLUSIVE && lock->known != table &&
           (lock->known == NULL || lock->known->kind != LK_RELATION_SEQUENCE);
}

/* writes_elsewhere returns whether a statement may write other tables than its own. */
static bool
writes_elsewhere(TALLOC_CTX *mem, const struct lk_catalog *after, const Node *tree,
                 const struct lk_relation *table)
{
    struct lk_effects effects = lk_effects_of(mem, after, tree);

    lk_vec_foreach(lock, &effects.locks)
        if (writes(lock, table))
            return true;
    lk_vec_foreach(lock, &effects.may_lock)
        if (writes(lock, table))
            return true;
    return false;
}

static const struct lk_relation *
written(const struct lk_catalog *after, const RangeVar *range)
{
    const struct lk_relation *table = lk_catalog_relation(after, range->schemaname, range->relname);

    if (table == NULL || table->partial ||
        (table->kind != LK_RELATION_TABLE && table->kind != LK_RELATION_PARTITIONED))
        return NULL;
    return table;
}

/* ---- values ---- */

static void
note_open(const Node *node, void *data)
{
    bool *open = data;

    switch (nodeTag(node)) {
    case T_CurrentOfExpr:
    case T_FuncCall:
    case T_ParamRef:
    case T_SetToDefault:
    case T_SQLValueFunction:
    case T_SubLink:
        *open = true;
        break;
    default:
        break;
    }
}

/* is_settled returns whether an expression has the same value as long as its columns have. */
static bool
is_settled(const Node *expression)
{
    bool open = false;

    lk_tree_walk(expression, note_open, &open);
    return !open;
}

/* What an expression mentions, and what a statement sets. */
struct mentioned {
    const List *targets;
    bool any; /* of these */
};

static void
note_mentioned(const Node *node, void *data)
{
    struct mentioned *mentioned = data;
    const Node *last = IsA(node, ColumnRef) ? llast(((const ColumnRef *)node)->fields) : NULL;

    if (last != NULL)
        mentioned->any |= !IsA(last, String) || lk_place_in(mentioned->targets, strVal(last)) >= 0;
}

/* sets_the_same returns whether UPDATE sets the same values again, whatever these are. */
static bool
sets_the_same(const List *targets)
{
    struct mentioned mentioned = {.targets = targets};
    ListCell *cell;

    foreach(cell, targets) {
        const ResTarget *target = lfirst_node(ResTarget, cell);
        if (target->val == NULL || target->indirection != NIL || !is_settled(target->val))
            return false;
        lk_tree_walk(target->val, note_mentioned, &mentioned);
    }
    return !mentioned.any;
}

static bool
is_given(const InsertStmt *stmt, const char *column)
{
    return stmt->cols == NIL || lk_place_in(stmt->cols, column) >= 0;
}

/* repeats returns whether rows of VALUES bring the same values of a unique index again. */
static bool
repeats(const InsertStmt *stmt, const struct lk_relation *index)
{
    bool all = index->unique && index->keys.count > index->included && !index->has_predicate;

    for (size_t i = 0; i < index->keys.count - index->included; i++)
        all &= index->keys.items[i] != NULL && is_given(stmt, index->keys.items[i]);
    return all;
}

static bool
is_constant(const List *rows)
{
    ListCell *cell, *inner;

    foreach(cell, rows)
        foreach(inner, lfirst_node(List, cell))
            if (!IsA(lfirst(inner), A_Const))
                return false;
    return true;
}

/* ---- INSERT ---- */

/* is_arbiter returns whether ON CONFLICT means a unique index. */
static bool
is_arbiter(const InferClause *infer, const struct lk_relation *index)
{
    size_t found = 0, wanted = index->keys.count - index->included;
    ListCell *cell;

    if (infer == NULL)
        return true;
    if (infer->conname != NULL)
        return strcmp(infer->conname, index->object.name) == 0;
    foreach(cell, infer->indexElems) {
        const char *name = lfirst_node(IndexElem, cell)->name;
        for (size_t i = 0; name != NULL && i < wanted; i++)
            found += index->keys.items[i] != NULL && strcmp(index->keys.items[i], name) == 0;
    }
    return found == wanted && (size_t)list_length(infer->indexElems) == wanted;
}

/* conflict_again: rows that are there now are left alone, or set to what is given. */
static struct lk_second_run
conflict_again(const InsertStmt *stmt, const struct lk_relation *table)
{
    const OnConflictClause *clause = stmt->onConflictClause;
    bool settled = clause->action == ONCONFLICT_NOTHING;
    ListCell *cell;

    if (!settled && is_settled(clause->whereClause)) {
        settled = true;
        foreach(cell, clause->targetList) {
            const Node *value = lfirst_node(ResTarget, cell)->val;
            bool excluded =
                IsA(value, ColumnRef) &&
                IsA(linitial(((const ColumnRef *)value)->fields), String) &&
                strcmp(strVal(linitial(((const ColumnRef *)value)->fields)), "excluded") == 0;
            settled &= excluded || IsA(value, A_Const);
        }
    }
    lk_vec_foreach(index, &table->indexes)
        if (settled && repeats(stmt, *index) && is_arbiter(clause->infer, *index))
            return same;
    return unknown;
}

static struct lk_second_run
insert_again(TALLOC_CTX *mem, const struct lk_catalog *after, const InsertStmt *stmt)
{
    const struct lk_relation *table = written(after, stmt->relation);
    const SelectStmt *select = (const SelectStmt *)stmt->selectStmt;

    if (table == NULL || select == NULL || !IsA(select, SelectStmt) || stmt->withClause != NULL ||
        select->valuesLists == NIL || !is_constant(select->valuesLists))
        return unknown;
    if (has_actions(table, '3', true) && writes_elsewhere(mem, after, (const Node *)stmt, table))
        return unknown;
    if (stmt->onConflictClause != NULL)
        return conflict_again(stmt, table);
    lk_vec_foreach(index, &table->indexes)
        if (repeats(stmt, *index))
            return twice;
    return duplicates;
}

/* ---- the others ---- */

/*
 * update_again: a row that is found again has the values that it is set to, and one that was not
 * found has not changed.
 */
static struct lk_second_run
update_again(const struct lk_catalog *after, const UpdateStmt *stmt)
{
    const struct lk_relation *table = written(after, stmt->relation);

    if (table == NULL || stmt->fromClause != NIL || stmt->withClause != NULL ||
        has_actions(table, '2', true) || !is_settled(stmt->whereClause))
        return unknown;
    return sets_the_same(stmt->targetList) ? same : unknown;
}

/* delete_again: there is no row left, but what is done without any. */
static struct lk_second_run
delete_again(const struct lk_catalog *after, const DeleteStmt *stmt)
{
    const struct lk_relation *table =
        lk_catalog_relation(after, stmt->relation->schemaname, stmt->relation->relname);

    if (stmt->withClause != NULL || lk_calls_routine(after, (const Node *)stmt))
        return unknown;
    return table != NULL && has_actions(table, '4', false) ? unknown : same;
}

static struct lk_second_run
truncate_again(const struct lk_catalog *after, const TruncateStmt *stmt)
{
    ListCell *cell;

    foreach(cell, stmt->relations) {
        const RangeVar *range = lfirst_node(RangeVar, cell);
        const struct lk_relation *table =
            lk_catalog_relation(after, range->schemaname, range->relname);
        if (table != NULL && has_actions(table, 0, false))
            return unknown;
    }
    return same;
}

static struct lk_second_run
copy_again(const struct lk_catalog *after, const CopyStmt *stmt)
{
    if (stmt->is_from || stmt->is_program)
        return unknown;
    if (stmt->query == NULL)
        return same;
    return IsA(stmt->query, SelectStmt) && lk_tree_ctes(stmt->query) == NULL &&
                   !lk_calls_routine(after, stmt->query)
               ? same
               : unknown;
}

struct lk_second_run
lk_rows_again(TALLOC_CTX *mem, const struct lk_catalog *after, const struct Node *tree)
{
    switch (nodeTag(tree)) {
    case T_InsertStmt:
        return insert_again(mem, after, (const InsertStmt *)tree);
    case T_UpdateStmt:
        return update_again(after, (const UpdateStmt *)tree);
    case T_DeleteStmt:
        return delete_again(after, (const DeleteStmt *)tree);
    case T_TruncateStmt:
        return truncate_again(after, (const TruncateStmt *)tree);
    case T_CopyStmt:
        return copy_again(after, (const CopyStmt *)tree);
    default:
        return unknown;
    }
}
