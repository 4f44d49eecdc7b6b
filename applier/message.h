/*
 * applier/message.h
 *     Several statements as one simple query, and the way back from what the server says to the
 *     statement it is about.
 */
#ifndef LK_APPLIER_MESSAGE_H
#define LK_APPLIER_MESSAGE_H

#include "applier/conn_private.h"
#include "applier/execute.h"
#include "parser/base/buf.h"

/* A part of a message: a statement of the migration, or one of ours. */
struct lk_message_part {
    const struct lk_plan_statement *statement; /* NULL: ours */
    size_t start;                              /* where its SQL starts in the text */
    bool clock;                                /* it asks for the time */
};

struct lk_message {
    TALLOC_CTX *mem;
    struct lk_buf text;
    LK_VEC(struct lk_message_part) parts;
    struct lk_timeouts timeouts; /* in force by now; -1: not known */
    const char *guards;          /* lays our settings over the session's again */
    bool yields; /* to sessions that wait behind it for too long: it can be tried again */
};

/* lk_message_init returns an empty message for a connection. */
struct lk_message lk_message_init(TALLOC_CTX *mem, const struct lk_conn *conn);

/* lk_message_own adds a statement of ours, without its semicolon. */
void lk_message_own(struct lk_message *message, const char *sql);

/* lk_message_timeouts has what follows run under these timeouts; `local` ones end with the
 * transaction. */
void lk_message_timeouts(struct lk_message *message, struct lk_timeouts timeouts, bool local);

/* lk_message_statement adds a statement of the migration, with its timeouts. */
void lk_message_statement(struct lk_message *message, const struct lk_plan_statement *statement,
                          bool local);

/*
 * lk_message_clock adds a look at the server's clock: what is carried out between two of them is
 * timed by the server itself, as all answers to a message can come at once.
 */
void lk_message_clock(struct lk_message *message);

/* lk_message_is_timed returns whether that many statements together are worth the looks. */
bool lk_message_is_timed(size_t statements);

/* What became of a message. */
struct lk_sent {
    bool ok;
    struct lk_server_error error;
    const struct lk_plan_statement *statement; /* that failed; NULL: one of ours */
    uint32_t offset;                           /* in the file, where the server points */
    bool yielded;        /* it was cancelled for the sessions that waited behind it */
    const char *blocked; /* who held it up, in words; NULL: nobody was seen */
};

/*
 * lk_message_send sends it and waits for the end; `each` (or NULL) hears of every statement of the
 * migration that the server has carried out.
 */
struct lk_sent lk_message_send(struct lk_conn *conn, struct lk_message *message,
                               void (*each)(void *data, const struct lk_plan_statement *statement,
                                            const struct lk_carried_out *how),
                               void *data);

#endif
