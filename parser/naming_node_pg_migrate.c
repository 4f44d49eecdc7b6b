/*
 * parser/naming_node_pg_migrate.c
 *     node-pg-migrate: 1706702400123_add-users.sql with "-- Up Migration" and "-- Down Migration".
 *
 * Source: node-pg-migrate, sqlMigration.ts: ^\s*--[\s-]*(up|down)\s+migration, case ignored; the
 * order is that of the timestamps in front.
 */
#include "parser/base/text.h"
#include "parser/marker.h"

/* words_of returns what follows the dashes of a comment line, or NULL. */
static const char *
words_of(const char *line, size_t length)
{
    const char *end = line + length;

    while (line < end && (*line == ' ' || *line == '\t'))
        line++;
    if (end - line < 2 || line[0] != '-' || line[1] != '-')
        return NULL;
    while (line < end && (*line == ' ' || *line == '\t' || *line == '-'))
        line++;
    return line;
}

static unsigned
read_marker(const char *line, size_t length)
{
    static const char migration[] = "migration";
    const char *words = words_of(line, length);
    size_t left = words != NULL ? (size_t)(line + length - words) : 0;
    const char *rest = words;
    size_t behind = left;
    bool up = left > 0 && lk_marker_word(&rest, &behind, "up");

    if (!up && (left == 0 || !lk_marker_word(&words, &left, "down")))
        return 0;
    if (!up) {
        rest = words;
        behind = left;
    }
    if (behind < strlen(migration) || !lk_word_is(rest, strlen(migration), migration))
        return 0;
    return up ? LK_MARKER_UP : LK_MARKER_DOWN;
}

/* read_template takes the markers as the tool's own template writes them: what others seldom do. */
static unsigned
read_template(const char *line, size_t length)
{
    static const char *const lines[] = {"-- Up Migration", "-- Down Migration"};

    for (size_t i = 0; i < LK_ARRAY_SIZE(lines); i++)
        if (length == strlen(lines[i]) && memcmp(line, lines[i], length) == 0)
            return LK_MARKER_OTHER;
    return 0;
}

static bool
has_marks(const struct lk_source *source)
{
    return lk_marker_any(source, read_template);
}

static struct lk_parts
split_parts(TALLOC_CTX *mem, const struct lk_source *source)
{
    return lk_marker_split(mem, source, read_marker, true);
}

static enum lk_name_verdict
read_name(TALLOC_CTX *mem, const char *path, struct lk_name *ret, const char **problem)
{
    size_t digits = lk_version_length(path, false);

    if (strchr(path, '/') != NULL || !lk_ends_with(path, ".sql"))
        return LK_NAME_OTHER;
    if (digits == 0 || (path[digits] != '_' && path[digits] != '-')) {
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
    .read = read_name,
    .marks = has_marks,
    .split = split_parts,
};
