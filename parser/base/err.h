/*
 * parser/base/err.h
 *     Failures: what went wrong, where, and what to do next, for the caller to add to and for cli/
 *     to print once.
 *
 * A function that can fail returns bool (or NULL) and takes `struct lk_error *err` last. `err` is
 * only written on failure. Messages are lowercase without a final period, hints are sentences.
 */
#ifndef LK_PARSER_BASE_ERR_H
#define LK_PARSER_BASE_ERR_H

#include "parser/base/lk.h"

enum lk_error_code {
#define LK_ERROR(name, exit_code, meaning) LK_ERR_##name,
#include "parser/base/errors.def"
#undef LK_ERROR
};

struct lk_error {
    enum lk_error_code code;
    char sqlstate[6]; /* of the server's refusal, or empty */
    char *message;
    char *detail; /* NULL, or more about it */
    char *hint;   /* NULL, or what to do next */
};

/* lk_fail fills `err` and returns false, so that a failure is one `return lk_fail(...)`. */
bool lk_fail(struct lk_error *err, enum lk_error_code code, const char *format, ...)
    LK_PRINTF(3, 4);

/* lk_error_detail and lk_error_hint complete a filled error; both return false. */
bool lk_error_detail(struct lk_error *err, const char *format, ...) LK_PRINTF(2, 3);
bool lk_error_hint(struct lk_error *err, const char *format, ...) LK_PRINTF(2, 3);

/* lk_error_prefix puts context ("reading x: ") before the message; returns false. */
bool lk_error_prefix(struct lk_error *err, const char *format, ...) LK_PRINTF(2, 3);

/* lk_error_clear frees what `err` holds and makes it empty again. */
void lk_error_clear(struct lk_error *err);

/* lk_error_exit_code returns the documented exit code; lk_error_meaning its documented text. */
int lk_error_exit_code(enum lk_error_code code);
const char *lk_error_meaning(enum lk_error_code code);

#endif
