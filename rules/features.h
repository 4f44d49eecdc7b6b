/*
 * rules/features.h
 *     What a statement uses that not every server version has.
 */
#ifndef LK_RULES_FEATURES_H
#define LK_RULES_FEATURES_H

#include "parser/base/vec.h"

struct Node;

enum lk_feature_kind { LK_FEATURE_SYNTAX, LK_FEATURE_OPTION, LK_FEATURE_FUNCTION, LK_FEATURE_TYPE };

struct lk_feature {
    enum lk_feature_kind kind;
    int major;           /* the first version that has it */
    const char *what;    /* a noun, or the bare name */
    const char *instead; /* a sentence, or "" */
};

struct lk_feature_use {
    const struct lk_feature *feature;
    int location; /* as in nodes: -1 where the tree does not tell */
};

struct lk_feature_uses {
    LK_VEC(struct lk_feature_use) items;
};

/*
 * lk_features_of adds the features that a statement uses, each once, at its first place. A
 * function or type counts when its name is not qualified: it can be one of the user's.
 */
void lk_features_of(TALLOC_CTX *mem, const struct Node *tree, struct lk_feature_uses *ret);

#endif
