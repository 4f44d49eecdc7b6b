/*
 * tests/cli/test_init.c
 *     lockkeeper init: whatever is there, the first lint is silent, and the next migration is not.
 */
#include "parser/base/file.h"
#include "parser/base/text.h"
#include "tests/support/lktest.h"

#define run(mem, dir, ...) lk_test_lockkeeper(mem, dir, (const char *const[]){__VA_ARGS__, NULL})

static void
expect(struct lk_output output, int exit_code, const char *out, const char *err)
{
    assert_string_equal(output.err, err);
    assert_string_equal(output.out, out);
    assert_int_equal(output.exit_code, exit_code);
}

/* ---- from findings to none, and to those of the next migration ---- */

#define USERS "CREATE TABLE users (id bigint PRIMARY KEY, name text);\n"
#define INDEX "CREATE INDEX users_name_idx ON users (name);\n"
#define GOOSE "-- +goose Up\n"
#define MIGRATE "-- migrate:up\n"

struct file {
    const char *name;
    const char *text;
};

/* Folders as they are found in the world. */
static const struct {
    const char *what;
    struct file files[6];
    struct file next;
    const char *says; /* a line of the configuration */
} folders[] = {
    {"flyway, with views and a wrong name",
     {{"db/migration/V1__users.sql", USERS},
      {"db/migration/V1.1__index.sql", INDEX},
      {"db/migration/V1.10__drop.sql", "DROP INDEX users_name_idx;\n"},
      {"db/migration/V2_users.sql", INDEX},
      {"db/migration/R__grants.sql", "ALTER TABLE users RENAME COLUMN name TO names;\n"},
      {"db/migration/U1.1__index.sql", "DROP INDEX"}},
     {"db/migration/V1.11__index.sql", INDEX},
     "baseline: \"1.10\""},
    {"golang-migrate, with a gap",
     {{"migrations/000001_users.up.sql", USERS},
      {"migrations/000001_users.down.sql", "DROP TABLE users;\n"},
      {"migrations/000004_index.up.sql", INDEX},
      {"migrations/000004_index.down.sql", "DROP INDEX users_name_idx;\n"}},
     {"migrations/000005_more.up.sql", "CREATE INDEX more ON users (name);\n"},
     "baseline: \"000004\""},
    {"goose, below services",
     {{"services/users/migrations/00001_users.sql", GOOSE USERS},
      {"services/users/migrations/00002_index.sql", GOOSE INDEX},
      {"services/orders/migrations/00007_users.sql", GOOSE USERS},
      {"services/orders/migrations/00008_index.sql", GOOSE INDEX}},
     {"services/orders/migrations/00009_more.sql", GOOSE "CREATE INDEX more ON users (name);\n"},
     "    baseline: \"00008\""},
    {"dbmate, a broken statement and a table of its own",
     {{"db/migrations/20240101000000_users.sql", MIGRATE USERS},
      {"db/migrations/20240102000000_broken.sql", MIGRATE "CREATE TABEL x;\n"},
      {"db/schema.sql", "CREATE TABLE users ();\n"}},
     {"db/migrations/20240103000000_index.sql", MIGRATE INDEX},
     "naming: dbmate"},
    {"prisma",
     {{"prisma/migrations/20240101000000_users/migration.sql", USERS},
      {"prisma/migrations/20240102000000_index/migration.sql", INDEX}},
     {"prisma/migrations/20240103000000_more/migration.sql",
      "CREATE INDEX more ON users (name);\n"},
     "baseline: \"20240102000000_index\""},
    {"graphile-migrate",
     {{"migrations/committed/000001-users.sql",
       "--! Previous: -\n--! Hash: sha1:0000000000000000000000000000000000000000\n\n" USERS INDEX},
      {"migrations/current.sql", "-- nothing yet\n"}},
     {"migrations/current.sql", "CREATE INDEX more ON users (name);\n"},
     "baseline: \"000001\""},
    {"loose scripts",
     {{"sql/users.sql", USERS}, {"sql/more.sql", INDEX "DROP TABLE users;\n"}},
     {"sql/next.sql", "DROP TABLE orders;\n"},
     "      - sql/more.sql"},
    {"a name that has to be quoted",
     {{"my \"db\" \\ ü/V1__users.sql", USERS}, {"my \"db\" \\ ü/V2__index.sql", INDEX}},
     {"my \"db\" \\ ü/V3__more.sql", "CREATE INDEX more ON users (name);\n"},
     "migrations: [\"my \\\"db\\\" \\\\ ü\"]"},
    {"here",
     {{"1_users.sql", USERS}, {"2_index.sql", INDEX}},
     {"3_more.sql", "CREATE INDEX more ON users (name);\n"},
     "migrations: [.]"},
};

static void
test_folders(void **state)
{
    for (size_t i = 0; i < LK_ARRAY_SIZE(folders); i++) {
        char *dir = lk_test_dir(*state);
        for (size_t k = 0; k < 6 && folders[i].files[k].name != NULL; k++)
            lk_test_write(dir, folders[i].files[k].name, folders[i].files[k].text);
        struct lk_output before = run(*state, dir, "lint", "--fail-on", "warning", ".");
        struct lk_output init = run(*state, dir, "init");
        const char *yaml = lk_test_read(*state, lk_path_join(*state, dir, "lockkeeper.yml"));
        if (before.exit_code != 1)
            fail_msg("%s: there is nothing to be silent about", folders[i].what);
        if (init.exit_code != 0 || strstr(yaml, folders[i].says) == NULL)
            fail_msg("%s: \"%s\" is expected in\n%s%s", folders[i].what, folders[i].says, init.err,
                     yaml);
        expect(run(*state, dir, "lint", "--fail-on", "info", "--color", "never"), 0, "", "");
        expect(run(*state, dir, "lint", "--fail-on", "info", "./."), 0, "", "");
        lk_test_write(dir, folders[i].next.name, folders[i].next.text);
        struct lk_output after = run(*state, dir, "lint", "-q", "--fail-on", "info");
        if (after.exit_code != 1 || !lk_starts_with(after.out, folders[i].next.name))
            fail_msg("%s: the next migration is not reported first:\n%s%s", folders[i].what,
                     after.out, after.err);
    }
}

/* ---- the file ---- */

static char *
make_folder(TALLOC_CTX *mem)
{
    char *dir = lk_test_dir(mem);

    lk_test_write(dir, "app/migrations/V1__users.sql", USERS);
    lk_test_write(dir, "app/migrations/V2__index.sql", INDEX);
    return dir;
}

static void
test_overwriting(void **state)
{
    char *dir = make_folder(*state), *path = lk_path_join(*state, dir, "app/lockkeeper.yml");

    lk_test_write(dir, "app/lockkeeper.yml", "mine: [");
    expect(run(*state, dir, "init", "app"), 2, "",
           "lockkeeper: error: app/lockkeeper.yml is there already\n"
           "  --force overwrites it, `-o -` prints what would be written.\n");
    assert_string_equal(lk_test_read(*state, path), "mine: [");
    /* what is there says nothing, broken or not */
    struct lk_output printed = run(*state, lk_path_join(*state, dir, "app"), "init", "-o", "-");
    assert_int_equal(printed.exit_code, 0);
    expect(run(*state, dir, "init", "--force", "app"), 0,
           "app/lockkeeper.yml: 2 migrations in 1 folder (naming: flyway)\n", "");
    assert_string_equal(lk_test_read(*state, path), printed.out);
    expect(run(*state, dir, "init", "--force", "-q", "app"), 0, "", "");
}

/* test_elsewhere: paths count from the folder that the file is written to. */
static void
test_elsewhere(void **state)
{
    char *dir = make_folder(*state);

    lk_test_write(dir, "conf/x", "");
    struct lk_output output = run(*state, dir, "init", "-o", "conf/lock.yml", "app");
    const char *yaml = lk_test_read(*state, lk_path_join(*state, dir, "conf/lock.yml"));
    assert_int_equal(output.exit_code, 0);
    assert_non_null(strstr(yaml, "migrations: [../app/migrations]\n"));
    assert_null(lk_test_read(*state, lk_path_join(*state, dir, "app/lockkeeper.yml")));
    expect(run(*state, dir, "lint", "-c", "conf/lock.yml"), 0, "", "");
}

/* test_draft: what is being written now is no past. */
static void
test_draft(void **state)
{
    char *dir = lk_test_dir(*state);

    lk_test_write(dir, "migrations/committed/000001-users.sql", "--! Previous: -\n\n" USERS);
    lk_test_write(dir, "migrations/current.sql", "DROP TABLE users;\n");
    struct lk_output output = run(*state, dir, "init", "-o", "-");
    assert_int_equal(output.exit_code, 0);
    assert_null(strstr(output.out, "overrides:"));
}

static void
test_left_out(void **state)
{
    char *dir = lk_test_dir(*state);

    lk_test_write(dir, "scripts/load.sql", "\\copy t FROM 'x'\n\\watch 5\n");
    struct lk_output output = run(*state, dir, "init", "-o", "-");
    assert_non_null(strstr(output.out, "# What psql-meta-command reports, `lockkeeper apply` "
                                       "refuses.\noverrides:\n"));
}

static void
test_options(void **state)
{
    char *dir = make_folder(*state);
    const char *yaml = run(*state, dir, "init", "-o", "-", "--postgres-version", "17", "--naming",
                           "flyway", "app/migrations")
                           .out;

    assert_non_null(strstr(yaml, "\npostgres_version: 17\n"));
    assert_non_null(strstr(yaml, "\nmigrations: [.]\nnaming: flyway\n"));
}

static void
test_errors(void **state)
{
    char *dir = make_folder(*state);

    lk_test_write(dir, "empty/x.txt", "");
    lk_test_write(dir, "knex/20240101000000_users.js", "exports.up = (knex) => knex.schema;\n");
    assert_int_equal(run(*state, dir, "init", "nowhere").exit_code, 3);
    assert_int_equal(run(*state, dir, "init", "empty").exit_code, 3);
    assert_int_equal(run(*state, dir, "init", "knex").exit_code, 3);
    assert_int_equal(run(*state, dir, "init", "app", "empty").exit_code, 2);
    assert_int_equal(run(*state, dir, "init", "--naming", "flyvay", "app").exit_code, 2);
    assert_int_equal(run(*state, dir, "init", "-o", "none/x.yml", "app").exit_code, 3);
    for (const char *const *each = (const char *const[]){"app", "empty", "knex", NULL};
         *each != NULL; each++)
        assert_null(lk_test_read(*state, lk_fmt(*state, "%s/%s/lockkeeper.yml", dir, *each)));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        lk_mem_test(test_folders), lk_mem_test(test_overwriting), lk_mem_test(test_elsewhere),
        lk_mem_test(test_draft),   lk_mem_test(test_left_out),    lk_mem_test(test_options),
        lk_mem_test(test_errors),
    };

    return cmocka_run_group_tests_name("init", tests, NULL, NULL);
}
