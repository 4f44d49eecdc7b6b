/*
 * tests/integration/test_progress.c
 *     How far a statement is that takes long: what the server tells of each kind, on a terminal and
 *     in the log of a CI.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "parser/base/buf.h"
#include "tests/integration/site.h"

/*
 * wait_for_gate(10000) returns when somebody has called nextval('gates'), which any snapshot sees;
 * as an expression of an index, a constraint or a column it holds up the work in a place that is
 * known.
 */
#define GATE                                                                                       \
    "CREATE SEQUENCE gates; CREATE FUNCTION public.wait_for_gate(int) RETURNS int"                 \
    " LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN WHILE $1 = 10000 AND NOT (SELECT is_called FROM "     \
    "public.gates) LOOP"                                                                           \
    " PERFORM pg_catalog.pg_sleep(0.01); END LOOP; RETURN $1; END $$;"
#define OPEN "SELECT nextval('gates'); "
#define CLOSE "SELECT setval('gates', 1, false); "
#define TABLE                                                                                      \
    "CREATE TABLE a (id int NOT NULL, b text);"                                                    \
    " INSERT INTO a SELECT i, repeat('x', 200) FROM generate_series(1, 20000) i; "

static const struct {
    const char *what;
    const char *setup;
    const char *statement;
    const char *words; /* beside the duration */
    const char *json;
} kinds[] = {
    {"an index", TABLE, "CREATE INDEX CONCURRENTLY a_gate ON a (wait_for_gate(id))",
     "0001_a.sql: building index: scanning table, 49 %, for ",
     "\"phase\":\"building index: scanning "},
    {"VALIDATE",
     TABLE "ANALYZE a; ALTER TABLE a ADD CONSTRAINT c CHECK (wait_for_gate(id) > 0) NOT VALID",
     "ALTER TABLE a VALIDATE CONSTRAINT c", "0001_a.sql: reading a (",
     "\"phase\":\"reading a\",\"amount\":\""},
    {"VALIDATE of a table that nobody has looked at",
     TABLE "ALTER TABLE a SET (autovacuum_enabled = off);"
           " ALTER TABLE a ADD CONSTRAINT c CHECK (wait_for_gate(id) > 0) NOT VALID",
     "ALTER TABLE a VALIDATE CONSTRAINT c", "0001_a.sql: reading a, for ",
     "\"phase\":\"reading a\",\"amount\":null"},
    {"a rewrite", TABLE "ANALYZE a",
     "ALTER TABLE a ALTER COLUMN id TYPE bigint USING wait_for_gate(id)",
     "0001_a.sql: working on a (", "\"phase\":\"working on a\",\"amount\":\""},
    {"a scan under a strong lock", TABLE "ANALYZE a",
     "ALTER TABLE a ADD CONSTRAINT c CHECK (wait_for_gate(id) > 0)", "0001_a.sql: working on a (",
     "\"phase\":\"working on a\",\"amount\":\""},
    {"VACUUM FULL", OPEN TABLE "CREATE INDEX a_gate ON a (wait_for_gate(id)); " CLOSE,
     "VACUUM FULL a", "0001_a.sql: rebuilding index", "\"phase\":\"rebuilding index\""},
    {"CLUSTER",
     OPEN TABLE "CREATE INDEX a_gate ON a (wait_for_gate(id)); CREATE INDEX a_id ON a (id); " CLOSE,
     "CLUSTER a USING a_id", "0001_a.sql: rebuilding index", "\"phase\":\"rebuilding index\""},
    {"ANALYZE", OPEN TABLE "CREATE INDEX a_gate ON a (wait_for_gate(id)); " CLOSE, "ANALYZE a",
     "0001_a.sql: computing statistics", "\"phase\":\"computing statistics\""},
    {"VACUUM", TABLE "DELETE FROM a; ALTER TABLE a SET (autovacuum_enabled = off)",
     "SET vacuum_cost_delay = 20;\nSET vacuum_cost_limit = 2;\nVACUUM a",
     "0001_a.sql: scanning heap, ", "\"phase\":\"scanning heap\""},
    {"COPY", "CREATE TABLE a (id int CHECK (wait_for_gate(id) > 0))",
     "COPY a FROM stdin;\n1\n10000\n\\.\nSELECT 1", "0001_a.sql: copying (",
     "\"phase\":\"copying\""},
};

/* start starts a run of one migration whose statement stays where it is until the gate is opened.
 */
static void
prepare(const struct lk_site *site, size_t kind)
{
    print_message("%s\n", kinds[kind].what);
    lk_site_exec(site, GATE);
    lk_site_exec(site, kinds[kind].setup);
    lk_site_migration(
        site, "0001_a.sql",
        lk_fmt(site->mem, "-- lockkeeper: transaction off\n%s;\n", kinds[kind].statement));
}

/* finish clears up for the next one. */
static void
finish(const struct lk_site *site)
{
    lk_site_expect_value(site, "SELECT status FROM lockkeeper.migration", "applied");
    lk_site_exec(site, "DROP SCHEMA lockkeeper CASCADE; DROP SCHEMA public CASCADE;"
                       " CREATE SCHEMA public");
}

/* let_go opens the gate; a VACUUM that is slow by its settings is left to end by itself. */
static void
let_go(const struct lk_site *site)
{
    lk_site_exec(site, "SELECT nextval('gates')");
}

/* Where nobody watches, each phase is a line. */
static void
test_lines(void **state)
{
    const struct lk_site *site = *state;

    for (size_t i = 0; i < LK_ARRAY_SIZE(kinds); i++) {
        prepare(site, i);
        struct lk_process process = lk_site_spawn(site, "apply --no-gate migrations", NULL);
        lk_process_wait_for(&process, lk_fmt(site->mem, "lockkeeper: %s", kinds[i].words));
        let_go(site);
        lk_site_finish(site, &process, 0);
        finish(site);
    }
}

/* The same for programs that read the log. */
static void
test_json(void **state)
{
    const struct lk_site *site = *state;

    for (size_t i = 0; i < LK_ARRAY_SIZE(kinds); i++) {
        prepare(site, i);
        struct lk_process process =
            lk_site_spawn(site, "apply --no-gate --log-format json migrations", NULL);
        lk_process_wait_for(&process, kinds[i].json);
        let_go(site);
        lk_site_finish(site, &process, 0);
        finish(site);
    }
}

/* read_until reads from a terminal until a text has come, and opens the gate then. */
static void
read_until(const struct lk_site *site, int terminal, const char *text)
{
    struct lk_buf seen = lk_buf_init(site->mem);
    bool open = false;
    char piece[4096];

    for (ssize_t got; (got = read(terminal, piece, sizeof(piece))) > 0;) {
        lk_buf_addn(&seen, piece, (size_t)got);
        if (!open && strstr(seen.data, text) != NULL) {
            open = true;
            let_go(site);
        }
    }
    if (!open)
        fail_msg("a terminal has not shown \"%s\", but: %s", text, seen.data);
}

/* On a terminal it is one line that is written anew. */
static void
test_terminal(void **state)
{
    const struct lk_site *site = *state;

    for (size_t i = 0; i < LK_ARRAY_SIZE(kinds); i++) {
        prepare(site, i);
        int terminal = posix_openpt(O_RDWR | O_NOCTTY);
        assert_true(terminal >= 0 && grantpt(terminal) == 0 && unlockpt(terminal) == 0);
        char *shell = lk_fmt(site->mem, "exec %s apply --no-gate --url '%s' migrations 2>%s",
                             LK_BINARY, site->url, ptsname(terminal));
        const char *args[] = {"/bin/sh", "-c", shell, NULL};
        /* the terminal ends when nobody has it open: as long as the run starts we do */
        int held = open(ptsname(terminal), O_RDWR | O_NOCTTY);
        struct lk_process process = lk_process_start(site->dir, args);
        lk_site_wait_for(site,
                         "SELECT count(*) > 0 FROM pg_stat_activity WHERE datname ="
                         " current_database() AND application_name = 'lockkeeper'",
                         "t");
        close(held);
        read_until(site, terminal, lk_fmt(site->mem, "\r\033[K%s", kinds[i].words));
        struct lk_output output = lk_process_wait(site->mem, &process);
        lk_expect_exit(&output, 0);
        close(terminal);
        finish(site);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        lk_site_test(test_lines),
        lk_site_test(test_json),
        lk_site_test(test_terminal),
    };

    return lk_site_main("progress", tests, LK_ARRAY_SIZE(tests));
}
