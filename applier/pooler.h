/*
 * applier/pooler.h
 *     Poolers between us and the server, which may give a session another backend at any time.
 */
#ifndef LK_APPLIER_POOLER_H
#define LK_APPLIER_POOLER_H

#include "applier/conn.h"

/*
 * lk_pooler_check fails, with code CONNECT, on a connection through a pooler that lends out
 * backends by the transaction or the statement: there an advisory lock, a setting and the message
 * that cancels a statement may be another client's. Poolers that lend them out by the session are
 * fine.
 */
bool lk_pooler_check(struct lk_conn *conn, struct lk_error *err) LK_MUST_CHECK;

#endif
