/*
 * tests/cli/test_since.c
 *     lint --since in real repositories: merge bases, renamed files, shallow clones, work trees,
 *     submodules, hooks, and paths that git quotes.
 */
#include <sys/stat.h>
#include <unistd.h>

#include "parser/base/file.h"
#include "parser/base/text.h"
#include "tests/support/lktest.h"

/* A folder for repositories, gone with the test. */
struct world {
    TALLOC_CTX *mem;
    char *dir;
};

#define USERS "CREATE TABLE users (id bigint PRIMARY KEY, name text);\n"
#define DROP "DROP TABLE users;\n"

static int
start(void **state)
{
    struct world *world = lk_new(NULL, struct world);

    world->mem = world;
    world->dir = lk_test_dir(world);
    *state = world;
    return 0;
}

static int
end(void **state)
{
    talloc_free(*state);
    return 0;
}

static char *
in(const struct world *world, const char *path)
{
    return lk_path_join(world->mem, world->dir, path);
}

/* ---- git ---- */

static void
git_words(const struct world *world, const char *repository, const char *const *words)
{
    const char *args[32] = {"git",
                            "-c",
                            "user.name=case",
                            "-c",
                            "user.email=case@example.com",
                            "-c",
                            "protocol.file.allow=always",
                            "-c",
                            "init.defaultBranch=main",
                            "-c",
                            "commit.gpgSign=false",
                            "-c",
                            "tag.gpgSign=false"};
    size_t count = 13;

    for (size_t i = 0; words[i] != NULL; i++)
        args[count++] = words[i];
    struct lk_output output = lk_test_run(world->mem, in(world, repository), args, NULL);
    if (output.exit_code != 0)
        fail_msg("git %s: %s", words[0], output.err);
}

#define git(world, repository, ...)                                                                \
    git_words(world, repository, (const char *const[]){__VA_ARGS__, NULL})

static void
commit(const struct world *world, const char *repository, const char *message)
{
    git(world, repository, "add", "-A", ".");
    git(world, repository, "commit", "-q", "-m", message);
}

static void
put(const struct world *world, const char *repository, const char *name, const char *text)
{
    lk_test_write(world->dir, lk_fmt(world->mem, "%s/%s", repository, name), text);
}

/*
 * start_repository makes a repository with three migrations on main, the third one behind where the
 * branch that is checked out starts, on which is a fourth.
 */
static void
start_repository(const struct world *world, const char *name)
{
    put(world, name, "migrations/V1__users.sql", USERS);
    put(world, name, "migrations/V2__drop.sql", DROP);
    git(world, ".", "init", "-q", "-b", "main", name);
    commit(world, name, "one");
    git(world, name, "checkout", "-q", "-b", "work");
    put(world, name, "migrations/V4__users.sql", USERS);
    put(world, name, "migrations/V5__drop.sql", DROP);
    commit(world, name, "two");
    git(world, name, "checkout", "-q", "main");
    put(world, name, "migrations/V3__nothing.sql", "SELECT 1;\n");
    commit(world, name, "three");
    git(world, name, "checkout", "-q", "work");
}

/* ---- lockkeeper ---- */

static struct lk_output
lint_in(const struct world *world, const char *folder, const char *const *words)
{
    const char *args[24] = {
        LK_BINARY, "lint", "--color", "never", "-q", "--ignore", "require-lock-timeout"};
    size_t count = 7;

    for (size_t i = 0; words[i] != NULL; i++)
        args[count++] = words[i];
    return lk_test_run(world->mem, in(world, folder), args, NULL);
}

#define lint(world, folder, ...) lint_in(world, folder, (const char *const[]){__VA_ARGS__, NULL})

/* rules_of returns the findings of an output: "file:line rule" for each, a blank behind it. */
static char *
rules_of(const struct world *world, const char *out)
{
    char *ret = lk_strdup(world->mem, "");

    for (const char *at = out; *at != '\0';) {
        size_t length = strcspn(at, "\n");
        const char *rule = memrchr(at, '[', length);
        const char *colon = memmem(at, length, ".sql:", 5);
        if (at[0] != ' ' && colon != NULL && rule != NULL && at[length - 1] == ']')
            ret = lk_fmt(world->mem, "%s%.*s %.*s; ", ret,
                         (int)(colon + 5 + strspn(colon + 5, "0123456789") - at), at,
                         (int)(at + length - 1 - rule - 1), rule + 1);
        at += length + (at[length] == '\n');
    }
    return ret;
}

static void
expect(const struct world *world, struct lk_output output, const char *findings)
{
    assert_string_equal(output.err, "");
    assert_string_equal(rules_of(world, output.out), findings);
}

static void
expect_error(struct lk_output output, const char *message, const char *hint)
{
    assert_int_equal(output.exit_code, 2);
    assert_string_equal(output.out, "");
    if (strstr(output.err, message) == NULL || strstr(output.err, hint) == NULL)
        fail_msg("\"%s\" and \"%s\" are expected in:\n%s", message, hint, output.err);
}

/* What the branch `work` draws, whatever it is compared from. */
#define WORK(folder) folder "V5__drop.sql:1 ban-drop-table; "
#define GAP "migrations/V4__users.sql:1 version-gap; " /* main has version 3 */

/* ---- tests ---- */

static void
test_merge_base(void **state)
{
    struct world *world = *state;

    start_repository(world, "r");
    expect(world, lint(world, "r", "migrations"),
           "migrations/V2__drop.sql:1 ban-drop-table; " GAP WORK("migrations/"));
    expect(world, lint(world, "r", "--since", "main", "migrations"), WORK("migrations/"));
    expect(world, lint(world, "r", "--since", "HEAD", "migrations"), "");
    expect(world, lint(world, "r", "--since", "HEAD~1", "migrations"), GAP WORK("migrations/"));
    git(world, "r", "tag", "-a", "-m", "x", "v1", "main");
    expect(world, lint(world, "r", "--since", "v1", "migrations"), WORK("migrations/"));
    git(world, "r", "checkout", "-q", "--detach");
    expect(world, lint(world, "r", "--since", "main", "migrations"), WORK("migrations/"));
    /* one file: its own findings, in the history that it belongs to */
    expect(world, lint(world, "r", "--since", "main", "migrations/V2__drop.sql"), "");
    expect(world, lint(world, "r", "--since", "main", "migrations/V5__drop.sql"),
           WORK("migrations/"));
}

/* test_uncommitted: what is staged, not staged and not known to git is new. */
static void
test_uncommitted(void **state)
{
    struct world *world = *state;

    start_repository(world, "r");
    put(world, "r", "migrations/V6__staged.sql",
        "CREATE TABLE users AS SELECT relname FROM pg_class;\n");
    git(world, "r", "add", ".");
    put(world, "r", "migrations/V7__untracked.sql", DROP);
    put(world, "r", ".gitignore", "V8*\n");
    put(world, "r", "migrations/V8__ignored.sql", USERS DROP);
    expect(world, lint(world, "r", "--since", "HEAD", "migrations"),
           "migrations/V7__untracked.sql:1 ban-drop-table; ");
    put(world, "r", "migrations/V2__drop.sql", DROP "SELECT 1;\n");
    unlink(in(world, "r/migrations/V4__users.sql"));
    expect(world, lint(world, "r", "--since", "HEAD", "--select", "version", "migrations"),
           "migrations/V4__users.sql:1 removed-migration; "
           "migrations/V2__drop.sql:2 modified-migration; ");
}

/* test_tip: what the revision has beyond the merge base counts for the order. */
static void
test_tip(void **state)
{
    struct world *world = *state;

    start_repository(world, "r");
    git(world, "r", "checkout", "-q", "main");
    put(world, "r", "migrations/V4__rival.sql", "SELECT 1;\n");
    commit(world, "r", "four");
    git(world, "r", "checkout", "-q", "work");
    struct lk_output output =
        lint(world, "r", "--since", "main", "--select", "out-of-order-version", "migrations");
    expect(world, output, "migrations/V4__users.sql:1 out-of-order-version; ");
    assert_non_null(strstr(output.out, "version 4 is taken: main has V4__rival.sql"));
    assert_non_null(strstr(output.out, "Rename it to V6__users.sql."));
    put(world, "r", "allow.yml", "apply: {out_of_order: allow}\n");
    expect(world,
           lint(world, "r", "-c", "allow.yml", "--since", "main", "--select",
                "out-of-order-version", "migrations"),
           "");
    /* what was merged with the same name is no rival, and a merge brings the base up */
    git(world, "r", "rm", "-q", "migrations/V4__users.sql");
    git(world, "r", "checkout", "-q", "main", "--", "migrations/V4__rival.sql");
    expect(world,
           lint(world, "r", "--since", "main", "--select", "out-of-order-version", "migrations"),
           "");
}

static void
test_renamed(void **state)
{
    struct world *world = *state;

    start_repository(world, "r");
    git(world, "r", "mv", "migrations", "db");
    expect(world, lint(world, "r", "--since", "main", "db"), WORK("db/"));
    expect(world, lint(world, "r", "--since", "HEAD", "db"), "");
    commit(world, "r", "moved");
    /* git takes V5, of the same content as V2 was, for what became of that */
    put(world, "r", "db/V2__drop.sql", DROP "SELECT 1;\n");
    expect(
        world,
        lint(world, "r", "--since", "main", "--select", "version", "--ignore", "version-gap", "db"),
        "db/V2__drop.sql:2 modified-migration; ");
    git(world, "r", "checkout", "-q", ".");
    git(world, "r", "mv", "db/V2__drop.sql", "db/V2_1__drop.sql");
    expect(world, lint(world, "r", "--since", "HEAD", "--select", "removed-migration", "db"),
           "db/V2_1__drop.sql:1 removed-migration; ");
}

/* test_folders: of several folders, a migration may lie in another one now. */
static void
test_folders(void **state)
{
    struct world *world = *state;

    start_repository(world, "r");
    put(world, "r", "more/V10__more.sql", "SELECT 10;\n");
    commit(world, "r", "more");
    git(world, "r", "mv", "migrations/V5__drop.sql", "more/V5__drop.sql");
    expect(world, lint(world, "r", "--since", "HEAD", "--select", "version", "migrations", "more"),
           "");
    git(world, "r", "mv", "more/V5__drop.sql", "more/V6__drop.sql");
    expect(
        world,
        lint(world, "r", "--since", "HEAD", "--select", "removed-migration", "migrations", "more"),
        "more/V6__drop.sql:1 removed-migration; ");
}

static void
test_paths(void **state)
{
    struct world *world = *state;

    start_repository(world, "r");
    git(world, "r", "mv", "migrations", "it's \"my\" dätä");
    git(world, "r", "config", "diff.relative", "true");
    git(world, "r", "config", "core.quotePath", "true");
    commit(world, "r", "moved");
    put(world, "r", "it's \"my\" dätä/V6__ü \"q\".sql", USERS DROP);
    put(world, "r", "it's \"my\" dätä/V7__b\nc.sql", "DROP VIEW v;\n");
    put(world, "r", "it's \"my\" dätä/V2__drop.sql", DROP "SELECT 1;\n");
    struct lk_output output = lint(world, "r/it's \"my\" dätä", "--since", "HEAD", "--select",
                                   "ban-drop-view,modified-migration", ".");
    expect(world, output, "V2__drop.sql:2 modified-migration; c.sql:1 ban-drop-view; ");
    /* from elsewhere, and by an absolute path */
    char *folder = in(world, "r/it's \"my\" dätä");
    expect(world, lint(world, ".", "--since", "HEAD", "--select", "modified-migration", folder),
           lk_fmt(world->mem, "%s/V2__drop.sql:2 modified-migration; ", folder));
    /* names that git could take for options or for patterns */
    put(world, "r", "-m/V1__a.sql", USERS);
    put(world, "r", ":(top)*/V1__a.sql", USERS);
    commit(world, "r", "odd");
    put(world, "r", "-m/V2__b.sql", DROP);
    put(world, "r", ":(top)*/V2__b.sql", DROP);
    expect(world, lint(world, "r", "--since", "HEAD", "./-m"), "./-m/V2__b.sql:1 ban-drop-table; ");
    expect(world, lint(world, "r", "--since", "HEAD", ":(top)*"),
           ":(top)*/V2__b.sql:1 ban-drop-table; ");
}

static void
test_shallow(void **state)
{
    struct world *world = *state;
    char *url;

    start_repository(world, "r");
    for (int i = 0; i < 3; i++) {
        put(world, "r", "note", lk_fmt(world->mem, "%d", i));
        commit(world, "r", "more");
    }
    url = lk_fmt(world->mem, "file://%s", in(world, "r"));
    git(world, ".", "clone", "-q", "--depth=1", "--branch=work", url, "s");
    expect_error(lint(world, "s", "--since", "origin/main", "migrations"),
                 "there is no revision \"origin/main\" in ",
                 "`git fetch origin main:refs/remotes/origin/main`");
    git(world, "s", "fetch", "-q", "--depth=1", "origin", "main:refs/remotes/origin/main");
    expect_error(lint(world, "s", "--since", "origin/main", "migrations"),
                 "the commit where origin/main and HEAD meet is not in this shallow clone",
                 "`git fetch --deepen=100 origin main`, or all of it, "
                 "`git fetch --unshallow origin main`");
    git(world, "s", "fetch", "-q", "--deepen=100", "origin", "main");
    expect(world, lint(world, "s", "--since", "origin/main", "migrations"), WORK("migrations/"));
}

static void
test_worktree(void **state)
{
    struct world *world = *state;

    start_repository(world, "r");
    git(world, "r", "worktree", "add", "-q", "-b", "other", in(world, "tree"), "main");
    put(world, "tree", "migrations/V6__drop.sql", DROP);
    expect(world, lint(world, "tree", "--since", "main", "--select", "destructive", "migrations"),
           "migrations/V6__drop.sql:1 ban-drop-table; ");
}

static void
test_submodule(void **state)
{
    struct world *world = *state;

    start_repository(world, "r");
    put(world, "outer", "README", "x");
    git(world, ".", "init", "-q", "outer");
    git(world, "outer", "submodule", "--quiet", "add", "-b", "work", in(world, "r"), "sub");
    commit(world, "outer", "one");
    expect(world, lint(world, "outer", "--since", "origin/main", "sub/migrations"),
           WORK("sub/migrations/"));
    expect(world, lint(world, "outer/sub/migrations", "--since", "origin/main", "."), WORK(""));
}

/* test_hook: what git tells its hooks is not taken for the repository of the migrations. */
static void
test_hook(void **state)
{
    struct world *world = *state;

    start_repository(world, "r");
    put(world, "r", ".git/hooks/pre-commit",
        "#!/bin/sh\ncd migrations && exec " LK_BINARY
        " lint -q --since main --ignore require-lock-timeout . >../out 2>&1\n");
    chmod(in(world, "r/.git/hooks/pre-commit"), 0755);
    put(world, "r", "migrations/V5__drop.sql", DROP "SELECT 1;\n");
    git(world, "r", "commit", "-q", "-a", "-m", "hooked");
    assert_string_equal(rules_of(world, lk_test_read(world->mem, in(world, "r/out"))), WORK(""));
}

/* test_line_ends: git converts them as it checks files out, which changes nothing. */
static void
test_line_ends(void **state)
{
    struct world *world = *state;

    put(world, "r", ".gitattributes", "*.sql text eol=crlf\n");
    put(world, "r", "migrations/V1__users.sql", "CREATE TABLE users (\r\n  id bigint\r\n);\r\n");
    git(world, ".", "init", "-q", "r");
    commit(world, "r", "one");
    put(world, "r", "migrations/V1__users.sql", "CREATE TABLE users (\r\n  id bigint);\r\n");
    struct lk_output output =
        lint(world, "r", "--since", "HEAD", "--select", "version", "migrations");
    expect(world, output, "migrations/V1__users.sql:1 modified-migration; ");
    assert_non_null(strstr(output.out, "comments or blanks"));
    put(world, "r", "migrations/V1__users.sql", "CREATE TABLE users (\r\n  id bigint\r\n);\r\n");
    expect(world, lint(world, "r", "--since", "HEAD", "--select", "version", "migrations"), "");
}

static void
test_piped(void **state)
{
    struct world *world = *state;
    const char *args[] = {LK_BINARY,
                          "lint",
                          "-q",
                          "--since",
                          "HEAD",
                          "--select",
                          "modified-migration",
                          "--stdin-filename",
                          "migrations/V2__drop.sql",
                          "-",
                          NULL};

    start_repository(world, "r");
    expect(world, lk_test_run(world->mem, in(world, "r"), args, DROP), "");
    expect(world, lk_test_run(world->mem, in(world, "r"), args, DROP "SELECT 1;\n"),
           "migrations/V2__drop.sql:2 modified-migration; ");
}

/* test_included: a migration is changed with a file that it includes. */
static void
test_included(void **state)
{
    struct world *world = *state;

    put(world, "r", "db/migrations/V1__users.sql", USERS);
    put(world, "r", "db/migrations/V2__drop.sql", "\\ir ../parts/drop.sql\n");
    put(world, "r", "db/migrations/V3__more.sql", "\\ir ../parts/more.sql\n");
    put(world, "r", "db/parts/drop.sql", "SELECT 1;\n");
    put(world, "r", "db/parts/more.sql", "SELECT 3;\n");
    git(world, ".", "init", "-q", "r");
    commit(world, "r", "one");
    put(world, "r", "db/parts/drop.sql", "SELECT 2;\n");
    const char *select = "modified-migration,delete-without-where";
    expect(world, lint(world, "r", "--since", "HEAD", "--select", select, "db/migrations"),
           "db/migrations/V2__drop.sql:1 modified-migration; ");
    expect(world, lint(world, "r/db/migrations", "--since", "HEAD", "--select", select, "."),
           "V2__drop.sql:1 modified-migration; ");
    put(world, "r", "db/parts/drop.sql", "DELETE FROM users;\n");
    expect(world, lint(world, "r", "--since", "HEAD", "--select", select, "db/migrations"),
           "db/migrations/V2__drop.sql:1 modified-migration; "
           "db/parts/drop.sql:1 delete-without-where; ");
    put(world, "r", "db/parts/drop.sql", "SELECT 1;\n");
    expect(world, lint(world, "r", "--since", "HEAD", "--select", select, "db/migrations"), "");
}

/* test_scripts: what goes with every run is linted when it, or what it includes, is another one. */
static void
test_scripts(void **state)
{
    struct world *world = *state;
    const char *select = "delete-without-where,ban-drop-table,modified-migration";

    put(world, "r", "lockkeeper.yml",
        "migrations: [migrations]\n"
        "apply: {hooks: {before_run: [hooks/before.sql], after_run: [after.sql]}}\n");
    put(world, "r", "migrations/V1__users.sql", USERS);
    put(world, "r", "migrations/afterMigrate.sql", "DELETE FROM users;\n");
    put(world, "r", "hooks/before.sql", "\\ir part.sql\nDELETE FROM users;\n");
    put(world, "r", "hooks/part.sql", "SELECT 1;\n");
    git(world, ".", "init", "-q", "r");
    commit(world, "r", "one");
    put(world, "r", "after.sql", "DELETE FROM users;\n");
    expect(world, lint(world, "r", "--since", "HEAD", "--select", select),
           "after.sql:1 delete-without-where; ");
    commit(world, "r", "two");
    expect(world, lint(world, "r", "--since", "HEAD", "--select", select), "");
    expect(world, lint(world, "r", "--since", "HEAD~", "--select", select),
           "after.sql:1 delete-without-where; ");
    put(world, "r", "migrations/afterMigrate.sql", "DELETE FROM users;\nSELECT 1;\n");
    expect(world, lint(world, "r", "--since", "HEAD", "--select", select),
           "migrations/afterMigrate.sql:1 delete-without-where; ");
    commit(world, "r", "three");
    put(world, "r", "hooks/part.sql", "SELECT 2;\n");
    expect(world, lint(world, "r", "--since", "HEAD", "--select", select),
           "hooks/before.sql:2 delete-without-where; ");
}

/* test_sparse: what is not checked out is not gone. */
static void
test_sparse(void **state)
{
    struct world *world = *state;

    start_repository(world, "r");
    git(world, "r", "update-index", "--skip-worktree", "migrations/V1__users.sql");
    unlink(in(world, "r/migrations/V1__users.sql"));
    expect(world,
           lint(world, "r", "--since", "main", "--select", "removed-migration", "migrations"), "");
}

static void
test_errors(void **state)
{
    struct world *world = *state;

    start_repository(world, "r");
    put(world, "none", "V1__users.sql", USERS);
    expect_error(lint(world, "none", "--since", "main", "."),
                 "--since needs the work tree of a git repository, which is not at .",
                 "git says: not a git repository");
    expect_error(lint(world, "r", "--since", "--output=x", "migrations"),
                 "\"--output=x\" is no revision", "a branch, a tag or a commit");
    expect_error(lint(world, "r", "--since", "mian", "migrations"),
                 "there is no revision \"mian\" in ", "Perhaps main is meant.");
    expect_error(lint(world, "r", "--since", "main:migrations", "migrations"),
                 "there is no revision \"main:migrations\" in ", "`git branch --all`");
    git(world, "r", "update-ref", "refs/remotes/up/next", "main");
    expect_error(lint(world, "r", "--since", "next", "migrations"), "there is no revision \"next\"",
                 "Perhaps up/next is meant.");
    git(world, "r", "checkout", "-q", "--orphan", "alone");
    git(world, "r", "commit", "-q", "-m", "alone");
    expect_error(lint(world, "r", "--since", "main", "migrations"),
                 "main and HEAD have no commit in common", "was started from");
    const char *args[] = {"env",     "PATH=/nowhere", LK_BINARY,    "lint",
                          "--since", "main",          "migrations", NULL};
    expect_error(lk_test_run(world->mem, in(world, "r"), args, NULL), "git cannot be run",
                 "in the PATH");
}

/* test_owner: in containers the files often belong to somebody else, and git says what to do. */
static void
test_owner(void **state)
{
    struct world *world = *state;

    if (geteuid() != 0)
        skip();
    start_repository(world, "r");
    assert_int_equal(chown(in(world, "r"), 65534, 65534), 0);
    assert_int_equal(chown(in(world, "r/.git"), 65534, 65534), 0);
    const char *args[] = {"env",     "HOME=/nowhere", "GIT_CONFIG_NOSYSTEM=1",
                          LK_BINARY, "lint",          "--since",
                          "main",    "migrations",    NULL};
    struct lk_output output = lk_test_run(world->mem, in(world, "r"), args, NULL);
    expect_error(output, "dubious ownership", "git config --global --add safe.directory");
}

/* test_schema: the comment on a pull request shows what becomes of the schema by the branch. */
static void
test_schema(void **state)
{
    struct world *world = *state;

    put(world, "r", "m/V1__users.sql", "CREATE TABLE users (id bigint, a text);\n");
    put(world, "r", "m/V2__b.sql", "ALTER TABLE users ADD COLUMN b int;\n");
    git(world, ".", "init", "-q", "-b", "main", "r");
    commit(world, "r", "one");
    put(world, "r", "m/V2__b.sql", "ALTER TABLE users ADD COLUMN b bigint;\n");
    put(world, "r", "m/V3__c.sql", "ALTER TABLE users ADD COLUMN c int;\n");
    const char *out = lint(world, "r", "-f", "markdown", "--since", "main", "m").out;
    if (strstr(out, "     a text,\n-    b integer\n+    b bigint,\n+    c integer\n );\n") == NULL)
        fail_msg("%s", out);
    assert_null(strstr(out, "V1__users.sql")); /* it is not of the branch */
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_merge_base, start, end),
        cmocka_unit_test_setup_teardown(test_uncommitted, start, end),
        cmocka_unit_test_setup_teardown(test_tip, start, end),
        cmocka_unit_test_setup_teardown(test_renamed, start, end),
        cmocka_unit_test_setup_teardown(test_folders, start, end),
        cmocka_unit_test_setup_teardown(test_paths, start, end),
        cmocka_unit_test_setup_teardown(test_shallow, start, end),
        cmocka_unit_test_setup_teardown(test_worktree, start, end),
        cmocka_unit_test_setup_teardown(test_submodule, start, end),
        cmocka_unit_test_setup_teardown(test_hook, start, end),
        cmocka_unit_test_setup_teardown(test_schema, start, end),
        cmocka_unit_test_setup_teardown(test_line_ends, start, end),
        cmocka_unit_test_setup_teardown(test_piped, start, end),
        cmocka_unit_test_setup_teardown(test_included, start, end),
        cmocka_unit_test_setup_teardown(test_scripts, start, end),
        cmocka_unit_test_setup_teardown(test_sparse, start, end),
        cmocka_unit_test_setup_teardown(test_errors, start, end),
        cmocka_unit_test_setup_teardown(test_owner, start, end),
    };

    return cmocka_run_group_tests_name("since", tests, NULL, NULL);
}
