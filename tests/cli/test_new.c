/*
 * tests/cli/test_new.c
 *     lockkeeper new, in every convention: what it makes is what lint and plan take it for.
 */
#include <jansson.h>
#include <sys/stat.h>

#include "parser/base/text.h"
#include "parser/naming.h"
#include "tests/support/lktest.h"

#define run(mem, dir, ...) lk_test_lockkeeper(mem, dir, (const char *const[]){__VA_ARGS__, NULL})

/* first_line returns what was printed up to the first line's end. */
static char *
first_line(TALLOC_CTX *mem, const char *text)
{
    return lk_strndup(mem, text, strcspn(text, "\n"));
}

/* expect_clean checks that lint has nothing to say of the names, and of content only what it says
 * of every migration that is not written yet. */
static void
expect_clean(TALLOC_CTX *mem, const char *dir, const char *naming)
{
    struct lk_output lint = run(mem, dir, "lint", "-f", "json", "--fail-on", "info", "--ignore",
                                "empty-migration", "--naming", naming, "db/migrations");
    if (lint.exit_code != 0)
        fail_msg("%s: lint ends with %d:\n%s%s", naming, lint.exit_code, lint.out, lint.err);
}

/* expect_order checks that the plan is made of exactly these scripts. */
static void
expect_order(TALLOC_CTX *mem, const char *dir, const char *naming, char *const *paths, size_t count)
{
    struct lk_output output =
        run(mem, dir, "plan", "-f", "json", "--naming", naming, "db/migrations");
    json_t *plan = json_loads(output.out, 0, NULL), *migration;
    json_t *migrations = json_object_get(plan, "migrations");
    size_t index;

    if (json_array_size(migrations) != count)
        fail_msg("%s: %zu migrations are planned:\n%s%s", naming, json_array_size(migrations),
                 output.out, output.err);
    json_array_foreach(migrations, index, migration)
    {
        const char *script = json_string_value(json_object_get(migration, "script"));
        if (!lk_ends_with(paths[index], script))
            fail_msg("%s: %s is planned for %s", naming, script, paths[index]);
    }
    json_decref(plan);
}

/* test_every_convention makes three migrations in a folder that is not there at first. */
static void
test_every_convention(void **state)
{
    static const char *const names[] = {"add users", "add more", "drop nothing"};
    size_t count, made = 0;
    const struct lk_naming *const *namings = lk_namings(&count);

    for (size_t i = 0; i < count; i++) {
        const char *naming = namings[i]->name;
        char *dir = lk_test_dir(*state), *paths[LK_ARRAY_SIZE(names)];
        for (size_t k = 0; k < LK_ARRAY_SIZE(names); k++) {
            struct lk_output output =
                run(*state, dir, "new", names[k], "db/migrations", "--naming", naming);
            if (namings[i]->maker != NULL) {
                assert_int_equal(output.exit_code, 2);
                assert_non_null(strstr(output.err, namings[i]->maker));
                assert_null(lk_test_read(*state, lk_path_join(*state, dir, "db")));
                break;
            }
            if (output.exit_code != 0)
                fail_msg("%s: %s", naming, output.err);
            assert_string_equal(output.err,
                                k == 0 ? "lockkeeper: the folder db/migrations is new\n" : "");
            paths[k] = first_line(*state, output.out);
            expect_clean(*state, dir, naming);
        }
        if (namings[i]->maker == NULL)
            expect_order(*state, dir, naming, paths, LK_ARRAY_SIZE(names));
        made += namings[i]->maker == NULL;
    }
    assert_true(made > 10);
}

/* test_found: the second one needs no word of the convention, where names tell it. */
static void
test_found(void **state)
{
    static const char *const namings[] = {"dbmate", "diesel",          "flyway", "golang-migrate",
                                          "goose",  "node-pg-migrate", "prisma", "sql-migrate"};

    for (size_t i = 0; i < LK_ARRAY_SIZE(namings); i++) {
        char *dir = lk_test_dir(*state);
        struct lk_output first = run(*state, dir, "new", "a", "x", "--naming", namings[i]);
        struct lk_output second = run(*state, dir, "new", "b", "x");
        assert_int_equal(first.exit_code, 0);
        if (second.exit_code != 0 || lk_starts_with(lk_path_base(second.out), "a"))
            fail_msg("%s: %s", namings[i], second.err);
        struct lk_output status = run(*state, dir, "lint", "x");
        if (strstr(status.out, lk_fmt(*state, "(naming: %s)", namings[i])) == NULL)
            fail_msg("%s: %s", namings[i], status.out);
    }
}

/* test_configured: the folder and the convention of the configuration. */
static void
test_configured(void **state)
{
    char *dir = lk_test_dir(*state);

    lk_test_write(dir, "lockkeeper.yml",
                  "databases:\n  one: {migrations: [sql/one], naming: flyway}\n");
    struct lk_output output = run(*state, dir, "new", "users", "--database", "one", "-q");
    assert_string_equal(output.err, "");
    assert_string_equal(output.out, "sql/one/V1__users.sql\n");
    output = run(*state, lk_path_join(*state, dir, "sql"), "new", "users", "elsewhere", "-c",
                 "/dev/null");
    assert_int_equal(output.exit_code, 3);
    assert_string_equal(output.err,
                        "lockkeeper: error: elsewhere does not exist\n"
                        "  For the first one say --naming NAME: flyway, golang-migrate, ...\n");
}

/* test_taken: nothing is overwritten, and nothing is left of what was begun. */
static void
test_taken(void **state)
{
    char *dir = lk_test_dir(*state);

    lk_test_write(dir, "lockkeeper.yml", "exclude: [\"m/*_b.down.sql\"]\n");
    lk_test_write(dir, "m/0001_a.up.sql", "SELECT 1;\n");
    lk_test_write(dir, "m/0001_a.down.sql", "SELECT 1;\n");
    lk_test_write(dir, "m/0002_b.down.sql", "mine");
    struct lk_output output = run(*state, dir, "new", "b", "m");
    assert_string_equal(output.err, "lockkeeper: error: m/0002_b.down.sql is there already\n"
                                    "  Nothing is overwritten: give the migration another name.\n");
    assert_int_equal(output.exit_code, 2);
    assert_null(lk_test_read(*state, lk_path_join(*state, dir, "m/0002_b.up.sql")));
    assert_string_equal(lk_test_read(*state, lk_path_join(*state, dir, "m/0002_b.down.sql")),
                        "mine");
    output = run(*state, dir, "new", "b", "m/0001_a.up.sql", "--naming", "flyway");
    assert_int_not_equal(output.exit_code, 0);
    output = run(*state, dir, "new", "b", "m/0001_a.up.sql/below", "--naming", "flyway");
    assert_int_not_equal(output.exit_code, 0);
}

/* test_unwritable: folders that were made go again. */
static void
test_unwritable(void **state)
{
    char *dir = lk_test_dir(*state);
    const char *name = lk_fmt(*state, "%0300d", 1); /* longer than a file's name can be */

    struct lk_output output = run(*state, dir, "new", name, "a/b", "--naming", "prisma");
    assert_int_equal(output.exit_code, 3);
    assert_null(lk_test_read(*state, lk_path_join(*state, dir, "a")));
    struct stat info;
    assert_int_not_equal(stat(lk_path_join(*state, dir, "a"), &info), 0);
}

/* ---- Atlas ---- */

#define SUMS                                                                                       \
    "h1:7FZvFEpOOMspfH7a6gU6lByI3Fzu6teJ2BOmhVqHGu4=\n"                                            \
    "20240101000000_users.sql h1:SRfnCYBDfOnyjdnR0MmG+3Gqy2DDuI64bmSaBMLb1EQ=\n"                   \
    "20240102000000_orders.sql h1:XnTXZcYWGwyxtkAxxo4oNf6D80XeO6IU43Y/8P9Azk4=\n"                  \
    "20240103000000_bills.sql h1:vFbh+z25LzrI62bDLEcRHPh31qRAW0Yq8wtvV1/96Hg=\n"

/* copy_good copies a folder that Atlas has summed up. */
static char *
copy_good(TALLOC_CTX *mem)
{
    static const char *const files[] = {"20240101000000_users.sql", "20240102000000_orders.sql",
                                        "20240103000000_bills.sql", "atlas.sum"};
    char *dir = lk_test_dir(mem);

    for (size_t i = 0; i < LK_ARRAY_SIZE(files); i++)
        lk_test_write(
            dir, lk_fmt(mem, "m/%s", files[i]),
            lk_test_read(
                mem,
                lk_fmt(mem, LK_SOURCE_DIR "/fixtures/rules/atlas-sum-mismatch/good/%s", files[i])));
    return dir;
}

static void
test_atlas(void **state)
{
    char *dir = copy_good(*state), *path = lk_path_join(*state, dir, "m/atlas.sum");

    assert_string_equal(lk_test_read(*state, path), SUMS);
    struct lk_output output = run(*state, dir, "new", "more", "m");
    assert_int_equal(output.exit_code, 0);
    assert_non_null(strstr(output.err, "m/atlas.sum lists it; once it is written, `atlas migrate "
                                       "hash` sums it up again\n"));
    assert_int_equal(
        run(*state, dir, "lint", "--ignore", "empty-migration", "--fail-on", "info", "m").exit_code,
        0);
    char *sums = lk_test_read(*state, path), *second = strchr(sums, '\n');
    assert_true(lk_starts_with(second, strchr(SUMS, '\n'))); /* those before stay as they are */
    assert_true(strlen(sums) > strlen(SUMS));
    /* once the file is another one, the sums are wrong, and are not put right unasked */
    lk_test_write(dir, "m/20240103000000_bills.sql", "SELECT 2;\n");
    output = run(*state, dir, "new", "again", "m");
    assert_int_equal(output.exit_code, 0);
    assert_non_null(strstr(output.err, "does not list the new one: `atlas migrate hash`"));
    assert_string_equal(lk_test_read(*state, path), sums);
}

/* sum_up has some files summed up by what knows nothing of us. */
static void
sum_up(TALLOC_CTX *mem, const char *dir, const char *sum, const char *const *files)
{
    const char *args[16] = {"python3", LK_SOURCE_DIR "/tests/cli/atlas_sum.py", sum};

    for (size_t i = 0; files[i] != NULL; i++)
        args[3 + i] = files[i];
    assert_int_equal(lk_test_run(mem, lk_path_join(mem, dir, "m"), args, NULL).exit_code, 0);
}

#define sum_up(mem, dir, sum, ...) sum_up(mem, dir, sum, (const char *const[]){__VA_ARGS__, NULL})

/* test_atlas_between: a file that comes before others changes all later sums. */
static void
test_atlas_between(void **state)
{
    char *dir = lk_test_dir(*state);

    lk_test_write(dir, "m/1_a.up.sql", "SELECT 1;\n");
    lk_test_write(dir, "m/9_b.up.sql", "SELECT 2;\n");
    sum_up(*state, dir, "atlas.sum", "1_a.up.sql", "9_b.up.sql");
    struct lk_output output = run(*state, dir, "new", "c", "m", "--naming", "golang-migrate");
    assert_string_equal(output.out, "m/10_c.up.sql\nm/10_c.down.sql\n");
    char *made = lk_test_read(*state, lk_path_join(*state, dir, "m/atlas.sum"));
    sum_up(*state, dir, "expected.sum", "10_c.up.sql", "1_a.up.sql", "9_b.up.sql");
    assert_string_equal(made, lk_test_read(*state, lk_path_join(*state, dir, "m/expected.sum")));
}

/* test_atlas_flyway: Atlas has Flyway's files in an order of its own. */
static void
test_atlas_flyway(void **state)
{
    char *dir = lk_test_dir(*state);

    lk_test_write(dir, "m/V1__a.sql", "SELECT 1;\n");
    sum_up(*state, dir, "atlas.sum", "V1__a.sql");
    char *before = lk_test_read(*state, lk_path_join(*state, dir, "m/atlas.sum"));
    struct lk_output output = run(*state, dir, "new", "c", "m", "--naming", "flyway");
    assert_int_equal(output.exit_code, 0);
    assert_non_null(strstr(output.err, "does not list the new one"));
    assert_string_equal(lk_test_read(*state, lk_path_join(*state, dir, "m/atlas.sum")), before);
}

/* test_order: what would come before what is there is not made. */
static void
test_order(void **state)
{
    char *dir = lk_test_dir(*state);

    lk_test_write(dir, "m/8_a.sql", "-- migrate:up\nSELECT 1;\n");
    assert_string_equal(run(*state, dir, "new", "b", "m").out, "m/9_b.sql\n");
    struct lk_output output = run(*state, dir, "new", "c", "m");
    assert_int_equal(output.exit_code, 2);
    assert_string_equal(output.err,
                        "lockkeeper: error: 10_c.sql would come before 9_b.sql: dbmate goes by the "
                        "names as text\n"
                        "  Name the file by hand, with as many digits as sort behind.\n");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        lk_mem_test(test_every_convention),
        lk_mem_test(test_found),
        lk_mem_test(test_configured),
        lk_mem_test(test_taken),
        lk_mem_test(test_unwritable),
        lk_mem_test(test_atlas),
        lk_mem_test(test_atlas_between),
        lk_mem_test(test_atlas_flyway),
        lk_mem_test(test_order),
    };

    return cmocka_run_group_tests_name("new", tests, NULL, NULL);
}
