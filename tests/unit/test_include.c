/*
 * tests/unit/test_include.c
 *     What psql's \i and \ir make of a migration: whose text is taken, and where it stands.
 */
#include <sys/stat.h>
#include <unistd.h>

#include "parser/base/buf.h"
#include "parser/base/text.h"
#include "parser/source.h"
#include "tests/unit/unit.h"

/* A repository with migrations in a folder of it, and a file outside. */
static char *
repository(TALLOC_CTX *mem, bool git)
{
    char *dir = lk_test_dir(mem);

    lk_test_write(dir, "outside.sql", "SELECT 'outside';");
    lk_test_write(dir, git ? "repo/.git/HEAD" : "repo/HEAD", "");
    lk_test_write(dir, "repo/shared.sql", "SELECT 'shared';\n");
    lk_test_write(dir, "repo/migrations/beside.sql", "SELECT 'beside';\n");
    return lk_fmt(mem, "%s/repo", dir);
}

/* include returns a migration of the repository, read. */
static struct lk_source *
include(TALLOC_CTX *mem, const char *repo, const char *text)
{
    const char *path = lk_fmt(mem, "%s/migrations/V1.sql", repo);
    char *home = lk_fmt(mem, "%s/migrations", repo);
    struct lk_error err = {0};

    lk_test_write(repo, "migrations/V1.sql", text);
    struct lk_source *source = lk_source_read(mem, path, &err);
    assert_non_null(source);
    source->home = home;
    lk_source_mask(source, &(struct lk_values){0}, false, 18);
    assert_int_equal(strlen(source->text), source->size);
    assert_int_equal(strlen(source->original), source->size);
    assert_int_equal(source->invalid, source->size);
    return source;
}

/* sql_of returns what a migration sends, its white space made one blank each. */
static const char *
sql_of(TALLOC_CTX *mem, struct lk_source *source)
{
    char *sql = lk_source_sql(mem, source, (struct lk_span){0, source->size}), *to = sql;

    for (const char *from = sql; *from != '\0'; from++) {
        bool blank = strchr(" \n\t\r", *from) != NULL;
        if (!blank || (to > sql && to[-1] != ' '))
            *to++ = blank ? ' ' : *from;
    }
    while (to > sql && to[-1] == ' ')
        to--;
    *to = '\0';
    return sql;
}

/* why_not returns why the first command that is refused is, or "". */
static const char *
why_not(const struct lk_source *source)
{
    lk_vec_foreach(inset, &source->insets.items)
        if (inset->kind == LK_INSET_COMMAND && inset->why != NULL)
            return inset->why;
    return "";
}

static void
expect(TALLOC_CTX *mem, const char *repo, const char *text, const char *sql, const char *why)
{
    struct lk_source *source = include(mem, repo, text);

    assert_string_equal(sql_of(mem, source), sql);
    if (strstr(why_not(source), why) == NULL || (why[0] == '\0') != (why_not(source)[0] == '\0'))
        fail_msg("%s: %s", text, why_not(source));
}

static void
takes_the_place_of_the_command(void **state)
{
    const char *repo = repository(*state, true);

    lk_test_write(repo, "migrations/open.sql", "SELECT 1; SELECT 2 -- no semicolon");
    lk_test_write(repo, "migrations/sets.sql", "\xEF\xBB\xBF\\set a b\nTABLE :a;\\set d e\n");
    lk_test_write(repo, "migrations/deep/er.sql", "SELECT 3;\\ir ../open.sql\n\\ir 'it''s.sql'");
    lk_test_write(repo, "migrations/deep/it's.sql", "SELECT 4;");
    lk_test_write(repo, "migrations/rows.sql", "COPY t FROM stdin;\n1\n\\.\n");
    expect(*state, repo, "\\ir beside.sql\nSELECT 1;", "SELECT 'beside'; ; SELECT 1;", "");
    expect(*state, repo, "\\i shared.sql \\ir beside.sql\n\\i shared.sql",
           "SELECT 'shared'; ; SELECT 'beside'; ; SELECT 'shared'; ;", "");
    expect(*state, repo, "\\ir open.sql\nSELECT 3;",
           "SELECT 1; SELECT 2 -- no semicolon ; SELECT 3;", "");
    expect(*state, repo, "\\set a c\n\\ir sets.sql\nTABLE :a, :d;", "TABLE b; ; TABLE b, e;", "");
    expect(*state, repo, "\\include_relative deep/er.sql\n\\include ./shared.sql",
           "SELECT 3; SELECT 1; SELECT 2 -- no semicolon ; SELECT 4; ; ; SELECT 'shared'; ;", "");
    expect(*state, repo, "\\ir rows.sql\nSELECT 1;", "COPY t FROM stdin; ; SELECT 1;", "");
    expect(*state, repo, "\\set f beside\n\\ir :f.sql", "SELECT 'beside'; ;", "");
    expect(*state, repo, lk_fmt(*state, "\\i %s/shared.sql", repo), "SELECT 'shared'; ;", "");
    expect(*state, repo, "\\if false\n\\ir beside.sql\n\\ir none.sql\n\\endif", "", "");
}

/* In the working directory first, as psql, then in the repository. */
static void
looks_where_psql_does(void **state)
{
    const char *repo = repository(*state, true);
    char *here = getcwd(NULL, 0);

    lk_test_write(repo, "migrations/shared.sql", "SELECT 'here';");
    assert_int_equal(chdir(lk_fmt(*state, "%s/migrations", repo)), 0);
    expect(*state, repo, "\\i shared.sql", "SELECT 'here'; ;", "");
    assert_int_equal(chdir(lk_fmt(*state, "%s/..", repo)), 0);
    expect(*state, repo, "\\i shared.sql", "SELECT 'shared'; ;", "");
    expect(*state, repo, "\\i outside.sql", "", "outside.sql lies outside of the repository");
    assert_int_equal(chdir(here), 0);
    free(here);
}

static void
stays_inside(void **state)
{
    const char *repo = repository(*state, true), *bare = repository(*state, false);

    assert_int_equal(symlink("../../outside.sql", lk_fmt(*state, "%s/migrations/l.sql", repo)), 0);
    assert_int_equal(symlink("../..", lk_fmt(*state, "%s/migrations/up", repo)), 0);
    assert_int_equal(symlink("../shared.sql", lk_fmt(*state, "%s/migrations/in.sql", repo)), 0);
    assert_int_equal(symlink("loop.sql", lk_fmt(*state, "%s/migrations/loop.sql", repo)), 0);
    assert_int_equal(mkfifo(lk_fmt(*state, "%s/migrations/pipe.sql", repo), 0600), 0);
    lk_test_write(repo, "migrations/binary.sql", "SELECT '\xFF';");
    expect(*state, repo, "\\ir ../shared.sql", "SELECT 'shared'; ;", "");
    expect(*state, repo, "\\ir in.sql", "SELECT 'shared'; ;", "");
    expect(*state, repo, "\\ir ../../outside.sql", "", "lies outside of the repository");
    expect(*state, repo, "\\ir l.sql", "", "lies outside of the repository");
    expect(*state, repo, "\\ir up/outside.sql", "", "lies outside of the repository");
    expect(*state, repo, "\\i /dev/null", "", "lies outside of the repository");
    expect(*state, repo, "\\i ~/x.sql", "", "home");
    expect(*state, repo, "\\ir loop.sql", "", "cannot be read");
    expect(*state, repo, "\\ir pipe.sql", "", "is no file");
    expect(*state, repo, "\\ir ../migrations", "", "is no file");
    expect(*state, repo, "\\ir binary.sql", "", "not text in UTF-8");
    expect(*state, repo, "\\ir \"beside.sql\"", "", "there is no file \"beside.sql\"");
    expect(*state, bare, "\\ir ../shared.sql", "", "outside of the folder of the changelog");
    expect(*state, bare, "\\ir beside.sql", "SELECT 'beside'; ;", "");
    struct lk_source *homeless = lk_source_new(*state, "a.sql", "\\i a.sql", 8);
    lk_source_mask(homeless, &(struct lk_values){0}, false, 18);
    assert_int_equal(homeless->size, 8);
    assert_string_not_equal(why_not(homeless), "");
}

static void
refuses_what_psql_would_not_do(void **state)
{
    const char *repo = repository(*state, true);

    lk_test_write(repo, "migrations/cycle.sql", "SELECT 1;\\ir ./cycle.sql\n");
    lk_test_write(repo, "migrations/ping.sql", "\\ir V1.sql\nSELECT 2;");
    lk_test_write(repo, "migrations/quote.sql", "SELECT 1;\nSELECT 'open");
    lk_test_write(repo, "migrations/paren.sql", "SELECT 1;\nSELECT (1, :a");
    lk_test_write(repo, "migrations/if.sql", "\\if true\nSELECT 1;");
    lk_test_write(repo, "migrations/endif.sql", "\\endif\nSELECT 1;");
    expect(*state, repo, "\\ir cycle.sql\n", "SELECT 1; ;", "cycle.sql includes itself");
    expect(*state, repo, "\\ir ping.sql\n", "SELECT 2; ;", "V1.sql includes itself");
    expect(*state, repo, "\\ir quote.sql\n'; SELECT 2;", "SELECT 1; ; '; SELECT 2;",
           "quote.sql ends inside a literal");
    expect(*state, repo, "\\ir paren.sql\n); SELECT 2;", "SELECT 1; ; ); SELECT 2;",
           "paren.sql ends inside parentheses");
    expect(*state, repo, "\\ir if.sql\n\\endif\nSELECT 2;", "SELECT 1; ; SELECT 2;",
           "no \\endif closes it");
    expect(*state, repo, "\\if true\n\\ir endif.sql\n\\else\nSELECT 2;\n\\endif", "SELECT 1; ;",
           "no \\if is open");
    expect(*state, repo, "SELECT 1 +\n\\ir beside.sql\n2;", "SELECT 1 + 2;", "inside a statement");
    expect(*state, repo, "SELECT 1 \\; \\ir beside.sql\nSELECT 2;", "SELECT 1 SELECT 2;",
           "inside a statement");
    expect(*state, repo, "\\ir none.sql\n", "", "there is no file none.sql");
    expect(*state, repo, "\\i beside.sql\n", "", "no file beside.sql where psql looks: \\ir would");
    expect(*state, repo, "\\ir :name\n", "", "the variable name");
    expect(*state, repo, "\\ir `ls`\n", "", "known only when it is run");
    expect(*state, repo, "\\i -\n", "", "standard input");
    expect(*state, repo, "\\i\n", "", "names no file");
}

/* Files that include each other many times over come to an end. */
static void
ends_in_time(void **state)
{
    const char *repo = repository(*state, true);

    for (size_t i = 0; i < 60; i++)
        lk_test_write(repo, lk_fmt(*state, "migrations/%zu.sql", i),
                      lk_fmt(*state, "\\ir %zu.sql\nSELECT %zu;\n\\ir %zu.sql\n", i + 1, i, i + 1));
    struct lk_source *source = include(*state, repo, "\\ir 0.sql\n");
    assert_string_not_equal(why_not(source), "");
}

/* file_of returns the text that a byte of a migration stands for, in its own file. */
static void
expect_place(struct lk_source *source, const char *word, const char *path, uint32_t line,
             uint32_t column)
{
    const char *found = strstr(source->original, word);
    uint32_t at = (uint32_t)(found - source->original);
    struct lk_place place =
        lk_source_place(source, (struct lk_span){at, at + (uint32_t)strlen(word)});
    struct lk_position position = lk_source_position(source, at);

    assert_non_null(found);
    assert_true(lk_ends_with(place.file->path, path));
    assert_int_equal(place.span.end - place.span.start, strlen(word));
    assert_memory_equal(place.file->original + place.span.start, word, strlen(word));
    assert_int_equal(position.line, line);
    assert_int_equal(position.column, column);
}

static void
knows_the_places(void **state)
{
    const char *repo = repository(*state, true);
    const char *text = "\xEF\xBB\xBFSELECT 'first';\n\\ir inner.sql \\echo on\nSELECT 'last';";

    lk_test_write(repo, "migrations/inner.sql",
                  "\n  SELECT 'inner';\n\\ir ../shared.sql\nSELECT 'end'");
    struct lk_source *source = include(*state, repo, text);
    struct lk_source *copy = lk_source_copy(*state, source);
    char hex[LK_SHA256_HEX_SIZE], other[LK_SHA256_HEX_SIZE];

    for (size_t i = 0; i < 2; i++, source = copy) {
        expect_place(source, "'first'", "V1.sql", 1, 8);
        expect_place(source, "'inner'", "inner.sql", 2, 10);
        expect_place(source, "'shared'", "shared.sql", 1, 8);
        expect_place(source, "'end'", "inner.sql", 4, 8);
        expect_place(source, "\\echo", "V1.sql", 2, 15);
        expect_place(source, "'last'", "V1.sql", 3, 8);
        assert_int_equal(lk_source_position(source, source->size).line, 3);
        assert_int_equal(lk_source_own(source)->raw_size, strlen(text));
        assert_int_equal(lk_flyway_checksum(source),
                         lk_flyway_checksum(lk_source_new(*state, "", text, strlen(text))));
    }
    /* the whole starts and ends in the migration, and includes a file */
    struct lk_place all = lk_source_place(copy, (struct lk_span){0, copy->size});
    assert_int_equal(all.span.start, 0);
    assert_int_equal(all.span.end, strlen(text) - 3);
    lk_sha256(copy->raw, copy->raw_size, hex);
    lk_test_write(repo, "shared.sql", "SELECT 'Shared';\n");
    source = include(*state, repo, text);
    lk_sha256(source->raw, source->raw_size, other);
    assert_string_not_equal(hex, other);
    assert_int_equal(lk_flyway_checksum(source), lk_flyway_checksum(copy));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        lk_unit(takes_the_place_of_the_command),
        lk_unit(looks_where_psql_does),
        lk_unit(stays_inside),
        lk_unit(refuses_what_psql_would_not_do),
        lk_unit(ends_in_time),
        lk_unit(knows_the_places),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
