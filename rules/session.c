/*
 * rules/session.c
 *     The session's state: see session.h.
 */
#include "rules/session.h"

#include <strings.h>

#include "parser/pg_names.h"

struct lk_session
lk_session_start(const struct lk_outline *outline)
{
    return (struct lk_session){
        .runner_block = outline->runner_block,
        .one_message = outline->one_message,
    };
}

bool
lk_session_in_transaction(const struct lk_session *session)
{
    return session->block || session->runner_block || session->one_message;
}

bool
lk_session_bounds_locks(const struct lk_session *session)
{
    return session->lock_timeout_session || session->lock_timeout_local;
}

/* is_zero returns whether a timeout's value means "none": 0, '0', '0s'. */
static bool
is_zero(const A_Const *value)
{
    if (value->isnull)
        return true;
    if (IsA(&value->val, Integer))
        return intVal(&value->val) == 0;
    if (!IsA(&value->val, String))
        return false;
    const char *text = strVal(&value->val);
    size_t digits = strspn(text, " 0.");
    return digits > 0 && strspn(text + digits, "123456789") == 0;
}

static void
set_lock_timeout(struct lk_session *session, bool finite, bool local)
{
    if (local) /* without a transaction it is a warning and nothing else */
        session->lock_timeout_local = finite && lk_session_in_transaction(session);
    else
        session->lock_timeout_session = finite;
}

static bool
names_utc(const A_Const *value)
{
    return IsA(value, A_Const) && !value->isnull && IsA(&value->val, String) &&
           (strcasecmp(strVal(&value->val), "UTC") == 0 ||
            strcasecmp(strVal(&value->val), "GMT") == 0);
}

static void
follow_set(struct lk_session *session, const VariableSetStmt *stmt)
{
    if (stmt->kind == VAR_RESET_ALL) {
        session->lock_timeout_session = session->lock_timeout_local = false;
        return;
    }
    if (stmt->name != NULL && strcmp(stmt->name, "timezone") == 0)
        session->utc = stmt->kind == VAR_SET_VALUE && names_utc(linitial(stmt->args));
    if (stmt->name == NULL || strcmp(stmt->name, "lock_timeout") != 0)
        return;
    bool finite = stmt->kind == VAR_SET_VALUE && IsA(linitial(stmt->args), A_Const) &&
                  !is_zero(linitial(stmt->args));
    set_lock_timeout(session, finite, stmt->is_local);
}

/* follow_select follows SELECT set_config('lock_timeout', '5s', false). */
static void
follow_select(struct lk_session *session, const SelectStmt *stmt)
{
    if (list_length(stmt->targetList) != 1 || stmt->fromClause != NIL)
        return;
    const FuncCall *call = (const FuncCall *)linitial_node(ResTarget, stmt->targetList)->val;
    if (!IsA(call, FuncCall) || list_length(call->args) != 3 ||
        strcmp(lk_qname_of_list(call->funcname).name, "set_config") != 0)
        return;
    const A_Const *setting = linitial(call->args);
    const A_Const *value = lsecond(call->args);
    const A_Const *local = lthird(call->args);
    if (!IsA(setting, A_Const) || setting->isnull || !IsA(&setting->val, String) ||
        strcmp(strVal(&setting->val), "lock_timeout") != 0 || !IsA(value, A_Const))
        return;
    bool is_local = IsA(local, A_Const) && IsA(&local->val, Boolean) && boolVal(&local->val);
    set_lock_timeout(session, !is_zero(value), is_local);
}

void
lk_session_step(struct lk_session *session, const struct lk_outline *outline, uint32_t index,
                const struct Node *tree)
{
    switch (outline->steps.items[index].control) {
    case LK_CONTROL_BEGIN:
        if (!session->block)
            session->begin = index;
        session->block = true;
        break;
    case LK_CONTROL_COMMIT:
    case LK_CONTROL_ROLLBACK:
        session->block = session->runner_block = false;
        session->lock_timeout_local = false;
        break;
    case LK_CONTROL_SAVEPOINT:
    case LK_CONTROL_NONE:
        break;
    }
    if (tree == NULL)
        return;
    if (IsA(tree, VariableSetStmt))
        follow_set(session, (const VariableSetStmt *)tree);
    else if (IsA(tree, SelectStmt))
        follow_select(session, (const SelectStmt *)tree);
}
