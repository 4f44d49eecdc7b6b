/*
 * parser/naming_timestamp.c
 *     A leading point in time: 20240131120000_add_users.sql, 2024-01-31-120000_users/up.sql.
 */
#include "parser/base/buf.h"
#include "parser/base/text.h"
#include "parser/naming.h"

#define MIN_DIGITS 8 /* a day, YYYYMMDD; a Unix time has 10, a full point in time 14 */

/* read_digits returns the digits of a version in which dashes and underscores may stand. */
static char *
read_digits(TALLOC_CTX *mem, const char *at, const char *end, const char **rest)
{
    struct lk_buf digits = lk_buf_init(mem);

    /* "2024-01-31-120000": groups as in a date; "20240131_add": the first separator ends it */
    bool dashed = end - at > 10 && at[4] == '-' && at[7] == '-';
    while (at < end && ((*at >= '0' && *at <= '9') || (dashed && *at == '-' && at[1] >= '0' &&
                                                       at[1] <= '9' && digits.len < 14))) {
        if (*at != '-')
            lk_buf_addc(&digits, *at);
        at++;
    }
    *rest = at;
    return digits.data;
}

static enum lk_name_verdict
read_name(TALLOC_CTX *mem, const char *path, struct lk_name *ret, const char **problem)
{
    struct lk_numbered_name parts;
    const char *rest;

    if (!lk_numbered_read(path, false, &parts)) {
        if (strchr(path, '/') != NULL || !lk_ends_with(path, ".sql"))
            return LK_NAME_OTHER;
        return lk_unnumbered(path, "the name does not start with a timestamp", problem);
    }
    char *digits = read_digits(mem, parts.at, parts.end, &rest);
    if (strlen(digits) < MIN_DIGITS) {
        *problem = "the number in front is too short for a timestamp (YYYYMMDDHHMMSS)";
        return LK_NAME_INVALID;
    }
    while (rest < parts.end && strchr("_-. ", *rest) != NULL)
        rest++;
    ret->kind = parts.down ? LK_KIND_UNDO : LK_KIND_VERSIONED;
    ret->version = lk_version_new(mem, digits, strlen(digits));
    ret->description = lk_description(mem, rest, parts.end);
    return LK_NAME_VALID;
}

const struct lk_naming lk_naming_timestamp = {
    .name = "timestamp",
    .summary = "<YYYYMMDDHHMMSS><separator><description>.sql, or a folder of that name",
    .example = "20240131120000_%s.sql",
    .preference = 20,
    .tolerance = 100,
    .informal = true,
    .runner = LK_RUNNER_STATEMENTS,
    .read = read_name,
};
