/*
 * tests/integration/test_every_kind.c
 *     Exactly once, with every kind of migration in one run: whatever happens at any message, to
 *     the line, the client, the server or the pooler. docs/fault-injection.md is made from it.
 */
#include <signal.h>

#include "parser/base/file.h"
#include "tests/integration/sweep.h"

#define STRIDE 37 /* usually: all of them take half an hour */

#define COUNT_ONE "UPDATE public.counter SET n = n + 1;\n"

/* Beside what every catalog tells: rows, and the history without times. */
#define CONTENT                                                                                    \
    " UNION ALL SELECT 'counter', n::text, '', '' FROM public.counter"                             \
    " UNION ALL SELECT 'row', u::text, '', '' FROM app.users u"                                    \
    " UNION ALL SELECT 'copied', l::text, '', '' FROM app.lines l"                                 \
    " UNION ALL SELECT 'left', p::text, '', '' FROM app.part p"                                    \
    " UNION ALL SELECT 'history', script, status || ' ' || mode || ' ' || who || ' ' || sha256,"   \
    " statements_done || ' of ' || statements_total || ' ' || count(*)"                            \
    " FROM lockkeeper.migration GROUP BY script, status, mode, who, sha256, statements_done,"      \
    " statements_total"                                                                            \
    " UNION ALL SELECT 'journal', m.script, j.ordinal::text, j.state || ' ' || j.sha256"           \
    " FROM lockkeeper.journal j JOIN lockkeeper.migration m ON m.rank = j.migration"               \
    " ORDER BY 1, 2, 3, 4"

/* Migrations of every kind that there is, by version. */
static const struct {
    const char *name;
    const char *sql;
} migrations[] = {
    {"V01__tables.sql",
     "CREATE TABLE counter (n int);\nINSERT INTO counter VALUES (1);\nCREATE SCHEMA app;\n"
     "CREATE TABLE app.users (id bigint PRIMARY KEY, email text, name text);\n"
     "INSERT INTO app.users SELECT i, 'e' || i, 'n' || i FROM generate_series(1, 9) i;\n"
     "GRANT ALL ON SCHEMA app, public TO mover;\nGRANT ALL ON public.counter TO mover;\n"},
    {"V02__segments.sql", "SET search_path = app, public;\n" COUNT_ONE
                          "CREATE INDEX CONCURRENTLY users_email_idx ON users (email);\n"
                          "ALTER TABLE users ADD COLUMN score int;\n" COUNT_ONE
                          "CREATE INDEX CONCURRENTLY ON users (name);\n"
                          "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS users_score_key"
                          " ON users (score);\n"
                          "DROP INDEX CONCURRENTLY users_email_idx;\n" COUNT_ONE},
    {"V03__autocommit.sql", "-- lockkeeper: transaction off\n" COUNT_ONE "VACUUM counter;\n"
                            "DO $$ BEGIN UPDATE public.counter SET n = n + 1; END $$;\n"
                            "REINDEX INDEX CONCURRENTLY app.users_pkey;\n"
                            "REINDEX TABLE CONCURRENTLY app.users;\n"},
    {"V04__blocks.sql",
     "BEGIN;\nCREATE TABLE app.parent (id int) PARTITION BY LIST (id);\n"
     "CREATE TABLE app.part PARTITION OF app.parent FOR VALUES IN (1);\n" COUNT_ONE
     "COMMIT;\n" COUNT_ONE "BEGIN ISOLATION LEVEL REPEATABLE READ;\n" COUNT_ONE "COMMIT;\n"
     "BEGIN;\n" COUNT_ONE "ROLLBACK;\n"},
    {"V05__detach.sql", "ALTER TABLE app.parent DETACH PARTITION app.part CONCURRENTLY;\n"
                        "INSERT INTO app.part VALUES (1);\n"},
    {"V06__copy.sql", "CREATE TABLE app.lines (n int, line text);\n"
                      "COPY app.lines FROM stdin;\n1\tone\n2\t\\N\n\\.\n" COUNT_ONE},
    {"V07__copy_alone.sql", "-- lockkeeper: transaction off\n"
                            "COPY app.lines FROM stdin;\n3\tthree\n4\tfour\n\\.\n" COUNT_ONE},
    {"V08__procedure.sql", "CREATE PROCEDURE app.backfill() LANGUAGE plpgsql AS $$\nBEGIN\n  LOOP\n"
                           "    UPDATE app.users SET name = upper(name) WHERE id IN\n"
                           "      (SELECT id FROM app.users WHERE name <> upper(name) LIMIT 4);\n"
                           "    EXIT WHEN NOT FOUND;\n    COMMIT;\n  END LOOP;\nEND $$;\n"},
    {"V09__commits.sql",
     "-- lockkeeper: transaction off\nCALL app.backfill();\n"
     "DO $$ BEGIN UPDATE app.users SET score = id; COMMIT; END $$;\n" COUNT_ONE},
    {"V10__enum.sql", "CREATE TYPE app.mood AS ENUM ('sad', 'glad');\n"},
    {"V11__enum_value.sql", "ALTER TYPE app.mood ADD VALUE 'so so' AFTER 'sad';\n" COUNT_ONE},
    {"V12__enum_used.sql", "ALTER TABLE app.users ADD COLUMN mood app.mood DEFAULT 'so so';\n"},
    {"V13__constraint.sql", "ALTER TABLE app.users ADD CONSTRAINT positive CHECK (score > 0)"
                            " NOT VALID;\n" COUNT_ONE},
    {"V14__validate.sql", "ALTER TABLE app.users VALIDATE CONSTRAINT positive;\n"},
    {"V15__role.sql", "SET ROLE mover;\nSET search_path = app;\n"
                      "CREATE TABLE moved (id int);\n" COUNT_ONE},
    {"V16__role_alone.sql", "-- lockkeeper: transaction off\nSET ROLE mover;\n"
                            "SET search_path = app;\nCREATE TABLE moved_too (id int);\n"
                            "CREATE INDEX CONCURRENTLY moved_idx ON moved (id);\n" COUNT_ONE},
    {"V17__session.sql", "SET SESSION AUTHORIZATION mover;\n"
                         "CREATE TABLE app.moved_away (id int);\n" COUNT_ONE},
    {"V18__session_alone.sql", "SET SESSION AUTHORIZATION mover;\n"
                               "CREATE INDEX CONCURRENTLY away_idx ON app.moved_away (id);\n"
                               "CREATE TABLE app.moved_last (id int);\n" COUNT_ONE},
    {"V19__windows.sql", "\xEF\xBB\xBF"
                         "CREATE TABLE app.windows (id int);\r\n"
                         "UPDATE public.counter SET n = n + 1;\r\n"},
    {"V20__nothing.sql", "-- nothing to do any more\n"},
    {"R__view.sql",
     "CREATE OR REPLACE VIEW app.emails AS SELECT email FROM app.users;\n" COUNT_ONE},
};

/* Before the first migration the counter is 1: what every UPDATE that counts makes of it. */
#define COUNTED "counter|20||"

static void
write_migrations(const struct lk_site *site)
{
    for (size_t i = 0; i < LK_ARRAY_SIZE(migrations); i++)
        lk_site_migration(site, migrations[i].name, migrations[i].sql);
    lk_site_exec(site, "DO $$ BEGIN IF to_regrole('mover') IS NULL THEN CREATE ROLE mover;"
                       " END IF; END $$");
}

/* state returns the query for all that has to be the same after each run. */
static char *
state_query(const struct lk_site *site)
{
    struct lk_bytes catalog;
    struct lk_error err = {0};

    assert_true(lk_file_read(site->mem, LK_SOURCE_DIR "/applier/sql/listing.sql", &catalog, &err));
    return lk_fmt(site->mem, "%s" CONTENT, catalog.data);
}

/* The ways to the server. */
static const struct path {
    const char *name;
    const char *pooling;
} direct = {"direct", NULL},
  pooled = {"PgBouncer, session mode", "pool_mode = session\ndefault_pool_size = 20\n"
                                       "server_login_retry = 0.05\n"
                                       "query_wait_timeout = 1\n"};

/* What can happen. */
static const struct {
    const char *name;
    const char *config; /* with how much patience */
    enum lk_cut last;
} faults[LK_FAULT_COUNT] = {
#define PATIENT "apply: {retry: {max_elapsed: 50s, base: 5ms, cap: 20ms}}\n"
#define HASTY "apply: {retry: {max_elapsed: 100ms, base: 5ms, cap: 20ms}}\n"
    [LK_FAULT_CUT] = {"connection cut", PATIENT, LK_CUT_ANSWER},
    [LK_FAULT_KILL] = {"client killed", PATIENT, LK_CUT_AFTER},
    [LK_FAULT_CRASH] = {"server stopped, immediate", PATIENT, LK_CUT_AFTER},
    [LK_FAULT_OUTAGE] = {"server stopped, and away", HASTY, LK_CUT_AFTER},
    [LK_FAULT_POOLER] = {"pooler killed", PATIENT, LK_CUT_AFTER},
    [LK_FAULT_RIVAL] = {"another run started", PATIENT, LK_CUT_BEFORE},
};

/* report adds a line to the figures that the page is made from, where somebody collects them. */
static void
report(const struct path *path, const char *fault, unsigned stride, const struct lk_sweep *sweep)
{
    const char *file = getenv("LK_FAULT_FIGURES");
    FILE *figures = file != NULL ? fopen(file, "a") : NULL;

    print_message("%s, %s: %u points, %u further runs\n", path->name, fault, sweep->points,
                  sweep->further);
    if (figures == NULL)
        return;
    fprintf(figures, "%s\t%s\t%s\t%u\t%u\t%u\t%u\n", sweep->site->server->version, path->name,
            fault, sweep->messages, sweep->points, sweep->further, stride);
    fclose(figures);
}

static void
try_fault(const struct lk_site *site, const struct path *path, enum lk_fault fault)
{
    /* the server's messages are several times as many as the client's */
    unsigned stride = lk_sweep_stride(STRIDE), answers = stride == 1 ? 1 : 5 * stride;
    struct lk_sweep sweep = {
        .site = site,
        .words = "apply --no-gate migrations",
        .state = state_query(site),
        .config = faults[fault].config,
        .pooling = path->pooling,
    };

    write_migrations(site);
    lk_sweep_start(&sweep);
    lk_expect_text(sweep.wanted, COUNTED);
    for (enum lk_cut where = 0; where <= faults[fault].last; where++)
        lk_sweep_run(&sweep, fault, where, where == LK_CUT_ANSWER ? answers : stride);
    report(path, faults[fault].name, stride, &sweep);
    lk_sweep_end(&sweep);
}

#define DIRECT(name, fault)                                                                        \
    static void test_##name(void **state)                                                          \
    {                                                                                              \
        try_fault(*state, &direct, fault);                                                         \
    }
#define POOLED(name, fault)                                                                        \
    static void test_pooled_##name(void **state)                                                   \
    {                                                                                              \
        try_fault(*state, &pooled, fault);                                                         \
    }
DIRECT(cut, LK_FAULT_CUT)
DIRECT(kill, LK_FAULT_KILL)
DIRECT(crash, LK_FAULT_CRASH)
DIRECT(outage, LK_FAULT_OUTAGE)
DIRECT(rival, LK_FAULT_RIVAL)
POOLED(cut, LK_FAULT_CUT)
POOLED(kill, LK_FAULT_KILL)
POOLED(crash, LK_FAULT_CRASH)
POOLED(outage, LK_FAULT_OUTAGE)
POOLED(pooler, LK_FAULT_POOLER)
POOLED(rival, LK_FAULT_RIVAL)

/* ---- many at once ---- */

#define CROWD 30

/* drawn returns the next of a sequence of numbers that is the same each time. */
static unsigned
drawn(uint32_t *seed)
{
    *seed = *seed * 1664525 + 1013904223;
    return *seed >> 16;
}

/*
 * crowd starts many runs at once, and with `kills` kills some of them, one after the other at no
 * particular time; those that are left end well, and all of them together have done it once.
 */
static void
crowd(const struct lk_site *site, bool kills)
{
    struct lk_sweep sweep = {
        .site = site,
        .words = "apply --no-gate migrations",
        .state = state_query(site),
        .config = PATIENT,
    };
    struct lk_process runs[CROWD];
    uint32_t seed = 1;

    write_migrations(site);
    lk_sweep_start(&sweep);
    for (unsigned round = 0; round < 3; round++) {
        lk_sweep_clean(&sweep);
        for (size_t i = 0; i < CROWD; i++)
            runs[i] = lk_site_spawn(site, sweep.words, NULL);
        for (size_t i = 0; kills && i < CROWD / 2; i++) {
            kill(runs[drawn(&seed) % CROWD].pid, SIGKILL); /* none of them is waited for yet */
            lk_sleep_ms((int)(drawn(&seed) % 20));
        }
        for (size_t i = 0; i < CROWD; i++) {
            struct lk_output output = lk_process_wait(site->mem, &runs[i]);
            sweep.further += output.exit_code == -1;
            if (output.exit_code != 0 && !(kills && output.exit_code == -1))
                fail_msg("one of %d runs ends with exit code %d:\n%s", CROWD, output.exit_code,
                         output.err);
        }
        lk_sweep_check(&sweep, "many at once");
        sweep.points++;
    }
    report(&direct, kills ? "30 runs at once, some killed" : "30 runs at once", 1, &sweep);
    lk_sweep_end(&sweep);
}

static void
test_crowd(void **state)
{
    crowd(*state, false);
}

static void
test_crowd_with_kills(void **state)
{
    crowd(*state, true);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        lk_site_test(test_cut),           lk_site_test(test_kill),
        lk_site_test(test_crash),         lk_site_test(test_outage),
        lk_site_test(test_rival),         lk_site_test(test_pooled_rival),
        lk_site_test(test_crowd),         lk_site_test(test_crowd_with_kills),
        lk_site_test(test_pooled_cut),    lk_site_test(test_pooled_kill),
        lk_site_test(test_pooled_crash),  lk_site_test(test_pooled_outage),
        lk_site_test(test_pooled_pooler),
    };

    return lk_site_main("every_kind", tests, LK_ARRAY_SIZE(tests));
}
