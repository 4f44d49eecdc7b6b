/*
 * parser/naming_prisma.c
 *     Prisma: folders 20240131120000_add_users with a migration.sql in each.
 *
 * Source: Prisma's schema engine: migrations are the subfolders, in the order of their names as
 * text, and the whole name is what the history knows one by. A script is sent as one simple query.
 */
#include "parser/base/text.h"
#include "parser/naming.h"

static enum lk_name_verdict
read_name(TALLOC_CTX *mem, const char *path, struct lk_name *ret, const char **problem)
{
    const char *slash = strchr(path, '/');
    size_t digits = lk_version_length(path, false);

    if (slash == NULL || strcmp(slash, "/migration.sql") != 0)
        return LK_NAME_OTHER;
    if (digits == 0) {
        *problem = "the folder's name does not start with a timestamp";
        return LK_NAME_INVALID;
    }
    const char *description = path + digits;
    while (description < slash && strchr("_-. ", *description) != NULL)
        description++;
    ret->kind = LK_KIND_VERSIONED;
    ret->version = (struct lk_version){
        .text = lk_strndup(mem, path, (size_t)(slash - path)),
        .by_text = true,
    };
    ret->description = lk_description(mem, description, slash);
    return LK_NAME_VALID;
}

const struct lk_naming lk_naming_prisma = {
    .name = "prisma",
    .summary = "<YYYYMMDDHHMMSS>_<description>/migration.sql",
    .example = "20240131120000_%s/migration.sql",
    .preference = 45,
    .tolerance = 90,
    .any_order = true,
    .runner = LK_RUNNER_ONE_MESSAGE,
    .read = read_name,
};
