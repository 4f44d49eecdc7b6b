/*
 * tests/meta/test_units.c
 *     Nothing is forgotten: lists are complete and sorted, every rule has cases and a page, and the
 *     generated pages are what the program would generate now.
 */
#include "parser/base/file.h"
#include "parser/base/text.h"
#include "rules/registry.h"
#include "tests/meta/tree.h"

/* The lists, and the files that they list. */
static const struct {
    const char *path;
    const char *macro;
    const char *folder; /* of the units; NULL: the list is not one of files */
    const char *prefix; /* of their names */
    bool sorted;
} lists[] = {
    {"applier/adopt_tools.def", "LK_ADOPT", NULL, NULL, true},
    {"applier/history_formats.def", "LK_HISTORY_FORMAT", "applier", "history_", true},
    {"cli/commands.def", "LK_COMMAND", "cli", "cmd_", false},
    {"cli/reports.def", "LK_REPORT", "cli", "report_", true},
    {"parser/namings.def", "LK_NAMING", "parser", "naming_", true},
    {"rules/effects/subcommands.def", "LK_SUBCOMMAND", NULL, NULL, true},
    {"rules/rules.def", "LK_RULE", "rules/checks", "", true},
};

static void
test_sorted(void **state)
{
    for (size_t i = 0; i < LK_ARRAY_SIZE(lists); i++) {
        struct lk_paths names = lk_tree_list(*state, lists[i].path, lists[i].macro);
        for (size_t k = 1; lists[i].sorted && k < names.items.count; k++)
            if (strcmp(names.items.items[k - 1], names.items.items[k]) >= 0)
                fail_msg("%s: %s stands behind %s", lists[i].path, names.items.items[k],
                         names.items.items[k - 1]);
    }
}

/* test_complete checks that each unit is listed and each listed one is there. */
static void
test_complete(void **state)
{
    for (size_t i = 0; i < LK_ARRAY_SIZE(lists); i++) {
        if (lists[i].folder == NULL)
            continue;
        struct lk_paths names = lk_tree_list(*state, lists[i].path, lists[i].macro);
        struct lk_paths files = lk_tree_files(*state, lists[i].folder, ".c");
        char *start_of = lk_fmt(*state, "%s/%s", lists[i].folder, lists[i].prefix);
        size_t units = 0;
        lk_vec_foreach(file, &files.items) {
            if (!lk_starts_with(*file, start_of))
                continue;
            size_t length = strlen(*file) - strlen(start_of) - strlen(".c");
            char *name = lk_strndup(*state, *file + strlen(start_of), length);
            char *text = lk_tree_read(*state, *file);
            units++;
            if (!lk_tree_holds(&names, name) && strstr(text, "\nconst struct lk_") != NULL)
                fail_msg("%s is not in %s", *file, lists[i].path);
        }
        if (units < names.items.count)
            fail_msg("%s lists more than there is", lists[i].path);
    }
}

/* count_cases returns how many of a rule's cases start with a word. */
static size_t
count_cases(TALLOC_CTX *mem, const char *rule, const char *word)
{
    struct lk_listing listing = {0};
    struct lk_error err = {0};
    size_t count = 0;

    if (!lk_directory_list(mem, lk_fmt(mem, LK_SOURCE_DIR "/fixtures/rules/%s", rule), &listing,
                           &err))
        fail_msg("%s", err.message);
    lk_vec_foreach(entry, &listing.entries)
        count += lk_starts_with(entry->name, word) &&
                 (entry->directory ||
                  (lk_ends_with(entry->name, ".sql") && !lk_ends_with(entry->name, ".setup.sql")));
    return count;
}

/* test_rules checks that each rule has a bad and a good case, and a page with all its parts. */
static void
test_rules(void **state)
{
    static const char *const parts[] = {"## What it flags\n", "## Why it hurts\n",
                                        "## Do instead\n",    "## When it stays silent\n",
                                        "## Versions\n",      "## References\n"};
    size_t count;
    const struct lk_rule *const *rules = lk_rules(&count);

    for (size_t i = 0; i < count; i++) {
        const char *name = rules[i]->name;
        const char *page = lk_tree_read(*state, lk_fmt(*state, "docs/rules/%s.md", name));
        if (count_cases(*state, name, "bad") == 0 || count_cases(*state, name, "good") == 0)
            fail_msg("fixtures/rules/%s needs a bad case and a good one", name);
        for (size_t k = 0; k < LK_ARRAY_SIZE(parts); k++) {
            const char *part = strstr(page, parts[k]);
            if (part == NULL)
                fail_msg("the page of %s has no \"%.*s\"", name, (int)strlen(parts[k]) - 1,
                         parts[k]);
            page = part;
        }
        if (lk_ends_with(rules[i]->summary, "."))
            fail_msg("the summary of %s ends with a period", name);
    }
}

/* check_option checks that what a rule says of an option fits its type. */
static void
check_option(const struct lk_rule *rule, const struct lk_rule_option *option)
{
    bool fits = option->type == LK_TYPE_INTEGER
                    ? option->low < option->high && option->standard >= option->low &&
                          option->standard <= option->high
                    : option->standard == 0 && option->low == 0 && option->high == 0;

    if (option->summary == NULL || lk_ends_with(option->summary, ".") || !fits ||
        strcmp(option->name, "severity") == 0)
        fail_msg("the option %s of %s is not as options are", option->name, rule->name);
}

static void
test_options(void **state)
{
    size_t count;
    const struct lk_rule *const *rules = lk_rules(&count);

    (void)state;
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < LK_RULE_MAX_OPTIONS && rules[i]->options[k].name != NULL; k++)
            check_option(rules[i], &rules[i]->options[k]);
}

/* test_listing checks that `rules` names all of them, in 80 columns. */
static void
test_listing(void **state)
{
    const char *args[] = {LK_BINARY, "rules", NULL};
    struct lk_output output = lk_test_run(*state, "/", args, NULL);
    const char *text = output.out;
    size_t count;
    const struct lk_rule *const *rules = lk_rules(&count);
    char *line;

    for (size_t i = 0; i < count; i++) {
        const char *fix = lk_rule_fix_word(rules[i]);
        const char *wanted = fix != NULL ? lk_fmt(*state, " %s [fix: %s]\n", rules[i]->name, fix)
                                         : lk_fmt(*state, " %s\n", rules[i]->name);
        if (strstr(output.out, wanted) == NULL)
            fail_msg("`rules` does not list%s", wanted);
    }
    while (lk_tree_line(*state, &text, &line))
        if (strlen(line) > 80 || lk_ends_with(line, " "))
            fail_msg("`rules` prints \"%s\"", line);
}

/* test_fixtures checks that each folder of cases is that of a rule. */
static void
test_fixtures(void **state)
{
    struct lk_listing listing = {0};
    struct lk_error err = {0};

    if (!lk_directory_list(*state, LK_SOURCE_DIR "/fixtures/rules", &listing, &err))
        fail_msg("%s", err.message);
    lk_vec_foreach(entry, &listing.entries)
        if (lk_rule_find(entry->name) == NULL)
            fail_msg("fixtures/rules/%s is of no rule", entry->name);
}

static const char *const single_pages[] = {
    "docs/cli.md",
    "docs/completions/_lockkeeper",
    "docs/completions/lockkeeper.bash",
    "docs/completions/lockkeeper.fish",
    "docs/configuration.md",
    "docs/locks.md",
    "docs/man/lockkeeper.1",
};

/* test_pages generates the pages anew and compares them with those in docs/. */
static void
test_pages(void **state)
{
    char *dir = lk_test_dir(*state);
    const char *args[] = {LK_DOCGEN, LK_SOURCE_DIR, dir, NULL};
    struct lk_output output = lk_test_run(*state, "/", args, NULL);
    struct lk_paths pages = lk_tree_files(*state, "docs/rules", ".md");

    assert_string_equal(output.err, "");
    assert_int_equal(output.exit_code, 0);
    for (size_t i = 0; i < LK_ARRAY_SIZE(single_pages); i++)
        lk_vec_push(*state, &pages.items, lk_strdup(*state, single_pages[i]));
    lk_vec_foreach(page, &pages.items) {
        char *fresh = lk_test_read(*state, lk_path_join(*state, dir, *page + strlen("docs/")));
        if (fresh == NULL)
            fail_msg("%s is not generated any more: remove it", *page);
        if (strcmp(fresh, lk_tree_read(*state, *page)) != 0)
            fail_msg("%s is not current: cmake --build --preset release --target docs", *page);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        lk_mem_test(test_sorted),  lk_mem_test(test_complete), lk_mem_test(test_rules),
        lk_mem_test(test_options), lk_mem_test(test_listing),  lk_mem_test(test_fixtures),
        lk_mem_test(test_pages),
    };

    return cmocka_run_group_tests_name("units", tests, NULL, NULL);
}
