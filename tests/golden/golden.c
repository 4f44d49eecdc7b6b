/*
 * tests/golden/golden.c
 *     What golden cases share: see golden.h.
 */
#include "tests/golden/golden.h"

#include <sys/stat.h>
#include <unistd.h>

#include "parser/base/buf.h"
#include "parser/base/text.h"

/* ---- files ---- */

struct lk_listing
lk_golden_list(TALLOC_CTX *mem, const char *path)
{
    struct lk_listing listing = {0};
    struct lk_error err = {0};

    if (lk_is_directory(path) && !lk_directory_list(mem, path, &listing, &err))
        LK_BUG("%s", err.message);
    return listing;
}

struct lk_bytes
lk_golden_read(TALLOC_CTX *mem, const char *path)
{
    struct lk_bytes bytes;
    struct lk_error err = {0};

    if (!lk_file_read(mem, path, &bytes, &err))
        fail_msg("%s", err.message);
    return bytes;
}

void
lk_golden_write(const char *dir, const char *name, struct lk_bytes bytes)
{
    char *path LK_CLEANUP(lk_mem_cleanup) = lk_path_join(NULL, dir, name);
    struct lk_error err = {0};

    for (char *at = path + 1; (at = strchr(at, '/')) != NULL; at++) {
        *at = '\0';
        mkdir(path, 0755);
        *at = '/';
    }
    if (!lk_file_write(path, bytes.data, bytes.size, &err))
        LK_BUG("%s", err.message);
}

/* take_repeat reads "N:text}" behind "\{" and adds the text N times. */
static const char *
take_repeat(struct lk_buf *buf, const char *at)
{
    char *text;
    unsigned long times = strtoul(at, &text, 10);
    size_t length = strcspn(text, "}");

    if (*text != ':' || text[length] != '}')
        fail_msg("an escape \\{ goes on as \\{N:text}, not as \"%.20s\"", at);
    for (unsigned long i = 0; i < times; i++)
        lk_buf_addn(buf, text + 1, length - 1);
    return text + length + 1;
}

static const char *
take_byte(struct lk_buf *buf, const char *at)
{
    char digits[3] = {0};
    char *end;

    memcpy(digits, at, strnlen(at, 2));
    unsigned long byte = strtoul(digits, &end, 16);
    if (end != digits + 2)
        fail_msg("an escape \\x goes on with two hexadecimal digits, not as \"%.20s\"", at);
    lk_buf_addc(buf, (char)byte);
    return at + 2;
}

/* unescape returns text with \n, \r, \t, \\, \xHH, \{N:text} and \ at a line's end resolved. */
static struct lk_bytes
unescape(TALLOC_CTX *mem, struct lk_bytes bytes)
{
    struct lk_buf buf = lk_buf_init(mem);
    const char *at = bytes.data;

    while (*at != '\0') {
        if (*at != '\\') {
            lk_buf_addc(&buf, *at++);
            continue;
        }
        const char *known = strchr("n\nr\rt\t\\\\", at[1]);
        at += 2;
        if (at[-1] == '\n') /* the line goes on */
            continue;
        if (at[-1] == 'x')
            at = take_byte(&buf, at);
        else if (at[-1] == '{')
            at = take_repeat(&buf, at);
        else if (at[-1] != '\0' && known != NULL)
            lk_buf_addc(&buf, known[1]);
        else
            fail_msg("unknown escape \"\\%.1s\"", at - 1);
    }
    return (struct lk_bytes){buf.data, buf.len};
}

void
lk_golden_copy(const char *from, const char *to, bool (*leave)(const char *name))
{
    TALLOC_CTX *mem LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    struct lk_listing listing = lk_golden_list(mem, from);

    lk_vec_foreach(entry, &listing.entries) {
        char *source = lk_path_join(mem, from, entry->name);
        if (leave != NULL && leave(entry->name))
            continue;
        if (entry->directory) {
            lk_golden_copy(source, lk_path_join(mem, to, entry->name), NULL);
            continue;
        }
        struct lk_bytes bytes = lk_golden_read(mem, source);
        if (lk_ends_with(entry->name, ".escaped")) {
            entry->name[strlen(entry->name) - strlen(".escaped")] = '\0';
            bytes = unescape(mem, bytes);
        }
        lk_golden_write(to, entry->name, bytes);
    }
}

/* ---- running ---- */

struct lk_golden_words
lk_golden_split(TALLOC_CTX *mem, const char *line)
{
    struct lk_golden_words words = {0};

    for (;;) {
        line += strspn(line, " \t\r\n");
        if (*line == '\0')
            return words;
        bool quoted = *line == '\'';
        size_t length = strcspn(line + quoted, quoted ? "'\n" : " \t\r\n");
        lk_vec_push(mem, &words.items, lk_strndup(mem, line + quoted, length));
        line += quoted + length;
        line += quoted && *line == '\'';
    }
}

struct lk_output
lk_golden_run(TALLOC_CTX *mem, const char *dir, const struct lk_golden_words *words,
              const char *input)
{
    const char **args = lk_new_array(mem, const char *, words->items.count + 2);

    args[0] = LK_BINARY;
    for (size_t i = 0; i < words->items.count; i++)
        args[i + 1] = words->items.items[i];
    return lk_test_run(mem, dir, args, input);
}

/* ---- comparing ---- */

static size_t
line_length(const char *text)
{
    return strcspn(text, "\n");
}

static const char *
next_line(const char *text)
{
    size_t length = line_length(text);

    return text + length + (text[length] == '\n');
}

/* line_matches compares a line with an expected one, in which [..] stands for anything. */
static bool
line_matches(const char *expected, size_t expected_length, const char *actual, size_t length)
{
    const char *hole = memmem(expected, expected_length, "[..]", 4);
    size_t before = hole == NULL ? expected_length : (size_t)(hole - expected);

    if (length < before || memcmp(expected, actual, before) != 0)
        return false;
    if (hole == NULL)
        return length == before;
    for (size_t skipped = before; skipped <= length; skipped++)
        if (line_matches(hole + 4, expected_length - before - 4, actual + skipped,
                         length - skipped))
            return true;
    return false;
}

/* matches compares texts line by line; *ret_line is the line that differs, for people. */
static bool
matches(const char *expected, const char *actual, unsigned *ret_line)
{
    for (unsigned line = 1;; line++) {
        size_t length = line_length(expected);
        if (length == 3 && memcmp(expected, "...", 3) == 0) {
            for (const char *rest = actual;; rest = next_line(rest)) {
                unsigned ignored;
                if (matches(next_line(expected), rest, &ignored))
                    return true;
                *ret_line = line;
                if (*rest == '\0')
                    return false;
            }
        }
        *ret_line = line;
        if (*expected == '\0' || *actual == '\0')
            return *expected == *actual;
        if (!line_matches(expected, length, actual, line_length(actual)) ||
            (expected[length] == '\n') != (actual[line_length(actual)] == '\n'))
            return false;
        expected = next_line(expected);
        actual = next_line(actual);
    }
}

static const char *
nth_line(const char *text, unsigned line)
{
    while (--line > 0)
        text = next_line(text);
    return text;
}

static void
bless(const char *path, const char *actual)
{
    struct lk_error err = {0};

    if (actual[0] == '\0')
        unlink(path);
    else if (!lk_file_write(path, actual, strlen(actual), &err))
        LK_BUG("%s", err.message);
}

void
lk_golden_expect(const char *path, const char *actual)
{
    TALLOC_CTX *mem LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    char *kept = lk_test_read(mem, path);
    const char *expected = kept != NULL ? kept : "";
    unsigned line = 0;

    if (matches(expected, actual, &line))
        return;
    if (getenv("BLESS") != NULL) {
        bless(path, actual);
        return;
    }
    const char *wanted = nth_line(expected, line), *got = nth_line(actual, line);
    fail_msg("%s, line %u:\n  expected: %.*s\n  actual:   %.*s\n  all of it:\n%s", path, line,
             (int)line_length(wanted), wanted, (int)line_length(got), got, actual);
}
