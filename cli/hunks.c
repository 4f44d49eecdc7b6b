/*
 * cli/hunks.c
 *     Hunks of unified diffs: see hunks.h. Source: GNU diffutils manual, Unified Format.
 */
#include "cli/hunks.h"

#define CONTEXT 3 /* lines around a change */

struct lk_lines
lk_lines_of(TALLOC_CTX *mem, struct lk_bytes bytes)
{
    struct lk_lines lines = {.text = bytes.data};

    for (size_t at = 0; at < bytes.size;) {
        const char *end = memchr(bytes.data + at, '\n', bytes.size - at);
        lk_vec_push(mem, &lines.starts, at);
        at = end != NULL ? (size_t)(end + 1 - bytes.data) : bytes.size;
    }
    lines.count = lines.starts.count;
    lk_vec_push(mem, &lines.starts, bytes.size);
    return lines;
}

static void
print_lines(FILE *stream, char sign, const struct lk_lines *lines, size_t first, size_t count)
{
    for (size_t i = first; i < first + count; i++) {
        size_t start = lines->starts.items[i], end = lines->starts.items[i + 1];
        fputc(sign, stream);
        fwrite(lines->text + start, 1, end - start, stream);
        if (lines->text[end - 1] != '\n')
            fputs("\n\\ No newline at end of file\n", stream);
    }
}

/* print_range prints where a hunk's lines stand: an empty range is named by the line before it. */
static void
print_range(FILE *stream, size_t first, size_t count)
{
    if (count == 1)
        fprintf(stream, "%zu", first + 1);
    else
        fprintf(stream, "%zu,%zu", count == 0 ? first : first + 1, count);
}

/* print_hunk prints changes that stand close together, with the lines around them. */
static void
print_hunk(FILE *stream, const struct lk_lines *old, const struct lk_lines *new,
           const struct lk_line_change *first, const struct lk_line_change *last)
{
    size_t before = LK_MIN(first->old, (size_t)CONTEXT);
    size_t behind = LK_MIN(old->count - (last->old + last->olds), (size_t)CONTEXT);
    size_t start = first->old - before, end = last->old + last->olds + behind;

    fputs("@@ -", stream);
    print_range(stream, start, end - start);
    fputs(" +", stream);
    print_range(stream, first->new - before,
                last->new + last->news + behind - (first->new - before));
    fputs(" @@\n", stream);
    for (const struct lk_line_change *change = first; change <= last; change++) {
        print_lines(stream, ' ', old, start, change->old - start);
        print_lines(stream, '-', old, change->old, change->olds);
        print_lines(stream, '+', new, change->new, change->news);
        start = change->old + change->olds;
    }
    print_lines(stream, ' ', old, start, end - start);
}

void
lk_hunks_print(FILE *stream, const struct lk_lines *old, const struct lk_lines *new,
               const struct lk_line_changes *changes)
{
    const struct lk_line_change *items = changes->items.items;
    size_t count = changes->items.count;

    for (size_t first = 0, last; first < count; first = last + 1) {
        for (last = first; last + 1 < count; last++)
            if (items[last + 1].old - (items[last].old + items[last].olds) > 2 * CONTEXT)
                break;
        print_hunk(stream, old, new, &items[first], &items[last]);
    }
}
