/*
 * parser/base/buf.c
 *     Strings under construction: see buf.h.
 */
#include "parser/base/buf.h"

#include <stdarg.h>

struct lk_buf
lk_buf_init(TALLOC_CTX *mem)
{
    struct lk_buf buf = {.mem = mem, .capacity = 64};

    buf.data = lk_new_array(mem, char, buf.capacity);
    return buf;
}

static void
reserve(struct lk_buf *buf, size_t more)
{
    if (buf->len + more + 1 <= buf->capacity)
        return;
    while (buf->len + more + 1 > buf->capacity)
        buf->capacity *= 2;
    if (buf->capacity > LK_MEM_MAX && buf->len + more + 1 <= LK_MEM_MAX)
        buf->capacity = LK_MEM_MAX;
    buf->data = lk_mem_check(talloc_realloc(buf->mem, buf->data, char, buf->capacity));
}

void
lk_buf_addn(struct lk_buf *buf, const char *text, size_t length)
{
    reserve(buf, length);
    memcpy(buf->data + buf->len, text, length);
    buf->len += length;
    buf->data[buf->len] = '\0';
}

void
lk_buf_add(struct lk_buf *buf, const char *text)
{
    lk_buf_addn(buf, text, strlen(text));
}

void
lk_buf_addc(struct lk_buf *buf, char c)
{
    lk_buf_addn(buf, &c, 1);
}

void
lk_buf_addf(struct lk_buf *buf, const char *format, ...)
{
    size_t room = buf->capacity - buf->len;
    va_list args;

    va_start(args, format);
    size_t length = (size_t)vsnprintf(buf->data + buf->len, room, format, args);
    va_end(args);
    if (length >= room) {
        reserve(buf, length);
        va_start(args, format);
        vsnprintf(buf->data + buf->len, length + 1, format, args);
        va_end(args);
    }
    buf->len += length;
}

void
lk_buf_sep(struct lk_buf *buf, const char *separator)
{
    if (buf->len > 0)
        lk_buf_add(buf, separator);
}
