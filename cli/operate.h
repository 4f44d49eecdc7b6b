/*
 * cli/operate.h
 *     What the operations on the history share: see applier/operation.h.
 */
#ifndef LK_CLI_OPERATE_H
#define LK_CLI_OPERATE_H

#include "cli/apply.h"

/*
 * lk_operate_command carries an operation out and tells about it. With `complete`, files and
 * history have to agree behind it.
 */
enum lk_error_code lk_operate_command(struct lk_run *run, const char *command, lk_decide *decide,
                                      const struct lk_request *request, bool complete,
                                      struct lk_error *err);

/*
 * lk_operate_argument takes the first argument that is no option away from the paths; NULL, of code
 * USAGE, where there is none: `what` says what it should be.
 */
const char *lk_operate_argument(const char *what, struct lk_error *err);

/* lk_operate_reason fails, of code USAGE, on a reason that is missing or no text. */
bool lk_operate_reason(TALLOC_CTX *mem, struct lk_error *err) LK_MUST_CHECK;

#endif
