/*
 * cli/since.h
 *     lint --since: what is new or changed in a changelog, and what it was before.
 */
#ifndef LK_CLI_SINCE_H
#define LK_CLI_SINCE_H

#include "cli/git.h"
#include "parser/past.h"

/* The repositories that were asked already: each is asked once. */
struct lk_repositories {
    LK_VEC(const struct lk_git *) items;
};

/*
 * lk_since gives a sorted changelog its past at a revision, and leaves only what is new or changed
 * since the merge base to be reported. The folders' repositories are added to `known`.
 */
bool lk_since(TALLOC_CTX *mem, struct lk_changelog *changelog, const char *revision,
              const struct lk_changelog_options *options, struct lk_repositories *known,
              struct lk_error *err) LK_MUST_CHECK;

#endif
