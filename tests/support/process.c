/*
 * tests/support/process.c
 *     Programs that run while the test goes on: see process.h.
 */
#include "tests/support/process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "parser/base/buf.h"

#define LONGEST_MS 120000

void
lk_sleep_ms(int ms)
{
    struct timespec pause = {ms / 1000, (ms % 1000) * 1000000L};

    while (nanosleep(&pause, &pause) != 0 && errno == EINTR)
        ;
}

struct lk_process
lk_process_start(const char *dir, const char *const *args)
{
    struct lk_process process = {
        .out = memfd_create("out", MFD_CLOEXEC),
        .err = memfd_create("err", MFD_CLOEXEC),
    };

    if (process.out < 0 || process.err < 0)
        LK_BUG("memfd_create: %s", strerror(errno));
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    process.pid = lk_test_spawn(dir, args, null, process.out, process.err);
    close(null);
    return process;
}

/* said returns what a program has written so far; the place where it goes on is left alone. */
static char *
said(TALLOC_CTX *mem, int fd)
{
    struct lk_buf text = lk_buf_init(mem);
    char chunk[65536];
    ssize_t got;

    while ((got = pread(fd, chunk, sizeof(chunk), (off_t)text.len)) > 0)
        lk_buf_addn(&text, chunk, (size_t)got);
    return text.data;
}

static char *
read_all(TALLOC_CTX *mem, int fd)
{
    char *text = said(mem, fd);

    close(fd);
    return text;
}

bool
lk_process_has_said(const struct lk_process *process, const char *text)
{
    char *err LK_CLEANUP(lk_mem_cleanup) = said(NULL, process->err);

    return strstr(err, text) != NULL;
}

void
lk_process_wait_for(const struct lk_process *process, const char *text)
{
    for (int waited = 0;; waited += 5) {
        if (lk_process_has_said(process, text))
            return;
        if (waited >= LONGEST_MS)
            fail_msg("a program has not said \"%s\", but: %s", text, said(NULL, process->err));
        lk_sleep_ms(5);
    }
}

bool
lk_process_has_ended(const struct lk_process *process)
{
    siginfo_t info = {.si_pid = 0};

    /* it stays to be waited for */
    return waitid(P_PID, (id_t)process->pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0 ||
           info.si_pid != 0;
}

struct lk_output
lk_process_wait(TALLOC_CTX *mem, struct lk_process *process)
{
    int status = 0, waited = 0;
    pid_t done;

    while ((done = waitpid(process->pid, &status, WNOHANG)) == 0 && waited < LONGEST_MS) {
        lk_sleep_ms(2);
        waited += 2;
    }
    if (done == 0) {
        kill(process->pid, SIGKILL);
        waitpid(process->pid, &status, 0);
        fail_msg("a program does not end; it said: %s", read_all(mem, process->err));
    }
    return (struct lk_output){WIFEXITED(status) ? WEXITSTATUS(status) : -1,
                              read_all(mem, process->out), read_all(mem, process->err)};
}
