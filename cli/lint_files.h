/*
 * cli/lint_files.h
 *     What `lint` has to tell, file by file: those without findings, too.
 */
#ifndef LK_CLI_LINT_FILES_H
#define LK_CLI_LINT_FILES_H

#include "cli/report.h"
#include "parser/base/buf.h"

struct lk_lint_file {
    const char *path;                           /* as people wrote it */
    const char *shown;                          /* from the repository's root */
    size_t counts[LK_SEVERITY_COUNT];           /* of findings that are not suppressed */
    size_t open;                                /* how many that are in all */
    LK_VEC(const struct lk_finding *) findings; /* suppressed ones, too */
};

struct lk_lint_files {
    LK_VEC(struct lk_lint_file) items;
};

/*
 * lk_lint_files_of returns the files that were looked at for their own sake, in the order of
 * application, and those that findings are in besides: included ones, and such as are no
 * migrations.
 */
struct lk_lint_files lk_lint_files_of(TALLOC_CTX *mem, const struct lk_lint_report *report);

/* lk_count_words adds "2 errors, 1 warning", or "no findings". */
void lk_count_words(struct lk_buf *buf, const size_t counts[LK_SEVERITY_COUNT]);

#endif
