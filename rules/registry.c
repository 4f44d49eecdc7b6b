/*
 * rules/registry.c
 *     The list of all rules: see registry.h.
 */
#include "rules/registry.h"

#include "parser/base/text.h"
#include "rule_pages.inc" /* lk_rule_page_<identifier>, from the rules' leading comments */

#define LK_RULE(identifier) extern const struct lk_rule lk_rule_##identifier;
#include "rules/rules.def"
#undef LK_RULE

static const struct lk_rule *const rules[] = {
#define LK_RULE(identifier) &lk_rule_##identifier,
#include "rules/rules.def"
#undef LK_RULE
};

static const char *const pages[] = {
#define LK_RULE(identifier) lk_rule_page_##identifier,
#include "rules/rules.def"
#undef LK_RULE
};

static const struct {
    const char *word;
    const char *title;
} groups[] = {
#define LK_GROUP(name, word, title) {word, title},
#include "rules/groups.def"
#undef LK_GROUP
};

const struct lk_rule *const *
lk_rules(size_t *count)
{
    *count = LK_ARRAY_SIZE(rules);
    return rules;
}

/* place_of returns where a rule is in the list, which is sorted; its count where there is none. */
static size_t
place_of(const char *name)
{
    size_t low = 0, high = LK_ARRAY_SIZE(rules);

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(name, rules[middle]->name);
        if (order == 0)
            return middle;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return LK_ARRAY_SIZE(rules);
}

size_t
lk_rule_index(const struct lk_rule *rule)
{
    size_t place = place_of(rule->name);

    if (place == LK_ARRAY_SIZE(rules))
        LK_BUG("rule %s is not in the registry, or that is not sorted", rule->name);
    return place;
}

const struct lk_rule *
lk_rule_find(const char *name)
{
    size_t place = place_of(name);

    return place < LK_ARRAY_SIZE(rules) ? rules[place] : NULL;
}

const struct lk_rule *
lk_rule_by_alias(const char *name)
{
    for (size_t i = 0; i < LK_ARRAY_SIZE(rules); i++)
        for (size_t k = 0; k < LK_ARRAY_SIZE(rules[i]->aliases); k++) {
            const char *alias = rules[i]->aliases[k];
            if (alias != NULL && strcmp(strchr(alias, ':') + 1, name) == 0)
                return rules[i];
        }
    return NULL;
}

bool
lk_rule_alias(const struct lk_rule *rule, const char *tool, const char *name)
{
    size_t length = strlen(tool);

    for (size_t i = 0; i < LK_ARRAY_SIZE(rule->aliases) && rule->aliases[i] != NULL; i++)
        if (strncmp(rule->aliases[i], tool, length) == 0 && rule->aliases[i][length] == ':' &&
            strcmp(rule->aliases[i] + length + 1, name) == 0)
            return true;
    return strcmp(rule->name, name) == 0;
}

const char *
lk_rule_nearest(const char *name)
{
    const char *names[LK_ARRAY_SIZE(rules) + LK_GROUP_COUNT];
    size_t count = 0;

    for (size_t i = 0; i < LK_ARRAY_SIZE(rules); i++)
        names[count++] = rules[i]->name;
    for (size_t i = 0; i < LK_GROUP_COUNT; i++)
        names[count++] = groups[i].word;
    return lk_nearest(name, names, count);
}

const char *
lk_group_word(enum lk_group group)
{
    return groups[group].word;
}

const char *
lk_group_title(enum lk_group group)
{
    return groups[group].title;
}

const char *
lk_rule_fix_word(const struct lk_rule *rule)
{
    static const char *const words[] = {
        [LK_RULE_FIX_NONE] = NULL,
        [LK_RULE_FIX_SAFE] = "safe",
        [LK_RULE_FIX_UNSAFE] = "unsafe",
        [LK_RULE_FIX_EITHER] = "either",
    };

    return words[rule->fix];
}

enum lk_group
lk_group_find(const char *word)
{
    enum lk_group group = 0;

    while (group < LK_GROUP_COUNT && strcmp(groups[group].word, word) != 0)
        group++;
    return group;
}

const char *
lk_rule_page(const struct lk_rule *rule)
{
    return pages[lk_rule_index(rule)];
}
