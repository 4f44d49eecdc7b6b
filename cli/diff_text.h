/*
 * cli/diff_text.h
 *     What has become of a text.
 */
#ifndef LK_CLI_DIFF_TEXT_H
#define LK_CLI_DIFF_TEXT_H

#include "parser/base/mem.h"

/* lk_diff_texts returns the difference of two texts as the hunks of a unified diff. */
char *lk_diff_texts(TALLOC_CTX *mem, const char *before, const char *after);

#endif
