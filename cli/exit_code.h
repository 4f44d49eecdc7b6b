/*
 * cli/exit_code.h
 *     The exit codes: those of parser/base/errors.def, which is the one table of them.
 */
#ifndef LK_CLI_EXIT_CODE_H
#define LK_CLI_EXIT_CODE_H

#include "parser/base/err.h"

enum {
#define LK_ERROR(name, exit_code, meaning) LK_EXIT_##name = (exit_code),
#include "parser/base/errors.def"
#undef LK_ERROR
};

#endif
