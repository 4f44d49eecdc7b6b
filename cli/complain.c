/*
 * cli/complain.c
 *     Errors, on standard error: see complain.h.
 */
#include "cli/complain.h"

#include "cli/log_json.h"
#include "cli/paint.h"

static void
say(const struct lk_error *err, const char *level, enum lk_paint paint)
{
    fprintf(stderr, "lockkeeper: %s%s:%s %s\n", lk_paint(paint), level, lk_paint_end(),
            err->message);
    if (err->detail != NULL)
        fprintf(stderr, "  %s\n", err->detail);
    if (err->hint != NULL)
        fprintf(stderr, "  %s\n", err->hint);
}

void
lk_complain(const struct lk_error *err)
{
    if (lk_log_is_json())
        lk_log_json_error(err);
    else
        say(err, "error", LK_PAINT_ERROR);
}

void
lk_warn(const struct lk_error *err)
{
    if (lk_log_is_json())
        lk_log_json_warning(err);
    else
        say(err, "warning", LK_PAINT_WARNING);
}
