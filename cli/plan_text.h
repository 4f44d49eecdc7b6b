/*
 * cli/plan_text.h
 *     A plan for people: what each statement locks and does, and how long locks are held.
 */
#ifndef LK_CLI_PLAN_TEXT_H
#define LK_CLI_PLAN_TEXT_H

#include "applier/plan.h"

/* lk_plan_print writes the migrations of a plan. */
void lk_plan_print(FILE *stream, const struct lk_plan *plan);

#endif
