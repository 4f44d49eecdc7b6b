/*
 * tests/integration/test_includes.c
 *     Migrations that psql puts together from files and conditions: lockkeeper makes of them what
 *     psql makes, and knows in which file something went wrong.
 */
#include "parser/base/text.h"
#include "tests/integration/dump.h"

/* What the folder holds: 000*.sql are the migrations, in the order of their names. */
static const struct {
    const char *name, *text;
} files[] = {
    {"0001_start.sql", "\\set schema shop\n"
                       "\\set rows on\n"
                       "CREATE SCHEMA :schema;\n"
                       "\\ir parts/tables.sql\n"
                       "\\if :rows\n"
                       "    \\ir parts/rows.sql \\echo done\n"
                       "\\else\n"
                       "    CREATE TABLE :schema.none (id bigint);\n"
                       "    \\ir parts/nowhere.sql\n"
                       "\\endif\n"
                       "\\if :{?again}\n"
                       "    COMMENT ON TABLE :schema.items IS 'set by a file';\n"
                       "\\endif\n"},
    {"0002_code.sql", "\\if :{?schema}\n\\else\n\\set schema shop\n\\endif\n"
                      "\\set what 'it''s'\n"
                      "\\i migrations/parts/code.sql\n"
                      "CREATE VIEW :schema.view AS SELECT\n"
                      "\\if false\n    1 AS one;\n"
                      "\\elif tr\n    2 AS two\n"
                      "\\else\n    3 AS three\n\\endif\n;\n"
                      "\\ir parts/twice.sql\n\\ir 'parts/twice.sql'\n"},
    {"0003_index.sql", "CREATE INDEX items_title ON shop.items (title);\n"
                       "\\ir parts/concurrently.sql\n"
                       "CREATE TABLE shop.last (id bigint);\n"},
    {"parts/tables.sql", "CREATE TABLE :schema.items (id bigint PRIMARY KEY, title text);\n"
                         "\\ir deeper/more.sql\n\\set again 1\n"
                         "COMMENT ON SCHEMA :schema IS 'no semicolon'"},
    {"parts/deeper/more.sql", "\\if off\nSELECT broken\n\\endif\n"
                              "CREATE TABLE :\"schema\".more (of text DEFAULT :'schema');\n"},
    {"parts/rows.sql", "COPY :schema.items FROM stdin;\n1\tit's; \\\\if\n2\t\\N\n\\.\n"
                       "INSERT INTO :schema.more VALUES ('x');\n"},
    {"parts/code.sql", "CREATE FUNCTION :schema.f() RETURNS text LANGUAGE plpgsql AS $$\n"
                       "BEGIN\n    RETURN ':what';\nEND $$;\n"
                       "COMMENT ON FUNCTION :schema.f() IS :'what';\n"},
    {"parts/twice.sql", "CREATE OR REPLACE VIEW shop.twice AS SELECT 1 AS n;\n"
                        "INSERT INTO shop.more VALUES (DEFAULT);"},
    {"parts/concurrently.sql", "CREATE INDEX CONCURRENTLY items_both ON shop.items (id, title);"},
};

static void
write_files(const struct lk_site *site)
{
    for (size_t i = 0; i < LK_ARRAY_SIZE(files); i++)
        lk_site_migration(site, files[i].name, files[i].text);
}

/* run_psql lets psql carry out the migrations, one call for each. */
static void
run_psql(const struct lk_site *site)
{
    for (size_t i = 0; i < LK_ARRAY_SIZE(files); i++) {
        char *path = lk_fmt(site->mem, "migrations/%s", files[i].name);
        const char *args[] = {LK_PSQL, "-X",      "-q", "-v", "ON_ERROR_STOP=1",
                              "-d",    site->url, "-f", path, NULL};
        if (strchr(files[i].name, '/') != NULL)
            continue;
        struct lk_output output = lk_test_run(site->mem, site->dir, args, NULL);
        lk_expect_exit(&output, 0);
        lk_expect_no_text(output.err, "error");
    }
}

static void
same_as_psql(void **state)
{
    struct lk_site *site = *state;
    void *other;

    lk_dump_skip_if_newer(site);
    write_files(site);
    lk_site_expect(site, "apply --no-gate --naming plain migrations", 0);
    lk_site_expect(site, "status --exit-code --naming plain migrations", 0);
    lk_site_start(&other);
    write_files(other);
    run_psql(other);
    char *dump = lk_dump(site, NULL);
    lk_expect_text(dump, "it's; \\\\if");
    lk_expect_text(dump, "set by a file");
    lk_dump_expect_same(dump, lk_dump(other, NULL));
    lk_site_end(&other);
}

/* An included file is a part of what was applied: it must not change. */
static void
changes_are_noticed(void **state)
{
    const struct lk_site *site = *state;

    write_files(site);
    lk_site_expect(site, "apply --no-gate --naming plain migrations", 0);
    lk_site_migration(site, "parts/rows.sql", "SELECT 1;\n");
    struct lk_output output = lk_site_expect(site, "status --naming plain migrations", 0);
    lk_expect_text(output.out, "changed       0001");
    lk_site_expect(site, "apply --no-gate --naming plain migrations", 8);
    lk_site_migration(site, "parts/rows.sql", files[5].text);
    lk_site_expect(site, "status --exit-code --naming plain migrations", 0);
}

/* What fails in an included file is said with its own name and line, and can be taken up there. */
static void
failures_have_their_file(void **state)
{
    const struct lk_site *site = *state;
    static const char *const apply = "apply --no-gate --naming plain migrations";

    lk_site_migration(site, "0001_a.sql", "CREATE TABLE a (b int);\n\\ir parts/b.sql\n");
    lk_site_migration(site, "parts/b.sql", "\n-- größer\nSELECT 1,\n    nope FROM a;");
    lk_expect_text(lk_site_expect(site, apply, 6).err, "migrations/parts/b.sql:4: ");
    lk_site_migration(site, "parts/b.sql",
                      "\nCREATE INDEX CONCURRENTLY i ON a (b);\n"
                      "CREATE UNIQUE INDEX CONCURRENTLY j ON a ((1 / (b - 1)));");
    lk_site_migration(site, "0001_a.sql",
                      "CREATE TABLE a AS SELECT 1 AS b;\n\\ir parts/b.sql\nCREATE TABLE c ();\n");
    lk_expect_text(lk_site_expect(site, apply, 7).err, "migrations/parts/b.sql:3: ");
    lk_site_exec(site, "UPDATE a SET b = 2");
    lk_site_expect(site, apply, 0);
    lk_site_expect_value(
        site, "SELECT count(*) FROM pg_index WHERE indrelid = 'a'::regclass AND indisvalid", "2");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        lk_site_test(same_as_psql),
        lk_site_test(changes_are_noticed),
        lk_site_test(failures_have_their_file),
    };

    return lk_site_main("includes", tests, LK_ARRAY_SIZE(tests));
}
