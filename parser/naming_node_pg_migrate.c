/*
 * parser/naming_node_pg_migrate.c
 *     node-pg-migrate: 1706702400123_add-users.sql with "-- Up Migration" and "-- Down Migration".
 *
 * Source: node-pg-migrate, sqlMigration.ts: ^\s*--[\s-]*(up|down)\s+migration, case ignored; the
 * order is that of the timestamps in front. runner.ts: all that is pending is one transaction,
 * which a program can leave, and a file of SQL cannot.
 */
#include "parser/base/text.h"
#include "parser/marker.h"

static const struct lk_marker lines[] = {
    {.words = "up~migration", .says = LK_MARKER_UP, .joined = true},
    {.words = "down~migration", .says = LK_MARKER_DOWN, .joined = true},
    {.words = NULL},
};

/* As the tool's own template writes them: others seldom do. */
static const char *const proofs[] = {"-- Up Migration", "-- Down Migration", NULL};

static const struct lk_markers markers = {
    .indent = " \t",
    .comment = "--",
    .gap = " \t-",
    .fold = true,
    .headless = true,
    .proofs = proofs,
    .lines = lines,
};

static enum lk_name_verdict
read_name(TALLOC_CTX *mem, const char *path, struct lk_name *ret, const char **problem)
{
    size_t digits = lk_version_length(path, false);

    if (strchr(path, '/') != NULL || !lk_ends_with(path, ".sql"))
        return LK_NAME_OTHER;
    if (digits == 0)
        return lk_unnumbered(path, "the name starts with a timestamp", problem);
    if (path[digits] != '_' && path[digits] != '-') {
        *problem = "the name is a timestamp, an underscore and a description";
        return LK_NAME_INVALID;
    }
    ret->kind = LK_KIND_VERSIONED;
    ret->version = lk_version_new(mem, path, digits);
    ret->description = lk_description(mem, path + digits + 1, path + strlen(path) - strlen(".sql"));
    return LK_NAME_VALID;
}

const struct lk_naming lk_naming_node_pg_migrate = {
    .name = "node-pg-migrate",
    .summary = "<timestamp>_<description>.sql with -- Up Migration and -- Down Migration",
    .example = "1706702400123_%s.sql",
    .preference = 80,
    .tolerance = 90,
    .runner = LK_RUNNER_TRANSACTION,
    .past_runner = "in a migration of its own, in JavaScript, that calls pgm.noTransaction()",
    .read = read_name,
    .markers = &markers,
};
