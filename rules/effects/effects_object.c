/*
 * rules/effects/effects_object.c
 *     Locks on tables by statements about domains, publications and extensions.
 */
#include "rules/effects/effects_private.h"

struct domain {
    struct lk_gather *gather;
    const struct lk_defined_type *type;
};

/* check_column locks and reads a table that has a column of the domain. */
static void
check_columns(struct lk_relation *relation, void *data)
{
    const struct domain *domain = data;
    const struct lk_gather *gather = domain->gather;

    if (relation->kind != LK_RELATION_TABLE && relation->kind != LK_RELATION_PARTITIONED)
        return;
    lk_vec_foreach(column, &relation->columns) {
        const struct lk_type *type = &(*column)->type;
        if (!(*column)->type_known || type->array || lk_type_is_builtin(type) ||
            lk_catalog_type(gather->catalog, type->schema, type->name) != domain->type)
            continue;
        lk_gather_lock_known(domain->gather, relation, LK_LOCK_SHARE);
        lk_gather_scan_known(domain->gather, relation);
    }
}

/* alter_domain notes that constraints are checked against every table with such a column. */
static void
alter_domain(struct lk_gather *gather, const AlterDomainStmt *stmt)
{
    struct lk_qname name = lk_qname_of_list(stmt->typeName);
    struct domain domain = {gather, lk_catalog_type(gather->catalog, name.schema, name.name)};
    bool checks = stmt->subtype == 'O' || stmt->subtype == 'V';

    if (stmt->subtype == 'C' && stmt->def != NULL && IsA(stmt->def, Constraint))
        checks = !((const Constraint *)stmt->def)->skip_validation;
    if (checks && domain.type != NULL)
        lk_catalog_relations(gather->catalog, check_columns, &domain);
}

static void
publish(struct lk_gather *gather, const List *objects)
{
    ListCell *cell;

    foreach(cell, objects) {
        const PublicationObjSpec *object = lfirst_node(PublicationObjSpec, cell);
        if (object->pubobjtype == PUBLICATIONOBJ_TABLE && object->pubtable != NULL)
            lk_gather_lock_range(gather, object->pubtable->relation,
                                 LK_LOCK_SHARE_UPDATE_EXCLUSIVE);
    }
}

static void
alter_extension(struct lk_gather *gather, const AlterExtensionContentsStmt *stmt)
{
    if (stmt->objtype == OBJECT_TABLE && IsA(stmt->object, List))
        lk_gather_lock(gather, lk_qname_of_list((const List *)stmt->object),
                       LK_LOCK_SHARE_UPDATE_EXCLUSIVE);
}

bool
lk_gather_object(struct lk_gather *gather, const Node *tree)
{
    switch (nodeTag(tree)) {
    case T_AlterDomainStmt:
        alter_domain(gather, (const AlterDomainStmt *)tree);
        return true;
    case T_CreatePublicationStmt:
        publish(gather, ((const CreatePublicationStmt *)tree)->pubobjects);
        return true;
    case T_AlterPublicationStmt:
        publish(gather, ((const AlterPublicationStmt *)tree)->pubobjects);
        return true;
    case T_AlterExtensionContentsStmt:
        alter_extension(gather, (const AlterExtensionContentsStmt *)tree);
        return true;
    default:
        return false;
    }
}
