/*
 * tests/meta/test_sources.c
 *     The sources keep to the house's rules: who includes whom, what is called where, how long
 * files are, what exported symbols are called.
 */
#include <ctype.h>

#include "parser/base/text.h"
#include "tests/meta/tree.h"

#define MAX_LINES 700
#define MAX_COLUMNS 100

/* ---- includes ---- */

/* Every folder includes itself and those before it. */
static const char *const layers[] = {"parser/", "rules/", "applier/", "cli/", "tests/"};

static size_t
layer_of(const char *path)
{
    size_t layer = 0;

    while (layer < LK_ARRAY_SIZE(layers) && !lk_starts_with(path, layers[layer]))
        layer++;
    return layer;
}

/* Headers that only some files may include. */
static const struct {
    const char *header; /* what its name starts with */
    const char *places[3];
} gates[] = {
    {"libpq-fe.h", {"applier/", "tests/"}},
    {"tree_sitter/", {"parser/"}},
    {"parser/pg_nodes.h", {"parser/", "rules/", "tests/"}},
    {"parser/pg_names.h", {"parser/", "rules/", "tests/"}},
    {"pg_query", {"parser/pg_nodes.h"}},
    {"postgres", {"parser/pg_nodes.h"}},
    {"access/", {"parser/pg_nodes.h"}},
    {"catalog/", {"parser/pg_nodes.h"}},
    {"common/", {"parser/pg_nodes.h"}},
    {"nodes/", {"parser/pg_nodes.h"}},
    {"utils/", {"parser/pg_nodes.h"}},
    {"popt.h", {"cli/"}},
    {"yaml.h", {"cli/"}},
};

static bool
may_include(const char *path, const char *header)
{
    for (size_t i = 0; i < LK_ARRAY_SIZE(gates); i++) {
        bool allowed = false;
        if (!lk_starts_with(header, gates[i].header))
            continue;
        for (size_t k = 0; k < LK_ARRAY_SIZE(gates[i].places) && gates[i].places[k] != NULL; k++)
            allowed |= lk_starts_with(path, gates[i].places[k]);
        if (!allowed)
            return false;
    }
    return true;
}

static void
check_include(TALLOC_CTX *mem, const char *path, const char *line)
{
    const char *at = line + strlen("#include ");
    size_t length = strcspn(at + 1, "\">");
    char *header = lk_strndup(mem, at + 1, length);
    size_t layer = layer_of(header);

    if (!may_include(path, header))
        fail_msg("%s may not include %s", path, header);
    if (layer < LK_ARRAY_SIZE(layers) && layer > layer_of(path))
        fail_msg("%s includes upward: %s", path, header);
    if (layer == LK_ARRAY_SIZE(layers) && *at == '"' && strcmp(path, "parser/pg_nodes.h") != 0 &&
        strchr(header, '/') != NULL)
        fail_msg("%s includes \"%s\", which is not the project's", path, header);
}

static void
test_includes(void **state)
{
    struct lk_paths sources = lk_tree_sources(*state, true);

    lk_vec_foreach(path, &sources.items) {
        const char *text = lk_tree_read(*state, *path);
        char *line;
        while (lk_tree_line(*state, &text, &line))
            if (lk_starts_with(line, "#include "))
                check_include(*state, *path, line);
    }
}

/* ---- calls ---- */

/*
 * Functions that only some files may call, "" for nobody; parser/base/banned.h has more. Those on
 * trees throw, and recurse without a limit: parser/ has them behind a fence.
 */
static const struct {
    const char *name;
    const char *place;
} calls[] = {
    {"copyObject", ""},
    {"equal", "parser/"},
    {"exit", "cli/"},
    {"nodeToString", ""},
    {"printf", "cli/"},
    {"puts", "cli/"},
    {"raw_expression_tree_walker", "parser/"},
};

/* blank_comments overwrites the comments of a source. */
static void
blank_comments(char *text)
{
    while ((text = strstr(text, "/*")) != NULL) {
        const char *close = strstr(text, "*/");
        size_t length = close == NULL ? strlen(text) : (size_t)(close + 2 - text);
        memset(text, ' ', length);
        text += length;
    }
}

static void
check_calls(const char *path, const char *text, size_t index)
{
    const char *name = calls[index].name;
    size_t length = strlen(name);

    if (calls[index].place[0] != '\0' && lk_starts_with(path, calls[index].place))
        return;
    for (const char *at = text; (at = strstr(at, name)) != NULL; at += length)
        if (at[length] == '(' && at > text && !isalnum((unsigned char)at[-1]) &&
            strchr("_.>\"", at[-1]) == NULL)
            fail_msg("%s calls %s()", path, name);
}

static void
test_calls(void **state)
{
    struct lk_paths sources = lk_tree_sources(*state, false);

    lk_vec_foreach(path, &sources.items) {
        char *text = lk_tree_read(*state, *path);
        blank_comments(text);
        for (size_t i = 0; i < LK_ARRAY_SIZE(calls); i++)
            check_calls(*path, text, i);
    }
}

/* ---- form ---- */

static void
check_form(TALLOC_CTX *mem, const char *path)
{
    const char *text = lk_tree_read(mem, path);
    char *head = lk_fmt(mem, "/*\n * %s\n *     ", path), *line;
    size_t number = 0;

    if (!lk_starts_with(path, "rules/checks/") && !lk_starts_with(text, head))
        fail_msg("%s does not start with a comment that says its path and purpose", path);
    while (lk_tree_line(mem, &text, &line)) {
        size_t length = strlen(line);
        number++;
        if (strchr(line, '\t') != NULL || (length > 0 && line[length - 1] == ' '))
            fail_msg("%s:%zu: a tab, or a blank at the line's end", path, number);
        if (length > MAX_COLUMNS && strstr(line, "  // ") == NULL)
            fail_msg("%s:%zu: longer than %d columns", path, number, MAX_COLUMNS);
        if (strstr(line, "TO"
                         "DO") != NULL ||
            strstr(line, "FIX"
                         "ME") != NULL)
            fail_msg("%s:%zu: something is left to be done", path, number);
    }
    if (number > MAX_LINES)
        fail_msg("%s has %zu lines: split it", path, number);
}

static void
test_form(void **state)
{
    struct lk_paths sources = lk_tree_sources(*state, true);

    lk_vec_foreach(path, &sources.items)
        check_form(*state, *path);
}

/* ---- symbols ---- */

/* is_ours returns whether an exported name has the prefix, or is one the tools put there. */
static bool
is_ours(const char *name)
{
    return lk_starts_with(name, "lk_") || strcmp(name, "main") == 0 || name[0] == '_';
}

static void
test_symbols(void **state)
{
    static const char *const libraries[] = {LK_LIBRARIES};
    size_t count = 0;

    for (size_t i = 0; i < LK_ARRAY_SIZE(libraries); i++) {
        const char *args[] = {LK_NM, "-g", "--defined-only", "--format=posix", libraries[i], NULL};
        struct lk_output output = lk_test_run(*state, "/", args, NULL);
        const char *text = output.out;
        char *line;
        assert_int_equal(output.exit_code, 0);
        while (lk_tree_line(*state, &text, &line)) {
            char *blank = strchr(line, ' ');
            if (blank == NULL) /* the name of a member */
                continue;
            *blank = '\0';
            count++;
            if (!is_ours(line))
                fail_msg("%s exports %s, without the prefix lk_", libraries[i], line);
        }
    }
    assert_true(count > 100);
}

/* test_libpq_waits makes sure that libpq is not loaded with the program: see applier/libpq.h. */
static void
test_libpq_waits(void **state)
{
    const char *args[] = {LK_NM, "-D", "--undefined-only", "--format=posix", LK_BINARY, NULL};
    struct lk_output output = lk_test_run(*state, "/", args, NULL);
    const char *text = output.out;
    char *line;
    size_t count = 0;

    assert_int_equal(output.exit_code, 0);
    for (; lk_tree_line(*state, &text, &line); count++)
        if (lk_starts_with(line, "PQ"))
            fail_msg("the program is linked with libpq: %s", line);
    assert_true(count > 100);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        lk_mem_test(test_includes), lk_mem_test(test_calls),       lk_mem_test(test_form),
        lk_mem_test(test_symbols),  lk_mem_test(test_libpq_waits),
    };

    return cmocka_run_group_tests_name("sources", tests, NULL, NULL);
}
