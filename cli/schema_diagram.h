/*
 * cli/schema_diagram.h
 *     What diagrams show: tables, and the foreign keys between them.
 */
#ifndef LK_CLI_SCHEMA_DIAGRAM_H
#define LK_CLI_SCHEMA_DIAGRAM_H

#include "cli/schema.h"

struct lk_diagram {
    TALLOC_CTX *mem;
    LK_VEC(const struct lk_relation *) tables; /* sorted; no partitions */
    bool qualified;                            /* there are tables in more than one schema */
};

/* lk_diagram_of returns what a diagram of the catalog shows. */
struct lk_diagram lk_diagram_of(TALLOC_CTX *mem, const struct lk_catalog *catalog);

/* lk_diagram_name returns what a table is called in it: its schema stands there if it must. */
char *lk_diagram_name(const struct lk_diagram *diagram, const struct lk_relation *table);

/* lk_diagram_keys returns "PK", "FK", "UK" or several of them with ", ", or "" for a column. */
char *lk_diagram_keys(const struct lk_diagram *diagram, const struct lk_relation *table,
                      const struct lk_column *column);

/* lk_diagram_shows returns whether a foreign key's target is a table of the diagram. */
bool lk_diagram_shows(const struct lk_diagram *diagram, const struct lk_constraint *key);

/* lk_diagram_optional returns whether a row need not reference another by a foreign key. */
bool lk_diagram_optional(const struct lk_relation *table, const struct lk_constraint *key);

/* lk_diagram_unique returns whether at most one row references another by a foreign key. */
bool lk_diagram_unique(const struct lk_relation *table, const struct lk_constraint *key);

#endif
