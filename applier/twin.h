/*
 * applier/twin.h
 *     Whether an index that is there already is the one that a statement asks for.
 */
#ifndef LK_APPLIER_TWIN_H
#define LK_APPLIER_TWIN_H

#include "applier/conn.h"

/* Two definitions, as the server writes them, from UNIQUE and USING on; NULL: not known. */
struct lk_twin {
    const char *wanted;
    const char *there;
    bool differs;
};

/*
 * lk_twin_compare has the server define the index of a CREATE INDEX on a temporary table of the
 * same columns, in a transaction that is rolled back, and compares that with the definition of
 * `index`. Both names are qualified and quoted. Where the server refuses, nothing is known.
 */
struct lk_twin lk_twin_compare(TALLOC_CTX *mem, struct lk_conn *conn, const char *sql,
                               const char *table, const char *index);

/* lk_twin_there returns the definition of an index, or NULL: there is none. */
const char *lk_twin_there(TALLOC_CTX *mem, struct lk_conn *conn, const char *index);

#endif
