/*
 * cli/config_read.h
 *     Reading YAML nodes by tables of keys: what the files that read lockkeeper.yml share.
 */
#ifndef LK_CLI_CONFIG_READ_H
#define LK_CLI_CONFIG_READ_H

#include <yaml.h>

#include "cli/config.h"
#include "cli/config_keys.h"

struct lk_config_reader {
    TALLOC_CTX *mem;
    const char *path; /* of the file, for errors */
    yaml_document_t document;
    struct lk_error *err;
};

/* lk_config_fail fails at a place in the file, lk_config_fail_node at that of a node. */
bool lk_config_fail(struct lk_config_reader *reader, struct lk_mark mark, const char *message);
bool lk_config_fail_node(struct lk_config_reader *reader, const yaml_node_t *node,
                         const char *format, ...) LK_PRINTF(3, 4);

/*
 * lk_config_fail_name fails at a name that is none: `what` ends in front of the name, and the
 * nearest one of `names` is suggested.
 */
bool lk_config_fail_name(struct lk_config_reader *reader, const yaml_node_t *node, const char *what,
                         const char *name, const char *const *names, size_t count);

/* lk_config_mark returns where a node stands; lk_config_node the node of an index. */
struct lk_mark lk_config_mark(const yaml_node_t *node);
yaml_node_t *lk_config_node(struct lk_config_reader *reader, int index);

/* lk_config_text returns the text of a scalar, or NULL with the error set. */
const char *lk_config_text(struct lk_config_reader *reader, const yaml_node_t *node,
                           const char *name);

/* lk_config_texts reads a list of texts; a single one is as good as a list of one. */
bool lk_config_texts(struct lk_config_reader *reader, const yaml_node_t *node, const char *name,
                     struct lk_config_strings *ret);

/* lk_config_integer reads a whole number from `low` to `high`. */
bool lk_config_integer(struct lk_config_reader *reader, const yaml_node_t *node, const char *name,
                       int64_t low, int64_t high, int64_t *ret);

/* lk_config_mapping reads a mapping by a table of keys into the struct at `target`. */
bool lk_config_mapping(struct lk_config_reader *reader, const yaml_node_t *node, const char *name,
                       const struct lk_config_key *keys, void *target);

/* lk_config_read_rules and lk_config_read_overrides read the values of those keys. */
bool lk_config_read_rules(struct lk_config_reader *reader, const yaml_node_t *node,
                          struct lk_config_rules *ret);
bool lk_config_read_overrides(struct lk_config_reader *reader, const yaml_node_t *node,
                              const struct lk_config_key *keys, struct lk_config_overrides *ret);

#endif
