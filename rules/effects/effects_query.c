/*
 * rules/effects/effects_query.c
 *     Locks of queries, and of what has one in it: SELECT, COPY, EXPLAIN, CREATE TABLE AS, CREATE
 *     VIEW, PREPARE, DECLARE, CALL; and of LOCK.
 */
#include "parser/tree.h"
#include "rules/effects/effects_private.h"

/* lock_tables notes LOCK, which goes down to what inherits and through views to their sources. */
static void
lock_tables(struct lk_gather *gather, const LockStmt *stmt)
{
    ListCell *cell;

    foreach(cell, stmt->relations) {
        const RangeVar *range = lfirst_node(RangeVar, cell);
        const struct lk_relation *relation = lk_gather_known(gather, range);
        /* LOCKMODE counts the modes from 1, as ours are counted */
        enum lk_lock_mode mode = (enum lk_lock_mode)stmt->mode;
        lk_gather_lock_family(gather, range, mode);
        if (relation != NULL && relation->kind == LK_RELATION_VIEW)
            lk_gather_view(gather, relation, mode);
    }
}

static void
explain(struct lk_gather *gather, const ExplainStmt *stmt)
{
    if (lk_tree_option_is_on(stmt->options, "analyze"))
        lk_gather_query(gather, stmt->query);
    else
        lk_gather_analyzed(gather, stmt->query, LK_READING_PLANNED);
}

static void
copy(struct lk_gather *gather, const CopyStmt *stmt)
{
    if (stmt->query != NULL)
        lk_gather_query(gather, stmt->query);
    else if (stmt->is_from)
        lk_gather_copied(gather, stmt);
    else
        lk_gather_lock_range(gather, stmt->relation, LK_LOCK_ACCESS_SHARE);
}

/* query notes a statement with rows: what its WITH queries and it write, what all of it reads. */
static void
query(struct lk_gather *gather, const Node *tree)
{
    struct lk_tree_calls calls = {0};
    ListCell *cell;

    foreach(cell, lk_tree_ctes(tree)) {
        const Node *with = lfirst_node(CommonTableExpr, cell)->ctequery;
        if (lk_gather_rows(gather, with))
            lk_gather_calls(gather, with);
    }
    lk_gather_rows(gather, tree);
    lk_gather_reads(gather, tree, LK_READING_PLANNED, &calls);
    lk_gather_called(gather, tree, &calls);
}

/* create_as notes CREATE TABLE AS and CREATE MATERIALIZED VIEW; EXECUTE in it is not followed. */
static void
create_as(struct lk_gather *gather, const CreateTableAsStmt *stmt)
{
    if (stmt->if_not_exists && lk_gather_known(gather, stmt->into->rel) != NULL)
        lk_gather_analyzed(gather, stmt->query, LK_READING_ANALYZED);
    else if (stmt->into->skipData)
        lk_gather_analyzed(gather, stmt->query, LK_READING_ANALYZED);
    else
        lk_gather_query(gather, stmt->query);
}

bool
lk_gather_query(struct lk_gather *gather, const Node *tree)
{
    switch (nodeTag(tree)) {
    case T_SelectStmt:
    case T_InsertStmt:
    case T_UpdateStmt:
    case T_DeleteStmt:
    case T_MergeStmt:
        query(gather, tree);
        return true;
    case T_CallStmt:
        lk_gather_calls(gather, (const Node *)((const CallStmt *)tree)->funccall);
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
        create_as(gather, (const CreateTableAsStmt *)tree);
        return true;
    case T_DeclareCursorStmt:
        lk_gather_analyzed(gather, ((const DeclareCursorStmt *)tree)->query, LK_READING_PLANNED);
        return true;
    case T_PrepareStmt:
        lk_gather_analyzed(gather, ((const PrepareStmt *)tree)->query, LK_READING_REWRITTEN);
        return true;
    default:
        return false;
    }
}
