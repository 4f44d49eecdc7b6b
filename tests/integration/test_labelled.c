/*
 * tests/integration/test_labelled.c
 *     The labelled migrations, executed: no label stands on SQL that no server takes.
 */
#include "tests/integration/psql.h"
#include "tests/support/labelled.h"

/* run carries out one file; the one that is judged fails as its header says. */
static void
run(const struct lk_site *site, const struct lk_labelled *it, size_t index)
{
    bool judged = index == it->judged;
    const char *state =
        lk_psql_run(site, it->files.items[index].text, judged && it->header.transaction);
    const char *wanted = judged && it->header.fails != NULL ? it->header.fails : "";

    if (strcmp(state, wanted) != 0)
        fail_msg("%s: \"%s\" was expected from the server, it said \"%s\"",
                 it->files.items[index].name, wanted, state);
}

static void
test_case(void **state)
{
    const struct lk_labelled *it = *state;
    struct lk_site *site = lk_psql_site();

    if (it->header.not_executed || lk_psql_major(site) < it->header.servers)
        skip();
    for (size_t i = 0; i < it->files.count; i++)
        run(site, it, i);
}

int
main(int argc, char **argv)
{
    if (argc > 1) /* a pattern, as of the golden tests */
        cmocka_set_test_filter(argv[1]);
    TALLOC_CTX *mem = lk_mem_new(NULL);
    struct lk_labelled_cases cases = {0};
    struct {
        LK_VEC(struct CMUnitTest) items;
    } tests = {0};

    lk_labelled_find(mem, &cases);
    lk_vec_foreach(it, &cases.items)
        lk_vec_push(mem, &tests.items,
                    ((struct CMUnitTest){lk_fmt(mem, "%s/%s", it->area, it->name), test_case, NULL,
                                         NULL, it}));
    int failed = lk_site_main("labelled", tests.items.items, tests.items.count);
    lk_psql_end();
    talloc_free(mem);
    return failed;
}
