/*
 * cli/config.c
 *     Reading lockkeeper.yml by its table of keys: see config.h.
 */
#include "cli/config.h"

#include <errno.h>
#include <unistd.h>
#include <yaml.h>

#include "cli/config_keys.h"
#include "parser/base/buf.h"
#include "parser/base/file.h"
#include "parser/base/text.h"
#include "rules/registry.h"

struct reader {
    TALLOC_CTX *mem;
    const char *path;
    yaml_document_t document;
    struct lk_error *err;
};

static struct lk_mark
mark_of(const yaml_node_t *node)
{
    return (struct lk_mark){(unsigned)node->start_mark.line + 1,
                            (unsigned)node->start_mark.column + 1};
}

static bool
fail_at(struct reader *reader, struct lk_mark mark, const char *message)
{
    return lk_fail(reader->err, LK_ERR_USAGE, "%s:%u:%u: %s", reader->path, mark.line, mark.column,
                   message);
}

static bool fail_node(struct reader *reader, const yaml_node_t *node, const char *format, ...)
    LK_PRINTF(3, 4);

static bool
fail_node(struct reader *reader, const yaml_node_t *node, const char *format, ...)
{
    char message[512];
    va_list args;

    va_start(args, format);
    vsnprintf(message, sizeof(message), format, args);
    va_end(args);
    return fail_at(reader, mark_of(node), message);
}

static yaml_node_t *
node_at(struct reader *reader, int index)
{
    return yaml_document_get_node(&reader->document, index);
}

/* read_text returns the text of a scalar, or NULL with the error set. */
static const char *
read_text(struct reader *reader, const yaml_node_t *node, const char *name)
{
    if (node->type != YAML_SCALAR_NODE) {
        fail_node(reader, node, "%s is a single value", name);
        return NULL;
    }
    if (strlen((const char *)node->data.scalar.value) != node->data.scalar.length) {
        fail_node(reader, node, "%s holds a NUL character", name);
        return NULL;
    }
    return lk_strdup(reader->mem, (const char *)node->data.scalar.value);
}

static bool
read_strings(struct reader *reader, const yaml_node_t *node, const char *name,
             struct lk_config_strings *ret)
{
    if (node->type == YAML_SCALAR_NODE) { /* one is as good as a list of one */
        const char *text = read_text(reader, node, name);
        if (text != NULL)
            lk_vec_push(reader->mem, &ret->items, text);
        return text != NULL;
    }
    if (node->type != YAML_SEQUENCE_NODE)
        return fail_node(reader, node, "%s is a list", name);
    for (yaml_node_item_t *item = node->data.sequence.items.start;
         item < node->data.sequence.items.top; item++) {
        const char *text = read_text(reader, node_at(reader, *item), name);
        if (text == NULL)
            return false;
        lk_vec_push(reader->mem, &ret->items, text);
    }
    return true;
}

static bool
read_choice(struct reader *reader, const yaml_node_t *node, const struct lk_config_key *key,
            const char **ret)
{
    struct lk_buf choices = lk_buf_init(reader->mem);

    *ret = read_text(reader, node, key->name);
    if (*ret == NULL)
        return false;
    for (const char *const *choice = key->choices; *choice != NULL; choice++) {
        if (strcmp(*choice, *ret) == 0)
            return true;
        lk_buf_sep(&choices, ", ");
        lk_buf_add(&choices, *choice);
    }
    return fail_node(reader, node, "%s is one of %s, not \"%s\"", key->name, choices.data, *ret);
}

static bool
read_integer(struct reader *reader, const yaml_node_t *node, const struct lk_config_key *key,
             int64_t *ret)
{
    const char *text = read_text(reader, node, key->name);
    char *end;

    if (text == NULL)
        return false;
    errno = 0;
    *ret = strtoll(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || *ret < key->low || *ret > key->high)
        return fail_node(reader, node, "%s is a whole number from %ld to %ld, not \"%s\"",
                         key->name, (long)key->low, (long)key->high, text);
    return true;
}

static bool
read_duration(struct reader *reader, const yaml_node_t *node, const char *name, int64_t *ret)
{
    const char *text = read_text(reader, node, name);

    if (text == NULL)
        return false;
    if (!lk_duration_parse(text, ret))
        return fail_node(reader, node, "%s is a time such as 500ms, 2s or 10m, not \"%s\"", name,
                         text);
    return true;
}

static bool read_mapping(struct reader *reader, const yaml_node_t *node, const char *name,
                         const struct lk_config_key *keys, void *target);

static bool
read_pairs(struct reader *reader, const yaml_node_t *node, const char *name, void *target)
{
    LK_VEC(struct lk_config_pair) *pairs = target;

    if (node->type != YAML_MAPPING_NODE)
        return fail_node(reader, node, "%s is a mapping from names to values", name);
    for (yaml_node_pair_t *pair = node->data.mapping.pairs.start;
         pair < node->data.mapping.pairs.top; pair++) {
        const char *key = read_text(reader, node_at(reader, pair->key), name);
        const char *value =
            key == NULL ? NULL : read_text(reader, node_at(reader, pair->value), key);
        if (value == NULL)
            return false;
        *lk_vec_add(reader->mem, pairs) = (struct lk_config_pair){key, value};
    }
    return true;
}

/* read_severity reads a rule's "error", "off" and so on; YAML's booleans mean on and off, too. */
static bool
read_severity(struct reader *reader, const yaml_node_t *node, enum lk_severity *ret)
{
    const char *text = read_text(reader, node, "the severity");

    if (text == NULL)
        return false;
    *ret = strcmp(text, "false") == 0 ? LK_SEVERITY_OFF : lk_severity_parse(text);
    if (*ret == LK_SEVERITY_COUNT)
        return fail_node(reader, node, "a severity is error, warning, info or off, not \"%s\"",
                         text);
    return true;
}

static bool
has_option(const struct lk_rule *rule, const char *name)
{
    for (size_t i = 0; i < LK_RULE_MAX_OPTIONS && rule->options[i].name != NULL; i++)
        if (strcmp(rule->options[i].name, name) == 0)
            return true;
    return false;
}

static bool
read_rule_options(struct reader *reader, const yaml_node_t *node, struct lk_config_rule *ret)
{
    const struct lk_rule *rule = lk_rule_find(ret->name);

    for (yaml_node_pair_t *pair = node->data.mapping.pairs.start;
         pair < node->data.mapping.pairs.top; pair++) {
        const yaml_node_t *key_node = node_at(reader, pair->key);
        const yaml_node_t *value_node = node_at(reader, pair->value);
        const char *key = read_text(reader, key_node, ret->name);
        if (key == NULL)
            return false;
        if (strcmp(key, "severity") == 0) {
            if (!read_severity(reader, value_node, &ret->severity))
                return false;
            continue;
        }
        if (rule == NULL || !has_option(rule, key))
            return fail_node(reader, key_node, "%s has no option \"%s\"", ret->name, key);
        const char *value = read_text(reader, value_node, key);
        if (value == NULL)
            return false;
        if (strcmp(value, "true") != 0 && strcmp(value, "false") != 0)
            return fail_node(reader, value_node, "%s is true or false, not \"%s\"", key, value);
        *lk_vec_add(reader->mem, &ret->options) = (struct lk_config_pair){key, value};
    }
    return true;
}

static bool
read_rules(struct reader *reader, const yaml_node_t *node, struct lk_config *config)
{
    if (node->type != YAML_MAPPING_NODE)
        return fail_node(reader, node, "rules is a mapping from rules to severities");
    for (yaml_node_pair_t *pair = node->data.mapping.pairs.start;
         pair < node->data.mapping.pairs.top; pair++) {
        const yaml_node_t *key_node = node_at(reader, pair->key);
        const yaml_node_t *value_node = node_at(reader, pair->value);
        const char *name = read_text(reader, key_node, "rules");
        if (name == NULL)
            return false;
        if (lk_rule_find(name) == NULL && lk_group_find(name) == LK_GROUP_COUNT) {
            const char *nearest = lk_rule_nearest(name);
            return fail_node(reader, key_node, "there is no rule or group \"%s\"%s%s%s", name,
                             nearest != NULL ? "; perhaps " : "", nearest != NULL ? nearest : "",
                             nearest != NULL ? " is meant" : "");
        }
        struct lk_config_rule *rule = lk_vec_add(reader->mem, &config->rules);
        *rule = (struct lk_config_rule){
            .name = name, .mark = mark_of(key_node), .severity = LK_SEVERITY_COUNT};
        if (value_node->type == YAML_MAPPING_NODE
                ? !read_rule_options(reader, value_node, rule)
                : !read_severity(reader, value_node, &rule->severity))
            return false;
    }
    return true;
}

static void
init_apply(struct lk_config_apply *apply)
{
    *apply = (struct lk_config_apply){
        .lock_timeout = -1, .max_blocking = -1, .max_elapsed = -1, .base = -1, .cap = -1};
}

static bool
read_targets(struct reader *reader, const yaml_node_t *node, const struct lk_config_key *key,
             struct lk_config_targets *ret)
{
    if (node->type != YAML_MAPPING_NODE)
        return fail_node(reader, node, "%s is a mapping from names to settings", key->name);
    for (yaml_node_pair_t *pair = node->data.mapping.pairs.start;
         pair < node->data.mapping.pairs.top; pair++) {
        const char *name = read_text(reader, node_at(reader, pair->key), key->name);
        if (name == NULL)
            return false;
        struct lk_config_target *target = lk_vec_add(reader->mem, &ret->items);
        init_apply(&target->apply);
        target->name = name;
        if (!read_mapping(reader, node_at(reader, pair->value), name, key->children, target))
            return false;
    }
    return true;
}

static bool
read_value(struct reader *reader, const yaml_node_t *node, const struct lk_config_key *key,
           void *target)
{
    void *place = (char *)target + key->offset;

    switch (key->type) {
    case LK_KEY_STRING: {
        const char *text = read_text(reader, node, key->name);
        *(const char **)place = text;
        return text != NULL;
    }
    case LK_KEY_CHOICE:
        return read_choice(reader, node, key, place);
    case LK_KEY_INTEGER:
        return read_integer(reader, node, key, place);
    case LK_KEY_DURATION:
        return read_duration(reader, node, key->name, place);
    case LK_KEY_STRINGS:
        return read_strings(reader, node, key->name, place);
    case LK_KEY_PAIRS:
        return read_pairs(reader, node, key->name, place);
    case LK_KEY_MAPPING:
        return read_mapping(reader, node, key->name, key->children, target);
    case LK_KEY_TARGETS:
        return read_targets(reader, node, key, place);
    case LK_KEY_RULES:
        return read_rules(reader, node, target);
    }
    LK_BUG("configuration key %s has no type", key->name);
}

static const struct lk_config_key *
find_key(struct reader *reader, const yaml_node_t *node, const char *name,
         const struct lk_config_key *keys)
{
    const char *names[32];
    size_t count = 0;

    for (const struct lk_config_key *key = keys; key->name != NULL; key++) {
        if (strcmp(key->name, name) == 0)
            return key;
        names[count++] = key->name;
    }
    const char *nearest = lk_nearest(name, names, count);
    if (nearest != NULL)
        fail_node(reader, node, "unknown key \"%s\"; perhaps %s is meant", name, nearest);
    else
        fail_node(reader, node, "unknown key \"%s\"", name);
    return NULL;
}

static bool
read_mapping(struct reader *reader, const yaml_node_t *node, const char *name,
             const struct lk_config_key *keys, void *target)
{
    uint64_t seen = 0;

    if (node->type == YAML_SCALAR_NODE && node->data.scalar.length == 0)
        return true; /* "apply:" and nothing below it */
    if (node->type != YAML_MAPPING_NODE)
        return fail_node(reader, node, "%s is a mapping", name);
    for (yaml_node_pair_t *pair = node->data.mapping.pairs.start;
         pair < node->data.mapping.pairs.top; pair++) {
        const yaml_node_t *key_node = node_at(reader, pair->key);
        const char *key_name = read_text(reader, key_node, name);
        const struct lk_config_key *key =
            key_name == NULL ? NULL : find_key(reader, key_node, key_name, keys);
        if (key == NULL)
            return false;
        if (seen & (1ull << (key - keys)))
            return fail_node(reader, key_node, "%s is given twice", key_name);
        seen |= 1ull << (key - keys);
        if (!read_value(reader, node_at(reader, pair->value), key, target))
            return false;
    }
    return true;
}

static bool
read_document(struct reader *reader, const struct lk_bytes *bytes, struct lk_config *config)
{
    yaml_parser_t parser;
    bool read = false;

    if (!yaml_parser_initialize(&parser))
        LK_BUG("out of memory");
    yaml_parser_set_input_string(&parser, (const unsigned char *)bytes->data, bytes->size);
    if (!yaml_parser_load(&parser, &reader->document)) {
        struct lk_mark mark = {(unsigned)parser.problem_mark.line + 1,
                               (unsigned)parser.problem_mark.column + 1};
        fail_at(reader, mark, parser.problem != NULL ? parser.problem : "not YAML");
    } else {
        yaml_node_t *root = yaml_document_get_root_node(&reader->document);
        read =
            root == NULL || read_mapping(reader, root, "the configuration", lk_config_keys, config);
        yaml_document_delete(&reader->document);
    }
    yaml_parser_delete(&parser);
    return read;
}

/* find_file returns the nearest lockkeeper.yml at or above the working directory, or NULL. */
static char *
find_file(TALLOC_CTX *mem)
{
    char *here LK_CLEANUP(lk_mem_cleanup) = NULL;
    char *working = getcwd(NULL, 0);
    size_t depth = 0;

    if (working == NULL)
        return NULL;
    for (const char *at = working; *at != '\0'; at++)
        depth += *at == '/';
    free(working);
    here = lk_strdup(NULL, "lockkeeper.yml");
    for (size_t level = 0; level <= depth; level++) {
        if (lk_file_exists(here))
            return lk_strdup(mem, here);
        char *above = lk_fmt(NULL, "../%s", here);
        talloc_free(here);
        here = above;
    }
    return NULL;
}

bool
lk_config_load(TALLOC_CTX *mem, const char *path, struct lk_config **ret, struct lk_error *err)
{
    struct lk_config *config = lk_new(mem, struct lk_config);
    struct lk_bytes bytes;

    init_apply(&config->apply);
    config->postgres_version = -1;
    config->folder = ".";
    *ret = config;
    config->path = path != NULL ? path : find_file(config);
    if (config->path == NULL)
        return true;
    if (!lk_file_read(config, config->path, &bytes, err)) {
        err->code = LK_ERR_USAGE;
        return false;
    }
    config->folder = lk_path_dir(config, config->path);
    struct reader reader = {.mem = config, .path = config->path, .err = err};
    return read_document(&reader, &bytes, config);
}

/* find_target returns the database or environment of that name; an unknown one is an error. */
static const struct lk_config_target *
find_target(const struct lk_config *config, const struct lk_config_targets *targets,
            const char *kind, const char *name, struct lk_error *err)
{
    struct lk_buf names = lk_buf_init(NULL);
    const struct lk_config_target *found = NULL;

    lk_vec_foreach(target, &targets->items) {
        if (strcmp(target->name, name) == 0)
            found = target;
        lk_buf_sep(&names, ", ");
        lk_buf_add(&names, target->name);
    }
    if (found == NULL) {
        lk_fail(err, LK_ERR_USAGE, "%s has no %s \"%s\"",
                config->path != NULL ? config->path : "the configuration", kind, name);
        if (names.len > 0)
            lk_error_hint(err, "It has %s.", names.data);
        else
            lk_error_hint(err, "There is none at all.");
    }
    talloc_free(names.data);
    return found;
}

/* lay_over puts what `over` says in the place of what `ret` has. */
static void
lay_over(struct lk_config_target *ret, const struct lk_config_target *over)
{
    const struct lk_config_apply *apply = &over->apply;

    ret->name = over->name;
    if (over->url != NULL)
        ret->url = over->url;
    if (over->migrations.items.count > 0)
        ret->migrations = over->migrations;
    if (apply->history != NULL)
        ret->apply.history = apply->history;
    if (apply->out_of_order != NULL)
        ret->apply.out_of_order = apply->out_of_order;
    if (apply->lock_timeout >= 0)
        ret->apply.lock_timeout = apply->lock_timeout;
    if (apply->ends.items.count > 0)
        ret->apply.ends = apply->ends;
    if (apply->max_blocking >= 0)
        ret->apply.max_blocking = apply->max_blocking;
    if (apply->max_elapsed >= 0)
        ret->apply.max_elapsed = apply->max_elapsed;
    if (apply->base >= 0)
        ret->apply.base = apply->base;
    if (apply->cap >= 0)
        ret->apply.cap = apply->cap;
    if (apply->ignore.items.count > 0)
        ret->apply.ignore = apply->ignore;
    if (apply->placeholders.count > 0)
        ret->apply.placeholders = apply->placeholders;
}

bool
lk_config_settle(const struct lk_config *config, const char *database, const char *environment,
                 struct lk_config_target *ret, struct lk_error *err)
{
    const struct {
        const char *kind, *name;
        const struct lk_config_targets *targets;
    } layers[] = {{"database", database, &config->databases},
                  {"environment", environment, &config->environments}};

    *ret = (struct lk_config_target){
        .url = config->url, .migrations = config->migrations, .apply = config->apply};
    for (size_t i = 0; i < LK_ARRAY_SIZE(layers); i++) {
        if (layers[i].name == NULL)
            continue;
        const struct lk_config_target *target =
            find_target(config, layers[i].targets, layers[i].kind, layers[i].name, err);
        if (target == NULL)
            return false;
        lay_over(ret, target);
    }
    return true;
}

char *
lk_config_expand(TALLOC_CTX *mem, const char *text, struct lk_error *err)
{
    struct lk_buf expanded = lk_buf_init(mem);

    for (const char *at = text; *at != '\0';) {
        const char *end = at[0] == '$' && at[1] == '{' ? strchr(at, '}') : NULL;
        if (at[0] == '$' && at[1] == '$') {
            lk_buf_addc(&expanded, '$');
            at += 2;
        } else if (end != NULL) {
            char *name = lk_strndup(mem, at + 2, (size_t)(end - at - 2));
            const char *value = getenv(name);
            if (value == NULL) {
                lk_fail(err, LK_ERR_USAGE, "the environment variable %s is not set", name);
                lk_error_hint(err, "The configuration says ${%s}.", name);
                return NULL;
            }
            lk_buf_add(&expanded, value);
            at = end + 1;
        } else {
            lk_buf_addc(&expanded, *at++);
        }
    }
    return expanded.data;
}
