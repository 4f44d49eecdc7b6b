/*
 * applier/guard.h
 *     Settings that keep a session of ours out of harm's way, and how to get back to them.
 */
#ifndef LK_APPLIER_GUARD_H
#define LK_APPLIER_GUARD_H

#include "applier/conn_private.h"

/*
 * lk_guard_set sets what guards.def says on a new connection, and makes the statements that do so
 * again: `conn->guards`, and behind everything that a migration may have changed `conn->restore`.
 * It returns false when the connection cannot be used.
 */
bool lk_guard_set(struct lk_conn *conn) LK_MUST_CHECK;

#endif
