/*
 * tests/differential/test_labelled.c
 *     test_labelled [--page FILE SQUAWK]: the labelled migrations are told apart, all of them.
 *
 * With --page it also asks squawk, and writes what both said as a page of documentation. Without,
 * that page has to list every case.
 */
#include "parser/base/file.h"
#include "parser/pgparse.h"
#include "tests/differential/labelled.h"
#include "tests/support/lktest.h"

#define PAGE LK_SOURCE_DIR "/docs/labelled.md"

/* report says what is wrong with a verdict of ours; returns whether anything is. */
static bool
report(const struct lk_judged *it)
{
    if (it->told || it->it->header.grammar > lk_grammar_major())
        return false;
    fprintf(stderr, "%s/%s is %s: %s\n", it->it->area, it->it->name,
            it->it->header.label == LK_LABEL_SAFE ? "safe" : "unsafe", it->it->header.why);
    lk_vec_foreach(wanted, &it->wanted.items)
        fprintf(stderr, "  marked: line %lu, %s\n", wanted->line, wanted->rule);
    lk_vec_foreach(said, &it->ours.items)
        fprintf(stderr, "  said: line %lu, %s\n", said->line, said->rule);
    return true;
}

static bool
is_listed(TALLOC_CTX *mem, const char *page, const struct lk_judged *it)
{
    char *row =
        lk_fmt(mem, "\n| %s | %s | %s |", it->it->name,
               it->it->header.label == LK_LABEL_SAFE ? "safe" : "unsafe", it->it->header.why);

    if (page != NULL && strstr(page, row) != NULL)
        return true;
    fprintf(stderr, PAGE " does not list %s/%s: cmake --build ... --target labelled\n",
            it->it->area, it->it->name);
    return false;
}

int
main(int argc, char **argv)
{
    TALLOC_CTX *mem = lk_mem_new(NULL);
    bool paged = argc == 4 && strcmp(argv[1], "--page") == 0, bad = false;
    struct lk_labelled_cases cases = {0};
    struct lk_verdicts verdicts = {0};
    struct lk_error err = {0};

    lk_labelled_find(mem, &cases);
    lk_labelled_judge(mem, &cases, paged ? argv[3] : NULL, &verdicts);
    const char *page = paged ? lk_labelled_page(mem, &verdicts) : lk_test_read(mem, PAGE);
    lk_vec_foreach(it, &verdicts.items) {
        bad |= report(it);
        bad |= !is_listed(mem, page, it);
    }
    if (paged && !lk_file_write(argv[2], page, strlen(page), &err)) {
        fprintf(stderr, "%s\n", err.message);
        bad = true;
    }
    bad |= verdicts.items.count == 0;
    talloc_free(mem);
    return bad;
}
