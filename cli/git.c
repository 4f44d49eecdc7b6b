/*
 * cli/git.c
 *     Asking the git program: see git.h.
 */
#include "cli/git.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "parser/base/buf.h"
#include "parser/base/text.h"

#define NO_PROGRAM 127 /* the exit code of a child that found no git */
#define MAX_ARGS 24

/* ---- running it ---- */

/* What git said. */
struct answer {
    int code;
    struct lk_buf out;
    struct lk_buf err;
};

/*
 * set_environment makes git look at the folder that it runs in, and only look: a hook's variables
 * are about the repository that the hook is of, as seen from elsewhere.
 * Source: git-rev-parse(1), --local-env-vars; git(1), environment variables.
 */
static void
set_environment(void)
{
    static const char *const foreign[] = {
        "GIT_DIR",
        "GIT_WORK_TREE",
        "GIT_INDEX_FILE",
        "GIT_PREFIX",
        "GIT_COMMON_DIR",
        "GIT_NAMESPACE",
        "GIT_LITERAL_PATHSPECS",
        "GIT_GLOB_PATHSPECS",
        "GIT_NOGLOB_PATHSPECS",
        "GIT_ICASE_PATHSPECS",
        "GIT_DIFF_OPTS",
        "GIT_EXTERNAL_DIFF",
    };

    for (size_t i = 0; i < LK_ARRAY_SIZE(foreign); i++)
        unsetenv(foreign[i]);
    setenv("GIT_OPTIONAL_LOCKS", "0", 1);
    setenv("GIT_TERMINAL_PROMPT", "0", 1);
    setenv("LC_ALL", "C", 1);
}

static void
run_child(const char *folder, const char *const *args, const int out[2], const int err[2])
{
    int null = open("/dev/null", O_RDONLY);

    dup2(null, STDIN_FILENO);
    dup2(out[1], STDOUT_FILENO);
    dup2(err[1], STDERR_FILENO);
    signal(SIGPIPE, SIG_DFL);
    set_environment();
    if (chdir(folder[0] == '\0' ? "." : folder) == 0)
        execvp(args[0], (char *const *)(uintptr_t)args);
    _exit(NO_PROGRAM);
}

/* read_some takes what is there to be read, and closes what has ended. */
static void
read_some(int *fd, struct lk_buf *buf)
{
    char chunk[65536];
    ssize_t got = read(*fd, chunk, sizeof(chunk));

    if (got > 0 && buf->len + (size_t)got <= LK_FILE_MAX) {
        lk_buf_addn(buf, chunk, (size_t)got);
    } else if (got >= 0 || errno != EINTR) {
        close(*fd);
        *fd = -1;
    }
}

static void
read_both(int out, int err, struct answer *ret)
{
    while (out >= 0 || err >= 0) {
        struct pollfd fds[] = {{out, POLLIN, 0}, {err, POLLIN, 0}};
        if (poll(fds, 2, -1) < 0)
            continue;
        if (fds[0].revents != 0)
            read_some(&out, &ret->out);
        if (fds[1].revents != 0)
            read_some(&err, &ret->err);
    }
}

/* run asks git in `folder`; `args` end with NULL. It fails where git cannot be run at all. */
static bool
run(TALLOC_CTX *mem, const char *folder, const char *const *args, struct answer *ret,
    struct lk_error *err)
{
    int out[2], errors[2], status;
    const char *words[MAX_ARGS] = {"git", "--no-pager"};

    for (size_t i = 0; args[i] != NULL; i++)
        words[2 + i] = args[i];
    *ret = (struct answer){.out = lk_buf_init(mem), .err = lk_buf_init(mem)};
    if (pipe2(out, O_CLOEXEC) != 0 || pipe2(errors, O_CLOEXEC) != 0)
        return lk_fail(err, LK_ERR_INTERNAL, "pipe: %s", strerror(errno));
    pid_t child = fork();
    if (child < 0)
        return lk_fail(err, LK_ERR_INTERNAL, "fork: %s", strerror(errno));
    if (child == 0)
        run_child(folder, words, out, errors);
    close(out[1]);
    close(errors[1]);
    read_both(out[0], errors[0], ret);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    ret->code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    if (ret->code != NO_PROGRAM)
        return true;
    lk_fail(err, LK_ERR_USAGE, "git cannot be run in %s", folder);
    return lk_error_hint(err, "--since asks the git program, which has to be in the PATH.");
}

#define RUN(mem, folder, ret, err, ...)                                                            \
    run(mem, folder, (const char *const[]){__VA_ARGS__, NULL}, ret, err)

/* refused fails with what git itself said, which may have several lines: it also says what to do.
 */
static bool
refused(const struct answer *answer, struct lk_error *err, const char *what, const char *folder)
{
    const char *said = answer->err.data;
    size_t length;

    if (lk_starts_with(said, "fatal: "))
        said += strlen("fatal: ");
    for (length = strlen(said); length > 0 && said[length - 1] == '\n'; length--)
        ;
    lk_fail(err, LK_ERR_USAGE, "%s %s", what, folder);
    if (length > 0)
        lk_error_detail(err, "git says: %.*s", (int)length, said);
    return false;
}

/* line_of returns what git printed, without the line's end. */
static char *
line_of(TALLOC_CTX *mem, const struct answer *answer)
{
    size_t length = answer->out.len;

    if (length > 0 && answer->out.data[length - 1] == '\n')
        length--;
    return lk_strndup(mem, answer->out.data, length);
}

char *
lk_git_root(TALLOC_CTX *mem, const char *folder, struct lk_error *err)
{
    struct answer answer;

    if (!RUN(mem, folder, &answer, err, "rev-parse", "--show-toplevel"))
        return NULL;
    if (answer.code == 0 && answer.out.len > 1)
        return line_of(mem, &answer);
    refused(&answer, err, "--since needs the work tree of a git repository, which is not at",
            folder);
    return NULL;
}

char *
lk_git_prefix(TALLOC_CTX *mem, const char *folder, struct lk_error *err)
{
    struct answer answer;

    if (!RUN(mem, folder, &answer, err, "rev-parse", "--show-prefix"))
        return NULL;
    if (answer.code == 0)
        return line_of(mem, &answer);
    refused(&answer, err, "git does not say where in its work tree this is:", folder);
    return NULL;
}

/* ---- revisions ---- */

/* resolve returns the commit that a revision is, NULL without an error where there is none. */
static char *
resolve(TALLOC_CTX *mem, const char *root, const char *revision, struct lk_error *err)
{
    struct answer answer;

    if (!RUN(mem, root, &answer, err, "rev-parse", "--verify", "--quiet", revision) ||
        answer.code != 0)
        return NULL;
    const char *object = lk_fmt(mem, "%s^{commit}", line_of(mem, &answer));
    if (!RUN(mem, root, &answer, err, "rev-parse", "--verify", "--quiet", object) ||
        answer.code != 0)
        return NULL;
    return line_of(mem, &answer);
}

/* words_of returns the lines that git prints; none where it refuses. */
static struct lk_git_paths
lines_of(TALLOC_CTX *mem, const char *root, const char *const *args)
{
    struct lk_git_paths lines = {0};
    struct answer answer;
    struct lk_error ignored = {0};

    if (!run(mem, root, args, &answer, &ignored) || answer.code != 0) {
        lk_error_clear(&ignored);
        return lines;
    }
    for (const char *at = answer.out.data; *at != '\0';) {
        size_t length = strcspn(at, "\n");
        lk_vec_push(mem, &lines.items, lk_strndup(mem, at, length));
        at += length + (at[length] == '\n');
    }
    return lines;
}

/* remote_of returns the remote whose branch a revision names, NULL for none: of origin/main,
 * origin. */
static const char *
remote_of(TALLOC_CTX *mem, const char *root, const char *revision)
{
    static const char *const args[] = {"remote", NULL};
    struct lk_git_paths remotes = lines_of(mem, root, args);

    lk_vec_foreach(remote, &remotes.items) {
        size_t length = strlen(*remote);
        if (strncmp(revision, *remote, length) == 0 && revision[length] == '/' &&
            revision[length + 1] != '\0')
            return *remote;
    }
    return NULL;
}

/* branch_of returns the branch of a remote that a revision starts from: main of origin/main~2. */
static char *
branch_of(TALLOC_CTX *mem, const char *remote, const char *revision)
{
    const char *branch = revision + strlen(remote) + 1;

    return lk_strndup(mem, branch, strcspn(branch, "~^@:"));
}

/* fetch_of returns what names a revision to `git fetch`: " origin main" of origin/main, or "". */
static const char *
fetch_of(TALLOC_CTX *mem, const char *root, const char *revision)
{
    const char *remote = remote_of(mem, root, revision);

    return remote == NULL ? "" : lk_fmt(mem, " %s %s", remote, branch_of(mem, remote, revision));
}

/* nearest_ref returns the branch or tag that is likely meant: also main for origin/main. */
static const char *
nearest_ref(TALLOC_CTX *mem, const char *root, const char *revision)
{
    static const char *const args[] = {"for-each-ref", "--format=%(refname:short)",
                                       "refs/heads",   "refs/remotes",
                                       "refs/tags",    NULL};
    struct lk_git_paths refs = lines_of(mem, root, args);
    char *below = lk_fmt(mem, "/%s", revision);

    lk_vec_foreach(ref, &refs.items)
        if (lk_ends_with(*ref, below))
            return *ref;
    return lk_nearest(revision, refs.items.items, refs.items.count);
}

static bool
unknown_revision(TALLOC_CTX *mem, const char *root, const char *revision, struct lk_error *err)
{
    const char *nearest = nearest_ref(mem, root, revision);
    const char *remote = remote_of(mem, root, revision);

    lk_fail(err, LK_ERR_USAGE, "there is no revision \"%s\" in %s", revision, root);
    if (nearest != NULL)
        return lk_error_hint(err, "Perhaps %s is meant.", nearest);
    if (remote == NULL)
        return lk_error_hint(err, "`git branch --all` and `git tag` list what there is.");
    const char *branch = branch_of(mem, remote, revision);
    return lk_error_hint(err, "Fetch it: `git fetch %s %s:refs/remotes/%s/%s`", remote, branch,
                         remote, branch);
}

static bool
no_base(TALLOC_CTX *mem, const char *root, const char *revision, struct lk_error *err)
{
    struct answer answer;
    struct lk_error ignored = {0};
    bool shallow = RUN(mem, root, &answer, &ignored, "rev-parse", "--is-shallow-repository") &&
                   lk_starts_with(answer.out.data, "true");

    lk_error_clear(&ignored);
    if (!shallow) {
        lk_fail(err, LK_ERR_USAGE, "%s and HEAD have no commit in common", revision);
        return lk_error_hint(err, "Name a revision that the work tree's branch was started from.");
    }
    const char *refs = fetch_of(mem, root, revision);
    lk_fail(err, LK_ERR_USAGE, "the commit where %s and HEAD meet is not in this shallow clone",
            revision);
    return lk_error_hint(err,
                         "Fetch more of the history, `git fetch --deepen=100%s`, or all of it, "
                         "`git fetch --unshallow%s`.",
                         refs, refs);
}

static char *
merge_base(TALLOC_CTX *mem, const char *root, const char *revision, const char *tip,
           struct lk_error *err)
{
    struct answer answer;

    if (!RUN(mem, root, &answer, err, "merge-base", tip, "HEAD"))
        return NULL;
    if (answer.code == 0)
        return line_of(mem, &answer);
    if (answer.code == 1)
        no_base(mem, root, revision, err);
    else
        refused(&answer, err, "git finds no merge base in", root);
    return NULL;
}

/* ---- files ---- */

/* next_field returns the text up to the next NUL, and moves behind that; NULL at the end. */
static const char *
next_field(const struct answer *answer, size_t *at)
{
    const char *field = answer->out.data + *at;

    if (*at >= answer->out.len)
        return NULL;
    *at += strlen(field) + 1;
    return field;
}

/*
 * compare lists what changed from the base to the work tree. All of the repository is asked about,
 * so that a file that comes from elsewhere is known again.
 */
static bool
compare(TALLOC_CTX *mem, struct lk_git *git, struct lk_error *err)
{
    struct answer answer;
    size_t at = 0;

    if (!RUN(mem, git->root, &answer, err, "diff", "--name-status", "-z", "-M", "--no-relative",
             "--no-color", "--no-ext-diff", "--ignore-submodules", git->base, "--",
             ":(top,glob,icase)**/*.sql"))
        return false;
    if (answer.code != 0)
        return refused(&answer, err, "git cannot compare the files in", git->root);
    for (const char *status; (status = next_field(&answer, &at)) != NULL;) {
        const char *from = next_field(&answer, &at);
        bool renamed = status[0] == 'R' || status[0] == 'C';
        const char *to = renamed ? next_field(&answer, &at) : NULL;
        if (from == NULL || (renamed && to == NULL))
            break;
        *lk_vec_add(mem, &git->changes) = (struct lk_git_change){
            .from = from,
            .to = to,
            .removed = status[0] == 'D' || status[0] == 'R',
            .same = renamed && strcmp(status + 1, "100") == 0,
        };
    }
    return true;
}

struct lk_git *
lk_git_open(TALLOC_CTX *mem, const char *folder, const char *revision, struct lk_error *err)
{
    struct lk_git *git = lk_new(mem, struct lk_git);

    if (revision[0] == '-' || revision[0] == '\0') {
        lk_fail(err, LK_ERR_USAGE, "\"%s\" is no revision", revision);
        lk_error_hint(err,
                      "--since takes a branch, a tag or a commit, as in `--since origin/main`.");
        return NULL;
    }
    git->revision = revision;
    git->root = lk_git_root(mem, folder, err);
    git->tip = git->root == NULL ? NULL : resolve(mem, git->root, revision, err);
    if (git->tip == NULL) {
        if (err->message == NULL)
            unknown_revision(mem, git->root, revision, err);
        return NULL;
    }
    git->base = merge_base(mem, git->root, revision, git->tip, err);
    return git->base != NULL && compare(mem, git, err) ? git : NULL;
}

bool
lk_git_list(TALLOC_CTX *mem, const struct lk_git *git, const char *commit, const char *prefix,
            struct lk_git_paths *ret, struct lk_error *err)
{
    struct answer answer;
    size_t at = 0;
    const char *below = prefix[0] != '\0' ? prefix : NULL; /* which ends the words, too */

    if (!RUN(mem, git->root, &answer, err, "ls-tree", "-r", "-z", "--name-only", "--full-tree",
             commit, "--", below))
        return false;
    if (answer.code != 0)
        return refused(&answer, err, "git cannot list the files in", git->root);
    for (const char *path; (path = next_field(&answer, &at)) != NULL;)
        lk_vec_push(mem, &ret->items, path + strlen(prefix));
    return true;
}

bool
lk_git_read(TALLOC_CTX *mem, const struct lk_git *git, const char *path, struct lk_bytes *ret,
            struct lk_error *err)
{
    struct answer answer;

    if (!RUN(mem, git->root, &answer, err, "cat-file", "--filters",
             lk_fmt(mem, "%s:%s", git->base, path)))
        return false;
    if (answer.code != 0)
        return refused(&answer, err, "git cannot read a file of", git->root);
    *ret = (struct lk_bytes){answer.out.data, answer.out.len};
    return true;
}
