/*
 * tests/golden/rule_case.c
 *     Golden cases of rules: fixtures/rules/<rule>/{bad,good}*. See docs/testing.md.
 */
#include "parser/base/text.h"
#include "parser/pgparse.h"
#include "tests/golden/fixes.h"
#include "tests/golden/golden.h"
#include "tests/golden/hints.h"
#include "tests/golden/marks.h"
#include "tests/support/fixture.h"

#define ROOT LK_SOURCE_DIR "/fixtures/rules"
#define FOLDER "migrations" /* of a case's migrations, in its working folder */

/* How the setup and the case are called under a naming convention. */
static const struct {
    const char *naming;
    const char *setup;    /* in front of "setup" */
    const char *version;  /* in front of the case's name */
    const char *ending;   /* behind both */
    const char *prologue; /* what the setup starts with */
} namings[] = {
    {"plain", "0001_", "0002_", ".sql", ""},
    {"flyway", "V1__", "V2__", ".sql", ""},
    {"golang-migrate", "0001_", "0002_", ".up.sql", ""},
    {"goose", "00001_", "00002_", ".sql", "-- +goose Up\n"},
    {"timestamp", "20240101000000_", "20240102000000_", ".sql", ""},
};

struct rule_case {
    TALLOC_CTX *mem;    /* of one run */
    const char *folder; /* of the rule */
    const char *name;   /* bad-partitioned */
    bool is_folder;
    bool good;
    const char *problem; /* with the fixture itself; NULL: none */
};

/* ---- reading a case ---- */

/* case_path returns the case's file, folder or expected output: its name plus `ending`. */
static char *
case_path(const struct rule_case *it, const char *ending)
{
    return lk_fmt(it->mem, "%s/%s%s", it->folder, it->name, ending);
}

static size_t
naming_of(const struct lk_golden_words *options)
{
    for (size_t i = 0; i + 1 < options->items.count; i++) {
        if (strcmp(options->items.items[i], "--naming") != 0)
            continue;
        for (size_t k = 0; k < LK_ARRAY_SIZE(namings); k++)
            if (strcmp(namings[k].naming, options->items.items[i + 1]) == 0)
                return k;
        fail_msg("no file names are known for the naming %s", options->items.items[i + 1]);
    }
    return 0;
}

/* place_setup writes the migration before: the case's own, or the rule's, or none. */
static void
place_setup(const struct rule_case *it, const char *dir, size_t naming)
{
    char *own = case_path(it, ".setup.sql");
    char *path = lk_file_exists(own) ? own : lk_fmt(it->mem, "%s/setup.sql", it->folder);

    if (!lk_file_exists(path))
        return;
    struct lk_bytes bytes = lk_golden_read(it->mem, path);
    char *text = lk_fmt(it->mem, "%s%s", namings[naming].prologue, bytes.data);
    char *name = lk_fmt(it->mem, "%ssetup%s", namings[naming].setup, namings[naming].ending);
    lk_golden_write(dir, name, (struct lk_bytes){text, strlen(text)});
}

/* place_file writes setup and case into `dir`, and reads what the case says. */
static struct lk_fixture_header
place_file(const struct rule_case *it, const char *dir, struct lk_marks *marks)
{
    struct lk_bytes bytes = lk_golden_read(it->mem, case_path(it, ".sql"));
    struct lk_fixture_header header = lk_fixture_header_of(it->mem, bytes.data);
    struct lk_golden_words options = lk_golden_split(it->mem, header.options);
    size_t naming = naming_of(&options);
    char *name =
        lk_fmt(it->mem, "%s%s%s", namings[naming].version, it->name, namings[naming].ending);

    place_setup(it, dir, naming);
    lk_golden_write(dir, name, bytes);
    lk_marks_read(marks, name, bytes.data);
    return header;
}

#define BASE "base" /* in a folder: what a revision has */

/* is_no_migration returns whether a name in a case's folder is none of the work tree. */
static bool
is_no_migration(const char *name)
{
    return strcmp(name, "marks") == 0 || strcmp(name, BASE) == 0;
}

/* git runs git in `dir`, which has to succeed. */
static void
git(const struct rule_case *it, const char *dir, const char *line)
{
    const char *args[16] = {"git",
                            "-c",
                            "user.name=case",
                            "-c",
                            "user.email=case@example.com",
                            "-c",
                            "commit.gpgSign=false"};
    struct lk_golden_words words = lk_golden_split(it->mem, line);

    for (size_t i = 0; i < words.items.count; i++)
        args[7 + i] = words.items.items[i];
    struct lk_output output = lk_test_run(it->mem, dir, args, NULL);
    if (output.exit_code != 0)
        fail_msg("git %s: %s", line, output.err);
}

/*
 * place_past makes what the folder's base holds the branch main of a repository around `dir`, and
 * the rest of the folder what is staged there.
 */
static void
place_past(const struct rule_case *it, const char *source, const char *dir)
{
    lk_golden_copy(lk_path_join(it->mem, source, BASE), dir, NULL);
    git(it, dir, "init -q -b main ..");
    git(it, dir, "add .");
    git(it, dir, "commit -q -m base");
    git(it, dir, "rm -q -r --cached .");
    git(it, dir, "clean -q -f -d -x .");
    lk_golden_copy(source, dir, is_no_migration);
    git(it, dir, "add .");
}

/* read_folder_marks reads the marks in the files below `dir`, as they stand in the working folder.
 */
static void
read_folder_marks(const struct rule_case *it, const char *dir, const char *prefix,
                  struct lk_marks *marks)
{
    struct lk_listing listing = lk_golden_list(it->mem, dir);

    lk_vec_foreach(entry, &listing.entries) {
        char *path = lk_path_join(it->mem, dir, entry->name);
        char *name = lk_path_join(it->mem, prefix, entry->name);
        if (strcmp(name, BASE) == 0)
            continue;
        if (entry->directory)
            read_folder_marks(it, path, name, marks);
        else
            lk_marks_read(marks, name, lk_golden_read(it->mem, path).data);
    }
}

/* place_folder copies a folder of migrations; its `marks` file may start with a header. */
static struct lk_fixture_header
place_folder(const struct rule_case *it, const char *dir, struct lk_marks *marks)
{
    char *source = case_path(it, "");
    char *list = lk_test_read(it->mem, lk_path_join(it->mem, source, "marks"));

    if (lk_is_directory(lk_path_join(it->mem, source, BASE)))
        place_past(it, source, dir);
    else
        lk_golden_copy(source, dir, is_no_migration);
    read_folder_marks(it, dir, "", marks);
    if (list == NULL)
        return (struct lk_fixture_header){.options = ""};
    lk_marks_read_list(marks, list);
    return lk_fixture_header_of(it->mem, list);
}

/* ---- checking it ---- */

static struct lk_output
lint(const struct rule_case *it, const char *dir, const char *options, const char *format)
{
    char *line = lk_fmt(it->mem, "lint --color never -f %s %s %s", format, options, FOLDER);
    struct lk_golden_words words = lk_golden_split(it->mem, line);

    return lk_golden_run(it->mem, dir, &words, NULL);
}

/* check_good wants silence. */
static void
check_good(const struct rule_case *it, const struct lk_output *text, const struct lk_marks *wanted)
{
    if (wanted->set.items.count > 0)
        fail_msg("a good case has a mark: %s", wanted->set.items.items[0]);
    if (lk_file_exists(case_path(it, ".out")))
        fail_msg("a good case has no output, but there is %s", case_path(it, ".out"));
    if (text->exit_code != 0 || text->out[0] != '\0')
        fail_msg("a good case is not silent (exit code %d):\n%s", text->exit_code, text->out);
}

/* check_bad compares text, JSON and exit code with the marks and the blessed output. */
static void
check_bad(const struct rule_case *it, const char *dir, const struct lk_output *text,
          const char *options, struct lk_marks *wanted)
{
    struct lk_marks in_text = {.mem = it->mem}, in_json = {.mem = it->mem};
    struct lk_output json = lint(it, dir, options, "json");

    if (wanted->set.items.count == 0)
        fail_msg("a bad case has no mark");
    lk_marks_read_text(&in_text, FOLDER, text->out);
    lk_marks_compare(wanted, &in_text, "the text report");
    bool failed = lk_marks_read_json(&in_json, FOLDER, json.out);
    lk_marks_compare(wanted, &in_json, "the JSON report");
    lk_marks_check_hints(it->mem, json.out);
    assert_string_equal(json.err, "");
    assert_int_equal(text->exit_code, failed ? 1 : 0);
    assert_int_equal(json.exit_code, text->exit_code);
    lk_golden_expect(case_path(it, ".out"), text->out);
    if (!it->is_folder && strstr(options, "--naming") == NULL)
        lk_hints_check(it->mem, dir, FOLDER,
                       lk_fmt(it->mem, "%s%s%s", namings[0].version, it->name, namings[0].ending),
                       options, json.out);
    lk_fixes_check(it->mem, dir, FOLDER, options, json.out);
}

/* place sets a case up below `dir`. */
static struct lk_fixture_header
place(const struct rule_case *it, const char *dir, struct lk_marks *marks)
{
    char *migrations = lk_path_join(it->mem, dir, FOLDER);

    if (it->problem != NULL)
        fail_msg("%s/%s: %s", it->folder, it->name, it->problem);
    return it->is_folder ? place_folder(it, migrations, marks) : place_file(it, migrations, marks);
}

static void
test_case(void **state)
{
    struct rule_case *it = *state;
    struct lk_marks wanted = {.mem = it->mem};
    char *dir = lk_test_dir(it->mem);
    struct lk_fixture_header header = place(it, dir, &wanted);

    if (header.grammar > lk_grammar_major())
        skip();
    struct lk_output text = lint(it, dir, header.options, "text");
    assert_string_equal(text.err, "");
    if (it->good)
        check_good(it, &text, &wanted);
    else
        check_bad(it, dir, &text, header.options, &wanted);
}

const char *
lk_golden_report(TALLOC_CTX *mem, const struct CMUnitTest *test)
{
    struct rule_case it = *(const struct rule_case *)test->initial_state;
    struct lk_marks ignored = {.mem = mem};

    if (it.good) /* silent, as its own test has it */
        return NULL;
    char *dir = lk_test_dir(mem);
    it.mem = mem;
    struct lk_fixture_header header = place(&it, dir, &ignored);
    return header.grammar > lk_grammar_major() ? NULL : lint(&it, dir, header.options, "json").out;
}

static int
start(void **state)
{
    struct rule_case *it = *state;

    it->mem = lk_mem_new(NULL);
    return 0;
}

static int
end(void **state)
{
    struct rule_case *it = *state;

    talloc_free(it->mem);
    return 0;
}

/* ---- finding all cases ---- */

static bool
exists(const char *folder, const char *name, const char *ending)
{
    char *path LK_CLEANUP(lk_mem_cleanup) = lk_fmt(NULL, "%s/%s%s", folder, name, ending);

    return lk_file_exists(path);
}

/* problem_of returns what is wrong with something in a rule's folder that is no case, or NULL. */
static const char *
problem_of(TALLOC_CTX *mem, const char *folder, const char *name)
{
    size_t length = strlen(name);

    if (strcmp(name, "setup.sql") == 0)
        return NULL;
    if (lk_ends_with(name, ".setup.sql"))
        return exists(folder, lk_strndup(mem, name, length - strlen(".setup.sql")), ".sql")
                   ? NULL
                   : "the setup of no case";
    if (lk_ends_with(name, ".out")) {
        char *base = lk_strndup(mem, name, length - strlen(".out"));
        return exists(folder, base, "") || exists(folder, base, ".sql") ? NULL
                                                                        : "the output of no case";
    }
    return "neither a case (bad*, good*) nor a setup nor an output";
}

/* add_entry adds a test for something in a rule's folder: a case, or what should not be there. */
static void
add_entry(TALLOC_CTX *mem, struct lk_golden_tests *tests, const char *rule, const char *folder,
          const struct lk_entry *entry)
{
    bool sql = lk_ends_with(entry->name, ".sql") && !lk_ends_with(entry->name, ".setup.sql");
    bool good = lk_starts_with(entry->name, "good");
    bool is_case = (good || lk_starts_with(entry->name, "bad")) && (entry->directory || sql);
    const char *problem = is_case ? NULL : problem_of(mem, folder, entry->name);

    if (!is_case && problem == NULL)
        return;
    struct rule_case *it = lk_new(mem, struct rule_case);
    *it = (struct rule_case){
        .folder = folder,
        .name = lk_strndup(mem, entry->name,
                           strlen(entry->name) - (is_case && sql ? strlen(".sql") : 0)),
        .is_folder = entry->directory,
        .good = good,
        .problem = problem,
    };
    lk_vec_push(
        mem, &tests->items,
        ((struct CMUnitTest){lk_fmt(mem, "%s/%s", rule, it->name), test_case, start, end, it}));
}

void
lk_golden_add_rules(TALLOC_CTX *mem, struct lk_golden_tests *tests)
{
    struct lk_listing rules = lk_golden_list(mem, ROOT);

    lk_vec_foreach(rule, &rules.entries) {
        char *folder = lk_path_join(mem, ROOT, rule->name);
        struct lk_listing cases = lk_golden_list(mem, folder);
        lk_vec_foreach(entry, &cases.entries)
            add_entry(mem, tests, rule->name, folder, entry);
    }
}
