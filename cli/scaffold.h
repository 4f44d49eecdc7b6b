/*
 * cli/scaffold.h
 *     The next migration of a folder: what its files are called, and what stands in them.
 */
#ifndef LK_CLI_SCAFFOLD_H
#define LK_CLI_SCAFFOLD_H

#include "parser/changelog.h"

struct lk_scaffold_file {
    const char *script; /* relative to the folder */
    const char *text;
};

struct lk_scaffold {
    LK_VEC(struct lk_scaffold_file) files; /* the one that takes the other back second */
};

/*
 * lk_scaffold_next returns the files of a new migration: named by the habit of the folder's newest
 * one, or where there is none by the convention's example, with the number after it or the time
 * `now`. Conventions whose own tool keeps more than the files are an error, as is a name that they
 * cannot hold. `changelog` (or NULL) is what is in the folder.
 */
bool lk_scaffold_next(TALLOC_CTX *mem, const struct lk_changelog *changelog,
                      const struct lk_naming *naming, const char *name, struct timespec now,
                      struct lk_scaffold *ret, struct lk_error *err) LK_MUST_CHECK;

#endif
