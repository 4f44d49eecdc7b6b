/*
 * cli/hooks.h
 *     Hooks: linted behind the migrations, and planned with a run.
 */
#ifndef LK_CLI_HOOKS_H
#define LK_CLI_HOOKS_H

#include "applier/plan.h"
#include "cli/inputs.h"
#include "rules/engine.h"

/* lk_hooks_add adds the hooks that the configuration names to a changelog. */
void lk_hooks_add(struct lk_run *run, const struct lk_config_target *target,
                  struct lk_changelog *changelog);

/*
 * lk_hooks_walk lints the hooks of a changelog on the schema at its end: as they go with every run,
 * that is what they find sooner or later. `visitor` (or NULL) sees them alone; `ret` holds their
 * findings.
 */
bool lk_hooks_walk(TALLOC_CTX *mem, const struct lk_changelog *changelog,
                   const struct lk_settings *settings, const struct lk_visitor *visitor,
                   struct lk_walked *ret, struct lk_error *err) LK_MUST_CHECK;

/*
 * lk_hooks_plan plans the hooks of a run, forwards or of a rollback, into `plan`. One that only its
 * own runner can carry out is an error, of code INPUT, that says so.
 */
bool lk_hooks_plan(TALLOC_CTX *mem, const struct lk_changelog *changelog, bool undo,
                   const struct lk_settings *settings,
                   const struct lk_timeouts timeouts[LK_STMT_COUNT], struct lk_plan *plan,
                   struct lk_walked *ret, struct lk_error *err) LK_MUST_CHECK;

#endif
