/*
 * rules/schema/sql.h
 *     The replayed schema as SQL that a server loads.
 */
#ifndef LK_RULES_SCHEMA_SQL_H
#define LK_RULES_SCHEMA_SQL_H

#include "rules/schema/catalog.h"

/*
 * lk_schema_sql returns the statements that make the catalog's objects, each behind what it leans
 * on. What the replay could not know stands as a comment: -- unknown: schema.object
 */
char *lk_schema_sql(TALLOC_CTX *mem, const struct lk_catalog *catalog);

#endif
