/*
 * rules/session.h
 *     The session's state while a migration's statements pass: transaction, timeouts.
 */
#ifndef LK_RULES_SESSION_H
#define LK_RULES_SESSION_H

#include "rules/outline.h"

/* A setting as the server keeps it: 0 or 1, or of a timeout milliseconds, -1 where nobody set it.
 */
struct lk_setting {
    int64_t session; /* its value for the session */
    int64_t before;  /* ... when the transaction at hand began: a ROLLBACK restores it */
    int64_t local;   /* its value for the transaction, if `is_local` */
    bool is_local;
};

struct lk_session {
    bool runner_block; /* the runner's own transaction is open */
    bool one_message;  /* the file is one implicit transaction, but for its own blocks */
    bool block;        /* inside the file's own BEGIN */
    bool body;         /* inside a DO block, which is one statement to the server */
    uint32_t begin;    /* the index of that BEGIN, or of COMMIT AND CHAIN */
    struct lk_setting lock_timeout;
    struct lk_setting statement_timeout;
    struct lk_setting utc;      /* timezone is UTC */
    struct lk_setting careless; /* check_function_bodies is off */
};

/* lk_session_start returns the state before the first statement. */
struct lk_session lk_session_start(const struct lk_outline *outline);

/* lk_session_step moves the state behind the statement at `index`; `tree` may be NULL. */
void lk_session_step(struct lk_session *session, const struct lk_outline *outline, uint32_t index,
                     const struct Node *tree);

/* lk_session_follow moves the state behind a statement in the body of a DO block. */
void lk_session_follow(struct lk_session *session, const struct Node *tree);

/* lk_session_enter_body and lk_session_leave_body go around the statements of a DO block. */
void lk_session_enter_body(struct lk_session *session);
void lk_session_leave_body(struct lk_session *session);

/* lk_session_in_transaction returns whether a statement here runs in a transaction block. */
bool lk_session_in_transaction(const struct lk_session *session);

/* lk_session_lock_timeout and lk_session_statement_timeout return what the file has set, in
 * milliseconds: 0 none, -1 it has not. */
int64_t lk_session_lock_timeout(const struct lk_session *session);
int64_t lk_session_statement_timeout(const struct lk_session *session);

/* lk_session_bounds_locks returns whether a finite lock_timeout is in force. */
bool lk_session_bounds_locks(const struct lk_session *session);

/* lk_session_limits_statements returns whether a statement_timeout below an hour is in force. */
bool lk_session_limits_statements(const struct lk_session *session);

/* lk_session_checks_bodies returns whether CREATE FUNCTION refuses a body with syntax errors. */
bool lk_session_checks_bodies(const struct lk_session *session);

/* lk_session_is_utc returns whether the file has set the time zone to UTC. */
bool lk_session_is_utc(const struct lk_session *session);

#endif
