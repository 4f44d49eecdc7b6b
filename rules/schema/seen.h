/*
 * rules/schema/seen.h
 *     What has been added to a list already: a set of addresses or names that stays fast.
 */
#ifndef LK_RULES_SCHEMA_SEEN_H
#define LK_RULES_SCHEMA_SEEN_H

#include "parser/base/mem.h"

struct lk_seen;

/* From how many items on a set is faster than a look at each. */
#define LK_SEEN_MIN 16

/*
 * lk_seen_name returns the number that a name was first noted with, or notes it with `number` and
 * returns that. `*seen` is NULL at first and lives in `mem`, as must the name.
 */
size_t lk_seen_name(TALLOC_CTX *mem, struct lk_seen **seen, const char *name, size_t number);

/* lk_seen_number returns whether a name was noted, and the number that it was first noted with. */
bool lk_seen_number(const struct lk_seen *seen, const char *name, size_t *ret);

/* lk_seen_address returns whether an address was noted before, and notes it. */
bool lk_seen_address(TALLOC_CTX *mem, struct lk_seen **seen, const void *address);

#endif
