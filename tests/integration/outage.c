/*
 * tests/integration/outage.c
 *     Going down without warning: see outage.h.
 */
#include "tests/integration/outage.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
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

void
lk_outage_end(const struct lk_site *site)
{
    const struct lk_server *server = site->server;
    char *command =
        lk_test_read(site->mem, lk_fmt(site->mem, "%s/data/postmaster.opts", server->folder));
    pid_t child;

    if (command == NULL || (child = fork()) < 0)
        LK_BUG("cannot start the server in %s again", server->folder);
    if (child == 0)
        start(server, command);
    for (int waited = 0; PQping(site->url) != PQPING_OK; waited += 2) {
        if (waited >= PATIENCE_MS || waitpid(child, NULL, WNOHANG) != 0)
            LK_BUG("the server in %s does not come up again", server->folder);
        lk_sleep_ms(2);
    }
    PQreset(site->pg);
    if (PQstatus(site->pg) != CONNECTION_OK)
        LK_BUG("cannot connect: %s", PQerrorMessage(site->pg));
}
