/*
 * parser/naming_dbmate.c
 *     dbmate: 20240131120000_add_users.sql with "-- migrate:up" and "-- migrate:down" inside.
 *
 * Source: dbmate, pkg/dbmate/migration.go: ^(\d+).*\.sql$, in the order of file names as text; a
 * file can hold several blocks of each kind. A block without a transaction is one simple query.
 */
#include "parser/base/text.h"
#include "parser/marker.h"

static const struct lk_marker lines[] = {
    {.words = "migrate:up", .says = LK_MARKER_UP, .more = true, .option = "transaction:false"},
    {.words = "migrate:down", .says = LK_MARKER_DOWN, .more = true},
    {.words = NULL},
};

static const struct lk_markers markers = {
    .indent = "",
    .comment = "--",
    .gap = " \t",
    .lines = lines,
};

static enum lk_name_verdict
read_name(TALLOC_CTX *mem, const char *path, struct lk_name *ret, const char **problem)
{
    size_t digits = lk_version_length(path, false);

    if (strchr(path, '/') != NULL || !lk_ends_with(path, ".sql"))
        return LK_NAME_OTHER;
    if (digits == 0)
        return lk_unnumbered(path, "the name starts with the version, a number", problem);
    const char *description = path + digits + strspn(path + digits, "_-");
    ret->kind = LK_KIND_VERSIONED;
    ret->version = lk_version_new(mem, path, digits);
    ret->version.by_text = true;
    ret->description = lk_description(mem, description, path + strlen(path) - strlen(".sql"));
    return LK_NAME_VALID;
}

const struct lk_naming lk_naming_dbmate = {
    .name = "dbmate",
    .summary = "<version>_<description>.sql with -- migrate:up and -- migrate:down",
    .example = "20240131120000_%s.sql",
    .preference = 80,
    .tolerance = 90,
    .any_order = true,
    .runner = LK_RUNNER_TRANSACTION,
    .runner_off = LK_RUNNER_ONE_MESSAGE,
    .transaction_off = "the line \"-- migrate:up transaction:false\" on top of it",
    .read = read_name,
    .markers = &markers,
    .order = lk_order_by_name,
};
