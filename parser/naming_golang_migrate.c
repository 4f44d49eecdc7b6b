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
    bool down = lk_ends_with(path, ".down.sql");

    if (strchr(path, '/') != NULL || !(down || lk_ends_with(path, ".up.sql")))
        return LK_NAME_OTHER;
    const char *end = path + strlen(path) - strlen(down ? ".down.sql" : ".up.sql");
    enum lk_name_verdict verdict =
        lk_underscored_read(mem, path, end, LK_HIGHEST_UINT64, ret, problem);
    if (down)
        ret->kind = LK_KIND_UNDO;
    return verdict;
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
