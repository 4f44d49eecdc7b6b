/*
 * tests/golden/fixes.c
 *     What has to be true of every fix: see fixes.h.
 */
#include "tests/golden/fixes.h"

#include <jansson.h>

#include "parser/base/text.h"
#include "parser/lexer.h"

struct fixes {
    TALLOC_CTX *mem;
    const char *dir;
    const char *folder;
    const char *options;
};

struct texts {
    LK_VEC(const char *) items;
};

static struct lk_output
run(const struct fixes *it, const char *words)
{
    char *line = lk_fmt(it->mem, "%s %s %s", words, it->options, it->folder);
    struct lk_golden_words split = lk_golden_split(it->mem, line);

    return lk_golden_run(it->mem, it->dir, &split, NULL);
}

/* ---- findings ---- */

/* count_fixes returns how many findings of a report offer one. */
static size_t
count_fixes(const char *report)
{
    json_t *document = json_loads(report, 0, NULL), *finding;
    size_t index, count = 0;

    json_array_foreach(json_object_get(document, "findings"), index, finding)
    {
        count += json_is_object(json_object_get(finding, "fix"));
    }
    json_decref(document);
    return count;
}

/* The findings of a rule in a report. */
struct tally {
    json_int_t findings;
    json_int_t fixes;
};

static struct tally
tally_of(const json_t *document, const char *rule)
{
    struct tally tally = {0};
    const json_t *finding;
    size_t index;

    json_array_foreach(json_object_get(document, "findings"), index, finding)
    {
        if (strcmp(json_string_value(json_object_get(finding, "rule")), rule) != 0)
            continue;
        tally.findings++;
        tally.fixes += json_is_object(json_object_get(finding, "fix"));
    }
    return tally;
}

/* compare_rules wants what could be fixed to be gone, and no finding of a rule that had none. */
static void
compare_rules(const char *before, const char *after)
{
    json_t *old = json_loads(before, 0, NULL), *new = json_loads(after, 0, NULL), *finding;
    size_t index;

    json_array_foreach(json_object_get(new, "findings"), index, finding)
    {
        const char *rule = json_string_value(json_object_get(finding, "rule"));
        struct tally was = tally_of(old, rule), is = tally_of(new, rule);
        if (was.findings == 0)
            fail_msg("the fixes bring a finding of %s:\n%s", rule, after);
        if (was.fixes > 0 && is.findings > was.findings - was.fixes)
            fail_msg("a finding of %s is still there:\n%s", rule, after);
    }
    json_decref(old);
    json_decref(new);
}

/* has_rename returns whether a fix gives a file another name: it is read only then. */
static bool
has_rename(const char *report)
{
    return strstr(report, "\"rename\": \"") != NULL;
}

/* ---- files ---- */

/* add_files adds the paths of all files below `dir`, relative to it, sorted. */
static void
add_files(const struct fixes *it, const char *dir, const char *prefix, struct texts *files)
{
    struct lk_listing listing = lk_golden_list(it->mem, lk_path_join(it->mem, dir, prefix));

    lk_vec_foreach(entry, &listing.entries) {
        char *path = lk_path_join(it->mem, prefix, entry->name);
        if (entry->directory)
            add_files(it, dir, path, files);
        else
            lk_vec_push(it->mem, &files->items, path);
    }
}

static int
compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* comments_of returns the comments in all files below `dir`, sorted. */
static struct texts
comments_of(const struct fixes *it, const char *dir)
{
    struct texts files = {0}, comments = {0};

    add_files(it, dir, "", &files);
    lk_vec_foreach(path, &files.items) {
        struct lk_bytes bytes = lk_golden_read(it->mem, lk_path_join(it->mem, dir, *path));
        struct lk_lexer lexer =
            lk_lexer_at(bytes.data, (struct lk_span){0, (uint32_t)strlen(bytes.data)});
        struct lk_token token;
        while ((token = lk_lex(&lexer)).kind != LK_TOKEN_END)
            if (token.kind == LK_TOKEN_COMMENT)
                lk_vec_push(it->mem, &comments.items,
                            lk_strndup(it->mem, bytes.data + token.span.start,
                                       token.span.end - token.span.start));
    }
    if (comments.items.count > 0)
        qsort(comments.items.items, comments.items.count, sizeof(*comments.items.items),
              compare_texts);
    return comments;
}

/* is_unsaid returns whether a comment may go: one that speaks to the tool, and for nothing. */
static bool
is_unsaid(const char *comment, const char *report)
{
    return strstr(comment, "lockkeeper: ignore") != NULL &&
           strstr(report, "\"unused-suppression\"") != NULL;
}

/* compare_comments wants those of `before` among those of `after`; a line can get longer. */
static void
compare_comments(const struct texts *before, const struct texts *after, const char *report)
{
    size_t at = 0;

    lk_vec_foreach(comment, &before->items) {
        if (is_unsaid(*comment, report))
            continue;
        while (at < after->items.count && !lk_starts_with(after->items.items[at], *comment) &&
               strcmp(after->items.items[at], *comment) < 0)
            at++;
        if (at >= after->items.count || !lk_starts_with(after->items.items[at], *comment))
            fail_msg("a comment is lost: %s", *comment);
        at++;
    }
}

static void
compare_folders(const struct fixes *it, const char *left, const char *right)
{
    struct texts files = {0}, others = {0};

    add_files(it, left, "", &files);
    add_files(it, right, "", &others);
    assert_int_equal(files.items.count, others.items.count);
    for (size_t i = 0; i < files.items.count; i++) {
        assert_string_equal(files.items.items[i], others.items.items[i]);
        struct lk_bytes one =
            lk_golden_read(it->mem, lk_path_join(it->mem, left, files.items.items[i]));
        struct lk_bytes other =
            lk_golden_read(it->mem, lk_path_join(it->mem, right, files.items.items[i]));
        assert_int_equal(one.size, other.size);
        assert_memory_equal(one.data, other.data, one.size);
    }
}

/* apply_diff has git apply a diff in a copy of the folder as it is; NULL: there is no git. */
static const char *
apply_diff(const struct fixes *it, const char *diff)
{
    static const char *const version[] = {"git", "--version", NULL};
    static const char *const apply[] = {"git", "apply", "--whitespace=nowarn", "-", NULL};
    char *copy = lk_test_dir(it->mem);

    if (lk_test_run(it->mem, copy, version, NULL).exit_code != 0)
        return NULL;
    lk_golden_copy(it->dir, copy, NULL);
    struct lk_output output = lk_test_run(it->mem, copy, apply, diff);
    if (output.exit_code != 0)
        fail_msg("git does not take the diff: %s\n%s", output.err, diff);
    return copy;
}

void
lk_fixes_check(TALLOC_CTX *mem, const char *dir, const char *folder, const char *options,
               const char *report)
{
    struct fixes it = {mem, dir, folder, options};

    if (count_fixes(report) == 0)
        return;
    struct texts before = comments_of(&it, dir);
    struct lk_output diff = run(&it, "fix --unsafe --diff");
    assert_string_equal(diff.err, "");
    const char *copy = apply_diff(&it, diff.out);
    struct lk_output fixed = run(&it, "fix --unsafe");
    assert_string_equal(fixed.err, "");
    assert_int_equal(fixed.exit_code, 0);
    if (copy != NULL)
        compare_folders(&it, dir, copy);
    struct texts after = comments_of(&it, dir);
    compare_comments(&before, &after, report);
    struct lk_output json = run(&it, "lint -f json");
    if (count_fixes(json.out) > 0)
        fail_msg("findings still offer a fix:\n%s", json.out);
    if (!has_rename(report))
        compare_rules(report, json.out);
    struct lk_output again = run(&it, "fix --unsafe --diff --exit-code");
    if (again.exit_code != 0 || again.out[0] != '\0')
        fail_msg("a second run changes something:\n%s", again.out);
}
