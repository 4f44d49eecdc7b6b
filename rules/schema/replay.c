/*
 * rules/schema/replay.c
 *     Which statement is replayed where: see replay.h.
 */
#include "rules/schema/replay.h"

#include "rules/schema/replay_private.h"

static void
create_schema(struct lk_catalog *catalog, const CreateSchemaStmt *stmt)
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
            lk_replay_create_table(catalog, &copy, LK_RELATION_TABLE);
            talloc_free(owned);
        } else {
            lk_replay(catalog, element);
        }
    }
}

static void
create_relation(struct lk_catalog *catalog, const RangeVar *range, enum lk_relation_kind kind)
{
    struct lk_relation *old = lk_catalog_relation(catalog, range->schemaname, range->relname);

    if (old != NULL && !old->object.assumed)
        return;
    lk_catalog_add_relation(
        catalog, range->relpersistence == RELPERSISTENCE_TEMP ? "pg_temp" : range->schemaname,
        range->relname, kind);
}

/* own_sequence follows OWNED BY table.column, or NONE. */
static void
own_sequence(struct lk_catalog *catalog, const RangeVar *range, const List *options)
{
    struct lk_relation *sequence = lk_catalog_relation(catalog, range->schemaname, range->relname);
    ListCell *cell;

    foreach(cell, options) {
        const DefElem *option = lfirst_node(DefElem, cell);
        if (sequence == NULL || strcmp(option->defname, "owned_by") != 0)
            continue;
        const List *words = castNode(List, option->arg);
        struct lk_qname name = lk_qname_of_first(words, list_length(words) - 1);
        struct lk_relation *table = NULL;
        if (list_length(words) > 1)
            table = lk_catalog_relation(catalog, name.schema, name.name);
        lk_replay_own_sequence(catalog, sequence, table, strVal(llast(words)));
    }
}

static void
create_type(struct lk_catalog *catalog, const List *words, char kind, const TypeName *base,
            bool constrained)
{
    struct lk_qname name = lk_qname_of_list(words);
    struct lk_defined_type *type = lk_catalog_add_type(catalog, name.schema, name.name, kind);

    if (base != NULL)
        lk_type_of(type, base, &type->base);
    type->constrained = constrained;
}

static bool
has_check(const List *constraints)
{
    ListCell *cell;

    foreach(cell, constraints) {
        ConstrType kind = ((const Constraint *)lfirst(cell))->contype;
        if (kind == CONSTR_CHECK || kind == CONSTR_NOTNULL)
            return true;
    }
    return false;
}

void
lk_replay(struct lk_catalog *catalog, const struct Node *tree)
{
    switch (nodeTag(tree)) {
    case T_CreateStmt:
        lk_replay_create_table(catalog, (const CreateStmt *)tree, LK_RELATION_TABLE);
        break;
    case T_CreateForeignTableStmt:
        lk_replay_create_table(catalog, &((const CreateForeignTableStmt *)tree)->base,
                               LK_RELATION_FOREIGN);
        break;
    case T_CreateTableAsStmt:
        lk_replay_create_as(catalog, (const CreateTableAsStmt *)tree);
        break;
    case T_AlterTableStmt:
        lk_replay_alter_table(catalog, (const AlterTableStmt *)tree);
        break;
    case T_IndexStmt:
        lk_replay_create_index(catalog, (const IndexStmt *)tree);
        break;
    case T_ViewStmt:
        lk_replay_create_view(catalog, (const ViewStmt *)tree);
        break;
    case T_CreateSeqStmt:
        create_relation(catalog, ((const CreateSeqStmt *)tree)->sequence, LK_RELATION_SEQUENCE);
        own_sequence(catalog, ((const CreateSeqStmt *)tree)->sequence,
                     ((const CreateSeqStmt *)tree)->options);
        break;
    case T_AlterSeqStmt:
        own_sequence(catalog, ((const AlterSeqStmt *)tree)->sequence,
                     ((const AlterSeqStmt *)tree)->options);
        break;
    case T_CompositeTypeStmt:
        create_relation(catalog, ((const CompositeTypeStmt *)tree)->typevar, LK_RELATION_COMPOSITE);
        break;
    case T_CreateEnumStmt:
        create_type(catalog, ((const CreateEnumStmt *)tree)->typeName, 'e', NULL, false);
        break;
    case T_CreateDomainStmt: {
        const CreateDomainStmt *stmt = (const CreateDomainStmt *)tree;
        create_type(catalog, stmt->domainname, 'd', stmt->typeName, has_check(stmt->constraints));
        break;
    }
    case T_CreateRangeStmt:
        create_type(catalog, ((const CreateRangeStmt *)tree)->typeName, 'r', NULL, false);
        break;
    case T_CreateFunctionStmt:
        lk_catalog_add_function(
            catalog, lk_qname_of_list(((const CreateFunctionStmt *)tree)->funcname).name);
        break;
    case T_DefineStmt:
        if (((const DefineStmt *)tree)->kind == OBJECT_AGGREGATE)
            lk_catalog_add_function(catalog,
                                    lk_qname_of_list(((const DefineStmt *)tree)->defnames).name);
        break;
    case T_CreateSchemaStmt:
        create_schema(catalog, (const CreateSchemaStmt *)tree);
        break;
    case T_DropStmt:
        lk_replay_drop(catalog, (const DropStmt *)tree);
        break;
    case T_RenameStmt:
        lk_replay_rename(catalog, (const RenameStmt *)tree);
        break;
    case T_AlterObjectSchemaStmt:
        lk_replay_set_schema(catalog, (const AlterObjectSchemaStmt *)tree);
        break;
    case T_TransactionStmt:
        lk_replay_transaction(catalog, (const TransactionStmt *)tree);
        break;
    case T_VariableSetStmt:
        lk_replay_set(catalog, (const VariableSetStmt *)tree);
        break;
    case T_SelectStmt:
        lk_replay_set_config(catalog, (const SelectStmt *)tree);
        break;
    default:
        break;
    }
}
