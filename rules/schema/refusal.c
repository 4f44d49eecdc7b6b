/*
 * rules/schema/refusal.c
 *     What the server would refuse: see refusal.h.
 */
#include "rules/schema/refusal.h"

#include <stdarg.h>

#include "rules/schema/catalog_private.h"

struct lk_refusal *
lk_refuse(struct lk_catalog *catalog, const char *sqlstate, int location, const char *format, ...)
{
    struct lk_refusal *refusal = lk_vec_add(catalog->statement_mem, &catalog->refusals.items);
    va_list args;

    va_start(args, format);
    refusal->sqlstate = sqlstate;
    refusal->location = location;
    refusal->message = talloc_vasprintf(catalog->statement_mem, format, args);
    va_end(args);
    return refusal;
}

const struct lk_refusals *
lk_catalog_refusals(const struct lk_catalog *catalog)
{
    return &catalog->refusals;
}
