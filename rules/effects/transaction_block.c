/*
 * rules/effects/transaction_block.c
 *     Which statements the server refuses in a transaction block: see effects.h.
 */
#include "rules/effects/effects.h"

#include "parser/tree.h"
#include "rules/effects/effects_private.h"

bool
lk_reindexes_concurrently(const ReindexStmt *stmt)
{
    return lk_tree_option_is_on(stmt->params, "concurrently");
}

static bool
is_partitioned(const struct lk_catalog *catalog, const RangeVar *range)
{
    const struct lk_relation *relation =
        range == NULL ? NULL : lk_catalog_relation(catalog, range->schemaname, range->relname);

    if (relation != NULL && relation->kind == LK_RELATION_INDEX)
        relation = relation->table;
    return relation != NULL && relation->kind == LK_RELATION_PARTITIONED;
}

/* option_is_off returns whether a boolean option is given and false. */
static bool
option_is_off(const List *options, const char *name)
{
    return lk_tree_option(options, name) != NULL && !lk_tree_option_is_on(options, name);
}

static bool
reindex_refuses(const struct lk_catalog *catalog, const ReindexStmt *stmt)
{
    return stmt->relation == NULL || is_partitioned(catalog, stmt->relation);
}

static bool
detaches_concurrently(const AlterTableStmt *stmt)
{
    ListCell *cell;

    foreach(cell, stmt->cmds) {
        const AlterTableCmd *command = lfirst_node(AlterTableCmd, cell);
        if (command->subtype == AT_DetachPartition &&
            castNode(PartitionCmd, command->def)->concurrent)
            return true;
    }
    return false;
}

static bool
alter_subscription_refuses(const AlterSubscriptionStmt *stmt)
{
    switch (stmt->kind) {
    case ALTER_SUBSCRIPTION_REFRESH:
        return true;
    case ALTER_SUBSCRIPTION_SET_PUBLICATION:
    case ALTER_SUBSCRIPTION_ADD_PUBLICATION:
    case ALTER_SUBSCRIPTION_DROP_PUBLICATION:
        return !option_is_off(stmt->options, "refresh");
    default:
        return false;
    }
}

static bool
create_subscription_refuses(const CreateSubscriptionStmt *stmt)
{
    return !option_is_off(stmt->options, "connect") && !option_is_off(stmt->options, "create_slot");
}

/* option_is_none returns whether an option is given, and NONE. */
static bool
option_is_none(const List *options, const char *name)
{
    ListCell *cell;

    foreach(cell, options) {
        const DefElem *option = lfirst_node(DefElem, cell);
        if (strcmp(option->defname, name) == 0 && option->arg != NULL && IsA(option->arg, String))
            return strcmp(strVal(option->arg), "none") == 0;
    }
    return false;
}

/* options_of returns the options in a statement that makes or changes a subscription. */
static const List *
options_of(TALLOC_CTX *mem, const struct lk_text *text)
{
    const Node *made = lk_gather_made_by(mem, text, T_CreateSubscriptionStmt);
    const Node *changed = lk_gather_made_by(mem, text, T_AlterSubscriptionStmt);

    return made != NULL      ? ((const CreateSubscriptionStmt *)made)->options
           : changed != NULL ? ((const AlterSubscriptionStmt *)changed)->options
                             : NIL;
}

/* has_no_slot returns whether a subscription was made without a slot, or has lost it since. */
static bool
has_no_slot(const struct lk_named *subscription)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    bool none = option_is_none(options_of(scratch, subscription->definition), "slot_name");

    if (subscription->changes == NULL)
        return none;
    lk_vec_foreach(change, &subscription->changes->items) {
        const List *options = options_of(scratch, *change);
        if (lk_tree_option(options, "slot_name") != NULL)
            none = option_is_none(options, "slot_name");
    }
    return none;
}

/* Without a slot nothing has to be done on another server that could not be taken back. */
static bool
drop_subscription_refuses(const struct lk_catalog *catalog, const DropSubscriptionStmt *stmt)
{
    const struct lk_object *known =
        lk_catalog_object(catalog, LK_CLASS_SUBSCRIPTION, NULL, stmt->subname);

    if (known == NULL)
        return !stmt->missing_ok || !lk_catalog_is_complete(catalog);
    return !has_no_slot((const struct lk_named *)known);
}

bool
lk_is_concurrently(const struct Node *tree)
{
    switch (nodeTag(tree)) {
    case T_IndexStmt:
        return ((const IndexStmt *)tree)->concurrent;
    case T_DropStmt:
        return ((const DropStmt *)tree)->concurrent;
    case T_ReindexStmt:
        return lk_reindexes_concurrently((const ReindexStmt *)tree);
    case T_AlterTableStmt:
        return detaches_concurrently((const AlterTableStmt *)tree);
    default:
        return false;
    }
}

bool
lk_refuses_transaction(const struct lk_catalog *catalog, const struct Node *tree)
{
    if (lk_is_concurrently(tree))
        return true;
    switch (nodeTag(tree)) {
    case T_ReindexStmt:
        return reindex_refuses(catalog, (const ReindexStmt *)tree);
    case T_VacuumStmt:
        return ((const VacuumStmt *)tree)->is_vacuumcmd;
    case T_ClusterStmt:
        return ((const ClusterStmt *)tree)->relation == NULL ||
               is_partitioned(catalog, ((const ClusterStmt *)tree)->relation);
    case T_AlterDatabaseStmt:
        return lk_tree_option(((const AlterDatabaseStmt *)tree)->options, "tablespace") != NULL;
    case T_DiscardStmt:
        return ((const DiscardStmt *)tree)->target == DISCARD_ALL;
    case T_CreateSubscriptionStmt:
        return create_subscription_refuses((const CreateSubscriptionStmt *)tree);
    case T_AlterSubscriptionStmt:
        return alter_subscription_refuses((const AlterSubscriptionStmt *)tree);
    case T_TransactionStmt:
        return ((const TransactionStmt *)tree)->kind == TRANS_STMT_COMMIT_PREPARED ||
               ((const TransactionStmt *)tree)->kind == TRANS_STMT_ROLLBACK_PREPARED;
    case T_DropSubscriptionStmt:
        return drop_subscription_refuses(catalog, (const DropSubscriptionStmt *)tree);
    case T_AlterSystemStmt:
    case T_CreateTableSpaceStmt:
    case T_CreatedbStmt:
    case T_DropTableSpaceStmt:
    case T_DropdbStmt:
        return true;
    default:
        return false;
    }
}
