/*
 * rules/schema/replay_call.c
 *     What is called: what a routine does with dynamic SQL to the tables that it is told of is not
 * known.
 */
#include "parser/tree.h"
#include "parser/tree_names.h"
#include "rules/schema/analyze_private.h"
#include "rules/schema/replay_private.h"

/* blur makes the relation that a string constant names one of which not everything is known. */
static void
blur(const Node *node, void *data)
{
    struct lk_catalog *catalog = data;
    struct lk_relation *relation = lk_constant_relation(catalog->statement_mem, catalog, node);

    if (relation == NULL || relation->partial)
        return;
    lk_catalog_touch(catalog, relation);
    relation->partial = true;
}

/* blur_of_call does so for the arguments of a function that may change what it is told of. */
static void
blur_of_call(struct lk_catalog *catalog, const FuncCall *call)
{
    struct lk_qname name = lk_qname_of_list(call->funcname);
    const struct lk_function *function =
        lk_catalog_functions(catalog, name.schema, name.name, NULL);
    if (function == NULL || function->volatility != 'v' ||
        lk_replay_routine(catalog, function, call->args))
        return;
    lk_tree_walk(call->args, blur, catalog);
    if (lk_replay_may_create(catalog, function))
        lk_catalog_doubt(catalog);
}

void
lk_replay_calls(struct lk_catalog *catalog, const Node *statement)
{
    struct lk_tree_calls calls = {0};

    if (HASH_COUNT(catalog->spaces[LK_CLASS_FUNCTION]) == 0)
        return;
    lk_tree_calls(catalog->statement_mem, statement, &calls);
    lk_vec_foreach(call, &calls.items)
        blur_of_call(catalog, *call);
}

void
lk_replay_call(struct lk_catalog *catalog, const CallStmt *stmt)
{
    struct lk_qname name = lk_qname_of_list(stmt->funccall->funcname);
    const struct lk_function *procedure =
        lk_catalog_functions(catalog, name.schema, name.name, NULL);

    if (procedure != NULL && lk_replay_routine(catalog, procedure, stmt->funccall->args))
        return;
    lk_tree_walk(stmt->funccall->args, blur, catalog);
    if (procedure == NULL || lk_replay_may_create(catalog, procedure))
        lk_catalog_doubt(catalog);
}
