/*
 * cli/paint.c
 *     Colours and widths: see paint.h.
 */
#include "cli/paint.h"

#include <unistd.h>
#include <utf8proc.h>

static const char *const sequences[LK_PAINT_COUNT] = {
    [LK_PAINT_BOLD] = "\033[1m",       [LK_PAINT_ERROR] = "\033[1;31m",
    [LK_PAINT_WARNING] = "\033[1;33m", [LK_PAINT_INFO] = "\033[1;36m",
    [LK_PAINT_FRAME] = "\033[34m",     [LK_PAINT_GOOD] = "\033[32m",
    [LK_PAINT_KEYWORD] = "\033[35m",   [LK_PAINT_TYPE] = "\033[36m",
    [LK_PAINT_FUNCTION] = "\033[34m",  [LK_PAINT_STRING] = "\033[32m",
    [LK_PAINT_NUMBER] = "\033[33m",    [LK_PAINT_COMMENT] = "\033[2m",
};

static bool enabled;

bool
lk_paint_setup(const char *when, int descriptor)
{
    const char *no_color = getenv("NO_COLOR");
    const char *terminal = getenv("TERM");

    if (when == NULL || strcmp(when, "auto") == 0)
        enabled = isatty(descriptor) && (no_color == NULL || no_color[0] == '\0') &&
                  (terminal == NULL || strcmp(terminal, "dumb") != 0);
    else if (strcmp(when, "always") == 0 || strcmp(when, "never") == 0)
        enabled = strcmp(when, "always") == 0;
    else
        return false;
    return true;
}

const char *
lk_paint(enum lk_paint paint)
{
    return enabled ? sequences[paint] : "";
}

const char *
lk_paint_end(void)
{
    return enabled ? "\033[0m" : "";
}

bool
lk_painting(void)
{
    return enabled;
}

enum lk_paint
lk_paint_severity(enum lk_severity severity)
{
    switch (severity) {
    case LK_SEVERITY_ERROR:
        return LK_PAINT_ERROR;
    case LK_SEVERITY_WARNING:
        return LK_PAINT_WARNING;
    default:
        return LK_PAINT_INFO;
    }
}

size_t
lk_width(const char *text, size_t length)
{
    const utf8proc_uint8_t *at = (const utf8proc_uint8_t *)text;
    utf8proc_ssize_t left = (utf8proc_ssize_t)length;
    size_t width = 0;

    while (left > 0) {
        utf8proc_int32_t codepoint;
        if (*at >= ' ' && *at < 0x7f) { /* most text, by far */
            width++, at++, left--;
            continue;
        }
        utf8proc_ssize_t used = utf8proc_iterate(at, left, &codepoint);
        if (used <= 0)
            break;
        width += (size_t)LK_MAX(utf8proc_charwidth(codepoint), 0);
        at += used;
        left -= used;
    }
    return width;
}

/* is_control returns whether a terminal may take the byte at `at` for a command: C0, DEL and C1. */
static bool
is_control(const unsigned char *at)
{
    return (*at < ' ' && *at != '\t' && *at != '\n') || *at == 0x7f ||
           (*at == 0xc2 && at[1] >= 0x80 && at[1] <= 0x9f);
}

void
lk_put_text(FILE *stream, const char *text, size_t length)
{
    size_t done = 0;

    for (size_t at = 0; at < length; at++) {
        const unsigned char *byte = (const unsigned char *)text + at;
        if (!is_control(byte))
            continue;
        fwrite(text + done, 1, at - done, stream);
        fputc('?', stream);
        at += *byte == 0xc2;
        done = at + 1;
    }
    fwrite(text + done, 1, length - done, stream);
}
