/*
 * rules/schema/replay_schema.c
 *     CREATE SCHEMA.
 */
#include "rules/schema/replay_private.h"

void
lk_replay_create_schema(struct lk_catalog *catalog, const CreateSchemaStmt *stmt)
{
    const char *name = stmt->schemaname != NULL
                           ? stmt->schemaname
                           : (stmt->authrole != NULL ? stmt->authrole->rolename : NULL);
    ListCell *cell;

    if (name == NULL)
        return;
    if (lk_catalog_schema(catalog, name) == NULL)
        lk_catalog_add_schema(catalog, name);
    /* the elements of CREATE SCHEMA are created in it */
    foreach(cell, stmt->schemaElts) {
        Node *element = lfirst(cell);
        if (IsA(element, CreateStmt) && ((CreateStmt *)element)->relation->schemaname == NULL) {
            CreateStmt copy = *(CreateStmt *)element;
            RangeVar relation = *copy.relation;
            char *owned = lk_strdup(NULL, name);
            relation.schemaname = owned;
            copy.relation = &relation;
            lk_replay_create_table(catalog, &copy);
            talloc_free(owned);
        } else {
            lk_replay_tree(catalog, element);
        }
    }
}
