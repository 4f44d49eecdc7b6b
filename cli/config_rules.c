/*
 * cli/config_rules.c
 *     The configuration of rules: severities, options, and what differs from file to file.
 */
#include "cli/config_read.h"
#include "parser/base/text.h"
#include "rules/registry.h"

/* read_severity reads a rule's "error", "off" and so on; YAML's booleans mean on and off, too. */
static bool
read_severity(struct lk_config_reader *reader, const yaml_node_t *node, enum lk_severity *ret)
{
    const char *text = lk_config_text(reader, node, "the severity");

    if (text == NULL)
        return false;
    *ret = strcmp(text, "false") == 0 ? LK_SEVERITY_OFF : lk_severity_parse(text);
    if (*ret == LK_SEVERITY_COUNT)
        return lk_config_fail_node(reader, node,
                                   "a severity is error, warning, info or off, not \"%s\"", text);
    return true;
}

/* read_option reads the value of a rule's option by its type. */
static bool
read_option(struct lk_config_reader *reader, const yaml_node_t *node,
            const struct lk_rule_option *option, struct lk_option_value *ret)
{
    struct lk_config_strings list = {0};

    *ret = (struct lk_option_value){.given = true};
    switch (option->type) {
    case LK_TYPE_INTEGER:
        return lk_config_integer(reader, node, option->name, option->low, option->high,
                                 &ret->number);
    case LK_TYPE_LIST:
        if (!lk_config_texts(reader, node, option->name, &list))
            return false;
        lk_vec_push(reader->mem, &list.items, NULL);
        ret->list = list.items.items;
        return true;
    case LK_TYPE_STRING:
        ret->text = lk_config_text(reader, node, option->name);
        return ret->text != NULL;
    case LK_TYPE_BOOLEAN:
        break;
    }
    const char *text = lk_config_text(reader, node, option->name);
    if (text == NULL)
        return false;
    ret->number = strcmp(text, "true") == 0;
    return ret->number != 0 || strcmp(text, "false") == 0 ||
           lk_config_fail_node(reader, node, "%s is true or false, not \"%s\"", option->name, text);
}

/* find_option returns the option of a rule (NULL: a group, which has none) that a key names. */
static const struct lk_rule_option *
find_option(struct lk_config_reader *reader, const yaml_node_t *node, const char *rule_name,
            const char *key)
{
    const struct lk_rule *rule = lk_rule_find(rule_name);
    const char *names[LK_RULE_MAX_OPTIONS + 1] = {"severity"};
    size_t count = 1;

    for (size_t i = 0; rule != NULL && i < LK_RULE_MAX_OPTIONS; i++) {
        if (rule->options[i].name == NULL)
            break;
        if (strcmp(rule->options[i].name, key) == 0)
            return &rule->options[i];
        names[count++] = rule->options[i].name;
    }
    const char *what = lk_fmt(reader->mem, "%s has no option", rule_name);
    lk_config_fail_name(reader, node, what, key, names, count);
    return NULL;
}

static bool
read_rule_options(struct lk_config_reader *reader, const yaml_node_t *node,
                  struct lk_config_rule *ret)
{
    for (yaml_node_pair_t *pair = node->data.mapping.pairs.start;
         pair < node->data.mapping.pairs.top; pair++) {
        const yaml_node_t *key_node = lk_config_node(reader, pair->key);
        const yaml_node_t *value_node = lk_config_node(reader, pair->value);
        const char *key = lk_config_text(reader, key_node, ret->name);
        if (key == NULL)
            return false;
        if (strcmp(key, "severity") == 0) {
            if (!read_severity(reader, value_node, &ret->severity))
                return false;
            continue;
        }
        const struct lk_rule_option *option = find_option(reader, key_node, ret->name, key);
        struct lk_config_option *given = lk_vec_add(reader->mem, &ret->options);
        if (option == NULL || !read_option(reader, value_node, option, &given->value))
            return false;
        given->name = option->name;
    }
    return true;
}

bool
lk_config_read_rules(struct lk_config_reader *reader, const yaml_node_t *node,
                     struct lk_config_rules *ret)
{
    if (node->type != YAML_MAPPING_NODE)
        return lk_config_fail_node(reader, node, "rules is a mapping from rules to severities");
    for (yaml_node_pair_t *pair = node->data.mapping.pairs.start;
         pair < node->data.mapping.pairs.top; pair++) {
        const yaml_node_t *key_node = lk_config_node(reader, pair->key);
        const yaml_node_t *value_node = lk_config_node(reader, pair->value);
        const char *name = lk_config_text(reader, key_node, "rules");
        if (name == NULL)
            return false;
        if (lk_rule_find(name) == NULL && lk_group_find(name) == LK_GROUP_COUNT) {
            const char *nearest = lk_rule_nearest(name);
            return lk_config_fail_name(reader, key_node, "there is no rule or group", name,
                                       &nearest, nearest != NULL);
        }
        lk_vec_foreach(other, &ret->items)
            if (strcmp(other->name, name) == 0)
                return lk_config_fail_node(reader, key_node, "%s is given twice", name);
        struct lk_config_rule *rule = lk_vec_add(reader->mem, &ret->items);
        *rule = (struct lk_config_rule){.name = name, .severity = LK_SEVERITY_COUNT};
        if (value_node->type == YAML_MAPPING_NODE
                ? !read_rule_options(reader, value_node, rule)
                : !read_severity(reader, value_node, &rule->severity))
            return false;
    }
    return true;
}

bool
lk_config_read_overrides(struct lk_config_reader *reader, const yaml_node_t *node,
                         const struct lk_config_key *keys, struct lk_config_overrides *ret)
{
    if (node->type != YAML_SEQUENCE_NODE)
        return lk_config_fail_node(reader, node, "overrides is a list of mappings");
    for (yaml_node_item_t *item = node->data.sequence.items.start;
         item < node->data.sequence.items.top; item++) {
        const yaml_node_t *each = lk_config_node(reader, *item);
        struct lk_config_override *override = lk_vec_add(reader->mem, &ret->items);
        if (!lk_config_mapping(reader, each, "an override", keys, override))
            return false;
        if (override->paths.items.count == 0)
            return lk_config_fail_node(reader, each, "an override needs paths");
    }
    return true;
}
