/*
 * parser/naming_goose.c
 *     goose: 00001_add_users.sql with "-- +goose Up" and "-- +goose Down" inside.
 *
 * Source: goose, internal/sqlparser: an annotation is a line that starts with "--" and holds
 * "+goose"; the version is the number before the first underscore, 64-bit and positive.
 */
#include "parser/base/text.h"
#include "parser/marker.h"

static const struct lk_marker lines[] = {
    {.words = "+goose~Up", .says = LK_MARKER_UP},
    {.words = "+goose~Down", .says = LK_MARKER_DOWN},
    {.words = "+goose~NO~TRANSACTION", .says = LK_MARKER_TRANSACTION_OFF},
    {.words = "+goose~StatementBegin", .says = LK_MARKER_OTHER},
    {.words = "+goose~StatementEnd", .says = LK_MARKER_OTHER},
    {.words = "+goose~ENVSUB~ON", .says = LK_MARKER_OTHER},
    {.words = "+goose~ENVSUB~OFF", .says = LK_MARKER_OTHER},
    {.words = NULL},
};

static const struct lk_markers markers = {
    .indent = "",
    .comment = "--",
    .gap = " \t",
    .fold = true,
    .lines = lines,
};

static enum lk_name_verdict
read_name(TALLOC_CTX *mem, const char *path, struct lk_name *ret, const char **problem)
{
    size_t digits = lk_version_length(path, false);

    if (strchr(path, '/') != NULL || !lk_ends_with(path, ".sql"))
        return LK_NAME_OTHER;
    if (digits > 0 && strspn(path, "0") == digits) {
        *problem = "the version is greater than zero";
        return LK_NAME_INVALID;
    }
    return lk_underscored_read(mem, path, path + strlen(path) - strlen(".sql"), LK_HIGHEST_INT64,
                               ret, problem);
}

const struct lk_naming lk_naming_goose = {
    .name = "goose",
    .summary = "<version>_<description>.sql with -- +goose Up and -- +goose Down",
    .example = "00002_%s.sql",
    .preference = 80,
    .tolerance = 90,
    .runner = LK_RUNNER_TRANSACTION,
    .transaction_off = "the line \"-- +goose NO TRANSACTION\" at the top of the file",
    .off = "-- +goose NO TRANSACTION",
    .read = read_name,
    .markers = &markers,
};
