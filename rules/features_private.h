/*
 * rules/features_private.h
 *     The parts of the search for features: queries in features.c, the rest in features_ddl.c.
 */
#ifndef LK_RULES_FEATURES_PRIVATE_H
#define LK_RULES_FEATURES_PRIVATE_H

#include "parser/pg_names.h"
#include "rules/features.h"

enum lk_feature_id {
#define LK_FEATURE(identifier, major, what, instead) LK_FEATURE_ID_##identifier,
#include "rules/features.def"
    LK_FEATURE_ID_COUNT
};

struct lk_feature_scan {
    TALLOC_CTX *mem;
    struct lk_feature_uses *uses;
};

/* lk_feature_if adds the feature unless the statement has it already. */
void lk_feature_if(struct lk_feature_scan *scan, bool used, enum lk_feature_id id, int location);

void lk_feature_type(struct lk_feature_scan *scan, const TypeName *type);

/* lk_feature_options looks at a list of DefElem, the options of a statement of that tag. */
void lk_feature_options(struct lk_feature_scan *scan, int statement, const List *list);

/* lk_feature_tree looks at a query or an expression, or a list of them. */
void lk_feature_tree(struct lk_feature_scan *scan, const void *expression);

/* These look at a statement, and return whether it was one of theirs. */
bool lk_feature_relation(struct lk_feature_scan *scan, const Node *tree);
bool lk_feature_replication(struct lk_feature_scan *scan, const Node *tree);
bool lk_feature_administration(struct lk_feature_scan *scan, const Node *tree);

#endif
