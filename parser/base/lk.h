/*
 * parser/base/lk.h
 *     What every file of the project may use: attributes, array sizes, bugs.
 *
 * Failures are `bool` plus `struct lk_error *`, findings are data; a broken invariant of our own
 * is a bug and ends the process through LK_BUG.
 */
#ifndef LK_PARSER_BASE_LK_H
#define LK_PARSER_BASE_LK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "parser/base/banned.h"

#define LK_ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
#define LK_PRINTF(format_index, first_arg) __attribute__((format(printf, format_index, first_arg)))
#define LK_MUST_CHECK __attribute__((warn_unused_result))
#define LK_CLEANUP(function) __attribute__((cleanup(function)))
/* Each argument is evaluated once. */
#define LK_MIN(a, b) LK_CHOOSE(a, b, <)
#define LK_MAX(a, b) LK_CHOOSE(a, b, >)
#define LK_CHOOSE(a, b, operator)                                                                  \
    ({                                                                                             \
        __typeof__(1 ? (a) : (b)) lk_first_ = (a), lk_second_ = (b);                               \
        lk_first_ operator lk_second_ ? lk_first_ : lk_second_;                                    \
    })

/* lk_bug reports a broken invariant through the installed handler and aborts. */
_Noreturn void lk_bug(const char *file, int line, const char *format, ...) LK_PRINTF(3, 4);

/* lk_set_bug_handler installs the function that tells people of a bug (only cli/ prints). */
void lk_set_bug_handler(void (*handler)(const char *message));

#define LK_BUG(...) lk_bug(__FILE__, __LINE__, __VA_ARGS__)

#endif
