/*
 * rules/schema/refusal.h
 *     What the server would refuse, for reasons that lie in the schema.
 *
 * Only what is certain: where the history does not tell whether an object is there, nothing is
 * noted. A refused statement changes nothing in the catalog.
 */
#ifndef LK_RULES_SCHEMA_REFUSAL_H
#define LK_RULES_SCHEMA_REFUSAL_H

#include "rules/schema/depend.h"

struct lk_refusal {
    const char *sqlstate; /* five characters */
    const char *message;  /* as the server words it, without "ERROR: " */
    int location;         /* of the node that it is about; -1: the statement */
    const struct lk_object
        *object;                  /* that is in the way, of the wrong kind, or leaned on; or NULL */
    const char *name;             /* of what is missing or there already, as SQL writes it */
    struct lk_objects dependents; /* of 2BP01: what leans on it */
};

struct lk_refusals {
    LK_VEC(struct lk_refusal) items;
};

/* lk_refuse notes a refusal of the statement at hand and returns it to be completed. */
struct lk_refusal *lk_refuse(struct lk_catalog *catalog, const char *sqlstate, int location,
                             const char *format, ...) LK_PRINTF(4, 5);

/* lk_catalog_refusals returns what the server refuses of the statement replayed last. */
const struct lk_refusals *lk_catalog_refusals(const struct lk_catalog *catalog);

#endif
