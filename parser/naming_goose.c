/*
 * parser/naming_goose.c
 *     goose: 00001_add_users.sql with "-- +goose Up" and "-- +goose Down" inside.
 *
 * Source: goose, internal/sqlparser: an annotation is a line that starts with "--" and holds
 * "+goose"; the version is the number before the first underscore, 64-bit and positive.
 */
#include <ctype.h>

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

/* ---- values of the environment ---- */

static bool
is_name_byte(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

/* bare_end returns where $NAME ends that starts at `at`, or `at` where there is none. */
static uint32_t
bare_end(const char *text, uint32_t at, uint32_t limit)
{
    uint32_t end = at + 1;

    if (text[at] != '$' || end >= limit || strchr("0123456789", text[end]) != NULL)
        return at;
    while (end < limit && is_name_byte(text[end]))
        end++;
    return end == at + 1 || (end < limit && text[end] == '$') ? at : end; /* $tag$ */
}

/* has_value returns whether something stands for what starts at `at`. */
static bool
has_value(const struct lk_source *source, uint32_t at)
{
    lk_vec_foreach(inset, &source->insets.items)
        if (inset->span.start == at && inset->value != NULL)
            return true;
    return false;
}

/* read_line adds the variables in a line between ENVSUB ON and OFF, up to a comment. */
static void
read_line(TALLOC_CTX *mem, const struct lk_source *source, struct lk_span line,
          struct lk_beyonds *ret)
{
    const char *text = source->original;
    const char *comment = memmem(text + line.start, line.end - line.start, "--", 2);
    uint32_t end = comment != NULL ? (uint32_t)(comment - text) : line.end;

    for (uint32_t at = line.start; at < end; at++) {
        const char *close =
            text[at] == '$' && text[at + 1] == '{' ? memchr(text + at, '}', end - at) : NULL;
        uint32_t behind = close != NULL ? (uint32_t)(close - text) + 1 : bare_end(text, at, end);
        struct lk_beyond found = {close != NULL ? LK_BEYOND_NO_VALUE : LK_BEYOND_VALUE,
                                  {at, behind}};
        if (behind > at && (close == NULL || !has_value(source, at)))
            lk_vec_push(mem, &ret->items, found);
        at = LK_MAX(behind, at + 1) - 1;
    }
}

static struct lk_beyonds
variables(TALLOC_CTX *mem, const struct lk_source *source, struct lk_span up)
{
    const char *text = source->original;
    struct lk_beyonds ret = {0};
    bool on = false;

    for (uint32_t at = 0; at < up.end;) {
        uint32_t end = at + (uint32_t)strcspn(text + at, "\n");
        bool comment = lk_starts_with(text + at, "--");
        if (comment && memmem(text + at, end - at, "+goose ENVSUB O", 15) != NULL)
            on = memmem(text + at, end - at, "+goose ENVSUB ON", 16) != NULL;
        else if (on && !comment && at >= up.start)
            read_line(mem, source, (struct lk_span){at, LK_MIN(end, up.end)}, &ret);
        at = end + 1;
    }
    return ret;
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
    .beyond = variables,
};
