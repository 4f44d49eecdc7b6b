/*
 * tests/cli/test_comment.c
 *     lockkeeper comment, against a server that answers as the hosts do: see hosts/server.js.
 */
#include <jansson.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "parser/base/text.h"
#include "tests/support/process.h"

#define MODULES LK_SOURCE_DIR "/build/deps/npm/node_modules"
#define TOKEN "token-of-the-test"
#define MAX_WORDS 40

struct server {
    pid_t pid;
    int port;
    char *dir; /* its comments and requests, and a folder of migrations */
};

static int
stop_server(struct server *server)
{
    kill(server->pid, SIGKILL);
    waitpid(server->pid, NULL, 0);
    return 0;
}

/* start_server starts a server that meets its first requests with `faults`, up to NULL. */
static struct server *
start_server(TALLOC_CTX *mem, const char *const *faults)
{
    const char *args[16] = {"node", LK_SOURCE_DIR "/tests/cli/hosts/server.js"};
    struct server *server = lk_new(mem, struct server);
    int out[2];

    server->dir = lk_test_dir(mem);
    args[2] = server->dir;
    for (size_t i = 0; faults[i] != NULL; i++)
        args[3 + i] = faults[i];
    assert_int_equal(pipe(out), 0);
    server->pid = fork();
    if (server->pid == 0) {
        dup2(out[1], STDOUT_FILENO);
        close(out[0]);
        setenv("NODE_PATH", MODULES, 1);
        execvp(args[0], (char *const *)(uintptr_t)args);
        _exit(127);
    }
    talloc_set_destructor(server, stop_server);
    close(out[1]);
    FILE *stream = fdopen(out[0], "r");
    assert_int_equal(fscanf(stream, "%d", &server->port), 1);
    fclose(stream);
    lk_test_write(server->dir, "migrations/V1__a.sql",
                  "CREATE TABLE a (id bigint PRIMARY KEY, b text);\n");
    lk_test_write(server->dir, "migrations/V2__b.sql", "CREATE INDEX a_b ON a (b);\n");
    return server;
}

static const struct host {
    const char *name;
    const char *variables[12];
    const char *url; /* the variable that holds where the API is, with {port} */
    const char *mark;
} hosts[] = {
    {"github",
     {"GITHUB_ACTIONS=true", "GITHUB_REPOSITORY=owner/app", "GITHUB_REF=refs/pull/12/merge",
      "GITHUB_TOKEN=" TOKEN},
     "GITHUB_API_URL=http://127.0.0.1:%d",
     "<!-- lockkeeper: lockkeeper -->\n"},
    {"gitlab",
     {"GITLAB_CI=true", "CI_PROJECT_ID=owner/app", "CI_MERGE_REQUEST_IID=12", "GITLAB_TOKEN=" TOKEN,
      "CI_JOB_TOKEN=another"},
     "CI_API_V4_URL=http://127.0.0.1:%d/api/v4",
     "<!-- lockkeeper: lockkeeper -->\n"},
    {"bitbucket",
     {"BITBUCKET_BUILD_NUMBER=1", "BITBUCKET_REPO_FULL_NAME=owner/app", "BITBUCKET_PR_ID=12",
      "BITBUCKET_TOKEN=" TOKEN},
     "LK_TEST_API=http://127.0.0.1:%d/2.0", /* Bitbucket's CI names no address */
     "[//]: # (lockkeeper: lockkeeper)\n"},
    {"codecommit",
     {"CODEBUILD_BUILD_ID=app:1", "AWS_REGION=eu-west-1", "pullRequestId=12",
      "AWS_ACCESS_KEY_ID=AKIDTEST", "AWS_SECRET_ACCESS_KEY=secret/of+the/test",
      "AWS_SESSION_TOKEN=session+token/of=the test"},
     "AWS_ENDPOINT_URL_CODECOMMIT=http://127.0.0.1:%d",
     "[//]: # (lockkeeper: lockkeeper)\n"},
};

/* command_line returns `lockkeeper comment` as the host's CI would call it, with more words. */
static const char **
command_line(TALLOC_CTX *mem, const struct server *server, const struct host *host,
             const char *const *more)
{
    const char **args = lk_new_array(mem, const char *, MAX_WORDS);
    size_t count = 0;

    args[count++] = "env";
    args[count++] = "-i";
    args[count++] = lk_fmt(mem, "PATH=%s", getenv("PATH"));
    args[count++] = "ASAN_OPTIONS=detect_leaks=0"; /* libcurl's libraries keep what they load */
    for (size_t i = 0; i < LK_ARRAY_SIZE(host->variables) && host->variables[i] != NULL; i++)
        args[count++] = host->variables[i];
    char *url = lk_fmt(mem, "%.*s%d%s", (int)(strstr(host->url, "%d") - host->url), host->url,
                       server->port, strstr(host->url, "%d") + 2);
    args[count++] = url;
    args[count++] = LK_BINARY;
    args[count++] = "comment";
    if (lk_starts_with(url, "LK_TEST_API=")) {
        args[count++] = "--api-url";
        args[count++] = url + strlen("LK_TEST_API=");
    }
    for (size_t i = 0; more[i] != NULL; i++)
        args[count++] = more[i];
    args[count] = NULL;
    return args;
}

/* keeps_secrets returns what a run did, which has to be none of telling them. */
static struct lk_output
keeps_secrets(struct lk_output output)
{
    if (strstr(output.out, TOKEN) != NULL || strstr(output.err, TOKEN) != NULL ||
        strstr(output.err, "secret/of") != NULL)
        fail_msg("a secret is printed: %s%s", output.out, output.err);
    return output;
}

static struct lk_output
comment(TALLOC_CTX *mem, const struct server *server, const struct host *host,
        const char *const *more)
{
    const char **args = command_line(mem, server, host, more);

    return keeps_secrets(lk_test_run(mem, server->dir, args, NULL));
}

#define run(mem, server, host, ...)                                                                \
    comment(mem, server, host, (const char *const[]){__VA_ARGS__, NULL})

/* only_comment returns the text of the one comment of ours; NULL: there is none. */
static const char *
only_comment(TALLOC_CTX *mem, const struct server *server)
{
    char *text = lk_test_read(mem, lk_path_join(mem, server->dir, "comments.json"));
    json_t *list = json_loads(text, 0, NULL);

    assert_true(json_array_size(list) <= 1);
    const char *found =
        lk_strdup(mem, json_string_value(json_object_get(json_array_get(list, 0), "text")));
    json_decref(list);
    return found;
}

static void
expect(struct lk_output output, int exit_code, const char *out, const char *err)
{
    if (output.exit_code != exit_code || strstr(output.out, out) == NULL ||
        strstr(output.err, err) == NULL || (err[0] == '\0' && output.err[0] != '\0'))
        fail_msg("exit code %d, not %d; or other words: %s%s", output.exit_code, exit_code,
                 output.out, output.err);
}

/* Written once, then replaced, although 150 others stand before it, one of them quoting its mark.
 */
static void
test_hosts(void **state)
{
    for (size_t i = 0; i < LK_ARRAY_SIZE(hosts); i++) {
        TALLOC_CTX *mem = lk_mem_new(*state);
        struct server *server = start_server(mem, (const char *const[]){NULL});
        expect(run(mem, server, &hosts[i], "migrations"), 0, "comment written", "");
        const char *text = only_comment(mem, server);
        assert_non_null(text);
        assert_true(lk_starts_with(text, hosts[i].mark));
        assert_non_null(strstr(text, "CREATE INDEX CONCURRENTLY"));
        lk_test_write(server->dir, "migrations/V2__b.sql", "SELECT 1;\n");
        expect(run(mem, server, &hosts[i], "--to", hosts[i].name, "migrations"), 0,
               "comment replaced", "");
        text = only_comment(mem, server);
        assert_non_null(text);
        assert_null(strstr(text, "CREATE INDEX CONCURRENTLY"));
        talloc_free(mem);
    }
}

/*
 * However often it has to be tried, and although a reply is lost behind a write: one comment. Most
 * of this is to wait: all hosts are tried at once.
 */
static void
test_faults(void **state)
{
    static const char *const faults[] = {"503", "-", "429", "-", "-", "drop-write", NULL};
    static const char *const words[] = {"migrations", NULL};
    struct server *servers[LK_ARRAY_SIZE(hosts)];
    struct lk_process runs[LK_ARRAY_SIZE(hosts)];
    TALLOC_CTX *mem = *state;

    for (size_t i = 0; i < LK_ARRAY_SIZE(hosts); i++) {
        servers[i] = start_server(mem, faults);
        runs[i] =
            lk_process_start(servers[i]->dir, command_line(mem, servers[i], &hosts[i], words));
    }
    for (size_t i = 0; i < LK_ARRAY_SIZE(hosts); i++) {
        expect(keeps_secrets(lk_process_wait(mem, &runs[i])), 0, "comment replaced", "");
        assert_non_null(only_comment(mem, servers[i]));
        char *requests = lk_test_read(mem, lk_path_join(mem, servers[i]->dir, "requests"));
        assert_non_null(strstr(requests, "503"));
        assert_non_null(strstr(requests, "429"));
        assert_non_null(strstr(requests, "drop-write"));
    }
}

/* A comment that does not get through fails nothing, unless that is asked for. */
static void
test_refused(void **state)
{
    struct host wrong = hosts[0];
    struct server *server = start_server(*state, (const char *const[]){NULL});

    wrong.variables[3] = "GITHUB_TOKEN=" TOKEN "-of-yesterday";
    expect(run(*state, server, &wrong, "migrations"), 0, "", "Bad credentials");
    expect(run(*state, server, &wrong, "--strict", "migrations"), 4, "", "Bad credentials");
    wrong.variables[3] = NULL;
    expect(run(*state, server, &wrong, "migrations"), 0, "", "warning: no comment was written: ");
    expect(run(*state, server, &wrong, "--log-format", "json", "migrations"), 0, "",
           "\"level\":\"warning\"");
    expect(run(*state, server, &wrong, "migrations"), 0, "", "GITHUB_TOKEN");
    expect(run(*state, server, &wrong, "--strict", "migrations"), 2, "", "GITHUB_TOKEN");
    assert_null(only_comment(*state, server));
    wrong = hosts[0];
    wrong.url = "LK_TEST_API=http://127.0.0.1:1/%d"; /* nobody is there */
    expect(run(*state, server, &wrong, "migrations"), 0, "", "no comment was written: ");
    expect(run(*state, server, &hosts[0], "--to", "githob", "migrations"), 2, "", "github");
    expect(run(*state, server, &hosts[0], "--name", "a --> b", "migrations"), 2, "", "--name");
}

/* Where AWS gives a role, its credentials are asked for; they sign as any others. */
static void
test_role(void **state)
{
    struct server *server = start_server(*state, (const char *const[]){NULL});
    struct host host = {
        .name = "codecommit",
        .variables = {"CODEBUILD_BUILD_ID=app:1", "AWS_DEFAULT_REGION=eu-west-1",
                      "PULL_REQUEST_ID=12", "AWS_CONTAINER_AUTHORIZATION_TOKEN=role-token",
                      lk_fmt(*state, "AWS_CONTAINER_CREDENTIALS_FULL_URI=http://127.0.0.1:%d/role",
                             server->port)},
        .url = hosts[3].url,
    };

    expect(run(*state, server, &host, "migrations"), 0, "comment written", "");
    assert_non_null(only_comment(*state, server));
    host.variables[3] = "AWS_CONTAINER_AUTHORIZATION_TOKEN=nobody";
    expect(run(*state, server, &host, "--strict", "migrations"), 4, "", "who is that?");
}

/* AWS says with a status of its own that there are too many requests. */
static void
test_throttled(void **state)
{
    struct server *server = start_server(*state, (const char *const[]){"400-throttled", NULL});

    expect(run(*state, server, &hosts[3], "migrations"), 0, "comment written", "");
}

/* Several comments stand beside each other, each with the name it was given. */
static void
test_names(void **state)
{
    struct server *server = start_server(*state, (const char *const[]){NULL});

    expect(run(*state, server, &hosts[0], "--name", "users.db", "migrations"), 0, "comment written",
           "");
    assert_true(lk_starts_with(only_comment(*state, server), "<!-- lockkeeper: users.db -->\n"));
    expect(run(*state, server, &hosts[0], "--name", "users.db", "migrations"), 0,
           "comment replaced", "");
}

/* Where no migration is new nobody is told so; a comment that says otherwise is put right. */
static void
test_nothing_new(void **state)
{
    struct server *server = start_server(*state, (const char *const[]){NULL});

    expect(run(*state, server, &hosts[0], "--after", "2", "migrations"), 0,
           "nothing new, no comment", "");
    assert_null(only_comment(*state, server));
    expect(run(*state, server, &hosts[0], "--after", "1", "migrations"), 0, "comment written", "");
    assert_non_null(strstr(only_comment(*state, server), "CREATE INDEX CONCURRENTLY"));
    expect(run(*state, server, &hosts[0], "--after", "2", "migrations"), 0, "comment replaced", "");
    assert_null(strstr(only_comment(*state, server), "CREATE INDEX CONCURRENTLY"));
}

/* With many findings the comment is as long as the host takes, the verdict in front. */
static void
test_limits(void **state)
{
    for (size_t i = 0; i < LK_ARRAY_SIZE(hosts); i++) {
        TALLOC_CTX *mem = lk_mem_new(*state);
        struct server *server = start_server(mem, (const char *const[]){NULL});
        for (int k = 3; k < 400; k++)
            lk_test_write(server->dir, lk_fmt(mem, "migrations/V%d__drop.sql", k),
                          lk_fmt(mem, "CREATE INDEX index_number_%d ON a (b); -- %0200d\n", k, k));
        expect(run(mem, server, &hosts[i], "migrations"), 0, "comment written", "");
        const char *text = only_comment(mem, server);
        assert_non_null(strstr(text, "398 errors"));
        assert_true(strlen(text) > 5000);
        talloc_free(mem);
    }
}

static void
test_dry_run(void **state)
{
    struct server *server = start_server(*state, (const char *const[]){NULL});

    expect(run(*state, server, &hosts[0], "--dry-run", "migrations"), 0, hosts[0].mark, "");
    assert_null(only_comment(*state, server));
    assert_null(lk_test_read(*state, lk_path_join(*state, server->dir, "requests")));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        lk_mem_test(test_hosts),  lk_mem_test(test_faults),    lk_mem_test(test_refused),
        lk_mem_test(test_role),   lk_mem_test(test_throttled), lk_mem_test(test_names),
        lk_mem_test(test_limits), lk_mem_test(test_dry_run),   lk_mem_test(test_nothing_new),
    };

    return cmocka_run_group_tests_name("comment", tests, NULL, NULL);
}
