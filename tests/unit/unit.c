/*
 * tests/unit/unit.c
 *     What the unit tests share: see unit.h.
 */
#include "tests/unit/unit.h"

#include "parser/pgparse.h"
#include "rules/schema/replay.h"

static unsigned mismatches;

struct running {
    CMUnitTestFunction test;
};

int
lk_unit_setup(void **state)
{
    struct running *running = lk_new(NULL, struct running);

    running->test = (CMUnitTestFunction)*state;
    *state = running;
    return 0;
}

void
lk_unit_run(void **state)
{
    struct running *running = *state;
    void *mem = running;

    mismatches = 0;
    running->test(&mem);
    if (mismatches > 0)
        fail_msg("%u expectations did not hold", mismatches);
}

int
lk_unit_teardown(void **state)
{
    talloc_free(*state);
    return 0;
}

int
lk_unit_finish(void **state)
{
    (void)state;
    lk_pg_finish();
    return 0;
}

void
lk_expect_text(const char *what, const char *got, const char *wanted)
{
    if (got == wanted || (got != NULL && wanted != NULL && strcmp(got, wanted) == 0))
        return;
    mismatches++;
    print_error("%s\n  is:     %s\n  wanted: %s\n", what, got != NULL ? got : "(nothing)",
                wanted != NULL ? wanted : "(nothing)");
}

void
lk_expect_number(const char *what, long long got, long long wanted)
{
    if (got == wanted)
        return;
    mismatches++;
    print_error("%s\n  is:     %lld\n  wanted: %lld\n", what, got, wanted);
}

void
lk_expect_true(const char *what, bool holds)
{
    if (holds)
        return;
    mismatches++;
    print_error("does not hold: %s\n", what);
}

struct lk_source *
lk_unit_source(TALLOC_CTX *mem, const char *text)
{
    return lk_source_new(mem, "test.sql", text, strlen(text));
}

struct lk_script *
lk_unit_script(TALLOC_CTX *mem, const char *text)
{
    struct lk_source *source = lk_unit_source(mem, text);

    return lk_script_new(mem, source, (struct lk_span){0, source->size});
}

const struct Node *
lk_unit_tree(TALLOC_CTX *mem, const char *sql)
{
    struct lk_script *script = lk_unit_script(mem, sql);
    const struct Node *tree = script->statements.count > 0 ? lk_script_tree(script, 0) : NULL;

    if (script->statements.count != 1)
        fail_msg("%zu statements instead of one: %s", script->statements.count, sql);
    if (tree == NULL)
        fail_msg("%s: %s", script->statements.items[0].error, sql);
    return tree;
}

char *
lk_unit_part(TALLOC_CTX *mem, const char *text, struct lk_span span)
{
    return lk_strndup(mem, text + span.start, span.end - span.start);
}

struct lk_catalog *
lk_unit_replay(TALLOC_CTX *mem, const char *sql)
{
    struct lk_catalog *catalog = lk_catalog_new(mem);

    lk_unit_replay_on(catalog, sql);
    return catalog;
}

void
lk_unit_replay_on(struct lk_catalog *catalog, const char *sql)
{
    TALLOC_CTX *scratch = lk_mem_new(NULL);
    struct lk_script *script = lk_unit_script(scratch, sql);

    for (size_t i = 0; i < script->statements.count; i++) {
        const struct Node *tree = lk_script_tree(script, i);
        if (tree == NULL)
            fail_msg("%s: %s", script->statements.items[i].error, sql);
        lk_replay(catalog, &script->statements.items[i], script->source->text);
    }
    talloc_free(scratch);
}
