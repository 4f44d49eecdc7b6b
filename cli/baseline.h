/*
 * cli/baseline.h
 *     lint --after and `baseline`: findings of later versions only.
 */
#ifndef LK_CLI_BASELINE_H
#define LK_CLI_BASELINE_H

#include "cli/inputs.h"

/* lk_baseline_cut leaves out the findings of migrations up to the baselines of their changelogs. */
void lk_baseline_cut(TALLOC_CTX *mem, struct lk_inputs *inputs);

/*
 * lk_baseline_check fails, of code USAGE, where a baseline cannot be compared with the version of
 * any migration, or is above all of them; one from the configuration may, where other paths were
 * asked for.
 */
bool lk_baseline_check(TALLOC_CTX *mem, const struct lk_inputs *inputs,
                       struct lk_error *err) LK_MUST_CHECK;

#endif
