/*
 * rules/schema/replay_function.c
 *     Functions, procedures and aggregates.
 */
#include "rules/schema/replay_private.h"

void
lk_replay_create_function(struct lk_catalog *catalog, const CreateFunctionStmt *stmt)
{
    lk_catalog_add_function(catalog, lk_qname_of_list(stmt->funcname).name);
}

void
lk_replay_define(struct lk_catalog *catalog, const DefineStmt *stmt)
{
    if (stmt->kind == OBJECT_AGGREGATE)
        lk_catalog_add_function(catalog, lk_qname_of_list(stmt->defnames).name);
}
