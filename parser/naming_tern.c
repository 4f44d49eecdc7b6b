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

static const struct lk_marker lines[] = {
    {.words = SEPARATOR, .says = LK_MARKER_DOWN, .joined = true},
    {.words = DISABLE, .says = LK_MARKER_TRANSACTION_OFF},
    {.words = NULL},
};

static const struct lk_markers markers = {
    .indent = "",
    .comment = "",
    .gap = "",
    .headless = true,
    .local = true,
    .lines = lines,
};

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
    .off = DISABLE,
    .landmark = "tern.conf",
    .read = read_name,
    .markers = &markers,
};
