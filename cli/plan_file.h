/*
 * cli/plan_file.h
 *     Plans on disk: what `plan -o FILE` writes, and `apply --plan FILE` holds against the present.
 */
#ifndef LK_CLI_PLAN_FILE_H
#define LK_CLI_PLAN_FILE_H

#include <jansson.h>

#include "applier/plan.h"

/* lk_plan_json returns the plan as a JSON document, to be released by the caller. */
json_t *lk_plan_json(const struct lk_plan *plan);

/*
 * lk_plan_file_check fails with code DISAGREE when the plan in the file at `path` is not the one
 * that would be made now: the error says whether a file, the history or the target changed. `name`
 * is that of the configuration's database at hand, or NULL: a file can hold the plans of several.
 */
bool lk_plan_file_check(const char *path, const char *name, const struct lk_plan *plan,
                        struct lk_error *err) LK_MUST_CHECK;

#endif
