/*
 * tests/golden/marks.h
 *     Which findings a case says there are, and which ones the program reported.
 */
#ifndef LK_TESTS_GOLDEN_MARKS_H
#define LK_TESTS_GOLDEN_MARKS_H

#include "tests/golden/golden.h"

/* A set of findings, each as "file:line rule". */
struct lk_marks {
    TALLOC_CTX *mem;
    struct lk_golden_words set;
};

/* lk_marks_read adds the marks "-- ! rule[, rule]" at the ends of a file's lines. */
void lk_marks_read(struct lk_marks *marks, const char *name, const char *text);

/* lk_marks_read_list adds the lines "file:line rule" of a `marks` file, comments left out. */
void lk_marks_read_list(struct lk_marks *marks, const char *text);

/* lk_marks_read_text adds the findings of a text report; `folder` is cut off their paths. */
void lk_marks_read_text(struct lk_marks *marks, const char *folder, const char *report);

/*
 * lk_marks_read_json adds the findings of a JSON report, which has to be well-formed, and returns
 * whether one of them is an error.
 */
bool lk_marks_read_json(struct lk_marks *marks, const char *folder, const char *report);

/*
 * lk_marks_check_hints fails unless each hint of a JSON report is one sentence, or SQL that the
 * grammar takes.
 */
void lk_marks_check_hints(TALLOC_CTX *mem, const char *report);

/* lk_marks_compare fails unless both sets are the same; `what` says where `found` comes from. */
void lk_marks_compare(struct lk_marks *wanted, struct lk_marks *found, const char *what);

#endif
