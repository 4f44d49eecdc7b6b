/*
 * applier/leaks.h
 *     What a migration leaves behind in its session, for the next one to stumble over.
 */
#ifndef LK_APPLIER_LEAKS_H
#define LK_APPLIER_LEAKS_H

#include "applier/execute_private.h"

/*
 * lk_leaks_clear puts the session back behind a migration that may have left something, tells what
 * it was, and makes sure that the run's lock is still held. What fails with the connection is
 * cured by the next one.
 */
void lk_leaks_clear(struct lk_work *work);

#endif
