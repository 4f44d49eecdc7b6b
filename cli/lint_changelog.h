/*
 * cli/lint_changelog.h
 *     Linting of one changelog, whatever else is linted at the same time.
 */
#ifndef LK_CLI_LINT_CHANGELOG_H
#define LK_CLI_LINT_CHANGELOG_H

#include "cli/inputs.h"
#include "cli/progress.h"
#include "cli/report.h"

/* What linting one changelog gives: all of it is freed with it. */
struct lk_linted {
    bool done; /* else `err` says why not */
    struct lk_error err;
    struct lk_findings findings; /* of its hooks, too */
    struct lk_lint_history history;
    size_t files; /* 0 where those of the inputs before it are the same ones */
    size_t statements;
};

/*
 * lk_lint_changelog walks one of the changelogs and returns what that brings, with what reporters
 * want beside the findings (LK_WANTS_*). It shares nothing that it changes but `progress` (NULL:
 * nobody wants to see that).
 */
struct lk_linted *lk_lint_changelog(const struct lk_inputs *inputs, size_t index, unsigned wants,
                                    struct lk_progress *progress);

#endif
