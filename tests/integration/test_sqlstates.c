/*
 * tests/integration/test_sqlstates.c
 *     What a run makes of a failure is what sqlstates.def says: tried again, and carried out once,
 *     or given up at the first time. Each of them raised, and those that a server gives by itself
 *     for real.
 */
#include <signal.h>
#include <stdio.h>

#include "applier/sqlstate.h"
#include "tests/integration/outage.h"

#define ROWS "SELECT script, status FROM lockkeeper.migration ORDER BY rank"
#define QUICK "apply: {retry: {max_elapsed: 50s, base: 5ms, cap: 20ms}}\n"
/* The modes that a migration can be carried out in: around a statement that fails twice. */
static const struct {
    const char *name;
    const char *before, *after;
} modes[] = {
    {"transactional", "INSERT INTO log VALUES (1);\n", "INSERT INTO log VALUES (2);\n"},
    {"segmented", "INSERT INTO log VALUES (1);\n",
     "INSERT INTO log VALUES (2);\nCREATE INDEX CONCURRENTLY ON log (n);\n"},
    {"autocommit", "-- lockkeeper: transaction off\nINSERT INTO log VALUES (1);\n",
     "INSERT INTO log VALUES (2);\n"},
};

static const struct {
    const char *code;
    enum lk_sqlstate_class class;
} states[] = {
#define LK_SQLSTATE(code, class, words) {code, LK_SQLSTATE_##class},
#include "applier/sqlstates.def"
#undef LK_SQLSTATE
    {"23505", LK_SQLSTATE_FATAL}, /* and what is not in the list */
    {"XX000", LK_SQLSTATE_FATAL},
};

/* raising writes a migration whose second statement fails with an SQLSTATE, the first two times. */
static void
raising(const struct lk_site *site, size_t mode, const char *code)
{
    char sqlstate[6] = "00006";

    memcpy(sqlstate, code, strlen(code)); /* of a class, one that it has */
    lk_site_exec(site, "TRUNCATE log; ALTER SEQUENCE tries RESTART");
    lk_site_migration(site, "0001_a.sql",
                      lk_fmt(site->mem,
                             "%sDO $$ BEGIN IF nextval('tries') < 3 THEN"
                             " RAISE EXCEPTION USING ERRCODE = '%s'; END IF; END $$;\n%s",
                             modes[mode].before, sqlstate, modes[mode].after));
}

static void
raise_all(const struct lk_site *site, size_t mode)
{
    lk_site_config(site, QUICK);
    lk_site_exec(site, "CREATE TABLE log (n int); CREATE SEQUENCE tries");
    for (size_t i = 0; i < LK_ARRAY_SIZE(states); i++) {
        bool passes =
            states[i].class == LK_SQLSTATE_RETRY || states[i].class == LK_SQLSTATE_CONNECTION;
        print_message("%s: %s\n", states[i].code, passes ? "tried again" : "given up");
        raising(site, mode, states[i].code);
        if (passes) {
            struct lk_output output = lk_site_expect(site, "apply --no-gate migrations", 0);
            lk_expect_text(output.err, lk_fmt(site->mem, "%s; trying again in",
                                              lk_sqlstate_words(states[i].code)));
            lk_site_expect_value(site, "SELECT status, mode, attempts FROM lockkeeper.migration",
                                 lk_fmt(site->mem, "applied|%s|3", modes[mode].name));
        } else {
            struct lk_output output =
                lk_site_expect(site, "apply --no-gate migrations", mode == 2 ? 7 : 6);
            lk_expect_no_text(output.err, "trying again");
            lk_site_expect_value(site, "SELECT status, mode, attempts FROM lockkeeper.migration",
                                 lk_fmt(site->mem, "failed|%s|1", modes[mode].name));
            lk_site_expect_value(site, "SELECT n FROM log", mode == 2 ? "1" : "");
            lk_site_exec(site, "ALTER SEQUENCE tries RESTART WITH 3");
            lk_site_expect(site, "apply --no-gate migrations", 0);
            lk_site_exec(site, "ALTER SEQUENCE tries RESTART WITH 1");
        }
        lk_site_expect_value(site, "SELECT n FROM log ORDER BY n", "1\n2");
        lk_site_exec(site, "DROP SCHEMA lockkeeper CASCADE");
    }
}

static void
test_raised_in_a_transaction(void **state)
{
    raise_all(*state, 0);
}

static void
test_raised_in_segments(void **state)
{
    raise_all(*state, 1);
}

static void
test_raised_alone(void **state)
{
    raise_all(*state, 2);
}

/* ---- for real ---- */

/* write_gated writes two migrations that wait at a gate, in a transaction and on their own. */
static void
write_gated(const struct lk_site *site)
{
    lk_site_config(site, QUICK);
    lk_site_make_gates(site);
    lk_site_exec(site, "CREATE TABLE log (n int)");
    lk_site_migration(site, "0001_a.sql", "INSERT INTO log VALUES (1);\n" LK_GATE("1"));
    lk_site_migration(
        site, "0002_b.sql",
        "-- lockkeeper: transaction off\nINSERT INTO log VALUES (2);\n" LK_GATE(
            "2") "INSERT INTO log VALUES (3);\nCREATE INDEX CONCURRENTLY log_idx ON log (n);\n");
}

/* wait_at waits until the run is at a gate. */
static void
wait_at(const struct lk_site *site, int gate)
{
    lk_site_wait_for(site,
                     lk_fmt(site->mem,
                            "SELECT count(*) FROM pg_stat_activity WHERE state = 'active'"
                            " AND query LIKE '%%gate = %d)%%' AND pid <> pg_backend_pid()"
                            " AND datname = current_database()",
                            gate),
                     "1");
}

static void
expect_gated(const struct lk_site *site)
{
    lk_site_expect_value(site, ROWS, "0001_a.sql|applied\n0002_b.sql|applied");
    lk_site_expect_value(site, "SELECT n FROM log ORDER BY n", "1\n2\n3");
    lk_site_expect_value(site, "SELECT indisvalid FROM pg_index WHERE indrelid = 'log'::regclass",
                         "t");
}

/* 57P02: a backend of somebody else's crashes, and the server ends all of them and recovers. */
static void
crash_other(const struct lk_site *site, int gate)
{
    PGconn *other = lk_site_connect(site);

    wait_at(site, gate);
    assert_int_equal(kill(PQbackendPID(other), SIGKILL), 0);
    while (PQconsumeInput(other)) /* until the server has noticed */
        lk_sleep_ms(5);
    PQfinish(other);
    while (PQconsumeInput(site->pg)) /* and has ended the others */
        lk_sleep_ms(5);
    lk_outage_wait(site);
}

static void
test_crash_of_another_backend(void **state)
{
    const struct lk_site *site = *state;

    write_gated(site);
    struct lk_process process = lk_site_spawn(site, "apply --no-gate migrations", NULL);
    for (int gate = 1; gate <= 2; gate++) {
        crash_other(site, gate);
        lk_site_open_gate(site, gate);
    }
    struct lk_output output = lk_site_finish(site, &process, 0);
    lk_expect_text(output.err, "trying again");
    expect_gated(site);
    lk_site_expect_value(site, "SELECT min(attempts) FROM lockkeeper.migration", "2");
}

/* 57P01: an administrator ends the backend. */
static void
test_terminated(void **state)
{
    const struct lk_site *site = *state;

    write_gated(site);
    struct lk_process process = lk_site_spawn(site, "apply --no-gate migrations", NULL);
    for (int gate = 1; gate <= 2; gate++) {
        wait_at(site, gate);
        lk_site_value(site, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                            " WHERE application_name = 'lockkeeper' AND state = 'active'"
                            " AND datname = current_database()");
        lk_site_open_gate(site, gate);
    }
    struct lk_output output = lk_site_finish(site, &process, 0);
    lk_expect_text(output.err, "server shut down; trying again");
    expect_gated(site);
}

/* 57P03: the server is starting up, before the run and while it is under way. */
static void
test_starting_up(void **state)
{
    const struct lk_site *site = *state;
    char *go = lk_fmt(site->mem, "%s/go", site->server->folder);

    write_gated(site);
    lk_outage_recover(site, go);
    while (PQping(site->url) != PQPING_REJECT)
        lk_sleep_ms(5);
    struct lk_process process = lk_site_spawn(site, "apply --no-gate migrations", NULL);
    lk_process_wait_for(&process, "server not ready; trying again");
    fclose(fopen(go, "w"));
    lk_outage_wait(site);
    for (int gate = 1; gate <= 2; gate++)
        lk_site_open_gate(site, gate);
    lk_site_finish(site, &process, 0);
    expect_gated(site);
    remove(go);
    lk_site_exec(site, "ALTER SYSTEM RESET restore_command");
    lk_site_exec(site, "ALTER SYSTEM RESET hot_standby");
}

/* 53300: all connections are taken, before the run and when it needs a new one. */
static void
test_too_many_connections(void **state)
{
    const struct lk_site *site = *state;
    char *role = lk_fmt(site->mem, "%s_role", site->database);
    char *url =
        lk_fmt(site->mem, "host=%s user=%s dbname=%s", site->server->folder, role, site->database);

    write_gated(site);
    lk_site_exec(site, lk_fmt(site->mem,
                              "CREATE ROLE %s LOGIN; GRANT CREATE ON DATABASE %s TO %s; "
                              "ALTER TABLE log OWNER TO %s; GRANT CREATE ON SCHEMA public TO %s;"
                              "GRANT SELECT ON opened TO %s; ALTER ROLE %s CONNECTION LIMIT 1",
                              role, site->database, role, role, role, role, role));
    PGconn *rival = PQconnectdb(url);
    assert_int_equal(PQstatus(rival), CONNECTION_OK);
    struct lk_process process = lk_site_spawn(site, "apply --no-gate migrations", url);
    lk_process_wait_for(&process, "too many connections; trying again");
    PQfinish(rival);
    for (int gate = 1; gate <= 2; gate++) {
        wait_at(site, gate);
        lk_site_exec(site, lk_fmt(site->mem, "ALTER ROLE %s CONNECTION LIMIT 0", role));
        lk_site_value(site, lk_fmt(site->mem,
                                   "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                                   " WHERE usename = '%s'",
                                   role));
        lk_process_wait_for(&process, "cannot connect; trying again");
        lk_site_exec(site, lk_fmt(site->mem, "ALTER ROLE %s CONNECTION LIMIT 1", role));
        lk_site_open_gate(site, gate);
    }
    lk_site_finish(site, &process, 0);
    expect_gated(site);
    lk_site_exec(site, lk_fmt(site->mem, "DROP OWNED BY %s CASCADE; DROP ROLE %s", role, role));
}

/* 40001: somebody else has changed what the transaction has read. */
static void
test_serialization_failure(void **state)
{
    const struct lk_site *site = *state;

    lk_site_config(site, QUICK);
    lk_site_make_gates(site);
    lk_site_exec(site, "CREATE TABLE log (n int); INSERT INTO log VALUES (1)");
    lk_site_migration(site, "0001_a.sql",
                      "BEGIN ISOLATION LEVEL REPEATABLE READ;\nSELECT * FROM log;\n"
                      "DO $$ BEGIN WHILE (SELECT count(*) FROM dblink) < 1 LOOP"
                      " PERFORM pg_sleep(0.01); END LOOP; END $$;\n"
                      "UPDATE log SET n = n + 10;\nCOMMIT;\n");
    /* a sequence is seen by any snapshot */
    lk_site_exec(site, "CREATE SEQUENCE gates; CREATE VIEW dblink AS"
                       " SELECT 1 FROM gates WHERE is_called");
    struct lk_process process = lk_site_spawn(site, "apply --no-gate migrations", NULL);
    lk_site_wait_for(site,
                     "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
                     " AND datname = current_database()",
                     "1");
    lk_site_exec(site, "UPDATE log SET n = n + 1");
    lk_site_exec(site, "SELECT nextval('gates')");
    struct lk_output output = lk_site_finish(site, &process, 0);
    lk_expect_text(output.err, "serialization failure; trying again");
    lk_site_expect_value(site, "SELECT n FROM log", "12");
    lk_site_expect_value(site, "SELECT status, attempts FROM lockkeeper.migration", "applied|2");
}

/* 25006: nothing can be written, and nothing will be. */
static void
test_read_only(void **state)
{
    const struct lk_site *site = *state;

    lk_site_config(site, QUICK);
    lk_site_exec(site, "CREATE TABLE log (n int)");
    lk_site_migration(site, "0001_a.sql",
                      "BEGIN READ ONLY;\nINSERT INTO log VALUES (1);\nCOMMIT;\n");
    struct lk_output output = lk_site_expect(site, "apply --no-gate migrations", 6);
    lk_expect_text(output.err, "0001_a.sql:2: cannot execute INSERT in a read-only transaction");
    lk_expect_text(output.err, "SQLSTATE 25006");
    lk_expect_no_text(output.err, "trying again");
    lk_site_expect_value(site, "SELECT status, attempts, sqlstate FROM lockkeeper.migration",
                         "failed|1|25006");
}

/* 57014: somebody cancels the statement, who will have had a reason. */
static void
test_canceled(void **state)
{
    const struct lk_site *site = *state;

    write_gated(site);
    struct lk_process process = lk_site_spawn(site, "apply --no-gate migrations", NULL);
    wait_at(site, 1);
    lk_site_value(site, "SELECT pg_cancel_backend(pid) FROM pg_stat_activity"
                        " WHERE application_name = 'lockkeeper' AND state = 'active'"
                        " AND datname = current_database()");
    struct lk_output output = lk_site_finish(site, &process, 6);
    lk_expect_text(output.err, "canceling statement due to user request");
    lk_expect_no_text(output.err, "trying again");
    lk_site_expect_value(site, "SELECT count(*) FROM log", "0");
    for (int gate = 1; gate <= 2; gate++)
        lk_site_open_gate(site, gate);
    lk_site_expect(site, "apply --no-gate migrations", 0);
    lk_site_expect_value(site, "SELECT n FROM log ORDER BY n", "1\n2\n3");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        lk_site_test(test_raised_in_a_transaction),
        lk_site_test(test_raised_in_segments),
        lk_site_test(test_raised_alone),
        lk_site_test(test_crash_of_another_backend),
        lk_site_test(test_terminated),
        lk_site_test(test_starting_up),
        lk_site_test(test_too_many_connections),
        lk_site_test(test_serialization_failure),
        lk_site_test(test_read_only),
        lk_site_test(test_canceled),
    };

    return lk_site_main("sqlstates", tests, LK_ARRAY_SIZE(tests));
}
