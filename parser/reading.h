/*
 * parser/reading.h
 *     One migration as it is read: its text, the parts that are carried out, their statements.
 */
#ifndef LK_PARSER_READING_H
#define LK_PARSER_READING_H

#include "parser/base/err.h"
#include "parser/changelog.h"
#include "parser/script.h"

struct lk_reading {
    const struct lk_migration *migration;
    struct lk_source *source; /* NULL: it cannot be read, and `err` says why */
    struct lk_error err;
    struct lk_parts parts;  /* `up` is what is carried out of it, whatever its direction */
    struct lk_script *up;   /* NULL: it is not UTF-8 */
    struct lk_script *down; /* what takes it back, in the same file; NULL: nothing does */
};

/* lk_reading_of reads a migration, with its first trees and bodies; `values` and `version` are as
 * lk_migration_read takes them. */
struct lk_reading *lk_reading_of(TALLOC_CTX *mem, const struct lk_migration *migration,
                                 const struct lk_values *values, int version);

#endif
