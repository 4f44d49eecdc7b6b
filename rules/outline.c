/*
 * rules/outline.c
 *     How a migration falls into transactions: see outline.h.
 */
#include "rules/outline.h"

#include "parser/body.h"
#include "parser/pg_nodes.h"
#include "rules/effects/effects.h"
#include "rules/set.h"

static enum lk_control
control_of(const Node *tree)
{
    if (!IsA(tree, TransactionStmt))
        return LK_CONTROL_NONE;
    switch (((const TransactionStmt *)tree)->kind) {
    case TRANS_STMT_BEGIN:
    case TRANS_STMT_START:
        return LK_CONTROL_BEGIN;
    case TRANS_STMT_COMMIT:
    case TRANS_STMT_PREPARE:
        return LK_CONTROL_COMMIT;
    case TRANS_STMT_ROLLBACK:
        return LK_CONTROL_ROLLBACK;
    case TRANS_STMT_SAVEPOINT:
    case TRANS_STMT_RELEASE:
    case TRANS_STMT_ROLLBACK_TO:
        return LK_CONTROL_SAVEPOINT;
    default:
        return LK_CONTROL_NONE;
    }
}

/* commits returns whether a DO block ends transactions: it can, where none is around it. */
static bool
commits(const struct lk_body *body)
{
    if (body == NULL)
        return false;
    lk_vec_foreach(nested, &body->items) {
        const Node *tree = nested->statement.tree;
        if (nested->when == LK_WHEN_CALLED || tree == NULL || !IsA(tree, TransactionStmt))
            continue;
        enum lk_control control = control_of(tree);
        if (control == LK_CONTROL_COMMIT || control == LK_CONTROL_ROLLBACK)
            return true;
    }
    return false;
}

/* is_read_only returns whether a BEGIN says READ ONLY. */
static bool
is_read_only(const Node *tree)
{
    const ListCell *cell;

    if (control_of(tree) != LK_CONTROL_BEGIN)
        return false;
    foreach(cell, ((const TransactionStmt *)tree)->options) {
        const DefElem *option = lfirst_node(DefElem, cell);
        if (strcmp(option->defname, "transaction_read_only") == 0)
            return intVal(&((const A_Const *)option->arg)->val) != 0;
    }
    return false;
}

/* sets_session returns whether a statement sets something for longer than the transaction. */
static bool
sets_session(const Node *tree)
{
    struct lk_set set = lk_set_of(tree);

    return set.kind != LK_SET_NONE && !set.local;
}

static struct lk_step
step_of(const struct lk_catalog *catalog, const Node *tree, const struct lk_body *body)
{
    if (tree == NULL)
        return (struct lk_step){.broken = true};
    return (struct lk_step){
        .control = control_of(tree),
        .chain = IsA(tree, TransactionStmt) && ((const TransactionStmt *)tree)->chain,
        .refuses = lk_refuses_transaction(catalog, tree) || commits(body),
        .setting = IsA(tree, VariableSetStmt) || IsA(tree, VariableShowStmt),
        .sets = sets_session(tree),
        .opening = IsA(tree, VariableSetStmt) &&
                   ((const VariableSetStmt *)tree)->kind == VAR_SET_MULTI &&
                   strcmp(((const VariableSetStmt *)tree)->name, "TRANSACTION") == 0,
        .prepares = IsA(tree, TransactionStmt) &&
                    ((const TransactionStmt *)tree)->kind == TRANS_STMT_PREPARE,
        .read_only = is_read_only(tree),
        .options = IsA(tree, TransactionStmt) && ((const TransactionStmt *)tree)->options != NIL,
    };
}

/* count follows the file's own blocks and counts what stands outside. */
static void
count(struct lk_outline *outline)
{
    bool open = false;
    size_t outside = 0;

    lk_vec_foreach(step, &outline->steps) {
        if (step->control == LK_CONTROL_BEGIN) {
            outline->own_blocks = true;
            open = true;
        } else if (!open &&
                   (step->control == LK_CONTROL_COMMIT || step->control == LK_CONTROL_ROLLBACK)) {
            outline->own_blocks = true; /* it ends nothing, but the author means a border */
        }
        step->block = open;
        if (step->control == LK_CONTROL_COMMIT || step->control == LK_CONTROL_ROLLBACK)
            open = open && step->chain;
        if (step->block || step->broken)
            continue;
        outside++;
        if (step->refuses)
            outline->refusing++;
        else if (!step->setting && step->control == LK_CONTROL_NONE)
            outline->ordinary++;
    }
    if (!outline->own_blocks || outside > 0)
        return;
    size_t begins = 0;
    bool read_only = false; /* the history's row needs a transaction of its own then */
    lk_vec_foreach(step, &outline->steps) {
        begins += step->control == LK_CONTROL_BEGIN || step->chain;
        read_only |= step->read_only;
    }
    outline->whole_block = begins == 1 && !open && !read_only &&
                           lk_vec_last(&outline->steps)->control == LK_CONTROL_COMMIT;
}

static enum lk_mode
mode_of(const struct lk_outline *outline)
{
    if (outline->whole_block)
        return LK_MODE_TRANSACTIONAL;
    if (outline->own_blocks)
        return LK_MODE_SEGMENTED;
    if (outline->transaction_off)
        return LK_MODE_AUTOCOMMIT;
    if (outline->refusing == 0)
        return LK_MODE_TRANSACTIONAL;
    return outline->ordinary == 0 ? LK_MODE_AUTOCOMMIT : LK_MODE_SEGMENTED;
}

struct lk_outline
lk_outline_of(TALLOC_CTX *mem, const struct lk_catalog *catalog, struct lk_script *script,
              const struct lk_naming *naming, const struct lk_parts *parts,
              const struct lk_directives *directives)
{
    struct lk_outline outline = {.transaction_off = parts->transaction_off};
    bool noticed = false;

    lk_vec_foreach(directive, &directives->items)
        outline.transaction_off |= directive->kind == LK_DIRECTIVE_TRANSACTION_OFF;
    for (size_t i = 0; i < script->statements.count; i++) {
        const Node *tree = lk_script_tree(script, i);
        lk_vec_push(mem, &outline.steps, step_of(catalog, tree, lk_script_body(script, i)));
        noticed |= tree != NULL && naming != NULL && naming->runs_outside != NULL &&
                   naming->runs_outside(tree);
    }
    count(&outline);
    outline.mode = mode_of(&outline);
    enum lk_runner runner = naming != NULL ? naming->runner : LK_RUNNER_STATEMENTS;
    if (runner == LK_RUNNER_TRANSACTION &&
        (outline.transaction_off || (noticed && !parts->transaction_on)))
        runner = naming->runner_off;
    outline.runner_block = runner == LK_RUNNER_TRANSACTION;
    outline.one_message = runner == LK_RUNNER_ONE_MESSAGE && script->statements.count > 1;
    return outline;
}

const char *
lk_mode_name(enum lk_mode mode)
{
    switch (mode) {
    case LK_MODE_TRANSACTIONAL:
        return "transactional";
    case LK_MODE_SEGMENTED:
        return "segmented";
    case LK_MODE_AUTOCOMMIT:
        break;
    }
    return "autocommit";
}
