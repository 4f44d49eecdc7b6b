/*
 * applier/others_private.h
 *     Sessions in a result, for the files of applier/.
 */
#ifndef LK_APPLIER_OTHERS_PRIVATE_H
#define LK_APPLIER_OTHERS_PRIVATE_H

#include "applier/libpq.h"
#include "applier/others.h"

/* lk_others_read returns the session in a row, whose columns start at `first`. */
struct lk_blocker lk_others_read(TALLOC_CTX *mem, const PGresult *result, int row, int first);

#endif
