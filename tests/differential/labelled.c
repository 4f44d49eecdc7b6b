/*
 * tests/differential/labelled.c
 *     What linters say of the labelled migrations: see labelled.h.
 */
#include "tests/differential/labelled.h"

#include <jansson.h>
#include <sys/stat.h>

#include "parser/base/text.h"
#include "tests/support/lktest.h"

/* squawk's rules on style and taste, which lockkeeper has off by default. */
static const char *const style[] = {
    "ban-alter-domain-with-add-constraint",
    "ban-char-field",
    "ban-create-domain-with-constraint",
    "prefer-bigint-over-int",
    "prefer-bigint-over-smallint",
    "prefer-identity",
    "prefer-text-field",
    "prefer-timestamp-tz",
    "require-enum-value-ordering",
    "require-statement-timeout",
};

static bool
is_style(const char *rule)
{
    for (size_t i = 0; i < LK_ARRAY_SIZE(style); i++)
        if (strcmp(style[i], rule) == 0)
            return true;
    return false;
}

static void
say(TALLOC_CTX *mem, struct lk_sayings *list, unsigned long line, const char *rule)
{
    lk_vec_push(mem, &list->items, ((struct lk_said){line, lk_strdup(mem, rule)}));
}

/* read_marks reads the marks "-- ! rule[, rule]" of the file that is judged. */
static void
read_marks(TALLOC_CTX *mem, const char *text, struct lk_sayings *ret)
{
    static const char sign[] = "-- ! ";

    for (unsigned long line = 1; *text != '\0'; line++) {
        size_t length = strcspn(text, "\n");
        char *row = lk_strndup(mem, text, length);
        char *mark = strstr(row, sign), *rest = NULL;
        for (char *rule = mark == NULL ? NULL : strtok_r(mark + strlen(sign), ", ", &rest);
             rule != NULL; rule = strtok_r(NULL, ", ", &rest))
            say(mem, ret, line, rule);
        text += length + (text[length] == '\n');
    }
}

/* ---- lockkeeper ---- */

static void
read_ours(TALLOC_CTX *mem, const char *report, const char *file, struct lk_sayings *ret)
{
    json_t *document = json_loads(report, 0, NULL), *finding;
    size_t index;

    if (document == NULL)
        LK_BUG("no report on %s: %s", file, report);
    json_array_foreach(
        json_object_get(document, "findings"), index,
        finding) if (lk_ends_with(json_string_value(json_object_get(finding, "file")), file) &&
                     strcmp(json_string_value(json_object_get(finding, "severity")), "info") != 0)
        say(mem, ret, (unsigned long)json_integer_value(json_object_get(finding, "line")),
            json_string_value(json_object_get(finding, "rule")));
    json_decref(document);
}

static void
ask_ours(TALLOC_CTX *mem, const struct lk_labelled *it, struct lk_sayings *ret)
{
    char *dir = lk_test_dir(mem), *rest = NULL;
    LK_VEC(const char *) args = {0};

    lk_vec_foreach(file, &it->files)
        lk_test_write(dir, lk_fmt(mem, "migrations/%s", file->name), file->text);
    const char *const words[] = {LK_BINARY, "--config", it->config, "lint",
                                 "-f",      "json",     "--naming", "plain"};
    for (size_t i = 0; i < LK_ARRAY_SIZE(words); i++)
        lk_vec_push(mem, &args, words[i]);
    for (char *word = strtok_r(lk_strdup(mem, it->header.options), " ", &rest); word != NULL;
         word = strtok_r(NULL, " ", &rest))
        lk_vec_push(mem, &args, word);
    lk_vec_push(mem, &args, "migrations");
    lk_vec_push(mem, &args, NULL);
    struct lk_output output = lk_test_run(mem, dir, args.items, NULL);
    if (output.exit_code > 1)
        LK_BUG("%s/%s: %s", it->area, it->name, output.err);
    read_ours(mem, output.out, it->files.items[it->judged].name, ret);
}

/* ---- squawk ---- */

/*
 * ask_squawk asks about the one file, as squawk looks at each for itself. `transaction` says that
 * the runner opens one. Returns how many of its findings are about style.
 */
static size_t
ask_squawk(TALLOC_CTX *mem, const char *squawk, const struct lk_labelled *it, bool transaction,
           struct lk_sayings *ret)
{
    static const char option[] = "--postgres-version ";
    const char *version = strstr(it->header.options, option);
    const char *args[] = {squawk,
                          "--reporter",
                          "json",
                          "--pg-version",
                          version != NULL ? lk_fmt(mem, "%s.0", version + strlen(option)) : "15.0",
                          "--stdin-filepath",
                          "migration.sql",
                          transaction ? "--assume-in-transaction" : "--no-assume-in-transaction",
                          NULL};
    struct lk_output output = lk_test_run(mem, "/", args, it->files.items[it->judged].text);
    json_t *document = json_loads(output.out, 0, NULL), *finding;
    size_t index, left_out = 0;

    if (document == NULL)
        LK_BUG("squawk on %s/%s: %s%s", it->area, it->name, output.out, output.err);
    json_array_foreach(document, index, finding)
    {
        const char *rule = json_string_value(json_object_get(finding, "rule_name"));
        if (it->bounded && strcmp(rule, "require-lock-timeout") == 0)
            continue; /* the runner takes care of it, as lockkeeper has been told */
        if (is_style(rule))
            left_out++;
        else
            say(mem, ret, (unsigned long)json_integer_value(json_object_get(finding, "line")),
                rule);
    }
    json_decref(document);
    return left_out;
}

/* ask_squawk_best asks with and without a transaction, and keeps the better answer. */
static void
ask_squawk_best(TALLOC_CTX *mem, const char *squawk, struct lk_judged *judged)
{
    bool safe = judged->it->header.label == LK_LABEL_SAFE;
    struct lk_sayings with = {0}, without = {0};
    size_t style_with = ask_squawk(mem, squawk, judged->it, true, &with);
    size_t style_without = ask_squawk(mem, squawk, judged->it, false, &without);
    bool better = safe ? with.items.count <= without.items.count : with.items.count > 0;

    judged->theirs = better ? with : without;
    judged->style = better ? style_with : style_without;
}

/* ---- both ---- */

static bool
holds(const struct lk_sayings *list, const struct lk_said *wanted)
{
    lk_vec_foreach(said, &list->items)
        if (said->line == wanted->line && strcmp(said->rule, wanted->rule) == 0)
            return true;
    return false;
}

static bool
is_told(const struct lk_judged *judged)
{
    if (judged->it->header.label == LK_LABEL_SAFE)
        return judged->wanted.items.count == 0 && judged->ours.items.count == 0;
    lk_vec_foreach(wanted, &judged->wanted.items)
        if (!holds(&judged->ours, wanted))
            return false;
    return judged->wanted.items.count > 0;
}

void
lk_labelled_judge(TALLOC_CTX *mem, const struct lk_labelled_cases *cases, const char *squawk,
                  struct lk_verdicts *ret)
{
    lk_vec_foreach(it, &cases->items) {
        struct lk_judged *judged = lk_vec_add(mem, &ret->items);
        judged->it = it;
        read_marks(mem, it->files.items[it->judged].text, &judged->wanted);
        ask_ours(mem, it, &judged->ours);
        judged->told = is_told(judged);
        if (squawk != NULL)
            ask_squawk_best(mem, squawk, judged);
    }
}
