/*
 * rules/schema/replay_domain.h
 *     Domains and composite types, for the files that create and alter them.
 */
#ifndef LK_RULES_SCHEMA_REPLAY_DOMAIN_H
#define LK_RULES_SCHEMA_REPLAY_DOMAIN_H

#include "rules/schema/replay_find.h"

/* lk_replay_add_attribute adds an attribute to a composite type. */
struct lk_column *lk_replay_add_attribute(struct lk_catalog *catalog, struct lk_relation *type,
                                          const ColumnDef *definition);

void lk_replay_domain_collation(struct lk_catalog *catalog, struct lk_defined_type *type,
                                const CollateClause *collate);

/*
 * lk_replay_domain_constraint adds a constraint, DEFAULT or NOT NULL that CREATE DOMAIN or ALTER
 * DOMAIN writes; `cell` is its place in a list of several, or NULL.
 */
void lk_replay_domain_constraint(struct lk_catalog *catalog, struct lk_defined_type *type,
                                 const Constraint *definition, const ListCell *cell,
                                 const List *list);

#endif
