/*
 * parser/naming_plain.c
 *     A leading number and nothing else agreed upon: 01_init.sql, 0002-users.sql, 3/up.sql.
 */
#include "parser/base/text.h"
#include "parser/naming.h"

static enum lk_name_verdict
read_name(TALLOC_CTX *mem, const char *path, struct lk_name *ret, const char **problem)
{
    struct lk_numbered_name parts;

    if (!lk_numbered_read(path, true, &parts)) {
        if (strchr(path, '/') != NULL || !lk_ends_with(path, ".sql"))
            return LK_NAME_OTHER;
        return lk_unnumbered(path, "the name does not start with a number", problem);
    }
    ret->kind = parts.down ? LK_KIND_UNDO : LK_KIND_VERSIONED;
    ret->version = lk_version_new(mem, parts.at, parts.version);
    ret->description = lk_description(mem, parts.description, parts.end);
    return LK_NAME_VALID;
}

const struct lk_naming lk_naming_plain = {
    .name = "plain",
    .summary = "<number><separator><description>.sql, or a folder of that name",
    .example = "0002_%s.sql",
    .preference = 10,
    .tolerance = 100,
    .informal = true,
    .runner = LK_RUNNER_STATEMENTS,
    .read = read_name,
};
