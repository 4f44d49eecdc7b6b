/*
 * applier/trace.h
 *     What a statement that refuses transactions has left in the catalog: whether it came through,
 *     and what to do about the half of it, when nobody heard the end of it.
 */
#ifndef LK_APPLIER_TRACE_H
#define LK_APPLIER_TRACE_H

#include "applier/history.h"
#include "applier/plan.h"

struct lk_trace {
    bool done;            /* it came through */
    bool forward;         /* the cures complete it; else they take it back */
    LK_VEC(char *) cures; /* SQL, one per message, for what is half done */
};

/*
 * lk_trace_find looks for the traces of a statement that was begun as `entry` says. Without any it
 * has to be run (again).
 */
bool lk_trace_find(TALLOC_CTX *mem, struct lk_conn *conn, const struct lk_plan_statement *statement,
                   const struct lk_journal_entry *entry, struct lk_trace *ret,
                   struct lk_error *err) LK_MUST_CHECK;

#endif
