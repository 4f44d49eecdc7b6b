/*
 * tests/differential/test_features.c
 *     Each line of rules/features.def has an example in features.sql that the rule finds; a server
 * that is too old refuses it with the SQLSTATE that is written there, and any other takes it.
 *
 * LK_SERVER_BIN says where the programs of one server are, or of several, with colons between.
 */
#include <unistd.h>

#include "applier/server.h"
#include "parser/base/file.h"
#include "parser/base/text.h"
#include "parser/pg_nodes.h"
#include "parser/pgparse.h"
#include "rules/features.h"

#include <libpq-fe.h>

#define SKIPPED 77
#define TAKEN "00000"
#define DIVISION_BY_ZERO "22012"
#define MARK "-- ! "

static const struct row {
    const char *key; /* what stands behind the mark */
    enum lk_feature_kind kind;
    int statement; /* of an option, a NodeTag */
    int major;
    const char *what;
} rows[] = {
#define LK_SYNTAX(identifier, major, what, instead)                                                \
    {#identifier, LK_FEATURE_SYNTAX, 0, major, what},
#define LK_USE(identifier, major, what, instead) {#identifier, LK_FEATURE_USE, 0, major, what},
#define LK_OPTION(statement, option, major)                                                        \
    {#statement " " option, LK_FEATURE_OPTION, statement, major, option},
#define LK_VALUE(statement, option, value, major)                                                  \
    {#statement " " option " " value, LK_FEATURE_VALUE, statement, major, option " " value},
#define LK_CALL(name, count, major) {"CALL " name " " #count, LK_FEATURE_CALL, 0, major, name},
#define LK_NAME(kind, name, major) {#kind " " name, LK_FEATURE_##kind, 0, major, name},
#include "rules/features.def"
};

/* A marked statement. */
struct example {
    const struct row *row;
    const struct lk_statement *statement;
    const char *text;
    const char *refused; /* SQLSTATEs with "|" between */
    const char *taken;   /* the SQLSTATE of a server that is new enough */
    bool alone;          /* not in a transaction */
};

struct test {
    TALLOC_CTX *mem;
    struct lk_script *script;
    LK_VEC(struct example) examples;
    LK_VEC(const char *) setup;
    unsigned failures;
};

static void fail(struct test *test, const char *text, const char *format, ...) LK_PRINTF(3, 4);

static void
fail(struct test *test, const char *text, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fprintf(stderr, "\n    %s\n", text);
    test->failures++;
}

/* ---- what is written there ---- */

static const struct row *
find_row(const char *key)
{
    for (size_t i = 0; i < LK_ARRAY_SIZE(rows); i++)
        if (strcmp(rows[i].key, key) == 0)
            return &rows[i];
    LK_BUG("no line of features.def: %s", key);
}

/* read_mark reads "KEY: STATES[, then STATE][, alone]". */
static void
read_mark(struct test *test, struct example *example, const char *mark)
{
    const char *colon = strstr(mark, ": ");

    if (colon == NULL)
        LK_BUG("no SQLSTATE: %s", mark);
    char *rest = lk_strdup(test->mem, colon + 2), *save;
    example->row = find_row(lk_strndup(test->mem, mark, (size_t)(colon - mark)));
    example->refused = strtok_r(rest, ",", &save);
    example->taken = TAKEN;
    for (char *word; (word = strtok_r(NULL, ",", &save)) != NULL;)
        if (lk_starts_with(word, " then "))
            example->taken = word + strlen(" then ");
        else if (strcmp(word, " alone") == 0)
            example->alone = true;
        else
            LK_BUG("what is %s", word);
}

static void
read_file(struct test *test)
{
    struct lk_error err = {0};
    struct lk_source *source =
        lk_source_read(test->mem, LK_SOURCE_DIR "/tests/differential/features.sql", &err);

    if (source == NULL)
        LK_BUG("%s", err.message);
    test->script = lk_script_new(test->mem, source, (struct lk_span){0, source->size});
    for (size_t i = 0; i < test->script->statements.count; i++) {
        lk_script_tree(test->script, i);
        const struct lk_statement *it = &test->script->statements.items[i];
        const char *text =
            lk_strndup(test->mem, source->text + it->span.start, it->span.end - it->span.start);
        char *before = lk_strndup(test->mem, source->text + it->region.start,
                                  it->span.start - it->region.start);
        char *mark = strstr(before, MARK);
        if (mark == NULL) {
            lk_vec_push(test->mem, &test->setup, text);
            continue;
        }
        struct example *example = lk_vec_add(test->mem, &test->examples);
        example->statement = it;
        example->text = text;
        mark[strcspn(mark, "\n")] = '\0';
        read_mark(test, example, mark + strlen(MARK));
    }
}

/* ---- what the rule finds ---- */

static bool
is_of(const struct row *row, const struct example *example, const struct lk_feature *feature)
{
    const char *what =
        feature->kind == LK_FEATURE_CALL ? lk_feature_function(feature) : feature->what;

    return row->kind == feature->kind && row->major == feature->major &&
           strcmp(row->what, what) == 0 &&
           (row->statement == 0 || row->statement == (int)nodeTag(example->statement->tree));
}

/* check_found checks that the statement uses the feature, and nothing that is newer. */
static void
check_found(struct test *test, const struct example *example)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    struct lk_feature_uses uses = {0};
    bool found = false;

    lk_features_newer(scratch, test->script->source, example->statement, 0, &uses);
    lk_vec_foreach(use, &uses.items) {
        found |= is_of(example->row, example, use->feature);
        if (use->feature->major > example->row->major)
            fail(test, example->text, "%s: %s is newer", example->row->key, use->feature->what);
    }
    if (!found)
        fail(test, example->text, "%s is not found", example->row->key);
}

/* ---- what a server does ---- */

static const char *
answer(struct test *test, PGconn *pg, const char *sql)
{
    PGresult *result = PQexec(pg, sql);
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    bool copies = PQresultStatus(result) == PGRES_COPY_OUT;

    state = lk_strdup(test->mem, state != NULL ? state : TAKEN);
    PQclear(result);
    while (copies && (result = PQgetResult(pg)) != NULL)
        PQclear(result);
    return state;
}

static void
check_answer(struct test *test, PGconn *pg, const struct example *example)
{
    int major = PQserverVersion(pg) / 10000;
    bool old = major < example->row->major;
    const char *parsed = answer(test, pg, lk_fmt(test->mem, "SELECT 1/0; %s", example->text));

    if (!example->alone)
        answer(test, pg, "BEGIN");
    const char *state = answer(test, pg, example->text);
    if (!example->alone)
        answer(test, pg, "ROLLBACK");
    if (old ? strstr(example->refused, state) == NULL : strcmp(example->taken, state) != 0)
        fail(test, example->text, "%s: %d answers %s", example->row->key, major, state);
    if (old ? example->row->kind == LK_FEATURE_SYNTAX && strcmp(parsed, DIVISION_BY_ZERO) == 0
            : strcmp(parsed, DIVISION_BY_ZERO) != 0)
        fail(test, example->text, "%s: the parser of %d answers %s", example->row->key, major,
             parsed);
}

static void
check_server(struct test *test, const char *bin)
{
    struct lk_error err = {0};
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    const struct lk_server *server = lk_server_start(scratch, bin, &err);

    if (server == NULL)
        LK_BUG("%s", err.message);
    PGconn *pg =
        PQconnectdb(lk_fmt(scratch, "%s options='-c client_min_messages=error'", server->url));
    if (PQstatus(pg) != CONNECTION_OK)
        LK_BUG("cannot connect: %s", PQerrorMessage(pg));
    lk_vec_foreach(sql, &test->setup)
        if (strcmp(answer(test, pg, *sql), TAKEN) != 0)
            LK_BUG("%s: %s", *sql, PQerrorMessage(pg));
    lk_vec_foreach(example, &test->examples)
        check_answer(test, pg, example);
    PQfinish(pg);
}

int
main(void)
{
    struct test test = {.mem = lk_mem_new(NULL)};
    const char *bins = getenv("LK_SERVER_BIN");
    unsigned servers = 0;
    char *save;

    read_file(&test);
    for (size_t i = 0; i < LK_ARRAY_SIZE(rows); i++) {
        unsigned count = 0;
        lk_vec_foreach(example, &test.examples)
            count += example->row == &rows[i];
        if (count == 0)
            fail(&test, rows[i].key, "no example");
    }
    lk_vec_foreach(example, &test.examples)
        if (example->statement->tree != NULL)
            check_found(&test, example);
        else if (example->row->major <= LK_GRAMMAR)
            fail(&test, example->text, "%s", example->statement->error);
    for (char *bin = strtok_r(lk_strdup(test.mem, bins != NULL ? bins : ""), ":", &save);
         bin != NULL; bin = strtok_r(NULL, ":", &save)) {
        if (access(lk_fmt(test.mem, "%s/postgres", bin), X_OK) != 0)
            continue;
        check_server(&test, bin);
        servers++;
    }
    fprintf(stderr, "%zu lines, %zu examples, %u servers, %u failures\n", LK_ARRAY_SIZE(rows),
            test.examples.count, servers, test.failures);
    talloc_free(test.mem);
    lk_pg_finish();
    return test.failures > 0 ? 1 : servers == 0 ? SKIPPED : 0;
}
