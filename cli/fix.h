/*
 * cli/fix.h
 *     Fixes on their way into files.
 */
#ifndef LK_CLI_FIX_H
#define LK_CLI_FIX_H

#include "cli/report.h"

/*
 * lk_fix_write puts the files of a report in place: those that are made first, so that nothing a
 * file gives up is lost on the way. Each is written as a whole or not at all; at the first that
 * cannot be, or has changed since it was read, it stops, with the others in `report` counted out.
 */
bool lk_fix_write(struct lk_fix_report *report, struct lk_error *err) LK_MUST_CHECK;

#endif
