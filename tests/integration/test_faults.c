/*
 * tests/integration/test_faults.c
 *     Exactly once: the connection is cut, or the client killed, around every message of a run;
 *     running again completes the history.
 */
#include "parser/base/file.h"
#include "tests/integration/outage.h"
#include "tests/integration/sweep.h"

/* What tells one database from another, the order of things left aside. */
#define OBJECTS                                                                                    \
    "SELECT 'relation', c.oid::regclass::text, c.relkind::text, CASE WHEN c.relispartition THEN "  \
    "'partition' ELSE '' END"                                                                      \
    " FROM pg_class c WHERE c.relnamespace::regnamespace::text IN ('public', 'app')"               \
    " UNION ALL SELECT 'column', a.attrelid::regclass::text, a.attname::text,"                     \
    " format_type(a.atttypid, a.atttypmod) FROM pg_attribute a JOIN pg_class c ON c.oid ="         \
    " a.attrelid WHERE c.relnamespace::regnamespace::text IN ('public', 'app')"                    \
    " AND c.relkind IN ('r', 'p', 'v') AND a.attnum > 0 AND NOT a.attisdropped"                    \
    " UNION ALL SELECT 'index', i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid),"      \
    " CASE WHEN i.indisvalid AND i.indisready AND i.indislive THEN 'valid' ELSE 'INVALID' END "    \
    "FROM pg_index i"                                                                              \
    " JOIN pg_class c ON c.oid = i.indexrelid"                                                     \
    " WHERE c.relnamespace::regnamespace::text IN ('public', 'app')"                               \
    " UNION ALL SELECT 'counter', n::text, '', '' FROM public.counter"

#define NATIVE_ROWS                                                                                \
    " UNION ALL SELECT 'history', script, status || ' ' || statements_done, count(*)::text"        \
    " FROM lockkeeper.migration GROUP BY script, status, statements_done"                          \
    " UNION ALL SELECT 'journal', m.script, j.ordinal::text, j.state"                              \
    " FROM lockkeeper.journal j JOIN lockkeeper.migration m ON m.rank = j.migration"               \
    " ORDER BY 1, 2, 3, 4"

#define FLYWAY_ROWS                                                                                \
    " UNION ALL SELECT 'history', f.script, f.installed_rank || ' ' || f.type || ' ' ||"           \
    " f.checksum || ' ' || f.success, m.statements_done::text"                                     \
    " FROM public.flyway_schema_history f LEFT JOIN lockkeeper.flyway_migration m"                 \
    " ON m.rank = f.installed_rank AND m.installed_on = f.installed_on"                            \
    " UNION ALL SELECT 'journal', rank::text, ordinal::text, state"                                \
    " FROM lockkeeper.flyway_journal ORDER BY 1, 2, 3, 4"

/* The history that the program runs with: $LK_HISTORY, else the native one. */
static const struct history {
    const char *name;
    const char *catalog;
    const char *change;   /* makes what was applied look like another file's */
    const char *accepted; /* in the catalog, once that is repaired */
    unsigned stride;      /* how far from one message to the next */
} histories[] = {
    {"native", OBJECTS NATIVE_ROWS,
     "UPDATE lockkeeper.migration SET sha256 = 'another' WHERE rank < 3",
     "V2__index.sql|applied 1|1", 1},
    {"flyway", OBJECTS FLYWAY_ROWS, "UPDATE flyway_schema_history SET checksum = 1",
     "V2__index.sql|2 SQL", 3},
};

static const struct history *history = &histories[0];

#define COUNT_ONE "UPDATE public.counter SET n = n + 1;\n"

static void
write_config(const struct lk_site *site)
{
    lk_site_config(site, lk_fmt(site->mem,
                                "apply: {history: %s,"
                                " retry: {max_elapsed: 20s, base: 5ms, cap: 20ms}}\n",
                                history->name));
}

static void
write_changelog(const struct lk_site *site)
{
    write_config(site);
    lk_site_migration(site, "V1__tables.sql",
                      "CREATE TABLE counter (n int);\nINSERT INTO counter VALUES (1);\n"
                      "CREATE SCHEMA app;\n"
                      "CREATE TABLE app.users (id bigint PRIMARY KEY, email text, name text);\n"
                      "INSERT INTO app.users VALUES (1, 'a', 'b');\n");
    lk_site_migration(site, "V2__indexes.sql",
                      "SET search_path = app, public;\n" COUNT_ONE
                      "CREATE INDEX CONCURRENTLY users_email_idx ON users (email);\n"
                      "ALTER TABLE users ADD COLUMN score int;\n" COUNT_ONE
                      "DO $$ BEGIN IF to_regclass('public.gate') IS NOT NULL THEN"
                      " RAISE 'the gate is closed'; END IF; END $$;\n"
                      "CREATE INDEX CONCURRENTLY ON users (name);\n"
                      "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS users_score_key"
                      " ON users (score);\n"
                      "DROP INDEX CONCURRENTLY users_email_idx;\n" COUNT_ONE);
    lk_site_migration(site, "V3__loose.sql",
                      "-- lockkeeper: transaction off\n" COUNT_ONE "VACUUM counter;\n"
                      "DO $$ BEGIN UPDATE public.counter SET n = n + 1; END $$;\n"
                      "REINDEX INDEX CONCURRENTLY app.users_pkey;\n");
    lk_site_migration(site, "V4__blocks.sql",
                      "BEGIN;\nCREATE TABLE parent (id int) PARTITION BY LIST (id);\n"
                      "CREATE TABLE part PARTITION OF parent FOR VALUES IN (1);\n" COUNT_ONE
                      "COMMIT;\n" COUNT_ONE "BEGIN;\n" COUNT_ONE "COMMIT;\n");
    lk_site_migration(site, "V5__detach.sql",
                      "ALTER TABLE parent DETACH PARTITION part CONCURRENTLY;\n" COUNT_ONE);
    lk_site_migration(site, "V6__last.sql",
                      "ALTER TABLE app.users ADD COLUMN nick text;\n" COUNT_ONE);
    lk_site_migration(
        site, "R__view.sql",
        "CREATE OR REPLACE VIEW app.emails AS SELECT email FROM app.users;\n" COUNT_ONE);
}

/*
 * How far from one message to the next, where the environment does not say: all of them take a
 * quarter of an hour, and the sanitizers make each run several times as long.
 */
#ifndef LK_FAULT_STRIDE
#define LK_FAULT_STRIDE 3
#endif

static void
cut(struct lk_sweep *sweep, enum lk_cut first)
{
    for (enum lk_cut where = first; where <= LK_CUT_AFTER; where++)
        lk_sweep_run(sweep, LK_FAULT_CUT, where,
                     lk_sweep_stride(LK_FAULT_STRIDE * history->stride));
    print_message("%s: %u cuts\n", sweep->words, sweep->points);
    sweep->points = 0;
}

/* killed before a message is the same as killed behind the answer to the one before */
static void
kills(struct lk_sweep *sweep)
{
    for (enum lk_cut where = LK_CUT_DURING; where <= LK_CUT_AFTER; where++)
        lk_sweep_run(sweep, LK_FAULT_KILL, where,
                     lk_sweep_stride(LK_FAULT_STRIDE * history->stride));
    print_message("%s: %u kills\n", sweep->words, sweep->points);
    sweep->points = 0;
}

static struct lk_sweep
start_sweep(const struct lk_site *site, const char *words,
            void (*prepare)(const struct lk_site *site), const char *wanted)
{
    struct lk_sweep sweep = {
        .site = site, .words = words, .state = history->catalog, .prepare = prepare};

    lk_sweep_start(&sweep);
    lk_expect_text(sweep.wanted, wanted);
    return sweep;
}

/* Migrations with ways back, of each kind. */
static void
write_ways_back(const struct lk_site *site)
{
    write_config(site);
    lk_site_migration(site, "V1__tables.sql",
                      "CREATE TABLE counter (n int);\nINSERT INTO counter VALUES (1);\n");
    lk_site_migration(site, "V2__index.sql", "CREATE INDEX CONCURRENTLY n_idx ON counter (n);\n");
    lk_site_migration(site, "U2__index.sql",
                      COUNT_ONE "DROP INDEX CONCURRENTLY n_idx;\n" COUNT_ONE);
    lk_site_migration(site, "V3__column.sql", "ALTER TABLE counter ADD COLUMN m int;\n");
    lk_site_migration(site, "U3__column.sql", "ALTER TABLE counter DROP COLUMN m;\n" COUNT_ONE);
}

static void
from_applied(const struct lk_site *site)
{
    lk_site_expect(site, "apply --no-gate migrations", 0);
}

static void
from_the_first(const struct lk_site *site)
{
    lk_site_expect(site, "apply --no-gate --to 1 migrations", 0);
}

/* from_changed leaves what `repair` has to do something about. */
static void
from_changed(const struct lk_site *site)
{
    lk_site_expect(site, "apply --no-gate --to 2 migrations", 0);
    lk_site_migration(site, "V3__column.sql", "SELECT 1/0;\n");
    lk_site_expect(site, "apply --no-gate migrations", 6);
    lk_site_exec(site, history->change);
}

/* from_old leaves a history of format 1. */
static void
from_old(const struct lk_site *site)
{
    struct lk_bytes sql;
    struct lk_error err = {0};

    assert_true(
        lk_file_read(site->mem, LK_SOURCE_DIR "/fixtures/history/format_1.sql", &sql, &err));
    lk_site_exec(site, sql.data);
}

/* from_half leaves a migration stopped part way, for the run with the fault to go on with. */
static void
from_half(const struct lk_site *site)
{
    lk_site_exec(site, "CREATE TABLE gate ()");
    lk_site_expect(site, "apply --no-gate migrations", 7);
    lk_site_exec(site, "DROP TABLE gate");
}

static void
test_cuts_while_resuming(void **state)
{
    write_changelog(*state);
    struct lk_sweep sweep =
        start_sweep(*state, "apply --no-gate migrations", from_half, "counter|12||");

    cut(&sweep, LK_CUT_DURING);
    lk_sweep_end(&sweep);
}

/* sweep_both cuts and kills at every message of a command. */
static void
sweep_both(const struct lk_site *site, const char *words,
           void (*prepare)(const struct lk_site *site), const char *wanted)
{
    struct lk_sweep sweep = start_sweep(site, words, prepare, wanted);

    cut(&sweep, LK_CUT_BEFORE);
    kills(&sweep);
    lk_sweep_end(&sweep);
}

static void
test_apply(void **state)
{
    write_changelog(*state);
    sweep_both(*state, "apply --no-gate migrations", NULL, "counter|12||");
}

static void
test_rollback(void **state)
{
    write_ways_back(*state);
    sweep_both(*state, "rollback --no-gate --to 1 migrations", from_applied, "counter|4||");
}

static void
test_skip(void **state)
{
    write_ways_back(*state);
    sweep_both(*state, "skip 2 --reason no migrations", from_the_first,
               "V2__index.sql|skipped 0|1");
}

static void
test_repair(void **state)
{
    write_ways_back(*state);
    sweep_both(*state, "repair migrations --accept 1 --accept 2", from_changed, history->accepted);
}

static void
test_upgrade(void **state)
{
    write_ways_back(*state);
    sweep_both(*state, "apply --no-gate migrations", from_old, "V3__column.sql|applied 1|1");
}

#define IS_APPLIED                                                                                 \
    "SELECT coalesce((SELECT status FROM lockkeeper.migration), 'nothing'), count(*) FROM a"

static bool
stop_server(void *data, pid_t client)
{
    const struct lk_site *site = data;

    (void)client;
    lk_outage_begin(site->server);
    return true;
}

/*
 * The server carries a migration out, and is gone before anybody hears of it, for longer than the
 * run has patience: it says that it does not know. The next one finds out.
 */
static void
test_unknown_outcome(void **state)
{
    const struct lk_site *site = *state;
    struct lk_proxy *proxy = lk_proxy_start(site->mem, site->server->folder, "5432");
    char *url = lk_fmt(site->mem, "host=%s user=postgres dbname=%s", lk_proxy_folder(proxy),
                       site->database);
    unsigned unknown = 0;

    lk_site_config(site, "apply: {retry: {max_elapsed: 200ms, base: 5ms, cap: 20ms}}\n");
    lk_site_migration(site, "V1__row.sql", "INSERT INTO a VALUES (1);\n");
    for (unsigned nth = 1;; nth++) {
        lk_site_exec(site, "DROP SCHEMA IF EXISTS lockkeeper CASCADE; DROP TABLE IF EXISTS a;"
                           " CREATE TABLE a (id int)");
        lk_proxy_arm(proxy, LK_CUT_AFTER, nth, stop_server, *state);
        struct lk_process process = lk_site_spawn(site, "apply --no-gate migrations", url);
        lk_proxy_client(proxy, process.pid);
        struct lk_output output = lk_process_wait(site->mem, &process);
        lk_proxy_settle(proxy);
        if (!lk_proxy_has_struck(proxy))
            break;
        lk_outage_end(site);
        bool made = strcmp(lk_site_value(site, "SELECT to_regclass('lockkeeper.migration')"), "");
        if (made && strcmp(lk_site_value(site, IS_APPLIED), "applied|1") == 0 &&
            output.exit_code != 0) {
            lk_expect_exit(&output, 9);
            lk_expect_text(output.err, "V1__row.sql");
            lk_expect_text(output.err, "not known");
            unknown++;
        }
        lk_site_expect(site, "apply --no-gate migrations", 0);
        lk_site_expect_value(site, IS_APPLIED, "applied|1");
    }
    assert_int_equal(unknown, 1);
}

/* from_goose leaves a database that another tool has worked on. */
static void
from_goose(const struct lk_site *site)
{
    lk_site_exec(site, "CREATE TABLE counter (n int); INSERT INTO counter VALUES (1);"
                       " CREATE TABLE goose_db_version (id integer PRIMARY KEY GENERATED BY DEFAULT"
                       " AS IDENTITY, version_id bigint NOT NULL, is_applied boolean NOT NULL,"
                       " tstamp timestamp NOT NULL DEFAULT now());"
                       " INSERT INTO goose_db_version (version_id, is_applied) VALUES (0, true),"
                       " (1, true), (2, true)");
}

static void
test_adopt(void **state)
{
    write_ways_back(*state);
    sweep_both(*state, "adopt migrations", from_goose, "V2__index.sql|applied 0|1");
}

/* messages_of returns how many messages a run sends that applies so many migrations. */
static unsigned
messages_of(const struct lk_site *site, unsigned first, unsigned last, const char *more)
{
    struct lk_sweep sweep = {
        .site = site, .words = "apply --no-gate migrations", .state = "SELECT 1"};

    for (unsigned i = first; i <= last; i++)
        lk_site_migration(site, lk_fmt(site->mem, "V%u__t.sql", i),
                          lk_fmt(site->mem, "CREATE TABLE t%u (id int PRIMARY KEY);\n%s", i, more));
    lk_sweep_start(&sweep);
    lk_sweep_end(&sweep);
    return sweep.messages;
}

/* A migration with its row of history and its COMMIT is one message: one wait for the network. */
static void
test_a_message_each(void **state)
{
    unsigned few = messages_of(*state, 1, 10, ""), many = messages_of(*state, 1, 50, "");

    assert_int_equal(many - few, 40);
    /* what the first run takes besides: another tool's history is looked for; and the end */
    assert_in_range(few - 10, 1, 13);
}

/* One more looks at what it has made of the session, and puts that back. */
static void
test_a_message_for_the_session(void **state)
{
    static const char more[] = "SELECT set_config('search_path', '', false);\n";
    unsigned few = messages_of(*state, 1, 10, more), many = messages_of(*state, 1, 20, more);

    assert_int_equal(many - few, 20);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        lk_site_test(test_rollback),
        lk_site_test(test_repair),
        lk_site_test(test_apply),
        lk_site_test(test_cuts_while_resuming),
        lk_site_test(test_a_message_each), /* from here on of the native history alone */
        lk_site_test(test_a_message_for_the_session),
        lk_site_test(test_adopt),
        lk_site_test(test_skip),
        lk_site_test(test_upgrade),
        lk_site_test(test_unknown_outcome),
    };
    const char *name = getenv("LK_HISTORY");

    for (size_t i = 0; name != NULL && i < LK_ARRAY_SIZE(histories); i++)
        if (strcmp(histories[i].name, name) == 0)
            history = &histories[i];
    bool native = history == &histories[0];
    return lk_site_main(native ? "faults" : "faults_flyway", tests,
                        LK_ARRAY_SIZE(tests) - (native ? 0 : 6));
}
