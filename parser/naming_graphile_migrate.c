/*
 * parser/naming_graphile_migrate.c
 *     graphile-migrate: committed/000001-add-users.sql with "--! Previous: sha1:..." on top.
 *
 * Source: graphile-migrate, src/migration.ts: ^([0-9]+)(-[-_a-zA-Z0-9]*)?\.sql$ in committed/; the
 * line "--! no-transaction" makes the file one simple query. current.sql, or the files in current/,
 * are work in progress, which the runner carries out nowhere but at the author's.
 */
#include "parser/base/text.h"
#include "parser/marker.h"

static const char *const homes[] = {"committed", NULL};

static const struct lk_marker lines[] = {
    {.words = "no-transaction", .says = LK_MARKER_TRANSACTION_OFF, .more = true, .top = true},
    {.words = "Previous:", .says = LK_MARKER_OTHER, .joined = true},
    {.words = NULL},
};

static const struct lk_markers markers = {
    .indent = "",
    .comment = "--!",
    .gap = " \t",
    .headless = true,
    .local = true,
    .lines = lines,
};

/* is_draft returns whether a file is current.sql, or one of the files that stand in its place. */
static bool
is_draft(const char *path)
{
    return strcmp(path, "current.sql") == 0 ||
           (lk_starts_with(path, "current/") && lk_ends_with(path, ".sql"));
}

static enum lk_name_verdict
read_name(TALLOC_CTX *mem, const char *path, struct lk_name *ret, const char **problem)
{
    static const char allowed[] =
        "-_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

    if (is_draft(path)) {
        *ret = (struct lk_name){.kind = LK_KIND_DRAFT, .description = lk_path_base(path)};
        return LK_NAME_VALID;
    }
    if (!lk_starts_with(path, "committed/") || !lk_ends_with(path, ".sql"))
        return LK_NAME_OTHER;
    const char *name = path + strlen("committed/");
    const char *end = path + strlen(path) - strlen(".sql");
    size_t digits = lk_version_length(name, false);
    if (digits == 0) {
        *problem = "the name starts with the version, a number";
        return LK_NAME_INVALID;
    }
    if (name + digits < end &&
        (name[digits] != '-' || name + digits + strspn(name + digits, allowed) < end)) {
        *problem = "a dash, letters, digits, dashes and underscores follow the number";
        return LK_NAME_INVALID;
    }
    ret->kind = LK_KIND_VERSIONED;
    ret->version = lk_version_new(mem, name, digits);
    ret->description = lk_description(mem, name + digits + (name + digits < end), end);
    return LK_NAME_VALID;
}

const struct lk_naming lk_naming_graphile_migrate = {
    .name = "graphile-migrate",
    .summary = "committed/<number>-<description>.sql",
    .example = "committed/000002-%s.sql",
    .maker = "write current.sql, then `graphile-migrate commit`",
    .preference = 80,
    .tolerance = 90,
    .subfolders = true,
    .chained = true,
    .replaces_words = true,
    .runner = LK_RUNNER_TRANSACTION,
    .runner_off = LK_RUNNER_ONE_MESSAGE,
    .transaction_off = "the line \"--! no-transaction\" on top of it",
    .homes = homes,
    .read = read_name,
    .markers = &markers,
};
