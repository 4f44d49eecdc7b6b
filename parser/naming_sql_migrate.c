/*
 * parser/naming_sql_migrate.c
 *     sql-migrate: 10_add_users.sql with "-- +migrate Up" and "-- +migrate Down" inside.
 *
 * Source: sql-migrate, sqlparse and migrate.go: a command is a line that starts with
 * "-- +migrate "; names compare by the number in front where both have one, else as text.
 */
#include "parser/base/text.h"
#include "parser/marker.h"

/* read_marker takes "-- +migrate Up [notransaction]", Down, StatementBegin and StatementEnd. */
static unsigned
read_marker(const char *line, size_t length)
{
    const char *rest;
    size_t left;

    if (length < 3 || memcmp(line, "-- ", 3) != 0)
        return 0;
    line += 3;
    length -= 3;
    if (!lk_marker_word(&line, &length, "+migrate"))
        return 0;
    rest = line;
    left = length;
    if (lk_marker_word(&rest, &left, "Up"))
        return lk_marker_word(&rest, &left, "notransaction")
                   ? LK_MARKER_UP | LK_MARKER_TRANSACTION_OFF
                   : LK_MARKER_UP;
    return lk_marker_word(&line, &length, "Down") ? LK_MARKER_DOWN : LK_MARKER_OTHER;
}

static bool
has_marks(const struct lk_source *source)
{
    return lk_marker_any(source, read_marker);
}

static struct lk_parts
split_parts(TALLOC_CTX *mem, const struct lk_source *source)
{
    return lk_marker_split(mem, source, read_marker, false);
}

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
    .runner = LK_RUNNER_TRANSACTION,
    .transaction_off = "the line \"-- +migrate Up notransaction\" on top of it",
    .read = read_name,
    .marks = has_marks,
    .split = split_parts,
};
