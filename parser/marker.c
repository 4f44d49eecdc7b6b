/*
 * parser/marker.c
 *     Splitting files by the lines that mark their parts: see marker.h.
 */
#include "parser/marker.h"

#include "parser/base/text.h"

/* One line of a source. */
struct line {
    const char *at;
    const char *end;  /* its terminator left out */
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
    *ret = (struct line){at, stop, newline != NULL ? newline + 1 : end};
    return true;
}

/* skip moves behind any of these characters. */
static const char *
skip(const char *at, const char *end, const char *characters)
{
    while (at < end && *at != '\0' && strchr(characters, *at) != NULL)
        at++;
    return at;
}

static const char blanks[] = " \t";

/* behind_comment returns where the words of a line start if it is a comment of that kind. */
static const char *
behind_comment(const struct lk_markers *markers, const struct line *line)
{
    const char *at = skip(line->at, line->end, markers->indent);
    size_t length = strlen(markers->comment);

    if ((size_t)(line->end - at) < length || memcmp(at, markers->comment, length) != 0)
        return NULL;
    return skip(at + length, line->end, markers->gap);
}

static char
folded(const struct lk_markers *markers, char c)
{
    return markers->fold && c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* behind_words returns where a text goes on behind these words, or NULL. */
static const char *
behind_words(const struct lk_markers *markers, const char *words, const char *at, const char *end)
{
    for (; *words != '\0'; words++) {
        if (*words == '~') {
            const char *rest = skip(at, end, blanks);
            if (rest == at)
                return NULL;
            at = rest;
            continue;
        }
        if (at == end || folded(markers, *at) != folded(markers, *words))
            return NULL;
        at++;
    }
    return at;
}

/* has_word returns whether a word stands among those of a text. */
static bool
has_word(const char *at, const char *end, const char *word)
{
    size_t length = strlen(word);

    while ((at = skip(at, end, blanks)) < end) {
        const char *start = at;
        while (at < end && strchr(blanks, *at) == NULL)
            at++;
        if ((size_t)(at - start) == length && memcmp(start, word, length) == 0)
            return true;
    }
    return false;
}

/* read_line returns what a line says: LK_MARKER_*, or 0; `top` as in struct lk_marker. */
static unsigned
read_line(const struct lk_markers *markers, const struct line *line, bool top)
{
    const char *words = behind_comment(markers, line);

    if (words == NULL)
        return 0;
    for (const struct lk_marker *marker = markers->lines; marker->words != NULL; marker++) {
        const char *rest = behind_words(markers, marker->words, words, line->end);
        if (rest == NULL || (marker->top && !top))
            continue;
        const char *next = skip(rest, line->end, blanks);
        if (next < line->end && !marker->joined && (!marker->more || next == rest))
            continue;
        bool off = marker->option != NULL && has_word(next, line->end, marker->option);
        return marker->says | (off ? LK_MARKER_TRANSACTION_OFF : 0);
    }
    return 0;
}

/* is_top returns whether the lines behind this one are still on top of the file. */
static bool
is_top(const struct lk_markers *markers, const struct line *line)
{
    return skip(line->at, line->end, blanks) == line->end || behind_comment(markers, line) != NULL;
}

static bool
has_up(const struct lk_source *source, const struct lk_markers *markers)
{
    struct line line;

    for (const char *at = source->text; next_line(source, at, &line); at = line.next)
        if (read_line(markers, &line, true) & LK_MARKER_UP)
            return true;
    return false;
}

struct lk_parts
lk_marker_split(TALLOC_CTX *mem, const struct lk_source *source, const struct lk_markers *markers)
{
    struct lk_parts parts = {0};
    struct lk_spans *open = markers->headless && !has_up(source, markers) ? &parts.up : NULL;
    bool top = true;
    struct line line;

    if (open != NULL)
        lk_spans_add(mem, open, 0, source->size);
    for (const char *at = source->text; next_line(source, at, &line); at = line.next) {
        unsigned says = read_line(markers, &line, top);

        top = top && is_top(markers, &line);
        if ((says & LK_MARKER_TRANSACTION_OFF) && !(markers->local && open == &parts.down))
            parts.transaction_off = true;
        if (!(says & (LK_MARKER_UP | LK_MARKER_DOWN)))
            continue;
        if (open != NULL)
            lk_vec_last(&open->items)->end = (uint32_t)(line.at - source->text);
        open = says & LK_MARKER_UP ? &parts.up : &parts.down;
        lk_spans_add(mem, open, (uint32_t)(line.next - source->text), source->size);
    }
    return parts;
}

static bool
is_proof(const struct lk_markers *markers, const struct line *line)
{
    size_t length = (size_t)(line->end - line->at);

    if (markers->proofs == NULL)
        return read_line(markers, line, true) != 0;
    for (const char *const *proof = markers->proofs; *proof != NULL; proof++)
        if (strlen(*proof) == length && memcmp(*proof, line->at, length) == 0)
            return true;
    return false;
}

bool
lk_marker_any(const struct lk_source *source, const struct lk_markers *markers)
{
    struct line line;

    for (const char *at = source->text; next_line(source, at, &line); at = line.next)
        if (is_proof(markers, &line))
            return true;
    return false;
}

/* ---- writing ---- */

const char *
lk_marker_option(const struct lk_markers *markers)
{
    for (const struct lk_marker *marker = markers->lines; marker->words != NULL; marker++)
        if (marker->option != NULL)
            return marker->option;
    return NULL;
}

bool
lk_marker_up_end(const struct lk_source *source, const struct lk_markers *markers, uint32_t *ret)
{
    struct line line;
    size_t found = 0;

    for (const char *at = source->text; next_line(source, at, &line); at = line.next)
        if (read_line(markers, &line, true) & LK_MARKER_UP) {
            *ret = (uint32_t)(line.end - source->text);
            found++;
        }
    return found == 1;
}

const struct lk_marker *
lk_marker_line(const struct lk_markers *markers, unsigned says)
{
    for (const struct lk_marker *marker = markers->lines; marker->words != NULL; marker++)
        if (marker->says & says)
            return marker;
    return NULL;
}

char *
lk_marker_text(TALLOC_CTX *mem, const struct lk_markers *markers, const struct lk_marker *line)
{
    size_t place = (size_t)(line - markers->lines);
    bool gap = strchr(markers->gap, ' ') != NULL;
    char *text = lk_fmt(mem, "%s%s%s", markers->comment, gap ? " " : "", line->words);

    if (markers->proofs != NULL) /* in the order of the lines */
        return lk_strdup(mem, markers->proofs[place]);
    for (char *at = text; (at = strchr(at, '~')) != NULL;)
        *at = ' ';
    return text;
}
