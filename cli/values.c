/*
 * cli/values.c
 *     The words that options take: see values.h.
 */
#include "cli/values.h"

#include "cli/report.h"
#include "cli/schema.h"
#include "parser/naming.h"
#include "rules/registry.h"

static void
add_words(TALLOC_CTX *mem, struct lk_value_set *values, const char *words)
{
    while (*words != '\0') {
        size_t length = strcspn(words, " ");
        lk_vec_push(mem, &values->words, lk_strndup(mem, words, length));
        words += length + (words[length] == ' ');
    }
}

static void
add_rules(TALLOC_CTX *mem, struct lk_value_set *values)
{
    size_t count;
    const struct lk_rule *const *rules = lk_rules(&count);

    for (size_t i = 0; i < count; i++)
        lk_vec_push(mem, &values->words, rules[i]->name);
}

static void
add_rules_and_groups(TALLOC_CTX *mem, struct lk_value_set *values)
{
    for (enum lk_group group = 0; group < LK_GROUP_COUNT; group++)
        lk_vec_push(mem, &values->words, lk_group_word(group));
    add_rules(mem, values);
}

static void
add_namings(TALLOC_CTX *mem, struct lk_value_set *values)
{
    size_t count;
    const struct lk_naming *const *namings = lk_namings(&count);

    lk_vec_push(mem, &values->words, "auto");
    for (size_t i = 0; i < count; i++)
        lk_vec_push(mem, &values->words, namings[i]->name);
}

static void
add_all_formats(TALLOC_CTX *mem, struct lk_value_set *values)
{
    size_t count;
    const struct lk_reporter *const *reporters = lk_reporters(&count);

    for (size_t i = 0; i < count; i++)
        lk_vec_push(mem, &values->words, reporters[i]->name);
}

static void
add_formats(TALLOC_CTX *mem, struct lk_value_set *values)
{
    size_t count;
    const struct lk_reporter *const *reporters = lk_reporters(&count);

    for (size_t i = 0; i < count; i++)
        if (lk_reporter_is_complete(reporters[i]))
            lk_vec_push(mem, &values->words, reporters[i]->name);
}

static void
add_schema_formats(TALLOC_CTX *mem, struct lk_value_set *values)
{
    size_t count;
    const struct lk_schema_format *const *formats = lk_schema_formats(&count);

    for (size_t i = 0; i < count; i++)
        lk_vec_push(mem, &values->words, formats[i]->name);
}

/* What options take, the ones of a command before those of all. */
static const struct {
    const char *command; /* NULL: any */
    const char *option;
    enum lk_value_kind kind;
    const char *words;
    void (*add)(TALLOC_CTX *mem, struct lk_value_set *values);
} options[] = {
    {"lint", "format", LK_VALUE_WORD, "", add_all_formats},
    {"schema", "format", LK_VALUE_WORD, "", add_schema_formats},
    {NULL, "format", LK_VALUE_WORD, "", add_formats},
    {"comment", "to", LK_VALUE_WORD, "bitbucket codecommit github gitlab", NULL},
    {NULL, "color", LK_VALUE_WORD, "auto always never", NULL},
    {NULL, "log-format", LK_VALUE_WORD, "text json", NULL},
    {NULL, "fail-on", LK_VALUE_WORD, "error warning info never", NULL},
    {NULL, "naming", LK_VALUE_WORD, "", add_namings},
    {NULL, "select", LK_VALUE_WORDS, "", add_rules_and_groups},
    {NULL, "ignore", LK_VALUE_WORDS, "", add_rules_and_groups},
    {NULL, "baseline", LK_VALUE_FILE, "", NULL},
    {NULL, "config", LK_VALUE_FILE, "", NULL},
    {NULL, "files-from0", LK_VALUE_FILE, "", NULL},
    {NULL, "output", LK_VALUE_FILE, "", NULL},
    {NULL, "plan", LK_VALUE_FILE, "", NULL},
    {NULL, "server-bin", LK_VALUE_FILE, "", NULL},
    {NULL, "stdin-filename", LK_VALUE_FILE, "", NULL},
    {NULL, "write-baseline", LK_VALUE_FILE, "", NULL},
};

struct lk_value_set
lk_value_set_of(TALLOC_CTX *mem, const struct lk_command *command, const struct poptOption *option)
{
    struct lk_value_set values = {.kind = LK_VALUE_TEXT};

    if (option->argDescrip == NULL)
        return (struct lk_value_set){.kind = LK_VALUE_NONE};
    for (size_t i = 0; i < LK_ARRAY_SIZE(options); i++) {
        const char *only = options[i].command;
        if (strcmp(options[i].option, option->longName) != 0 ||
            (only != NULL && (command == NULL || strcmp(only, command->name) != 0)))
            continue;
        values.kind = options[i].kind;
        add_words(mem, &values, options[i].words);
        if (options[i].add != NULL)
            options[i].add(mem, &values);
        break;
    }
    return values;
}

struct lk_value_set
lk_value_set_of_arguments(TALLOC_CTX *mem, const struct lk_command *command)
{
    struct lk_value_set values = {.kind = LK_VALUE_FILE};

    if (command->usage[0] == '\0')
        values.kind = LK_VALUE_NONE;
    if (strcmp(command->usage, "RULE") == 0) {
        values.kind = LK_VALUE_WORD;
        add_rules(mem, &values);
    }
    return values;
}
