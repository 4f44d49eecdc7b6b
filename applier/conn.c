/*
 * applier/conn.c
 *     One connection to the server: see conn.h and conn_private.h.
 */
#include "applier/conn_private.h"

#include <poll.h>

#include "applier/guard.h"
#include "applier/interrupt.h"
#include "applier/sql.h"
#include "parser/base/buf.h"
#include "parser/base/text.h"
#include "parser/secret.h"

/*
 * What holds unless the conninfo says otherwise, in seconds, and of tcp_user_timeout milliseconds.
 * A server that is gone without a word is noticed within the time that a lock may be waited for.
 */
static const struct {
    const char *keyword, *value;
    const char *variable; /* of the environment that says otherwise, too; or NULL */
} defaults[] = {
    {"fallback_application_name", "lockkeeper", NULL},
    {"client_encoding", "UTF8", NULL},
    {"connect_timeout", "10", "PGCONNECT_TIMEOUT"},
    {"keepalives_idle", "30", NULL},
    {"keepalives_interval", "10", NULL},
    {"keepalives_count", "3", NULL},
    {"tcp_user_timeout", "60000", NULL},
};

/* ---- secrets ---- */

/* hide replaces every occurrence of a secret by asterisks. */
static char *
hide(TALLOC_CTX *mem, char *text, const char *secret)
{
    struct lk_buf hidden = lk_buf_init(mem);

    if (secret == NULL || secret[0] == '\0')
        return text;
    for (const char *at = text; *at != '\0';) {
        if (lk_starts_with(at, secret)) {
            lk_buf_add(&hidden, "********");
            at += strlen(secret);
        } else {
            lk_buf_addc(&hidden, *at++);
        }
    }
    return hidden.data;
}

/* hide_secrets hides the passwords that a conninfo holds, and that of the environment. */
static char *
hide_secrets(TALLOC_CTX *mem, const char *url, const char *text)
{
    char *clean = lk_strdup(mem, text);
    PQconninfoOption *options = url != NULL ? PQconninfoParse(url, NULL) : NULL;

    for (PQconninfoOption *option = options; option != NULL && option->keyword != NULL; option++)
        if (strcmp(option->keyword, "password") == 0 || strcmp(option->keyword, "sslpassword") == 0)
            clean = hide(mem, clean, option->val);
    PQconninfoFree(options);
    return hide(mem, clean, getenv("PGPASSWORD"));
}

/* one_line joins the lines of libpq's message, which ends in a newline and goes on indented. */
static char *
one_line(TALLOC_CTX *mem, const char *text)
{
    struct lk_buf line = lk_buf_init(mem);

    for (size_t length; *text != '\0'; text += length) {
        text += strspn(text, " \t\n");
        length = strcspn(text, "\n");
        lk_buf_sep(&line, " ");
        lk_buf_addn(&line, text, length);
    }
    return line.data;
}

/*
 * is_torn returns whether libpq reads a URL otherwise than it is meant, because its password holds
 * @ or / as it is: parts of that would be names of hosts and databases, which errors repeat.
 */
static bool
is_torn(const char *url)
{
    const char *start = strstr(url, "://");

    if (start == NULL ||
        (!lk_starts_with(url, "postgres://") && !lk_starts_with(url, "postgresql://")))
        return false;
    start += strlen("://");
    size_t user = strcspn(start, "@/");
    if (start[user] == '@') {
        const char *host = start + user + 1;
        return host[strcspn(host, "@/?")] == '@';
    }
    const char *path = start + user;
    return memchr(start, ':', user) != NULL && path[strcspn(path, "@?")] == '@';
}

/*
 * is_nested returns whether the name of the database is a connection string itself, which would be
 * repeated with its password as that name. A name may well have an = in it.
 */
static bool
is_nested(const PQconninfoOption *options)
{
    for (; options->keyword != NULL; options++)
        if (strcmp(options->keyword, "dbname") == 0 && options->val != NULL)
            return strstr(options->val, "://") != NULL ||
                   strcasestr(options->val, "password") != NULL;
    return false;
}

/* check_url fails on a conninfo that libpq cannot read, without repeating any of it. */
static bool
check_url(const char *url, struct lk_error *err)
{
    char *message = NULL;
    PQconninfoOption *options;

    if (url == NULL)
        return true;
    bool plain = strchr(url, '=') == NULL && strstr(url, "://") == NULL;
    if (plain && strchr(url, '@') == NULL)
        return true; /* a plain database name */
    options = plain ? NULL : PQconninfoParse(url, &message);
    bool valid = options != NULL && !is_torn(url) && !is_nested(options);
    PQconninfoFree(options);
    PQfreemem(message);
    if (valid)
        return true;
    lk_fail(err, LK_ERR_USAGE, "the connection string is not valid");
    return lk_error_hint(err, "It looks like postgresql://user@host:5432/database or "
                              "\"host=... dbname=... user=...\"; special characters of a password "
                              "in a URL are written as %%XX.");
}

/* ---- connecting ---- */

/* secrets_of returns the secrets of the message under way, which are looked for once. */
static const struct lk_spans *
secrets_of(struct lk_conn *conn)
{
    if (conn->secrets == NULL) {
        conn->secrets = lk_new(conn, struct lk_spans);
        *conn->secrets = lk_secrets_find(conn->secrets, conn->sending, strlen(conn->sending));
    }
    return conn->secrets;
}

static void
on_notice(void *data, const PGresult *result)
{
    struct lk_conn *conn = data;
    const char *severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
    const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);

    if (conn->options.notice == NULL || message == NULL)
        return;
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    char *words = conn->sending == NULL
                      ? lk_secrets_hide(scratch, message, NULL)
                      : lk_secrets_hide_known(scratch, message, conn->sending, secrets_of(conn));
    conn->options.notice(conn->options.data, severity != NULL ? severity : "NOTICE", words);
}

void
lk_conn_sends(struct lk_conn *conn, const char *sql)
{
    talloc_free(conn->secrets);
    conn->secrets = NULL;
    conn->sending = sql;
}

/*
 * passing_state returns the SQLSTATE of a refusal that passes: libpq tells of those but the words.
 * Where the server has others, the connection is not tried again.
 */
static const char *
passing_state(const char *reason)
{
    static const struct {
        const char *words, *state;
    } refusals[] = {
        {"too many clients already", "53300"},
        {"too many connections for", "53300"},
        {"remaining connection slots are reserved", "53300"},
        {"the database system is ", "57P03"}, /* starting up, shutting down, in recovery mode */
    };

    for (size_t i = 0; i < LK_ARRAY_SIZE(refusals); i++)
        if (strstr(reason, refusals[i].words) != NULL)
            return refusals[i].state;
    return "";
}

static bool
connect_failed(struct lk_conn *conn, struct lk_error *err)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    char *said = one_line(
        scratch, hide_secrets(scratch, conn->options.url,
                              conn->pg != NULL ? PQerrorMessage(conn->pg) : "out of memory"));
    char *reason = lk_secrets_hide(scratch, said, NULL);

    lk_fail(err, LK_ERR_CONNECT, "cannot connect: %s", reason);
    snprintf(err->sqlstate, sizeof(err->sqlstate), "%s", passing_state(reason));
    if (strstr(reason, "authentication failed") != NULL || strstr(reason, "no password") != NULL)
        lk_error_hint(err, "Check user and password: in the URL, PGPASSWORD or ~/.pgpass.");
    else
        lk_error_hint(err, "Check --url, the configuration's url and the PG* variables.");
    PQfinish(conn->pg);
    conn->pg = NULL;
    return false;
}

static bool
open_connection(struct lk_conn *conn, struct lk_error *err)
{
    const char *keywords[LK_ARRAY_SIZE(defaults) + 3], *values[LK_ARRAY_SIZE(defaults) + 3];
    size_t count = 0;

    for (size_t i = 0; i < LK_ARRAY_SIZE(defaults); i++) {
        if (defaults[i].variable != NULL && getenv(defaults[i].variable) != NULL)
            continue;
        keywords[count] = defaults[i].keyword;
        values[count++] = defaults[i].value;
    }
    if (conn->options.url != NULL) { /* behind the others: what it says wins */
        keywords[count] = "dbname";
        values[count++] = conn->options.url;
    }
    if (conn->startup != NULL) {
        keywords[count] = "options";
        values[count++] = conn->startup;
    }
    keywords[count] = NULL;
    conn->pg = PQconnectdbParams(keywords, values, 1);
    if (PQstatus(conn->pg) != CONNECTION_OK)
        return connect_failed(conn, err);
    conn->backend = PQbackendPID(conn->pg);
    PQsetNoticeReceiver(conn->pg, on_notice, conn);
    if (!conn->options.aside && !lk_guard_set(conn))
        return connect_failed(conn, err);
    if (!conn->options.aside)
        lk_interrupt_watch(conn->pg);
    return true;
}

static int
close_connection(struct lk_conn *conn)
{
    if (!conn->options.aside)
        lk_interrupt_watch(NULL);
    PQfinish(conn->pg);
    return 0;
}

/* add_escaped adds a value as the server takes it among the options of a startup. */
static void
add_escaped(struct lk_buf *buf, const char *text)
{
    for (; *text != '\0'; text++) {
        if (strchr(" \t\n\v\f\r\\", *text) != NULL)
            lk_buf_addc(buf, '\\');
        lk_buf_addc(buf, *text);
    }
}

/*
 * put_first makes the connection anew with a schema first in search_path, unless it is so already:
 * as an option of its startup, for RESET ALL to come back to.
 */
static bool
put_first(struct lk_conn *conn, const char *schema, struct lk_error *err)
{
    const char *params[] = {schema};
    PGresult *result LK_CLEANUP(lk_result_clear) =
        lk_conn_query(conn, conn, lk_sql_search_path, params, LK_ARRAY_SIZE(params), err);

    if (result == NULL)
        return false;
    if (strcmp(PQgetvalue(result, 0, 1), "t") == 0)
        return true;
    struct lk_buf startup = lk_buf_init(conn);
    PQconninfoOption *live = PQconninfo(conn->pg);
    for (PQconninfoOption *option = live; option != NULL && option->keyword != NULL; option++)
        if (strcmp(option->keyword, "options") == 0 && option->val != NULL)
            lk_buf_addf(&startup, "%s ", option->val);
    PQconninfoFree(live);
    lk_buf_add(&startup, "-c search_path=");
    add_escaped(&startup, PQgetvalue(result, 0, 0));
    conn->startup = startup.data;
    return lk_conn_reopen(conn, err);
}

struct lk_conn *
lk_conn_open(TALLOC_CTX *mem, const struct lk_conn_options *options, struct lk_error *err)
{
    struct lk_conn *conn;

    if (!lk_libpq_load(err) || !check_url(options->url, err))
        return NULL;
    conn = lk_new(mem, struct lk_conn);
    conn->options = *options;
    talloc_set_destructor(conn, close_connection);
    if (!open_connection(conn, err) ||
        (options->schema != NULL && !put_first(conn, options->schema, err)))
        return NULL;
    return conn;
}

bool
lk_conn_reopen(struct lk_conn *conn, struct lk_error *err)
{
    lk_interrupt_watch(NULL);
    PQfinish(conn->pg);
    conn->pg = NULL;
    return open_connection(conn, err);
}

bool
lk_conn_is_broken(const struct lk_conn *conn)
{
    return conn->pg == NULL || PQstatus(conn->pg) != CONNECTION_OK;
}

char *
lk_conn_target(TALLOC_CTX *mem, const struct lk_conn *conn)
{
    const char *host = PQhost(conn->pg);

    return lk_fmt(mem, "%s@%s:%s/%s", PQuser(conn->pg), host != NULL && host[0] != '\0' ? host : "",
                  PQport(conn->pg), PQdb(conn->pg));
}

int
lk_conn_server_version(const struct lk_conn *conn)
{
    return PQserverVersion(conn->pg);
}

/* ---- queries ---- */

void
lk_result_clear(PGresult **result)
{
    PQclear(*result);
}

static const char *
field(TALLOC_CTX *mem, const PGresult *result, int code)
{
    return lk_strdup(mem, PQresultErrorField(result, code));
}

struct lk_server_error
lk_conn_error(TALLOC_CTX *mem, const struct lk_conn *conn, const PGresult *result)
{
    struct lk_server_error error = {.message = field(mem, result, PG_DIAG_MESSAGE_PRIMARY)};
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *position = PQresultErrorField(result, PG_DIAG_STATEMENT_POSITION);

    if (state != NULL)
        snprintf(error.sqlstate, sizeof(error.sqlstate), "%.5s", state);
    if (error.message == NULL)
        error.message = one_line(mem, PQerrorMessage(conn->pg));
    error.detail = field(mem, result, PG_DIAG_MESSAGE_DETAIL);
    error.hint = field(mem, result, PG_DIAG_MESSAGE_HINT);
    error.schema = field(mem, result, PG_DIAG_SCHEMA_NAME);
    if (position != NULL)
        error.position = (int)strtol(position, NULL, 10);
    return error;
}

PGresult *
lk_conn_exec(TALLOC_CTX *mem, struct lk_conn *conn, const char *sql, struct lk_server_error *ret)
{
    PGresult *result = PQexec(conn->pg, sql);
    ExecStatusType status = PQresultStatus(result);

    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY)
        return result;
    *ret = lk_conn_error(mem, conn, result);
    PQclear(result);
    return NULL;
}

/* quote returns a string constant; NULL for what is not in the client's encoding, UTF-8. */
static char *
quote(TALLOC_CTX *mem, struct lk_conn *conn, const char *text)
{
    char *quoted = PQescapeLiteral(conn->pg, text, strlen(text));
    char *copy = quoted != NULL ? lk_strdup(mem, quoted) : NULL;

    PQfreemem(quoted);
    return copy;
}

char *
lk_conn_literal(TALLOC_CTX *mem, struct lk_conn *conn, const char *text)
{
    if (text == NULL)
        return lk_strdup(mem, "NULL");
    char *literal = quote(mem, conn, text);
    if (literal != NULL)
        return literal;
    char *plain = lk_strdup(mem, text); /* of the environment, say: a build number */
    for (char *at = plain; *at != '\0'; at++)
        if ((unsigned char)*at >= 0x80)
            *at = '?';
    literal = quote(mem, conn, plain);
    if (literal == NULL)
        LK_BUG("cannot quote a string: %s", PQerrorMessage(conn->pg));
    return literal;
}

char *
lk_conn_fill(TALLOC_CTX *mem, struct lk_conn *conn, const char *sql, const char *const *params,
             size_t count)
{
    struct lk_buf query = lk_buf_init(mem);

    for (const char *at = sql; *at != '\0'; at++) {
        if (at[0] == '$' && at[1] >= '1' && (size_t)(at[1] - '0') <= count) {
            lk_buf_add(&query, lk_conn_literal(mem, conn, params[at[1] - '1']));
            at++;
        } else {
            lk_buf_addc(&query, *at);
        }
    }
    return query.data;
}

char *
lk_conn_fill_table(TALLOC_CTX *mem, struct lk_conn *conn, const char *sql, const char *table,
                   const char *const *params, size_t count)
{
    static const char token[] = "history_table";
    struct lk_buf query = lk_buf_init(mem);

    for (const char *next; (next = strstr(sql, token)) != NULL; sql = next + strlen(token)) {
        char *piece = lk_strndup(mem, sql, (size_t)(next - sql));
        lk_buf_addf(&query, "%s%s", lk_conn_fill(mem, conn, piece, params, count), table);
    }
    lk_buf_add(&query, lk_conn_fill(mem, conn, sql, params, count));
    return query.data;
}

PGresult *
lk_conn_query(TALLOC_CTX *mem, struct lk_conn *conn, const char *sql, const char *const *params,
              size_t count, struct lk_error *err)
{
    struct lk_server_error error;

    if (conn->pg == NULL) {
        lk_fail(err, LK_ERR_CONNECT, "the connection is lost");
        return NULL;
    }
    PGresult *result = lk_conn_exec(mem, conn, lk_conn_fill(mem, conn, sql, params, count), &error);
    if (result == NULL) {
        lk_fail(err, error.sqlstate[0] == '\0' ? LK_ERR_CONNECT : LK_ERR_FAILED, "%s",
                error.message);
        snprintf(err->sqlstate, sizeof(err->sqlstate), "%s", error.sqlstate);
    }
    return result;
}

PGresult *
lk_conn_query_within(TALLOC_CTX *mem, struct lk_conn *conn, const char *sql,
                     const char *const *params, size_t count, int patience_ms)
{
    PGresult *last = NULL, *result;

    if (conn->pg == NULL || !PQsendQuery(conn->pg, lk_conn_fill(mem, conn, sql, params, count)))
        return NULL;
    while (PQisBusy(conn->pg)) {
        struct pollfd ready = {.fd = PQsocket(conn->pg), .events = POLLIN};
        if (poll(&ready, 1, patience_ms) <= 0 || !PQconsumeInput(conn->pg))
            return NULL;
    }
    while ((result = PQgetResult(conn->pg)) != NULL) {
        PQclear(last);
        last = result;
    }
    if (PQresultStatus(last) == PGRES_TUPLES_OK)
        return last;
    PQclear(last);
    return NULL;
}
