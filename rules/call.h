/*
 * rules/call.h
 *     Routines of the history that a statement calls, and what they do.
 */
#ifndef LK_RULES_CALL_H
#define LK_RULES_CALL_H

#include "rules/rule.h"

/* The calls of a statement that are looked into. */
struct lk_calls {
    LK_VEC(struct lk_call) items;
    struct lk_routines routines; /* those that are called */
};

/*
 * lk_calls_of returns what the statement at hand calls for sure, see lk_sure_calls: the routines
 * that the history has made, of which it is certain which one is meant, and whose statements are
 * known. What is in `mem` is good as long as the statement's source is.
 */
struct lk_calls lk_calls_of(TALLOC_CTX *mem, const struct lk_check *check);

/* lk_call_enter moves a session to where a call's first statement finds it, with what the routine
 * sets for itself; lk_call_leave to behind the call, `before` which it was as it is now. */
void lk_call_enter(const struct lk_call *call, struct lk_session *session);
void lk_call_leave(const struct lk_call *call, struct lk_session *session,
                   const struct lk_session *before);

/*
 * lk_caller returns what the rules saw of the statement that calls the routine at hand, whose
 * session it writes to `session`; where nothing is called it returns `check` itself.
 */
struct lk_check lk_caller(const struct lk_check *check, struct lk_session *session);

/* lk_call_place returns how people find a statement of a body: "in f(), line 3 of V1__f.sql". */
char *lk_call_place(const struct lk_check *check);

#endif
