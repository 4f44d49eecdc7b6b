/*
 * applier/message.c
 *     Several statements as one simple query: see message.h.
 *
 * One message is one network round trip. The server parses all of it before it runs any of it, and
 * stops at the first error; between BEGIN and COMMIT that is what a transaction is.
 */
#include "applier/message.h"

#include <poll.h>

#include "applier/watch.h"

struct lk_message
lk_message_init(TALLOC_CTX *mem)
{
    return (struct lk_message){.mem = mem, .text = lk_buf_init(mem), .lock_timeout_ms = -1};
}

static void
add_part(struct lk_message *message, const struct lk_plan_statement *statement, const char *sql)
{
    *lk_vec_add(message->mem, &message->parts) =
        (struct lk_message_part){statement, message->text.len};
    lk_buf_add(&message->text, sql);
    lk_buf_add(&message->text, ";\n");
}

void
lk_message_own(struct lk_message *message, const char *sql)
{
    add_part(message, NULL, sql);
}

void
lk_message_statement(struct lk_message *message, const struct lk_plan_statement *statement,
                     bool local)
{
    if (statement->lock_timeout_ms != message->lock_timeout_ms) {
        message->lock_timeout_ms = statement->lock_timeout_ms;
        lk_message_own(message,
                       lk_fmt(message->mem, "SET %slock_timeout = %lld", local ? "LOCAL " : "",
                              (long long)statement->lock_timeout_ms));
    }
    add_part(message, statement, statement->sql);
}

/* byte_at returns the offset of the 1-based character `position`. */
static size_t
byte_at(const char *text, int position)
{
    size_t at = 0;

    for (int seen = 1; seen < position && text[at] != '\0'; seen++)
        do
            at++;
        while ((text[at] & 0xC0) == 0x80);
    return at;
}

/* locate finds the statement an error is about: by the server's position, else by the count. */
static void
locate(const struct lk_message *message, size_t finished, struct lk_sent *sent)
{
    size_t index = LK_MIN(finished, message->parts.count - 1);
    size_t at = 0;

    if (sent->error.position > 0) {
        at = byte_at(message->text.data, sent->error.position);
        index = 0;
        while (index + 1 < message->parts.count && message->parts.items[index + 1].start <= at)
            index++;
    }
    const struct lk_message_part *part = &message->parts.items[index];
    sent->statement = part->statement;
    if (part->statement != NULL)
        sent->offset =
            part->statement->span.start + (at > part->start ? (uint32_t)(at - part->start) : 0);
}

#define COPY_PIECE (1 << 16) /* bytes handed over at once */

/*
 * answer_copy gives a COPY FROM STDIN the rows that the file holds for it, or ends one that has
 * none; what a COPY TO STDOUT sends is thrown away.
 */
static void
answer_copy(struct lk_conn *conn, ExecStatusType status, const struct lk_plan_statement *statement)
{
    char *row = NULL;

    if (status == PGRES_COPY_OUT) {
        while (PQgetCopyData(conn->pg, &row, 0) > 0)
            PQfreemem(row);
        return;
    }
    if (statement == NULL || statement->data == NULL) {
        PQputCopyEnd(conn->pg, "the rows of COPY FROM STDIN are not in the migration");
        return;
    }
    for (size_t at = 0; at < statement->data_size; at += COPY_PIECE) {
        size_t piece = LK_MIN(statement->data_size - at, (size_t)COPY_PIECE);
        if (PQputCopyData(conn->pg, statement->data + at, (int)piece) != 1)
            break; /* what went wrong comes as a result */
    }
    PQputCopyEnd(conn->pg, NULL);
}

#define LOOK_AROUND_MS 200 /* how often the watch is asked whether it wants to look */

/* next_result waits for the next result, and has the watch look around meanwhile. */
static PGresult *
next_result(struct lk_conn *conn)
{
    while (conn->watch != NULL && PQisBusy(conn->pg)) {
        struct pollfd ready = {.fd = PQsocket(conn->pg), .events = POLLIN};
        if (poll(&ready, 1, LOOK_AROUND_MS) > 0) {
            if (!PQconsumeInput(conn->pg))
                break;
        } else {
            lk_watch_look(conn->watch);
        }
    }
    return PQgetResult(conn->pg);
}

/* note_watched adds to a failure what the watch knows of it. */
static void
note_watched(const struct lk_message *message, const struct lk_conn *conn, struct lk_sent *sent)
{
    if (conn->watch == NULL)
        return;
    sent->blocked = lk_watch_blockers(message->mem, conn->watch);
    sent->yielded = lk_watch_cancelled(conn->watch) && strcmp(sent->error.sqlstate, "57014") == 0;
}

struct lk_sent
lk_message_send(struct lk_conn *conn, struct lk_message *message,
                void (*each)(void *data, const struct lk_plan_statement *statement), void *data)
{
    struct lk_sent sent = {.ok = true};
    size_t finished = 0;
    PGresult *result;

    if (conn->watch != NULL)
        lk_watch_begin(conn->watch, message->yields);
    if (!PQsendQuery(conn->pg, message->text.data)) {
        sent.ok = false;
        sent.error.message = "the connection is lost";
        return sent;
    }
    while ((result = next_result(conn)) != NULL) {
        ExecStatusType status = PQresultStatus(result);
        if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT) {
            answer_copy(conn, status,
                        finished < message->parts.count ? message->parts.items[finished].statement
                                                        : NULL);
        } else if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK ||
                   status == PGRES_EMPTY_QUERY) {
            const struct lk_plan_statement *statement =
                finished < message->parts.count ? message->parts.items[finished].statement : NULL;
            if (statement != NULL && each != NULL)
                each(data, statement);
            finished++;
        } else if (sent.ok) {
            sent.ok = false;
            sent.error = lk_conn_error(message->mem, conn, result);
            locate(message, finished, &sent);
            note_watched(message, conn, &sent);
        }
        PQclear(result);
        if (PQstatus(conn->pg) != CONNECTION_OK)
            break;
    }
    if (PQstatus(conn->pg) != CONNECTION_OK && sent.ok) {
        sent.ok = false;
        sent.error.message = "the connection is lost";
    }
    return sent;
}
