/*
 * applier/server.c
 *     A throwaway PostgreSQL server: see server.h.
 *
 * The server is made and run by a keeper process that shares nothing with us but a line. When the
 * line closes, because we are done or because we were killed in whatever way, the keeper stops the
 * server and removes its folder.
 */
#include "applier/server.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "applier/interrupt.h"
#include "applier/libpq.h"
#include "parser/base/file.h"
#include "parser/base/text.h"

#define START_TIMEOUT_MS 60000

/* What the keeper says when a program ends that should not. */
#define SAY_NOT_MADE "m"
#define SAY_NOT_STARTED "s"

/* The user the server runs as. */
struct account {
    uid_t uid;
    gid_t gid;
};

struct keeper {
    struct lk_server server;
    pid_t pid;
    int line; /* its closing tells the keeper to clean up; the keeper says on it what went wrong */
};

/* ---- finding the programs ---- */

static bool
has_programs(const char *bin)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);

    return access(lk_path_join(scratch, bin, "initdb"), X_OK) == 0 &&
           access(lk_path_join(scratch, bin, "postgres"), X_OK) == 0;
}

/* program_version returns what `postgres --version` says ("18.4"), or NULL. */
static char *
program_version(TALLOC_CTX *mem, const char *bin)
{
    int out[2];
    char text[256] = "";
    char *program = lk_path_join(mem, bin, "postgres");

    if (pipe2(out, O_CLOEXEC) != 0)
        return NULL;
    pid_t child = fork();
    if (child == 0) {
        dup2(out[1], STDOUT_FILENO);
        execl(program, program, "--version", (char *)NULL);
        _exit(127);
    }
    close(out[1]);
    ssize_t got = read(out[0], text, sizeof(text) - 1);
    close(out[0]);
    waitpid(child, NULL, 0);
    const char *number = got > 0 ? strpbrk(text, "0123456789") : NULL;
    return number == NULL ? NULL : lk_strndup(mem, number, strspn(number, "0123456789."));
}

struct candidate {
    char *bin;
    char *version;
};

/* consider keeps the newer one of the best so far and the programs in `bin`. */
static void
consider(TALLOC_CTX *mem, const char *bin, struct candidate *best)
{
    if (!has_programs(bin))
        return;
    char *version = program_version(mem, bin);
    if (version != NULL &&
        (best->version == NULL || strtod(version, NULL) > strtod(best->version, NULL)))
        *best = (struct candidate){lk_strdup(mem, bin), version};
}

static struct candidate
find_programs(TALLOC_CTX *mem)
{
    static const char installed[] = "/usr/lib/postgresql";
    struct candidate best = {0};
    struct lk_listing listing = {0};
    struct lk_error ignored = {0};
    const char *path = getenv("PATH");

    for (const char *at = path != NULL ? path : ""; *at != '\0';) {
        size_t length = strcspn(at, ":");
        if (length > 0)
            consider(mem, lk_strndup(mem, at, length), &best);
        at += length + (at[length] == ':');
    }
    if (!lk_directory_list(mem, installed, &listing, &ignored))
        lk_error_clear(&ignored);
    lk_vec_foreach(entry, &listing.entries)
        consider(mem, lk_fmt(mem, "%s/%s/bin", installed, entry->name), &best);
    return best;
}

static bool
choose_programs(TALLOC_CTX *mem, const char *bin, struct candidate *ret, struct lk_error *err)
{
    *ret = (struct candidate){0};
    if (bin != NULL) {
        char *folder = realpath(bin, NULL); /* the server changes its working directory */
        if (folder != NULL)
            consider(mem, folder, ret);
        free(folder);
        if (ret->bin != NULL)
            return true;
        lk_fail(err, LK_ERR_USAGE, "there are no PostgreSQL server programs in %s", bin);
        return lk_error_hint(err, "--server-bin is the folder that holds initdb and postgres.");
    }
    *ret = find_programs(mem);
    if (ret->bin != NULL)
        return true;
    lk_fail(err, LK_ERR_CONNECT, "no PostgreSQL server is installed");
    return lk_error_hint(err, "Install one (Debian: apt-get install postgresql), or name the "
                              "folder of its programs with --server-bin.");
}

/* ---- running programs ---- */

/* choose_account returns whom to run as: ourselves, unless that is root. */
static struct account
choose_account(void)
{
    static const char *const names[] = {"postgres", "nobody"};
    struct account account = {geteuid(), getegid()};

    for (size_t i = 0; i < LK_ARRAY_SIZE(names) && account.uid == 0; i++) {
        const struct passwd *entry = getpwnam(names[i]);
        if (entry != NULL)
            account = (struct account){entry->pw_uid, entry->pw_gid};
    }
    return account;
}

static bool
become(struct account account)
{
    if (geteuid() != 0)
        return true;
    return setgroups(0, NULL) == 0 && setgid(account.gid) == 0 && setuid(account.uid) == 0;
}

/*
 * spawn starts a program as `account` in a process group of its own, its output going to the file
 * `log`.
 */
static pid_t
spawn(struct account account, const char *folder, const char *const *args)
{
    pid_t child = fork();

    if (child != 0)
        return child;
    setpgid(0, 0);
    int null = open("/dev/null", O_RDONLY);
    if (chdir(folder) != 0 || !become(account))
        _exit(126);
    int log = open("log", O_WRONLY | O_CREAT | O_APPEND, 0600);
    dup2(null, STDIN_FILENO);
    dup2(log, STDOUT_FILENO);
    dup2(log, STDERR_FILENO);
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    signal(SIGPIPE, SIG_DFL);
    unsetenv("PGDATA");
    execv(args[0], (char *const *)(uintptr_t)args);
    _exit(127);
}

/* log_tail returns the last line of what the programs said that is not empty. */
static char *
log_tail(TALLOC_CTX *mem, const char *folder)
{
    struct lk_bytes log;
    struct lk_error ignored = {0};

    if (!lk_file_read(mem, lk_path_join(mem, folder, "log"), &log, &ignored)) {
        lk_error_clear(&ignored);
        return lk_strdup(mem, "it left no message");
    }
    size_t end = log.size;
    while (end > 0 && log.data[end - 1] == '\n')
        end--;
    size_t start = end;
    while (start > 0 && log.data[start - 1] != '\n')
        start--;
    return lk_strndup(mem, log.data + start, end - start);
}

/* ---- the keeper ---- */

static int
remove_entry(const char *path, const struct stat *info, int type, struct FTW *position)
{
    (void)info;
    (void)type;
    (void)position;
    return remove(path);
}

/* remove_folder removes it with everything in it, even while a dying program still adds to it. */
static void
remove_folder(const char *folder)
{
    for (int tries = 0; tries < 50 && access(folder, F_OK) == 0; tries++) {
        if (tries > 0)
            nanosleep(&(struct timespec){0, 20000000}, NULL);
        nftw(folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    }
}

/*
 * watch waits for the end of a program, or of the line, and then for that of the program; `*ret_ok`
 * says whether it ended well. Returns whether the line is still open.
 */
static bool
watch(int line, pid_t program, int stop_signal, bool *ret_ok)
{
    struct pollfd end = {line, POLLIN, 0};
    int status = 0;
    pid_t done;

    while ((done = waitpid(program, &status, WNOHANG)) == 0)
        if (poll(&end, 1, 10) > 0) {
            kill(-program, stop_signal);
            waitpid(program, NULL, 0);
            return false;
        }
    *ret_ok = done == program && WIFEXITED(status) && WEXITSTATUS(status) == 0;
    return true;
}

/* keep makes and runs the server until the other end of the line is closed, then cleans up. */
static _Noreturn void
keep(int line, struct account account, const char *folder, const char *const *initdb,
     const char *const *postgres)
{
    struct pollfd end = {line, POLLIN, 0};
    bool made = false, ended;

    /* a Ctrl-C goes to the whole group: the keeper outlives it, and does its work */
    setsid();
    signal(SIGINT, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    bool wanted = watch(line, spawn(account, folder, initdb), SIGKILL, &made);
    /* SIGQUIT is an immediate shutdown: nothing of it is kept anyhow */
    if (wanted && made)
        wanted = watch(line, spawn(account, folder, postgres), SIGQUIT, &ended);
    if (wanted) { /* it ended by itself: say so, and leave the log until it is read */
        send(line, made ? SAY_NOT_STARTED : SAY_NOT_MADE, 1, MSG_NOSIGNAL);
        while (poll(&end, 1, -1) < 0)
            ;
    }
    remove_folder(folder);
    _exit(0);
}

/* start_keeper forks the keeper, which makes and starts the server. */
static bool
start_keeper(struct keeper *keeper, struct account account, const char *const *initdb,
             const char *const *postgres)
{
    int ends[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return false;
    keeper->pid = fork();
    if (keeper->pid == 0) {
        close(ends[1]);
        keep(ends[0], account, keeper->server.folder, initdb, postgres);
    }
    close(ends[0]);
    keeper->line = ends[1];
    return keeper->pid > 0;
}

static int
stop(struct keeper *keeper)
{
    if (keeper->pid > 0) {
        close(keeper->line);
        while (waitpid(keeper->pid, NULL, 0) < 0 && errno == EINTR)
            ;
    } else if (keeper->server.folder != NULL) {
        remove_folder(keeper->server.folder);
    }
    return 0;
}

/* ---- starting ---- */

static bool
make_folder(struct keeper *keeper, struct account account, struct lk_error *err)
{
    const char *base = getenv("TMPDIR");

    /* a socket's path has 107 bytes at most */
    if (base == NULL || base[0] != '/' || strlen(base) > 60)
        base = "/tmp";
    char *folder = lk_fmt(keeper, "%s/lockkeeper-XXXXXX", base);
    if (mkdtemp(folder) == NULL)
        return lk_fail(err, LK_ERR_INPUT, "cannot make a folder in %s: %s", base, strerror(errno));
    keeper->server.folder = folder;
    if (chown(folder, account.uid, account.gid) != 0)
        return lk_fail(err, LK_ERR_INPUT, "cannot give %s to the server's user: %s", folder,
                       strerror(errno));
    return true;
}

/* wait_ready waits until the server answers. */
static bool
wait_ready(struct keeper *keeper, struct lk_error *err)
{
    char said = SAY_NOT_STARTED[0];

    for (int waited = 0; waited < START_TIMEOUT_MS; waited += 20) {
        if (PQping(keeper->server.url) == PQPING_OK)
            return true;
        if (lk_interrupted())
            return lk_fail(err, LK_ERR_INTERRUPTED, "interrupted");
        if (recv(keeper->line, &said, 1, MSG_DONTWAIT) == 1)
            break;
        nanosleep(&(struct timespec){0, 20000000}, NULL);
    }
    if (said == SAY_NOT_MADE[0])
        lk_fail(err, LK_ERR_CONNECT, "cannot make a throwaway PostgreSQL %s: %s",
                keeper->server.version, log_tail(keeper, keeper->server.folder));
    else
        lk_fail(err, LK_ERR_CONNECT, "the throwaway PostgreSQL %s does not start: %s",
                keeper->server.version, log_tail(keeper, keeper->server.folder));
    return lk_error_hint(err, "Its programs are in %s.", keeper->server.bin);
}

struct lk_server *
lk_server_start(TALLOC_CTX *mem, const char *bin, struct lk_error *err)
{
    struct keeper *keeper = lk_new(mem, struct keeper);
    struct account account = choose_account();
    struct candidate programs;

    if (!lk_libpq_load(err) || !choose_programs(keeper, bin, &programs, err))
        return NULL;
    keeper->server.bin = programs.bin;
    keeper->server.version = programs.version;
    if (account.uid == 0) {
        lk_fail(err, LK_ERR_CONNECT, "PostgreSQL does not run as root");
        lk_error_hint(err, "Run as another user, or add a user called postgres.");
        return NULL;
    }
    talloc_set_destructor(keeper, stop);
    if (!make_folder(keeper, account, err))
        return NULL;
    const char *initdb[] = {lk_path_join(keeper, programs.bin, "initdb"),
                            "--no-sync",
                            "-A",
                            "trust",
                            "-U",
                            "postgres",
                            "-E",
                            "UTF8",
                            "--locale=C",
                            "-D",
                            "data",
                            NULL};
    const char *postgres[] = {lk_path_join(keeper, programs.bin, "postgres"),
                              "-D",
                              "data",
                              "-c",
                              "listen_addresses=",
                              "-c",
                              lk_fmt(keeper, "unix_socket_directories=%s", keeper->server.folder),
                              "-c",
                              "fsync=off",
                              "-c",
                              "full_page_writes=off",
                              "-c",
                              "max_locks_per_transaction=512",
                              "-c",
                              "max_prepared_transactions=10",
                              NULL};
    keeper->server.url =
        lk_fmt(keeper, "host=%s dbname=postgres user=postgres", keeper->server.folder);
    if (!start_keeper(keeper, account, initdb, postgres)) {
        lk_fail(err, LK_ERR_CONNECT, "cannot start a process: %s", strerror(errno));
        return NULL;
    }
    return wait_ready(keeper, err) ? &keeper->server : NULL;
}
