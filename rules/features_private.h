/*
 * rules/features_private.h
 *     The parts of the search for features: the tables and what goes by its name in features.c, the
 *     text in features_text.c, queries and expressions in features_query.c, relations in
 *     features_ddl.c, the rest in features_admin.c.
 */
#ifndef LK_RULES_FEATURES_PRIVATE_H
#define LK_RULES_FEATURES_PRIVATE_H

#include "parser/pg_names.h"
#include "rules/features.h"

enum lk_feature_id {
#define LK_SYNTAX(identifier, major, what, instead) LK_FEATURE_ID_##identifier,
#define LK_USE(identifier, major, what, instead) LK_FEATURE_ID_##identifier,
#include "rules/features.def"
    LK_FEATURE_ID_COUNT
};

struct lk_feature_scan {
    TALLOC_CTX *mem;
    const char *text; /* of the source */
    const struct lk_statement *statement;
    int major;
    bool in_rule; /* where OLD and NEW are the rule's */
    struct lk_feature_uses *uses;
};

/* ---- features.c ---- */

/* lk_feature_if adds the feature unless the statement has it already. */
void lk_feature_if(struct lk_feature_scan *scan, bool used, enum lk_feature_id id, int location);

/* lk_feature_is_newer returns whether the version at hand has not got the feature. */
bool lk_feature_is_newer(const struct lk_feature_scan *scan, enum lk_feature_id id);

/* lk_feature_name adds what is built in under a name; NULL is none. */
void lk_feature_name(struct lk_feature_scan *scan, enum lk_feature_kind kind, const char *name,
                     int location);

/* lk_feature_qualified is lk_feature_name for a list of String: a foreign schema's name is none. */
void lk_feature_qualified(struct lk_feature_scan *scan, enum lk_feature_kind kind,
                          const List *words, int location);

void lk_feature_call(struct lk_feature_scan *scan, const FuncCall *call);
void lk_feature_type(struct lk_feature_scan *scan, const TypeName *type);

/* lk_feature_role looks at a role where one is granted to, owns or is otherwise named. */
void lk_feature_role(struct lk_feature_scan *scan, const RoleSpec *role);
void lk_feature_roles(struct lk_feature_scan *scan, const List *roles);

/* lk_feature_options looks at a list of DefElem, the options of a statement of that tag. */
void lk_feature_options(struct lk_feature_scan *scan, int statement, const List *list);

/* lk_feature_parameters looks at a list of DefElem, storage parameters that are set. */
void lk_feature_parameters(struct lk_feature_scan *scan, const List *list);

/* lk_feature_value returns the word that is an option's value, or NULL. */
const char *lk_feature_value(const DefElem *option);

/* ---- features_text.c: what the tree does not keep ---- */

/* lk_feature_numbers looks at how the numbers of the statement are written. */
void lk_feature_numbers(struct lk_feature_scan *scan);

/* lk_feature_follows returns whether the words of a list, NULL at its end, stand behind the token
 * at a location. */
bool lk_feature_follows(const struct lk_feature_scan *scan, int location, const char *const *words);

/* lk_feature_has_words returns whether the words stand one after the other in the statement. */
bool lk_feature_has_words(const struct lk_feature_scan *scan, const char *const *words);

/* lk_feature_inside returns whether the words stand in the parentheses behind a location, and in no
 * further ones. */
bool lk_feature_inside(const struct lk_feature_scan *scan, int location, const char *const *words);

/* lk_feature_options_end returns the location of what closes the parentheses right behind the
 * statement's first word, or -1 where there are none. */
int lk_feature_options_end(const struct lk_feature_scan *scan);

/* lk_feature_enforced returns the location of ENFORCED in the constraint at a location, or -1. */
int lk_feature_enforced(const struct lk_feature_scan *scan, int location);

/* ---- the others ---- */

/* lk_feature_tree looks at a query or an expression, or a list of them. */
void lk_feature_tree(struct lk_feature_scan *scan, const void *expression);

/* lk_feature_statement looks at a statement of any kind. */
void lk_feature_statement(struct lk_feature_scan *scan, const Node *tree);

/* These look at a statement, and return whether it was one of theirs. */
bool lk_feature_relation(struct lk_feature_scan *scan, const Node *tree);
bool lk_feature_routine(struct lk_feature_scan *scan, const Node *tree);
bool lk_feature_replication(struct lk_feature_scan *scan, const Node *tree);
bool lk_feature_access(struct lk_feature_scan *scan, const Node *tree);
bool lk_feature_administration(struct lk_feature_scan *scan, const Node *tree);

#endif
