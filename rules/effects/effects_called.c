/*
 * rules/effects/effects_called.c
 *     What a statement sets off: functions and procedures that it calls, triggers, rules.
 *
 * A body is read for the statements in it that are written out, as far as its language is SQL or
 * PL/pgSQL; names in it that mean nothing known are passed over, since the body may make them. What
 * is reached under a condition is only perhaps done.
 *
 * Sources: documentation, 13.3.1; ExecBRInsertTriggers() and its siblings, trigger.c;
 * fmgr_sql_validator(), pg_proc.c; AcquireRewriteLocks() and fireRules(), rewriteHandler.c.
 */
#include "parser/body.h"
#include "parser/pgparse.h"
#include "parser/tree.h"
#include "parser/tree_names.h"
#include "rules/effects/effects_private.h"
#include "rules/schema/made.h"
#include "rules/schema/seen.h"

#define MAX_DEPTH 8 /* of bodies, cascades and rules */

bool
lk_gather_enter(struct lk_gather *gather, const void *what)
{
    if (gather->depth >= MAX_DEPTH)
        return false;
    /* what is done for sure is done, whatever else may set it off */
    if (lk_seen_address(gather->mem, gather->maybe ? &gather->perhaps_done : &gather->done, what))
        return false;
    gather->depth++;
    return true;
}

void
lk_gather_leave(struct lk_gather *gather)
{
    gather->depth--;
}

const Node *
lk_gather_made_by(TALLOC_CTX *mem, const struct lk_text *definition, NodeTag tag)
{
    char *sql = lk_text_sql(mem, definition);
    struct lk_pg_error error = {0};

    if (sql == NULL)
        return NULL;
    struct lk_pg_trees *trees =
        lk_pg_parse(mem, sql, (struct lk_span){0, (uint32_t)strlen(sql)}, &error);
    if (trees == NULL || list_length(trees->statements) != 1)
        return NULL;
    const Node *tree = linitial_node(RawStmt, trees->statements)->stmt;
    return nodeTag(tree) == tag ? tree : NULL;
}

/* ---- bodies ---- */

/* How the statements of a body are gone through: carried out, or analyzed. */
typedef void each(struct lk_gather *gather, const Node *tree);

static void
carry_out(struct lk_gather *gather, const Node *tree)
{
    lk_gather_statement(gather, tree);
}

static void
analyze(struct lk_gather *gather, const Node *tree)
{
    lk_gather_analyzed(gather, tree, LK_READING_REWRITTEN);
}

/* each_atomic visits the statements of BEGIN ATOMIC: a list of lists; or RETURN alone. */
static void
each_atomic(struct lk_gather *gather, const Node *body, each *visit)
{
    ListCell *cell;

    if (body != NULL && !IsA(body, List)) {
        visit(gather, body);
        return;
    }
    foreach(cell, (const List *)body) /* NIL where there are none */
        each_atomic(gather, lfirst(cell), visit);
}

/* each_statement visits the statements that are written out in a routine's body. */
static void
each_statement(struct lk_gather *gather, const CreateFunctionStmt *stmt, const struct lk_body *body,
               each *visit)
{
    bool known = gather->known, maybe = gather->maybe;

    gather->known = true;
    if (stmt->sql_body != NULL)
        each_atomic(gather, stmt->sql_body, visit);
    for (size_t i = 0; body != NULL && i < body->items.count; i++) {
        const struct lk_nested *nested = &body->items.items[i];
        gather->maybe = maybe || nested->conditional;
        if (nested->statement.tree != NULL)
            visit(gather, nested->statement.tree);
    }
    gather->known = known;
    gather->maybe = maybe;
}

/* is_apart returns whether somebody else looks at what a routine does. */
static bool
is_apart(const struct lk_gather *gather, const struct lk_function *function)
{
    for (size_t i = 0; gather->apart != NULL && i < gather->apart->items.count; i++)
        if (gather->apart->items.items[i] == function)
            return true;
    return false;
}

/* run notes what a routine does that is called. */
static void
run(struct lk_gather *gather, const struct lk_function *function)
{
    if (function->definition == NULL || is_apart(gather, function) ||
        !lk_gather_enter(gather, function))
        return;
    const struct lk_made *made = lk_catalog_made(gather->catalog, function->definition);
    if (made->tree != NULL && IsA(made->tree, CreateFunctionStmt))
        each_statement(gather, (const CreateFunctionStmt *)made->tree, made->body, carry_out);
    lk_gather_leave(gather);
}

/* takes_any_type returns whether a function is polymorphic: its body is analyzed when it is called.
 */
static bool
takes_any_type(const CreateFunctionStmt *stmt)
{
    ListCell *cell;

    foreach(cell, stmt->parameters) {
        const char *type =
            lk_qname_of_list(lfirst_node(FunctionParameter, cell)->argType->names).name;
        if (strncmp(type, "any", strlen("any")) == 0)
            return true;
    }
    return false;
}

static bool
is_sql(const CreateFunctionStmt *stmt)
{
    ListCell *cell;

    foreach(cell, stmt->options)
        if (strcmp(lfirst_node(DefElem, cell)->defname, "language") == 0)
            return strcmp(strVal(lfirst_node(DefElem, cell)->arg), "sql") == 0;
    return stmt->sql_body != NULL;
}

void
lk_gather_function_made(struct lk_gather *gather, const CreateFunctionStmt *stmt)
{
    if (is_sql(stmt) && !takes_any_type(stmt))
        each_statement(gather, stmt,
                       stmt->sql_body == NULL ? lk_body_of(gather->mem, (const Node *)stmt) : NULL,
                       analyze);
}

/* ---- calls ---- */

/* accepts returns whether a routine can be called with so many arguments. */
static bool
accepts(const struct lk_function *function, size_t count)
{
    size_t inputs = 0, defaults = 0;
    bool variadic = false;

    lk_vec_foreach(item, &function->arguments) {
        const struct lk_argument *argument = *item;
        if ((argument->mode == 'o' && function->kind != 'p') || argument->mode == 't')
            continue;
        inputs++;
        defaults += argument->has_default;
        variadic |= argument->mode == 'v';
    }
    return count + defaults + variadic >= inputs && (variadic || count <= inputs);
}

/* find_called returns how many routines of the history a call can mean, and the last of them. */
static size_t
find_called(const struct lk_catalog *catalog, const FuncCall *call,
            const struct lk_function **ret_last)
{
    struct lk_qname name = lk_qname_of_list(call->funcname);
    const struct lk_function *function = NULL;
    size_t candidates = 0;

    *ret_last = NULL;
    while ((function = lk_catalog_functions(catalog, name.schema, name.name, function))) {
        if (!accepts(function, (size_t)list_length(call->args)))
            continue;
        *ret_last = function;
        candidates++;
    }
    return candidates;
}

void
lk_gather_call(struct lk_gather *gather, const FuncCall *call)
{
    const struct lk_function *function;
    size_t candidates = find_called(gather->catalog, call, &function);

    if (candidates == 1) /* which of several it is depends on types */
        run(gather, function);
    else if (candidates == 0)
        lk_gather_builtin_call(gather, call);
}

const struct lk_function *
lk_called_routine(const struct lk_catalog *catalog, const FuncCall *call)
{
    const struct lk_function *function;

    return find_called(catalog, call, &function) == 1 ? function : NULL;
}

/* What is called whatever the rows and conditions are. */
struct sure {
    TALLOC_CTX *mem;
    LK_VEC(const FuncCall *) calls;
    unsigned depth;
};

static void find_sure(struct sure *sure, const Node *node);

static void
find_sure_in(struct sure *sure, const List *list)
{
    ListCell *cell;

    foreach(cell, list)
        find_sure(sure, lfirst(cell));
}

static void
find_sure_select(struct sure *sure, const SelectStmt *stmt)
{
    if (stmt->op != SETOP_NONE) {
        find_sure(sure, (const Node *)stmt->larg);
        find_sure(sure, (const Node *)stmt->rarg);
        return;
    }
    find_sure_in(sure, stmt->fromClause);
    find_sure_in(sure, stmt->valuesLists);
    if (stmt->whereClause == NULL && stmt->havingClause == NULL)
        find_sure_in(sure, stmt->targetList);
}

/* find_sure adds the calls that carrying a node out makes, as long as there are rows at all. */
static void
find_sure(struct sure *sure, const Node *node)
{
    if (node == NULL || sure->depth > 100)
        return;
    sure->depth++;
    switch (nodeTag(node)) {
    case T_FuncCall:
        lk_vec_push(sure->mem, &sure->calls, (const FuncCall *)node);
        find_sure_in(sure, ((const FuncCall *)node)->args);
        break;
    case T_TypeCast:
        find_sure(sure, ((const TypeCast *)node)->arg);
        break;
    case T_A_Expr:
        find_sure(sure, ((const A_Expr *)node)->lexpr);
        find_sure(sure, ((const A_Expr *)node)->rexpr);
        break;
    case T_List:
        find_sure_in(sure, (const List *)node);
        break;
    case T_ResTarget:
        find_sure(sure, ((const ResTarget *)node)->val);
        break;
    case T_RangeFunction:
        find_sure_in(sure, ((const RangeFunction *)node)->functions);
        break;
    case T_RangeSubselect:
        find_sure(sure, ((const RangeSubselect *)node)->subquery);
        break;
    case T_JoinExpr:
        find_sure(sure, ((const JoinExpr *)node)->larg);
        find_sure(sure, ((const JoinExpr *)node)->rarg);
        break;
    case T_SelectStmt:
        find_sure_select(sure, (const SelectStmt *)node);
        break;
    case T_InsertStmt:
        find_sure(sure, ((const InsertStmt *)node)->selectStmt);
        if (((const InsertStmt *)node)->onConflictClause == NULL)
            find_sure_in(sure, lk_tree_returned(node));
        break;
    case T_UpdateStmt:
        find_sure_in(sure, ((const UpdateStmt *)node)->targetList);
        if (((const UpdateStmt *)node)->whereClause == NULL &&
            ((const UpdateStmt *)node)->fromClause == NIL)
            find_sure_in(sure, lk_tree_returned(node));
        break;
    case T_DeleteStmt:
        if (((const DeleteStmt *)node)->whereClause == NULL &&
            ((const DeleteStmt *)node)->usingClause == NIL)
            find_sure_in(sure, lk_tree_returned(node));
        break;
    default:
        break;
    }
    sure->depth--;
}

/* is_read returns whether a query has what WITH calls `name` among what it reads. */
static bool
is_read(const Node *tree, const char *name)
{
    const List *from = NIL;
    ListCell *cell;

    if (IsA(tree, InsertStmt))
        tree = ((const InsertStmt *)tree)->selectStmt;
    if (tree != NULL && IsA(tree, SelectStmt))
        from = ((const SelectStmt *)tree)->fromClause;
    else if (tree != NULL && IsA(tree, UpdateStmt))
        from = ((const UpdateStmt *)tree)->fromClause;
    foreach(cell, from)
        if (IsA(lfirst(cell), RangeVar) && lfirst_node(RangeVar, cell)->schemaname == NULL &&
            strcmp(lfirst_node(RangeVar, cell)->relname, name) == 0)
            return true;
    return false;
}

/*
 * find_sure_statement adds the calls of a whole statement: of one that writes rows, those that each
 * row brings, and of WITH what is carried out whoever reads it, and what the statement reads.
 */
static void
find_sure_statement(struct sure *sure, const Node *tree)
{
    const WithClause *with = lk_tree_with(tree);
    ListCell *cell;

    if (with != NULL && !with->recursive)
        foreach(cell, with->ctes) {
            const CommonTableExpr *cte = lfirst_node(CommonTableExpr, cell);
            if (!IsA(cte->ctequery, SelectStmt) || is_read(tree, cte->ctename))
                find_sure_statement(sure, cte->ctequery);
        }
    if (IsA(tree, CallStmt))
        find_sure(sure, (const Node *)((const CallStmt *)tree)->funccall);
    else if (IsA(tree, CopyStmt) && ((const CopyStmt *)tree)->query != NULL)
        find_sure_statement(sure, ((const CopyStmt *)tree)->query);
    else if (IsA(tree, CreateTableAsStmt) && !((const CreateTableAsStmt *)tree)->into->skipData)
        find_sure_statement(sure, ((const CreateTableAsStmt *)tree)->query);
    else if (IsA(tree, SelectStmt) || IsA(tree, InsertStmt) || IsA(tree, DeleteStmt))
        find_sure(sure, tree);
    else if (IsA(tree, UpdateStmt) && ((const UpdateStmt *)tree)->whereClause == NULL &&
             ((const UpdateStmt *)tree)->fromClause == NIL)
        find_sure(sure, tree);
}

void
lk_sure_calls(TALLOC_CTX *mem, const struct Node *tree, struct lk_tree_calls *ret)
{
    struct sure sure = {.mem = mem};

    *ret = (struct lk_tree_calls){0};
    find_sure_statement(&sure, tree);
    lk_vec_foreach(call, &sure.calls)
        lk_vec_push(mem, &ret->items, *call);
}

void
lk_gather_called(struct lk_gather *gather, const Node *tree, const struct lk_tree_calls *calls)
{
    struct sure sure = {.mem = gather->mem};
    bool maybe = gather->maybe;

    if (calls->items.count == 0)
        return;
    find_sure(&sure, tree);
    lk_vec_foreach(call, &sure.calls)
        lk_gather_call(gather, *call);
    gather->maybe = true;
    lk_vec_foreach(call, &calls->items)
        lk_gather_call(gather, *call);
    gather->maybe = maybe;
}

void
lk_gather_calls(struct lk_gather *gather, const Node *tree)
{
    struct lk_tree_calls calls = {0};

    lk_tree_calls(gather->mem, tree, &calls);
    lk_gather_called(gather, tree, &calls);
}

bool
lk_calls_routine(const struct lk_catalog *catalog, const struct Node *tree)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    struct lk_tree_calls calls = {0};

    lk_tree_calls(scratch, tree, &calls);
    lk_vec_foreach(call, &calls.items) {
        struct lk_qname name = lk_qname_of_list((*call)->funcname);
        const struct lk_function *function = NULL;
        while ((function = lk_catalog_functions(catalog, name.schema, name.name, function)))
            if (function->volatility == 'v')
                return true;
    }
    return false;
}

/* ---- triggers and rules ---- */

/* fires returns whether a trigger is one for an event, on the columns that UPDATE sets. */
static bool
fires(const CreateTrigStmt *stmt, enum lk_row_event event, const List *targets)
{
    ListCell *cell, *set;

    if ((stmt->events & (int16)event) == 0)
        return false;
    if (event != LK_ROW_UPDATE || stmt->columns == NIL || targets == NIL)
        return true;
    foreach(cell, stmt->columns)
        foreach(set, targets)
            if (lfirst_node(ResTarget, set)->name != NULL &&
                strcmp(lfirst_node(ResTarget, set)->name, strVal(lfirst(cell))) == 0)
                return true;
    return false;
}

/* fire notes what a trigger does; of `statements`: only if it is one for the statement as a whole.
 */
static void
fire(struct lk_gather *gather, const struct lk_part *part, enum lk_row_event event,
     const List *targets, bool statements)
{
    bool maybe = gather->maybe;
    const struct lk_made *made = lk_catalog_made(gather->catalog, part->definition);

    if (made->tree == NULL || !IsA(made->tree, CreateTrigStmt))
        return;
    const CreateTrigStmt *stmt = (const CreateTrigStmt *)made->tree;
    if (!fires(stmt, event, targets) || (statements && stmt->row))
        return;
    struct lk_qname name = lk_qname_of_list(stmt->funcname);
    const struct lk_function *function =
        lk_catalog_functions(gather->catalog, name.schema, name.name, NULL);
    gather->maybe = maybe || stmt->whenClause != NULL;
    if (function != NULL)
        run(gather, function);
    gather->maybe = maybe;
}

/* rewrite notes the actions of a rule: what they name is locked whether there are rows or not. */
static void
rewrite(struct lk_gather *gather, const struct lk_part *part)
{
    bool known = gather->known;
    const struct lk_made *made = lk_catalog_made(gather->catalog, part->definition);
    ListCell *cell;

    if (made->tree == NULL || !IsA(made->tree, RuleStmt) || !lk_gather_enter(gather, part))
        return;
    gather->known = true;
    foreach(cell, ((const RuleStmt *)made->tree)->actions)
        lk_gather_statement(gather, lfirst(cell));
    gather->known = known;
    lk_gather_leave(gather);
}

/* event_of returns the event as a rule has it, as pg_rewrite.ev_type. */
static char
event_of(enum lk_row_event event)
{
    return event == LK_ROW_INSERT ? '3' : event == LK_ROW_UPDATE ? '2' : '4';
}

void
lk_gather_triggers(struct lk_gather *gather, const struct lk_relation *relation,
                   enum lk_row_event event, const List *targets)
{
    lk_vec_foreach(item, &relation->parts) {
        const struct lk_part *part = *item;
        if (part->definition == NULL || part->state == 'D')
            continue;
        if (part->object.class == LK_CLASS_TRIGGER)
            fire(gather, part, event, targets, false);
        else if (part->object.class == LK_CLASS_RULE && part->event == event_of(event))
            rewrite(gather, part);
    }
}

void
lk_gather_statement_triggers(struct lk_gather *gather, const struct lk_relation *relation,
                             enum lk_row_event event, const List *targets)
{
    lk_vec_foreach(item, &relation->parts)
        if ((*item)->definition != NULL && (*item)->state != 'D' &&
            (*item)->object.class == LK_CLASS_TRIGGER)
            fire(gather, *item, event, targets, true);
}
