/*
 * tests/support/lktest.c
 *     Helpers of tests: see lktest.h.
 */
#include "tests/support/lktest.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "parser/base/buf.h"
#include "parser/base/file.h"
#include "parser/base/text.h"

static void
print_bug(const char *message)
{
    fprintf(stderr, "%s\n", message);
}

/* A test that cannot go on aborts, and says why: whichever program it is in. */
static void __attribute__((constructor)) tell_bugs(void)
{
    lk_set_bug_handler(print_bug);
}

/*
 * Where tests and what they start keep temporary files: $TMPDIR, or where there is plenty of it,
 * memory. A server in memory starts and ends with a third of the work.
 */
#define MEMORY "/dev/shm"
#define PLENTY ((uint64_t)4 << 30)
#define LONGEST_FOLDER 30 /* sockets are below it, whose paths have 107 bytes at most */

static const char *temporary = "/tmp"; /* a test may set $TMPDIR anew */

static void __attribute__((constructor)) choose_temporary(void)
{
    const char *given = getenv("TMPDIR");
    struct statvfs info;

    if (given == NULL && statvfs(MEMORY, &info) == 0 && (info.f_flag & ST_NOEXEC) == 0 &&
        (uint64_t)info.f_bavail * info.f_frsize >= PLENTY && access(MEMORY, W_OK) == 0 &&
        setenv("TMPDIR", MEMORY, 0) == 0)
        temporary = MEMORY;
    else if (given != NULL && given[0] == '/' && strlen(given) <= LONGEST_FOLDER)
        temporary = strdup(given);
}

int
lk_test_start(void **state)
{
    *state = lk_mem_new(NULL);
    return 0;
}

int
lk_test_end(void **state)
{
    talloc_free(*state);
    return 0;
}

static void
read_some(int *fd, struct lk_buf *buf)
{
    char chunk[65536];
    ssize_t got = read(*fd, chunk, sizeof(chunk));

    if (got > 0) {
        lk_buf_addn(buf, chunk, (size_t)got);
    } else if (got == 0 || errno != EINTR) {
        close(*fd);
        *fd = -1;
    }
}

/* Not fork: with sanitizers that takes longer than many a program does. */
pid_t
lk_test_spawn(const char *dir, const char *const *args, int in, int out, int err)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t defaults;
    pid_t child;

    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, err, STDERR_FILENO);
    if (dir != NULL)
        posix_spawn_file_actions_addchdir_np(&actions, dir);
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
    int failed = posix_spawnp(&child, args[0], &actions, &attributes,
                              (char *const *)(uintptr_t)args, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    if (failed != 0)
        LK_BUG("cannot start %s: %s", args[0], strerror(failed));
    return child;
}

struct lk_output
lk_test_run(TALLOC_CTX *mem, const char *dir, const char *const *args, const char *input)
{
    int in[2], out[2], err[2], status;
    struct lk_buf out_text = lk_buf_init(mem), err_text = lk_buf_init(mem);

    if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0 || pipe2(err, O_CLOEXEC) != 0)
        LK_BUG("pipe: %s", strerror(errno));
    pid_t child = lk_test_spawn(dir, args, in[0], out[1], err[1]);
    close(in[0]);
    close(out[1]);
    close(err[1]);
    if (input != NULL && write(in[1], input, strlen(input)) < 0 && errno != EPIPE)
        LK_BUG("write: %s", strerror(errno));
    close(in[1]);
    while (out[0] >= 0 || err[0] >= 0) {
        struct pollfd fds[] = {{out[0], POLLIN, 0}, {err[0], POLLIN, 0}};
        poll(fds, 2, -1);
        if (fds[0].revents != 0)
            read_some(&out[0], &out_text);
        if (fds[1].revents != 0)
            read_some(&err[0], &err_text);
    }
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    return (struct lk_output){WIFEXITED(status) ? WEXITSTATUS(status) : -1, out_text.data,
                              err_text.data};
}

struct test_dir {
    char *path;
};

static int
remove_entry(const char *path, const struct stat *info, int type, struct FTW *position)
{
    (void)info;
    (void)type;
    (void)position;
    return remove(path);
}

static int
remove_dir(struct test_dir *dir)
{
    nftw(dir->path, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    return 0;
}

char *
lk_test_dir(TALLOC_CTX *mem)
{
    struct test_dir *dir = lk_new(mem, struct test_dir);

    dir->path = lk_fmt(dir, "%s/lockkeeper-test-XXXXXX", temporary);
    if (mkdtemp(dir->path) == NULL)
        LK_BUG("mkdtemp: %s", strerror(errno));
    talloc_set_destructor(dir, remove_dir);
    return dir->path;
}

void
lk_test_write(const char *dir, const char *name, const char *content)
{
    char *path LK_CLEANUP(lk_mem_cleanup) = lk_path_join(NULL, dir, name);

    for (char *at = path + strlen(dir) + 1; (at = strchr(at, '/')) != NULL; at++) {
        *at = '\0';
        mkdir(path, 0755);
        *at = '/';
    }
    /* as it stands: what a test writes need not outlive a power failure */
    FILE *file = fopen(path, "w");
    if (file == NULL || fputs(content, file) < 0 || fclose(file) != 0)
        LK_BUG("%s: %s", path, strerror(errno));
}

void
lk_test_one_processor(bool one)
{
    static cpu_set_t all;
    cpu_set_t first;

    CPU_ZERO(&first);
    if (one && sched_getaffinity(0, sizeof(all), &all) != 0)
        LK_BUG("sched_getaffinity: %s", strerror(errno));
    for (int cpu = 0; CPU_COUNT(&first) == 0; cpu++)
        if (CPU_ISSET(cpu, &all))
            CPU_SET(cpu, &first);
    if (sched_setaffinity(0, sizeof(all), one ? &first : &all) != 0)
        LK_BUG("sched_setaffinity: %s", strerror(errno));
}

char *
lk_test_read(TALLOC_CTX *mem, const char *path)
{
    struct lk_bytes bytes;
    struct lk_error err = {0};

    if (lk_file_read(mem, path, &bytes, &err))
        return bytes.data;
    lk_error_clear(&err);
    return NULL;
}

struct lk_output
lk_test_lockkeeper(TALLOC_CTX *mem, const char *dir, const char *const *words)
{
    const char *args[16] = {LK_BINARY};
    size_t count = 1;

    for (size_t i = 0; words[i] != NULL && count + 1 < LK_ARRAY_SIZE(args); i++)
        args[count++] = words[i];
    return lk_test_run(mem, dir, args, NULL);
}
