/*
 * rules/key.h
 *     A UNIQUE constraint or PRIMARY KEY in two steps: its index first, then USING INDEX.
 */
#ifndef LK_RULES_KEY_H
#define LK_RULES_KEY_H

#include "rules/rewrite.h"

/*
 * lk_key_properties returns what of the constraint's definition goes behind USING INDEX;
 * `definition` is the new column that it comes with, or NULL.
 */
const char *lk_key_properties(const Constraint *constraint, const ColumnDef *definition);

/* lk_key_clauses returns what CREATE INDEX says behind the name of the table. */
char *lk_key_clauses(const struct lk_check *check, const Constraint *constraint,
                     const char *columns);

/* lk_key_is_temporal returns whether the constraint says WITHOUT OVERLAPS, which 18 brought. */
bool lk_key_is_temporal(const Constraint *constraint);

#endif
