/*
 * tests/unit/test_naming_write.c
 *     parser/naming_write: next names, directives, and the form of files, per convention.
 */
#include "parser/naming_write.h"

#include "parser/base/text.h"
#include "tests/unit/unit.h"

#define MAX_SCRIPTS 4

/* lk_changelog_join takes what was found in a folder; this one is nowhere. */
static struct lk_changelog *
changelog_of(TALLOC_CTX *mem, const char *naming, const char *const *scripts)
{
    struct lk_changelog *changelog = lk_new(mem, struct lk_changelog);
    struct lk_changelog_options options = {.naming = lk_naming_find(naming)};
    struct lk_found_folder found = {.path = "no-such-folder", .naming = options.naming};

    for (; *scripts != NULL; scripts++)
        lk_vec_push(mem, &found.scripts.paths, *scripts);
    lk_changelog_join(mem, changelog, &found, &options);
    lk_changelog_sort(changelog);
    return changelog;
}

static const struct lk_migration *
migration_of(const struct lk_changelog *changelog, const char *script)
{
    lk_vec_foreach(migration, &changelog->migrations)
        if (strcmp(migration->script, script) == 0)
            return migration;
    LK_BUG("%s is no migration", script);
}

/* What comes behind the first script, the others being there; NULL: no name is free. */
static const struct {
    const char *naming;
    const char *scripts[MAX_SCRIPTS];
    const char *next;
} nexts[] = {
    {"flyway", {"V1__a.sql"}, "V2__create_users_idx.sql"},
    {"flyway", {"V9__a.sql"}, "V10__create_users_idx.sql"},
    {"flyway", {"V1_9__a_b.sql"}, "V1_10__create_users_idx.sql"},
    {"flyway", {"V1.2__a.sql", "V1.3__b.sql"}, NULL},
    {"flyway", {"V1.2__a.sql", "V2__b.sql"}, "V1.3__create_users_idx.sql"},
    {"flyway", {"below/V1__a.sql"}, "below/V2__create_users_idx.sql"},
    {"flyway", {"V1__a.sql", "V2__b.sql"}, NULL},
    {"flyway", {"V1__a.sql", "R__view.sql", "U1__a.sql"}, "V2__create_users_idx.sql"},
    {"flyway", {"V1.sql"}, NULL}, /* nothing says how a description is set off */
    {"flyway", {"R__view.sql"}, NULL},
    {"plain", {"0009_a.sql"}, "0010_create_users_idx.sql"},
    {"plain", {"3-a.sql"}, "4-create-users-idx.sql"},
    {"plain", {"0002_2fa.sql"}, NULL}, /* its version is taken to be 2.2 */
    {"golang-migrate", {"0001_a.up.sql", "0001_a.down.sql"}, "0002_create_users_idx.up.sql"},
    {"golang-migrate", {"0001_a.up.sql", "0002_b.down.sql", "0002_b.up.sql"}, NULL},
    {"goose", {"00099_a.sql"}, "00100_create_users_idx.sql"},
    {"goose", {"20240131235959_a.sql"}, "20240201000000_create_users_idx.sql"},
    {"dbmate", {"20241231235959_a.sql"}, "20250101000000_create_users_idx.sql"},
    {"dbmate", {"20240101000000_a.sql", "20240101000001_b.sql"}, NULL},
    {"dbmate",
     {"20240101000000_a.sql", "20240101000002_b.sql"},
     "20240101000001_create_users_idx.sql"},
    {"dbmate", {"9_a.sql"}, NULL}, /* as text 10 comes before 9 */
    {"timestamp", {"202401312359_a.sql"}, "202402010000_create_users_idx.sql"},
    {"timestamp", {"20240131_a.sql"}, "20240201_create_users_idx.sql"},
    {"node-pg-migrate", {"1706702400123_add-a.sql"}, "1706702400124_create_users_idx.sql"},
    {"diesel", {"2024-01-31-235959_a/up.sql"}, "2024-02-01-000000_create_users_idx/up.sql"},
    {"diesel", {"00000000000001_a/up.sql"}, "00000000000002_create_users_idx/up.sql"},
    {"prisma", {"20240131120000_a/migration.sql"}, "20240131120001_create_users_idx/migration.sql"},
    {"sqlx", {"1_a.sql"}, "2_create_users_idx.sql"},
    {"tern", {"009_a.sql"}, "010_create_users_idx.sql"},
    {"sql-migrate", {"9_a.sql"}, "10_create_users_idx.sql"},
    {"sqitch", {"deploy/a.sql"}, NULL},                     /* sqitch.plan has the order */
    {"graphile-migrate", {"committed/000001-a.sql"}, NULL}, /* each names the one before */
};

static void
names_what_comes_next(void **state)
{
    for (size_t i = 0; i < LK_ARRAY_SIZE(nexts); i++) {
        struct lk_changelog *changelog = changelog_of(*state, nexts[i].naming, nexts[i].scripts);
        const struct lk_migration *migration = migration_of(changelog, nexts[i].scripts[0]);
        char *next = lk_naming_next(*state, changelog, migration, "create Users.idx!", false);
        if (next == NULL ? nexts[i].next != NULL
                         : nexts[i].next == NULL || strcmp(next, nexts[i].next) != 0)
            fail_msg("%s, behind %s: %s, not %s", nexts[i].naming, nexts[i].scripts[0], next,
                     nexts[i].next);
    }
}

static void
names_what_comes_behind_those_it_made(void **state)
{
    static const char *const scripts[] = {"V1__a.sql", "V1.5__b.sql", NULL};
    struct lk_changelog *changelog = changelog_of(*state, "flyway", scripts);
    const struct lk_folder *folder = changelog->folders.items[0];
    struct lk_bytes none = {lk_strdup(*state, ""), 0};

    assert_true(lk_changelog_add_given(*state, changelog, folder, "V1.1__x.sql", &none));
    assert_true(lk_changelog_add_given(*state, changelog, folder, "V1.6__y.sql", &none));
    assert_false(lk_changelog_add_given(*state, changelog, folder, "x.sql", &none));
    lk_changelog_sort(changelog);
    assert_string_equal(
        lk_naming_next(*state, changelog, migration_of(changelog, "V1.5__b.sql"), "z", false),
        "V1.7__z.sql");
}

static void
renumbers(void **state)
{
    static const char *const scripts[] = {"V1__a.sql", "V3__b.sql", "V5_1__c.sql", NULL};
    struct lk_changelog *changelog = changelog_of(*state, "flyway", scripts);
    const struct lk_migration *first = migration_of(changelog, "V1__a.sql");
    const struct lk_migration *second = migration_of(changelog, "V3__b.sql");

    assert_string_equal(lk_naming_renumber(*state, changelog, second, first), "V2__b.sql");
    assert_null(
        lk_naming_renumber(*state, changelog, migration_of(changelog, "V5_1__c.sql"), second));
}

static void
names_what_takes_back(void **state)
{
    static const struct {
        const char *naming, *scripts[MAX_SCRIPTS], *made, *undo;
    } cases[] = {
        {"flyway", {"U1__a.sql", "V1__a.sql"}, "V2__x.sql", "U2__x.sql"},
        {"golang-migrate", {"1_a.down.sql", "1_a.up.sql"}, "2_x.up.sql", "2_x.down.sql"},
        {"diesel", {"1_a/down.sql", "1_a/up.sql"}, "2_x/up.sql", "2_x/down.sql"},
        {"plain", {"1_a_rollback.sql", "1_a.sql"}, "2_x.sql", "2_x_rollback.sql"},
    };

    for (size_t i = 0; i < LK_ARRAY_SIZE(cases); i++) {
        struct lk_changelog *changelog = changelog_of(*state, cases[i].naming, cases[i].scripts);
        const struct lk_migration *undo = migration_of(changelog, cases[i].scripts[0]);
        assert_int_equal(undo->name.kind, LK_KIND_UNDO);
        assert_string_equal(lk_naming_undo(*state, undo, cases[i].made), cases[i].undo);
    }
}

/* ---- outside a transaction ---- */

static struct lk_parts
parts_of(TALLOC_CTX *mem, const struct lk_naming *naming, const char *text)
{
    return lk_naming_split(mem, naming, lk_source_new(mem, "", text, strlen(text)));
}

/* Every convention that has a way to switch the transaction off, takes what is written for it. */
static void
says_no_transaction(void **state)
{
    size_t count, tried = 0;
    const struct lk_naming *const *namings = lk_namings(&count);

    for (size_t i = 0; i < count; i++) {
        const struct lk_naming *naming = namings[i];
        if (naming->programs != NULL || !lk_naming_has_off(naming))
            continue;
        struct lk_folder folder = {.naming = naming};
        struct lk_migration migration = {.folder = &folder, .script = "1_a.sql"};
        char *text = lk_naming_compose(*state, naming, false, "SELECT 1;\n", "SELECT 2;\n");
        struct lk_source *source = lk_source_new(*state, "", text, strlen(text));
        struct lk_switch how;
        assert_false(parts_of(*state, naming, text).transaction_off);
        assert_true(lk_naming_switch_off(*state, &migration, source, &how));
        tried++;
        if (how.beside != NULL)
            continue;
        char *off = lk_fmt(*state, "%.*s%s%s", (int)how.at, text, how.text, text + how.at);
        if (!parts_of(*state, naming, off).transaction_off)
            fail_msg("%s does not take this for \"no transaction\":\n%s", naming->name, off);
        char *made = lk_naming_compose(*state, naming, true, "SELECT 1;\n", "SELECT 2;\n");
        if (!parts_of(*state, naming, made).transaction_off)
            fail_msg("%s does not take this for \"no transaction\":\n%s", naming->name, made);
    }
    assert_in_range(tried, 8, count);
}

/* What hints say in words is known as text, too. */
static void
knows_the_way_that_hints_tell(void **state)
{
    size_t count;
    const struct lk_naming *const *namings = lk_namings(&count);

    (void)state;
    for (size_t i = 0; i < count; i++)
        if (namings[i]->programs == NULL && !namings[i]->chained &&
            (namings[i]->transaction_off != NULL) != lk_naming_has_off(namings[i]))
            fail_msg("%s says \"no transaction\" in words, or in text, but not both",
                     namings[i]->name);
}

static const char *
part_text(TALLOC_CTX *mem, const char *text, const struct lk_spans *spans)
{
    char *part = lk_strdup(mem, "");

    lk_vec_foreach(span, &spans->items)
        part = lk_fmt(mem, "%s%.*s", part, (int)(span->end - span->start), text + span->start);
    return part;
}

static void
composes_files(void **state)
{
    size_t count;
    const struct lk_naming *const *namings = lk_namings(&count);

    for (size_t i = 0; i < count; i++) {
        if (namings[i]->programs != NULL)
            continue;
        for (int off = 0; off < 1 + lk_naming_has_off(namings[i]); off++) {
            char *text =
                lk_naming_compose(*state, namings[i], off == 1, "SELECT 1;\n", "SELECT 2;\n");
            struct lk_parts parts = parts_of(*state, namings[i], text);
            const char *up = part_text(*state, text, &parts.up);
            const char *down = part_text(*state, text, &parts.down);
            assert_non_null(strstr(up, "SELECT 1;\n"));
            assert_null(strstr(up, "SELECT 2;"));
            assert_int_equal(strstr(down, "SELECT 2;\n") != NULL,
                             lk_naming_down_inside(namings[i]));
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        lk_unit(names_what_comes_next),
        lk_unit(names_what_comes_behind_those_it_made),
        lk_unit(renumbers),
        lk_unit(names_what_takes_back),
        lk_unit(says_no_transaction),
        lk_unit(knows_the_way_that_hints_tell),
        lk_unit(composes_files),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
