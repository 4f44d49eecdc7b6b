/*
 * parser/base/library.c
 *     Libraries loaded at need: see library.h.
 */
#include "parser/base/library.h"

#include <dlfcn.h>

bool
lk_library_load(const char *library, const char *package, const struct lk_symbol *symbols,
                size_t count, enum lk_error_code code, struct lk_error *err)
{
    void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
    bool complete = handle != NULL;

    for (size_t i = 0; i < count && complete; i++) {
        void *function = dlsym(handle, symbols[i].name);
        complete = function != NULL;
        /* C converts no pointer to an object to one to a function */
        memcpy(symbols[i].place, &function, sizeof(function));
    }
    if (complete)
        return true;
    lk_fail(err, code, "cannot load %s: %s", library, dlerror());
    for (size_t i = 0; i < count; i++) /* all or none: whether it is loaded, one of them tells */
        memset(symbols[i].place, 0, sizeof(void *));
    return lk_error_hint(err, "Install it: Debian's package is %s.", package);
}
