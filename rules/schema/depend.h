/*
 * rules/schema/depend.h
 *     Which object leans on which, as in pg_depend: what DROP refuses and CASCADE takes along.
 *
 * A part of a relation (column, constraint, trigger, rule, policy) needs no dependency on it.
 */
#ifndef LK_RULES_SCHEMA_DEPEND_H
#define LK_RULES_SCHEMA_DEPEND_H

#include "rules/schema/catalog.h"

/* lk_depend notes that an object leans on another; once, the stronger kind wins. */
void lk_depend(struct lk_catalog *catalog, struct lk_object *dependent, struct lk_object *on,
               enum lk_dependency_kind kind);

/* lk_depend_text notes a dependency on every object that a text mentions. */
void lk_depend_text(struct lk_catalog *catalog, struct lk_object *dependent,
                    const struct lk_text *text, enum lk_dependency_kind kind);

/* lk_depend_not forgets that an object leans on another. */
void lk_depend_not(struct lk_catalog *catalog, struct lk_object *dependent, struct lk_object *on);

/* lk_undepend forgets what an object leans on, and who leans on it: it is gone, or made anew. */
void lk_undepend(struct lk_catalog *catalog, struct lk_object *object);

/* lk_undepend_on forgets only what an object leans on: its definition changes. */
void lk_undepend_on(struct lk_catalog *catalog, struct lk_object *object);

struct lk_objects {
    LK_VEC(struct lk_object *) items; /* each once */
};

/* What a DROP of several objects is about. */
struct lk_dropping {
    struct lk_objects objects;  /* to be dropped; what they take along is added behind */
    struct lk_objects refused;  /* what leans on them and does not go */
    struct lk_objects defaults; /* columns and domains that only lose their DEFAULT */
};

/*
 * lk_depend_drop adds what DROP of objects takes along: the parts of a relation, what leans on it
 * or on them, partitions, tables that inherit, foreign keys, owned sequences, views that read it,
 * and what lies in a schema. Without `cascade` what leans on them by LK_DEPENDS_NORMAL is refused.
 */
void lk_depend_drop(TALLOC_CTX *mem, const struct lk_catalog *catalog, bool cascade,
                    struct lk_dropping *dropping);

#endif
