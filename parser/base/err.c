/*
 * parser/base/err.c
 *     Failures: see err.h.
 */
#include "parser/base/err.h"

#include <stdarg.h>

#include "parser/base/mem.h"

static const struct {
    int exit_code;
    const char *meaning;
} errors[] = {
#define LK_ERROR(name, exit_code, meaning) {exit_code, meaning},
#include "parser/base/errors.def"
#undef LK_ERROR
};

static char *
format_text(const char *format, va_list args)
{
    return lk_mem_check(talloc_vasprintf(NULL, format, args));
}

static void
replace(char **text, char *with)
{
    talloc_free(*text);
    *text = with;
}

bool
lk_fail(struct lk_error *err, enum lk_error_code code, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    char *message = format_text(format, args);
    va_end(args);
    lk_error_clear(err);
    err->code = code;
    err->message = message;
    return false;
}

bool
lk_error_detail(struct lk_error *err, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    replace(&err->detail, format_text(format, args));
    va_end(args);
    return false;
}

bool
lk_error_hint(struct lk_error *err, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    replace(&err->hint, format_text(format, args));
    va_end(args);
    return false;
}

bool
lk_error_prefix(struct lk_error *err, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    char *prefix = format_text(format, args);
    va_end(args);
    replace(&err->message, lk_fmt(NULL, "%s%s", prefix, err->message));
    talloc_free(prefix);
    return false;
}

void
lk_error_clear(struct lk_error *err)
{
    talloc_free(err->message);
    talloc_free(err->detail);
    talloc_free(err->hint);
    *err = (struct lk_error){0};
}

int
lk_error_exit_code(enum lk_error_code code)
{
    return errors[code].exit_code;
}

const char *
lk_error_meaning(enum lk_error_code code)
{
    return errors[code].meaning;
}
