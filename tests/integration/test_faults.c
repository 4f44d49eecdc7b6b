/*
 * tests/integration/test_faults.c
 *     Exactly once: the connection is cut, or the client killed, around every message of a run;
 *     running again completes the history.
 */
#include "parser/base/buf.h"
#include "parser/base/file.h"
#include "tests/integration/proxy.h"
#include "tests/integration/site.h"

/* What tells one database from another, the order of things left aside. */
#define CATALOG                                                                                    \
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
    " UNION ALL SELECT 'counter', n::text, '', '' FROM public.counter"                             \
    " UNION ALL SELECT 'history', script, status || ' ' || statements_done, count(*)::text"        \
    " FROM lockkeeper.migration GROUP BY script, status, statements_done"                          \
    " UNION ALL SELECT 'journal', m.script, j.ordinal::text, j.state"                              \
    " FROM lockkeeper.journal j JOIN lockkeeper.migration m ON m.rank = j.migration"               \
    " ORDER BY 1, 2, 3, 4"

#define CLEAN                                                                                      \
    "DROP SCHEMA IF EXISTS lockkeeper CASCADE; DROP SCHEMA IF EXISTS app CASCADE;"                 \
    " DROP SCHEMA public CASCADE; CREATE SCHEMA public"

#define COUNT_ONE "UPDATE public.counter SET n = n + 1;\n"

struct sweep {
    const struct lk_site *site;
    struct lk_proxy *proxy;
    char *url;
    const char *words;                           /* the command */
    void (*prepare)(const struct lk_site *site); /* before each run */
    char *wanted;                                /* the catalog after a run without a fault */
    unsigned cuts;
};

static void
write_changelog(const struct lk_site *site)
{
    lk_site_config(site, "apply: {retry: {max_elapsed: 20s, base: 5ms, cap: 20ms}}\n");
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

/* run_cut runs the command with a fault; returns whether there was one. */
static bool
run_cut(struct sweep *sweep, enum lk_cut where, unsigned nth, bool kills)
{
    const struct lk_site *site = sweep->site;

    lk_proxy_arm(sweep->proxy, where, nth, kills);
    struct lk_process process = lk_site_spawn(site, sweep->words, sweep->url);
    lk_proxy_client(sweep->proxy, process.pid);
    struct lk_output output = lk_process_wait(site->mem, &process);
    bool has_cut = lk_proxy_has_cut(sweep->proxy);
    /* it may have failed, but not by accident */
    bool expected =
        output.exit_code == 0 || (has_cut && (output.exit_code == 4 || output.exit_code == 9 ||
                                              (kills && output.exit_code == -1)));
    if (!expected)
        fail_msg("a cut at message %u ends with exit code %d:\n%s", nth, output.exit_code,
                 output.err);
    return has_cut;
}

/* show_difference fails with the lines that only one of two catalogs has. */
static void
show_difference(const struct sweep *sweep, const char *found, const char *where)
{
    const char *texts[] = {sweep->wanted, found};
    struct lk_buf lines = lk_buf_init(sweep->site->mem);

    for (size_t i = 0; i < 2; i++)
        for (const char *at = texts[i]; *at != '\0';) {
            size_t length = strcspn(at, "\n");
            char *line = lk_strndup(sweep->site->mem, at, length);
            if (strstr(texts[1 - i], line) == NULL)
                lk_buf_addf(&lines, "%s%s\n", i == 0 ? "- " : "+ ", line);
            at += length + (at[length] == '\n');
        }
    fail_msg("%s, and run again, the database is another one:\n%s", where, lines.data);
}

/* check_again runs the command again, which has to complete the history, exactly once. */
static void
check_again(struct sweep *sweep, enum lk_cut where, unsigned nth, bool kills)
{
    static const char *const places[] = {"before", "during", "after"};
    struct lk_output output = lk_site_run(sweep->site, sweep->words);

    if (output.exit_code != 0)
        fail_msg("%s %s message %u: the next run ends with exit code %d:\n%s",
                 kills ? "killed" : "cut", places[where], nth, output.exit_code, output.err);
    char *found = lk_site_value(sweep->site, CATALOG);
    if (strcmp(found, sweep->wanted) != 0)
        show_difference(sweep, found,
                        lk_fmt(sweep->site->mem, "%s %s message %u", kills ? "killed" : "cut",
                               places[where], nth));
}

/* How far from one message to the next: the sanitizers make each run several times as long. */
#ifndef LK_FAULT_STRIDE
#define LK_FAULT_STRIDE 1
#endif

/* sweep_all cuts at every message, at the places from `first` on. */
static void
sweep_all(struct sweep *sweep, enum lk_cut first, bool kills)
{
    for (enum lk_cut where = first; where < LK_CUT_COUNT; where++)
        for (unsigned nth = 1 + (unsigned)where % LK_FAULT_STRIDE;; nth += LK_FAULT_STRIDE) {
            lk_site_exec(sweep->site, CLEAN);
            sweep->prepare(sweep->site);
            bool has_cut = run_cut(sweep, where, nth, kills);
            check_again(sweep, where, nth, kills);
            if (!has_cut)
                break;
            sweep->cuts++;
        }
}

static struct sweep
start_sweep(const struct lk_site *site, const char *words,
            void (*prepare)(const struct lk_site *site))
{
    struct sweep sweep = {.site = site, .words = words, .prepare = prepare};

    sweep.proxy = lk_proxy_start(site->mem, site->server->folder);
    sweep.url = lk_fmt(site->mem, "host=%s user=postgres dbname=%s", lk_proxy_folder(sweep.proxy),
                       site->database);
    prepare(site);
    if (run_cut(&sweep, LK_CUT_BEFORE, 0, false))
        fail_msg("a cut that nobody asked for");
    sweep.wanted = lk_site_value(site, CATALOG);
    lk_expect_no_text(sweep.wanted, "INVALID");
    assert_in_range(lk_proxy_messages(sweep.proxy), 8, 200);
    return sweep;
}

static void
from_nothing(const struct lk_site *site)
{
    (void)site;
}

/* Migrations with ways back, of each kind. */
static void
write_ways_back(const struct lk_site *site)
{
    lk_site_config(site, "apply: {retry: {max_elapsed: 20s, base: 5ms, cap: 20ms}}\n");
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
    lk_site_exec(site, "UPDATE lockkeeper.migration SET sha256 = 'another' WHERE rank < 3");
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
    struct sweep sweep = start_sweep(*state, "apply --no-gate migrations", from_half);

    lk_expect_text(sweep.wanted, "counter|12||");
    sweep_all(&sweep, LK_CUT_DURING, false);
    print_message("%u cuts\n", sweep.cuts);
}

static void
test_cuts(void **state)
{
    write_changelog(*state);
    struct sweep sweep = start_sweep(*state, "apply --no-gate migrations", from_nothing);

    lk_expect_text(sweep.wanted, "counter|12||");
    sweep_all(&sweep, LK_CUT_BEFORE, false);
    print_message("%u cuts\n", sweep.cuts);
}

static void
test_kills(void **state)
{
    write_changelog(*state);
    struct sweep sweep = start_sweep(*state, "apply --no-gate migrations", from_nothing);

    /* killed before a message is the same as killed behind the answer to the one before */
    sweep_all(&sweep, LK_CUT_DURING, true);
    print_message("%u kills\n", sweep.cuts);
}

/* sweep_both cuts and kills at every message of a command that does less than a whole apply. */
static void
sweep_both(const struct lk_site *site, const char *words,
           void (*prepare)(const struct lk_site *site), const char *wanted)
{
    write_ways_back(site);
    struct sweep sweep = start_sweep(site, words, prepare);

    lk_expect_text(sweep.wanted, wanted);
    sweep_all(&sweep, LK_CUT_BEFORE, false);
    print_message("%s: %u cuts\n", words, sweep.cuts);
    sweep.cuts = 0;
    sweep_all(&sweep, LK_CUT_DURING, true);
    print_message("%s: %u kills\n", words, sweep.cuts);
}

static void
test_rollback(void **state)
{
    sweep_both(*state, "rollback --no-gate --to 1 migrations", from_applied, "counter|4||");
}

static void
test_skip(void **state)
{
    sweep_both(*state, "skip 2 --reason no migrations", from_the_first,
               "V2__index.sql|skipped 0|1");
}

static void
test_repair(void **state)
{
    sweep_both(*state, "repair migrations --accept 1 --accept 2", from_changed,
               "V2__index.sql|applied 1|1");
}

static void
test_upgrade(void **state)
{
    sweep_both(*state, "apply --no-gate migrations", from_old, "V3__column.sql|applied 1|1");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        lk_site_test(test_rollback),
        lk_site_test(test_skip),
        lk_site_test(test_repair),
        lk_site_test(test_upgrade),
        lk_site_test(test_cuts),
        lk_site_test(test_kills),
        lk_site_test(test_cuts_while_resuming),
    };

    return lk_site_main("faults", tests, LK_ARRAY_SIZE(tests));
}
