/*
 * applier/interrupt.h
 *     SIGINT and SIGTERM: the statement under way is cancelled on the server, and the run ends at
 *     the next safe place. What a second signal does is the caller's to say.
 */
#ifndef LK_APPLIER_INTERRUPT_H
#define LK_APPLIER_INTERRUPT_H

#include "parser/base/lk.h"

struct pg_conn;

/*
 * lk_interrupt_install takes the signals over for the rest of the process; `again` is called from
 * the signal handler for every one but the first.
 */
void lk_interrupt_install(void (*again)(void));

/* lk_interrupted returns whether a signal came. */
bool lk_interrupted(void);

/* lk_interrupt_watch says whose statement a signal cancels; NULL: nobody's. */
void lk_interrupt_watch(struct pg_conn *connection);

#endif
