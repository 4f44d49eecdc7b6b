/*
 * cli/markup.c
 *     Text of users in Markdown: see markup.h. Sources: CommonMark 0.31, "Entity and numeric
 *     character references", "Fenced code blocks", "Code spans"; GitHub Flavored Markdown,
 *     "Autolinks".
 */
#include "cli/markup.h"

#include <strings.h>

#include "cli/clean.h"

#define WORD_JOINER "\xE2\x81\xA0"
#define FENCE_MIN 3

static bool
is_letter(char c)
{
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || (c & 0x80) != 0;
}

/*
 * is_harmless returns whether the character at `at` of `text` means nothing there: an underscore
 * within a word, a dot that makes no address.
 */
static bool
is_harmless(const char *text, const char *at)
{
    const char *start = at, *end = at;

    if (is_letter(*at) || *at == ' ')
        return true;
    if (at == text)
        return false;
    while (*at == '_' && start > text && start[-1] == '_')
        start--;
    while (*at == '_' && *end == '_')
        end++;
    if (*at == '_')
        return start > text && is_letter(start[-1]) && is_letter(*end);
    if (*at == '.')
        return at < text + 3 || strncasecmp(at - 3, "www", 3) != 0;
    return strchr(",/()'-", *at) != NULL;
}

/* add_text adds a line of text; `joined`: with what keeps hosts from seeing references in it. */
static void
add_text(struct lk_buf *out, const char *line, bool joined)
{
    for (const char *at = line; *at != '\0'; at++) {
        if (is_harmless(line, at))
            lk_buf_addc(out, *at);
        else if (*at == '\t')
            lk_buf_addc(out, ' ');
        else
            lk_buf_addf(out, "&#%d;", *at);
        if (joined && strchr("@#!~%$&^", *at) != NULL && at[1] != ' ' && at[1] != '\0')
            lk_buf_add(out, WORD_JOINER);
    }
}

void
lk_markup_text(struct lk_buf *out, const char *text)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);

    add_text(out, lk_one_line(scratch, lk_clean(scratch, text, LK_CLEAN_SHOWN)), true);
}

/* longest_run returns how many backticks stand in a row at most. */
static size_t
longest_run(const char *text)
{
    size_t longest = 0;

    while (*text != '\0') {
        size_t run = strspn(text, "`");
        longest = LK_MAX(longest, run);
        text += run;
        text += strcspn(text, "`");
    }
    return longest;
}

static void
add_ticks(struct lk_buf *out, size_t count)
{
    for (size_t i = 0; i < count; i++)
        lk_buf_addc(out, '`');
}

/* add_code_span adds a code span; a pipe in it would end a table's cell: it has a look-alike. */
static void
add_code_span(struct lk_buf *out, const char *text)
{
    size_t ticks = longest_run(text) + 1;
    bool blanks = text[0] == '`' || text[0] == ' ' || text[0] == '\0' || ticks > 1;

    add_ticks(out, ticks);
    lk_buf_add(out, blanks ? " " : "");
    for (; *text != '\0'; text++)
        if (*text == '|')
            lk_buf_add(out, "\xE2\x88\xA3"); /* U+2223 */
        else
            lk_buf_addc(out, *text == '\t' ? ' ' : *text);
    lk_buf_add(out, blanks ? " " : "");
    add_ticks(out, ticks);
}

void
lk_markup_code(struct lk_buf *out, const char *text, bool html)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    const char *line = lk_one_line(scratch, lk_clean(scratch, text, LK_CLEAN_SHOWN));

    if (!html) {
        add_code_span(out, line);
        return;
    }
    lk_buf_add(out, "<code>");
    add_text(out, line, false); /* hosts look for no references in code */
    lk_buf_add(out, "</code>");
}

/* end_of_line returns how many bytes of a text its first line has, and in *ret_next where the next
 * one begins. */
static size_t
end_of_line(const char *text, size_t *ret_next)
{
    size_t length = strcspn(text, "\r\n");

    *ret_next = length + (text[length] == '\r' && text[length + 1] == '\n' ? 2 : 1);
    if (text[length] == '\0')
        *ret_next = length;
    return length;
}

void
lk_markup_fence(struct lk_buf *out, const char *language, const char *text, size_t lines,
                size_t bytes)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    const char *clean = lk_clean(scratch, text, LK_CLEAN_SHOWN);
    size_t ticks = LK_MAX(longest_run(clean) + 1, (size_t)FENCE_MIN), next;

    add_ticks(out, ticks);
    lk_buf_addf(out, "%s\n", language);
    for (size_t count = 0; *clean != '\0'; clean += next, count++) {
        size_t length = end_of_line(clean, &next), whole = length;
        if (count == lines || bytes == 0) {
            lk_buf_add(out, "...\n");
            break;
        }
        length = LK_MIN(length, bytes);
        while (length < whole && length > 0 && (clean[length] & 0xC0) == 0x80)
            length--;
        bytes -= LK_MIN(bytes, length + 1);
        lk_buf_addn(out, clean, length);
        lk_buf_add(out, length < whole ? "...\n" : "\n");
        if (length < whole)
            break;
    }
    add_ticks(out, ticks);
    lk_buf_addc(out, '\n');
}
