/*
 * parser/atlas_file.c
 *     The directives of Atlas, and how they divide a file: see atlas_file.h.
 *
 * Source: Atlas, sql/migrate/dir.go (LocalFile.Directive, comments: directives are comments on top
 * that two line ends part from the statements) and lex.go (Scanner: a delimiter counts outside
 * quotes and parentheses, before comments do). Atlas documentation, Pre-migration Checks: an
 * archive's files start at lines "-- NAME --".
 */
#include "parser/atlas_file.h"

#include "parser/base/buf.h"
#include "parser/base/text.h"
#include "parser/lexer.h"

#define DIRECTIVE "atlas:"
#define DELIMITER "-- atlas:delimiter "

/* ---- directives ---- */

static const char *
next_line(const char *line)
{
    line += strcspn(line, "\n");
    return line + (*line == '\n');
}

/* behind_comments returns where the comment lines on top of a text end. */
static const char *
behind_comments(const char *text)
{
    while (text[0] == '#' || (text[0] == '-' && text[1] == '-'))
        text = next_line(text);
    return text;
}

uint32_t
lk_atlas_top(const char *text)
{
    const char *end = behind_comments(text);

    return *end == '\n' || *end == '\r' ? (uint32_t)(end - text) : 0;
}

/* has_directive returns whether lines up to `end` say "atlas:<name>", and `value` behind it. */
static bool
has_directive(const char *text, const char *end, const char *name, const char *value)
{
    for (const char *line = text; line < end; line = next_line(line)) {
        size_t length = strcspn(line, "\r\n");
        const char *words = memmem(line, length, DIRECTIVE, strlen(DIRECTIVE));
        if (words == NULL)
            continue;
        words += strlen(DIRECTIVE);
        size_t word = strcspn(words, " \t\r\n");
        const char *rest = words + word + strspn(words + word, " ");
        if (lk_word_is(words, word, name) &&
            (value == NULL || lk_word_is(rest, strcspn(rest, " \t\r\n"), value)))
            return true;
    }
    return false;
}

bool
lk_atlas_says(const char *text, const char *name, const char *value)
{
    return has_directive(text, text + lk_atlas_top(text), name, value);
}

/* ---- delimiters ---- */

/* unescape returns the delimiter that is written in `length` bytes: \n, \r and \t are one each. */
static char *
unescape(TALLOC_CTX *mem, const char *written, size_t length)
{
    struct lk_buf delimiter = lk_buf_init(mem);

    for (size_t i = 0; i < length; i++) {
        const char *escape =
            written[i] == '\\' && i + 1 < length ? strchr("nrt", written[i + 1]) : NULL;
        if (escape == NULL) {
            lk_buf_addc(&delimiter, written[i]);
            continue;
        }
        lk_buf_addc(&delimiter, *escape == 'n' ? '\n' : *escape == 'r' ? '\r' : '\t');
        i++;
    }
    return delimiter.data;
}

/* past_opaque returns where what starts at `at` ends, if no delimiter counts inside: else `at`. */
static uint32_t
past_opaque(const char *text, uint32_t at, uint32_t end)
{
    bool comment =
        (text[at] == '-' && text[at + 1] == '-') || (text[at] == '/' && text[at + 1] == '*');
    struct lk_lexer lexer = lk_lexer_at(text, (struct lk_span){at, end});

    if (!comment && strchr("'\"$", text[at]) == NULL)
        return at;
    struct lk_token token = lk_lex(&lexer);
    bool line = comment && text[at] == '-' && token.span.end < end; /* its end is a part of it */
    return token.kind == LK_TOKEN_SYMBOL ? at : token.span.end + line;
}

/* cut adds the statements of a span, which a delimiter parts. */
static void
cut(TALLOC_CTX *mem, const struct lk_source *source, struct lk_span span, const char *delimiter,
    struct lk_spans *ret)
{
    const char *text = source->original;
    uint32_t length = (uint32_t)strlen(delimiter);
    uint32_t start = span.start;
    unsigned depth = 0;

    for (uint32_t at = start; at < span.end;) {
        if (depth == 0 && span.end - at >= length && memcmp(text + at, delimiter, length) == 0) {
            lk_spans_add(mem, ret, start, at);
            at += length;
            start = at;
            continue;
        }
        uint32_t past = past_opaque(text, at, span.end);
        depth += text[at] == '(';
        depth -= text[at] == ')' && depth > 0;
        at = LK_MAX(past, at + 1);
    }
    lk_spans_add(mem, ret, start, span.end);
}

/* add_statements adds the statements of a span of a file; the file's first line may say how. */
static void
add_statements(TALLOC_CTX *mem, const struct lk_source *source, struct lk_span span,
               struct lk_spans *ret)
{
    const char *first = source->original + span.start;
    const char *written = first + strlen(DELIMITER);

    if (!lk_starts_with(first, DELIMITER)) {
        lk_spans_add(mem, ret, span.start, span.end);
        return;
    }
    written += strspn(written, " ");
    size_t length = strcspn(written, "\r\n");
    uint32_t start = (uint32_t)(next_line(written) - source->original);
    if (length == 0 || start >= span.end)
        lk_spans_add(mem, ret, span.start, span.end);
    else
        cut(mem, source, (struct lk_span){start, span.end}, unescape(mem, written, length), ret);
}

/* ---- archives ---- */

/* read_marker returns whether a line is "-- NAME --", and where the name stands. */
static bool
read_marker(const char *line, const char **name, size_t *name_length)
{
    size_t length = strcspn(line, "\r\n");

    if (length < strlen("-- x --") || memcmp(line, "-- ", 3) != 0 ||
        memcmp(line + length - 3, " --", 3) != 0)
        return false;
    *name = line + 3;
    *name_length = length - 6;
    while (*name_length > 0 && **name == ' ') {
        ++*name;
        --*name_length;
    }
    while (*name_length > 0 && (*name)[*name_length - 1] == ' ')
        --*name_length;
    return *name_length > 0;
}

static struct lk_parts
split_archive(TALLOC_CTX *mem, const struct lk_source *source)
{
    static const char *const names[] = {"migration.sql", "down.sql"};
    struct lk_parts parts = {0};
    struct lk_spans *const spans[] = {&parts.up, &parts.down};
    const char *text = source->original, *name;
    const char *end = text + strlen(text); /* a NUL, which no line goes on behind */
    size_t length;

    for (const char *line = text; line < end;) {
        bool marker = read_marker(line, &name, &length);
        line = next_line(line);
        for (size_t i = 0; marker && i < LK_ARRAY_SIZE(names); i++) {
            const char *stop = line, *other;
            size_t ignored;
            if (!lk_word_is(name, length, names[i]))
                continue;
            while (stop < end && !read_marker(stop, &other, &ignored))
                stop = next_line(stop);
            add_statements(mem, source,
                           (struct lk_span){(uint32_t)(line - text), (uint32_t)(stop - text)},
                           spans[i]);
            parts.transaction_off |= i == 0 && lk_atlas_says(line, "txmode", "none");
        }
    }
    return parts;
}

struct lk_parts
lk_atlas_split(TALLOC_CTX *mem, const struct lk_source *source)
{
    struct lk_parts parts = {0};

    if (has_directive(source->original, behind_comments(source->original), "txtar", NULL))
        parts = split_archive(mem, source);
    else
        add_statements(mem, source, (struct lk_span){0, source->size}, &parts.up);
    parts.transaction_off |= lk_atlas_says(source->original, "txmode", "none");
    return parts;
}

/* ---- what is left out ---- */

/* is_heeded returns whether a directive on top of a file is one that is carried out here. */
static bool
is_heeded(const char *words, size_t length)
{
    static const char *const names[] = {"checkpoint", "delimiter", "nolint", "sum", "txtar"};
    static const char mode[] = "txmode";
    size_t word = LK_MIN(strcspn(words, " \t\r\n"), length);

    for (size_t i = 0; i < LK_ARRAY_SIZE(names); i++)
        if (lk_word_is(words, word, names[i]))
            return true;
    if (!lk_word_is(words, word, mode))
        return false;
    const char *value = words + word + strspn(words + word, " ");
    size_t size = strcspn(value, " \t\r\n");
    return lk_word_is(value, size, "none") || lk_word_is(value, size, "file");
}

struct lk_beyonds
lk_atlas_beyond(TALLOC_CTX *mem, const struct lk_source *source, struct lk_span up)
{
    const char *text = source->original, *top = behind_comments(text), *name;
    bool archive = has_directive(text, top, "txtar", NULL);
    struct lk_beyonds beyonds = {0};
    size_t size;

    (void)up;
    for (const char *line = text; *line != '\0'; line = next_line(line)) {
        size_t length = strcspn(line, "\r\n");
        uint32_t start = (uint32_t)(line - text);
        const struct lk_beyond this = {LK_BEYOND_DIRECTIVE, {start, start + (uint32_t)length}};
        if (archive && read_marker(line, &name, &size)) {
            if (!lk_word_is(name, size, "migration.sql") && !lk_word_is(name, size, "down.sql"))
                lk_vec_push(mem, &beyonds.items, this);
            continue;
        }
        const char *words = line < top && lk_atlas_top(text) > start
                                ? memmem(line, length, DIRECTIVE, strlen(DIRECTIVE))
                                : NULL;
        if (words != NULL && !is_heeded(words + strlen(DIRECTIVE),
                                        (size_t)(line + length - words) - strlen(DIRECTIVE)))
            lk_vec_push(mem, &beyonds.items, this);
    }
    return beyonds;
}
