/*
 * rules/schema/sorted.h
 *     The objects of a catalog in an order that is the same from run to run.
 */
#ifndef LK_RULES_SCHEMA_SORTED_H
#define LK_RULES_SCHEMA_SORTED_H

#include "rules/schema/depend.h"

/*
 * lk_sorted_objects adds the objects of a class, by schema and name; those that are only assumed
 * are left out.
 */
void lk_sorted_objects(TALLOC_CTX *mem, const struct lk_catalog *catalog, enum lk_class class,
                       struct lk_objects *ret);

/* lk_sort_by_name sorts objects by schema and name. */
void lk_sort_by_name(struct lk_objects *objects);

/* lk_relation_kind_name returns "table", "view" and so on. */
const char *lk_relation_kind_name(enum lk_relation_kind kind);

/* lk_constraint_kind_name returns "check", "primary key" and so on. */
const char *lk_constraint_kind_name(enum lk_constraint_kind kind);

#endif
