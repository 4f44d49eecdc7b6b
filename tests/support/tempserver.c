/*
 * tests/support/tempserver.c
 *     tempserver [--server-bin DIR] COMMAND [ARG...]: runs a command with PGHOST, PGUSER and
 *     PGDATABASE set to a throwaway server's, and ends with the command's exit code.
 */
#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "applier/server.h"

int
main(int argc, char **argv)
{
    TALLOC_CTX *mem = lk_mem_new(NULL);
    struct lk_error err = {0};
    const char *bin = NULL;
    int first = 1, status = 0;

    if (argc > 3 && strcmp(argv[1], "--server-bin") == 0) {
        bin = argv[2];
        first = 3;
    }
    if (first >= argc) {
        fprintf(stderr, "usage: tempserver [--server-bin DIR] COMMAND [ARG...]\n");
        return 2;
    }
    /* the command gets a Ctrl-C as well; we stay to clean up behind it */
    signal(SIGINT, SIG_IGN);
    const struct lk_server *server = lk_server_start(mem, bin, &err);
    if (server == NULL) {
        fprintf(stderr, "tempserver: %s\n", err.message);
        return 1;
    }
    setenv("PGHOST", server->folder, 1);
    setenv("PGUSER", "postgres", 1);
    setenv("PGDATABASE", "postgres", 1);
    pid_t child = fork();
    if (child == 0) {
        signal(SIGINT, SIG_DFL);
        execvp(argv[first], argv + first);
        fprintf(stderr, "tempserver: cannot run %s: %s\n", argv[first], strerror(errno));
        _exit(127);
    }
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    talloc_free(mem);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
