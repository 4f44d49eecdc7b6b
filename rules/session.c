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
    return session->block || session->runner_block || session->one_message || session->body;
}

static bool
is_on(const struct lk_setting *setting)
{
    return setting->is_local ? setting->local : setting->session;
}

bool
lk_session_bounds_locks(const struct lk_session *session)
{
    return is_on(&session->bounded);
}

bool
lk_session_is_utc(const struct lk_session *session)
{
    return is_on(&session->utc);
}

bool
lk_session_checks_bodies(const struct lk_session *session)
{
    return !is_on(&session->careless);
}

/* set follows SET and SET LOCAL; the latter is a warning and nothing else outside transactions. */
static void
set(const struct lk_session *session, struct lk_setting *setting, bool value, bool local)
{
    if (local && !lk_session_in_transaction(session))
        return;
    setting->is_local = local;
    if (local)
        setting->local = value;
    else
        setting->session = value;
}

static void
end_transaction(struct lk_setting *setting, bool rollback)
{
    if (rollback)
        setting->session = setting->before;
    setting->before = setting->session;
    setting->is_local = false;
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

static bool
names_utc(const A_Const *value)
{
    return IsA(value, A_Const) && !value->isnull && IsA(&value->val, String) &&
           (strcasecmp(strVal(&value->val), "UTC") == 0 ||
            strcasecmp(strVal(&value->val), "GMT") == 0);
}

/* is_off returns whether a boolean setting's value means "off". */
static bool
is_off(const A_Const *value)
{
    static const char *const words[] = {"off", "false", "no", "0", "f", "n"};

    if (value->isnull || IsA(&value->val, Integer))
        return !value->isnull && intVal(&value->val) == 0;
    if (!IsA(&value->val, String))
        return false;
    for (size_t i = 0; i < LK_ARRAY_SIZE(words); i++)
        if (strcasecmp(strVal(&value->val), words[i]) == 0)
            return true;
    return false;
}

static void
follow_set(struct lk_session *session, const VariableSetStmt *stmt)
{
    bool set_value = stmt->kind == VAR_SET_VALUE && IsA(linitial(stmt->args), A_Const);
    const A_Const *value = set_value ? linitial(stmt->args) : NULL;

    if (stmt->kind == VAR_RESET_ALL) {
        set(session, &session->bounded, false, false);
        set(session, &session->utc, false, false);
        set(session, &session->careless, false, false);
    } else if (stmt->name != NULL && strcmp(stmt->name, "timezone") == 0) {
        set(session, &session->utc, set_value && names_utc(value), stmt->is_local);
    } else if (stmt->name != NULL && strcmp(stmt->name, "lock_timeout") == 0) {
        set(session, &session->bounded, set_value && !is_zero(value), stmt->is_local);
    } else if (stmt->name != NULL && strcmp(stmt->name, "check_function_bodies") == 0) {
        set(session, &session->careless, set_value && is_off(value), stmt->is_local);
    }
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
    set(session, &session->bounded, !is_zero(value), is_local);
}

/* control follows what begins and ends transactions. */
static void
control(struct lk_session *session, const struct lk_step *step, uint32_t index)
{
    bool rollback = step->control == LK_CONTROL_ROLLBACK;

    if (step->control == LK_CONTROL_BEGIN && !session->block) {
        if (!lk_session_in_transaction(session)) {
            session->bounded.before = session->bounded.session;
            session->utc.before = session->utc.session;
            session->careless.before = session->careless.session;
        }
        session->begin = index;
        session->block = true;
    } else if (step->control == LK_CONTROL_COMMIT || rollback) {
        end_transaction(&session->bounded, rollback);
        end_transaction(&session->utc, rollback);
        end_transaction(&session->careless, rollback);
        session->block = step->chain && session->block;
        session->begin = index;
        session->runner_block = false;
    }
}

void
lk_session_step(struct lk_session *session, const struct lk_outline *outline, uint32_t index,
                const struct Node *tree)
{
    control(session, &outline->steps.items[index], index);
    if (tree != NULL)
        lk_session_follow(session, tree);
}

void
lk_session_follow(struct lk_session *session, const struct Node *tree)
{
    if (IsA(tree, VariableSetStmt))
        follow_set(session, (const VariableSetStmt *)tree);
    else if (IsA(tree, SelectStmt))
        follow_select(session, (const SelectStmt *)tree);
}

void
lk_session_enter_body(struct lk_session *session)
{
    session->body = true;
}

void
lk_session_leave_body(struct lk_session *session)
{
    session->body = false;
    if (lk_session_in_transaction(session))
        return;
    /* what was SET LOCAL ends with the statement */
    session->bounded.is_local = session->utc.is_local = session->careless.is_local = false;
}
