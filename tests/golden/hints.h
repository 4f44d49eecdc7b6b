/*
 * tests/golden/hints.h
 *     What has to be true of every hint of a case: who follows it has no next finding to read.
 */
#ifndef LK_TESTS_GOLDEN_HINTS_H
#define LK_TESTS_GOLDEN_HINTS_H

#include "tests/golden/golden.h"

/*
 * lk_hints_check puts the SQL of each hint, if it is complete, in place of the statement that the
 * finding is about, and into migrations behind it, as the hint says; and fails where a rule that
 * had nothing to say about the case reports what the hint advises. `report` is the JSON report
 * about the migrations in `dir`/`folder`, of which `file` is the case, and the others come before.
 */
void lk_hints_check(TALLOC_CTX *mem, const char *dir, const char *folder, const char *file,
                    const char *options, const char *report);

#endif
