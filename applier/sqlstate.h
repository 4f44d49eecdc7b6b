/*
 * applier/sqlstate.h
 *     Classes of SQLSTATEs.
 */
#ifndef LK_APPLIER_SQLSTATE_H
#define LK_APPLIER_SQLSTATE_H

#include "parser/base/lk.h"

enum lk_sqlstate_class {
    LK_SQLSTATE_FATAL,      /* trying again would give the same */
    LK_SQLSTATE_RETRY,      /* the same connection can try again */
    LK_SQLSTATE_CONNECTION, /* a new connection can try again */
    LK_SQLSTATE_CANCELED,
    LK_SQLSTATE_LIMIT, /* the session was ended for what it did: it would be again */
};

/* lk_sqlstate_class returns the class of a code; an empty one means that the connection is gone. */
enum lk_sqlstate_class lk_sqlstate_class(const char *code);

/* lk_sqlstate_words returns what the code is called in messages: "lock timeout". */
const char *lk_sqlstate_words(const char *code);

#endif
