/*
 * tests/unit/test_naming.c
 *     parser/naming: what each convention makes of a file's name, and names it proposes.
 */
#include "parser/naming.h"

#include "parser/base/text.h"
#include "tests/unit/unit.h"

/* One name under one convention; kind and texts count for VALID only. */
struct reading {
    const char *path;
    enum lk_name_verdict verdict;
    enum lk_migration_kind kind;
    const char *version;
    const char *description;
};

#define OTHER(path)                                                                                \
    {                                                                                              \
        path, LK_NAME_OTHER, 0, NULL, NULL                                                         \
    }
#define INVALID(path)                                                                              \
    {                                                                                              \
        path, LK_NAME_INVALID, 0, NULL, NULL                                                       \
    }
#define VALID(path, kind, version, description)                                                    \
    {                                                                                              \
        path, LK_NAME_VALID, LK_KIND_##kind, version, description                                  \
    }

static void
expect_readings(TALLOC_CTX *mem, const char *convention, const struct reading *readings,
                size_t count)
{
    const struct lk_naming *naming = lk_naming_find(convention);

    assert_non_null(naming);
    for (size_t i = 0; i < count; i++) {
        struct lk_name name = {0};
        const char *problem = NULL;
        const char *what = lk_fmt(mem, "%s: %s", convention, readings[i].path);
        enum lk_name_verdict verdict = naming->read(mem, readings[i].path, &name, &problem);

        lk_expect_number(what, verdict, readings[i].verdict);
        if (verdict == LK_NAME_INVALID)
            lk_expect_true(lk_fmt(mem, "%s says what is wrong", what),
                           problem != NULL && strlen(problem) > 10);
        if (verdict != LK_NAME_VALID || readings[i].verdict != LK_NAME_VALID)
            continue;
        lk_expect_text(what, lk_kind_name(name.kind), lk_kind_name(readings[i].kind));
        lk_expect_text(what, name.version.text, readings[i].version);
        lk_expect_text(what, name.description, readings[i].description);
    }
}

#define EXPECT(mem, convention, readings)                                                          \
    expect_readings(mem, convention, readings, LK_ARRAY_SIZE(readings))

static void
flyway_names(void **state)
{
    static const struct reading readings[] = {
        VALID("V1__init.sql", VERSIONED, "1", "init"),
        VALID("V1.sql", VERSIONED, "1", ""),
        VALID("V1.2.sql", VERSIONED, "1.2", ""),
        VALID("V1_2.sql", VERSIONED, "1.2", ""),
        VALID("V1_2__add_users.sql", VERSIONED, "1.2", "add users"),
        VALID("V1.2_3__x.sql", VERSIONED, "1.2.3", "x"),
        VALID("V001__x.sql", VERSIONED, "001", "x"),
        VALID("V20240131120000__x.sql", VERSIONED, "20240131120000", "x"),
        VALID("V99999999999999999999999999__x.sql", VERSIONED, "99999999999999999999999999", "x"),
        /* the first "__" splits */
        VALID("V1__a__b.sql", VERSIONED, "1", "a  b"),
        VALID("V1___x.sql", VERSIONED, "1", " x"),
        VALID("V1__2__x.sql", VERSIONED, "1", "2  x"),
        /* only underscores turn into spaces, and dots are dots */
        VALID("V1__add-users.sql", VERSIONED, "1", "add-users"),
        VALID("V1__v1.2.sql", VERSIONED, "1", "v1.2"),
        VALID("V1__gr\xC3\xB6\xC3\x9F\x65.sql", VERSIONED, "1", "gr\xC3\xB6\xC3\x9F\x65"),
        /* the suffix in any case */
        VALID("V1__x.SQL", VERSIONED, "1", "x"),
        VALID("V1__x.Sql", VERSIONED, "1", "x"),
        VALID("U1_2__x.sql", UNDO, "1.2", "x"),
        VALID("B7__x.sql", BASELINE, "7", "x"),
        VALID("R__users_view.sql", REPEATABLE, NULL, "users view"),
        VALID("R__1.sql", REPEATABLE, NULL, "1"),
        /* folders below belong to the same history */
        VALID("users/2024/V2__x.sql", VERSIONED, "2", "x"),
        INVALID("V__x.sql"),
        INVALID("V1.__x.sql"),
        INVALID("V.1__x.sql"),
        INVALID("V1..2__x.sql"),
        INVALID("V1_x.sql"),
        INVALID("V1-x.sql"),
        INVALID("V1x__y.sql"),
        INVALID("V_1__x.sql"),
        INVALID("V1 __x.sql"),
        INVALID("R1__x.sql"),
        INVALID("R_x.sql"),
        INVALID("U__x.sql"),
        OTHER("V1__x.sql.conf"),
        OTHER("V1__x.txt"),
        OTHER("V1__x"),
        OTHER(".sql"),
        OTHER("V.sql"),
        OTHER("Views.sql"),
        OTHER("README.sql"),
        OTHER("beforeMigrate.sql"),
        OTHER("beforeMigrate__x.sql"),
        OTHER("afterEachMigrate__grants.sql"),
        OTHER("create_users.sql"),
    };
    struct lk_name name;
    const char *problem;

    EXPECT(*state, "flyway", readings);
    /* the prefix is case-sensitive */
    assert_int_not_equal(lk_naming_find("flyway")->read(*state, "v1__x.sql", &name, &problem),
                         LK_NAME_VALID);
    assert_int_not_equal(lk_naming_find("flyway")->read(*state, "r__x.sql", &name, &problem),
                         LK_NAME_VALID);
}

/* ^([0-9]+)_(.*)\.(down|up)\.(.*)$, the version an unsigned 64-bit number */
static void
golang_migrate_names(void **state)
{
    static const struct reading readings[] = {
        VALID("1_init.up.sql", VERSIONED, "1", "init"),
        VALID("0001_add_users.up.sql", VERSIONED, "0001", "add users"),
        VALID("0001_add_users.down.sql", UNDO, "0001", "add users"),
        VALID("20240131120000_x.up.sql", VERSIONED, "20240131120000", "x"),
        VALID("1_.up.sql", VERSIONED, "1", ""),
        VALID("1_a.b.up.sql", VERSIONED, "1", "a.b"),
        VALID("1_a.up.down.sql", UNDO, "1", "a.up"),
        VALID("18446744073709551615_x.up.sql", VERSIONED, "18446744073709551615", "x"),
        VALID("0000000000000000000000000000001_x.up.sql", VERSIONED,
              "0000000000000000000000000000001", "x"),
        INVALID("18446744073709551616_x.up.sql"),
        INVALID("99999999999999999999_x.up.sql"),
        INVALID("100000000000000000000_x.up.sql"),
        INVALID("init.up.sql"),
        INVALID("_init.up.sql"),
        INVALID("1-init.up.sql"),
        INVALID("1.up.sql"),
        INVALID("V1_init.up.sql"),
        OTHER("1_init.sql"),
        OTHER("1_init.UP.sql"),
        OTHER("folder/1_init.up.sql"),
        OTHER("README.md"),
    };

    EXPECT(*state, "golang-migrate", readings);
}

/* The number before the first underscore: positive, and a signed 64-bit one. */
static void
goose_names(void **state)
{
    static const struct reading readings[] = {
        VALID("00001_init.sql", VERSIONED, "00001", "init"),
        VALID("20240131120000_add_users.sql", VERSIONED, "20240131120000", "add users"),
        VALID("1_.sql", VERSIONED, "1", ""),
        VALID("9223372036854775807_x.sql", VERSIONED, "9223372036854775807", "x"),
        VALID("00000000000000000000000000001_x.sql", VERSIONED, "00000000000000000000000000001",
              "x"),
        INVALID("9223372036854775808_x.sql"),
        INVALID("10000000000000000000_x.sql"),
        INVALID("0_x.sql"),
        INVALID("00000_x.sql"),
        INVALID("init.sql"),
        INVALID("1.sql"),
        INVALID("1-init.sql"),
        OTHER("folder/00001_init.sql"),
        OTHER("00001_init.go"),
    };

    EXPECT(*state, "goose", readings);
}

/* ^(\d+).*\.sql$ */
static void
dbmate_names(void **state)
{
    static const struct reading readings[] = {
        VALID("20240131120000_add_users.sql", VERSIONED, "20240131120000", "add users"),
        VALID("001-users.sql", VERSIONED, "001", "users"),
        VALID("1.sql", VERSIONED, "1", ""),
        VALID("1users.sql", VERSIONED, "1", "users"),
        INVALID("users.sql"),
        OTHER("a/1_users.sql"),
        OTHER("1_users.txt"),
    };

    EXPECT(*state, "dbmate", readings);
}

static void
sql_migrate_names(void **state)
{
    static const struct reading readings[] = {
        VALID("10_add_users.sql", VERSIONED, "10", "add users"),
        VALID("2-users.sql", VERSIONED, "2", "users"),
        VALID("users.sql", VERSIONED, "users", "users"), /* compares as text */
        OTHER("a/1_users.sql"),
    };

    EXPECT(*state, "sql-migrate", readings);
}

/* \A(\d+)_.+\.sql\z, the version a signed 32-bit number */
static void
tern_names(void **state)
{
    static const struct reading readings[] = {
        VALID("001_add_users.sql", VERSIONED, "001", "add users"),
        VALID("2147483647_x.sql", VERSIONED, "2147483647", "x"),
        INVALID("2147483648_x.sql"),
        INVALID("001_.sql"),
        INVALID("001-x.sql"),
        INVALID("users.sql"),
        OTHER("shared/users.sql"),
    };

    EXPECT(*state, "tern", readings);
}

static void
sqlx_names(void **state)
{
    static const struct reading readings[] = {
        VALID("20240131120000_add_users.sql", VERSIONED, "20240131120000", "add users"),
        VALID("1_x.up.sql", VERSIONED, "1", "x"),
        VALID("1_x.down.sql", UNDO, "1", "x"),
        VALID("9223372036854775807_x.sql", VERSIONED, "9223372036854775807", "x"),
        INVALID("9223372036854775808_x.sql"),
        INVALID("1-x.sql"),
        INVALID("x.sql"),
        OTHER("a/1_x.sql"),
    };

    EXPECT(*state, "sqlx", readings);
}

static void
diesel_names(void **state)
{
    static const struct reading readings[] = {
        VALID("2024-01-31-120000_add_users/up.sql", VERSIONED, "20240131120000", "add users"),
        VALID("2024-01-31-120000-0000_x/up.sql", VERSIONED, "202401311200000000", "x"),
        VALID("2024-01-31-120000_x/down.sql", UNDO, "20240131120000", "x"),
        VALID("00000000000000_diesel_initial_setup/up.sql", VERSIONED, "00000000000000",
              "diesel initial setup"),
        VALID("1/up.sql", VERSIONED, "1", ""),
        INVALID("users/up.sql"),
        OTHER("2024-01-31-120000_x/other.sql"),
        OTHER("2024-01-31-120000_x.sql"),
        OTHER("a/2024-01-31-120000_x/up.sql"),
    };

    EXPECT(*state, "diesel", readings);
}

static void
atlas_names(void **state)
{
    static const struct reading readings[] = {
        VALID("20240131120000_add_users.sql", VERSIONED, "20240131120000", "add users"),
        VALID("20240131120000.sql", VERSIONED, "20240131120000", ""),
        VALID("v1.2_x.sql", VERSIONED, "v1.2", "x"),
        OTHER("a/1_x.sql"),
        OTHER("atlas.sum"),
    };

    EXPECT(*state, "atlas", readings);
}

static void
names_of_node_tools(void **state)
{
    static const struct reading node_pg_migrate[] = {
        VALID("1706702400123_add-users.sql", VERSIONED, "1706702400123", "add users"),
        VALID("1706702400123-x.sql", VERSIONED, "1706702400123", "x"),
        INVALID("users.sql"),
        INVALID("1706702400123.sql"),
    };
    static const struct reading drizzle[] = {
        VALID("0000_neat_hulk.sql", VERSIONED, "0000_neat_hulk", "neat hulk"),
        VALID("20240131120000_x.sql", VERSIONED, "20240131120000_x", "x"),
        VALID("users.sql", VERSIONED, "users", "users"),
        VALID("20240131120000_add_users/migration.sql", VERSIONED, "20240131120000_add_users",
              "add users"),
        OTHER("20240131120000_add_users/other.sql"),
        OTHER("old/20240131120000_add_users/migration.sql"),
        OTHER("meta/0000_snapshot.sql"),
    };
    static const struct reading graphile_migrate[] = {
        VALID("committed/000001.sql", VERSIONED, "000001", ""),
        VALID("committed/000002-add_users.sql", VERSIONED, "000002", "add users"),
        INVALID("committed/000003_users.sql"),
        INVALID("committed/000003-add users.sql"),
        INVALID("committed/users.sql"),
        VALID("current.sql", DRAFT, NULL, "current.sql"),
        VALID("current/1-users.sql", DRAFT, NULL, "1-users.sql"),
        OTHER("fixtures/current.sql"),
        OTHER("000001.sql"),
    };
    static const struct reading knex[] = {
        VALID("20240131120000_add_users.js", VERSIONED, "20240131120000", "add users"),
        VALID("20240131120000_add_users.ts", VERSIONED, "20240131120000", "add users"),
        OTHER("20240131120000_add_users.d.ts"),
        OTHER("20240131120000-add-users.js"), /* Sequelize */
        OTHER("1706702400123_x.js"),
        OTHER("index.js"),
    };

    EXPECT(*state, "node-pg-migrate", node_pg_migrate);
    EXPECT(*state, "drizzle", drizzle);
    EXPECT(*state, "graphile-migrate", graphile_migrate);
    EXPECT(*state, "knex", knex);
}

static void
names_of_other_tools(void **state)
{
    static const struct reading sqitch[] = {
        VALID("deploy/users.sql", VERSIONED, "users", ""),
        VALID("deploy/shop/users@v1.sql", VERSIONED, "shop/users@v1", ""),
        VALID("revert/users.sql", UNDO, "users", ""),
        OTHER("verify/users.sql"),
        OTHER("users.sql"),
    };
    static const struct reading alembic[] = {
        VALID("1975ea83b712_add_users.py", VERSIONED, "1975ea83b712", "add users"),
        VALID("2026-08-18-1943_add.py", VERSIONED, "2026-08-18-1943", "add"),
        OTHER("__init__.py"),
        OTHER("env.py"),
        OTHER("sub/1975ea83b712_x.py"),
    };
    static const struct reading rails[] = {
        VALID("20240131120000_add_users.rb", VERSIONED, "20240131120000", "add users"),
        OTHER("schema.rb"),
        OTHER("users_1.rb"),
    };

    EXPECT(*state, "sqitch", sqitch);
    EXPECT(*state, "alembic", alembic);
    EXPECT(*state, "rails", rails);
}

static void
plain_names(void **state)
{
    static const struct reading readings[] = {
        VALID("01_init.sql", VERSIONED, "01", "init"),
        VALID("0002-users.sql", VERSIONED, "0002", "users"),
        VALID("3.sql", VERSIONED, "3", ""),
        VALID("3 add users.sql", VERSIONED, "3", "add users"),
        VALID("1.2_x.sql", VERSIONED, "1.2", "x"),
        VALID("V4__x.sql", VERSIONED, "4", "x"),
        VALID("v4_x.sql", VERSIONED, "4", "x"),
        VALID("5_x.up.sql", VERSIONED, "5", "x"),
        VALID("5_x.down.sql", UNDO, "5", "x"),
        VALID("3/up.sql", VERSIONED, "3", ""),
        VALID("3/down.sql", UNDO, "3", ""),
        VALID("0003_users/up.sql", VERSIONED, "0003", "users"),
        VALID("0003_users/migration.sql", VERSIONED, "0003", "users"),
        INVALID("init.sql"),
        INVALID("_1.sql"),
        INVALID("add_users.sql"),
        INVALID("schematic.sql"),
        OTHER("schema.sql"),
        OTHER("Seed-users.sql"),
        OTHER("test_data.sql"),
        OTHER("users/1_init.sql"),
        OTHER("a/b/up.sql"),
        OTHER("users/up.sql"),
        OTHER("01_init.txt"),
    };

    EXPECT(*state, "plain", readings);
}

static void
timestamp_names(void **state)
{
    static const struct reading readings[] = {
        VALID("20240131120000_add_users.sql", VERSIONED, "20240131120000", "add users"),
        VALID("20240131120000-add-users.sql", VERSIONED, "20240131120000", "add users"),
        VALID("20240131120000.sql", VERSIONED, "20240131120000", ""),
        VALID("20240131_add.sql", VERSIONED, "20240131", "add"),
        VALID("1706702400_add.sql", VERSIONED, "1706702400", "add"), /* a Unix time */
        VALID("1706702400123_add.sql", VERSIONED, "1706702400123", "add"),
        VALID("20240131120000_x.up.sql", VERSIONED, "20240131120000", "x"),
        VALID("20240131120000_x.down.sql", UNDO, "20240131120000", "x"),
        VALID("20240131120000_users/migration.sql", VERSIONED, "20240131120000", "users"),
        VALID("20240131120000_users/up.sql", VERSIONED, "20240131120000", "users"),
        VALID("20240131120000_users/down.sql", UNDO, "20240131120000", "users"),
        VALID("2024-01-31-120000_users/up.sql", VERSIONED, "20240131120000", "users"),
        VALID("2024-01-31-120000_users/down.sql", UNDO, "20240131120000", "users"),
        VALID("2024-01-31-120000_add_users.sql", VERSIONED, "20240131120000", "add users"),
        VALID("2024-01-31_add_users.sql", VERSIONED, "20240131", "add users"),
        VALID("2024-01-31-120000-2nd_try.sql", VERSIONED, "20240131120000", "2nd try"),
        INVALID("0001_add.sql"),
        INVALID("2024_add.sql"),
        INVALID("1234567_add.sql"),
        INVALID("add_users.sql"),
        OTHER("folder/20240131120000_x.sql"),
        OTHER("users/up.sql"),
        OTHER("20240131120000_x.txt"),
    };

    EXPECT(*state, "timestamp", readings);
}

static void
suggestions(void **state)
{
    static const struct {
        const char *convention;
        const char *path;
        const char *suggestion;
    } cases[] = {
        {"flyway", "V2_add_users.sql", "V2__add_users.sql"},
        {"flyway", "V2-add users.sql", "V2__add_users.sql"},
        {"flyway", "v2__add.sql", "V2__add.sql"},
        {"flyway", "2__add.sql", "V2__add.sql"},
        {"flyway", "V1.__x.sql", "V1__x.sql"},
        {"flyway", "V1_2-x.sql", "V1_2__x.sql"},
        {"flyway", "V4-1__x.sql", "V4_1__x.sql"},
        {"flyway", "V4 - 1.2..3 __x.sql", "V4_1.2.3__x.sql"},
        {"flyway", "V_14__x.sql", "V14__x.sql"},
        {"flyway", "V-17__x.sql", "V17__x.sql"},
        {"flyway", "V4-1_x.sql", "V4__1_x.sql"},
        {"flyway", "V7b__x.sql", "V7__b_x.sql"},
        {"flyway", "R_users.sql", "R__users.sql"},
        {"flyway", "R_2_users.sql", "R__2_users.sql"},
        {"flyway", "R.sql", NULL},
        {"goose", "4-1__x.sql", "4_1_x.sql"},
        {"flyway", "sub/V2_add.sql", "V2__add.sql"},
        {"flyway", "V2_add.SQL", "V2__add.sql"},
        {"golang-migrate", "2-create users.up.sql", "2_create_users.up.sql"},
        {"golang-migrate", "2-create users.down.sql", "2_create_users.down.sql"},
        {"flyway", "R1__user view.sql", "R__user_view.sql"},
        {"golang-migrate", "V2_create_users.sql", "2_create_users.up.sql"},
        {"goose", "2-create-users.sql", "2_create_users.sql"},
        {"plain", "init2_users.sql", "2_users.sql"},
        {"timestamp", "20240131120000", NULL},
        {"timestamp", "m20240131120000_x.sql", "20240131120000_x.sql"},
        {"timestamp", "12_x.sql", NULL}, /* too short to be a timestamp whatever is done */
        {"sqlx", "2-users.sql", "2_users.sql"},
        {"graphile-migrate", "committed/3_users.sql", "committed/3-users.sql"},
        {"sqitch", "deploy/2_users.sql", NULL}, /* no version to keep */
        {"drizzle", "0002_users.sql", NULL},    /* as good as it can be */
        {"flyway", "create_users.sql", NULL},
        {"flyway", "V2.sql", NULL},
        {"flyway", "V2__.sql", NULL},
        {"flyway", ".sql", NULL},
        {"flyway", "", NULL},
    };

    for (size_t i = 0; i < LK_ARRAY_SIZE(cases); i++)
        lk_expect_text(
            lk_fmt(*state, "%s: %s", cases[i].convention, cases[i].path),
            lk_naming_suggest(*state, lk_naming_find(cases[i].convention), cases[i].path),
            cases[i].suggestion);
}

/* What is proposed must itself be valid, or people are sent in circles. */
static void
suggestions_are_valid(void **state)
{
    static const char *const paths[] = {
        "V1_a.sql",       "1 - a.sql",    "x20240131120000x.sql", "1.2.3-b.sql", "99__.sql",
        "7_\xC3\xB6.sql", "R1__view.sql", "V1_2_3_4.sql",         "00_a.sql",
    };
    size_t count;
    const struct lk_naming *const *namings = lk_namings(&count);

    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < LK_ARRAY_SIZE(paths); k++) {
            struct lk_name name;
            const char *problem;
            const char *made = lk_naming_suggest(*state, namings[i], paths[k]);
            if (made != NULL)
                lk_expect_number(made, namings[i]->read(*state, made, &name, &problem),
                                 LK_NAME_VALID);
        }
    }
}

static void
the_table_of_conventions(void **state)
{
    size_t count;
    const struct lk_naming *const *namings = lk_namings(&count);

    assert_true(count >= 5);
    for (size_t i = 0; i < count; i++) {
        struct lk_name name;
        const char *problem;
        assert_ptr_equal(lk_naming_find(namings[i]->name), namings[i]);
        assert_true(i == 0 || strcmp(namings[i - 1]->name, namings[i]->name) < 0);
        /* the example that hints show is a name that the convention takes */
        char *example = lk_strdup(*state, namings[i]->example);
        char *place = strstr(example, "%s");
        assert_non_null(place);
        place[0] = place[1] = 'x';
        lk_expect_number(example, namings[i]->read(*state, example, &name, &problem),
                         LK_NAME_VALID);
    }
    assert_null(lk_naming_find("Flyway"));
    assert_null(lk_naming_find(""));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        lk_unit(flyway_names),
        lk_unit(golang_migrate_names),
        lk_unit(goose_names),
        lk_unit(dbmate_names),
        lk_unit(sql_migrate_names),
        lk_unit(tern_names),
        lk_unit(sqlx_names),
        lk_unit(diesel_names),
        lk_unit(atlas_names),
        lk_unit(names_of_node_tools),
        lk_unit(names_of_other_tools),
        lk_unit(plain_names),
        lk_unit(timestamp_names),
        lk_unit(suggestions),
        lk_unit(suggestions_are_valid),
        lk_unit(the_table_of_conventions),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
