/*
 * tests/unit/test_changelog.c
 *     parser/changelog: from folders to an ordered list of migrations.
 */
#include "parser/changelog.h"

#include "parser/base/buf.h"
#include "parser/base/text.h"
#include "tests/unit/unit.h"

static const struct lk_changelog_options automatic;

/* make_dir writes empty files, NULL-terminated, into a new folder. */
static const char *
make_dir(TALLOC_CTX *mem, const char *const *names)
{
    const char *dir = lk_test_dir(mem);

    for (; *names != NULL; names++)
        lk_test_write(dir, *names, "");
    return dir;
}

#define DIR(mem, ...) make_dir(mem, (const char *const[]){__VA_ARGS__, NULL})

/* add adds the folder `dir`, with what lies below it where the convention has subfolders. */
static bool
add(TALLOC_CTX *mem, struct lk_changelog *changelog, const char *dir,
    const struct lk_changelog_options *options, struct lk_error *err)
{
    struct lk_found_folders found = {0};

    if (!lk_changelog_find(mem, dir, options, &found, err))
        return false;
    assert_string_equal(found.folders.items[0].path, dir);
    lk_changelog_join(mem, changelog, &found.folders.items[0], options);
    return true;
}

static struct lk_changelog
read_dir(TALLOC_CTX *mem, const char *dir, const struct lk_changelog_options *options)
{
    struct lk_changelog changelog = {0};
    struct lk_error err = {0};

    if (!add(mem, &changelog, dir, options, &err))
        fail_msg("%s", err.message);
    lk_changelog_sort(&changelog);
    return changelog;
}

/* scripts returns the scripts in their order, joined by blanks. */
static const char *
scripts(TALLOC_CTX *mem, const struct lk_changelog *changelog)
{
    struct lk_buf names = lk_buf_init(mem);

    lk_vec_foreach(migration, &changelog->migrations) {
        lk_buf_sep(&names, " ");
        lk_buf_add(&names, migration->script);
    }
    return names.data;
}

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
    const char *dir = DIR(*state, "V10__j.sql", "V2__b.sql", "V1.10__d.sql", "V1_9__c.sql",
                          "V1__a.sql", "V003__e.sql", "R__z_view.sql", "R__a_view.sql");
    struct lk_changelog changelog = read_dir(*state, dir, &automatic);

    assert_string_equal(changelog.folders.items[0]->naming->name, "flyway");
    assert_true(changelog.folders.items[0]->detected);
    assert_string_equal(scripts(*state, &changelog),
                        "V1__a.sql V1_9__c.sql V1.10__d.sql V2__b.sql V003__e.sql V10__j.sql "
                        "R__a_view.sql R__z_view.sql");
    for (size_t i = 0; i < changelog.migrations.count; i++)
        assert_int_equal(changelog.migrations.items[i].ordinal, i + 1);
}

static void
fills_in_what_is_known(void **state)
{
    const char *dir = DIR(*state, "sub/V2__add_users.sql", "V1__a.sql");
    struct lk_changelog changelog = read_dir(*state, dir, &automatic);
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
    const char *dir = DIR(*state, "V1__a.sql", "R__users_view.sql");
    struct lk_changelog changelog = read_dir(*state, dir, &automatic);

    assert_string_equal(lk_migration_title(*state, &changelog.migrations.items[1]), "users view");
}

static void
undo_files_are_not_replayed(void **state)
{
    const char *dir =
        DIR(*state, "0001_a.down.sql", "0001_a.up.sql", "0002_b.down.sql", "0002_b.up.sql");
    struct lk_changelog changelog = read_dir(*state, dir, &automatic);

    assert_string_equal(changelog.folders.items[0]->naming->name, "golang-migrate");
    assert_string_equal(scripts(*state, &changelog),
                        "0001_a.up.sql 0001_a.down.sql 0002_b.up.sql 0002_b.down.sql");
    assert_string_equal(replayed(*state, &changelog), "0001_a.up.sql 0002_b.up.sql");
}

/* On an empty database Flyway runs the highest baseline migration, and no version up to it. */
static void
baselines_stand_for_what_is_below(void **state)
{
    const char *all = DIR(*state, "V1__a.sql", "B2__base.sql", "V2__b.sql", "V3__c.sql");
    const char *alone = DIR(*state, "B2__base.sql", "V3__c.sql", "V4__d.sql");
    const char *two = DIR(*state, "B1__old.sql", "B2__base.sql", "V3__c.sql");
    struct lk_changelog changelog = read_dir(*state, all, &automatic);

    /* the versions themselves are there, and tell more */
    assert_string_equal(replayed(*state, &changelog), "V1__a.sql V2__b.sql V3__c.sql");
    changelog = read_dir(*state, alone, &automatic);
    assert_string_equal(replayed(*state, &changelog), "B2__base.sql V3__c.sql V4__d.sql");
    changelog = read_dir(*state, two, &automatic);
    assert_string_equal(replayed(*state, &changelog), "B2__base.sql V3__c.sql");
}

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
        const char *dir = make_dir(*state, cases[i].names);
        struct lk_changelog changelog = read_dir(*state, dir, &automatic);
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
    struct lk_changelog changelog = read_dir(*state, dir, &automatic);
    assert_string_equal(changelog.folders.items[0]->naming->name, "goose");
    lk_test_write(dir, "00001_a.sql", "SELECT 1;\n");
    lk_test_write(dir, "00002_b.sql", "SELECT 2;\n");
    changelog = read_dir(*state, dir, &automatic);
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
        struct lk_changelog changelog = read_dir(*state, dir, &automatic);
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
    const char *dir = DIR(*state, "deploy/V1__a.sql", "committed/000001.sql");

    assert_true(lk_changelog_find(*state, dir, &automatic, &found, &err));
    assert_int_equal(found.folders.count, 2);
    assert_string_equal(found.folders.items[0].path, lk_fmt(*state, "%s/committed", dir));
    assert_string_equal(found.folders.items[0].naming->name, "plain");
    assert_string_equal(found.folders.items[1].naming->name, "flyway");
}

/* Timestamps in a project of Rust are sqlx's, unless something nearer is of another language. */
static void
detects_sqlx_by_its_project(void **state)
{
    const char *dir = DIR(*state, "Cargo.toml", "go/go.mod");

    lk_test_write(dir, "m/20240131120000_a.sql", "A;");
    lk_test_write(dir, "n/01_a.sql", "A;");
    lk_test_write(dir, "go/m/20240131120000_a.sql", "A;");
    lk_test_write(dir, "p/1_a.up.sql", "A;");
    lk_test_write(dir, "p/1_a.down.sql", "B;");
#define NAMING(folder)                                                                             \
    read_dir(*state, lk_fmt(*state, "%s/" folder, dir), &automatic).folders.items[0]->naming->name
    assert_string_equal(NAMING("m"), "sqlx");
    assert_string_equal(NAMING("n"), "plain");
    assert_string_equal(NAMING("go/m"), "timestamp");
    assert_string_equal(NAMING("p"), "sqlx");
#undef NAMING
}

static void
plan_files_lay_down_the_order(void **state)
{
    const char *dir =
        DIR(*state, "deploy/accounts.sql", "deploy/users.sql", "deploy/users@v1.sql",
            "deploy/late.sql", "revert/users.sql", "revert/accounts.sql", "verify/users.sql");

    lk_test_write(dir, "sqitch.plan",
                  "%syntax-version=1.0.0\n%project=shop\n\n"
                  "users 2024-01-31T12:00:00Z Ann <a@x.org> # names\n"
                  "@v1 2024-02-01T12:00:00Z Ann <a@x.org> # first\n"
                  "# a comment\n"
                  "accounts [users] 2024-02-02T12:00:00Z Ann <a@x.org> # money\n"
                  "users [users@v1] 2024-02-03T12:00:00Z Ann <a@x.org> # reworked\n");
    struct lk_changelog changelog = read_dir(*state, dir, &automatic);
    assert_string_equal(scripts(*state, &changelog),
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
    const char *dir = DIR(*state, "0000_a.sql", "0001_b.sql", "0001_c.sql", "0002_d.sql");

    lk_test_write(dir, "meta/_journal.json",
                  "{\"version\":\"7\",\"dialect\":\"postgresql\",\"entries\":["
                  "{\"idx\":0,\"when\":1,\"tag\":\"0000_a\",\"breakpoints\":true},"
                  "{\"idx\":1,\"when\":2,\"tag\":\"0001_c\",\"breakpoints\":true},"
                  "{\"idx\":2,\"when\":3,\"tag\":\"0001_b\",\"breakpoints\":true}]}");
    struct lk_changelog changelog = read_dir(*state, dir, &automatic);
    assert_string_equal(scripts(*state, &changelog), "0000_a.sql 0001_c.sql 0001_b.sql");
    assert_int_equal(changelog.strays.count, 1);
    assert_string_equal(changelog.strays.items[0].script, "0002_d.sql");
    /* without a journal that can be read, the names are all there is */
    lk_test_write(dir, "meta/_journal.json", "{\"entries\":");
    changelog = read_dir(*state, dir, &automatic);
    assert_string_equal(scripts(*state, &changelog), "0000_a.sql 0001_b.sql 0001_c.sql 0002_d.sql");
}

/* What is not committed comes behind what is, and is checked on top of it. */
static void
drafts_come_last(void **state)
{
    const char *dir = DIR(*state, "current.sql", "committed/000002-b.sql");
    struct lk_found_folder home;

    lk_test_write(dir, "committed/000001.sql", "--! Previous: -\n");
    struct lk_changelog changelog = read_dir(*state, dir, &automatic);
    assert_string_equal(replayed(*state, &changelog),
                        "committed/000001.sql committed/000002-b.sql current.sql");
    assert_true(
        lk_changelog_home(*state, lk_fmt(*state, "%s/current.sql", dir), &automatic, &home));
    assert_string_equal(home.path, dir);
    assert_true(lk_changelog_home(*state, lk_fmt(*state, "%s/committed/000001.sql", dir),
                                  &automatic, &home));
    assert_string_equal(home.path, dir);
}

/* What people call a version is looked up, so that it compares as its place in the order does. */
static void
versions_are_found_by_what_they_are_called(void **state)
{
    const char *dir = DIR(*state, "deploy/zeta.sql", "deploy/alpha.sql");

    lk_test_write(dir, "sqitch.plan", "zeta 2024\nalpha 2024\n");
    struct lk_changelog changelog = read_dir(*state, dir, &automatic);
    assert_true(lk_version_compare(lk_changelog_version(*state, &changelog, "zeta"),
                                   lk_changelog_version(*state, &changelog, "alpha")) < 0);
    dir = DIR(*state, "20240131120000_a/migration.sql", "20240201120000_b/migration.sql",
              "20240201120000_c/migration.sql");
    changelog = read_dir(*state, dir, &automatic);
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
    struct lk_changelog changelog = read_dir(*state, dir, &automatic);
    assert_string_equal(changelog.folders.items[0]->naming->name, "dbmate");
    assert_string_equal(scripts(*state, &changelog), "10_j.sql 1_a.sql 9_i.sql");
}

/* An Atlas checkpoint stands for what is before it, and is no more than that where that is there.
 */
static void
checkpoints_are_baselines(void **state)
{
    const char *dir = lk_test_dir(*state);

    lk_test_write(dir, "2_all.sql", "-- atlas:checkpoint\n\nA;\n");
    lk_test_write(dir, "3_c.sql", "C;\n");
    struct lk_changelog changelog = read_dir(*state, dir, &automatic);
    assert_string_equal(changelog.folders.items[0]->naming->name, "atlas");
    assert_int_equal(changelog.migrations.items[0].name.kind, LK_KIND_BASELINE);
    assert_string_equal(replayed(*state, &changelog), "2_all.sql 3_c.sql");
    lk_test_write(dir, "1_a.sql", "A;\n");
    changelog = read_dir(*state, dir, &automatic);
    assert_string_equal(replayed(*state, &changelog), "1_a.sql 3_c.sql");
}

/* Diesel compares as text what it makes of a folder's name: a suffix does not outweigh the date. */
static void
dates_with_suffixes_keep_their_order(void **state)
{
    const char *dir = DIR(*state, "2026-06-15-141114-0000_b/up.sql", "2026-07-01-000000_c/up.sql",
                          "20140924113530_a/up.sql", "00000000000000_setup/up.sql");
    struct lk_changelog changelog = read_dir(*state, dir, &automatic);

    assert_string_equal(scripts(*state, &changelog),
                        "00000000000000_setup/up.sql 20140924113530_a/up.sql "
                        "2026-06-15-141114-0000_b/up.sql 2026-07-01-000000_c/up.sql");
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
        const char *dir = DIR(*state, "notes.txt");
        lk_test_write(dir, cases[i].name, cases[i].text);
        bool read = lk_changelog_find(*state, dir, &automatic, &found, &err);
        lk_expect_true(cases[i].text, !read);
        if (cases[i].naming != NULL)
            lk_expect_text(cases[i].text, err.message,
                           lk_fmt(*state, "the migrations in %s are programs for %s, not SQL", dir,
                                  cases[i].naming));
        lk_error_clear(&err);
        found = (struct lk_found_folders){0};
        lk_test_write(dir, "release/users.sql", "SELECT 1;");
        lk_expect_true(cases[i].text, lk_changelog_find(*state, dir, &automatic, &found, &err));
        lk_expect_true(cases[i].text, (found.programs.path != NULL) == (cases[i].naming != NULL));
        lk_expect_text(cases[i].text, found.folders.items[0].path,
                       lk_fmt(*state, "%s/release", dir));
        lk_error_clear(&err);
    }
}

static void
programs_beside_folders_of_sql(void **state)
{
    const char *dir = DIR(*state, "sql/V1__a.sql");
    struct lk_found_folders found = {0};
    struct lk_error err = {0};

    lk_test_write(dir, "py/1975ea83b712_a.py", "down_revision = None\n");
    assert_true(lk_changelog_find(*state, dir, &automatic, &found, &err));
    assert_int_equal(found.folders.count, 1);
    assert_string_equal(found.folders.items[0].naming->name, "flyway");
    assert_string_equal(found.programs.naming->name, "alembic");
}

static void
names_that_break_the_convention_are_strays(void **state)
{
    const char *dir = DIR(*state, "V1__a.sql", "V2__b.sql", "V3__c.sql", "V4__d.sql", "V6__f.sql",
                          "V7__g.sql", "V5_e.sql", "V__h.sql", "notes.sql", "README.md");
    struct lk_changelog changelog = read_dir(*state, dir, &automatic);

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
    const char *dir = DIR(*state, "0001_a.sql", "0002_b.sql");
    struct lk_changelog_options options = {.naming = lk_naming_find("timestamp")};
    struct lk_changelog changelog = read_dir(*state, dir, &options);

    assert_int_equal(changelog.migrations.count, 0);
    assert_int_equal(changelog.strays.count, 2);
    assert_false(changelog.folders.items[0]->detected);
}

/* Parts of a history in folders of their own are one where that is the convention in question. */
static void
configured_conventions_can_be_spread(void **state)
{
    const char *dir = DIR(*state, "2024/V1__a.sql", "2025/V2__b.sql");
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
    const char *dir = DIR(*state, "users.sql", "accounts.sql", "deeper/more.sql");
    struct lk_changelog changelog = read_dir(*state, dir, &automatic);

    assert_null(changelog.folders.items[0]->naming);
    assert_string_equal(scripts(*state, &changelog), "accounts.sql users.sql");
}

static void
leaves_out_what_is_excluded(void **state)
{
    const char *dir = DIR(*state, "V1__a.sql", "V2__b.sql", "legacy/V0__x.sql",
                          "legacy/old/V0.1__y.sql", "V3__c.sql");
    const char *globs[] = {lk_fmt(*state, "%s/legacy/**", dir), "**/V2__*", NULL};
    struct lk_changelog_options options = {.exclude = globs};
    struct lk_changelog changelog = read_dir(*state, dir, &options);

    assert_string_equal(scripts(*state, &changelog), "V1__a.sql V3__c.sql");
}

/* Folders are applied one after the other, whatever their versions are. */
static void
several_folders_keep_their_priority(void **state)
{
    const char *first = DIR(*state, "V5__a.sql", "R__v.sql");
    const char *second = DIR(*state, "V1__b.sql", "R__u.sql");
    struct lk_changelog changelog = {0};
    struct lk_error err = {0};

    assert_true(add(*state, &changelog, first, &automatic, &err));
    assert_true(add(*state, &changelog, second, &automatic, &err));
    lk_changelog_sort(&changelog);
    assert_string_equal(scripts(*state, &changelog), "V5__a.sql V1__b.sql R__v.sql R__u.sql");
}

static void
says_that_there_are_no_migrations(void **state)
{
    const char *empty = DIR(*state, "README.md");
    struct lk_found_folders found = {0};
    struct lk_error err = {0};

    assert_false(lk_changelog_find(*state, empty, &automatic, &found, &err));
    assert_int_equal(err.code, LK_ERR_INPUT);
    assert_string_equal(err.message, lk_fmt(*state, "no migration found in %s", empty));
    assert_non_null(strstr(err.hint, "V1__create_users.sql"));
    assert_false(
        lk_changelog_find(*state, lk_fmt(*state, "%s/none", empty), &automatic, &found, &err));
    assert_int_equal(err.code, LK_ERR_INPUT);
    lk_error_clear(&err);
}

static void
finds_the_folders_below(void **state)
{
    const char *dir =
        DIR(*state, "users/V1__a.sql", "users/sub/V2__b.sql", "deep/er/orders/0001_a.up.sql",
            "none/README.md", "prisma/20240131120000_a/migration.sql");
    struct lk_found_folders found = {0};
    struct lk_error err = {0};

    assert_true(lk_changelog_find(*state, dir, &automatic, &found, &err));
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
    const char *dir = DIR(*state, "schema.sql", "db/V1__a.sql", "db/V2__b.sql");
    struct lk_found_folders found = {0};
    struct lk_error err = {0};

    assert_true(lk_changelog_find(*state, dir, &automatic, &found, &err));
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
        DIR(*state, "fly/V1__a.sql", "fly/V2__b.sql", "prisma/20240131120000_a/migration.sql",
            "loose/users.sql", "shop/deploy/users.sql", "deploy/V1__a.sql");
    struct lk_found_folder home;

    lk_test_write(dir, "shop/sqitch.plan", "users 2024\n");

#define HOME(file) lk_changelog_home(*state, lk_fmt(*state, "%s/" file, dir), &automatic, &home)
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
        lk_unit(detects_conventions),
        lk_unit(detects_goose_by_its_marks),
        lk_unit(detects_conventions_by_what_is_there),
        lk_unit(homes_need_their_marks),
        lk_unit(detects_sqlx_by_its_project),
        lk_unit(plan_files_lay_down_the_order),
        lk_unit(journals_lay_down_the_order),
        lk_unit(names_as_text_lay_down_the_order),
        lk_unit(drafts_come_last),
        lk_unit(versions_are_found_by_what_they_are_called),
        lk_unit(checkpoints_are_baselines),
        lk_unit(dates_with_suffixes_keep_their_order),
        lk_unit(programs_are_not_read),
        lk_unit(programs_beside_folders_of_sql),
        lk_unit(names_that_break_the_convention_are_strays),
        lk_unit(a_configured_convention_is_not_questioned),
        lk_unit(configured_conventions_can_be_spread),
        lk_unit(folders_without_a_convention),
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
