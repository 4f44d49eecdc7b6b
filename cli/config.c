/*
 * cli/config.c
 *     Reading lockkeeper.yml by its table of keys: see config.h.
 */
#include "cli/config.h"

#include <errno.h>
#include <unistd.h>

#include "cli/config_read.h"
#include "parser/base/buf.h"
#include "parser/base/file.h"
#include "parser/base/text.h"

static bool
read_document(struct lk_config_reader *reader, const struct lk_bytes *bytes,
              struct lk_config *config)
{
    yaml_parser_t parser;
    bool read = false;

    if (bytes->size == 0)
        return true;
    if (!yaml_parser_initialize(&parser))
        LK_BUG("out of memory");
    yaml_parser_set_input_string(&parser, (const unsigned char *)bytes->data, bytes->size);
    if (!yaml_parser_load(&parser, &reader->document)) {
        struct lk_mark mark = {(unsigned)parser.problem_mark.line + 1,
                               (unsigned)parser.problem_mark.column + 1};
        lk_config_fail(reader, mark, parser.problem != NULL ? parser.problem : "not YAML");
    } else {
        yaml_node_t *root = yaml_document_get_root_node(&reader->document);
        read = root == NULL ||
               lk_config_mapping(reader, root, "the configuration", lk_config_keys, config);
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
lk_config_parse(TALLOC_CTX *mem, const char *path, const char *text, size_t size,
                struct lk_config **ret, struct lk_error *err)
{
    struct lk_config *config = lk_new(mem, struct lk_config);
    struct lk_bytes bytes = {(char *)(uintptr_t)text, size};

    lk_config_init_apply(&config->apply);
    config->postgres_version = -1;
    config->path = path;
    config->folder = path != NULL ? lk_path_dir(config, path) : ".";
    *ret = config;
    struct lk_config_reader reader = {.mem = config, .path = path, .err = err};
    return read_document(&reader, &bytes, config);
}

bool
lk_config_load(TALLOC_CTX *mem, const char *path, struct lk_config **ret, struct lk_error *err)
{
    struct lk_bytes bytes = {0};

    if (path == NULL)
        path = find_file(mem);
    if (path != NULL && !lk_file_read(mem, path, &bytes, err)) {
        err->code = LK_ERR_USAGE;
        return false;
    }
    return lk_config_parse(mem, path, bytes.data, bytes.size, ret, err);
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
    if (over->baseline != NULL)
        ret->baseline = over->baseline;
    if (apply->history != NULL)
        ret->apply.history = apply->history;
    if (apply->flyway_table != NULL)
        ret->apply.flyway_table = apply->flyway_table;
    if (apply->flyway_schema != NULL)
        ret->apply.flyway_schema = apply->flyway_schema;
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

    *ret = (struct lk_config_target){.url = config->url,
                                     .migrations = config->migrations,
                                     .baseline = config->baseline,
                                     .apply = config->apply};
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
