/*
 * parser/base/mem.c
 *     Memory: see mem.h.
 */
#include "parser/base/mem.h"

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
lk_vfmt(TALLOC_CTX *mem, const char *format, va_list args)
{
    char small[1024]; /* most are; talloc formats twice */
    va_list again;

    va_copy(again, args);
    int length = vsnprintf(small, sizeof(small), format, args);
    char *text = length >= 0 && (size_t)length < sizeof(small)
                     ? lk_strndup(mem, small, (size_t)length)
                     : lk_mem_check(talloc_vasprintf(mem, format, again));
    va_end(again);
    return text;
}

char *
lk_fmt(TALLOC_CTX *mem, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    char *text = lk_vfmt(mem, format, args);
    va_end(args);
    return text;
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
