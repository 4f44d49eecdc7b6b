/*
 * rules/schema/replay_session.c
 *     Transactions and search_path.
 */
#include "rules/schema/catalog_private.h"
#include "rules/schema/replay_setting.h"

void
lk_replay_transaction(struct lk_catalog *catalog, const TransactionStmt *stmt)
{
    switch (stmt->kind) {
    case TRANS_STMT_BEGIN:
    case TRANS_STMT_START:
        lk_catalog_begin(catalog);
        catalog->isolated = stmt->options != NIL;
        break;
    case TRANS_STMT_COMMIT:
    case TRANS_STMT_PREPARE:
        lk_catalog_commit(catalog);
        if (stmt->chain)
            lk_catalog_begin(catalog);
        break;
    case TRANS_STMT_ROLLBACK:
        lk_catalog_rollback(catalog);
        if (stmt->chain)
            lk_catalog_begin(catalog);
        break;
    case TRANS_STMT_SAVEPOINT:
        lk_catalog_savepoint(catalog, stmt->savepoint_name);
        break;
    case TRANS_STMT_RELEASE:
        lk_catalog_release(catalog, stmt->savepoint_name);
        break;
    case TRANS_STMT_ROLLBACK_TO:
        lk_catalog_rollback_to(catalog, stmt->savepoint_name);
        break;
    default:
        break;
    }
}

/*
 * lk_replay_note_snapshot: source: PlannedStmtRequiresSnapshot(), src/backend/tcop/pquery.c.
 */
void
lk_replay_note_snapshot(struct lk_catalog *catalog, const Node *tree)
{
    switch (nodeTag(tree)) {
    case T_TransactionStmt:
    case T_LockStmt:
    case T_VariableSetStmt:
    case T_VariableShowStmt:
    case T_ConstraintsSetStmt:
    case T_FetchStmt:
    case T_ListenStmt:
    case T_NotifyStmt:
    case T_UnlistenStmt:
    case T_CheckPointStmt:
        break;
    default:
        catalog->queried |= catalog->savepoints.count > 0;
        break;
    }
}

/* constant_text returns the text of a constant argument, or NULL. */
static const char *
constant_text(const Node *node)
{
    const A_Const *constant = (const A_Const *)node;

    if (!IsA(node, A_Const) || constant->isnull || !IsA(&constant->val, String))
        return NULL;
    return strVal(&constant->val);
}

/* set_role follows SET ROLE and SET SESSION AUTHORIZATION. */
static void
set_role(struct lk_catalog *catalog, const VariableSetStmt *stmt)
{
    bool session = strcmp(stmt->name, "session_authorization") == 0;
    const char *role = NULL;

    if (stmt->kind == VAR_SET_VALUE && list_length(stmt->args) == 1)
        role = constant_text(linitial(stmt->args));
    if (role != NULL && !session && strcmp(role, "none") == 0)
        role = NULL;
    lk_catalog_set_role(catalog, role, session, stmt->is_local);
}

/*
 * isolate follows one of the transaction's own settings, which come before its first query.
 * Source: check_transaction_isolation(), check_transaction_deferrable(),
 * src/backend/commands/variable.c.
 */
static void
isolate(struct lk_catalog *catalog, const char *name, const Node *value)
{
    const char *level = value != NULL ? constant_text(value) : NULL;

    if (strcmp(name, "transaction_deferrable") == 0 && catalog->queried) {
        lk_refuse(catalog, "25001", -1,
                  "SET TRANSACTION [NOT] DEFERRABLE must be called before any query");
        return;
    }
    if (strcmp(name, "transaction_isolation") != 0)
        return;
    if (catalog->queried && !catalog->isolated && level != NULL &&
        strcasecmp(level, "read committed") != 0)
        lk_refuse(catalog, "25001", -1,
                  "SET TRANSACTION ISOLATION LEVEL must be called before any query");
    catalog->isolated = true;
}

static void
set_transaction(struct lk_catalog *catalog, const List *items)
{
    ListCell *cell;

    foreach(cell, items)
        isolate(catalog, lfirst_node(DefElem, cell)->defname, lfirst_node(DefElem, cell)->arg);
}

void
lk_replay_set(struct lk_catalog *catalog, const VariableSetStmt *stmt)
{
    const char *names[16];
    size_t count = 0;
    ListCell *cell;

    if (stmt->kind == VAR_RESET_ALL) {
        lk_catalog_reset_search_path(catalog, false);
        return;
    }
    if (stmt->kind == VAR_SET_MULTI) {
        if (strcmp(stmt->name, "TRANSACTION") == 0)
            set_transaction(catalog, stmt->args);
        return;
    }
    if (lk_refuse_setting(catalog, stmt, true))
        return;
    if (stmt->kind == VAR_SET_VALUE && list_length(stmt->args) == 1)
        isolate(catalog, stmt->name, linitial(stmt->args));
    if (stmt->name != NULL &&
        (strcmp(stmt->name, "role") == 0 || strcmp(stmt->name, "session_authorization") == 0))
        set_role(catalog, stmt);
    if (stmt->name == NULL || strcmp(stmt->name, "search_path") != 0)
        return;
    if (stmt->kind != VAR_SET_VALUE) {
        lk_catalog_reset_search_path(catalog, stmt->is_local);
        return;
    }
    foreach(cell, stmt->args) {
        const char *name = constant_text(lfirst(cell));
        if (name != NULL && count < LK_ARRAY_SIZE(names))
            names[count++] = name;
    }
    lk_catalog_set_search_path(catalog, names, count, stmt->is_local);
}

/* set_path_text sets search_path from its text form: names by commas, quoted or not. */
static void
set_path_text(struct lk_catalog *catalog, const char *text, bool local)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    const char *names[16];
    size_t count = 0;

    while (*text != '\0' && count < LK_ARRAY_SIZE(names)) {
        text += strspn(text, " \t,");
        bool quoted = *text == '"';
        size_t length = strcspn(text + quoted, quoted ? "\"" : ", \t");
        if (length > 0)
            names[count++] = lk_strndup(scratch, text + quoted, length);
        text += quoted + length;
        text += quoted && *text == '"';
    }
    lk_catalog_set_search_path(catalog, names, count, local);
}

/* lk_replay_set_config follows SELECT set_config('search_path', '...', is_local): pg_dump's way. */
void
lk_replay_set_config(struct lk_catalog *catalog, const SelectStmt *stmt)
{
    if (list_length(stmt->targetList) != 1 || stmt->fromClause != NIL)
        return;
    const Node *value = linitial_node(ResTarget, stmt->targetList)->val;
    if (!IsA(value, FuncCall))
        return;
    const FuncCall *call = (const FuncCall *)value;
    if (strcmp(lk_qname_of_list(call->funcname).name, "set_config") != 0 ||
        list_length(call->args) != 3)
        return;
    const char *setting = constant_text(linitial(call->args));
    const char *text = constant_text(lsecond(call->args));
    const Node *local = lthird(call->args);
    if (setting == NULL || text == NULL || strcmp(setting, "search_path") != 0)
        return;
    bool is_local = IsA(local, A_Const) && IsA(&((const A_Const *)local)->val, Boolean) &&
                    boolVal(&((const A_Const *)local)->val);
    set_path_text(catalog, text, is_local);
}
