/*
 * tests/bench/cpu.c
 *     bench_cpu RUNS COMMAND...: the least processor time, of user and system, that a command took
 * in so many runs, in milliseconds, and the least time by the clock, which says little on a machine
 * with other things to do.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* spent returns the processor time of all children that have ended, in milliseconds. */
static double
spent(void)
{
    struct rusage usage;

    getrusage(RUSAGE_CHILDREN, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e3 +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e3;
}

static double
now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

/* run returns the exit status of a command whose output goes nowhere; 127: it is not there. */
static int
run(char **command)
{
    int status = 0;
    pid_t child = fork();

    if (child == 0) {
        int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
        dup2(nowhere, STDOUT_FILENO);
        dup2(nowhere, STDERR_FILENO);
        execvp(command[0], command);
        _exit(127);
    }
    if (child < 0 || waitpid(child, &status, 0) < 0 || !WIFEXITED(status))
        return 127;
    return WEXITSTATUS(status);
}

int
main(int argc, char **argv)
{
    double least = 1e9, soonest = 1e9;

    if (argc < 3)
        return 2;
    for (int left = atoi(argv[1]); left > 0; left--) {
        double before = spent(), start = now();
        if (run(argv + 2) == 127)
            return 2;
        double took = spent() - before, passed = now() - start;
        least = took < least ? took : least;
        soonest = passed < soonest ? passed : soonest;
    }
    printf("%.2f %.2f\n", least, soonest);
    return 0;
}
