/*
 * applier/libpq.c
 *     libpq, loaded at the first connection: see libpq.h.
 *
 * Each function of it that the applier calls stands here, and hands on to the library's.
 */
#include "applier/libpq.h"

#include <dlfcn.h>

#define LIBRARY "libpq.so.5" /* compatible since PostgreSQL 8.2 */

static struct {
    bool loaded;
#define LK_PQ(result, name, parameters, arguments) result(*name) parameters;
#include "applier/libpq.def"
#undef LK_PQ
} libpq;

static bool
load_failed(struct lk_error *err)
{
    lk_fail(err, LK_ERR_CONNECT, "cannot load " LIBRARY ": %s", dlerror());
    return lk_error_hint(err, "Install PostgreSQL's client library: Debian calls it libpq5.");
}

bool
lk_libpq_load(struct lk_error *err)
{
    if (libpq.loaded)
        return true;
    void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL)
        return load_failed(err);
#define LK_PQ(result, name, parameters, arguments)                                                 \
    if ((libpq.name = (__typeof__(libpq.name))dlsym(library, #name)) == NULL)                      \
        return load_failed(err);
#include "applier/libpq.def"
#undef LK_PQ
    libpq.loaded = true;
    return true;
}

#define LK_PQ(result, name, parameters, arguments)                                                 \
    result name parameters                                                                         \
    {                                                                                              \
        return libpq.name arguments;                                                               \
    }
#include "applier/libpq.def"
#undef LK_PQ
