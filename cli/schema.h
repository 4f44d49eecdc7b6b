/*
 * cli/schema.h
 *     How a replayed schema is written: one format, one file schema_<format>.c, one line in
 * schemas.def.
 */
#ifndef LK_CLI_SCHEMA_H
#define LK_CLI_SCHEMA_H

#include "rules/schema/sorted.h"

struct lk_schema_format {
    const char *name;
    const char *summary;
    void (*write)(FILE *stream, const struct lk_catalog *catalog);
};

/* lk_schema_formats returns all formats, sorted by name; `*count` of them. */
const struct lk_schema_format *const *lk_schema_formats(size_t *count);

#define LK_SCHEMA(identifier) extern const struct lk_schema_format lk_schema_format_##identifier;
#include "cli/schemas.def"
#undef LK_SCHEMA

#endif
