/*
 * cli/clean.c
 *     Text on its way into documents: see clean.h.
 */
#include "cli/clean.h"

#include <utf8proc.h>

/* is_allowed returns whether a code point may stand in XML 1.0. Source: its production Char. */
static bool
is_allowed(utf8proc_int32_t c)
{
    return c == '\t' || c == '\n' || c == '\r' ||
           (c >= 0x20 && c != 0x7F && !(c >= 0x80 && c < 0xA0) && c != 0xFFFE && c != 0xFFFF);
}

/* turns returns whether a code point changes in which direction text is shown: U+202A and so on. */
static bool
turns(utf8proc_int32_t c)
{
    return (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) || c == 0x200E ||
           c == 0x200F || c == 0x061C;
}

char *
lk_clean(TALLOC_CTX *mem, const char *text, enum lk_clean how)
{
    struct lk_buf clean = lk_buf_init(mem);
    size_t length = strlen(text);

    for (size_t at = 0; at < length;) {
        utf8proc_int32_t c;
        utf8proc_ssize_t size = utf8proc_iterate((const utf8proc_uint8_t *)text + at,
                                                 (utf8proc_ssize_t)(length - at), &c);
        bool bad = size <= 0 || (how >= LK_CLEAN_XML && !is_allowed(c)) ||
                   (how >= LK_CLEAN_SHOWN && turns(c));
        if (size <= 0)
            size = 1;
        if (bad)
            lk_buf_add(&clean, "\xEF\xBF\xBD");
        else
            lk_buf_addn(&clean, text + at, (size_t)size);
        at += (size_t)size;
    }
    return clean.data;
}

size_t
lk_code_points(const char *text)
{
    size_t count = 0;

    for (; *text != '\0'; text++)
        count += (*text & 0xC0) != 0x80;
    return count;
}

char *
lk_one_line(TALLOC_CTX *mem, const char *text)
{
    struct lk_buf line = lk_buf_init(mem);

    while (*text != '\0') {
        size_t length = strcspn(text, "\r\n");
        size_t next = length + strspn(text + length, "\r\n\t ");
        while (next > length && length > 0 && text[length - 1] == ' ')
            length--;
        if (line.len > 0 && length > 0)
            lk_buf_addc(&line, ' ');
        lk_buf_addn(&line, text, length);
        text += next;
    }
    return line.data;
}
