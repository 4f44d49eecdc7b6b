/*
 * rules/call.c
 *     Calls of routines whose bodies are known: see call.h.
 */
#include "rules/call.h"

#include "parser/base/text.h"
#include "parser/fragment.h"
#include "parser/pg_names.h"
#include "rules/schema/replay.h"

#define MAX_DEPTH 4  /* of routines that call others */
#define MAX_CALLS 16 /* in one statement */

/* is_called returns whether a routine is being looked into. */
static bool
is_called(const struct lk_check *check, const struct lk_function *routine)
{
    unsigned depth = 0;

    for (const struct lk_call *call = check->call; call != NULL; call = call->outer)
        if (call->routine == routine || ++depth >= MAX_DEPTH)
            return true;
    return false;
}

/* changes_names returns whether SET search_path of a routine lets names mean something else: not,
 * where it leaves the one that everybody has, or none, so that names are qualified. */
static bool
changes_names(const VariableSetStmt *set)
{
    static const char *const usual[] = {"", "$user", "public", "pg_catalog", "pg_temp"};
    ListCell *cell;

    if (set->name == NULL || strcmp(set->name, "search_path") != 0)
        return false;
    if (set->kind != VAR_SET_VALUE)
        return true;
    foreach(cell, set->args) {
        const A_Const *value = lfirst(cell);
        bool known = false;
        for (size_t i = 0;
             IsA(value, A_Const) && IsA(&value->val, String) && i < LK_ARRAY_SIZE(usual); i++)
            known |= strcmp(strVal(&value->val), usual[i]) == 0;
        if (!known)
            return true;
    }
    return false;
}

/* set_of returns the SET that an option of CREATE FUNCTION is, or NULL. */
static const VariableSetStmt *
set_of(const DefElem *option)
{
    return strcmp(option->defname, "set") == 0 ? (const VariableSetStmt *)option->arg : NULL;
}

static bool
means_the_same(const CreateFunctionStmt *stmt)
{
    ListCell *cell;

    foreach(cell, stmt->options) {
        const VariableSetStmt *set = set_of(lfirst_node(DefElem, cell));
        if (set != NULL && changes_names(set))
            return false;
    }
    return true;
}

/* statement_of returns the statement that made the routine of a call. */
static const struct lk_statement *
statement_of(TALLOC_CTX *mem, struct lk_source *text)
{
    struct lk_script *script = lk_script_new(mem, text, (struct lk_span){0, text->size});

    if (script->statements.count != 1 || lk_script_tree(script, 0) == NULL ||
        !IsA(script->statements.items[0].tree, CreateFunctionStmt))
        return NULL;
    return &script->statements.items[0];
}

/* open reads the body of the routine that a call means, and returns whether it is known. */
static bool
open(TALLOC_CTX *mem, const struct lk_check *check, const FuncCall *node, struct lk_call *ret)
{
    const struct lk_function *routine = lk_called_routine(check->catalog, node);
    const struct lk_nested *nested = check->nested;

    if (routine == NULL || routine->definition == NULL || routine->object.doubtful ||
        (routine->kind != 'f' && routine->kind != 'p') || is_called(check, routine))
        return false;
    const char *sql = lk_replay_called(mem, check->catalog, routine, node->args);
    if (sql == NULL || sql[0] == '\0')
        return false;
    struct lk_assembly assembly = lk_assembly_start(mem, check->source);
    lk_assembly_add_made(&assembly, sql, check->statement->span);
    struct lk_source *text = lk_assembly_end(&assembly).source;
    const struct lk_statement *made = statement_of(mem, text);
    if (made == NULL || !means_the_same((const CreateFunctionStmt *)made->tree))
        return false;
    struct lk_statement here = *made;
    here.index = check->statement->index;
    const struct lk_body *body = lk_body_called(mem, text, &here);
    if (body == NULL || body->items.count == 0)
        return false;
    *ret = (struct lk_call){
        .routine = routine,
        .outer = check->call,
        .text = text,
        .made = (const CreateFunctionStmt *)made->tree,
        .body = body,
        .source = check->source,
        .from = check->statement,
        .nested = nested,
        .maybe = (nested != NULL && nested->when == LK_WHEN_MAYBE) ||
                 (check->call != NULL && check->call->maybe),
        .caught =
            (nested != NULL && nested->caught) || (check->call != NULL && check->call->caught),
    };
    return true;
}

struct lk_calls
lk_calls_of(TALLOC_CTX *mem, const struct lk_check *check)
{
    struct lk_calls calls = {0};
    struct lk_tree_calls nodes;
    struct lk_call call;

    lk_sure_calls(mem, check->statement->tree, &nodes);
    for (size_t i = 0; i < nodes.items.count && calls.items.count < MAX_CALLS; i++) {
        if (!open(mem, check, nodes.items.items[i], &call))
            continue;
        lk_vec_push(mem, &calls.items, call);
        lk_vec_push(mem, &calls.routines.items, call.routine);
    }
    return calls;
}

void
lk_call_enter(const struct lk_call *call, struct lk_session *session)
{
    ListCell *cell;

    lk_session_enter_body(session);
    foreach(cell, call->made->options) {
        const VariableSetStmt *set = set_of(lfirst_node(DefElem, cell));
        if (set != NULL)
            lk_session_follow(session, (const Node *)set);
    }
}

void
lk_call_leave(const struct lk_call *call, struct lk_session *session,
              const struct lk_session *before)
{
    ListCell *cell;

    foreach(cell, call->made->options)
        if (set_of(lfirst_node(DefElem, cell)) != NULL) {
            *session = *before; /* nearly always it is the timeouts that both are about */
            return;
        }
    if (!before->body)
        lk_session_leave_body(session);
}

struct lk_check
lk_caller(const struct lk_check *check, struct lk_session *session)
{
    struct lk_check caller = *check;
    const struct lk_call *call = check->call;

    if (call == NULL)
        return caller;
    while (call->outer != NULL)
        call = call->outer;
    caller.call = NULL;
    caller.nested = call->nested;
    caller.source = call->source;
    caller.statement = call->from;
    caller.session = session;
    session->body = call->nested != NULL;
    return caller;
}

/* line_of returns the line of the statement at hand in the text of its routine, from 0. */
static uint32_t
line_of(const struct lk_check *check)
{
    const struct lk_source *text = check->call->text;
    struct lk_span span =
        lk_source_span_within(check->source, check->statement->span, check->call->text);
    uint32_t lines = 0;

    for (uint32_t i = 0; i < span.start && i < text->size; i++)
        lines += text->text[i] == '\n';
    return lines;
}

char *
lk_call_place(const struct lk_check *check)
{
    const struct lk_function *routine = check->call->routine;
    struct lk_qname name = {strcmp(routine->schema, "public") == 0 ? NULL : routine->schema,
                            routine->object.name};
    const char *sql = lk_qname_sql(check->mem, name);

    if (routine->path == NULL)
        return lk_fmt(check->mem, "in %s()", sql);
    uint32_t line = routine->line + line_of(check);
    if (strcmp(routine->path, check->migration->path) == 0)
        return lk_fmt(check->mem, "in %s(), line %u", sql, line);
    return lk_fmt(check->mem, "in %s(), line %u of %s", sql, line, lk_path_base(routine->path));
}
