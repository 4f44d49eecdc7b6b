/*
 * parser/naming_knex.c
 *     Knex: 20240131120000_add_users.js or .ts, programs that call a query builder.
 */
#include "parser/base/text.h"
#include "parser/naming.h"

#define TIMESTAMP_DIGITS 14

static const char *const programs[] = {".js", ".ts", ".cjs", ".mjs", NULL};

static enum lk_name_verdict
read_name(TALLOC_CTX *mem, const char *path, struct lk_name *ret, const char **problem)
{
    size_t digits = lk_version_length(path, false);
    const char *dot = strrchr(path, '.');

    (void)problem;
    if (strchr(path, '/') != NULL || dot == NULL || digits != TIMESTAMP_DIGITS ||
        path[digits] != '_' || lk_ends_with(path, ".d.ts"))
        return LK_NAME_OTHER;
    ret->kind = LK_KIND_VERSIONED;
    ret->version = lk_version_new(mem, path, digits);
    ret->description = lk_description(mem, path + digits + 1, dot);
    return LK_NAME_VALID;
}

static bool
has_marks(const struct lk_source *source)
{
    return memmem(source->text, source->size, "knex", strlen("knex")) != NULL;
}

const struct lk_naming lk_naming_knex = {
    .name = "knex",
    .summary = "<YYYYMMDDHHMMSS>_<description>.js or .ts",
    .example = "20240131120000_%s.js",
    .maker = "`knex migrate:make NAME`",
    .preference = 70,
    .tolerance = 90,
    .runner = LK_RUNNER_TRANSACTION,
    .programs = programs,
    .read = read_name,
    .marks = has_marks,
};
