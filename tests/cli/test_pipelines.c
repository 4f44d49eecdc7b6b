/*
 * tests/cli/test_pipelines.c
 *     docs/pipelines: the commands of each file, run as its CI runs them; the hooks, by pre-commit
 * and by git.
 */
#include <sys/stat.h>

#include "parser/base/file.h"
#include "parser/base/text.h"
#include "tests/support/lktest.h"

#define PIPELINES LK_SOURCE_DIR "/docs/pipelines/"

/* shell runs a script by `sh -e` in a folder, with the program on its PATH and little else. */
static struct lk_output
shell(TALLOC_CTX *mem, const char *dir, const char *const *variables, const char *script)
{
    const char *args[32] = {"env", "-i"};
    size_t count = 2;

    args[count++] = lk_fmt(mem, "PATH=%s:%s", lk_path_dir(mem, LK_BINARY), getenv("PATH"));
    args[count++] = lk_fmt(mem, "HOME=%s", dir);
    args[count++] = "GIT_CONFIG_NOSYSTEM=1";
    args[count++] = "GIT_AUTHOR_NAME=case";
    args[count++] = "GIT_AUTHOR_EMAIL=case@example.com";
    args[count++] = "GIT_COMMITTER_NAME=case";
    args[count++] = "GIT_COMMITTER_EMAIL=case@example.com";
    for (size_t i = 0; variables != NULL && variables[i] != NULL; i++)
        args[count++] = variables[i];
    args[count++] = "bash"; /* as the action asks for; a script for sh is one for it, too */
    args[count++] = "-ec";
    args[count++] = script;
    return lk_test_run(mem, dir, args, NULL);
}

static void
must(TALLOC_CTX *mem, const char *dir, const char *script)
{
    struct lk_output output = shell(mem, dir, NULL, script);

    if (output.exit_code != 0)
        fail_msg("%s: %s%s", script, output.out, output.err);
}

#define USERS "CREATE TABLE users (id bigint PRIMARY KEY, email text);\n"
#define BAD "CREATE INDEX users_email_idx ON users (email);\n"
#define GOOD "SELECT 1;\n"

/* clone_of returns a clone whose branch adds a second migration to those of origin's main. */
static char *
clone_of(TALLOC_CTX *mem, const char *second)
{
    char *dir = lk_test_dir(mem), *clone = lk_path_join(mem, dir, "clone");

    lk_test_write(dir, "origin/migrations/V1__users.sql", USERS);
    lk_test_write(dir, "origin/lockkeeper.yml", "migrations: [migrations]\n");
    must(mem, dir,
         "cd origin; git init -q -b main; git add .; git commit -qm one; cd ..;"
         " git clone -q origin clone; cd clone; git checkout -q -b work");
    lk_test_write(clone, "migrations/V2__index.sql", second);
    must(mem, clone, "git add .; git commit -qm two");
    return clone;
}

/* ---- validation ---- */

static const struct {
    const char *file;
    const char *filter; /* of jq: the commands in it; NULL: the first script of a Jenkinsfile */
    const char *variables[8];
    const char *report; /* that it leaves; NULL: none */
    bool finds;         /* it ends with 1 on findings */
} stages[] = {
    {"buildspec-validate.yml",
     ".phases.build.commands[]",
     {"TARGET_BRANCH=main", "CODEBUILD_BUILD_ID=app:1", "CODEBUILD_BUILD_NUMBER=1"},
     "reports/lockkeeper.xml",
     true},
    {"buildspec-validate.yml",
     ".phases.post_build.commands[]",
     {"TARGET_BRANCH=main", "CODEBUILD_BUILD_ID=app:1", "CODEBUILD_BUILD_NUMBER=1"},
     NULL,
     false},
    {"github-actions.yml",
     ".jobs.validate.steps[] | select(.name == \"lint\") | .run",
     {"TARGET=origin/main", "GITHUB_ACTIONS=true", "GITHUB_WORKSPACE=/tmp"},
     "lockkeeper.sarif",
     true},
    {"github-actions.yml",
     ".jobs.validate.steps[] | select(.name == \"comment\") | .run",
     {"TARGET=origin/main", "GITHUB_ACTIONS=true", "GITHUB_REF=refs/pull/12/merge"},
     NULL,
     false},
    {"../../action.yml",
     ".runs.steps[0].run",
     {"SINCE=origin/main", "PATHS=migrations", "FAIL_ON=error", "GITHUB_ACTIONS=true"},
     NULL,
     true},
    {"../../action.yml",
     ".runs.steps[1].run",
     {"SINCE=origin/main", "PATHS=", "GITHUB_ACTIONS=true", "GITHUB_REF=refs/pull/12/merge"},
     NULL,
     false},
    {"gitlab-ci.yml",
     ".[\"validate-migrations\"].script[]",
     {"CI_MERGE_REQUEST_TARGET_BRANCH_NAME=main", "GITLAB_CI=true"},
     "codequality.json",
     true},
    {"gitlab-ci.yml",
     ".[\"validate-migrations\"].after_script[]",
     {"CI_MERGE_REQUEST_TARGET_BRANCH_NAME=main", "GITLAB_CI=true"},
     NULL,
     false},
    {"bitbucket-pipelines.yml",
     ".pipelines[\"pull-requests\"][\"**\"][0].step.script[]",
     {"BITBUCKET_PR_DESTINATION_BRANCH=main", "BITBUCKET_BUILD_NUMBER=1"},
     "test-results/lockkeeper.xml",
     true},
    {"bitbucket-pipelines.yml",
     ".pipelines[\"pull-requests\"][\"**\"][0].step[\"after-script\"][]",
     {"BITBUCKET_PR_DESTINATION_BRANCH=main", "BITBUCKET_BUILD_NUMBER=1"},
     NULL,
     false},
    {"Jenkinsfile", NULL, {"CHANGE_TARGET=main", "BUILD_NUMBER=1"}, "lockkeeper.xml", true},
};

/* script_between returns the `nth` script of a Jenkinsfile. */
static char *
script_between(TALLOC_CTX *mem, const char *file, unsigned nth)
{
    const char *at = lk_test_read(mem, lk_fmt(mem, PIPELINES "%s", file));

    for (unsigned i = 0; i <= nth; i++) {
        at = strstr(at, "sh '''");
        assert_non_null(at);
        at += strlen("sh '''");
    }
    return lk_strndup(mem, at, (size_t)(strstr(at, "'''") - at));
}

/* script_of returns the commands that a filter finds in a file. */
static char *
script_of(TALLOC_CTX *mem, const char *file, const char *filter)
{
    if (filter == NULL)
        return script_between(mem, file, 0);
    const char *args[] = {"yq", "-r", filter, lk_fmt(mem, PIPELINES "%s", file), NULL};
    struct lk_output output = lk_test_run(mem, "/", args, NULL);
    if (output.exit_code != 0 || output.out[0] == '\0')
        fail_msg("%s: yq finds nothing: %s", file, output.err);
    return output.out;
}

static void
validate(TALLOC_CTX *mem, size_t which, const char *second, int exit_code)
{
    char *clone = clone_of(mem, second);
    char *script = script_of(mem, stages[which].file, stages[which].filter);
    struct lk_output output = shell(mem, clone, stages[which].variables, script);

    if (output.exit_code != exit_code)
        fail_msg("%s ends with %d, not %d: %s%s%s", stages[which].file, output.exit_code, exit_code,
                 script, output.out, output.err);
    if (stages[which].report != NULL &&
        !lk_file_exists(lk_path_join(mem, clone, stages[which].report)))
        fail_msg("%s leaves no %s", stages[which].file, stages[which].report);
    if (stages[which].finds && exit_code != 0)
        assert_non_null(strstr(output.out, "V2__index.sql"));
}

static void
test_validation(void **state)
{
    for (size_t i = 0; i < LK_ARRAY_SIZE(stages); i++) {
        validate(*state, i, BAD, stages[i].finds ? 1 : 0);
        validate(*state, i, GOOD, 0);
    }
}

/* ---- apply ---- */

static void
test_apply(void **state)
{
    static const struct {
        const char *file, *filter;
    } applies[] = {
        {"buildspec-apply.yml", ".phases.build.commands[]"},
        {"github-actions.yml", ".jobs.apply.steps[] | select(.name == \"apply\") | .run"},
        {"gitlab-ci.yml", ".[\"apply-migrations\"].script[]"},
        {"bitbucket-pipelines.yml", ".pipelines.branches.main[0].step.script[]"},
        {"Jenkinsfile", NULL},
    };

    for (size_t i = 0; i < LK_ARRAY_SIZE(applies); i++) {
        char *clone = clone_of(*state, GOOD);
        char *script = applies[i].filter != NULL
                           ? script_of(*state, applies[i].file, applies[i].filter)
                           : script_between(*state, applies[i].file, 1);
        lk_test_write(clone, "apply.sh",
                      lk_fmt(*state,
                             "set -e\nexport DATABASE_URL=\"host=$PGHOST user=$PGUSER "
                             "dbname=$PGDATABASE\"\nunset PGHOST PGUSER PGDATABASE\n%s\n"
                             "lockkeeper status --url \"$DATABASE_URL\" --exit-code\n",
                             script));
        struct lk_output output = shell(*state, clone, NULL, LK_TEMPSERVER " sh apply.sh");
        if (output.exit_code != 0)
            fail_msg("%s: %s%s", applies[i].file, output.out, output.err);
        assert_non_null(strstr(output.out, "2 applied"));
    }
}

/* ---- hooks ---- */

/* A commit as three files see it: the last commit, the index and the work tree. */
static const struct {
    const char *what;
    const char *staged, *work_tree;
    int exit_code;
} commits[] = {
    {"what is staged is bad", BAD, BAD, 1},
    {"what is staged is good", GOOD, GOOD, 0},
    {"bad is staged, and put right without staging that", BAD, GOOD, 1},
    {"good is staged, and more is being written", GOOD, GOOD BAD, 0},
};

/* stage_commit makes a clone in which a second migration is staged. */
static char *
stage_commit(TALLOC_CTX *mem, size_t which)
{
    char *clone = clone_of(mem, GOOD);

    lk_test_write(clone, "migrations/V3__index.sql", commits[which].staged);
    lk_test_write(clone, "queries/with space.sql", "SELECT 1;\n");
    must(mem, clone, "git add .");
    lk_test_write(clone, "migrations/V3__index.sql", commits[which].work_tree);
    return clone;
}

static void
test_git_hook(void **state)
{
    for (size_t i = 0; i < LK_ARRAY_SIZE(commits); i++) {
        char *clone = stage_commit(*state, i);
        must(*state, clone, "cp " PIPELINES "pre-commit .git/hooks/pre-commit");
        struct lk_output output = shell(*state, clone, NULL, "git commit -qm three");
        if (output.exit_code != commits[i].exit_code)
            fail_msg("%s: %s%s", commits[i].what, output.out, output.err);
    }
}

/* configure_hook makes a repository with our hooks, and a clone's configuration that uses one. */
static void
configure_hook(TALLOC_CTX *mem, const char *clone, const char *hook)
{
    must(mem, clone,
         "mkdir ../hooks; cp " LK_SOURCE_DIR "/.pre-commit-hooks.yaml ../hooks;"
         " cd ../hooks; git init -q; git add .; git commit -qm hooks");
    struct lk_output revision = shell(mem, clone, NULL, "git -C ../hooks rev-parse HEAD");
    lk_test_write(clone, ".pre-commit-config.yaml",
                  lk_fmt(mem, "repos:\n- repo: ../hooks\n  rev: %.40s\n  hooks:\n  - id: %s\n",
                         revision.out, hook));
    must(mem, clone, "git add .pre-commit-config.yaml");
}

static void
test_pre_commit(void **state)
{
    for (size_t i = 0; i < LK_ARRAY_SIZE(commits); i++) {
        char *clone = stage_commit(*state, i);
        configure_hook(*state, clone, "lockkeeper-lint");
        struct lk_output output = shell(*state, clone, NULL, "pre-commit run");
        if (output.exit_code != commits[i].exit_code)
            fail_msg("%s: %s%s", commits[i].what, output.out, output.err);
        assert_null(strstr(output.out, "V1__users.sql"));
    }
}

static void
test_pre_commit_fix(void **state)
{
    char *clone = stage_commit(*state, 0);

    configure_hook(*state, clone, "lockkeeper-fix");
    struct lk_output output = shell(*state, clone, NULL, "pre-commit run");
    assert_int_equal(output.exit_code, 1);
    assert_non_null(strstr(output.out, "files were modified by this hook"));
    char *fixed = lk_test_read(*state, lk_path_join(*state, clone, "migrations/V3__index.sql"));
    assert_non_null(strstr(fixed, "CONCURRENTLY"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        lk_mem_test(test_validation), lk_mem_test(test_apply),          lk_mem_test(test_git_hook),
        lk_mem_test(test_pre_commit), lk_mem_test(test_pre_commit_fix),
    };

    return cmocka_run_group_tests_name("pipelines", tests, NULL, NULL);
}
