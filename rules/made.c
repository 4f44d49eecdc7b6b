/*
 * rules/made.c
 *     What a statement creates or drops, by name: see made.h.
 */
#include "rules/made.h"

#include "rules/around.h"
#include "rules/suggest.h"

/* Names that are told apart: a table and a view of one name cannot be there at once. */
enum kind { NOTHING, RELATION, ROUTINE, OF_TABLE, TYPE, SCHEMA, EXTENSION };

struct thing {
    enum kind kind;
    ObjectType type; /* of OF_TABLE: a trigger, policy or rule */
    struct lk_qname name;
    struct lk_qname table; /* of OF_TABLE */
};

static struct thing
of_range(enum kind kind, const RangeVar *range)
{
    return (struct thing){.kind = kind, .name = lk_qname_of_range(range)};
}

static struct thing
of_table(ObjectType type, const char *name, const RangeVar *range)
{
    return (struct thing){
        .kind = OF_TABLE, .type = type, .name = {NULL, name}, .table = lk_qname_of_range(range)};
}

/* made_by returns what a statement creates, as far as DROP may name it. */
static struct thing
made_by(const Node *tree)
{
    switch (nodeTag(tree)) {
    case T_CreateStmt:
        return of_range(RELATION, ((const CreateStmt *)tree)->relation);
    case T_CreateForeignTableStmt:
        return of_range(RELATION, ((const CreateForeignTableStmt *)tree)->base.relation);
    case T_CreateTableAsStmt:
        return of_range(RELATION, ((const CreateTableAsStmt *)tree)->into->rel);
    case T_ViewStmt:
        return of_range(RELATION, ((const ViewStmt *)tree)->view);
    case T_CreateSeqStmt:
        return of_range(RELATION, ((const CreateSeqStmt *)tree)->sequence);
    case T_IndexStmt: {
        const IndexStmt *stmt = (const IndexStmt *)tree;
        if (stmt->idxname == NULL) /* the server finds another name each time */
            return (struct thing){0};
        return (struct thing){.kind = RELATION,
                              .name = {stmt->relation->schemaname, stmt->idxname}};
    }
    case T_CompositeTypeStmt:
        return of_range(TYPE, ((const CompositeTypeStmt *)tree)->typevar);
    case T_CreateEnumStmt:
        return (struct thing){.kind = TYPE,
                              .name = lk_qname_of_list(((const CreateEnumStmt *)tree)->typeName)};
    case T_CreateDomainStmt:
        return (struct thing){
            .kind = TYPE, .name = lk_qname_of_list(((const CreateDomainStmt *)tree)->domainname)};
    case T_CreateFunctionStmt:
        return (struct thing){.kind = ROUTINE,
                              .name =
                                  lk_qname_of_list(((const CreateFunctionStmt *)tree)->funcname)};
    case T_CreateTrigStmt:
        return of_table(OBJECT_TRIGGER, ((const CreateTrigStmt *)tree)->trigname,
                        ((const CreateTrigStmt *)tree)->relation);
    case T_CreatePolicyStmt:
        return of_table(OBJECT_POLICY, ((const CreatePolicyStmt *)tree)->policy_name,
                        ((const CreatePolicyStmt *)tree)->table);
    case T_RuleStmt:
        return of_table(OBJECT_RULE, ((const RuleStmt *)tree)->rulename,
                        ((const RuleStmt *)tree)->relation);
    case T_CreateSchemaStmt:
        return (struct thing){.kind = SCHEMA,
                              .name = {NULL, ((const CreateSchemaStmt *)tree)->schemaname}};
    case T_CreateExtensionStmt:
        return (struct thing){.kind = EXTENSION,
                              .name = {NULL, ((const CreateExtensionStmt *)tree)->extname}};
    default:
        return (struct thing){0};
    }
}

/* dropped_as returns what one of the objects of a DROP is. */
static struct thing
dropped_as(ObjectType type, const Node *object)
{
    switch (type) {
    case OBJECT_TABLE:
    case OBJECT_FOREIGN_TABLE:
    case OBJECT_VIEW:
    case OBJECT_MATVIEW:
    case OBJECT_SEQUENCE:
    case OBJECT_INDEX:
        return (struct thing){.kind = RELATION, .name = lk_qname_of_list((const List *)object)};
    case OBJECT_TYPE:
    case OBJECT_DOMAIN:
        return (struct thing){.kind = TYPE,
                              .name = lk_qname_of_list(((const TypeName *)object)->names)};
    case OBJECT_FUNCTION:
    case OBJECT_PROCEDURE:
    case OBJECT_ROUTINE:
        return (struct thing){.kind = ROUTINE,
                              .name = lk_qname_of_list(((const ObjectWithArgs *)object)->objname)};
    case OBJECT_TRIGGER:
    case OBJECT_POLICY:
    case OBJECT_RULE: {
        const List *words = (const List *)object;
        return (struct thing){.kind = OF_TABLE,
                              .type = type,
                              .name = {NULL, strVal(llast(words))},
                              .table = lk_qname_of_first(words, list_length(words) - 1)};
    }
    case OBJECT_SCHEMA:
        return (struct thing){.kind = SCHEMA, .name = {NULL, strVal(object)}};
    case OBJECT_EXTENSION:
        return (struct thing){.kind = EXTENSION, .name = {NULL, strVal(object)}};
    default:
        return (struct thing){0};
    }
}

/* is_same_name compares names; one without a schema may be in any. */
static bool
is_same_name(struct lk_qname a, struct lk_qname b)
{
    return strcmp(a.name, b.name) == 0 &&
           (a.schema == NULL || b.schema == NULL || strcmp(a.schema, b.schema) == 0);
}

static bool
is_same(const struct thing *a, const struct thing *b)
{
    if (a->kind == NOTHING || a->kind != b->kind || !is_same_name(a->name, b->name))
        return false;
    return a->kind != OF_TABLE || (a->type == b->type && is_same_name(a->table, b->table));
}

static bool
creates(const struct lk_check *check, const Node *tree, const void *data)
{
    struct thing made = made_by(tree);

    (void)check;
    return is_same(&made, data);
}

bool
lk_is_made_before(const struct lk_check *check, const DropStmt *stmt)
{
    ListCell *cell;

    foreach(cell, stmt->objects) {
        struct thing it = dropped_as(stmt->removeType, lfirst(cell));
        if (lk_find_earlier(check, creates, &it) == NULL)
            return false;
    }
    return true;
}

/* is_about returns whether a statement creates a thing, or drops it. */
static bool
is_about(const struct lk_check *check, const Node *tree, const void *data)
{
    ListCell *cell;

    if (!IsA(tree, DropStmt))
        return creates(check, tree, data);
    foreach(cell, ((const DropStmt *)tree)->objects) {
        struct thing gone = dropped_as(((const DropStmt *)tree)->removeType, lfirst(cell));
        if (is_same(&gone, data))
            return true;
    }
    return false;
}

bool
lk_is_dropped_before(const struct lk_check *check)
{
    struct thing it = made_by(check->statement->tree);
    const Node *last = it.kind == NOTHING ? NULL : lk_find_earlier(check, is_about, &it);

    return last != NULL && IsA(last, DropStmt);
}
