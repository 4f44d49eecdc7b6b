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
#include "parser/secret.h"

/* More of them in one message are many small ones: looking at the clock would slow them down. */
#define TIMED_STATEMENTS 500

struct lk_message
lk_message_init(TALLOC_CTX *mem, const struct lk_conn *conn)
{
    return (struct lk_message){
        .mem = mem, .text = lk_buf_init(mem), .timeouts = {-1, -1}, .guards = conn->guards};
}

static void
add_part(struct lk_message *message, const struct lk_plan_statement *statement, const char *sql)
{
    *lk_vec_add(message->mem, &message->parts) =
        (struct lk_message_part){.statement = statement, .start = message->text.len};
    lk_buf_add(&message->text, sql);
    lk_buf_add(&message->text, ";\n");
}

void
lk_message_own(struct lk_message *message, const char *sql)
{
    add_part(message, NULL, sql);
}

void
lk_message_clock(struct lk_message *message)
{
    add_part(message, NULL, "SELECT pg_catalog.date_part('epoch', pg_catalog.clock_timestamp())");
    lk_vec_last(&message->parts)->clock = true;
}

bool
lk_message_is_timed(size_t statements)
{
    return statements > 1 && statements <= TIMED_STATEMENTS;
}

/* set_timeout adds the SET of one timeout where it is another than in force. */
static void
set_timeout(struct lk_message *message, const char *name, int64_t *now, int64_t ms, bool local)
{
    if (*now != ms)
        lk_message_own(message, lk_fmt(message->mem, "SET %s%s = %lld", local ? "LOCAL " : "", name,
                                       (long long)ms));
    *now = ms;
}

void
lk_message_timeouts(struct lk_message *message, struct lk_timeouts timeouts, bool local)
{
    set_timeout(message, "lock_timeout", &message->timeouts.lock, timeouts.lock, local);
    set_timeout(message, "statement_timeout", &message->timeouts.statement, timeouts.statement,
                local);
}

void
lk_message_statement(struct lk_message *message, const struct lk_plan_statement *statement,
                     bool local)
{
    lk_message_timeouts(message, statement->timeouts, local);
    add_part(message, statement, statement->sql);
    if (statement->unsettles)
        message->timeouts = (struct lk_timeouts){-1, -1};
    if (statement->resets && local)
        lk_message_own(message, message->guards);
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

static void
hide_secrets_of(const struct lk_message *message, const char *sql, struct lk_server_error *error)
{
    const char **words[] = {&error->message, &error->detail, &error->hint};

    for (size_t i = 0; i < LK_ARRAY_SIZE(words); i++)
        *words[i] = lk_secrets_hide(message->mem, *words[i], sql);
}

/*
 * hide_row takes the values of a row out of what the server says of it, but for the first one, by
 * which it can be found: what the others are, the words in whatever language do not say.
 */
static void
hide_row(struct lk_message *message, struct lk_server_error *error)
{
    static const char *const states[] = {"23502", "23514"}; /* NOT NULL, CHECK */
    const char *values = error->detail != NULL ? strchr(error->detail, '(') : NULL;
    const char *second = values != NULL ? strstr(values, ", ") : NULL;
    const char *end = second != NULL ? strrchr(second, ')') : NULL;

    for (size_t i = 0; end != NULL && i < LK_ARRAY_SIZE(states); i++)
        if (strcmp(error->sqlstate, states[i]) == 0) {
            error->detail = lk_fmt(message->mem, "%.*s, ...%s", (int)(second - error->detail),
                                   error->detail, end);
            return;
        }
}

/*
 * hide_secrets takes the passwords of a message out of what the server says against it, and those
 * of the files it is made of: a setting that was made before can come back.
 */
static void
hide_secrets(const struct lk_message *message, struct lk_server_error *error)
{
    const struct lk_source *source = NULL;

    hide_secrets_of(message, message->text.data, error);
    lk_vec_foreach(part, &message->parts) {
        if (part->statement == NULL || part->statement->source == source)
            continue;
        source = part->statement->source;
        hide_secrets_of(message, source->original, error);
    }
}

/* A message on its way: what its answers tell. */
struct answers {
    struct lk_message *message;
    void (*each)(void *data, const struct lk_plan_statement *statement,
                 const struct lk_carried_out *how);
    void *data;
    size_t finished;                           /* parts */
    double clock;                              /* the server's, in seconds; 0: not known */
    struct timespec ours;                      /* when the message was sent */
    const struct lk_plan_statement *told_next; /* carried out, and not told yet */
    char tag[64];
};

/* tell tells of the statement that waits for its time to be known. */
static void
tell(struct answers *answers, double duration_ms)
{
    const struct lk_carried_out how = {answers->tag, duration_ms};

    if (answers->told_next != NULL && answers->each != NULL)
        answers->each(answers->data, answers->told_next, &how);
    answers->told_next = NULL;
}

static const struct lk_message_part *
part_at_hand(const struct answers *answers)
{
    return answers->finished < answers->message->parts.count
               ? &answers->message->parts.items[answers->finished]
               : NULL;
}

/* take_answer takes what the server says of the part at hand, which it has carried out. */
static void
take_answer(struct answers *answers, PGresult *result)
{
    const struct lk_message_part *part = part_at_hand(answers);

    answers->finished++;
    if (part != NULL && part->clock && PQntuples(result) == 1) {
        double now = strtod(PQgetvalue(result, 0, 0), NULL);
        tell(answers, answers->clock > 0 ? (now - answers->clock) * 1000 : -1);
        answers->clock = now;
    } else if (part != NULL && part->statement != NULL) {
        tell(answers, -1);
        answers->told_next = part->statement;
        snprintf(answers->tag, sizeof(answers->tag), "%s", PQcmdStatus(result));
    }
}

/* end_answers tells of the last statement; one without others has taken as long as the message. */
static void
end_answers(struct answers *answers)
{
    struct timespec now;
    size_t statements = 0;

    clock_gettime(CLOCK_MONOTONIC, &now);
    lk_vec_foreach(part, &answers->message->parts)
        statements += part->statement != NULL;
    tell(answers, statements == 1 ? (double)(now.tv_sec - answers->ours.tv_sec) * 1e3 +
                                        (double)(now.tv_nsec - answers->ours.tv_nsec) / 1e6
                                  : -1);
}

struct lk_sent
lk_message_send(struct lk_conn *conn, struct lk_message *message,
                void (*each)(void *data, const struct lk_plan_statement *statement,
                             const struct lk_carried_out *how),
                void *data)
{
    struct answers answers = {.message = message, .each = each, .data = data};
    struct lk_sent sent = {.ok = true};
    PGresult *result;

    if (conn->watch != NULL)
        lk_watch_begin(conn->watch, message->yields);
    clock_gettime(CLOCK_MONOTONIC, &answers.ours);
    lk_conn_sends(conn, message->text.data);
    if (!PQsendQuery(conn->pg, message->text.data)) {
        sent.ok = false;
        sent.error.message = "the connection is lost";
        lk_conn_sends(conn, NULL);
        return sent;
    }
    while ((result = next_result(conn)) != NULL) {
        ExecStatusType status = PQresultStatus(result);
        if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT) {
            const struct lk_message_part *part = part_at_hand(&answers);
            answer_copy(conn, status, part != NULL ? part->statement : NULL);
        } else if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK ||
                   status == PGRES_EMPTY_QUERY) {
            take_answer(&answers, result);
        } else if (sent.ok) {
            sent.ok = false;
            sent.error = lk_conn_error(message->mem, conn, result);
            locate(message, answers.finished, &sent);
            note_watched(message, conn, &sent);
            hide_row(message, &sent.error);
            hide_secrets(message, &sent.error);
        }
        PQclear(result);
        if (PQstatus(conn->pg) != CONNECTION_OK)
            break;
    }
    end_answers(&answers);
    lk_conn_sends(conn, NULL);
    if (PQstatus(conn->pg) != CONNECTION_OK && sent.ok) {
        sent.ok = false;
        sent.error.message = "the connection is lost";
    }
    return sent;
}
