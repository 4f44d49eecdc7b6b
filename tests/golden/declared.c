/*
 * tests/golden/declared.c
 *     What `lockkeeper rules` says of fixes is so: over all cases of rules, a rule offers those
 * kinds of fixes that it declares, each at least once, and no other.
 */
#include <jansson.h>

#include "parser/base/text.h"
#include "tests/golden/golden.h"

enum { SAFE = 1, UNSAFE = 2 };

/* word_of returns what `lockkeeper rules` calls kinds of fixes. */
static const char *
word_of(int kinds)
{
    static const char *const words[] = {"none", "safe", "unsafe", "either"};

    return words[kinds];
}

/* note_kinds adds the kinds of fixes in a report to those that its rules have shown. */
static void
note_kinds(json_t *seen, const char *report)
{
    json_t *document = json_loads(report, 0, NULL), *finding;
    size_t index;

    assert_non_null(document);
    json_array_foreach(json_object_get(document, "findings"), index, finding)
    {
        const char *rule = json_string_value(json_object_get(finding, "rule"));
        const json_t *fix = json_object_get(finding, "fix");
        json_int_t kinds = json_integer_value(json_object_get(seen, rule));
        if (json_is_object(fix))
            kinds |= json_is_true(json_object_get(fix, "safe")) ? SAFE : UNSAFE;
        json_object_set_new(seen, rule, json_integer(kinds));
    }
    json_decref(document);
}

static json_t *
declared(TALLOC_CTX *mem)
{
    struct lk_golden_words words = lk_golden_split(mem, "rules -f json");
    struct lk_output output = lk_golden_run(mem, lk_test_dir(mem), &words, NULL);
    json_t *rules = json_loads(output.out, 0, NULL);

    assert_true(json_array_size(rules) > 0);
    return rules;
}

static void
test_declared(void **state)
{
    TALLOC_CTX *mem LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    json_t *rules = declared(mem), *seen = json_object(), *rule;
    const struct lk_golden_tests *cases = *state;
    size_t index, wrong = 0;

    lk_vec_foreach(test, &cases->items) {
        TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
        const char *report = lk_golden_report(scratch, test);
        if (report != NULL)
            note_kinds(seen, report);
    }
    json_array_foreach(rules, index, rule)
    {
        const char *name = json_string_value(json_object_get(rule, "name"));
        const char *fix = json_string_value(json_object_get(rule, "fix"));
        const char *shown = word_of((int)json_integer_value(json_object_get(seen, name)));
        const char *said = fix != NULL ? fix : "none";
        if (strcmp(said, shown) == 0)
            continue;
        print_error("%s declares %s, its cases show %s\n", name, said, shown);
        wrong++;
    }
    assert_int_equal(wrong, 0);
    json_decref(seen);
    json_decref(rules);
}

void
lk_golden_add_declared(TALLOC_CTX *mem, struct lk_golden_tests *tests)
{
    struct lk_golden_tests *cases = lk_new(mem, struct lk_golden_tests);

    lk_golden_add_rules(mem, cases);
    lk_vec_push(mem, &tests->items,
                ((struct CMUnitTest){"declared-fixes", test_declared, NULL, NULL, cases}));
}
