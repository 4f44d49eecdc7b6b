/*
 * rules/next_version.h
 *     The next free version, written as a convention writes it.
 */
#ifndef LK_RULES_NEXT_VERSION_H
#define LK_RULES_NEXT_VERSION_H

#include "parser/changelog.h"

/*
 * lk_next_version returns what follows the version `highest`: one more in its last part, with as
 * many digits; of timestamps the time of now, unless that is not higher. NULL where the version is
 * no number.
 */
char *lk_next_version(TALLOC_CTX *mem, const char *highest);

/*
 * lk_next_script returns a migration's file name (or its folder's, for one that is a folder) with
 * `version` in the place of its own, or NULL where that is not found in it.
 */
char *lk_next_script(TALLOC_CTX *mem, const struct lk_migration *migration, const char *version);

#endif
