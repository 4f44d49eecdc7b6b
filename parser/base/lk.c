/*
 * parser/base/lk.c
 *     Bugs: the end of the process when an invariant does not hold.
 */
#include "parser/base/lk.h"

#include <stdarg.h>

static void (*bug_handler)(const char *message);

void
lk_set_bug_handler(void (*handler)(const char *message))
{
    bug_handler = handler;
}

void
lk_bug(const char *file, int line, const char *format, ...)
{
    char what[512];
    char message[1024];
    va_list args;

    va_start(args, format);
    vsnprintf(what, sizeof(what), format, args);
    va_end(args);
    snprintf(message, sizeof(message), "%s:%d: %s", file, line, what);
    if (bug_handler != NULL)
        bug_handler(message);
    abort();
}
