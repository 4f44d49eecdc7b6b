/*
 * tests/integration/test_verify.c
 *     verify: a throwaway server that nothing is left of, however it ends.
 */
#include <dirent.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "parser/base/text.h"
#include "tests/integration/site.h"

/* temporary returns a folder for temporary files, and makes it that of the programs started. */
static char *
temporary(const struct lk_site *site)
{
    char *folder = lk_test_dir(site->mem);

    /* the server runs as another user where we are root */
    assert_int_equal(chmod(folder, 0755), 0);
    setenv("TMPDIR", folder, 1);
    return folder;
}

static unsigned
count_entries(const char *folder)
{
    DIR *dir = opendir(folder);
    unsigned count = 0;

    assert_non_null(dir);
    while (readdir(dir) != NULL)
        count++;
    closedir(dir);
    return count - 2; /* . and .. */
}

/* socket_folder returns where the one server below `folder` has its socket. */
static char *
socket_folder(TALLOC_CTX *mem, const char *folder)
{
    DIR *dir = opendir(folder);
    const struct dirent *entry;
    char *path = lk_strdup(mem, "/nonexistent");

    assert_non_null(dir);
    while ((entry = readdir(dir)) != NULL)
        if (entry->d_name[0] != '.')
            path = lk_fmt(mem, "%s/%s", folder, entry->d_name);
    closedir(dir);
    return path;
}

/* runs_in returns whether a process has its working directory below a folder. */
static bool
runs_in(const char *folder)
{
    DIR *dir = opendir("/proc");
    const struct dirent *entry;
    bool found = false;

    assert_non_null(dir);
    while ((entry = readdir(dir)) != NULL) {
        char path[512], target[4096];
        snprintf(path, sizeof(path), "/proc/%s/cwd", entry->d_name);
        ssize_t length = readlink(path, target, sizeof(target) - 1);
        if (length <= 0)
            continue;
        target[length] = '\0';
        found |= lk_starts_with(target, folder);
    }
    closedir(dir);
    return found;
}

/* expect_clean waits until nothing of a server is left: the keeper may outlive the program. */
static void
expect_clean(const char *folder)
{
    for (int waited = 0; count_entries(folder) > 0 || runs_in(folder); waited += 20) {
        if (waited >= 30000)
            fail_msg("%u entries and %s process are left of the server", count_entries(folder),
                     runs_in(folder) ? "a" : "no");
        lk_sleep_ms(20);
    }
}

/* verify starts the program with this test's server programs. */
static struct lk_process
verify(const struct lk_site *site, const char *options)
{
    return lk_site_spawn(
        site, lk_fmt(site->mem, "verify --server-bin %s %s migrations", site->server->bin, options),
        NULL);
}

static void
test_verify(void **state)
{
    const struct lk_site *site = *state;
    char *folder = temporary(site);

    lk_site_migration(site, "0001_a.sql", "CREATE TABLE a (id int);\n");
    lk_site_migration(site, "0002_b.sql", "CREATE INDEX CONCURRENTLY a_idx ON a (id);\n");
    struct lk_process process = verify(site, "-v");
    struct lk_output output = lk_process_wait(site->mem, &process);
    lk_expect_exit(&output, 0);
    lk_expect_text(output.out, "2 migrations applied");
    lk_expect_text(output.err, lk_fmt(site->mem, "PostgreSQL %s", site->server->version));
    expect_clean(folder);
    /* --url is not what it works on */
    lk_site_expect_value(site, "SELECT to_regclass('a') IS NULL", "t");
}

static void
test_failing_migration(void **state)
{
    const struct lk_site *site = *state;
    char *folder = temporary(site);

    lk_site_migration(site, "0001_a.sql", "CREATE TABLE a (id int);\nSELECT b FROM a;\n");
    struct lk_process process = verify(site, "");
    struct lk_output output = lk_process_wait(site->mem, &process);
    lk_expect_exit(&output, 6);
    lk_expect_text(output.err, "0001_a.sql:2: column \"b\" does not exist");
    expect_clean(folder);
}

/* What an event trigger makes is on the server and in no statement. */
static void
test_difference(void **state)
{
    const struct lk_site *site = *state;
    char *folder = temporary(site);

    lk_site_migration(
        site, "0001_a.sql",
        "CREATE FUNCTION log() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN\n"
        "    CREATE TABLE log_of_sequences (at timestamptz);\nEND $$;\n"
        "CREATE EVENT TRIGGER log ON ddl_command_end WHEN TAG IN ('CREATE SEQUENCE')\n"
        "    EXECUTE FUNCTION log();\n");
    lk_site_migration(site, "0002_b.sql", "CREATE SEQUENCE s;\n");
    struct lk_process process = verify(site, "--to 0001");
    struct lk_output output = lk_process_wait(site->mem, &process);
    lk_expect_exit(&output, 0);
    process = verify(site, "");
    output = lk_process_wait(site->mem, &process);
    lk_expect_exit(&output, 8);
    lk_expect_text(output.err,
                   "the replayed schema is not what the migrations make: 9 differences");
    lk_expect_text(output.err,
                   "relation public.log_of_sequences kind: r on the server, nothing in the "
                   "replayed schema");
    expect_clean(folder);
}

/* What nobody can read before is told, and no failure. */
static void
test_unread(void **state)
{
    const struct lk_site *site = *state;
    char *folder = temporary(site);

    lk_site_migration(
        site, "0001_a.sql",
        "DO $$ BEGIN EXECUTE format('CREATE TABLE %I (a int)', current_user); END $$;\n");
    struct lk_process process = verify(site, "");
    struct lk_output output = lk_process_wait(site->mem, &process);
    lk_expect_exit(&output, 0);
    lk_expect_text(output.err, "relation public.postgres kind: r on the server");
    expect_clean(folder);
}

/* wait_at_work waits until the server in `folder` carries out pg_sleep. */
static void
wait_at_work(const struct lk_site *site, const char *folder)
{
    for (int waited = 0; waited < 30000; waited += 20) {
        char *sockets = socket_folder(site->mem, folder);
        PGconn *pg = PQconnectdb(lk_fmt(site->mem, "host=%s user=postgres", sockets));
        PGresult *result = PQexec(pg, "SELECT FROM pg_stat_activity WHERE query LIKE '%pg_sleep%'"
                                      " AND pid <> pg_backend_pid()");
        bool at_work = PQntuples(result) > 0;
        PQclear(result);
        PQfinish(pg);
        if (at_work)
            return;
        lk_sleep_ms(20);
    }
    fail_msg("the server does not come up");
}

/* When the signal comes. */
enum moment { SERVER_BEGUN, SERVER_HALF_MADE, AT_WORK };

static void
interrupted(const struct lk_site *site, int signal_number, enum moment moment, int exit_code)
{
    char *folder = temporary(site);

    lk_site_migration(site, "0001_a.sql", "SELECT pg_sleep(60);\n");
    struct lk_process process = verify(site, "");
    for (int waited = 0; waited < 30000 && count_entries(folder) == 0; waited += 5)
        lk_sleep_ms(5);
    if (moment == SERVER_HALF_MADE)
        lk_sleep_ms(250);
    if (moment == AT_WORK)
        wait_at_work(site, folder);
    kill(process.pid, signal_number);
    struct lk_output output = lk_process_wait(site->mem, &process);
    lk_expect_exit(&output, exit_code);
    expect_clean(folder);
}

static void
test_sigint(void **state)
{
    interrupted(*state, SIGINT, AT_WORK, 9);
}

static void
test_sigterm(void **state)
{
    interrupted(*state, SIGTERM, AT_WORK, 9);
}

static void
test_sigkill(void **state)
{
    interrupted(*state, SIGKILL, AT_WORK, -1);
}

/* While the server is made and started. */
static void
test_sigint_early(void **state)
{
    const struct lk_site *site = *state;

    interrupted(site, SIGINT, SERVER_BEGUN, 9);
    interrupted(site, SIGINT, SERVER_HALF_MADE, 9);
}

static void
test_sigkill_early(void **state)
{
    interrupted(*state, SIGKILL, SERVER_HALF_MADE, -1);
}

static void
test_no_programs(void **state)
{
    const struct lk_site *site = *state;
    char *folder = temporary(site);

    lk_site_migration(site, "0001_a.sql", "CREATE TABLE a (id int);\n");
    struct lk_output output =
        lk_site_expect(site, "verify --server-bin /nonexistent migrations", 2);
    lk_expect_text(output.err, "/nonexistent");
    lk_expect_text(output.err, "--server-bin");
    expect_clean(folder);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        lk_site_test(test_verify),        lk_site_test(test_failing_migration),
        lk_site_test(test_difference),    lk_site_test(test_unread),
        lk_site_test(test_sigint),        lk_site_test(test_sigterm),
        lk_site_test(test_sigkill),       lk_site_test(test_sigint_early),
        lk_site_test(test_sigkill_early), lk_site_test(test_no_programs),
    };

    return lk_site_main("verify", tests, LK_ARRAY_SIZE(tests));
}
