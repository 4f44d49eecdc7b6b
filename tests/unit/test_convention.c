/*
 * tests/unit/test_convention.c
 *     parser/changelog: which convention a folder follows, and what does not follow it.
 */
#include "parser/base/text.h"
#include "parser/changelog.h"
#include "tests/unit/folder.h"
#include "tests/unit/unit.h"

static void
detects_conventions(void **state)
{
    static const struct {
        const char *names[6];
        const char *naming;
    } cases[] = {
        {{"V1__a.sql", "V2__b.sql"}, "flyway"},
        {{"V1.sql", "R__x.sql"}, "flyway"},
        {{"V1__a.sql", "V2__b.sql", "V3__c.sql", "V4__d.sql", "V5_e.sql"}, "flyway"},
        {{"0001_a.up.sql", "0001_a.down.sql"}, "golang-migrate"},
        {{"20240131120000_a.up.sql", "20240131120000_a.down.sql"}, "golang-migrate"},
        {{"20240131120000_a.up.sql", "20240201120000_b.up.sql"}, "timestamp"},
        {{"0001_a.up.sql", "0002_b.up.sql"}, "plain"},
        {{"20240131120000_a.sql", "20240201120000_b.sql"}, "timestamp"},
        {{"20240131120000_a/migration.sql", "20240201120000_b/migration.sql"}, "prisma"},
        {{"2024-01-31-120000_a/up.sql", "2024-01-31-120000_a/down.sql"}, "diesel"},
        {{"1706702400123_a/up.sql", "1706702400123_a/down.sql"}, "timestamp"},
        {{"00000000000000_setup/up.sql", "2024-01-31-120000-0000_a/up.sql"}, "diesel"},
        {{"01_a.sql", "02_b.sql"}, "plain"},
        {{"1/up.sql", "1/down.sql", "2/up.sql"}, "plain"},
        {{"create_users.sql", "drop_users.sql"}, NULL},
    };

    for (size_t i = 0; i < LK_ARRAY_SIZE(cases); i++) {
        const char *dir = lk_folder_new(*state, cases[i].names);
        struct lk_changelog changelog = lk_folder_read(*state, dir, &lk_folder_automatic);
        const struct lk_naming *naming = changelog.folders.items[0]->naming;
        lk_expect_text(cases[i].names[0], naming != NULL ? naming->name : NULL, cases[i].naming);
    }
}

/* Numbered names alone do not make it goose: the annotations do. */
static void
detects_goose_by_its_marks(void **state)
{
    const char *dir = lk_test_dir(*state);

    lk_test_write(dir, "00001_a.sql", "-- +goose Up\nSELECT 1;\n");
    lk_test_write(dir, "00002_b.sql", "-- +goose Up\nSELECT 2;\n");
    struct lk_changelog changelog = lk_folder_read(*state, dir, &lk_folder_automatic);
    assert_string_equal(changelog.folders.items[0]->naming->name, "goose");
    lk_test_write(dir, "00001_a.sql", "SELECT 1;\n");
    lk_test_write(dir, "00002_b.sql", "SELECT 2;\n");
    changelog = lk_folder_read(*state, dir, &lk_folder_automatic);
    assert_string_equal(changelog.folders.items[0]->naming->name, "plain");
}

/* Two migrations of a folder, and what `auto` makes of it. */
static const struct {
    const char *first, *first_text;
    const char *second, *second_text;
    const char *naming;
} marked[] = {
    {"1_a.sql", "-- migrate:up\nA;\n-- migrate:down\n", "2_b.sql", "-- migrate:up\n", "dbmate"},
    {"1_a.sql", "-- migrated:up\nA;\n", "2_b.sql", "-- migrate:upper\n", "plain"},
    {"1_a.sql", "-- +migrate Up\nA;\n", "2_b.sql", "-- +migrate Down\n", "sql-migrate"},
    {"1_a.sql", "-- + migrate Up\nA;\n", "2_b.sql", "", "plain"},
    {"1_a.sql", "A;\n", "2_b.sql", "B;\n---- create above / drop below ----\nC;\n", "tern"},
    {"1_a.sql", "A;\n", "2_b.sql", "B;\n-- create above, drop below\nC;\n", "plain"},
    {"1_a.sql", "A;\n", "tern.conf", "[database]\n", "tern"},
    {"1_a.sql", "-- Up Migration\nA;\n", "2_b.sql", "B;\n", "node-pg-migrate"},
    {"1_a.sql", "-- up migration of the users\nA;\n", "2_b.sql", "B;\n", "plain"},
    {"0000_a.sql", "A;--> statement-breakpoint\nB;\n", "0001_b.sql", "C;\n", "drizzle"},
    {"0000_a.sql", "A;\n", "meta/_journal.json", "{}", "drizzle"},
    {"20240131120000_a/migration.sql", "A;\n", "20240131120000_a/snapshot.json", "{}", "drizzle"},
    {"20240131120000_a/migration.sql", "A;\n", "migration_lock.toml", "", "prisma"},
    {"1_a.sql", "A;\n", "2_b.sql", "-- no-transaction\nB;\n", "sqlx"},
    {"1_a.sql", "A;\n", "2_b.sql", "B;\n-- no-transaction\n", "plain"},
    {"1_a.up.sql", "-- no-transaction\nA;\n", "1_a.down.sql", "B;\n", "sqlx"},
    {"init.sql", "A;\n", "atlas.sum", "h1:x=\n", "atlas"},
    {"V1__a.sql", "A;\n", "atlas.sum", "h1:x=\n", "flyway"},
    {"00001_a.sql", "-- +goose Up\nA;\n", "atlas.sum", "h1:x=\n", "goose"},
    {"committed/000001.sql", "--! Previous: -\n\nA;\n", "current.sql", "B;\n", "graphile-migrate"},
    {"deploy/users.sql", "A;\n", "sqitch.plan", "%project=x\nusers 2024\n", "sqitch"},
};

static void
detects_conventions_by_what_is_there(void **state)
{
    for (size_t i = 0; i < LK_ARRAY_SIZE(marked); i++) {
        const char *dir = lk_test_dir(*state);
        lk_test_write(dir, marked[i].first, marked[i].first_text);
        lk_test_write(dir, marked[i].second, marked[i].second_text);
        struct lk_changelog changelog = lk_folder_read(*state, dir, &lk_folder_automatic);
        const struct lk_naming *naming = changelog.folders.items[0]->naming;
        lk_expect_text(lk_fmt(*state, "%s: %s", marked[i].first, marked[i].first_text),
                       naming != NULL ? naming->name : NULL, marked[i].naming);
    }
}

/* A folder called like one that a convention has is nothing by itself. */
static void
homes_need_their_marks(void **state)
{
    struct lk_found_folders found = {0};
    struct lk_error err = {0};
    const char *dir = LK_FOLDER(*state, "deploy/V1__a.sql", "committed/000001.sql");

    assert_true(lk_changelog_find(*state, dir, &lk_folder_automatic, &found, &err));
    assert_int_equal(found.folders.count, 2);
    assert_string_equal(found.folders.items[0].path, lk_fmt(*state, "%s/committed", dir));
    assert_string_equal(found.folders.items[0].naming->name, "plain");
    assert_string_equal(found.folders.items[1].naming->name, "flyway");
}

/* Timestamps in a project of Rust are sqlx's, unless something nearer is of another language. */
static void
detects_sqlx_by_its_project(void **state)
{
    const char *dir = LK_FOLDER(*state, "Cargo.toml", "go/go.mod");

    lk_test_write(dir, "m/20240131120000_a.sql", "A;");
    lk_test_write(dir, "n/01_a.sql", "A;");
    lk_test_write(dir, "go/m/20240131120000_a.sql", "A;");
    lk_test_write(dir, "p/1_a.up.sql", "A;");
    lk_test_write(dir, "p/1_a.down.sql", "B;");
#define NAMING(folder)                                                                             \
    lk_folder_read(*state, lk_fmt(*state, "%s/" folder, dir), &lk_folder_automatic)                \
        .folders.items[0]                                                                          \
        ->naming->name
    assert_string_equal(NAMING("m"), "sqlx");
    assert_string_equal(NAMING("n"), "plain");
    assert_string_equal(NAMING("go/m"), "timestamp");
    assert_string_equal(NAMING("p"), "sqlx");
#undef NAMING
}

/* Programs are known for what they are; SQL that lies deeper among them is for itself. */
static void
programs_are_not_read(void **state)
{
    static const struct {
        const char *name, *text, *naming;
    } cases[] = {
        {"20240131120000_a.js", "exports.up = (knex) => knex.raw('x')", "knex"},
        {"20240131120000_a.ts", "import { Knex } from 'knex'", "knex"},
        {"1975ea83b712_a.py", "revision = 'x'\ndown_revision = None\n", "alembic"},
        {"20240131120000_a.rb", "class A < ActiveRecord::Migration[7.1]\n", "rails"},
        {"20240131120000_a.js", "module.exports = { up: (queryInterface) => 1 }", NULL},
        {"test_users.py", "def test(): pass\n", NULL},
    };

    for (size_t i = 0; i < LK_ARRAY_SIZE(cases); i++) {
        struct lk_found_folders found = {0};
        struct lk_error err = {0};
        const char *dir = LK_FOLDER(*state, "notes.txt");
        lk_test_write(dir, cases[i].name, cases[i].text);
        bool read = lk_changelog_find(*state, dir, &lk_folder_automatic, &found, &err);
        lk_expect_true(cases[i].text, !read);
        if (cases[i].naming != NULL)
            lk_expect_text(cases[i].text, err.message,
                           lk_fmt(*state, "the migrations in %s are programs for %s, not SQL", dir,
                                  cases[i].naming));
        lk_error_clear(&err);
        found = (struct lk_found_folders){0};
        lk_test_write(dir, "release/users.sql", "SELECT 1;");
        lk_expect_true(cases[i].text,
                       lk_changelog_find(*state, dir, &lk_folder_automatic, &found, &err));
        lk_expect_true(cases[i].text, (found.programs.path != NULL) == (cases[i].naming != NULL));
        lk_expect_text(cases[i].text, found.folders.items[0].path,
                       lk_fmt(*state, "%s/release", dir));
        lk_error_clear(&err);
    }
}

static void
programs_beside_folders_of_sql(void **state)
{
    const char *dir = LK_FOLDER(*state, "sql/V1__a.sql");
    struct lk_found_folders found = {0};
    struct lk_error err = {0};

    lk_test_write(dir, "py/1975ea83b712_a.py", "down_revision = None\n");
    assert_true(lk_changelog_find(*state, dir, &lk_folder_automatic, &found, &err));
    assert_int_equal(found.folders.count, 1);
    assert_string_equal(found.folders.items[0].naming->name, "flyway");
    assert_string_equal(found.programs.naming->name, "alembic");
}

static void
names_that_break_the_convention_are_strays(void **state)
{
    const char *dir =
        LK_FOLDER(*state, "V1__a.sql", "V2__b.sql", "V3__c.sql", "V4__d.sql", "V6__f.sql",
                  "V7__g.sql", "V5_e.sql", "V__h.sql", "notes.sql", "README.md");
    struct lk_changelog changelog = lk_folder_read(*state, dir, &lk_folder_automatic);

    assert_int_equal(changelog.migrations.count, 6);
    assert_int_equal(changelog.strays.count, 2);
    assert_string_equal(changelog.strays.items[0].script, "V5_e.sql");
    assert_string_equal(changelog.strays.items[1].script, "V__h.sql");
    assert_string_equal(changelog.strays.items[0].path, lk_fmt(*state, "%s/V5_e.sql", dir));
    assert_non_null(changelog.strays.items[0].problem);
}

static void
a_configured_convention_is_not_questioned(void **state)
{
    const char *dir = LK_FOLDER(*state, "0001_a.sql", "0002_b.sql");
    struct lk_changelog_options options = {.naming = lk_naming_find("timestamp")};
    struct lk_changelog changelog = lk_folder_read(*state, dir, &options);

    assert_int_equal(changelog.migrations.count, 0);
    assert_int_equal(changelog.strays.count, 2);
    assert_false(changelog.folders.items[0]->detected);
}

/* Parts of a history in folders of their own are one where that is the convention in question. */
static void
configured_conventions_can_be_spread(void **state)
{
    const char *dir = LK_FOLDER(*state, "2024/V1__a.sql", "2025/V2__b.sql");
    struct lk_changelog_options flyway = {.naming = lk_naming_find("flyway")};
    struct lk_changelog_options plain = {.naming = lk_naming_find("plain")};
    struct lk_found_folders found = {0};
    struct lk_error err = {0};

    assert_true(lk_changelog_find(*state, dir, &flyway, &found, &err));
    assert_int_equal(found.folders.count, 1);
    assert_string_equal(found.folders.items[0].path, dir);
    found = (struct lk_found_folders){0};
    assert_true(lk_changelog_find(*state, dir, &plain, &found, &err));
    assert_int_equal(found.folders.count, 2);
    assert_string_equal(found.folders.items[0].naming->name, "plain");
}

static void
folders_without_a_convention(void **state)
{
    const char *dir = LK_FOLDER(*state, "users.sql", "accounts.sql", "deeper/more.sql");
    struct lk_changelog changelog = lk_folder_read(*state, dir, &lk_folder_automatic);

    assert_null(changelog.folders.items[0]->naming);
    assert_string_equal(lk_folder_scripts(*state, &changelog), "accounts.sql users.sql");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        lk_unit(detects_conventions),
        lk_unit(detects_goose_by_its_marks),
        lk_unit(detects_conventions_by_what_is_there),
        lk_unit(homes_need_their_marks),
        lk_unit(detects_sqlx_by_its_project),
        lk_unit(programs_are_not_read),
        lk_unit(programs_beside_folders_of_sql),
        lk_unit(names_that_break_the_convention_are_strays),
        lk_unit(a_configured_convention_is_not_questioned),
        lk_unit(configured_conventions_can_be_spread),
        lk_unit(folders_without_a_convention),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
