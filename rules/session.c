/*
 * rules/session.c
 *     The session's state: see session.h.
 */
#include "rules/session.h"

#include <strings.h>

#include "parser/pg_nodes.h"
#include "rules/set.h"

struct lk_session
lk_session_start(const struct lk_outline *outline)
{
    return (struct lk_session){
        .runner_block = outline->runner_block,
        .one_message = outline->one_message,
        .lock_timeout = {.session = -1, .before = -1},
        .statement_timeout = {.session = -1, .before = -1},
    };
}

bool
lk_session_in_transaction(const struct lk_session *session)
{
    return session->block || session->runner_block || session->one_message || session->body;
}

static int64_t
value_of(const struct lk_setting *setting)
{
    return setting->is_local ? setting->local : setting->session;
}

int64_t
lk_session_lock_timeout(const struct lk_session *session)
{
    return value_of(&session->lock_timeout);
}

int64_t
lk_session_statement_timeout(const struct lk_session *session)
{
    return value_of(&session->statement_timeout);
}

bool
lk_session_bounds_locks(const struct lk_session *session)
{
    return value_of(&session->lock_timeout) > 0;
}

bool
lk_session_limits_statements(const struct lk_session *session)
{
    int64_t ms = value_of(&session->statement_timeout);

    return ms > 0 && ms < 3600000;
}

bool
lk_session_is_utc(const struct lk_session *session)
{
    return value_of(&session->utc) != 0;
}

bool
lk_session_checks_bodies(const struct lk_session *session)
{
    return value_of(&session->careless) == 0;
}

/* set follows SET and SET LOCAL; the latter is a warning and nothing else outside transactions. */
static void
set(const struct lk_session *session, struct lk_setting *setting, int64_t value, bool local)
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

static bool
names_utc(const A_Const *value)
{
    return !value->isnull && IsA(&value->val, String) &&
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
follow_set(struct lk_session *session, const struct lk_set *said)
{
    bool given = said->kind == LK_SET_VALUE && said->value != NULL;

    if (said->kind == LK_SET_RESET_ALL) {
        set(session, &session->lock_timeout, -1, false);
        set(session, &session->statement_timeout, -1, false);
        set(session, &session->utc, false, false);
        set(session, &session->careless, false, false);
    } else if (strcmp(said->name, "timezone") == 0) {
        set(session, &session->utc, given && names_utc(said->value), said->local);
    } else if (strcmp(said->name, "lock_timeout") == 0) {
        set(session, &session->lock_timeout, given ? lk_set_ms(said) : -1, said->local);
    } else if (strcmp(said->name, "statement_timeout") == 0) {
        set(session, &session->statement_timeout, given ? lk_set_ms(said) : -1, said->local);
    } else if (strcmp(said->name, "check_function_bodies") == 0) {
        set(session, &session->careless, given && is_off(said->value), said->local);
    }
}

/* control follows what begins and ends transactions. */
static void
control(struct lk_session *session, const struct lk_step *step, uint32_t index)
{
    bool rollback = step->control == LK_CONTROL_ROLLBACK;

    if (step->control == LK_CONTROL_BEGIN && !session->block) {
        if (!lk_session_in_transaction(session)) {
            session->lock_timeout.before = session->lock_timeout.session;
            session->statement_timeout.before = session->statement_timeout.session;
            session->utc.before = session->utc.session;
            session->careless.before = session->careless.session;
        }
        session->begin = index;
        session->block = true;
    } else if (step->control == LK_CONTROL_COMMIT || rollback) {
        end_transaction(&session->lock_timeout, rollback);
        end_transaction(&session->statement_timeout, rollback);
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
    struct lk_set said = lk_set_of(tree);

    if (said.kind != LK_SET_NONE)
        follow_set(session, &said);
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
    session->lock_timeout.is_local = session->statement_timeout.is_local = false;
    session->utc.is_local = session->careless.is_local = false;
}
