/*
 * parser/base/mem.h
 *     Memory: talloc contexts per run, file and statement; running out of it ends the process.
 *
 * The first parameter of everything that allocates is the context the result lives in. Nothing
 * is freed object by object where a context's end does it.
 */
#ifndef LK_PARSER_BASE_MEM_H
#define LK_PARSER_BASE_MEM_H

#include <stdarg.h>
#include <talloc.h>

#include "parser/base/lk.h"

/* The largest object, of talloc's making: what grows by doubling stops short of it. */
#define LK_MEM_MAX (((size_t)256 << 20) - 1)

/* lk_mem_check returns `memory`, or ends the process when it is NULL. */
void *lk_mem_check(void *memory);

/* lk_new returns a zeroed object, lk_new_array a zeroed array of `count` of them. */
#define lk_new(mem, type) ((type *)lk_mem_check(talloc_zero(mem, type)))
#define lk_new_array(mem, type, count)                                                             \
    ((type *)lk_mem_check(talloc_zero_array(mem, type, LK_MAX((count), 1))))

/* lk_mem_cleanup frees what `*memory` points to: for LK_CLEANUP(lk_mem_cleanup). */
void lk_mem_cleanup(void *memory);

/* lk_mem_new returns an empty context below `parent` (NULL: a root), to be freed by talloc_free. */
TALLOC_CTX *lk_mem_new(TALLOC_CTX *parent);

/*
 * lk_mem_pool returns a context below `parent` with `size` bytes set aside: what is allocated below
 * it comes from there while there is room, and is there again once all of it is freed.
 */
TALLOC_CTX *lk_mem_pool(TALLOC_CTX *parent, size_t size);

/* lk_strdup, lk_strndup, lk_fmt, lk_vfmt return strings that live with `mem`; NULL stays NULL. */
char *lk_strdup(TALLOC_CTX *mem, const char *text);
char *lk_strndup(TALLOC_CTX *mem, const char *text, size_t length);
char *lk_fmt(TALLOC_CTX *mem, const char *format, ...) LK_PRINTF(2, 3);
char *lk_vfmt(TALLOC_CTX *mem, const char *format, va_list args) LK_PRINTF(2, 0);

/* lk_memdup returns a copy of `size` bytes. */
void *lk_memdup(TALLOC_CTX *mem, const void *bytes, size_t size);

#endif
