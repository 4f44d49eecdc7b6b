/*
 * tests/golden/fixes.h
 *     What has to be true of every fix that a case's findings offer.
 */
#ifndef LK_TESTS_GOLDEN_FIXES_H
#define LK_TESTS_GOLDEN_FIXES_H

#include "tests/golden/golden.h"

/*
 * lk_fixes_check carries out the fixes of the migrations in `dir`/`folder`, which a JSON report is
 * about, and fails unless: no finding offers a fix any more, and there are no more of any rule than
 * before; no comment is lost; what --diff prints makes the same files of the old ones; a second
 * run finds nothing to do.
 */
void lk_fixes_check(TALLOC_CTX *mem, const char *dir, const char *folder, const char *options,
                    const char *report);

#endif
