/*
 * tests/cli/test_reports.c
 *     Reports in the hands of those who read them: validators, a Markdown renderer, a browser. What
 *     they read is of a repository whose names and statements hold all that could break out.
 */
#include <sys/stat.h>
#include <unistd.h>

#include "cli/clean.h"
#include "parser/base/text.h"
#include "tests/support/lktest.h"

#define SCHEMAS LK_SOURCE_DIR "/tests/cli/schemas/"

/* Names and texts that mean something to those who read reports. */
#define TABLE "\"</details><img src=x> @everyone | `#1` ${{ x }}\""
#define FILE_2 "repo/migrations/V2__q\"<b>&' \xff\x01 @all ::x.sql"
#define FILE_3 "repo/migrations/V3__a\nb.sql"

struct world {
    TALLOC_CTX *mem;
    char *dir;
    char *repo;
};

static const char *const formats[] = {"checkstyle", "github",   "gitlab", "html",
                                      "junit",      "markdown", "rdjson", "sarif"};

static int
start(void **state)
{
    struct world *world = lk_new(NULL, struct world);

    world->mem = world;
    world->dir = lk_test_dir(world);
    world->repo = lk_path_join(world->mem, world->dir, "repo");
    lk_test_write(world->dir, "repo/.git/HEAD", "ref: refs/heads/main\n");
    lk_test_write(world->dir, "repo/migrations/V1__base.sql",
                  "CREATE TABLE " TABLE " (id bigint PRIMARY KEY, \"_b_ **c**\" text, d text);\n"
                  "CREATE TABLE t (id bigint PRIMARY KEY, c text);\n");
    lk_test_write(world->dir, FILE_2,
                  "\xEF\xBB\xBF/* \xC3\xA9\xF0\x9F\x98\x80 */ DROP TABLE t;\r\n"
                  "ALTER TABLE " TABLE " /* \x01\x1b[31m ]]> </script> --> \xE2\x80\xAE\r\n"
                  "````\r\n</details>\r\n::set-output name=a::b%0A @everyone */"
                  "DROP COLUMN \"_b_ **c**\";\r\n"
                  "-- lockkeeper: ignore ban-drop-column -- [x](http://e.com) </details> @all\r\n"
                  "ALTER TABLE " TABLE " DROP COLUMN d;\r\n");
    lk_test_write(world->dir, FILE_3, "CREATE INDEX i ON " TABLE "\n\t(id);\n");
    lk_test_write(world->dir, "repo/migrations/V4__latin1.sql", "SELECT '\xe9';\n");
    *state = world;
    return 0;
}

static int
end(void **state)
{
    talloc_free(*state);
    return 0;
}

static char *
in(const struct world *world, const char *path)
{
    return lk_path_join(world->mem, world->dir, path);
}

static struct lk_output
run_words(const struct world *world, const char *const *words)
{
    return lk_test_run(world->mem, world->repo, words, NULL);
}

#define run(world, ...) run_words(world, (const char *const[]){__VA_ARGS__, NULL})

/* succeed runs a program that must accept what it is given, and returns what it says. */
static char *
succeed_words(const struct world *world, const char *const *words)
{
    struct lk_output output = run_words(world, words);

    if (output.exit_code != 0)
        fail_msg("%s: exit code %d\n%s\n%s", words[0], output.exit_code, output.err, output.out);
    return output.out;
}

#define succeed(world, ...) succeed_words(world, (const char *const[]){__VA_ARGS__, NULL})

/* refuse runs a program that must not accept what it is given. */
#define refuse(world, ...) assert_int_not_equal(run(world, __VA_ARGS__).exit_code, 0)

/* lint returns a report of the repository, which is also in the file "out". */
static char *
lint(const struct world *world, const char *format)
{
    struct lk_output output =
        run(world, LK_BINARY, "lint", "-f", lk_fmt(world->mem, "%s:../out", format), "migrations");

    assert_int_equal(output.exit_code, 1);
    assert_string_equal(output.err, "");
    assert_string_equal(output.out, "");
    return lk_test_read(world->mem, in(world, "out"));
}

/* replaced returns a text with the first `from` in it replaced. */
static char *
replaced(const struct world *world, const char *text, const char *from, const char *to)
{
    const char *at = strstr(text, from);

    if (at == NULL)
        fail_msg("there is no %s in\n%s", from, text);
    return lk_fmt(world->mem, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
}

static size_t
count(const char *text, const char *part)
{
    size_t found = 0;

    for (const char *at = text; (at = strstr(at, part)) != NULL; at += strlen(part))
        found++;
    return found;
}

/* query returns what jq says to a filter of the file "out", without the line end. */
static char *
query(const struct world *world, const char *filter)
{
    char *out = succeed(world, "jq", "-r", filter, "../out");

    out[strcspn(out, "\n")] = '\0';
    return out;
}

/* ---- documents of XML ---- */

static void
expect_xml(const struct world *world, const char *format, const char *from, const char *to)
{
    char *schema = lk_fmt(world->mem, SCHEMAS "%s.xsd", format);
    char *text = lint(world, format);

    succeed(world, "xmllint", "--noout", "--nonet", "--schema", schema, "../out");
    lk_test_write(world->dir, "bad", replaced(world, text, from, to));
    refuse(world, "xmllint", "--noout", "--nonet", "--schema", schema, "../bad");
}

static void
test_junit(void **state)
{
    struct world *world = *state;

    expect_xml(world, "junit", "<failure ", "<broken ");
    const char *paths[][2] = {
        {"string(/testsuites/@tests)", "8"},
        {"string(/testsuites/@failures)", "2"},
        {"count(//testcase)", "8"},
        {"count(//failure)", "2"},
        {"count(//skipped)", "1"},
        {"string(//skipped/@message)", "[x](http://e.com) </details> @all"},
        {"count(//testsuite[@name='migrations/V1__base.sql']/testcase[not(*)])", "1"},
        {"string(//testsuite[3]/@name)", "migrations/V3__a\nb.sql"},
    };
    lint(world, "junit");
    for (size_t i = 0; i < LK_ARRAY_SIZE(paths); i++) {
        char *out = succeed(world, "xmllint", "--xpath", paths[i][0], "../out");
        size_t length = strlen(out);
        if (length > 0 && out[length - 1] == '\n')
            out[length - 1] = '\0';
        assert_string_equal(out, paths[i][1]);
    }
}

static void
test_checkstyle(void **state)
{
    expect_xml(*state, "checkstyle", "severity=\"error\"", "severity=\"fatal\"");
}

/* ---- documents of JSON ---- */

static void
test_sarif(void **state)
{
    struct world *world = *state;
    char *text = lint(world, "sarif");

    assert_string_equal(query(world, "[.runs[0].results[] | .ruleId] | length"), "7");
    assert_string_equal(query(world, ".runs[0].results[] | select(.ruleId == \"ban-drop-table\") | "
                                     ".locations[0].physicalLocation.region | "
                                     "[.startLine, .startColumn, .endLine, .endColumn] | @csv"),
                        "1,10,1,22");
    assert_string_equal(query(world, ".runs[0].results[] | select(.suppressions | length > 0) | "
                                     ".suppressions[0].justification"),
                        "[x](http://e.com) </details> @all");
    assert_string_equal(query(world, ".runs[0].results[] | select(.ruleId == \"ban-drop-table\") | "
                                     ".locations[0].physicalLocation.artifactLocation.uri"),
                        "migrations/V2__q%22%3Cb%3E&'%20%FF%01%20@all%20%3A%3Ax.sql");
    /* it reads files of that name only, and what is wrong does not show in its exit code */
    const char *const words[] = {"env",
                                 "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1",
                                 LK_SARIF_MULTITOOL,
                                 "validate",
                                 "../a.sarif",
                                 NULL};
    lk_test_write(world->dir, "a.sarif", text);
    char *said = succeed_words(world, words);
    if (strstr(said, "1 files scanned") == NULL || strstr(said, "error ") != NULL)
        fail_msg("%s", said);
    lk_test_write(world->dir, "a.sarif",
                  replaced(world, text, "\"startLine\": 1", "\"startLine\": 0"));
    assert_non_null(strstr(run_words(world, words).out, "error JSON"));
}

/* test_sarif_fix carries out the replacements of a report, and expects what `fix` writes. */
static void
test_sarif_fix(void **state)
{
    struct world *world = *state;
    const char *script =
        "import json\n"
        "run = json.load(open('../out'))['runs'][0]\n"
        "lines = open('migrations/V3__a\\nb.sql', newline='').read().split('\\n')\n"
        "for result in run['results']:\n"
        "  for change in result.get('fixes', [{'artifactChanges': []}])[0]['artifactChanges']:\n"
        "    for edit in reversed(change['replacements']):\n"
        "      at = edit['deletedRegion']\n"
        "      if change['artifactLocation']['uri'] != 'migrations/V3__a%0Ab.sql': continue\n"
        "      assert at['startLine'] == at['endLine']\n"
        "      line = lines[at['startLine'] - 1]\n"
        "      lines[at['startLine'] - 1] = line[:at['startColumn'] - 1] + \\\n"
        "        edit['insertedContent']['text'] + line[at['endColumn'] - 1:]\n"
        "print('\\n'.join(lines), end='')\n";

    lint(world, "sarif");
    char *applied = succeed(world, "python3", "-c", script);
    run(world, LK_BINARY, "fix", "--select", "require-concurrent-index-creation", "migrations");
    char *fixed = lk_test_read(world->mem, in(world, FILE_3));
    assert_non_null(strstr(fixed, "CONCURRENTLY"));
    assert_string_equal(applied, fixed);
}

static void
expect_json(const struct world *world, const char *format, const char *from, const char *to)
{
    char *schema = lk_fmt(world->mem, SCHEMAS "%s.json", format);
    char *text = lint(world, format);

    succeed(world, "jq", "-e", ".", "../out");
    succeed(world, LK_JSONSCHEMA, "-i", "../out", schema);
    lk_test_write(world->dir, "bad", replaced(world, text, from, to));
    refuse(world, LK_JSONSCHEMA, "-i", "../bad", schema);
}

static void
test_gitlab(void **state)
{
    struct world *world = *state;

    expect_json(world, "gitlab", "\"critical\"", "\"fatal\"");
    assert_string_equal(query(world, "[.[].fingerprint] | (length == (unique | length))"), "true");
    assert_string_equal(query(world, "length"), "6");
}

static void
test_rdjson(void **state)
{
    struct world *world = *state;

    expect_json(world, "rdjson", "\"ERROR\"", "\"FATAL\"");
    /* columns are bytes there */
    assert_string_equal(query(world, ".diagnostics[] | select(.code.value == \"ban-drop-table\") | "
                                     ".location.range | [.start.line, .start.column, .end.line, "
                                     ".end.column] | @csv"),
                        "1,14,1,26");
}

/* ---- workflow commands ---- */

/* unescape undoes what the runner undoes. Source: actions/runner, ActionCommand.cs. */
static char *
unescape(const struct world *world, const char *text, size_t length)
{
    struct lk_buf plain = lk_buf_init(world->mem);

    for (size_t at = 0; at < length; at++) {
        static const char *const codes[] = {"25", "0D", "0A", "3A", "2C"};
        char c = text[at];
        for (size_t i = 0; text[at] == '%' && i < LK_ARRAY_SIZE(codes); i++)
            if (strncmp(text + at + 1, codes[i], 2) == 0)
                c = "%\r\n:,"[i];
        at += text[at] == '%' ? 2 : 0;
        lk_buf_addc(&plain, c);
    }
    return plain.data;
}

static void
test_github(void **state)
{
    struct world *world = *state;
    char *summary = in(world, "summary");

    lk_test_write(world->dir, "summary", "before\n");
    struct lk_output output =
        run(world, "env", lk_fmt(world->mem, "GITHUB_STEP_SUMMARY=%s", summary), LK_BINARY, "lint",
            "-f", "github", "migrations");
    assert_string_equal(output.err, "");
    size_t lines = 0;
    bool odd = false;
    for (const char *at = output.out; *at != '\0'; lines++) {
        size_t length = strcspn(at, "\n");
        const char *data = strstr(at + 2, "::");
        if ((!lk_starts_with(at, "::error file=") && !lk_starts_with(at, "::warning file=")) ||
            data == NULL || data > at + length)
            fail_msg("this is no command: %.*s", (int)length, at);
        const char *file = strchr(at, '=') + 1;
        char *path = unescape(world, file, strcspn(file, ",:"));
        odd |= strcmp(path, "migrations/V2__q\"<b>&' \xEF\xBF\xBD\x01 @all ::x.sql") == 0;
        at += length + 1;
    }
    assert_int_equal(lines, 6);
    assert_true(odd);
    char *text = lk_test_read(world->mem, summary);
    assert_true(lk_starts_with(text, "before\n"));
    assert_non_null(strstr(text, "Lockkeeper: 2 errors"));
}

/* ---- markdown ---- */

/* expect_rendered renders Markdown as GitHub does, and expects that nothing broke out. */
static void
expect_rendered(const struct world *world, const char *text, size_t limit)
{
    static const char *const forbidden[] = {"<img", "<a ",   "<b>",      "<script",
                                            "<em>", "<del>", "<!-- raw", "&lt;details"};

    lk_test_write(world->dir, "comment.md", text);
    char *html = succeed(world, LK_CMARK, "--unsafe", "-e", "table", "-e", "autolink", "-e",
                         "strikethrough", "-e", "tagfilter", "../comment.md");
    for (size_t i = 0; i < LK_ARRAY_SIZE(forbidden); i++)
        if (strstr(html, forbidden[i]) != NULL)
            fail_msg("at %zu characters there is %s in\n%s", limit, forbidden[i], html);
    assert_int_equal(count(html, "<details"), count(html, "</details>"));
    assert_int_equal(count(html, "<pre>"), count(html, "</pre>"));
    /* outside of code, nobody is mentioned: a word joiner stands behind the sign */
    for (const char *at = html; (at = strchr(at, '@')) != NULL; at++) {
        char *before = lk_strndup(world->mem, html, (size_t)(at - html));
        bool code = count(before, "<code") > count(before, "</code>");
        if (!code && strncmp(at + 1, "\xE2\x81\xA0", 3) != 0)
            fail_msg("at %zu characters somebody is mentioned: %.60s", limit, at);
    }
}

static void
test_markdown(void **state)
{
    struct world *world = *state;
    char *text = lint(world, "markdown");

    assert_non_null(strstr(text, "Lockkeeper: 2 errors, 4 warnings"));
    expect_rendered(world, text, 0);
}

/* test_cut cuts the comment at every length: it always says the verdict, and is always whole. */
static void
test_cut(void **state)
{
    struct world *world = *state;
    size_t whole = lk_code_points(lint(world, "markdown"));

    for (size_t limit = 60; limit < whole + 200; limit += 83) {
        char *number = lk_fmt(world->mem, "%zu", limit);
        struct lk_output output = run(world, LK_BINARY, "lint", "-f", "markdown",
                                      "--max-characters", number, "migrations");
        if (lk_code_points(output.out) > limit)
            fail_msg("%zu characters, of %zu", lk_code_points(output.out), limit);
        if (strstr(output.out, "Lockkeeper: 2 errors, 4 warnings") == NULL)
            fail_msg("no verdict in %zu characters:\n%s", limit, output.out);
        expect_rendered(world, output.out, limit);
    }
}

/* ---- the page ---- */

static void
test_html(void **state)
{
    struct world *world = *state;
    char *text = lint(world, "html");
    static const char *const forbidden[] = {"<script", "<img",    "<link",
                                            "<a ",     "<iframe", "url(http"};

    for (size_t i = 0; i < LK_ARRAY_SIZE(forbidden); i++)
        if (strstr(text, forbidden[i]) != NULL)
            fail_msg("there is %s in\n%s", forbidden[i], text);
    assert_int_equal(count(text, "<svg"), count(text, "</svg>"));
    assert_int_equal(count(text, "class=\"finding\""), 6);
    assert_non_null(strstr(text, "class=\"reads\""));
}

/* test_browser has a browser show the page, as wide as a telephone: it is no wider than that. */
static void
test_browser(void **state)
{
    struct world *world = *state;
    char *page = lint(world, "html");
    struct stat shot;

    /* a page that says how wide it is; the one that people get runs nothing */
    page = replaced(world, page, "default-src 'none'; ", "");
    page = replaced(world, page, "</body>",
                    "<script>document.title = 'width ' + document.documentElement.scrollWidth + "
                    "' of ' + window.innerWidth + ', ' + "
                    "document.querySelectorAll('.finding').length + ' findings, ' + "
                    "document.querySelectorAll('svg rect.reads').length + ' bars, ' + "
                    "document.querySelectorAll('img').length + ' images'</script></body>");
    lk_test_write(world->dir, "page.html", page);
    const char *url = lk_fmt(world->mem, "file://%s", in(world, "page.html"));
    const char *home = lk_fmt(world->mem, "--user-data-dir=%s", in(world, "browser"));
    char *dom = succeed(world, LK_CHROMIUM, "--no-sandbox", "--disable-gpu", home,
                        "--hide-scrollbars", "--window-size=390,800", "--dump-dom", url);
    if (strstr(dom, "<title>width 390 of 390, 6 findings, 2 bars, 0 images</title>") == NULL)
        fail_msg("%.300s", strstr(dom, "<title>") != NULL ? strstr(dom, "<title>") : dom);
    succeed(world, LK_CHROMIUM, "--no-sandbox", "--disable-gpu", home, "--hide-scrollbars",
            "--window-size=390,800", lk_fmt(world->mem, "--screenshot=%s", in(world, "page.png")),
            url);
    assert_int_equal(stat(in(world, "page.png"), &shot), 0);
    assert_true(shot.st_size > 10000); /* an empty one of that size has some 2000 */
}

/* ---- all formats ---- */

/* test_same: reports are the same from run to run, and under any locale. */
static void
test_same(void **state)
{
    struct world *world = *state;
    static const char *const locales[] = {"C", "C.UTF-8", "tr_TR.UTF-8", "de_DE.UTF-8"};

    mkdir(in(world, "locales"), 0755);
    for (size_t i = 2; i < LK_ARRAY_SIZE(locales); i++) /* where there are their sources */
        run(world, "localedef", "-i", lk_strndup(world->mem, locales[i], 5), "-f", "UTF-8",
            lk_fmt(world->mem, "../locales/%s", locales[i]));
    for (size_t i = 0; i < LK_ARRAY_SIZE(formats); i++) {
        char *first = lint(world, formats[i]);
        for (size_t k = 0; k < LK_ARRAY_SIZE(locales); k++) {
            struct lk_output output =
                run(world, "env", "ASAN_OPTIONS=detect_leaks=0", /* glibc keeps what LOCPATH is */
                    lk_fmt(world->mem, "LC_ALL=%s", locales[k]),
                    lk_fmt(world->mem, "LOCPATH=%s", in(world, "locales")), LK_BINARY, "lint", "-f",
                    formats[i], "migrations");
            assert_string_equal(output.err, "");
            assert_string_equal(output.out, first);
        }
    }
}

/* test_root: paths count from the root of the repository, wherever the report is made. */
static void
test_root(void **state)
{
    struct world *world = *state;

    for (size_t i = 0; i < LK_ARRAY_SIZE(formats); i++) {
        char *first = lint(world, formats[i]);
        struct lk_output output = lk_test_run(
            world->mem, in(world, "repo/migrations"),
            (const char *const[]){LK_BINARY, "lint", "-f", formats[i], "../migrations/.", NULL},
            NULL);
        assert_string_equal(output.out, first);
    }
}

/* test_pipe: who reads no further is no failure, and a full disk is one. */
static void
test_pipe(void **state)
{
    struct world *world = *state;
    struct lk_buf sql = lk_buf_init(world->mem);

    for (int i = 0; i < 400; i++)
        lk_buf_addf(&sql, "CREATE TABLE a%d (id int);\nDROP TABLE b%d;\n", i, i);
    lk_test_write(world->dir, "repo/many.sql", sql.data);
    for (size_t i = 0; i < LK_ARRAY_SIZE(formats); i++) {
        const char *pipe =
            lk_fmt(world->mem,
                   "{ " LK_BINARY " lint -f %s many.sql; echo $? >&2; } | head -c 1 >/dev/null",
                   formats[i]);
        struct lk_output output = run(world, "sh", "-c", pipe);
        assert_int_equal(output.exit_code, 0);
        assert_string_equal(output.err, "0\n");
        output = run(world, "sh", "-c",
                     lk_fmt(world->mem, LK_BINARY " lint -f %s many.sql >/dev/full", formats[i]));
        assert_int_equal(output.exit_code, 3);
        assert_non_null(strstr(output.err, "cannot write to standard output"));
    }
}

#define SLOW_LINT                                                                                  \
    "{ head -c 200000 /dev/zero | tr '\\0' '\\n'; sleep 1; } | " LK_BINARY                         \
    " lint -o report --stdin-filename m/V2__b.sql"

/*
 * test_progress: on a terminal a long run shows how far it is, and takes that away. It is long as
 * the second file comes from a pipe whose writer waits once somebody reads.
 */
static void
test_progress(void **state)
{
    struct world *world = *state;
    static const char *const silent[] = {"-q", "--no-progress", "--log-format json"};

    for (int i = 1; i <= 3; i++)
        lk_test_write(world->dir, lk_fmt(world->mem, "repo/m/V%d__b.sql", i), "SELECT 1;\n");
    char *shown = succeed(world, "script", "-qec", SLOW_LINT " -", "/dev/null");
    assert_non_null(strstr(shown, "\rlockkeeper: 2 of 3 migrations\033[K"));
    assert_true(lk_ends_with(shown, "\r\033[K"));
    for (size_t i = 0; i < LK_ARRAY_SIZE(silent); i++) {
        const char *command = lk_fmt(world->mem, "%s %s -", SLOW_LINT, silent[i]);
        assert_string_equal(succeed(world, "script", "-qec", command, "/dev/null"), "");
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_junit, start, end),
        cmocka_unit_test_setup_teardown(test_checkstyle, start, end),
        cmocka_unit_test_setup_teardown(test_sarif, start, end),
        cmocka_unit_test_setup_teardown(test_sarif_fix, start, end),
        cmocka_unit_test_setup_teardown(test_gitlab, start, end),
        cmocka_unit_test_setup_teardown(test_rdjson, start, end),
        cmocka_unit_test_setup_teardown(test_github, start, end),
        cmocka_unit_test_setup_teardown(test_markdown, start, end),
        cmocka_unit_test_setup_teardown(test_cut, start, end),
        cmocka_unit_test_setup_teardown(test_html, start, end),
        cmocka_unit_test_setup_teardown(test_browser, start, end),
        cmocka_unit_test_setup_teardown(test_same, start, end),
        cmocka_unit_test_setup_teardown(test_root, start, end),
        cmocka_unit_test_setup_teardown(test_pipe, start, end),
        cmocka_unit_test_setup_teardown(test_progress, start, end),
    };

    return cmocka_run_group_tests_name("reports", tests, NULL, NULL);
}
