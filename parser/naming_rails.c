/*
 * parser/naming_rails.c
 *     Rails: 20240131120000_add_users.rb, programs that call Active Record.
 *
 * Source: Active Record, migration.rb (MigrationFilenameRegexp).
 */
#include "parser/base/text.h"
#include "parser/naming.h"

#define SUPERCLASS "ActiveRecord::Migration"

static const char *const programs[] = {".rb", NULL};

static enum lk_name_verdict
read_name(TALLOC_CTX *mem, const char *path, struct lk_name *ret, const char **problem)
{
    size_t digits = lk_version_length(path, false);

    (void)problem;
    if (strchr(path, '/') != NULL || !lk_ends_with(path, ".rb") || digits == 0 ||
        path[digits] != '_')
        return LK_NAME_OTHER;
    ret->kind = LK_KIND_VERSIONED;
    ret->version = lk_version_new(mem, path, digits);
    ret->description = lk_description(mem, path + digits + 1, path + strlen(path) - strlen(".rb"));
    return LK_NAME_VALID;
}

static bool
has_marks(const struct lk_source *source)
{
    return memmem(source->text, source->size, SUPERCLASS, strlen(SUPERCLASS)) != NULL;
}

const struct lk_naming lk_naming_rails = {
    .name = "rails",
    .summary = "<YYYYMMDDHHMMSS>_<description>.rb",
    .example = "20240131120000_%s.rb",
    .maker = "`rails generate migration NAME`",
    .preference = 70,
    .tolerance = 90,
    .runner = LK_RUNNER_TRANSACTION,
    .programs = programs,
    .read = read_name,
    .marks = has_marks,
};
