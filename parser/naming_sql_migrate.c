/*
 * parser/naming_sql_migrate.c
 *     sql-migrate: 10_add_users.sql with "-- +migrate Up" and "-- +migrate Down" inside.
 *
 * Source: sql-migrate, sqlparse and migrate.go: a command is a line that starts with
 * "-- +migrate "; names compare by the number in front where both have one, else as text.
 */
#include "parser/base/text.h"
#include "parser/marker.h"

static const struct lk_marker lines[] = {
    {.words = "+migrate~Up", .says = LK_MARKER_UP, .more = true, .option = "notransaction"},
    {.words = "+migrate~Down", .says = LK_MARKER_DOWN, .more = true},
    {.words = "+migrate", .says = LK_MARKER_OTHER, .more = true},
    {.words = NULL},
};

static const struct lk_markers markers = {
    .indent = "",
    .comment = "-- ",
    .gap = "",
    .lines = lines,
};

static enum lk_name_verdict
read_name(TALLOC_CTX *mem, const char *path, struct lk_name *ret, const char **problem)
{
    size_t digits = lk_version_length(path, false);

    (void)problem;
    if (strchr(path, '/') != NULL || !lk_ends_with(path, ".sql"))
        return LK_NAME_OTHER;
    size_t length = strlen(path) - strlen(".sql");
    const char *description = path + digits + strspn(path + digits, "_-");
    ret->kind = LK_KIND_VERSIONED;
    ret->version = digits > 0 ? lk_version_new(mem, path, digits)
                              : (struct lk_version){.text = lk_strndup(mem, path, length)};
    ret->description = lk_description(mem, digits > 0 ? description : path, path + length);
    return LK_NAME_VALID;
}

const struct lk_naming lk_naming_sql_migrate = {
    .name = "sql-migrate",
    .summary = "<version>_<description>.sql with -- +migrate Up and -- +migrate Down",
    .example = "2_%s.sql",
    .preference = 80,
    .tolerance = 90,
    .any_order = true,
    .runner = LK_RUNNER_TRANSACTION,
    .transaction_off = "the line \"-- +migrate Up notransaction\" on top of it",
    .read = read_name,
    .markers = &markers,
};
