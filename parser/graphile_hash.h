/*
 * parser/graphile_hash.h
 *     The hashes in the headers of graphile-migrate's committed migrations.
 */
#ifndef LK_PARSER_GRAPHILE_HASH_H
#define LK_PARSER_GRAPHILE_HASH_H

#include "parser/base/file.h"

struct lk_graphile_header {
    const char *previous; /* "sha1:..." of the migration before; NULL: there is none */
    const char *hash;     /* what the header says; NULL: it says nothing */
    const char *computed; /* what it has to be */
    bool unchecked;       /* the header says that the hash need not fit */
};

/* lk_graphile_header_read returns in `ret` the header of the file at `path`, if it has one. */
bool lk_graphile_header_read(TALLOC_CTX *mem, const char *path, struct lk_graphile_header *ret);

#endif
