/*
 * cli/diff.h
 *     What fixes change, as a unified diff.
 */
#ifndef LK_CLI_DIFF_H
#define LK_CLI_DIFF_H

#include <stdio.h>

#include "rules/patch.h"

/* lk_diff_print writes the difference between a file and what it is to be, as `git apply` and
 * `patch -p1` take it. */
void lk_diff_print(FILE *stream, const struct lk_patched *file);

#endif
