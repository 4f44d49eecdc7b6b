/*
 * cli/lint.h
 *     Linting of whole inputs, for the commands that do it.
 */
#ifndef LK_CLI_LINT_H
#define LK_CLI_LINT_H

#include "cli/inputs.h"
#include "cli/report.h"

/*
 * lk_lint walks every changelog and returns the findings of all of them, counted, with what else
 * reporters want (LK_WANTS_*), which lives in `mem` too.
 */
bool lk_lint(TALLOC_CTX *mem, const struct lk_inputs *inputs, unsigned wants,
             struct lk_lint_report *ret, struct lk_error *err) LK_MUST_CHECK;

/* lk_lint_count fills in the counts of a report by its findings. */
void lk_lint_count(struct lk_lint_report *report);

/* lk_lint_cut leaves `most` findings in a report; 0 leaves all. */
void lk_lint_cut(struct lk_lint_report *report, int most);

/* lk_now_ms returns a monotonic time in milliseconds. */
double lk_now_ms(void);

#endif
