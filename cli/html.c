/*
 * cli/html.c
 *     Text in HTML: see html.h.
 */
#include "cli/html.h"

#include <stdarg.h>

#include "cli/clean.h"

void
lk_html_text(struct lk_buf *page, const char *text)
{
    char *clean = lk_clean(page->mem, text, LK_CLEAN_SHOWN);

    for (const char *at = clean; *at != '\0'; at++)
        switch (*at) {
        case '<':
            lk_buf_add(page, "&lt;");
            break;
        case '>':
            lk_buf_add(page, "&gt;");
            break;
        case '&':
            lk_buf_add(page, "&amp;");
            break;
        case '"':
            lk_buf_add(page, "&quot;");
            break;
        case '\r':
            break;
        default:
            lk_buf_addc(page, *at);
        }
    talloc_free(clean);
}

void
lk_html_textf(struct lk_buf *page, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    char *text = lk_mem_check(talloc_vasprintf(page->mem, format, args));
    va_end(args);
    lk_html_text(page, text);
    talloc_free(text);
}

void
lk_html_short(struct lk_buf *page, const char *text, size_t length)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    char *clean = lk_clean(scratch, text, LK_CLEAN_SHOWN), *at = clean;

    if (lk_code_points(clean) > length) {
        for (size_t left = length - 1; left > 0; left--)
            do
                at++;
            while ((*at & 0xC0) == 0x80);
        *at = '\0';
        clean = lk_fmt(scratch, "%s\xE2\x80\xA6", clean);
    }
    lk_html_text(page, clean);
}
