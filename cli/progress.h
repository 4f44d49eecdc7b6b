/*
 * cli/progress.h
 *     How far a long walk has come, for people at a terminal.
 */
#ifndef LK_CLI_PROGRESS_H
#define LK_CLI_PROGRESS_H

#include "rules/engine.h"

struct lk_progress;

/* lk_progress_wanted returns whether somebody sees standard error, and has not said no. */
bool lk_progress_wanted(void);

/*
 * lk_progress_start returns what shows on standard error how many of `total` migrations a walk has
 * seen, once it takes more than a moment; NULL where nobody wants to see that.
 */
struct lk_progress *lk_progress_start(TALLOC_CTX *mem, size_t total);

/*
 * lk_progress_watch returns a visitor that tells `progress`, and `next` (or NULL) as well; `next`
 * itself where there is no progress. It lives as long as `mem`; several can be told of at once.
 */
const struct lk_visitor *lk_progress_watch(TALLOC_CTX *mem, struct lk_progress *progress,
                                           const struct lk_visitor *next);

/* lk_progress_end takes what was shown away; `progress` may be NULL. */
void lk_progress_end(struct lk_progress *progress);

#endif
