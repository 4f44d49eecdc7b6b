/*
 * parser/base/mem.c
 *     Memory: see mem.h.
 */
#include "parser/base/mem.h"

#include <stdarg.h>

void *
lk_mem_check(void *memory)
{
    if (memory == NULL)
        LK_BUG("out of memory");
    return memory;
}

TALLOC_CTX *
lk_mem_new(TALLOC_CTX *parent)
{
    return lk_mem_check(talloc_new(parent));
}

TALLOC_CTX *
lk_mem_pool(TALLOC_CTX *parent, size_t size)
{
    return lk_mem_check(talloc_pool(parent, size));
}

char *
lk_strdup(TALLOC_CTX *mem, const char *text)
{
    return text == NULL ? NULL : lk_mem_check(talloc_strdup(mem, text));
}

char *
lk_strndup(TALLOC_CTX *mem, const char *text, size_t length)
{
    return lk_mem_check(talloc_strndup(mem, text, length));
}

char *
lk_fmt(TALLOC_CTX *mem, const char *format, ...)
{
    char small[256]; /* most are; talloc formats twice */
    va_list args;

    va_start(args, format);
    int length = vsnprintf(small, sizeof(small), format, args);
    va_end(args);
    if (length >= 0 && (size_t)length < sizeof(small))
        return lk_strndup(mem, small, (size_t)length);
    va_start(args, format);
    char *text = talloc_vasprintf(mem, format, args);
    va_end(args);
    return lk_mem_check(text);
}

void *
lk_memdup(TALLOC_CTX *mem, const void *bytes, size_t size)
{
    return lk_mem_check(talloc_memdup(mem, bytes, size));
}

void
lk_mem_cleanup(void *memory)
{
    talloc_free(*(void **)memory);
}
