/*
 * parser/marker.c
 *     Splitting files by the lines that mark their parts: see marker.h.
 */
#include "parser/marker.h"

#include "parser/base/text.h"

/* One line of a source. */
struct line {
    const char *at;
    size_t length;    /* without its terminator */
    const char *next; /* where the next one starts */
};

/* next_line reads the line at `at`; false at the end of the text. */
static bool
next_line(const struct lk_source *source, const char *at, struct line *ret)
{
    const char *end = source->text + source->size;

    if (at >= end)
        return false;
    const char *newline = memchr(at, '\n', (size_t)(end - at));
    const char *stop = newline != NULL ? newline : end;
    while (stop > at && stop[-1] == '\r')
        stop--;
    *ret = (struct line){at, (size_t)(stop - at), newline != NULL ? newline + 1 : end};
    return true;
}

static bool
has_up(const struct lk_source *source, lk_marker_read *read)
{
    struct line line;

    for (const char *at = source->text; next_line(source, at, &line); at = line.next)
        if (read(line.at, line.length) & LK_MARKER_UP)
            return true;
    return false;
}

struct lk_parts
lk_marker_split(TALLOC_CTX *mem, const struct lk_source *source, lk_marker_read *read,
                bool headless)
{
    struct lk_parts parts = {0};
    struct lk_spans *open = headless && !has_up(source, read) ? &parts.up : NULL;
    struct line line;

    if (open != NULL)
        lk_spans_add(mem, open, 0, source->size);
    for (const char *at = source->text; next_line(source, at, &line); at = line.next) {
        unsigned marker = read(line.at, line.length);

        if (marker & LK_MARKER_TRANSACTION_OFF)
            parts.transaction_off = true;
        if (!(marker & (LK_MARKER_UP | LK_MARKER_DOWN)))
            continue;
        if (open != NULL)
            lk_vec_last(&open->items)->end = (uint32_t)(line.at - source->text);
        open = marker & LK_MARKER_UP ? &parts.up : &parts.down;
        lk_spans_add(mem, open, (uint32_t)(line.next - source->text), source->size);
    }
    return parts;
}

bool
lk_marker_any(const struct lk_source *source, lk_marker_read *read)
{
    struct line line;

    for (const char *at = source->text; next_line(source, at, &line); at = line.next)
        if (read(line.at, line.length) != 0)
            return true;
    return false;
}

bool
lk_marker_word(const char **line, size_t *length, const char *word)
{
    size_t end = 0, next;

    while (end < *length && (*line)[end] != ' ' && (*line)[end] != '\t')
        end++;
    for (next = end; next < *length && ((*line)[next] == ' ' || (*line)[next] == '\t'); next++)
        ;
    bool same = end > 0 && lk_word_is(*line, end, word);
    *line += next;
    *length -= next;
    return same;
}
