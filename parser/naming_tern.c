/*
 * parser/naming_tern.c
 *     tern: 001_add_users.sql, what takes it back behind "---- create above / drop below ----".
 *
 * Source: tern, migrate/migrate.go: \A(\d+)_.+\.sql\z, the version a 32-bit number; the lines are
 * as written here, and a file without a transaction is sent statement by statement.
 */
#include "parser/base/text.h"
#include "parser/marker.h"

#define SEPARATOR "---- create above / drop below ----"
#define DISABLE "---- tern: disable-tx ----"

static unsigned
read_marker(const char *line, size_t length)
{
    if (length == strlen(SEPARATOR) && memcmp(line, SEPARATOR, length) == 0)
        return LK_MARKER_DOWN;
    if (length == strlen(DISABLE) && memcmp(line, DISABLE, length) == 0)
        return LK_MARKER_TRANSACTION_OFF;
    return 0;
}

static bool
has_marks(const struct lk_source *source)
{
    return lk_marker_any(source, read_marker);
}

static struct lk_parts
split_parts(TALLOC_CTX *mem, const struct lk_source *source)
{
    return lk_marker_split(mem, source, read_marker, true);
}

static enum lk_name_verdict
read_name(TALLOC_CTX *mem, const char *path, struct lk_name *ret, const char **problem)
{
    if (strchr(path, '/') != NULL || !lk_ends_with(path, ".sql"))
        return LK_NAME_OTHER;
    const char *end = path + strlen(path) - strlen(".sql");
    enum lk_name_verdict verdict =
        lk_underscored_read(mem, path, end, LK_HIGHEST_INT32, ret, problem);
    if (verdict == LK_NAME_VALID && ret->description[0] == '\0') {
        *problem = "a description follows the underscore";
        return LK_NAME_INVALID;
    }
    return verdict;
}

const struct lk_naming lk_naming_tern = {
    .name = "tern",
    .summary = "<version>_<description>.sql, split by " SEPARATOR,
    .example = "002_%s.sql",
    .preference = 80,
    .tolerance = 90,
    .runner = LK_RUNNER_TRANSACTION,
    .transaction_off = "the line \"" DISABLE "\" in it",
    .landmark = "tern.conf",
    .read = read_name,
    .marks = has_marks,
    .split = split_parts,
};
