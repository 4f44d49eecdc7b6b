/*
 * tests/differential/replay_folder.c
 *     Carrying a folder out, here and there: see replay.h.
 *
 * Each statement is sent to the server by itself, and replayed if the server took it: what a server
 * refuses for reasons outside of the schema does not spoil the rest. What the replay would have
 * refused is compared, too.
 */
#include <unistd.h>

#include "parser/base/buf.h"
#include "parser/base/file.h"
#include "parser/base/text.h"
#include "parser/body.h"
#include "parser/changelog.h"
#include "parser/pg_nodes.h"
#include "rules/schema/catalog_private.h"
#include "rules/schema/replay.h"
#include "rules/schema/replay_condition.h"
#include "tests/differential/replay.h"

struct trial {
    TALLOC_CTX *mem; /* of the result */
    PGconn *pg;
    struct lk_catalog *catalog;
    struct lk_catalog *half; /* begun in the middle from the schema as SQL; NULL: not yet */
    struct lk_replayed *ret;
    int major;
};

bool
lk_is_by_schema(const char *sqlstate)
{
    static const char *const others[] = {"0A000", "2BP01", "3F000"};

    for (size_t i = 0; i < LK_ARRAY_SIZE(others); i++)
        if (strcmp(others[i], sqlstate) == 0)
            return true;
    /* a class of its own: access rule violations, which privileges (42501) are no part of */
    return lk_starts_with(sqlstate, "42") && strcmp(sqlstate, "42501") != 0;
}

static struct lk_verdict_score *
verdict_of(struct trial *trial, const char *sqlstate)
{
    lk_vec_foreach(it, &trial->ret->verdicts)
        if (strcmp(it->sqlstate, sqlstate) == 0)
            return it;
    struct lk_verdict_score *it = lk_vec_add(trial->mem, &trial->ret->verdicts);
    it->sqlstate = lk_strdup(trial->mem, sqlstate);
    return it;
}

/* reconnect waits for a server that a statement has brought down: there are bugs that do. */
static const char *
reconnect(PGconn *pg, const char *sql)
{
    for (int tries = 0; tries < 60 && PQstatus(pg) == CONNECTION_BAD; tries++) {
        usleep(500000);
        PQreset(pg);
    }
    if (PQstatus(pg) == CONNECTION_BAD)
        LK_BUG("the server is gone: %s", sql);
    return "57P02";
}

/*
 * send_for has the server carry a text out; returns the SQLSTATE, NULL where it succeeds, and what
 * the server says.
 */
static const char *
send_for(TALLOC_CTX *mem, PGconn *pg, const char *sql, const char **message)
{
    const char *sqlstate = NULL;
    PGresult *result;

    if (!PQsendQuery(pg, sql))
        LK_BUG("cannot send: %s", PQerrorMessage(pg));
    while ((result = PQgetResult(pg)) != NULL) {
        char *row = NULL;
        if (PQresultStatus(result) == PGRES_COPY_IN)
            PQputCopyEnd(pg, NULL);
        while (PQresultStatus(result) == PGRES_COPY_OUT && PQgetCopyData(pg, &row, 0) > 0)
            PQfreemem(row);
        if (PQresultErrorField(result, PG_DIAG_SQLSTATE) != NULL) {
            sqlstate = lk_strdup(mem, PQresultErrorField(result, PG_DIAG_SQLSTATE));
            *message = lk_strdup(mem, PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY));
        }
        PQclear(result);
    }
    return PQstatus(pg) == CONNECTION_BAD ? reconnect(pg, sql) : sqlstate;
}

static const char *
send(TALLOC_CTX *mem, PGconn *pg, const char *sql)
{
    const char *message = NULL;

    return send_for(mem, pg, sql, &message);
}

/* replay follows a statement and what it carries out; what that is, is not always known. */
static void
replay(struct lk_catalog *catalog, struct lk_script *script, size_t index)
{
    const struct lk_statement *statement = &script->statements.items[index];
    const struct lk_body *body = lk_script_body(script, index);
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    struct lk_conditions conditions = {0};

    if (body != NULL)
        lk_vec_foreach(nested, &body->items) {
            const Node *tree = nested->statement.tree;
            enum lk_truth reached = lk_replay_reached(scratch, catalog, nested, &conditions);
            if (reached == LK_TRUTH_FALSE)
                continue;
            if (tree == NULL) /* it may do anything */
                lk_catalog_doubt(catalog);
            if (nested->dynamic && nested->when != LK_WHEN_CALLED)
                lk_replay_partly(catalog, nested->likely);
            if (tree == NULL || nested->when == LK_WHEN_CALLED || IsA(tree, TransactionStmt))
                continue;
            if (nested->caught)
                lk_replay_caught(catalog, &nested->statement, nested->source->text);
            else if (nested->when == LK_WHEN_MAYBE && reached == LK_TRUTH_UNKNOWN)
                lk_replay_maybe(catalog, &nested->statement, nested->source->text);
            else
                lk_replay_nested(catalog, &nested->statement, nested->source->text);
        }
    lk_replay(catalog, statement, script->source->text);
}

/* predict returns the SQLSTATE for which the replay refuses a statement, or NULL. */
static const char *
predict(TALLOC_CTX *mem, struct trial *trial, struct lk_script *script, size_t index)
{
    lk_catalog_savepoint(trial->catalog, "trial");
    lk_replay(trial->catalog, &script->statements.items[index], script->source->text);
    const struct lk_refusals *refusals = lk_catalog_refusals(trial->catalog);
    const char *sqlstate =
        refusals->items.count > 0 ? lk_strdup(mem, refusals->items.items[0].sqlstate) : NULL;
    lk_catalog_rollback_to(trial->catalog, "trial");
    lk_catalog_release(trial->catalog, "trial");
    return sqlstate;
}

static void
judge(struct trial *trial, const char *theirs, const char *ours)
{
    bool same = theirs != NULL && ours != NULL && strcmp(theirs, ours) == 0;

    trial->ret->judged++;
    if (theirs != NULL) {
        struct lk_verdict_score *score = verdict_of(trial, theirs);
        score->refused++;
        score->foreseen += same;
        score->other += !same && ours != NULL;
    }
    if (ours != NULL && !same)
        verdict_of(trial, ours)->wrong++;
}

/* follow replays a statement that the server took; COMMIT of a failed transaction rolls back. */
static void
follow(struct lk_catalog *catalog, struct lk_script *script, size_t index, bool failed, bool ended)
{
    if (failed)
        lk_catalog_rollback(catalog);
    else
        replay(catalog, script, index);
    if (ended)
        lk_catalog_commit(catalog);
}

static const char end_of_session[] = "DISCARD ALL";

/* end_file ends a file's transaction and its session. */
static void
end_file(struct lk_catalog *catalog, bool open)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    struct lk_source *source =
        lk_source_new(scratch, "end", end_of_session, strlen(end_of_session));
    struct lk_script *script = lk_script_new(scratch, source, (struct lk_span){0, source->size});

    if (open)
        lk_catalog_rollback(catalog);
    lk_catalog_commit(catalog);
    if (lk_script_tree(script, 0) == NULL)
        LK_BUG("the grammar refuses %s", end_of_session);
    lk_replay(catalog, &script->statements.items[0], source->text);
    lk_catalog_commit(catalog);
}

/* show prints a statement of which the server and the replay think differently, on one line. */
static void
show(const struct lk_source *source, const struct lk_statement *statement, const char *theirs,
     const char *message, const char *ours)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    uint32_t length = LK_MIN(statement->span.end - statement->span.start, 200u);
    char *text = lk_strndup(scratch, source->text + statement->span.start, length);

    if (ours == NULL ? theirs == NULL || !lk_is_by_schema(theirs)
                     : theirs != NULL && strcmp(theirs, ours) == 0)
        return;
    for (char *c = text; *c != '\0'; c++)
        *c = (char)(*c == '\n' || *c == '\t' ? ' ' : *c);
    fprintf(stderr, "%s: server %s%s%s, replay %s: %s\n", source->path,
            theirs != NULL ? theirs : "takes it", message != NULL ? " " : "",
            message != NULL ? message : "", ours != NULL ? ours : "takes it", text);
}

/* parses returns whether the server's grammar takes a text, which may be older than ours. */
static bool
parses(PGconn *pg, const char *sql)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    const char *sqlstate = send(scratch, pg, lk_fmt(scratch, "SELECT 1/0; %s", sql));

    /* the division, or what comes of anything in a failed transaction */
    return sqlstate == NULL || strcmp(sqlstate, "22012") == 0 || strcmp(sqlstate, "25P02") == 0;
}

static void
undo(struct trial *trial)
{
    struct lk_catalog *catalogs[] = {trial->catalog, trial->half};

    for (size_t i = 0; i < LK_ARRAY_SIZE(catalogs); i++)
        if (catalogs[i] != NULL) {
            lk_catalog_rollback(catalogs[i]);
            lk_catalog_commit(catalogs[i]);
        }
}

/* is_left_invalid returns whether a refused statement has left an index: it had begun to build it.
 */
static bool
is_left_invalid(const Node *tree, const char *sqlstate)
{
    return IsA(tree, IndexStmt) && ((const IndexStmt *)tree)->concurrent &&
           !lk_is_by_schema(sqlstate) && !lk_starts_with(sqlstate, "25") &&
           strcmp(sqlstate, "22023") != 0;
}

/* leave_invalid follows CREATE INDEX CONCURRENTLY that the rows were in the way of. */
static void
leave_invalid(struct trial *trial, struct lk_script *script, size_t index)
{
    struct lk_catalog *catalogs[] = {trial->catalog, trial->half};

    for (size_t i = 0; i < LK_ARRAY_SIZE(catalogs); i++) {
        if (catalogs[i] == NULL)
            continue;
        replay(catalogs[i], script, index);
        struct lk_relation *made = (struct lk_relation *)catalogs[i]->created;
        if (made == NULL)
            continue;
        lk_catalog_touch(catalogs[i], made);
        made->valid = false;
        lk_catalog_commit(catalogs[i]);
    }
}

static void
try_statement(struct trial *trial, struct lk_script *script, size_t index)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    const Node *tree = lk_script_tree(script, index);

    if (tree == NULL)
        return;
    const struct lk_statement *statement = &script->statements.items[index];
    bool control = IsA(tree, TransactionStmt);
    bool broken = PQtransactionStatus(trial->pg) == PQTRANS_INERROR;
    bool judged = !control && !broken && !lk_source_is_open(script->source, statement->span);
    const char *ours = judged ? predict(scratch, trial, script, index) : NULL;
    const char *message = NULL;
    const char *theirs = send_for(
        scratch, trial->pg, lk_source_sql(scratch, script->source, statement->span), &message);

    trial->ret->statements++;
    trial->ret->refused += theirs != NULL;
    if (judged && theirs != NULL && (strcmp(theirs, "42601") == 0 || strcmp(theirs, "0A000") == 0))
        judged = parses(trial->pg, lk_source_sql(scratch, script->source, statement->span));
    if (judged)
        judge(trial, theirs, ours);
    if (trial->ret->name != NULL && getenv("LK_REPLAY_VERBOSE") != NULL && judged)
        show(script->source, statement, theirs, message, ours);
    bool ended = PQtransactionStatus(trial->pg) == PQTRANS_IDLE;
    if (theirs != NULL) {
        if (ended) /* COMMIT and PREPARE TRANSACTION roll back where they are refused */
            undo(trial);
        if (is_left_invalid(tree, theirs))
            leave_invalid(trial, script, index);
        return;
    }
    bool failed = broken && control && ((const TransactionStmt *)tree)->kind == TRANS_STMT_COMMIT;
    follow(trial->catalog, script, index, failed, ended);
    if (trial->half != NULL)
        follow(trial->half, script, index, failed, ended);
}

static void
try_file(struct trial *trial, const struct lk_migration *migration, const char *place)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    struct lk_error err = {0};
    struct lk_source *source = lk_source_read(scratch, migration->input, &err);
    struct lk_rows server = {0}, ours = {0};

    if (source == NULL)
        LK_BUG("%s", err.message);
    source->path = migration->path;
    if (source->invalid < source->size)
        return;
    const struct lk_naming *naming = migration->folder != NULL ? migration->folder->naming : NULL;
    lk_source_mask(source, &(struct lk_values){0}, naming != NULL && naming->replaces,
                   trial->major);
    struct lk_parts parts = lk_naming_split(scratch, naming, source);
    struct lk_script *script = lk_script_new(scratch, source, (struct lk_span){0, 0});
    lk_vec_foreach(span, &parts.up.items)
        lk_script_add(script, *span);
    lk_catalog_set_time(trial->catalog, migration->ordinal, 0);
    if (trial->half != NULL)
        lk_catalog_set_time(trial->half, migration->ordinal, 0);
    for (size_t i = 0; i < script->statements.count; i++)
        try_statement(trial, script, i);
    bool open = PQtransactionStatus(trial->pg) != PQTRANS_IDLE;
    if (open)
        send(scratch, trial->pg, "ROLLBACK");
    if (send(scratch, trial->pg, end_of_session) != NULL)
        LK_BUG("the session does not end: %s", PQerrorMessage(trial->pg));
    end_file(trial->catalog, open);
    if (trial->half != NULL)
        end_file(trial->half, open);
    lk_rows_of_server(scratch, trial->pg, &server);
    lk_rows_of_catalog(scratch, trial->catalog, &ours);
    lk_rows_score(trial->mem, &server, &ours, place, trial->ret);
    trial->ret->migrations++;
}

/* add_scheduled adds the scripts that the "test:" lines of a schedule name, in their order. */
static void
add_scheduled(TALLOC_CTX *mem, const char *folder, const char *schedule,
              struct lk_changelog *changelog)
{
    for (const char *line = schedule; *line != '\0'; line += strcspn(line, "\n")) {
        line += strspn(line, "\n");
        const char *end = line + strcspn(line, "\n");
        if (!lk_starts_with(line, "test: "))
            continue;
        for (const char *at = line + strlen("test: "); at < end; at += strspn(at, " ")) {
            size_t length = strcspn(at, " \n");
            char *path = lk_fmt(mem, "%s/sql/%.*s.sql", folder, (int)length, at);
            if (lk_file_exists(path)) {
                lk_changelog_add_file(mem, changelog, path);
                lk_vec_last(&changelog->migrations)->replayed = true;
            }
            at += length;
        }
    }
}

/* open_changelog returns the migrations of a folder; none where some of them are programs, as what
 * is beside those is not all of the history. */
static void
open_changelog(TALLOC_CTX *mem, const char *folder, struct lk_changelog *changelog)
{
    static const struct lk_changelog_options options;
    struct lk_found_folders found = {0};
    struct lk_error err = {0};
    bool is_found = lk_changelog_find(mem, folder, &options, &found, &err);

    if (found.programs.path != NULL)
        return;
    if (!is_found)
        LK_BUG("%s", err.message);
    lk_vec_foreach(one, &found.folders)
        lk_changelog_join(mem, changelog, one, &options);
    lk_changelog_sort(changelog);
}

/* clear removes what the folder before has left in the whole cluster: databases and roles. */
static void
clear(TALLOC_CTX *mem, PGconn *admin)
{
    send(mem, admin, "DROP DATABASE IF EXISTS replayed WITH (FORCE)");
    send(mem, admin, "DROP DATABASE IF EXISTS printed WITH (FORCE)");
    PGresult *roles = PQexec(admin, "SELECT quote_ident(rolname) FROM pg_roles WHERE oid > 16383");
    for (int i = 0; i < PQntuples(roles); i++) {
        send(mem, admin, lk_fmt(mem, "DROP OWNED BY %s", PQgetvalue(roles, i, 0)));
        send(mem, admin, lk_fmt(mem, "DROP ROLE %s", PQgetvalue(roles, i, 0)));
    }
    PQclear(roles);
}

static void
ignore_notice(void *data, const char *message)
{
    (void)data;
    (void)message;
}

/* each_of sends a command for each name that a query returns. */
static void
each_of(TALLOC_CTX *mem, PGconn *pg, const char *query, const char *before, const char *behind)
{
    PGresult *names = PQexec(pg, query);

    for (int i = 0; i < PQntuples(names); i++)
        send(mem, pg, lk_fmt(mem, "%s%s%s", before, PQgetvalue(names, i, 0), behind));
    PQclear(names);
}

#define SUBSCRIPTIONS                                                                              \
    "SELECT quote_ident(subname) FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid"   \
    " WHERE d.datname = current_database()"
#define PREPARED                                                                                   \
    "SELECT quote_literal(gid) FROM pg_prepared_xacts WHERE database = current_database()"

/* finish ends the connection, and before what a database could not be dropped with. */
static void
finish(TALLOC_CTX *mem, PGconn *pg)
{
    send(mem, pg, "ROLLBACK; RESET SESSION AUTHORIZATION");
    each_of(mem, pg, PREPARED, "ROLLBACK PREPARED ", "");
    each_of(mem, pg, SUBSCRIPTIONS, "ALTER SUBSCRIPTION ", " DISABLE");
    each_of(mem, pg, SUBSCRIPTIONS, "ALTER SUBSCRIPTION ", " SET (slot_name = NONE)");
    each_of(mem, pg, SUBSCRIPTIONS, "DROP SUBSCRIPTION ", "");
    PQfinish(pg);
}

/* begin starts with an empty database, here and there. */
static void
begin(TALLOC_CTX *scratch, struct trial *trial, const char *url)
{
    PGconn *admin = PQconnectdb(lk_fmt(scratch, "%s options='-c client_min_messages=error'", url));

    clear(scratch, admin);
    if (send(scratch, admin, "CREATE DATABASE replayed TEMPLATE template0") != NULL)
        LK_BUG("cannot create a database: %s", PQerrorMessage(admin));
    PQfinish(admin);
    trial->pg = PQconnectdb(lk_fmt(scratch,
                                   "%s dbname=replayed options='-c client_min_messages=error -c "
                                   "statement_timeout=5s'",
                                   url));
    if (PQstatus(trial->pg) != CONNECTION_OK)
        LK_BUG("cannot connect: %s", PQerrorMessage(trial->pg));
    PQsetNoticeProcessor(trial->pg, ignore_notice, NULL);
    trial->major = PQserverVersion(trial->pg) / 10000;
    trial->catalog = lk_catalog_new(scratch);
    lk_catalog_set_closed(trial->catalog);
    lk_catalog_set_server(trial->catalog, (unsigned)trial->major, true);
}

static void
begin_half(TALLOC_CTX *scratch, struct trial *trial)
{
    trial->half = lk_replay_again(scratch, trial->catalog);
    lk_catalog_set_closed(trial->half);
}

static void
compare_again(TALLOC_CTX *scratch, struct trial *trial)
{
    struct lk_catalog *again = lk_replay_again(scratch, trial->catalog);

    lk_again_compare(trial->mem, trial->catalog, again, "replayed again", &trial->ret->again);
    if (trial->half != NULL)
        lk_again_compare(trial->mem, trial->catalog, trial->half, "in two halves",
                         &trial->ret->halves);
}

/* try_migrations carries out those of a folder one behind the other. */
static void
try_migrations(TALLOC_CTX *mem, const struct lk_server *server,
               const struct lk_changelog *changelog, struct lk_replayed *ret)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    struct trial trial = {.mem = mem, .ret = ret};
    struct lk_rows migrated = {0};

    begin(scratch, &trial, server->url);
    lk_vec_foreach(migration, &changelog->migrations) {
        if (!migration->replayed)
            continue;
        if (trial.half == NULL && migration->ordinal > changelog->migrations.count / 2)
            begin_half(scratch, &trial);
        try_file(&trial, migration, migration->script);
    }
    compare_again(scratch, &trial);
    lk_rows_of_server(scratch, trial.pg, &migrated);
    finish(scratch, trial.pg);
    lk_print_compare(mem, server, trial.catalog, &migrated, &ret->printed);
}

/*
 * try_scheduled carries out the scripts of a schedule, each in a database of its own behind the
 * first one, which they all build on: so what one of them does that the replay cannot know does not
 * spoil the others.
 */
static void
try_scheduled(TALLOC_CTX *mem, const struct lk_server *server, const struct lk_changelog *changelog,
              struct lk_replayed *ret)
{
    const struct lk_migration *first = &changelog->migrations.items[0];

    lk_vec_foreach(migration, &changelog->migrations) {
        TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
        struct lk_replayed ignored = {0};
        struct trial trial = {.mem = mem, .ret = ret};
        begin(scratch, &trial, server->url);
        if (migration != first) {
            trial.ret = &ignored;
            try_file(&trial, first, first->script);
            begin_half(scratch, &trial);
            trial.ret = ret;
        }
        try_file(&trial, migration, migration->script);
        compare_again(scratch, &trial);
        finish(scratch, trial.pg);
    }
}

void
lk_replay_folder(TALLOC_CTX *mem, const struct lk_server *server, const char *folder,
                 struct lk_replayed *ret)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    const char *schedule = lk_path_join(scratch, folder, "parallel_schedule");
    struct lk_changelog changelog = {0};
    struct lk_bytes bytes;
    struct lk_error err = {0};

    if (lk_file_exists(schedule)) {
        if (!lk_file_read(scratch, schedule, &bytes, &err))
            LK_BUG("%s", err.message);
        ret->scripts = true;
        add_scheduled(scratch, folder, bytes.data, &changelog);
        try_scheduled(mem, server, &changelog, ret);
    } else {
        open_changelog(scratch, folder, &changelog);
        try_migrations(mem, server, &changelog, ret);
    }
}
