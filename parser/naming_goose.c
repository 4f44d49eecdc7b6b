/*
 * parser/naming_goose.c
 *     goose: 00001_add_users.sql with "-- +goose Up" and "-- +goose Down" inside.
 *
 * Source: goose, internal/sqlparser: an annotation is a line that starts with "--" and holds
 * "+goose"; the version is the number before the first underscore, 64-bit and positive.
 */
#include "parser/base/text.h"
#include "parser/marker.h"

/* read_marker takes "-- +goose Up", Down, NO TRANSACTION, StatementBegin, ENVSUB ON ... */
static unsigned
read_marker(const char *line, size_t length)
{
    static const struct {
        const char *first, *second;
        unsigned marker;
    } words[] = {
        {"Up", "", LK_MARKER_UP},
        {"Down", "", LK_MARKER_DOWN},
        {"NO", "TRANSACTION", LK_MARKER_TRANSACTION_OFF},
        {"StatementBegin", "", LK_MARKER_OTHER},
        {"StatementEnd", "", LK_MARKER_OTHER},
        {"ENVSUB", "ON", LK_MARKER_OTHER},
        {"ENVSUB", "OFF", LK_MARKER_OTHER},
    };
    size_t dashes = 2;

    if (length < 2 || line[0] != '-' || line[1] != '-')
        return 0;
    while (dashes < length && (line[dashes] == ' ' || line[dashes] == '\t'))
        dashes++;
    line += dashes;
    length -= dashes;
    if (!lk_marker_word(&line, &length, "+goose"))
        return 0;
    for (size_t i = 0; i < LK_ARRAY_SIZE(words); i++) {
        const char *rest = line;
        size_t left = length;
        if (lk_marker_word(&rest, &left, words[i].first) &&
            (words[i].second[0] == '\0' || lk_marker_word(&rest, &left, words[i].second)) &&
            left == 0)
            return words[i].marker;
    }
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
    return lk_marker_split(mem, source, read_marker, false);
}

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
    .read = read_name,
    .marks = has_marks,
    .split = split_parts,
};
