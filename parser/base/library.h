/*
 * parser/base/library.h
 *     Libraries that are loaded when they are first needed, and not with the program: with what
 *     they bring in themselves, that takes longer than to lint a file.
 */
#ifndef LK_PARSER_BASE_LIBRARY_H
#define LK_PARSER_BASE_LIBRARY_H

#include "parser/base/err.h"

/* A function of a library, and the pointer to it. */
struct lk_symbol {
    const char *name;
    void *place; /* of a pointer to a function */
};

/*
 * lk_library_load loads a library ("libpq.so.5") and points `count` pointers at its functions; it
 * stays until the process ends. Where it or one of them is missing, that is an error of `code`,
 * which names Debian's package.
 */
bool lk_library_load(const char *library, const char *package, const struct lk_symbol *symbols,
                     size_t count, enum lk_error_code code, struct lk_error *err) LK_MUST_CHECK;

#endif
