/*
 * cli/clean.h
 *     Text of files and servers on its way into documents: names and SQL may hold anything.
 */
#ifndef LK_CLI_CLEAN_H
#define LK_CLI_CLEAN_H

#include "parser/base/buf.h"

enum lk_clean {
    LK_CLEAN_UTF8,  /* UTF-8, and nothing but that: what is none becomes U+FFFD */
    LK_CLEAN_XML,   /* and no characters that XML 1.0 does not allow: those of control, U+FFFE */
    LK_CLEAN_SHOWN, /* and none that turn the direction of what stands behind them */
};

/* lk_clean returns a text with U+FFFD in place of what does not belong there. */
char *lk_clean(TALLOC_CTX *mem, const char *text, enum lk_clean how);

/* lk_code_points returns how many code points `text`, of UTF-8, has. */
size_t lk_code_points(const char *text);

/* lk_one_line returns a text with its line ends, and the blanks around them, as one blank each. */
char *lk_one_line(TALLOC_CTX *mem, const char *text);

#endif
