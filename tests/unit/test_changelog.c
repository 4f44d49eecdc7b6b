/*
 * tests/unit/test_changelog.c
 *     parser/changelog: from folders to an ordered list of migrations.
 */
#include "parser/changelog.h"

#include "parser/base/buf.h"
#include "parser/base/text.h"
#include "tests/unit/folder.h"
#include "tests/unit/unit.h"

/* replayed returns the scripts that make up the history of an empty database. */
static const char *
replayed(TALLOC_CTX *mem, const struct lk_changelog *changelog)
{
    struct lk_buf names = lk_buf_init(mem);

    lk_vec_foreach(migration, &changelog->migrations) {
        if (!migration->replayed)
            continue;
        lk_buf_sep(&names, " ");
        lk_buf_add(&names, migration->script);
    }
    return names.data;
}

static void
orders_by_version(void **state)
{
    const char *dir = LK_FOLDER(*state, "V10__j.sql", "V2__b.sql", "V1.10__d.sql", "V1_9__c.sql",
                                "V1__a.sql", "V003__e.sql", "R__z_view.sql", "R__a_view.sql");
    struct lk_changelog changelog = lk_folder_read(*state, dir, &lk_folder_automatic);

    assert_string_equal(changelog.folders.items[0]->naming->name, "flyway");
    assert_true(changelog.folders.items[0]->detected);
    assert_string_equal(lk_folder_scripts(*state, &changelog),
                        "V1__a.sql V1_9__c.sql V1.10__d.sql V2__b.sql V003__e.sql V10__j.sql "
                        "R__a_view.sql R__z_view.sql");
    for (size_t i = 0; i < changelog.migrations.count; i++)
        assert_int_equal(changelog.migrations.items[i].ordinal, i + 1);
}

static void
fills_in_what_is_known(void **state)
{
    const char *dir = LK_FOLDER(*state, "sub/V2__add_users.sql", "V1__a.sql");
    struct lk_changelog changelog = lk_folder_read(*state, dir, &lk_folder_automatic);
    const struct lk_migration *second = &changelog.migrations.items[1];

    assert_int_equal(changelog.migrations.count, 2);
    assert_string_equal(second->script, "sub/V2__add_users.sql");
    assert_string_equal(second->path, lk_fmt(*state, "%s/sub/V2__add_users.sql", dir));
    assert_string_equal(second->input, second->path);
    assert_string_equal(second->name.version.text, "2");
    assert_string_equal(second->name.description, "add users");
    assert_int_equal(second->name.kind, LK_KIND_VERSIONED);
    assert_true(second->reported);
    assert_true(second->replayed);
    assert_ptr_equal(second->folder, changelog.folders.items[0]);
    assert_string_equal(lk_migration_title(*state, second), "2 add users");
}

static void
repeatables_are_called_by_their_description(void **state)
{
    const char *dir = LK_FOLDER(*state, "V1__a.sql", "R__users_view.sql");
    struct lk_changelog changelog = lk_folder_read(*state, dir, &lk_folder_automatic);

    assert_string_equal(lk_migration_title(*state, &changelog.migrations.items[1]), "users view");
}

static void
undo_files_are_not_replayed(void **state)
{
    const char *dir =
        LK_FOLDER(*state, "0001_a.down.sql", "0001_a.up.sql", "0002_b.down.sql", "0002_b.up.sql");
    struct lk_changelog changelog = lk_folder_read(*state, dir, &lk_folder_automatic);

    assert_string_equal(changelog.folders.items[0]->naming->name, "golang-migrate");
    assert_string_equal(lk_folder_scripts(*state, &changelog),
                        "0001_a.up.sql 0001_a.down.sql 0002_b.up.sql 0002_b.down.sql");
    assert_string_equal(replayed(*state, &changelog), "0001_a.up.sql 0002_b.up.sql");
}

/* On an empty database Flyway runs the highest baseline migration, and no version up to it. */
static void
baselines_stand_for_what_is_below(void **state)
{
    const char *all = LK_FOLDER(*state, "V1__a.sql", "B2__base.sql", "V2__b.sql", "V3__c.sql");
    const char *alone = LK_FOLDER(*state, "B2__base.sql", "V3__c.sql", "V4__d.sql");
    const char *two = LK_FOLDER(*state, "B1__old.sql", "B2__base.sql", "V3__c.sql");
    struct lk_changelog changelog = lk_folder_read(*state, all, &lk_folder_automatic);

    /* the versions themselves are there, and tell more */
    assert_string_equal(replayed(*state, &changelog), "V1__a.sql V2__b.sql V3__c.sql");
    changelog = lk_folder_read(*state, alone, &lk_folder_automatic);
    assert_string_equal(replayed(*state, &changelog), "B2__base.sql V3__c.sql V4__d.sql");
    changelog = lk_folder_read(*state, two, &lk_folder_automatic);
    assert_string_equal(replayed(*state, &changelog), "B2__base.sql V3__c.sql");
}

static void
plan_files_lay_down_the_order(void **state)
{
    const char *dir =
        LK_FOLDER(*state, "deploy/accounts.sql", "deploy/users.sql", "deploy/users@v1.sql",
                  "deploy/late.sql", "revert/users.sql", "revert/accounts.sql", "verify/users.sql");

    lk_test_write(dir, "sqitch.plan",
                  "%syntax-version=1.0.0\n%project=shop\n\n"
                  "users 2024-01-31T12:00:00Z Ann <a@x.org> # names\n"
                  "@v1 2024-02-01T12:00:00Z Ann <a@x.org> # first\n"
                  "# a comment\n"
                  "accounts [users] 2024-02-02T12:00:00Z Ann <a@x.org> # money\n"
                  "users [users@v1] 2024-02-03T12:00:00Z Ann <a@x.org> # reworked\n");
    struct lk_changelog changelog = lk_folder_read(*state, dir, &lk_folder_automatic);
    assert_string_equal(lk_folder_scripts(*state, &changelog),
                        "deploy/users@v1.sql deploy/accounts.sql revert/accounts.sql "
                        "deploy/users.sql revert/users.sql");
    assert_string_equal(replayed(*state, &changelog),
                        "deploy/users@v1.sql deploy/accounts.sql deploy/users.sql");
    assert_int_equal(changelog.strays.count, 1);
    assert_string_equal(changelog.strays.items[0].script, "deploy/late.sql");
    assert_non_null(strstr(changelog.strays.items[0].problem, "sqitch.plan"));
    assert_string_equal(lk_migration_title(*state, &changelog.migrations.items[1]), "accounts");
}

static void
journals_lay_down_the_order(void **state)
{
    const char *dir = LK_FOLDER(*state, "0000_a.sql", "0001_b.sql", "0001_c.sql", "0002_d.sql");

    lk_test_write(dir, "meta/_journal.json",
                  "{\"version\":\"7\",\"dialect\":\"postgresql\",\"entries\":["
                  "{\"idx\":0,\"when\":1,\"tag\":\"0000_a\",\"breakpoints\":true},"
                  "{\"idx\":1,\"when\":2,\"tag\":\"0001_c\",\"breakpoints\":true},"
                  "{\"idx\":2,\"when\":3,\"tag\":\"0001_b\",\"breakpoints\":true}]}");
    struct lk_changelog changelog = lk_folder_read(*state, dir, &lk_folder_automatic);
    assert_string_equal(lk_folder_scripts(*state, &changelog), "0000_a.sql 0001_c.sql 0001_b.sql");
    assert_int_equal(changelog.strays.count, 1);
    assert_string_equal(changelog.strays.items[0].script, "0002_d.sql");
    /* without a journal that can be read, the names are all there is */
    lk_test_write(dir, "meta/_journal.json", "{\"entries\":");
    changelog = lk_folder_read(*state, dir, &lk_folder_automatic);
    assert_string_equal(lk_folder_scripts(*state, &changelog),
                        "0000_a.sql 0001_b.sql 0001_c.sql 0002_d.sql");
}

/* What is not committed comes behind what is, and is checked on top of it. */
static void
drafts_come_last(void **state)
{
    const char *dir = LK_FOLDER(*state, "current.sql", "committed/000002-b.sql");
    struct lk_found_folder home;

    lk_test_write(dir, "committed/000001.sql", "--! Previous: -\n");
    struct lk_changelog changelog = lk_folder_read(*state, dir, &lk_folder_automatic);
    assert_string_equal(replayed(*state, &changelog),
                        "committed/000001.sql committed/000002-b.sql current.sql");
    assert_true(lk_changelog_home(*state, lk_fmt(*state, "%s/current.sql", dir),
                                  &lk_folder_automatic, &home));
    assert_string_equal(home.path, dir);
    assert_true(lk_changelog_home(*state, lk_fmt(*state, "%s/committed/000001.sql", dir),
                                  &lk_folder_automatic, &home));
    assert_string_equal(home.path, dir);
}

/* What people call a version is looked up, so that it compares as its place in the order does. */
static void
versions_are_found_by_what_they_are_called(void **state)
{
    const char *dir = LK_FOLDER(*state, "deploy/zeta.sql", "deploy/alpha.sql");

    lk_test_write(dir, "sqitch.plan", "zeta 2024\nalpha 2024\n");
    struct lk_changelog changelog = lk_folder_read(*state, dir, &lk_folder_automatic);
    assert_true(lk_version_compare(lk_changelog_version(*state, &changelog, "zeta"),
                                   lk_changelog_version(*state, &changelog, "alpha")) < 0);
    dir = LK_FOLDER(*state, "20240131120000_a/migration.sql", "20240201120000_b/migration.sql",
                    "20240201120000_c/migration.sql");
    changelog = lk_folder_read(*state, dir, &lk_folder_automatic);
    assert_string_equal(lk_changelog_version(*state, &changelog, "20240201120000").text,
                        "20240201120000_c");
    assert_string_equal(lk_changelog_version(*state, &changelog, "20240201120000_b").text,
                        "20240201120000_b");
    assert_string_equal(lk_changelog_version(*state, &changelog, "2024").text, "2024");
}

/* dbmate and Atlas go by file names as text: 10 before 9, whatever the numbers say. */
static void
names_as_text_lay_down_the_order(void **state)
{
    static const char text[] = "-- migrate:up\nA;\n-- migrate:down\n";
    const char *dir = lk_test_dir(*state);

    lk_test_write(dir, "9_i.sql", text);
    lk_test_write(dir, "10_j.sql", text);
    lk_test_write(dir, "1_a.sql", text);
    struct lk_changelog changelog = lk_folder_read(*state, dir, &lk_folder_automatic);
    assert_string_equal(changelog.folders.items[0]->naming->name, "dbmate");
    assert_string_equal(lk_folder_scripts(*state, &changelog), "10_j.sql 1_a.sql 9_i.sql");
}

/* An Atlas checkpoint stands for what is before it, and is no more than that where that is there.
 */
static void
checkpoints_are_baselines(void **state)
{
    const char *dir = lk_test_dir(*state);

    lk_test_write(dir, "2_all.sql", "-- atlas:checkpoint\n\nA;\n");
    lk_test_write(dir, "3_c.sql", "C;\n");
    struct lk_changelog changelog = lk_folder_read(*state, dir, &lk_folder_automatic);
    assert_string_equal(changelog.folders.items[0]->naming->name, "atlas");
    assert_int_equal(changelog.migrations.items[0].name.kind, LK_KIND_BASELINE);
    assert_string_equal(replayed(*state, &changelog), "2_all.sql 3_c.sql");
    lk_test_write(dir, "1_a.sql", "A;\n");
    changelog = lk_folder_read(*state, dir, &lk_folder_automatic);
    assert_string_equal(replayed(*state, &changelog), "1_a.sql 3_c.sql");
}

/* Diesel compares as text what it makes of a folder's name: a suffix does not outweigh the date. */
static void
dates_with_suffixes_keep_their_order(void **state)
{
    const char *dir =
        LK_FOLDER(*state, "2026-06-15-141114-0000_b/up.sql", "2026-07-01-000000_c/up.sql",
                  "20140924113530_a/up.sql", "00000000000000_setup/up.sql");
    struct lk_changelog changelog = lk_folder_read(*state, dir, &lk_folder_automatic);

    assert_string_equal(lk_folder_scripts(*state, &changelog),
                        "00000000000000_setup/up.sql 20140924113530_a/up.sql "
                        "2026-06-15-141114-0000_b/up.sql 2026-07-01-000000_c/up.sql");
}

static void
leaves_out_what_is_excluded(void **state)
{
    const char *dir = LK_FOLDER(*state, "V1__a.sql", "V2__b.sql", "legacy/V0__x.sql",
                                "legacy/old/V0.1__y.sql", "V3__c.sql");
    const char *globs[] = {lk_fmt(*state, "%s/legacy/**", dir), "**/V2__*", NULL};
    struct lk_changelog_options options = {.exclude = globs};
    struct lk_changelog changelog = lk_folder_read(*state, dir, &options);

    assert_string_equal(lk_folder_scripts(*state, &changelog), "V1__a.sql V3__c.sql");
}

/* Folders are applied one after the other, whatever their versions are. */
static void
several_folders_keep_their_priority(void **state)
{
    const char *first = LK_FOLDER(*state, "V5__a.sql", "R__v.sql");
    const char *second = LK_FOLDER(*state, "V1__b.sql", "R__u.sql");
    struct lk_changelog changelog = {0};
    struct lk_error err = {0};

    assert_true(lk_folder_add(*state, &changelog, first, &lk_folder_automatic, &err));
    assert_true(lk_folder_add(*state, &changelog, second, &lk_folder_automatic, &err));
    lk_changelog_sort(&changelog);
    assert_string_equal(lk_folder_scripts(*state, &changelog),
                        "V5__a.sql V1__b.sql R__v.sql R__u.sql");
}

static void
says_that_there_are_no_migrations(void **state)
{
    const char *empty = LK_FOLDER(*state, "README.md");
    struct lk_found_folders found = {0};
    struct lk_error err = {0};

    assert_false(lk_changelog_find(*state, empty, &lk_folder_automatic, &found, &err));
    assert_int_equal(err.code, LK_ERR_INPUT);
    assert_string_equal(err.message, lk_fmt(*state, "no migration found in %s", empty));
    assert_non_null(strstr(err.hint, "V1__create_users.sql"));
    assert_false(lk_changelog_find(*state, lk_fmt(*state, "%s/none", empty), &lk_folder_automatic,
                                   &found, &err));
    assert_int_equal(err.code, LK_ERR_INPUT);
    lk_error_clear(&err);
}

static void
finds_the_folders_below(void **state)
{
    const char *dir =
        LK_FOLDER(*state, "users/V1__a.sql", "users/sub/V2__b.sql", "deep/er/orders/0001_a.up.sql",
                  "none/README.md", "prisma/20240131120000_a/migration.sql");
    struct lk_found_folders found = {0};
    struct lk_error err = {0};

    assert_true(lk_changelog_find(*state, dir, &lk_folder_automatic, &found, &err));
    assert_int_equal(found.folders.count, 3);
    assert_string_equal(found.folders.items[0].path, lk_fmt(*state, "%s/deep/er/orders", dir));
    assert_string_equal(found.folders.items[1].path, lk_fmt(*state, "%s/prisma", dir));
    assert_string_equal(found.folders.items[2].path, lk_fmt(*state, "%s/users", dir));
    assert_int_equal(found.folders.items[2].scripts.paths.count, 2);
}

/* Loose scripts beside a folder of migrations do not make that a part of theirs. */
static void
loose_scripts_hide_no_folder(void **state)
{
    const char *dir = LK_FOLDER(*state, "schema.sql", "db/V1__a.sql", "db/V2__b.sql");
    struct lk_found_folders found = {0};
    struct lk_error err = {0};

    assert_true(lk_changelog_find(*state, dir, &lk_folder_automatic, &found, &err));
    assert_int_equal(found.folders.count, 2);
    assert_string_equal(found.folders.items[0].path, dir);
    assert_null(found.folders.items[0].naming);
    assert_string_equal(found.folders.items[1].path, lk_fmt(*state, "%s/db", dir));
    assert_string_equal(found.folders.items[1].naming->name, "flyway");
}

static void
finds_the_home_of_a_file(void **state)
{
    const char *dir =
        LK_FOLDER(*state, "fly/V1__a.sql", "fly/V2__b.sql", "prisma/20240131120000_a/migration.sql",
                  "loose/users.sql", "shop/deploy/users.sql", "deploy/V1__a.sql");
    struct lk_found_folder home;

    lk_test_write(dir, "shop/sqitch.plan", "users 2024\n");

#define HOME(file)                                                                                 \
    lk_changelog_home(*state, lk_fmt(*state, "%s/" file, dir), &lk_folder_automatic, &home)
    assert_true(HOME("fly/V2__b.sql"));
    assert_string_equal(home.path, lk_fmt(*state, "%s/fly", dir));
    assert_int_equal(home.scripts.paths.count, 2);
    assert_true(HOME("prisma/20240131120000_a/migration.sql"));
    assert_string_equal(home.path, lk_fmt(*state, "%s/prisma", dir));
    assert_true(HOME("shop/deploy/users.sql"));
    assert_string_equal(home.path, lk_fmt(*state, "%s/shop", dir));
    assert_true(HOME("deploy/V1__a.sql"));
    assert_string_equal(home.path, lk_fmt(*state, "%s/deploy", dir));
    assert_false(HOME("loose/users.sql"));
    assert_false(HOME("no/such.sql"));
#undef HOME
}

static void
takes_single_files(void **state)
{
    struct lk_changelog changelog = {0};

    lk_changelog_add_file(*state, &changelog, "some/where/users.sql");
    lk_changelog_sort(&changelog);
    assert_int_equal(changelog.migrations.count, 1);
    const struct lk_migration *only = &changelog.migrations.items[0];
    assert_string_equal(only->path, "some/where/users.sql");
    assert_string_equal(only->script, "users.sql");
    assert_string_equal(only->folder->path, "some/where");
    assert_null(only->folder->naming);
    assert_true(only->replayed);
    assert_true(only->reported);
    assert_int_equal(only->ordinal, 1);
    assert_string_equal(lk_migration_title(*state, only), "users.sql");
}

static void
an_empty_changelog_sorts(void **state)
{
    struct lk_changelog changelog = {0};

    (void)state;
    lk_changelog_sort(&changelog);
    assert_int_equal(changelog.migrations.count, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        lk_unit(orders_by_version),
        lk_unit(fills_in_what_is_known),
        lk_unit(repeatables_are_called_by_their_description),
        lk_unit(undo_files_are_not_replayed),
        lk_unit(baselines_stand_for_what_is_below),
        lk_unit(plan_files_lay_down_the_order),
        lk_unit(journals_lay_down_the_order),
        lk_unit(names_as_text_lay_down_the_order),
        lk_unit(drafts_come_last),
        lk_unit(versions_are_found_by_what_they_are_called),
        lk_unit(checkpoints_are_baselines),
        lk_unit(dates_with_suffixes_keep_their_order),
        lk_unit(leaves_out_what_is_excluded),
        lk_unit(several_folders_keep_their_priority),
        lk_unit(says_that_there_are_no_migrations),
        lk_unit(finds_the_folders_below),
        lk_unit(loose_scripts_hide_no_folder),
        lk_unit(finds_the_home_of_a_file),
        lk_unit(takes_single_files),
        lk_unit(an_empty_changelog_sorts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
