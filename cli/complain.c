/*
 * cli/complain.c
 *     Errors, on standard error: see complain.h.
 */
#include "cli/complain.h"

#include "cli/log_json.h"
#include "cli/paint.h"

void
lk_complain(const struct lk_error *err)
{
    if (lk_log_is_json()) {
        lk_log_json_error(err);
        return;
    }
    fprintf(stderr, "lockkeeper: %serror:%s %s\n", lk_paint(LK_PAINT_ERROR), lk_paint_end(),
            err->message);
    if (err->detail != NULL)
        fprintf(stderr, "  %s\n", err->detail);
    if (err->hint != NULL)
        fprintf(stderr, "  %s\n", err->hint);
}
