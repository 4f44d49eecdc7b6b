/*
 * cli/complain.h
 *     Errors, on standard error.
 */
#ifndef LK_CLI_COMPLAIN_H
#define LK_CLI_COMPLAIN_H

#include "parser/base/err.h"

/* lk_complain says what went wrong and what to do next: for people, or as a line of JSON. */
void lk_complain(const struct lk_error *err);

/* lk_warn says so of an error that the run goes on in spite of. */
void lk_warn(const struct lk_error *err);

#endif
