/*
 * tests/unit/test_naming_content.c
 *     parser/naming_goose and naming_flyway: what a file's content says to its runner.
 */
#include "parser/naming.h"

#include "parser/base/buf.h"
#include "tests/unit/unit.h"

static struct lk_parts
split(TALLOC_CTX *mem, const char *naming, const char *text)
{
    return lk_naming_split(mem, lk_naming_find(naming), lk_unit_source(mem, text));
}

/* part returns the texts of a part's spans, a bar between two. */
static const char *
part(TALLOC_CTX *mem, const char *text, const struct lk_spans *spans)
{
    struct lk_buf texts = lk_buf_init(mem);

    lk_vec_foreach(span, &spans->items) {
        lk_buf_sep(&texts, "|");
        lk_buf_add(&texts, lk_unit_part(mem, text, *span));
    }
    return texts.data;
}

/* One text, and what is up and down in it. */
struct splitting {
    const char *text;
    const char *up;
    const char *down;
};

static void
expect_splittings(TALLOC_CTX *mem, const char *naming, const struct splitting *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct lk_parts parts = split(mem, naming, cases[i].text);
        lk_expect_text(cases[i].text, part(mem, cases[i].text, &parts.up), cases[i].up);
        lk_expect_text(cases[i].text, part(mem, cases[i].text, &parts.down), cases[i].down);
    }
}

#define EXPECT(mem, naming, cases) expect_splittings(mem, naming, cases, LK_ARRAY_SIZE(cases))

static void
splits_up_and_down(void **state)
{
    static const char text[] = "-- a comment\n"
                               "-- +goose Up\n"
                               "CREATE TABLE t (id int);\n"
                               "-- +goose Down\n"
                               "DROP TABLE t;\n";
    struct lk_parts parts = split(*state, "goose", text);

    assert_string_equal(part(*state, text, &parts.up), "CREATE TABLE t (id int);\n");
    assert_string_equal(part(*state, text, &parts.down), "DROP TABLE t;\n");
    assert_false(parts.transaction_off);
}

static void
reads_annotations_as_goose_does(void **state)
{
    static const struct splitting cases[] = {
        {"--+goose Up\nA", "A", ""},
        {"--   +goose   Up\nA", "A", ""},
        {"-- +goose Up\r\nA\r\n-- +goose Down\r\nB", "A\r\n", "B"},
        {"-- +goose Up   \nA", "A", ""},
        {"-- +goose Up", "", ""},
        {"-- +goose Up\nA\n-- +goose Down\nB\n-- +goose Up\nC", "A\n|C", "B\n"},
        {"-- +goose Up\n-- +goose ENVSUB ON\nA\n-- +goose ENVSUB OFF\n",
         "-- +goose ENVSUB ON\nA\n-- +goose ENVSUB OFF\n", ""},
        {"-- +goose Up now\nA", "", ""},
        {"-- +goose Up\n-- +goose Down\nB", "", "B"},
        {"-- +goose Up\n-- +goose StatementBegin\nA;\n-- +goose StatementEnd\n",
         "-- +goose StatementBegin\nA;\n-- +goose StatementEnd\n", ""},
        {"  -- +goose Up\nA", "", ""}, /* an annotation starts its line */
        {"SELECT 1; -- +goose Up\nA", "", ""},
        {"-- goose Up\nA", "", ""},
        {"A", "", ""},
        {"", "", ""},
    };

    EXPECT(*state, "goose", cases);
}

static void
notices_no_transaction(void **state)
{
    assert_true(
        split(*state, "goose", "-- +goose NO TRANSACTION\n-- +goose Up\nA").transaction_off);
    assert_true(
        split(*state, "goose", "-- +goose Up\n-- +goose NO TRANSACTION\nA").transaction_off);
    assert_false(split(*state, "goose", "-- +goose Up\n-- NO TRANSACTION\nA").transaction_off);
    assert_false(
        split(*state, "goose", "-- +goose Up\nSELECT '\n +goose NO TRANSACTION'").transaction_off);
}

static void
knows_its_marks(void **state)
{
    const struct lk_naming *goose = lk_naming_find("goose");

    assert_true(lk_naming_proven(goose, lk_unit_source(*state, "-- x\n-- +goose Up\n")));
    assert_true(lk_naming_proven(goose, lk_unit_source(*state, "--+goose Up")));
    assert_false(lk_naming_proven(goose, lk_unit_source(*state, "CREATE TABLE goose (id int);")));
    assert_false(lk_naming_proven(goose, lk_unit_source(*state, "")));
}

/* Several blocks of each kind, and options behind the words. */
static void
splits_dbmate(void **state)
{
    static const struct splitting cases[] = {
        {"-- migrate:up\nA;\n-- migrate:down\nB;\n", "A;\n", "B;\n"},
        {"--migrate:up transaction:false\nA;\n", "A;\n", ""},
        {"-- migrate:up\nA;\n-- migrate:down\nB;\n-- migrate:up\nC;\n-- migrate:down\nD;\n",
         "A;\n|C;\n", "B;\n|D;\n"},
        {"-- migrate:upper\nA;\n", "", ""},
        {"A;\n", "", ""},
    };

    EXPECT(*state, "dbmate", cases);
    assert_false(split(*state, "dbmate", cases[0].text).transaction_off);
    assert_true(split(*state, "dbmate", cases[1].text).transaction_off);
    assert_false(split(*state, "dbmate", "-- migrate:up\nA;\n-- migrate:down transaction:false\n")
                     .transaction_off);
    assert_false(split(*state, "dbmate", "-- migrate:up transaction:true\nA;\n").transaction_off);
}

static void
splits_sql_migrate(void **state)
{
    static const struct splitting cases[] = {
        {"-- +migrate Up\nA;\n\n-- +migrate Down\nB;\n", "A;\n\n", "B;\n"},
        {"-- +migrate Up notransaction\nA;\n", "A;\n", ""},
        {"-- +migrate Up\n-- +migrate StatementBegin\nA;\n-- +migrate StatementEnd\n",
         "-- +migrate StatementBegin\nA;\n-- +migrate StatementEnd\n", ""},
        {"A;\n", "", ""},
    };

    EXPECT(*state, "sql-migrate", cases);
    assert_false(split(*state, "sql-migrate", cases[0].text).transaction_off);
    assert_true(split(*state, "sql-migrate", cases[1].text).transaction_off);
}

static void
splits_tern(void **state)
{
    static const struct splitting cases[] = {
        {"A;\n---- create above / drop below ----\nB;\n", "A;\n", "B;\n"},
        {"A;\r\n---- create above / drop below ----\r\nB;\r\n", "A;\r\n", "B;\r\n"},
        {"---- tern: disable-tx ----\nA;\n", "---- tern: disable-tx ----\nA;\n", ""},
        {"A;\n-- create above / drop below\nB;\n", "A;\n-- create above / drop below\nB;\n", ""},
        {"", "", ""},
    };

    EXPECT(*state, "tern", cases);
    assert_false(split(*state, "tern", cases[0].text).transaction_off);
    assert_true(split(*state, "tern", cases[2].text).transaction_off);
}

/* ^\s*--[\s-]*(up|down)\s+migration, case ignored; what no comment claims is up */
static void
splits_node_pg_migrate(void **state)
{
    static const struct splitting cases[] = {
        {"-- Up Migration\nA;\n-- Down Migration\nB;\n", "A;\n", "B;\n"},
        {"  ---- up   migration of users\nA;\n", "A;\n", ""},
        {"A;\n-- Down Migration\nB;\n", "A;\n", "B;\n"},
        {"-- Down Migration\nB;\n-- Up Migration\nA;\n", "A;\n", "B;\n"},
        {"A;\n", "A;\n", ""},
        {"-- uphill migration\nA;\n", "-- uphill migration\nA;\n", ""},
        {"-- down\nA;\n", "-- down\nA;\n", ""},
    };

    EXPECT(*state, "node-pg-migrate", cases);
}

static void
splits_drizzle(void **state)
{
    static const struct splitting cases[] = {
        {"A;--> statement-breakpoint\nB;\n", "A;|\nB;\n", ""},
        {"A\n--> statement-breakpoint\nB", "A\n|\nB", ""},
        {"A;\n", "A;\n", ""},
    };

    EXPECT(*state, "drizzle", cases);
}

/* What parts statements is in no part; quotes, parentheses and comments hide it. */
static void
splits_atlas(void **state)
{
    static const struct splitting cases[] = {
        {"A;\nB;\n", "A;\nB;\n", ""},
        {"-- atlas:delimiter \\n\\n\nA;\nA;\n\nB\n", "A;\nA;|B\n", ""},
        {"-- atlas:delimiter // \nA//B; // C", "A//B; |C", ""},
        {"-- atlas:delimiter //\r\nA//\r\nB;", "A|\r\nB;", ""},
        {"-- atlas:delimiter -- end\nA -- x -- end\nB -- end\nC", "A -- x -- end\nB |\nC", ""},
        {"-- atlas:delimiter //\nA '//' \"//\" $$//$$ (//) $x$//$x$ /* // */// B",
         "A '//' \"//\" $$//$$ (//) $x$//$x$ /* // */| B", ""},
        {"\n-- atlas:delimiter //\nA//B", "\n-- atlas:delimiter //\nA//B", ""},
        {"-- atlas:delimiter //", "-- atlas:delimiter //", ""},
        {"-- atlas:txtar\n\n-- checks.sql --\nA;\n-- checks/more.sql --\nB;\n"
         "-- migration.sql --\nC;\n-- down.sql --\nD;\n",
         "C;\n", "D;\n"},
        {"-- atlas:txtar\n-- migration.sql --\n-- atlas:delimiter //\nC;//D\n-- other --\nE;",
         "C;|D\n", ""},
        {"-- migration.sql --\nC;\n-- down.sql --\nD;\n",
         "-- migration.sql --\nC;\n-- down.sql --\nD;\n", ""},
    };

    static const char broken[] = "-- atlas:txtar\n\n-- migration.sql --\nA\0\n-- down.sql --\n";

    EXPECT(*state, "atlas", cases);
    struct lk_source *source = lk_source_new(*state, "", broken, sizeof(broken) - 1);
    struct lk_parts parts = lk_naming_split(*state, lk_naming_find("atlas"), source);
    assert_string_equal(part(*state, broken, &parts.up), "A");
}

static void
notices_what_wants_no_transaction(void **state)
{
    static const struct {
        const char *naming, *text;
        bool off;
    } cases[] = {
        {"sqlx", "-- no-transaction\nA;\n", true},
        {"sqlx", "\n-- no-transaction\nA;\n", false},
        {"sqlx", "A;\n", false},
        {"graphile-migrate", "--! Previous: -\n--! Hash: sha1:0\n\n--! no-transaction\nA;\n", true},
        {"graphile-migrate", "--! Previous: -\n\n-- no-transaction\nA;\n", false},
        {"graphile-migrate", "--! Previous: -\n\n--!no-transaction\nA;\n", true},
        {"graphile-migrate", "--! Previous: -\n\nA;\n--! no-transaction\n", false},
        {"graphile-migrate", "--! Previous: -\n\n--! no-transactions\nA;\n", false},
        {"dbmate", "-- migrate:up foo:bar transaction:false\nA;\n", true},
        {"dbmate", "-- migrate:up transaction:falsehood\nA;\n", false},
        {"sql-migrate", "-- +migrate Up\nA;\n-- +migrate Down notransaction\n", false},
        {"tern", "A;\n---- tern: disable-tx ----\n", true},
        {"tern", "A;\n ---- tern: disable-tx ----\n", false},
        {"tern", "A;\n---- create above / drop below ----\n---- tern: disable-tx ----\n", false},
        {"goose", "-- +goose Up\nA;\n-- +goose Down\n-- +goose no transaction\n", true},
        {"atlas", "-- atlas:txmode none\n\nA;\n", true},
        {"atlas", "-- x\n-- atlas:txmode none\n\nA;\n", true},
        {"atlas", "-- atlas:txmode none\nA;\n", false},
        {"atlas", "-- atlas:txmode file\n\nA;\n", false},
        {"atlas", "A;\n\n-- atlas:txmode none\n\nB;\n", false},
        {"atlas", "-- atlas:txtar\n-- atlas:txmode none\n\n-- migration.sql --\nA;\n", true},
        {"atlas", "-- atlas:txtar\n\n-- migration.sql --\n-- atlas:txmode none\n\nA;\n", true},
        {"atlas", "-- atlas:txtar\n\n-- down.sql --\n-- atlas:txmode none\n\nA;\n", false},
        {"golang-migrate", "-- no-transaction\nA;\n", false},
    };

    for (size_t i = 0; i < LK_ARRAY_SIZE(cases); i++)
        lk_expect_number(cases[i].text,
                         split(*state, cases[i].naming, cases[i].text).transaction_off,
                         cases[i].off);
}

/* Settings in files beside the migration. */
static void
reads_files_beside(void **state)
{
    static const struct {
        const char *naming, *script, *beside, *text;
        unsigned says;
    } cases[] = {
        {"flyway", "V1__a.sql", "V1__a.sql.conf", "executeInTransaction=false\n",
         LK_BESIDE_TRANSACTION_OFF},
        {"flyway", "V1__a.sql", "V1__a.sql.conf", "# x\r\n executeInTransaction : FALSE",
         LK_BESIDE_TRANSACTION_OFF},
        {"flyway", "V1__a.sql", "V1__a.sql.conf", "executeInTransaction=true\n",
         LK_BESIDE_TRANSACTION_ON},
        {"flyway", "s/V1__a.sql", "s/V1__a.sql.conf",
         "placeholderReplacement=false\nexecuteInTransaction=false",
         LK_BESIDE_VERBATIM | LK_BESIDE_TRANSACTION_OFF},
        {"flyway", "V1__a.sql", "V1__a.sql.conf", "shouldExecute=false\n", LK_BESIDE_IDLE},
        {"flyway", "V1__a.sql", "V1__a.sql.conf", "shouldExecute=true\n", 0},
        {"flyway", "V1__a.sql", "V1__a.sql.conf", "#executeInTransaction=false\n", 0},
        {"flyway", "V1__a.sql", "V1__a.sql.conf", "executeInTransaction=falsehood\n", 0},
        {"flyway", "V1__a.sql", "V1__a.sql.conf", "executeInTransaction\n=false\n", 0},
        {"flyway", "V1__a.sql", "V2__b.sql.conf", "executeInTransaction=false\n", 0},
        {"flyway", "s/V1__a.sql", "V1__a.sql.conf", "executeInTransaction=false\n", 0},
        {"diesel", "1_a/up.sql", "1_a/metadata.toml", "run_in_transaction = false # x\n",
         LK_BESIDE_TRANSACTION_OFF},
        {"diesel", "1_a/up.sql", "1_a/metadata.toml", "run_in_transaction = true\n", 0},
        {"diesel", "1_a/up.sql", "metadata.toml", "run_in_transaction = false\n", 0},
        {"goose", "1_a.sql", "1_a.sql.conf", "executeInTransaction=false\n", 0},
    };

    for (size_t i = 0; i < LK_ARRAY_SIZE(cases); i++) {
        const char *dir = lk_test_dir(*state);
        struct lk_scripts scripts = {0};
        lk_test_write(dir, cases[i].beside, cases[i].text);
        lk_vec_push(*state, &scripts.others, cases[i].beside);
        lk_expect_number(
            cases[i].text,
            lk_naming_beside(lk_naming_find(cases[i].naming), dir, &scripts, cases[i].script),
            cases[i].says);
    }
}

static void
other_conventions_are_all_up(void **state)
{
    static const char text[] = "-- +goose Up\nA;\n-- +goose Down\nB;\n";
    struct lk_source *source = lk_unit_source(*state, text);
    struct lk_parts parts = lk_naming_split(*state, lk_naming_find("flyway"), source);

    assert_string_equal(part(*state, text, &parts.up), text);
    assert_int_equal(parts.down.items.count, 0);
    parts = lk_naming_split(*state, NULL, source);
    assert_string_equal(part(*state, text, &parts.up), text);
}

/* PostgreSQLParser.detectCanExecuteInTransaction: not all that the server refuses. */
static void
flyway_notices_statements_outside(void **state)
{
    static const struct {
        const char *sql;
        bool outside;
    } cases[] = {
        {"CREATE INDEX CONCURRENTLY i ON t (a)", true},
        {"CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS i ON t (a)", true},
        {"DROP INDEX CONCURRENTLY i", true},
        {"VACUUM t", true},
        {"VACUUM", true},
        {"DISCARD ALL", true},
        {"REINDEX DATABASE d", true},
        {"REINDEX SYSTEM d", true},
        {"REINDEX SCHEMA s", true},
        {"CREATE DATABASE d", true},
        {"DROP DATABASE d", true},
        {"CREATE TABLESPACE s LOCATION '/x'", true},
        {"DROP TABLESPACE s", true},
        {"ALTER SYSTEM SET work_mem = '1MB'", true},
        {"CREATE SUBSCRIPTION s CONNECTION 'x' PUBLICATION p", true},
        {"DROP SUBSCRIPTION s", true},
        {"CREATE INDEX i ON t (a)", false},
        {"DROP INDEX i", false},
        {"REINDEX TABLE t", false},
        {"ANALYZE t", false},
        {"DISCARD TEMP", false},
        {"CREATE TABLE t (id int)", false},
    };
    const struct lk_naming *flyway = lk_naming_find("flyway");

    for (size_t i = 0; i < LK_ARRAY_SIZE(cases); i++)
        lk_expect_number(cases[i].sql, flyway->runs_outside(lk_unit_tree(*state, cases[i].sql)),
                         cases[i].outside);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        lk_unit(splits_up_and_down),
        lk_unit(reads_annotations_as_goose_does),
        lk_unit(notices_no_transaction),
        lk_unit(knows_its_marks),
        lk_unit(splits_dbmate),
        lk_unit(splits_sql_migrate),
        lk_unit(splits_tern),
        lk_unit(splits_node_pg_migrate),
        lk_unit(splits_drizzle),
        lk_unit(splits_atlas),
        lk_unit(notices_what_wants_no_transaction),
        lk_unit(reads_files_beside),
        lk_unit(other_conventions_are_all_up),
        lk_unit(flyway_notices_statements_outside),
    };

    return cmocka_run_group_tests(tests, NULL, lk_unit_finish);
}
