/*
 * parser/naming_dbmate.c
 *     dbmate: 20240131120000_add_users.sql with "-- migrate:up" and "-- migrate:down" inside.
 *
 * Source: dbmate, pkg/dbmate/migration.go: ^(\d+).*\.sql$, in the order of file names as text; a
 * file can hold several blocks of each kind. A block without a transaction is one simple query.
 */
#include "parser/base/text.h"
#include "parser/marker.h"

/* read_marker takes "-- migrate:up transaction:false" and "-- migrate:down". */
static unsigned
read_marker(const char *line, size_t length)
{
    size_t dashes = 2;

    if (length < 2 || line[0] != '-' || line[1] != '-')
        return 0;
    while (dashes < length && (line[dashes] == ' ' || line[dashes] == '\t'))
        dashes++;
    line += dashes;
    length -= dashes;
    const char *rest = line;
    size_t left = length;
    if (lk_marker_word(&rest, &left, "migrate:down"))
        return LK_MARKER_DOWN;
    if (!lk_marker_word(&line, &length, "migrate:up"))
        return 0;
    unsigned marker = LK_MARKER_UP;
    while (length > 0)
        if (lk_marker_word(&line, &length, "transaction:false"))
            marker |= LK_MARKER_TRANSACTION_OFF;
    return marker;
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

    if (strchr(path, '/') != NULL || !lk_ends_with(path, ".sql"))
        return LK_NAME_OTHER;
    if (digits == 0) {
        *problem = "the name starts with the version, a number";
        return LK_NAME_INVALID;
    }
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
    .runner = LK_RUNNER_TRANSACTION,
    .runner_off = LK_RUNNER_ONE_MESSAGE,
    .transaction_off = "the line \"-- migrate:up transaction:false\" on top of it",
    .read = read_name,
    .marks = has_marks,
    .order = lk_order_by_name,
    .split = split_parts,
};
