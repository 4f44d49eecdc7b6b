/*
 * tests/integration/sweep.c
 *     A fault at every message of a command: see sweep.h.
 */
#include "tests/integration/sweep.h"

#include <signal.h>

#include "parser/base/buf.h"
#include "tests/integration/outage.h"

#define VACUUM_EVERY 20 /* points */

#define CLEAN                                                                                      \
    "DROP SCHEMA IF EXISTS lockkeeper CASCADE; DROP SCHEMA IF EXISTS app CASCADE;"                 \
    " DROP SCHEMA public CASCADE; CREATE SCHEMA public"

/* What a run must not leave on the server, whatever happened to it. */
#define LEFT_BEHIND                                                                                \
    "SELECT (SELECT count(*) FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_stat_activity a"        \
    " USING (pid) WHERE a.datname = current_database() AND a.pid <> pg_backend_pid()"              \
    " AND a.backend_type = 'client backend'),"                                                     \
    " (SELECT count(*) FROM pg_catalog.pg_stat_activity WHERE datname = current_database()"        \
    " AND state LIKE 'idle in transaction%'),"                                                     \
    " (SELECT count(*) FROM pg_catalog.pg_index WHERE NOT (indisvalid AND indisready)),"           \
    " (SELECT count(*) FROM pg_catalog.pg_inherits WHERE inhdetachpending),"                       \
    " (SELECT count(*) FROM pg_catalog.pg_prepared_xacts)"

static const char *const faults[] = {"cut",  "killed",        "crashed",
                                     "away", "pooler killed", "rivalled"};
static const char *const places[] = {"before", "during", "after", "behind the answer"};

unsigned
lk_sweep_stride(unsigned usual)
{
    const char *text = getenv("LK_FAULT_STRIDE");
    unsigned long stride = text != NULL ? strtoul(text, NULL, 10) : 0;

    return stride > 0 ? (unsigned)stride : usual;
}

/* way returns how to reach the database without the proxy between. */
static const char *
way(const struct lk_sweep *sweep)
{
    return sweep->pooling != NULL ? sweep->pooler.url : sweep->site->url;
}

/* ---- what happens at the point: in the proxy's thread ---- */

static bool
kill_client(void *data, pid_t client)
{
    (void)data;
    kill(client, SIGKILL);
    return true;
}

static bool
stop_server(void *data, pid_t client)
{
    const struct lk_sweep *sweep = data;

    (void)client;
    lk_outage_begin(sweep->site->server);
    return true;
}

static bool
kill_pooler(void *data, pid_t client)
{
    const struct lk_sweep *sweep = data;

    (void)client;
    kill(sweep->pooler.process.pid, SIGKILL);
    return true;
}

/* start_rival starts a second run, and goes on when that has ended, or waits for the first one. */
static bool
start_rival(void *data, pid_t client)
{
    struct lk_sweep *sweep = data;

    (void)client;
    sweep->rival = lk_site_spawn(sweep->site, sweep->words, way(sweep));
    while (!lk_process_has_ended(&sweep->rival) &&
           !lk_process_has_said(&sweep->rival, "another run holds the lock"))
        lk_sleep_ms(1);
    return false;
}

static void
arm(struct lk_sweep *sweep, enum lk_fault fault, enum lk_cut where, unsigned nth)
{
    static bool (*const strikes[])(void *data, pid_t client) = {
        [LK_FAULT_KILL] = kill_client,   [LK_FAULT_CRASH] = stop_server,
        [LK_FAULT_OUTAGE] = stop_server, [LK_FAULT_POOLER] = kill_pooler,
        [LK_FAULT_RIVAL] = start_rival,
    };

    lk_proxy_arm(sweep->proxy, where, nth, strikes[fault], sweep);
}

/* ---- a run with a fault ---- */

/* put_right brings back what the fault took away. */
static void
put_right(struct lk_sweep *sweep, enum lk_fault fault)
{
    if (fault == LK_FAULT_CRASH || fault == LK_FAULT_OUTAGE) {
        lk_outage_end(sweep->site);
        if (sweep->pooling != NULL)
            lk_pgbouncer_wait(&sweep->pooler);
    } else if (fault == LK_FAULT_POOLER) {
        lk_pgbouncer_end(&sweep->pooler, SIGKILL);
        sweep->pooler = lk_pgbouncer_start(sweep->site, sweep->pooling);
    } else if (fault == LK_FAULT_RIVAL) {
        lk_site_finish(sweep->site, &sweep->rival, 0);
    }
}

/* run_with runs the command with a fault; returns whether there was one. */
static bool
run_with(struct lk_sweep *sweep, enum lk_fault fault, enum lk_cut where, unsigned nth)
{
    const struct lk_site *site = sweep->site;
    bool right = false;

    arm(sweep, fault, where, nth);
    struct lk_process process = lk_site_spawn(site, sweep->words, sweep->url);
    lk_proxy_client(sweep->proxy, process.pid);
    while (fault != LK_FAULT_OUTAGE && !right && !lk_process_has_ended(&process))
        if (lk_proxy_has_struck(sweep->proxy)) {
            put_right(sweep, fault);
            right = true;
        } else {
            lk_sleep_ms(1);
        }
    struct lk_output output = lk_process_wait(site->mem, &process);
    lk_proxy_settle(sweep->proxy);
    bool struck = lk_proxy_has_struck(sweep->proxy);
    if (struck && !right)
        put_right(sweep, fault);
    /* it may have failed, but not by accident */
    bool expected =
        output.exit_code == 0 || (struck && (output.exit_code == 4 || output.exit_code == 9 ||
                                             (fault == LK_FAULT_KILL && output.exit_code == -1)));
    if (!expected)
        fail_msg("%s %s message %u: the run ends with exit code %d:\n%s", faults[fault],
                 places[where], nth, output.exit_code, output.err);
    sweep->further += output.exit_code != 0;
    return struck;
}

/* show_difference fails with the lines that only one of two states has. */
static void
show_difference(const struct lk_sweep *sweep, const char *found, const char *where)
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

void
lk_sweep_check(struct lk_sweep *sweep, const char *where)
{
    struct lk_process process = lk_site_spawn(sweep->site, sweep->words, way(sweep));
    struct lk_output output = lk_process_wait(sweep->site->mem, &process);

    if (output.exit_code != 0)
        fail_msg("%s: the next run ends with exit code %d:\n%s", where, output.exit_code,
                 output.err);
    lk_site_wait_for(sweep->site, LEFT_BEHIND, "0|0|0|0|0");
    char *found = lk_site_value(sweep->site, sweep->state);
    if (strcmp(found, sweep->wanted) != 0)
        show_difference(sweep, found, where);
}

void
lk_sweep_clean(struct lk_sweep *sweep)
{
    lk_site_exec(sweep->site, CLEAN);
    if (sweep->prepare != NULL)
        sweep->prepare(sweep->site);
}

void
lk_sweep_run(struct lk_sweep *sweep, enum lk_fault fault, enum lk_cut where, unsigned stride)
{
    for (unsigned nth = 1 + (unsigned)where % stride;; nth += stride) {
        lk_sweep_clean(sweep);
        bool struck = run_with(sweep, fault, where, nth);
        lk_sweep_check(
            sweep, lk_fmt(sweep->site->mem, "%s %s message %u", faults[fault], places[where], nth));
        if (!struck)
            break;
        /* a server that crashes forgets what autovacuum goes by, and its catalog would only grow */
        if (++sweep->points % VACUUM_EVERY == 0)
            lk_site_exec(sweep->site, "VACUUM");
    }
}

void
lk_sweep_start(struct lk_sweep *sweep)
{
    const struct lk_site *site = sweep->site;

    if (sweep->config != NULL)
        lk_site_config(site, sweep->config);
    if (sweep->pooling != NULL)
        sweep->pooler = lk_pgbouncer_start(site, sweep->pooling);
    sweep->proxy = lk_proxy_start(site->mem, site->server->folder,
                                  sweep->pooling != NULL ? LK_PGBOUNCER_PORT : "5432");
    sweep->url = lk_fmt(site->mem, "host=%s user=postgres dbname=%s", lk_proxy_folder(sweep->proxy),
                        site->database);
    lk_sweep_clean(sweep);
    if (run_with(sweep, LK_FAULT_CUT, LK_CUT_BEFORE, 0))
        fail_msg("a fault that nobody asked for");
    sweep->wanted = lk_site_value(site, sweep->state);
    sweep->messages = lk_proxy_messages(sweep->proxy);
    assert_in_range(sweep->messages, 8, 400);
}

void
lk_sweep_end(struct lk_sweep *sweep)
{
    TALLOC_FREE(sweep->proxy);
    if (sweep->pooling != NULL)
        lk_pgbouncer_end(&sweep->pooler, SIGTERM);
}
