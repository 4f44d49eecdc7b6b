/*
 * cli/config_read.c
 *     Reading YAML nodes by tables of keys: see config_read.h.
 */
#include "cli/config_read.h"

#include <errno.h>

#include "parser/base/buf.h"
#include "parser/base/text.h"

struct lk_mark
lk_config_mark(const yaml_node_t *node)
{
    return (struct lk_mark){(unsigned)node->start_mark.line + 1,
                            (unsigned)node->start_mark.column + 1};
}

bool
lk_config_fail(struct lk_config_reader *reader, struct lk_mark mark, const char *message)
{
    return lk_fail(reader->err, LK_ERR_USAGE, "%s:%u:%u: %s", reader->path, mark.line, mark.column,
                   message);
}

bool
lk_config_fail_node(struct lk_config_reader *reader, const yaml_node_t *node, const char *format,
                    ...)
{
    char message[512];
    va_list args;

    va_start(args, format);
    vsnprintf(message, sizeof(message), format, args);
    va_end(args);
    return lk_config_fail(reader, lk_config_mark(node), message);
}

yaml_node_t *
lk_config_node(struct lk_config_reader *reader, int index)
{
    return yaml_document_get_node(&reader->document, index);
}

const char *
lk_config_text(struct lk_config_reader *reader, const yaml_node_t *node, const char *name)
{
    if (node->type != YAML_SCALAR_NODE) {
        lk_config_fail_node(reader, node, "%s is a single value", name);
        return NULL;
    }
    if (strlen((const char *)node->data.scalar.value) != node->data.scalar.length) {
        lk_config_fail_node(reader, node, "%s holds a NUL character", name);
        return NULL;
    }
    return lk_strdup(reader->mem, (const char *)node->data.scalar.value);
}

bool
lk_config_texts(struct lk_config_reader *reader, const yaml_node_t *node, const char *name,
                struct lk_config_strings *ret)
{
    if (node->type == YAML_SCALAR_NODE) { /* one is as good as a list of one */
        const char *text = lk_config_text(reader, node, name);
        if (text != NULL)
            lk_vec_push(reader->mem, &ret->items, text);
        return text != NULL;
    }
    if (node->type != YAML_SEQUENCE_NODE)
        return lk_config_fail_node(reader, node, "%s is a list", name);
    for (yaml_node_item_t *item = node->data.sequence.items.start;
         item < node->data.sequence.items.top; item++) {
        const char *text = lk_config_text(reader, lk_config_node(reader, *item), name);
        if (text == NULL)
            return false;
        lk_vec_push(reader->mem, &ret->items, text);
    }
    return true;
}

static bool
read_choice(struct lk_config_reader *reader, const yaml_node_t *node,
            const struct lk_config_key *key, const char **ret)
{
    struct lk_buf choices = lk_buf_init(reader->mem);

    *ret = lk_config_text(reader, node, key->name);
    if (*ret == NULL)
        return false;
    for (const char *const *choice = key->choices; *choice != NULL; choice++) {
        if (strcmp(*choice, *ret) == 0)
            return true;
        lk_buf_sep(&choices, ", ");
        lk_buf_add(&choices, *choice);
    }
    return lk_config_fail_node(reader, node, "%s is one of %s, not \"%s\"", key->name, choices.data,
                               *ret);
}

bool
lk_config_integer(struct lk_config_reader *reader, const yaml_node_t *node, const char *name,
                  int64_t low, int64_t high, int64_t *ret)
{
    const char *text = lk_config_text(reader, node, name);
    char *end;

    if (text == NULL)
        return false;
    errno = 0;
    *ret = strtoll(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || *ret < low || *ret > high)
        return lk_config_fail_node(reader, node, "%s is a whole number from %ld to %ld, not \"%s\"",
                                   name, (long)low, (long)high, text);
    return true;
}

static bool
read_duration(struct lk_config_reader *reader, const yaml_node_t *node, const char *name,
              int64_t *ret)
{
    const char *text = lk_config_text(reader, node, name);

    if (text == NULL)
        return false;
    if (!lk_duration_parse(text, ret))
        return lk_config_fail_node(reader, node,
                                   "%s is a time such as 500ms, 2s or 10m, not \"%s\"", name, text);
    return true;
}

/* read_named returns the name at the front of a pair, which `seen` must not hold. */
static const char *
read_named(struct lk_config_reader *reader, const yaml_node_t *node, const char *what,
           struct lk_config_strings *seen)
{
    const char *name = lk_config_text(reader, node, what);

    lk_vec_foreach(other, &seen->items)
        if (name != NULL && strcmp(*other, name) == 0) {
            lk_config_fail_node(reader, node, "%s: %s is given twice", what, name);
            return NULL;
        }
    if (name != NULL)
        lk_vec_push(reader->mem, &seen->items, name);
    return name;
}

static bool
read_pairs(struct lk_config_reader *reader, const yaml_node_t *node, const char *name,
           struct lk_config_pairs *ret)
{
    struct lk_config_strings seen = {0};

    if (node->type != YAML_MAPPING_NODE)
        return lk_config_fail_node(reader, node, "%s is a mapping from names to values", name);
    for (yaml_node_pair_t *pair = node->data.mapping.pairs.start;
         pair < node->data.mapping.pairs.top; pair++) {
        const char *key = read_named(reader, lk_config_node(reader, pair->key), name, &seen);
        const yaml_node_t *said = lk_config_node(reader, pair->value);
        const char *value = key == NULL ? NULL : lk_config_text(reader, said, key);
        if (value == NULL)
            return false;
        *lk_vec_add(reader->mem, &ret->items) =
            (struct lk_config_pair){key, {value, lk_config_mark(said)}};
    }
    return true;
}

void
lk_config_init_apply(struct lk_config_apply *apply)
{
    *apply = (struct lk_config_apply){
        .lock_timeout = -1,
        .statement_timeout = -1,
        .transaction_timeout = -1,
        .idle_in_transaction_session_timeout = -1,
        .idle_session_timeout = -1,
        .snapshot_age = -1,
        .take_over = -1,
        .max_blocking = -1,
        .max_elapsed = -1,
        .base = -1,
        .cap = -1,
    };
    for (size_t i = 0; i < LK_STMT_COUNT; i++)
        apply->timeouts[i] = (struct lk_timeouts){-1, -1};
}

/* check_target_name refuses a name that --database or --env would take for something else. */
static bool
check_target_name(struct lk_config_reader *reader, const yaml_node_t *node,
                  const struct lk_config_key *key, const char *name)
{
    if (name[0] == '\0' || strpbrk(name, "*?[], \t\n") != NULL)
        return lk_config_fail_node(
            reader, node, "%s: a name has no blanks, commas, or any of *?[] in it", key->name);
    if (strcmp(name, "all") == 0)
        return lk_config_fail_node(reader, node, "%s: \"all\" stands for all of them", key->name);
    return true;
}

static bool
read_targets(struct lk_config_reader *reader, const yaml_node_t *node,
             const struct lk_config_key *key, struct lk_config_targets *ret)
{
    struct lk_config_strings seen = {0};

    if (node->type != YAML_MAPPING_NODE)
        return lk_config_fail_node(reader, node, "%s is a mapping from names to settings",
                                   key->name);
    for (yaml_node_pair_t *pair = node->data.mapping.pairs.start;
         pair < node->data.mapping.pairs.top; pair++) {
        const yaml_node_t *name_node = lk_config_node(reader, pair->key);
        const char *name = read_named(reader, name_node, key->name, &seen);
        if (name == NULL || !check_target_name(reader, name_node, key, name))
            return false;
        struct lk_config_target *target = lk_vec_add(reader->mem, &ret->items);
        lk_config_init_apply(&target->apply);
        target->name = name;
        target->at = lk_config_mark(name_node);
        if (!lk_config_mapping(reader, lk_config_node(reader, pair->value), name, key->children,
                               target))
            return false;
    }
    return true;
}

static bool
read_expandable(struct lk_config_reader *reader, const yaml_node_t *node, const char *name,
                struct lk_config_value *ret)
{
    *ret = (struct lk_config_value){lk_config_text(reader, node, name), lk_config_mark(node)};
    return ret->text != NULL;
}

static bool
read_value(struct lk_config_reader *reader, const yaml_node_t *node,
           const struct lk_config_key *key, void *target)
{
    void *place = (char *)target + key->offset;

    switch (key->type) {
    case LK_KEY_STRING: {
        const char *text = lk_config_text(reader, node, key->name);
        *(const char **)place = text;
        return text != NULL;
    }
    case LK_KEY_VALUE:
        return read_expandable(reader, node, key->name, place);
    case LK_KEY_CHOICE:
        return read_choice(reader, node, key, place);
    case LK_KEY_INTEGER:
        return lk_config_integer(reader, node, key->name, key->low, key->high, place);
    case LK_KEY_DURATION:
        return read_duration(reader, node, key->name, place);
    case LK_KEY_STRINGS:
        return lk_config_texts(reader, node, key->name, place);
    case LK_KEY_PAIRS:
        return read_pairs(reader, node, key->name, place);
    case LK_KEY_MAPPING:
        return lk_config_mapping(reader, node, key->name, key->children, target);
    case LK_KEY_TARGETS:
        return read_targets(reader, node, key, place);
    case LK_KEY_RULES:
        return lk_config_read_rules(reader, node, place);
    case LK_KEY_OVERRIDES:
        return lk_config_read_overrides(reader, node, key->children, place);
    }
    LK_BUG("configuration key %s has no type", key->name);
}

bool
lk_config_fail_name(struct lk_config_reader *reader, const yaml_node_t *node, const char *what,
                    const char *name, const char *const *names, size_t count)
{
    const char *nearest = lk_nearest(name, names, count);

    if (nearest != NULL)
        return lk_config_fail_node(reader, node, "%s \"%s\"; perhaps %s is meant", what, name,
                                   nearest);
    return lk_config_fail_node(reader, node, "%s \"%s\"", what, name);
}

static const struct lk_config_key *
find_key(struct lk_config_reader *reader, const yaml_node_t *node, const char *name,
         const struct lk_config_key *keys)
{
    const char *names[32];
    size_t count = 0;

    for (const struct lk_config_key *key = keys; key->name != NULL; key++) {
        if (strcmp(key->name, name) == 0)
            return key;
        names[count++] = key->name;
    }
    lk_config_fail_name(reader, node, "unknown key", name, names, count);
    return NULL;
}

bool
lk_config_mapping(struct lk_config_reader *reader, const yaml_node_t *node, const char *name,
                  const struct lk_config_key *keys, void *target)
{
    uint64_t seen = 0;

    if (node->type == YAML_SCALAR_NODE && node->data.scalar.length == 0)
        return true; /* "apply:" and nothing below it */
    if (node->type != YAML_MAPPING_NODE)
        return lk_config_fail_node(reader, node, "%s is a mapping", name);
    for (yaml_node_pair_t *pair = node->data.mapping.pairs.start;
         pair < node->data.mapping.pairs.top; pair++) {
        const yaml_node_t *key_node = lk_config_node(reader, pair->key);
        const char *key_name = lk_config_text(reader, key_node, name);
        const struct lk_config_key *key =
            key_name == NULL ? NULL : find_key(reader, key_node, key_name, keys);
        if (key == NULL)
            return false;
        if (seen & (1ull << (key - keys)))
            return lk_config_fail_node(reader, key_node, "%s is given twice", key_name);
        seen |= 1ull << (key - keys);
        if (!read_value(reader, lk_config_node(reader, pair->value), key, target))
            return false;
    }
    return true;
}
