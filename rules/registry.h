/*
 * rules/registry.h
 *     The list of all rules.
 */
#ifndef LK_RULES_REGISTRY_H
#define LK_RULES_REGISTRY_H

#include "rules/rule.h"

/* lk_rules returns all rules, sorted by name; `*count` of them. */
const struct lk_rule *const *lk_rules(size_t *count);

/* lk_rule_find returns the rule of that name, or NULL; lk_rule_index its place in the list. */
const struct lk_rule *lk_rule_find(const char *name);
size_t lk_rule_index(const struct lk_rule *rule);

/* lk_rule_by_alias returns the rule that another tool calls so, or NULL. */
const struct lk_rule *lk_rule_by_alias(const char *name);

/*
 * lk_rule_alias returns whether `name`, as another tool's suppression spells it, means this rule:
 * by an alias "tool:name", or because the rule is called the same there.
 */
bool lk_rule_alias(const struct lk_rule *rule, const char *tool, const char *name);

/* lk_rule_nearest returns the rule or group name that `name` most likely means, or NULL. */
const char *lk_rule_nearest(const char *name);

/* lk_group_word returns "lock", lk_group_title its heading; lk_group_find is LK_GROUP_COUNT if
 * there is no such group. */
const char *lk_group_word(enum lk_group group);
const char *lk_group_title(enum lk_group group);
enum lk_group lk_group_find(const char *word);

/* lk_rule_fix_word returns "safe", "unsafe", "either", or NULL where the rule offers no fixes. */
const char *lk_rule_fix_word(const struct lk_rule *rule);

/* lk_rule_page returns the rule's documentation in Markdown, as written in its source file. */
const char *lk_rule_page(const struct lk_rule *rule);

#endif
