/*
 * rules/schema/replay_schema.c
 *     CREATE SCHEMA.
 */
#include "parser/pgparse.h"
#include "rules/schema/catalog_private.h"
#include "rules/schema/replay_find.h"

/* place puts a name without a schema into one. */
static void
place(struct lk_catalog *catalog, RangeVar *range, const char *schema)
{
    if (range->schemaname == NULL && range->relpersistence != RELPERSISTENCE_TEMP)
        range->schemaname = lk_strdup(catalog->statement_mem, schema);
}

/* create_element creates what stands in CREATE SCHEMA, in it. */
static void
create_element(struct lk_catalog *catalog, const Node *element, const char *schema)
{
    struct lk_names path = catalog->search_path;
    struct lk_names *now = &catalog->search_path;

    /* what the elements name is looked for there first */
    now->names[0] = schema;
    now->count = LK_MIN(path.count + 1, LK_ARRAY_SIZE(now->names));
    for (size_t i = 1; i < now->count; i++)
        now->names[i] = path.names[i - 1];
    if (IsA(element, CreateStmt)) {
        CreateStmt copy = *(const CreateStmt *)element;
        RangeVar relation = *copy.relation;
        place(catalog, &relation, schema);
        copy.relation = &relation;
        lk_replay_create_table(catalog, &copy);
    } else {
        lk_replay_tree(catalog, element);
    }
    catalog->search_path = path;
}

/* relation_of returns the relation that an element of CREATE SCHEMA makes, or is about. */
static const RangeVar *
relation_of(const Node *element)
{
    switch (nodeTag(element)) {
    case T_CreateSeqStmt:
        return ((const CreateSeqStmt *)element)->sequence;
    case T_CreateStmt:
        return ((const CreateStmt *)element)->relation;
    case T_ViewStmt:
        return ((const ViewStmt *)element)->view;
    case T_IndexStmt:
        return ((const IndexStmt *)element)->relation;
    case T_CreateTrigStmt:
        return ((const CreateTrigStmt *)element)->relation;
    default:
        return NULL;
    }
}

/* refuse_elements refuses what CREATE SCHEMA would create elsewhere. */
static bool
refuse_elements(struct lk_catalog *catalog, const CreateSchemaStmt *stmt, const char *name)
{
    ListCell *cell;

    foreach(cell, stmt->schemaElts) {
        const RangeVar *relation = relation_of(lfirst(cell));
        if (relation == NULL || relation->schemaname == NULL ||
            strcmp(relation->schemaname, name) == 0)
            continue;
        lk_refuse(catalog, "42P15", -1,
                  "CREATE specifies a schema (%s) different from the one being created (%s)",
                  relation->schemaname, name);
        return true;
    }
    return false;
}

void
lk_replay_create_schema(struct lk_catalog *catalog, const CreateSchemaStmt *stmt)
{
    const char *name =
        stmt->schemaname != NULL ? stmt->schemaname : lk_replay_role(catalog, stmt->authrole);
    struct lk_namespace *schema;
    ListCell *cell;

    if (name == NULL) {
        catalog->nameless = true;
        return;
    }
    schema = lk_catalog_schema(catalog, name);
    /* public is there from the start, unless somebody dropped it */
    if (schema != NULL && (!schema->object.assumed || strcmp(name, "public") == 0)) {
        if (!stmt->if_not_exists && !schema->object.assumed)
            lk_refuse(catalog, "42P06", -1, "schema \"%s\" already exists", name)->object =
                &schema->object;
        if (!schema->object.assumed || stmt->if_not_exists)
            return;
    }
    if (refuse_elements(catalog, stmt, name))
        return;
    if (schema == NULL) {
        schema = lk_catalog_add_schema(catalog, name);
        lk_replay_created(catalog, &schema->object);
        if (stmt->authrole != NULL)
            schema->object.owner = lk_replay_role(catalog, stmt->authrole);
    }
    name = lk_catalog_keep(catalog, name);
    /* Source: transformCreateSchemaStmtElements(), src/backend/parser/parse_utilcmd.c */
    static const NodeTag order[] = {T_CreateSeqStmt, T_CreateStmt,     T_ViewStmt,
                                    T_IndexStmt,     T_CreateTrigStmt, T_GrantStmt};
    for (size_t i = 0; i < LK_ARRAY_SIZE(order); i++)
        foreach(cell, stmt->schemaElts)
            if (nodeTag(lfirst(cell)) == order[i])
                create_element(catalog, lfirst(cell), name);
}
