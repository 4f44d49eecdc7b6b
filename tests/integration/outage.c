/*
 * tests/integration/outage.c
 *     Going down without warning: see outage.h.
 */
#include "tests/integration/outage.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "parser/base/text.h"

#define PATIENCE_MS 60000

void
lk_outage_begin(const struct lk_server *server)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    char *file = lk_fmt(scratch, "%s/data/postmaster.pid", server->folder);
    char *text = lk_test_read(scratch, file);
    pid_t postmaster = text != NULL ? (pid_t)strtol(text, NULL, 10) : 0;

    if (postmaster <= 0)
        LK_BUG("there is no server in %s", server->folder);
    kill(postmaster, SIGQUIT);
    for (int waited = 0; waited < PATIENCE_MS; waited++) {
        waitpid(postmaster, NULL, WNOHANG); /* the second time on it is a child of ours */
        if (kill(postmaster, 0) != 0 && errno == ESRCH)
            return;
        lk_sleep_ms(1);
    }
    LK_BUG("the server in %s does not stop", server->folder);
}

/* start runs what the server was started with, as the user that its folder belongs to. */
static _Noreturn void
start(const struct lk_server *server, const char *command)
{
    struct stat folder;
    int log;

    setpgid(0, 0);
    if (chdir(server->folder) != 0 || stat(".", &folder) != 0)
        _exit(126);
    if (geteuid() == 0 &&
        (setgroups(0, NULL) != 0 || setgid(folder.st_gid) != 0 || setuid(folder.st_uid) != 0))
        _exit(126);
    prctl(PR_SET_PDEATHSIG, SIGQUIT); /* the keeper of the folder does not know this one */
    log = open("log", O_WRONLY | O_CREAT | O_APPEND, 0600);
    dup2(log, STDOUT_FILENO);
    dup2(log, STDERR_FILENO);
    execl("/bin/sh", "sh", "-c", lk_fmt(NULL, "exec %s", command), (char *)NULL);
    _exit(127);
}

/* start_again starts the server and returns at once. */
static pid_t
start_again(const struct lk_site *site)
{
    const struct lk_server *server = site->server;
    char *command =
        lk_test_read(site->mem, lk_fmt(site->mem, "%s/data/postmaster.opts", server->folder));
    pid_t child;

    if (command == NULL || (child = fork()) < 0)
        LK_BUG("cannot start the server in %s again", server->folder);
    if (child == 0)
        start(server, command);
    return child;
}

/* wait_for waits until the server answers; `child`, unless 0, is its process. */
static void
wait_for(const struct lk_site *site, pid_t child)
{
    for (int waited = 0; PQping(site->url) != PQPING_OK; waited += 2) {
        if (waited >= PATIENCE_MS || (child != 0 && waitpid(child, NULL, WNOHANG) != 0))
            LK_BUG("the server in %s does not come up again", site->server->folder);
        lk_sleep_ms(2);
    }
    PQreset(site->pg);
    if (PQstatus(site->pg) != CONNECTION_OK)
        LK_BUG("cannot connect: %s", PQerrorMessage(site->pg));
}

void
lk_outage_end(const struct lk_site *site)
{
    wait_for(site, start_again(site));
}

void
lk_outage_wait(const struct lk_site *site)
{
    wait_for(site, 0);
}

void
lk_outage_recover(const struct lk_site *site, const char *go)
{
    FILE *settings, *signal_file;
    const char *data = lk_fmt(site->mem, "%s/data", site->server->folder);

    lk_outage_begin(site->server);
    settings = fopen(lk_fmt(site->mem, "%s/postgresql.auto.conf", data), "a");
    signal_file = fopen(lk_fmt(site->mem, "%s/recovery.signal", data), "w");
    if (settings == NULL || signal_file == NULL)
        LK_BUG("cannot write in %s", data);
    fprintf(settings, "hot_standby = off\n");
    fprintf(settings, "restore_command = 'until test -e \"%s\"; do sleep 0.02; done; false'\n", go);
    fclose(settings);
    fclose(signal_file);
    start_again(site);
}
