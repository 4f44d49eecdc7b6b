/*
 * cli/apply.h
 *     What apply, retry, rollback and verify share: running a plan while telling about it.
 */
#ifndef LK_CLI_APPLY_H
#define LK_CLI_APPLY_H

#include "cli/prepare.h"

/* lk_apply_events returns the events that are told on standard error (and output, as text). */
struct lk_events lk_apply_events(void);

/* lk_leave_at_once ends the process as interrupted; for a signal handler. */
void lk_leave_at_once(void);

/* lk_apply_gate refuses a plan whose migrations have findings at --fail-on severity or above. */
bool lk_apply_gate(struct lk_run *run, struct lk_prepared *prepared,
                   struct lk_error *err) LK_MUST_CHECK;

/* lk_apply_show reports a plan that is not carried out. */
enum lk_error_code lk_apply_show(const struct lk_reporter *reporter, const struct lk_plan *plan,
                                 struct lk_error *err);

/* lk_apply_options returns how a run goes about it; `command` is for the record. */
struct lk_run_options lk_apply_options(const struct lk_prepared *prepared, const char *command);

/* lk_apply_run carries the plan out, reports it, and returns the code of the end. */
enum lk_error_code lk_apply_run(struct lk_run *run, struct lk_prepared *prepared,
                                const char *command, const struct lk_reporter *reporter,
                                struct lk_error *err);

#endif
