/*
 * parser/naming_golang_migrate.c
 *     golang-migrate: 0001_add_users.up.sql and 0001_add_users.down.sql.
 *
 * Source: golang-migrate, source/parse.go: ^([0-9]+)_(.*)\.(down|up)\.(.*)$, the version a 64-bit
 * unsigned number; other files are ignored. A file is sent as one simple query.
 */
#include "parser/base/text.h"
#include "parser/naming.h"

static enum lk_name_verdict
read_name(TALLOC_CTX *mem, const char *path, struct lk_name *ret, const char **problem)
{
    size_t digits = lk_version_length(path, false);
    bool down = lk_ends_with(path, ".down.sql");

    if (strchr(path, '/') != NULL || !(down || lk_ends_with(path, ".up.sql")))
        return LK_NAME_OTHER;
    const char *end = path + strlen(path) - strlen(down ? ".down.sql" : ".up.sql");
    if (digits == 0) {
        *problem = "the name starts with the version, a number";
        return LK_NAME_INVALID;
    }
    if (path[digits] != '_' || path + digits >= end) {
        *problem = "an underscore stands between the version and the description";
        return LK_NAME_INVALID;
    }
    if (!lk_digits_fit(path, digits, LK_HIGHEST_UINT64)) {
        *problem = "the version does not fit 64 bits";
        return LK_NAME_INVALID;
    }
    ret->kind = down ? LK_KIND_UNDO : LK_KIND_VERSIONED;
    ret->version = lk_version_new(mem, path, digits);
    ret->description = lk_description(mem, path + digits + 1, end);
    return LK_NAME_VALID;
}

const struct lk_naming lk_naming_golang_migrate = {
    .name = "golang-migrate",
    .summary = "<version>_<description>.up.sql and .down.sql",
    .example = "0002_%s.up.sql",
    .preference = 40,
    .tolerance = 90,
    .paired = true, /* other runners call files .up.sql, too, and have no .down.sql */
    .runner = LK_RUNNER_ONE_MESSAGE,
    .read = read_name,
};
