/*
 * applier/hooks.h
 *     Scripts that go with a run: in the messages of migrations, and on their own.
 *
 * Those before and after each migration are part of what makes it exactly once: they share the
 * transaction that its row in the history is written in. Those around the run are carried out once
 * a run, and once more where the connection broke before their end was heard of.
 */
#ifndef LK_APPLIER_HOOKS_H
#define LK_APPLIER_HOOKS_H

#include "applier/execute_private.h"

/* lk_hooks_have returns whether there is a script for an event. */
bool lk_hooks_have(const struct lk_executor *executor, enum lk_hook_event event);

/* lk_hooks_join adds the scripts of an event to a message, which is in a transaction. */
void lk_hooks_join(const struct lk_executor *executor, enum lk_hook_event event,
                   struct lk_message *message);

/* lk_hooks_repeat makes the settings of an event's scripts again, in a new session. */
bool lk_hooks_repeat(struct lk_work *work, enum lk_hook_event event);

/*
 * lk_hooks_send carries the scripts of an event out in a transaction of their own, with `sql` (or
 * NULL) of ours behind them; `is_through` (or NULL) says, on a new connection, whether that was
 * committed before the old one broke. A failure is the outcome's, of `code`.
 */
bool lk_hooks_send(struct lk_work *work, enum lk_hook_event event, const char *sql,
                   bool (*is_through)(struct lk_work *work), enum lk_error_code code);

/* lk_hook_execute carries a script out that stands around a run. */
struct lk_outcome lk_hook_execute(TALLOC_CTX *mem, struct lk_executor *executor,
                                  const struct lk_plan_hook *hook);

#endif
