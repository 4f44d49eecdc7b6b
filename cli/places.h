/*
 * cli/places.h
 *     Files as other programs know them: by their paths from the repository's root.
 */
#ifndef LK_CLI_PLACES_H
#define LK_CLI_PLACES_H

#include "parser/base/mem.h"

/*
 * lk_root_find returns the root of the repository that the working directory is in, or the working
 * directory where it is in none. Whose the repository is does not matter, nor whether there is git.
 */
char *lk_root_find(TALLOC_CTX *mem);

/* lk_root_path returns a path as it counts from the root; of a file elsewhere, from "/". */
char *lk_root_path(TALLOC_CTX *mem, const char *root, const char *path);

/* lk_uri_path returns a path as a URI reference has it: what is special there as %XX. */
char *lk_uri_path(TALLOC_CTX *mem, const char *path);

#endif
