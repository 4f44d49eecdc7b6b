/*
 * rules/features.h
 *     What a statement uses that not every server version has.
 */
#ifndef LK_RULES_FEATURES_H
#define LK_RULES_FEATURES_H

#include "parser/base/vec.h"
#include "parser/script.h"

enum lk_feature_kind {
    LK_FEATURE_SYNTAX, /* an older server's parser refuses it */
    LK_FEATURE_USE,    /* an older server may refuse it only when it is carried out, as all below */
    LK_FEATURE_OPTION,
    LK_FEATURE_VALUE,
    LK_FEATURE_CALL,
    LK_FEATURE_FUNCTION,
    LK_FEATURE_TYPE,
    LK_FEATURE_SETTING,
    LK_FEATURE_ROLE,
    LK_FEATURE_PARAMETER,
    LK_FEATURE_COLLATION,
    LK_FEATURE_OPERATOR_CLASS,
    LK_FEATURE_VIEW,
};

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

/* lk_feature_function returns the function's name, of a feature of kind LK_FEATURE_CALL. */
const char *lk_feature_function(const struct lk_feature *feature);

/*
 * lk_features_newer adds what a statement uses that came after version `major`, each once, at its
 * first place; `source` is what the statement's spans are of. What goes by its name counts when
 * that is not qualified: it can be one of the user's.
 */
void lk_features_newer(TALLOC_CTX *mem, const struct lk_source *source,
                       const struct lk_statement *statement, int major,
                       struct lk_feature_uses *ret);

#endif
