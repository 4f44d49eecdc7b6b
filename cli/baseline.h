/*
 * cli/baseline.h
 *     lint --after and `baseline`: findings of later versions only.
 */
#ifndef LK_CLI_BASELINE_H
#define LK_CLI_BASELINE_H

#include "cli/inputs.h"

/*
 * lk_baseline_apply leaves out the findings of migrations up to the baselines of their changelogs.
 * A version that cannot be compared with any, or is above all that there are, is an error of code
 * USAGE; one from the configuration is not where other paths were asked for.
 */
bool lk_baseline_apply(TALLOC_CTX *mem, struct lk_inputs *inputs,
                       struct lk_error *err) LK_MUST_CHECK;

#endif
