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

/* check_environments refuses an environment that speaks of a database that there is none of. */
static bool
check_environments(struct lk_config_reader *reader, const struct lk_config *config)
{
    LK_VEC(const char *) names = {0};

    lk_vec_foreach(database, &config->databases.items)
        lk_vec_push(reader->mem, &names, database->name);
    lk_vec_foreach(environment, &config->environments.items)
        lk_vec_foreach(special, &environment->databases.items) {
            if (lk_config_find(&config->databases, special->name) != NULL)
                continue;
            const char *nearest = lk_nearest(special->name, names.items, names.count);
            return lk_config_fail(reader, special->at,
                                  lk_fmt(reader->mem,
                                         "environment %s: there is no database \"%s\"%s%s",
                                         environment->name, special->name,
                                         nearest != NULL ? "; perhaps this is meant: " : "",
                                         nearest != NULL ? nearest : ""));
        }
    return true;
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
    return read_document(&reader, &bytes, config) && check_environments(&reader, config);
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
