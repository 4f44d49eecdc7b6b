/*
 * rules/schema/made.h
 *     The statements that make functions, triggers and rules, parsed: what a statement sets off is
 * asked for each that writes rows.
 */
#ifndef LK_RULES_SCHEMA_MADE_H
#define LK_RULES_SCHEMA_MADE_H

#include "rules/schema/catalog.h"

struct Node;
struct lk_body;
struct lk_script;

struct lk_made {
    struct lk_script *script;   /* of the one statement; NULL: it is not one that can be read */
    const struct Node *tree;    /* its tree, or NULL */
    const struct lk_body *body; /* of a function that has one as a string; or NULL */
};

/*
 * lk_catalog_made returns what makes an object, as it would be written now. It is remembered as
 * long as that comes to the same text, and lasts until the next statement is replayed.
 */
const struct lk_made *lk_catalog_made(const struct lk_catalog *catalog,
                                      const struct lk_text *definition);

/* lk_makings_new returns where they are remembered; lk_makings_trim forgets them once they are
 * many.
 */
struct lk_makings *lk_makings_new(TALLOC_CTX *mem);
void lk_makings_trim(struct lk_makings *makings);

#endif
