/*
 * rules/schema/replay_type.c
 *     Types: composite ones, enums, domains, ranges.
 */
#include "rules/schema/replay_private.h"

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
lk_replay_create_composite(struct lk_catalog *catalog, const CompositeTypeStmt *stmt)
{
    const RangeVar *range = stmt->typevar;
    struct lk_relation *old = lk_catalog_relation(catalog, range->schemaname, range->relname);

    if (old == NULL || old->object.assumed)
        lk_catalog_add_relation(catalog, range->schemaname, range->relname, LK_RELATION_COMPOSITE);
}

void
lk_replay_create_enum(struct lk_catalog *catalog, const CreateEnumStmt *stmt)
{
    create_type(catalog, stmt->typeName, 'e', NULL, false);
}

void
lk_replay_create_domain(struct lk_catalog *catalog, const CreateDomainStmt *stmt)
{
    create_type(catalog, stmt->domainname, 'd', stmt->typeName, has_check(stmt->constraints));
}

void
lk_replay_create_range(struct lk_catalog *catalog, const CreateRangeStmt *stmt)
{
    create_type(catalog, stmt->typeName, 'r', NULL, false);
}
