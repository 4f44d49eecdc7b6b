/*
 * tests/golden/golden.h
 *     What the two kinds of golden cases share: see docs/testing.md for their formats.
 */
#ifndef LK_TESTS_GOLDEN_GOLDEN_H
#define LK_TESTS_GOLDEN_GOLDEN_H

#include "tests/support/lktest.h"

#include "parser/base/file.h"
#include "parser/base/vec.h"

struct lk_golden_tests {
    LK_VEC(struct CMUnitTest) items;
};

struct lk_golden_words {
    LK_VEC(const char *) items;
};

/* lk_golden_add_rules adds one test for each case in fixtures/rules/. */
void lk_golden_add_rules(TALLOC_CTX *mem, struct lk_golden_tests *tests);

/* lk_golden_report returns what lint says, as JSON, about the case that one of those tests is for;
 * NULL where that is nothing, or this grammar is too old for it. */
const char *lk_golden_report(TALLOC_CTX *mem, const struct CMUnitTest *test);

/* lk_golden_add_declared adds the test that rules offer the fixes that they are said to. */
void lk_golden_add_declared(TALLOC_CTX *mem, struct lk_golden_tests *tests);

/* lk_golden_add_cli adds one test for each case in fixtures/cli/, and one for each command's help.
 */
void lk_golden_add_cli(TALLOC_CTX *mem, struct lk_golden_tests *tests);

/* lk_golden_list returns what is in a folder; one that is not there holds nothing. */
struct lk_listing lk_golden_list(TALLOC_CTX *mem, const char *path);

/* lk_golden_read returns a file that has to be there. */
struct lk_bytes lk_golden_read(TALLOC_CTX *mem, const char *path);

/* lk_golden_write writes `dir`/`name`, making folders on the way. */
void lk_golden_write(const char *dir, const char *name, struct lk_bytes bytes);

/*
 * lk_golden_copy copies the files below `from` to `to`; `leave` returns whether a name at the top
 * stays behind (NULL: none does). A file called NAME.escaped arrives as NAME, its escapes resolved.
 */
void lk_golden_copy(const char *from, const char *to, bool (*leave)(const char *name));

/* lk_golden_split returns the words of a line; '...' holds blanks together. */
struct lk_golden_words lk_golden_split(TALLOC_CTX *mem, const char *line);

/*
 * lk_golden_expect fails unless `actual` is what the file at `path` holds ("" where there is none).
 * A line "..." there stands for any number of lines, "[..]" for anything within a line. With BLESS
 * in the environment a file that differs is rewritten instead, and removed for an empty `actual`.
 */
void lk_golden_expect(const char *path, const char *actual);

/* lk_golden_run runs the program in `dir` with the given words behind its name. */
struct lk_output lk_golden_run(TALLOC_CTX *mem, const char *dir,
                               const struct lk_golden_words *words, const char *input);

#endif
