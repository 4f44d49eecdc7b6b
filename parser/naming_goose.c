/*
 * parser/naming_goose.c
 *     goose: 00001_add_users.sql with "-- +goose Up" and "-- +goose Down" inside.
 *
 * Source: goose, internal/sqlparser: an annotation is a line that starts with "--" and holds
 * "+goose"; the version is the number before the first underscore, 64-bit and positive.
 */
#include "parser/base/text.h"
#include "parser/naming.h"

#define HIGHEST "9223372036854775807" /* version that fits 64 bits with a sign */

/* annotation returns the words after "+goose" where the line is an annotation, else NULL. */
static const char *
annotation(const char *line, const char *end)
{
    if (end - line < 2 || line[0] != '-' || line[1] != '-')
        return NULL;
    for (line += 2; line < end && (*line == ' ' || *line == '\t'); line++)
        ;
    if (end - line < 6 || memcmp(line, "+goose", 6) != 0)
        return NULL;
    for (line += 6; line < end && (*line == ' ' || *line == '\t'); line++)
        ;
    return line;
}

static bool
says(const char *words, const char *end, const char *wanted)
{
    while (end > words && strchr(" \t\r", end[-1]) != NULL)
        end--;
    return words != NULL && lk_word_is(words, (size_t)(end - words), wanted);
}

/* next_line returns the end of the line at `line` and moves `*next` behind its terminator. */
static const char *
next_line(const char *line, const char *end, const char **next)
{
    const char *newline = memchr(line, '\n', (size_t)(end - line));

    *next = newline != NULL ? newline + 1 : end;
    return newline != NULL ? newline : end;
}

static bool
has_marks(const struct lk_source *source)
{
    const char *end = source->text + source->size;

    for (const char *line = source->text, *next; line < end; line = next) {
        const char *line_end = next_line(line, end, &next);
        if (annotation(line, line_end) != NULL)
            return true;
    }
    return false;
}

static struct lk_parts
split_parts(const struct lk_source *source)
{
    const char *end = source->text + source->size;
    struct lk_parts parts = {.up = {0, 0}};
    struct lk_span *open = NULL;

    for (const char *line = source->text, *next; line < end; line = next) {
        const char *line_end = next_line(line, end, &next);
        const char *words = annotation(line, line_end);

        if (words == NULL)
            continue;
        if (says(words, line_end, "NO TRANSACTION"))
            parts.transaction_off = true;
        bool up = says(words, line_end, "Up");
        if (!up && !says(words, line_end, "Down"))
            continue;
        if (open != NULL)
            open->end = (uint32_t)(line - source->text);
        open = up ? &parts.up : &parts.down;
        open->start = open->end = (uint32_t)(next - source->text);
    }
    if (open != NULL)
        open->end = source->size;
    return parts;
}

static enum lk_name_verdict
read_name(TALLOC_CTX *mem, const char *path, struct lk_name *ret, const char **problem)
{
    size_t digits = lk_version_length(path, false);

    if (strchr(path, '/') != NULL || !lk_ends_with(path, ".sql"))
        return LK_NAME_OTHER;
    if (digits == 0 || path[digits] != '_') {
        *problem = "the name is a number, an underscore and a description";
        return LK_NAME_INVALID;
    }
    size_t zeros = strspn(path, "0");
    if (zeros == digits) {
        *problem = "the version is greater than zero";
        return LK_NAME_INVALID;
    }
    if (digits - zeros > strlen(HIGHEST) || (digits - zeros == strlen(HIGHEST) &&
                                             strncmp(path + zeros, HIGHEST, strlen(HIGHEST)) > 0)) {
        *problem = "the version does not fit 64 bits";
        return LK_NAME_INVALID;
    }
    ret->kind = LK_KIND_VERSIONED;
    ret->version = lk_version_new(mem, path, digits);
    ret->description = lk_description(mem, path + digits + 1, path + strlen(path) - 4);
    return LK_NAME_VALID;
}

const struct lk_naming lk_naming_goose = {
    .name = "goose",
    .summary = "<version>_<description>.sql with -- +goose Up and -- +goose Down",
    .example = "00002_%s.sql",
    .preference = 30,
    .tolerance = 90,
    .runner = LK_RUNNER_TRANSACTION,
    .transaction_off = "the line \"-- +goose NO TRANSACTION\" at the top of the file",
    .read = read_name,
    .marks = has_marks,
    .split = split_parts,
};
