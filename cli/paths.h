/*
 * cli/paths.h
 *     Paths that the command line stands for: globs that no shell has expanded, and lists.
 */
#ifndef LK_CLI_PATHS_H
#define LK_CLI_PATHS_H

#include "parser/base/err.h"
#include "parser/base/vec.h"

struct lk_paths {
    LK_VEC(const char *) items;
};

/* lk_paths_is_glob returns whether a path that does not exist is a glob. */
bool lk_paths_is_glob(const char *path);

/*
 * lk_paths_expand adds the files and folders that a glob matches, sorted; what is in a folder that
 * it matches is not added besides. None at all is an error of code INPUT.
 */
bool lk_paths_expand(TALLOC_CTX *mem, const char *glob, struct lk_paths *ret,
                     struct lk_error *err) LK_MUST_CHECK;

/* lk_paths_read adds the paths that a file ("-": standard input) lists, a NUL behind each. */
bool lk_paths_read(TALLOC_CTX *mem, const char *list, struct lk_paths *ret,
                   struct lk_error *err) LK_MUST_CHECK;

#endif
