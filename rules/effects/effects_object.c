/*
 * rules/effects/effects_object.c
 *     Locks on tables by statements about domains, publications and extensions.
 */
#include "rules/effects/effects_private.h"

struct domain {
    struct lk_gather *gather;
    const struct lk_defined_type *type;
};

/* is_of returns whether a type is a domain, or one over it. */
static bool
is_of(const struct lk_catalog *catalog, const struct lk_type *type,
      const struct lk_defined_type *domain)
{
    while (type->name != NULL && !type->array && !lk_type_is_builtin(type)) {
        const struct lk_defined_type *known = lk_catalog_type(catalog, type->schema, type->name);
        if (known == NULL || known->kind != 'd')
            return false;
        if (known == domain)
            return true;
        type = &known->base;
    }
    return false;
}

/* check_column locks and reads a table that has a column of the domain. */
static void
check_columns(struct lk_relation *relation, void *data)
{
    const struct domain *domain = data;
    const struct lk_gather *gather = domain->gather;

    if (relation->kind != LK_RELATION_TABLE && relation->kind != LK_RELATION_PARTITIONED)
        return;
    lk_vec_foreach(column, &relation->columns) {
        if (!(*column)->type_known || !is_of(gather->catalog, &(*column)->type, domain->type))
            continue;
        lk_gather_lock_known(domain->gather, relation, LK_LOCK_SHARE);
        lk_gather_scan_known(domain->gather, relation, "each value of the domain is checked");
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
        const RangeVar *range = object->pubtable != NULL ? object->pubtable->relation : NULL;
        if (object->pubobjtype != PUBLICATIONOBJ_TABLE || range == NULL)
            continue;
        const struct lk_relation *table = lk_gather_known(gather, range);
        lk_gather_lock_range(gather, range, LK_LOCK_SHARE_UPDATE_EXCLUSIVE);
        /* partitions are published with their table, tables that inherit as members of their own */
        if (range->inh && table != NULL && table->kind != LK_RELATION_PARTITIONED)
            lk_gather_lock_children(gather, table, LK_LOCK_SHARE_UPDATE_EXCLUSIVE);
    }
}

/* unpublish locks the tables that SET TABLE takes out: those that were members. */
static void
unpublish(struct lk_gather *gather, const AlterPublicationStmt *stmt)
{
    const struct lk_named *publication = (const struct lk_named *)lk_catalog_object(
        gather->catalog, LK_CLASS_PUBLICATION, NULL, stmt->pubname);

    if (publication == NULL || stmt->pubobjects == NIL || stmt->action != AP_SetObjects)
        return;
    lk_vec_foreach(member, &publication->members)
        if ((*member)->object != NULL && (*member)->object->class == LK_CLASS_RELATION &&
            lk_object_is_there(gather->catalog, (*member)->object))
            lk_gather_lock_known(gather, (const struct lk_relation *)(*member)->object,
                                 LK_LOCK_SHARE_UPDATE_EXCLUSIVE);
}

static void
alter_extension(struct lk_gather *gather, const AlterExtensionContentsStmt *stmt)
{
    bool relation = stmt->objtype == OBJECT_TABLE || stmt->objtype == OBJECT_VIEW ||
                    stmt->objtype == OBJECT_MATVIEW || stmt->objtype == OBJECT_SEQUENCE ||
                    stmt->objtype == OBJECT_FOREIGN_TABLE;

    if (relation && IsA(stmt->object, List))
        lk_gather_lock(gather, lk_qname_of_list((const List *)stmt->object),
                       LK_LOCK_SHARE_UPDATE_EXCLUSIVE);
}

struct moved {
    struct lk_gather *gather;
    const AlterTableMoveAllStmt *stmt;
};

/* is_owned returns whether a relation is one of those that OWNED BY names, if it does. */
static bool
is_owned(const struct lk_relation *relation, const List *roles)
{
    const char *owner =
        relation->table != NULL ? relation->table->object.owner : relation->object.owner;
    ListCell *cell;

    foreach(cell, roles) {
        const RoleSpec *role = lfirst_node(RoleSpec, cell);
        bool named = role->roletype == ROLESPEC_CSTRING;
        if (owner == NULL ? !named : named && strcmp(role->rolename, owner) == 0)
            return true;
    }
    return roles == NIL;
}

static bool
is_moved(const struct lk_relation *relation, const AlterTableMoveAllStmt *stmt)
{
    const char *place = relation->tablespace != NULL ? relation->tablespace : "pg_default";

    if (strcmp(place, stmt->orig_tablespacename) != 0 || relation->temporary ||
        strcmp(stmt->orig_tablespacename, stmt->new_tablespacename) == 0 ||
        !is_owned(relation, stmt->roles))
        return false;
    switch (stmt->objtype) {
    case OBJECT_TABLE:
        return relation->kind == LK_RELATION_TABLE || relation->kind == LK_RELATION_PARTITIONED;
    case OBJECT_INDEX:
        return relation->kind == LK_RELATION_INDEX;
    default:
        return relation->kind == LK_RELATION_MATVIEW;
    }
}

static void
move(struct lk_relation *relation, void *data)
{
    static const char why[] = "the files are copied to the other tablespace";
    const struct moved *moved = data;

    if (!is_moved(relation, moved->stmt))
        return;
    lk_gather_lock_known(moved->gather, relation, LK_LOCK_ACCESS_EXCLUSIVE);
    if (relation->kind == LK_RELATION_INDEX)
        lk_gather_copy_index(moved->gather, relation, why);
    else
        lk_gather_rewrite_known(moved->gather, relation, why);
}

/* depends_on locks what is made to go with an extension. */
static void
depends_on(struct lk_gather *gather, const AlterObjectDependsStmt *stmt)
{
    if (stmt->relation != NULL)
        lk_gather_lock_range(gather, stmt->relation,
                             stmt->objectType == OBJECT_TRIGGER ? LK_LOCK_ACCESS_SHARE
                                                                : LK_LOCK_ACCESS_EXCLUSIVE);
}

bool
lk_gather_object(struct lk_gather *gather, const Node *tree)
{
    switch (nodeTag(tree)) {
    case T_AlterDomainStmt:
        alter_domain(gather, (const AlterDomainStmt *)tree);
        return true;
    case T_AlterObjectDependsStmt:
        depends_on(gather, (const AlterObjectDependsStmt *)tree);
        return true;
    case T_AlterTableMoveAllStmt: {
        struct moved moved = {gather, (const AlterTableMoveAllStmt *)tree};
        lk_catalog_relations(gather->catalog, move, &moved);
        return true;
    }
    case T_DropOwnedStmt:
        lk_gather_drop_owned(gather, (const DropOwnedStmt *)tree);
        return true;
    case T_ReassignOwnedStmt:
        lk_gather_reassign(gather, (const ReassignOwnedStmt *)tree);
        return true;
    case T_CreatePublicationStmt:
        publish(gather, ((const CreatePublicationStmt *)tree)->pubobjects);
        return true;
    case T_AlterPublicationStmt:
        unpublish(gather, (const AlterPublicationStmt *)tree);
        publish(gather, ((const AlterPublicationStmt *)tree)->pubobjects);
        return true;
    case T_AlterExtensionContentsStmt:
        alter_extension(gather, (const AlterExtensionContentsStmt *)tree);
        return true;
    default:
        return false;
    }
}
