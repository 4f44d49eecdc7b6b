/*
 * cli/known.h
 *     Files of findings that are known already: lint --baseline and --write-baseline.
 *
 * A document of JSON, sorted, one finding a line, so that two branches' changes merge. A finding is
 * known by its fingerprint (see lk_findings_identify); the rest of its line is for people.
 */
#ifndef LK_CLI_KNOWN_H
#define LK_CLI_KNOWN_H

#include "cli/report.h"

/* What reports have to be asked for: see lk_lint. */
#define LK_KNOWN_WANTS (LK_WANTS_ROOT | LK_WANTS_QUOTES)

/*
 * lk_known_apply marks the findings that the file at `path` holds as suppressed, and counts anew.
 * Where `tell` is set, standard error hears which of its lines no finding answers to any more.
 */
bool lk_known_apply(const char *path, struct lk_lint_report *report, bool tell,
                    struct lk_error *err) LK_MUST_CHECK;

/*
 * lk_known_write writes the findings that nothing suppresses into the file at `path`, in place of
 * what it holds, and marks them as lk_known_apply does.
 */
bool lk_known_write(const char *path, struct lk_lint_report *report,
                    struct lk_error *err) LK_MUST_CHECK;

#endif
