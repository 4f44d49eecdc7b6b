/*
 * applier/libpq.c
 *     libpq, loaded at the first connection: see libpq.h.
 *
 * Each function of it that the applier calls stands here, and hands on to the library's.
 */
#include "applier/libpq.h"

#include "parser/base/library.h"

static struct {
    bool loaded;
#define LK_PQ(result, name, parameters, arguments) result(*name) parameters;
#include "applier/libpq.def"
#undef LK_PQ
} libpq;

bool
lk_libpq_load(struct lk_error *err)
{
    static const struct lk_symbol symbols[] = {
#define LK_PQ(result, name, parameters, arguments) {#name, &libpq.name},
#include "applier/libpq.def"
#undef LK_PQ
    };

    if (!libpq.loaded)
        libpq.loaded = lk_library_load("libpq.so.5" /* compatible since PostgreSQL 8.2 */, "libpq5",
                                       symbols, LK_ARRAY_SIZE(symbols), LK_ERR_CONNECT, err);
    return libpq.loaded;
}

#define LK_PQ(result, name, parameters, arguments)                                                 \
    result name parameters                                                                         \
    {                                                                                              \
        return libpq.name arguments;                                                               \
    }
#include "applier/libpq.def"
#undef LK_PQ
