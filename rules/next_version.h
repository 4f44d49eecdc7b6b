/*
 * rules/next_version.h
 *     The next free version, written as a convention writes it.
 */
#ifndef LK_RULES_NEXT_VERSION_H
#define LK_RULES_NEXT_VERSION_H

#include <time.h>

#include "parser/changelog.h"

/* lk_version_increment returns the next number after the last one in a version, as wide. */
char *lk_version_increment(TALLOC_CTX *mem, const char *version);

/* lk_version_now returns a time written as `model` is, to the same precision; NULL where that is no
 * time. */
char *lk_version_now(TALLOC_CTX *mem, const char *model, struct timespec now);

/*
 * lk_next_version returns what comes after the version `newest`, as it is written: where that is a
 * time, the time it is now, unless that is not higher. NULL where it does not end in a number.
 */
char *lk_next_version(TALLOC_CTX *mem, const char *newest, struct timespec now);

/*
 * lk_next_script returns a migration's file name (or its folder's, for one that is a folder) with
 * `version` in the place of its own, or NULL where that is not found in it.
 */
char *lk_next_script(TALLOC_CTX *mem, const struct lk_migration *migration, const char *version);

#endif
