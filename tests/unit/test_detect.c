/*
 * tests/unit/test_detect.c
 *     parser/detect: which convention each of many small folders follows, and what of it is a
 *     migration.
 */
#include "parser/detect.h"

#include "parser/base/buf.h"
#include "parser/base/text.h"
#include "parser/changelog.h"
#include "tests/unit/unit.h"

#define MOST_FILES 9

/* A folder: "name" or "name|text" for each file in it. */
struct folder {
    const char *files[MOST_FILES + 1];
    const char *expected; /* "path=convention: scripts !strays" for each changelog in it */
};

static const char *
make(TALLOC_CTX *mem, const char *const *files)
{
    const char *dir = lk_test_dir(mem);

    for (; *files != NULL; files++) {
        const char *bar = strchr(*files, '|');
        size_t length = bar != NULL ? (size_t)(bar - *files) : strlen(*files);
        lk_test_write(dir, lk_strndup(mem, *files, length), bar != NULL ? bar + 1 : "");
    }
    return dir;
}

static void
describe(TALLOC_CTX *mem, const char *dir, const struct lk_found_folder *found, struct lk_buf *text)
{
    static const struct lk_changelog_options automatic;
    struct lk_changelog changelog = {0};

    lk_changelog_join(mem, &changelog, found, &automatic);
    lk_changelog_sort(&changelog);
    lk_buf_sep(text, "; ");
    if (strlen(found->path) > strlen(dir))
        lk_buf_addf(text, "%s=", found->path + strlen(dir) + 1);
    lk_buf_addf(text, "%s:", found->naming != NULL ? found->naming->name : "-");
    lk_vec_foreach(migration, &changelog.migrations)
        lk_buf_addf(text, " %s%s", migration->replayed ? "" : "~", migration->script);
    lk_vec_foreach(stray, &changelog.strays)
        lk_buf_addf(text, " !%s", stray->script);
}

static void
expect_folders(TALLOC_CTX *mem, const struct folder *folders, size_t count)
{
    static const struct lk_changelog_options automatic;

    for (size_t i = 0; i < count; i++) {
        const char *dir = make(mem, folders[i].files);
        struct lk_buf text = lk_buf_init(mem);
        struct lk_found_folders found = {0};
        struct lk_error err = {0};
        if (lk_changelog_find(mem, dir, &automatic, &found, &err))
            lk_vec_foreach(folder, &found.folders)
                describe(mem, dir, folder, &text);
        lk_error_clear(&err);
        lk_expect_text(lk_fmt(mem, "%zu: %s ...", i, folders[i].files[0]), text.data,
                       folders[i].expected);
    }
}

#define UP "-- +goose Up\nSELECT 1;\n"

/* One or two files say little: the names have to be enough. */
static void
few_files(void **state)
{
    static const struct folder folders[] = {
        {{"V1__init.sql"}, "flyway: V1__init.sql"},
        {{"V1.sql"}, "flyway: V1.sql"},
        {{"R__view.sql"}, "flyway: R__view.sql"},
        {{"001_init.sql"}, "plain: 001_init.sql"},
        {{"1.sql"}, "plain: 1.sql"},
        {{"20240131_init.sql"}, "timestamp: 20240131_init.sql"},
        {{"20240131120000_init.sql"}, "timestamp: 20240131120000_init.sql"},
        {{"2024-01-31-120000_init.sql"}, "timestamp: 2024-01-31-120000_init.sql"},
        {{"init.sql"}, "-: init.sql"},
        {{"001_init.up.sql"}, "plain: 001_init.up.sql"},
        {{"001_init.up.sql", "001_init.down.sql"},
         "golang-migrate: 001_init.up.sql ~001_init.down.sql"},
        {{"001_init.sql", "002_more.sql"}, "plain: 001_init.sql 002_more.sql"},
        {{"V1__a.sql", "V2_b.sql"}, "flyway: V1__a.sql !V2_b.sql"},
        {{"001_init.sql|" UP}, "goose: 001_init.sql"},
        {{"20240131120000_a/migration.sql"}, "prisma: 20240131120000_a/migration.sql"},
        {{"2024-01-31-120000_a/up.sql"}, "diesel: 2024-01-31-120000_a/up.sql"},
        {{"README.md"}, ""},
        {{"notes.txt", "diagram.png"}, ""},
    };

    expect_folders(*state, folders, LK_ARRAY_SIZE(folders));
}

/* What lies beside migrations and is none is not held against the convention. */
static void
files_beside_migrations(void **state)
{
    static const struct folder folders[] = {
        {{"001_init.sql", "schema.sql"}, "plain: 001_init.sql"},
        {{"001_init.sql", "README.md", "seed.sql"}, "plain: 001_init.sql"},
        {{"001_a.sql", "002_b.sql", "seed_data.sql", "schema.sql"}, "plain: 001_a.sql 002_b.sql"},
        {{"001_a.sql", "002_b.sql", "add_users.sql"}, "plain: 001_a.sql 002_b.sql !add_users.sql"},
        {{"20240131120000_a.sql", "20240201120000_b.sql", "structure.sql"},
         "timestamp: 20240131120000_a.sql 20240201120000_b.sql"},
        {{"V1__a.sql", "V2__b.sql", "schema.sql", "beforeMigrate.sql", "README.md"},
         "flyway: V1__a.sql V2__b.sql"},
        {{"00001_a.sql|" UP, "00002_b.sql|" UP, "schema.sql|SELECT 1;", "embed.go"},
         "goose: 00001_a.sql 00002_b.sql"},
        {{"1_a.sql|-- migrate:up\nA;\n-- migrate:down\n", "schema.sql|A;"}, "dbmate: 1_a.sql"},
        {{"001_a.up.sql", "001_a.down.sql", "seed.sql", "migrations.go"},
         "golang-migrate: 001_a.up.sql ~001_a.down.sql"},
        {{"20240131120000_a/migration.sql", "20240201120000_b/migration.sql", "migration_lock.toml",
          "seed.sql"},
         "prisma: 20240131120000_a/migration.sql 20240201120000_b/migration.sql"},
        {{"2024-01-31-120000_a/up.sql", "2024-01-31-120000_a/down.sql", "schema.sql", "seed.sql"},
         "diesel: 2024-01-31-120000_a/up.sql ~2024-01-31-120000_a/down.sql"},
        {{"0000_a.sql|A;", "0001_b.sql|B;",
          "meta/_journal.json|{\"entries\":[{\"tag\":\"0000_a\"},{\"tag\":\"0001_b\"}]}",
          "meta/0000_snapshot.json|{}"},
         "drizzle: 0000_a.sql 0001_b.sql"},
        {{"001_a.sql|A;", "002_b.sql|B;", "tern.conf|[database]", "seed.sql"},
         "tern: 001_a.sql 002_b.sql"},
    };

    expect_folders(*state, folders, LK_ARRAY_SIZE(folders));
}

/* Folders in folders: those of one history, and those that are for themselves. */
static void
nested_folders(void **state)
{
    static const struct folder folders[] = {
        {{"migrations/001_a.sql", "migrations/002_b.sql", "seeds/001_users.sql"},
         "migrations=plain: 001_a.sql 002_b.sql; seeds=plain: 001_users.sql"},
        {{"migrations/001_a.sql", "seeds/users.sql", "schema.sql"},
         "-: schema.sql; migrations=plain: 001_a.sql; seeds=-: users.sql"},
        {{"001_a.sql", "002_b.sql", "seeds/users.sql"}, "plain: 001_a.sql 002_b.sql"},
        {{"V1__a.sql", "2024/V2__b.sql", "2024/q1/V3__c.sql"},
         "flyway: V1__a.sql 2024/V2__b.sql 2024/q1/V3__c.sql"},
        {{"2024/V1__a.sql", "2024/q2/V2__b.sql", "2025/V3__c.sql", "2025/R__v.sql"},
         "flyway: 2024/V1__a.sql 2024/q2/V2__b.sql 2025/V3__c.sql 2025/R__v.sql"},
        {{"v1/V1__a.sql", "v1.1/V2__b.sql", "callbacks/beforeMigrate.sql"},
         "flyway: v1/V1__a.sql v1.1/V2__b.sql"},
        {{"shop1/V1__a.sql", "shop2/V1__b.sql"},
         "shop1=flyway: V1__a.sql; shop2=flyway: V1__b.sql"},
        {{"2024/V1__a.sql", "2025/V2_b.sql", "2025/V3__c.sql"},
         "2024=flyway: V1__a.sql; 2025=flyway: V3__c.sql !V2_b.sql"},
        {{"common/V1__a.sql", "postgres/V2__b.sql"},
         "common=flyway: V1__a.sql; postgres=flyway: V2__b.sql"},
        {{"db/migrate/20240131120000_a.sql", "db/structure.sql"},
         "db=-: structure.sql; db/migrate=timestamp: 20240131120000_a.sql"},
        {{"users/migrations/1_a.up.sql", "users/migrations/1_a.down.sql",
          "orders/migrations/00001_a.sql|" UP},
         "orders/migrations=goose: 00001_a.sql; "
         "users/migrations=golang-migrate: 1_a.up.sql ~1_a.down.sql"},
        {{"prisma/schema.prisma", "prisma/migrations/20240131120000_a/migration.sql"},
         "prisma/migrations=prisma: 20240131120000_a/migration.sql"},
        {{"drizzle/20240131120000_a/migration.sql", "drizzle/20240131120000_a/snapshot.json"},
         "drizzle=drizzle: 20240131120000_a/migration.sql"},
        {{"up/001_a.sql", "down/001_a.sql"}, "up=plain: 001_a.sql"},
        {{"down/001_a.sql", "more/001_b.sql"}, "down=plain: 001_a.sql; more=plain: 001_b.sql"},
        {{"deploy/1_a.sql", "revert/1_a.sql"}, "deploy=plain: 1_a.sql"},
        {{"sqitch.plan|users 2024\n", "deploy/users.sql", "revert/users.sql", "verify/users.sql"},
         "sqitch: deploy/users.sql ~revert/users.sql"},
        {{"migrations/committed/000001-a.sql|--! Previous: -\n", "migrations/current.sql"},
         "migrations=graphile-migrate: committed/000001-a.sql current.sql"},
    };

    expect_folders(*state, folders, LK_ARRAY_SIZE(folders));
}

/* Names of several conventions in one folder: what most of them are. */
static void
mixed_names(void **state)
{
    static const struct folder folders[] = {
        {{"V1__a.sql", "V2__b.sql", "003_c.sql"}, "flyway: V1__a.sql V2__b.sql"},
        {{"001_a.sql", "002_b.sql", "20240131120000_c.sql"},
         "plain: 001_a.sql 002_b.sql 20240131120000_c.sql"},
        {{"20240131120000_a.sql", "20240201120000_b.up.sql", "20240201120000_b.down.sql"},
         "timestamp: 20240131120000_a.sql 20240201120000_b.up.sql ~20240201120000_b.down.sql"},
        {{"001_a.sql|SELECT 1;", "002_b.sql|" UP, "003_c.sql|SELECT 1;"},
         "goose: 001_a.sql 002_b.sql 003_c.sql"},
        {{"001_a.up.sql", "001_a.down.sql", "002_b.up.sql", "002_b.down.sql", "003_c.sql"},
         "plain: 001_a.up.sql ~001_a.down.sql 002_b.up.sql ~002_b.down.sql 003_c.sql"},
        {{"001_a_up.sql", "001_a_down.sql", "002_b-up.sql", "002_b-rollback.sql"},
         "plain: 001_a_up.sql ~001_a_down.sql 002_b-up.sql ~002_b-rollback.sql"},
        {{"20240131120000_a.sql", "20240131120000_a.undo.sql", "20240201120000_down.sql"},
         "timestamp: 20240131120000_a.sql ~20240131120000_a.undo.sql 20240201120000_down.sql"},
        {{"001_shut_down.sql", "002_slowdown.sql", "002_b.sql"},
         "plain: 001_shut_down.sql 002_b.sql 002_slowdown.sql"},
        {{"001-users.sql", "002-orders.sql"}, "plain: 001-users.sql 002-orders.sql"},
        {{"1 add users.sql", "2 add orders.sql"}, "plain: 1 add users.sql 2 add orders.sql"},
        {{"v1_users.sql", "v2_orders.sql"}, "plain: v1_users.sql v2_orders.sql"},
        {{"users.sql", "orders.sql", "001_a.sql"}, "-: 001_a.sql orders.sql users.sql"},
        {{"1.0.0__a.sql", "1.1.0__b.sql"}, "plain: 1.0.0__a.sql 1.1.0__b.sql"},
        {{"001_a.sql|-- atlas:txmode none\n\nA;", "002_b.sql|B;"}, "atlas: 001_a.sql 002_b.sql"},
    };

    expect_folders(*state, folders, LK_ARRAY_SIZE(folders));
}

/* A given convention is looked for below a folder that only has what lies beside migrations. */
static void
given(void **state)
{
    static const char *const files[] = {"schema.sql", "migrations/20240101_a.sql", NULL};
    const char *dir = make(*state, files);
    struct lk_changelog_options options = {.naming = lk_naming_find("dbmate")};
    struct lk_found_folders found = {0};
    struct lk_error err = {0};

    assert_true(lk_changelog_find(*state, dir, &options, &found, &err));
    assert_int_equal(found.folders.count, 1);
    assert_string_equal(found.folders.items[0].path, lk_fmt(*state, "%s/migrations", dir));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        lk_unit(few_files),      lk_unit(files_beside_migrations),
        lk_unit(nested_folders), lk_unit(mixed_names),
        lk_unit(given),
    };

    return cmocka_run_group_tests(tests, NULL, lk_unit_finish);
}
