/*
 * tests/integration/test_fixtures.c
 *     The rules' fixtures, executed: each case does what its header says, the SQL of each hint runs
 *     where the finding stands, and with its fixes carried out a case makes the same schema.
 *
 * psql sends them: one statement after the other, no transaction but those of the file itself.
 */
#include <jansson.h>
#include <sys/stat.h>
#include <unistd.h>

#include "parser/base/buf.h"
#include "parser/base/file.h"
#include "parser/base/text.h"
#include "parser/changelog.h"
#include "parser/lexer.h"
#include "tests/integration/psql.h"
#include "tests/support/fixture.h"
#include "tests/support/hint.h"

#define ROOT LK_SOURCE_DIR "/fixtures/rules"

struct rule_case {
    struct lk_site *site;
    const char *folder; /* of the rule */
    const char *name;   /* "bad-partitioned" */
    bool is_folder;
};

/* advised_major returns the major that advice is given for; 0: any. */
static long
advised_major(const struct lk_fixture_header *header)
{
    const char *option = strstr(header->options, "--postgres-version ");

    return option == NULL ? 0 : strtol(option + strlen("--postgres-version "), NULL, 10);
}

/* ---- the setup ---- */

/* up returns the parts of a file that a convention's runner carries out forwards. */
static char *
up(TALLOC_CTX *mem, const struct lk_naming *naming, const char *text)
{
    struct lk_source *source = lk_source_new(mem, "", text, strlen(text));
    struct lk_parts parts = lk_naming_split(mem, naming, source);
    struct lk_buf sql = lk_buf_init(mem);

    lk_vec_foreach(span, &parts.up.items) { /* the end of each ends a statement, too */
        lk_buf_addn(&sql, source->original + span->start, span->end - span->start);
        lk_buf_add(&sql, "\n;\n");
    }
    return sql.data;
}

/* naming_of returns the convention that a case's options name, or NULL. */
static const struct lk_naming *
naming_of(TALLOC_CTX *mem, const struct lk_fixture_header *header)
{
    static const char option[] = "--naming ";
    const char *name = strstr(header->options, option);

    if (name == NULL)
        return NULL;
    name += strlen(option);
    return lk_naming_find(lk_strndup(mem, name, strcspn(name, " ")));
}

static char *
setup_of(const struct rule_case *it)
{
    TALLOC_CTX *mem = it->site->mem;
    char *own = lk_test_read(mem, lk_fmt(mem, "%s/%s.setup.sql", it->folder, it->name));
    char *all = own != NULL ? own : lk_test_read(mem, lk_fmt(mem, "%s/setup.sql", it->folder));

    return all != NULL ? all : lk_strdup(mem, "");
}

static void
run_setup(const struct rule_case *it)
{
    const char *state = lk_psql_run(it->site, setup_of(it), false);

    if (state[0] != '\0')
        fail_msg("the setup fails: %s", state);
}

/* ---- the case itself ---- */

static void
expect_state(const struct lk_fixture_header *header, const char *state)
{
    if (header->fails == NULL && state[0] != '\0')
        fail_msg("it fails on the server: %s", state);
    if (header->fails != NULL && strcmp(header->fails, state) != 0)
        fail_msg("\"fails: %s\", but on the server: %s", header->fails,
                 state[0] != '\0' ? state : "success");
}

/* run_changelog carries out the migrations of a folder in their order, forwards from nothing, and
 * returns the SQLSTATE that one stops with, or "". */
static const char *
run_changelog(struct rule_case *it, const struct lk_found_folder *found,
              const struct lk_changelog_options *options)
{
    TALLOC_CTX *mem = it->site->mem;
    struct lk_changelog changelog = {0};

    lk_changelog_join(mem, &changelog, found, options);
    lk_changelog_sort(&changelog);
    lk_vec_foreach(migration, &changelog.migrations) {
        if (!migration->replayed)
            continue;
        const char *text = lk_test_read(mem, migration->path);
        const char *state = lk_psql_run(it->site, up(mem, found->naming, text), false);
        if (state[0] != '\0')
            return state;
    }
    return "";
}

static void
run_folder(struct rule_case *it)
{
    TALLOC_CTX *mem = it->site->mem;
    char *folder = lk_fmt(mem, "%s/%s", it->folder, it->name);
    struct lk_fixture_header header =
        lk_fixture_header_of(mem, lk_test_read(mem, lk_fmt(mem, "%s/marks", folder)));
    struct lk_changelog_options options = {.naming = naming_of(mem, &header)};
    struct lk_found_folders found = {0};
    struct lk_listing listing;
    struct lk_error err = {0};

    if (header.not_executed || lk_psql_major(it->site) < header.servers)
        skip();
    if (!lk_directory_list(mem, folder, &listing, &err))
        fail_msg("%s", err.message);
    lk_vec_foreach(entry, &listing.entries)
        if (lk_ends_with(entry->name, ".escaped"))
            skip(); /* what no server takes as text */
    if (!lk_changelog_find(mem, folder, &options, &found, &err))
        fail_msg("%s", err.message);
    lk_vec_foreach(each, &found.folders)
        expect_state(&header, run_changelog(it, each, &options));
}

static void
run_file(struct rule_case *it)
{
    TALLOC_CTX *mem = it->site->mem;
    char *text = lk_test_read(mem, lk_fmt(mem, "%s/%s.sql", it->folder, it->name));
    struct lk_fixture_header header = lk_fixture_header_of(mem, text);

    if (header.not_executed || lk_psql_major(it->site) < header.servers)
        skip();
    run_setup(it);
    expect_state(&header,
                 lk_psql_run(it->site, up(mem, naming_of(mem, &header), text), header.transaction));
}

static void
test_case(void **state)
{
    struct rule_case *it = *state;

    if (it->is_folder)
        run_folder(it);
    else
        run_file(it);
}

/* ---- hints ---- */

/*
 * sql_of returns the SQL that a hint starts with, up to where people have something to do or to
 * fill in; NULL where there is none.
 */
static char *
sql_of(TALLOC_CTX *mem, const char *hint)
{
    struct lk_hint steps = lk_hint_of(mem, hint);
    struct lk_buf sql = lk_buf_init(mem);

    if (hint == NULL || strstr(hint, "TABLESPACE") != NULL || strstr(hint, "${") != NULL)
        return NULL;
    lk_vec_foreach(step, &steps.steps)
        lk_buf_add(&sql, step->sql);
    return sql.len > 0 ? sql.data : NULL;
}

/* text_before returns a text up to a line and column, which count code points. */
static char *
text_before(TALLOC_CTX *mem, const char *text, json_int_t line, json_int_t column)
{
    const char *at = text;

    while (line-- > 1)
        at += strcspn(at, "\n") + 1;
    while (column-- > 1)
        do
            at++;
        while ((*at & 0xC0) == 0x80);
    return lk_strndup(mem, text, (size_t)(at - text));
}

/* is_in_body returns whether a text ends within the body of a DO block or a routine. */
static bool
is_in_body(const char *text)
{
    struct lk_lexer lexer = lk_lexer_at(text, (struct lk_span){0, (uint32_t)strlen(text)});
    struct lk_token token;
    bool body = false;

    while ((token = lk_lex(&lexer)).kind != LK_TOKEN_END)
        body = token.kind == LK_TOKEN_DOLLAR && token.unterminated;
    return body;
}

/* lint returns the findings in a case, the setup being the migration before. */
static json_t *
lint(const struct rule_case *it, const char *text, const struct lk_fixture_header *header)
{
    TALLOC_CTX *mem = it->site->mem;

    lk_site_migration(it->site, "0001_setup.sql", setup_of(it));
    lk_site_migration(it->site, "0002_case.sql", text);
    struct lk_output output = lk_site_run(
        it->site, lk_fmt(mem, "lint -f json --naming plain %s migrations", header->options));
    json_t *report = json_loads(output.out, 0, NULL);
    if (report == NULL)
        fail_msg("no report: %s", output.err);
    return report;
}

/* try_hint returns whether a finding's hint could be tried. */
static bool
try_hint(struct rule_case *it, const char *text, const json_t *finding)
{
    json_int_t line = json_integer_value(json_object_get(finding, "line"));
    json_int_t column = json_integer_value(json_object_get(finding, "column"));
    const char *hint = json_string_value(json_object_get(finding, "hint"));
    TALLOC_CTX *mem = it->site->mem;
    char *sql = sql_of(mem, hint);
    char *before = text_before(mem, text, line, column);

    if (sql == NULL || (lk_hint_of(mem, hint).steps.items[0].apart && is_in_body(before)))
        return false; /* what it needs of the body is not done */
    lk_psql_fresh(it->site);
    run_setup(it);
    const char *state = lk_psql_run(it->site, lk_fmt(mem, "%s\n%s", before, sql), false);
    if (state[0] != '\0') { /* in a migration of its own: what comes before it is committed */
        lk_psql_fresh(it->site);
        run_setup(it);
        lk_psql_run(it->site, lk_fmt(mem, "%s\n;COMMIT;", before), false);
        state = lk_psql_run(it->site, sql, false);
    }
    if (state[0] != '\0')
        fail_msg("the hint for line %lld fails on the server: %s\n%s", (long long)line, state, sql);
    return true;
}

static size_t hints_tried;

static void
test_hints(void **state)
{
    struct rule_case *it = *state;
    char *text = lk_test_read(NULL, lk_fmt(it->site->mem, "%s/%s.sql", it->folder, it->name));
    struct lk_fixture_header header = lk_fixture_header_of(text, text);
    size_t index, tried = 0;
    const json_t *finding;

    if (strstr(header.options, "--naming") != NULL || lk_psql_major(it->site) < header.servers ||
        lk_psql_major(it->site) < advised_major(&header)) {
        talloc_free(text);
        skip();
    }
    json_t *report = lint(it, text, &header);
    json_array_foreach(json_object_get(report, "findings"), index, finding)
    {
        const char *file = json_string_value(json_object_get(finding, "file"));
        if (lk_ends_with(file, "0002_case.sql"))
            tried += try_hint(it, text, finding);
    }
    json_decref(report);
    talloc_free(text);
    hints_tried += tried;
    if (tried == 0)
        skip();
}

/* Prose is not carried out, but were no hint taken for SQL any more, all would be skipped. */
static void
test_hints_were_tried(void **state)
{
    (void)state;
    assert_in_range(hints_tried, 500, SIZE_MAX); /* 538 on 15 when this was written */
}

/* ---- fixes ---- */

/* run_tool runs a program of the system that has to succeed. */
static void
run_tool(const struct rule_case *it, const char *first, const char *second, const char *third,
         const char *fourth)
{
    const char *const args[] = {first, second, third, fourth, NULL};
    struct lk_output output = lk_test_run(it->site->mem, it->site->dir, args, NULL);

    lk_expect_exit(&output, 0);
}

/* place writes the case as the site's migrations, in place of those of the case before. */
static void
place(const struct rule_case *it, const char *text)
{
    run_tool(it, "rm", "-rf", "migrations", NULL);
    if (it->is_folder) {
        run_tool(it, "cp", "-r", lk_fmt(it->site->mem, "%s/%s", it->folder, it->name),
                 "migrations");
        return;
    }
    lk_site_migration(it->site, "0001_setup.sql", setup_of(it));
    lk_site_migration(it->site, "0002_case.sql", text);
}

/* run_migrations carries the site's migrations out and returns the SQLSTATE it stops with, or "".
 */
static const char *
run_migrations(struct rule_case *it, const struct lk_fixture_header *header)
{
    TALLOC_CTX *mem = it->site->mem;
    struct lk_changelog_options options = {.naming = naming_of(mem, header)};
    struct lk_found_folders found = {0};
    struct lk_error err = {0};
    const char *state = "";

    if (!lk_changelog_find(mem, lk_path_join(mem, it->site->dir, "migrations"), &options, &found,
                           &err))
        fail_msg("%s", err.message);
    lk_vec_foreach(folder, &found.folders)
        if (state[0] == '\0')
            state = run_changelog(it, folder, &options);
    return state;
}

static char *
catalog_of(const struct rule_case *it)
{
    TALLOC_CTX *mem = it->site->mem;
    char *query = lk_test_read(mem, LK_SOURCE_DIR "/applier/sql/listing.sql");

    return lk_site_value(it->site,
                         lk_fmt(mem, "SELECT * FROM (%s) AS it ORDER BY 1, 2, 3, 4", query));
}

/* expect_same fails at the first line that differs. */
static void
expect_same(const char *wanted, const char *found, const char *output)
{
    size_t at = 0, line = 0;

    for (; wanted[at] == found[at] && wanted[at] != '\0'; at++)
        if (wanted[at] == '\n')
            line = at + 1;
    if (wanted[at] != found[at])
        fail_msg("the schema differs: %.200s\n-- and: %.200s\n%s", wanted + line, found + line,
                 output);
}

/* Of how many cases one has its fixes carried out: with sanitizers each run of the tool is slow. */
#ifdef LK_FIX_STRIDE
#define FIX_STRIDE LK_FIX_STRIDE
#else
#define FIX_STRIDE 1
#endif

static size_t bad_cases;
static size_t fixes_tried;

/* fix runs fix with options and returns what it prints. */
static const char *
fix(const struct rule_case *it, const struct lk_fixture_header *header, const char *options)
{
    struct lk_output output = lk_site_run(
        it->site, lk_fmt(it->site->mem, "fix %s %s migrations", options, header->options));

    lk_expect_exit(&output, 0);
    return output.out;
}

/*
 * try_fixes wants that a case runs with its fixes, unless it did not without them; and that the
 * safe ones make the same schema.
 */
static void
try_fixes(struct rule_case *it, const struct lk_fixture_header *header)
{
    const char *diff = fix(it, header, "--unsafe --diff");

    if (diff[0] == '\0' || strstr(diff, "\nrename to") != NULL)
        skip(); /* under another name a file is another migration */
    bool safe = strcmp(diff, fix(it, header, "--diff")) == 0;
    const char *before = run_migrations(it, header);
    char *wanted = catalog_of(it);
    fix(it, header, "--unsafe");
    lk_psql_fresh(it->site);
    const char *after = run_migrations(it, header);
    if (after[0] != '\0' && (before[0] == '\0' || strcmp(after, "25001") == 0))
        fail_msg("with its fixes it fails: %s\n%s", after, diff);
    if (before[0] == '\0' && safe)
        expect_same(wanted, catalog_of(it), diff);
    fixes_tried++;
}

static void
test_fixes(void **state)
{
    struct rule_case *it = *state;
    TALLOC_CTX *mem = it->site->mem;
    char *text = lk_test_read(
        mem, lk_fmt(mem, "%s/%s%s", it->folder, it->name, it->is_folder ? "/marks" : ".sql"));
    struct lk_fixture_header header = lk_fixture_header_of(mem, text);

    if (header.not_executed ||
        lk_psql_major(it->site) < LK_MAX(header.servers, advised_major(&header)) ||
        (!it->is_folder && naming_of(mem, &header) != NULL))
        skip();
    place(it, text);
    try_fixes(it, &header);
}

/* Were no fix offered any more, all would be skipped. */
static void
test_fixes_were_tried(void **state)
{
    (void)state;
    /* 152 on 15 when this was written, and as many in proportion with a stride of 4 */
    assert_in_range(fixes_tried * FIX_STRIDE, 130, SIZE_MAX);
}

/* ---- finding all cases ---- */

static int
start(void **state)
{
    struct rule_case *it = *state;

    it->site = lk_psql_site();
    return 0;
}

struct tests {
    LK_VEC(struct CMUnitTest) items;
};

static void
add_test(TALLOC_CTX *mem, struct tests *tests, const struct rule_case *it, const char *rule,
         const char *kind, CMUnitTestFunction function)
{
    lk_vec_push(mem, &tests->items,
                ((struct CMUnitTest){lk_fmt(mem, "%s%s/%s", kind, rule, it->name), function, start,
                                     NULL, lk_memdup(mem, it, sizeof(*it))}));
}

static void
add_case(TALLOC_CTX *mem, struct tests *tests, const char *rule, const char *folder,
         const struct lk_entry *entry)
{
    bool bad = lk_starts_with(entry->name, "bad");
    bool sql = lk_ends_with(entry->name, ".sql") && !lk_ends_with(entry->name, ".setup.sql");
    struct rule_case it = {.folder = folder, .name = entry->name, .is_folder = entry->directory};

    if ((!bad && !lk_starts_with(entry->name, "good")) || (!sql && !entry->directory))
        return;
    if (sql)
        it.name = lk_strndup(mem, entry->name, strlen(entry->name) - strlen(".sql"));
    add_test(mem, tests, &it, rule, "", test_case);
    if (sql && bad)
        add_test(mem, tests, &it, rule, "hints of ", test_hints);
    if (bad && bad_cases++ % FIX_STRIDE == 0)
        add_test(mem, tests, &it, rule, "fixes of ", test_fixes);
}

static struct lk_listing
list(TALLOC_CTX *mem, const char *path)
{
    struct lk_listing listing = {0};
    struct lk_error err = {0};

    if (!lk_directory_list(mem, path, &listing, &err))
        LK_BUG("%s", err.message);
    return listing;
}

int
main(int argc, char **argv)
{
    if (argc > 1) /* a pattern, as of the golden tests */
        cmocka_set_test_filter(argv[1]);
    TALLOC_CTX *mem = lk_mem_new(NULL);
    struct tests tests = {0};
    struct lk_listing rules = list(mem, ROOT);

    lk_vec_foreach(rule, &rules.entries) {
        char *folder = lk_path_join(mem, ROOT, rule->name);
        struct lk_listing cases = list(mem, folder);
        lk_vec_foreach(entry, &cases.entries)
            add_case(mem, &tests, rule->name, folder, entry);
    }
    struct rule_case none = {.name = "cases, in number"};
    add_test(mem, &tests, &none, "all", "hints of ", test_hints_were_tried);
    add_test(mem, &tests, &none, "all", "fixes of ", test_fixes_were_tried);
    int failed = lk_site_main("fixtures", tests.items.items, tests.items.count);
    lk_psql_end();
    talloc_free(mem);
    return failed;
}
