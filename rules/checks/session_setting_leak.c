/*
 * # session-setting-leak
 *
 * ## What it flags
 *
 * `SET` without LOCAL (and `set_config`) of search_path, role, session authorization,
 * session_replication_role or a timeout, that the file does not take back.
 *
 * ## Why it hurts
 *
 * Most runners carry out one migration after the other on one connection. What this one sets is in
 * force for the next, which then creates its tables in another schema, as another role, or is cut
 * short by a timeout that nobody sees in its file; and only when both run in one go.
 *
 * ## Do instead
 *
 * ```sql
 * SET LOCAL search_path = accounting; -- in a transaction
 * ```
 *
 * or at the end of the file:
 *
 * ```sql
 * RESET search_path;
 * ```
 *
 * ## When it stays silent
 *
 * Behind RESET, SET ... TO DEFAULT, RESET ALL or DISCARD ALL; for timeouts that are set to zero or
 * to hours; in a transaction that is rolled back. `lockkeeper apply` resets the session behind each
 * migration: the finding is about other runners.
 *
 * ## Versions
 *
 * All.
 *
 * ## References
 *
 * - PostgreSQL documentation: SET
 */
#include "parser/base/buf.h"
#include "rules/fix.h"
#include "rules/set.h"
#include "rules/suggest.h"

static const struct {
    const char *name;
    const char *reset; /* the statement that takes it back */
    bool timeout;
} settings[] = {
    {"search_path", "RESET search_path", false},
    {"role", "RESET ROLE", false},
    {"session_authorization", "RESET SESSION AUTHORIZATION", false},
    {"session_replication_role", "RESET session_replication_role", false},
    {"lock_timeout", "RESET lock_timeout", true},
    {"statement_timeout", "RESET statement_timeout", true},
    {"transaction_timeout", "RESET transaction_timeout", true},
    {"idle_in_transaction_session_timeout", "RESET idle_in_transaction_session_timeout", true},
    {"idle_session_timeout", "RESET idle_session_timeout", true},
};

#define NOWHERE UINT32_MAX

/* What is set at a point of the file, by the statements' indexes; and when the transaction began.
 */
struct state {
    uint32_t at[LK_ARRAY_SIZE(settings)];
    uint32_t before[LK_ARRAY_SIZE(settings)];
};

/* is_harmless returns whether SET gives what the session had before: zero, NONE, DEFAULT. */
static bool
is_harmless(const struct lk_set *set, bool timeout)
{
    if (set->kind != LK_SET_VALUE)
        return true;
    if (timeout)
        return !lk_set_is_short(set);
    return strcmp(set->name, "role") == 0 && set->value != NULL && !set->value->isnull &&
           IsA(&set->value->val, String) && strcmp(strVal(&set->value->val), "none") == 0;
}

static void
follow_set(struct state *state, const struct lk_set *set, uint32_t index)
{
    for (size_t i = 0; i < LK_ARRAY_SIZE(settings); i++) {
        if (set->kind == LK_SET_RESET_ALL)
            state->at[i] = NOWHERE;
        else if (strcmp(set->name, settings[i].name) == 0)
            state->at[i] = is_harmless(set, settings[i].timeout) ? NOWHERE : index;
    }
}

static void
follow(struct lk_check *check, struct state *state, uint32_t index)
{
    const struct lk_step *step = &check->outline->steps.items[index];

    if (step->control == LK_CONTROL_ROLLBACK)
        memcpy(state->at, state->before, sizeof(state->at));
    if (step->control == LK_CONTROL_BEGIN || step->control == LK_CONTROL_COMMIT)
        memcpy(state->before, state->at, sizeof(state->at));
    if (!step->sets) /* most statements: their trees may have to be parsed again */
        return;
    struct lk_set set = lk_set_of(lk_script_tree(check->script, index));
    follow_set(state, &set, index);
}

static void
check_file(struct lk_check *check)
{
    struct state state;
    uint32_t first = NOWHERE;
    bool only_timeouts = true;

    memset(&state, 0xFF, sizeof(state));
    for (size_t i = 0; i < check->script->statements.count; i++)
        follow(check, &state, (uint32_t)i);
    for (size_t i = 0; i < LK_ARRAY_SIZE(settings); i++)
        first = LK_MIN(first, state.at[i]);
    if (first == NOWHERE)
        return;
    struct lk_buf names = lk_buf_init(check->mem), resets = lk_buf_init(check->mem);
    for (size_t i = 0; i < LK_ARRAY_SIZE(settings); i++) {
        if (state.at[i] == NOWHERE)
            continue;
        only_timeouts &= settings[i].timeout;
        lk_buf_sep(&names, ", ");
        lk_buf_add(&names, settings[i].name);
        lk_buf_sep(&resets, "\n");
        lk_buf_addf(&resets, "%s;", settings[i].reset);
    }
    check->statement = &check->script->statements.items[first];
    struct lk_finding *finding = lk_report(
        check, check->statement->span,
        "what the file sets is in force for whatever runs next on the connection: %s", names.data);
    finding->runner = true;
    lk_finding_hint(check, finding, "-- at the end of the file:\n%s", resets.data);
    lk_fix_append(check, finding, resets.data);
    if (!only_timeouts) /* the files behind this one may be used to it */
        lk_fix_unsafe(check, finding);
}

const struct lk_rule lk_rule_session_setting_leak = {
    .name = "session-setting-leak",
    .group = LK_GROUP_TRANSACTION,
    .severity = LK_SEVERITY_WARNING,
    .summary = "SET outlives the file and is in force for the next migration",
    .fix = LK_RULE_FIX_EITHER,
    .end_of_file = check_file,
};
