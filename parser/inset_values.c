/*
 * parser/inset_values.c
 *     The variables and placeholders of a script, and what stands for them at each point of it.
 */
#include <uthash.h>

#include "parser/base/text.h"
#include "parser/inset_private.h"

/* A variable or placeholder and what stands for it now. */
struct lk_inset_variable {
    const char *name;
    const char *value; /* NULL: not known */
    UT_hash_handle hh;
};

const char *
lk_inset_value(const struct lk_inset_search *search, const char *name)
{
    struct lk_inset_variable *variable = NULL;

    HASH_FIND_STR(search->variables, name, variable);
    return variable != NULL ? variable->value : NULL;
}

const char *
lk_inset_placeholder(const struct lk_inset_search *search, const char *name)
{
    const char *value = lk_inset_value(search, name);

    if (value != NULL || !search->everywhere)
        return value;
    for (const struct lk_inset_variable *at = search->variables; at != NULL; at = at->hh.next)
        if (lk_word_is(at->name, strlen(at->name), name))
            return at->value;
    return NULL;
}

bool
lk_inset_comes_from_database(const char *name)
{
    static const char *const names[] = LK_PLACEHOLDERS_OF_DATABASE;

    for (size_t i = 0; i < LK_ARRAY_SIZE(names); i++)
        if (lk_word_is(names[i], strlen(names[i]), name))
            return true;
    return false;
}

void
lk_inset_set(struct lk_inset_search *search, const char *name, const char *value)
{
    struct lk_inset_variable *variable = NULL;

    HASH_FIND_STR(search->variables, name, variable);
    if (variable == NULL) {
        variable = lk_new(search->source, struct lk_inset_variable);
        variable->name = name;
        HASH_ADD_KEYPTR(hh, search->variables, variable->name, strlen(name), variable);
    }
    variable->value = value;
}

void
lk_inset_forget(struct lk_inset_search *search, const char *name)
{
    search->surprise = true;
    lk_inset_set(search, name, NULL);
}

/* names_column returns whether a query may call one of its columns so: the word is in its text. */
static bool
names_column(const char *query, size_t length, const char *name)
{
    size_t letters = strlen(name);

    for (size_t at = 0; at + letters <= length; at++)
        if (lk_word_is(query + at, letters, name))
            return true;
    return false;
}

void
lk_inset_forget_results(struct lk_inset_search *search, const char *prefix, struct lk_span query)
{
    const char *text = search->source->original + query.start;
    size_t length = query.end - query.start;
    const char *star = memchr(text, '*', length);
    bool all = star != NULL && (star == text || star[-1] != '('); /* count(*) is one column */
    struct lk_inset_variable *variable, *next;

    search->surprise = true;
    HASH_ITER(hh, search->variables, variable, next) {
        const char *column = variable->name + strlen(prefix);
        if (lk_starts_with(variable->name, prefix) && (all || names_column(text, length, column)))
            variable->value = NULL;
    }
}

const char *
lk_inset_question(const struct lk_inset_search *search, const char *name)
{
    static const char *const always[] = {
#define LK_PSQL_VARIABLE(name) #name,
#include "parser/psql_variables.def"
#undef LK_PSQL_VARIABLE
    };

    if (lk_inset_value(search, name) != NULL)
        return "TRUE";
    for (size_t i = 0; i < LK_ARRAY_SIZE(always); i++)
        if (strcmp(name, always[i]) == 0)
            return "TRUE";
    return search->surprise ? NULL : "FALSE";
}

void
lk_inset_forget_all(struct lk_inset_search *search)
{
    HASH_CLEAR(hh, search->variables); /* uthash keeps its tables outside of talloc */
}
