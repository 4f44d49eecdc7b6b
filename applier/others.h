/*
 * applier/others.h
 *     Sessions of others that are in our way: who they are, for people.
 */
#ifndef LK_APPLIER_OTHERS_H
#define LK_APPLIER_OTHERS_H

#include "applier/conn.h"
#include "parser/base/vec.h"

/* A session that a statement of ours waits for. */
struct lk_blocker {
    int pid;                 /* negative: none, it is a prepared transaction, which `query` names */
    const char *user;        /* NULL: not to be seen, or a worker of the server's own */
    const char *application; /* may be empty */
    const char *state;       /* as in pg_stat_activity; NULL: not to be seen */
    const char *query; /* the start of its first line, no secret in it; NULL: not to be seen */
    int64_t age_ms;    /* of its transaction; -1: not to be seen */
    bool ended;        /* it was cancelled, or terminated where it did nothing */
};

struct lk_blockers {
    LK_VEC(struct lk_blocker) items;
};

/*
 * lk_others_find returns the sessions that a query of pid, user, application, state, query and age
 * in milliseconds finds.
 */
bool lk_others_find(TALLOC_CTX *mem, struct lk_conn *conn, const char *sql,
                    const char *const *params, size_t count, struct lk_blockers *ret,
                    struct lk_error *err) LK_MUST_CHECK;

/*
 * lk_others_terminate ends a session; false: it is gone, or not ours to end, and has to be waited
 * for.
 */
bool lk_others_terminate(TALLOC_CTX *mem, struct lk_conn *conn, int pid);

/* lk_blocker_words describes a blocker for people. */
char *lk_blocker_words(TALLOC_CTX *mem, const struct lk_blocker *blocker);

/* lk_blockers_words describes all of them, with "; " between; NULL: there are none. */
char *lk_blockers_words(TALLOC_CTX *mem, const struct lk_blocker *items, size_t count);

#endif
